//! scikit-learn's models: opened in Rust, and written so that Python opens them.

mod error;
mod options;
mod tree;
mod version;
mod write;

use std::io::Write;
use std::path::Path;

pub use error::Error;
pub use options::DumpOptions;
pub use version::Version;
pub use write::ToSklearn;

use crate::pickle;
use write::Writer;

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
    let (writer, root) = written(model, options)?;
    Ok(writer.builder.save(root, path, &options.pickle())?)
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
    let (made, root) = written(model, options)?;
    Ok(made.builder.dump(root, writer, &options.pickle())?)
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

/// The objects of a model, and the one at the top.
fn written<'a, M: ToSklearn + ?Sized>(
    model: &M,
    options: &DumpOptions,
) -> Result<(Writer<'a>, pickle::Handle), Error> {
    if options.version < Version::OLDEST_WRITTEN {
        return Err(Error::Version { found: options.version.to_string() });
    }
    let writer = Writer::new(options.version);
    let root = model.write(&writer)?;
    Ok((writer, root))
}
