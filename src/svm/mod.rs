//! Support vector machines, as scikit-learn fits them with libsvm.
//!
//! They are put together from parts that came from elsewhere, such as scikit-learn's own files, and
//! answer as scikit-learn does: the kernel of a row with each support vector, weighted and summed in
//! libsvm's order. Nothing here is fitted.
//!
//! | scikit-learn | here |
//! | --- | --- |
//! | `SVC`, `NuSVC` | [`SvmClassifier`] |
//! | `SVR`, `NuSVR` | [`SvmRegressor`] |
//! | `OneClassSVM` | [`OneClassSvm`] |
//!
//! Source: `svm_predict_values`, `svm_predict_probability`, `multiclass_probability` and `Kernel` of
//! [libsvm](https://www.csie.ntu.edu.tw/~cjlin/libsvm/), in the form that scikit-learn contains.

mod classifier;
mod kernel;
mod machine;
mod one_class;
mod probability;
mod regressor;

pub use classifier::{
    DecisionShape, Sigmoids, SvmClassifier, SvmClassifierKind, SvmClassifierParts,
};
pub use kernel::Kernel;
pub use machine::{SupportVectors, SvmParts};
pub use one_class::OneClassSvm;
pub use regressor::{SvmRegressor, SvmRegressorKind};

pub use crate::model::Error;
