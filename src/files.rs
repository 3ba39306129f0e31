//! Writing a file so that it is never half there.

use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

/// Why a file was not written. The file that was there before is whole.
#[derive(Debug, thiserror::Error)]
pub enum WriteError<E> {
    /// The file system refused a step.
    #[error("cannot {action} {}: {source}", path.display())]
    File {
        /// The step, as in "cannot {action} {path}".
        action: &'static str,
        /// The file or folder of that step.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// What was to be written could not be made.
    #[error("{0}")]
    Content(E),
}

/// Writes `path` whole or not at all, and returns how many bytes it holds.
///
/// The content goes to a temporary file in the same folder, is synced, and takes the place of
/// `path` by a rename; then the folder is synced (on Unix). A symbolic link stays one, and the
/// file that it points to is replaced. An existing file's permissions are kept. When anything
/// fails, the temporary file is removed and the old file stays as it was. A path that names
/// something else than a file (a folder, a device) is refused.
///
/// # Errors
/// [`WriteError`]: what `write` returned, or the step that the file system refused.
///
/// ```
/// use std::io::Write;
///
/// use picklebook::files::write_atomically;
///
/// let path = std::env::temp_dir().join(format!("picklebook-file-{}.txt", std::process::id()));
/// assert_eq!(write_atomically(&path, |file| file.write_all(b"all of it"))?, 9);
/// # std::fs::remove_file(&path)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn write_atomically<E>(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<&File>) -> Result<(), E>,
) -> Result<u64, WriteError<E>> {
    let target = follow_links(path).map_err(failed("find", path))?;
    let permissions = match fs::metadata(&target) {
        Ok(found) if found.is_file() => Some(found.permissions()),
        Ok(_) => {
            let source = io::Error::new(io::ErrorKind::InvalidInput, "it is not a file");
            return Err(failed("replace", &target)(source));
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(failed("look at", &target)(error)),
    };
    let folder = match target.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let (temporary, file) =
        Temporary::create(folder).map_err(failed("create a file in", folder))?;
    let fail = |source| failed("write", &target)(source);
    if let Some(permissions) = permissions {
        file.set_permissions(permissions).map_err(fail)?;
    }
    let mut writer = BufWriter::with_capacity(1 << 16, &file);
    write(&mut writer).map_err(WriteError::Content)?;
    writer.flush().map_err(fail)?;
    drop(writer);
    file.sync_all().map_err(fail)?;
    let length = file.metadata().map_err(fail)?.len();
    drop(file);
    fs::rename(&temporary.path, &target).map_err(fail)?;
    temporary.keep();
    sync_folder(folder).map_err(failed("sync", folder))?;
    Ok(length)
}

/// Writes bytes that are at hand, whole or not at all.
pub(crate) fn write_bytes(path: &Path, bytes: &[u8]) -> io::Result<()> {
    match write_atomically(path, |writer| writer.write_all(bytes)) {
        Ok(_) => Ok(()),
        Err(WriteError::File { source, .. } | WriteError::Content(source)) => Err(source),
    }
}

fn failed<E>(action: &'static str, path: &Path) -> impl Fn(io::Error) -> WriteError<E> {
    move |source| WriteError::File { action, path: path.to_path_buf(), source }
}

/// The file at the end of a chain of symbolic links; it need not exist.
fn follow_links(path: &Path) -> io::Result<PathBuf> {
    let mut target = path.to_path_buf();
    // 40 is where Linux gives up too.
    for _ in 0..40 {
        match fs::symlink_metadata(&target) {
            Ok(found) if found.file_type().is_symlink() => {
                let next = fs::read_link(&target)?;
                target = match target.parent() {
                    Some(folder) => folder.join(next),
                    None => next,
                };
            }
            Ok(_) => return Ok(target),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(target),
            Err(error) => return Err(error),
        }
    }
    Err(io::Error::other("too many symbolic links, one to the next"))
}

/// A file that is removed unless it is kept.
struct Temporary {
    path: PathBuf,
    kept: bool,
}

impl Temporary {
    fn create(folder: &Path) -> io::Result<(Temporary, File)> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        loop {
            let number = NEXT.fetch_add(1, Ordering::Relaxed);
            // A short name of its own: the target's name may already be as long as names can be.
            let path = folder.join(format!(".picklebook-{}-{number}.tmp", std::process::id()));
            match File::create_new(&path) {
                Ok(file) => return Ok((Temporary { path, kept: false }, file)),
                // Left by a process that was killed and had the same number.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
    }

    fn keep(mut self) {
        self.kept = true;
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if !self.kept {
            // The error that led here is the one to report.
            let _ = fs::remove_file(&self.path);
        }
    }
}

#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    match File::open(folder)?.sync_all() {
        // Some file systems cannot sync a folder; the file itself is synced.
        Err(error)
            if matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::Unsupported) =>
        {
            Ok(())
        }
        result => result,
    }
}

#[cfg(not(unix))]
fn sync_folder(_folder: &Path) -> io::Result<()> {
    Ok(())
}
