//! The subcommand `monitor`: how good served models are, by their log.
#![cfg(feature = "cli")]

mod support;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use picklebook::data::{Dataset, DatedDataset, Label, mail_2002, spambase};
use picklebook::monitor::log::{
    Cell, Feedback, Log, LogError, LogWriter, Moment, Prediction, SyncPolicy,
};
use picklebook::monitor::{Detector, Period, ReportParams, Verdict};
use picklebook::pickle;
use picklebook::tree::DecisionTreeClassifier;
use serde_json::Value;

/// What a command did.
#[derive(Debug)]
struct Done {
    code: Option<i32>,
    said: String,
    complained: String,
}

/// Runs the command in a folder.
fn run(folder: &Path, arguments: &[&str]) -> Done {
    let output =
        support::picklebook().current_dir(folder).args(arguments).output().expect("it starts");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    Done { code: output.status.code(), said: text(output.stdout), complained: text(output.stderr) }
}

/// Runs a command that must end with a code and without a word of complaint.
fn end_with(code: i32, folder: &Path, arguments: &[&str]) -> String {
    let done = run(folder, arguments);
    assert_eq!((done.code, done.complained.as_str()), (Some(code), ""), "{arguments:?}: {done:?}");
    done.said
}

/// Runs a command that must fail with one line, and returns that line.
fn fail(folder: &Path, arguments: &[&str]) -> String {
    let done = run(folder, arguments);
    assert_eq!(done.code, Some(1), "{arguments:?}: {done:?}");
    assert_eq!(done.complained.lines().count(), 1, "{arguments:?}: {done:?}");
    let line = done.complained.trim_end().strip_prefix("picklebook: ");
    line.expect("the line says who complains").to_owned()
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

/// What Python prints, as JSON.
fn python(folder: &Path, script: &str) -> Value {
    let output = Command::new(support::python())
        .current_dir(folder)
        .args(["-c", script])
        .output()
        .expect("Python starts");
    assert!(output.status.success(), "{}", support::printed(&output));
    json(&String::from_utf8(output.stdout).expect("UTF-8"))
}

fn filter(rows: &Dataset, depth: usize) -> DecisionTreeClassifier {
    let params = DecisionTreeClassifier::params().max_depth(depth).min_samples_leaf(5);
    params.fit(rows).expect("fitted")
}

fn noon(day: picklebook::data::Date) -> Moment {
    Moment::from_milliseconds(day.days_since_1970() * 86_400_000 + 43_200_000)
}

/// Adds what a filter said of mail, and, of as many rows as are `known`, what they were.
fn answer(
    log: &mut LogWriter,
    (model, version): (&str, &str),
    filter: &DecisionTreeClassifier,
    mail: &DatedDataset,
    known: usize,
) {
    let said = filter.predict(mail).expect("predicted");
    let scores = filter.predict_proba(mail).expect("scored");
    let rows = mail.data().features().rows().into_iter().zip(scores.rows());
    for (row, (cells, scores)) in rows.enumerate() {
        let (id, time) = (format!("{model}-{version}-{row}"), noon(mail.dates()[row]));
        log.prediction(&Prediction {
            id: id.clone(),
            time,
            model: model.into(),
            version: version.into(),
            row: cells.iter().map(|&number| number.into()).collect(),
            class: said.get(row).expect("a class"),
            scores: scores.to_vec(),
        })
        .expect("written");
        if row < known {
            let class = mail.target().get(row).expect("a class");
            log.feedback(&Feedback { id, time, class }).expect("written");
        }
    }
}

fn summer() -> DatedDataset {
    mail_2002().before("2002-09-01".parse().expect("a day"))
}

/// A folder with `spam.log`: what a filter of 1999 said of the mail of June to August 2002.
fn folder_with_log(name: &str) -> PathBuf {
    let folder = support::folder(name);
    let log = folder.join("spam.log");
    let mut log = LogWriter::open(log, SyncPolicy::Never).expect("opened");
    answer(&mut log, ("spam", "1"), &filter(&spambase(), 5), &summer(), 3000);
    folder
}

#[test]
fn the_figures_are_scipys() {
    let folder = folder_with_log("monitor-figures");
    let arguments = ["monitor", "spam.log", "--window", "month", "--json"];
    let found = json(&end_with(0, &folder, &arguments));
    assert_eq!((&found["format"], &found["version"]), (&"picklebook.monitor".into(), &1.into()));
    let script = r#"
import json
from collections import defaultdict
from scipy import stats
rows, told = {}, {}
for line in open("spam.log"):
    record = json.loads(line)
    if "prediction" in record:
        rows[record["prediction"]] = record
    else:
        told[record["feedback"]] = record["class"]

def rate(hits, rows):
    if rows == 0:
        return {"hits": 0, "rows": 0, "share": None, "low": None, "high": None}
    interval = stats.binomtest(hits, rows).proportion_ci(0.95, "wilson")
    return {"hits": hits, "rows": rows, "share": hits / rows, "low": interval.low, "high": interval.high}

by_month = defaultdict(list)
for row in rows.values():
    by_month[row["time"][:7]].append(row)
result = []
for month, own in sorted(by_month.items()):
    known = [(told[r["prediction"]], r["class"]) for r in own if r["prediction"] in told]
    spam = [said for truth, said in known if truth == "spam"]
    ham = [said for truth, said in known if truth == "ham"]
    result.append({
        "name": month, "known": len(known), "rows": len(own),
        "accuracy": rate(sum(a == b for a, b in known), len(known)),
        "recall": rate(spam.count("spam"), len(spam)),
        "false_alarms": rate(ham.count("spam"), len(ham)),
    })
june, july = by_month["2002-06"], by_month["2002-07"]
column = lambda part, place: [row["row"][place] for row in part]
for place in (0, 54, 56):
    result[1][str(place)] = stats.ks_2samp(column(june, place), column(july, place)).statistic
scores = lambda part: [row["scores"][1] for row in part]
result[1]["scores"] = stats.ks_2samp(scores(june), scores(july)).statistic
print(json.dumps(result))
"#;
    let close = |found: &Value, expected: &Value| match (found.as_f64(), expected.as_f64()) {
        (Some(found), Some(expected)) => (found - expected).abs() < 1e-12,
        (found, expected) => found.is_none() && expected.is_none(),
    };
    let expected = python(&folder, script);
    let model = &found["models"][0];
    assert_eq!((&model["model"], &model["positive"]), (&"spam".into(), &"spam".into()));
    assert_eq!((&model["rows"], &model["known"]), (&summer().rows().into(), &3000.into()));
    assert_eq!(expected.as_array().map(Vec::len), Some(3));
    for (place, expected) in expected.as_array().expect("months").iter().enumerate() {
        let (window, drift) = (&model["windows"][place], &model["drift"][place]);
        assert_eq!(window["name"], expected["name"]);
        assert_eq!((&window["rows"], &drift["rows"]), (&expected["known"], &expected["rows"]));
        for measure in ["accuracy", "recall", "false_alarms"] {
            for part in ["hits", "rows", "share", "low", "high"] {
                let (found, expected) = (&window[measure][part], &expected[measure][part]);
                assert!(close(found, expected), "{measure} {part}: {found} {expected}");
            }
        }
    }
    let (july, scipy) = (&model["drift"][1], &expected[1]);
    for place in [0, 54, 56] {
        let column = &july["columns"][place];
        assert_eq!(column["name"], place.to_string());
        assert!(close(&column["ks"], &scipy[place.to_string()]), "{column} {scipy}");
    }
    assert!(close(&july["scores"]["ks"], &scipy["scores"]), "{july} {scipy}");
    assert_eq!(
        (&model["drift"][0]["is_reference"], &july["drifted"]),
        (&true.into(), &true.into())
    );
}

#[test]
fn the_report_is_printed_and_drawn() {
    let folder = folder_with_log("monitor-report");
    let arguments = ["monitor", "spam.log", "--window", "month", "--figure", "spam.svg"];
    let said = end_with(0, &folder, &arguments);
    for line in [
        "3066 predictions, 3000 true classes\n",
        "\nspam: 3066 predictions, 3000 true classes known; recall and false alarms are of spam\n",
        "\nmonth    rows  spam  accuracy ",
        "\n2002-06   164   159  ",
        "\ncompared with the first window, 164 rows: drift in 2 of 2 windows; no verdict of fewer than 30 rows\n",
        "\n2002-06   164  the reference    ",
        "\nADWIN: 2002-",
    ] {
        assert!(said.contains(line), "{line}: {said}");
    }
    let figure = fs::read_to_string(folder.join("spam.svg")).expect("a figure");
    assert!(figure.contains("<svg") && figure.contains("recall"));
    // windows of rows, and a limit that is kept
    let arguments = ["monitor", "spam.log", "--window", "1000", "--min-accuracy", "0.5"];
    let said = end_with(0, &folder, &arguments);
    assert!(said.contains("\n0 to 999     "), "{said}");
    assert!(said.contains("\n0 of 4 figures are beyond the limit"), "{said}");
}

#[test]
fn lines_that_are_no_records_are_left_out_and_said_to_be() {
    let folder = folder_with_log("monitor-damaged");
    let path = folder.join("spam.log");
    let mut log = fs::OpenOptions::new().append(true).open(&path).expect("opened");
    log.write_all(b"no record\n{\"feedback\":\"unknown\",\"time\":\"2002-08-09T00:00:00.000Z\",\"class\":\"ham\"}\n{\"prediction\":\"cut").expect("written");
    drop(log);
    let said = end_with(0, &folder, &["monitor", "spam.log"]);
    let first = said.lines().next().expect("a line");
    assert!(first.contains("; 1 line is no record and left out, the first is line 6"), "{first}");
    assert!(first.contains("; 1 true class of predictions that are not here"), "{first}");
    assert!(first.ends_with("; the last line is cut off and left out"), "{first}");
    // a class of another type is left out, and not the end of all figures
    let mut log = LogWriter::open(&path, SyncPolicy::Never).expect("opened");
    let class = Label::Integer(1);
    log.feedback(&Feedback { id: "spam-1-0".into(), time: Moment::now(), class }).expect("written");
    let said = end_with(0, &folder, &["monitor", "spam.log"]);
    assert!(said.contains("\n1 row is left out: true and predicted class are not of one type\n"));
    // the same through a pipe
    let script = r#""$0" monitor /dev/stdin < spam.log | cmp - expected.txt"#;
    fs::write(folder.join("expected.txt"), &said).expect("written");
    let program = support::picklebook().get_program().to_owned();
    let output = Command::new("sh").current_dir(&folder).args(["-c", script]).arg(program).output();
    let output = output.expect("a shell");
    assert!(output.status.success(), "{}", support::printed(&output));
}

#[test]
fn what_is_missing_or_unclear_is_told() {
    let folder = folder_with_log("monitor-unclear");
    fs::write(folder.join("empty.log"), "").expect("written");
    fs::write(folder.join("bad.log"), "one\ntwo\n").expect("written");
    fs::write(folder.join("other.csv"), "a,b,class\n1,2,ham\n").expect("written");
    for (arguments, expected) in [
        (&["missing.log"][..], "cannot read missing.log: No such file or directory (os error 2)"),
        (&["empty.log"], "empty.log: there is nothing to tell of: 0 predictions, 0 true classes"),
        (
            &["bad.log"],
            "bad.log: there is nothing to tell of: 0 predictions, 0 true classes; 2 lines are no \
             records and left out, the first is line 1: expected value at line 1 column 1",
        ),
        (
            &["spam.log", "--model", "ham"],
            "spam.log: there is no model \"ham\" in the log; there are: spam",
        ),
        (
            &["spam.log", "--version", "2"],
            "spam.log: there is no version \"2\" in the log; there are: 1",
        ),
        (
            &["spam.log", "--reference", "other.csv", "--target", "class"],
            "spam.log: the rows to compare with have 2 columns, and those of the log 57: leave out \
             what the model does not look at",
        ),
        (&["spam.log", "--min-recall", "2"], "spam.log: recall is 2: it must be from 0 to 1"),
    ] {
        assert_eq!(fail(&folder, &[&["monitor"], arguments].concat()), expected);
    }
    for arguments in [
        &["spam.log", "--window", "0"][..],
        &["spam.log", "--window", "year"],
        &["spam.log", "--target", "class"],
        &["spam.log", "--reference", "other.csv"],
        &["spam.log", "--reference-model", "other.pkl"],
        &[],
    ] {
        let done = run(&folder, &[&["monitor"], arguments].concat());
        assert_eq!(done.code, Some(2), "{arguments:?}: {done:?}");
    }
}

#[test]
fn drift_is_told_from_the_training_table_before_any_class_is_known() {
    let folder = support::folder("monitor-reference");
    let log = folder.join("spam.log");
    let mut log = LogWriter::open(log, SyncPolicy::Never).expect("opened");
    let filter = filter(&spambase(), 5);
    answer(&mut log, ("spam", "1"), &filter, &summer(), 0);
    pickle::save(&filter, folder.join("spam.pkl")).expect("saved");
    let table = support::root().join("data/spambase.csv").display().to_string();
    let arguments = ["monitor", "spam.log", "--window", "month", "--reference", &table];
    let arguments =
        [&arguments[..], &["--target", "class", "--reference-model", "spam.pkl"]].concat();
    let said = end_with(0, &folder, &arguments);
    assert!(
        said.contains("\nno true class is known yet: how good it is cannot be said\n"),
        "{said}"
    );
    // what the library says of the same months, as the tests of the room have it
    assert!(
        said.contains("\ncompared with 4601 rows of a table: drift in 3 of 3 windows"),
        "{said}"
    );
    for (month, columns, scores) in
        [("2002-06", 23, "drifted"), ("2002-07", 17, "moved"), ("2002-08", 16, "drifted")]
    {
        let line = said.lines().find(|line| line.starts_with(month)).expect("the month");
        let columns = format!("{columns} of 57");
        assert!(line.contains(&columns) && line.contains(&format!("  {scores} (")), "{line}");
    }
    let message = fail(&folder, &["monitor", "spam.log", "--figure", "spam.svg"]);
    assert_eq!(message, "there is nothing to draw: no true class of \"spam\" is known");
}

#[test]
fn few_rows_raise_no_alarm_and_many_end_with_3() {
    let folder = support::folder("monitor-alarms");
    let mail = summer();
    let (few, many) = (folder.join("few.log"), folder.join("many.log"));
    let filter = filter(&spambase(), 5);
    let part = mail.select(&(0..8).collect::<Vec<usize>>()).expect("rows");
    let mut log = LogWriter::open(few, SyncPolicy::Never).expect("opened");
    answer(&mut log, ("spam", "1"), &filter, &part, 8);
    let mut log = LogWriter::open(many, SyncPolicy::Never).expect("opened");
    answer(&mut log, ("spam", "1"), &filter, &mail, mail.rows());
    let limits = ["--min-accuracy", "1", "--min-recall", "1", "--max-false-alarms", "0"];
    let said = end_with(0, &folder, &[&["monitor", "few.log"], &limits[..]].concat());
    assert!(
        said.contains("\n0 of 3 figures are beyond the limit; 3 figures are of fewer than 30 rows")
    );
    assert!(said.contains("  the reference "), "{said}");
    let said = end_with(3, &folder, &[&["monitor", "many.log"], &limits[..]].concat());
    assert!(said.contains("\nwindow      figure        value "), "{said}");
    // only the newest window counts: August is better than July
    let arguments = ["monitor", "many.log", "--window", "month", "--min-accuracy"];
    let said = end_with(0, &folder, &[&arguments[..], &["0.8"]].concat());
    assert!(said.contains("\n2002-07  accuracy  "), "{said}");
    end_with(3, &folder, &[&arguments[..], &["0.9"]].concat());
}

#[test]
fn versions_that_answered_the_same_rows_are_compared() {
    let folder = support::folder("monitor-versions");
    let mail = summer();
    let path = folder.join("spam.log");
    let mut log = LogWriter::open(&path, SyncPolicy::Never).expect("opened");
    let (old, new) = (filter(&spambase(), 5), filter(mail.data(), 3));
    answer(&mut log, ("spam", "1"), &old, &mail, mail.rows());
    // of the second the true classes are not told: they are those of the same rows
    answer(&mut log, ("spam", "2"), &new, &mail, 0);
    answer(&mut log, ("other", "1"), &new, &mail, 0);
    let found = json(&end_with(0, &folder, &["monitor", "spam.log", "--model", "spam", "--json"]));
    let pair = &found["compared"][0];
    assert_eq!(found["compared"].as_array().map(Vec::len), Some(1));
    let script = r#"
import json
from collections import defaultdict
from scipy import stats
said, told = defaultdict(dict), {}
for line in open("spam.log"):
    r = json.loads(line)
    if "prediction" in r and r["model"] == "spam":
        said[r["prediction"].split("-")[-1]][r["version"]] = r["class"]
    elif "feedback" in r:
        told[r["feedback"].split("-")[-1]] = r["class"]
right = [(s["1"] == told[k], s["2"] == told[k]) for k, s in said.items()]
first, second = right.count((True, False)), right.count((False, True))
print(json.dumps([len(right), first, second, stats.binomtest(first, first + second).pvalue]))
"#;
    let expected = python(&folder, script);
    for (name, expected) in
        ["rows", "only_first", "only_second"].iter().zip(expected.as_array().expect("figures"))
    {
        assert_eq!(&pair[name], expected, "{name}");
    }
    let (p, scipy) = (pair["mcnemar_p"].as_f64(), expected[3].as_f64());
    let (p, scipy) = (p.expect("a number"), scipy.expect("a number"));
    assert!((p - scipy).abs() <= 1e-9 * scipy, "{p} {scipy}");
    assert_eq!(found["models"][0]["versions"][1]["known"], Value::Null);
    // both models
    let said = end_with(0, &folder, &["monitor", "spam.log"]);
    assert!(said.contains("\nthe same rows by spam 1 (first) and other 1 (second)\n"), "{said}");
    let message = fail(&folder, &["monitor", "spam.log", "--figure", "spam.svg"]);
    assert_eq!(message, "a figure is of one model; name it with --model, one of: other, spam");
}

/// A prediction of one number.
fn number(id: usize, cell: Cell, class: Label, scores: Vec<f64>) -> Prediction {
    Prediction {
        id: id.to_string(),
        time: Moment::from_milliseconds(id as i64 * 3_600_000),
        model: "m".into(),
        version: "1".into(),
        row: vec![cell],
        class,
        scores,
    }
}

#[test]
fn rows_of_other_columns_and_words_have_no_part_in_the_drift() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("m.log");
    let mut log = LogWriter::open(&path, SyncPolicy::Never).expect("opened");
    for row in 0..200 {
        let mut one = number(row, ((row % 7) as f64).into(), Label::Integer(1), vec![0.5, 0.5]);
        one.row.push("a word".into());
        if row % 50 == 9 {
            one.row.clear();
        }
        log.prediction(&one).expect("written");
    }
    let log = Log::open(&path).expect("read");
    let report = ReportParams::new().windows(100).run(&log).expect("a report");
    let model = &report.models()[0];
    assert_eq!(model.history(), None);
    let now = model.drift().windows()[1].columns.as_ref().expect("compared");
    assert_eq!((now.columns().len(), now.rows()), (1, (98, 98)));
    assert_eq!(now.columns()[0].verdict, Verdict::Steady);
    assert_eq!(
        model.notes(),
        [
            "4 rows have not 2 columns, and no part in the drift",
            "1 column holds words, and no part in the drift",
            "the scores are not compared: they are of 2 classes, and 1 is known",
        ]
    );
    // three classes of which none is named, and numbers
    let classes = |label: fn(usize) -> Label| {
        let path = folder.path().join("classes.log");
        fs::write(&path, "").expect("written");
        let mut log = LogWriter::open(&path, SyncPolicy::Never).expect("opened");
        for row in 0..3 {
            log.prediction(&number(row, 1.0.into(), label(row), vec![])).expect("written");
        }
        Log::open(&path).expect("read")
    };
    let three = classes(|row| Label::Integer(row as i64));
    let error = ReportParams::new().run(&three).expect_err("unclear").to_string();
    assert!(error.starts_with("there are 3 classes: name the one "), "{error}");
    let report = ReportParams::new().positive("2").run(&three).expect("a report");
    assert_eq!(report.models()[0].positive(), &Label::Integer(2));
    let error = ReportParams::new().positive("9").run(&three).expect_err("no class");
    assert!(matches!(error, LogError::Figures(_)), "{error}");
    let error = ReportParams::new().run(&classes(|row| Label::Float(row as f64 + 0.5)));
    assert!(matches!(error, Err(LogError::Report { .. })));
}

/// The detections are those of the detectors in the room, which are river's: here that they are given the
/// errors in their order.
#[test]
fn changes_are_those_of_the_errors_in_their_order() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("m.log");
    let mut log = LogWriter::open(&path, SyncPolicy::Never).expect("opened");
    for row in 0..2000 {
        // one of ten wrong, and from row 1000 on four of ten: as in the documentation of `Adwin`
        let wrong = if row < 1000 { row % 10 == 0 } else { row % 10 < 4 };
        log.prediction(&number(row, 1.0.into(), Label::Boolean(true), vec![])).expect("written");
        let class = Label::Boolean(!wrong);
        let (id, time) = (row.to_string(), Moment::now());
        log.feedback(&Feedback { id, time, class }).expect("written");
    }
    let log = Log::open(&path).expect("read");
    let report = ReportParams::new().windows(Period::Month).run(&log).expect("a report");
    let changes = report.models()[0].changes();
    let of = |detector| changes.iter().find(|change| change.detector == detector);
    let adwin = of(Detector::Adwin).expect("found");
    assert_eq!(adwin.row, 1056);
    assert_eq!((adwin.latest.rows(), adwin.before.rows()), (100, 956));
    assert!(of(Detector::PageHinkley).is_some_and(|change| change.row > 1000));
}
