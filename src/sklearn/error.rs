//! What can go wrong with scikit-learn's files.

use std::path::{Path, PathBuf};

use crate::{model, pickle};

/// Why a file of scikit-learn's could not be read or written.
///
/// ```
/// use picklebook::{pickle, sklearn};
///
/// let error = sklearn::loads(&pickle::dumps("spam")?);
/// assert!(matches!(error, Err(sklearn::Error::NoEstimator { .. })));
/// # Ok::<(), pickle::Error>(())
/// ```
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The file cannot be read or written, or is no sound pickle.
    #[error(transparent)]
    Pickle(#[from] pickle::Error),
    /// What is wrong with the content of a file.
    #[error("{}: {source}", path.display())]
    InFile {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: Box<Error>,
    },
    /// The file names code that no file of a model needs.
    #[error(
        "the file holds {verdict}, which loading it in Python would run: {reasons}; nothing of it was \
         run here. See all of it with `picklebook inspect`; to read the models in it all the same, \
         say so: --allow-unknown, or LoadOptions::allow_unknown"
    )]
    UnknownNames {
        /// What it comes to: unknown code, or dangerous code.
        verdict: &'static str,
        /// What was found, and where.
        reasons: String,
    },
    /// The pickle is sound, and holds something else.
    #[error(
        "the pickle holds no estimator of scikit-learn; it holds {found}: see all of it with \
         `picklebook show`"
    )]
    NoEstimator {
        /// What it holds.
        found: String,
    },
    /// The file holds several objects, or one inside of others.
    #[error("the file holds {found}; name one of its estimators: {paths}")]
    Several {
        /// What is at the top of the file.
        found: String,
        /// The paths of the estimators, as in `['model']`.
        paths: String,
    },
    /// There is nothing at a path in the file.
    #[error("there is no object {path} in the file: {problem}")]
    NoObject {
        /// The path, as in `['model']`.
        path: String,
        /// Where it leads.
        problem: String,
    },
    /// A class, or something about it, that this version of picklebook does not read.
    #[error("{class} of scikit-learn {version} is not supported: {problem}")]
    Unsupported {
        /// The class, with its module.
        class: String,
        /// The version that wrote it, or "of unknown version".
        version: String,
        /// What is not supported, and what to do.
        problem: String,
    },
    /// Something in the state of an object is missing, or is not what its class has there.
    #[error("{class} of scikit-learn {version}: {attribute}: {problem}")]
    Attribute {
        /// The class.
        class: String,
        /// The version that wrote it.
        version: String,
        /// The attribute.
        attribute: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The parts are all there, but do not make a model that can be used.
    #[error("{class} of scikit-learn {version}: {source}")]
    Model {
        /// The class.
        class: String,
        /// The version that wrote it.
        version: String,
        /// What is wrong.
        source: Box<model::Error>,
    },
    /// A table of pandas that cannot be read.
    #[error("a {class} of pandas: {problem}")]
    Table {
        /// The class: `DataFrame`, `Series` or `Index`.
        class: String,
        /// What is wrong.
        problem: String,
    },
    /// There is no table at the top of the file, or where the options say.
    #[error("the pickle holds no table of pandas there; it holds {found}: name a table's path")]
    NoTable {
        /// What it holds.
        found: String,
    },
    /// What is no sparse matrix of SciPy's that is whole.
    #[error("this is no sparse matrix of SciPy's that can be read: {problem}")]
    Sparse {
        /// What is wrong with it.
        problem: String,
    },
    /// What is no version of scikit-learn, or none that is known here.
    #[error(
        "{found:?} is not a version of scikit-learn that is known here; write 1.9.1, for example"
    )]
    Version {
        /// The text.
        found: String,
    },
    /// A file that cannot be compressed as the options say.
    #[error("{0}")]
    Compression(crate::container::Error),
    /// A model that cannot be written so that scikit-learn would understand it.
    #[error("{class} cannot be written for scikit-learn {version}: {problem}")]
    Unwritable {
        /// The class.
        class: String,
        /// The version to write for.
        version: String,
        /// What is in the way, and what to do.
        problem: String,
    },
}

crate::text::message_as_debug!(Error);

impl Error {
    pub(crate) fn in_file(self, path: &Path) -> Error {
        match self {
            // These name the file already.
            Error::Pickle(source) => Error::Pickle(source.in_file(path)),
            source => Error::InFile { path: path.into(), source: Box::new(source) },
        }
    }
}
