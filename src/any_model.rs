//! A model whose kind is not known before its file is read.
//!
//! [`AnyModel`] is the one list of all models: a model joins it by a line in the table at the end
//! of this file. It stands above the models' rooms, and [`model`] below them, so that no model
//! needs to know of the others and no import goes in a circle.

use std::fmt;
use std::io::Read;
use std::path::{Path, PathBuf};

use ndarray::Array2;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser};

use crate::data::{Columns, Dataset, Features, Frame, Labels, Schema};
use crate::model::ask;
use crate::model::columns::in_order_of_fit;
use crate::model::{
    self, Abilities, Answer, Classifier, FeatureImportances, Method, Model,
    ProbabilisticClassifier, Regressor, TreeModel,
};
use crate::pickle::{self, Limits, Value};
use crate::sklearn::{self, Estimator, LoadOptions};
use crate::text::{count, shortened};
use crate::tree::{DecisionTreeClassifier, DecisionTreeRegressor, LinfaTree};

/// How much of a name in a file a message holds.
const LONGEST_NAME: usize = 100;

/// Why a file or a pickle gave no model.
///
/// ```
/// use picklebook::any_model::Error;
/// use picklebook::prelude::*;
///
/// let error = AnyModel::loads(&pickle::dumps("spam")?);
/// assert!(matches!(error, Err(Error::NoModel { .. })));
/// # Ok::<(), pickle::Error>(())
/// ```
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file cannot be read, or is no sound pickle.
    #[error(transparent)]
    Pickle(#[from] pickle::Error),
    /// The pickle is sound, and holds something else.
    #[error(
        "{}the pickle holds no model of picklebook's or scikit-learn's; it holds {found}: see all of \
         it with `picklebook show`, or make a model with `picklebook train`",
        In(path)
    )]
    NoModel {
        /// The file, if it was one.
        path: Option<PathBuf>,
        /// What the pickle holds.
        found: String,
    },
    /// The pickle holds a model that is not whole.
    #[error("{}{model}: {problem}", In(path))]
    Broken {
        /// The file, if it was one.
        path: Option<PathBuf>,
        /// The name of the model's class.
        model: &'static str,
        /// What is wrong with it.
        problem: pickle::Error,
    },
    /// The file holds a model of scikit-learn's that cannot be read, or is compressed and damaged.
    #[error(transparent)]
    Sklearn(sklearn::Error),
}

crate::text::message_as_debug!(Error);

impl From<sklearn::Error> for Error {
    fn from(error: sklearn::Error) -> Error {
        match error {
            sklearn::Error::Pickle(error) => Error::Pickle(error),
            error => Error::Sklearn(error),
        }
    }
}

/// "model.pkl: ", or nothing.
struct In<'a>(&'a Option<PathBuf>);

impl fmt::Display for In<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(path) => write!(f, "{}: ", path.display()),
            None => Ok(()),
        }
    }
}

impl Error {
    fn in_file(mut self, file: &Path) -> Error {
        match &mut self {
            Error::NoModel { path, .. } | Error::Broken { path, .. } => *path = Some(file.into()),
            Error::Sklearn(_) => {
                if let Error::Sklearn(error) = self {
                    return error.in_file(file).into();
                }
            }
            Error::Pickle(_) => {}
        }
        self
    }
}

impl AnyModel {
    /// Reads a model from a file that holds a pickle, as it is or compressed (see
    /// [`pickle::unpack`]).
    ///
    /// # Errors
    /// [`Error`] with the path: when the file cannot be read, is no pickle, or holds no whole model.
    ///
    /// ```
    /// use picklebook::prelude::*;
    ///
    /// let tree = DecisionTreeClassifier::params().max_depth(3).fit(&balance_scale())?;
    /// let path = std::env::temp_dir().join(format!("picklebook-any-{}.pkl", std::process::id()));
    /// pickle::save(&tree, &path)?;
    /// let model = AnyModel::open(&path)?;
    /// assert_eq!(model.to_string(), "DecisionTreeClassifier: 4 features, 3 classes");
    /// # std::fs::remove_file(&path)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn open(path: impl AsRef<Path>) -> Result<AnyModel, Error> {
        AnyModel::open_with(path, &Limits::new())
    }

    /// Reads a model from a file that holds a pickle, within limits of your own.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_with(path: impl AsRef<Path>, limits: &Limits) -> Result<AnyModel, Error> {
        let path = path.as_ref();
        // Where something is wrong, the whole of the file tells what.
        if let Some(file) = pickle::open_apart(path, limits, &sklearn::pack)
            && let Ok(model) = AnyModel::from_value(&file.value, limits)
            && file.is_sound()
        {
            return Ok(model);
        }
        let value: Value = pickle::open_unpacked(path, limits)?;
        AnyModel::from_value(&value, limits).map_err(|error| error.in_file(path))
    }

    /// Reads a model from the pickle that a reader holds, to its end, as it is or compressed.
    ///
    /// # Errors
    /// As [`loads`](Self::loads), and when the reader fails.
    ///
    /// ```
    /// use picklebook::prelude::*;
    ///
    /// let tree = DecisionTreeClassifier::params().max_depth(3).fit(&balance_scale())?;
    /// let file = pickle::dumps(&tree)?; // or a File
    /// let model = AnyModel::load(file.as_slice())?;
    /// assert!(model == tree.into());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn load(reader: impl Read) -> Result<AnyModel, Error> {
        AnyModel::load_with(reader, &Limits::new())
    }

    /// Reads a model from the pickle that a reader holds, within limits of your own.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    pub fn load_with(reader: impl Read, limits: &Limits) -> Result<AnyModel, Error> {
        AnyModel::from_value(&pickle::load_unpacked(reader, limits)?, limits)
    }

    /// Reads a model from the bytes of a pickle, as they are or compressed.
    ///
    /// # Errors
    /// [`Error::Pickle`] for bytes that are no sound pickle, [`Error::NoModel`] for a pickle of
    /// something else, [`Error::Broken`] for a model that is not whole.
    ///
    /// ```
    /// use picklebook::prelude::*;
    ///
    /// let error = AnyModel::loads(&pickle::dumps(&vec![1, 2, 3])?).expect_err("a list");
    /// assert!(error.to_string().contains("it holds a Python list"));
    /// # Ok::<(), pickle::Error>(())
    /// ```
    pub fn loads(bytes: &[u8]) -> Result<AnyModel, Error> {
        AnyModel::loads_with(bytes, &Limits::new())
    }

    /// Reads a model from the bytes of a pickle, within limits of your own.
    ///
    /// # Errors
    /// As [`loads`](Self::loads).
    ///
    /// ```
    /// use picklebook::pickle::Limits;
    /// use picklebook::prelude::*;
    ///
    /// let tree = DecisionTreeClassifier::params().fit(&balance_scale())?;
    /// let few = Limits::new().objects(100);
    /// let error = AnyModel::loads_with(&pickle::dumps(&tree)?, &few).expect_err("a large tree");
    /// assert!(error.to_string().contains("more than 100 objects"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn loads_with(bytes: &[u8], limits: &Limits) -> Result<AnyModel, Error> {
        AnyModel::from_value(&pickle::loads_unpacked(bytes, limits)?, limits)
    }

    /// The class of each row; from a regressor, its estimates as [`Labels::Floats`].
    ///
    /// # Errors
    /// As the model's own method, and [`model::Error::NoMethod`].
    ///
    /// ```
    /// use picklebook::prelude::*;
    ///
    /// let split = train_test_split(&balance_scale(), 0.3, 100)?;
    /// let tree = DecisionTreeClassifier::params().max_depth(3).fit(&split.train)?;
    /// let model = AnyModel::from(tree.clone());
    /// assert_eq!(model.predict(&split.test)?, tree.predict(&split.test)?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn predict<'a>(&self, rows: impl Into<Features<'a>>) -> Result<Labels, model::Error> {
        ask::predict(self, rows.into())
    }

    /// scikit-learn's `score`: the share of the rows of a dataset whose class is right, or, of a
    /// regressor, the coefficient of determination R² of its estimates.
    ///
    /// # Errors
    /// As [`predict`](Self::predict), and [`model::Error::TargetKind`] for a target of another type.
    ///
    /// ```
    /// use picklebook::prelude::*;
    ///
    /// let split = train_test_split(&balance_scale(), 0.3, 100)?;
    /// let tree = DecisionTreeClassifier::params().max_depth(3).fit(&split.train)?;
    /// assert_eq!(AnyModel::from(tree.clone()).score(&split.test)?, tree.score(&split.test)?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn score(&self, data: &Dataset) -> Result<f64, model::Error> {
        ask::score(self, data)
    }

    /// The probability of each class for each row: rows × classes.
    ///
    /// # Errors
    /// As the model's own method, and [`model::Error::NoMethod`].
    ///
    /// ```
    /// use picklebook::prelude::*;
    ///
    /// let data = balance_scale();
    /// let model: AnyModel = DecisionTreeClassifier::params().max_depth(3).fit(&data)?.into();
    /// assert_eq!(model.predict_proba(&data)?.dim(), (625, 3));
    /// let model: AnyModel = LinfaTree::params().max_depth(3).fit(&data)?.into();
    /// let error = model.predict_proba(&data).expect_err("linfa keeps no counts");
    /// assert_eq!(
    ///     error.to_string(),
    ///     "LinfaTree has no predict_proba; ask it for one of: predict"
    /// );
    /// # Ok::<(), picklebook::model::Error>(())
    /// ```
    pub fn predict_proba<'a>(
        &self,
        rows: impl Into<Features<'a>>,
    ) -> Result<Array2<f64>, model::Error> {
        ask::predict_proba(self, rows.into())
    }

    /// The score of each class for each row: rows × classes, or one column for two classes.
    ///
    /// # Errors
    /// As the model's own method, and [`model::Error::NoMethod`].
    ///
    /// ```
    /// use picklebook::prelude::*;
    ///
    /// let data = balance_scale();
    /// let model: AnyModel = DecisionTreeClassifier::params().max_depth(3).fit(&data)?.into();
    /// let error = model.decision_function(&data).expect_err("a tree has none");
    /// assert!(error.to_string().starts_with("DecisionTreeClassifier has no decision_function;"));
    /// # Ok::<(), picklebook::model::Error>(())
    /// ```
    pub fn decision_function<'a>(
        &self,
        rows: impl Into<Features<'a>>,
    ) -> Result<Array2<f64>, model::Error> {
        let rows = rows.into();
        if let Some(ordered) = in_order_of_fit(&rows, self.feature_names())? {
            return self.decision_function(&ordered);
        }
        let method = "decision_function";
        let model = self.abilities().decision_function.ok_or_else(|| self.lacks(method))?;
        model.decision_function(rows)
    }

    /// The number of each row's leaf in each tree: rows × trees, one column for a single tree.
    ///
    /// # Errors
    /// As the model's own method, and [`model::Error::NoMethod`].
    ///
    /// ```
    /// use picklebook::prelude::*;
    ///
    /// let data = balance_scale();
    /// let tree = DecisionTreeClassifier::params().max_depth(3).fit(&data)?;
    /// let leaves = AnyModel::from(tree.clone()).apply(&data)?;
    /// assert_eq!(leaves.column(0).to_vec(), tree.apply(&data)?);
    /// # Ok::<(), picklebook::model::Error>(())
    /// ```
    pub fn apply<'a>(&self, rows: impl Into<Features<'a>>) -> Result<Array2<usize>, model::Error> {
        let rows = rows.into();
        if let Some(ordered) = in_order_of_fit(&rows, self.feature_names())? {
            return self.apply(&ordered);
        }
        let model = self.abilities().leaves.ok_or_else(|| self.lacks("apply"))?;
        model.apply(rows)
    }

    /// How much each feature counts, in the order of the columns.
    ///
    /// # Errors
    /// [`model::Error::NoMethod`].
    ///
    /// ```
    /// use picklebook::prelude::*;
    ///
    /// let model: AnyModel = DecisionTreeClassifier::params().fit(&balance_scale())?.into();
    /// assert_eq!(model.feature_importances()?.len(), 4);
    /// # Ok::<(), picklebook::model::Error>(())
    /// ```
    pub fn feature_importances(&self) -> Result<Vec<f64>, model::Error> {
        Ok(self.as_importances()?.feature_importances())
    }

    /// The classes, ascending.
    ///
    /// # Errors
    /// [`model::Error::NoMethod`] for a model that knows none.
    ///
    /// ```
    /// use picklebook::data::Labels;
    /// use picklebook::prelude::*;
    ///
    /// let model: AnyModel = DecisionTreeClassifier::params().fit(&balance_scale())?.into();
    /// assert_eq!(*model.classes()?, Labels::from(["B", "L", "R"]));
    /// # Ok::<(), picklebook::model::Error>(())
    /// ```
    pub fn classes(&self) -> Result<&Labels, model::Error> {
        let classifier = self.abilities().classifier;
        Ok(classifier.ok_or_else(|| self.lacks("classes"))?.classes())
    }

    /// The name of the model's class.
    ///
    /// ```
    /// use picklebook::prelude::*;
    ///
    /// let model: AnyModel = LinfaTree::params().fit(&balance_scale())?.into();
    /// assert_eq!(model.name(), "LinfaTree");
    /// # Ok::<(), picklebook::model::Error>(())
    /// ```
    pub fn name(&self) -> &'static str {
        self.as_model().name()
    }

    /// How many columns rows have.
    ///
    /// ```
    /// use picklebook::prelude::*;
    ///
    /// let model: AnyModel = LinfaTree::params().fit(&balance_scale())?.into();
    /// assert_eq!(model.n_features(), 4);
    /// # Ok::<(), picklebook::model::Error>(())
    /// ```
    pub fn n_features(&self) -> usize {
        self.as_model().n_features()
    }

    /// The names of the columns, if they are known.
    ///
    /// ```
    /// use picklebook::prelude::*;
    ///
    /// let model: AnyModel = LinfaTree::params().fit(&balance_scale())?.into();
    /// assert!(model.feature_names().is_some_and(|names| names[0] == "Left-Weight"));
    /// # Ok::<(), picklebook::model::Error>(())
    /// ```
    pub fn feature_names(&self) -> Option<&[String]> {
        self.as_model().feature_names()
    }

    /// What is known of the table that the model was fitted on: its target, and how its columns
    /// became features where some hold words.
    ///
    /// ```
    /// use picklebook::prelude::*;
    ///
    /// let model: AnyModel = LinfaTree::params().fit(&balance_scale())?.into();
    /// assert_eq!(model.schema().map(|schema| schema.target_name()), Some("Class"));
    /// # Ok::<(), picklebook::model::Error>(())
    /// ```
    pub fn schema(&self) -> Option<&Schema> {
        self.as_model().schema()
    }

    /// The columns that a file of rows to predict must have, for
    /// [`FeatureFile::open`](crate::data::FeatureFile::open).
    ///
    /// ```
    /// use picklebook::data::FeatureFile;
    /// use picklebook::prelude::*;
    ///
    /// let model: AnyModel = LinfaTree::params().fit(&balance_scale())?.into();
    /// let mut file = FeatureFile::open("data/balance-scale.csv", model.columns())?;
    /// let rows = file.next_block()?.expect("it has rows");
    /// assert_eq!(model.predict(&rows)?.len(), 625);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn columns(&self) -> Columns<'_> {
        self.as_model().columns()
    }

    /// What the model can be asked; it prints as the names of the methods.
    ///
    /// ```
    /// use picklebook::prelude::*;
    ///
    /// let model: AnyModel = LinfaTree::params().fit(&balance_scale())?.into();
    /// assert_eq!(model.abilities().to_string(), "predict");
    /// # Ok::<(), picklebook::model::Error>(())
    /// ```
    pub fn abilities(&self) -> Abilities<'_> {
        self.as_model().abilities()
    }

    /// The model for what takes a classifier, such as a picture.
    ///
    /// # Errors
    /// [`model::Error::NoMethod`] for a model that knows no classes.
    ///
    /// ```
    /// use picklebook::prelude::*;
    ///
    /// let data = balance_scale();
    /// let model: AnyModel = LinfaTree::params().max_depth(3).fit(&data)?.into();
    /// let columns = ["Left-Weight", "Right-Weight"];
    /// let figure = plot::decision_regions(&model.as_classifier()?, &data, columns)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn as_classifier(&self) -> Result<&dyn Classifier, model::Error> {
        self.abilities().classifier.ok_or_else(|| self.lacks("classes"))
    }

    /// The model for what takes a classifier that knows probabilities.
    ///
    /// # Errors
    /// [`model::Error::NoMethod`] for a model without `predict_proba`.
    ///
    /// ```
    /// use picklebook::prelude::*;
    ///
    /// let data = balance_scale();
    /// let model: AnyModel = DecisionTreeClassifier::params().max_depth(3).fit(&data)?.into();
    /// let figure = plot::roc_curve(&model.as_probabilistic_classifier()?, &data)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn as_probabilistic_classifier(
        &self,
    ) -> Result<&dyn ProbabilisticClassifier, model::Error> {
        self.abilities().probabilities.ok_or_else(|| self.lacks("predict_proba"))
    }

    /// The model for what takes a regressor.
    ///
    /// # Errors
    /// [`model::Error::NoMethod`] for a model that estimates no numbers.
    ///
    /// ```
    /// use picklebook::prelude::*;
    ///
    /// let model: AnyModel = LinfaTree::params().max_depth(3).fit(&balance_scale())?.into();
    /// let error = model.as_regressor().expect_err("it tells classes apart").to_string();
    /// assert!(error.starts_with("LinfaTree has no estimates;"), "{error}");
    /// # Ok::<(), picklebook::model::Error>(())
    /// ```
    pub fn as_regressor(&self) -> Result<&dyn Regressor, model::Error> {
        self.abilities().regressor.ok_or_else(|| self.lacks("estimates"))
    }

    /// The model for what takes feature importances with their names.
    ///
    /// # Errors
    /// [`model::Error::NoMethod`] for a model without `feature_importances`.
    ///
    /// ```
    /// use picklebook::prelude::*;
    ///
    /// let model: AnyModel = DecisionTreeClassifier::params().fit(&balance_scale())?.into();
    /// let figure = plot::feature_importances(model.as_importances()?)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn as_importances(&self) -> Result<&dyn FeatureImportances, model::Error> {
        self.abilities().importances.ok_or_else(|| self.lacks("feature_importances"))
    }

    /// The model for what takes a tree, such as a picture.
    ///
    /// # Errors
    /// [`model::Error::NoMethod`] for a model that is no tree.
    ///
    /// ```
    /// use picklebook::prelude::*;
    ///
    /// let model: AnyModel = LinfaTree::params().max_depth(3).fit(&balance_scale())?.into();
    /// let figure = plot::tree(&model.as_tree()?)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn as_tree(&self) -> Result<&dyn TreeModel, model::Error> {
        self.abilities().tree.ok_or_else(|| self.lacks("nodes"))
    }

    /// What a method answers for the rows of a table, whose columns may hold words; also of a model of
    /// several outputs, or one that makes other columns.
    ///
    /// # Errors
    /// As [`model::ask`].
    ///
    /// ```
    /// use picklebook::data::Frame;
    /// use picklebook::model::{Answer, Method};
    /// use picklebook::prelude::*;
    ///
    /// let data = balance_scale();
    /// let model: AnyModel = DecisionTreeClassifier::params().max_depth(3).fit(&data)?.into();
    /// let answer = model.ask(&Frame::from(&data), Method::Predict)?;
    /// assert_eq!(answer, Answer::Labels(model.predict(&data)?));
    /// # Ok::<(), picklebook::model::Error>(())
    /// ```
    pub fn ask(&self, table: &Frame, method: Method) -> Result<Answer, model::Error> {
        model::ask(self.as_model(), table, method)
    }

    fn lacks(&self, method: &'static str) -> model::Error {
        ask::lacks(self, method)
    }
}

impl Model for AnyModel {
    fn name(&self) -> &'static str {
        self.as_model().name()
    }

    fn n_features(&self) -> usize {
        self.as_model().n_features()
    }

    fn feature_names(&self) -> Option<&[String]> {
        self.as_model().feature_names()
    }

    fn schema(&self) -> Option<&Schema> {
        self.as_model().schema()
    }

    fn takes_text(&self) -> bool {
        self.as_model().takes_text()
    }

    fn abilities(&self) -> Abilities<'_> {
        self.as_model().abilities()
    }
}

/// One line: the name of the class, and how many features and classes it knows.
impl fmt::Display for AnyModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.name(), count(self.n_features(), "feature", "features"))?;
        match self.classes() {
            Ok(classes) => write!(f, ", {}", count(classes.len(), "class", "classes")),
            Err(_) => Ok(()),
        }
    }
}

/// The line that it prints as.
impl fmt::Debug for AnyModel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// As the model itself.
impl Serialize for AnyModel {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.serialize_model(serializer)
    }
}

/// From a pickle only; [`AnyModel::open`] and its siblings say more when there is no model.
impl<'de> Deserialize<'de> for AnyModel {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        AnyModel::from_value(&Value::deserialize(deserializer)?, &Limits::new())
            .map_err(de::Error::custom)
    }
}

/// The name of the format under which picklebook saved the value.
fn format_of(value: &Value) -> Option<String> {
    Some(value.get("format")?.as_str()?.into_owned())
}

/// What a pickle holds that is no model.
fn described(value: &Value) -> String {
    let named =
        |(module, name): (String, String)| shortened(&format!("{module}.{name}"), LONGEST_NAME);
    if let Some(format) = format_of(value) {
        return format!("a dictionary of the format {:?}", shortened(&format, LONGEST_NAME));
    }
    if let Some(name) = value.global() {
        return format!("the name {}", named(name));
    }
    let Some(callee) = value.callee().and_then(|callee| callee.global()) else {
        return format!("a Python {}", value.type_name());
    };
    // Objects of old protocols name their class first among the arguments.
    let class = match callee.1 == "_reconstructor" {
        true => value.arguments().and_then(|arguments| arguments.items().first()?.global()),
        false => None,
    };
    format!("a Python object made by {}", named(class.unwrap_or(callee)))
}

/// What follows from the list of models.
macro_rules! models {
    ($($model:ident),* $(,)?) => {
        /// A model of any kind: what its file says it is.
        ///
        /// It answers whatever the model can be asked, and says so where it cannot. A cell shows
        /// it as the model that it is; [`Display`](fmt::Display) gives one line.
        ///
        /// ```
        /// use picklebook::prelude::*;
        ///
        /// let data = balance_scale();
        /// let tree = DecisionTreeClassifier::params().max_depth(3).fit(&data)?;
        /// let model = AnyModel::loads(&pickle::dumps(&tree)?)?;
        /// assert_eq!(model.predict(&data)?, tree.predict(&data)?);
        /// assert!(matches!(model, AnyModel::DecisionTreeClassifier(_)));
        /// # Ok::<(), Box<dyn std::error::Error>>(())
        /// ```
        #[derive(Clone, PartialEq)]
        #[non_exhaustive]
        pub enum AnyModel {
            $(
                #[doc = concat!("A [`", stringify!($model), "`].")]
                $model($model),
            )*
            /// An [`Estimator`] of scikit-learn's, of any class that is read.
            Estimator(Estimator),
        }

        impl From<Estimator> for AnyModel {
            fn from(model: Estimator) -> Self {
                AnyModel::Estimator(model)
            }
        }

        $(
            impl From<$model> for AnyModel {
                fn from(model: $model) -> Self {
                    AnyModel::$model(model)
                }
            }
        )*

        impl AnyModel {
            /// The model of which a pickle holds the parts.
            fn from_value(value: &Value, limits: &Limits) -> Result<AnyModel, Error> {
                match format_of(value).as_deref() {
                    $(
                        Some($model::FORMAT) => value.to_with(limits).map(AnyModel::$model).map_err(
                            |problem| Error::Broken {
                                path: None,
                                model: stringify!($model),
                                problem,
                            },
                        ),
                    )*
                    None if sklearn::holds_estimator(value) => {
                        let options = LoadOptions::new();
                        Ok(AnyModel::Estimator(sklearn::estimator(value, &options)?))
                    }
                    _ => Err(Error::NoModel { path: None, found: described(value) }),
                }
            }

            /// The model, to be asked by traits.
            ///
            /// ```
            /// use picklebook::prelude::*;
            ///
            /// let model: AnyModel = LinfaTree::params().fit(&balance_scale())?.into();
            /// assert_eq!(model.as_model().n_features(), 4);
            /// # Ok::<(), picklebook::model::Error>(())
            /// ```
            pub fn as_model(&self) -> &dyn Model {
                match self {
                    $(AnyModel::$model(model) => model,)*
                    AnyModel::Estimator(model) => model,
                }
            }

            /// Shows the model in a notebook's cell as its own type does.
            pub fn evcxr_display(&self) {
                match self {
                    $(AnyModel::$model(model) => model.evcxr_display(),)*
                    AnyModel::Estimator(model) => model.evcxr_display(),
                }
            }

            fn serialize_model<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                match self {
                    $(AnyModel::$model(model) => model.serialize(serializer),)*
                    AnyModel::Estimator(_) => Err(ser::Error::custom(
                        "a model of scikit-learn's has no format of picklebook's own; keep its file",
                    )),
                }
            }
        }
    };
}

models!(DecisionTreeClassifier, DecisionTreeRegressor, LinfaTree);
