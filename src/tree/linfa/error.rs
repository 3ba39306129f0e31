//! What can go wrong with linfa-trees' tree alone.

use crate::tree::Error;

/// Why linfa-trees could not grow a tree, or not take one over; it comes as an
/// [`Error::Library`].
///
/// ```
/// use ndarray::array;
/// use picklebook::data::{Dataset, Labels};
/// use picklebook::tree::{Error, LinfaError, LinfaTree};
///
/// let features = array![[1.5e308], [1.7e308]];
/// let rows = Dataset::new(features, Labels::from(["L", "R"]), vec!["weight".into()], "side")?;
/// let error = match LinfaTree::params().fit(&rows) {
///     Err(Error::Library(error)) => error,
///     other => panic!("not expected: {other:?}"),
/// };
/// assert!(matches!(error.downcast_ref(), Some(LinfaError::NoThreshold { .. })));
/// # Ok::<(), picklebook::data::Error>(())
/// ```
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum LinfaError {
    /// Two neighbouring values have no float in the middle that lies between them.
    #[error(
        "column {column:?} holds {lower:?} and {upper:?}, and linfa-trees finds no threshold between them: scale the column, or round it"
    )]
    NoThreshold {
        /// The column's name.
        column: String,
        /// The lower value.
        lower: f64,
        /// The upper value.
        upper: f64,
    },
    /// More rows than linfa-trees can count.
    #[error("{rows} rows are more than the {most} that linfa-trees can count: use fewer")]
    TooManyRows {
        /// How many rows there are.
        rows: usize,
        /// How many there may be.
        most: usize,
    },
    /// A conversion to or from linfa-trees' tree would change predictions.
    #[error("the tree cannot be converted: {problem}")]
    Convert {
        /// What the other side cannot hold.
        problem: String,
    },
    /// An error of linfa's.
    #[error(transparent)]
    Linfa(#[from] linfa::Error),
}

crate::text::message_as_debug!(LinfaError);

impl From<LinfaError> for Error {
    fn from(error: LinfaError) -> Self {
        Error::Library(Box::new(error))
    }
}

/// linfa's own traits call for it.
impl From<linfa::Error> for Error {
    fn from(error: linfa::Error) -> Self {
        LinfaError::from(error).into()
    }
}
