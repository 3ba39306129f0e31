//! Rows, splits and labels.

use super::Table;
use super::cell::bundle;
use crate::data::{
    Dataset, Date, DatedDataset, Encoding, Label, LabelRef, Labels, Schema, SpamFeatures, Split,
};
use crate::text::{self, count, percent, rounded};

/// Rows of a data set that a cell shows.
const FIRST_ROWS: usize = 5;

/// Feature columns that a cell shows; those past them are counted.
const FIRST_COLUMNS: usize = 12;

/// Labels that a cell shows, one after another, and classes that it counts.
const FIRST_LABELS: usize = 20;

impl Dataset {
    /// Shows the shape and the first rows in a notebook's cell.
    pub fn evcxr_display(&self) {
        self.preview().evcxr_display();
    }

    fn preview(&self) -> Table {
        self.preview_with(None)
    }

    /// The first rows, with their dates if they have any.
    fn preview_with(&self, dates: Option<&[Date]>) -> Table {
        let shown = self.rows().min(FIRST_ROWS);
        let rows = count(self.rows(), "row", "rows");
        let features = count(self.columns(), "feature", "features");
        let target = text::shortened(self.target_name(), 40);
        let mut caption = format!("{rows}, {features}, target {target}");
        if let Some((first, last)) = dates.and_then(|it| it.iter().min().zip(it.iter().max())) {
            caption += &format!(", from {first} to {last}");
        }
        if self.rows() > shown {
            caption += &format!("; the first {shown} rows");
        }
        let more = (self.columns() > FIRST_COLUMNS)
            .then(|| format!("… {} more", self.columns() - FIRST_COLUMNS));
        let names = self.feature_names().iter().take(FIRST_COLUMNS).cloned();
        let date = dates.map(|_| "date".to_owned());
        let header = ["row".to_owned()].into_iter().chain(date).chain(names).chain(more.clone());
        let mut table =
            Table::new(caption, header.chain([self.target_name().to_owned()])).with_row_headers();
        let targets = self.target().iter().take(shown);
        for (row, (features, target)) in self.features().rows().into_iter().zip(targets).enumerate()
        {
            let features = features.iter().take(FIRST_COLUMNS).map(|&value| rounded(value));
            let date = dates.and_then(|dates| dates.get(row)).map(Date::to_string);
            let cells = [row.to_string()].into_iter().chain(date).chain(features);
            table.push(
                cells.chain(more.as_ref().map(|_| "…".to_owned())).chain([target.to_string()]),
            );
        }
        table
    }
}

impl DatedDataset {
    /// Shows the shape, from when to when the rows are, and the first of them in a notebook's cell.
    pub fn evcxr_display(&self) {
        self.data().preview_with(Some(self.dates())).evcxr_display();
    }
}

impl Date {
    /// Shows the date in a notebook's cell.
    pub fn evcxr_display(&self) {
        println!("{}", bundle(None, &self.to_string()));
    }
}

impl SpamFeatures {
    /// Shows the numbers that are not 0 in a notebook's cell.
    pub fn evcxr_display(&self) {
        self.table().evcxr_display();
    }

    fn table(&self) -> Table {
        let shown: Vec<_> = self.iter().filter(|(_, value)| *value != 0.0).collect();
        let all = SpamFeatures::names().len();
        let caption = format!("A message as {all} numbers; the {} that are not 0", shown.len());
        let mut table = Table::new(caption, ["feature", "value"]).with_row_headers();
        for (name, value) in shown {
            table.push([name.to_owned(), rounded(value)]);
        }
        table
    }
}

impl Encoding {
    /// Shows, in a notebook's cell, what each column became.
    pub fn evcxr_display(&self) {
        self.summary("columns and their features".into()).evcxr_display();
    }

    fn summary(&self, caption: String) -> Table {
        let mut table = Table::new(caption, ["column", "features", "words"]).with_row_headers();
        for column in self.columns() {
            let (features, words) = match column.categories() {
                None => ("itself".to_owned(), String::new()),
                Some(words) if column.is_one_hot() => {
                    (count(words.len(), "one-hot column", "one-hot columns"), words.join(", "))
                }
                Some(words) => ("numbers from 0".to_owned(), words.join(", ")),
            };
            table.push([column.name().to_owned(), features, text::shortened(&words, 100)]);
        }
        table
    }
}

impl Schema {
    /// Shows the target, and what each column became, in a notebook's cell.
    pub fn evcxr_display(&self) {
        let target = format!("target {}", text::shortened(self.target_name(), 40));
        match self.encoding() {
            Some(encoding) => encoding.summary(target).evcxr_display(),
            None => {
                let plain = format!("{target}; the features are columns of numbers");
                println!("{}", bundle(None, &plain));
            }
        }
    }
}

impl Split {
    /// Shows, in a notebook's cell, how many rows each part has, and which share of them each
    /// class.
    pub fn evcxr_display(&self) {
        self.summary().evcxr_display();
    }

    fn summary(&self) -> Table {
        let (train, test) = (self.train.rows(), self.test.rows());
        let part =
            |rows| format!("{} ({})", count(rows, "row", "rows"), percent(rows, train + test, 1));
        let caption = format!("{} to train on, {} to test with", part(train), part(test));
        let header = [self.train.target_name(), "train rows", "of train", "test rows", "of test"];
        let mut table = Table::new(caption, header).with_row_headers();
        let counts = [class_counts(self.train.target()), class_counts(self.test.target())];
        let [train_counts, test_counts] = &counts;
        let classes = self.train.target().concat(self.test.target()).map(|all| all.classes());
        for class in classes.iter().flat_map(Labels::iter) {
            let [train_rows, test_rows] = [train_counts, test_counts].map(|counts| {
                let place = counts.0.codes(&counts.0).and(place(&counts.0, class));
                place.and_then(|place| counts.1.get(place)).copied().unwrap_or(0)
            });
            table.push([
                class.to_string(),
                train_rows.to_string(),
                percent(train_rows, train, 1),
                test_rows.to_string(),
                percent(test_rows, test, 1),
            ]);
        }
        table
    }
}

/// The place of a label among sorted classes.
fn place(classes: &Labels, class: LabelRef<'_>) -> Option<usize> {
    let one = match class.to_label() {
        Label::Text(text) => Labels::Text(vec![text]),
        Label::Boolean(boolean) => Labels::Booleans(vec![boolean]),
        Label::Integer(integer) => Labels::Integers(vec![integer]),
        Label::Float(float) => Labels::Floats(vec![float]),
    };
    one.codes(classes)?.first().copied()
}

/// The classes, ascending, and how often each occurs.
fn class_counts(labels: &Labels) -> (Labels, Vec<usize>) {
    let classes = labels.classes();
    let mut counts = vec![0; classes.len()];
    for code in labels.codes(&classes).unwrap_or_default() {
        if let Some(count) = counts.get_mut(code) {
            *count += 1;
        }
    }
    (classes, counts)
}

impl Labels {
    /// Shows the first labels, and how often each class occurs, in a notebook's cell.
    pub fn evcxr_display(&self) {
        println!("{}", bundle(None, &self.summary()));
    }

    fn summary(&self) -> String {
        let label = |label: LabelRef<'_>| text::shortened(&label.to_string(), 40);
        let rest = |all: usize| if all > FIRST_LABELS { ", …" } else { "" };
        let list = |labels: Vec<String>| labels.join(", ");
        let kind = match self.kind() {
            "text" => String::new(),
            kind => format!(" ({kind})"),
        };
        let title = format!("{}{kind}", count(self.len(), "label", "labels"));
        if self.is_empty() {
            return title;
        }
        let first = list(self.iter().take(FIRST_LABELS).map(label).collect());
        let (classes, counts) = class_counts(self);
        let counted = classes.iter().zip(&counts).take(FIRST_LABELS);
        let counted =
            list(counted.map(|(class, rows)| format!("{} × {rows}", label(class))).collect());
        format!(
            "{title}: {first}{}\n{}: {counted}{}",
            rest(self.len()),
            count(classes.len(), "class", "classes"),
            rest(classes.len())
        )
    }
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;
    use crate::data::{CsvOptions, read_csv_with};
    use crate::data::{balance_scale, mail_2002, spam_features, train_test_split};

    #[test]
    fn a_data_set_shows_its_shape_and_first_rows() {
        assert_eq!(
            balance_scale().preview().to_string(),
            "\
625 rows, 4 features, target Class; the first 5 rows
row  Left-Weight  Left-Distance  Right-Weight  Right-Distance  Class
  0            1              1             1               1  B
  1            1              1             1               2  R
  2            1              1             1               3  R
  3            1              1             1               4  R
  4            1              1             1               5  R"
        );
    }

    #[test]
    fn dated_rows_show_their_days_and_messages_their_numbers() {
        let mail = mail_2002();
        let text = mail.data().preview_with(Some(mail.dates())).to_string();
        let caption = "5567 rows, 57 features, target class, from 2002-06-01 to 2002-12-";
        assert!(
            text.starts_with(caption) && text.contains("; the first 5 rows\nrow  date  "),
            "{text}"
        );
        assert!(text.contains("\n  0  2002-06-01  "), "{text}");
        assert_eq!(
            spam_features("Free money!").table().to_string(),
            "\
A message as 57 numbers; the 6 that are not 0
feature                     value
word_freq_free                 50
word_freq_money                50
char_freq_!                 9.091
capital_run_length_average      1
capital_run_length_longest      1
capital_run_length_total        1"
        );
    }

    #[test]
    fn a_wide_data_set_counts_the_columns_it_leaves_out() {
        let names = (0..1000).map(|column| format!("x{column}")).collect();
        let data = Dataset::new(Array2::zeros((2, 1000)), vec![1, 2].into(), names, "k");
        let text = data.expect("fits together").preview().to_string();
        assert!(text.contains("x11  … 988 more  k") && text.lines().all(|line| line.len() < 120));
    }

    #[test]
    fn a_split_shows_sizes_and_class_shares() {
        let split = train_test_split(&balance_scale(), 0.3, 100).expect("split");
        assert_eq!(
            split.summary().to_string(),
            "\
437 rows (69.9 %) to train on, 188 rows (30.1 %) to test with
Class  train rows  of train  test rows  of test
B              36     8.2 %         13    6.9 %
L             203    46.5 %         85   45.2 %
R             198    45.3 %         90   47.9 %"
        );
    }

    #[test]
    fn an_encoding_shows_what_each_column_became() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), "hue,x,size,k\nred,1,S,a\nblue,2,L,b\n").expect("written");
        let options = CsvOptions::new().get_dummies(["hue"]).ordinal_with("size", ["S", "L"]);
        let data = read_csv_with(file.path(), "k", &options).expect("read");
        let encoding = data.schema().encoding().expect("there are words");
        let shown = encoding.summary("target k".into()).to_string();
        for part in
            ["target k", "2 one-hot columns", "blue, red", "itself", "numbers from 0", "S, L"]
        {
            assert!(shown.contains(part), "{shown}");
        }
    }

    #[test]
    fn labels_are_shortened() {
        let many: Labels = (0..1000).map(|row| row % 50).collect::<Vec<i64>>().into();
        let text = many.summary();
        assert!(text.starts_with("1000 labels (integers): 0, 1, 2, "), "{text}");
        assert!(
            text.contains("19, …\n50 classes: 0 × 20, ") && text.ends_with("19 × 20, …"),
            "{text}"
        );
        assert_eq!(Labels::from(["R", "L"]).summary(), "2 labels: R, L\n2 classes: L × 1, R × 1");
        assert_eq!(Labels::from(Vec::<String>::new()).summary(), "0 labels");
    }
}
