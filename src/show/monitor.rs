//! What is watched over time.

use super::Table;
use super::cell::bundle;
#[cfg(feature = "log")]
use crate::monitor::log::{Log, Moment};
use crate::monitor::{
    Alarms, ColumnDrift, Comparison, Drift, DriftHistory, History, Interval, KolmogorovSmirnov,
    McNemar, Psi, Rate, Recent, Retrained, Window,
};
#[cfg(feature = "log")]
use crate::monitor::{Change, ModelReport, Report};

/// A table of lines.
fn table(
    caption: String,
    header: impl IntoIterator<Item = String>,
    lines: Vec<Vec<String>>,
) -> Table {
    let mut table = Table::new(caption, header).with_row_headers();
    for line in lines {
        table.push(line);
    }
    table
}

impl History {
    /// Shows a table of the windows, with intervals at 95 %, in a notebook's cell.
    pub fn evcxr_display(&self) {
        self.table().evcxr_display();
    }

    fn table(&self) -> Table {
        let (lines, all) = self.lines();
        let mut table = table(self.caption(), self.header(), lines);
        table.push_last(all);
        table
    }
}

impl Alarms {
    /// Shows the alarms in a notebook's cell.
    pub fn evcxr_display(&self) {
        match self.alarms().is_empty() {
            true => println!("{}", bundle(None, &self.to_string())),
            false => {
                table(self.caption(), Self::HEADER.map(str::to_owned), self.lines())
                    .evcxr_display();
            }
        }
    }
}

impl Drift {
    /// Shows the columns, those that moved most first, in a notebook's cell.
    pub fn evcxr_display(&self) {
        table(self.caption(), Self::HEADER.map(str::to_owned), self.lines()).evcxr_display();
    }
}

impl DriftHistory {
    /// Shows the windows in a notebook's cell.
    pub fn evcxr_display(&self) {
        table(self.caption(), self.header(), self.lines()).evcxr_display();
    }
}

impl Comparison {
    /// Shows how many rows both, one or none of the models got right in a notebook's cell.
    pub fn evcxr_display(&self) {
        table(self.caption(), Self::HEADER.map(str::to_owned), self.lines()).evcxr_display();
    }
}

impl<M> Retrained<M> {
    /// Shows what was decided, and why, in a notebook's cell.
    pub fn evcxr_display(&self) {
        table(self.caption(), Self::HEADER.map(str::to_owned), self.lines()).evcxr_display();
    }
}

/// What shows as text.
macro_rules! lines_of_text {
    ($($type:ident)*) => {$(
        impl $type {
            /// Shows the text in a notebook's cell.
            pub fn evcxr_display(&self) {
                println!("{}", bundle(None, &self.to_string()));
            }
        }
    )*};
}

lines_of_text! { ColumnDrift Interval KolmogorovSmirnov McNemar Psi Rate Window }

#[cfg(feature = "log")]
lines_of_text! { Change Log ModelReport Moment Report }

impl Recent {
    /// Shows the latest rows' figures in a notebook's cell.
    pub fn evcxr_display(&self) {
        self.window().evcxr_display();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Labels;

    #[test]
    fn a_history_is_a_table_with_all_rows_last() {
        let truth: Labels = (0..200).map(|row| row % 2 == 0).collect::<Vec<bool>>().into();
        let history = History::of_rows(&truth, &truth, crate::data::Label::Boolean(true), 2);
        let table = history.expect("counted").table();
        let text = table.to_string();
        assert!(
            text.starts_with("200 predictions in 100 windows; intervals at 95 %\nrows "),
            "{text}"
        );
        assert!(text.contains("\n… and 40 more rows\nall "), "{text}");
        assert!(
            table.to_html().contains("<th scope=\"row\" style=\"text-align: left\">0 to 1</th>")
        );
    }
}
