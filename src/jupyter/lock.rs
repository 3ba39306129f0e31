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
    OpenOptions::new().create(true).truncate(false).write(true).open(path).at(path)
}

/// Waits until nobody else holds `path`, and holds it until the file is dropped.
pub(super) fn exclusive(path: &Path, say: &dyn Fn(&str)) -> Result<File, Error> {
    let file = open(path)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            say("Waiting for another picklebook command to finish its set-up");
            file.lock().at(path)?;
        }
        Err(TryLockError::Error(source)) => return Err(source).at(path),
    }
    Ok(file)
}

/// Waits until nobody holds `path` alone, and holds it beside others until the file is dropped.
pub(super) fn shared(path: &Path) -> Result<File, Error> {
    let file = open(path)?;
    file.lock_shared().at(path)?;
    Ok(file)
}

/// Holds `path` alone if nobody else does.
pub(super) fn try_exclusive(path: &Path) -> Result<Option<File>, Error> {
    let file = open(path)?;
    match file.try_lock() {
        Ok(()) => Ok(Some(file)),
        Err(TryLockError::WouldBlock) => Ok(None),
        Err(TryLockError::Error(source)) => Err(source).at(path),
    }
}
