//! The models that `picklebook predict` can use.

use std::path::Path;

use clap::ValueEnum;
use ndarray::Array2;
use picklebook::data::{Columns, Labels};
use picklebook::pickle::{self, Value};
use picklebook::tree::{DecisionTreeClassifier, DecisionTreeRegressor, Error, LinfaTree};

use super::{Failure, read_pipe};

/// What to ask a model, by scikit-learn's names.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum Method {
    /// The class of each row, or its estimate
    #[default]
    Predict,
    /// The fraction of each class in the leaf of each row
    PredictProba,
    /// The number of each row's leaf in the tree
    Apply,
}

/// A model from a pickle.
pub enum Model {
    Classifier(DecisionTreeClassifier),
    Regressor(DecisionTreeRegressor),
    Linfa(LinfaTree),
}

impl Model {
    pub fn open(path: &Path) -> Result<Model, Failure> {
        let value: Value = match read_pipe(path)? {
            Some(bytes) => {
                pickle::loads(&bytes).map_err(|error| format!("{}: {error}", path.display()))?
            }
            None => pickle::open(path)?,
        };
        let format = value.get("format");
        let model = match format.as_ref().and_then(|format| format.as_str()).as_deref() {
            Some(DecisionTreeClassifier::FORMAT) => value.to().map(Model::Classifier),
            Some(DecisionTreeRegressor::FORMAT) => value.to().map(Model::Regressor),
            Some(LinfaTree::FORMAT) => value.to().map(Model::Linfa),
            _ => {
                return Err(format!(
                    "{}: the pickle holds no model that picklebook saved; make one with \
                     `picklebook train`, or see what this is with `picklebook show`",
                    path.display()
                )
                .into());
            }
        };
        model.map_err(|error| format!("{}: {error}", path.display()).into())
    }

    /// The columns that the model needs.
    pub fn columns(&self) -> Columns<'_> {
        let (names, count) = match self {
            Model::Classifier(tree) => (tree.feature_names(), tree.tree().n_features()),
            Model::Regressor(tree) => (tree.feature_names(), tree.tree().n_features()),
            Model::Linfa(tree) => (Some(tree.feature_names()), tree.feature_names().len()),
        };
        names.map_or(Columns::Count(count), Columns::Named)
    }

    /// The header of the answers, if the model can give them.
    pub fn header(&self, method: Method) -> Result<Vec<String>, Failure> {
        let header = match (method, self) {
            (Method::Predict, _) => vec!["prediction".to_owned()],
            (Method::PredictProba, Model::Classifier(tree)) => {
                tree.classes().iter().map(|class| class.to_string()).collect()
            }
            (Method::PredictProba, Model::Regressor(_)) => {
                return Err("the model is a regressor, which knows no classes and so has no \
                            predict_proba; use --method predict"
                    .into());
            }
            (Method::Apply, Model::Classifier(_) | Model::Regressor(_)) => vec!["leaf".to_owned()],
            (Method::PredictProba | Method::Apply, Model::Linfa(_)) => {
                return Err("the model is a tree of linfa-trees, which can only predict; use \
                            --method predict, or a model of `picklebook train`"
                    .into());
            }
        };
        Ok(header)
    }

    /// The answers for some rows, column by column under the header.
    pub fn answers(&self, method: Method, rows: &Array2<f64>) -> Result<Vec<Labels>, Error> {
        let leaves = |leaves: Vec<usize>| leaves.into_iter().map(|leaf| leaf as i64).collect();
        Ok(match (method, self) {
            (Method::PredictProba, Model::Classifier(tree)) => {
                let fractions = tree.predict_proba(rows)?;
                fractions.columns().into_iter().map(|column| column.to_vec().into()).collect()
            }
            (Method::Apply, Model::Classifier(tree)) => {
                vec![Labels::Integers(leaves(tree.apply(rows)?))]
            }
            (Method::Apply, Model::Regressor(tree)) => {
                vec![Labels::Integers(leaves(tree.apply(rows)?))]
            }
            (_, Model::Classifier(tree)) => vec![tree.predict(rows)?],
            (_, Model::Regressor(tree)) => vec![tree.predict(rows)?.into()],
            (_, Model::Linfa(tree)) => vec![tree.predict_features(rows.view())?],
        })
    }
}
