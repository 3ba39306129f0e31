//! Forests and boosted trees against scikit-learn's own, and against hostile parts.

mod support;

use std::process::Command;
use std::sync::Arc;

use ndarray::Array2;
use picklebook::data::{Features, Frame, Labels};
use picklebook::ensemble::{
    AdaBoostAlgorithm, AdaBoostClassifier, AdaBoostParts, AdaBoostRegressor, CategorySet,
    ClassifierLoss, ForestClassifier, ForestKind, ForestParts, ForestRegressor,
    GradientBoostingClassifier, GradientBoostingParts, GradientBoostingRegressor,
    HistGradientBoostingClassifier, HistGradientBoostingParts, HistGradientBoostingRegressor,
    HistLink, HistNode, HistTree, Init,
};
use picklebook::model::{Answer, Error, Method, Model, Parameter, Parameters, ask};
use picklebook::pipeline::{ColumnStep, ColumnTransformer, Selection};
use picklebook::preprocessing::{
    Categories, OrdinalEncoder, OrdinalParts, TransformerParts, Unknown,
};
use picklebook::tree::{DecisionTreeClassifier, DecisionTreeRegressor, Tree, TreeArrays};
use serde_json::Value;

/// Cases of a family that scikit-learn works out: `count` of them, from the seed `first` on.
/// PICKLEBOOK_ENSEMBLE_CASES sets their number, to try many more than a test should.
fn cases(family: &str, count: usize, first: usize) -> Vec<Value> {
    let count = std::env::var("PICKLEBOOK_ENSEMBLE_CASES").map_or(count, |n| n.parse().unwrap());
    let output = Command::new(support::python())
        .args(["tests/reference/ensembles.py", family])
        .args([count.to_string(), first.to_string()])
        .env("OMP_NUM_THREADS", "1")
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
    compare("forest", 120, |case| {
        let rows = test_rows(case);
        let parts = forest_parts(case);
        let importances = bits(&case["feature_importances"]);
        let leaves: Vec<Vec<usize>> = serde_json::from_value(case["apply"].clone()).unwrap();
        let leaves = leaves.concat();
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

/// Compares numbers in which the platform's exponential function or logarithm had a part.
fn close(what: &str, own: &[f64], expected: &[f64]) -> Result<(), String> {
    let far = |(own, expected): (&f64, &f64)| {
        let same = own == expected || (own.is_nan() && expected.is_nan());
        !same && (own - expected).abs() > 1e-12 * expected.abs().max(1.0)
    };
    match own.len() == expected.len() && !own.iter().zip(expected).any(far) {
        true => Ok(()),
        false => Err(format!("{what} differs: {own:?}, {expected:?}")),
    }
}

/// The classes that follow from scores may differ only where these are as good as equal.
fn same_labels(own: &Labels, expected: &Labels, scores: &Array2<f64>) -> Result<(), String> {
    let tied = |row: usize| {
        let mut scores = scores.row(row).to_vec();
        if scores.len() == 1 {
            scores.push(0.0);
        }
        scores.sort_by(f64::total_cmp);
        scores
            .windows(2)
            .last()
            .is_some_and(|pair| pair[1] - pair[0] <= 1e-12 * pair[1].abs().max(1.0))
    };
    let differs = |row: &usize| own.get(*row) != expected.get(*row) && !tied(*row);
    match own.len() == expected.len() && !(0..own.len()).any(|row| differs(&row)) {
        true => Ok(()),
        false => Err("predict differs".to_owned()),
    }
}

fn error(error: Error) -> String {
    error.to_string()
}

fn slice(table: &Array2<f64>) -> &[f64] {
    table.as_slice().unwrap()
}

fn trees(value: &Value, columns: usize) -> Vec<Tree> {
    value.as_array().unwrap().iter().map(|value| tree(value, columns)).collect()
}

#[test]
fn gradient_boosting_answers_as_that_of_scikit_learn() {
    compare("boosting", 100, |case| {
        let (rows, columns) = (test_rows(case), count(&case["columns"]));
        let rate = f64::from_bits(case["learning_rate"].as_u64().unwrap());
        let trees_of = |value: &Value| trees(value, columns);
        let mut parts =
            GradientBoostingParts::new(trees_of(&case["trees"]), count(&case["per_stage"]), rate);
        parts.parameters = parameters(case);
        let mut exact = true;
        parts.init = match case.get("init") {
            None => Init::Zero,
            Some(Value::Array(_)) => {
                exact = case["classification"] == false;
                Init::Constant(floats(&case["init"]))
            }
            Some(forest) => {
                let parts = ForestParts::new(ForestKind::RandomForest, trees_of(&forest["trees"]));
                Init::Estimator(match forest.get("classes") {
                    None => Arc::new(ForestRegressor::from_parts(parts, 1).map_err(error)?),
                    Some(classes) => {
                        exact = false;
                        let classes = all_labels(classes);
                        Arc::new(ForestClassifier::from_parts(parts, classes).map_err(error)?)
                    }
                })
            }
        };
        let leaves: Vec<Vec<usize>> = serde_json::from_value(case["apply"].clone()).unwrap();
        let importances = bits(&case["feature_importances"]);
        for jobs in [1, 3] {
            if case["classification"] == false {
                let model = GradientBoostingRegressor::from_parts(parts.clone()).map_err(error)?;
                let model = model.with_n_jobs(jobs);
                let own = model.predict(&rows).map_err(error)?;
                same("predict", bits_of(&own), bits(&case["estimates"]))?;
                let own = model.apply(&rows).map_err(error)?.into_iter().collect();
                same("apply", own, leaves.concat())?;
                same("importances", bits_of(&model.feature_importances()), importances.clone())?;
                continue;
            }
            let loss = match case["loss"].as_str() {
                Some("exponential") => ClassifierLoss::Exponential,
                _ => ClassifierLoss::LogLoss,
            };
            let model = GradientBoostingClassifier::from_parts(
                parts.clone(),
                labels(&case["classes"]),
                loss,
            );
            let model = model.map_err(error)?.with_n_jobs(jobs);
            let scores = model.decision_function(&rows).map_err(error)?;
            match exact {
                true => same("decision", bits_of(&scores), bits(&case["decision_function"]))?,
                false => close("decision", slice(&scores), &floats(&case["decision_function"]))?,
            }
            let own = model.predict(&rows).map_err(error)?;
            match exact {
                true => same("predict", own, labels(&case["predict"]))?,
                false => same_labels(&own, &labels(&case["predict"]), &scores)?,
            }
            let own = model.predict_proba(&rows).map_err(error)?;
            close("predict_proba", slice(&own), &floats(&case["predict_proba"]))?;
            let own = model.apply(&rows).map_err(error)?.into_iter().collect();
            same("apply", own, leaves.concat())?;
            same("importances", bits_of(&model.feature_importances()), importances.clone())?;
        }
        Ok(())
    });
}

fn sets(value: &Value) -> Vec<CategorySet> {
    serde_json::from_value(value.clone()).unwrap()
}

fn hist_tree(value: &Value, columns: usize) -> HistTree {
    let numbers = |name: &str| whole(&value[name]);
    let (values, thresholds, gains) =
        (floats(&value["value"]), floats(&value["num_threshold"]), floats(&value["gain"]));
    let (counts, features, missing) =
        (numbers("count"), numbers("feature_idx"), numbers("missing_go_to_left"));
    let (left, right, depth) = (numbers("left"), numbers("right"), numbers("depth"));
    let (leaf, bin) = (numbers("is_leaf"), numbers("bin_threshold"));
    let (categorical, set) = (numbers("is_categorical"), numbers("bitset_idx"));
    let node = |node: usize| HistNode {
        value: values[node],
        count: counts[node] as u32,
        feature_idx: features[node] as u32,
        num_threshold: thresholds[node],
        missing_go_to_left: missing[node] == 1,
        left: left[node] as u32,
        right: right[node] as u32,
        gain: gains[node],
        depth: depth[node] as u32,
        is_leaf: leaf[node] == 1,
        bin_threshold: bin[node] as u8,
        is_categorical: categorical[node] == 1,
        bitset_idx: set[node] as u32,
    };
    let nodes = (0..values.len()).map(node).collect();
    HistTree::new(nodes, sets(&value["raw"]), sets(&value["binned"]), columns).unwrap()
}

/// What encodes the categories of a case, and puts their columns first.
fn preprocessor(case: &Value) -> Arc<dyn Model> {
    let mask: Vec<bool> = serde_json::from_value(case["categorical"].clone()).unwrap();
    let categories = case["categories"].as_array().unwrap().iter();
    let categories: Vec<_> = categories.map(|it| Categories::Numbers(floats(it))).collect();
    let mut parts = OrdinalParts::new(categories.clone());
    parts.unknown = Unknown::Value(f64::NAN);
    let encoder = TransformerParts::new(categories.len());
    let encoder = OrdinalEncoder::from_parts(encoder, parts).unwrap();
    let others = mask.iter().map(|categorical| !categorical).collect();
    let steps = vec![
        ("encoder".into(), ColumnStep::Model(Arc::new(encoder)), Selection::Mask(mask.clone())),
        ("numerical".into(), ColumnStep::Passthrough, Selection::Mask(others)),
    ];
    Arc::new(ColumnTransformer::from_parts(TransformerParts::new(mask.len()), steps).unwrap())
}

#[test]
fn histogram_gradient_boosting_answers_as_that_of_scikit_learn() {
    compare("hist", 80, |case| {
        let (rows, columns) = (test_rows(case), count(&case["columns"]));
        let inner = Array2::from_shape_vec(rows.dim(), floats(&case["inner"])).unwrap();
        let all = case["trees"].as_array().unwrap().iter().map(|value| hist_tree(value, columns));
        let mut parts = HistGradientBoostingParts::new(all.collect(), floats(&case["baseline"]));
        parts.known_categories = sets(&case["known"]);
        parts.parameters = parameters(case);
        let plain = parts.clone();
        if case.get("categorical").is_some() {
            parts.preprocessor = Some(preprocessor(case));
        }
        for jobs in [1, 3] {
            if case["classification"] == false {
                let link = match case["loss"].as_str() {
                    Some("gamma" | "poisson") => HistLink::Log,
                    _ => HistLink::Identity,
                };
                let model = |parts, link| {
                    HistGradientBoostingRegressor::from_parts(parts, link).map_err(error)
                };
                let scores = model(parts.clone(), HistLink::Identity)?.with_n_jobs(jobs);
                let own = scores.predict(&rows).map_err(error)?;
                same("raw", bits_of(&own), bits(&case["raw"]))?;
                let own = model(parts.clone(), link)?.predict(&rows).map_err(error)?;
                close("predict", &own, &floats(&case["estimates"]))?;
                let own =
                    model(plain.clone(), HistLink::Identity)?.predict(&inner).map_err(error)?;
                same("inner", bits_of(&own), bits(&case["inner_scores"]))?;
                continue;
            }
            let classes = labels(&case["classes"]);
            let model = |parts| {
                let model = HistGradientBoostingClassifier::from_parts(parts, classes.clone());
                model.map_err(error).map(|model| model.with_n_jobs(jobs))
            };
            let own = model(plain.clone())?.decision_function(&inner).map_err(error)?;
            same("inner", bits_of(&own), bits(&case["inner_scores"]))?;
            let model = model(parts.clone())?;
            let own = model.decision_function(&rows).map_err(error)?;
            same("decision", bits_of(&own), bits(&case["decision_function"]))?;
            same("predict", model.predict(&rows).map_err(error)?, labels(&case["predict"]))?;
            let own = model.predict_proba(&rows).map_err(error)?;
            close("predict_proba", slice(&own), &floats(&case["predict_proba"]))?;
            let table = Frame::from_numbers(rows.clone());
            let own = ask(&model, &table, Method::Predict).map_err(error)?;
            same("ask", own, Answer::Labels(labels(&case["predict"])))?;
        }
        Ok(())
    });
}

#[test]
fn ada_boost_answers_as_that_of_scikit_learn() {
    compare("ada", 60, |case| {
        let (rows, columns) = (test_rows(case), count(&case["columns"]));
        let all = trees(&case["trees"], columns).into_iter().enumerate();
        let estimator = |(number, tree): (usize, Tree)| -> Arc<dyn Model> {
            match case["classification"] == true {
                true => {
                    let classes = labels(&case["tree_classes"][number]);
                    let params = DecisionTreeClassifier::params();
                    let tree = DecisionTreeClassifier::from_tree(params, tree, classes, None);
                    Arc::new(tree.unwrap())
                }
                false => {
                    let params = DecisionTreeRegressor::params();
                    Arc::new(DecisionTreeRegressor::from_tree(params, tree, None).unwrap())
                }
            }
        };
        let parts = AdaBoostParts::new(all.map(estimator).collect(), floats(&case["weights"]));
        let importances = bits(&case["feature_importances"]);
        if case["classification"] == false {
            let model = AdaBoostRegressor::from_parts(parts).map_err(error)?;
            let own = model.predict(&rows).map_err(error)?;
            same("predict", bits_of(&own), bits(&case["estimates"]))?;
            return same("importances", bits_of(&model.feature_importances()), importances);
        }
        let classes = labels(&case["classes"]);
        let model = AdaBoostClassifier::from_parts(parts, classes, AdaBoostAlgorithm::Samme);
        let model = model.map_err(error)?;
        let own = model.decision_function(&rows).map_err(error)?;
        same("decision", bits_of(&own), bits(&case["decision_function"]))?;
        same("predict", model.predict(&rows).map_err(error)?, labels(&case["predict"]))?;
        let own = model.predict_proba(&rows).map_err(error)?;
        close("predict_proba", slice(&own), &floats(&case["predict_proba"]))?;
        same("importances", bits_of(&model.feature_importances()), importances)
    });
}
