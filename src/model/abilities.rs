//! The kinds of answers that models give, by scikit-learn's names.

use std::fmt;

use ndarray::Array2;

use super::ask::{Answer, Method};
use super::nesting::Nesting;
use super::{Error, TreeNodes};
use crate::data::{Columns, Features, Frame, Labels, Schema};

/// A fitted model.
///
/// A model says what it can be asked in [`abilities`](Self::abilities):
///
/// ```
/// use picklebook::data::{Features, Labels};
/// use picklebook::model::{Abilities, Classifier, Error, Model};
///
/// /// Says the same of all rows.
/// #[derive(Debug)]
/// struct Always(Labels);
///
/// impl Model for Always {
///     fn name(&self) -> &'static str {
///         "Always"
///     }
///
///     fn n_features(&self) -> usize {
///         2
///     }
///
///     fn abilities(&self) -> Abilities<'_> {
///         Abilities::new().classifier(self)
///     }
/// }
///
/// impl Classifier for Always {
///     fn classes(&self) -> &Labels {
///         &self.0
///     }
///
///     fn predict(&self, features: Features<'_>) -> Result<Labels, Error> {
///         let (rows, _) = features.shape();
///         Ok(Labels::Text(self.0.iter().cycle().take(rows).map(|l| l.to_string()).collect()))
///     }
/// }
///
/// let model = Always(Labels::from(["spam"]));
/// assert_eq!(model.abilities().to_string(), "predict");
/// ```
pub trait Model: fmt::Debug + Send + Sync {
    /// The name of the model's class, as in `DecisionTreeClassifier`.
    fn name(&self) -> &'static str;

    /// How many columns rows have, scikit-learn's `n_features_in_`.
    fn n_features(&self) -> usize;

    /// The names of the columns, if they are known.
    fn feature_names(&self) -> Option<&[String]> {
        None
    }

    /// What is known of the table that the model was fitted on: its target, and how its columns
    /// became features where some hold words.
    fn schema(&self) -> Option<&Schema> {
        None
    }

    /// The columns that a file of rows to predict must have, for
    /// [`FeatureFile::open`](crate::data::FeatureFile::open): by name where names are known.
    fn columns(&self) -> Columns<'_> {
        match self.feature_names() {
            Some(names) => Columns::fitted(names, self.schema()),
            None => Columns::Count(self.n_features()),
        }
    }

    /// What the model can be asked.
    fn abilities(&self) -> Abilities<'_>;

    /// How many models it holds, itself among them.
    fn nesting(&self) -> Nesting {
        Nesting::ALONE
    }

    /// The model itself, for whoever knows its type, such as [`sklearn::save`](crate::sklearn::save),
    /// which writes the steps of a pipeline. A model of one's own need not have it.
    fn as_any(&self) -> Option<&dyn std::any::Any> {
        None
    }

    /// Whether rows are texts: a table with one column of words.
    fn takes_text(&self) -> bool {
        false
    }
}

/// A model that tells classes apart.
///
/// ```
/// use picklebook::data::Features;
/// use picklebook::model::Classifier;
/// use picklebook::prelude::*;
///
/// let data = balance_scale();
/// let params = DecisionTreeClassifier::params().max_depth(3);
/// let trees = [params.clone().fit(&data)?, params.criterion(Criterion::Entropy).fit(&data)?];
/// let models: Vec<&dyn Classifier> = trees.iter().map(|tree| tree as _).collect();
/// for model in models {
///     assert_eq!(model.predict(Features::from(&data))?.classes(), Labels::from(["L", "R"]));
/// }
/// # Ok::<(), picklebook::model::Error>(())
/// ```
pub trait Classifier: Model {
    /// The classes, ascending.
    fn classes(&self) -> &Labels;

    /// The class of each row (rows × columns).
    ///
    /// # Errors
    /// When the columns are not those of the fit, or a value is one that the model does not take.
    fn predict(&self, features: Features<'_>) -> Result<Labels, Error>;
}

/// A classifier that also says how likely each class is.
///
/// ```
/// use picklebook::data::Features;
/// use picklebook::model::ProbabilisticClassifier;
/// use picklebook::prelude::*;
///
/// let data = balance_scale();
/// let tree = DecisionTreeClassifier::params().max_depth(3).fit(&data)?;
/// let model: &dyn ProbabilisticClassifier = &tree;
/// assert_eq!(model.predict_proba(Features::from(&data))?.dim(), (625, model.classes().len()));
/// # Ok::<(), picklebook::model::Error>(())
/// ```
pub trait ProbabilisticClassifier: Classifier {
    /// The probability of each class (rows × classes) for each row (rows × columns).
    ///
    /// # Errors
    /// As [`Classifier::predict`].
    fn predict_proba(&self, features: Features<'_>) -> Result<Array2<f64>, Error>;
}

/// A model that estimates numbers.
///
/// ```
/// use picklebook::data::Features;
/// use picklebook::model::Regressor;
/// use picklebook::prelude::*;
///
/// let rows = [[0.0], [1.0], [2.0], [3.0]];
/// let tree = DecisionTreeRegressor::params().fit_weighted(&rows, &[1.0, 1.0, 5.0, 5.0], None)?;
/// let model: &dyn Regressor = &tree;
/// assert_eq!(model.predict(Features::from(&[[0.5], [9.0]]))?, [1.0, 5.0]);
/// # Ok::<(), picklebook::model::Error>(())
/// ```
pub trait Regressor: Model {
    /// The estimate for each row (rows × columns).
    ///
    /// # Errors
    /// When the columns are not those of the fit, or a value is one that the model does not take.
    fn predict(&self, features: Features<'_>) -> Result<Vec<f64>, Error>;
}

/// A model that says how far a row lies on which side of a boundary.
///
/// ```
/// use ndarray::{Array2, Axis, array};
/// use picklebook::data::Features;
/// use picklebook::model::{Abilities, DecisionFunction, Error, Model};
///
/// /// Weighs the two sides of a scale.
/// #[derive(Debug)]
/// struct Scale;
///
/// impl Model for Scale {
///     fn name(&self) -> &'static str {
///         "Scale"
///     }
///
///     fn n_features(&self) -> usize {
///         2
///     }
///
///     fn abilities(&self) -> Abilities<'_> {
///         Abilities::new().decision_function(self)
///     }
/// }
///
/// impl DecisionFunction for Scale {
///     fn decision_function(&self, features: Features<'_>) -> Result<Array2<f64>, Error> {
///         let rows = features.to_f64();
///         Ok(rows.dot(&array![-1.0, 1.0]).insert_axis(Axis(1)))
///     }
/// }
///
/// let scores = Scale.decision_function(Features::from(&[[2.0, 5.0], [4.0, 3.5]]))?;
/// assert_eq!(scores, array![[3.0], [-0.5]]);
/// # Ok::<(), Error>(())
/// ```
pub trait DecisionFunction: Model {
    /// The score of each class for each row: rows × classes; with two classes a single column,
    /// above zero for the second class.
    ///
    /// # Errors
    /// When the columns are not those of the fit, or a value is one that the model does not take.
    fn decision_function(&self, features: Features<'_>) -> Result<Array2<f64>, Error>;
}

/// A model made of trees, which says in which leaves a row ends.
///
/// ```
/// use picklebook::data::Features;
/// use picklebook::model::Apply;
/// use picklebook::prelude::*;
///
/// let data = balance_scale();
/// let tree = DecisionTreeClassifier::params().max_depth(3).fit(&data)?;
/// let model: &dyn Apply = &tree;
/// assert_eq!(model.apply(Features::from(&data))?.dim(), (625, 1));
/// # Ok::<(), picklebook::model::Error>(())
/// ```
pub trait Apply: Model {
    /// The number of each row's leaf in each tree: rows × trees, one column for a single tree.
    ///
    /// # Errors
    /// When the columns are not those of the fit, or a value is one that the model does not take.
    fn apply(&self, features: Features<'_>) -> Result<Array2<usize>, Error>;
}

/// A model that says how much each feature counts.
///
/// ```
/// use picklebook::model::FeatureImportances;
/// use picklebook::prelude::*;
///
/// let tree = DecisionTreeClassifier::params().max_depth(3).fit(&balance_scale())?;
/// let model: &dyn FeatureImportances = &tree;
/// assert_eq!(model.feature_importances().len(), model.n_features());
/// # Ok::<(), picklebook::model::Error>(())
/// ```
pub trait FeatureImportances: Model {
    /// The importance of each feature, in the order of the columns.
    fn feature_importances(&self) -> Vec<f64>;
}

/// A model that is a binary tree; pictures draw it as one.
///
/// ```
/// use picklebook::model::TreeModel;
/// use picklebook::prelude::*;
///
/// let tree = LinfaTree::params().max_depth(3).fit(&balance_scale())?;
/// let model: &dyn TreeModel = &tree;
/// assert!(model.tree_nodes().children(0).is_some() && model.criterion().is_none());
/// # Ok::<(), picklebook::model::Error>(())
/// ```
pub trait TreeModel: Model {
    /// The nodes, to be asked one by one.
    fn tree_nodes(&self) -> Box<dyn TreeNodes + '_>;

    /// scikit-learn's name of what [`TreeNodes::impurity`] measures; `None` where it is not kept.
    fn criterion(&self) -> Option<&'static str> {
        None
    }
}

/// A model that tells the classes of several outputs apart, each with classes of its own.
///
/// ```
/// use picklebook::model::{Model, MultiOutputClassifier};
///
/// fn outputs(model: &dyn Model) -> usize {
///     model.abilities().multi_output_classifier.map_or(1, |model| model.classes().len())
/// }
/// ```
pub trait MultiOutputClassifier: Model {
    /// The classes of each output, ascending.
    fn classes(&self) -> &[Labels];

    /// The class of each row (rows × columns), for each output.
    ///
    /// # Errors
    /// When the columns are not those of the fit, or a value is one that the model does not take.
    fn predict(&self, features: Features<'_>) -> Result<Vec<Labels>, Error>;

    /// The probability of each class (rows × classes) for each row, for each output.
    ///
    /// # Errors
    /// As [`predict`](Self::predict).
    fn predict_proba(&self, features: Features<'_>) -> Result<Vec<Array2<f64>>, Error>;
}

/// A model that estimates several numbers for each row.
///
/// ```
/// use picklebook::model::{Model, MultiOutputRegressor};
///
/// fn outputs(model: &dyn Model) -> usize {
///     model.abilities().multi_output_regressor.map_or(1, |model| model.n_outputs())
/// }
/// ```
pub trait MultiOutputRegressor: Model {
    /// How many numbers there are for each row.
    fn n_outputs(&self) -> usize;

    /// The estimates: rows × outputs.
    ///
    /// # Errors
    /// When the columns are not those of the fit, or a value is one that the model does not take.
    fn predict(&self, features: Features<'_>) -> Result<Array2<f64>, Error>;
}

/// A model that makes other columns of those it is given, such as a scaler.
///
/// ```
/// use picklebook::data::Frame;
/// use picklebook::model::{Error, Transformer};
///
/// fn twice(transformer: &dyn Transformer, table: &Frame) -> Result<Frame, Error> {
///     transformer.transform(&transformer.transform(table)?)
/// }
/// ```
pub trait Transformer: Model {
    /// How many columns the model makes.
    fn n_features_out(&self) -> usize;

    /// The names of the columns that it makes: scikit-learn's `get_feature_names_out`. `input` names
    /// the columns that it is given, where the fit knew no names: `x0`, `x1` and so on by default.
    /// `None` where scikit-learn has no names either.
    fn feature_names_out(&self, input: Option<&[String]>) -> Option<Vec<String>> {
        let _ = input;
        None
    }

    /// The table that the model makes of another: as many rows.
    ///
    /// # Errors
    /// When the columns are not those of the fit, or a value is one that the model does not take.
    fn transform(&self, table: &Frame) -> Result<Frame, Error>;
}

/// A transformer that can be undone.
///
/// ```
/// use picklebook::data::Frame;
/// use picklebook::model::InverseTransformer;
/// use picklebook::preprocessing::{MaxAbsScaler, TransformerParts};
///
/// let scaler = MaxAbsScaler::from_parts(TransformerParts::new(1), vec![8.0], false)?;
/// let back = scaler.inverse_transform(&Frame::from_numbers(ndarray::array![[0.5], [-1.0]]))?;
/// assert_eq!(back.numbers().expect("numbers"), ndarray::array![[4.0], [-8.0]]);
/// # Ok::<(), picklebook::model::Error>(())
/// ```
pub trait InverseTransformer: Transformer {
    /// The table of which the model makes another: scikit-learn's `inverse_transform`.
    ///
    /// # Errors
    /// When the columns are not those that the model makes, or a value is one that it does not take.
    fn inverse_transform(&self, table: &Frame) -> Result<Frame, Error>;
}

/// A model that takes tables with columns of words, such as a pipeline that encodes them.
///
/// [`ask`](super::ask) asks any model by this trait, or by the others.
pub trait TableModel: Model {
    /// What a method answers for a table.
    ///
    /// # Errors
    /// As the trait of the method, and [`Error::NoMethod`] for a method that the model lacks.
    fn answer(&self, table: &Frame, method: Method) -> Result<Answer, Error>;
}

/// What a model can be asked: itself, once for each trait that answers.
///
/// It prints as the names of scikit-learn's methods.
///
/// ```
/// use picklebook::model::Model;
/// use picklebook::prelude::*;
///
/// let tree = DecisionTreeClassifier::params().max_depth(3).fit(&balance_scale())?;
/// let abilities = tree.abilities();
/// assert_eq!(abilities.to_string(), "predict, predict_proba, apply, feature_importances");
/// assert!(abilities.tree.is_some() && abilities.regressor.is_none());
/// # Ok::<(), picklebook::model::Error>(())
/// ```
#[derive(Debug, Clone, Copy, Default)]
#[non_exhaustive]
pub struct Abilities<'a> {
    /// The model, if it tells classes apart.
    pub classifier: Option<&'a dyn Classifier>,
    /// The model, if it says how likely classes are.
    pub probabilities: Option<&'a dyn ProbabilisticClassifier>,
    /// The model, if it estimates numbers.
    pub regressor: Option<&'a dyn Regressor>,
    /// The model, if it has a boundary and knows the distance to it.
    pub decision_function: Option<&'a dyn DecisionFunction>,
    /// The model, if rows end in leaves.
    pub leaves: Option<&'a dyn Apply>,
    /// The model, if it knows how much each feature counts.
    pub importances: Option<&'a dyn FeatureImportances>,
    /// The model, if it is a tree that can be drawn.
    pub tree: Option<&'a dyn TreeModel>,
    /// The model, if it tells classes of several outputs apart.
    pub multi_output_classifier: Option<&'a dyn MultiOutputClassifier>,
    /// The model, if it estimates several numbers.
    pub multi_output_regressor: Option<&'a dyn MultiOutputRegressor>,
    /// The model, if it makes other columns of those it is given.
    pub transformer: Option<&'a dyn Transformer>,
    /// The model, if what it makes of columns can be undone.
    pub inverse: Option<&'a dyn InverseTransformer>,
    /// The model, if it takes tables with columns of words.
    pub tables: Option<&'a dyn TableModel>,
}

/// A method for each ability that a model hands itself over for.
macro_rules! abilities {
    ($($(#[$doc:meta])* $ability:ident: $trait:ident;)*) => {
        impl<'a> Abilities<'a> {
            /// None yet; the other methods add them.
            pub fn new() -> Self {
                Abilities::default()
            }

            $(
                $(#[$doc])*
                pub fn $ability(mut self, model: &'a dyn $trait) -> Self {
                    self.$ability = Some(model);
                    self
                }
            )*
        }
    };
}

abilities! {
    /// It tells classes apart.
    classifier: Classifier;
    /// It says how likely classes are.
    probabilities: ProbabilisticClassifier;
    /// It estimates numbers.
    regressor: Regressor;
    /// It has a boundary and knows the distance to it.
    decision_function: DecisionFunction;
    /// Rows end in leaves.
    leaves: Apply;
    /// It knows how much each feature counts.
    importances: FeatureImportances;
    /// It is a tree that can be drawn.
    tree: TreeModel;
    /// It tells classes of several outputs apart.
    multi_output_classifier: MultiOutputClassifier;
    /// It estimates several numbers.
    multi_output_regressor: MultiOutputRegressor;
    /// It makes other columns of those it is given.
    transformer: Transformer;
    /// What it makes of columns can be undone.
    inverse: InverseTransformer;
    /// It takes tables with columns of words.
    tables: TableModel;
}

impl Abilities<'_> {
    /// The methods that the model has, by scikit-learn's names.
    pub fn methods(&self) -> Vec<&'static str> {
        let methods = [
            (
                "predict",
                self.classifier.is_some()
                    || self.regressor.is_some()
                    || self.multi_output_classifier.is_some()
                    || self.multi_output_regressor.is_some(),
            ),
            (
                "predict_proba",
                self.probabilities.is_some() || self.multi_output_classifier.is_some(),
            ),
            ("decision_function", self.decision_function.is_some()),
            ("apply", self.leaves.is_some()),
            ("transform", self.transformer.is_some()),
            ("feature_importances", self.importances.is_some()),
        ];
        methods.into_iter().filter(|(_, has)| *has).map(|(method, _)| method).collect()
    }
}

impl fmt::Display for Abilities<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.methods().join(", "))
    }
}

// A reference to a model is a model, `&dyn Classifier` among them: what takes `&impl Classifier`
// takes that too.

impl<M: Model + ?Sized> Model for &M {
    fn name(&self) -> &'static str {
        (**self).name()
    }

    fn n_features(&self) -> usize {
        (**self).n_features()
    }

    fn feature_names(&self) -> Option<&[String]> {
        (**self).feature_names()
    }

    fn schema(&self) -> Option<&Schema> {
        (**self).schema()
    }

    fn columns(&self) -> Columns<'_> {
        (**self).columns()
    }

    fn abilities(&self) -> Abilities<'_> {
        (**self).abilities()
    }

    fn as_any(&self) -> Option<&dyn std::any::Any> {
        (**self).as_any()
    }

    fn nesting(&self) -> Nesting {
        (**self).nesting()
    }

    fn takes_text(&self) -> bool {
        (**self).takes_text()
    }
}

impl<M: Classifier + ?Sized> Classifier for &M {
    fn classes(&self) -> &Labels {
        (**self).classes()
    }

    fn predict(&self, features: Features<'_>) -> Result<Labels, Error> {
        (**self).predict(features)
    }
}

impl<M: ProbabilisticClassifier + ?Sized> ProbabilisticClassifier for &M {
    fn predict_proba(&self, features: Features<'_>) -> Result<Array2<f64>, Error> {
        (**self).predict_proba(features)
    }
}

impl<M: Regressor + ?Sized> Regressor for &M {
    fn predict(&self, features: Features<'_>) -> Result<Vec<f64>, Error> {
        (**self).predict(features)
    }
}

impl<M: DecisionFunction + ?Sized> DecisionFunction for &M {
    fn decision_function(&self, features: Features<'_>) -> Result<Array2<f64>, Error> {
        (**self).decision_function(features)
    }
}

impl<M: Apply + ?Sized> Apply for &M {
    fn apply(&self, features: Features<'_>) -> Result<Array2<usize>, Error> {
        (**self).apply(features)
    }
}

impl<M: FeatureImportances + ?Sized> FeatureImportances for &M {
    fn feature_importances(&self) -> Vec<f64> {
        (**self).feature_importances()
    }
}

impl<M: TreeModel + ?Sized> TreeModel for &M {
    fn tree_nodes(&self) -> Box<dyn TreeNodes + '_> {
        (**self).tree_nodes()
    }

    fn criterion(&self) -> Option<&'static str> {
        (**self).criterion()
    }
}
