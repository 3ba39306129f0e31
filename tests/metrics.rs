//! Metrics against scikit-learn's on the same predictions.

mod support;

use std::process::Command;

use picklebook::data::Labels;
use picklebook::metrics::{
    ClassificationReport, Error, Scores, accuracy, classification_report, confusion_matrix,
};
use serde::Deserialize;

#[derive(Deserialize)]
struct Reference {
    truth: Labels,
    predicted: Labels,
    digits: usize,
    accuracy: f64,
    classes: Vec<String>,
    matrix: Vec<Vec<usize>>,
    scores: Vec<(f64, f64, f64, usize)>,
    macro_avg: (f64, f64, f64),
    weighted_avg: (f64, f64, f64),
    report: String,
}

const REFERENCE: &str = r#"
import json, random, sys
import numpy as np
from sklearn.metrics import (accuracy_score, classification_report, confusion_matrix,
                             precision_recall_fscore_support)

random.seed(11)
words = ["B", "L", "R", "été", "日本", "a longer class name than most", "B ", "", "Z", "ß", "😀"]
kinds = [
    lambda n: random.sample(words, min(n, len(words))),
    lambda n: [True, False][:n],
    lambda n: random.sample(range(-9, 10), min(n, 19)),
    lambda n: random.sample(range(-10**9, 10**9), n),
    lambda n: [float(x) for x in random.sample(range(-9, 10), min(n, 19))],
    lambda n: random.sample([0.0, 1e15, 1e16, -3e18], min(n, 4)),
]
out = []
for case in range(400):
    classes = random.choice([1, 2, 2, 3, 3, 5, 8, 9, 17, 140, 400])
    kind = random.choice(kinds)
    labels = kind(classes)
    rows = random.choice([1, 2, 5, 8, 30, 200, 1000])
    weights = [random.random() ** 2 + 0.01 for _ in labels]
    truth = random.choices(labels, weights, k=rows)
    # Predictions: often right, sometimes of only some of the classes, or of others.
    some = labels[: random.randrange(1, len(labels) + 1)]
    predicted = [t if random.random() < 0.6 else random.choice(some) for t in truth]
    if case % 3 == 0:
        predicted = random.choices(some, k=rows)
    t, p = np.array(truth), np.array(predicted)
    digits = random.choice([2, 2, 0, 1, 3, 4, 6, 15, 30])
    score = lambda average: precision_recall_fscore_support(t, p, average=average, zero_division=0)
    out.append(dict(
        truth=truth, predicted=predicted, digits=digits, accuracy=accuracy_score(t, p),
        classes=["%s" % label for label in np.unique(np.concatenate([t, p]))],
        matrix=confusion_matrix(t, p).tolist(),
        scores=[[float(a), float(b), float(c), int(d)] for a, b, c, d in zip(*score(None))],
        macro_avg=score("macro")[:3], weighted_avg=score("weighted")[:3],
        report=classification_report(t, p, digits=digits, zero_division=0)))
json.dump(out, sys.stdout)
"#;

fn triple(scores: Scores) -> (f64, f64, f64) {
    (scores.precision, scores.recall, scores.f1_score)
}

#[test]
fn figures_and_report_are_those_of_scikit_learn() {
    let output = Command::new(support::python())
        .args(["-X", "utf8", "-W", "ignore", "-c", REFERENCE])
        .output()
        .expect("python");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let cases: Vec<Reference> = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(cases.len(), 400);
    for case in cases {
        let (truth, predicted) = (&case.truth, &case.predicted);
        assert_eq!(accuracy(truth, predicted).expect("compared"), case.accuracy);
        let matrix = confusion_matrix(truth, predicted).expect("compared");
        let names: Vec<String> = matrix.classes().iter().map(|class| class.to_string()).collect();
        assert_eq!(names, case.classes);
        let counts: Vec<Vec<usize>> =
            matrix.counts().rows().into_iter().map(|row| row.to_vec()).collect();
        assert_eq!(counts, case.matrix);
        assert_eq!((matrix.accuracy(), matrix.total()), (case.accuracy, truth.len()));
        let report: ClassificationReport =
            classification_report(truth, predicted).expect("compared").with_digits(case.digits);
        let scores: Vec<_> = report
            .scores()
            .iter()
            .map(|s| (s.precision, s.recall, s.f1_score, s.support))
            .collect();
        assert_eq!(scores, case.scores);
        assert_eq!(triple(report.macro_avg()), case.macro_avg);
        assert_eq!(triple(report.weighted_avg()), case.weighted_avg);
        assert_eq!(report.accuracy(), case.accuracy);
        assert_eq!(report.to_string(), case.report);
    }
}

#[test]
fn what_cannot_be_compared_is_refused() {
    let refused = |truth: Labels, predicted: Labels| {
        let first = accuracy(&truth, &predicted).expect_err("refused").to_string();
        let second = confusion_matrix(&truth, &predicted).expect_err("refused").to_string();
        let third = classification_report(&truth, &predicted).expect_err("refused").to_string();
        assert_eq!((&first, &first), (&second, &third));
        first
    };
    assert!(
        refused(vec![1].into(), vec![1, 2].into()).starts_with("1 true values and 2 predicted")
    );
    assert!(refused(vec![1].into(), Vec::<i64>::new().into()).starts_with("1 true values and 0"));
    let nothing = Vec::<String>::new();
    assert!(
        refused(nothing.clone().into(), nothing.into()).starts_with("there is nothing to compare")
    );
    assert!(
        refused(["1"].into(), vec![1].into()).starts_with("the truth holds text, the predictions")
    );
    assert!(refused(vec![true].into(), vec![1].into()).starts_with("the truth holds booleans"));
    for bad in [0.5, 1e22, f64::NAN, f64::INFINITY] {
        assert!(
            refused(vec![1.0, bad].into(), vec![1.0, 1.0].into())
                .contains("in row 1 is not a class")
        );
        assert!(
            refused(vec![1.0, 1.0].into(), vec![1.0, bad].into())
                .contains("in row 1 is not a class")
        );
    }
}

#[test]
fn huge_classes_and_digits_stay_within_memory_and_print() {
    let many: Labels = (0..100_000).collect::<Vec<i64>>().into();
    assert!(matches!(confusion_matrix(&many, &many), Err(Error::TooManyClasses { .. })));
    assert_eq!(classification_report(&many, &many).expect("compared").macro_avg().f1_score, 1.0);
    let long: Labels = vec!["w".repeat(100_000)].into();
    let report = classification_report(&long, &long).expect("compared").with_digits(usize::MAX);
    assert!(report.to_string().lines().all(|line| line.is_empty() || line.len() > 100_000));
    assert!(confusion_matrix(&long, &long).expect("compared").to_string().len() < 100);
}
