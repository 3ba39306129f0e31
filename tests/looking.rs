//! What is said of the columns of a table is what pandas says.

#[path = "support/random.rs"]
mod random;
mod support;

use std::process::Command;

use picklebook::data::{
    Column, CorrelationMethod, Correlations, Dataset, FeatureBlock, FeatureFile, Fill, Frame,
    Labels, SparseRows, Summary,
};
use picklebook::tree::DecisionTreeClassifier;
use picklebook::{AnyModel, pickle};
use serde_json::{Value, json};

const PYTHON: &str = r#"
import json, math, sys, warnings
import numpy as np, pandas as pd
warnings.simplefilter("ignore")
np.seterr(all="ignore")

def number(x):
    return repr(float(x))

def cells(column):
    if pd.api.types.is_numeric_dtype(column.dtype):
        return {"numbers": [number(x) for x in column]}
    return {"words": [None if pd.isna(x) else str(x) for x in column]}

def table(frame):
    return [[str(name), cells(frame[name])] for name in frame.columns]

def counts(series):
    counted = series.value_counts()
    keys = [number(x) if isinstance(x, float) else str(x) for x in counted.index]
    return [keys, [int(n) for n in counted]]

def described(series):
    d = series.describe()
    if "mean" in d.index:
        return [int(d["count"])] + [number(d[it]) for it in ["mean", "std", "min", "25%", "50%", "75%", "max"]]
    top, freq = d["top"], d["freq"]
    return [int(d["count"]), int(d["unique"]), None if pd.isna(top) else str(top), 0 if pd.isna(freq) else int(freq)]

def corr(frame, method):
    # pandas refuses a table without numbers, or makes an empty one
    frame = frame.select_dtypes("number")
    return [] if frame.shape[1] == 0 else [[number(x) for x in row] for row in frame.corr(method=method).to_numpy()]

def filled(frame, value):
    frame = frame.copy()
    for name in frame.columns:
        fill = value(frame[name])
        if fill is not None and not pd.isna(fill):
            frame[name] = frame[name].fillna(fill)
    return frame

def is_number(column):
    return pd.api.types.is_numeric_dtype(column.dtype)

def most(column):
    modes = column.mode()
    return modes.iloc[0] if len(modes) else None

answers = []
for columns in json.load(sys.stdin):
    frame = pd.DataFrame({
        name: pd.Series([float(x) for x in column["numbers"]], dtype=float) if "numbers" in column
        else pd.Series(column["words"], dtype="str") for name, column in columns})
    first = frame.columns[0]
    answers.append({
        "head": table(frame.head(3)),
        "tail": table(frame.tail(3)),
        "described": [described(frame[name]) for name in frame.columns],
        "counts": [counts(frame[name]) for name in frame.columns],
        "missing": [int(n) for n in frame.isna().sum()],
        "dropna": table(frame.dropna()),
        "dropna_in": table(frame.dropna(subset=[first])),
        "mean": table(filled(frame, lambda c: c.mean() if is_number(c) else None)),
        "median": table(filled(frame, lambda c: c.median() if is_number(c) else None)),
        "most": table(filled(frame, most)),
        "number": table(filled(frame, lambda c: 7.5 if is_number(c) else None)),
        "word": table(filled(frame, lambda c: None if is_number(c) else "gone")),
        "drop": table(frame.drop(columns=[first])),
        "rename": table(frame.rename(columns={first: "new name"})),
        "pearson": corr(frame, "pearson"),
        "spearman": corr(frame, "spearman"),
    })
json.dump(answers, sys.stdout)
"#;

/// What pandas says of some tables.
fn ask(tables: &[Frame]) -> Vec<Value> {
    let asked: Vec<Value> = tables.iter().map(cells).collect();
    let asked = serde_json::to_vec(&asked).expect("JSON");
    serde_json::from_slice(&support::python_prints(PYTHON, &asked)).expect("JSON")
}

/// A table as the names and cells of its columns, its numbers as Python prints them.
fn cells(frame: &Frame) -> Value {
    let column = |place: usize| {
        let name = frame.names().map(|names| names[place].clone()).unwrap_or_default();
        let cells = match frame.column(place).expect("it is there") {
            Column::Numbers(numbers) => {
                json!({ "numbers": numbers.iter().map(|it| text(*it)).collect::<Vec<_>>() })
            }
            Column::Words(words) => json!({ "words": words }),
        };
        json!([name, cells])
    };
    (0..frame.shape().1).map(column).collect()
}

fn text(number: f64) -> String {
    if number.is_nan() { "nan".into() } else { format!("{number:?}") }
}

/// The numbers in a table read back, so that `1e16` and `1e+16` are one.
fn normal(value: &Value) -> Value {
    match value {
        Value::String(text) => match text.parse::<f64>() {
            Ok(number) => Value::String(self::text(number)),
            Err(_) => value.clone(),
        },
        Value::Array(items) => items.iter().map(normal).collect(),
        Value::Object(pairs) => {
            Value::Object(pairs.iter().map(|(key, value)| (key.clone(), normal(value))).collect())
        }
        other => other.clone(),
    }
}

fn number(value: &Value) -> f64 {
    value.as_str().and_then(|it| it.parse().ok()).expect("a number as text")
}

/// Whether two numbers are one, but for the last digits.
fn near(one: f64, other: f64) -> bool {
    one == other
        || (one.is_nan() && other.is_nan())
        || (one - other).abs() <= 1e-12 * one.abs().max(other.abs()).max(1e-3)
}

fn described(frame: &Frame) -> Value {
    let column = |summary: &Summary| match summary {
        Summary::Numbers(it) => {
            let figures = [it.mean, it.std, it.min, it.q25, it.median, it.q75, it.max];
            let figures = figures.map(|it| json!(text(it)));
            [vec![json!(it.count)], figures.to_vec()].concat()
        }
        Summary::Words(it) => {
            vec![json!(it.count), json!(it.unique), json!(it.top), json!(it.freq)]
        }
        other => panic!("{other:?}"),
    };
    frame.describe().columns().iter().map(|(_, summary)| json!(column(summary))).collect()
}

fn counts(frame: &Frame) -> Value {
    let column = |place: usize| {
        let counts = frame.value_counts(place).expect("it is there");
        let key = |label: &picklebook::data::Label| label.to_string();
        let keys: Vec<String> = counts.pairs().iter().map(|(label, _)| key(label)).collect();
        json!([keys, counts.counts()])
    };
    (0..frame.shape().1).map(column).collect()
}

fn compare_correlations(found: &Correlations, expected: &Value, what: &str) {
    let rows = expected.as_array().expect("rows");
    assert_eq!(found.matrix().nrows(), rows.len(), "{what}");
    for (row, expected) in found.matrix().rows().into_iter().zip(rows) {
        for (&found, expected) in row.iter().zip(expected.as_array().expect("numbers")) {
            let expected = number(expected);
            assert!(near(found, expected), "{what}: {found} is not {expected}");
        }
    }
}

/// Everything that is said of a table, against what pandas says.
fn compare(frame: &Frame, pandas: &Value) {
    let what = cells(frame).to_string();
    let what = what.chars().take(2_000).collect::<String>();
    let same = |found: Value, key: &str| {
        assert_eq!(normal(&found), normal(&pandas[key]), "{key} of {what}");
    };
    same(cells(&frame.head(3)), "head");
    same(cells(&frame.tail(3)), "tail");
    // The sign of a zero depends in numpy on where it stands.
    let unsigned = |value: &Value| normal(value).to_string().replace("\"-0.0\"", "\"0.0\"");
    assert_eq!(unsigned(&described(frame)), unsigned(&pandas["described"]), "{what}");
    same(counts(frame), "counts");
    let missing = frame.missing_values();
    same(missing.columns().iter().map(|(_, missing)| json!(missing)).collect(), "missing");
    same(cells(&frame.dropna()), "dropna");
    same(cells(&frame.dropna_in([0]).expect("there is one")), "dropna_in");
    same(cells(&frame.fillna(Fill::Mean)), "mean");
    same(cells(&frame.fillna(Fill::Median)), "median");
    same(cells(&frame.fillna(Fill::MostFrequent)), "most");
    same(cells(&frame.fillna(7.5)), "number");
    same(cells(&frame.fillna("gone")), "word");
    same(cells(&frame.drop_columns([0]).expect("there is one")), "drop");
    same(cells(&frame.rename_columns([(0, "new name")]).expect("there is one")), "rename");
    compare_correlations(&frame.corr().expect("few columns"), &pandas["pearson"], &what);
    let spearman = frame.corr_with(CorrelationMethod::Spearman).expect("few columns");
    compare_correlations(&spearman, &pandas["spearman"], &what);
}

fn compare_all(tables: &[Frame]) {
    for (frame, pandas) in tables.iter().zip(ask(tables)) {
        compare(frame, &pandas);
    }
}

/// Random numbers from a seed.
struct Random(Box<dyn FnMut() -> u64>);

impl Random {
    fn new(seed: u64) -> Self {
        Random(Box::new(random::bits(seed)))
    }

    fn next(&mut self, below: u64) -> u64 {
        (self.0() >> 11) % below
    }

    fn share(&mut self) -> f64 {
        (self.0() >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn column(&mut self, rows: usize) -> Column {
        let kind = self.next(7);
        let missing = [0, 0, 10, 50, 100][self.next(5) as usize];
        let is_missing: Vec<bool> = (0..rows).map(|_| self.next(100) < missing).collect();
        let constant = self.share();
        let number = |random: &mut Random| match kind {
            0 => constant,
            1 => random.next(5) as f64 - 2.0,
            2 => (random.share() - 0.5) * 1e-9 + 1.0,
            3 => random.share() * 1e6,
            _ => (random.share() + random.share() + random.share()).powi(3) - 2.0,
        };
        if kind < 5 {
            let cell = |&missing: &bool| if missing { f64::NAN } else { number(self) };
            return Column::Numbers(is_missing.iter().map(cell).collect());
        }
        const WORDS: [&str; 6] =
            ["red", "blue", "", "Ä ö", "0.5", "a longer word; with a comma, too"];
        let words = if kind == 5 { 2 } else { WORDS.len() as u64 };
        let cell = |&missing: &bool| {
            let word = WORDS[self.next(words) as usize];
            (!missing).then(|| word.to_owned())
        };
        Column::Words(is_missing.iter().map(cell).collect())
    }
}

#[test]
fn random_tables_are_as_in_pandas() {
    let mut random = Random::new(41);
    let table = |case: u64| {
        let rows = match case % 5 {
            0 => random.next(4) as usize,
            1 => random.next(20) as usize,
            2 => 300 + random.next(100) as usize,
            _ => random.next(150) as usize,
        };
        let columns = 1 + random.next(6);
        let column = |place: u64| (format!("column {place}"), random.column(rows));
        Frame::named((0..columns).map(column).collect::<Vec<_>>()).expect("columns of one length")
    };
    let tables: Vec<Frame> = (0..150).map(table).collect();
    compare_all(&tables);
}

#[test]
fn hostile_numbers_are_as_in_pandas() {
    const INF: f64 = f64::INFINITY;
    const NAN: f64 = f64::NAN;
    let numbers: [&[f64]; 16] = [
        &[],
        &[5.0],
        &[NAN],
        &[INF],
        &[-INF, INF],
        &[1.0, INF, 2.0, 3.0, 4.0],
        &[INF, INF, INF],
        &[1e308, 1e308, -1e308],
        &[1e308, 1e308, 1e308, 1e308],
        &[f64::MAX, f64::MIN, 0.0],
        &[5e-324, 0.0, -0.0, 5e-324],
        &[0.0, -0.0, 0.0],
        &[1e16, 1e16 + 2.0, 1e16 + 4.0],
        &[NAN, NAN, NAN],
        &[1e-200, 2e-200, 4e-200],
        &[9_007_199_254_740_993.0, 0.5, 0.1],
    ];
    let alone = |numbers: &&[f64]| {
        Frame::named([("n", Column::from(numbers.to_vec()))]).expect("one column")
    };
    let mut tables: Vec<Frame> = numbers.iter().map(alone).collect();
    let pairs: [[f64; 4]; 6] = [
        [1e308, -1e308, 1e308, 5.0],
        [1e-200, 2e-200, 4e-200, 3e-200],
        [INF, 1.0, 2.0, 4.0],
        [NAN, 3.0, 1.0, 2.0],
        [7.0, 7.0, 7.0, 7.0],
        [1.0, 2.0, 3.0, 4.0],
    ];
    let pairs = pairs.into_iter().enumerate().map(|(at, it)| (at.to_string(), Column::from(it)));
    tables.push(Frame::named(pairs).expect("columns of one length"));
    compare_all(&tables);
}

#[test]
fn a_table_without_columns_has_nothing_to_say() {
    let none = Frame::unnamed([]).expect("no columns");
    assert_eq!(none.describe().columns(), []);
    assert_eq!(none.missing_values().total(), 0);
    assert_eq!((none.head(5).shape(), none.tail(5).shape()), ((0, 0), (0, 0)));
    assert_eq!((none.dropna(), none.fillna(0.0)), (none.clone(), none.clone()));
    assert_eq!(none.corr().expect("few").matrix().len(), 0);
    assert!(none.value_counts(0).is_err() && none.to_dataset("k").is_err());
    let rows = Frame::side_by_side(vec![], 3).expect("no columns, three rows");
    assert_eq!((rows.head(2).shape(), rows.dropna().shape()), ((2, 0), (3, 0)));
}

#[test]
fn sparse_rows_are_looked_at_as_their_numbers() {
    let numbers = ndarray::array![[0.0, 5.0, f64::NAN], [6.0, 0.0, 0.0], [0.0, 0.0, 1.0]];
    let names = ["a", "b", "c"].map(str::to_owned).to_vec();
    let dense = Frame::from_numbers(numbers.clone()).with_names(names.clone()).expect("three");
    let sparse = Frame::from(SparseRows::from_dense(&numbers).expect("three columns"));
    let sparse = sparse.with_names(names).expect("three");
    assert_eq!(described(&sparse), described(&dense));
    assert_eq!(sparse.missing_values(), dense.missing_values());
    assert_eq!(cells(&sparse.fillna(Fill::Mean)), cells(&dense.fillna(Fill::Mean)));
    let rows = sparse.dropna();
    assert_eq!((cells(&rows), rows.sparse().is_some()), (cells(&dense.dropna()), true));
    assert_eq!(sparse.take(&[2, 2]).map(|rows| rows.shape()), Some((2, 3)));
    assert_eq!(sparse.take(&[3]), None);
    assert_eq!(sparse.tail(1), sparse.slice(2..3).expect("three rows"));
}

#[test]
fn columns_that_are_not_there_are_named() {
    let columns = [("a", Column::from([1.0])), ("b", Column::from(["x"]))];
    let frame = Frame::named(columns).expect("one row");
    let said = "no column is named \"c\"; the columns are: a, b";
    let errors = [
        frame.value_counts("c").map(|_| ()).expect_err("none"),
        frame.select_columns(["a", "c"]).map(|_| ()).expect_err("none"),
        frame.drop_columns(["c"]).map(|_| ()).expect_err("none"),
        frame.rename_columns([("c", "d")]).map(|_| ()).expect_err("none"),
        frame.dropna_in(["c"]).map(|_| ()).expect_err("none"),
        frame.fillna_in(["c"], 0.0).map(|_| ()).expect_err("none"),
        frame.to_dataset("c").map(|_| ()).expect_err("none"),
    ];
    for error in errors {
        assert_eq!(error.to_string(), said);
    }
    let twice = frame.rename_columns([("a", "b")]).expect_err("b is there");
    assert_eq!(twice.to_string(), "two columns are named \"b\"; rename one");
    let mean = frame.fillna_in(["b"], Fill::Mean).expect_err("words have no mean");
    assert!(mean.to_string().starts_with("column \"b\": it holds words; "), "{mean}");
    // Without names, places are names.
    let frame = Frame::unnamed([Column::from([1.0]), Column::from([2.0])]).expect("one row");
    assert_eq!(
        frame.drop_columns(["0"]).expect("it is there").column(0),
        Some(Column::from([2.0]))
    );
    let renamed = frame.rename_columns([(1, "width")]).expect("it is there");
    assert_eq!(renamed.names(), Some(&["0".to_owned(), "width".to_owned()][..]));
}

#[test]
fn a_table_becomes_a_data_set_and_back() {
    let table = Frame::named([
        ("colour", Column::from(vec![Some("red".to_owned()), None, Some("blue".into())])),
        ("weight", Column::from([1.5, f64::NAN, 3.0])),
        ("kind", Column::from([1.0, 2.0, 1.0])),
    ])
    .expect("three rows");
    let data = table.to_dataset("kind").expect("it has a target");
    assert_eq!(data.target(), &Labels::from(vec![1, 2, 1]));
    assert_eq!(data.feature_names(), ["weight", "colour_blue", "colour_red"]);
    assert_eq!(data.features().row(1).to_vec()[1..], [0.0, 0.0]);
    let encoding = data.schema().encoding().expect("there are words");
    assert_eq!(encoding.columns()[0].categories().map(<[String]>::len), Some(2));
    assert!(data.drop_columns(["weight"]).is_err(), "its features are not its columns");
    let numbers = table.drop_columns(["colour"]).expect("it is there");
    let back = numbers.to_dataset("kind").expect("it has a target").to_frame();
    assert_eq!(cells(&back), cells(&numbers));
    let missing = table.to_dataset("colour").expect_err("a target is missing");
    assert_eq!(
        missing.to_string(),
        "row 1, column \"colour\": the target is missing; leave such rows out with `dropna_in`"
    );
    let infinite = Frame::named([("x", Column::from([1.0])), ("k", Column::from([f64::INFINITY]))]);
    assert!(infinite.expect("one row").to_dataset("k").is_err());
    let only = numbers.select_columns(["kind"]).expect("it is there").to_dataset("kind");
    assert!(only.expect_err("no feature").to_string().contains("it is the only column"));
    let same = Frame::named([
        ("c", Column::from(["x"])),
        ("c_x", Column::from([1.0])),
        ("k", Column::from([1.0])),
    ]);
    assert!(same.expect("one row").to_dataset("k").is_err(), "two features with one name");
}

#[test]
fn new_rows_become_the_features_of_the_fit() {
    let table = Frame::read_csv(support::root().join("data/members.csv")).expect("it is there");
    assert_eq!(table.shape(), (300, 6));
    let data = table.to_dataset("renewed").expect("it has a target");
    let tree = DecisionTreeClassifier::params().max_depth(4).fit(&data).expect("fitted");
    let file = support::folder("looking").join("members.pkl");
    pickle::save(&tree, &file).expect("saved");
    let model = AnyModel::open(&file).expect("opened");

    // By this way and by way of the file, in another order of the columns.
    let path = support::root().join("data/members_new.csv");
    let rows = Frame::read_csv(&path).expect("it is there");
    let mut read = FeatureFile::open(&path, model.columns()).expect("opened");
    let block = read.next_block().expect("read").expect("it has rows");
    let turned = rows.select_columns([4, 2, 0, 1, 3]).expect("there are five");
    let features = turned.features_for(model.columns()).expect("the columns of the fit");
    assert_eq!(features.lines(), block.lines());
    let bits = |block: &FeatureBlock| -> Vec<u64> {
        block.features().iter().map(|number| number.to_bits()).collect()
    };
    assert_eq!(bits(&features), bits(&block));
    let own = table.features_for(model.columns()).expect("the target is left aside");
    assert_eq!(model.predict(&own).expect("predicted"), tree.predict(&data).expect("predicted"));

    let by_position = model.columns().by_position();
    assert!(rows.features_for(by_position).is_ok() && turned.features_for(by_position).is_err());
    let without = rows.drop_columns(["card"]).expect("it is there");
    let error = without.features_for(model.columns()).expect_err("a column is missing");
    assert!(error.to_string().starts_with("no column is named \"card\"; "), "{error}");
    let unknown = rows.with_column("card", ["x"; 6]).expect("six rows");
    let error = unknown.features_for(model.columns()).expect_err("a word that was not there");
    assert!(error.to_string().starts_with("row 0, column \"card\": "), "{error}");
    assert!(rows.with_column("more", [1.0]).is_err());
}

#[test]
fn the_members_in_data_are_what_their_script_writes() {
    let folder = support::folder("members");
    let script = support::root().join("data/make_members.py");
    let made = Command::new(support::python()).arg(script).arg(&folder).status();
    assert!(made.is_ok_and(|status| status.success()));
    for name in ["members.csv", "members_new.csv"] {
        let own = std::fs::read(support::root().join("data").join(name)).expect("it is there");
        assert!(own == std::fs::read(folder.join(name)).expect("made"), "{name}");
    }
}

#[test]
fn targets_of_every_type_are_columns() {
    let big = i64::MAX;
    for (target, words) in [
        (Labels::from(["a", "b"]), true),
        (Labels::from(vec![true, false]), true),
        (Labels::from(vec![1, -2]), false),
        (Labels::from(vec![big, 1]), true),
        (Labels::from(vec![0.5, f64::NAN]), false),
    ] {
        let features = ndarray::array![[1.0], [2.0]];
        let data = Dataset::new(features, target.clone(), vec!["x".into()], "k").expect("it fits");
        let column = data.to_frame().column(1).expect("the target");
        assert_eq!(column.is_words(), words, "{target:?}");
    }
}
