//! Cross-validation, searches and curves against scikit-learn's on random data, to the last bit.
//! `PICKLEBOOK_SELECTION_CASES` is how many data sets there are.

mod support;

use std::process::Command;

use ndarray::{Array2, array};
use picklebook::bayes::GaussianNB;
use picklebook::data::{Dataset, Labels, balance_scale, train_test_split};
use picklebook::linear::LinearClassifier;
use picklebook::model::{self, Parameter};
use picklebook::model_selection::{
    CrossValidator, Error, Fold, Folds, GridSearch, KFold, LearningCurveOptions, Scoring,
    SetParameters, StratifiedKFold, TimeSeriesSplit, TrainSizes, cross_val_predict,
    cross_val_predict_proba, cross_val_score, cross_val_score_with, learning_curve,
    learning_curve_with, validation_curve, validation_curve_with,
};
use picklebook::pipeline::Pipeline;
use picklebook::preprocessing::StandardScaler;
use picklebook::tree::{Criterion, DecisionTreeClassifier, DecisionTreeRegressor};
use proptest::prelude::{Strategy, prop_assert, prop_assert_eq, proptest};
use serde_json::Value;

const SEED: u64 = 20_261;

fn count() -> u64 {
    let count = std::env::var("PICKLEBOOK_SELECTION_CASES").ok();
    count.and_then(|count| count.parse().ok()).unwrap_or(200)
}

fn items(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn numbers(value: &Value) -> Vec<f64> {
    items(value).iter().map(|it| f64::from_bits(it.as_u64().expect("a bit pattern"))).collect()
}

fn table(value: &Value) -> Vec<Vec<f64>> {
    items(value).iter().map(numbers).collect()
}

fn places(value: &Value) -> Vec<usize> {
    items(value).iter().map(|it| it.as_u64().expect("a count") as usize).collect()
}

/// The bits, of which those of NaN are always the same.
fn bits<'a>(numbers: impl IntoIterator<Item = &'a f64>) -> Vec<u64> {
    numbers.into_iter().map(|it| if it.is_nan() { f64::NAN } else { *it }.to_bits()).collect()
}

fn bits_of_rows(rows: &[Vec<f64>]) -> Vec<Vec<u64>> {
    rows.iter().map(bits).collect()
}

fn labels(value: &Value) -> Labels {
    let items = items(value);
    match items.first() {
        Some(Value::String(_)) => {
            Labels::Text(items.iter().filter_map(|it| it.as_str().map(str::to_owned)).collect())
        }
        Some(Value::Bool(_)) => Labels::Booleans(items.iter().filter_map(Value::as_bool).collect()),
        Some(it) if it.is_i64() => {
            Labels::Integers(items.iter().filter_map(Value::as_i64).collect())
        }
        _ => Labels::Floats(items.iter().filter_map(Value::as_f64).collect()),
    }
}

fn parameter(value: &Value) -> Parameter {
    match value {
        Value::Null => Parameter::None,
        Value::Bool(boolean) => Parameter::Boolean(*boolean),
        Value::String(text) => text.as_str().into(),
        number => match number.as_i64() {
            Some(number) => number.into(),
            None => number.as_f64().expect("a number").into(),
        },
    }
}

fn dataset(case: &Value) -> Dataset {
    let rows = table(&case["x"]);
    let columns = rows[0].len();
    let cells = rows.concat();
    let x = Array2::from_shape_vec((rows.len(), columns), cells).expect("a table");
    let names = (0..columns).map(|column| format!("x{column}")).collect();
    Dataset::new(x, labels(&case["y"]), names, "y").expect("fits together")
}

fn splitter(made: &Value) -> Box<dyn CrossValidator> {
    let count = |name: &str| made[name].as_u64().map(|count| count as usize);
    let n_splits = count("n_splits").expect("there is one");
    let seed = made["seed"].as_u64().map(|seed| seed as u32);
    match made["kind"].as_str() {
        Some("kfold") => {
            let cv = KFold::new(n_splits);
            Box::new(match seed {
                Some(seed) => cv.shuffle(seed),
                None => cv,
            })
        }
        Some("stratified") => {
            let cv = StratifiedKFold::new(n_splits);
            Box::new(match seed {
                Some(seed) => cv.shuffle(seed),
                None => cv,
            })
        }
        _ => {
            let mut cv = TimeSeriesSplit::new(n_splits).gap(count("gap").unwrap_or(0));
            if let Some(rows) = count("max_train_size") {
                cv = cv.max_train_size(rows);
            }
            if let Some(rows) = count("test_size") {
                cv = cv.test_size(rows);
            }
            Box::new(cv)
        }
    }
}

/// The result that scikit-learn has, if it has one too; else both refuse.
fn both<'a, T>(expected: &'a Value, found: Result<T, Error>, what: &str) -> Option<(&'a Value, T)> {
    match (expected, found) {
        (Value::Null, Err(_)) => None,
        (Value::Null, Ok(_)) => panic!("{what}: scikit-learn refuses it"),
        (_, Err(error)) => panic!("{what}: {error}"),
        (expected, Ok(found)) => Some((expected, found)),
    }
}

fn warned(expected: &Value) -> Vec<String> {
    items(&expected["warnings"]).iter().map(|it| it.as_str().unwrap_or("").to_owned()).collect()
}

/// Everything that is asked of one data set.
fn compare<P: SetParameters + Sync>(
    mut params: P,
    case: &Value,
    score: impl Fn(&P::Model, &Dataset) -> Result<f64, model::Error>,
) {
    for (name, value) in case["fixed"].as_object().expect("parameters") {
        params.set_parameter(name, &parameter(value)).expect("a parameter");
    }
    let (data, cv) = (dataset(case), splitter(&case["cv"]));
    let scoring: Option<Scoring> =
        case["scoring"].as_str().map(|name| name.parse().expect("a measure"));

    if let Some((expected, folds)) = both(&case["splits"], cv.split(&data), "splits") {
        let found: Vec<Vec<Vec<usize>>> =
            folds.iter().map(|fold| vec![fold.train, fold.test]).collect();
        let splits: Vec<Vec<Vec<usize>>> = items(&expected["result"])
            .iter()
            .map(|split| items(split).iter().map(places).collect())
            .collect();
        assert_eq!(found, splits);
        assert_eq!(folds.warnings(), warned(expected));
        assert_eq!((folds.len(), folds.get(folds.len())), (splits.len(), None));
    }

    let scores = match scoring {
        None => cross_val_score(&params, &data, &*cv),
        Some(scoring) => cross_val_score_with(&params, &data, &*cv, scoring),
    };
    if let Some((expected, scores)) = both(&case["scores"], scores, "scores") {
        let expected = table(&expected["result"]);
        assert_eq!(bits(scores.scores()), bits(&expected[0]));
        assert_eq!(bits(&[scores.mean(), scores.std()]), bits(&expected[1]));
    }

    let predicted = cross_val_predict(&params, &data, &*cv);
    if let Some((expected, predicted)) = both(&case["predicted"], predicted, "predictions") {
        assert_eq!(predicted, labels(&expected["result"]));
    }
    if case["of_classes"] == true {
        let found = cross_val_predict_proba(&params, &data, &*cv);
        if let Some((expected, found)) = both(&case["probabilities"], found, "probabilities") {
            assert_eq!(bits(&found), bits(&table(&expected["result"]).concat()));
        }
    }

    let mut search = GridSearch::new(&params).with_train_scores();
    for (name, values) in case["grid"].as_object().expect("a grid") {
        search = search.vary(name, items(values).iter().map(parameter));
    }
    if let Some(scoring) = scoring {
        search = search.scoring(scoring);
    }
    let named = |value: &Value| -> String {
        let pair = |pair: &Value| format!("{}={}", pair[0].as_str().unwrap(), parameter(&pair[1]));
        items(value).iter().map(pair).collect::<Vec<_>>().join(", ")
    };
    let found = search.fit(&data, &*cv);
    if let Some((expected, found)) = both(&case["searched"], found, "search") {
        let expected = &expected["result"];
        assert_eq!(found.best_index() as u64, expected["best_index"]);
        assert_eq!(found.best_params().to_string(), named(&expected["best_params"]));
        let best = f64::from_bits(expected["best_score"].as_u64().expect("bits"));
        assert_eq!(bits(&[found.best_score()]), bits(&[best]));
        let all = found.candidates();
        let params: Vec<String> = items(&expected["params"]).iter().map(named).collect();
        let of = |value: &dyn Fn(&_) -> String| all.iter().map(value).collect::<Vec<_>>();
        assert_eq!(
            of(&|it: &picklebook::model_selection::Candidate| it.parameters.to_string()),
            params
        );
        let ranks: Vec<usize> = all.iter().map(|it| it.rank).collect();
        assert_eq!(ranks, places(&expected["ranks"]));
        let own: Vec<Vec<f64>> = vec![
            all.iter().map(|it| it.mean_test_score()).collect(),
            all.iter().map(|it| it.std_test_score()).collect(),
            all.iter().map(|it| it.mean_train_score()).collect(),
            all.iter().map(|it| it.std_train_score()).collect(),
        ];
        assert_eq!(bits_of_rows(&own), bits_of_rows(&table(&expected["means"])));
        let own: Vec<Vec<f64>> = all.iter().map(|it| it.test_scores.clone()).collect();
        assert_eq!(bits_of_rows(&own), bits_of_rows(&table(&expected["test"])));
        let own: Vec<Vec<f64>> = all.iter().map(|it| it.train_scores.clone()).collect();
        assert_eq!(bits_of_rows(&own), bits_of_rows(&table(&expected["train"])));
        let refitted = score(found.best_model(), &data).expect("scored");
        assert_eq!(refitted.to_bits(), expected["refitted"].as_u64().expect("bits"));
    }

    let mut options = LearningCurveOptions::new();
    let sizes = items(&case["sizes"]);
    if sizes.iter().any(Value::is_f64) {
        options = options.train_sizes(sizes.iter().filter_map(Value::as_f64).collect::<Vec<_>>());
    } else if !sizes.is_empty() {
        options = options.train_sizes(places(&case["sizes"]));
    }
    if let Some(seed) = case["seed"].as_u64() {
        options = options.shuffle(seed as u32);
    }
    if let Some(scoring) = scoring {
        options = options.scoring(scoring);
    }
    let found = learning_curve_with(&params, &data, &*cv, &options);
    if let Some((expected, curve)) = both(&case["learnt"], found, "learning curve") {
        let mut warnings = warned(expected);
        // those of the folds come first here, too
        warnings.sort_by_key(|warning| warning.starts_with("Removed"));
        assert_eq!(curve.warnings(), warnings);
        let expected = &expected["result"];
        assert_eq!(curve.train_sizes(), places(&expected["sizes"]));
        assert_eq!(bits_of_rows(curve.train_scores()), bits_of_rows(&table(&expected["train"])));
        assert_eq!(bits_of_rows(curve.test_scores()), bits_of_rows(&table(&expected["test"])));
    }

    let name = case["name"].as_str().expect("a name");
    let values: Vec<Parameter> = items(&case["grid"][name]).iter().map(parameter).collect();
    let found = match scoring {
        None => validation_curve(&params, name, values, &data, &*cv),
        Some(scoring) => validation_curve_with(&params, name, values, &data, &*cv, scoring),
    };
    if let Some((expected, curve)) = both(&case["validated"], found, "validation curve") {
        let expected = &expected["result"];
        assert_eq!(bits_of_rows(curve.train_scores()), bits_of_rows(&table(&expected["train"])));
        assert_eq!(bits_of_rows(curve.test_scores()), bits_of_rows(&table(&expected["test"])));
    }
}

#[test]
fn random_data_are_divided_and_trees_chosen_as_by_scikit_learn() {
    let script = support::root().join("tests/reference/model_selection.py");
    let output = Command::new(support::python())
        .args(["-X", "utf8", "-W", "ignore"])
        .arg(script)
        .args([count().to_string(), SEED.to_string()])
        .output()
        .expect("python");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let cases: Vec<Value> = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(cases.len() as u64, count());
    let mut refused = 0;
    for (place, case) in cases.iter().enumerate() {
        println!("case {place}: {} {}", case["cv"], case["grid"]);
        refused += usize::from(case["splits"].is_null());
        match case["of_classes"] == true {
            true => compare(DecisionTreeClassifier::params(), case, |tree, data| tree.score(data)),
            false => compare(DecisionTreeRegressor::params(), case, |tree, data| tree.score(data)),
        }
    }
    assert!(2 * refused < cases.len(), "{refused} are refused");
}

fn of_classes(target: Labels) -> Dataset {
    let rows = target.len();
    let x = Array2::from_shape_fn((rows, 1), |(row, _)| row as f64);
    Dataset::new(x, target, vec!["x".into()], "y").expect("fits together")
}

#[test]
fn what_cannot_be_divided_is_refused_with_advice() {
    let two = of_classes(["a", "b", "a", "b", "a"].into());
    let none = of_classes(Vec::<i64>::new().into());
    let message = |result: Result<Folds, Error>| result.expect_err("refused").to_string();
    for n_splits in [0, 1] {
        let expected = format!("n_splits={n_splits}: rows are divided into at least 2 folds");
        assert_eq!(message(KFold::new(n_splits).split(&two)), expected);
        assert_eq!(message(StratifiedKFold::new(n_splits).shuffle(1).split(&two)), expected);
        assert_eq!(message(TimeSeriesSplit::new(n_splits).split(&two)), expected);
    }
    for n_splits in [6, usize::MAX] {
        let expected = format!("n_splits={n_splits} is more than the 5 rows");
        assert!(message(KFold::new(n_splits).split(&two)).starts_with(&expected));
        assert!(message(StratifiedKFold::new(n_splits).split(&two)).starts_with(&expected));
        assert!(message(TimeSeriesSplit::new(n_splits).split(&two)).starts_with(&expected));
    }
    for cv in [&KFold::new(2) as &dyn CrossValidator, &StratifiedKFold::new(2)] {
        assert!(message(cv.split(&none)).starts_with("n_splits=2 is more than the 0 rows"));
    }
    let rare = message(StratifiedKFold::new(4).split(&two));
    assert!(rare.contains("the commonest has 3") && rare.contains("take KFold"), "{rare}");
    let folds = StratifiedKFold::new(3).split(&two).expect("one class is large enough");
    assert_eq!(
        folds.warnings(),
        ["The least populated class in y has only 2 members, which is less than n_splits=3."]
    );
    for label in [0.5, f64::NAN, f64::INFINITY] {
        let data = of_classes(vec![1.0, 2.0, label].into());
        let refused = message(StratifiedKFold::new(2).split(&data));
        assert!(refused.starts_with("the target of row 2 is "), "{refused}");
        assert_eq!(KFold::new(2).split(&data).expect("the target does not matter").len(), 2);
    }
    let one = of_classes(["a"; 6].into());
    let tested: Vec<Vec<usize>> =
        StratifiedKFold::new(3).split(&one).expect("one class").iter().map(|it| it.test).collect();
    assert_eq!(tested, [[0, 1], [2, 3], [4, 5]]);
    for cv in [
        TimeSeriesSplit::new(2).test_size(0),
        TimeSeriesSplit::new(2).test_size(usize::MAX),
        TimeSeriesSplit::new(2).gap(usize::MAX),
        TimeSeriesSplit::new(2).test_size(2).gap(2),
    ] {
        assert!(message(cv.split(&one)).starts_with("6 rows are too few for n_splits=2"));
    }
    let cv = TimeSeriesSplit::new(2).max_train_size(0).split(&one).expect("0 is no limit");
    assert_eq!(cv.get(1), Some(Fold { train: vec![0, 1, 2, 3], test: vec![4, 5] }));
}

/// As many folds as rows: each is made when it is asked for.
#[test]
fn a_fold_for_each_of_many_rows_takes_no_more_memory_than_the_rows() {
    let data = of_classes((0..200_000_i64).map(|row| row % 2).collect::<Vec<_>>().into());
    let folds = KFold::new(200_000).shuffle(7).split(&data).expect("divided");
    assert_eq!(folds.len(), 200_000);
    assert_eq!(folds.iter().next().map(|fold| fold.train.len()), Some(199_999));
    let folds = TimeSeriesSplit::new(199_999).split(&data).expect("divided");
    assert_eq!(folds.get(199_998).map(|fold| fold.test), Some(vec![199_999]));
}

/// Folds of one's own, which may be wrong.
#[derive(Debug)]
struct Own(usize, Vec<Fold>);

impl CrossValidator for Own {
    fn split(&self, _: &Dataset) -> Result<Folds, Error> {
        Folds::new(self.0, self.1.clone())
    }
}

#[test]
fn folds_of_ones_own_are_checked() {
    let data = of_classes(["a", "b", "a", "b"].into());
    let params = DecisionTreeClassifier::params();
    let fold = |train: &[usize], test: &[usize]| Fold { train: train.into(), test: test.into() };
    let refused = |own: Own| cross_val_predict(&params, &data, &own).expect_err("refused");
    for (own, problem) in [
        (Own(4, vec![]), "n_splits=0"),
        (Own(4, vec![fold(&[], &[1])]), "fold 0: it has no train rows"),
        (Own(4, vec![fold(&[1], &[])]), "fold 0: it has no test rows"),
        (Own(4, vec![fold(&[0], &[1]), fold(&[4], &[1])]), "fold 1: train row 4 is not among"),
        (Own(9, vec![fold(&[8], &[1])]), "fold 0: the folds are of 9 rows, but there are 4"),
        (Own(4, vec![fold(&[0, 1], &[2, 3])]), "row 0 is tested 0 times"),
        (Own(4, vec![fold(&[0, 1], &[0, 1, 2, 3, 3])]), "row 3 is tested 2 times"),
    ] {
        let message = refused(own).to_string();
        assert!(message.starts_with(problem), "{message}");
    }
    // Rows may be left out where nothing is predicted for each.
    let some = Own(4, vec![fold(&[0, 1], &[2])]);
    assert_eq!(cross_val_score(&params, &data, &some).expect("scored").scores(), [0.0]);
    // In the order in which they were given.
    let own = Own(4, vec![fold(&[2, 1], &[3, 0]), fold(&[3, 0], &[1, 2])]);
    let labels = cross_val_predict(&params, &data, &own).expect("a partition");
    assert_eq!(labels, ["b", "a", "b", "a"].into());
}

#[test]
fn a_class_that_a_fold_was_not_fitted_on_has_probability_0_there() {
    let data = of_classes(["a", "a", "b", "b", "c", "c"].into());
    let params = DecisionTreeClassifier::params();
    let found = cross_val_predict_proba(&params, &data, &KFold::new(3)).expect("predicted");
    let expected =
        array![[0., 1., 0.], [0., 1., 0.], [1., 0., 0.], [0., 0., 1.], [0., 1., 0.], [0., 1., 0.]];
    assert_eq!(found, expected);
    let many = of_classes((0..20_000).collect::<Vec<i64>>().into());
    let error = cross_val_predict_proba(&params, &many, &KFold::new(2)).expect_err("too many");
    assert!(error.to_string().starts_with("400000000 probabilities or more"), "{error}");
    let estimates = DecisionTreeRegressor::params();
    let data = of_classes(vec![1.0, 2.0, 3.0, 4.0].into());
    let error = cross_val_predict_proba(&estimates, &data, &KFold::new(2)).expect_err("refused");
    assert!(error.to_string().contains("has no predict_proba"), "{error}");
}

#[test]
fn errors_name_the_fold_and_the_candidate() {
    let scale = balance_scale();
    let params = DecisionTreeClassifier::params();
    let cv = KFold::new(3).shuffle(0);
    let mut features = scale.features().clone();
    features[[400, 2]] = f64::INFINITY;
    let names = scale.feature_names().to_vec();
    let data = Dataset::new(features, scale.target().clone(), names, "Class").expect("a table");
    let error = cross_val_score(&params, &data, &cv).expect_err("infinite").to_string();
    assert!(error.starts_with("fold 0: row ") && error.contains("infinite"), "{error}");
    let search = |search: GridSearch<_>| search.fit(&data, &cv).err().map(|it| it.to_string());
    let of = || GridSearch::new(&params);
    let error = search(of().vary("max_depth", [2, 3])).unwrap_or_default();
    assert!(error.starts_with("max_depth=2, fold 0: row "), "{error}");
    for (wrong, problem) in [
        (of().vary("depth", [1]), "DecisionTreeClassifier has no parameter \"depth\" to vary; its"),
        (of().vary("max_depth", [0.5]), "max_depth=0.5 is not possible: it must be a whole number"),
        (of().vary("max_depth", [-1]), "max_depth=-1 is not possible: it must be a whole number"),
        (of().vary("max_depth", [2, 0]), "max_depth=0 is not possible: it must be at least 1"),
        (of().vary("criterion", ["mse"]), "criterion='mse' is not possible: it must be 'gini',"),
        (of().vary("ccp_alpha", [f64::NAN]), "ccp_alpha=nan is not possible"),
        (of().vary("max_features", ["all"]), "max_features='all' is not possible"),
        (of().vary("random_state", [1_i64 << 32]), "random_state=4294967296 is not possible"),
        (of().vary("class_weight", [1]), "class_weight=1 is not possible"),
        (of().vary::<i32>("max_depth", []), "max_depth: there are no values to try"),
        (of().vary("max_depth", 1..), "1048577 values or more are too many; give at most 1048576"),
        (
            of().vary("max_depth", 1..2_000).vary("min_samples_leaf", 1..2_000),
            "3996001 combinations or more are too many",
        ),
    ] {
        let error = search(wrong).unwrap_or_default();
        assert!(error.starts_with(problem), "{error}");
    }
    // Without values to vary there is one candidate: the parameters as they are.
    let alone = of().fit(&scale, &cv).expect("fitted");
    assert_eq!((alone.candidates().len(), alone.best_params().len()), (1, 0));

    let error = validation_curve(&params, "depth", [1], &scale, &cv).expect_err("no such");
    assert!(matches!(error, Error::NoParameter { .. }), "{error}");
    let error = validation_curve(&params, "max_depth", 1.., &scale, &cv).expect_err("endless");
    assert!(matches!(error, Error::TooMany { .. }), "{error}");
    let sizes = |sizes: TrainSizes| {
        let options = LearningCurveOptions::new().train_sizes(sizes);
        learning_curve_with(&params, &scale, &cv, &options).err().map(|it| it.to_string())
    };
    for (wrong, problem) in [
        (TrainSizes::from([0.0]), "train_sizes=0.0 is not possible: give shares"),
        (TrainSizes::from([1.5]), "train_sizes=1.5 is not possible"),
        (TrainSizes::from([f64::NAN]), "train_sizes=NaN is not possible"),
        (
            TrainSizes::from([0]),
            "train_sizes=0 is not possible: give numbers of rows from 1 to 416",
        ),
        (TrainSizes::from([usize::MAX]), "train_sizes=18446744073709551615 is not possible"),
        (TrainSizes::Counts(Vec::new()), "train_sizes: there are no values"),
    ] {
        let error = sizes(wrong).unwrap_or_default();
        assert!(error.starts_with(problem), "{error}");
    }
    let words = cross_val_score_with(&params, &scale, &cv, Scoring::R2).expect_err("words");
    assert!(words.to_string().starts_with("scoring=r2 needs numbers"), "{words}");
    let error = "roc".parse::<Scoring>().expect_err("no such").to_string();
    assert!(error.contains("use one of: accuracy, balanced_accuracy, "), "{error}");
    let quantities = of_classes(vec![0.5, 1.5, 2.5, 3.5].into());
    let estimates = DecisionTreeRegressor::params();
    let error =
        cross_val_score_with(&estimates, &quantities, &KFold::new(2), Scoring::F1Macro).err();
    assert!(error.is_some_and(|it| it.to_string().contains("is not a class")));
}

#[test]
fn any_model_that_is_fitted_can_be_measured() {
    let data = balance_scale();
    let cv = StratifiedKFold::new(5).shuffle(3);
    let pipeline = Pipeline::params()
        .step("scaler", StandardScaler::params())
        .step("nb", GaussianNB::params());
    let scores = cross_val_score(&pipeline, &data, &cv).expect("fitted");
    assert_eq!(scores.scoring(), Scoring::Accuracy);
    let predicted = cross_val_predict(&pipeline, &data, &cv).expect("fitted");
    let right = predicted.iter().zip(data.target()).filter(|(a, b)| a == b).count();
    // folds of one size: the mean of the scores is the share of all rows
    assert!((scores.mean() - right as f64 / 625.0).abs() < 1e-12);
    let probabilities = cross_val_predict_proba(&pipeline, &data, &cv).expect("fitted");
    assert!(probabilities.rows().into_iter().all(|row| (row.sum() - 1.0).abs() < 1e-9));
    assert_eq!(learning_curve(&pipeline, &data, &cv).expect("fitted").train_sizes().len(), 5);
    // A scaler predicts nothing.
    let error = cross_val_score(&StandardScaler::params(), &data, &cv).expect_err("no model");
    assert!(error.to_string().starts_with("fold 0: StandardScaler has no predict"), "{error}");
}

#[test]
fn the_best_model_is_the_one_that_the_best_parameters_give() {
    let split = train_test_split(&balance_scale(), 0.3, 100).expect("split");
    let params = DecisionTreeClassifier::params().random_state(100);
    let search = GridSearch::new(&params)
        .vary("criterion", [Criterion::Gini, Criterion::Entropy])
        .vary("max_depth", [Some(2), None])
        .vary("max_depth", [Some(3), Some(5)])
        .fit(&split.train, &StratifiedKFold::new(5))
        .expect("fitted");
    assert_eq!(search.candidates().len(), 4, "values given again take the place of the first");
    let mut best = params.clone();
    for (name, value) in search.best_params().iter() {
        best.set_parameter(name, value).expect("a parameter");
    }
    assert!(*search.best_model() == best.fit(&split.train).expect("fitted"));
    let again = search.clone().into_best_model();
    assert_eq!(again.feature_names(), Some(split.train.feature_names()));
}

#[test]
fn a_regression_is_chosen_by_its_penalty() {
    let data = balance_scale();
    let search = GridSearch::new(&LinearClassifier::logistic_regression())
        .vary("C", [0.001, 1.0])
        .vary("fit_intercept", [true, false])
        .fit(&data, &StratifiedKFold::new(5).shuffle(0))
        .expect("fitted");
    assert_eq!(search.best_params().get("C"), Some(&1.0.into()));
    assert!(search.best_score() > 0.85, "{search:?}");
    assert_eq!(search.best_model().classes(), &Labels::from(["B", "L", "R"]));
    let mut params = LinearClassifier::logistic_regression();
    assert!(params.set_parameter("max_iter", &(-1).into()).is_err());
    assert!(params.set_parameter("fit_intercept", &1.into()).is_err());
    assert!(params.set_parameter("penalty", &"l1".into()).is_err());
}

proptest! {
    /// Each row is tested once, and fitted on in all other folds.
    #[test]
    fn folds_are_partitions(
        (n_splits, codes, seed) in (2_usize..12).prop_flat_map(|n_splits| {
            let codes = proptest::collection::vec(0_i64..4, n_splits..80);
            (proptest::strategy::Just(n_splits), codes, proptest::option::of(0_u32..))
        })
    ) {
        let data = of_classes(codes.clone().into());
        let (plain, classes) = (KFold::new(n_splits), StratifiedKFold::new(n_splits));
        let cvs: [Box<dyn CrossValidator>; 2] = match seed {
            None => [Box::new(plain), Box::new(classes)],
            Some(seed) => [Box::new(plain.shuffle(seed)), Box::new(classes.shuffle(seed))],
        };
        for cv in cvs {
            let folds = match cv.split(&data) {
                Err(Error::RareClasses { most, .. }) => {
                    prop_assert!(most < n_splits);
                    continue;
                }
                folds => folds.expect("divided"),
            };
            let mut tested = vec![0; codes.len()];
            for Fold { train, test } in &folds {
                test.iter().for_each(|&row| tested[row] += 1);
                let mut all = [train.clone(), test.clone()].concat();
                all.sort_unstable();
                prop_assert_eq!(all, (0..codes.len()).collect::<Vec<_>>());
                prop_assert!(train.is_sorted() && test.is_sorted());
                let (least, most) = (codes.len() / n_splits, codes.len().div_ceil(n_splits));
                prop_assert!((least..=most).contains(&test.len()));
            }
            prop_assert!(tested.iter().all(|times| *times == 1));
        }
    }
}
