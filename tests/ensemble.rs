//! Forests and boosted trees against scikit-learn's own, and against hostile parts.

mod support;

use std::process::Command;

use ndarray::Array2;
use picklebook::data::{Features, Labels};
use picklebook::ensemble::{ForestClassifier, ForestKind, ForestParts, ForestRegressor};
use picklebook::model::{Error, Model, Parameter, Parameters};
use picklebook::tree::{Tree, TreeArrays};
use serde_json::Value;

/// Cases of a family that scikit-learn works out: `count` of them, from the seed `first` on.
/// PICKLEBOOK_ENSEMBLE_CASES sets their number, to try many more than a test should.
fn cases(family: &str, count: usize, first: usize) -> Vec<Value> {
    let count = std::env::var("PICKLEBOOK_ENSEMBLE_CASES").map_or(count, |n| n.parse().unwrap());
    let output = Command::new(support::python())
        .args(["tests/reference/ensembles.py", family])
        .args([count.to_string(), first.to_string()])
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).unwrap();
    let cases: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(cases.len(), count);
    cases
}

fn bits(value: &Value) -> Vec<u64> {
    value.as_array().unwrap().iter().map(|bits| bits.as_u64().unwrap()).collect()
}

fn floats(value: &Value) -> Vec<f64> {
    bits(value).into_iter().map(f64::from_bits).collect()
}

fn bits_of<'a>(floats: impl IntoIterator<Item = &'a f64>) -> Vec<u64> {
    floats.into_iter().map(|float| float.to_bits()).collect()
}

fn count(value: &Value) -> usize {
    value.as_u64().unwrap() as usize
}

fn whole(value: &Value) -> Vec<i32> {
    value.as_array().unwrap().iter().map(|number| number.as_i64().unwrap() as i32).collect()
}

fn labels(value: &Value) -> Labels {
    match value.get("floats") {
        Some(bits) => Labels::Floats(floats(bits)),
        None => serde_json::from_value(value["plain"].clone()).unwrap(),
    }
}

fn all_labels(value: &Value) -> Vec<Labels> {
    value.as_array().unwrap().iter().map(labels).collect()
}

fn test_rows(case: &Value) -> Array2<f64> {
    let (columns, values) = (count(&case["columns"]), floats(&case["test"]));
    Array2::from_shape_vec((values.len() / columns, columns), values).unwrap()
}

fn arrays(value: &Value) -> TreeArrays {
    TreeArrays {
        children_left: whole(&value["children_left"]),
        children_right: whole(&value["children_right"]),
        feature: whole(&value["feature"]),
        threshold: floats(&value["threshold"]),
        impurity: floats(&value["impurity"]),
        n_node_samples: whole(&value["n_node_samples"]),
        weighted_n_node_samples: floats(&value["weighted_n_node_samples"]),
        missing_go_to_left: serde_json::from_value(value["missing_go_to_left"].clone()).unwrap(),
        value: floats(&value["value"]),
    }
}

fn tree(value: &Value, columns: usize) -> Tree {
    Tree::new(arrays(value), columns, count(&value["width"])).unwrap()
}

fn parameters(case: &Value) -> Parameters {
    let parameter = |value: &Value| match value {
        Value::String(text) => Parameter::Text(text.clone()),
        Value::Bool(boolean) => Parameter::Boolean(*boolean),
        Value::Number(number) => match number.as_i64() {
            Some(whole) => Parameter::Integer(whole),
            None => Parameter::Float(number.as_f64().unwrap()),
        },
        _ => Parameter::None,
    };
    let params = case["params"].as_object().unwrap();
    params.iter().map(|(name, value)| (name.clone(), parameter(value))).collect()
}

/// Compares all cases of a family, and says which differ.
fn compare(family: &str, number: usize, check: impl Fn(&Value) -> Result<(), String>) {
    let mut different = Vec::new();
    for case in cases(family, number, 0) {
        if let Err(what) = check(&case) {
            different.push(format!("seed {} {}: {what}", case["seed"], case["name"]));
        }
    }
    assert!(different.is_empty(), "{} differ:\n{}", different.len(), different.join("\n"));
}

fn same<T: PartialEq>(what: &str, own: T, expected: T) -> Result<(), String> {
    if own == expected { Ok(()) } else { Err(format!("{what} differs")) }
}

fn forest_parts(case: &Value) -> ForestParts {
    let kind = match case["name"].as_str().unwrap() {
        "RandomForest" => ForestKind::RandomForest,
        "ExtraTrees" => ForestKind::ExtraTrees,
        "DecisionTree" => ForestKind::DecisionTree,
        _ => ForestKind::ExtraTree,
    };
    let columns = count(&case["columns"]);
    let trees = case["trees"].as_array().unwrap().iter().map(|value| tree(value, columns));
    let mut parts = ForestParts::new(kind, trees.collect());
    parts.parameters = parameters(case);
    parts
}

#[test]
fn forests_answer_as_those_of_scikit_learn() {
    compare("forest", 300, |case| {
        let rows = test_rows(case);
        let parts = forest_parts(case);
        let importances = bits(&case["feature_importances"]);
        let leaves: Vec<Vec<usize>> = serde_json::from_value(case["apply"].clone()).unwrap();
        let leaves = leaves.concat();
        let error = |error: Error| error.to_string();
        // the layout of the rows does not matter, nor the number of threads
        let columns_first = rows.t().as_standard_layout().reversed_axes().to_owned();
        let mut tables = vec![(Features::from(&rows), 1), (Features::from(&columns_first), 3)];
        let narrow = rows.mapv(|value| value as f32);
        tables.push((Features::from(&narrow), 0));
        for (features, jobs) in tables {
            if case["classification"] == true {
                let classes = all_labels(&case["classes"]);
                let model = ForestClassifier::from_parts(parts.clone(), classes).map_err(error)?;
                let model = model.with_n_jobs(jobs);
                let predicted = model.predict_outputs(features).map_err(error)?;
                let probabilities = model.predict_proba_outputs(features).map_err(error)?;
                let own: Vec<Vec<u64>> = probabilities.iter().map(bits_of).collect();
                let expected = case["predict_proba"].as_array().unwrap().iter().map(bits);
                same("predict_proba", own, expected.collect())?;
                if model.n_outputs() == 1 {
                    same("predict", model.predict(features).map_err(error)?, predicted[0].clone())?;
                    let own = model.predict_proba(features).map_err(error)?;
                    same("predict_proba", &own, &probabilities[0])?;
                }
                same("predict", predicted, all_labels(&case["predict"]))?;
                let own = model.apply(features).map_err(error)?.into_iter().collect();
                same("apply", own, leaves.clone())?;
                same("importances", bits_of(&model.feature_importances()), importances.clone())?;
            } else {
                let outputs = count(&case["outputs"]);
                let model = ForestRegressor::from_parts(parts.clone(), outputs).map_err(error)?;
                let model = model.with_n_jobs(jobs);
                let own = model.predict_outputs(features).map_err(error)?;
                same("predict", bits_of(&own), bits(&case["estimates"]))?;
                let own = model.apply(features).map_err(error)?.into_iter().collect();
                same("apply", own, leaves.clone())?;
                same("importances", bits_of(&model.feature_importances()), importances.clone())?;
            }
        }
        Ok(())
    });
}
