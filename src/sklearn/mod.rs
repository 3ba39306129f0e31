//! scikit-learn's models, both ways: opened in Rust, and written so that Python opens them.
//!
//! [`open`] reads a file that `pickle.dump` or `joblib.dump` wrote in Python, and gives an
//! [`Estimator`], which answers as it did there, bit by bit. [`save`] writes a model that was fitted
//! here, such as a tree, a naive Bayes model, a vectorizer, a scaler, or a pipeline of them, as Python's
//! own object, and any estimator that was opened with [`LoadOptions::keep`] back again; [`convert`]
//! writes a file for another version.
//!
//! ```
//! use picklebook::prelude::*;
//! use picklebook::sklearn;
//!
//! let data = balance_scale();
//! let tree = DecisionTreeClassifier::params().max_depth(3).fit(&data)?;
//! let file = sklearn::dumps(&tree)?; // what Python's pickle.loads takes
//! let estimator = sklearn::loads(&file)?;
//! assert_eq!(estimator.class(), "sklearn.tree._classes.DecisionTreeClassifier");
//! assert_eq!(estimator.predict(&data)?, tree.predict(&data)?);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Nothing in a file is ever imported or called. A file is inspected first, as
//! [`inspect`](mod@crate::inspect) does: names that no file of a model needs are an
//! [`Error::UnknownNames`], unless [`LoadOptions::allow_unknown`] says otherwise. Each class is read by a function that knows what
//! scikit-learn wrote in each version; a class or a parameter that none knows is an
//! [`Error::Unsupported`] with its name. What was read is checked before it predicts: a tree whose
//! nodes point nowhere, or in a circle, is an error with the node's number.
//!
//! Sources: the `__getstate__`, `__setstate__` and `__reduce__` of scikit-learn's classes, from 0.22
//! to 1.9, and the files that these versions write.

mod ada_boost;
mod bayes;
mod boosting;
mod changes;
mod cluster;
mod convert;
mod decomposition;
mod describe;
mod dictionaries;
mod distributions;
mod dummy;
mod error;
mod estimator;
mod forest;
mod hist_boosting;
mod isolation_forest;
mod linear;
mod losses;
mod meta;
mod neighbours;
mod neural;
mod objects;
mod options;
mod pandas;
mod pipeline;
mod preprocessing;
mod read;
mod registry;
mod scipy;
mod selection;
mod svm;
mod tree;
mod vectorizers;
mod version;
mod write;

use std::io::{Read, Write};
use std::path::Path;

pub use convert::{convert, convert_with};
pub use error::Error;
pub use estimator::Estimator;
pub use options::{DumpOptions, LoadOptions};
pub use scipy::sparse_rows;
pub(crate) use tree::pack;
pub use write::ToSklearn;

/// A version of scikit-learn, as models name the one that fitted them.
pub use crate::model::SklearnVersion as Version;

use crate::data::Frame;
use crate::inspect::{self, Verdict};
use crate::pickle::{self, Value};
use crate::text::shortened;
use write::Writer;

/// Opens a file that scikit-learn's models were saved in, by `pickle.dump` or `joblib.dump`.
///
/// A large file is read apart from the bytes of its arrays, which become the model's own one after the
/// other: the file never is in memory as a whole. The trees of large forests are read on as many threads
/// as the machine runs at once, at most eight; what comes out does not depend on that.
///
/// # Errors
/// [`Error::Pickle`] with the path if the file cannot be read or is no pickle; [`Error::InFile`] with
/// the path and, within, [`Error::UnknownNames`] if it names code that no file of a model needs,
/// [`Error::NoEstimator`] if it holds something else, [`Error::Several`] if the
/// estimator is inside of others: [`open_all`] and [`LoadOptions::object`] find it,
/// [`Error::Unsupported`] for a class that is not read here, and [`Error::Attribute`] or
/// [`Error::Model`] for what is not whole.
pub fn open(path: impl AsRef<Path>) -> Result<Estimator, Error> {
    open_with(path, &LoadOptions::new())
}

/// Opens a file as the options say.
///
/// # Errors
/// As [`open`], and [`Error::NoObject`] if there is nothing at the path of the options.
pub fn open_with(path: impl AsRef<Path>, options: &LoadOptions) -> Result<Estimator, Error> {
    opened(path.as_ref(), options, estimator)
}

/// Opens all estimators of a file that holds several, in dictionaries, lists or tuples: each with its
/// path, as in `['model']`. What else is there is left out.
///
/// # Errors
/// As [`open`], when one of them cannot be read: [`LoadOptions::object`] opens the others.
///
/// ```
/// use picklebook::prelude::*;
/// use picklebook::sklearn;
///
/// let data = balance_scale();
/// let tree = DecisionTreeClassifier::params().max_depth(3).fit(&data)?;
/// let model: pickle::Value = pickle::loads(&sklearn::dumps(&tree)?)?;
/// let b = pickle::Builder::new();
/// let both = b.attributes([("model", b.value(&model)?), ("threshold", b.float(0.5))])?;
/// let file = b.dumps(both, &pickle::DumpOptions::new())?;
///
/// let found = sklearn::loads_all(&file)?;
/// assert_eq!(found[0].0, "['model']");
/// let error = sklearn::loads(&file).expect_err("a dictionary").to_string();
/// assert!(error.contains("name one of its estimators: ['model'] (DecisionTreeClassifier)"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn open_all(path: impl AsRef<Path>) -> Result<Vec<(String, Estimator)>, Error> {
    open_all_with(path, &LoadOptions::new())
}

/// Opens all estimators of a file as the options say.
///
/// # Errors
/// As [`open_all`].
pub fn open_all_with(
    path: impl AsRef<Path>,
    options: &LoadOptions,
) -> Result<Vec<(String, Estimator)>, Error> {
    opened(path.as_ref(), options, all)
}

/// Reads an estimator from the file that a reader holds, to its end.
///
/// # Errors
/// As [`loads`], and when the reader fails.
pub fn load(reader: impl Read) -> Result<Estimator, Error> {
    load_with(reader, &LoadOptions::new())
}

/// Reads an estimator as the options say.
///
/// # Errors
/// As [`load`].
pub fn load_with(reader: impl Read, options: &LoadOptions) -> Result<Estimator, Error> {
    estimator(&pickle::load_unpacked(reader, &options.limits)?, options)
}

/// Reads an estimator from the bytes of a file.
///
/// # Errors
/// As [`open`], without a path.
pub fn loads(bytes: &[u8]) -> Result<Estimator, Error> {
    loads_with(bytes, &LoadOptions::new())
}

/// Reads an estimator from the bytes of a file, as the options say.
///
/// # Errors
/// As [`loads`].
pub fn loads_with(bytes: &[u8], options: &LoadOptions) -> Result<Estimator, Error> {
    estimator(&value_of(bytes, options)?, options)
}

/// Reads all estimators from the bytes of a file.
///
/// # Errors
/// As [`open_all`], without a path.
pub fn loads_all(bytes: &[u8]) -> Result<Vec<(String, Estimator)>, Error> {
    loads_all_with(bytes, &LoadOptions::new())
}

/// Reads all estimators from the bytes of a file, as the options say.
///
/// # Errors
/// As [`loads_all`].
pub fn loads_all_with(
    bytes: &[u8],
    options: &LoadOptions,
) -> Result<Vec<(String, Estimator)>, Error> {
    all(&value_of(bytes, options)?, options)
}

/// What is read of a file, without the compression that joblib put on.
fn opened<T>(
    path: &Path,
    options: &LoadOptions,
    read: impl Fn(&Value, &LoadOptions) -> Result<T, Error>,
) -> Result<T, Error> {
    // What is kept must not depend on the file. Where something is wrong, the whole of it tells what.
    if !options.keep
        && let Some(file) = pickle::open_apart(path, &options.limits, &pack)
        && let Ok(found) = read(&file.value, options)
        && file.is_sound()
    {
        return Ok(found);
    }
    let value = pickle::open_unpacked(path, &options.limits)?;
    read(&value, options).map_err(|error| error.in_file(path))
}

/// What the bytes of a file hold, without the compression that joblib put on.
fn value_of(bytes: &[u8], options: &LoadOptions) -> Result<Value, Error> {
    Ok(pickle::loads_unpacked(bytes, &options.limits)?)
}

/// Whether there is an estimator, or something that holds some.
pub(crate) fn holds_estimator(root: &Value) -> bool {
    !objects::estimators(root).is_empty()
}

/// How many of the names that are not known a message holds, and how much of each.
const MOST_REASONS: usize = 3;
const LONGEST_REASON: usize = 200;

/// Whether all that a file would import in Python is what files of models need, or the options say
/// that it need not be.
fn inspected(root: &Value, options: &LoadOptions) -> Result<(), Error> {
    if options.allow_unknown {
        return Ok(());
    }
    let report = inspect::value(root);
    let verdict = match report.verdict {
        Verdict::DataOnly | Verdict::KnownModel => return Ok(()),
        Verdict::UnknownCode => "unknown code",
        Verdict::Dangerous => "dangerous code",
    };
    let all = report.reasons();
    let shown = all.iter().take(MOST_REASONS).map(|reason| shortened(reason, LONGEST_REASON));
    let mut reasons = shown.collect::<Vec<_>>().join("; ");
    if all.len() > MOST_REASONS {
        reasons += &format!("; and {} more", all.len() - MOST_REASONS);
    }
    Err(Error::UnknownNames { verdict, reasons })
}

/// The estimator that the options name.
pub(crate) fn estimator(root: &Value, options: &LoadOptions) -> Result<Estimator, Error> {
    inspected(root, options)?;
    if let Some(path) = &options.object {
        let value = objects::follow(root, path)?;
        return Ok(Estimator::from_value(&value)?.keeping(&value, options.keep));
    }
    let found = objects::estimators(root);
    match found.first() {
        Some((path, value)) if path.is_empty() => {
            Ok(Estimator::from_value(value)?.keeping(value, options.keep))
        }
        Some(_) => {
            Err(Error::Several { found: read::described(root), paths: objects::paths(&found) })
        }
        None => Err(Error::NoEstimator { found: read::described(root) }),
    }
}

fn all(root: &Value, options: &LoadOptions) -> Result<Vec<(String, Estimator)>, Error> {
    inspected(root, options)?;
    let found = objects::estimators(root);
    if found.is_empty() {
        return Err(Error::NoEstimator { found: read::described(root) });
    }
    let estimator = |(path, value): (String, Value)| {
        Ok((path, Estimator::from_value(&value)?.keeping(&value, options.keep)))
    };
    found.into_iter().map(estimator).collect()
}

/// Opens a table of pandas from a file that `pickle.dump`, `joblib.dump` or `to_pickle` wrote: a
/// `DataFrame`, a `Series` or an `Index` of text or numbers, of pandas 0.25 to 3.
///
/// Columns of categories become words or numbers, and missing values NaN or `None`. The labels of
/// the rows are left out.
///
/// # Errors
/// As [`open`], with [`Error::NoTable`] if it holds something else, and [`Error::Table`] for a table
/// with columns that are neither numbers nor words.
pub fn open_table(path: impl AsRef<Path>) -> Result<Frame, Error> {
    open_table_with(path, &LoadOptions::new())
}

/// Opens a table of pandas as the options say, also one that is inside of something else.
///
/// # Errors
/// As [`open_table`], and [`Error::NoObject`] if there is nothing at the path of the options.
pub fn open_table_with(path: impl AsRef<Path>, options: &LoadOptions) -> Result<Frame, Error> {
    opened(path.as_ref(), options, table)
}

/// Reads a table of pandas from the bytes of a file.
///
/// # Errors
/// As [`open_table`].
///
/// ```
/// use picklebook::{pickle, sklearn};
///
/// let error = sklearn::loads_table(&pickle::dumps("spam")?).expect_err("a text");
/// assert!(matches!(error, sklearn::Error::NoTable { .. }));
/// # Ok::<(), pickle::Error>(())
/// ```
pub fn loads_table(bytes: &[u8]) -> Result<Frame, Error> {
    loads_table_with(bytes, &LoadOptions::new())
}

/// Reads a table of pandas from the bytes of a file, as the options say.
///
/// # Errors
/// As [`open_table_with`].
pub fn loads_table_with(bytes: &[u8], options: &LoadOptions) -> Result<Frame, Error> {
    table(&value_of(bytes, options)?, options)
}

fn table(root: &Value, options: &LoadOptions) -> Result<Frame, Error> {
    inspected(root, options)?;
    let value = match &options.object {
        Some(path) => objects::follow(root, path)?,
        None => root.clone(),
    };
    let none = || Err(Error::NoTable { found: read::described(&value) });
    pandas::read(&value).unwrap_or_else(none)
}

/// Writes a model into a file that Python opens as scikit-learn's own, with `pickle.load` or
/// `joblib.load`. The file is written whole or not at all.
///
/// # Errors
/// [`Error::Pickle`] with the path if the file cannot be written, [`Error::Unwritable`] for a model
/// that scikit-learn cannot hold.
pub fn save<M: ToSklearn + ?Sized>(model: &M, path: impl AsRef<Path>) -> Result<(), Error> {
    save_with(model, path, &DumpOptions::new())
}

/// Writes a model into a file, as the options say, and as [`save`] does.
///
/// # Errors
/// As [`save`].
pub fn save_with<M: ToSklearn + ?Sized>(
    model: &M,
    path: impl AsRef<Path>,
    options: &DumpOptions,
) -> Result<(), Error> {
    if let Some(bytes) = converted(model, options)? {
        let path = path.as_ref();
        let saved = crate::files::write_bytes(path, &bytes);
        return Ok(saved.map_err(|error| pickle::Error::file("write", path, error))?);
    }
    let (writer, root) = written(model, options)?;
    if options.compression.is_none() {
        return Ok(writer.builder.save(root, path, &options.pickle())?);
    }
    let bytes = options.packed(writer.builder.dumps(root, &options.pickle())?)?;
    let path = path.as_ref();
    let saved = crate::files::write_bytes(path, &bytes);
    Ok(saved.map_err(|error| pickle::Error::file("write", path, error))?)
}

/// Writes the pickle of a model, as the options say.
///
/// # Errors
/// As [`dumps`], and when the writer fails.
pub fn dump_with<M: ToSklearn + ?Sized>(
    model: &M,
    writer: impl Write,
    options: &DumpOptions,
) -> Result<(), Error> {
    let mut writer = writer;
    if let Some(bytes) = converted(model, options)? {
        return Ok(writer.write_all(&bytes).map_err(pickle::Error::writing)?);
    }
    let (made, root) = written(model, options)?;
    if options.compression.is_none() {
        return Ok(made.builder.dump(root, writer, &options.pickle())?);
    }
    let bytes = options.packed(made.builder.dumps(root, &options.pickle())?)?;
    Ok(writer.write_all(&bytes).map_err(pickle::Error::writing)?)
}

/// The pickle of a model for Python's `pickle.loads`, as bytes.
///
/// # Errors
/// [`Error::Unwritable`] for a model that scikit-learn cannot hold.
///
/// ```
/// use picklebook::prelude::*;
/// use picklebook::sklearn;
///
/// let tree = DecisionTreeClassifier::params().max_depth(3).fit(&balance_scale())?;
/// let bytes = sklearn::dumps(&tree)?;
/// let value: pickle::Value = pickle::loads(&bytes)?;
/// assert!(value.to_string().starts_with("sklearn.tree._classes.DecisionTreeClassifier() {"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn dumps<M: ToSklearn + ?Sized>(model: &M) -> Result<Vec<u8>, Error> {
    dumps_with(model, &DumpOptions::new())
}

/// The pickle of a model, as the options say.
///
/// # Errors
/// As [`dumps`].
pub fn dumps_with<M: ToSklearn + ?Sized>(
    model: &M,
    options: &DumpOptions,
) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    dump_with(model, &mut bytes, options)?;
    Ok(bytes)
}

/// The file of a model for a version that it is converted for; `None` where it is written as it is.
fn converted<M: ToSklearn + ?Sized>(
    model: &M,
    options: &DumpOptions,
) -> Result<Option<Vec<u8>>, Error> {
    options.check()?;
    let minor = |version: Version| (version.numbers().0, version.numbers().1);
    if !model.is_converted() || minor(options.version) == minor(Version::LATEST) {
        return Ok(None);
    }
    convert(&dumps(model)?, options).map(Some)
}

/// The objects of a model, and the one at the top.
fn written<'a, M: ToSklearn + ?Sized>(
    model: &M,
    options: &DumpOptions,
) -> Result<(Writer<'a>, pickle::Handle), Error> {
    options.check()?;
    if let Some(value) = model.kept() {
        return convert::copied(value, options);
    }
    let writer = Writer::new(options);
    let root = model.write(&writer)?;
    Ok((writer, root))
}
