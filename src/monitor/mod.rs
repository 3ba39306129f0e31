//! Whether a model is still good: over time, on new data, and against another model.
//!
//! A [`History`] says how good predictions were, window after window of days or rows, with intervals
//! that say how much the rows of a window can tell. [`drift`] says whether rows or scores look other
//! than those that a model learned from, before their true classes are known; [`Adwin`] and
//! [`PageHinkley`] watch a stream of errors for a change. [`compare`] holds two models against each
//! other on the same rows, and [`retrain`] fits a challenger that takes the champion's place only where
//! it is better.
//!
//! ```
//! use picklebook::data::{mail_2002, spambase};
//! use picklebook::monitor::{self, History, Period};
//! use picklebook::prelude::*;
//!
//! let filter = DecisionTreeClassifier::params().max_depth(5).min_samples_leaf(5).fit(&spambase())?;
//! let mail = mail_2002();
//! let predicted = filter.predict(&mail)?;
//! let history = History::of_dates(mail.target(), &predicted, "spam", mail.dates(), Period::Month)?;
//! let october = history.window("2002-10").expect("there was mail in October");
//! // 1 % of it was spam: the accuracy says little about how much of that is found
//! assert_eq!((october.rows(), october.positives()), (740, 6));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Every figure stands with the number of rows it is of, and few rows raise no alarm: see
//! [`Limits::min_rows`] and [`DriftParams::min_rows`].

mod adwin;
mod compare;
mod drift;
mod drift_history;
mod error;
mod history;
mod kolmogorov;
mod limits;
#[cfg(feature = "log")]
pub mod log;
mod page_hinkley;
mod psi;
mod rate;
#[cfg(feature = "registry")]
pub mod registry;
#[cfg(feature = "log")]
mod report;
mod retrain;
mod two_samples;
mod windows;

pub use adwin::Adwin;
pub use compare::{Comparison, McNemar, Method, compare};
pub use drift::{ColumnDrift, Drift, DriftParams, Verdict, drift, drift_of_scores};
pub use drift_history::{DriftHistory, DriftWindow};
pub use error::Error;
pub use history::{History, Period, Recent, Window};
pub use limits::{Alarm, Alarms, Limits, Measure};
pub use page_hinkley::{Mode, PageHinkley};
pub use psi::{Psi, psi};
pub use rate::{Interval, Rate};
#[cfg(feature = "log")]
pub use report::{Change, Compared, Detector, ModelReport, Report, ReportParams, VersionFigures};
pub use retrain::{Decision, Retrained, Retraining, retrain};
pub use two_samples::{KolmogorovSmirnov, ks_2samp};
pub use windows::Windows;
