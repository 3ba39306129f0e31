//! How values print for programmers, with `{:?}`: each on one short line, however large it is. A
//! notebook shows a `Result` that was not unwrapped in this way.

use std::fmt;

use crate::data::{
    Correlations, Dataset, DatedDataset, Description, FeatureBlock, Features, Frame, Label,
    LabelRef, Labels, MissingValues, Split, ValueCounts,
};
use crate::metrics::{ClassificationReport, ConfusionMatrix, PrecisionRecallCurve, RocCurve};
#[cfg(feature = "log")]
use crate::monitor::log::Log;
use crate::monitor::{Adwin, Alarms, Drift, DriftHistory, History, Recent};
use crate::plot::{Figure, Importances};
use crate::show::Table;
use crate::text::{count, grouped, rounded, shortened};
use crate::tree::{DecisionTreeClassifier, DecisionTreeRegressor, LinfaTree};

/// Labels that are named; those past them are counted.
const NAMED: usize = 10;

/// Characters of a title or a name that are kept.
const MOST_CHARACTERS: usize = 80;

/// Makes a type print as its name with a few words in brackets.
macro_rules! on_a_line {
    ($($type:ident: |$value:ident| $words:expr;)+) => {$(
        /// One short line.
        impl fmt::Debug for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                let $value = self;
                write!(f, concat!(stringify!($type), "({})"), $words)
            }
        }
    )+};
}

on_a_line! {
    Figure: |figure| {
        let (width, height) = figure.size();
        format!("{:?}, {width} × {height}", shortened(figure.title(), MOST_CHARACTERS))
    };
    Table: |table| {
        let rows = count(table.n_rows(), "row", "rows");
        format!("{:?}, {rows}", shortened(table.caption(), MOST_CHARACTERS))
    };
    Importances: |importances| count(importances.pairs().len(), "feature", "features");
    Dataset: |data| format!(
        "{}, {}, target {:?}",
        count(data.rows(), "row", "rows"),
        count(data.columns(), "feature", "features"),
        shortened(data.target_name(), MOST_CHARACTERS),
    );
    Frame: |frame| frame.caption();
    Description: |description| count(description.columns().len(), "column", "columns");
    ValueCounts: |counts| format!(
        "{} in {}",
        count(counts.counts().len(), "value", "values"),
        count(counts.total(), "row", "rows"),
    );
    MissingValues: |missing| missing.caption();
    Correlations: |correlations| count(correlations.names().len(), "column", "columns");
    DatedDataset: |rows| format!(
        "{}, {}, from {} to {}",
        count(rows.rows(), "row", "rows"),
        count(rows.data().columns(), "feature", "features"),
        rows.dates().iter().min().map_or("no day".to_owned(), |day| day.to_string()),
        rows.dates().iter().max().map_or("no day".to_owned(), |day| day.to_string()),
    );
    Split: |split| format!(
        "{} to train on, {} to test with",
        count(split.train.rows(), "row", "rows"),
        grouped(split.test.rows()),
    );
    FeatureBlock: |block| {
        let (rows, columns) = Features::from(block).shape();
        format!("{}, {}", count(rows, "row", "rows"), count(columns, "feature", "features"))
    };
    ConfusionMatrix: |matrix| format!(
        "{}, {} of {} right",
        count(matrix.classes().len(), "class", "classes"),
        grouped(matrix.counts().diag().sum()),
        count(matrix.total(), "prediction", "predictions"),
    );
    ClassificationReport: |report| format!(
        "{}, accuracy {}",
        count(report.classes().len(), "class", "classes"),
        rounded(report.accuracy()),
    );
    RocCurve: |curve| format!(
        "{}, area {}",
        count(curve.fpr().len(), "point", "points"),
        rounded(curve.auc()),
    );
    PrecisionRecallCurve: |curve| format!(
        "{}, average precision {}",
        count(curve.recall().len(), "point", "points"),
        rounded(curve.average_precision()),
    );
    History: |history| history.caption();
    Alarms: |alarms| alarms.caption();
    Drift: |drift| drift.caption();
    DriftHistory: |drift| drift.caption();
    Recent: |recent| recent.window();
    Adwin: |adwin| format!(
        "a window of {}, mean {}, {}",
        count(adwin.width(), "number", "numbers"),
        rounded(adwin.estimation()),
        count(adwin.n_detections(), "change", "changes"),
    );
    DecisionTreeClassifier: |tree| format!(
        "depth {}, {}, {}, {}",
        tree.depth(),
        count(tree.n_leaves(), "leaf", "leaves"),
        count(tree.tree().n_features(), "feature", "features"),
        count(tree.classes().len(), "class", "classes"),
    );
    DecisionTreeRegressor: |tree| format!(
        "depth {}, {}, {}",
        tree.depth(),
        count(tree.n_leaves(), "leaf", "leaves"),
        count(tree.tree().n_features(), "feature", "features"),
    );
    LinfaTree: |tree| format!(
        "depth {}, {}, {}, {}",
        tree.depth(),
        count(tree.n_leaves(), "leaf", "leaves"),
        count(tree.feature_names().len(), "feature", "features"),
        count(tree.classes().len(), "class", "classes"),
    );
}

/// One short line.
impl fmt::Debug for Features<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (rows, columns) = self.shape();
        let (rows, columns) = (count(rows, "row", "rows"), count(columns, "feature", "features"));
        write!(f, "Features({rows}, {columns})")
    }
}

/// What it holds, as that prints.
impl fmt::Debug for LabelRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LabelRef::Text(text) => write!(f, "{text:?}"),
            LabelRef::Boolean(boolean) => write!(f, "{boolean:?}"),
            LabelRef::Integer(integer) => write!(f, "{integer:?}"),
            LabelRef::Float(float) => write!(f, "{float:?}"),
        }
    }
}

/// What it holds, as that prints.
impl fmt::Debug for Label {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", LabelRef::from(self))
    }
}

/// The first labels, with the name of their type.
impl fmt::Debug for Labels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = match self {
            Labels::Text(_) => "Text",
            Labels::Booleans(_) => "Booleans",
            Labels::Integers(_) => "Integers",
            Labels::Floats(_) => "Floats",
        };
        let label = |label: LabelRef<'_>| match label {
            LabelRef::Text(text) => format!("{:?}", shortened(text, MOST_CHARACTERS)),
            LabelRef::Float(float) => format!("{float:?}"),
            label => label.to_string(),
        };
        let mut labels: Vec<String> = self.iter().take(NAMED).map(label).collect();
        if self.len() > NAMED {
            labels.push(format!("… {} in all", grouped(self.len())));
        }
        write!(f, "{kind}([{}])", labels.join(", "))
    }
}

#[cfg(feature = "log")]
on_a_line! {
    Log: |log| log;
}

#[cfg(test)]
mod tests {
    use std::error::Error;

    use crate::data::{Labels, train_test_split};
    use crate::metrics::{classification_report, confusion_matrix};
    use crate::prelude::*;
    use crate::show::Table;

    #[test]
    fn what_was_not_unwrapped_is_one_line() -> Result<(), Box<dyn Error>> {
        let data = balance_scale();
        let split = train_test_split(&data, 0.3, 100)?;
        let tree = DecisionTreeClassifier::params().max_depth(3).fit(&split.train)?;
        let linfa = LinfaTree::params().max_depth(3).fit(&split.train)?;
        let predicted = tree.predict(&split.test)?;
        let matrix = confusion_matrix(split.test.target(), &predicted)?;
        let report = classification_report(split.test.target(), &predicted)?;
        let table = Table::new("Test rows", ["class"]).row(["L"]).row(["R"]);
        let lines = [
            format!("{data:?}"),
            format!("{split:#?}"),
            format!("{tree:?}"),
            format!("{linfa:?}"),
            format!("{matrix:?}"),
            format!("{report:?}"),
            format!("{table:?}"),
            format!("{:?}", plot::confusion_matrix(&matrix)),
            format!("{:?}", plot::tree(&tree)),
            format!("{:?}", data.target()),
            format!("{:?}", Labels::from(vec![0.5, 2.0])),
            format!("{:?}", tree.predict_row(&[1.0, 1.0, 5.0, 5.0])),
        ];
        assert_eq!(
            lines,
            [
                "Dataset(625 rows, 4 features, target \"Class\")",
                "Split(437 rows to train on, 188 to test with)",
                "DecisionTreeClassifier(depth 3, 8 leaves, 4 features, 3 classes)",
                "LinfaTree(depth 3, 7 leaves, 4 features, 3 classes)",
                "ConfusionMatrix(3 classes, 138 of 188 predictions right)",
                "ClassificationReport(3 classes, accuracy 0.734043)",
                "Table(\"Test rows\", 2 rows)",
                "Ok(Figure(\"Confusion matrix: 138 of 188 right (73.4 %)\", 464 × 403))",
                "Ok(Figure(\"Decision tree: depth 3, 8 leaves\", 890 × 605))",
                "Text([\"B\", \"R\", \"R\", \"R\", \"R\", \"R\", \"R\", \"R\", \"R\", \"R\", … 625 in all])",
                "Floats([0.5, 2.0])",
                "Ok(\"R\")",
            ]
        );
        Ok(())
    }

    #[test]
    fn errors_print_as_sentences() {
        let data = balance_scale();
        let nothing = Labels::from(Vec::<i64>::new());
        let errors: Vec<Box<dyn Error>> = vec![
            read_csv("nowhere.csv", "x").expect_err("no file").into(),
            pickle::open::<Vec<i64>>("nowhere.pkl").expect_err("no file").into(),
            pickle::loads::<String>(b"]." as &[u8]).expect_err("a list").into(),
            AnyModel::open("nowhere.pkl").expect_err("no file").into(),
            sklearn::loads(b"].").expect_err("no estimator").into(),
            inspect::inspect("nowhere.pkl").expect_err("no file").into(),
            metrics::accuracy(&nothing, &nothing).expect_err("no rows").into(),
            plot::histogram(&data, "x").expect_err("no column").into(),
            LinfaTree::params().max_depth(0).fit(&data).expect_err("no depth").into(),
        ];
        for error in errors {
            let said = format!("{error:?}");
            assert_eq!(said, error.to_string());
            assert!(!said.contains('{'), "{said}");
        }
    }
}
