//! Scalers, imputers, encoders and pipelines against scikit-learn's own, and against hostile parts.

mod support;

use std::process::Command;
use std::sync::Arc;

use ndarray::{Array2, array};
use picklebook::data::{Column, Features, Frame, Labels};
use picklebook::ensemble::{
    ForestClassifier, ForestKind, ForestParts, GradientBoostingParts, GradientBoostingRegressor,
    Init,
};
use picklebook::model::{
    Answer, Error, Method, Model, Parameters, SklearnVersion, Transformer, ask,
};
use picklebook::pipeline::{ColumnStep, ColumnTransformer, Pipeline, Selection};
use picklebook::preprocessing::{
    Categories, ImputeValue, ImputerParts, LabelEncoder, MaxAbsScaler, MinMaxScaler, MissingMark,
    OneHotEncoder, OneHotParts, OrdinalEncoder, OrdinalParts, RobustScaler, SimpleImputer,
    StandardScaler, TransformerParts, Unknown,
};
use picklebook::tree::{Tree, TreeArrays};
use serde_json::Value;

/// Cases of a family that scikit-learn works out. PICKLEBOOK_ENSEMBLE_CASES sets their number, to
/// try many more than a test should.
fn cases(family: &str, count: usize) -> Vec<Value> {
    let count = std::env::var("PICKLEBOOK_ENSEMBLE_CASES").map_or(count, |n| n.parse().unwrap());
    let output = Command::new(support::python())
        .args(["tests/reference/preprocessing.py", family, &count.to_string(), "0"])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let cases: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(cases.len(), count);
    cases
}

fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap()
}

fn float(value: &Value) -> f64 {
    f64::from_bits(value.as_u64().unwrap())
}

fn floats(value: &Value) -> Vec<f64> {
    list(value).iter().map(float).collect()
}

fn maybe(value: &Value) -> Option<Vec<f64>> {
    value.as_array().map(|_| floats(value))
}

fn whole(value: &Value) -> Vec<i32> {
    serde_json::from_value(value.clone()).unwrap()
}

fn words(value: &Value) -> Vec<Option<String>> {
    serde_json::from_value(value.clone()).unwrap()
}

fn labels(value: &Value) -> Labels {
    match value.get("floats") {
        Some(bits) => Labels::Floats(floats(bits)),
        None => serde_json::from_value(value["plain"].clone()).unwrap(),
    }
}

fn column(value: &Value) -> Column {
    match value.get("numbers") {
        Some(bits) => Column::Numbers(floats(bits)),
        None => Column::Words(words(&value["words"])),
    }
}

fn frame(value: &Value) -> Frame {
    Frame::unnamed(list(value).iter().map(column)).unwrap()
}

/// The cells with the bits of numbers, so that NaN equals itself.
fn cells(frame: Frame) -> Vec<Vec<String>> {
    let cells = |column| match column {
        Column::Numbers(numbers) => numbers
            .into_iter()
            .map(|number: f64| match number.is_nan() {
                true => "nan".to_owned(),
                false => format!("{number:?}"),
            })
            .collect(),
        Column::Words(words) => words.into_iter().map(|word| format!("{word:?}")).collect(),
    };
    frame.into_columns().into_iter().map(cells).collect()
}

fn tree(value: &Value, columns: usize) -> Tree {
    let arrays = TreeArrays {
        children_left: whole(&value["children_left"]),
        children_right: whole(&value["children_right"]),
        feature: whole(&value["feature"]),
        threshold: floats(&value["threshold"]),
        impurity: floats(&value["impurity"]),
        n_node_samples: whole(&value["n_node_samples"]),
        weighted_n_node_samples: floats(&value["weighted_n_node_samples"]),
        missing_go_to_left: serde_json::from_value(value["missing_go_to_left"].clone()).unwrap(),
        value: floats(&value["value"]),
    };
    Tree::new(arrays, columns, value["width"].as_u64().unwrap() as usize).unwrap()
}

fn infrequent(value: &Value) -> Vec<Option<Vec<usize>>> {
    serde_json::from_value::<Option<_>>(value.clone()).unwrap().unwrap_or_default()
}

fn categories(value: &Value) -> Vec<Categories> {
    let categories = |value: &Value| match column(value) {
        Column::Numbers(numbers) => Categories::Numbers(numbers),
        Column::Words(words) => Categories::Words(words),
    };
    list(value).iter().map(categories).collect()
}

fn imputer(value: &Value) -> ImputerParts {
    let statistic = |value: &Value| match (value.get("word"), value.get("number")) {
        (Some(word), _) => ImputeValue::Word(word.as_str().unwrap().to_owned()),
        (_, Some(number)) => ImputeValue::Number(float(number)),
        _ => ImputeValue::Nothing,
    };
    let missing = &value["missing"];
    ImputerParts {
        statistics: list(&value["statistics"]).iter().map(statistic).collect(),
        missing_values: match (missing.get("word"), missing.get("number")) {
            (Some(word), _) => MissingMark::Word(word.as_str().unwrap().to_owned()),
            (_, Some(number)) => MissingMark::Number(float(number)),
            _ if missing == "None" => MissingMark::None,
            _ => MissingMark::Nan,
        },
        indicator: serde_json::from_value(value["indicator"].clone()).unwrap(),
    }
}

fn selection(kind: &str, value: &Value) -> Selection {
    match kind {
        "slice" => {
            let places: Vec<Option<i64>> = serde_json::from_value(value.clone()).unwrap();
            Selection::Slice { start: places[0], stop: places[1], step: places[2] }
        }
        "mask" => Selection::Mask(serde_json::from_value(value.clone()).unwrap()),
        _ => Selection::Places(serde_json::from_value(value.clone()).unwrap()),
    }
}

/// Puts a model together from the parts of scikit-learn's.
fn build(value: &Value) -> Arc<dyn Model> {
    let features = value["features"].as_u64().unwrap() as usize;
    let fitted = TransformerParts::new(features);
    let trees = || list(&value["trees"]).iter().map(|one| tree(one, features)).collect();
    match value["class"].as_str().unwrap() {
        "StandardScaler" => {
            let (mean, scale) = (maybe(&value["mean"]), maybe(&value["scale"]));
            Arc::new(StandardScaler::from_parts(fitted, mean, scale).unwrap())
        }
        "RobustScaler" => {
            let (center, scale) = (maybe(&value["center"]), maybe(&value["scale"]));
            Arc::new(RobustScaler::from_parts(fitted, center, scale).unwrap())
        }
        "MinMaxScaler" => {
            let clip = maybe(&value["clip"]).map(|range| (range[0], range[1]));
            let (scale, min) = (floats(&value["scale"]), floats(&value["min"]));
            Arc::new(MinMaxScaler::from_parts(fitted, scale, min, clip).unwrap())
        }
        "MaxAbsScaler" => {
            let (scale, clip) = (floats(&value["scale"]), value["clip"] == true);
            Arc::new(MaxAbsScaler::from_parts(fitted, scale, clip).unwrap())
        }
        "SimpleImputer" => Arc::new(SimpleImputer::from_parts(fitted, imputer(value)).unwrap()),
        "OrdinalEncoder" => {
            let mut parts = OrdinalParts::new(categories(&value["categories"]));
            if let Some(number) = value.get("unknown_value") {
                parts.unknown = Unknown::Value(float(number));
            }
            parts.missing = float(&value["encoded_missing"]);
            parts.infrequent = infrequent(&value["infrequent"]);
            parts.none_categories =
                serde_json::from_value(value["none_categories"].clone()).unwrap();
            let encoder = OrdinalEncoder::from_parts(fitted, parts).unwrap();
            let again =
                OrdinalEncoder::from_parts(TransformerParts::new(features), encoder.to_parts());
            assert_eq!(cells_of(&again.unwrap()), cells_of(&encoder));
            Arc::new(encoder)
        }
        "OneHotEncoder" => {
            let mut parts = OneHotParts::new(categories(&value["categories"]));
            parts.unknown = match value["unknown"].as_str().unwrap() {
                "error" => Unknown::Error,
                "ignore" => Unknown::Ignore,
                _ => Unknown::Infrequent,
            };
            let drop: Option<_> = serde_json::from_value(value["drop"].clone()).unwrap();
            parts.drop = drop.unwrap_or_default();
            parts.infrequent = infrequent(&value["infrequent"]);
            Arc::new(OneHotEncoder::from_parts(fitted, parts).unwrap())
        }
        "ColumnTransformer" => {
            let step = |value: &Value| {
                let model = match value[1].as_str() {
                    Some("drop") => ColumnStep::Drop,
                    Some(_) => ColumnStep::Passthrough,
                    None => ColumnStep::Model(build(&value[1])),
                };
                let selection = selection(value[2].as_str().unwrap(), &value[3]);
                (value[0].as_str().unwrap().to_owned(), model, selection)
            };
            let steps = list(&value["steps"]).iter().map(step).collect();
            Arc::new(ColumnTransformer::from_parts(fitted, steps).unwrap())
        }
        "Pipeline" => Arc::new(pipeline(value)),
        "RandomForestClassifier" => {
            let parts = ForestParts::new(ForestKind::RandomForest, trees());
            let classes = vec![labels(&value["classes"])];
            Arc::new(ForestClassifier::from_parts(parts, classes).unwrap())
        }
        "GradientBoostingRegressor" => {
            let rate = float(&value["learning_rate"]);
            let mut parts = GradientBoostingParts::new(trees(), 1, rate);
            parts.init = Init::Constant(floats(&value["init"]));
            Arc::new(GradientBoostingRegressor::from_parts(parts).unwrap())
        }
        other => panic!("{other}"),
    }
}

/// What an encoder knows, as text.
fn cells_of(encoder: &OrdinalEncoder) -> String {
    format!("{:?}", encoder.to_parts())
}

fn pipeline(value: &Value) -> Pipeline {
    let step = |value: &Value| {
        let model = if value[1].is_string() { None } else { Some(build(&value[1])) };
        (value[0].as_str().unwrap().to_owned(), model)
    };
    let steps = list(&value["steps"]).iter().map(step).collect();
    Pipeline::from_parts(steps, SklearnVersion::LATEST, Parameters::new()).unwrap()
}

fn transforms_as_scikit_learn(family: &str, count: usize) {
    let mut refused = 0;
    for case in cases(family, count) {
        let (model, table) = (build(&case["model"]), frame(&case["test"]));
        let transformer = model.abilities().transformer.expect("a transformer");
        let made = transformer.transform(&table);
        let what = format!("{family} {}: {}", case["seed"], case["model"]["class"]);
        if case["refused"].is_string() {
            assert!(made.is_err(), "{what}: {}", case["refused"]);
            refused += 1;
            continue;
        }
        let made = made.unwrap_or_else(|error| panic!("{what}: {error}"));
        assert_eq!(made.shape().1, transformer.n_features_out(), "{what}");
        assert_eq!(cells(made.clone()), cells(frame(&case["transform"])), "{what}");
        assert!(matches!(ask(&*model, &table, Method::Transform), Ok(Answer::Table(_))), "{what}");
        if let Some(numbers) = table.numbers() {
            let side_by_side = Frame::from(Features::from(&numbers));
            let again = transformer.transform(&side_by_side).expect("the same cells");
            assert_eq!(cells(again), cells(made), "{what}");
        }
    }
    println!("{refused} of {count} tables are refused by both");
}

#[test]
fn scalers_scale_as_those_of_scikit_learn() {
    transforms_as_scikit_learn("scaler", 300);
}

#[test]
fn imputers_fill_in_as_those_of_scikit_learn() {
    transforms_as_scikit_learn("imputer", 300);
}

#[test]
fn encoders_encode_as_those_of_scikit_learn() {
    transforms_as_scikit_learn("encoder", 400);
}

#[test]
fn pipelines_answer_as_those_of_scikit_learn() {
    for case in cases("pipeline", 120) {
        let (model, table) = (pipeline(&case["model"]), frame(&case["test"]));
        let seed = &case["seed"];
        let columns = model.steps().next().and_then(|(_, model)| model).expect("a model");
        let prepared = columns.abilities().transformer.expect("columns").transform(&table);
        let prepared = prepared.unwrap_or_else(|error| panic!("{seed}: {error}"));
        assert_eq!(cells(prepared.clone()), cells(frame(&case["prepared"])), "{seed}");
        let predicted = ask(&model, &table, Method::Predict).expect("asked");
        assert_eq!(predicted, Answer::Labels(labels(&case["predict"])), "{seed}");
        let proba = ask(&model, &table, Method::PredictProba);
        match case.get("predict_proba") {
            Some(expected) => {
                let Ok(Answer::Numbers(own)) = proba else { panic!("{seed}: {proba:?}") };
                let own: Vec<u64> = own.iter().map(|number| number.to_bits()).collect();
                assert_eq!(own, serde_json::from_value::<Vec<u64>>(expected.clone()).unwrap());
            }
            None => assert!(matches!(proba, Err(Error::NoMethod { .. })), "{seed}"),
        }
        // words are nothing for a model of numbers
        let last = model.steps().last().and_then(|(_, model)| model).expect("a model");
        let error = ask(&**last, &table, Method::Predict).expect_err("words");
        assert!(matches!(error, Error::Words { .. } | Error::Columns { .. }), "{error}");
    }
}

#[test]
fn labels_are_encoded_as_scikit_learn_does() {
    for case in cases("label", 60) {
        let classes = labels(&case["classes"]);
        let encoder = LabelEncoder::from_parts(TransformerParts::new(1), classes).unwrap();
        let (test, codes) = (labels(&case["test"]), case["codes"].clone());
        let codes: Vec<usize> = serde_json::from_value(codes).unwrap();
        assert_eq!(encoder.encode(&test).expect("known"), codes, "{}", case["seed"]);
        assert_eq!(encoder.decode(&codes).expect("places"), test);
        assert!(encoder.decode(&[99]).is_err());
        let column = match &test {
            Labels::Text(words) => Column::Words(words.iter().cloned().map(Some).collect()),
            Labels::Booleans(flags) => {
                Column::Numbers(flags.iter().map(|&flag| f64::from(u8::from(flag))).collect())
            }
            Labels::Integers(numbers) => {
                Column::Numbers(numbers.iter().map(|&number| number as f64).collect())
            }
            Labels::Floats(numbers) => Column::Numbers(numbers.clone()),
        };
        let made = encoder.transform(&Frame::unnamed([column]).expect("a column")).expect("known");
        let numbers: Vec<f64> = codes.iter().map(|&code| code as f64).collect();
        assert_eq!(made.column(0), Some(Column::Numbers(numbers)));
    }
}

fn message<T>(result: Result<T, Error>) -> String {
    result.err().expect("refused").to_string()
}

fn scaler(names: Option<&[&str]>) -> StandardScaler {
    let mut fitted = TransformerParts::new(2);
    fitted.feature_names = names.map(|names| names.iter().map(|&name| name.to_owned()).collect());
    StandardScaler::from_parts(fitted, Some(vec![1.0, 2.0]), None).expect("a scaler")
}

#[test]
fn columns_are_found_by_name_in_any_order() {
    let mut fitted = TransformerParts::new(3);
    fitted.feature_names = Some(["a", "b", "c"].map(str::to_owned).to_vec());
    let step = ColumnStep::Model(Arc::new(scaler(Some(&["c", "a"]))));
    let steps = vec![
        ("scale".to_owned(), step, Selection::from(["c", "a"])),
        ("keep".to_owned(), ColumnStep::Passthrough, Selection::from(["b"])),
    ];
    let model = ColumnTransformer::from_parts(fitted, steps).expect("a transformer");
    let table = |names: [&str; 4]| {
        let columns = names.iter().zip([10.0, 20.0, 30.0, 40.0]);
        Frame::named(columns.map(|(name, number)| (*name, Column::from([number])))).expect("named")
    };
    let made = model.transform(&table(["x", "c", "b", "a"])).expect("all are there");
    assert_eq!(made.numbers().expect("numbers"), array![[19.0, 38.0, 30.0]]);
    let error = message(model.transform(&table(["x", "c", "B", "a"])));
    assert!(error.starts_with("no column is named \"b\""), "{error}");
    // without names, by place
    let made = model.transform(&Frame::from_numbers(array![[10.0, 20.0, 30.0]])).expect("three");
    assert_eq!(made.numbers().expect("numbers"), array![[29.0, 8.0, 20.0]]);
    assert!(model.transform(&Frame::from_numbers(array![[10.0, 20.0]])).is_err());
}

#[test]
fn names_in_another_order_are_refused() {
    let named = |names: [&str; 2]| {
        Frame::named(names.map(|name| (name, Column::from([1.0])))).expect("two columns")
    };
    let model = scaler(Some(&["a", "b"]));
    assert!(model.transform(&named(["a", "b"])).is_ok());
    let error = message(model.transform(&named(["b", "a"])));
    assert!(error.contains("the order \"a\", \"b\""), "{error}");
    let words = Frame::unnamed([Column::from([1.0]), Column::from(["x"])]).expect("two columns");
    let error = message(model.transform(&words));
    assert!(error.contains("column \"1\" holds words"), "{error}");
}

#[test]
fn what_does_not_fit_is_not_put_together() {
    let two = TransformerParts::new(2);
    assert!(StandardScaler::from_parts(two.clone(), Some(vec![1.0]), None).is_err());
    assert!(RobustScaler::from_parts(two.clone(), None, Some(vec![1.0; 3])).is_err());
    let infinite = vec![1.0, f64::INFINITY];
    assert!(MaxAbsScaler::from_parts(two.clone(), infinite, false).is_err());
    let one = || vec![1.0; 2];
    assert!(MinMaxScaler::from_parts(two.clone(), one(), one(), Some((1.0, 0.0))).is_err());
    let nan = Some((f64::NAN, 0.0));
    assert!(MinMaxScaler::from_parts(two.clone(), one(), one(), nan).is_err());
    let mut parts = ImputerParts::new(vec![ImputeValue::Number(1.0); 2]);
    for indicator in [vec![2], vec![1, 0], vec![0, 0]] {
        parts.indicator = Some(indicator);
        assert!(SimpleImputer::from_parts(two.clone(), parts.clone()).is_err());
    }
    let twice = vec![Categories::from(["a", "a"]), Categories::from([1.0])];
    let error = message(OrdinalEncoder::from_parts(two.clone(), OrdinalParts::new(twice.clone())));
    assert!(error.contains("the categories of column 0: two of them are the same"), "{error}");
    assert!(OneHotEncoder::from_parts(two.clone(), OneHotParts::new(twice)).is_err());
    let nans = Categories::from([1.0, f64::NAN, f64::NAN]);
    let fitted = TransformerParts::new(1);
    assert!(OrdinalEncoder::from_parts(fitted.clone(), OrdinalParts::new(vec![nans])).is_err());
    let mut parts = OneHotParts::new(vec![Categories::from(["a", "b"])]);
    for rare in [vec![], vec![2], vec![1, 0]] {
        parts.infrequent = vec![Some(rare)];
        assert!(OneHotEncoder::from_parts(fitted.clone(), parts.clone()).is_err());
    }
    parts.infrequent = Vec::new();
    parts.drop = vec![Some(2)];
    assert!(OneHotEncoder::from_parts(fitted.clone(), parts).is_err());
    let long = TransformerParts { feature_names: Some(vec![String::new(); 3]), ..two };
    assert!(StandardScaler::from_parts(long, None, None).is_err());
    let huge = TransformerParts::new(usize::MAX);
    assert!(StandardScaler::from_parts(huge, None, None).is_err());
}

#[test]
fn pipelines_are_checked_before_they_answer() {
    let make = |steps: Vec<Option<Arc<dyn Model>>>| {
        let steps = steps.into_iter().enumerate();
        let steps = steps.map(|(number, model)| (format!("step {number}"), model)).collect();
        Pipeline::from_parts(steps, SklearnVersion::LATEST, Parameters::new())
    };
    let two = || Some(Arc::new(scaler(None)) as Arc<dyn Model>);
    let one: Arc<dyn Model> = {
        let parts = OrdinalParts::new(vec![Categories::from(["a"])]);
        Arc::new(OrdinalEncoder::from_parts(TransformerParts::new(1), parts).expect("an encoder"))
    };
    assert!(make(vec![]).is_err() && make(vec![None]).is_err());
    let error = message(make(vec![two(), Some(one)]));
    assert!(error.contains("expected 1, found 2"), "{error}");
    let passed = make(vec![two(), None]).expect("a pipeline that transforms");
    let made = Transformer::transform(&passed, &Frame::from_numbers(Array2::ones((1, 2))));
    assert_eq!(made.expect("scaled").numbers().expect("numbers"), array![[0.0, -1.0]]);
    assert_eq!(passed.abilities().to_string(), "transform");
    assert!(matches!(
        ask(&passed, &Frame::from_numbers(Array2::ones((1, 2))), Method::Predict),
        Err(Error::NoMethod { .. })
    ));
    // no more models inside each other than a thread's stack has room for
    let mut nested = passed;
    let error = loop {
        match make(vec![Some(Arc::new(nested))]) {
            Ok(more) => nested = more,
            Err(error) => break error.to_string(),
        }
    };
    assert!(error.contains("models inside each other: 65"), "{error}");
}

/// One model in many places, in each of which it holds one in many places, and so on.
#[test]
fn models_that_would_take_forever_are_refused() {
    let mut held: Arc<dyn Model> = Arc::new(scaler(None));
    let error = loop {
        let step = |number: i64| {
            let step = ColumnStep::Model(held.clone());
            let columns = [0, 1].map(|place| (2 * number + place) % 2);
            (format!("step {number}"), step, Selection::from(columns))
        };
        let steps = (0..8).map(step).collect();
        let joined = ColumnTransformer::from_parts(TransformerParts::new(2), steps);
        let joined: Arc<dyn Model> = match joined {
            Ok(joined) => Arc::new(joined),
            Err(error) => break error.to_string(),
        };
        // as many columns as before, so that it can be held again
        let first = ("first".to_owned(), ColumnStep::Passthrough, Selection::from([0, 1]));
        let made = joined.abilities().transformer.expect("it transforms").n_features_out();
        let first = ColumnTransformer::from_parts(TransformerParts::new(made), vec![first]);
        let steps: Vec<(String, Option<Arc<dyn Model>>)> = vec![
            ("joined".to_owned(), Some(joined)),
            ("first".to_owned(), Some(Arc::new(first.expect("two columns")))),
        ];
        let parameters = Parameters::new();
        let pipeline = Pipeline::from_parts(steps, SklearnVersion::LATEST, parameters);
        held = Arc::new(pipeline.expect("a pipeline"));
    };
    assert!(error.contains("models in a model"), "{error}");
}

#[test]
fn unknown_categories_are_named() {
    let parts = OneHotParts::new(vec![Categories::from(["a", "b"])]);
    let encoder = OneHotEncoder::from_parts(TransformerParts::new(1), parts).expect("an encoder");
    let table = Frame::named([("letter", Column::from(["a", "it's"]))]).expect("a column");
    let error = message(encoder.transform(&table));
    assert!(error.starts_with(r#"row 1, column "letter" holds "it's", which"#), "{error}");
    let missing = Frame::unnamed([Column::from(vec![None])]).expect("a column");
    assert!(message(encoder.transform(&missing)).contains("holds None"));
}
