//! A reader's own rows, from a file of comma-separated values.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use super::records::{Records, table};
use super::{Dataset, Error, Labels};

/// Reads a file of comma-separated values with a header line; the column `target` becomes the
/// target, all others become features.
///
/// - Encoding UTF-8, with or without a byte order mark; lines end with LF or CRLF; blank lines
///   are skipped. Fields may be quoted (`"a ""quoted"" field"`), also over several
///   lines. Blanks at either end of a name, number or label are removed.
/// - Features are numbers as Rust and Python write them. An empty field and `nan` (in any case)
///   become NaN, a missing value. Infinities, numbers too large for 64 bits among them, are
///   refused.
/// - The target becomes booleans when each of its fields is `true`, `false`, `True` or `False`;
///   else integers, else floats when all fit; else text. Whole numbers that 64 bits, or a float
///   beside them, cannot hold exactly stay text. A missing label is an error.
/// - Every column needs a name, and no name comes twice. No record is longer than 16 MiB.
///
/// # Errors
/// [`Error`] names the file, and, where it can, the line (1 is the header) and the column.
///
/// ```
/// use picklebook::data;
///
/// let path = std::env::temp_dir().join(format!("picklebook-doc-{}.csv", std::process::id()));
/// std::fs::write(&path, "height,spam\n1.5,True\n,False\n")?;
/// let data = data::read_csv(&path, "spam")?;
/// assert_eq!(data.target(), &data::Labels::from(vec![true, false]));
/// assert!(data.features()[(1, 0)].is_nan());
/// # std::fs::remove_file(&path)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn read_csv(path: impl AsRef<Path>, target: &str) -> Result<Dataset, Error> {
    let path = path.as_ref();
    let file = File::open(path).map_err(|source| Error::Read { path: path.into(), source })?;
    parse(file, path, target)
}

/// Reads records from `input`; `path` is for the messages.
pub(super) fn parse(input: impl Read, path: &Path, target: &str) -> Result<Dataset, Error> {
    let mut records = Records::new(input, path)?;
    let target_column = records.column(target).ok_or_else(|| Error::NoTarget {
        path: path.into(),
        target: target.into(),
        columns: records.names_for_message(),
    })?;
    let mut feature_names = records.names().to_vec();
    let target_name = feature_names.remove(target_column);
    if feature_names.is_empty() {
        return Err(Error::NoFeatures { path: path.into(), target: target.into() });
    }
    let feature_columns: Vec<usize> =
        (0..=feature_names.len()).filter(|&column| column != target_column).collect();

    let (mut features, mut labels) = (Vec::new(), Vec::new());
    while records.next()? {
        records.numbers(&feature_columns, &mut features)?;
        let field = records.text(target_column)?;
        labels.push(label(field).map_err(|problem| records.field(target_column, problem))?);
    }
    if labels.is_empty() {
        return Err(Error::NoRows { path: path.into() });
    }
    let features = table(features, labels.len(), feature_names.len())?;
    Dataset::new(features, typed(labels), feature_names, target_name)
}

/// A target value, as it stands.
fn label(field: &str) -> Result<String, String> {
    match field.is_empty() || field.eq_ignore_ascii_case("nan") {
        true => Err("the target is missing; remove the row or fill in its label".into()),
        false => Ok(field.into()),
    }
}

/// The target column in the narrowest type that holds every label exactly.
fn typed(labels: Vec<String>) -> Labels {
    fn all<T>(labels: &[String], parse: impl Fn(&str) -> Option<T>) -> Option<Vec<T>> {
        labels.iter().map(|label| parse(label)).collect()
    }
    fn boolean(label: &str) -> Option<bool> {
        match label {
            "true" | "True" => Some(true),
            "false" | "False" => Some(false),
            _ => None,
        }
    }
    fn float(label: &str) -> Option<f64> {
        const EXACT: u64 = 1 << f64::MANTISSA_DIGITS;
        let whole = label.trim_start_matches(['+', '-']).bytes().all(|b| b.is_ascii_digit());
        let exact = || label.parse::<i64>().is_ok_and(|integer| integer.unsigned_abs() <= EXACT);
        label.parse().ok().filter(|float: &f64| float.is_finite() && (!whole || exact()))
    }
    if let Some(column) = all(&labels, boolean) {
        Labels::Booleans(column)
    } else if let Some(column) = all(&labels, |label| label.parse().ok()) {
        Labels::Integers(column)
    } else if let Some(column) = all(&labels, float) {
        Labels::Floats(column)
    } else {
        Labels::Text(labels)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_takes_the_narrowest_type_that_holds_it() {
        let columns: [(&[&str], Labels); 12] = [
            (&["true", "False"], vec![true, false].into()),
            (&["true", "TRUE"], ["true", "TRUE"].into()),
            (&["true", "0"], ["true", "0"].into()),
            (&["1", "-2", "+3", "007"], vec![1, -2, 3, 7].into()),
            (&["9223372036854775807"], vec![i64::MAX].into()),
            (&["9223372036854775808"], ["9223372036854775808"].into()),
            (&["1", "2.5", "-1e3"], vec![1.0, 2.5, -1000.0].into()),
            (&["9007199254740992", "0.5"], vec![9_007_199_254_740_992.0, 0.5].into()),
            (&["9007199254740993", "0.5"], ["9007199254740993", "0.5"].into()),
            (&["1", "inf"], ["1", "inf"].into()),
            (&["1", "1e999"], ["1", "1e999"].into()),
            (&["1", "one"], ["1", "one"].into()),
        ];
        for (fields, expected) in columns {
            let labels = fields.iter().map(|&field| field.to_owned()).collect();
            assert_eq!(typed(labels), expected, "{fields:?}");
        }
    }

    #[test]
    fn a_missing_label_is_refused_and_any_word_is_one() {
        for field in ["", "nan", "NaN", "NAN"] {
            assert!(label(field).is_err_and(|why| why.starts_with("the target is missing;")));
        }
        for field in ["NA", "null", "0", "-"] {
            assert_eq!(label(field).as_deref(), Ok(field));
        }
    }

    #[test]
    fn the_target_may_be_any_column() -> Result<(), Error> {
        let columns = [("a", ["b", "c"], [2.0, 3.0]), ("b", ["a", "c"], [1.0, 3.0])];
        for (target, names, features) in columns.into_iter().chain([("c", ["a", "b"], [1.0, 2.0])])
        {
            let data = parse(b"a,b,c\n1,2,3\n".as_slice(), Path::new("rows.csv"), target)?;
            assert_eq!((data.target_name(), data.target().len()), (target, 1));
            assert_eq!(data.feature_names(), names);
            assert_eq!(data.features().row(0).to_vec(), features);
        }
        Ok(())
    }
}
