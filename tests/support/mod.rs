//! What several test files share.
#![allow(dead_code)] // each test file uses its own part

use std::path::PathBuf;

/// A Python that has scikit-learn 1.9.1: the one that set-up makes, or PICKLEBOOK_TEST_PYTHON.
pub fn python() -> PathBuf {
    match std::env::var_os("PICKLEBOOK_TEST_PYTHON") {
        Some(path) => path.into(),
        None => panic!("PICKLEBOOK_TEST_PYTHON is not set"),
    }
}
