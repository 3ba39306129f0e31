//! The same table through several transformers.

use std::sync::Arc;

use super::Error;
use crate::data::Frame;
use crate::model::{
    Abilities, Model, Nesting, Parameters, SklearnVersion, Transformer, column_names, distinct,
};

/// A transformer: its name, its model, unless rows pass through, and what its numbers are multiplied
/// by.
type Part = (String, Option<Arc<dyn Model>>, f64);

/// scikit-learn's `FeatureUnion`: what several transformers make of the same table, side by side.
///
/// ```
/// use std::sync::Arc;
///
/// use picklebook::data::Frame;
/// use picklebook::model::{Model, Parameters, SklearnVersion, Transformer};
/// use picklebook::pipeline::FeatureUnion;
/// use picklebook::preprocessing::{MaxAbsScaler, TransformerParts};
///
/// let scaler = MaxAbsScaler::from_parts(TransformerParts::new(1), vec![4.0], false)?;
/// let parts: Vec<(String, Option<Arc<dyn Model>>, f64)> =
///     vec![("scaled".into(), Some(Arc::new(scaler)), 1.0), ("as it is".into(), None, 10.0)];
/// let union = FeatureUnion::from_parts(parts, SklearnVersion::LATEST, Parameters::new())?;
/// let made = union.transform(&Frame::from_numbers(ndarray::array![[2.0]]))?;
/// assert_eq!(made.numbers().expect("numbers"), ndarray::array![[0.5, 20.0]]);
/// # Ok::<(), picklebook::model::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct FeatureUnion {
    parts: Vec<Part>,
    version: SklearnVersion,
    parameters: Parameters,
    nesting: Nesting,
    width: usize,
    takes_text: bool,
    /// Whether columns are named with their transformer's name before their own:
    /// `verbose_feature_names_out`.
    verbose: bool,
}

/// Equal names and weights, and the very same models.
impl PartialEq for FeatureUnion {
    fn eq(&self, other: &Self) -> bool {
        let same = |(own, other): (&Part, &Part)| {
            own.0 == other.0
                && own.2 == other.2
                && match (&own.1, &other.1) {
                    (None, None) => true,
                    (Some(own), Some(other)) => Arc::ptr_eq(own, other),
                    _ => false,
                }
        };
        self.version == other.version
            && self.parameters == other.parameters
            && self.verbose == other.verbose
            && self.parts.len() == other.parts.len()
            && self.parts.iter().zip(&other.parts).all(same)
    }
}

impl FeatureUnion {
    /// Checks the parts and puts a union together: its models with their names and weights, and
    /// nothing in the place of one that is `"passthrough"`. Those that are dropped are left out.
    ///
    /// # Errors
    /// [`Error::Model`] without any model, for one that cannot transform, and for a weight that is
    /// not finite; [`Error::Length`] for models of different numbers of columns.
    pub fn from_parts(
        parts: Vec<Part>,
        version: SklearnVersion,
        parameters: Parameters,
    ) -> Result<Self, Error> {
        let wrong = |problem: String| Error::Model { problem };
        let first = parts.iter().find_map(|(_, model, _)| model.as_ref());
        let Some(first) = first else {
            return Err(wrong("it holds no transformers".to_owned()));
        };
        let (expected, takes_text) = (first.n_features(), first.takes_text());
        let mut width = 0_usize;
        for (name, model, weight) in &parts {
            if !weight.is_finite() {
                return Err(wrong(format!("its transformer {name:?} has the weight {weight}")));
            }
            let Some(model) = model else {
                width = width.saturating_add(expected);
                continue;
            };
            let found = model.n_features();
            if found != expected {
                let what = "columns of a transformer";
                return Err(Error::Length { what, expected, found });
            }
            match model.abilities().transformer {
                Some(transformer) => width = width.saturating_add(transformer.n_features_out()),
                None => {
                    return Err(wrong(format!(
                        "its {name:?}, a {}, cannot transform",
                        model.name()
                    )));
                }
            }
        }
        let nesting = Nesting::of(parts.iter().filter_map(|(_, model, _)| model.as_deref()))?;
        let verbose = true;
        Ok(FeatureUnion { parts, version, parameters, nesting, width, takes_text, verbose })
    }

    /// The same union, whose columns have the names of their transformers before their own or not.
    pub(crate) fn with_verbose_names(mut self, verbose: bool) -> Self {
        self.verbose = verbose;
        self
    }

    /// The transformers: their names, models, and weights.
    pub fn parts(&self) -> impl ExactSizeIterator<Item = (&str, Option<&Arc<dyn Model>>, f64)> {
        self.parts.iter().map(|(name, model, weight)| (name.as_str(), model.as_ref(), *weight))
    }

    /// The scikit-learn that fitted it.
    pub fn version(&self) -> SklearnVersion {
        self.version
    }

    /// The parameters of the fit.
    pub fn parameters(&self) -> &Parameters {
        &self.parameters
    }

    fn first(&self) -> Option<&Arc<dyn Model>> {
        self.parts.iter().find_map(|(_, model, _)| model.as_ref())
    }
}

impl Model for FeatureUnion {
    fn name(&self) -> &'static str {
        "FeatureUnion"
    }

    fn nesting(&self) -> Nesting {
        self.nesting
    }

    fn takes_text(&self) -> bool {
        self.takes_text
    }

    fn n_features(&self) -> usize {
        self.first().map_or(0, |model| model.n_features())
    }

    fn feature_names(&self) -> Option<&[String]> {
        self.first()?.feature_names()
    }

    fn abilities(&self) -> Abilities<'_> {
        Abilities::new().transformer(self)
    }
}

impl Transformer for FeatureUnion {
    fn n_features_out(&self) -> usize {
        self.width
    }

    fn feature_names_out(&self, input: Option<&[String]>) -> Option<Vec<String>> {
        let mut names = Vec::with_capacity(self.width);
        for (name, model, _) in &self.parts {
            let made = match model {
                None => column_names(self.feature_names(), input, self.n_features())?,
                Some(model) => model.abilities().transformer?.feature_names_out(input)?,
            };
            names.extend(made.into_iter().map(|own| match self.verbose {
                true => format!("{name}__{own}"),
                false => own,
            }));
        }
        match self.verbose {
            true => Some(names),
            false => distinct(names),
        }
    }

    fn transform(&self, table: &Frame) -> Result<Frame, Error> {
        let (rows, _) = table.shape();
        let mut made = Vec::with_capacity(self.parts.len());
        for (name, model, weight) in &self.parts {
            let frame = match model.as_ref().and_then(|model| model.abilities().transformer) {
                Some(transformer) => transformer.transform(table)?,
                None => table.clone(),
            };
            if *weight == 1.0 {
                made.push(frame);
                continue;
            }
            let precision = frame.precision().computed();
            let weighed = |value: f64| precision.round(value * weight);
            let product: Frame = match frame.sparse() {
                Some(rows) => rows.clone().map(|_, value| weighed(value)).into(),
                None => match frame.numbers() {
                    Some(numbers) => numbers.mapv(weighed).into(),
                    None => {
                        let problem = format!("its {name:?} has a weight, and gives words");
                        return Err(Error::Model { problem });
                    }
                },
            };
            made.push(product.with_precision(precision).with_sparse(frame.is_sparse()));
        }
        // one that is sparse makes all sparse, as scipy's hstack does
        let sparse = made.iter().any(Frame::is_sparse);
        Ok(Frame::side_by_side(made, rows)?.with_sparse(sparse))
    }
}
