//! linfa's traits: `Fit` on its datasets, and `Predict`.

use linfa::DatasetBase;
use linfa::traits::{Fit, Predict};
use ndarray::{ArrayBase, ArrayView2, Data, Ix1, Ix2};

use crate::data::Labels;
use crate::tree::{
    DecisionTreeClassifier, DecisionTreeClassifierParams, DecisionTreeRegressor,
    DecisionTreeRegressorParams, Error, Features, LinfaError,
};

mod sealed {
    pub trait Sealed {}
    impl Sealed for f32 {}
    impl Sealed for f64 {}
    impl Sealed for usize {}
    impl Sealed for i64 {}
    impl Sealed for bool {}
    impl Sealed for String {}
    impl Sealed for &str {}
}

/// The floats that features can be: `f32` and `f64`.
pub trait FeatureFloat: sealed::Sealed + linfa::Float {
    /// The features that a view shows.
    fn features(view: ArrayView2<'_, Self>) -> Features<'_>;
}

impl FeatureFloat for f32 {
    fn features(view: ArrayView2<'_, Self>) -> Features<'_> {
        view.into()
    }
}

impl FeatureFloat for f64 {
    fn features(view: ArrayView2<'_, Self>) -> Features<'_> {
        view.into()
    }
}

/// The types that the classes of a linfa dataset can be: `usize`, `i64`, `bool`, `String`, `&str`.
pub trait ClassLabel: sealed::Sealed + Clone {
    /// The labels as a column.
    ///
    /// # Errors
    /// [`LinfaError::Convert`] for a number beyond the 64-bit integers.
    fn labels(labels: Vec<Self>) -> Result<Labels, Error>;
}

impl ClassLabel for usize {
    fn labels(labels: Vec<Self>) -> Result<Labels, Error> {
        let integer = |label: usize| {
            i64::try_from(label).map_err(|_| LinfaError::Convert {
                problem: format!("the class {label} is too large"),
            })
        };
        Ok(Labels::Integers(labels.into_iter().map(integer).collect::<Result<_, _>>()?))
    }
}

macro_rules! plain_label {
    ($($label:ty),*) => {
        $(impl ClassLabel for $label {
            fn labels(labels: Vec<Self>) -> Result<Labels, Error> {
                Ok(labels.into())
            }
        })*
    };
}

plain_label!(i64, bool, String, &str);

/// The weights of a linfa dataset, if it has any.
fn weights<R: linfa::dataset::Records, T>(dataset: &DatasetBase<R, T>) -> Option<Vec<f64>> {
    dataset.weights().map(|weights| weights.iter().map(|&weight| f64::from(weight)).collect())
}

/// Fits on features and one class per row; honours the dataset's weights and the names of its
/// features. Call it as `Fit::fit(&params, &dataset)`: the method `fit` of the same name takes
/// picklebook's own dataset.
impl<F, L, D, T> Fit<ArrayBase<D, Ix2>, ArrayBase<T, Ix1>, Error> for DecisionTreeClassifierParams
where
    F: FeatureFloat,
    L: ClassLabel,
    D: Data<Elem = F>,
    T: Data<Elem = L>,
{
    type Object = DecisionTreeClassifier;

    fn fit(
        &self,
        dataset: &DatasetBase<ArrayBase<D, Ix2>, ArrayBase<T, Ix1>>,
    ) -> Result<DecisionTreeClassifier, Error> {
        let labels = L::labels(dataset.targets.iter().cloned().collect())?;
        let features = F::features(dataset.records.view());
        let tree = self.fit_weighted(features, &labels, weights(dataset).as_deref())?;
        match dataset.feature_names() {
            [] => Ok(tree),
            names => tree.with_feature_names(names.to_vec()),
        }
    }
}

/// Fits on features and one number per row; honours the dataset's weights and the names of its
/// features. Call it as `Fit::fit(&params, &dataset)`: the method `fit` of the same name takes
/// picklebook's own dataset.
impl<F, D, T> Fit<ArrayBase<D, Ix2>, ArrayBase<T, Ix1>, Error> for DecisionTreeRegressorParams
where
    F: FeatureFloat,
    D: Data<Elem = F>,
    T: Data<Elem = f64>,
{
    type Object = DecisionTreeRegressor;

    fn fit(
        &self,
        dataset: &DatasetBase<ArrayBase<D, Ix2>, ArrayBase<T, Ix1>>,
    ) -> Result<DecisionTreeRegressor, Error> {
        let target: Vec<f64> = dataset.targets.iter().copied().collect();
        let features = F::features(dataset.records.view());
        let tree = self.fit_weighted(features, &target, weights(dataset).as_deref())?;
        match dataset.feature_names() {
            [] => Ok(tree),
            names => tree.with_feature_names(names.to_vec()),
        }
    }
}

/// A result instead of linfa's `PredictInplace`, which has no way to say that rows are wrong but
/// to panic.
impl<F: FeatureFloat, D: Data<Elem = F>> Predict<&ArrayBase<D, Ix2>, Result<Labels, Error>>
    for DecisionTreeClassifier
{
    fn predict(&self, features: &ArrayBase<D, Ix2>) -> Result<Labels, Error> {
        DecisionTreeClassifier::predict(self, F::features(features.view()))
    }
}

/// A result instead of linfa's `PredictInplace`, which has no way to say that rows are wrong but
/// to panic.
impl<F: FeatureFloat, D: Data<Elem = F>> Predict<&ArrayBase<D, Ix2>, Result<Vec<f64>, Error>>
    for DecisionTreeRegressor
{
    fn predict(&self, features: &ArrayBase<D, Ix2>) -> Result<Vec<f64>, Error> {
        DecisionTreeRegressor::predict(self, F::features(features.view()))
    }
}
