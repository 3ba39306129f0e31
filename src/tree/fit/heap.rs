//! The priority queue of best-first growth: the order of equals is that of libstdc++.
//!
//! scikit-learn keeps its frontier with `std::push_heap` and `std::pop_heap`; which of two nodes
//! of equal improvement is split first depends on how these sift. Source: libstdc++'s
//! `bits/stl_heap.h`.

/// A node that waits to be split.
pub(super) trait Improvement {
    /// By how much the split improves the tree.
    fn improvement(&self) -> f64;
}

/// Adds an entry.
pub(super) fn push<T: Improvement>(heap: &mut Vec<T>, entry: T) {
    heap.push(entry);
    let last = heap.len() - 1;
    rise(heap, last);
}

/// Takes the entry with the greatest improvement.
pub(super) fn pop<T: Improvement>(heap: &mut Vec<T>) -> Option<T> {
    if heap.is_empty() {
        return None;
    }
    let top = heap.swap_remove(0);
    let len = heap.len();
    if len > 1 {
        // The hole walks down to a leaf, the greater child filling it, then the entry rises.
        // Swapping gives the same order as libstdc++'s moves, for the entry travels in the hole.
        let mut hole = 0;
        let mut child = 0;
        while child < (len - 1) / 2 {
            child = 2 * (child + 1);
            if heap[child].improvement() < heap[child - 1].improvement() {
                child -= 1;
            }
            heap.swap(hole, child);
            hole = child;
        }
        if len.is_multiple_of(2) && child == (len - 2) / 2 {
            child = 2 * (child + 1);
            heap.swap(hole, child - 1);
            hole = child - 1;
        }
        rise(heap, hole);
    }
    Some(top)
}

fn rise<T: Improvement>(heap: &mut [T], mut hole: usize) {
    while hole > 0 {
        let parent = (hole - 1) / 2;
        if heap[parent].improvement() < heap[hole].improvement() {
            heap.swap(parent, hole);
            hole = parent;
        } else {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Entry {
        improvement: f64,
        number: usize,
    }

    impl Improvement for Entry {
        fn improvement(&self) -> f64 {
            self.improvement
        }
    }

    /// Each with the order in which `std::pop_heap` of libstdc++ takes the entries out after
    /// `std::push_heap` put them in.
    #[test]
    fn equals_come_out_in_the_order_of_libstdcxx() {
        let cases: [(&[f64], &[usize]); 8] = [
            (&[], &[]),
            (&[5.0], &[0]),
            (&[0.0, 0.0, 0.0], &[0, 1, 2]),
            (&[2.0, 1.0, 2.0], &[0, 2, 1]),
            (&[1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0], &[0, 2, 5, 6, 4, 1, 3]),
            (&[0.0, 1.0, 0.0, 1.0, 0.0, 1.0, 0.0, 1.0], &[1, 5, 3, 7, 6, 2, 4, 0]),
            (&[3.0, 3.0, 2.0, 2.0, 1.0, 1.0, 3.0, 2.0, 1.0], &[0, 6, 1, 2, 3, 7, 5, 8, 4]),
            (
                &[1.0, 2.0, 2.0, 1.0, 2.0, 1.0, 1.0, 2.0, 2.0, 1.0, 0.0, 0.0],
                &[1, 2, 4, 7, 8, 6, 5, 9, 0, 3, 10, 11],
            ),
        ];
        for (improvements, expected) in cases {
            let mut heap = Vec::new();
            for (number, &improvement) in improvements.iter().enumerate() {
                push(&mut heap, Entry { improvement, number });
            }
            let order: Vec<usize> =
                std::iter::from_fn(|| pop(&mut heap)).map(|entry| entry.number).collect();
            assert_eq!(order, expected, "{improvements:?}");
        }
    }
}
