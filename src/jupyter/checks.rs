//! What a machine must have before anything is made: each check costs milliseconds and says in
//! one line what is missing and how to get it.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::{Error, Places};

/// The oldest Python that the pinned packages support.
pub const OLDEST_PYTHON: (u32, u32) = (3, 11);

/// Checks the clone's path: the kernel cannot build where it holds a space.
pub(super) fn path(places: &Places) -> Result<(), Error> {
    match places.root().to_string_lossy().contains(char::is_whitespace) {
        true => Err(Error::Space(places.root().to_owned())),
        false => Ok(()),
    }
}

/// Checks for the C compiler that Rust links with.
pub(super) fn linker() -> Result<(), Error> {
    let found = ["cc", "gcc", "clang"].iter().any(|name| prints(name, &["--version"]).is_some());
    match found || cfg!(windows) {
        true => Ok(()),
        false => Err(Error::Missing {
            what: "a C compiler, with which Rust links,".into(),
            remedy: "install one (Debian, Ubuntu: apt install build-essential; Fedora: dnf install gcc; macOS: xcode-select --install)".into(),
        }),
    }
}

/// Checks for the standard library's source, without which the kernel cannot tell a variable's
/// type, and gets it through rustup where it can.
pub(super) fn rust_source(places: &Places, say: &dyn Fn(&str)) -> Result<(), Error> {
    let library = || {
        let sysroot = output_in(places.root(), "rustc", &["--print", "sysroot"])?;
        let source = Path::new(sysroot.trim()).join("lib/rustlib/src/rust/library/std/src/lib.rs");
        Some(source.is_file())
    };
    let missing = |remedy: &str| Error::Missing {
        what: "the standard library's source".into(),
        remedy: remedy.into(),
    };
    match library() {
        None => {
            return Err(Error::Missing {
                what: "rustc".into(),
                remedy: "install Rust 1.95 or newer (https://rustup.rs)".into(),
            });
        }
        Some(true) => return Ok(()),
        Some(false) => say("Getting the standard library's source (rustup component add rust-src)"),
    }
    let added = Command::new("rustup")
        .args(["component", "add", "rust-src"])
        .current_dir(places.root())
        .stdin(Stdio::null())
        .output();
    match added {
        Ok(_) if library() == Some(true) => Ok(()),
        Ok(_) => Err(missing("run `rustup component add rust-src` (it needs the network)")),
        Err(_) => {
            Err(missing("install your system's rust-src package, or Rust from https://rustup.rs"))
        }
    }
}

/// Finds a Python that is new enough and can make virtual environments.
pub(super) fn python() -> Result<PathBuf, Error> {
    const ASK: &str = "import sys, importlib.util as u; print(sys.version_info[0], sys.version_info[1], int(all(u.find_spec(m) for m in ('venv', 'ensurepip'))))";
    let (major, minor) = OLDEST_PYTHON;
    let newer = (minor..=minor + 9).rev().map(|minor| format!("python{major}.{minor}"));
    let names = ["python3".to_owned(), "python".to_owned()].into_iter().chain(newer);
    let mut older = None;
    let mut without_venv = None;
    for name in names {
        let Some(said) = prints(&name, &["-I", "-c", ASK]) else { continue };
        let numbers: Vec<u32> =
            said.split_whitespace().filter_map(|word| word.parse().ok()).collect();
        match numbers[..] {
            [found_major, found_minor, _] if (found_major, found_minor) < OLDEST_PYTHON => {
                older.get_or_insert(format!("{found_major}.{found_minor}"));
            }
            [_, _, 1] => return Ok(name.into()),
            [_, _, _] => {
                without_venv.get_or_insert(name);
            }
            _ => {}
        }
    }
    Err(match (without_venv, older) {
        (Some(name), _) => Error::Missing {
            what: format!("{name}'s module venv or ensurepip"),
            remedy: "install it (Debian, Ubuntu: apt install python3-venv)".into(),
        },
        (None, Some(version)) => Error::Missing {
            what: format!("Python {major}.{minor} or newer (found {version})"),
            remedy: "install one, from your system's packages or https://www.python.org".into(),
        },
        (None, None) => Error::Missing {
            what: format!("Python {major}.{minor} or newer"),
            remedy: "install one, from your system's packages or https://www.python.org".into(),
        },
    })
}

/// Checks that `folder`'s disk (or its nearest existing parent's) has room.
pub(super) fn disk(
    folder: &Path,
    needed: u64,
    what: &'static str,
    remedy: &'static str,
) -> Result<(), Error> {
    match free_megabytes(folder) {
        Some(free) if free < needed => {
            Err(Error::Disk { folder: folder.to_owned(), free, needed, what, remedy })
        }
        _ => Ok(()),
    }
}

/// Megabytes free for this user on the disk of `folder`, or of its nearest existing parent.
#[cfg(unix)]
pub(super) fn free_megabytes(folder: &Path) -> Option<u64> {
    let existing = folder.ancestors().find(|folder| folder.exists())?;
    let disk = nix::sys::statvfs::statvfs(existing).ok()?;
    // The widths of these fields differ between systems.
    #[allow(clippy::unnecessary_cast)]
    Some(disk.blocks_available() as u64 * disk.fragment_size() as u64 / 1_000_000)
}

/// Elsewhere the disk is not asked.
#[cfg(not(unix))]
pub(super) fn free_megabytes(_: &Path) -> Option<u64> {
    None
}

/// Megabytes of memory that programs may have without others being swapped out; `None` where the
/// system does not say so.
pub(super) fn free_memory() -> Option<u64> {
    megabytes(&std::fs::read_to_string("/proc/meminfo").ok()?, "MemAvailable:")
}

/// Megabytes of memory that a process holds, where the system says so.
pub(super) fn memory_of(process: u32) -> Option<u64> {
    megabytes(&std::fs::read_to_string(format!("/proc/{process}/status")).ok()?, "VmRSS:")
}

/// The value of a line such as `MemAvailable: 1000 kB`, in megabytes.
fn megabytes(text: &str, name: &str) -> Option<u64> {
    let value = text.lines().find_map(|line| line.strip_prefix(name))?;
    let kilobytes: u64 = value.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes / 1_000)
}

/// What a program prints on standard output, where it can be started and succeeds.
pub(super) fn prints(program: &str, arguments: &[&str]) -> Option<String> {
    output_in(Path::new("."), program, arguments)
}

/// The same, started in a folder.
pub(super) fn output_in(folder: &Path, program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_asked_and_a_failure_is_no_answer() {
        let said = prints("rustc", &["--version"]).unwrap_or_default();
        assert!(said.starts_with("rustc 1."), "{said}");
        assert_eq!(prints("rustc", &["--no-such-option"]), None);
        assert_eq!(prints("no-such-program-anywhere", &[]), None);
    }

    #[cfg(unix)]
    #[test]
    fn the_disk_is_that_of_the_nearest_folder_that_is_there() {
        let folder = std::env::temp_dir();
        let deeper = folder.join("not/made/yet");
        assert!(free_megabytes(&deeper).is_some());
        assert!(disk(&deeper, 0, "it", "do so").is_ok());
        let refused = disk(&deeper, u64::MAX, "it", "do so");
        assert!(matches!(refused, Err(Error::Disk { needed: u64::MAX, .. })));
    }
}
