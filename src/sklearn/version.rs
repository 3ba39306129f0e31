//! Versions of scikit-learn, and what changed in which: the one place for such rules.

use crate::linear::LinearLink;
use crate::model::SklearnVersion as Version;

impl Version {
    /// The oldest version for which files are written.
    pub const OLDEST_WRITTEN: Version = Version::new(0, 24, 0);

    /// Whether it is this minor version, or one that came later.
    fn from(self, major: u16, minor: u16) -> bool {
        !self.before(major, minor)
    }

    /// Whether the values of a classification tree are fractions of classes. They were counts.
    pub(super) fn has_fractions(self) -> bool {
        self.from(1, 4)
    }

    /// Whether a node says where missing values go: it has 64 bytes then, 56 before.
    pub(super) fn has_missing_go_to_left(self) -> bool {
        self.from(1, 3)
    }

    /// Whether trees and forests have the parameter `monotonic_cst`.
    pub(super) fn has_monotonic_cst(self) -> bool {
        self.from(1, 4)
    }

    /// Whether trees have the parameter `min_impurity_split`, and keep `n_features_`.
    pub(super) fn has_min_impurity_split(self) -> bool {
        !self.from(1, 0)
    }

    /// Whether `norm="max"` is the greatest absolute value. It was the greatest value.
    pub(super) fn has_absolute_norms(self) -> bool {
        self.from(0, 23)
    }

    /// Whether estimators keep the names of the columns.
    pub(super) fn has_feature_names(self) -> bool {
        self.from(1, 0)
    }

    /// Whether `max_features` should not be `"auto"`, of which 1.1 warns and which is gone since 1.3.
    pub(super) fn has_no_auto(self) -> bool {
        self.from(1, 1)
    }

    /// The name under which this version knows a criterion of trees, by its name in any.
    pub(super) fn criterion_of(self, name: &str) -> &str {
        match name {
            "mse" => self.criterion("squared_error"),
            "mae" => self.criterion("absolute_error"),
            "friedman_mse" if self.from(1, 9) => "squared_error",
            "squared_error" => self.criterion("squared_error"),
            "absolute_error" => self.criterion("absolute_error"),
            "log_loss" => self.criterion("log_loss"),
            name => name,
        }
    }

    /// Whether gradient boosting of several classes takes the probabilities that it starts from for
    /// those of other rows where they lie in memory class by class.
    pub(super) fn mixes_up_starts(self) -> bool {
        !self.from(1, 3)
    }

    /// Whether a constant is imputed only in columns that had values in the fit; the others are left
    /// out.
    pub(super) fn imputes_constants_where_values_were(self) -> bool {
        self.from(1, 8)
    }

    /// Whether a single regression tree with this criterion takes missing values.
    pub(super) fn trees_take_missing(self, criterion: Option<&str>) -> bool {
        match criterion {
            Some("absolute_error") => self.from(1, 9),
            _ => self.from(1, 4),
        }
    }

    /// The oldest version that lays out a tree so, of one that does not say its version.
    pub(super) fn of_tree(has_missing_go_to_left: bool, has_monotonic_cst: bool) -> Version {
        match (has_missing_go_to_left, has_monotonic_cst) {
            (true, true) => Version::new(1, 4, 0),
            (true, false) => Version::new(1, 3, 0),
            (false, _) => Version::new(0, 17, 0),
        }
    }

    /// What makes probabilities of the scores of a `LogisticRegression` with this `multi_class`, if
    /// it has one, for so many classes; `None` for a `multi_class` that no version has.
    ///
    /// Source: `LogisticRegression.predict_proba`.
    pub(super) fn logistic_link(
        self,
        multi_class: Option<&str>,
        solver: &str,
        classes: usize,
    ) -> Option<LinearLink> {
        let one_vs_rest = match multi_class {
            // the parameter is gone since 1.8
            None => classes <= 2,
            Some("multinomial") if !self.from(0, 20) => classes <= 2,
            Some("multinomial") => false,
            Some("ovr" | "warn") => true,
            Some("auto" | "deprecated") => {
                let alone = solver == "newton-cholesky" && !self.from(1, 6);
                classes <= 2 || solver == "liblinear" || alone
            }
            Some(_) => return None,
        };
        Some(if one_vs_rest { LinearLink::OneVsRest } else { LinearLink::Softmax })
    }

    /// Whether an `IsolationForest` takes missing values.
    pub(super) fn isolates_missing(self) -> bool {
        self.from(1, 6)
    }

    /// Whether estimators of a `VotingClassifier` that are `None` are dropped, as those are that are
    /// `"drop"`.
    pub(super) fn drops_none(self) -> bool {
        !self.from(0, 24)
    }

    /// The name under which a version knows a criterion of trees.
    pub(super) fn criterion(self, name: &'static str) -> &'static str {
        match name {
            "squared_error" if !self.from(1, 0) => "mse",
            "absolute_error" if !self.from(1, 0) => "mae",
            "log_loss" if !self.from(1, 1) => "entropy",
            name => name,
        }
    }
}
