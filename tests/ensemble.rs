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
use picklebook::model::{Answer, Error, Method, Model, Parameter, Parameters, SklearnVersion, ask};
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

fn message<T>(result: Result<T, Error>) -> String {
    result.err().expect("refused").to_string()
}

/// A tree of two columns: `x[0] <= 2.5`, and on the left `x[1] <= 7`. Missing values go right.
fn small(values: [[f64; 2]; 5]) -> TreeArrays {
    TreeArrays {
        children_left: vec![1, 2, -1, -1, -1],
        children_right: vec![4, 3, -1, -1, -1],
        feature: vec![0, 1, -2, -2, -2],
        threshold: vec![2.5, 7.0, -2.0, -2.0, -2.0],
        impurity: vec![0.5, 0.5, 0.0, 0.0, 0.0],
        n_node_samples: vec![8, 4, 2, 2, 4],
        weighted_n_node_samples: vec![8.0, 4.0, 2.0, 2.0, 4.0],
        missing_go_to_left: vec![false; 5],
        value: values.concat(),
    }
}

const FRACTIONS: [[f64; 2]; 5] = [[0.5, 0.5], [0.5, 0.5], [1.0, 0.0], [0.25, 0.75], [0.0, 1.0]];

fn two() -> Vec<Labels> {
    vec![Labels::from(["no", "yes"])]
}

fn forest(kind: ForestKind, version: SklearnVersion, values: [[f64; 2]; 5]) -> ForestClassifier {
    let tree = Tree::new(small(values), 2, 2).expect("a whole tree");
    let mut parts = ForestParts::new(kind, vec![tree]);
    parts.version = version;
    ForestClassifier::from_parts(parts, two()).expect("a forest")
}

#[test]
fn old_trees_hold_counts() {
    let counts = [[4.0, 4.0], [2.0, 2.0], [2.0, 0.0], [0.5, 1.5], [0.0, 0.0]];
    let rows = [[1.0, 8.0], [3.0, 0.0], [0.0, 0.0]];
    for kind in [ForestKind::RandomForest, ForestKind::DecisionTree] {
        let old = forest(kind, SklearnVersion::new(1, 3, 0), counts);
        let expected = [[0.25, 0.75], [0.0, 0.0], [1.0, 0.0]];
        assert_eq!(old.predict_proba(&rows).expect("asked"), ndarray::arr2(&expected));
        assert_eq!(old.predict(&rows).expect("asked"), Labels::from(["yes", "no", "no"]));
        let new = forest(kind, SklearnVersion::new(1, 4, 0), counts);
        assert_eq!(new.predict_proba(&rows).expect("asked")[(0, 1)], 1.5);
    }
}

#[test]
fn missing_values_are_taken_where_that_scikit_learn_took_them() {
    let takes = |kind, version: &str, parameters: &[(&str, &str)]| {
        let tree = Tree::new(small(FRACTIONS), 2, 2).expect("a whole tree");
        let mut parts = ForestParts::new(kind, vec![tree]);
        parts.version = version.parse().expect("a version");
        let text = |(name, value): &(&str, &str)| ((*name).to_owned(), Parameter::from(*value));
        parts.parameters = parameters.iter().map(text).collect();
        let model = ForestClassifier::from_parts(parts, two()).expect("a forest");
        let predicted = model.predict(&[[1.0, 1.0], [f64::NAN, 1.0]]);
        assert_eq!(predicted.is_ok(), model.takes_missing_values());
        match predicted {
            Ok(labels) => assert_eq!(labels, Labels::from(["no", "yes"])),
            Err(error) => {
                let text = error.to_string();
                assert!(text.starts_with("row 1, column \"0\" holds NaN, and "), "{text}");
            }
        }
        model.takes_missing_values()
    };
    use ForestKind::{DecisionTree, ExtraTree, ExtraTrees, RandomForest};
    for (kind, since) in [(DecisionTree, 3), (RandomForest, 4), (ExtraTree, 6), (ExtraTrees, 6)] {
        for minor in 0..=9 {
            let taken = takes(kind, &format!("1.{minor}.0"), &[]);
            assert_eq!(taken, minor >= since, "{kind:?} 1.{minor}");
        }
        assert!(!takes(kind, "0.24.2", &[]));
    }
    assert!(!takes(DecisionTree, "1.5", &[("splitter", "random")]));
    assert!(takes(DecisionTree, "1.6", &[("splitter", "random")]));
    assert!(!takes(RandomForest, "1.8", &[("monotonic_cst", "some")]));
    assert!(!takes(RandomForest, "1.8", &[("criterion", "another")]));
    assert!(takes(RandomForest, "1.9", &[("criterion", "another")]));
    assert!(!takes(ExtraTree, "1.9", &[("splitter", "best")]));
}

#[test]
fn what_is_infinite_as_a_32_bit_float_is_refused() {
    let model = forest(ForestKind::RandomForest, SklearnVersion::LATEST, FRACTIONS);
    let error = message(model.predict(&[[1.0, 1.0], [1.0, 1e39]]));
    assert!(error.starts_with("row 1, column 1 holds 1e39, which is infinite"), "{error}");
    assert!(model.predict(&[[3e38, -3e38]]).is_ok());
    assert!(model.predict(&[[1.0_f32, f32::NEG_INFINITY]]).is_err());
    let error = message(model.predict(&[[1.0]]));
    assert!(error.starts_with("the rows have 1 columns, but the model was fitted on 2"), "{error}");
    let none = Array2::<f64>::zeros((0, 2));
    assert_eq!(model.predict_proba(&none).expect("no rows").dim(), (0, 2));
    assert_eq!(model.apply(&none).expect("no rows").dim(), (0, 1));
}

/// Every index that a node has, with every value that it may not have.
#[test]
fn hostile_trees_are_refused_with_their_number() {
    let whole = || Tree::new(small(FRACTIONS), 2, 2).expect("a whole tree");
    for node in 0..5_i32 {
        for value in [-3, i32::MIN, i32::MAX, node, node - 1, 5, 99] {
            let changes: [fn(&mut TreeArrays) -> &mut Vec<i32>; 3] = [
                |arrays| &mut arrays.children_left,
                |arrays| &mut arrays.children_right,
                |arrays| &mut arrays.feature,
            ];
            for (number, change) in changes.iter().enumerate() {
                let mut arrays = small(FRACTIONS);
                let place = &mut change(&mut arrays)[node as usize];
                // what stands there already, and a leaf's feature, which says nothing
                if *place == value || (number == 2 && (node > 1 || (0..2).contains(&value))) {
                    continue;
                }
                *place = value;
                let tree = Tree::new(arrays, 2, 2).map_err(|error| error.in_tree(7));
                let error = message(tree);
                assert!(error.starts_with("tree 7: this is not a whole tree: node "), "{error}");
            }
        }
    }
    let parts = |trees| ForestParts::new(ForestKind::ExtraTrees, trees);
    let other = Tree::new(small(FRACTIONS), 3, 2).expect("a whole tree");
    let error = message(ForestClassifier::from_parts(parts(vec![whole(), other]), two()));
    assert!(error.starts_with("tree 1: features: expected 2, found 3"), "{error}");
    let three = vec![Labels::from(["a", "b", "c"])];
    let error = message(ForestClassifier::from_parts(parts(vec![whole()]), three));
    assert!(error.starts_with("tree 0: values of a node: expected 3, found 2"), "{error}");
    assert!(ForestClassifier::from_parts(parts(vec![]), two()).is_err());
    assert!(ForestClassifier::from_parts(parts(vec![whole()]), vec![]).is_err());
    for classes in [["yes", "no"], ["no", "no"]] {
        let classes = vec![Labels::from(classes)];
        assert!(ForestClassifier::from_parts(parts(vec![whole()]), classes).is_err());
    }
    for outputs in [0, 1, 3, usize::MAX] {
        assert!(ForestRegressor::from_parts(parts(vec![whole()]), outputs).is_err());
    }
    assert!(ForestRegressor::from_parts(parts(vec![whole()]), 2).is_ok());
    let single = ForestParts::new(ForestKind::DecisionTree, vec![whole(), whole()]);
    assert!(ForestClassifier::from_parts(single, two()).is_err());
}

/// A tree of one column: at most 2.5 or not; the categories 1 and 3 or not; and three leaves.
fn hist_nodes() -> Vec<HistNode> {
    let leaf = |value| HistNode { value, is_leaf: true, ..HistNode::default() };
    let root = HistNode { num_threshold: 2.5, left: 1, right: 2, ..HistNode::default() };
    let categories =
        HistNode { is_categorical: true, feature_idx: 1, left: 3, right: 4, ..HistNode::default() };
    vec![root, leaf(1.0), categories, leaf(2.0), leaf(4.0)]
}

#[test]
fn hostile_histogram_trees_are_refused_with_their_node() {
    let set = || vec![[0b1010, 0, 0, 0, 0, 0, 0, 0]];
    let make = |nodes| HistTree::new(nodes, set(), set(), 2);
    assert!(make(hist_nodes()).is_ok());
    for node in [0, 2] {
        for value in [u32::MAX, 1 << 31, node, 0, 5] {
            for child in 0..2 {
                let mut nodes = hist_nodes();
                let changed = &mut nodes[node as usize];
                *(if child == 0 { &mut changed.left } else { &mut changed.right }) = value;
                let error = message(make(nodes));
                assert!(error.contains(&format!("node {node}: its child is")), "{error}");
            }
        }
        let mut nodes = hist_nodes();
        nodes[node as usize].feature_idx = 2;
        assert!(message(make(nodes)).contains("its feature is 2, of 2 features"));
    }
    let mut nodes = hist_nodes();
    nodes[2].bitset_idx = 1;
    assert!(message(make(nodes)).contains("node 2: its set of categories is 1, of 1 sets"));
    let mut nodes = hist_nodes();
    nodes[0].right = 1;
    assert!(message(make(nodes)).contains("node 0: its child 1 has another parent too"));
    let mut nodes = hist_nodes();
    nodes[0].num_threshold = f64::NAN;
    assert!(message(make(nodes)).contains("node 0: its threshold is not a number"));
    let mut nodes = hist_nodes();
    nodes[4].value = f64::NAN;
    assert!(message(make(nodes)).contains("node 4: its value is not a number"));
    let mut nodes = hist_nodes();
    nodes.push(HistNode::default());
    assert!(message(make(nodes)).contains("node 5: it is no node's child"));
    assert!(make(vec![]).is_err() && HistTree::new(hist_nodes(), set(), set(), 0).is_err());
}

#[test]
fn categories_go_their_way() {
    let set = vec![[0b1010, 0, 0, 0, 0, 0, 0, 0]];
    let tree = HistTree::new(hist_nodes(), set.clone(), set, 2).expect("a whole tree");
    let mut parts = HistGradientBoostingParts::new(vec![tree; 2], vec![0.5]);
    // the fit saw the categories 1 to 4
    parts.known_categories = vec![[0; 8], [0b11110, 0, 0, 0, 0, 0, 0, 0]];
    let rows = [
        [f64::NEG_INFINITY, 0.0],
        [9.0, 1.0],
        [9.0, 3.7],
        [9.0, 2.0],
        [9.0, 77.0],
        [9.0, -1.0],
        [9.0, f64::NAN],
        // in scikit-learn's 8 bits this is category 1
        [9.0, 257.0],
    ];
    let expected = [2.5, 4.5, 4.5, 8.5, 8.5, 8.5, 8.5, 4.5];
    let model = HistGradientBoostingRegressor::from_parts(parts.clone(), HistLink::Identity);
    assert_eq!(model.expect("a model").predict(&rows).expect("asked"), expected);
    // what is not known goes as what is missing
    let mut left = hist_nodes();
    left[2].missing_go_to_left = true;
    let set = vec![[0b1010, 0, 0, 0, 0, 0, 0, 0]];
    let tree = HistTree::new(left, set.clone(), set, 2).expect("a whole tree");
    parts.trees = vec![tree; 2];
    let model = HistGradientBoostingRegressor::from_parts(parts.clone(), HistLink::Identity);
    let expected = [2.5, 4.5, 4.5, 8.5, 4.5, 4.5, 4.5, 4.5];
    assert_eq!(model.expect("a model").predict(&rows).expect("asked"), expected);
    // a feature that is asked for a category by one node and for a number by another
    let mut mixed = hist_nodes();
    mixed[0].feature_idx = 1;
    let set = vec![[0b1010, 0, 0, 0, 0, 0, 0, 0]];
    let tree = HistTree::new(mixed, set.clone(), set, 2).expect("a whole tree");
    parts.trees = vec![tree; 2];
    let model = HistGradientBoostingRegressor::from_parts(parts.clone(), HistLink::Identity);
    let expected = [2.5, 2.5, 4.5, 2.5, 8.5, 2.5, 8.5, 4.5];
    assert_eq!(model.expect("a model").predict(&rows).expect("asked"), expected);
    parts.known_categories.pop();
    assert!(HistGradientBoostingRegressor::from_parts(parts.clone(), HistLink::Identity).is_err());
    parts.known_categories.clear();
    parts.baseline = vec![0.5, 0.5];
    assert!(HistGradientBoostingRegressor::from_parts(parts.clone(), HistLink::Identity).is_err());
    parts.baseline = vec![0.5; 3];
    let three = Labels::from(["a", "b", "c"]);
    let error = message(HistGradientBoostingClassifier::from_parts(parts, three));
    assert!(error.contains("2 trees are no whole number of iterations of 3"), "{error}");
}

#[test]
fn boosting_is_checked_before_it_answers() {
    let values = || FRACTIONS.iter().map(|[value, _]| *value).collect();
    let tree = || {
        let arrays = TreeArrays { value: values(), ..small(FRACTIONS) };
        Tree::new(arrays, 2, 1).expect("a whole tree")
    };
    let parts = || GradientBoostingParts::new(vec![tree(); 4], 1, 0.5);
    let regressor = GradientBoostingRegressor::from_parts;
    assert!(regressor(parts()).is_ok());
    for stage in [0, 3] {
        let parts = GradientBoostingParts { trees_per_stage: stage, ..parts() };
        assert!(regressor(parts).is_err());
    }
    assert!(regressor(GradientBoostingParts { learning_rate: f64::NAN, ..parts() }).is_err());
    for init in [vec![], vec![1.0, 2.0], vec![f64::NAN]] {
        assert!(
            regressor(GradientBoostingParts { init: Init::Constant(init), ..parts() }).is_err()
        );
    }
    let classifier: Arc<dyn Model> =
        Arc::new(forest(ForestKind::RandomForest, SklearnVersion::LATEST, FRACTIONS));
    let init = || Init::Estimator(classifier.clone());
    let error = message(regressor(GradientBoostingParts { init: init(), ..parts() }));
    assert!(error.contains("it starts from a RandomForestClassifier"), "{error}");
    let make = |parts, classes: &[&str], loss| {
        GradientBoostingClassifier::from_parts(parts, Labels::from(classes), loss)
    };
    let (log, exponential) = (ClassifierLoss::LogLoss, ClassifierLoss::Exponential);
    let started = GradientBoostingParts { init: init(), ..parts() };
    assert!(make(started.clone(), &["a", "b"], log).is_ok());
    assert!(make(started, &["a"], log).is_err());
    assert!(make(parts(), &["a", "b"], exponential).is_ok());
    assert!(make(parts(), &["a", "b", "c"], log).is_err());
    let two = GradientBoostingParts { trees_per_stage: 2, ..parts() };
    assert!(make(two, &["a", "b"], log).is_err());
    let error = message(
        make(parts(), &["a", "b"], log).expect("a model").predict(&[[1.0, 2.0], [1.0, f64::NAN]]),
    );
    let text = "row 1, column \"1\" holds NaN, and GradientBoostingClassifier takes finite";
    assert!(error.starts_with(text), "{error}");
}

/// Which class is said where the score is zero depends on the version.
#[test]
fn scores_of_zero_are_read_as_that_scikit_learn_did() {
    let arrays = TreeArrays { value: vec![0.0; 5], ..small(FRACTIONS) };
    let tree = Tree::new(arrays, 2, 1).expect("a whole tree");
    for (version, expected) in [((1, 3), "no"), ((1, 4), "yes"), ((1, 9), "yes")] {
        let mut parts = GradientBoostingParts::new(vec![tree.clone()], 1, 1.0);
        parts.version = SklearnVersion::new(version.0, version.1, 0);
        let classes = two().remove(0);
        let model = GradientBoostingClassifier::from_parts(parts, classes, ClassifierLoss::LogLoss);
        let predicted = model.expect("a model").predict(&[[0.0, 0.0]]).expect("asked");
        assert_eq!(predicted, Labels::from([expected]), "{version:?}");
    }
}

#[test]
fn ada_boost_is_checked_before_it_answers() {
    let estimator: Arc<dyn Model> =
        Arc::new(forest(ForestKind::DecisionTree, SklearnVersion::LATEST, FRACTIONS));
    let make = |weights: Vec<f64>, algorithm, classes: &[&str]| {
        let parts = AdaBoostParts::new(vec![estimator.clone(); 2], weights);
        AdaBoostClassifier::from_parts(parts, Labels::from(classes), algorithm)
    };
    let (samme, samme_r) = (AdaBoostAlgorithm::Samme, AdaBoostAlgorithm::SammeR);
    let model = make(vec![1.0, 3.0, 0.0], samme, &["no", "yes"]).expect("a model");
    assert_eq!(model.predict(&[[0.0, 0.0]]).expect("asked"), Labels::from(["no"]));
    let error = message(model.predict(&[[0.0, f64::INFINITY]]));
    assert!(error.starts_with("row 0, column \"1\" holds inf, and AdaBoostClassifier"), "{error}");
    assert!(make(vec![1.0], samme, &["no", "yes"]).is_err());
    assert!(make(vec![1.0, f64::NAN], samme, &["no", "yes"]).is_err());
    assert!(make(vec![1.0; 2], samme_r, &["no", "other", "yes"]).is_err());
    let model = make(vec![1.0; 2], samme_r, &["no", "yes"]).expect("a model");
    // half the difference of the logarithms of 1/4 and 3/4, from each of the two
    let score = model.decision_function(&[[0.0, 8.0]]).expect("asked")[(0, 0)];
    assert!((score - 3.0_f64.ln()).abs() < 1e-15, "{score}");
    let parts = AdaBoostParts::new(vec![estimator.clone()], vec![1.0]);
    assert!(AdaBoostRegressor::from_parts(parts).is_err());
    assert!(AdaBoostRegressor::from_parts(AdaBoostParts::new(vec![], vec![])).is_err());
}
