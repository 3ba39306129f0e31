//! Which classes are read, by module and name.

use super::read::{Object, Read};

/// A class of scikit-learn.
pub(super) struct Class {
    pub(super) name: &'static str,
    /// The modules in which it was, in the versions there are, the newest first.
    pub(super) modules: &'static [&'static str],
    /// Reads an object of it.
    pub(super) read: fn(&Object) -> Read,
}

/// The classes of each family.
const FAMILIES: &[&[Class]] = &[
    super::tree::CLASSES,
    super::forest::CLASSES,
    super::boosting::CLASSES,
    super::hist_boosting::CLASSES,
    super::ada_boost::CLASSES,
    super::bayes::CLASSES,
    super::cluster::CLASSES,
    super::dummy::CLASSES,
    super::isolation_forest::CLASSES,
    super::linear::CLASSES,
    super::meta::CLASSES,
    super::neighbours::CLASSES,
    super::neural::CLASSES,
    super::preprocessing::CLASSES,
    super::distributions::CLASSES,
    super::vectorizers::CLASSES,
    super::dictionaries::CLASSES,
    super::selection::CLASSES,
    super::decomposition::CLASSES,
    super::pipeline::CLASSES,
    super::svm::CLASSES,
];

/// Classes whose objects are parts of models, and no models: they are converted with those, and what
/// they hold is read there.
pub(super) static PARTS: &[Class] = &[
    part("KFold", SPLITS),
    part("StratifiedKFold", SPLITS),
    part("GroupKFold", SPLITS),
    part("RepeatedKFold", SPLITS),
    part("RepeatedStratifiedKFold", SPLITS),
    part("ShuffleSplit", SPLITS),
    part("StratifiedShuffleSplit", SPLITS),
    part("make_column_selector", &["sklearn.compose._column_transformer"]),
    part("_BinMapper", &["sklearn.ensemble._hist_gradient_boosting.binning"]),
    part("TreePredictor", &["sklearn.ensemble._hist_gradient_boosting.predictor"]),
    part("MissingIndicator", &["sklearn.impute._base", "sklearn.impute"]),
    part("AdamOptimizer", &["sklearn.neural_network._stochastic_optimizers"]),
    part("SGDOptimizer", &["sklearn.neural_network._stochastic_optimizers"]),
    part("_CalibratedClassifier", &["sklearn.calibration"]),
    part("_SigmoidCalibration", &["sklearn.calibration"]),
    part("_TemperatureScaling", &["sklearn.calibration"]),
    part("IsotonicRegression", &["sklearn.isotonic"]),
];

const SPLITS: &[&str] = &["sklearn.model_selection._split"];

const fn part(name: &'static str, modules: &'static [&'static str]) -> Class {
    Class { name, modules, read: |object| Err(object.unsupported("it is no model by itself")) }
}

/// The class of a part of models.
pub(super) fn find_part(module: &str, name: &str) -> Option<&'static Class> {
    PARTS.iter().find(|class| class.name == name && class.modules.contains(&module))
}

/// The class of this module and name: both exactly as they are.
pub(super) fn find(module: &str, name: &str) -> Option<&'static Class> {
    named(name).find(|class| class.modules.contains(&module))
}

/// The classes of this name, whatever their modules.
pub(super) fn named(name: &str) -> impl Iterator<Item = &'static Class> {
    FAMILIES.iter().copied().flatten().filter(move |class| class.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_class_has_one_reader_and_no_other_name() {
        let classes: Vec<&Class> = FAMILIES.iter().copied().flatten().collect();
        for class in &classes {
            for module in class.modules {
                assert!(
                    find(module, class.name).is_some_and(|found| found.modules == class.modules)
                );
                assert!(find(module, &format!("{}s", class.name)).is_none());
                assert!(find(&module[1..], class.name).is_none());
            }
        }
        assert!(classes.len() >= 10);
    }
}
