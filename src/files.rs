//! Writing a file so that it is never half there.

use std::fmt;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};

/// Why a file was not written. The file that was there before is whole.
#[derive(thiserror::Error)]
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

/// The message.
impl<E: fmt::Display> fmt::Debug for WriteError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Writes `path` whole or not at all, and returns how many bytes it holds.
///
/// The content goes to a temporary file in the same folder, is synced, and takes the place of
/// `path` by a rename; then the folder is synced (on Unix). When anything fails, the temporary
/// file is removed and the old file stays as it was; when this process is killed, the next save
/// to the same path removes it. A symbolic link stays one, and the file that it points to is
/// replaced. A path that names something else than a file (a folder, a device) is refused, and so
/// is a file that this process may not write to, as `open` would refuse it.
///
/// On Unix an existing file's permissions are kept, and its owner and group where this process
/// may give them (root may); where it may not, the file becomes this process's own, and a foreign
/// group's permissions are not handed to another group. The temporary file is never open to more
/// users than the file is. Access control lists and extended attributes are not kept.
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
    let old = match fs::metadata(&target) {
        Ok(found) if found.is_file() => {
            may_write(&target).map_err(failed("replace", &target))?;
            Some(found)
        }
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
    let temporary = Temporary::create(folder, &target, old.is_some())
        .map_err(failed("create a file in", folder))?;
    let file = &temporary.file;
    let fail = |source| failed("write", &target)(source);
    let mut writer = BufWriter::with_capacity(1 << 16, file);
    write(&mut writer).map_err(WriteError::Content)?;
    writer.flush().map_err(fail)?;
    drop(writer);
    if let Some(old) = old {
        keep_owner_and_permissions(file, &old).map_err(fail)?;
    }
    file.sync_all().map_err(fail)?;
    let length = file.metadata().map_err(fail)?.len();
    fs::rename(&temporary.path, &target).map_err(fail)?;
    temporary.keep();
    sync_folder(folder).map_err(failed("sync", folder))?;
    Ok(length)
}

/// Whether this process may write to a file: a rename would not ask.
fn may_write(target: &Path) -> io::Result<()> {
    match OpenOptions::new().write(true).open(target) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => Err(io::Error::new(
            error.kind(),
            "it is read-only; save under another name, or make it writable first",
        )),
        Err(error) => Err(error),
    }
}

/// Gives the new file the old one's owner, group and permissions, as far as this process may.
#[cfg(unix)]
fn keep_owner_and_permissions(file: &File, old: &fs::Metadata) -> io::Result<()> {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, fchown};

    let new = file.metadata()?;
    let group = new.gid() == old.gid() || fchown(file, None, Some(old.gid())).is_ok();
    let owner = new.uid() == old.uid() || fchown(file, Some(old.uid()), None).is_ok();
    let mut mode = old.mode() & 0o7777;
    if !(owner && group) {
        mode &= 0o777;
    }
    if !group {
        // What others may do, the new group may do, and no more.
        mode &= !0o070 | (mode << 3);
    }
    // After the owner, whose change would take some permissions away.
    file.set_permissions(fs::Permissions::from_mode(mode))
}

#[cfg(not(unix))]
fn keep_owner_and_permissions(file: &File, old: &fs::Metadata) -> io::Result<()> {
    file.set_permissions(old.permissions())
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

/// A file that is removed unless it is kept, and locked as long as it is written: one that nobody
/// holds was left by a process that was killed.
struct Temporary {
    path: PathBuf,
    file: File,
    kept: bool,
}

impl Temporary {
    /// How many names of a target's temporary files are looked at for stale ones: as many saves to
    /// one path may be killed at the same moment and leave nothing for ever.
    const SLOTS: u32 = 16;

    /// Creates the file for a target; `private` where the target's own permissions come later.
    fn create(folder: &Path, target: &Path, private: bool) -> io::Result<Temporary> {
        // A short name of its own: the target's name may already be as long as names can be.
        let name = target.file_name().unwrap_or_default().as_encoded_bytes();
        let path = |slot: u32| folder.join(format!(".picklebook-{:016x}-{slot}.tmp", fnv_1a(name)));
        let mut created = None;
        let mut slot = 0;
        while slot < Self::SLOTS || created.is_none() {
            remove_stale(&path(slot));
            if created.is_none() {
                created = Self::create_at(path(slot), private)?;
            }
            slot += 1;
        }
        created.ok_or_else(|| io::ErrorKind::AlreadyExists.into())
    }

    /// Creates and locks the file, or nothing where another save is at it.
    fn create_at(path: PathBuf, private: bool) -> io::Result<Option<Temporary>> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        if private {
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        }
        let file = match options.open(&path) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(None),
            Err(error) => return Err(error),
        };
        let held = match file.try_lock() {
            // Another save may have taken the file for a stale one before it was locked.
            Ok(()) => is_at(&file, &path),
            Err(TryLockError::WouldBlock) => false,
            // A file system without locks, where nothing is taken for stale.
            Err(TryLockError::Error(_)) => true,
        };
        Ok(held.then_some(Temporary { path, file, kept: false }))
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

/// Removes a temporary file that no living process holds. What cannot be removed is somebody
/// else's, and stays.
fn remove_stale(path: &Path) {
    if fs::symlink_metadata(path).is_ok_and(|found| found.is_file())
        && let Ok(file) = OpenOptions::new().write(true).open(path)
        && file.try_lock().is_ok()
        && is_at(&file, path)
    {
        let _ = fs::remove_file(path);
    }
}

/// Whether an open file is still the one at a path.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;

    let place = |known: fs::Metadata| (known.dev(), known.ino());
    let (open, there) = (file.metadata().map(place), fs::symlink_metadata(path).map(place));
    matches!((open, there), (Ok(open), Ok(there)) if open == there)
}

/// Elsewhere an open file keeps its name.
#[cfg(not(unix))]
fn is_at(_: &File, _: &Path) -> bool {
    true
}

/// The 64-bit FNV-1a hash (RFC 9923), the same in every version of this crate.
fn fnv_1a(bytes: &[u8]) -> u64 {
    let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, step)
}

#[cfg(unix)]
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
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
pub(crate) fn sync_folder(_folder: &Path) -> io::Result<()> {
    Ok(())
}
