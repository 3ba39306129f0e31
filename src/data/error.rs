//! What can be wrong with data.

/// Why rows could not be read, put together or split.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Features, target and names do not describe the same table.
    #[error(
        "{what}: expected {expected}, found {found}; every row needs one target, every column one name"
    )]
    Shape {
        /// What was counted.
        what: &'static str,
        /// How many the features call for.
        expected: usize,
        /// How many there are.
        found: usize,
    },
    /// A row was asked for that does not exist.
    #[error("row {row} was asked for, but there are {rows} rows (the first is row 0)")]
    Row {
        /// The index asked for.
        row: usize,
        /// How many rows there are.
        rows: usize,
    },
}
