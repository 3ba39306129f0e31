//! How models are read and written.

use super::{Error, Version};
use crate::container::Compression;
use crate::pickle::{self, Limits};

/// How a file is read: which of its objects, and how much it may ask for.
///
/// ```
/// use picklebook::sklearn::{self, LoadOptions};
///
/// let options = LoadOptions::new().object("['model']");
/// let error = sklearn::loads_with(b"}.", &options).expect_err("an empty dictionary");
/// assert!(error.to_string().contains("there is no object ['model'] in the file"));
/// ```
#[derive(Debug, Clone, Default)]
#[must_use]
pub struct LoadOptions {
    pub(super) object: Option<String>,
    pub(super) limits: Limits,
    pub(super) allow_unknown: bool,
    pub(super) keep: bool,
}

impl LoadOptions {
    /// The object at the top of the file, within the usual limits.
    pub fn new() -> LoadOptions {
        LoadOptions::default()
    }

    /// The path of an object in a file that holds several, as in `['model']` or `[0]`.
    pub fn object(mut self, path: impl Into<String>) -> LoadOptions {
        self.object = Some(path.into());
        self
    }

    /// Whether to read files with names in them that no file of a model needs: by default they are
    /// refused, as [`inspect`](crate::inspect) judges them. Nothing in a file is ever run, whatever
    /// this says; what an unknown class means is not known, and its objects are left aside.
    pub fn allow_unknown(mut self, allow: bool) -> LoadOptions {
        self.allow_unknown = allow;
        self
    }

    /// Whether an [`Estimator`](super::Estimator) keeps what its file holds beside the model, so that
    /// [`save`](super::save) writes it back, for the same version of scikit-learn or for another. It
    /// takes the memory of the file, and by default it is let go.
    ///
    /// ```
    /// use picklebook::prelude::*;
    /// use picklebook::sklearn::{self, DumpOptions, LoadOptions};
    ///
    /// let data = balance_scale();
    /// let tree = DecisionTreeClassifier::params().max_depth(3).fit(&data)?;
    /// let file = sklearn::dumps(&tree)?;
    /// let estimator = sklearn::loads_with(&file, &LoadOptions::new().keep(true))?;
    /// let older = DumpOptions::new().version("1.2.2".parse()?);
    /// let written = sklearn::loads(&sklearn::dumps_with(&estimator, &older)?)?;
    /// assert_eq!(written.version(), Some("1.2.2".parse()?));
    /// assert_eq!(written.predict(&data)?, tree.predict(&data)?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn keep(mut self, keep: bool) -> LoadOptions {
        self.keep = keep;
        self
    }

    /// How much the pickle may ask for.
    pub fn limits(mut self, limits: Limits) -> LoadOptions {
        self.limits = limits;
        self
    }
}

/// How a model is written: for which version of scikit-learn, and as what kind of file.
///
/// ```
/// use picklebook::prelude::*;
/// use picklebook::sklearn::{self, DumpOptions};
///
/// let tree = DecisionTreeClassifier::params().max_depth(3).fit(&balance_scale())?;
/// let options = DumpOptions::new().version("1.2.2".parse()?).protocol(5);
/// let bytes = sklearn::dumps_with(&tree, &options)?;
/// assert!(bytes.starts_with(b"\x80\x05"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Copy)]
#[must_use]
pub struct DumpOptions {
    pub(super) version: Version,
    pub(super) protocol: u8,
    pub(super) is_joblib: bool,
    pub(super) is_aligned: bool,
    pub(super) compression: Option<(Compression, u32)>,
}

impl Default for DumpOptions {
    fn default() -> Self {
        DumpOptions {
            version: Version::LATEST,
            protocol: 4,
            is_joblib: false,
            is_aligned: true,
            compression: None,
        }
    }
}

impl DumpOptions {
    /// A pickle of protocol 4 for scikit-learn 1.9.1.
    pub fn new() -> DumpOptions {
        DumpOptions::default()
    }

    /// The version of scikit-learn that will open the file, from 0.24 on. A file for a later version
    /// than the one that opens it may be misread there; the other way it is refused by some.
    pub fn version(mut self, version: Version) -> DumpOptions {
        self.version = version;
        self
    }

    /// The protocol of the pickle, from 2 to 5.
    pub fn protocol(mut self, protocol: u8) -> DumpOptions {
        self.protocol = protocol;
        self
    }

    /// A file as joblib 1.2 or later writes it: the items of arrays stand in it as they are, where
    /// `joblib.load` can also map them into memory. `pickle.load` does not open such a file.
    ///
    /// ```
    /// use picklebook::prelude::*;
    /// use picklebook::sklearn::{self, DumpOptions};
    ///
    /// let data = balance_scale();
    /// let tree = DecisionTreeClassifier::params().max_depth(3).fit(&data)?;
    /// let file = sklearn::dumps_with(&tree, &DumpOptions::new().joblib(true))?;
    /// assert_eq!(sklearn::loads(&file)?.predict(&data)?, tree.predict(&data)?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn joblib(mut self, is_joblib: bool) -> DumpOptions {
        self.is_joblib = is_joblib;
        self
    }

    /// A file of joblib's, compressed as `joblib.dump(model, path, compress=("zlib", 3))` does it: by
    /// zlib, gzip or bzip2, from level 0 or 1, the fastest, to 9. Only this asks for it; how a file is
    /// named does not matter, here as when joblib opens it.
    ///
    /// It needs the feature `compression`. Files for other compressors are refused, and so are other
    /// levels.
    ///
    /// ```
    /// # #[cfg(feature = "compression")] {
    /// use picklebook::container::Compression;
    /// use picklebook::prelude::*;
    /// use picklebook::sklearn::{self, DumpOptions};
    ///
    /// let data = balance_scale();
    /// let tree = DecisionTreeClassifier::params().fit(&data)?;
    /// let plain = sklearn::dumps_with(&tree, &DumpOptions::new().joblib(true))?;
    /// let options = DumpOptions::new().compress(Compression::Zlib, 3);
    /// let compressed = sklearn::dumps_with(&tree, &options)?;
    /// assert!(compressed.len() < plain.len() / 2);
    /// assert_eq!(sklearn::loads(&compressed)?.predict(&data)?, tree.predict(&data)?);
    /// # }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn compress(mut self, compression: Compression, level: u32) -> DumpOptions {
        self.compression = Some((compression, level));
        self.joblib(true)
    }

    /// Whether the items of arrays in a file of joblib's begin at multiples of 16 bytes, as they do by
    /// default. joblib before 1.2 opens only files where they do not; later ones open both, but warn
    /// when they map a file that is not aligned into memory.
    pub fn aligned(mut self, is_aligned: bool) -> DumpOptions {
        self.is_aligned = is_aligned;
        self
    }

    /// Whether files of the version can be written.
    pub(super) fn check(&self) -> Result<(), Error> {
        match self.version < Version::OLDEST_WRITTEN {
            true => Err(Error::Version { found: self.version.to_string() }),
            false => Ok(()),
        }
    }

    /// What was written, compressed if the options say so.
    pub(super) fn packed(&self, bytes: Vec<u8>) -> Result<Vec<u8>, Error> {
        match self.compression {
            None => Ok(bytes),
            Some((compression, level)) => {
                compression.compress(&bytes, level).map_err(Error::Compression)
            }
        }
    }

    pub(super) fn pickle(&self) -> pickle::DumpOptions {
        pickle::DumpOptions::new().protocol(self.protocol)
    }
}
