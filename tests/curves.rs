//! ROC and precision-recall curves against scikit-learn's on the same scores.

mod support;

use std::process::Command;

use picklebook::data::{Label, Labels};
use picklebook::metrics::{Error, average_precision, precision_recall_curve, roc_auc, roc_curve};
use serde::Deserialize;

#[derive(Deserialize)]
struct Reference {
    truth: Labels,
    scores: Vec<f64>,
    positive: Label,
    /// False and true positive rates, thresholds but for the first, which is infinite.
    roc: (Vec<f64>, Vec<f64>, Vec<f64>),
    roc_auc: f64,
    precision_recall: (Vec<f64>, Vec<f64>, Vec<f64>),
    average_precision: f64,
}

const REFERENCE: &str = r#"
import json, random, sys
import numpy as np
from sklearn.metrics import (average_precision_score, precision_recall_curve, roc_auc_score,
                             roc_curve)

random.seed(5)
kinds = [["B", "L", "R"], ["no", "yes"], [0, 1], [-3, 0, 7, 9], [False, True], [1.0, 2.0, 5.0]]
# Scores with many ties, as a tree gives them; with few; tiny, huge, negative.
scorings = [
    lambda hit: random.choice([0.0, 0.25, 1 / 3, 0.5, 0.9, 1.0]),
    lambda hit: min(1.0, max(0.0, random.gauss(0.6 if hit else 0.4, 0.2))),
    lambda hit: round(random.gauss(1.0 if hit else 0.0, 1.0), 1),
    lambda hit: random.random() * 10.0 ** random.choice([-300, -5, 0, 5, 300]),
    lambda hit: float(hit),
    lambda hit: 0.5,
]
out = []
while len(out) < 600:
    labels = random.choice(kinds)
    rows = random.choice([2, 3, 5, 9, 30, 129, 400, 3000])
    weights = [random.random() ** 2 + 0.05 for _ in labels]
    truth = random.choices(labels, weights, k=rows)
    positive = random.choice(labels)
    hits = np.array([label == positive for label in truth])
    if hits.all() or not hits.any():
        continue
    scoring = random.choice(scorings)
    scores = np.array([scoring(hit) for hit in hits])
    t = np.array(truth)
    fpr, tpr, thresholds = roc_curve(t, scores, pos_label=positive)
    precision, recall, limits = precision_recall_curve(t, scores, pos_label=positive)
    lists = lambda *arrays: [array.tolist() for array in arrays]
    out.append(dict(
        truth=truth, scores=scores.tolist(), positive=positive,
        roc=lists(fpr, tpr, thresholds[1:]), roc_auc=roc_auc_score(hits, scores),
        precision_recall=lists(precision, recall, limits),
        average_precision=average_precision_score(hits, scores)))
json.dump(out, sys.stdout)
"#;

#[test]
fn curves_are_those_of_scikit_learn_to_the_last_bit() {
    let output = Command::new(support::python())
        .args(["-X", "utf8", "-W", "ignore", "-c", REFERENCE])
        .output()
        .expect("python");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let cases: Vec<Reference> = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(cases.len(), 600);
    for case in cases {
        let (truth, scores, positive) = (&case.truth, &case.scores, &case.positive);
        let curve = roc_curve(truth, scores, positive).expect("compared");
        assert_eq!(curve.thresholds().first(), Some(&f64::INFINITY));
        assert_eq!(curve.fpr(), case.roc.0);
        assert_eq!(curve.tpr(), case.roc.1);
        assert_eq!(&curve.thresholds()[1..], case.roc.2);
        assert_eq!(curve.auc(), case.roc_auc);
        assert_eq!(roc_auc(truth, scores, positive).expect("compared"), case.roc_auc);
        let curve = precision_recall_curve(truth, scores, positive).expect("compared");
        assert_eq!(curve.precision(), case.precision_recall.0);
        assert_eq!(curve.recall(), case.precision_recall.1);
        assert_eq!(curve.thresholds(), case.precision_recall.2);
        assert_eq!(curve.average_precision(), case.average_precision);
        let average = average_precision(truth, scores, positive).expect("compared");
        assert_eq!(average, case.average_precision);
    }
}

#[test]
fn what_has_no_curve_is_refused() {
    let truth = Labels::from(["a", "b", "a"]);
    let refused = |truth: &Labels, scores: &[f64], positive: &str| {
        let positive = positive.into();
        let roc = roc_curve(truth, scores, &positive).expect_err("refused").to_string();
        let other =
            precision_recall_curve(truth, scores, &positive).expect_err("refused").to_string();
        assert_eq!(roc, other);
        roc
    };
    assert_eq!(
        refused(&truth, &[0.5], "a"),
        "3 true labels and 1 scores: give one score for each row"
    );
    assert_eq!(
        refused(&truth, &[0.5, 0.5, 0.5], "c"),
        "no row is of class c; the classes of the truth are: a, b"
    );
    for bad in [f64::NAN, f64::INFINITY] {
        assert!(refused(&truth, &[0.5, bad, 0.5], "a").starts_with("the score of row 1 is "));
    }
    assert!(
        refused(&Vec::<String>::new().into(), &[], "a").starts_with("there is nothing to compare")
    );
    let one = Labels::from(["a", "a"]);
    assert!(matches!(roc_curve(&one, &[0.1, 0.2], &"a".into()), Err(Error::OneClass { .. })));
    // Without other rows, whatever is found is right.
    assert_eq!(average_precision(&one, &[0.1, 0.2], &"a".into()).expect("compared"), 1.0);
}
