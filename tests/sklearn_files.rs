//! Files that scikit-learn 0.24.2, 1.2.2, 1.5.2 and 1.9.1 wrote, with what the models answered there.
//!
//! `sklearn/make_models.py` and `make_more.py` made them, in Pythons with these versions; the
//! archives beside them have the files and, for each model, the rows that were asked and the answers,
//! every float in hexadecimal.

#[path = "support/archive.rs"]
mod archive;
mod support;

use std::collections::BTreeMap;

use ndarray::Array2;
use picklebook::data::{Column, Frame, Labels};
use picklebook::model::{Answer, Method, Model};
use picklebook::sklearn::{self, Estimator, LoadOptions};
use serde_json::Value;

fn float(value: &Value) -> f64 {
    match value {
        Value::Null => f64::NAN,
        Value::String(text) => hexadecimal(text),
        other => other.as_f64().unwrap(),
    }
}

/// A float as Python's `float.hex` writes it, as in `-0x1.8000000000000p+1`.
fn hexadecimal(text: &str) -> f64 {
    match text {
        "nan" => return f64::NAN,
        "inf" => return f64::INFINITY,
        "-inf" => return f64::NEG_INFINITY,
        _ => {}
    }
    let (sign, rest) = match text.strip_prefix('-') {
        Some(rest) => (-1.0, rest),
        None => (1.0, text),
    };
    let (digits, exponent) = rest.strip_prefix("0x").unwrap().split_once('p').unwrap();
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let mantissa = u64::from_str_radix(&format!("{whole}{fraction}"), 16).unwrap();
    let exponent: i32 = exponent.parse::<i32>().unwrap() - 4 * fraction.len() as i32;
    // Two steps, so that subnormal numbers are reached without a detour over zero.
    let half = exponent / 2;
    sign * mantissa as f64 * 2f64.powi(half) * 2f64.powi(exponent - half)
}

fn matrix(value: &Value) -> Array2<f64> {
    let rows: Vec<Vec<f64>> = value.as_array().unwrap().iter().map(row).collect();
    let width = rows.first().map_or(0, Vec::len);
    Array2::from_shape_vec((rows.len(), width), rows.concat()).unwrap()
}

fn row(value: &Value) -> Vec<f64> {
    match value {
        // Boosted trees say leaves by row, stage and class.
        Value::Array(items) => items.iter().flat_map(row).collect(),
        single => vec![float(single)],
    }
}

/// The bits of floats, with one for all NaNs.
fn bits<'a>(floats: impl IntoIterator<Item = &'a f64>) -> Vec<u64> {
    let one = |float: &f64| if float.is_nan() { f64::NAN.to_bits() } else { float.to_bits() };
    floats.into_iter().map(one).collect()
}

fn close(found: &Array2<f64>, expected: &Array2<f64>, most: f64) -> Result<(), String> {
    if found.dim() != expected.dim() {
        return Err(format!("the shape is {:?}, not {:?}", found.dim(), expected.dim()));
    }
    let differ = |(a, b): (&f64, &f64)| {
        !(a == b || (a.is_nan() && b.is_nan()) || (a - b).abs() <= most * b.abs().max(1.0))
    };
    match most {
        0.0 if bits(found) == bits(expected) => Ok(()),
        0.0 => Err("bits differ".into()),
        _ if found.iter().zip(expected).any(differ) => Err("numbers differ".into()),
        _ => Ok(()),
    }
}

fn labels(value: &Value) -> Labels {
    let items = value.as_array().unwrap();
    match items.first() {
        Some(Value::Bool(_)) => {
            items.iter().map(|item| item.as_bool().unwrap()).collect::<Vec<_>>().into()
        }
        Some(Value::Number(_)) => {
            items.iter().map(|item| item.as_i64().unwrap()).collect::<Vec<_>>().into()
        }
        Some(Value::String(text)) if text.contains("0x") => {
            items.iter().map(float).collect::<Vec<f64>>().into()
        }
        _ => {
            let text = |item: &Value| item.as_str().unwrap().to_owned();
            items.iter().map(text).collect::<Vec<String>>().into()
        }
    }
}

/// How far an answer may be from the one in Python, where numpy's exponentials and logarithms enter:
/// they depend on the processor.
fn tolerance(file: &str, model: &str, method: Method) -> f64 {
    match (file, model, method) {
        (_, "GradientBoostingClassifier", Method::PredictProba | Method::DecisionFunction) => 1e-12,
        (_, "HistGradientBoostingClassifier", Method::PredictProba) => 1e-12,
        ("hist_poisson" | "hist_gamma", _, Method::Predict) => 1e-12,
        ("pipeline_boosting", _, Method::PredictProba) => 1e-12,
        // numpy's logarithm of 32-bit floats
        ("tfidf_single", ..) => 1e-6,
        (_, "TfidfVectorizer" | "TfidfTransformer" | "PCA" | "TruncatedSVD", _) => 1e-12,
        ("text_svd" | "text_best" | "union_numbers", ..) => 1e-12,
        (_, "AdaBoostClassifier", Method::PredictProba | Method::DecisionFunction) => 1e-12,
        _ => 0.0,
    }
}

fn same_table(found: Frame, expected: &Value, most: f64) -> Result<(), String> {
    if let Some(found) = found.numbers() {
        return close(&found.into_owned(), &matrix(expected), most);
    }
    let rows = expected.as_array().unwrap();
    let cell = |column: &Column, row: usize| match column {
        Column::Numbers(numbers) => Value::from(numbers[row]),
        Column::Words(words) => words[row].clone().map_or(Value::Null, Value::from),
    };
    let same = |(place, column): (usize, &Column)| {
        (0..rows.len()).all(|row| match &rows[row][place] {
            Value::String(text) if text.contains("0x") => {
                cell(column, row) == float(&rows[row][place])
            }
            other => cell(column, row) == *other,
        })
    };
    let columns = found.into_columns();
    match columns.iter().enumerate().all(same) {
        true => Ok(()),
        false => Err("cells differ".into()),
    }
}

/// The rows that were asked: numbers, or columns of numbers and words.
fn table_of(said: &Value) -> Frame {
    let Some(columns) = said["columns"].as_array() else {
        return Frame::from_numbers(matrix(&said["rows"]));
    };
    let column = |cells: &Value| {
        let cells = cells.as_array().unwrap();
        let is_number = |cell: &Value| cell.as_str().is_none_or(|text| text.contains("0x"));
        match cells.iter().all(is_number) {
            true => Column::Numbers(cells.iter().map(float).collect()),
            false => {
                let word = |cell: &Value| cell.as_str().map(str::to_owned);
                Column::Words(cells.iter().map(word).collect())
            }
        }
    };
    let table = Frame::unnamed(columns.iter().map(column)).unwrap();
    match said["names"].as_array() {
        None => table,
        Some(names) => {
            let names = names.iter().map(|name| name.as_str().unwrap().to_owned());
            table.with_names(names.collect()).unwrap()
        }
    }
}

/// Compares what a model answers with what it answered in Python.
fn check(file: &str, estimator: &Estimator, said: &Value) -> Result<usize, String> {
    let table = table_of(said);
    let model = said["model"].as_str().unwrap();
    if model != estimator.name() {
        return Err(format!("it is a {}, not a {model}", estimator.name()));
    }
    let mut asked = 0;
    for method in Method::ALL {
        let expected = &said[method.name()];
        if expected.is_null() {
            continue;
        }
        asked += 1;
        let answer = estimator.ask(&table, method).map_err(|error| format!("{method}: {error}"))?;
        let most = tolerance(file, model, method);
        let same = match answer {
            Answer::Labels(Labels::Floats(found)) if row(expected).len() == found.len() => {
                let width = found.len();
                let found = Array2::from_shape_vec((width, 1), found).unwrap();
                close(&found, &matrix(expected), most)
            }
            Answer::Labels(found) => match found == labels(expected) {
                true => Ok(()),
                false => Err("labels differ".into()),
            },
            Answer::Numbers(found) => close(&found, &matrix(expected), most),
            Answer::Leaves(found) => close(&found.mapv(|leaf| leaf as f64), &matrix(expected), 0.0),
            Answer::LabelsByOutput(found) => {
                let column = |output: usize| -> Value {
                    let rows = expected.as_array().unwrap();
                    rows.iter().map(|row| row[output].clone()).collect()
                };
                let all = found.iter().enumerate().all(|(i, found)| *found == labels(&column(i)));
                if all { Ok(()) } else { Err("labels differ".into()) }
            }
            Answer::NumbersByOutput(found) => {
                let mut pairs = found.iter().zip(expected.as_array().unwrap());
                pairs.try_for_each(|(found, expected)| close(found, &matrix(expected), most))
            }
            Answer::Table(found) => same_table(found, expected, most),
            other => Err(format!("unknown answer {other:?}")),
        };
        same.map_err(|problem| format!("{method}: {problem}"))?;
    }
    if asked == 0 { Err("nothing was asked".into()) } else { Ok(asked) }
}

/// Compares all files of an archive, of which there are at least so many.
fn check_archive(name: &str, least: usize) {
    check_files(&archive::files(name), least);
}

fn check_files(files: &BTreeMap<String, Vec<u8>>, least: usize) {
    let (mut answers, mut models, mut wrong) = (0, 0, Vec::new());
    let mut said: BTreeMap<&str, Value> = BTreeMap::new();
    for (name, bytes) in files {
        if let Some(model) = name.strip_suffix(".json") {
            said.insert(model, serde_json::from_slice(bytes).unwrap());
        }
    }
    for (name, bytes) in files {
        let (folder, file) = name.split_once('/').unwrap();
        let Some((model, ending)) = file.split_once('.') else { continue };
        if ending == "json" {
            continue;
        }
        models += 1;
        let said = &said[&*format!("{folder}/{model}")];
        let options = match said["object"].as_str() {
            Some(path) => LoadOptions::new().object(path),
            None => LoadOptions::new(),
        };
        let checked = sklearn::loads_with(bytes, &options)
            .map_err(|error| error.to_string())
            .and_then(|estimator| {
                let version = estimator.version().map(|version| version.to_string());
                assert_eq!(version.as_deref(), Some(folder));
                check(model, &estimator, said)
            });
        match checked {
            Ok(asked) => answers += asked,
            Err(problem) => wrong.push(format!("{name}: {problem}")),
        }
    }
    println!("{answers} answers of {models} files are the same; {} files differ", wrong.len());
    assert!(models >= least);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn trees_forests_and_boosting_answer_as_in_python() {
    check_archive("models.tar.xz", 595);
}

#[test]
fn encoders_pipelines_searches_and_losses_answer_as_in_python() {
    check_archive("more.tar.xz", 480);
}

#[test]
fn vectorizers_selectors_and_projections_answer_as_in_python() {
    check_archive("words.tar.xz", 420);
}

#[test]
fn floats_in_hexadecimal() {
    let cases = [
        ("0x1.8000000000000p+1", 3.0),
        ("-0x1.999999999999ap-4", -0.1),
        ("0x0.0p+0", 0.0),
        ("0x0.0000000000001p-1022", 5e-324),
        ("0x1.fffffffffffffp+1023", f64::MAX),
    ];
    for (text, float) in cases {
        assert_eq!(hexadecimal(text), float, "{text}");
    }
}

/// What the pinned scikit-learn writes now, of other random data than the archives hold.
#[test]
fn files_that_python_writes_now_answer_the_same() {
    let folder = tempfile::tempdir().unwrap();
    for (script, seed, least) in [
        ("make_models.py", "1", 150),
        ("make_more.py", "1", 150),
        ("make_more.py", "2", 150),
        ("make_words.py", "1", 110),
        ("make_words.py", "2", 110),
    ] {
        let out = folder.path().join(script).join(seed).join("1.9.1");
        let script = support::root().join("tests/sklearn").join(script);
        let mut python = std::process::Command::new(support::python());
        let made = python.arg(script).arg(&out).arg(seed).output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let mut files = BTreeMap::new();
        for file in std::fs::read_dir(&out).unwrap() {
            let path = file.unwrap().path();
            let name = format!("1.9.1/{}", path.file_name().unwrap().to_string_lossy());
            files.insert(name, std::fs::read(path).unwrap());
        }
        check_files(&files, least);
    }
}
