//! Decision trees: `sklearn.tree.DecisionTreeClassifier` and its like, and the `Tree` that they hold.

use std::num::NonZero;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use super::changes::{Change, Changes, EVER, Fill};
use super::read::{self, Object, Read, attributes_of, class_of, described};
use super::registry::Class;
use super::write::{Fields, ToSklearn, Writer};
use super::{Error, Version};
use crate::data::{Label, Labels};
use crate::ensemble::{ForestClassifier, ForestKind, ForestParts, ForestRegressor};
use crate::model::{self, Model, Parameter, Parameters};
use crate::numpy::{self, Array, Dtype, DtypeKind, Order};
use crate::pickle::{Described, Handle, Packed, Value};
use crate::tree::{
    ClassWeight, Criterion, DecisionTreeClassifier, DecisionTreeClassifierParams,
    DecisionTreeRegressor, DecisionTreeRegressorParams, Growth, LinfaTree, MaxFeatures,
    RegressionCriterion, Samples, Tree, TreeArrays,
};

const MODULES: &[&str] = &[MODULE, "sklearn.tree.tree"];

const TREE: &[Change] = &[MONOTONIC, PRUNING];
pub(super) const PRUNING: Change =
    Change::Value("ccp_alpha", &[(EVER, Fill::Absent), ((0, 22), Fill::Float(0.0))]);
pub(super) const MONOTONIC: Change =
    Change::Value("monotonic_cst", &[(EVER, Fill::Absent), ((1, 4), Fill::None)]);

/// The classes that are read.
pub(super) const CLASSES: &[Class] = &[
    Class {
        name: "DecisionTreeClassifier",
        modules: MODULES,
        read: |object| read_classifier(object, ForestKind::DecisionTree),
    },
    Class {
        name: "DecisionTreeRegressor",
        modules: MODULES,
        read: |object| read_regressor(object, ForestKind::DecisionTree),
    },
    Class {
        name: "ExtraTreeClassifier",
        modules: MODULES,
        read: |object| read_classifier(object, ForestKind::ExtraTree),
    },
    Class {
        name: "ExtraTreeRegressor",
        modules: MODULES,
        read: |object| read_regressor(object, ForestKind::ExtraTree),
    },
];

/// What changed in them; that of the trees themselves is in `convert_tree`.
pub(super) const CHANGES: &[Changes] = &[
    ("DecisionTreeClassifier", TREE),
    ("DecisionTreeRegressor", TREE),
    ("ExtraTreeClassifier", TREE),
    ("ExtraTreeRegressor", TREE),
];

/// The fields of a node in version 1.3 and later; the last one is new.
const NODE: Fields<'static> = &[
    ("left_child", "i8", 0),
    ("right_child", "i8", 8),
    ("feature", "i8", 16),
    ("threshold", "f8", 24),
    ("impurity", "f8", 32),
    ("n_node_samples", "i8", 40),
    ("weighted_n_node_samples", "f8", 48),
    ("missing_go_to_left", "u1", 56),
];

const MODULE: &str = "sklearn.tree._classes";

/// What a tree of classifiers and one of regressors have in common, as it is written.
struct Parts<'a> {
    name: &'static str,
    criterion: &'static str,
    growth: &'a Growth,
    class_weight: Option<&'a ClassWeight>,
    classes: Option<&'a Labels>,
    feature_names: Option<&'a [String]>,
    tree: &'a Tree,
    /// What the file should say beside all that scikit-learn knows.
    note: Option<&'static str>,
}

impl Parts<'_> {
    /// The attributes in the order in which scikit-learn sets them.
    fn write(&self, writer: &Writer<'_>) -> Result<Handle, Error> {
        let (b, version) = (&writer.builder, writer.version);
        if !version.has_missing_go_to_left() && self.note.is_none() {
            check_missing(self.name, self.tree, version)?;
        }
        let growth = self.growth;
        let samples = |samples| match samples {
            Samples::Count(count) => writer.count(count),
            Samples::Fraction(fraction) => b.float(fraction),
        };
        let columns = self.tree.n_features();
        let mut attributes = vec![
            ("criterion", b.str(version.criterion(self.criterion))),
            ("splitter", b.str("best")),
            ("max_depth", writer.optional_count(growth.max_depth)),
            ("min_samples_split", samples(growth.min_samples_split)),
            ("min_samples_leaf", samples(growth.min_samples_leaf)),
            ("min_weight_fraction_leaf", b.float(growth.min_weight_fraction_leaf)),
            ("max_features", max_features(writer, growth.max_features)),
            ("max_leaf_nodes", writer.optional_count(growth.max_leaf_nodes)),
            ("random_state", growth.random_state.map_or(b.none(), |seed| b.int(seed))),
            ("min_impurity_decrease", b.float(growth.min_impurity_decrease)),
        ];
        if version.has_min_impurity_split() {
            attributes.push(("min_impurity_split", b.none()));
        }
        attributes.push(("class_weight", class_weight(writer, self.class_weight)?));
        attributes.push(("ccp_alpha", b.float(growth.ccp_alpha)));
        if version.has_monotonic_cst() {
            attributes.push(("monotonic_cst", b.none()));
        }
        if let Some(names) = self.feature_names.filter(|_| version.has_feature_names()) {
            attributes.push(("feature_names_in_", writer.text_objects(names)?));
        }
        attributes.push(("n_features_in_", writer.count(columns)));
        if version.has_min_impurity_split() {
            attributes.push(("n_features_", writer.count(columns)));
        }
        attributes.push(("n_outputs_", b.int(1)));
        if let Some(classes) = self.classes {
            attributes.push(("classes_", writer.labels(classes)?));
            attributes.push(("n_classes_", writer.count(classes.len())));
        }
        attributes.push(("max_features_", writer.count(growth.max_features.of(columns))));
        attributes.push(("tree_", self.write_tree(writer)?));
        if let Some(note) = self.note {
            attributes.push(("picklebook_note", b.str(note)));
        }
        writer.estimator((MODULE, self.name), attributes)
    }

    /// The `tree_`.
    fn write_tree(&self, writer: &Writer<'_>) -> Result<Handle, Error> {
        write_tree(writer, self.tree, &[self.tree.width()], self.classes.is_some())
    }
}

/// Whether a version has all that a tree needs.
fn check_missing(class: &str, tree: &Tree, version: Version) -> Result<(), Error> {
    let arrays = tree.arrays();
    let learned = |node: &usize| {
        // Where no value was missing, scikit-learn notes the side to which more rows went.
        let Some((left, right)) = tree.children(*node) else { return false };
        let rows = |node: usize| arrays.n_node_samples.get(node);
        arrays.missing_go_to_left.get(*node) != Some(&(rows(left) > rows(right)))
            || arrays.threshold.get(*node).is_some_and(|threshold| threshold.is_infinite())
    };
    match (0..tree.node_count()).find(learned) {
        None => Ok(()),
        Some(node) => Err(Error::Unwritable {
            class: class.into(),
            version: version.to_string(),
            problem: format!(
                "node {node} learned where missing values go, which scikit-learn knows from 1.3 on; \
                 choose such a version"
            ),
        }),
    }
}

/// What `Tree.__reduce__` returns. Where values are fractions of classes, they become what the version
/// has: these, or counts.
fn write_tree(
    writer: &Writer<'_>,
    tree: &Tree,
    n_classes: &[usize],
    are_fractions: bool,
) -> Result<Handle, Error> {
    let b = &writer.builder;
    let class = b.global("sklearn.tree._tree", "Tree");
    let widths: Vec<i64> = n_classes.iter().map(|&classes| classes as i64).collect();
    let arguments =
        [writer.count(tree.n_features()), writer.integers(&widths)?, writer.count(n_classes.len())];
    let object = b.reduce(class, arguments)?;
    let width = tree.width() / n_classes.len().max(1);
    let shape = [tree.node_count(), n_classes.len(), width];
    let values = match are_fractions && !writer.version.has_fractions() {
        true => writer.floats(&shape, &counts(tree))?,
        false => writer.floats(&shape, &tree.arrays().value)?,
    };
    let state = [
        ("max_depth", writer.count(tree.max_depth())),
        ("node_count", writer.count(tree.node_count())),
        ("nodes", nodes(writer, tree)?),
        ("values", values),
    ];
    b.build(object, b.attributes(state)?)?;
    Ok(object)
}

/// The nodes as the version has them.
fn nodes(writer: &Writer<'_>, tree: &Tree) -> Result<Handle, Error> {
    let (fields, size) = match writer.version.has_missing_go_to_left() {
        true => (NODE, 64),
        false => (&NODE[..NODE.len() - 1], 56),
    };
    let arrays = tree.arrays();
    let mut bytes = Vec::with_capacity(size * tree.node_count());
    for node in 0..tree.node_count() {
        let whole = |array: &[i32]| i64::from(array[node]).to_le_bytes();
        let start = bytes.len();
        bytes.extend(whole(&arrays.children_left));
        bytes.extend(whole(&arrays.children_right));
        bytes.extend(whole(&arrays.feature));
        bytes.extend(arrays.threshold[node].to_le_bytes());
        bytes.extend(arrays.impurity[node].to_le_bytes());
        bytes.extend(whole(&arrays.n_node_samples));
        bytes.extend(arrays.weighted_n_node_samples[node].to_le_bytes());
        if writer.version.has_missing_go_to_left() {
            bytes.push(arrays.missing_go_to_left[node].into());
        }
        bytes.resize(start + size, 0);
    }
    writer.records(fields, size, bytes)
}

/// How many rows, or how much of their weight, each class has in each node. Of weighted rows
/// the last bit may differ from that of scikit-learn's sum.
fn counts(tree: &Tree) -> Vec<f64> {
    let mut counts = tree.arrays().value.clone();
    let weights = &tree.arrays().weighted_n_node_samples;
    for (counts, &weight) in counts.chunks_exact_mut(tree.width()).zip(weights) {
        for count in counts {
            *count *= weight;
            // 1/49 · 49 is a little less than 1: rows that count one each are whole.
            let whole = count.round();
            if weight.fract() == 0.0 && (*count - whole).abs() <= 4.0 * f64::EPSILON * whole {
                *count = whole;
            }
        }
    }
    counts
}

fn max_features(writer: &Writer<'_>, choice: MaxFeatures) -> Handle {
    let b = &writer.builder;
    match choice {
        MaxFeatures::All => b.none(),
        MaxFeatures::Sqrt => b.str("sqrt"),
        MaxFeatures::Log2 => b.str("log2"),
        MaxFeatures::Count(count) => writer.count(count),
        MaxFeatures::Fraction(fraction) => b.float(fraction),
    }
}

fn class_weight(writer: &Writer<'_>, weights: Option<&ClassWeight>) -> Result<Handle, Error> {
    let b = &writer.builder;
    Ok(match weights {
        None => b.none(),
        Some(ClassWeight::Balanced) => b.str("balanced"),
        Some(ClassWeight::Weights(weights)) => {
            let label = |label: &Label| match label {
                Label::Text(text) => b.str(text),
                Label::Boolean(boolean) => b.bool(*boolean),
                Label::Integer(integer) => b.int(*integer),
                Label::Float(float) => b.float(*float),
            };
            b.dict(weights.iter().map(|(class, weight)| (label(class), b.float(*weight))))?
        }
    })
}

impl ToSklearn for DecisionTreeClassifier {
    fn is_converted(&self) -> bool {
        false
    }

    fn write(&self, writer: &Writer<'_>) -> Result<Handle, Error> {
        classifier(self, None).write(writer)
    }
}

fn classifier<'a>(tree: &'a DecisionTreeClassifier, note: Option<&'static str>) -> Parts<'a> {
    let params = tree.parameters();
    Parts {
        name: tree.name(),
        criterion: params.criterion.name(),
        growth: &params.growth,
        class_weight: params.class_weight.as_ref(),
        classes: Some(tree.classes()),
        feature_names: tree.feature_names(),
        tree: tree.tree(),
        note,
    }
}

impl ToSklearn for DecisionTreeRegressor {
    fn is_converted(&self) -> bool {
        false
    }

    fn write(&self, writer: &Writer<'_>) -> Result<Handle, Error> {
        let params = self.parameters();
        let parts = Parts {
            name: self.name(),
            criterion: params.criterion.name(),
            growth: &params.growth,
            class_weight: None,
            classes: None,
            feature_names: self.feature_names(),
            tree: self.tree(),
            note: None,
        };
        parts.write(writer)
    }
}

/// What the file of a tree of linfa's says that it lacks.
const LINFA_NOTE: &str = "trained by linfa-trees, which keeps no counts of training rows: each leaf \
    counts as one row of its class, in n_node_samples, weighted_n_node_samples, impurity and value";

impl ToSklearn for LinfaTree {
    fn is_converted(&self) -> bool {
        false
    }

    fn write(&self, writer: &Writer<'_>) -> Result<Handle, Error> {
        let unwritable = |error: crate::tree::Error| Error::Unwritable {
            class: self.name().into(),
            version: writer.version.to_string(),
            problem: error.to_string(),
        };
        let tree = self.to_classifier().map_err(unwritable)?;
        classifier(&tree, Some(LINFA_NOTE)).write(writer)
    }
}

/// A `Tree` that was read, and how many classes each output has.
pub(super) struct ReadTree {
    pub(super) tree: Tree,
    pub(super) n_classes: Vec<usize>,
    /// The version whose rules hold for it.
    pub(super) version: Version,
}

/// How far the fractions of a node may be from a sum of 1, which rounding and weights leave.
const ROUNDING: f64 = 1e-6;

impl ReadTree {
    /// The tree of an estimator: its `tree_`, and what the estimator says of it.
    pub(super) fn of(object: &Object) -> Result<ReadTree, Error> {
        ReadTree::read(object, false)
    }

    /// The same of a classifier, whose values have to be fractions or counts of classes.
    pub(super) fn of_classes(object: &Object) -> Result<ReadTree, Error> {
        ReadTree::read(object, true)
    }

    fn read(object: &Object, of_classes: bool) -> Result<ReadTree, Error> {
        let read = FoundTree::of(object)?.read(&mut Vec::new(), of_classes);
        read.map_err(|problem| problem.told(object))
    }

    /// The trees of the estimators in an attribute, all of one class, and what others are not.
    pub(super) fn all<'v>(
        object: &Object,
        name: &str,
        values: impl Iterator<Item = &'v Value> + Clone,
        (class, lacks): (&str, &str),
        of_classes: bool,
    ) -> Result<Vec<ReadTree>, Error> {
        let estimator = |(number, value)| {
            let estimator = object.estimator_of(value)?;
            if estimator.name() != class {
                let problem = format!("tree {number} is a {}, {lacks}", estimator.name());
                return Err(object.wrong(name, problem));
            }
            Ok(estimator)
        };
        let found = values.clone().enumerate().map(|place| {
            let number = place.0;
            FoundTree::of(&estimator(place)?).map_err(|error| object.in_tree(error, name, number))
        });
        let found = found.collect::<Result<Vec<FoundTree>, Error>>()?;
        let read = read_trees(&found, of_classes).map_err(|(number, problem)| {
            let value = values.clone().nth(number);
            let place = value.map(|value| (number, value));
            let told = place.map(|place| Ok(problem.told(&estimator(place)?)));
            match told {
                Some(Ok(error) | Err(error)) => object.in_tree(error, name, number),
                None => object.wrong(name, format!("tree {number} is missing")),
            }
        })?;
        if read.len() != found.len() {
            return Err(object.wrong(name, "a thread stopped at its work"));
        }
        Ok(read)
    }

    /// Refuses a classifier's tree whose values are neither fractions nor counts.
    fn check_classes(&self) -> Result<(), model::Error> {
        let most = self.n_classes.iter().copied().max().unwrap_or(1);
        let fractions = self.version.has_fractions();
        let values = self.tree.arrays().value.chunks_exact(most);
        let n_classes = self.n_classes.iter().cycle();
        for (place, (values, &classes)) in values.zip(n_classes).enumerate() {
            let sum: f64 = values.iter().take(classes).sum();
            let good = if fractions { (sum - 1.0).abs() <= ROUNDING } else { sum.is_finite() };
            if !good {
                let node = place / self.n_classes.len();
                let problem = match fractions {
                    true => format!(
                        "its values sum to {sum}, but are fractions of classes in this version: \
                         was the file saved again by another version than the one that fitted it?"
                    ),
                    false => format!("its values sum to {sum}"),
                };
                return Err(model::Error::Node { node, problem });
            }
        }
        Ok(())
    }
}

/// A tree whose arrays are not read yet.
struct FoundTree {
    nodes: Value,
    values: Value,
    node_count: usize,
    n_features: usize,
    n_classes: Vec<usize>,
    /// What the estimator around it says.
    version: Option<Version>,
    has_monotonic: bool,
    expected_features: Option<usize>,
}

/// What is wrong with the arrays of a tree.
enum Problem {
    Arrays(String),
    Model(model::Error),
}

impl Problem {
    /// As an error about the estimator with that tree.
    fn told(self, object: &Object) -> Error {
        match self {
            Problem::Arrays(problem) => object.wrong("tree_", problem),
            Problem::Model(error) => match object.model::<()>(Err(error)) {
                Err(error) => error,
                Ok(()) => object.wrong("tree_", "it is not whole"),
            },
        }
    }
}

impl From<model::Error> for Problem {
    fn from(error: model::Error) -> Problem {
        Problem::Model(error)
    }
}

impl FoundTree {
    /// What `Tree.__reduce__` returned: `(Tree, (n_features, n_classes, n_outputs), state)`.
    fn of(object: &Object) -> Result<FoundTree, Error> {
        let name = "tree_";
        let value = object.get(name)?;
        if !class_of(value)
            .is_some_and(|class| class.0 == "sklearn.tree._tree" && class.1 == "Tree")
        {
            return Err(object.not(name, value, "an object of sklearn.tree._tree.Tree"));
        }
        let wrong = |problem: String| object.wrong(name, problem);
        let arguments = value.arguments().map(|arguments| arguments.items()).unwrap_or_default();
        let [n_features, n_classes, n_outputs] = arguments.as_slice() else {
            return Err(wrong(format!("it is made of {} arguments, not of 3", arguments.len())));
        };
        let count = |what: &str, value: &Value| {
            let number = read::integer(value).and_then(|number| usize::try_from(number).ok());
            number.ok_or_else(|| wrong(format!("its {what} is {}, no count", described(value))))
        };
        let n_features = count("n_features", n_features)?;
        let n_outputs = count("n_outputs", n_outputs)?;
        let n_classes: ndarray::Array1<i64> = object.array_of(name, n_classes)?;
        let n_classes = n_classes.iter().map(|&number| usize::try_from(number).ok());
        let n_classes: Option<Vec<usize>> = n_classes.collect();
        let n_classes = n_classes
            .filter(|n_classes| n_classes.len() == n_outputs && n_outputs > 0)
            .filter(|n_classes| n_classes.iter().all(|&classes| classes > 0))
            .ok_or_else(|| wrong("its n_classes does not fit its n_outputs".into()))?;
        let mut state =
            attributes_of(value).map_err(|problem| wrong(format!("its state: {problem}")))?;
        let mut part = |part: &str| {
            let place = state.iter().position(|(name, _)| name == part);
            let found = place.map(|place| state.swap_remove(place).1);
            found.ok_or_else(|| wrong(format!("its {part} is missing")))
        };
        let node_count = count("node_count", &part("node_count")?)?;
        Ok(FoundTree {
            nodes: part("nodes")?,
            values: part("values")?,
            node_count,
            n_features,
            n_classes,
            version: object.stated_version(),
            has_monotonic: object.find("monotonic_cst").is_some(),
            expected_features: object.n_features()?,
        })
    }

    /// Reads the arrays. `room` is for their bytes, and is there for the next tree again.
    fn read(&self, room: &mut Vec<u8>, of_classes: bool) -> Result<ReadTree, Problem> {
        let wrong = |problem: String| Problem::Arrays(problem);
        let most = self.n_classes.iter().copied().max().unwrap_or(0);
        let value = self.read_values(room, most)?;
        let said = |error: &dyn std::fmt::Display| wrong(format!("nodes: {error}"));
        let (layout, bytes) = self.nodes.array_in(room).map_err(|error| said(&error))?;
        if layout.shape() != [self.node_count] {
            let (shape, count) = (layout.shape(), self.node_count);
            return Err(wrong(format!("nodes: their shape is {shape:?}, not ({count},)")));
        }
        check_fields(layout.dtype()).map_err(wrong)?;
        let usual = self.nodes.take_packed::<TreeArrays>().or_else(|| {
            layout.contiguous(&bytes).and_then(|bytes| usual_nodes(layout.dtype(), bytes))
        });
        let has_missing = layout.dtype().fields().len() == NODE.len();
        let mut arrays = match usual {
            Some(arrays) => arrays,
            None => unusual_nodes(&self.nodes.to_numpy().map_err(|error| said(&error))?)?,
        };
        let version =
            self.version.unwrap_or_else(|| Version::of_tree(has_missing, self.has_monotonic));
        if version.has_missing_go_to_left() != has_missing {
            let problem = "nodes: they are laid out as in another version than the one it states";
            return Err(wrong(problem.into()));
        }
        arrays.value = value;
        let tree = Tree::new(arrays, self.n_features, self.n_classes.len().saturating_mul(most))?;
        if let Some(found) = self.expected_features
            && found != self.n_features
        {
            let (expected, what) = (self.n_features, "features");
            return Err(model::Error::Length { what, expected, found }.into());
        }
        let read = ReadTree { tree, n_classes: self.n_classes.clone(), version };
        if of_classes {
            read.check_classes()?;
        }
        Ok(read)
    }

    /// The values of the nodes: nodes × outputs × classes, of which the output with the most has
    /// `most`.
    fn read_values(&self, room: &mut Vec<u8>, most: usize) -> Result<Vec<f64>, Problem> {
        let wrong = |problem: String| Problem::Arrays(format!("values: {problem}"));
        let (layout, bytes) =
            self.values.array_in(room).map_err(|error| wrong(error.to_string()))?;
        let dtype = layout.dtype();
        if !matches!(dtype.kind(), DtypeKind::Float) || dtype.itemsize() != 8 {
            return Err(wrong(format!("they are {dtype}, not float64")));
        }
        if layout.shape() == [self.node_count, self.n_classes.len(), most]
            && let Some(values) = self.values.take_packed::<PackedValues>()
        {
            return Ok(values.0);
        }
        let values: ndarray::Array3<f64> =
            numpy::to_ndarray(&layout, &bytes).map_err(|error| wrong(error.to_string()))?;
        let expected = (self.node_count, self.n_classes.len(), most);
        if values.dim() != expected {
            let (shape, found) = (expected, values.dim());
            return Err(wrong(format!("their shape is {found:?}, not {shape:?}")));
        }
        Ok(match values.is_standard_layout() {
            true => values.into_raw_vec_and_offset().0,
            false => values.iter().copied().collect(),
        })
    }
}

/// The values of nodes in C order.
struct PackedValues(Vec<f64>);

/// What trees make of arrays whose bytes cannot be had again: their nodes and values.
pub(crate) fn pack(array: Described<'_>, bytes: &[u8]) -> Option<Packed> {
    let Described { dtype, shape, order } = array;
    match *shape {
        [_] => {
            check_fields(dtype).ok()?;
            Some(Box::new(usual_nodes(dtype, bytes)?))
        }
        [_, _, _] if order == Order::C && dtype.typestr() == "<f8" => {
            let (values, _) = bytes.as_chunks::<8>();
            let mut packed = Vec::new();
            packed.try_reserve_exact(values.len()).ok()?;
            packed.extend(values.iter().map(|value| f64::from_le_bytes(*value)));
            Some(Box::new(PackedValues(packed)))
        }
        _ => None,
    }
}

/// The fewest bytes of arrays that are worth a thread, and the most threads.
const BYTES_A_THREAD: usize = 1 << 20;
const MOST_THREADS: usize = 8;

/// Reads trees, on several threads where they are large; or the first problem, by the number of its
/// tree.
fn read_trees(found: &[FoundTree], of_classes: bool) -> Result<Vec<ReadTree>, (usize, Problem)> {
    let bytes = found
        .iter()
        .fold(0, |sum: usize, tree| sum.saturating_add(tree.node_count.saturating_mul(NODE_BYTES)));
    let threads = match bytes / BYTES_A_THREAD {
        0 | 1 => 1,
        worth => thread::available_parallelism()
            .map_or(1, NonZero::get)
            .min(worth)
            .min(MOST_THREADS)
            .min(found.len()),
    };
    let next = AtomicUsize::new(0);
    let failed = AtomicBool::new(false);
    // Trees are handed out in their order: before the first that fails, all were handed out.
    let work = || {
        let (mut read, mut room) = (Vec::new(), Vec::new());
        while !failed.load(Ordering::Relaxed) {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(tree) = found.get(number) else { break };
            let tree = tree.read(&mut room, of_classes);
            if tree.is_err() {
                failed.store(true, Ordering::Relaxed);
            }
            read.push((number, tree));
        }
        read
    };
    let mut read = thread::scope(|scope| {
        // Where no more threads can be started, those that run do all of the work.
        let others =
            (1..threads).map_while(|_| thread::Builder::new().spawn_scoped(scope, work).ok());
        let others: Vec<_> = others.collect();
        let mut read = work();
        read.extend(others.into_iter().filter_map(|other| other.join().ok()).flatten());
        read
    });
    read.sort_unstable_by_key(|(number, _)| *number);
    read.into_iter().map(|(number, tree)| tree.map_err(|problem| (number, problem))).collect()
}

/// Refuses nodes whose fields are not those of one of the versions.
fn check_fields(dtype: &Dtype) -> Result<(), String> {
    let expected = match dtype.fields().len() == NODE.len() {
        true => NODE,
        false => &NODE[..NODE.len() - 1],
    };
    let fits = |(field, (name, format, _)): (&numpy::Field, &(&str, &str, usize))| {
        let found = field.dtype.typestr();
        let same_kind = found.get(1..2) == format.get(..1);
        // 32-bit systems write their own integers.
        let same_size =
            found.get(2..) == format.get(1..) || *format == "i8" && found.ends_with("i4");
        field.name == *name && same_kind && same_size
    };
    match dtype.fields().len() == expected.len() && dtype.fields().iter().zip(expected).all(fits) {
        true => Ok(()),
        false => Err(format!("nodes: they are {dtype}, no nodes of a tree")),
    }
}

/// Nodes as any system lays them out, field by field.
fn unusual_nodes(nodes: &Array) -> Result<TreeArrays, Problem> {
    let wrong = |error: &dyn std::fmt::Display| Problem::Arrays(format!("nodes: {error}"));
    let field = |name: &str| nodes.field(name).map_err(|error| wrong(&error));
    let whole = |name: &str| {
        field(name)?.to_vec::<i32>().map_err(|error| match error {
            numpy::Error::Item { index, value, .. } => {
                let problem = format!("its {name} is {value}, but no tree is that large");
                Problem::Model(model::Error::Node { node: index, problem })
            }
            other => wrong(&other),
        })
    };
    let floats = |name: &str| field(name)?.to_vec::<f64>().map_err(|error| wrong(&error));
    let missing = match nodes.dtype().fields().len() == NODE.len() {
        true => field("missing_go_to_left")?.to_vec::<u8>().map_err(|error| wrong(&error))?,
        false => vec![0; nodes.size()],
    };
    Ok(TreeArrays {
        children_left: whole("left_child")?,
        children_right: whole("right_child")?,
        feature: whole("feature")?,
        threshold: floats("threshold")?,
        impurity: floats("impurity")?,
        n_node_samples: whole("n_node_samples")?,
        weighted_n_node_samples: floats("weighted_n_node_samples")?,
        missing_go_to_left: missing.into_iter().map(|flag| flag != 0).collect(),
        value: Vec::new(),
    })
}

/// The most bytes of a node as 64-bit systems lay it out.
const NODE_BYTES: usize = 64;

/// Nodes as 64-bit systems lay them out, read in one go; nothing for others, and for numbers that
/// are too large.
fn usual_nodes(dtype: &Dtype, bytes: &[u8]) -> Option<TreeArrays> {
    let is_usual = dtype.fields().iter().zip(NODE).all(|(field, (_, format, offset))| {
        let found = field.dtype.typestr();
        field.offset == *offset && found.get(1..) == Some(*format) && !found.starts_with('>')
    });
    if !is_usual {
        return None;
    }
    match dtype.itemsize() {
        64 => nodes_of_size::<64>(bytes),
        56 => nodes_of_size::<56>(bytes),
        _ => None,
    }
}

/// How many nodes are taken apart at a time: so many stay in the fastest memory.
const BLOCK: usize = 128;

fn nodes_of_size<const SIZE: usize>(bytes: &[u8]) -> Option<TreeArrays> {
    fn word<const SIZE: usize>(node: &[u8; SIZE], place: usize) -> [u8; 8] {
        node.as_chunks().0.get(place).copied().unwrap_or_default()
    }
    fn room<T>(column: &mut Vec<T>, count: usize) -> Option<()> {
        column.try_reserve_exact(count).ok()
    }
    let (nodes, _) = bytes.as_chunks::<SIZE>();
    let mut arrays = TreeArrays::default();
    room(&mut arrays.children_left, nodes.len())?;
    room(&mut arrays.children_right, nodes.len())?;
    room(&mut arrays.feature, nodes.len())?;
    room(&mut arrays.threshold, nodes.len())?;
    room(&mut arrays.impurity, nodes.len())?;
    room(&mut arrays.n_node_samples, nodes.len())?;
    room(&mut arrays.weighted_n_node_samples, nodes.len())?;
    room(&mut arrays.missing_go_to_left, nodes.len())?;
    // What numbers differ in from those of 32 bits that they become.
    let mut lost = 0;
    for nodes in nodes.chunks(BLOCK) {
        let mut whole = |column: &mut Vec<i32>, place: usize| {
            column.extend(nodes.iter().map(|node| {
                let number = i64::from_le_bytes(word(node, place));
                lost |= number ^ i64::from(number as i32);
                number as i32
            }));
        };
        whole(&mut arrays.children_left, 0);
        whole(&mut arrays.children_right, 1);
        whole(&mut arrays.feature, 2);
        whole(&mut arrays.n_node_samples, 5);
        let floats = |column: &mut Vec<f64>, place: usize| {
            column.extend(nodes.iter().map(|node| f64::from_le_bytes(word(node, place))));
        };
        floats(&mut arrays.threshold, 3);
        floats(&mut arrays.impurity, 4);
        floats(&mut arrays.weighted_n_node_samples, 6);
        let flags = nodes.iter().map(|node| word(node, 7)[0] != 0);
        arrays.missing_go_to_left.extend(flags);
    }
    (lost == 0).then_some(arrays)
}

/// The `tree_` of an estimator that was read, for the version of a writer.
pub(super) fn convert_tree(
    object: &Object,
    writer: &Writer<'_>,
    is_classifier: bool,
) -> Result<Handle, Error> {
    let ReadTree { tree, n_classes, version } = ReadTree::of(object)?;
    let counts = |version: Version| is_classifier && !version.has_fractions();
    let tree = match (counts(version), counts(writer.version)) {
        // Counts stay as they are.
        (true, true) => {
            let tree = check_for(object, tree, version, writer.version)?;
            return write_tree(writer, &tree, &n_classes, false);
        }
        (false, _) => tree,
        (true, false) => {
            // A sum for each output, over the classes that it has.
            let most = n_classes.iter().copied().max().unwrap_or(1);
            let mut arrays = tree.arrays().clone();
            let outputs = arrays.value.chunks_exact_mut(most).zip(n_classes.iter().cycle());
            for (values, &classes) in outputs {
                let sum = numpy::pairwise_sum(values.get(..classes).unwrap_or_default());
                let sum = if sum == 0.0 { 1.0 } else { sum };
                values.iter_mut().for_each(|value| *value /= sum);
            }
            object.model(Tree::new(arrays, tree.n_features(), tree.width()))?
        }
    };
    let tree = check_for(object, tree, version, writer.version)?;
    write_tree(writer, &tree, &n_classes, is_classifier)
}

/// The tree, if another version has all that it needs.
fn check_for(object: &Object, tree: Tree, from: Version, to: Version) -> Result<Tree, Error> {
    if from.has_missing_go_to_left() && !to.has_missing_go_to_left() {
        check_missing(object.name(), &tree, to)?;
    }
    Ok(tree)
}

/// The classes of each output of a classifier.
pub(super) fn read_classes(object: &Object, n_outputs: usize) -> Result<Vec<Labels>, Error> {
    let name = "classes_";
    let classes = match n_outputs {
        1 => vec![object.labels(name)?],
        _ => {
            let outputs = object.list(name)?;
            outputs.iter().map(|labels| object.labels_of(name, labels)).collect::<Result<_, _>>()?
        }
    };
    if classes.len() != n_outputs {
        let (what, found) = ("outputs with classes", classes.len());
        return object.model(Err(model::Error::Length { what, expected: n_outputs, found }));
    }
    Ok(classes)
}

fn read_classifier(object: &Object, kind: ForestKind) -> Read {
    let read = ReadTree::of_classes(object)?;
    let classes = read_classes(object, read.n_classes.len())?;
    let (feature_names, parameters) = (object.feature_names()?, object.parameters());
    for (classes, &expected) in classes.iter().zip(&read.n_classes) {
        if classes.len() != expected {
            let (what, found) = ("classes", classes.len());
            return object.model(Err(model::Error::Length { what, expected, found }));
        }
    }
    // Ours, which can be drawn, where it is the same in all.
    if kind == ForestKind::DecisionTree
        && read.version.has_fractions()
        && let [classes] = classes.as_slice()
        && classes.first_quantity().is_none()
        && let Some(params) = classifier_params(&parameters)
    {
        let (tree, classes) = (read.tree, classes.clone());
        let made = DecisionTreeClassifier::from_tree(params, tree, classes, feature_names);
        return Ok(Arc::new(object.model(made)?));
    }
    let (version, trees) = (read.version, vec![read.tree]);
    let parts = ForestParts { kind, version, trees, feature_names, parameters };
    Ok(Arc::new(object.model(ForestClassifier::from_parts(parts, classes))?))
}

fn read_regressor(object: &Object, kind: ForestKind) -> Read {
    let read = ReadTree::of(object)?;
    let (feature_names, parameters) = (object.feature_names()?, object.parameters());
    let n_outputs = read.n_classes.len();
    if kind == ForestKind::DecisionTree
        && n_outputs == 1
        && read.version.trees_take_missing(parameters.text("criterion"))
        && let Some(params) = regressor_params(&parameters)
    {
        let made = DecisionTreeRegressor::from_tree(params, read.tree, feature_names);
        return Ok(Arc::new(object.model(made)?));
    }
    let (version, trees) = (read.version, vec![read.tree]);
    let parts = ForestParts { kind, version, trees, feature_names, parameters };
    Ok(Arc::new(object.model(ForestRegressor::from_parts(parts, n_outputs))?))
}

/// The parameters of a tree of ours, where it has all of them: those with which missing values are
/// taken, too.
fn growth(parameters: &Parameters) -> Option<Growth> {
    let best = matches!(parameters.get("splitter"), Some(Parameter::Text(name)) if name == "best");
    if !best || parameters.get("monotonic_cst") != Some(&Parameter::None) {
        return None;
    }
    let count = |name: &str| match parameters.get(name)? {
        Parameter::None => Some(None),
        Parameter::Integer(number) => usize::try_from(*number).ok().map(Some),
        _ => None,
    };
    let float = |name: &str| match parameters.get(name)? {
        Parameter::Float(number) => Some(*number),
        Parameter::Integer(number) => Some(*number as f64),
        _ => None,
    };
    let samples = |name: &str| match parameters.get(name)? {
        Parameter::Float(number) => Some(Samples::Fraction(*number)),
        Parameter::Integer(number) => Some(Samples::Count(usize::try_from(*number).ok()?)),
        _ => None,
    };
    let growth = Growth {
        max_depth: count("max_depth")?,
        min_samples_split: samples("min_samples_split")?,
        min_samples_leaf: samples("min_samples_leaf")?,
        min_weight_fraction_leaf: float("min_weight_fraction_leaf")?,
        max_features: match parameters.get("max_features")? {
            Parameter::None => MaxFeatures::All,
            Parameter::Text(name) if name == "sqrt" => MaxFeatures::Sqrt,
            Parameter::Text(name) if name == "log2" => MaxFeatures::Log2,
            Parameter::Integer(number) => MaxFeatures::Count(usize::try_from(*number).ok()?),
            Parameter::Float(number) => MaxFeatures::Fraction(*number),
            _ => return None,
        },
        random_state: match parameters.get("random_state")? {
            Parameter::None => None,
            Parameter::Integer(number) => Some(u32::try_from(*number).ok()?),
            _ => return None,
        },
        max_leaf_nodes: count("max_leaf_nodes")?,
        min_impurity_decrease: float("min_impurity_decrease")?,
        ccp_alpha: float("ccp_alpha")?,
    };
    growth.check().is_ok().then_some(growth)
}

fn classifier_params(parameters: &Parameters) -> Option<DecisionTreeClassifierParams> {
    let criterion = match parameters.text("criterion")? {
        "gini" => Criterion::Gini,
        "entropy" => Criterion::Entropy,
        "log_loss" => Criterion::LogLoss,
        _ => return None,
    };
    let class_weight = match parameters.get("class_weight")? {
        Parameter::None => None,
        Parameter::Text(name) if name == "balanced" => Some(ClassWeight::Balanced),
        Parameter::Dictionary(weights) => {
            let weight = |(class, weight): &(Parameter, Parameter)| {
                let class = match class {
                    Parameter::Text(text) => Label::Text(text.clone()),
                    Parameter::Boolean(boolean) => Label::Boolean(*boolean),
                    Parameter::Integer(integer) => Label::Integer(*integer),
                    Parameter::Float(float) => Label::Float(*float),
                    _ => return None,
                };
                match weight {
                    Parameter::Float(weight) => Some((class, *weight)),
                    Parameter::Integer(weight) => Some((class, *weight as f64)),
                    _ => None,
                }
            };
            Some(ClassWeight::Weights(weights.iter().map(weight).collect::<Option<_>>()?))
        }
        _ => return None,
    };
    let params =
        DecisionTreeClassifierParams { criterion, class_weight, growth: growth(parameters)? };
    params.check().is_ok().then_some(params)
}

fn regressor_params(parameters: &Parameters) -> Option<DecisionTreeRegressorParams> {
    let criterion = match parameters.text("criterion")? {
        "squared_error" => RegressionCriterion::SquaredError,
        "friedman_mse" => RegressionCriterion::FriedmanMse,
        "absolute_error" => RegressionCriterion::AbsoluteError,
        "poisson" => RegressionCriterion::Poisson,
        _ => return None,
    };
    Some(DecisionTreeRegressorParams { criterion, growth: growth(parameters)? })
}
