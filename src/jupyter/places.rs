//! Where everything is: the clone, what set-up makes in it, and the user's cache folder.

use std::env;
use std::path::{Path, PathBuf};

use super::Error;
use super::error::At;

/// The version of evcxr_jupyter that the notebooks are written for.
pub const EVCXR_VERSION: &str = "0.22.0";

/// The folders of one clone.
#[derive(Debug, Clone)]
pub struct Places {
    root: PathBuf,
}

impl Places {
    /// Finds the clone at or above the current folder.
    ///
    /// # Errors
    /// [`Error::NoClone`] where there is none.
    pub fn find() -> Result<Self, Error> {
        let here = env::current_dir().at(".")?;
        Self::above(&here)
    }

    /// Finds the clone at or above `folder`.
    ///
    /// # Errors
    /// [`Error::NoClone`] where there is none.
    pub fn above(folder: &Path) -> Result<Self, Error> {
        let is_clone = |folder: &&Path| {
            let manifest = std::fs::read_to_string(folder.join("Cargo.toml")).unwrap_or_default();
            manifest.contains("\nname = \"picklebook\"\n") && folder.join("notebooks").is_dir()
        };
        match folder.ancestors().find(is_clone) {
            Some(root) => Ok(Places { root: root.canonicalize().at(root)? }),
            None => Err(Error::NoClone(folder.to_owned())),
        }
    }

    /// The clone's top folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The folder with the notebooks.
    pub fn notebooks(&self) -> PathBuf {
        self.root.join("notebooks")
    }

    /// The Python environment that set-up makes.
    pub fn venv(&self) -> PathBuf {
        self.root.join(".venv")
    }

    /// Where the former environment is while set-up makes a new one.
    pub fn old_venv(&self) -> PathBuf {
        self.root.join(".venv.old")
    }

    /// The programs of that environment.
    pub fn venv_programs(&self) -> PathBuf {
        self.venv().join(if cfg!(windows) { "Scripts" } else { "bin" })
    }

    /// The Python of that environment.
    pub fn python(&self) -> PathBuf {
        self.venv_programs().join(if cfg!(windows) { "python.exe" } else { "python" })
    }

    /// This command's copy beside that Python, which the kernel's registration names.
    pub fn command(&self) -> PathBuf {
        self.venv_programs().join(format!("picklebook{}", env::consts::EXE_SUFFIX))
    }

    /// Jupyter's own settings, state and run-time files for this clone.
    pub fn jupyter(&self, kind: &str) -> PathBuf {
        self.venv().join("jupyter").join(kind)
    }

    /// The folder of the kernel's build folders.
    pub fn kernels(&self) -> PathBuf {
        self.root.join("target").join("kernel")
    }

    /// The prewarmed build folder, of which every kernel gets a clone.
    pub fn warm(&self) -> PathBuf {
        self.kernels().join("warm")
    }

    /// The kernels' own build folders.
    pub fn clones(&self) -> PathBuf {
        self.kernels().join("clones")
    }

    /// The lock of whoever sets up this clone.
    pub fn set_up_lock(&self) -> PathBuf {
        self.kernels().join("setup.lock")
    }

    /// The lock, held together, of what a set-up has started.
    pub fn children_lock(&self) -> PathBuf {
        self.kernels().join("children.lock")
    }

    /// The kernel's configuration, in place of the user's own.
    pub fn evcxr_settings(&self) -> PathBuf {
        self.kernels().join("settings")
    }

    /// Where a kernel of this version is built and kept: in the user's cache folder.
    ///
    /// # Errors
    /// [`Error::Missing`] where the system names no such folder.
    pub fn kernel_home() -> Result<PathBuf, Error> {
        let folder = |variable: &str| {
            env::var_os(variable).map(PathBuf::from).filter(|path| path.is_absolute())
        };
        let home = folder(if cfg!(windows) { "USERPROFILE" } else { "HOME" });
        let cache = if cfg!(windows) {
            folder("LOCALAPPDATA")
        } else if cfg!(target_os = "macos") {
            folder("XDG_CACHE_HOME").or(home.map(|home| home.join("Library/Caches")))
        } else {
            folder("XDG_CACHE_HOME").or(home.map(|home| home.join(".cache")))
        };
        let cache = cache.ok_or_else(|| Error::Missing {
            what: "a cache folder".into(),
            remedy: "set HOME, or XDG_CACHE_HOME to an absolute path".into(),
        })?;
        Ok(cache.join("picklebook").join(format!("evcxr_jupyter-{EVCXR_VERSION}")))
    }

    /// Cargo's own folder, where a user may have installed the kernel already.
    pub fn cargo_home() -> Option<PathBuf> {
        let home = || env::home_dir().map(|home| home.join(".cargo"));
        env::var_os("CARGO_HOME").map(PathBuf::from).or_else(home)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clone_is_found_from_any_folder_in_it_and_nowhere_else() -> Result<(), Error> {
        let home = tempfile::tempdir().expect("a folder");
        let (clone, other) = (home.path().join("clone"), home.path().join("other"));
        for (folder, name) in [(&clone, "picklebook"), (&other, "another")] {
            std::fs::create_dir_all(folder.join("notebooks/solutions")).expect("made");
            let manifest = format!("[package]\nname = \"{name}\"\n");
            std::fs::write(folder.join("Cargo.toml"), manifest).expect("written");
        }
        let root = clone.canonicalize().expect("it is there");
        for folder in ["", "notebooks", "notebooks/solutions"] {
            let places = Places::above(&clone.join(folder))?;
            assert_eq!(places.root(), root);
            assert_eq!(places.notebooks(), root.join("notebooks"));
            for made in [places.venv(), places.python(), places.warm(), places.clones()] {
                assert!(made.starts_with(&root), "{made:?}");
            }
        }
        for folder in [&other, &other.join("notebooks"), &home.path().to_owned()] {
            let refused = Places::above(folder);
            assert!(matches!(&refused, Err(Error::NoClone(named)) if named == folder));
        }
        std::fs::remove_dir_all(clone.join("notebooks")).expect("removed");
        assert!(Places::above(&clone).is_err(), "a crate of that name, and no notebooks");
        Ok(())
    }
}
