//! The memo of the machine.

use std::collections::HashMap;

use crate::pickle::graph::NONE;

/// Objects by number. Numbers usually count up from 0; others go to a map, so that one large
/// number does not ask for a large table.
#[derive(Clone, Debug, Default)]
pub(crate) struct Memo {
    dense: Vec<u32>,
    sparse: HashMap<u64, u32>,
    length: usize,
}

impl Memo {
    #[inline]
    pub fn get(&self, number: u64) -> Option<u32> {
        match self.dense.get(number as usize) {
            Some(&index) if index != NONE => Some(index),
            _ => self.sparse.get(&number).copied(),
        }
    }

    #[inline]
    pub fn put(&mut self, number: u64, index: u32) {
        if number == self.dense.len() as u64 {
            self.dense.push(index);
            // The number may have been used before it was its turn.
            if self.sparse.is_empty() || self.sparse.remove(&number).is_none() {
                self.length += 1;
            }
        } else if let Some(old) = self.dense.get_mut(number as usize) {
            *old = index;
        } else if self.sparse.insert(number, index).is_none() {
            self.length += 1;
        }
    }

    /// How many objects it holds.
    #[inline]
    pub fn length(&self) -> usize {
        self.length
    }

    /// How much memory it takes, about.
    pub fn memory(&self) -> usize {
        self.dense.capacity() * size_of::<u32>() + self.sparse.capacity() * 2 * size_of::<u64>()
    }
}
