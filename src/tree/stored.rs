//! How fitted trees are stored: one dictionary of plain lists, checked when it is loaded.

use std::borrow::Cow;

use serde::{Deserialize, Deserializer, Serialize, Serializer, ser};

use super::nodes::{Tree, TreeArrays};
use super::{
    DecisionTreeClassifier, DecisionTreeClassifierParams, DecisionTreeRegressor,
    DecisionTreeRegressorParams, Error,
};
use crate::data::{Labels, Schema};
use crate::model::format::{Format, Named, Version};

impl Named for DecisionTreeClassifierParams {
    const NAME: &'static str = DecisionTreeClassifier::FORMAT;
}

impl Named for DecisionTreeRegressorParams {
    const NAME: &'static str = DecisionTreeRegressor::FORMAT;
}

impl DecisionTreeClassifier {
    /// What stands under `format` in the dictionary that a saved one is.
    pub const FORMAT: &str = "picklebook.DecisionTreeClassifier";
}

impl DecisionTreeRegressor {
    /// What stands under `format` in the dictionary that a saved one is.
    pub const FORMAT: &str = "picklebook.DecisionTreeRegressor";
}

#[derive(Serialize, Deserialize)]
#[serde(
    deny_unknown_fields,
    bound(serialize = "P: Named + Serialize", deserialize = "P: Named + Deserialize<'de>")
)]
struct Stored<'a, P: Clone> {
    format: Format<P>,
    version: Version,
    parameters: Cow<'a, P>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    classes: Option<Cow<'a, Labels>>,
    feature_names: Option<Cow<'a, [String]>>,
    /// Not in files of version 0.1.0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    schema: Option<Cow<'a, Schema>>,
    n_features: usize,
    #[serde(deserialize_with = "children_left")]
    children_left: Cow<'a, [i32]>,
    #[serde(deserialize_with = "children_right")]
    children_right: Cow<'a, [i32]>,
    #[serde(deserialize_with = "feature")]
    feature: Cow<'a, [i32]>,
    threshold: Cow<'a, [f64]>,
    impurity: Cow<'a, [f64]>,
    #[serde(deserialize_with = "n_node_samples")]
    n_node_samples: Cow<'a, [i32]>,
    weighted_n_node_samples: Cow<'a, [f64]>,
    missing_go_to_left: Cow<'a, [bool]>,
    value: Cow<'a, [f64]>,
}

/// Whole numbers, one a node; a message about one that is too large names it.
fn whole<'de, D: Deserializer<'de>>(
    deserializer: D,
    array: &str,
) -> Result<Cow<'static, [i32]>, D::Error> {
    let whole = |(node, number): (usize, i64)| {
        i32::try_from(number).map_err(|_| {
            let problem = format!("its {array} is {number}, but no tree is that large");
            Error::Node { node, problem }.in_file()
        })
    };
    Vec::deserialize(deserializer)?.into_iter().enumerate().map(whole).collect()
}

/// A function for each array that is read by [`whole`], because `deserialize_with` does not say
/// which one it reads.
macro_rules! whole_arrays {
    ($($array:ident)*) => {
        $(fn $array<'de, D: Deserializer<'de>>(from: D) -> Result<Cow<'static, [i32]>, D::Error> {
            whole(from, stringify!($array))
        })*
    };
}

whole_arrays!(children_left children_right feature n_node_samples);

impl<'a, P: Clone> Stored<'a, P> {
    fn new(
        parameters: &'a P,
        classes: Option<&'a Labels>,
        feature_names: Option<&'a [String]>,
        schema: Option<&'a Schema>,
        tree: &'a Tree,
    ) -> Self {
        let arrays = tree.arrays();
        Stored {
            format: Format::new(),
            version: Version,
            parameters: Cow::Borrowed(parameters),
            classes: classes.map(Cow::Borrowed),
            feature_names: feature_names.map(Cow::Borrowed),
            schema: schema.map(Cow::Borrowed),
            n_features: tree.n_features(),
            children_left: (&arrays.children_left).into(),
            children_right: (&arrays.children_right).into(),
            feature: (&arrays.feature).into(),
            threshold: (&arrays.threshold).into(),
            impurity: (&arrays.impurity).into(),
            n_node_samples: (&arrays.n_node_samples).into(),
            weighted_n_node_samples: (&arrays.weighted_n_node_samples).into(),
            missing_go_to_left: (&arrays.missing_go_to_left).into(),
            value: (&arrays.value).into(),
        }
    }

    fn into_tree(self, width: usize) -> Result<Tree, Error> {
        let arrays = TreeArrays {
            children_left: self.children_left.into_owned(),
            children_right: self.children_right.into_owned(),
            feature: self.feature.into_owned(),
            threshold: self.threshold.into_owned(),
            impurity: self.impurity.into_owned(),
            n_node_samples: self.n_node_samples.into_owned(),
            weighted_n_node_samples: self.weighted_n_node_samples.into_owned(),
            missing_go_to_left: self.missing_go_to_left.into_owned(),
            value: self.value.into_owned(),
        };
        Tree::new(arrays, self.n_features, width)
    }
}

fn load_classifier(
    mut stored: Stored<'_, DecisionTreeClassifierParams>,
) -> Result<DecisionTreeClassifier, Error> {
    stored.parameters.check()?;
    let Some(classes) = stored.classes.take().map(Cow::into_owned) else {
        return Err(Error::Model { problem: "it has no classes".into() });
    };
    let parameters = stored.parameters.clone().into_owned();
    let feature_names = stored.feature_names.take().map(Cow::into_owned);
    let schema = stored.schema.take().map(Cow::into_owned);
    let tree = stored.into_tree(classes.len())?;
    DecisionTreeClassifier::from_tree(parameters, tree, classes, feature_names)?.with_schema(schema)
}

fn load_regressor(
    mut stored: Stored<'_, DecisionTreeRegressorParams>,
) -> Result<DecisionTreeRegressor, Error> {
    stored.parameters.check()?;
    let parameters = stored.parameters.clone().into_owned();
    let feature_names = stored.feature_names.take().map(Cow::into_owned);
    let schema = stored.schema.take().map(Cow::into_owned);
    let tree = stored.into_tree(1)?;
    DecisionTreeRegressor::from_tree(parameters, tree, feature_names)?.with_schema(schema)
}

/// A dictionary: format, version, parameters, classes, names, schema, and the arrays of the tree.
impl Serialize for DecisionTreeClassifier {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (classes, names) = (Some(self.classes()), self.feature_names());
        Stored::new(self.parameters(), classes, names, self.schema(), self.tree())
            .serialize(serializer)
            .map_err(ser::Error::custom)
    }
}

/// Refuses what is not a whole tree.
impl<'de> Deserialize<'de> for DecisionTreeClassifier {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        load_classifier(Stored::deserialize(deserializer)?).map_err(Error::in_file)
    }
}

/// A dictionary: format, version, parameters, names, schema, and the arrays of the tree.
impl Serialize for DecisionTreeRegressor {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let names = self.feature_names();
        Stored::new(self.parameters(), None, names, self.schema(), self.tree())
            .serialize(serializer)
            .map_err(ser::Error::custom)
    }
}

/// Refuses what is not a whole tree.
impl<'de> Deserialize<'de> for DecisionTreeRegressor {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        load_regressor(Stored::deserialize(deserializer)?).map_err(Error::in_file)
    }
}
