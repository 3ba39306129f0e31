//! A tree of linfa-trees in a file: written as linfa-trees lays it out, read with suspicion.
//!
//! linfa-trees checks nothing when it loads, and panics in predict on a child that is missing or
//! a feature that is not there. So nodes are first read into a flat list, to a limited depth,
//! then checked, and only then handed to linfa-trees.

use std::fmt;

use linfa_trees::DecisionTree;
use serde::de::value::{Error as ValueError, MapDeserializer};
use serde::de::{
    self, Deserialize, DeserializeSeed, Deserializer, IgnoredAny, IntoDeserializer, MapAccess,
    Visitor,
};
use serde::{Serialize, Serializer, forward_to_deserialize_any};

use super::tree::{LinfaTree, LinfaTreeParams, MAX_DEPTH, MOST_ROWS};
use crate::data::{Labels, Schema};
use crate::model::format::{Format, Named, Version};
use crate::tree::{Error, check};

impl Named for LinfaTreeParams {
    const NAME: &'static str = LinfaTree::FORMAT;
}

impl LinfaTree {
    /// What stands under `format` in the dictionary that a saved one is.
    pub const FORMAT: &str = "picklebook.LinfaTree";
}

/// As many nodes as a fit on the most rows can make.
const MOST_NODES: usize = 2 * MOST_ROWS;

/// The dictionary in the file.
#[derive(Serialize, serde::Deserialize)]
#[serde(bound(
    deserialize = "Names: Deserialize<'de>, Classes: Deserialize<'de>, Table: Deserialize<'de>, Tree: Deserialize<'de>"
))]
struct Stored<Names, Table, Classes, Tree> {
    format: Format<LinfaTreeParams>,
    version: Version,
    parameters: LinfaTreeParams,
    feature_names: Names,
    /// Not in files of version 0.1.0.
    #[serde(default = "no_table", skip_serializing_if = "Option::is_none")]
    schema: Option<Table>,
    classes: Classes,
    tree: Tree,
}

impl Serialize for LinfaTree {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let stored = Stored {
            format: Format::new(),
            version: Version,
            parameters: self.params,
            feature_names: &self.feature_names,
            schema: self.schema.as_ref(),
            classes: &self.classes,
            tree: &self.tree,
        };
        stored.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for LinfaTree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let stored = Stored::<Vec<String>, Schema, Labels, Nodes>::deserialize(deserializer)?;
        stored.check().map_err(Error::in_file)
    }
}

fn no_table<Table>() -> Option<Table> {
    None
}

impl Stored<Vec<String>, Schema, Labels, Nodes> {
    /// The tree, when it is whole.
    fn check(self) -> Result<LinfaTree, Error> {
        let model = |problem: String| Err(Error::Model { problem });
        let max_depth = self.parameters.check()?;
        let classes = self.classes.len();
        if classes == 0 || self.classes != self.classes.classes() {
            return model("its classes are not a sorted list without repetition".into());
        }
        check::classes(&self.classes)?;
        if let Some(schema) = &self.schema {
            schema.check(Some(&self.feature_names)).map_err(|problem| Error::Model { problem })?;
        }
        let columns = self.feature_names.len();
        if self.tree.num_features != columns {
            return model(format!(
                "it has {columns} feature names, but a tree for {} features",
                self.tree.num_features
            ));
        }
        for (place, node) in self.tree.nodes.iter().enumerate() {
            node.check(max_depth, &self.feature_names, classes)
                .map_err(|problem| Error::Model { problem: format!("node {place}: {problem}") })?;
        }
        let tree = self.tree.into_linfa().map_err(|error| Error::Model {
            problem: format!("linfa-trees does not take it: {error}"),
        })?;
        Ok(LinfaTree {
            params: self.parameters,
            feature_names: self.feature_names,
            schema: self.schema,
            classes: self.classes,
            tree,
        })
    }
}

/// A node as the file has it, its children by their place in the list.
#[derive(Default)]
struct StoredNode {
    feature_idx: usize,
    feature_name: String,
    split_value: f64,
    impurity_decrease: f64,
    left_child: Option<usize>,
    right_child: Option<usize>,
    leaf_node: bool,
    prediction: usize,
    depth: usize,
    /// The number of nodes above, counted while reading.
    level: usize,
}

impl StoredNode {
    fn check(&self, max_depth: usize, names: &[String], classes: usize) -> Result<(), String> {
        let StoredNode { feature_idx, prediction, depth, level, .. } = *self;
        if depth != level {
            return Err(format!("its depth is {level}, but it says {depth}"));
        }
        if level > max_depth {
            return Err(format!("it is deeper than max_depth = {max_depth}"));
        }
        if prediction >= classes {
            return Err(format!("it predicts class {prediction} of {classes}"));
        }
        if !self.split_value.is_finite() || !self.impurity_decrease.is_finite() {
            return Err("its split is not a finite number".into());
        }
        match (self.leaf_node, self.left_child, self.right_child) {
            (true, None, None) => Ok(()),
            (true, ..) => Err("it is a leaf and has children".into()),
            (false, Some(_), Some(_)) => match names.get(feature_idx) {
                None => Err(format!("it splits by feature {feature_idx} of {}", names.len())),
                Some(name) if *name != self.feature_name => Err(format!(
                    "it splits by {:?}, but feature {feature_idx} is {name:?}",
                    self.feature_name
                )),
                Some(_) => Ok(()),
            },
            (false, ..) => Err("it is a split and lacks a child".into()),
        }
    }
}

/// A whole tree as the file has it, the root first.
struct Nodes {
    num_features: usize,
    nodes: Vec<StoredNode>,
}

impl<'de> Deserialize<'de> for Nodes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TreeVisitor;

        impl<'de> Visitor<'de> for TreeVisitor {
            type Value = Nodes;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a dictionary with root_node and num_features")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Nodes, A::Error> {
                let (mut num_features, mut nodes) = (None, Vec::new());
                while let Some(key) = map.next_key::<String>()? {
                    match key.as_str() {
                        "num_features" => num_features = Some(map.next_value()?),
                        "root_node" if nodes.is_empty() => {
                            map.next_value_seed(NodeSeed { nodes: &mut nodes, level: 0 })?;
                        }
                        "root_node" => return Err(de::Error::duplicate_field("root_node")),
                        _ => {
                            map.next_value::<IgnoredAny>()?;
                        }
                    }
                }
                if nodes.is_empty() {
                    return Err(de::Error::missing_field("root_node"));
                }
                let missing = || de::Error::missing_field("num_features");
                Ok(Nodes { num_features: num_features.ok_or_else(missing)?, nodes })
            }
        }

        deserializer.deserialize_map(TreeVisitor)
    }
}

/// Reads a node and all below it into the list; the value is its place there.
struct NodeSeed<'a> {
    nodes: &'a mut Vec<StoredNode>,
    level: usize,
}

impl<'de> DeserializeSeed<'de> for NodeSeed<'_> {
    type Value = usize;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<usize, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for NodeSeed<'_> {
    type Value = usize;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a dictionary for a node of the tree")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<usize, A::Error> {
        let NodeSeed { nodes, level } = self;
        if level > MAX_DEPTH {
            return Err(de::Error::custom(format!("the tree is deeper than {MAX_DEPTH}")));
        }
        let place = nodes.len();
        if place >= MOST_NODES {
            return Err(de::Error::custom(format!("the tree has more than {MOST_NODES} nodes")));
        }
        nodes.push(StoredNode::default()); // the node's place in the list, before those below it
        let mut node = StoredNode { level, ..StoredNode::default() };
        let mut found = [None; KEYS.len()];
        while let Some(key) = map.next_key::<String>()? {
            match KEYS.iter().zip(&mut found).find(|(name, _)| **name == key) {
                Some((name, slot)) => match slot.replace(()) {
                    None => {}
                    Some(()) => return Err(de::Error::duplicate_field(name)),
                },
                None => return Err(de::Error::unknown_field(&key, &KEYS)),
            }
            let child = ChildSeed(NodeSeed { nodes, level: level + 1 });
            match key.as_str() {
                "feature_idx" => node.feature_idx = map.next_value()?,
                "feature_name" => node.feature_name = map.next_value()?,
                "split_value" => node.split_value = map.next_value()?,
                "impurity_decrease" => node.impurity_decrease = map.next_value()?,
                "left_child" => node.left_child = map.next_value_seed(child)?,
                "right_child" => node.right_child = map.next_value_seed(child)?,
                "leaf_node" => node.leaf_node = map.next_value()?,
                "prediction" => node.prediction = map.next_value()?,
                _ => node.depth = map.next_value()?,
            }
        }
        if let Some((name, _)) = KEYS.iter().zip(found).find(|(_, found)| found.is_none()) {
            return Err(de::Error::missing_field(name));
        }
        if let Some(slot) = nodes.get_mut(place) {
            *slot = node;
        }
        Ok(place)
    }
}

/// The keys of a node, each of which must be there once.
const KEYS: [&str; 9] = [
    "feature_idx",
    "feature_name",
    "split_value",
    "impurity_decrease",
    "left_child",
    "right_child",
    "leaf_node",
    "prediction",
    "depth",
];

/// Reads a child, or the nothing in its place.
struct ChildSeed<'a>(NodeSeed<'a>);

impl<'de> DeserializeSeed<'de> for ChildSeed<'_> {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_option(self)
    }
}

impl<'de> Visitor<'de> for ChildSeed<'_> {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a node of the tree, or None")
    }

    fn visit_none<E: de::Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_unit<E: de::Error>(self) -> Result<Self::Value, E> {
        Ok(None)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        self.0.deserialize(deserializer).map(Some)
    }
}

impl Nodes {
    /// linfa-trees' own tree. Its fields are private, and its serde face is the way in.
    fn into_linfa(self) -> Result<DecisionTree<f64, usize>, ValueError> {
        DecisionTree::deserialize(Part::Tree(&self))
    }
}

/// A part of the checked list, as a deserializer for linfa-trees.
#[derive(Clone, Copy)]
enum Part<'a> {
    Tree(&'a Nodes),
    Node(&'a Nodes, usize),
    Child(&'a Nodes, Option<usize>),
    Count(usize),
    Number(f64),
    Name(&'a str),
    Flag(bool),
}

impl<'de> Deserializer<'de> for Part<'_> {
    type Error = ValueError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, ValueError> {
        match self {
            Part::Tree(tree) => visitor.visit_map(MapDeserializer::new(
                [
                    ("root_node", Part::Node(tree, 0)),
                    ("num_features", Part::Count(tree.num_features)),
                ]
                .into_iter(),
            )),
            Part::Node(tree, place) => {
                let node = tree.nodes.get(place).ok_or_else(|| {
                    <ValueError as de::Error>::custom(format!("there is no node {place}"))
                })?;
                visitor.visit_map(MapDeserializer::new(
                    [
                        ("feature_idx", Part::Count(node.feature_idx)),
                        ("feature_name", Part::Name(&node.feature_name)),
                        ("split_value", Part::Number(node.split_value)),
                        ("impurity_decrease", Part::Number(node.impurity_decrease)),
                        ("left_child", Part::Child(tree, node.left_child)),
                        ("right_child", Part::Child(tree, node.right_child)),
                        ("leaf_node", Part::Flag(node.leaf_node)),
                        ("prediction", Part::Count(node.prediction)),
                        ("depth", Part::Count(node.depth)),
                    ]
                    .into_iter(),
                ))
            }
            Part::Child(_, None) => visitor.visit_none(),
            Part::Child(tree, Some(place)) => visitor.visit_some(Part::Node(tree, place)),
            Part::Count(count) => visitor.visit_u64(count as u64),
            Part::Number(number) => visitor.visit_f64(number),
            Part::Name(name) => visitor.visit_str(name),
            Part::Flag(flag) => visitor.visit_bool(flag),
        }
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option
        unit unit_struct newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

impl IntoDeserializer<'_, ValueError> for Part<'_> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}
