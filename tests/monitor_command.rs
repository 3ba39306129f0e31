//! The subcommands `monitor`, how good served models are by their log, and `retrain`, which makes them
//! better.
//!
//! PICKLEBOOK_KILLS=200 kills that many retrainings.
#![cfg(feature = "cli")]

#[path = "support/command.rs"]
mod command;
mod support;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use command::{end_with, fail, run};
use picklebook::data::{Dataset, DatedDataset, Label, mail_2002, spambase};
use picklebook::monitor::log::{
    Cell, Feedback, Log, LogError, LogWriter, Moment, Prediction, SyncPolicy,
};
use picklebook::monitor::{Detector, Period, ReportParams, Retraining, Verdict};
use picklebook::pickle;
use picklebook::tree::DecisionTreeClassifier;
use serde_json::Value;

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
    assert!(said.contains("\n0 of 3 figures are beyond the limit"), "{said}");
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

/// A folder with the filter of 1999 as `spam/1/model.pkl`, and its log of the summer of 2002.
fn folder_to_retrain(name: &str) -> PathBuf {
    let folder = support::folder(name);
    fs::create_dir_all(folder.join("spam/1")).expect("made");
    let filter = filter(&spambase(), 5);
    pickle::save(&filter, folder.join("spam/1/model.pkl")).expect("saved");
    let mut log = LogWriter::open(folder.join("spam.log"), SyncPolicy::Never).expect("opened");
    answer(&mut log, ("spam", "1"), &filter, &summer(), usize::MAX);
    folder
}

/// What is in a folder, by name.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("read"));
    let mut names: Vec<String> =
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.retain(|name| name != ".lock");
    names.sort();
    names
}

const RETRAIN: [&str; 6] = ["retrain", "spam", "--log", "spam.log", "--positive", "spam"];

#[test]
fn a_better_challenger_becomes_the_next_version() {
    let folder = folder_to_retrain("retrain-better");
    let mail = summer();
    let said = end_with(0, &folder, &RETRAIN);
    for line in [
        "spam.log: 3066 predictions, 3066 true classes\n",
        "\nchallenger: DecisionTreeClassifier(max_depth=5, min_samples_leaf=5)\n",
        "\npromoted: the challenger is right more often, and not by chance (trained on 2766 rows, judged by 300 rows)\n",
        "\nwrote version 2, spam/2\n",
    ] {
        assert!(said.contains(line), "{line}: {said}");
    }
    // what the library decides of the same rows
    let params = DecisionTreeClassifier::params().max_depth(5).min_samples_leaf(5);
    let retraining = Retraining::new(300).positive("spam");
    let champion = filter(&spambase(), 5);
    let expected =
        retraining.run(&champion, mail.data(), |rows| params.fit(rows)).expect("trained");
    assert!(expected.promoted());
    assert_eq!(names(&folder.join("spam/2")), ["card.json", "model.pkl"]);
    let written: DecisionTreeClassifier =
        pickle::open(folder.join("spam/2/model.pkl")).expect("a tree");
    assert_eq!(&written, expected.challenger());
    let card = json(&fs::read_to_string(folder.join("spam/2/card.json")).expect("a card"));
    let script = r#"
import hashlib, json, struct
from scipy import stats
sha = lambda data: hashlib.sha256(data).hexdigest()
records = [json.loads(line) for line in open("spam.log")]
rows = [r for r in records if "prediction" in r]
told = {r["feedback"]: r["class"] for r in records if "feedback" in r}
data = b""
for row in rows[:-300]:
    label = told[row["prediction"]].encode()
    data += struct.pack("<57d", *row["row"]) + struct.pack("<Q", len(label)) + label
print(json.dumps([sha(open("spam/2/model.pkl", "rb").read()), sha(data), rows[0]["time"],
                  rows[-301]["time"], rows[-300]["time"], rows[-1]["time"]]))
"#;
    let hashes = python(&folder, script);
    assert_eq!(card["sha256"], hashes[0]);
    assert_eq!(card["data"]["sha256"], hashes[1]);
    assert_eq!((&card["data"]["first"], &card["data"]["last"]), (&hashes[2], &hashes[3]));
    assert_eq!((&card["metrics"]["first"], &card["metrics"]["last"]), (&hashes[4], &hashes[5]));
    assert_eq!((&card["data"]["rows"], &card["data"]["start"]), (&2766.into(), &0.into()));
    assert_eq!((&card["parent"], &card["metrics"]["rows"]), (&"1".into(), &300.into()));
    let own = &card["metrics"]["own"];
    let recall = expected.on_positives().and_then(|part| part.second().share());
    assert_eq!(own["accuracy"].as_f64(), expected.comparison().second().share());
    assert_eq!(own["recall"].as_f64(), recall);
    let right = expected.on_others().and_then(|part| part.second().share()).expect("others");
    let alarms = own["false_alarms"].as_f64().expect("a share");
    assert!((alarms + right - 1.0).abs() < 1e-12, "{alarms} {right}");
    assert_eq!(card["written_by"], format!("picklebook retrain {}", env!("CARGO_PKG_VERSION")));

    // again: the champion is the new version, and no worse than itself
    let again = end_with(0, &folder, &RETRAIN);
    assert!(again.contains("\nchampion: version 2, spam/2/model.pkl\n"), "{again}");
    assert!(again.contains("\nversion 2 stays: nothing is written\n"), "{again}");
    assert_eq!(names(&folder.join("spam")), ["1", "2"]);
    // it has learned from some of these
    let message = fail(&folder, &[&RETRAIN[..], &["--newest", "1000"]].concat());
    let expected = "version 2 has learned from 700 of the 1000 newest rows: judge by those that it has not, \
                    with --newest 300, or wait for more";
    assert_eq!(message, expected);
    // in another file the same rows stand elsewhere, and their times tell
    let text = fs::read_to_string(folder.join("spam.log")).expect("a log");
    let lines: Vec<&str> = text.lines().collect();
    fs::write(folder.join("rest.log"), lines[1000..].join("\n") + "\n").expect("written");
    let last = noon(mail.dates()[2765]);
    let free = mail.dates().iter().filter(|&&day| noon(day) > last).count();
    let message = fail(&folder, &["retrain", "spam", "--log", "rest.log"]);
    let expected = format!("version 2 has learned from {} of the 300 newest rows: ", 300 - free);
    assert!(message.starts_with(&expected), "{message}: {expected}");
}

#[test]
fn what_is_not_promoted_leaves_nothing() {
    let folder = folder_to_retrain("retrain-kept");
    let untouched = |arguments: &[&str]| {
        let said = end_with(0, &folder, &[&RETRAIN[..], arguments].concat());
        assert_eq!(names(&folder.join("spam")), ["1"], "{arguments:?}");
        said
    };
    let said = untouched(&["--dry-run", "--json", "--window", "1500", "--max-depth", "7"]);
    let said = json(&said);
    assert_eq!((&said["promoted"], &said["new_version"]), (&true.into(), &Value::Null));
    assert_eq!(said["trained_on"], serde_json::json!({ "start": 1266, "end": 2766 }));
    assert_eq!(said["challenger"], "DecisionTreeClassifier(max_depth=7, min_samples_leaf=5)");
    let said = untouched(&["--newest", "20"]);
    assert!(said.contains("\nkept: too few rows, in all or of a class, to judge by "), "{said}");
    let said = untouched(&["--max-depth", "1", "--window", "2"]);
    assert!(said.contains("\nkept: the challenger is not right more often "), "{said}");
    let named = |arguments: &[&str], expected: &str| {
        assert_eq!(fail(&folder, &[&["retrain"], arguments].concat()), expected);
        assert_eq!(names(&folder.join("spam")), ["1"], "{arguments:?}");
    };
    fs::create_dir(folder.join("empty")).expect("made");
    named(
        &["empty", "--log", "spam.log"],
        "empty: there is no version in it; put the first model into empty/1/model.pkl",
    );
    named(
        &["nowhere", "--log", "spam.log"],
        "cannot read nowhere: No such file or directory (os error 2)",
    );
    named(
        &["spam", "--log", "spam.log", "--model", "ham"],
        "spam.log: there is no prediction of \"ham\" in it, and one of \"spam\"; name the model with --model",
    );
    named(
        &["spam", "--log", "spam.log", "--newest", "3066"],
        "spam: 3066 rows are too few to judge with 3066 of them and train with the rest: give more \
         rows, or judge with fewer",
    );
    named(
        &["spam", "--log", "spam.log", "--positive", "eggs"],
        "--positive \"eggs\" is no class; there are: ham, spam",
    );
    named(
        &["spam", "--log", "spam.log", "--alpha", "2"],
        "spam: alpha is 2: it must be above 0 and below 1",
    );
    for arguments in [
        &["spam"][..],
        &["--log", "spam.log"],
        &["spam", "--rows", "spam.csv"],
        &["spam", "--log", "spam.log", "--criterion", "poisson"],
    ] {
        let done = run(&folder, &[&["retrain"], arguments].concat());
        assert_eq!(done.code, Some(2), "{arguments:?}: {done:?}");
    }
    // a version that is named answers, and a server goes on with it
    fs::create_dir(folder.join("spam/7")).expect("made");
    fs::copy(folder.join("spam/1/model.pkl"), folder.join("spam/7/model.pkl")).expect("copied");
    fs::write(folder.join("spam/current"), "1\n").expect("written");
    let said = end_with(0, &folder, &RETRAIN);
    assert!(said.contains("\nwrote version 8, spam/8\n"), "{said}");
    assert!(
        said.contains("\nspam/current names version 1, which a server goes on with: "),
        "{said}"
    );
}

#[test]
fn rows_of_a_table_are_taken_by_name() {
    let folder = folder_to_retrain("retrain-table");
    // the columns from the last to the first, and the classes between them
    let text = fs::read_to_string(support::root().join("data/mail_2002.csv")).expect("a table");
    let turned = |line: &str| line.split(',').rev().collect::<Vec<&str>>().join(",") + "\n";
    let rows: String = text
        .lines()
        .filter(|line| *line < "2002-09" || line.starts_with("date"))
        .map(turned)
        .collect();
    fs::write(folder.join("mail.csv"), &rows).expect("written");
    let of_table =
        ["retrain", "spam", "--rows", "mail.csv", "--target", "class", "--json", "--dry-run"];
    let of_table = [&of_table[..], &["--positive", "spam"]].concat();
    let found = json(&end_with(0, &folder, &[&of_table[..], &["--drop", "date"]].concat()));
    let of_log = json(&end_with(0, &folder, &[&RETRAIN[..], &["--json", "--dry-run"]].concat()));
    for part in ["promoted", "all", "positives", "others", "trained_on", "judged_on"] {
        assert_eq!(found[part], of_log[part], "{part}");
    }
    // both: the table comes first
    let both = [&of_table[..], &["--drop", "date", "--log", "spam.log"]].concat();
    let both = json(&end_with(0, &folder, &both));
    assert_eq!(both["rows"], 2 * 3066);
    assert_eq!(both["judged_on"], serde_json::json!({ "start": 2 * 3066 - 300, "end": 2 * 3066 }));
    assert_eq!(both["all"]["champion"], of_log["all"]["champion"]);
    let message = fail(&folder, &[&of_table[..], &["--drop", "date,word_freq_hp"]].concat());
    assert_eq!(message, "mail.csv: there is no column \"word_freq_hp\", and the model looks at it");
    fs::write(folder.join("mail.csv"), rows.replacen("date\n", "day\n", 1).replace("2002-0", "0"))
        .expect("written");
    let message = fail(&folder, &[&of_table[..], &["--usecols", "0,1,2,3,4,5"]].concat());
    assert!(message.starts_with("mail.csv: there is no column \"word_freq_make\""), "{message}");
}

#[test]
fn a_tree_of_scikit_learns_keeps_its_parameters() {
    let folder = support::folder("retrain-sklearn");
    let script = format!(
        r#"
import json, os, pickle
import numpy as np
from sklearn.tree import DecisionTreeClassifier
rows = [line.strip().split(",") for line in open({:?})][1:]
X, y = np.array([row[1:] for row in rows], float), [row[0] for row in rows]
os.makedirs("scale/1")
tree = DecisionTreeClassifier(max_depth=4, criterion="entropy", random_state=3).fit(X, y)
pickle.dump(tree, open("scale/1/model.pkl", "wb"))
print("null")
"#,
        support::root().join("data/balance-scale.csv")
    );
    python(&folder, &script);
    let table = support::root().join("data/balance-scale.csv").display().to_string();
    let arguments =
        ["retrain", "scale", "--rows", &table, "--target", "Class", "--dry-run", "--json"];
    let found = json(&end_with(0, &folder, &arguments));
    let tree = "DecisionTreeClassifier(criterion='entropy', max_depth=4, random_state=3)";
    assert_eq!(found["challenger"], tree);
}

#[test]
fn a_version_is_whole_or_not_there_whenever_retrain_is_killed() {
    let folder = folder_to_retrain("retrain-killed");
    let home = folder.join("spam");
    let rounds = std::env::var("PICKLEBOOK_KILLS").ok().and_then(|kills| kills.parse().ok());
    let mut highest = 1;
    for round in 0..rounds.unwrap_or(6_u64) {
        // the first version answers again
        fs::write(home.join("current"), "1").expect("written");
        let mut child = support::picklebook()
            .current_dir(&folder)
            .args(RETRAIN)
            .stdout(std::process::Stdio::null())
            .spawn()
            .expect("it starts");
        std::thread::sleep(std::time::Duration::from_millis(100 + 173 * round % 1500));
        child.kill().expect("killed");
        child.wait().expect("it ended");
        for version in
            names(&home).iter().filter_map(|name| name.parse::<u64>().ok()).filter(|it| *it > 1)
        {
            let version_home = home.join(version.to_string());
            assert_eq!(names(&version_home), ["card.json", "model.pkl"]);
            let card = json(&fs::read_to_string(version_home.join("card.json")).expect("a card"));
            assert_eq!(card["parent"], "1");
            let _: DecisionTreeClassifier =
                pickle::open(version_home.join("model.pkl")).expect("a tree");
            highest = highest.max(version);
        }
    }
    // what a killed one left is removed by the next, and never a version
    fs::create_dir_all(home.join(".making-99")).expect("made");
    let said = end_with(0, &folder, &RETRAIN);
    assert!(said.contains(&format!("\nwrote version {}, spam/", highest + 1)), "{said}");
    assert!(!names(&home).iter().any(|name| name.starts_with(".making")));
    // while another adds one
    let lock = fs::File::create(home.join(".lock")).expect("opened");
    lock.lock().expect("locked");
    let message = fail(&folder, &RETRAIN);
    assert_eq!(
        message,
        "spam: a version is being added by another process; try again when it is done"
    );
}

/// From the first prediction to the next version: by the real server, its log, and both commands.
#[cfg(feature = "serve")]
#[test]
fn a_served_model_is_retrained_from_its_own_log() {
    use std::io::{BufRead, BufReader};

    let folder = support::folder("retrain-served");
    fs::create_dir_all(folder.join("models/spam/1")).expect("made");
    let old = filter(&spambase(), 5);
    pickle::save(&old, folder.join("models/spam/1/model.pkl")).expect("saved");
    let mut server = support::picklebook()
        .current_dir(&folder)
        .args(["serve", "models", "--port", "0", "--log", "spam.log"])
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("it starts");
    let mut stderr = BufReader::new(server.stderr.take().expect("a pipe"));
    let mut line = String::new();
    while !line.contains("shows the models") {
        line.clear();
        assert!(stderr.read_line(&mut line).expect("read") > 0, "the server ended");
    }
    let address = line.split(" shows").next().expect("an address").trim_end_matches('/').to_owned();
    // the server's events must not fill the pipe
    let events = std::thread::spawn(move || stderr.lines().count());
    let post = |path: &str, body: &Value| -> Value {
        let request =
            ureq::post(format!("{address}{path}")).header("content-type", "application/json");
        let mut answer = request.send(body.to_string()).expect("an answer");
        json(&answer.body_mut().read_to_string().expect("a body"))
    };
    let mail = summer();
    let rows: Vec<Value> = mail
        .data()
        .features()
        .rows()
        .into_iter()
        .map(|row| row.iter().copied().collect::<Vec<f64>>().into())
        .collect();
    let mut said = Vec::new();
    for (part, rows) in rows.chunks(250).enumerate() {
        let answer = post("/predict", &rows.into());
        let id = answer["id"].as_str().expect("an id");
        said.extend(answer["predictions"].as_array().expect("predictions").clone());
        let feedback = (0..rows.len()).map(|row| {
            let class = mail.target().get(part * 250 + row).expect("a class").to_string();
            serde_json::json!({ "id": format!("{id}/{row}"), "class": class })
        });
        let told = post("/feedback", &feedback.collect::<Vec<Value>>().into());
        assert_eq!(told["rows"], rows.len());
    }
    let monitor = ["monitor", "spam.log", "--window", "1000", "--json", "--min-accuracy", "0.9"];
    let found = json(&end_with(3, &folder, &monitor));
    let all = &found["models"][0]["all"];
    let predicted = old.predict(&mail).expect("predicted");
    let right = mail.target().iter().zip(predicted.iter()).filter(|(truth, said)| truth == said);
    assert_eq!(
        (&all["rows"], &all["accuracy"]["hits"]),
        (&rows.len().into(), &right.count().into())
    );
    assert_eq!(said.len(), rows.len());

    let retrain =
        ["retrain", "models/spam", "--log", "spam.log", "--positive", "spam", "--by", "a test"];
    let told = end_with(0, &folder, &retrain);
    assert!(told.contains("\nwrote version 2, models/spam/2\n"), "{told}");
    let card = json(&fs::read_to_string(folder.join("models/spam/2/card.json")).expect("a card"));
    assert!(
        card["written_by"].as_str().is_some_and(|who| who.starts_with("a test, by picklebook "))
    );
    // the server takes it without a restart
    let started = std::time::Instant::now();
    while post("/predict", &serde_json::json!([rows[0]]))["version"] != "2" {
        assert!(started.elapsed().as_secs() < 30, "the new version is not taken");
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    let mut answer = ureq::get(format!("{address}/status")).call().expect("an answer");
    let models = answer.body_mut().read_to_string().expect("a body");
    assert!(models.contains(card["data"]["sha256"].as_str().expect("a hash")), "{models}");
    server.kill().expect("killed");
    server.wait().expect("it ended");
    assert!(events.join().is_ok_and(|lines| lines > 0));
    let found = json(&end_with(0, &folder, &["monitor", "spam.log", "--json"]));
    let versions = found["models"][0]["versions"].as_array().expect("versions");
    let versions: Vec<&Value> = versions.iter().map(|version| &version["version"]).collect();
    assert_eq!(versions, ["1", "2"]);
    // on the rows that the first version was asked, the second is compared where it was asked the same
    assert_eq!(found["compared"][0]["rows"], 1);
}
