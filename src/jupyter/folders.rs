//! Copies of build folders that share what nobody writes to.

use std::fs::{self, FileTimes};
use std::io;
use std::path::{Path, PathBuf};

use super::Error;
use super::error::At;

/// Makes `to` a copy of the build folder `from`, in milliseconds: finished libraries are
/// hard-linked, all else is copied with its times, by which cargo tells what is fresh.
///
/// Only libraries of other crates are linked: cargo and rustc write everything else in place,
/// this crate's own library too when its source changes, and the copies must not see each
/// other's.
pub(super) fn copy_build(from: &Path, to: &Path) -> Result<(), Error> {
    let mut folders = vec![PathBuf::new()];
    while let Some(folder) = folders.pop() {
        let (source, target) = (from.join(&folder), to.join(&folder));
        fs::create_dir_all(&target).at(&target)?;
        for entry in fs::read_dir(&source).at(&source)? {
            let entry = entry.at(&source)?;
            let name = entry.file_name();
            let kind = entry.file_type().at(entry.path())?;
            let (source, target) = (entry.path(), target.join(&name));
            if kind.is_dir() {
                // The cells' own intermediate files are of no use to another kernel.
                if name != "incremental" {
                    folders.push(folder.join(&name));
                }
            } else if is_finished_library(&source) && fs::hard_link(&source, &target).is_ok() {
            } else {
                copy_with_times(&source, &target).at(&target)?;
            }
        }
    }
    Ok(())
}

fn is_finished_library(file: &Path) -> bool {
    let name = file.file_name().unwrap_or_default().to_string_lossy();
    let library =
        [".rlib", ".rmeta", ".so", ".dylib", ".dll"].iter().any(|end| name.ends_with(end));
    let of_others = !["picklebook", "ctx", "code_"].iter().any(|part| name.contains(part));
    library && of_others
}

fn copy_with_times(source: &Path, target: &Path) -> io::Result<()> {
    fs::copy(source, target)?;
    let known = fs::metadata(source)?;
    let times = FileTimes::new().set_modified(known.modified()?).set_accessed(known.accessed()?);
    fs::File::options().write(true).open(target)?.set_times(times)
}

/// Makes a folder, where it is not there, that only its owner may enter, whatever the umask.
pub(super) fn private(folder: &Path) -> Result<(), Error> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
        builder.mode(0o700).create(folder).at(folder)?;
        fs::set_permissions(folder, fs::Permissions::from_mode(0o700)).at(folder)
    }
    #[cfg(not(unix))]
    builder.create(folder).at(folder)
}

/// Removes a folder and all in it; one that is not there is fine.
pub(super) fn remove(folder: &Path) -> Result<(), Error> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error).at(folder),
        _ => Ok(()),
    }
}

/// The bytes of all files under `folder`; hard-linked ones count each time.
pub(super) fn size(folder: &Path) -> u64 {
    let mut folders = vec![folder.to_owned()];
    let mut bytes = 0;
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).into_iter().flatten().flatten() {
            match entry.metadata() {
                Ok(known) if known.is_dir() => folders.push(entry.path()),
                Ok(known) => bytes += known.len(),
                Err(_) => {}
            }
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_shares_finished_libraries_and_nothing_else() -> Result<(), Box<dyn std::error::Error>>
    {
        let home = tempfile::tempdir()?;
        let (from, to) = (home.path().join("from"), home.path().join("to"));
        fs::create_dir_all(from.join("deps"))?;
        fs::create_dir_all(from.join("incremental/x"))?;
        let files = ["deps/libserde-1.rlib", "deps/libpicklebook-1.rlib", "deps/serde.d", "lock"];
        for file in files {
            fs::write(from.join(file), "old")?;
        }
        copy_build(&from, &to)?;
        assert!(!to.join("incremental").exists());
        for file in files {
            assert_eq!(
                fs::metadata(from.join(file))?.modified()?,
                fs::metadata(to.join(file))?.modified()?,
            );
            fs::write(to.join(file), "new")?;
        }
        let shared: Vec<bool> = files
            .iter()
            .map(|file| fs::read_to_string(from.join(file)).is_ok_and(|text| text == "new"))
            .collect();
        assert_eq!(shared, [true, false, false, false]);
        Ok(())
    }
}
