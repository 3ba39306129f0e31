//! Rows: read from files, and split into the very rows that scikit-learn picks.

mod support;

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use ndarray::Array2;
use picklebook::data::{
    self, Columns, CsvOptions, Dataset, Error, FeatureFile, Labels, balance_scale, read_csv,
    read_csv_with, train_test_split, train_test_split_stratified,
};
use proptest::prelude::*;
use serde::Deserialize;

fn read(content: impl AsRef<[u8]>, target: &str) -> Result<Dataset, Error> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("rows.csv");
    fs::write(&path, content).expect("written");
    read_csv(path, target)
}

fn read_with(
    content: impl AsRef<[u8]>,
    target: &str,
    options: &CsvOptions,
) -> Result<Dataset, Error> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("rows.csv");
    fs::write(&path, content).expect("written");
    read_csv_with(path, target, options)
}

/// What is wrong with a file, without the folder in front.
fn problem(content: impl AsRef<[u8]>, target: &str) -> String {
    let text = read(content, target).expect_err("refused").to_string();
    text[text.find("rows.csv").expect("the file is named")..].to_owned()
}

#[test]
fn a_file_as_editors_and_spreadsheets_write_it() {
    let plain = read("height,width,kind\n1,2.5,a\n-3e2,4,b\n", "kind").expect("read");
    assert_eq!(plain.features().as_slice(), Some([1.0, 2.5, -300.0, 4.0].as_slice()));
    assert_eq!(plain.feature_names(), ["height", "width"]);
    assert_eq!(plain.target(), &Labels::from(["a", "b"]));
    let same = [
        "\u{feff}height,width,kind\n1,2.5,a\n-3e2,4,b\n",
        "height,width,kind\r\n1,2.5,a\r\n-3e2,4,b\r\n",
        "height,width,kind\n1,2.5,a\n-3e2,4,b",
        "height,width,kind\n 1 , 2.5 , a \n -3e2\t, 4 , b \n",
        "\"height\",\"width\",\"kind\"\n\"1\",\"2.5\",\"a\"\n\"-3e2\",4,b\n",
        "height,width,kind\n\n1,2.5,a\n\n\n-3e2,4,b\n\n",
        "\r\nheight,width,kind\r\n  \r\n1,2.5,\"a\"\r\n\r\n-3e2,4,\"b\"",
    ];
    for content in same {
        assert_eq!(read(content, "kind").expect("read"), plain, "{content:?}");
    }
}

#[test]
fn the_target_may_stand_anywhere_and_hold_commas_quotes_and_lines() {
    let data = read("say,x\n\"a, \"\"b\"\"\nc\",1\nd,2\n", "say").expect("read");
    assert_eq!(data.target(), &Labels::from(["a, \"b\"\nc", "d"]));
    assert_eq!(data.target_name(), "say");
}

#[test]
fn missing_features_are_nan() {
    let data = read("x,y,k\n,nan,1\nNaN,NAN,2\n 3 ,,1\n", "k").expect("read");
    let missing: Vec<bool> = data.features().iter().map(|value| value.is_nan()).collect();
    assert_eq!(missing, [true, true, true, true, false, true]);
}

#[test]
fn a_target_takes_the_narrowest_type_that_holds_it_exactly() {
    let column = |labels: &[&str]| {
        let lines = labels.iter().map(|label| format!("1,{label}\n")).collect::<String>();
        read(format!("x,k\n{lines}"), "k").expect("read").target().clone()
    };
    assert_eq!(column(&["true", "False", "True"]), vec![true, false, true].into());
    assert_eq!(column(&["3", "-1", " 2 "]), vec![3, -1, 2].into());
    assert_eq!(column(&["3", "-1.5", "1000.0"]), vec![3.0, -1.5, 1000.0].into());
    // These would print in another way than they are written.
    assert_eq!(column(&["3", "-1", " +2 "]), Labels::from(["3", "-1", "+2"]));
    assert_eq!(column(&["3", "-1.5", "1e3"]), Labels::from(["3", "-1.5", "1e3"]));
    assert_eq!(column(&["true", "1"]), Labels::from(["true", "1"]));
    assert_eq!(column(&["TRUE", "true"]), Labels::from(["TRUE", "true"]));
    assert_eq!(column(&["1", "one"]), Labels::from(["1", "one"]));
    assert_eq!(column(&["1.5", "inf"]), Labels::from(["1.5", "inf"]));
    // As integers or floats, these two would become one class.
    let long = ["99999999999999999998", "99999999999999999999"];
    assert_eq!(column(&long), Labels::from(long));
    let beside = ["9007199254740993", "9007199254740992", "0.5"];
    assert_eq!(column(&beside), Labels::from(beside));
}

#[test]
fn bad_files_are_refused_by_file_line_and_column() {
    let refused = [
        ("", "rows.csv: the file is empty; its first line must name the columns"),
        ("\n\n", "rows.csv: the file is empty; its first line must name the columns"),
        ("x,k\n", "rows.csv: the file has a header line but no rows"),
        ("x,y\n1,2\n", "rows.csv, header: no column is named \"k\"; the columns are: x, y"),
        ("x,k,k\n1,2,3\n", "rows.csv, header: two columns are named \"k\"; rename one"),
        ("x,k,x\n1,2,3\n", "rows.csv, header: two columns are named \"x\"; rename one"),
        (
            "x,k\n1,a\n1,a,2\n",
            "rows.csv, line 3: 3 fields where the header names 2 columns; if the first field of \
             each row is its name, say so with `CsvOptions::index_col(0)`",
        ),
        ("x,k\n1\n", "rows.csv, line 2: 1 field where the header names 2 columns"),
    ];
    for (content, message) in refused {
        assert_eq!(problem(content, "k"), message, "{content:?}");
    }
    let starts = [
        ("k\n1\n", "rows.csv, header: \"k\" is the only column;"),
        (",x,k\n0,1,2\n", "rows.csv, header: column 1 has no name;"),
        ("x,k\n1,a\ntall,a\n", "rows.csv, line 3, column \"x\": \"tall\" is not a number;"),
        ("x,k\n0x10,a\n", "rows.csv, line 2, column \"x\": \"0x10\" is not a number;"),
        ("x,k\n\n1_0,a\n", "rows.csv, line 3, column \"x\": \"1_0\" is not a number;"),
        ("x,k\ninf,a\n", "rows.csv, line 2, column \"x\": \"inf\" is not a finite number;"),
        ("x,k\n-Infinity,a\n", "rows.csv, line 2, column \"x\": \"-Infinity\" is not a finite"),
        ("x,k\n1e999,a\n", "rows.csv, line 2, column \"x\": \"1e999\" is not a finite number;"),
        ("x,k\n1,a\n2,\n", "rows.csv, line 3, column \"k\": the target is missing;"),
        ("x,k\n1,NaN\n", "rows.csv, line 2, column \"k\": the target is missing;"),
    ];
    let starts = starts.into_iter().chain([
        ("x,k\r\n1,a\r\n\r\ntall,a\r\n", "rows.csv, line 4, column \"x\": \"tall\""),
        ("x,k\n1,\"a\nb\"\n\n2,\"c\n\nd\"\n\ntall,a", "rows.csv, line 9, column \"x\""),
        ("x,k\n1,\"a\nb\"\ntall,\"c\n\nd\"\n", "rows.csv, line 4, column \"x\""),
        ("x,k\n1,a\n\n2,\"b\n3,c\n", "rows.csv, line 4: a quote (\") in the record that starts"),
        ("x,k\n1,\"a", "rows.csv, line 2: a quote (\") in the record that starts here"),
    ]);
    for (content, start) in starts {
        let message = problem(content, "k");
        assert!(message.starts_with(start), "{content:?}: {message}");
    }
    assert!(
        problem(b"x,k\n1,a\n2,\xff\n", "k").starts_with("rows.csv, line 3, column 2: not UTF-8")
    );
    let long = problem(format!("x,k\n{},a\n", "w".repeat(10_000)), "k");
    assert!(long.len() < 300 && long.contains("www…"), "{long}");
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let path = PathBuf::from("no/such/rows.csv");
    let message = read_csv(&path, "k").expect_err("refused").to_string();
    assert!(message.starts_with("no/such/rows.csv: "), "{message}");
    assert!(read_csv(".", "k").is_err(), "a folder");
}

#[test]
fn a_record_without_end_is_refused_before_it_fills_the_memory() {
    let unclosed = format!("x,k\n1,a\n\"{}", "1\n".repeat(9 << 20));
    assert!(problem(&unclosed, "k").starts_with("rows.csv, line 3: the record that starts here"));
    let one_line = format!("x,k\n{}", "1".repeat(17 << 20));
    assert!(problem(&one_line, "k").starts_with("rows.csv, line 2: the record that starts here"));
    // Many columns with the same few names must not take quadratic time.
    let wide = (0..1_000_000).map(|i| format!("{i},")).collect::<String>();
    assert!(problem(format!("{wide}k\n"), "k").ends_with("no rows"));
}

#[cfg(unix)]
#[test]
fn a_device_without_end_is_refused() {
    assert!(matches!(read_csv("/dev/zero", "k"), Err(Error::LongRecord { line: 1, .. })));
}

proptest! {
    #[test]
    fn finite_numbers_are_read_back_exactly(
        rows in prop::collection::vec((any::<f64>(), any::<f64>(), any::<i64>()), 1..30),
    ) {
        let finite = rows.iter().all(|row| row.0.is_finite() && row.1.is_finite());
        prop_assume!(finite);
        let lines = rows.iter().map(|(x, y, k)| format!("{x:?},{k},{y}\n")).collect::<String>();
        let data = read(format!("x,k,y\n{lines}"), "k").expect("read");
        for (row, (x, y, k)) in rows.iter().enumerate() {
            prop_assert_eq!(data.features()[(row, 0)].to_bits(), x.to_bits());
            prop_assert_eq!(data.features()[(row, 1)].to_bits(), y.to_bits());
            prop_assert_eq!(data.target().get(row), Some(data::Label::Integer(*k)));
        }
    }

    #[test]
    fn no_bytes_make_it_panic(content in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = read(&content, "k");
        let file = [b"x,k\n".as_slice(), content.as_slice()].concat();
        let _ = read(&file, "k");
        let _ = columns(&content, Columns::Count(1));
        let options = CsvOptions::new()
            .decimal(',')
            .thousands('.')
            .comment('#')
            .skiprows(1)
            .header(None)
            .index_col(1)
            .na_values(["?", "-9"])
            .get_dummies_of_words();
        let _ = read_with(&content, "0", &options);
        let dummies = CsvOptions::new().get_dummies(["x"]).header(Some(1));
        let _ = read_with(&file, "k", &dummies);
        let _ = columns(&file, Columns::Named(&names(&["k"])));
    }

    /// However a table is written, it is read as it is; so are its words.
    #[test]
    fn a_table_is_read_back_however_it_is_written(
        rows in prop::collection::vec(
            (any::<i32>(), prop::num::f64::NORMAL | prop::num::f64::ZERO, "[a-z,;\"ä]{1,6}", 0..3_usize),
            1..30,
        ),
        sep in prop::sample::select(vec![',', ';', '\t', '|', ':']),
        decimal in prop::sample::select(vec!['.', ',']),
        ends in prop::sample::select(vec!["\n", "\r\n", "\r"]),
    ) {
        prop_assume!(sep != decimal);
        let quote = |text: &str| format!("\"{}\"", text.replace('"', "\"\""));
        let mut text = ["n", "x", "word", "k"].join(&sep.to_string()) + ends;
        for (n, x, word, k) in &rows {
            let x = format!("{x:?}").replace('.', &decimal.to_string());
            let k = ["u", "v", "w"][*k];
            text += &[n.to_string(), x, quote(word), k.into()].join(&sep.to_string());
            text += ends;
        }
        let mut options = CsvOptions::new().decimal(decimal).get_dummies(["word"]);
        if sep == ':' {
            options = options.sep(sep);
        }
        let data = read_with(&text, "k", &options).expect("read");
        let mut words: Vec<&String> = rows.iter().map(|row| &row.2).collect();
        words.retain(|word| !["nan", "null"].contains(&word.as_str()));
        words.sort();
        words.dedup();
        prop_assert_eq!(data.columns(), 2 + words.len());
        for (row, (n, x, word, _)) in rows.iter().enumerate() {
            prop_assert_eq!(data.features()[(row, 0)], f64::from(*n));
            prop_assert_eq!(data.features()[(row, 1)].to_bits(), x.to_bits());
            for (place, other) in words.iter().enumerate() {
                let is_one = data.features()[(row, 2 + place)] == 1.0;
                prop_assert_eq!(is_one, *other == word);
            }
        }
    }

    #[test]
    fn features_are_the_same_with_and_without_a_target(
        rows in prop::collection::vec((prop::num::f64::NORMAL | prop::num::f64::ZERO, any::<i64>()), 1..40)
    ) {
        let lines: String = rows.iter().map(|(x, k)| format!("{k},{x}\n")).collect();
        let file = format!("k,x\n{lines}");
        let data = read(&file, "k").expect("read");
        let (numbers, _, _) = columns(file.as_bytes(), Columns::Named(&names(&["x"]))).expect("read");
        prop_assert_eq!(Some(&numbers[..]), data.features().as_slice());
    }
}

/// The numbers in some columns of a file, with the lines, and whether they were taken by position.
fn columns(content: &[u8], wanted: Columns<'_>) -> Result<(Vec<f64>, Vec<u64>, bool), Error> {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("rows.csv");
    fs::write(&path, content).expect("written");
    let mut file = FeatureFile::open(&path, wanted)?;
    let (mut numbers, mut lines) = (Vec::new(), Vec::new());
    while let Some(block) = file.next_block()? {
        assert_eq!(block.features().nrows(), block.lines().len());
        numbers.extend(block.features().iter());
        lines.extend(block.lines());
    }
    Ok((numbers, lines, file.by_position()))
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

#[test]
fn columns_that_are_wanted_are_found_by_name_and_the_others_not_looked_at() {
    let file = b"who,y,x\n\"a\nb\",1,2\n\nc,3,4\n";
    let wanted = names(&["x", "y"]);
    let (numbers, lines, by_position) =
        columns(file, Columns::Named(&wanted)).expect("both are there");
    assert_eq!((numbers, lines, by_position), (vec![2.0, 1.0, 4.0, 3.0], vec![2, 5], false));
    let numbers = columns(b"a,b\n1,2\n", Columns::Named(&wanted).by_position());
    assert_eq!(numbers.expect("as many columns"), (vec![1.0, 2.0], vec![2], true));
    let numbers = columns(b"a,b\n1,2\n", Columns::Count(2)).expect("as many columns");
    assert_eq!(numbers, (vec![1.0, 2.0], vec![2], true));

    let problem = |content: &[u8], wanted| columns(content, wanted).expect_err("refused");
    let some = problem(b"x,z\n1,2\n", Columns::Named(&wanted));
    assert!(matches!(&some, Error::NoColumn { missing, .. } if missing == "\"y\""), "{some}");
    let none = problem(b"a,b\n1,2\n", Columns::Named(&wanted));
    assert!(
        matches!(&none, Error::NoColumn { missing, .. } if missing == "\"x\", \"y\""),
        "{none}"
    );
    let other = problem(b"a,b,c\n1,2,3\n", Columns::Named(&wanted).by_position());
    assert!(matches!(other, Error::Width { expected: 2, found: 3, .. }), "{other}");
    let other = problem(b"a\n1\n", Columns::Count(0));
    assert!(matches!(other, Error::Width { expected: 0, found: 1, .. }), "{other}");
    let word = problem(b"x,y\n1,2\n1,tall\n", Columns::Named(&wanted));
    assert!(matches!(&word, Error::Field { line: 3, column, .. } if column == "y"), "{word}");
    // What is wrong with a file is wrong in any column.
    let text = problem(b"x,y,z\n1,2,\xff\n", Columns::Named(&wanted));
    assert!(matches!(text, Error::NotUtf8 { line: 2, column: 3, .. }), "{text}");
    let ragged = problem(b"x,y,z\n1,2\n", Columns::Named(&wanted));
    assert!(matches!(ragged, Error::Ragged { line: 2, expected: 3, found: 2, .. }), "{ragged}");
    let empty = problem(b"x,y\n", Columns::Named(&wanted));
    assert!(matches!(empty, Error::NoRows { .. }), "{empty}");
}

#[test]
fn a_long_file_comes_in_blocks_and_a_wide_one_row_by_row() {
    let rows: String = (0..150_000).map(|row| format!("{row}\n")).collect();
    let (numbers, lines, _) =
        columns(format!("x\n{rows}").as_bytes(), Columns::Count(1)).expect("numbers");
    assert!(numbers.iter().zip(0..).all(|(number, row)| *number == f64::from(row)));
    assert_eq!((numbers.len(), lines.last()), (150_000, Some(&150_001)));

    let wide = 1_100_000;
    let header: Vec<String> = (0..wide).map(|column| column.to_string()).collect();
    let row = vec!["7"; wide].join(",");
    let file = format!("{}\n{row}\n{row}\n", header.join(","));
    let (numbers, lines, _) = columns(file.as_bytes(), Columns::Named(&header)).expect("numbers");
    assert_eq!((numbers.len(), lines), (2 * wide, vec![2, 3]));
}

/// Splits by scikit-learn: `None` where it refuses.
#[derive(Deserialize)]
struct Reference {
    labels: Vec<i64>,
    test_size: f64,
    random_state: u32,
    plain: Option<(Vec<usize>, Vec<usize>)>,
    stratified: Option<(Vec<usize>, Vec<usize>)>,
}

const REFERENCE: &str = r#"
import json, random, sys
import numpy as np
from sklearn.model_selection import train_test_split

random.seed(7)
def split(labels, size, seed, stratify):
    try:
        train, test = train_test_split(np.arange(len(labels)), test_size=size, random_state=seed,
                                       stratify=labels if stratify else None)
        return train.tolist(), test.tolist()
    except ValueError:
        return None

cases = [(random.randrange(1, 40), random.random()) for _ in range(400)]
cases += [(random.randrange(40, 3000), random.random()) for _ in range(150)]
cases += [(n, size) for n in (1, 2, 3, 10, 100, 1000) for size in (0.1, 0.2, 0.25, 0.3, 1 / 3, 0.5, 0.7, 0.9, 1e-9, 1 - 1e-9)]
cases += [(100_000, 0.3), (65_537, 0.25)]
out = []
for n, size in cases:
    seed = random.choice([0, 1, 42, 100, 2**31, 2**32 - 1, random.randrange(2**32)])
    classes = random.choice([1, 2, 3, 5, 12])
    weights = [random.random() ** 3 + 0.01 for _ in range(classes)]
    labels = random.choices([7 * k - 20 for k in range(classes)], weights, k=n)
    if random.random() < 0.3:   # equal classes: ties
        labels = [k % classes for k in range(n)]
        random.shuffle(labels)
    out.append(dict(labels=labels, test_size=size, random_state=seed,
                    plain=split(labels, size, seed, False),
                    stratified=split(labels, size, seed, True)))
json.dump(out, sys.stdout)
"#;

#[test]
fn splits_are_those_of_scikit_learn() {
    let output = Command::new(support::python()).args(["-c", REFERENCE]).output().expect("python");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let cases: Vec<Reference> = serde_json::from_slice(&output.stdout).expect("JSON");
    let (mut plain, mut stratified, mut refused) = (0, 0, 0);
    for case in cases {
        let rows = case.labels.len();
        let what = format!("{rows} rows, {}, {}", case.test_size, case.random_state);
        let features = Array2::from_shape_fn((rows, 1), |(row, _)| row as f64);
        let data =
            Dataset::new(features, case.labels.into(), vec!["row".into()], "k").expect("fits");
        let ours = [
            (train_test_split(&data, case.test_size, case.random_state), case.plain),
            (
                train_test_split_stratified(&data, case.test_size, case.random_state),
                case.stratified,
            ),
        ];
        for (way, (split, theirs)) in ours.into_iter().enumerate() {
            match (split, theirs) {
                (Ok(split), Some((train, test))) => {
                    assert!(split.train_indices == train && split.test_indices == test, "{what}");
                    assert_eq!(split.train, data.select(&train).expect("in range"));
                    assert_eq!(split.test, data.select(&test).expect("in range"));
                    *[&mut plain, &mut stratified][way] += 1;
                }
                (Err(_), None) => refused += 1,
                (ours, theirs) => panic!("{what}: {ours:?} where scikit-learn has {theirs:?}"),
            }
        }
    }
    assert!(plain > 500 && stratified > 250 && refused > 50, "{plain} {stratified} {refused}");
}

#[test]
fn the_tutorials_split() {
    let split = train_test_split(&balance_scale(), 0.3, 100).expect("split");
    assert_eq!((split.train.rows(), split.test.rows()), (437, 188));
    assert_eq!(split.test_indices[..5], [462, 200, 397, 75, 259]);
    assert_eq!(split.train_indices[..5], [353, 264, 51, 595, 490]);
}

#[test]
fn splits_that_cannot_be_made_say_why() {
    let data = |labels: Labels| {
        let features = Array2::zeros((labels.len(), 1));
        Dataset::new(features, labels, vec!["x".into()], "k").expect("fits")
    };
    let balance = balance_scale();
    for size in [0.0, 1.0, -0.5, 30.0, f64::NAN, f64::INFINITY] {
        assert!(
            matches!(train_test_split(&balance, size, 0), Err(Error::TestSize { .. })),
            "{size}"
        );
    }
    let nothing = train_test_split(&data(vec![1, 2].into()), 0.6, 0).expect_err("refused");
    assert_eq!(
        nothing.to_string(),
        "of 2 rows, test_size = 0.6 leaves none to train on; make it smaller"
    );
    assert!(train_test_split(&data(Vec::<i64>::new().into()), 0.5, 0).is_err());
    assert!(train_test_split_stratified(&data(Vec::<i64>::new().into()), 0.5, 0).is_err());
    let rare = train_test_split_stratified(&data(["a", "b", "a", "a"].into()), 0.5, 0);
    assert!(matches!(rare, Err(Error::RareClass { class }) if class == "b"));
    let few = train_test_split_stratified(&data(["a", "b", "a", "b"].into()), 0.1, 0);
    assert!(matches!(few, Err(Error::TooFewForClasses { train: 3, test: 1, classes: 2 })));
    let nan = train_test_split_stratified(&data(vec![1.0, 1.0, f64::NAN, f64::NAN].into()), 0.5, 0);
    assert!(matches!(nan, Err(Error::NotFinite { row: 2 })));
}
