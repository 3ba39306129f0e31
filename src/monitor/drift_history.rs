//! Whether rows or scores look other than they did, window after window.

use std::fmt;

use super::windows::Spans;
use super::{ColumnDrift, Drift, DriftParams, Error, Verdict, Windows};
use crate::data::{DatedDataset, Features};
use crate::text::{Side, columns, count, grouped, shortened};

/// How many of the columns that moved most a table names.
const NAMED: usize = 3;

/// Drift in one window; a [`DriftHistory`] is made of them.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct DriftWindow {
    /// The name of the window, as in [`Window::name`](super::Window::name).
    pub name: String,
    /// How many rows there are.
    pub rows: usize,
    /// Whether its rows are those that others are compared with, and it is compared with none.
    pub is_reference: bool,
    /// Whether there are too few rows, here or in the reference, for a verdict on the columns.
    pub too_few_rows: bool,
    /// What the columns have done, if they were compared.
    pub columns: Option<Drift>,
    /// What the scores have done, if they were compared and there are rows enough.
    pub scores: Option<ColumnDrift>,
}

impl DriftWindow {
    /// Whether a column or the scores have drifted.
    pub fn drifted(&self) -> bool {
        let scores = self.scores.as_ref().is_some_and(|it| it.verdict == Verdict::Drifted);
        scores || self.columns.as_ref().is_some_and(|it| it.drifted().next().is_some())
    }

    fn cells(&self) -> Vec<String> {
        let (mut drifted, mut most) = ("–".to_owned(), "–".to_owned());
        match &self.columns {
            _ if self.is_reference => drifted = "the reference".into(),
            _ if self.too_few_rows => drifted = "too few rows".into(),
            Some(drift) => {
                drifted = format!("{} of {}", drift.drifted().count(), drift.columns().len());
                let mut moved: Vec<&ColumnDrift> = drift.drifted().collect();
                moved.sort_by(|a, b| b.psi.value.total_cmp(&a.psi.value));
                let named = moved.iter().take(NAMED);
                let named: Vec<String> = named
                    .map(|it| format!("{} {:.2}", shortened(&it.name, 30), it.psi.value))
                    .collect();
                if !named.is_empty() {
                    most = named.join(", ");
                }
            }
            None => {}
        }
        let scores = match &self.scores {
            Some(scores) => format!("{} (PSI {:.2})", scores.verdict, scores.psi.value),
            None => "–".to_owned(),
        };
        vec![self.name.clone(), grouped(self.rows), drifted, most, scores]
    }
}

/// Whether rows, and a model's scores of them, look other than those of a reference, window after
/// window; no true class is needed.
///
/// ```
/// use picklebook::data::{mail_2002, spambase};
/// use picklebook::monitor::{DriftParams, Period};
///
/// let drift = DriftParams::new().over_time(&spambase(), &mail_2002(), Period::Month)?;
/// assert_eq!(drift.windows().len(), 7);
/// let october = drift.window("2002-10").expect("there was mail");
/// assert!(october.drifted());
/// # Ok::<(), picklebook::monitor::Error>(())
/// ```
#[derive(Clone, PartialEq)]
pub struct DriftHistory {
    windows: Vec<DriftWindow>,
    spans: Spans,
    params: DriftParams,
}

impl DriftParams {
    /// Compares the rows of each window with those of a reference, such as those that a model learned
    /// from.
    ///
    /// # Errors
    /// As [`drift`](Self::drift), and [`Error::Parameter`] for windows of no rows.
    pub fn over_time<'r>(
        &self,
        reference: impl Into<Features<'r>>,
        rows: &DatedDataset,
        windows: impl Into<Windows>,
    ) -> Result<DriftHistory, Error> {
        let reference = reference.into();
        if rows.rows() == 0 {
            return Err(Error::Empty { what: "rows" });
        }
        let spans = Spans::new(windows.into(), rows.dates())?;
        let mut history = DriftHistory::of_spans(self.clone(), spans);
        let places: Vec<Option<usize>> = (0..rows.rows()).map(Some).collect();
        history.compare_columns(0, reference, rows.data(), &places)?;
        Ok(history)
    }
}

impl DriftHistory {
    /// The windows, with nothing compared yet.
    pub(super) fn of_spans(params: DriftParams, spans: Spans) -> DriftHistory {
        let mut windows: Vec<DriftWindow> = spans
            .all
            .iter()
            .map(|span| DriftWindow {
                name: span.name.clone(),
                rows: 0,
                is_reference: false,
                too_few_rows: false,
                columns: None,
                scores: None,
            })
            .collect();
        for &place in &spans.of_rows {
            if let Some(window) = windows.get_mut(place) {
                window.rows += 1;
            }
        }
        DriftHistory { windows, spans, params }
    }

    /// How many windows from the first on have rows enough to compare others with, and these rows.
    /// `counts` says which rows can be compared.
    #[cfg(feature = "log")]
    pub(super) fn first_windows(&self, counts: impl Fn(usize) -> bool) -> (usize, Vec<usize>) {
        let mut by_window: Vec<Vec<usize>> = vec![Vec::new(); self.windows.len()];
        for (row, &place) in self.spans.of_rows.iter().enumerate().filter(|(row, _)| counts(*row)) {
            if let Some(rows) = by_window.get_mut(place) {
                rows.push(row);
            }
        }
        let (mut windows, mut reference) = (0, Vec::new());
        for rows in by_window {
            windows += 1;
            reference.extend(rows);
            if reference.len() >= self.params.min_rows.max(1) {
                break;
            }
        }
        (windows, reference)
    }

    /// Says that the rows of so many windows are what others are compared with.
    #[cfg(feature = "log")]
    pub(super) fn mark_reference(&mut self, windows: usize) {
        self.windows.iter_mut().take(windows).for_each(|window| window.is_reference = true);
    }

    /// Compares the columns of the windows from one on. `places` says where in the table each row is, if
    /// it is there.
    pub(super) fn compare_columns(
        &mut self,
        from: usize,
        reference: Features<'_>,
        table: &crate::data::Dataset,
        places: &[Option<usize>],
    ) -> Result<(), Error> {
        let of_row = |row: usize| places.get(row).copied().flatten();
        for (window, rows) in self.rows_of_windows(from, of_row) {
            let Some(window) = self.windows.get_mut(window) else { continue };
            window.too_few_rows = self.params.min_rows > rows.len().min(reference.shape().0);
            if !window.too_few_rows {
                let rows = table.select(&rows)?;
                window.columns = Some(self.params.drift(reference.reborrow(), &rows)?);
            }
        }
        Ok(())
    }

    /// Also compares scores: those of the reference's rows, such as the probabilities of one class, and
    /// one for each row of the windows.
    ///
    /// # Errors
    /// [`Error::Length`] unless there is a score for each row, and as [`DriftParams::scores`].
    ///
    /// ```
    /// use picklebook::monitor::{DriftParams, Verdict};
    /// use picklebook::prelude::*;
    ///
    /// let (before, mail) = (spambase(), mail_2002());
    /// let filter = DecisionTreeClassifier::params().max_depth(5).min_samples_leaf(5).fit(&before)?;
    /// let then = filter.predict_proba(&before)?.column(1).to_vec();
    /// let now = filter.predict_proba(&mail)?.column(1).to_vec();
    /// let drift = DriftParams::new().over_time(&before, &mail, 1000)?.with_scores(&then, &now)?;
    /// let scores = drift.windows()[0].scores.as_ref().expect("compared");
    /// assert_eq!(scores.verdict, Verdict::Moved);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn with_scores(mut self, reference: &[f64], scores: &[f64]) -> Result<Self, Error> {
        super::error::same_length("scores", self.spans.of_rows.len(), scores.len())?;
        let scores: Vec<Option<f64>> = scores.iter().copied().map(Some).collect();
        self.compare_scores(0, reference, &scores)?;
        Ok(self)
    }

    /// Compares the scores of the windows from one on, of the rows that have one.
    pub(super) fn compare_scores(
        &mut self,
        from: usize,
        reference: &[f64],
        scores: &[Option<f64>],
    ) -> Result<(), Error> {
        let of_row = |row: usize| scores.get(row).copied().flatten();
        for (window, rows) in self.rows_of_windows(from, of_row) {
            let Some(window) = self.windows.get_mut(window) else { continue };
            if self.params.min_rows <= rows.len().min(reference.len()) {
                window.scores = Some(self.params.scores(reference, &rows)?);
            }
        }
        Ok(())
    }

    /// What there is of the rows of each window from one on, where there is any.
    fn rows_of_windows<T>(
        &self,
        from: usize,
        of_row: impl Fn(usize) -> Option<T>,
    ) -> Vec<(usize, Vec<T>)> {
        let mut all: Vec<(usize, Vec<T>)> =
            (0..self.windows.len()).map(|place| (place, Vec::new())).collect();
        for (row, &place) in self.spans.of_rows.iter().enumerate() {
            if let (Some((_, rows)), Some(item)) = (all.get_mut(place), of_row(row)) {
                rows.push(item);
            }
        }
        all.retain(|(place, rows)| *place >= from && !rows.is_empty());
        all
    }

    /// The windows, the oldest first.
    pub fn windows(&self) -> &[DriftWindow] {
        &self.windows
    }

    /// The window of a name, such as `2002-10`.
    pub fn window(&self, name: &str) -> Option<&DriftWindow> {
        self.windows.iter().find(|window| window.name == name)
    }

    /// The windows in which a column or the scores have drifted.
    pub fn drifted(&self) -> impl Iterator<Item = &DriftWindow> + '_ {
        self.windows.iter().filter(|window| window.drifted())
    }

    pub(crate) fn caption(&self) -> String {
        let compared = self.windows.iter().filter(|it| !it.is_reference).count();
        format!(
            "drift in {} of {}; no verdict of fewer than {}",
            self.drifted().count(),
            count(compared, "window", "windows"),
            count(self.params.min_rows, "row", "rows"),
        )
    }

    pub(crate) fn header(&self) -> Vec<String> {
        [self.spans.of, "rows", "columns drifted", "most, by PSI", "scores"]
            .map(str::to_owned)
            .to_vec()
    }

    pub(crate) fn lines(&self) -> Vec<Vec<String>> {
        self.windows.iter().map(DriftWindow::cells).collect()
    }
}

impl fmt::Display for DriftHistory {
    /// A table of the windows.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows: Vec<Vec<String>> = [self.header()].into_iter().chain(self.lines()).collect();
        let sides = [Side::Left, Side::Right, Side::Left, Side::Left, Side::Left];
        write!(f, "{}\n{}", self.caption(), columns(&rows, &sides))
    }
}
