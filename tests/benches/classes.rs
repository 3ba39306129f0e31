//! Predictions of scikit-learn's models that are no trees, beside scikit-learn itself:
//! `cargo bench --bench classes [-- MODEL…]`, which prints the tables of `README.md`.
//!
//! `classes.py` fits the models, which are kept in `target/classes`, and measures scikit-learn;
//! `PICKLEBOOK_TEST_PYTHON` names a Python that has it, with pandas. Both take turns; the figures are
//! medians, of the processor's time where all rows are asked.

#[path = "../support/conversation.rs"]
mod conversation;
#[path = "../support/mod.rs"]
mod support;
#[path = "../support/turns.rs"]
mod turns;

use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

use conversation::Conversation;
use ndarray::{Array2, s};
use picklebook::data::{Column, Frame};
use picklebook::model::{Answer, Method};
use picklebook::sklearn::{self, Estimator};
use serde_json::{Value, json};
use turns::{floats, median, on_processor, shown};

const TURNS: usize = 7;
const MODELS: [&str; 10] = [
    "tfidf_logistic",
    "tfidf_bayes",
    "svc",
    "svc_linear",
    "knn_brute_30",
    "knn_brute_10",
    "knn_kd_tree",
    "knn_ball_tree",
    "scaler",
    "columns",
];

/// How many single rows each is asked in a turn; scikit-learn takes up to milliseconds for one.
const ROWS_A_TURN: usize = 1000;
const ROWS_A_TURN_OF_SCIKIT_LEARN: usize = 30;

/// The rows, as a program has them.
enum Rows {
    Numbers(Array2<f64>),
    Table(Frame),
}

impl Rows {
    fn of(folder: &Path, name: &str) -> Rows {
        let Ok(text) = fs::read_to_string(folder.join(format!("{name}.json"))) else {
            let numbers = floats(folder.join(format!("{name}.rows")));
            let shape = (10_000, numbers.len() / 10_000);
            return Rows::Numbers(Array2::from_shape_vec(shape, numbers).expect("a table"));
        };
        let columns: Vec<(String, Vec<Value>)> = serde_json::from_str(&text).expect("columns");
        let columns = columns.into_iter().map(|(name, cells)| {
            let column = match cells.first() {
                Some(Value::Number(_)) => {
                    let numbers = cells.iter().map(|cell| cell.as_f64().expect("a number"));
                    Column::Numbers(numbers.collect())
                }
                _ => {
                    let words = cells.iter().map(|cell| cell.as_str().map(str::to_owned));
                    Column::Words(words.collect())
                }
            };
            (name, column)
        });
        Rows::Table(Frame::named(columns).expect("columns of one length"))
    }
}

/// What scikit-learn was asked too: the decisions of support vector machines, probabilities else.
fn ask(name: &str, model: &Estimator, rows: &Rows) -> Array2<f64> {
    match rows {
        Rows::Table(table) => match model.ask(table, Method::PredictProba) {
            Ok(Answer::Numbers(numbers)) => numbers,
            other => panic!("{name}: {other:?}"),
        },
        Rows::Numbers(numbers) => ask_numbers(name, model, numbers.view()),
    }
}

fn ask_numbers(name: &str, model: &Estimator, rows: ndarray::ArrayView2<'_, f64>) -> Array2<f64> {
    let decisions = model.as_model().abilities().decision_function;
    match decisions.filter(|_| name.starts_with("svc")) {
        Some(model) => model.decision_function(rows.into()).expect("asked"),
        None => model.predict_proba(rows).expect("asked"),
    }
}

/// Whether the answers are those of scikit-learn.
fn check(name: &str, answers: &Array2<f64>, expected: &[f64]) {
    assert_eq!(answers.len(), expected.len(), "{name}");
    for (own, expected) in answers.iter().zip(expected) {
        let most = 1e-12 * expected.abs().max(1.0);
        assert!((own - expected).abs() <= most, "{name}: {own}, not {expected}");
    }
}

/// The times of some rows, each asked alone.
fn alone(name: &str, model: &Estimator, rows: &Rows, from: usize, to: usize) -> Vec<f64> {
    let time = |work: &mut dyn FnMut()| {
        let clock = Instant::now();
        work();
        clock.elapsed().as_secs_f64()
    };
    let each = (from..to).map(|row| match rows {
        Rows::Table(table) => {
            let row = Rows::Table(table.slice(row..row + 1).expect("it is there"));
            time(&mut || drop(black_box(ask(name, model, black_box(&row)))))
        }
        Rows::Numbers(numbers) => {
            let row = numbers.slice(s![row..=row, ..]);
            time(&mut || drop(black_box(ask_numbers(name, model, black_box(row)))))
        }
    });
    each.collect()
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|it| !it.starts_with('-')).collect();
    let folder = support::root().join("target/classes");
    let mut reference =
        Conversation::start(&support::python(), "benches/classes.py").expect("Python");
    let mut request = |request: Value| -> Value { reference.ask(&request).expect("an answer") };
    request(json!(["folder", folder]));
    if MODELS.iter().any(|name| !folder.join(format!("{name}.pkl")).exists()) {
        request(json!(["fit"]));
    }
    println!("scikit-learn {}\n", request(json!(["version"])).as_str().unwrap_or_default());
    println!("| model | scikit-learn, rows/s | picklebook | ratio | one row, µs | picklebook |");
    println!("| --- | ---: | ---: | ---: | ---: | ---: |");
    for name in MODELS {
        if !words.is_empty() && !words.iter().any(|word| word == name) {
            continue;
        }
        request(json!(["open", name]));
        let model = sklearn::open(folder.join(format!("{name}.pkl"))).expect("a model");
        let rows = Rows::of(&folder, name);
        check(name, &ask(name, &model, &rows), &floats(folder.join(format!("{name}.answers"))));
        let (mut theirs, mut ours) = (Vec::new(), Vec::new());
        let (mut theirs_alone, mut ours_alone) = (Vec::new(), Vec::new());
        for turn in 0..TURNS {
            theirs.push(request(json!(["all"])).as_f64().expect("seconds"));
            ours.push(on_processor(|| ask(name, &model, &rows)));
            let from = turn * ROWS_A_TURN;
            let times = request(json!(["one", from, from + ROWS_A_TURN_OF_SCIKIT_LEARN]));
            theirs_alone.extend(serde_json::from_value::<Vec<f64>>(times).expect("seconds"));
            ours_alone.extend(alone(name, &model, &rows, from, from + ROWS_A_TURN));
        }
        let (theirs, ours) = (median(&theirs), median(&ours));
        let ratio = theirs.zip(ours).map(|(theirs, ours)| theirs / ours);
        let rate = |seconds: Option<f64>| shown(seconds.map(|seconds| 10_000.0 / seconds));
        let alone = |times: &[f64]| shown(median(times).map(|seconds| seconds * 1e6));
        let cells =
            [rate(theirs), rate(ours), shown(ratio), alone(&theirs_alone), alone(&ours_alone)];
        println!("| {name} | {} |", cells.join(" | "));
    }
}
