//! How good predictions are.

use super::Table;
use super::cell::bundle;
use crate::metrics::{
    ClassificationReport, ConfusionMatrix, PrecisionRecallCurve, RocCurve, Scores,
};
use crate::text::{count, percent, rounded};

/// Classes past which a matrix is shown by its commonest confusions.
const SHOWN_CLASSES: usize = 20;

/// Confusions that are shown in its place.
const SHOWN_CONFUSIONS: usize = 20;

impl ConfusionMatrix {
    /// Shows the counts in a notebook's cell; with more than 20 classes, the commonest
    /// confusions.
    pub fn evcxr_display(&self) {
        self.table().evcxr_display();
    }

    fn table(&self) -> Table {
        let total = self.total();
        let right = self.counts().diag().sum();
        let caption = format!(
            "Confusion matrix: {right} of {} right ({})",
            count(total, "prediction", "predictions"),
            percent(right, total, 2)
        );
        let classes: Vec<String> = self.classes().iter().map(|class| class.to_string()).collect();
        if classes.len() <= SHOWN_CLASSES {
            let header = ["True \\ Predicted".to_owned()].into_iter().chain(classes.clone());
            let mut table = Table::new(caption, header).with_row_headers();
            for (class, counts) in classes.into_iter().zip(self.counts().rows()) {
                table.push([class].into_iter().chain(counts.iter().map(usize::to_string)));
            }
            return table;
        }
        let wrong = self.counts().indexed_iter().filter(|((t, p), rows)| t != p && **rows > 0);
        let mut wrong: Vec<((usize, usize), usize)> = wrong.map(|(at, &rows)| (at, rows)).collect();
        wrong.sort_by_key(|&(at, rows)| (std::cmp::Reverse(rows), at));
        let caption = format!("{caption}; the commonest confusions of {} classes", classes.len());
        let mut table = Table::new(caption, ["True", "Predicted", "Rows"]);
        let name = |class: usize| classes.get(class).cloned().unwrap_or_default();
        for ((truth, predicted), rows) in wrong.into_iter().take(SHOWN_CONFUSIONS) {
            table.push([name(truth), name(predicted), rows.to_string()]);
        }
        table
    }
}

impl ClassificationReport {
    /// Shows the scores as a table in a notebook's cell, and as scikit-learn's text elsewhere.
    pub fn evcxr_display(&self) {
        println!("{}", bundle(Some(&self.table().to_html()), &self.to_string()));
    }

    fn table(&self) -> Table {
        let digits = self.digits();
        let score = |score: f64| format!("{score:.digits$}");
        let mut table =
            Table::new("Classification report", ["", "precision", "recall", "f1-score", "support"])
                .with_row_headers();
        let line = |name: String, scores: Scores| {
            let Scores { precision, recall, f1_score, support } = scores;
            [name, score(precision), score(recall), score(f1_score), support.to_string()]
        };
        let (macro_avg, weighted_avg) = (self.macro_avg(), self.weighted_avg());
        for (class, &scores) in self.classes().iter().zip(self.scores()) {
            table.push(line(class.to_string(), scores));
        }
        let (nothing, rows) = (String::new(), macro_avg.support.to_string());
        let accuracy = score(self.accuracy());
        table.push_last(["accuracy".into(), nothing.clone(), nothing, accuracy, rows]);
        table.push_last(line("macro avg".into(), macro_avg));
        table.push_last(line("weighted avg".into(), weighted_avg));
        table
    }
}

impl RocCurve {
    /// Shows the points and the area under the curve in a notebook's cell.
    pub fn evcxr_display(&self) {
        let points = count(self.fpr().len(), "point", "points");
        let caption = format!("ROC curve: area {}, {points}", rounded(self.auc()));
        let header = ["threshold", "false positive rate", "true positive rate"];
        let mut table = Table::new(caption, header);
        for ((threshold, fpr), tpr) in self.thresholds().iter().zip(self.fpr()).zip(self.tpr()) {
            table.push([threshold, fpr, tpr].map(|&number| rounded(number)));
        }
        table.evcxr_display();
    }
}

impl PrecisionRecallCurve {
    /// Shows the points and the average precision in a notebook's cell.
    pub fn evcxr_display(&self) {
        let points = count(self.recall().len(), "point", "points");
        let average = rounded(self.average_precision());
        let caption = format!("Precision-recall curve: average precision {average}, {points}");
        let mut table = Table::new(caption, ["threshold", "precision", "recall"]);
        // The last point has no threshold.
        let thresholds = self.thresholds().iter().map(|&number| rounded(number));
        let points = self.precision().iter().zip(self.recall());
        for (threshold, (&precision, &recall)) in thresholds.chain(["–".into()]).zip(points) {
            table.push([threshold, rounded(precision), rounded(recall)]);
        }
        table.evcxr_display();
    }
}

#[cfg(test)]
mod tests {
    use crate::data::Labels;
    use crate::metrics::{classification_report, confusion_matrix};

    #[test]
    fn a_small_matrix_is_shown_whole() {
        let truth = Labels::from(["L", "R", "R", "B"]);
        let matrix = confusion_matrix(&truth, &["L", "R", "L", "R"].into()).expect("compared");
        assert_eq!(
            matrix.table().to_string(),
            "Confusion matrix: 2 of 4 predictions right (50.00 %)\n\
             True \\ Predicted  B  L  R\n\
             B                 0  0  1\n\
             L                 0  1  0\n\
             R                 0  1  1"
        );
    }

    #[test]
    fn a_large_matrix_is_shown_by_its_commonest_confusions() {
        let truth: Labels = (0..1000).map(|row| row % 100).collect::<Vec<i64>>().into();
        let wrong: Labels = (0..1000)
            .map(|row| if row % 100 == 7 { 8 } else { row % 100 })
            .collect::<Vec<i64>>()
            .into();
        let table = confusion_matrix(&truth, &wrong).expect("compared").table().to_string();
        assert!(
            table.ends_with("of 100 classes\nTrue  Predicted  Rows\n   7          8    10"),
            "{table}"
        );
    }

    #[test]
    fn the_means_of_a_long_report_are_kept() {
        let truth: Labels = (0..1000).collect::<Vec<i64>>().into();
        let html = classification_report(&truth, &truth).expect("compared").table().to_html();
        assert!(html.contains("more rows") && html.contains(">weighted avg</th>"));
    }
}
