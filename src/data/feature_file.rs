//! Rows to predict: the numbers in the columns of a file, a block of rows at a time.

use std::fs::File;
use std::path::Path;

use ndarray::Array2;

use super::Error;
use super::records::{Records, quoted, table};
use crate::text::cut;

/// The most numbers in a block: 8 MiB.
const NUMBERS: usize = 1 << 20;

/// The most rows in a block.
const ROWS: usize = 1 << 16;

/// Which columns of a file are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Columns<'a> {
    /// Those of these names, in this order.
    Named(&'a [String]),
    /// This many, and the file must have no others.
    Count(usize),
}

/// A file of comma-separated values, opened for the numbers in some of its columns.
///
/// Columns are found by name where the header has all the names that are wanted; the others, such
/// as a target, are not read and may hold anything. A file that has none of the names, but as many
/// columns as there are names, is read by position: see
/// [`by_position`](Self::by_position). Otherwise the rules are those of
/// [`read_csv`](super::read_csv). However long the file, only one block of it is in memory.
///
/// ```
/// use picklebook::data::{Columns, FeatureFile};
///
/// let path = std::env::temp_dir().join(format!("picklebook-rows-{}.csv", std::process::id()));
/// std::fs::write(&path, "who,width,height\nAnn,2.5,1\nBob,,3\n")?;
/// let wanted = ["height".to_owned(), "width".to_owned()];
/// let mut file = FeatureFile::open(&path, Columns::Named(&wanted))?;
/// let block = file.next_block()?.expect("it has rows");
/// assert_eq!(block.features().row(0).to_vec(), [1.0, 2.5]);
/// assert!(file.next_block()?.is_none());
/// # std::fs::remove_file(&path)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct FeatureFile {
    records: Records<File>,
    /// The place in the file of each column that is wanted.
    columns: Vec<usize>,
    by_position: bool,
    any_rows: bool,
}

/// Some rows of a [`FeatureFile`].
#[derive(Clone, PartialEq)]
pub struct FeatureBlock {
    features: Array2<f64>,
    lines: Vec<u64>,
}

impl FeatureFile {
    /// Opens a file, reads its header and finds the columns.
    ///
    /// # Errors
    /// [`Error::NoColumn`] where the file has some of the names, but not all; [`Error::Width`]
    /// where it has none of them, or none are known, and another number of columns; and what is
    /// wrong with the file or its header, as [`read_csv`](super::read_csv) says it.
    pub fn open(path: impl AsRef<Path>, wanted: Columns<'_>) -> Result<Self, Error> {
        let path = path.as_ref();
        let file = File::open(path).map_err(|source| Error::Read { path: path.into(), source })?;
        let records = Records::new(file, path)?;
        let named = match wanted {
            Columns::Named(names) => named(&records, names)?,
            Columns::Count(_) => None,
        };
        let by_position = named.is_none();
        let columns = match (named, wanted) {
            (Some(columns), _) => columns,
            (None, Columns::Named(names)) => all(&records, names.len(), &names.join(", "))?,
            (None, Columns::Count(count)) => all(&records, count, "")?,
        };
        Ok(FeatureFile { records, columns, by_position, any_rows: false })
    }

    /// Whether the columns were not found by their names: the first one in the file is the first
    /// one that is wanted, and so on.
    pub fn by_position(&self) -> bool {
        self.by_position
    }

    /// The names that the columns have in the file, in the order in which they are wanted.
    pub fn names(&self) -> Vec<String> {
        let names = self.records.names();
        self.columns.iter().filter_map(|&column| names.get(column).cloned()).collect()
    }

    /// Reads the next rows, about a million numbers, or `None` at the end.
    ///
    /// # Errors
    /// [`Error`] with line and column for what is not a table of numbers, and
    /// [`Error::NoRows`] for a file without any.
    pub fn next_block(&mut self) -> Result<Option<FeatureBlock>, Error> {
        let most = (NUMBERS / self.columns.len().max(1)).clamp(1, ROWS);
        let (mut numbers, mut lines) = (Vec::new(), Vec::new());
        while lines.len() < most && self.records.next()? {
            self.records.numbers(&self.columns, &mut numbers)?;
            lines.push(self.records.line());
        }
        match (lines.is_empty(), self.any_rows) {
            (true, true) => Ok(None),
            (true, false) => Err(Error::NoRows { path: self.records.path().into() }),
            (false, _) => {
                self.any_rows = true;
                let features = table(numbers, lines.len(), self.columns.len())?;
                Ok(Some(FeatureBlock { features, lines }))
            }
        }
    }
}

impl FeatureBlock {
    /// The numbers: rows × columns, NaN where a value is missing.
    pub fn features(&self) -> &Array2<f64> {
        &self.features
    }

    /// The line of the file on which each row starts; 1 is the header.
    pub fn lines(&self) -> &[u64] {
        &self.lines
    }
}

/// The places of the columns of these names, or `None` if the file has not one of them.
fn named(records: &Records<File>, names: &[String]) -> Result<Option<Vec<usize>>, Error> {
    let places: Vec<Option<usize>> = names.iter().map(|name| records.column(name)).collect();
    if places.iter().all(Option::is_none) {
        return Ok(None);
    }
    let missing = |(name, place): (&String, &Option<usize>)| match place {
        Some(_) => None,
        None => Some(quoted(name)),
    };
    let missing: Vec<String> = names.iter().zip(&places).filter_map(missing).collect();
    match missing.is_empty() {
        true => Ok(Some(places.into_iter().flatten().collect())),
        false => Err(Error::NoColumn {
            path: records.path().into(),
            missing: cut(&missing.join(", "), 400).into_owned(),
            columns: records.names_for_message(),
        }),
    }
}

/// All columns, if they are as many as are wanted.
fn all(records: &Records<File>, expected: usize, wanted: &str) -> Result<Vec<usize>, Error> {
    match records.names().len() {
        found if found == expected => Ok((0..expected).collect()),
        found => Err(Error::Width {
            path: records.path().into(),
            expected,
            found,
            wanted: cut(wanted, 400).into_owned(),
            columns: records.names_for_message(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The places of the columns that are found under a header, and whether by position; or the
    /// start of the message that refuses them.
    fn found(header: &str, wanted: Columns<'_>) -> Result<(Vec<usize>, bool), String> {
        let file = tempfile::NamedTempFile::new().expect("a file");
        std::fs::write(file.path(), format!("{header}\n")).expect("written");
        match FeatureFile::open(file.path(), wanted) {
            Ok(file) => Ok((file.columns, file.by_position)),
            Err(error) => Err(error.to_string().split_once("header: ").expect("placed").1.into()),
        }
    }

    #[test]
    fn columns_are_found_by_name_before_they_are_taken_by_position() {
        let names = ["x".to_owned(), "y".to_owned()];
        let (named, two) = (Columns::Named(&names), Columns::Count(2));
        for (header, wanted, expected) in [
            ("x,y", named, (vec![0, 1], false)),
            ("y,x", named, (vec![1, 0], false)),
            ("who,y,when,x", named, (vec![3, 1], false)),
            ("a,b", named, (vec![0, 1], true)),
            ("a,b", two, (vec![0, 1], true)),
        ] {
            assert_eq!(found(header, wanted), Ok(expected), "{header}");
        }
        for (header, wanted, start) in [
            ("x,z", named, "no column is named \"y\";"),
            ("a,y,b", named, "no column is named \"x\";"),
            ("a,b,c", named, "the file has 3 columns (a, b, c) where 2 are needed (x, y);"),
            ("a", two, "the file has 1 columns (a) where 2 are needed;"),
        ] {
            let refused = found(header, wanted).expect_err("refused");
            assert!(refused.starts_with(start), "{header}: {refused}");
        }
    }
}
