//! The sort of scikit-learn's splitter, for the order that it leaves equal values in.
//!
//! Sums of floats depend on the order of the addends, so a tree whose sums are rounded is only
//! the same as scikit-learn's if rows with equal values come in the same order. Source:
//! `introsort_3way` in `sklearn/utils/_sorting.pyx`.

/// Sorts `values` ascending and moves `rows` along. Both have the same length; no NaN.
pub(super) fn sort<T: Copy + PartialOrd>(values: &mut [T], rows: &mut [u32]) {
    if values.is_empty() {
        return;
    }
    let budget = 2 * (values.len() as f64).log2() as usize;
    // The parts still to sort, each with its own budget of partitions; the left parts first.
    // Their number is bounded by the budget.
    let mut parts = vec![(0, values.len(), budget)];
    while let Some((start, end, mut budget)) = parts.pop() {
        let (values, rows) = (&mut values[start..end], &mut rows[start..end]);
        if values.len() <= 15 {
            insertion_sort(values, rows);
            continue;
        }
        if budget == 0 {
            heap_sort(values, rows);
            continue;
        }
        budget -= 1;
        let pivot = median_of_three(values);
        let (mut i, mut left, mut right) = (0, 0, values.len());
        while i < right {
            if values[i] < pivot {
                values.swap(i, left);
                rows.swap(i, left);
                i += 1;
                left += 1;
            } else if values[i] > pivot {
                right -= 1;
                values.swap(i, right);
                rows.swap(i, right);
            } else {
                i += 1;
            }
        }
        parts.push((start + right, end, budget));
        parts.push((start, start + left, budget));
    }
}

fn median_of_three<T: Copy + PartialOrd>(values: &[T]) -> T {
    let (a, b, c) = (values[0], values[values.len() / 2], values[values.len() - 1]);
    if a < b {
        if b < c {
            b
        } else if a < c {
            c
        } else {
            a
        }
    } else if b < c {
        if a < c { a } else { c }
    } else {
        b
    }
}

fn insertion_sort<T: Copy + PartialOrd>(values: &mut [T], rows: &mut [u32]) {
    for i in 1..values.len() {
        let (value, row) = (values[i], rows[i]);
        let mut j = i;
        while j > 0 && values[j - 1] > value {
            values[j] = values[j - 1];
            rows[j] = rows[j - 1];
            j -= 1;
        }
        values[j] = value;
        rows[j] = row;
    }
}

fn heap_sort<T: Copy + PartialOrd>(values: &mut [T], rows: &mut [u32]) {
    let len = values.len();
    for start in (0..=(len - 2) / 2).rev() {
        sift_down(values, rows, start, len);
    }
    for end in (1..len).rev() {
        values.swap(0, end);
        rows.swap(0, end);
        sift_down(values, rows, 0, end);
    }
}

fn sift_down<T: Copy + PartialOrd>(values: &mut [T], rows: &mut [u32], start: usize, end: usize) {
    let mut root = start;
    loop {
        let child = root * 2 + 1;
        let mut largest = root;
        if child < end && values[largest] < values[child] {
            largest = child;
        }
        if child + 1 < end && values[largest] < values[child + 1] {
            largest = child + 1;
        }
        if largest == root {
            return;
        }
        values.swap(root, largest);
        rows.swap(root, largest);
        root = largest;
    }
}
