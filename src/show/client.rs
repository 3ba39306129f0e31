//! What a server answered, and how it did under load.

use super::Table;
use super::cell::bundle;
use crate::client::{Json, LoadReport, Response};

impl Response {
    /// Shows status and body in a notebook's cell.
    pub fn evcxr_display(&self) {
        println!("{}", bundle(None, &self.to_string()));
    }
}

impl Json {
    /// Shows the value in a notebook's cell.
    pub fn evcxr_display(&self) {
        println!("{}", bundle(None, &self.to_string()));
    }
}

impl LoadReport {
    /// The figures as a table.
    pub fn table(&self) -> Table {
        let caption = format!("POST {}, for {:.1} s", self.path(), self.seconds());
        let columns = ["connections", "answered", "failed", "requests/s", "p50, ms", "p99, ms"];
        let time =
            |share| self.milliseconds(share).map_or("–".to_owned(), |time| format!("{time:.2}"));
        Table::new(caption, columns).row([
            self.connections().to_string(),
            self.answered().to_string(),
            self.failed().to_string(),
            format!("{:.0}", self.per_second()),
            time(0.5),
            time(0.99),
        ])
    }

    /// Shows the figures in a notebook's cell.
    pub fn evcxr_display(&self) {
        self.table().evcxr_display();
    }
}
