//! Logs of predictions: whole whenever their writer is killed, and read whatever is in them.
//!
//! PICKLEBOOK_KILLS=200 kills that many writers.

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use picklebook::data::Label;
use picklebook::monitor::Period;
use picklebook::monitor::log::{
    Cell, Feedback, Log, LogError, LogWriter, Moment, Prediction, SyncPolicy,
};
use proptest::prelude::*;

const WRITES_TO: &str = "PICKLEBOOK_TEST_SAVES_TO";

fn prediction(id: impl Into<String>, row: Vec<Cell>, class: impl Into<Label>) -> Prediction {
    Prediction {
        id: id.into(),
        time: Moment::from_milliseconds(1_038_000_000_123),
        model: "spam".into(),
        version: "2".into(),
        row,
        class: class.into(),
        scores: vec![0.1, 0.9],
    }
}

fn feedback(id: &str, class: impl Into<Label>) -> Feedback {
    Feedback { id: id.into(), time: Moment::now(), class: class.into() }
}

/// A new log with these lines.
fn log_of(content: &[u8]) -> Log {
    Log::read(content).expect("memory can be read")
}

#[test]
fn what_is_written_is_read() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("spam.log");
    let rows = [
        prediction("a", vec![0.64.into(), f64::NAN.into(), "été\n\"".into()], "spam"),
        prediction("b", vec![0.1.into(), (-0.0).into(), 5e-324.into()], "ham"),
        prediction("ü", Vec::new(), Label::Integer(3)),
        prediction("", vec![f64::MAX.into()], Label::Boolean(true)),
    ];
    for (count, policy) in
        [SyncPolicy::Never, SyncPolicy::EachRecord, SyncPolicy::Every(2)].into_iter().enumerate()
    {
        let mut log = LogWriter::open(&path, policy).expect("opened");
        for row in &rows {
            let row = Prediction { id: format!("{count}{}", row.id), ..row.clone() };
            log.prediction(&row).expect("written");
        }
        log.feedback(&feedback(&format!("{count}a"), "ham")).expect("written");
        log.feedback(&feedback(&format!("{count}a"), "spam")).expect("written");
        log.feedback(&feedback("unknown", "spam")).expect("written");
        log.sync().expect("synced");
    }
    let log = Log::open(&path).expect("read");
    assert_eq!((log.entries().len(), log.left_out(), log.cut_off()), (12, &[][..], false));
    for (place, entry) in log.entries().iter().enumerate() {
        let (count, row) = (place / 4, &rows[place % 4]);
        assert_eq!(
            entry.prediction,
            Prediction { id: format!("{count}{}", row.id), ..row.clone() }
        );
        assert_eq!(entry.truth, (place % 4 == 0).then(|| "spam".into()));
    }
    assert_eq!(
        log.to_string(),
        "12 predictions, 3 true classes; 3 true classes of predictions that are not here"
    );
    let text = fs::read_to_string(&path).expect("text");
    assert_eq!(
        text.lines().next(),
        Some(
            "{\"prediction\":\"0a\",\"time\":\"2002-11-22T21:20:00.123Z\",\"model\":\"spam\",\
             \"version\":\"2\",\"row\":[0.64,null,\"été\\n\\\"\"],\"class\":\"spam\",\
             \"scores\":[0.1,0.9]}"
        )
    );
}

#[test]
fn what_is_no_record_is_left_out_and_said() {
    let good = "{\"prediction\":\"a\",\"time\":\"2002-11-22T21:20:00.123Z\",\"model\":\"m\",\
                \"version\":\"1\",\"row\":[1],\"class\":\"ham\"}\n";
    let cut = &good[..40];
    let log = log_of(format!("{good}{cut}").as_bytes());
    assert_eq!((log.entries().len(), log.left_out().len(), log.cut_off()), (1, 0, true));
    assert!(log.to_string().ends_with("; the last line is cut off and left out"), "{log}");
    for odd in [
        cut,
        good.trim_end(),
        "null",
        "[]",
        "{}",
        "\u{feff}{}",
        "{\"feedback\":\"a\",\"time\":\"2002-11-22\",\"class\":\"ham\"}",
        "{\"feedback\":\"a\",\"time\":\"2002-11-22T24:00:00.000Z\",\"class\":\"ham\"}",
        "{\"feedback\":\"a\",\"time\":\"2002-11-22T23:00:00.000Z\",\"class\":[]}",
        &"[".repeat(100_000),
        &"{\"prediction\":".repeat(10_000),
        "\0\0\0",
    ] {
        let log = log_of(format!("{good}\n{odd}\n{}", good.replace("\"a\"", "\"b\"")).as_bytes());
        assert_eq!((log.entries().len(), log.cut_off()), (2, false), "{odd:.60}");
        assert_eq!(log.left_out().iter().map(|it| it.line).collect::<Vec<_>>(), [3], "{odd:.60}");
        assert!(log.to_string().contains("the first is line 3: "), "{log}");
    }
    let not_text = log_of(&[good.as_bytes(), b"\xff\xfe\n", good.as_bytes()].concat());
    assert_eq!((not_text.entries().len(), not_text.left_out().len()), (1, 2));
    let long = log_of(format!("{}\n{good}", "x".repeat(40 << 20)).as_bytes());
    assert_eq!((long.entries().len(), long.left_out()[0].line), (1, 1));
    assert!(long.left_out()[0].problem.starts_with("it is longer than"));
    assert_eq!(log_of(b"").to_string(), "0 predictions, 0 true classes");
}

#[test]
fn what_cannot_be_written_is_refused_and_leaves_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("spam.log");
    let mut log = LogWriter::open(&path, SyncPolicy::Never).expect("opened");
    for (row, scores) in [
        (vec![Cell::Number(f64::INFINITY)], vec![]),
        (vec![Cell::Number(f64::NAN)], vec![]),
        (vec![], vec![f64::NAN]),
        (vec![], vec![f64::NEG_INFINITY]),
    ] {
        let bad = Prediction { scores, ..prediction("a", row, "spam") };
        let error = log.prediction(&bad).expect_err("refused");
        assert!(matches!(error, LogError::Record { .. }), "{error}");
    }
    let long = log.feedback(&feedback(&"x".repeat(1 << 25), "spam")).expect_err("refused");
    assert!(matches!(long, LogError::Long { .. }), "{long}");
    assert_eq!(fs::metadata(&path).expect("a file").len(), 0);
    assert!(matches!(
        LogWriter::open(folder.path(), SyncPolicy::Never),
        Err(LogError::File { .. })
    ));
    assert!(matches!(Log::open(folder.path().join("none")), Err(LogError::File { .. })));
    if Path::new("/dev/full").exists() {
        let mut full = LogWriter::open("/dev/full", SyncPolicy::Never).expect("opened");
        let error = full.feedback(&feedback("a", "ham")).expect_err("full").to_string();
        assert!(error.starts_with("/dev/full: "), "{error}");
    }
}

#[test]
fn rows_whose_class_is_known_can_be_counted_and_learned_from() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("spam.log");
    let mut log = LogWriter::open(&path, SyncPolicy::Never).expect("opened");
    for (id, said, truth) in [("a", "spam", "spam"), ("b", "ham", "spam"), ("c", "ham", "ham")] {
        log.prediction(&prediction(id, vec![1.5.into(), f64::NAN.into()], said)).expect("written");
        log.feedback(&feedback(id, truth)).expect("written");
    }
    log.prediction(&prediction("d", vec![2.5.into(), 1.0.into()], "ham")).expect("written");
    let read = Log::open(&path).expect("read");
    let history = read.history("spam", Period::Month).expect("counted");
    assert_eq!(
        history.window("2002-11").expect("November").to_string(),
        "2002-11: accuracy 66.7 % (2 of 3), recall 50.0 % (1 of 2), false alarms 0.0 % (0 of 1)"
    );
    let names = ["x".to_owned(), "y".to_owned()];
    let rows = read.rows(&names, "class").expect("a table");
    assert_eq!((rows.rows(), rows.dates()[0].to_string().as_str()), (3, "2002-11-22"));
    assert!(rows.data().features()[[0, 1]].is_nan() && rows.data().features()[[2, 0]] == 1.5);
    assert!(matches!(read.rows(&names[..1], "class"), Err(LogError::Table { .. })));
    log.feedback(&feedback("d", Label::Integer(1))).expect("written");
    let error = Log::open(&path).expect("read").history("spam", Period::Day).expect_err("refused");
    assert_eq!(
        error.to_string(),
        "the rows of the log make no table: the class 1 stands beside text"
    );
}

#[test]
fn writes_when_it_is_told_where() {
    let Some(path) = std::env::var_os(WRITES_TO) else { return };
    let mut log = LogWriter::open(&path, SyncPolicy::Never).expect("opened");
    let process = std::process::id();
    for number in 0_u64.. {
        let row = vec![(number as f64).into(); 57];
        log.prediction(&prediction(format!("{process}-{number}"), row, "spam")).expect("written");
        log.feedback(&feedback(&format!("{process}-{number}"), "ham")).expect("written");
    }
}

#[test]
fn a_log_is_whole_whenever_its_writers_are_killed() {
    let kills = std::env::var("PICKLEBOOK_KILLS").ok().and_then(|kills| kills.parse().ok());
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("spam.log");
    let mut before = 0;
    for kill in 0..kills.unwrap_or(10_u64) {
        let writers: Vec<_> = (0..2)
            .map(|_| {
                Command::new(std::env::current_exe().expect("this program"))
                    .args(["--exact", "writes_when_it_is_told_where"])
                    .env(WRITES_TO, &path)
                    .stdout(Stdio::null())
                    .spawn()
                    .expect("started")
            })
            .collect();
        std::thread::sleep(Duration::from_micros(30_000 + kill * 1_771 % 20_000));
        for mut writer in writers {
            assert!(writer.try_wait().expect("asked").is_none(), "it writes without an end");
            writer.kill().expect("killed");
            writer.wait().expect("ended");
        }
        // as a kill may leave it, where the system writes a line in pieces
        if kill % 2 == 0 && path.exists() {
            let mut file = OpenOptions::new().append(true).open(&path).expect("opened");
            file.write_all(b"{\"prediction\":\"cut").expect("written");
            assert!(Log::open(&path).expect("read").cut_off());
        }
        let log = if path.exists() { Log::open(&path).expect("read") } else { Log::default() };
        assert!(log.left_out().iter().all(|it| it.problem.contains("EOF")), "{log}");
        assert!(log.left_out().len() as u64 <= kill + 1 && log.unknown() == 0, "{log}");
        assert!(log.entries().len() >= before, "nothing that was written is lost");
        before = log.entries().len();
        for entry in log.entries() {
            assert_eq!(entry.prediction.row.len(), 57, "{log}");
        }
    }
    assert!(before > 100, "{before} records: the test tests nothing");
}

proptest! {
    #[test]
    fn any_bytes_are_read(lines in prop::collection::vec(".{0,80}", 0..20), bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let text = lines.join("\n");
        log_of(text.as_bytes());
        log_of(&[text.as_bytes(), &bytes].concat());
    }

    #[test]
    fn any_record_comes_back(
        id in ".*",
        numbers in prop::collection::vec(any::<f64>().prop_filter("finite", |it| !it.is_infinite()), 0..20),
        words in prop::collection::vec(".*", 0..5),
        class in ".*",
        milliseconds in any::<i64>(),
    ) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("log");
        let cells = numbers.iter().map(|&it| it.into()).chain(words.iter().map(|it| it.as_str().into()));
        let time = Moment::from_milliseconds(milliseconds);
        prop_assert_eq!(time.to_string().parse(), Ok(time));
        let row = Prediction { time, ..prediction(id, cells.collect(), class.as_str()) };
        LogWriter::open(&path, SyncPolicy::Never).expect("opened").prediction(&row).expect("written");
        let log = Log::open(&path).expect("read");
        prop_assert_eq!(&log.entries()[0].prediction, &row);
    }
}
