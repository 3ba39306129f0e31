//! Models of any kind: through `AnyModel`, through traits, and from files that hold something else.

mod support;

use std::process::Command;

use ndarray::{Array2, array};
use picklebook::data::{Dataset, Features, Labels, balance_scale, train_test_split};
use picklebook::model::{
    Abilities, Classifier, DecisionFunction, Error, FeatureImportances, Model, Question, TreeModel,
    TreeNodes,
};
use picklebook::pickle::DumpOptions;
use picklebook::tree::{DecisionTreeClassifier, DecisionTreeRegressor, LinfaTree};
use picklebook::{AnyModel, any_model, pickle, plot};

fn split() -> picklebook::data::Split {
    train_test_split(&balance_scale(), 0.3, 100).expect("split")
}

fn classifier() -> DecisionTreeClassifier {
    DecisionTreeClassifier::params().max_depth(4).fit(&split().train).expect("fitted")
}

fn regressor() -> DecisionTreeRegressor {
    let (features, target) = numbers();
    DecisionTreeRegressor::params()
        .max_depth(4)
        .fit_weighted(&features, &target, None)
        .expect("fit")
}

fn numbers() -> (Array2<f64>, Vec<f64>) {
    let features = balance_scale().features().clone();
    let target = features.rows().into_iter().map(|row| row[0] / row[3] - row[1]).collect();
    (features, target)
}

fn linfa() -> LinfaTree {
    LinfaTree::params().max_depth(4).fit(&split().train).expect("fitted")
}

fn bits(numbers: impl IntoIterator<Item = f64>) -> Vec<u64> {
    numbers.into_iter().map(f64::to_bits).collect()
}

/// The model as it comes back from a file, from a reader and from bytes, each time the same.
fn any(model: impl Into<AnyModel>, name: &str) -> AnyModel {
    let model = model.into();
    let path = support::folder(&format!("model-{name}")).join("model.pkl");
    pickle::save(&model, &path).expect("saved");
    let bytes = std::fs::read(&path).expect("written");
    let opened = AnyModel::open(&path).expect("opened");
    assert!(opened == model, "{opened}");
    assert!(AnyModel::load(bytes.as_slice()).expect("loaded") == model);
    assert!(AnyModel::loads(&bytes).expect("loaded") == model);
    assert!(pickle::open::<AnyModel>(&path).expect("opened") == model);
    opened
}

fn message<T>(result: Result<T, impl std::error::Error>) -> String {
    result.err().expect("refused").to_string()
}

#[test]
fn any_model_answers_as_the_model_that_it_is() {
    let test = split().test;
    let narrow = test.features().mapv(|value| value as f32);

    let tree = classifier();
    let model = any(tree.clone(), "classifier");
    assert!(matches!(&model, AnyModel::DecisionTreeClassifier(inside) if *inside == tree));
    assert_eq!(model.predict(&test).expect("asked"), tree.predict(&test).expect("asked"));
    assert_eq!(model.predict(&narrow).expect("asked"), tree.predict(&narrow).expect("asked"));
    let shares = model.predict_proba(&test).expect("asked");
    assert_eq!(shares.dim(), (test.rows(), 3));
    assert_eq!(bits(shares), bits(tree.predict_proba(&test).expect("asked")));
    let leaves = model.apply(&test).expect("asked");
    assert_eq!(leaves.dim(), (test.rows(), 1));
    assert_eq!(leaves.into_raw_vec_and_offset().0, tree.apply(&test).expect("asked"));
    assert_eq!(bits(model.feature_importances().expect("asked")), bits(tree.feature_importances()));
    assert_eq!(model.classes().expect("asked"), tree.classes());
    assert_eq!((model.name(), model.n_features()), ("DecisionTreeClassifier", 4));
    assert_eq!(model.feature_names(), tree.feature_names());
    assert_eq!(model.feature_names(), Some(balance_scale().feature_names()));

    let tree = regressor();
    let model = any(tree.clone(), "regressor");
    let Labels::Floats(estimates) = model.predict(&test).expect("asked") else {
        panic!("a regressor gives numbers")
    };
    assert_eq!(bits(estimates), bits(tree.predict(&test).expect("asked")));
    let regressor = model.as_regressor().expect("it is one");
    let estimates = regressor.predict(Features::from(&test)).expect("asked");
    assert_eq!(bits(estimates), bits(tree.predict(&test).expect("asked")));
    let leaves = model.apply(&test).expect("asked").into_raw_vec_and_offset().0;
    assert_eq!(leaves, tree.apply(&test).expect("asked"));
    assert_eq!(bits(model.feature_importances().expect("asked")), bits(tree.feature_importances()));
    assert_eq!((model.name(), model.n_features()), ("DecisionTreeRegressor", 4));
    assert_eq!(model.feature_names(), None);

    let tree = linfa();
    let model = any(tree.clone(), "linfa");
    assert_eq!(model.predict(&test).expect("asked"), tree.predict(&test).expect("asked"));
    assert_eq!(model.predict(&narrow).expect("asked"), tree.predict(&test).expect("asked"));
    assert_eq!(model.classes().expect("asked"), tree.classes());
    assert_eq!((model.name(), model.n_features()), ("LinfaTree", 4));
    assert_eq!(model.feature_names(), Some(tree.feature_names()));

    let wrong = array![[1.0, 2.0]];
    assert!(matches!(model.predict(&wrong), Err(Error::Columns { expected: 4, found: 2 })));
}

#[test]
fn any_model_is_one_short_line_and_goes_between_threads() {
    let model = any(classifier(), "line");
    assert_eq!(model.to_string(), "DecisionTreeClassifier: 4 features, 3 classes");
    assert_eq!(format!("{model:?}"), model.to_string());
    assert_eq!(AnyModel::from(regressor()).to_string(), "DecisionTreeRegressor: 4 features");
    assert_eq!(AnyModel::from(linfa()).to_string(), "LinfaTree: 4 features, 3 classes");
    let here = model.predict(&split().test).expect("asked");
    let there = std::thread::scope(|scope| {
        let asked = scope.spawn(|| model.predict(&split().test).expect("asked"));
        asked.join().expect("no panic")
    });
    assert_eq!(here, there);
}

#[test]
fn a_method_that_a_model_lacks_is_named_with_those_that_it_has() {
    let rows = split().test;
    let model = AnyModel::from(regressor());
    let has = "; ask it for one of: predict, apply, feature_importances";
    let lacks = |method: &str| format!("DecisionTreeRegressor has no {method}{has}");
    assert_eq!(message(model.predict_proba(&rows)), lacks("predict_proba"));
    assert_eq!(message(model.decision_function(&rows)), lacks("decision_function"));
    assert_eq!(message(model.classes()), lacks("classes"));
    assert_eq!(message(model.as_classifier()), lacks("classes"));
    assert!(matches!(
        model.as_probabilistic_classifier(),
        Err(Error::NoMethod { model: "DecisionTreeRegressor", method: "predict_proba", .. })
    ));

    let model = AnyModel::from(linfa());
    let lacks = |method: &str| format!("LinfaTree has no {method}; ask it for one of: predict");
    assert_eq!(message(model.predict_proba(&rows)), lacks("predict_proba"));
    assert_eq!(message(model.apply(&rows)), lacks("apply"));
    assert_eq!(message(model.feature_importances()), lacks("feature_importances"));
    assert_eq!(message(model.as_regressor()), lacks("estimates"));
    assert!(model.as_tree().is_ok() && model.as_classifier().is_ok());
}

#[test]
fn a_pickle_without_a_model_is_refused_by_what_it_holds() {
    let holds = |bytes: &[u8]| {
        let error = AnyModel::loads(bytes).expect_err("no model");
        assert!(matches!(error, any_model::Error::NoModel { path: None, .. }), "{error}");
        let error = error.to_string();
        let start = "the pickle holds no model of picklebook's or scikit-learn's; it holds ";
        let found = error.strip_prefix(start).expect("says so").to_owned();
        found.split_once(": see all of it").expect("says what to do").0.to_owned()
    };
    assert_eq!(holds(&pickle::dumps(&vec![1, 2, 3]).expect("dumped")), "a Python list");
    assert_eq!(holds(&pickle::dumps("text").expect("dumped")), "a Python str");
    assert_eq!(holds(&pickle::dumps(&()).expect("dumped")), "a Python NoneType");
    let dictionary = std::collections::BTreeMap::from([("format", "else\nwhere")]);
    let found = holds(&pickle::dumps(&dictionary).expect("dumped"));
    assert_eq!(found, "a dictionary of the format \"else where\"");
    assert_eq!(holds(b"cbuiltins\neval\n."), "the name builtins.eval");
    assert_eq!(holds(b"cos\nsystem\n(S'true'\ntR."), "a Python object made by os.system");
    let old = b"ccopy_reg\n_reconstructor\n(cspam.filters\nFilter\nc__builtin__\nobject\nNtR.";
    assert_eq!(holds(old), "a Python object made by spam.filters.Filter");
    let long = format!("c{}\nName\n.", "x".repeat(10_000));
    assert!(holds(long.as_bytes()).len() < 200);

    let broken = [&b""[..], b"N", b"garbage", b"\x80\x04.", b"N.N."];
    for bytes in broken {
        let error = AnyModel::loads(bytes).expect_err("no pickle");
        assert!(matches!(error, any_model::Error::Pickle(_)), "{error}");
    }
}

#[test]
fn a_model_of_scikit_learn_opens_or_is_refused_by_its_class() {
    let folder = support::folder("model-scikit-learn");
    let script = "
import joblib, pickle
from sklearn.tree import DecisionTreeClassifier
from sklearn.neighbors import RadiusNeighborsClassifier
model = DecisionTreeClassifier().fit([[0.0], [1.0]], ['a', 'b'])
other = RadiusNeighborsClassifier(1).fit([[0.0], [1.0]], ['a', 'b'])
for protocol in range(6):
    with open(f'{protocol}.pkl', 'wb') as file:
        pickle.dump(model, file, protocol)
    with open(f'other-{protocol}.pkl', 'wb') as file:
        pickle.dump(other, file, protocol)
";
    let output = Command::new(support::python())
        .current_dir(&folder)
        .args(["-c", script])
        .output()
        .expect("Python starts");
    assert!(output.status.success(), "{}", support::printed(&output));
    for protocol in 0..6 {
        let model = AnyModel::open(folder.join(format!("{protocol}.pkl"))).expect("a tree");
        assert_eq!(
            model.to_string(),
            "DecisionTreeClassifier: 1 feature, 2 classes",
            "protocol {protocol}"
        );
        let predicted = model.predict(&[[0.2], [0.9]]).expect("predicted");
        assert_eq!(predicted, Labels::from(["a", "b"]));
        assert!(message(pickle::dumps(&model).map(|_| ())).contains("keep its file"));

        let path = folder.join(format!("other-{protocol}.pkl"));
        let error = message(AnyModel::open(&path));
        let class = "_classification.RadiusNeighborsClassifier of scikit-learn 1.9.1 is not";
        assert!(error.starts_with(&path.display().to_string()), "{error}");
        assert!(error.contains(class), "{protocol}: {error}");
        assert!(error.contains("sklearn.neighbors."), "{protocol}: {error}");
    }
}

#[test]
fn a_model_that_is_not_whole_is_refused_by_file_class_and_place() {
    let folder = support::folder("model-broken");
    let path = folder.join("model.pkl");
    let missing = AnyModel::open(&path).expect_err("no file");
    assert!(message::<()>(Err(missing)).starts_with("cannot open "));

    let saved: pickle::Value =
        pickle::loads(&pickle::dumps(&classifier()).expect("dumped")).expect("a dictionary");
    let mut entries: std::collections::BTreeMap<String, pickle::Value> =
        saved.to().expect("names and values");
    let five = pickle::loads(&pickle::dumps(&vec![5; 3]).expect("dumped")).expect("a list");
    entries.insert("children_left".into(), five);
    pickle::save_with(&entries, &path, &DumpOptions::new()).expect("saved");
    let error = AnyModel::open(&path).expect_err("not whole");
    assert!(matches!(
        &error,
        any_model::Error::Broken { path: Some(file), model: "DecisionTreeClassifier", .. }
            if *file == path
    ));
    let start = format!("{}: DecisionTreeClassifier: ", path.display());
    assert!(error.to_string().starts_with(&start), "{error}");

    entries.remove("children_left");
    let bytes = pickle::dumps_with(&entries, &DumpOptions::new()).expect("dumped");
    let error = message(AnyModel::loads(&bytes));
    assert!(error.starts_with("DecisionTreeClassifier: "), "{error}");
    assert!(error.contains("children_left"), "{error}");
}

/// Splits once: a model that this file adds to those of the crate.
#[derive(Debug)]
struct Stump {
    classes: Labels,
    /// What the root has for children.
    children: (usize, usize),
    nodes: usize,
}

impl Stump {
    fn new() -> Stump {
        Stump { classes: Labels::from(["low", "high"]).classes(), children: (1, 2), nodes: 3 }
    }
}

impl Model for Stump {
    fn name(&self) -> &'static str {
        "Stump"
    }

    fn n_features(&self) -> usize {
        2
    }

    fn abilities(&self) -> Abilities<'_> {
        Abilities::new().classifier(self).decision_function(self).importances(self).tree(self)
    }
}

impl Classifier for Stump {
    fn classes(&self) -> &Labels {
        &self.classes
    }

    fn predict(&self, features: Features<'_>) -> Result<Labels, Error> {
        let scores = self.decision_function(features)?;
        let class = |&score: &f64| if score > 0.0 { "low" } else { "high" };
        Ok(scores.iter().map(class).collect::<Vec<_>>().into())
    }
}

impl DecisionFunction for Stump {
    fn decision_function(&self, features: Features<'_>) -> Result<Array2<f64>, Error> {
        let (_, found) = features.shape();
        if found != 2 {
            return Err(Error::Columns { expected: 2, found });
        }
        Ok(features.to_f64().column(0).mapv(|value| 2.5 - value).insert_axis(ndarray::Axis(1)))
    }
}

impl FeatureImportances for Stump {
    fn feature_importances(&self) -> Vec<f64> {
        vec![1.0, 0.0]
    }
}

impl TreeModel for Stump {
    fn tree_nodes(&self) -> Box<dyn TreeNodes + '_> {
        Box::new(StumpNodes(self))
    }
}

struct StumpNodes<'a>(&'a Stump);

impl TreeNodes for StumpNodes<'_> {
    fn node_count(&self) -> usize {
        self.0.nodes
    }

    fn children(&self, node: usize) -> Option<(usize, usize)> {
        (node == 0).then_some(self.0.children)
    }

    fn question(&self, node: usize) -> Option<Question> {
        (node == 0).then_some(Question { feature: 0, threshold: 2.5, strict: true })
    }

    fn class(&self, node: usize) -> Option<usize> {
        [None, Some(1), Some(0)].get(node).copied().flatten()
    }

    fn path(&self, row: &[f64]) -> Result<Vec<usize>, Error> {
        match row {
            [value, _] => Ok(vec![0, if *value < 2.5 { self.0.children.0 } else { 2 }]),
            _ => Err(Error::Columns { expected: 2, found: row.len() }),
        }
    }
}

#[test]
fn models_are_asked_through_their_traits() {
    let rows = balance_scale();
    let models: Vec<Box<dyn Model>> = vec![
        Box::new(classifier()),
        Box::new(regressor()),
        Box::new(linfa()),
        Box::new(AnyModel::from(linfa())),
        Box::new(Stump::new()),
    ];
    let known: Vec<String> =
        models.iter().map(|model| format!("{}: {}", model.name(), model.abilities())).collect();
    let expected = [
        "DecisionTreeClassifier: predict, predict_proba, apply, feature_importances",
        "DecisionTreeRegressor: predict, apply, feature_importances",
        "LinfaTree: predict",
        "LinfaTree: predict",
        "Stump: predict, decision_function, feature_importances",
    ];
    assert_eq!(known, expected);
    let classes = models[0].abilities().classifier.expect("it tells classes apart");
    let predicted = classes.predict(Features::from(&rows)).expect("asked");
    assert_eq!(predicted, classifier().predict(&rows).expect("asked"));
    let wrong = models[4].abilities().decision_function.expect("it has one");
    assert!(wrong.decision_function(Features::from(&rows)).is_err());
}

#[test]
fn pictures_of_a_model_that_the_crate_does_not_know() {
    let model = Stump::new();
    let features = array![[1.0, 2.0], [4.0, 1.0]];
    let names = vec!["size".to_owned(), "age".to_owned()];
    let data = Dataset::new(features, Labels::from(["low", "high"]), names, "class");
    let data = data.expect("a table");
    let figure = plot::decision_regions(&model, &data, ["size", "age"]).expect("drawn");
    assert!(figure.alt().contains("low"), "{}", figure.alt());
    let figure = plot::feature_importances(&model).expect("drawn");
    assert!(figure.title().contains("feature_0"), "{}", figure.title());
    let figure = plot::Tree::new(&model).path_of(&[1.0, 2.0]).draw().expect("drawn");
    assert!(figure.alt().contains("x[0] < 2.5: class = low; not x[0] < 2.5: class = high"));
    assert!(figure.alt().contains("x[0] < 2.5 is true, so class = low."), "{}", figure.alt());

    let any = AnyModel::from(classifier());
    let same = |a: Result<plot::Figure, plot::Error>, b: Result<plot::Figure, plot::Error>| {
        assert_eq!(a.expect("drawn").svg(), b.expect("drawn").svg());
    };
    let (data, columns) = (balance_scale(), ["Left-Weight", "Right-Weight"]);
    let tree = any.as_tree().expect("it is one");
    same(plot::tree(&tree), plot::tree(&classifier()));
    let asked = any.as_classifier().expect("it is one");
    same(
        plot::decision_regions(&asked, &data, columns),
        plot::decision_regions(&classifier(), &data, columns),
    );
    let asked = any.as_probabilistic_classifier().expect("it is one");
    same(plot::roc_curve(&asked, &data), plot::roc_curve(&classifier(), &data));
    let importances = any.as_importances().expect("it has them");
    same(plot::feature_importances(importances), plot::feature_importances(&classifier()));
}

#[test]
fn nodes_that_are_no_tree_are_refused_and_not_drawn() {
    for children in [(0, 0), (1, 1), (2, 7), (usize::MAX, 1), (0, 1)] {
        let model = Stump { children, ..Stump::new() };
        let error = message(plot::tree(&model));
        assert!(error.starts_with("this is not a whole tree: node 0: its child "), "{error}");
    }
    let lonely = Stump { nodes: 4, ..Stump::new() };
    assert!(message(plot::tree(&lonely)).contains("node 3: it is no node's child"));
    let empty = Stump { nodes: 0, ..Stump::new() };
    assert!(message(plot::tree(&empty)).contains("no nodes to draw"));
}
