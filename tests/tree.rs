//! Decision trees against scikit-learn's own, and against hostile input.

mod support;

use std::process::Command;

use ndarray::Array2;
use picklebook::data::Labels;
use picklebook::tree::{
    ClassWeight, Criterion, DecisionTreeClassifier, DecisionTreeRegressor, Features, MaxFeatures,
    TextOptions, Tree,
};
use serde::Deserialize;
use serde_json::Value;

/// A data set, parameters, and what scikit-learn makes of them; floats are their bits.
#[derive(Deserialize)]
struct Case {
    seed: u64,
    classification: bool,
    single: bool,
    rows: usize,
    columns: usize,
    x: Vec<u64>,
    test: Vec<u64>,
    labels: Option<Labels>,
    target: Option<Vec<u64>>,
    weights: Option<Vec<u64>>,
    params: serde_json::Map<String, Value>,
    repr: String,
    children_left: Vec<i64>,
    children_right: Vec<i64>,
    feature: Vec<i64>,
    threshold: Vec<u64>,
    impurity: Vec<u64>,
    n_node_samples: Vec<i64>,
    weighted_n_node_samples: Vec<u64>,
    missing_go_to_left: Vec<bool>,
    value: Vec<u64>,
    max_depth: usize,
    feature_importances: Vec<u64>,
    apply: Vec<usize>,
    path_lengths: Vec<usize>,
    predict: Value,
    predict_proba: Option<Vec<u64>>,
    score: Vec<u64>,
    export_text: Vec<String>,
}

fn floats(bits: &[u64]) -> Vec<f64> {
    bits.iter().map(|&bits| f64::from_bits(bits)).collect()
}

fn bits(floats: &[f64]) -> Vec<u64> {
    floats.iter().map(|float| float.to_bits()).collect()
}

/// Sets the parameters that both kinds of trees have.
macro_rules! set_params {
    ($params:expr, $case:expr) => {{
        let mut params = $params;
        for (name, value) in &$case.params {
            let count = value.as_u64().unwrap_or(0) as usize;
            let float = value.as_f64().unwrap_or(0.0);
            params = match (name.as_str(), value.is_u64()) {
                ("random_state", _) => params.random_state(count as u32),
                ("max_depth", _) => params.max_depth(count),
                ("min_samples_split", true) => params.min_samples_split(count),
                ("min_samples_split", false) => params.min_samples_split_fraction(float),
                ("min_samples_leaf", true) => params.min_samples_leaf(count),
                ("min_samples_leaf", false) => params.min_samples_leaf_fraction(float),
                ("min_weight_fraction_leaf", _) => params.min_weight_fraction_leaf(float),
                ("max_leaf_nodes", _) => params.max_leaf_nodes(count),
                ("min_impurity_decrease", _) => params.min_impurity_decrease(float),
                ("ccp_alpha", _) => params.ccp_alpha(float),
                ("max_features", true) => params.max_features(MaxFeatures::Count(count)),
                ("max_features", false) => params.max_features(match value.as_str() {
                    Some("sqrt") => MaxFeatures::Sqrt,
                    Some("log2") => MaxFeatures::Log2,
                    _ => MaxFeatures::Fraction(float),
                }),
                ("criterion" | "class_weight", _) => params,
                (name, _) => panic!("unknown parameter {name}"),
            };
        }
        params
    }};
}

/// The first thing in which a tree differs from scikit-learn's.
fn difference(case: &Case, tree: &Tree) -> Option<&'static str> {
    let arrays = tree.arrays();
    let checks = [
        ("children_left", arrays.children_left == case.children_left),
        ("children_right", arrays.children_right == case.children_right),
        ("feature", arrays.feature == case.feature),
        ("threshold", bits(&arrays.threshold) == case.threshold),
        ("impurity", bits(&arrays.impurity) == case.impurity),
        ("n_node_samples", arrays.n_node_samples == case.n_node_samples),
        ("weights", bits(&arrays.weighted_n_node_samples) == case.weighted_n_node_samples),
        ("missing_go_to_left", arrays.missing_go_to_left == case.missing_go_to_left),
        ("value", bits(&arrays.value) == case.value),
        ("max_depth", tree.max_depth() == case.max_depth),
        ("importances", bits(&tree.feature_importances()) == case.feature_importances),
    ];
    checks.into_iter().find(|(_, same)| !same).map(|(what, _)| what)
}

fn array(case: &Case, bits: &[u64]) -> Array2<f64> {
    Array2::from_shape_vec((bits.len() / case.columns, case.columns), floats(bits)).unwrap()
}

fn check(case: &Case) -> Result<(), String> {
    let (x, test) = (array(case, &case.x), array(case, &case.test));
    let (x32, test32) = (x.mapv(|v| v as f32), test.mapv(|v| v as f32));
    let (x, test) = match case.single {
        true => (Features::from(&x32), Features::from(&test32)),
        false => (Features::from(&x), Features::from(&test)),
    };
    assert_eq!(x.shape(), (case.rows, case.columns));
    let weights = case.weights.as_deref().map(floats);
    let weights = weights.as_deref();
    let same = |what: &str, same: bool| if same { Ok(()) } else { Err(what.to_owned()) };
    if case.classification {
        let labels = case.labels.as_ref().unwrap();
        let mut params = set_params!(DecisionTreeClassifier::params(), case);
        match case.params.get("criterion").and_then(Value::as_str) {
            Some("entropy") => params = params.criterion(Criterion::Entropy),
            Some("log_loss") => params = params.criterion(Criterion::LogLoss),
            _ => {}
        }
        if case.params.contains_key("class_weight") {
            params = params.class_weight(ClassWeight::Balanced);
        }
        same("repr", params.to_string() == case.repr)?;
        let model = params.fit_weighted(x, labels, weights).map_err(|error| error.to_string())?;
        if let Some(what) = difference(case, model.tree()) {
            return Err(what.to_owned());
        }
        for (options, expected) in text_options(case.columns).iter().zip(&case.export_text) {
            let text = model.export_text_with(options).unwrap();
            same(&format!("export_text\n{text}\n---\n{expected}"), text == *expected)?;
        }
        let pickle = serde_pickle::to_vec(&model, Default::default()).unwrap();
        let loaded: DecisionTreeClassifier = serde_pickle::from_slice(&pickle, Default::default()).unwrap();
        same("pickle", pickle == serde_pickle::to_vec(&loaded, Default::default()).unwrap())?;
        same("apply", model.apply(test).unwrap() == case.apply)?;
        same("lengths", model.decision_path_lengths(test).unwrap() == case.path_lengths)?;
        let predicted = serde_json::to_value(model.predict(test).unwrap()).unwrap();
        same("predict", predicted == case.predict)?;
        let fractions = model.predict_proba(test).unwrap();
        let fractions = bits(fractions.as_slice().unwrap());
        same("predict_proba", Some(fractions) == case.predict_proba)?;
        same("score", model.score(x, labels).unwrap().to_bits() == case.score[0])?;
    } else {
        let target = floats(case.target.as_ref().unwrap());
        let params = set_params!(DecisionTreeRegressor::params(), case);
        same("repr", params.to_string() == case.repr)?;
        let model = params.fit_weighted(x, &target, weights).map_err(|error| error.to_string())?;
        if let Some(what) = difference(case, model.tree()) {
            return Err(what.to_owned());
        }
        for (options, expected) in text_options(case.columns).iter().zip(&case.export_text) {
            let text = model.export_text_with(options).unwrap();
            same(&format!("export_text\n{text}\n---\n{expected}"), text == *expected)?;
        }
        let pickle = serde_pickle::to_vec(&model, Default::default()).unwrap();
        let loaded: DecisionTreeRegressor = serde_pickle::from_slice(&pickle, Default::default()).unwrap();
        same("pickle", pickle == serde_pickle::to_vec(&loaded, Default::default()).unwrap())?;
        same("apply", model.apply(test).unwrap() == case.apply)?;
        same("lengths", model.decision_path_lengths(test).unwrap() == case.path_lengths)?;
        let predicted: Vec<u64> = serde_json::from_value(case.predict.clone()).unwrap();
        same("predict", bits(&model.predict(test).unwrap()) == predicted)?;
        let (score, expected) = (model.score(x, &target).unwrap(), f64::from_bits(case.score[0]));
        let close = (score - expected).abs() <= 1e-9 * expected.abs().max(1.0);
        same("score", close || score.is_nan() && expected.is_nan())?;
    }
    Ok(())
}

/// The options that the script writes trees with.
fn text_options(columns: usize) -> [TextOptions; 4] {
    let names = (0..columns).map(|column| format!("column {column}")).collect();
    [
        TextOptions::default(),
        TextOptions::default().decimals(4).spacing(1).max_depth(2),
        TextOptions::default().show_weights(true).feature_names(names),
        TextOptions::default().decimals(0).max_depth(0).show_weights(true),
    ]
}

/// Cases that scikit-learn works out: `count` of them, from the seed `first` on.
fn cases(count: usize, first: usize) -> Vec<Case> {
    let output = Command::new(support::python())
        .args(["tests/reference/trees.py", &count.to_string(), &first.to_string()])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let cases: Vec<Case> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(cases.len(), count);
    cases
}

/// PICKLEBOOK_TREE_CASES sets their number, to try many more than a test should.
#[test]
fn random_data_gives_the_very_trees_of_scikit_learn() {
    let count = std::env::var("PICKLEBOOK_TREE_CASES").map_or(600, |n| n.parse().unwrap());
    let mut different = Vec::new();
    for case in cases(count, 0) {
        if let Err(what) = check(&case) {
            different.push(format!("seed {}: {what}: {:?}", case.seed, case.params));
        }
    }
    println!("{} of {count} identical", count - different.len());
    assert!(different.is_empty(), "{} differ:\n{}", different.len(), different.join("\n"));
}
