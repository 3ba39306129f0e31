//! What a file would do if Python loaded it.
//!
//! Loading a pickle in Python runs whatever the file says: `pickle.load` and `joblib.load` import
//! the names in it, and call them. [`inspect`] reads a file without importing or calling
//! anything, and lists every import and every call, with its place, and a [`Verdict`]:
//!
//! - [`Verdict::DataOnly`]: nothing is imported but Python's own types of data.
//! - [`Verdict::KnownModel`]: every name is one that files of scikit-learn, numpy, SciPy, pandas and
//!   joblib need, and is used as those files use it. The list, `known_names.txt` beside this file,
//!   was made by pickling what scikit-learn 0.18 to 1.9 offers; it has no wildcards.
//! - [`Verdict::UnknownCode`]: other code would run, of the package that the report names.
//! - [`Verdict::Dangerous`]: the names run commands, open files or connections, or load other code.
//!
//! It looks into what joblib and others pack pickles in: zlib, gzip, bzip2, xz, LZMA, LZ4, zip archives
//! such as PyTorch's, and numpy's `.npy` and `.npz`; and behind the end of a pickle, and into bytes
//! that are pickles themselves.
//!
//! ```
//! use picklebook::inspect::{self, Verdict};
//!
//! let report = inspect::bytes(b"cos\nsystem\n(S'echo hello'\ntR.");
//! assert_eq!(report.verdict, Verdict::Dangerous);
//! assert_eq!(
//!     report.reasons(),
//!     ["byte 27: calls os.system('echo hello'): runs commands"]
//! );
//!
//! let report = inspect::bytes(b"\x80\x04]\x94(K\x01K\x02e.");
//! assert_eq!(report.verdict, Verdict::DataOnly);
//! assert!(report.is_clean());
//! ```
//!
//! Nearly all of a large model are the bytes of its arrays, and those do nothing. [`inspect`] does not read
//! them where they do not begin as a pickle or a container does, if the file is one pickle of protocol 2
//! or above without joblib's arrays; text is checked to be text.
//!
//! What is unpacked is bounded: 64 times the file, no less than 256 MiB and no more than 4 GiB, in eight
//! levels. What lies beyond is not looked at, and the report says so: then the file is not clean. [`Limits`]
//! of your own say otherwise, for [`inspect_with`] and [`bytes_with`].
//!
//! # As JSON
//!
//! A [`Report`] and what is in it serialize with the names of their fields, and enums with theirs in small
//! letters: `{"verdict": "known_model", "containers": ["zlib"], "pickles": [{"place": "zlib",
//! "offset": 0, "imports": [{"offset": 2, "module": "numpy", "name": "ndarray", …}], …}],
//! "findings": []}`. Offsets count from byte 0 of the place that a pickle names. `picklebook inspect --json`
//! prints an object with `format` (`"picklebook.inspect"`), `version` (1), `files`, and `counts`
//! (how many files came to what); each of the files has its `path`, `exit_code`, `summary`,
//! `reasons`, and the `report`, which is null where the file cannot be opened.
//!
//! # What it does not say
//!
//! A clean report says that no code of strangers runs. It does not say that the model is good, or
//! that its numbers are sound: scikit-learn itself can crash on a tree whose nodes point nowhere.

mod error;
mod limits;
mod look;
mod names;
mod outline;
mod report;
mod rules;
mod trace;

use std::fs::File;
use std::io::{self, Read, Seek};
use std::path::Path;

pub use error::Error;
pub use limits::Limits;
pub use report::{Call, Finding, FindingKind, Import, Pickle, Report, Verdict};

use crate::pickle::Value;
use look::Look;

/// What a file would do if Python loaded it.
///
/// # Errors
/// [`Error::File`] if the file cannot be read, [`Error::TooLong`] if it has more than 4 GiB. A file that
/// is no pickle, or a damaged one, is no error: its report says so.
///
/// ```
/// use picklebook::{inspect, pickle};
///
/// let path = std::env::temp_dir().join("inspected.pkl");
/// pickle::save(&[1, 2, 3], &path)?;
/// let report = inspect::inspect(&path)?;
/// assert_eq!(report.summary(), "data only");
/// # std::fs::remove_file(path)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn inspect(path: impl AsRef<Path>) -> Result<Report, Error> {
    inspect_with(path, &Limits::new())
}

/// What a file would do if Python loaded it, within limits of your own.
///
/// # Errors
/// As [`inspect`]; [`Error::TooLong`] if the file has more than [`Limits::bytes`].
pub fn inspect_with(path: impl AsRef<Path>, limits: &Limits) -> Result<Report, Error> {
    let path = path.as_ref();
    let cannot = |source| Error::File { path: path.to_owned(), source };
    let mut file = File::open(path).map_err(cannot)?;
    let known = file.metadata().map_err(cannot)?;
    let length = known.len();
    let most = limits.bytes;
    let too_long = || Error::TooLong { path: path.to_owned(), most };
    if length > most {
        return Err(too_long());
    }
    if known.is_file() && length >= LARGE {
        // Where it cannot be read like this, it is read as a whole, or the error comes again.
        if let Ok(Some(outline)) = outline::outline(&mut file, length as usize) {
            let mut limits = *limits;
            limits.pickle = limits.pickle.checked_text(outline::LONG);
            let report = bytes_with(&outline, &limits);
            // joblib's arrays are looked at in another way, and so is what is damaged.
            if report.is_clean() && report.pickles.iter().all(|it| it.nested || it.arrays == 0) {
                return Ok(report);
            }
        }
        file.rewind().map_err(cannot)?;
    }
    let mut content = Vec::new();
    let room = content.try_reserve_exact(length as usize + 1);
    room.map_err(|error| cannot(io::Error::new(io::ErrorKind::OutOfMemory, error)))?;
    file.take(most.saturating_add(1)).read_to_end(&mut content).map_err(cannot)?;
    if content.len() as u64 > most {
        return Err(too_long());
    }
    Ok(bytes_with(&content, limits))
}

/// The smallest file of which it is asked whether something can be passed over, in bytes.
const LARGE: u64 = 1 << 20;

/// What a pickle that was read would do if Python loaded it: what [`bytes`] says of its imports and
/// of the calls that are not known, without reading it again. What lies around it in the file is not looked at.
pub(crate) fn value(value: &Value) -> Report {
    let pickle = trace::Trace::of_unknown(&value.graph);
    let (containers, findings) = (Vec::new(), Vec::new());
    Report { verdict: pickle.verdict, containers, pickles: vec![pickle], findings }
}

/// What the bytes of a file would do if Python loaded it. Nothing is copied, but what has to be
/// unpacked.
///
/// ```
/// use picklebook::inspect;
///
/// let report = inspect::bytes(b"\x80\x04\x8c\x08builtins\x8c\x05print\x93\x8c\x02hi\x85R.");
/// let [call] = &*report.pickles[0].calls else { panic!("one call") };
/// assert_eq!(format!("{}{}", call.callee, call.arguments), "builtins.print('hi')");
/// assert_eq!(report.summary(), "unknown code");
/// ```
pub fn bytes(bytes: &[u8]) -> Report {
    bytes_with(bytes, &Limits::new())
}

/// What the bytes of a file would do if Python loaded it, within limits of your own.
/// [`Limits::bytes`], which is for files, does not count here.
///
/// ```
/// use picklebook::inspect::{self, Limits, Verdict};
///
/// let inner = b"cos\ngetcwd\n(tR.";
/// let outer = [b"\x80\x04C", &[inner.len() as u8][..], inner, b"."].concat();
/// assert_eq!(inspect::bytes(&outer).verdict, Verdict::Dangerous);
///
/// let report = inspect::bytes_with(&outer, &Limits::new().levels(1));
/// assert_eq!(report.summary(), "hides something");
/// assert!(report.reasons()[0].contains("more than 1 containers and pickles in one another"));
/// ```
pub fn bytes_with(bytes: &[u8], limits: &Limits) -> Report {
    Look::of(bytes, limits)
}
