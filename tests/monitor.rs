//! What is watched over time, against SciPy, river and statsmodels.

mod support;

use std::process::Command;

use picklebook::data::{Dataset, Date, Labels, mail_2002, spambase};
use picklebook::model::{self, Classifier, Model};
use picklebook::monitor::{
    Adwin, Decision, DriftParams, Error, History, Limits, McNemar, Mode, PageHinkley, Period, Rate,
    Recent, Retraining, Verdict, compare, drift, drift_of_scores, ks_2samp, psi, retrain,
};
use picklebook::tree::DecisionTreeClassifier;
use proptest::prelude::*;
use serde::Deserialize;

/// Made by tests/monitor/make_reference.py with river 0.26.0 and statsmodels 0.14.6.
const REFERENCE: &str = include_str!("monitor/reference.json");

#[derive(Deserialize)]
struct Reference {
    streams: Vec<Stream>,
    mcnemar: Vec<(usize, usize, f64, f64, f64, f64, f64)>,
    wilson: Vec<(usize, usize, f64, f64, f64)>,
}

#[derive(Deserialize)]
struct Stream {
    seed: u64,
    kind: String,
    segments: Vec<(usize, f64)>,
    adwin: AdwinParams,
    adwin_detections: Vec<usize>,
    adwin_width: usize,
    adwin_estimation: f64,
    page_hinkley: PageHinkleyParams,
    page_hinkley_detections: Vec<usize>,
}

#[derive(Deserialize)]
struct AdwinParams {
    delta: f64,
    clock: usize,
    max_buckets: usize,
    min_window_length: usize,
    grace_period: usize,
}

#[derive(Deserialize)]
struct PageHinkleyParams {
    min_instances: usize,
    delta: f64,
    threshold: f64,
    alpha: f64,
    mode: String,
}

fn reference() -> Reference {
    serde_json::from_str(REFERENCE).expect("the reference is JSON")
}

/// The generator of make_reference.py: numbers from 0 to 1.
struct Uniform(u64);

impl Uniform {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 11) as f64 / 2.0_f64.powi(53)
    }
}

impl Stream {
    fn numbers(&self) -> Vec<f64> {
        let mut noise = Uniform(self.seed);
        let mut numbers = Vec::new();
        for &(rows, mean) in &self.segments {
            for _ in 0..rows {
                numbers.push(match self.kind.as_str() {
                    "errors" => f64::from(u8::from(noise.next() < mean)),
                    _ => mean + (noise.next() + noise.next() + noise.next() - 1.5),
                });
            }
        }
        numbers
    }
}

fn near(found: f64, said: f64, tolerance: f64) -> bool {
    found == said || (found - said).abs() <= tolerance * said.abs() || said.abs() < 1e-280
}

#[test]
fn streams_change_where_river_says() {
    let mut changes = (0, 0);
    for stream in reference().streams {
        let params = &stream.adwin;
        let mut adwin = Adwin::new()
            .delta(params.delta)
            .clock(params.clock)
            .max_buckets(params.max_buckets)
            .min_window_length(params.min_window_length)
            .grace_period(params.grace_period);
        let params = &stream.page_hinkley;
        let mut page_hinkley = PageHinkley::new()
            .min_instances(params.min_instances)
            .delta(params.delta)
            .threshold(params.threshold)
            .alpha(params.alpha)
            .mode(match params.mode.as_str() {
                "up" => Mode::Up,
                "down" => Mode::Down,
                _ => Mode::Both,
            });
        let (mut by_adwin, mut by_page_hinkley) = (Vec::new(), Vec::new());
        for (row, number) in stream.numbers().into_iter().enumerate() {
            if adwin.update(number).expect("a number") {
                by_adwin.push(row);
            }
            if page_hinkley.update(number).expect("a number") {
                by_page_hinkley.push(row);
            }
            assert_eq!(adwin.drift_detected(), by_adwin.last() == Some(&row));
            assert_eq!(page_hinkley.drift_detected(), by_page_hinkley.last() == Some(&row));
        }
        assert_eq!(by_adwin, stream.adwin_detections, "seed {}", stream.seed);
        assert_eq!(by_page_hinkley, stream.page_hinkley_detections, "seed {}", stream.seed);
        assert_eq!(adwin.width(), stream.adwin_width, "seed {}", stream.seed);
        assert_eq!(adwin.estimation(), stream.adwin_estimation, "seed {}", stream.seed);
        assert_eq!(adwin.n_detections(), by_adwin.len());
        assert_eq!(page_hinkley.n_detections(), by_page_hinkley.len());
        changes = (changes.0 + by_adwin.len(), changes.1 + by_page_hinkley.len());
    }
    assert!(changes.0 > 100 && changes.1 > 100, "{changes:?}");
}

#[test]
fn mcnemar_and_wilson_are_those_of_statsmodels() {
    let Reference { mcnemar, wilson, .. } = reference();
    for (first, second, exact, plain, plain_p, corrected, corrected_p) in mcnemar {
        let test = McNemar::new(first, second);
        assert!(near(test.exact(), exact, 1e-11), "{first} {second}: {} {exact}", test.exact());
        for (correction, statistic, p) in [(false, plain, plain_p), (true, corrected, corrected_p)]
        {
            let found = test.chi_squared(correction);
            let same = near(found.0, statistic, 1e-14) && near(found.1, p, 1e-11);
            assert!(same, "{first} {second}: {found:?}, not {statistic} {p}");
        }
    }
    for (hits, rows, confidence, low, high) in wilson {
        let found = Rate::new(hits, rows).wilson(confidence).expect("an interval");
        // statsmodels takes 1 − confidence, and has 1.1e-17 where SciPy has 0
        let same = (found.low - low).abs() < 1e-11 && (found.high - high).abs() < 1e-11;
        assert!(same, "{hits} of {rows} at {confidence}: {found:?}, not {low} {high}");
    }
}

#[derive(Deserialize)]
struct SciPy {
    ks: Vec<Case>,
    psi: Vec<Case>,
    ks_large: Vec<(usize, usize, f64, f64, f64, f64, f64)>,
    wilson: Vec<(usize, usize, f64, f64, f64)>,
    mcnemar: Vec<(usize, usize, f64)>,
}

/// Two samples and what is said of them; numbers as Python prints them, infinite ones too.
#[derive(Deserialize)]
struct Case {
    first: Vec<String>,
    second: Vec<String>,
    #[serde(default)]
    bins: usize,
    said: Vec<String>,
}

fn numbers(texts: &[String]) -> Vec<f64> {
    texts.iter().map(|text| text.parse().expect("a number")).collect()
}

#[test]
fn tests_of_samples_are_those_of_scipy() {
    let script = support::root().join("tests/reference/monitor.py");
    let output = Command::new(support::python()).arg(script).output().expect("python");
    assert!(output.status.success(), "{}", support::printed(&output));
    let said: SciPy = serde_json::from_slice(&output.stdout).expect("JSON");
    assert!(said.ks.len() == 600 && said.psi.len() == 600);
    for case in &said.ks {
        let (first, second) = (numbers(&case.first), numbers(&case.second));
        let [statistic, p_value, location, sign] = numbers(&case.said)[..] else { panic!("four") };
        let found = ks_2samp(&first, &second).expect("tested");
        let same = near(found.statistic, statistic, 1e-15)
            && near(found.p_value, p_value, 1e-11)
            && (found.location, f64::from(found.sign)) == (location, sign);
        assert!(same && found.exact, "{found:?}, not {:?}: {first:?} {second:?}", case.said);
    }
    for &(n, m, slope, statistic, p_value, location, sign) in &said.ks_large {
        let ramp = |slope: f64, rows: usize| -> Vec<f64> {
            (0..rows).map(|row| slope * row as f64 / rows as f64).collect()
        };
        let found = ks_2samp(&ramp(1.0, n), &ramp(slope, m)).expect("tested");
        let same = near(found.statistic, statistic, 1e-14)
            && near(found.p_value, p_value, 1e-9)
            && (found.location, f64::from(found.sign)) == (location, sign);
        assert!(same && !found.exact, "{found:?}, not {statistic} {p_value} {location} {sign}");
    }
    for case in &said.psi {
        let (first, second) = (numbers(&case.first), numbers(&case.second));
        let [value, p_value, bins] = numbers(&case.said)[..] else { panic!("three") };
        let found = psi(&first, &second, case.bins).expect("computed");
        let same = (found.value - value).abs() <= 1e-12 * (1.0 + value)
            && near(found.p_value, p_value, 1e-10)
            && found.bins as f64 == bins;
        assert!(same, "{found:?}, not {:?}: {first:?} {second:?}", case.said);
    }
    for &(hits, rows, confidence, low, high) in &said.wilson {
        let found = Rate::new(hits, rows).wilson(confidence).expect("an interval");
        let same = near(found.low, low, 1e-13) && near(found.high, high, 1e-13);
        assert!(same, "{hits} of {rows} at {confidence}: {found:?}, not {low} {high}");
    }
    for &(less, more, p_value) in &said.mcnemar {
        let found = McNemar::new(less, more).exact();
        assert!(near(found, p_value, 1e-11), "{less} {more}: {found}, not {p_value}");
    }
}

#[test]
fn windows_count_what_is_in_them() {
    let dates: Vec<Date> = ["2002-09-29", "2002-09-30", "2002-10-01", "2002-10-07", "2002-09-30"]
        .map(|day| day.parse().expect("a day"))
        .to_vec();
    let truth = Labels::from(["spam", "ham", "spam", "ham", "spam"]);
    let said = Labels::from(["spam", "spam", "ham", "ham", "spam"]);
    let names = |history: &History| -> Vec<String> {
        history.windows().iter().map(ToString::to_string).collect()
    };
    let by = |period| History::of_dates(&truth, &said, "spam", &dates, period).expect("counted");
    assert_eq!(
        names(&by(Period::Week)),
        [
            "2002-09-23: accuracy 100.0 % (1 of 1), recall 100.0 % (1 of 1), false alarms – (0 of 0)",
            "2002-09-30: accuracy 33.3 % (1 of 3), recall 50.0 % (1 of 2), \
             false alarms 100.0 % (1 of 1)",
            "2002-10-07: accuracy 100.0 % (1 of 1), recall – (0 of 0), false alarms 0.0 % (0 of 1)",
        ]
    );
    assert_eq!(by(Period::Day).windows().len(), 4);
    let months = by(Period::Month);
    assert_eq!(
        months.to_string(),
        "\
5 predictions in 2 windows; intervals at 95 %
month    rows  spam  accuracy                   recall                       false alarms
2002-09     3     2  66.7 % (20.8 % to 93.9 %)  100.0 % (34.2 % to 100.0 %)  100.0 % (20.7 % to 100.0 %)
2002-10     2     1  50.0 % (9.5 % to 90.5 %)   0.0 % (0.0 % to 79.3 %)      0.0 % (0.0 % to 79.3 %)
all         5     3  60.0 % (23.1 % to 88.2 %)  66.7 % (20.8 % to 93.9 %)    50.0 % (9.5 % to 90.5 %)"
    );
    assert_eq!(months.window("2002-10").and_then(|it| it.precision().share()), None);
    assert_eq!(months.all().precision().to_string(), "66.7 % (2 of 3)");
    let rows = History::of_rows(&truth, &said, "spam", 2).expect("counted");
    let found: Vec<&str> = rows.windows().iter().map(|window| window.name()).collect();
    assert_eq!(found, ["0 to 1", "2 to 3", "4 to 4"]);
    let mut recent = Recent::new("spam", 2);
    for row in 0..5 {
        recent.push(&truth.get(row).expect("a row"), &said.get(row).expect("a row"));
        let from = (row + 1).saturating_sub(2);
        let rows: Vec<usize> = (from..=row).collect();
        let (truth, said) = (truth.take(&rows).expect("rows"), said.take(&rows).expect("rows"));
        let all = History::of_rows(&truth, &said, "spam", 9).expect("counted");
        let found = recent.window();
        assert_eq!(
            (found.accuracy(), found.recall(), found.false_alarms(), found.precision()),
            (
                all.all().accuracy(),
                all.all().recall(),
                all.all().false_alarms(),
                all.all().precision()
            )
        );
    }
}

#[test]
fn what_cannot_be_counted_is_refused() {
    let (one, two) = (Labels::from(["a"]), Labels::from(["a", "b"]));
    let (none, number) = (Labels::from(Vec::<String>::new()), Labels::from(vec![1]));
    let said = |history: Result<History, Error>| history.expect_err("refused").to_string();
    let rows = |truth, said_, class: picklebook::data::Label, rows| {
        said(History::of_rows(truth, said_, class, rows))
    };
    assert!(rows(&one, &two, "a".into(), 1).starts_with("predictions: expected 1, found 2"));
    assert!(rows(&none, &none, "a".into(), 1).starts_with("there are no labels"));
    assert!(rows(&one, &one, "a".into(), 0).starts_with("rows is 0"));
    assert!(rows(&one, &number, "a".into(), 1).starts_with("the truth holds text"));
    let one_is_no_text = rows(&one, &one, picklebook::data::Label::Integer(1), 1);
    assert!(one_is_no_text.starts_with("the labels hold text, and 1 is none"), "{one_is_no_text}");
    let dated = History::of_dates(&two, &two, "a", &[], Period::Day);
    assert!(said(dated).starts_with("dates: expected 2, found 0"));
    assert!(matches!(compare(&none, &none, &none), Err(Error::Empty { .. })));
    assert!(matches!(compare(&two, &two, &one), Err(Error::Length { .. })));
    for confidence in [0.0, 1.0, -1.0, 2.0, f64::NAN, f64::INFINITY] {
        assert!(Rate::new(1, 2).wilson(confidence).is_err(), "{confidence}");
        let history = History::of_rows(&two, &two, "a", 1).expect("counted");
        let alarms = history.alarms(&Limits::new().accuracy(0.5).confidence(confidence));
        assert!(alarms.is_err(), "{confidence}");
        if confidence != 0.0 && confidence != 1.0 {
            assert!(history.alarms(&Limits::new().recall(confidence)).is_err(), "{confidence}");
        }
    }
    let nothing = Rate::new(0, 0).wilson(0.95).expect("all of it");
    assert_eq!((nothing.low, nothing.high), (0.0, 1.0));
    assert_eq!(Rate::new(9, 3), Rate::new(3, 3));
}

#[test]
fn samples_that_are_none_are_refused_and_odd_ones_answered() {
    let some = [1.0, 2.0];
    assert!(matches!(ks_2samp(&[], &some), Err(Error::Empty { .. })));
    assert!(matches!(psi(&some, &[], 10), Err(Error::Empty { .. })));
    let nan = ks_2samp(&some, &[1.0, f64::NAN]).expect_err("refused").to_string();
    assert_eq!(nan, "the second sample's number 1 is NaN: leave missing values out");
    for bins in [0, 1, 1_001, usize::MAX] {
        assert!(matches!(psi(&some, &some, bins), Err(Error::Parameter { .. })), "{bins}");
    }
    // missing values are a bin of their own, and all of them may be
    let missing = [f64::NAN; 50];
    let all_missing = psi(&missing, &missing, 10).expect("computed");
    assert_eq!((all_missing.value, all_missing.p_value, all_missing.bins), (0.0, 1.0, 1));
    let there: Vec<f64> = (0..50).map(f64::from).collect();
    assert!(psi(&there, &missing, 10).expect("computed").p_value < 1e-10);
    assert!(psi(&missing, &there, 10).expect("computed").p_value < 1e-10);
    let drifted = drift_of_scores(&there, &missing).expect("computed");
    assert_eq!((drifted.verdict, drifted.ks), (Verdict::Drifted, None));
    // a constant column sees numbers on both sides of it
    for other in [7.0, 7.5] {
        let moved = psi(&[7.25; 100], &[other; 100], 10).expect("computed");
        assert!(moved.value > 5.0 && moved.bins == 2, "{moved:?}");
    }
    let infinite = [f64::INFINITY, f64::NEG_INFINITY, 0.0];
    assert_eq!(psi(&infinite, &infinite, 10).expect("computed").value, 0.0);
    for bad in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        let mut adwin = Adwin::new();
        let mut page_hinkley = PageHinkley::new();
        for _ in 0..40 {
            adwin.update(1.0).expect("a number");
            page_hinkley.update(1.0).expect("a number");
        }
        let before = (adwin.clone(), page_hinkley.clone());
        assert!(matches!(adwin.update(bad), Err(Error::Value { place: 40, .. })));
        assert!(matches!(page_hinkley.update(bad), Err(Error::Value { place: 40, .. })));
        assert_eq!((adwin, page_hinkley), before);
    }
    for adwin in [
        Adwin::new().delta(0.0),
        Adwin::new().delta(f64::NAN),
        Adwin::new().clock(0),
        Adwin::new().max_buckets(1),
        Adwin::new().max_buckets(usize::MAX),
        Adwin::new().min_window_length(0),
    ] {
        assert!(matches!(adwin.clone().update(1.0), Err(Error::Parameter { .. })), "{adwin:?}");
    }
    for test in [
        PageHinkley::new().threshold(f64::NAN),
        PageHinkley::new().threshold(-1.0),
        PageHinkley::new().delta(f64::INFINITY),
        PageHinkley::new().alpha(0.0),
    ] {
        assert!(matches!(test.clone().update(1.0), Err(Error::Parameter { .. })), "{test:?}");
    }
    let mut adwin = Adwin::new().clock(1);
    for number in [f64::MAX, -f64::MAX, 1e308, f64::MIN_POSITIVE].repeat(500) {
        adwin.update(number).expect("a number");
    }
}

fn table(columns: &[(&str, Vec<f64>)]) -> Dataset {
    let rows = columns.first().map_or(0, |column| column.1.len());
    let cells =
        ndarray::Array2::from_shape_fn((rows, columns.len()), |(row, at)| columns[at].1[row]);
    let names = columns.iter().map(|column| column.0.to_owned()).collect();
    let target = vec![0_i64; rows].into();
    Dataset::new(cells, target, names, "y").expect("a table")
}

#[test]
fn drift_is_told_from_chance_and_from_trifles() {
    let mut noise = Uniform(5);
    let mut column = |rows: usize, scale: f64, shift: f64| -> Vec<f64> {
        (0..rows).map(|_| shift + scale * noise.next()).collect()
    };
    let before = table(&[
        ("same", column(4_000, 1.0, 0.0)),
        ("nearly", column(4_000, 1.0, 0.0)),
        ("moved", column(4_000, 1.0, 0.0)),
    ]);
    let now = table(&[
        ("same", column(3_000, 1.0, 0.0)),
        ("nearly", column(3_000, 1.0, 0.05)),
        ("moved", column(3_000, 1.0, 0.4)),
    ]);
    let found = drift(&before, &now).expect("compared");
    let verdicts: Vec<Verdict> = found.columns().iter().map(|column| column.verdict).collect();
    assert_eq!(verdicts, [Verdict::Steady, Verdict::Moved, Verdict::Drifted], "{found}");
    assert!(found.to_string().starts_with("1 of 3 columns drifted; 4000 rows then, 3000 now\n"));
    // eight rows say nothing, wherever they lie
    let eight = now.select(&[0, 1, 2, 3, 4, 5, 6, 7]).expect("rows");
    let found = drift(&before, &eight).expect("compared");
    assert!(found.columns().iter().all(|column| column.verdict == Verdict::TooFewRows));
    assert_eq!(found.drifted().count(), 0);
    assert!(found.to_string().starts_with("too few rows for a verdict; 4000 rows then, 8 now\n"));
    let refused = |params: DriftParams| params.drift(&before, &now).expect_err("refused");
    for params in [
        DriftParams::new().alpha(0.0),
        DriftParams::new().alpha(f64::NAN),
        DriftParams::new().psi_limit(-1.0),
        DriftParams::new().psi_limit(f64::NAN),
        DriftParams::new().bins(1),
    ] {
        assert!(matches!(refused(params), Error::Parameter { .. }));
    }
    let other = table(&[("same", vec![1.0]), ("moved", vec![1.0]), ("nearly", vec![1.0])]);
    let error = drift(&before, &other).expect_err("refused").to_string();
    assert!(error.starts_with("column 1 is \"moved\" where the other table has \"nearly\""));
    assert!(matches!(drift(&before, &[[1.0]]), Err(Error::Length { .. })));
    assert!(matches!(drift(&before, &now.select(&[]).expect("none")), Err(Error::Empty { .. })));
}

/// Of columns that did not change, fewer are said to have moved than `alpha` allows.
#[test]
fn few_false_alarms_are_raised() {
    let mut noise = Uniform(11);
    let (mut moved, mut drifted) = (0, 0);
    for case in 0..1_000 {
        let kind = case % 3;
        let mut sample = |rows: usize| -> Vec<f64> {
            let number = |_| match (kind, noise.next()) {
                (0, share) => share,
                (1, share) => (share * 6.0).floor(),
                (_, share) => (share - 0.9).max(0.0),
            };
            (0..rows).map(number).collect()
        };
        let (before, now) = (sample(1_000), sample([30, 60, 200, 1_000][case % 4]));
        let found = drift_of_scores(&before, &now).expect("compared");
        moved += usize::from(found.verdict == Verdict::Moved);
        drifted += usize::from(found.verdict == Verdict::Drifted);
    }
    assert!(moved + drifted <= 20, "{moved} {drifted}");
}

#[test]
fn a_challenger_is_promoted_only_when_it_is_better() {
    let mail = mail_2002();
    let params = DecisionTreeClassifier::params().max_depth(5).min_samples_leaf(5);
    let champion = params.fit(&spambase()).expect("fitted");
    let known = mail.before("2002-09-01".parse().expect("a day"));
    let retraining = Retraining::new(300).positive("spam");
    let fit = |rows: &Dataset| params.fit(rows);
    let found = retraining.run(&champion, known.data(), fit).expect("trained");
    assert!(found.promoted(), "{found}");
    let all = known.rows();
    assert_eq!((found.trained_on(), found.judged_on()), (0..all - 300, all - 300..all));
    let (positives, others) =
        (found.on_positives().expect("spam"), found.on_others().expect("ham"));
    assert_eq!(positives.rows() + others.rows(), 300);
    assert_eq!(found.clone().into_promoted().as_ref(), Some(found.challenger()));
    // a window of the latest rows, of which there are fewer than asked for
    for (window, trained_on) in [(500, all - 800..all - 300), (usize::MAX, 0..all - 300)] {
        let found = retraining.clone().window(window).run(&champion, known.data(), fit);
        assert_eq!(found.expect("trained").trained_on(), trained_on);
    }
    // the same model again is no better, and 29 rows are too few
    let again = retrain(found.challenger(), known.data(), 300, fit).expect("trained");
    assert_eq!(again.decision(), Decision::NotBetter);
    assert_eq!(again.into_promoted(), None);
    let few = retrain(&champion, known.data(), 29, fit).expect("trained");
    assert_eq!(few.decision(), Decision::TooFewRows);
    // what cannot be tried
    for newest in [0, all, usize::MAX] {
        assert!(matches!(retrain(&champion, known.data(), newest, fit), Err(Error::Rows { .. })));
    }
    let none = retraining.clone().window(0).run(&champion, known.data(), fit);
    assert!(matches!(none, Err(Error::Parameter { name: "window", .. })));
    let none = retraining.alpha(1.0).run(&champion, known.data(), fit);
    assert!(matches!(none, Err(Error::Parameter { name: "alpha", .. })));
    let failed =
        retrain(&champion, known.data(), 300, |_| params.clone().max_depth(0).fit(&spambase()));
    assert!(matches!(failed, Err(Error::Model(_))));
}

/// Says what it is told.
#[derive(Debug, Clone, PartialEq)]
struct Said(Labels);

impl Model for Said {
    fn name(&self) -> &'static str {
        "Said"
    }

    fn n_features(&self) -> usize {
        1
    }

    fn abilities(&self) -> model::Abilities<'_> {
        model::Abilities::new().classifier(self)
    }
}

impl Classifier for Said {
    fn classes(&self) -> &Labels {
        &self.0
    }

    fn predict(&self, _: picklebook::data::Features<'_>) -> Result<Labels, model::Error> {
        Ok(self.0.clone())
    }
}

#[test]
fn more_right_rows_do_not_outweigh_the_class_that_matters() {
    // 100 rows to judge by, of which the first are spam
    let labels = |said: &dyn Fn(usize) -> bool| -> Labels {
        (0..100)
            .map(|row| if said(row) { "spam" } else { "ham" }.to_owned())
            .collect::<Vec<_>>()
            .into()
    };
    let data = |spam: usize| -> Dataset {
        let target = Labels::from(["ham"]).concat(&labels(&|row| row < spam)).expect("of one type");
        let zeros = ndarray::Array2::zeros((101, 1));
        Dataset::new(zeros, target, vec!["x".into()], "class").expect("a table")
    };
    let decide = |spam: usize,
                  old: &dyn Fn(usize) -> bool,
                  new: &dyn Fn(usize) -> bool,
                  positive: bool| {
        let retraining = Retraining::new(100).min_rows(20);
        let retraining = if positive { retraining.positive("spam") } else { retraining };
        let new = Said(labels(new));
        retraining.run(&Said(labels(old)), &data(spam), |_| Ok(new)).expect("compared").decision()
    };
    // 40 false alarms fewer of 80, and 11 spam fewer found of 20
    let (old, new) = (|row: usize| row < 60, |row: usize| row < 9);
    assert_eq!(decide(20, &old, &new, false), Decision::Promoted);
    assert_eq!(decide(20, &old, &new, true), Decision::FindsLess);
    // 15 more found of 80, and 5 false alarms more of 20
    let (old, new) = (|row: usize| row < 60, |row: usize| !(75..95).contains(&row));
    assert_eq!(decide(80, &old, &new, false), Decision::Promoted);
    assert_eq!(decide(80, &old, &new, true), Decision::MoreFalseAlarms);
    // a champion that calls all spam finds all of it, and loses
    let (old, new) = (|_: usize| true, |row: usize| row < 18);
    assert_eq!(decide(20, &old, &new, true), Decision::Promoted);
    let (old, new) = (|row: usize| row < 22, |row: usize| row < 20);
    assert_eq!(decide(20, &old, &new, true), Decision::ByChance);
    // 19 of a class are too few to say
    assert_eq!(decide(19, &|_| true, &|row| row < 19, true), Decision::TooFewRows);
    assert_eq!(decide(81, &|_| false, &|row| row < 81, true), Decision::TooFewRows);
    assert_eq!(decide(19, &|_| true, &|row| row < 19, false), Decision::Promoted);
    let data = data(20);
    let numbers = Said(vec![1_i64; 100].into());
    let other = retrain(&numbers, &data, 100, |_| Ok(numbers.clone()));
    assert!(matches!(other, Err(Error::Kind { .. })));
}

/// The mail of 2002 as the filters of 1999 see it: what the documentation says of it.
#[test]
fn accuracy_alone_misleads_in_october() {
    let mail = mail_2002();
    let filter = DecisionTreeClassifier::params().max_depth(5).min_samples_leaf(5);
    let filter = filter.fit(&spambase()).expect("fitted");
    let said = filter.predict(&mail).expect("predicted");
    let history = History::of_dates(mail.target(), &said, "spam", mail.dates(), Period::Month)
        .expect("counted");
    let october = history.window("2002-10").expect("there was mail");
    assert_eq!((history.windows().len(), october.positives()), (7, 6));
    let limits = Limits::new().accuracy(0.9).recall(0.9);
    let alarms = history.alarms(&limits).expect("compared");
    // six spam are too few to say anything of what is found of it
    let of_october = |alarm: &&picklebook::monitor::Alarm| alarm.window == "2002-10";
    let measures: Vec<_> = alarms.alarms().iter().filter(of_october).map(|it| it.measure).collect();
    assert!(!measures.contains(&picklebook::monitor::Measure::Recall), "{alarms}");
    assert!(alarms.too_few_rows() > 0 && !alarms.alarms().is_empty(), "{alarms}");
    println!("{history}\n{alarms}");
}

/// What a filter of 1999 meets in 2002, month by month: its rows and its scores have drifted before any
/// class is known, and filters that are trained anew as classes come in are better.
#[test]
fn the_filter_of_1999_meets_the_mail_of_2002() {
    let (before, mail) = (spambase(), mail_2002());
    let params = DecisionTreeClassifier::params().max_depth(5).min_samples_leaf(5);
    let filter = params.fit(&before).expect("fitted");
    let scores = |rows: &Dataset| filter.predict_proba(rows).expect("scores").column(1).to_vec();
    let first = |month: i64| {
        Date::new(2002 + month / 13, (month - 1) % 12 + 1, 1).expect("the first of a month")
    };
    let mut champion = filter.clone();
    let (mut drifted, mut decisions) = (Vec::new(), Vec::new());
    for month in 6..=12 {
        let rows = mail.between(first(month), first(month + 1));
        let columns = drift(&before, &rows).expect("compared");
        let of_scores = drift_of_scores(&scores(&before), &scores(rows.data())).expect("compared");
        drifted.push((columns.drifted().count(), of_scores.verdict));
        println!(
            "{}: {}; {of_scores}",
            first(month),
            columns.to_string().lines().next().expect("a line")
        );
        for column in columns.to_string().lines().skip(1).take(7).filter(|_| month == 8) {
            println!("    {column}");
        }
        let known = mail.before(first(month + 1));
        let newest = rows.rows() / 2;
        let retraining = Retraining::new(newest).positive("spam");
        let retrained = retraining.run(&champion, known.data(), |rows| params.fit(rows));
        let retrained = retrained.expect("trained");
        println!("    {}", retrained.to_string().replace('\n', "\n    "));
        decisions.push(retrained.decision());
        champion = retrained.into_promoted().unwrap_or(champion);
    }
    let said = filter.predict(&mail).expect("predicted");
    let mut adwin = Adwin::new();
    let mut changes = Vec::new();
    for (row, (truth, said)) in mail.target().iter().zip(said.iter()).enumerate() {
        if adwin.update(f64::from(u8::from(truth != said))).expect("an error") {
            changes.push(mail.dates()[row].to_string());
        }
    }
    println!("ADWIN: {changes:?}; {decisions:?}");
    // by the score of 43 or 84 rows nothing can be said
    let verdicts: Vec<Verdict> = drifted.iter().map(|(_, verdict)| *verdict).collect();
    let (drift, moved, steady) = (Verdict::Drifted, Verdict::Moved, Verdict::Steady);
    assert_eq!(verdicts, [drift, moved, drift, drift, drift, steady, steady]);
    let columns: Vec<usize> = drifted.iter().map(|(columns, _)| *columns).collect();
    assert_eq!(columns, [23, 17, 16, 15, 20, 7, 18]);
    assert_eq!(changes, ["2002-08-09", "2002-08-26", "2002-10-01"]);
    // in June there is too little ham to judge by, and too little spam from October on
    let too_few = Decision::TooFewRows;
    assert_eq!([decisions[0], decisions[4], decisions[5], decisions[6]], [too_few; 4]);
    assert_eq!(decisions[1], Decision::Promoted);
}

proptest! {
    #[test]
    fn intervals_hold_their_share(hits in 0_usize..1_000_000, more in 0_usize..1_000_000, c in 0.01..0.9999) {
        let rate = Rate::new(hits, hits + more);
        let interval = rate.wilson(c).expect("an interval");
        prop_assert!(0.0 <= interval.low && interval.low <= interval.high && interval.high <= 1.0);
        if let Some(share) = rate.share() {
            prop_assert!(interval.low <= share && share <= interval.high);
        }
    }

    #[test]
    fn probabilities_are_probabilities(
        first in prop::collection::vec(any::<f64>(), 1..60),
        second in prop::collection::vec(any::<f64>(), 1..60),
        bins in 2_usize..40,
    ) {
        let found = psi(&first, &second, bins).expect("computed");
        prop_assert!(found.value >= 0.0 && (0.0..=1.0).contains(&found.p_value), "{:?}", found);
        let back = ks_2samp(&first, &second);
        match first.iter().chain(&second).any(|number| number.is_nan()) {
            true => prop_assert!(back.is_err()),
            false => {
                let (there, back) = (back.expect("tested"), ks_2samp(&second, &first).expect("tested"));
                prop_assert_eq!(there.statistic, back.statistic);
                prop_assert!((there.p_value - back.p_value).abs() < 1e-12);
                prop_assert!((0.0..=1.0).contains(&there.p_value) && there.sign * back.sign != 0);
            }
        }
    }

    #[test]
    fn mcnemar_is_of_any_counts(first in any::<usize>(), second in any::<usize>()) {
        for (first, second) in [(first, second), (first % 1_000_000, second % 1_000_000)] {
            let test = McNemar::new(first, second);
            let back = McNemar::new(second, first);
            prop_assert!((0.0..=1.0).contains(&test.exact()) && test.exact() == back.exact());
            prop_assert!((0.0..=1.0).contains(&test.chi_squared(true).1));
        }
    }
}
