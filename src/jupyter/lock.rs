//! Files that say "busy", so that two commands never make the same thing at once.

use std::fs::{File, OpenOptions, TryLockError, create_dir_all};
use std::path::Path;

use super::Error;
use super::error::At;

/// Opens the file that is locked, and makes it where it is not there.
fn open(path: &Path) -> Result<File, Error> {
    if let Some(folder) = path.parent() {
        create_dir_all(folder).at(folder)?;
    }
    OpenOptions::new().create(true).truncate(false).read(true).write(true).open(path).at(path)
}

/// Whether the file that was opened is still the one of that name: whoever held it before may
/// have removed it, and then another one may be held by others.
#[cfg(unix)]
fn is_current(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;

    let place = |known: std::fs::Metadata| (known.dev(), known.ino());
    let (held, there) = (file.metadata().map(place), std::fs::metadata(path).map(place));
    matches!((held, there), (Ok(held), Ok(there)) if held == there)
}

/// Elsewhere an open file cannot be removed.
#[cfg(not(unix))]
fn is_current(_: &File, _: &Path) -> bool {
    true
}

/// Waits until nobody else holds `path`, and holds it until the file is dropped.
pub(super) fn exclusive(path: &Path, say: &dyn Fn(&str)) -> Result<File, Error> {
    let mut said = false;
    loop {
        let file = open(path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                if !said {
                    say("Waiting for another picklebook command to finish its set-up");
                    said = true;
                }
                file.lock().at(path)?;
            }
            Err(TryLockError::Error(source)) => return Err(source).at(path),
        }
        if is_current(&file, path) {
            return Ok(file);
        }
    }
}

/// Waits until nobody holds `path` alone, and holds it beside others until the file is dropped.
pub(super) fn shared(path: &Path) -> Result<File, Error> {
    loop {
        let file = open(path)?;
        file.lock_shared().at(path)?;
        if is_current(&file, path) {
            return Ok(file);
        }
    }
}

/// Holds `path` alone if nobody else does.
pub(super) fn try_exclusive(path: &Path) -> Result<Option<File>, Error> {
    try_file(open(path)?, path)
}

/// Holds `path` alone if it is there and nobody else does; makes nothing.
pub(super) fn take(path: &Path) -> Option<File> {
    let file = OpenOptions::new().read(true).write(true).open(path).ok()?;
    try_file(file, path).ok().flatten()
}

/// Whether anybody holds `path`, alone or beside others.
pub(super) fn is_held(path: &Path) -> bool {
    let held = |file: File| matches!(file.try_lock(), Err(TryLockError::WouldBlock));
    OpenOptions::new().read(true).write(true).open(path).is_ok_and(held)
}

fn try_file(file: File, path: &Path) -> Result<Option<File>, Error> {
    match file.try_lock() {
        Ok(()) => Ok(is_current(&file, path).then_some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(source)) => Err(source).at(path),
    }
}
