//! Kernels of a row with all support vectors.

use ndarray::ArrayView2;

use super::Error;
use super::machine::SupportVectors;
use crate::data::SparseRows;
use crate::model::lanes::{LANES, groups, one, two};

/// How alike two rows are.
///
/// ```
/// use picklebook::svm::Kernel;
///
/// assert_eq!(Kernel::Linear.to_string(), "linear");
/// assert_eq!(Kernel::Rbf { gamma: 0.5 }.to_string(), "rbf(gamma=0.5)");
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Kernel {
    /// ⟨x, y⟩.
    Linear,
    /// (γ⟨x, y⟩ + coef0)^degree.
    Poly {
        /// γ, scikit-learn's `_gamma`.
        gamma: f64,
        /// The exponent; libsvm's powers below 1 are 1.
        degree: i64,
        /// What is added first.
        coef0: f64,
    },
    /// exp(−γ|x − y|²).
    Rbf {
        /// γ, scikit-learn's `_gamma`.
        gamma: f64,
    },
    /// tanh(γ⟨x, y⟩ + coef0).
    Sigmoid {
        /// γ, scikit-learn's `_gamma`.
        gamma: f64,
        /// What is added first.
        coef0: f64,
    },
}

impl std::fmt::Display for Kernel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Kernel::Linear => write!(f, "linear"),
            Kernel::Poly { gamma, degree, coef0 } => {
                write!(f, "poly(gamma={gamma}, degree={degree}, coef0={coef0})")
            }
            Kernel::Rbf { gamma } => write!(f, "rbf(gamma={gamma})"),
            Kernel::Sigmoid { gamma, coef0 } => write!(f, "sigmoid(gamma={gamma}, coef0={coef0})"),
        }
    }
}

impl Kernel {
    /// Whether it is of the distance of two rows; the others are of their product.
    fn is_of_distance(self) -> bool {
        matches!(self, Kernel::Rbf { .. })
    }

    /// The kernel of rows whose product, or squared distance, is this.
    fn of(self, sum: f64) -> f64 {
        match self {
            Kernel::Linear => sum,
            Kernel::Poly { gamma, degree, coef0 } => power(gamma * sum + coef0, degree),
            Kernel::Rbf { gamma } => (-gamma * sum).exp(),
            Kernel::Sigmoid { gamma, coef0 } => (gamma * sum + coef0).tanh(),
        }
    }
}

/// libsvm's `powi`.
fn power(base: f64, degree: i64) -> f64 {
    let (mut square, mut result, mut times) = (base, 1.0, degree);
    while times > 0 {
        if times % 2 == 1 {
            result *= square;
        }
        square *= square;
        times /= 2;
    }
    result
}

/// Support vectors as they are asked: many at once, for which the compiler uses vector
/// instructions.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Vectors {
    /// For each group of vectors, and in it for each column, the value of each vector; zeros where
    /// the last group has too few.
    Dense(Vec<[f64; LANES]>),
    Sparse(SparseRows),
}

impl Vectors {
    pub(super) fn new(vectors: &SupportVectors) -> Vectors {
        match vectors {
            SupportVectors::Dense(rows) => Vectors::Dense(groups(rows.view())),
            SupportVectors::Sparse(rows) => Vectors::Sparse(rows.clone()),
        }
    }

    /// The kernels of some rows with all vectors: rows × vectors into `values`, which has as many
    /// places.
    pub(super) fn kernels(
        &self,
        kernel: Kernel,
        rows: ArrayView2<'_, f64>,
        count: usize,
        values: &mut [f64],
    ) -> Result<(), Error> {
        if count == 0 {
            return Ok(());
        }
        match self {
            Vectors::Dense(groups) => {
                let rows = rows.as_standard_layout();
                let columns = rows.ncols().max(1);
                let rows = rows.as_slice().unwrap_or_default();
                let pairs = rows.chunks(2 * columns).zip(values.chunks_mut(2 * count));
                for (rows, values) in pairs {
                    let (first, second) = rows.split_at(columns.min(rows.len()));
                    let (out, other) = values.split_at_mut(count.min(values.len()));
                    match (kernel.is_of_distance(), second.is_empty()) {
                        (true, false) => two(groups, [first, second], [out, other], distance),
                        (false, false) => two(groups, [first, second], [out, other], product),
                        (true, true) => one(groups, first, out, distance),
                        (false, true) => one(groups, first, out, product),
                    }
                }
            }
            Vectors::Sparse(vectors) => {
                for (row, values) in rows.rows().into_iter().zip(values.chunks_mut(count)) {
                    let cells = (0..).zip(row).filter(|(_, value)| **value != 0.0);
                    let (places, cells): (Vec<u32>, Vec<f64>) = cells.unzip();
                    let sums = vectors.rows().map(|(columns, vector)| {
                        merge((&places, &cells), (columns, vector), kernel.is_of_distance())
                    });
                    values.iter_mut().zip(sums).for_each(|(value, sum)| *value = sum);
                }
            }
        }
        if kernel != Kernel::Linear {
            values.iter_mut().for_each(|value| *value = kernel.of(*value));
        }
        Ok(())
    }
}

fn distance(sum: f64, value: f64, vector: f64) -> f64 {
    let difference = value - vector;
    sum + difference * difference
}

fn product(sum: f64, value: f64, vector: f64) -> f64 {
    sum + value * vector
}

/// The product of two sparse rows, or the square of their distance, in the order of the columns.
fn merge(a: (&[u32], &[f64]), b: (&[u32], &[f64]), distance: bool) -> f64 {
    use std::cmp::Ordering::{Equal, Greater, Less};

    let mut a = a.0.iter().zip(a.1).peekable();
    let mut b = b.0.iter().zip(b.1).peekable();
    let mut sum = 0.0;
    loop {
        let (place, own, other) = match (a.peek(), b.peek()) {
            (Some(&(place, own)), Some(&(behind, other))) => (place.cmp(behind), *own, *other),
            (Some(&(_, own)), None) if distance => (Less, *own, 0.0),
            (None, Some(&(_, other))) if distance => (Greater, 0.0, *other),
            _ => return sum,
        };
        let (own, other) = match place {
            Less => (a.next().map_or(0.0, |_| own), 0.0),
            Greater => (0.0, b.next().map_or(0.0, |_| other)),
            Equal => {
                a.next();
                b.next();
                (own, other)
            }
        };
        match distance {
            true => sum += (own - other) * (own - other),
            false => sum += own * other,
        }
    }
}

#[cfg(test)]
mod tests {
    use ndarray::{Array2, array};

    use super::*;

    #[test]
    fn powers_as_libsvm_has_them() {
        for (base, degree, result) in
            [(2.0, 10, 1024.0), (-3.0, 3, -27.0), (5.0, 0, 1.0), (2.0, -1, 1.0), (0.5, 1, 0.5)]
        {
            assert_eq!(power(base, degree), result, "{base} {degree}");
        }
    }

    #[test]
    fn sparse_and_dense_vectors_say_the_same() {
        let vectors = Array2::from_shape_fn((19, 5), |(row, column)| match (row + column) % 3 {
            0 => 0.0,
            _ => row as f64 - 2.5 * column as f64,
        });
        let rows = array![[0.0, 1.0, 0.0, -2.0, 3.0], [0.0; 5], [1.0, 2.0, 3.0, 4.0, 0.5]];
        let sparse = SparseRows::from_dense(&vectors).expect("five columns");
        let kernels = [
            Kernel::Linear,
            Kernel::Rbf { gamma: 0.01 },
            Kernel::Poly { gamma: 0.5, degree: 3, coef0: 1.0 },
            Kernel::Sigmoid { gamma: 0.02, coef0: -0.5 },
        ];
        for kernel in kernels {
            let ask = |vectors: &SupportVectors| {
                let mut values = vec![f64::NAN; 3 * 19];
                let asked = Vectors::new(vectors).kernels(kernel, rows.view(), 19, &mut values);
                asked.map(|()| values).expect("an answer")
            };
            let dense = ask(&SupportVectors::Dense(vectors.clone()));
            assert_eq!(ask(&SupportVectors::Sparse(sparse.clone())), dense, "{kernel}");
            let plain = |(row, vector): (usize, usize)| {
                let pairs = rows.row(row).into_iter().zip(vectors.row(vector));
                let sums = |(product, distance), (a, b): (&f64, &f64)| {
                    (product + a * b, distance + (a - b) * (a - b))
                };
                let (product, distance) = pairs.fold((0.0, 0.0), sums);
                kernel.of(if kernel.is_of_distance() { distance } else { product })
            };
            let expected = Array2::from_shape_fn((3, 19), plain);
            assert_eq!(dense, expected.into_raw_vec_and_offset().0, "{kernel}");
        }
    }
}
