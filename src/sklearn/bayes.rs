//! `sklearn.naive_bayes`.

use std::sync::Arc;

use ndarray::Array2;

use super::Error;
use super::changes::{Change, Changes, EVER, Fill};
use super::read::{Object, Read};
use super::registry::Class;
use super::write::{ToSklearn, Writer};
use crate::bayes::{CategoricalNB, DiscreteKind, DiscreteNB, GaussianNB};
use crate::model::Model;
use crate::pickle::Handle;

const MODULES: &[&str] = &["sklearn.naive_bayes"];

/// The classes that are read.
pub(super) const CLASSES: &[Class] = &[
    Class { name: "GaussianNB", modules: MODULES, read: read_gaussian },
    Class {
        name: "MultinomialNB",
        modules: MODULES,
        read: |object| read_discrete(object, DiscreteKind::Multinomial),
    },
    Class {
        name: "ComplementNB",
        modules: MODULES,
        read: |object| read_discrete(object, DiscreteKind::Complement),
    },
    Class { name: "BernoulliNB", modules: MODULES, read: read_bernoulli },
    Class { name: "CategoricalNB", modules: MODULES, read: read_categorical },
];

const N_FEATURES: Change =
    Change::Free("n_features_", &[(EVER, Fill::Copy("n_features_in_")), ((1, 0), Fill::Absent)]);
const FORCE_ALPHA: Change = Change::Usual(
    "force_alpha",
    &[(EVER, Fill::Absent), ((1, 2), Fill::Text("warn")), ((1, 4), Fill::Flag(true))],
);
const DISCRETE: &[Change] = &[
    N_FEATURES,
    FORCE_ALPHA,
    Change::Free(
        "n_features_in_",
        &[(EVER, Fill::Absent), ((0, 23), Fill::ColumnsOf("feature_log_prob_"))],
    ),
];
const GAUSSIAN: &[Change] = &[
    Change::Renamed { old: "sigma_", new: "var_", since: (1, 0), both: None },
    Change::Free("n_features_in_", &[(EVER, Fill::Absent), ((0, 23), Fill::ColumnsOf("theta_"))]),
];
const CATEGORICAL: &[Change] = &[
    N_FEATURES,
    FORCE_ALPHA,
    Change::Value("min_categories", &[(EVER, Fill::Absent), ((0, 24), Fill::None)]),
    Change::Made("n_categories_", |copier, object| {
        let name = "feature_log_prob_";
        let mut counts = Vec::new();
        for value in object.list(name)? {
            let table: Array2<f64> = object.array_of(name, &value)?;
            counts.push(i64::try_from(table.ncols()).unwrap_or(i64::MAX));
        }
        copier.writer.integers(&counts).map(Some)
    }),
];

/// What changed in them.
pub(super) const CHANGES: &[Changes] = &[
    ("GaussianNB", GAUSSIAN),
    ("MultinomialNB", DISCRETE),
    ("ComplementNB", DISCRETE),
    ("BernoulliNB", DISCRETE),
    ("CategoricalNB", CATEGORICAL),
];

fn table(object: &Object, name: &str) -> Result<Array2<f64>, Error> {
    object.array_of(name, object.get(name)?)
}

fn read_gaussian(object: &Object) -> Read {
    let means = table(object, "theta_")?;
    // its name before 1.0
    let name = if object.find("var_").is_some() { "var_" } else { "sigma_" };
    let variances = table(object, name)?;
    let (classes, priors) = (object.labels("classes_")?, object.floats("class_prior_")?);
    let fitted = object.fitted(means.ncols())?;
    let made = GaussianNB::from_parts(fitted, classes, priors, means, variances);
    Ok(Arc::new(object.model(made)?))
}

fn read_discrete(object: &Object, kind: DiscreteKind) -> Read {
    let logarithms = table(object, "feature_log_prob_")?;
    let (classes, priors) = (object.labels("classes_")?, object.floats("class_log_prior_")?);
    let fitted = object.fitted(logarithms.ncols())?;
    let made = DiscreteNB::from_parts(kind, fitted, classes, priors, logarithms);
    Ok(Arc::new(object.model(made)?))
}

fn read_bernoulli(object: &Object) -> Read {
    let binarize = match object.some("binarize") {
        Some(_) => Some(object.float("binarize")?),
        None => None,
    };
    read_discrete(object, DiscreteKind::Bernoulli { binarize })
}

fn read_categorical(object: &Object) -> Read {
    let name = "feature_log_prob_";
    let tables = object.list(name)?;
    let tables = tables.iter().map(|table| object.array_of(name, table));
    let tables = tables.collect::<Result<Vec<Array2<f64>>, Error>>()?;
    let (classes, priors) = (object.labels("classes_")?, object.floats("class_log_prior_")?);
    let fitted = object.fitted(tables.len())?;
    let made = CategoricalNB::from_parts(fitted, classes, priors, tables);
    Ok(Arc::new(object.model(made)?))
}

const MODULE: &str = "sklearn.naive_bayes";

/// The attributes are written in the order in which scikit-learn sets them.
impl ToSklearn for DiscreteNB {
    fn write(&self, writer: &Writer<'_>) -> Result<Handle, Error> {
        let counts = self.counts().ok_or_else(|| writer.not_fitted_here(self.name()))?;
        let mut attributes = writer.parameters(self.parameters())?;
        attributes.extend(writer.columns(self.fitted())?);
        attributes.push(("classes_", writer.labels(self.classes())?));
        attributes.push(("class_count_", writer.vector(&counts.classes)?));
        attributes.push(("feature_count_", writer.table(&counts.features)?));
        if self.kind() == DiscreteKind::Complement {
            attributes.push(("feature_all_", writer.vector(&counts.of_all())?));
        }
        attributes.push(("feature_log_prob_", writer.table(self.feature_log_probabilities())?));
        attributes.push(("class_log_prior_", writer.vector(self.class_log_priors())?));
        writer.estimator((MODULE, self.name()), attributes)
    }
}

impl ToSklearn for GaussianNB {
    fn write(&self, writer: &Writer<'_>) -> Result<Handle, Error> {
        let moments = self.moments().ok_or_else(|| writer.not_fitted_here(self.name()))?;
        let mut attributes = writer.parameters(self.parameters())?;
        attributes.push(("classes_", writer.labels(self.classes())?));
        attributes.extend(writer.columns(self.fitted())?);
        attributes.push(("epsilon_", writer.float_scalar(moments.epsilon)?));
        attributes.push(("theta_", writer.table(&moments.means)?));
        attributes.push(("var_", writer.table(&moments.variances)?));
        attributes.push(("class_count_", writer.vector(&moments.counts)?));
        attributes.push(("class_prior_", writer.vector(self.priors())?));
        writer.estimator((MODULE, self.name()), attributes)
    }
}

impl ToSklearn for CategoricalNB {
    fn write(&self, writer: &Writer<'_>) -> Result<Handle, Error> {
        let counts = self.counts().ok_or_else(|| writer.not_fitted_here(self.name()))?;
        let tables = |tables: &[Array2<f64>]| {
            let tables = tables.iter().map(|table| writer.table(table));
            tables.collect::<Result<Vec<Handle>, Error>>()
        };
        let b = &writer.builder;
        let mut attributes = writer.parameters(self.parameters())?;
        attributes.extend(writer.columns(self.fitted())?);
        attributes.push(("classes_", writer.labels(self.classes())?));
        attributes.push(("class_count_", writer.vector(&counts.classes)?));
        attributes.push(("category_count_", b.list(tables(&counts.categories)?)?));
        attributes.push(("n_categories_", writer.integers(&counts.n_categories)?));
        let logarithms = b.list(tables(self.feature_log_probabilities())?)?;
        attributes.push(("feature_log_prob_", logarithms));
        attributes.push(("class_log_prior_", writer.vector(self.class_log_priors())?));
        writer.estimator((MODULE, self.name()), attributes)
    }
}
