//! Types of items that were read already: the arrays of hundreds of trees share one.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use crate::numpy::Dtype;

/// How much may be kept, in what it took to read it.
const MOST_WORK: u64 = 1 << 22;

/// Dtypes by the objects that they are. A graph that still grows may change what an object means; it
/// must not keep them.
#[derive(Debug, Default)]
pub(crate) struct Dtypes {
    known: Mutex<Known>,
}

#[derive(Debug, Default)]
struct Known {
    dtypes: HashMap<u32, (Arc<Dtype>, u64)>,
    work: u64,
}

impl Dtypes {
    /// A dtype, and how much work it took to read it.
    pub fn get(&self, index: u32) -> Option<(Arc<Dtype>, u64)> {
        self.known.lock().ok()?.dtypes.get(&index).cloned()
    }

    pub fn keep(&self, index: u32, dtype: &Arc<Dtype>, work: u64) {
        let Ok(mut known) = self.known.lock() else { return };
        if known.work.saturating_add(work) <= MOST_WORK {
            known.work += work;
            known.dtypes.insert(index, (Arc::clone(dtype), work));
        }
    }
}

/// What is known is read again in another graph.
impl Clone for Dtypes {
    fn clone(&self) -> Dtypes {
        Dtypes::default()
    }
}
