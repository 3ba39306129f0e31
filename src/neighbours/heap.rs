//! The nearest of the rows that were seen, in scikit-learn's order.

/// The most neighbours of which rows at the same distance come in the order of scikit-learn's sort,
/// which takes time quadratic in their number; more of them come in the order of the rows.
const MOST_IN_ORDER: usize = 1000;

/// How neighbours are sorted, which decides the order of those at the same distance.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sort {
    /// Quicksort, before scikit-learn 1.9.
    Quick,
    /// Introsort, which ends in an insertion sort.
    Intro,
}

/// The nearest rows of those that were seen: a heap with the farthest of them on top.
///
/// Source: `heap_push` in scikit-learn's `utils/_heap.pyx`.
#[derive(Debug, Clone)]
pub(super) struct Nearest {
    distances: Vec<f64>,
    rows: Vec<usize>,
}

impl Nearest {
    pub(super) fn new(count: usize) -> Nearest {
        Nearest { distances: vec![f64::INFINITY; count], rows: vec![0; count] }
    }

    pub(super) fn clear(&mut self) {
        self.distances.fill(f64::INFINITY);
        self.rows.fill(0);
    }

    /// The distance of the farthest: what is not nearer does not come in.
    pub(super) fn farthest(&self) -> f64 {
        self.distances.first().copied().unwrap_or(f64::NEG_INFINITY)
    }

    pub(super) fn push(&mut self, distance: f64, row: usize) {
        let is_nearer = distance < self.farthest();
        if !is_nearer {
            return;
        }
        let (distances, rows) = (&mut self.distances, &mut self.rows);
        let mut place = 0;
        loop {
            let (left, right) = (2 * place + 1, 2 * place + 2);
            let (below, farther) = match (distances.get(left), distances.get(right)) {
                (Some(&one), Some(&other)) if one >= other => (left, one),
                (_, Some(&other)) => (right, other),
                (Some(&one), None) => (left, one),
                (None, None) => break,
            };
            if distance >= farther {
                break;
            }
            distances[place] = farther;
            rows[place] = rows[below];
            place = below;
        }
        distances[place] = distance;
        rows[place] = row;
    }

    /// Puts what another heap holds into this one, as it lies there: scikit-learn does so with the
    /// heap of each thread.
    pub(super) fn take(&mut self, other: &Nearest) {
        self.clear();
        for (&distance, &row) in other.distances.iter().zip(&other.rows) {
            self.push(distance, row);
        }
    }

    /// The distances and rows, the nearest first; the heap is none any more until it is cleared.
    pub(super) fn sorted(&mut self, sort: Sort) -> (&mut [f64], &[usize]) {
        let mut pairs = Pairs { keys: &mut self.distances, rows: &mut self.rows };
        match sort {
            _ if pairs.len() > MOST_IN_ORDER => pairs.stable(),
            Sort::Quick => pairs.quick(),
            Sort::Intro => {
                let depth = 2 * pairs.len().max(1).ilog2();
                pairs.intro(depth);
            }
        }
        (&mut self.distances, &self.rows)
    }
}

/// Distances and the rows that have them, to be sorted by the distances.
///
/// Source: `simultaneous_sort` in scikit-learn's `utils/_sorting.pyx`, of 1.5 and of 1.9.
struct Pairs<'p> {
    keys: &'p mut [f64],
    rows: &'p mut [usize],
}

impl Pairs<'_> {
    fn len(&self) -> usize {
        self.keys.len()
    }

    fn swap(&mut self, one: usize, other: usize) {
        self.keys.swap(one, other);
        self.rows.swap(one, other);
    }

    /// The two sides of an item, without it.
    fn around(&mut self, place: usize) -> (Pairs<'_>, Pairs<'_>) {
        let (left, keys) = self.keys.split_at_mut(place);
        let (left_rows, rows) = self.rows.split_at_mut(place);
        let (_, keys) = keys.split_at_mut(1);
        let (_, rows) = rows.split_at_mut(1);
        (Pairs { keys: left, rows: left_rows }, Pairs { keys, rows })
    }

    fn stable(&mut self) {
        let mut pairs: Vec<(f64, usize)> =
            self.keys.iter().copied().zip(self.rows.iter().copied()).collect();
        pairs.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        for ((key, row), (own, own_row)) in
            pairs.into_iter().zip(self.keys.iter_mut().zip(self.rows.iter_mut()))
        {
            (*own, *own_row) = (key, row);
        }
    }

    /// Moves the middle of three items to the end, and gives it.
    fn median_to_end(&mut self) -> f64 {
        let (last, middle) = (self.len() - 1, self.len() / 2);
        if self.keys[0] > self.keys[last] {
            self.swap(0, last);
        }
        if self.keys[last] > self.keys[middle] {
            self.swap(last, middle);
            if self.keys[0] > self.keys[last] {
                self.swap(0, last);
            }
        }
        self.keys[last]
    }

    /// As deep as there are items at most, of which there are few.
    fn quick(&mut self) {
        match self.len() {
            0 | 1 => {}
            2 => {
                if self.keys[0] > self.keys[1] {
                    self.swap(0, 1);
                }
            }
            3 => {
                if self.keys[0] > self.keys[1] {
                    self.swap(0, 1);
                }
                if self.keys[1] > self.keys[2] {
                    self.swap(1, 2);
                    if self.keys[0] > self.keys[1] {
                        self.swap(0, 1);
                    }
                }
            }
            count => {
                let pivot = self.median_to_end();
                let mut store = 0;
                for place in 0..count - 1 {
                    if self.keys[place] < pivot {
                        self.swap(place, store);
                        store += 1;
                    }
                }
                self.swap(store, count - 1);
                let (mut left, mut right) = self.around(store);
                left.quick();
                right.quick();
            }
        }
    }

    fn intro(&mut self, depth: u32) {
        let count = self.len();
        if count <= 15 {
            return self.insertion();
        }
        if depth == 0 {
            return self.heap();
        }
        let pivot = self.median_to_end();
        let (mut i, mut j) = (1, count - 2);
        loop {
            while i <= j && self.keys[i] < pivot {
                i += 1;
            }
            while i <= j && self.keys[j] > pivot {
                j -= 1;
            }
            if i >= j {
                break;
            }
            self.swap(i, j);
            i += 1;
            j -= 1;
        }
        self.swap(i, count - 1);
        let (mut left, mut right) = self.around(i);
        left.intro(depth - 1);
        right.intro(depth - 1);
    }

    fn insertion(&mut self) {
        for place in 1..self.len() {
            let mut own = place;
            while own > 0 && self.keys[own - 1] > self.keys[own] {
                self.swap(own - 1, own);
                own -= 1;
            }
        }
    }

    fn heap(&mut self) {
        let count = self.len();
        for start in (0..=(count - 2) / 2).rev() {
            self.sift_down(start, count);
        }
        for end in (1..count).rev() {
            self.swap(0, end);
            self.sift_down(0, end);
        }
    }

    fn sift_down(&mut self, start: usize, end: usize) {
        let mut root = start;
        loop {
            let child = 2 * root + 1;
            let mut greatest = root;
            for child in [child, child + 1] {
                if child < end && self.keys[greatest] < self.keys[child] {
                    greatest = child;
                }
            }
            if greatest == root {
                return;
            }
            self.swap(root, greatest);
            root = greatest;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Distances of which many are the same, in no order.
    fn distances(count: usize) -> impl Iterator<Item = f64> {
        (0..count).map(|place| ((place * 7919 + 13) % 101 % 17) as f64)
    }

    #[test]
    fn the_nearest_are_kept_and_sorted() {
        for (count, kept) in [(1, 1), (5, 3), (40, 16), (900, 400), (3000, 1500)] {
            let mut expected: Vec<f64> = distances(count).collect();
            expected.sort_by(f64::total_cmp);
            expected.truncate(kept);
            for sort in [Sort::Quick, Sort::Intro] {
                let mut nearest = Nearest::new(kept);
                distances(count).enumerate().for_each(|(row, it)| nearest.push(it, row));
                let (found, rows) = nearest.sorted(sort);
                assert_eq!(found, expected, "{count} {sort:?}");
                let all: Vec<f64> = distances(count).collect();
                assert!(rows.iter().zip(found).all(|(&row, &mut it)| all[row] == it));
                let mut rows = rows.to_vec();
                rows.sort_unstable();
                rows.dedup();
                assert_eq!(rows.len(), kept, "{count} {sort:?}");
            }
        }
    }

    #[test]
    fn what_is_no_number_does_not_come_in() {
        let mut nearest = Nearest::new(2);
        for (row, distance) in [f64::NAN, 3.0, f64::INFINITY, 1.0, f64::NAN].into_iter().enumerate()
        {
            nearest.push(distance, row);
        }
        let (distances, rows) = nearest.sorted(Sort::Intro);
        assert_eq!((distances.to_vec(), rows.to_vec()), (vec![1.0, 3.0], vec![3, 1]));
        let mut none = Nearest::new(0);
        none.push(1.0, 0);
        assert!(none.sorted(Sort::Quick).0.is_empty());
    }

    /// scikit-learn's `heapsort` is for what a quicksort would take too long for.
    #[test]
    fn a_sort_that_gets_nowhere_ends_in_another() {
        let mut keys: Vec<f64> = distances(100).collect();
        let mut rows: Vec<usize> = (0..100).collect();
        Pairs { keys: &mut keys, rows: &mut rows }.intro(0);
        assert!(keys.is_sorted());
        let all: Vec<f64> = distances(100).collect();
        assert!(rows.iter().zip(keys).all(|(&row, key)| all[row] == key));
    }
}
