//! How a model's own methods become those of the traits that it answers.

/// The methods of a `Model` that are its own of these names; with the field that knows
/// it, also how many models it holds.
macro_rules! own_columns {
    () => {
        fn n_features(&self) -> usize {
            self.n_features()
        }

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
