//! How a model was chosen.

use std::fmt;

use super::Table;
use super::cell::bundle;
use crate::model_selection::{
    CrossValScores, Fold, Folds, LearningCurve, SearchResults, ValidationCurve,
};
use crate::text::{count, grouped, rounded};

/// Folds past which only the first are shown.
const SHOWN_FOLDS: usize = 20;

/// Shows a table, and below it the warnings, if there are any.
fn show(table: &Table, warnings: &[String]) {
    let (html, text) = with_warnings(table, warnings);
    println!("{}", bundle(Some(&html), &text));
}

fn with_warnings(table: &Table, warnings: &[String]) -> (String, String) {
    let (mut html, mut text) = (table.to_html(), table.to_string());
    for warning in warnings {
        html += &format!("\n<p>Warning: {}</p>", super::cell::escaped(warning));
        text += &format!("\nWarning: {warning}");
    }
    (html, text)
}

/// With four digits after the point, so that scores stand below each other.
fn score(score: f64) -> String {
    if score.is_nan() { "nan".into() } else { format!("{score:.4}") }
}

impl Folds {
    /// Shows how many rows each fold has in a notebook's cell.
    pub fn evcxr_display(&self) {
        let folds = count(self.len(), "fold", "folds");
        let caption = format!("{folds} of {}", count(self.rows(), "row", "rows"));
        let mut table = Table::new(caption, ["fold", "train rows", "test rows", "first test rows"]);
        for (place, fold) in self.iter().take(SHOWN_FOLDS).enumerate() {
            let first: Vec<String> = fold.test.iter().take(5).map(usize::to_string).collect();
            let more = if fold.test.len() > 5 { ", …" } else { "" };
            let (train, test) = (grouped(fold.train.len()), grouped(fold.test.len()));
            table.push([place.to_string(), train, test, first.join(", ") + more]);
        }
        if self.len() > SHOWN_FOLDS {
            table.push(["…"]);
        }
        show(&table, self.warnings());
    }
}

impl CrossValScores {
    /// Shows the score of each fold in a notebook's cell.
    pub fn evcxr_display(&self) {
        show(&self.table(), self.warnings());
    }

    fn table(&self) -> Table {
        let mut table = Table::new(self.to_string(), ["fold", "test rows", self.scoring().words()]);
        for (place, (own, rows)) in self.scores().iter().zip(self.test_rows()).enumerate() {
            table.push([place.to_string(), grouped(*rows), score(*own)]);
        }
        table
    }
}

impl<M> SearchResults<M> {
    /// Shows the combinations in a notebook's cell, the best first.
    pub fn evcxr_display(&self) {
        show(&self.table(), self.warnings());
    }

    /// The caption of the table.
    fn caption(&self) -> String {
        format!(
            "Grid search: of {}, the best mean {} of {} is {}, with {}",
            count(self.candidates().len(), "candidate", "candidates"),
            self.scoring().words(),
            count(self.n_splits(), "fold", "folds"),
            rounded(self.best_score()),
            match self.best_params().is_empty() {
                true => "the parameters as they are".to_owned(),
                false => self.best_params().to_string(),
            }
        )
    }

    fn table(&self) -> Table {
        let names = self.best_params().iter().map(|(name, _)| name.to_owned());
        let of_train = self.candidates().iter().any(|candidate| !candidate.train_scores.is_empty());
        let mut header: Vec<String> = ["rank".to_owned()].into_iter().chain(names).collect();
        header.extend(["mean".into(), "std".into()]);
        if of_train {
            header.extend(["mean of train rows".into(), "std of train rows".into()]);
        }
        let mut table = Table::new(self.caption(), header);
        let mut order: Vec<&_> = self.candidates().iter().collect();
        order.sort_by_key(|candidate| candidate.rank);
        for candidate in order {
            let mut row = vec![candidate.rank.to_string()];
            row.extend(candidate.parameters.iter().map(|(_, value)| plain(value)));
            row.extend([candidate.mean_test_score(), candidate.std_test_score()].map(score));
            if of_train {
                row.extend([candidate.mean_train_score(), candidate.std_train_score()].map(score));
            }
            table.push(row);
        }
        table
    }
}

/// A value without the quotes of a text.
fn plain(value: &crate::model::Parameter) -> String {
    match value {
        crate::model::Parameter::Text(text) => text.clone(),
        other => other.to_string(),
    }
}

/// The scores of a curve, a row for each place along it.
macro_rules! shown_curve {
    ($curve:ident: |$own:ident| $caption:expr, $header:expr, $places:expr) => {
        impl $curve {
            /// Shows the means and standard deviations in a notebook's cell.
            pub fn evcxr_display(&self) {
                show(&self.table(), self.warnings());
            }

            fn table(&self) -> Table {
                let $own = self;
                let columns = ["train mean", "train std", "test mean", "test std"];
                let header = [$header].into_iter().chain(columns.map(str::to_owned));
                let mut table = Table::new($caption, header);
                let train = self.mean_train_scores().into_iter().zip(self.std_train_scores());
                let test = self.mean_test_scores().into_iter().zip(self.std_test_scores());
                for (place, (train, test)) in $places.into_iter().zip(train.zip(test)) {
                    let scores = [train.0, train.1, test.0, test.1].map(score);
                    table.push([place].into_iter().chain(scores));
                }
                table
            }
        }
    };
}

shown_curve!(LearningCurve: |curve|
    format!("Learning curve: {} by the number of rows to fit on", curve.scoring().words()),
    "train rows".to_owned(),
    curve.train_sizes().iter().map(|rows| grouped(*rows))
);
shown_curve!(ValidationCurve: |curve|
    format!("Validation curve: {} by {}", curve.scoring().words(), curve.name()),
    curve.name().to_owned(),
    curve.values().iter().map(plain)
);

impl fmt::Debug for Fold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let train = count(self.train.len(), "row", "rows");
        write!(f, "Fold({train} to train on, {} to test with)", grouped(self.test.len()))
    }
}

impl fmt::Debug for Folds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let folds = count(self.len(), "fold", "folds");
        write!(f, "Folds({folds} of {})", count(self.rows(), "row", "rows"))
    }
}

impl fmt::Debug for CrossValScores {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CrossValScores({self})")
    }
}

impl<M> fmt::Debug for SearchResults<M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SearchResults({})", self.caption())
    }
}

impl fmt::Debug for LearningCurve {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "LearningCurve({})", count(self.train_sizes().len(), "size", "sizes"))
    }
}

impl fmt::Debug for ValidationCurve {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let values = count(self.values().len(), "value", "values");
        write!(f, "ValidationCurve({:?}, {values})", self.name())
    }
}

#[cfg(test)]
mod tests {
    use crate::data::balance_scale;
    use crate::model_selection::{GridSearch, StratifiedKFold, cross_val_score, validation_curve};
    use crate::tree::DecisionTreeClassifier;

    #[test]
    fn tables_say_what_was_chosen_and_of_what_to_be_warned() {
        let params = DecisionTreeClassifier::params().random_state(0);
        let (data, cv) = (balance_scale(), StratifiedKFold::new(60).shuffle(1));
        let scores = cross_val_score(&params, &data, &cv).expect("fitted");
        let (html, text) = super::with_warnings(&scores.table(), scores.warnings());
        let warning = "Warning: The least populated class in y has only 49 members";
        assert!(html.contains(warning) && text.contains(warning), "{text}");
        let cv = StratifiedKFold::new(5).shuffle(42);
        let search = GridSearch::new(&params)
            .vary("max_depth", [Some(1), Some(2), None])
            .vary("criterion", ["gini", "entropy"])
            .with_train_scores()
            .fit(&data, &cv)
            .expect("fitted");
        let table = search.table().to_string();
        let mut lines = table.lines();
        assert!(
            lines.next().is_some_and(|line| line.starts_with("Grid search: of 6 candidates, "))
        );
        let header = lines.next().unwrap_or_default();
        assert!(
            header.starts_with("rank  criterion  max_depth    mean     std  mean of"),
            "{table}"
        );
        assert!(lines.next().is_some_and(|line| line.starts_with("   1  ")), "{table}");
        let curve = validation_curve(&params, "max_depth", [1, 2], &data, &cv).expect("fitted");
        assert_eq!(curve.table().to_string().lines().count(), 4);
    }
}
