//! How a model's own methods become those of the traits that it answers.

/// The methods of a `Model` that are its own of these names; with the field that knows
/// it, also how many models it holds.
macro_rules! own_columns {
    () => {
        fn n_features(&self) -> usize {
            self.n_features()
        }

        crate::model::as_itself!();

        fn feature_names(&self) -> Option<&[String]> {
            self.feature_names()
        }
    };
    ($inner:ident) => {
        fn nesting(&self) -> crate::model::Nesting {
            self.$inner.nesting
        }

        $crate::model::own_columns!();
    };
}
pub(crate) use own_columns;

/// A model, for whoever knows its type.
macro_rules! as_itself {
    () => {
        fn as_any(&self) -> Option<&dyn std::any::Any> {
            Some(self)
        }
    };
}
pub(crate) use as_itself;

/// What a classifier with probabilities answers as a model.
macro_rules! classifier_traits {
    ($model:ident) => {
        impl crate::model::Classifier for $model {
            fn classes(&self) -> &crate::data::Labels {
                self.classes()
            }

            fn predict(
                &self,
                features: crate::data::Features<'_>,
            ) -> Result<crate::data::Labels, crate::model::Error> {
                self.predict(features)
            }
        }

        impl crate::model::ProbabilisticClassifier for $model {
            fn predict_proba(
                &self,
                features: crate::data::Features<'_>,
            ) -> Result<ndarray::Array2<f64>, crate::model::Error> {
                self.predict_proba(features)
            }
        }
    };
}
pub(crate) use classifier_traits;

/// The decision function of a model that has one as a method of its own.
macro_rules! decision_trait {
    ($model:ident) => {
        impl crate::model::DecisionFunction for $model {
            fn decision_function(
                &self,
                features: crate::data::Features<'_>,
            ) -> Result<ndarray::Array2<f64>, crate::model::Error> {
                self.decision_function(features)
            }
        }
    };
}
pub(crate) use decision_trait;

/// What a model that tells outliers from the others answers as a model: the classes -1 and 1, and how far
/// a row is from where they part.
macro_rules! outlier_traits {
    ($model:ident) => {
        impl crate::model::Classifier for $model {
            fn classes(&self) -> &crate::data::Labels {
                &self.classes
            }

            fn predict(
                &self,
                features: crate::data::Features<'_>,
            ) -> Result<crate::data::Labels, crate::model::Error> {
                self.predict(features)
            }
        }

        crate::model::decision_trait!($model);
    };
}
pub(crate) use outlier_traits;

/// What a regressor of one output or several answers as a model.
macro_rules! regressor_traits {
    ($model:ident) => {
        impl crate::model::Regressor for $model {
            fn predict(
                &self,
                features: crate::data::Features<'_>,
            ) -> Result<Vec<f64>, crate::model::Error> {
                Ok(self.predict(features)?.into_iter().collect())
            }
        }

        impl crate::model::MultiOutputRegressor for $model {
            fn n_outputs(&self) -> usize {
                self.n_outputs()
            }

            fn predict(
                &self,
                features: crate::data::Features<'_>,
            ) -> Result<ndarray::Array2<f64>, crate::model::Error> {
                self.predict(features)
            }
        }
    };
}
pub(crate) use regressor_traits;

/// What a model that answers by `answer_features` says by the traits. What it knows of classes and
/// outputs is its own method, which stands behind the trait.
macro_rules! answer_traits {
    ($model:ident: $($trait:ident $(($known:ident))?),* $(,)?) => {
        $($crate::model::answer_traits!(@$trait $model $($known)?);)*
    };
    (@Classifier $model:ident $known:ident) => {
        impl crate::model::Classifier for $model {
            fn classes(&self) -> &crate::data::Labels {
                self.$known()
            }

            fn predict(
                &self,
                features: crate::data::Features<'_>,
            ) -> Result<crate::data::Labels, crate::model::Error> {
                self.answer_features(features, crate::model::Method::Predict)?.labels()
            }
        }
    };
    (@ProbabilisticClassifier $model:ident) => {
        impl crate::model::ProbabilisticClassifier for $model {
            fn predict_proba(
                &self,
                features: crate::data::Features<'_>,
            ) -> Result<ndarray::Array2<f64>, crate::model::Error> {
                self.answer_features(features, crate::model::Method::PredictProba)?.numbers()
            }
        }
    };
    (@DecisionFunction $model:ident) => {
        impl crate::model::DecisionFunction for $model {
            fn decision_function(
                &self,
                features: crate::data::Features<'_>,
            ) -> Result<ndarray::Array2<f64>, crate::model::Error> {
                self.answer_features(features, crate::model::Method::DecisionFunction)?.numbers()
            }
        }
    };
    (@Regressor $model:ident) => {
        impl crate::model::Regressor for $model {
            fn predict(
                &self,
                features: crate::data::Features<'_>,
            ) -> Result<Vec<f64>, crate::model::Error> {
                self.answer_features(features, crate::model::Method::Predict)?.floats()
            }
        }
    };
    (@MultiOutputClassifier $model:ident $known:ident) => {
        impl crate::model::MultiOutputClassifier for $model {
            fn classes(&self) -> &[crate::data::Labels] {
                self.$known()
            }

            fn predict(
                &self,
                features: crate::data::Features<'_>,
            ) -> Result<Vec<crate::data::Labels>, crate::model::Error> {
                self.answer_features(features, crate::model::Method::Predict)?.labels_by_output()
            }

            fn predict_proba(
                &self,
                features: crate::data::Features<'_>,
            ) -> Result<Vec<ndarray::Array2<f64>>, crate::model::Error> {
                let method = crate::model::Method::PredictProba;
                self.answer_features(features, method)?.numbers_by_output()
            }
        }
    };
    (@MultiOutputRegressor $model:ident $known:ident) => {
        impl crate::model::MultiOutputRegressor for $model {
            fn n_outputs(&self) -> usize {
                self.$known()
            }

            fn predict(
                &self,
                features: crate::data::Features<'_>,
            ) -> Result<ndarray::Array2<f64>, crate::model::Error> {
                self.answer_features(features, crate::model::Method::Predict)?.numbers()
            }
        }
    };
}
pub(crate) use answer_traits;
