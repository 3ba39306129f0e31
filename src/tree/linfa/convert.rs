//! To and from the trees of linfa-trees.
//!
//! linfa builds its trees from nothing but data or serde, so a tree goes there as the fields that
//! its `Deserialize` asks for.

use std::fmt::Debug;

use linfa_trees::DecisionTree;
use serde::Deserialize;
use serde::de::value::{Error as ValueError, MapDeserializer};
use serde::de::{DeserializeOwned, Deserializer, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;

use super::error::LinfaError;
use super::traits::{ClassLabel, FeatureFloat};
use super::tree::{LinfaTree, MAX_DEPTH};
use crate::data::{Label, Labels};
use crate::tree::nodes::{Tree, TreeArrays};
use crate::tree::{DecisionTreeClassifier, Error, first_greatest};

fn refuse<T>(problem: impl Into<String>) -> Result<T, Error> {
    Err(LinfaError::Convert { problem: problem.into() }.into())
}

impl DecisionTreeClassifier {
    /// The same tree as linfa-trees has it: with the same predictions for all rows that have no
    /// missing value. `L` is the type of the classes: `usize` for whole numbers, `bool`,
    /// `String`.
    ///
    /// linfa sends missing values to the right, always. It keeps no class counts and no weights.
    ///
    /// # Errors
    /// [`LinfaError::Convert`] for a tree that learned where missing values go, for one deeper than
    /// 200, and for classes that are not of the type `L`.
    pub fn to_linfa<L>(&self) -> Result<DecisionTree<f64, L>, Error>
    where
        L: linfa::Label + Debug + DeserializeOwned,
    {
        let tree = self.tree();
        let arrays = tree.arrays();
        if tree.max_depth() > MAX_DEPTH {
            return refuse(format!(
                "its depth is {}, and linfa recurses; limit max_depth to {MAX_DEPTH}",
                tree.max_depth()
            ));
        }
        for node in 0..tree.node_count() {
            let Some((left, right)) = tree.children(node) else { continue };
            let rows = (arrays.n_node_samples[left], arrays.n_node_samples[right]);
            // without missing values in the training rows, they would go where more rows went
            let learned = arrays.missing_go_to_left[node] != (rows.0 > rows.1);
            if learned || arrays.threshold[node].is_infinite() {
                return refuse(format!(
                    "node {node} learned where missing values go, which linfa cannot; fill them in before the fit"
                ));
            }
        }
        let fields = [
            ("root_node", Part::Node(self, 0, 0)),
            ("num_features", Part::Count(tree.n_features())),
        ];
        DecisionTree::deserialize(MapDeserializer::new(fields.into_iter()))
            .or_else(|error: ValueError| refuse(error.to_string()))
    }

    /// The same tree as a tree of linfa-trees: with the same predictions for all values that a
    /// 32-bit float can hold.
    ///
    /// linfa keeps no class counts: every leaf counts as one row of its class, so that
    /// `predict_proba` is 1 for the class of the leaf.
    ///
    /// # Errors
    /// [`LinfaError::Convert`] for a split without two children or at a number that is not finite.
    pub fn from_linfa<F, L>(linfa: &DecisionTree<F, L>) -> Result<Self, Error>
    where
        F: FeatureFloat,
        L: linfa::Label + Debug + ClassLabel,
    {
        let mut arrays = TreeArrays::default();
        let mut leaves = Vec::new();
        let mut leaf_nodes = Vec::new();
        let mut stack = vec![(linfa.root_node(), None)];
        while let Some((node, parent)) = stack.pop() {
            let id = arrays.feature.len();
            match parent {
                Some((parent, true)) => arrays.children_left[parent] = id as i32,
                Some((parent, false)) => arrays.children_right[parent] = id as i32,
                None => {}
            }
            arrays.children_left.push(-1);
            arrays.children_right.push(-1);
            arrays.missing_go_to_left.push(false);
            if let Some(class) = node.prediction() {
                arrays.feature.push(-2);
                arrays.threshold.push(-2.0);
                leaves.push(class);
                leaf_nodes.push(id);
                continue;
            }
            let (feature, split, _) = node.split();
            let split: f64 = split.to_f64().unwrap_or(f64::NAN);
            if !split.is_finite() {
                return refuse(format!("a split of linfa's is at {split}"));
            }
            arrays.feature.push(feature as i32);
            // linfa goes left below the split, we go left up to the threshold
            arrays.threshold.push(split.next_down());
            match node.children()[..] {
                [Some(left), Some(right)] => {
                    stack.push((right, Some((id, false))));
                    stack.push((left, Some((id, true))));
                }
                _ => return refuse("a split of linfa's has not two children"),
            }
        }
        let labels = L::labels(leaves)?;
        let classes = labels.classes();
        let codes = labels.codes(&classes).unwrap_or_default();
        let width = classes.len();
        let mut counts = vec![0_i32; arrays.feature.len() * width];
        for (node, code) in leaf_nodes.into_iter().zip(codes) {
            counts[node * width + code] = 1;
        }
        for node in (0..arrays.feature.len()).rev() {
            for child in [arrays.children_left[node], arrays.children_right[node]] {
                for class in 0..width {
                    if let Ok(child) = usize::try_from(child) {
                        counts[node * width + class] += counts[child * width + class];
                    }
                }
            }
        }
        for counts in counts.chunks_exact(width) {
            let rows: i32 = counts.iter().sum();
            let fractions = counts.iter().map(|&count| f64::from(count) / f64::from(rows));
            arrays.value.extend(fractions.clone());
            arrays.impurity.push(1.0 - fractions.map(|fraction| fraction * fraction).sum::<f64>());
            arrays.n_node_samples.push(rows);
            arrays.weighted_n_node_samples.push(f64::from(rows));
        }
        let n_features = linfa.mean_impurity_decrease().len();
        let tree = Tree::new(arrays, n_features, width)?;
        DecisionTreeClassifier::from_tree(Default::default(), tree, classes, None)
    }
}

impl LinfaTree {
    /// The same tree as a [`DecisionTreeClassifier`], with its parameters, names and classes; what
    /// linfa does not keep is as [`DecisionTreeClassifier::from_linfa`] makes it up.
    ///
    /// # Errors
    /// As [`DecisionTreeClassifier::from_linfa`].
    ///
    /// ```
    /// use picklebook::prelude::*;
    ///
    /// let split = train_test_split(&balance_scale(), 0.3, 100)?;
    /// let linfa = LinfaTree::params().max_depth(3).fit(&split.train)?;
    /// let tree = linfa.to_classifier()?;
    /// assert_eq!(tree.predict(&split.test)?, linfa.predict(&split.test)?);
    /// # Ok::<(), picklebook::model::Error>(())
    /// ```
    pub fn to_classifier(&self) -> Result<DecisionTreeClassifier, Error> {
        let tree = DecisionTreeClassifier::from_linfa(&self.tree)?;
        // Those are the classes of leaves, by their places among all classes.
        let Labels::Integers(places) = tree.classes() else {
            return refuse("the classes of a tree of linfa's are not its codes");
        };
        let places: Vec<usize> = places.iter().map(|&place| place as usize).collect();
        let width = self.classes.len();
        let mut arrays = tree.tree().arrays().clone();
        let mut value = vec![0.0; arrays.feature.len().saturating_mul(width)];
        let fractions = arrays.value.chunks_exact(places.len().max(1));
        for (all, some) in value.chunks_exact_mut(width.max(1)).zip(fractions) {
            for (&place, &fraction) in places.iter().zip(some) {
                match all.get_mut(place) {
                    Some(slot) => *slot = fraction,
                    None => return refuse(format!("a leaf of linfa's predicts class {place}")),
                }
            }
        }
        arrays.value = value;
        let mut params = DecisionTreeClassifier::params()
            .criterion(self.params.criterion)
            .min_samples_leaf(self.params.min_samples_leaf);
        params.growth.max_depth = self.params.max_depth;
        let tree = Tree::new(arrays, tree.tree().n_features(), width)?;
        let names = Some(self.feature_names.clone());
        DecisionTreeClassifier::from_tree(params, tree, self.classes.clone(), names)
    }
}

/// The smallest 64-bit float that, as a 32-bit float, is greater than `threshold`: linfa goes left
/// below it, without rounding to 32 bits first.
fn split_value(threshold: f64) -> f64 {
    let near = threshold as f32;
    let below = if f64::from(near) > threshold { near.next_down() } else { near };
    let above = below.next_up();
    if above.is_infinite() {
        return f64::INFINITY;
    }
    let middle = f64::from(below) / 2.0 + f64::from(above) / 2.0;
    // the middle itself is rounded to the one whose last bit is even
    if above.to_bits() & 1 == 0 { middle } else { middle.next_up() }
}

/// What linfa's `Deserialize` is given.
enum Part<'a> {
    /// A node of the tree, and its depth.
    Node(&'a DecisionTreeClassifier, usize, usize),
    Leaf,
    Count(usize),
    Flag(bool),
    Number(f64),
    Name(String),
    Class(Label),
}

impl<'a> Part<'a> {
    fn fields(
        model: &'a DecisionTreeClassifier,
        node: usize,
        depth: usize,
    ) -> [(&'static str, Part<'a>); 9] {
        let tree = model.tree();
        let arrays = tree.arrays();
        let weighted = |node: usize| arrays.weighted_n_node_samples[node] * arrays.impurity[node];
        let (feature, name, split, decrease, left, right) = match tree.children(node) {
            None => (0, String::new(), 0.0, 0.0, Part::Leaf, Part::Leaf),
            Some((left, right)) => {
                let feature = arrays.feature[node] as usize;
                let known = model.feature_names().and_then(|names| names.get(feature)).cloned();
                let children =
                    (weighted(left) + weighted(right)) / arrays.weighted_n_node_samples[node];
                (
                    feature,
                    known.unwrap_or_else(|| format!("feature-{feature}")),
                    split_value(arrays.threshold[node]),
                    arrays.impurity[node] - children,
                    Part::Node(model, left, depth + 1),
                    Part::Node(model, right, depth + 1),
                )
            }
        };
        let class = model.classes().get(first_greatest(tree.value(node)));
        [
            ("feature_idx", Part::Count(feature)),
            ("feature_name", Part::Name(name)),
            ("split_value", Part::Number(split)),
            ("impurity_decrease", Part::Number(decrease)),
            ("left_child", left),
            ("right_child", right),
            ("leaf_node", Part::Flag(tree.children(node).is_none())),
            ("prediction", class.map_or(Part::Leaf, Part::Class)),
            ("depth", Part::Count(depth)),
        ]
    }
}

impl<'de> IntoDeserializer<'de, ValueError> for Part<'_> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

impl<'de> Deserializer<'de> for Part<'_> {
    type Error = ValueError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        match self {
            Part::Node(model, node, depth) => {
                let fields = Part::fields(model, node, depth);
                visitor.visit_map(MapDeserializer::new(fields.into_iter()))
            }
            Part::Leaf => visitor.visit_none(),
            Part::Count(count) => visitor.visit_u64(count as u64),
            Part::Flag(flag) => visitor.visit_bool(flag),
            Part::Number(number) => visitor.visit_f64(number),
            Part::Name(name) => visitor.visit_string(name),
            Part::Class(Label::Text(text)) => visitor.visit_string(text),
            Part::Class(Label::Boolean(boolean)) => visitor.visit_bool(boolean),
            Part::Class(Label::Integer(integer)) => visitor.visit_i64(integer),
            Part::Class(Label::Float(float)) => visitor.visit_f64(float),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        match self {
            Part::Leaf => visitor.visit_none(),
            part => visitor.visit_some(part),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}
