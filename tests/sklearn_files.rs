//! Files that scikit-learn 0.22.2 to 1.9.1 wrote, with what the models answered there.
//!
//! The scripts `sklearn/make_*.py` made them, in Pythons with these versions; the archives beside them have the files and, for each model, the rows that were asked and the answers,
//! every float in hexadecimal.

#[path = "support/archive.rs"]
mod archive;
mod support;

use std::collections::BTreeMap;

use ndarray::Array2;
use picklebook::data::{Column, Frame, Labels};
use picklebook::model::{Answer, Method, Model};
use picklebook::neighbours::{
    KNeighborsClassifier, KNeighborsRegressor, LocalOutlierFactor, NearestNeighbors, Neighbours,
};
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
        // numpy's sum of squares
        ("normalizer", ..) => 1e-12,
        (_, "AdaBoostClassifier", Method::PredictProba | Method::DecisionFunction) => 1e-12,
        ("svc_frame", _, Method::DecisionFunction) => 1e-12,
        // weights by distances that were computed so that they lose digits where rows are close
        ("imputer_distance" | "imputer_many", _, Method::Transform) => 1e-9,
        // products with coefficients, which numpy's libraries sum in an order of their own
        (_, name, _) if SUMS.iter().any(|part| name.contains(part)) => 1e-12,
        _ => 0.0,
    }
}

/// What the names of models have in them whose answers are sums.
const SUMS: &[&str] = &[
    "Logistic",
    "LinearRegression",
    "Ridge",
    "Lasso",
    "ElasticNet",
    "ARDRegression",
    "HuberRegressor",
    "Lars",
    "OrthogonalMatchingPursuit",
    "TheilSenRegressor",
    "QuantileRegressor",
    "SGD",
    "Perceptron",
    "PassiveAggressive",
    "LinearSV",
    "SVC",
    "SVR",
    "OneClassSVM",
    "DiscriminantAnalysis",
    "NB",
    "MLP",
    "Neighbors",
    "NearestCentroid",
    "LocalOutlierFactor",
    "KNNImputer",
];

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

/// Whether labels differ only where two classes are as likely, in probabilities that depend on the
/// processor: those are what versions before 1.5 choose by.
fn inexact_ties(
    estimator: &Estimator,
    table: &Frame,
    found: &Labels,
    expected: &Labels,
    said: &Value,
) -> bool {
    let is_inexact =
        said["close"].as_array().is_some_and(|it| it.contains(&"predict_proba".into()));
    let (true, Ok(classes)) = (is_inexact, estimator.classes()) else { return false };
    let Ok(Answer::Numbers(probabilities)) = estimator.ask(table, Method::PredictProba) else {
        return false;
    };
    let mut rows = found.iter().zip(expected.iter()).zip(probabilities.rows());
    rows.all(|((found, expected), row)| {
        let of = |label| classes.iter().position(|own| own == label).map(|place| row[place]);
        of(found).zip(of(expected)).is_some_and(|(one, two)| (one - two).abs() <= 1e-12)
    })
}

/// The nearest rows of the fit, if the model is one that knows them.
fn kneighbors(estimator: &Estimator, rows: &Array2<f64>) -> Option<Neighbours> {
    macro_rules! of {
        ($($model:ty),*) => {
            $(if let Some(model) = estimator.downcast_ref::<$model>() {
                return model.kneighbors(rows).ok();
            })*
        };
    }
    of!(KNeighborsClassifier, KNeighborsRegressor, LocalOutlierFactor, NearestNeighbors);
    None
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
        let inexact = said["close"].as_array().is_some_and(|it| it.contains(&method.name().into()));
        let most = if inexact { 1e-12 } else { tolerance(file, model, method) };
        let same = match answer {
            Answer::Labels(Labels::Floats(found)) if row(expected).len() == found.len() => {
                let width = found.len();
                let found = Array2::from_shape_vec((width, 1), found).unwrap();
                close(&found, &matrix(expected), most)
            }
            Answer::Labels(found) => match found == labels(expected) {
                true => Ok(()),
                false if inexact_ties(estimator, &table, &found, &labels(expected), said) => Ok(()),
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
    if let Some([distances, indices]) = said["kneighbors"].as_array().map(Vec::as_slice) {
        asked += 1;
        let rows = table.numbers().ok_or("words have no neighbours")?.into_owned();
        let found = kneighbors(estimator, &rows).ok_or("it has no neighbours")?;
        close(&found.distances, &matrix(distances), 1e-12)
            .map_err(|problem| format!("distances: {problem}"))?;
        let found = found.indices.rows().into_iter().map(|row| row.to_vec());
        if serde_json::json!(found.collect::<Vec<_>>()) != *indices {
            return Err("other rows are the nearest".into());
        }
    }
    if let Some(names) = said["names_out"].as_array() {
        asked += 1;
        let made = estimator.abilities().transformer.and_then(|it| it.feature_names_out(None));
        let made: Option<Vec<Value>> = made.map(|it| it.into_iter().map(Value::from).collect());
        if made.as_ref() != Some(names) {
            return Err(format!("the names are {made:?}, not {names:?}"));
        }
    }
    if said["no_names_out"].as_bool() == Some(true) {
        asked += 1;
        let made = estimator.abilities().transformer.and_then(|it| it.feature_names_out(None));
        if let Some(made) = made {
            return Err(format!("the names are {made:?}, and none in Python"));
        }
    }
    if let Some(problems) = said["refused"].as_array() {
        for problem in problems {
            let problem = problem.as_str().unwrap();
            let method: Method = problem.split(':').next().unwrap().parse().unwrap();
            asked += 1;
            if estimator.ask(&table, method).is_ok() {
                return Err(format!("it answers where Python does not: {problem}"));
            }
        }
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
        // Large files are read apart from the bytes of their arrays.
        let read = match bytes.len() < 1 << 16 {
            true => sklearn::loads_with(bytes, &options),
            false => {
                let file = tempfile::NamedTempFile::new().unwrap();
                std::fs::write(file.path(), bytes).unwrap();
                sklearn::open_with(file.path(), &options)
            }
        };
        let checked = read.map_err(|error| error.to_string()).and_then(|estimator| {
            let version = estimator.version().map(|version| version.to_string());
            // imblearn's pipelines do not say it
            if estimator.class().starts_with("sklearn.") {
                assert_eq!(version.as_deref(), Some(folder.trim_end_matches(".post1")));
            }
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

/// What nine versions from 0.22.2 to 1.8.0 wrote, with pandas 1.0 to 3.1, numpy 1.18 to 2.4 and joblib
/// 0.14 to 1.6.
#[test]
fn random_models_of_nine_versions_answer_as_in_python() {
    check_archive("random.tar.xz", 500);
}

#[test]
fn support_vector_machines_answer_as_in_python() {
    check_archive("svm.tar.xz", 130);
}

#[test]
fn neighbours_answer_as_in_python() {
    check_archive("neighbours.tar.xz", 380);
}

#[test]
fn linear_models_answer_as_in_python() {
    check_archive("linear.tar.xz", 465);
}

#[test]
fn models_of_models_answer_as_in_python() {
    check_archive("meta.tar.xz", 590);
}

/// Tables that pandas 1.1 to 3.1 wrote.
#[test]
fn tables_of_pandas_are_read() {
    let files = archive::files("tables.tar.xz");
    let (mut read, mut wrong) = (0, Vec::new());
    for (name, bytes) in files.iter().filter(|(name, _)| !name.ends_with(".json")) {
        let (folder, file) = name.split_once('/').unwrap();
        let said = format!("{folder}/{}.json", file.split_once('.').unwrap().0);
        let said: Value = serde_json::from_slice(&files[&said]).unwrap();
        let report = picklebook::inspect::bytes(bytes);
        assert!(report.is_clean(), "{name}: {}", report.summary());
        match (sklearn::loads_table(bytes), said["refused"].as_str()) {
            (Err(sklearn::Error::Table { .. }), Some(_)) => read += 1,
            (Ok(_), Some(problem)) => wrong.push(format!("{name}: {problem}: it was read")),
            (Ok(table), None) if same_cells(&table, &said) => read += 1,
            (Ok(table), None) => wrong.push(format!("{name}: {table:?}, not {said}")),
            (Err(error), _) => wrong.push(format!("{name}: {error}")),
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(read >= 100, "{read}");
}

fn same_cells(table: &Frame, said: &Value) -> bool {
    let names = said["names"].as_array().map(|names| {
        names.iter().map(|name| name.as_str().unwrap().to_owned()).collect::<Vec<String>>()
    });
    let columns = said["columns"].as_array().unwrap();
    let shape = (said["rows"].as_u64().unwrap() as usize, columns.len());
    let same = |(place, cells): (usize, &Value)| {
        let mut cells = cells.as_array().unwrap().iter();
        match table.column(place).unwrap() {
            Column::Numbers(numbers) => {
                let same = |number: &f64| {
                    cells.next().is_some_and(|it| bits([number]) == bits([&float(it)]))
                };
                numbers.iter().all(same)
            }
            Column::Words(words) => words
                .iter()
                .all(|word| cells.next().is_some_and(|it| word.as_deref() == it.as_str())),
        }
    };
    table.shape() == shape
        && table.names() == names.as_deref()
        && columns.iter().enumerate().all(same)
}

#[test]
fn the_inspector_knows_these_models() {
    let archives = ["linear", "svm", "neighbours", "meta", "words", "features"]
        .map(|name| archive::files(&format!("{name}.tar.xz")));
    for (name, bytes) in archives.into_iter().flatten() {
        if !name.ends_with(".json") {
            let report = picklebook::inspect::bytes(&bytes);
            assert!(report.is_clean(), "{name}: {}", report.summary());
        }
    }
}

#[test]
fn vectorizers_selectors_and_projections_answer_as_in_python() {
    check_archive("words.tar.xz", 420);
}

#[test]
fn features_and_sparse_coefficients_answer_as_in_python() {
    check_archive("features.tar.xz", 350);
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
        ("make_linear.py", "1", 58),
        ("make_linear.py", "2", 58),
        ("make_meta.py", "1", 80),
        ("make_meta.py", "2", 80),
        ("make_features.py", "1", 55),
        ("make_features.py", "2", 55),
        ("make_svm.py", "1", 22),
        ("make_svm.py", "2", 22),
        ("make_neighbours.py", "1", 69),
        ("make_neighbours.py", "2", 69),
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

/// Random models of all classes, as make_random.py makes them: PICKLEBOOK_SKLEARN_CASES sets their
/// number. PICKLEBOOK_TEST_SKLEARNS names Pythons with other versions of scikit-learn, separated as in
/// PATH, which make as many.
#[test]
fn random_models_answer_as_in_python() {
    let cases = std::env::var("PICKLEBOOK_SKLEARN_CASES").unwrap_or_else(|_| "300".to_owned());
    let seed = std::env::var("PICKLEBOOK_SKLEARN_SEED").unwrap_or_else(|_| "1".to_owned());
    let others = std::env::var_os("PICKLEBOOK_TEST_SKLEARNS").unwrap_or_default();
    let mut pythons = vec![support::python()];
    pythons.extend(std::env::split_paths(&others).filter(|path| !path.as_os_str().is_empty()));
    let script = support::root().join("tests/sklearn/make_random.py");
    for python in pythons {
        let folder = tempfile::tempdir().unwrap();
        let mut made = std::process::Command::new(&python);
        let made = made.arg(&script).arg(folder.path()).args([&seed, &cases]).output().unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let said = String::from_utf8(made.stdout).unwrap();
        let version = said.split(' ').next().unwrap();
        let mut files = BTreeMap::new();
        for file in std::fs::read_dir(folder.path()).unwrap() {
            let path = file.unwrap().path();
            let name = format!("{version}/{}", path.file_name().unwrap().to_string_lossy());
            files.insert(name, std::fs::read(path).unwrap());
        }
        println!("{}", said.trim());
        check_files(&files, cases.parse::<usize>().unwrap() * 2 / 3);
    }
}
