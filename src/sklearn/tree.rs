//! Decision trees: `sklearn.tree.DecisionTreeClassifier` and its like, and the `Tree` that they hold.

use super::write::{Fields, ToSklearn, Writer};
use super::{Error, Version};
use crate::data::{Label, Labels};
use crate::model::Model;
use crate::pickle::Handle;
use crate::tree::{
    ClassWeight, DecisionTreeClassifier, DecisionTreeRegressor, Growth, LinfaTree, MaxFeatures,
    Samples, Tree,
};

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
        self.check(version)?;
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

    /// Whether the version has all that the tree needs.
    fn check(&self, version: Version) -> Result<(), Error> {
        let arrays = self.tree.arrays();
        let learned = |node: &usize| {
            // Where no value was missing, scikit-learn notes the side to which more rows went.
            let Some((left, right)) = self.tree.children(*node) else { return false };
            let rows = |node: usize| arrays.n_node_samples.get(node);
            arrays.missing_go_to_left.get(*node) != Some(&(rows(left) > rows(right)))
                || arrays.threshold.get(*node).is_some_and(|threshold| threshold.is_infinite())
        };
        if version.has_missing_go_to_left() || self.note.is_some() {
            return Ok(());
        }
        match (0..self.tree.node_count()).find(learned) {
            None => Ok(()),
            Some(node) => Err(Error::Unwritable {
                class: self.name.into(),
                version: version.to_string(),
                problem: format!(
                    "node {node} learned where missing values go, which scikit-learn knows from \
                     1.3 on; choose such a version"
                ),
            }),
        }
    }

    /// What `Tree.__reduce__` returns.
    fn write_tree(&self, writer: &Writer<'_>) -> Result<Handle, Error> {
        let (b, tree) = (&writer.builder, self.tree);
        let class = b.global("sklearn.tree._tree", "Tree");
        let width = tree.width();
        let widths = writer.integers(&[width as i64])?;
        let object = b.reduce(class, [writer.count(tree.n_features()), widths, b.int(1)])?;
        let values = match self.classes {
            Some(_) if !writer.version.has_fractions() => {
                writer.floats(&[tree.node_count(), 1, width], &counts(tree))?
            }
            _ => writer.floats(&[tree.node_count(), 1, width], &tree.arrays().value)?,
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
