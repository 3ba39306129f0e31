//! Bytes that several arrays, and the pickle they came from, have in common.

use std::fmt;
use std::ops::{Deref, Range};
use std::sync::Arc;

/// Bytes that are shared, not copied: a part of a pickle, for example.
///
/// ```
/// use picklebook::numpy::SharedBytes;
///
/// let bytes = SharedBytes::from(vec![1, 2, 3]);
/// let same = bytes.clone();
/// assert_eq!(bytes.as_ptr(), same.as_ptr());
/// ```
#[derive(Clone)]
pub struct SharedBytes {
    owner: Arc<dyn AsRef<[u8]> + Send + Sync>,
    range: Range<usize>,
}

impl SharedBytes {
    /// A part of what an owner holds; nothing if it holds less.
    pub fn part_of(
        owner: Arc<dyn AsRef<[u8]> + Send + Sync>,
        range: Range<usize>,
    ) -> Option<SharedBytes> {
        owner.as_ref().as_ref().get(range.clone())?;
        Some(SharedBytes { owner, range })
    }
}

impl From<Vec<u8>> for SharedBytes {
    fn from(bytes: Vec<u8>) -> SharedBytes {
        let range = 0..bytes.len();
        SharedBytes { owner: Arc::new(bytes), range }
    }
}

impl Deref for SharedBytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        // Empty only if the owner changed behind our back.
        (*self.owner).as_ref().get(self.range.clone()).unwrap_or_default()
    }
}

impl fmt::Debug for SharedBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.len())
    }
}
