//! The rows of a fit, and which of them are nearest to others.

use ndarray::linalg::general_mat_mul;
use ndarray::{Array2, ArrayView1, ArrayView2, ArrayViewMut2, s};

use super::Error;
use super::heap::{Nearest, Sort};
use super::metric::{Metric, with_step};
use super::tree::{NeighbourTree, SearchTree, Shape, Space};
use crate::data::Features;
use crate::model::lanes::{LANES, groups, one};
use crate::model::rows::finite;
use crate::model::{FittedParts, Model, SklearnVersion};

/// How many rows are asked at once, and with how many rows of the fit they are compared at a time.
const BLOCK: usize = 128;
const CHUNK: usize = 512;

/// How many neighbours are kept at once, of all rows that are asked at once: 16 MB.
const MOST_KEPT: usize = 1 << 20;

/// Up to so many rows, products are faster without a library that first lays out what it multiplies.
const FEW_ROWS: usize = 3;

/// How many points have their products with a row at once.
const STRIP: usize = 16;

/// How many points are passed by at once if none of them is near enough.
const PASSED: usize = 2 * STRIP;

/// How the nearest rows are found: scikit-learn's `_fit_method` with its tree.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Search {
    /// Every row is compared with every row of the fit.
    Brute,
    /// With boxes in boxes.
    KdTree(NeighbourTree),
    /// With balls in balls.
    BallTree(NeighbourTree),
}

/// What all models of neighbours are made of.
#[derive(Debug, Clone, PartialEq)]
pub struct NeighbourParts {
    /// The rows of the fit: scikit-learn's `_fit_X`.
    pub points: Array2<f64>,
    /// How far rows are from one another.
    pub metric: Metric,
    /// How the nearest are found.
    pub search: Search,
    /// How many of them count.
    pub n_neighbors: usize,
}

impl NeighbourParts {
    /// Points that are searched by brute force.
    pub fn brute(points: Array2<f64>, metric: Metric, n_neighbors: usize) -> Self {
        NeighbourParts { points, metric, search: Search::Brute, n_neighbors }
    }
}

/// The nearest rows of a fit to other rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Neighbours {
    /// How far they are: rows × neighbours, the nearest first.
    pub distances: Array2<f64>,
    /// Which rows of the fit they are, counted from 0.
    pub indices: Array2<usize>,
}

/// How points are compared.
#[derive(Debug, Clone, PartialEq)]
enum Compared {
    /// By products.
    Products(Squares),
    /// By products of points of length 1.
    Cosines(Array2<f64>),
    /// Column by column, many points at once.
    Lanes(Vec<[f64; LANES]>),
    Tree(SearchTree),
}

/// What is known of points that are compared by products.
#[derive(Debug, Clone, PartialEq)]
struct Squares {
    /// The square of each point's length.
    squares: Vec<f64>,
    /// The greatest of them.
    greatest: f64,
    rough: Option<Rough>,
}

/// Points in 32 bits, which are compared in half the time. What rounding may have done to them is
/// allowed for: whatever may be near enough is compared again in 64 bits.
///
/// So that little is lost, they are moved by their mean and scaled to lengths of at most 1.
#[derive(Debug, Clone, PartialEq)]
struct Rough {
    centre: Vec<f64>,
    scale: f64,
    /// Columns × points, with points at the end that stand for none, to fill the last strip.
    points: Array2<f32>,
    /// The square of each one's length; infinite where there is no point.
    squares: Vec<f32>,
    /// The greatest of those of each chunk.
    greatest: Vec<f64>,
}

/// A longer row, as [`Rough`] has them, would not do in 32 bits.
const MOST_ROUGH: f64 = 1e30;

impl Squares {
    fn new(points: &Array2<f64>) -> Squares {
        let squares: Vec<f64> = points.rows().into_iter().map(square).collect();
        let greatest = squares.iter().copied().fold(0.0, f64::max);
        let rough = if greatest.is_finite() { Rough::new(points) } else { None };
        Squares { squares, greatest, rough }
    }
}

impl Rough {
    fn new(points: &Array2<f64>) -> Option<Rough> {
        let (count, columns) = points.dim();
        let centre = points.columns().into_iter().map(|column| column.sum() / count as f64);
        let centre: Vec<f64> = centre.collect();
        let moved = |row: ArrayView1<'_, f64>| -> f64 {
            row.iter().zip(&centre).map(|(value, centre)| (value - centre).powi(2)).sum()
        };
        let greatest = points.rows().into_iter().map(moved).fold(0.0, f64::max);
        // a power of two, which rounds nothing
        let scale = match greatest.sqrt().recip() {
            scale if scale.is_normal() => scale.log2().floor().exp2(),
            _ => 1.0,
        };
        if !(greatest.is_finite() && scale.is_normal()) {
            return None;
        }
        let padded = count.next_multiple_of(STRIP);
        let mut rough = Rough {
            centre,
            scale,
            points: Array2::zeros((columns, padded)),
            squares: vec![f32::INFINITY; padded],
            greatest: vec![0.0; padded.div_ceil(CHUNK)],
        };
        let mut row = vec![0.0; columns];
        for (place, point) in points.rows().into_iter().enumerate() {
            let square = rough.row(point, &mut row, 1.0);
            let mut column = rough.points.column_mut(place);
            column.iter_mut().zip(&row).for_each(|(own, value)| *own = *value);
            rough.squares[place] = square as f32;
            let greatest = &mut rough.greatest[place / CHUNK];
            *greatest = square.max(*greatest);
        }
        Some(rough)
    }

    /// Puts a row, moved, scaled and multiplied, into `out`; gives the square of its length before
    /// it is multiplied.
    fn row(&self, row: ArrayView1<'_, f64>, out: &mut [f32], factor: f64) -> f64 {
        let mut square = 0.0;
        for ((out, value), centre) in out.iter_mut().zip(row).zip(&self.centre) {
            let value = (value - centre) * self.scale;
            square += value * value;
            *out = (factor * value) as f32;
        }
        square
    }

    /// Puts the products of rows with the points of a chunk into `products`: rows × points.
    fn products(&self, rows: &[f32], chunk: std::ops::Range<usize>, products: &mut [f32]) {
        let (columns, width) = (self.centre.len(), chunk.len());
        if rows.len() <= FEW_ROWS * columns {
            for (row, products) in rows.chunks(columns).zip(products.chunks_mut(width)) {
                self.products_of_row(row, chunk.start, products);
            }
            return;
        }
        let shape = (rows.len() / columns, columns);
        let points = self.points.slice(s![.., chunk]);
        if let Ok(rows) = ArrayView2::from_shape(shape, rows)
            && let Ok(mut out) = ArrayViewMut2::from_shape((shape.0, width), &mut *products)
        {
            general_mat_mul(1.0, &rows, &points, 0.0, &mut out);
        }
    }

    fn products_of_row(&self, row: &[f32], start: usize, products: &mut [f32]) {
        let points = self.points.as_slice().unwrap_or_default();
        let padded = self.squares.len();
        for (strip, products) in products.as_chunks_mut::<STRIP>().0.iter_mut().enumerate() {
            let mut own = [0.0; STRIP];
            let place = start + strip * STRIP;
            for (points, value) in points.chunks_exact(padded).zip(row) {
                let Some(points) = points[place..].first_chunk::<STRIP>() else { continue };
                for (sum, other) in own.iter_mut().zip(points) {
                    *sum += value * other;
                }
            }
            *products = own;
        }
    }

    /// How far apart a sum in 32 bits and a distance in 64 may be, where the square of the row's
    /// length and the greatest of the points' are these: twice what may be lost by rounding each
    /// value, each product and each sum, and what is lost of the smallest numbers.
    fn slack(&self, own: f64, greatest: f64) -> f64 {
        let columns = self.centre.len() as f64;
        (columns + 8.0) * f64::from(f32::EPSILON) * (own + greatest) + 1e-28 * columns
    }
}

/// Checked points.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Points {
    points: Array2<f64>,
    metric: Metric,
    compared: Compared,
    pub(super) n_neighbors: usize,
    sort: Sort,
}

/// The product of two rows, rounded once for each column.
fn product(one: &[f64], other: &[f64]) -> f64 {
    one.iter().zip(other).fold(0.0, |sum, (a, b)| a.mul_add(*b, sum))
}

fn square(row: ArrayView1<'_, f64>) -> f64 {
    row.iter().fold(0.0, |sum, value| value.mul_add(*value, sum))
}

/// The products of each row with each point: rows × points, at the beginning of `space`, which has
/// room for them.
fn products<'s>(
    rows: ArrayView2<'_, f64>,
    points: ArrayView2<'_, f64>,
    space: &'s mut [f64],
) -> &'s [f64] {
    let cells = rows.nrows() * points.nrows();
    let Some((space, _)) = space.split_at_mut_checked(cells) else { return &[] };
    if let Ok(mut out) = ArrayViewMut2::from_shape((rows.nrows(), points.nrows()), &mut *space) {
        general_mat_mul(1.0, &rows, &points.t(), 0.0, &mut out);
    }
    space
}

/// Rows of length 1, where they have a length.
fn normalized(rows: ArrayView2<'_, f64>) -> Array2<f64> {
    let mut rows = rows.to_owned();
    for mut row in rows.rows_mut() {
        let length = row.iter().map(|value| value * value).sum::<f64>().sqrt();
        if length != 0.0 {
            row.mapv_inplace(|value| value / length);
        }
    }
    rows
}

impl Points {
    /// Checks that there are points of the columns of the fit, all finite, and a tree that has them.
    pub(super) fn new(fitted: &FittedParts, parts: NeighbourParts) -> Result<Points, Error> {
        let NeighbourParts { points, metric, search, n_neighbors } = parts;
        fitted.check()?;
        fitted.one_each("columns of the rows of the fit", points.ncols())?;
        metric.check()?;
        if points.nrows() == 0 {
            return Err(Error::Model { problem: "it has no rows of a fit".to_owned() });
        }
        if let Some(value) = points.iter().find(|value| !value.is_finite()) {
            let problem = format!("the rows of the fit: one holds {value}");
            return Err(Error::Model { problem });
        }
        let points = points.as_standard_layout().into_owned();
        let compared = match (search, metric) {
            (Search::KdTree(tree), _) => {
                Compared::Tree(SearchTree::new(tree, Shape::Boxes, &points, metric)?)
            }
            (Search::BallTree(tree), _) => {
                Compared::Tree(SearchTree::new(tree, Shape::Balls, &points, metric)?)
            }
            (Search::Brute, Metric::Euclidean) => Compared::Products(Squares::new(&points)),
            (Search::Brute, Metric::Cosine) => Compared::Cosines(normalized(points.view())),
            (Search::Brute, _) => Compared::Lanes(groups(points.view())),
        };
        let sort = match fitted.version < SklearnVersion::new(1, 9, 0) {
            true => Sort::Quick,
            false => Sort::Intro,
        };
        Ok(Points { points, metric, compared, n_neighbors, sort })
    }

    /// Checks that there are as many neighbours as are asked for.
    pub(super) fn check_count(&self, n_neighbors: usize) -> Result<(), Error> {
        match n_neighbors {
            0 => Err(Error::Parameter {
                name: "n_neighbors",
                value: "0".to_owned(),
                expected: "at least 1",
            }),
            more if more > self.len() => {
                Err(Error::TooMany { what: "neighbours", found: more, most: self.len() })
            }
            _ => Ok(()),
        }
    }

    pub(super) fn len(&self) -> usize {
        self.points.nrows()
    }

    pub(super) fn metric(&self) -> Metric {
        self.metric
    }

    pub(super) fn points(&self) -> &Array2<f64> {
        &self.points
    }

    /// scikit-learn's name of the way in which the nearest are found.
    pub(super) fn algorithm(&self) -> &'static str {
        match &self.compared {
            Compared::Tree(tree) => match tree.shape() {
                Shape::Boxes => "kd_tree",
                Shape::Balls => "ball_tree",
            },
            _ => "brute",
        }
    }

    /// The nearest points to each row, with their distances.
    pub(super) fn neighbours(
        &self,
        model: &dyn Model,
        features: Features<'_>,
        n_neighbors: usize,
    ) -> Result<Neighbours, Error> {
        let rows = features.shape().0;
        let cells = rows.saturating_mul(n_neighbors.min(self.len()));
        let (mut distances, mut indices) = (Vec::with_capacity(cells), Vec::with_capacity(cells));
        self.each_row(model, features, n_neighbors, |own, rows| {
            distances.extend_from_slice(own);
            indices.extend_from_slice(rows);
        })?;
        Ok(Neighbours {
            distances: crate::model::link::table(rows, n_neighbors, distances)?,
            indices: crate::model::link::table(rows, n_neighbors, indices)?,
        })
    }

    /// Calls `each` with the distances of the nearest points to each row, and which they are.
    pub(super) fn each_row(
        &self,
        model: &dyn Model,
        features: Features<'_>,
        n_neighbors: usize,
        each: impl FnMut(&[f64], &[usize]),
    ) -> Result<(), Error> {
        self.check_count(n_neighbors)?;
        let rows = finite(model, &features)?;
        let rows = rows.as_standard_layout();
        self.search(rows.view(), n_neighbors, each);
        Ok(())
    }

    /// As [`each_row`](Self::each_row), of rows that were checked and lie one after the other.
    pub(super) fn search(
        &self,
        rows: ArrayView2<'_, f64>,
        n_neighbors: usize,
        mut each: impl FnMut(&[f64], &[usize]),
    ) {
        let mut done = |nearest: &mut Nearest| {
            let (distances, rows) = nearest.sorted(self.sort);
            for distance in distances.iter_mut() {
                *distance = self.metric.distance(*distance);
            }
            each(distances, rows);
            nearest.clear();
        };
        let mut nearest = Nearest::new(n_neighbors);
        if let Compared::Tree(tree) = &self.compared {
            let mut space = Space::new(tree.most());
            for row in rows.rows() {
                let row = row.to_slice().unwrap_or_default();
                tree.search(row, self.metric, &mut nearest, &mut space);
                done(&mut nearest);
            }
            return;
        }
        // Few rows are compared in parts of the fit, whose heaps are then put together: with one
        // thread there is one part.
        let in_parts = self.len() >= rows.nrows() && rows.nrows() <= 4 * 256;
        let at_once = (MOST_KEPT / n_neighbors.max(1)).clamp(1, BLOCK);
        let mut heaps = vec![nearest.clone(); at_once.min(rows.nrows())];
        let mut space = match &self.compared {
            Compared::Products(_) => Vec::new(),
            _ => vec![0.0; heaps.len() * CHUNK],
        };
        for start in (0..rows.nrows()).step_by(at_once) {
            let block = rows.slice(s![start..rows.nrows().min(start + at_once), ..]);
            self.search_block(block, &mut heaps, &mut space);
            for heap in heaps.iter_mut().take(block.nrows()) {
                match in_parts {
                    true => {
                        nearest.take(heap);
                        heap.clear();
                        done(&mut nearest);
                    }
                    false => done(heap),
                }
            }
        }
    }

    /// Puts the nearest points to some rows into a heap for each.
    fn search_block(&self, block: ArrayView2<'_, f64>, heaps: &mut [Nearest], space: &mut [f64]) {
        match &self.compared {
            Compared::Products(squares) => self.by_products(squares, block, heaps),
            Compared::Cosines(points) => {
                let block = normalized(block);
                for start in (0..self.len()).step_by(CHUNK) {
                    let points = points.slice(s![start..self.len().min(start + CHUNK), ..]);
                    let products = products(block.view(), points, space).chunks(points.nrows());
                    for (products, heap) in products.zip(heaps.iter_mut()) {
                        for (place, product) in (start..).zip(products) {
                            heap.push((1.0 - product).clamp(0.0, 2.0), place);
                        }
                    }
                }
            }
            Compared::Lanes(lanes) => {
                let columns = block.ncols();
                for (number, lanes) in lanes.chunks(CHUNK / LANES * columns).enumerate() {
                    let start = number * CHUNK;
                    let count = CHUNK.min(self.len() - start);
                    let Some(space) = space.get_mut(..lanes.len() / columns * LANES) else {
                        continue;
                    };
                    for (row, heap) in block.rows().into_iter().zip(heaps.iter_mut()) {
                        let row = row.to_slice().unwrap_or_default();
                        with_step!(self.metric, step => {
                            one(lanes, row, space, |sum, value, other| step(sum, value - other));
                        });
                        for (place, &distance) in (start..).zip(space.iter().take(count)) {
                            heap.push(distance, place);
                        }
                    }
                }
            }
            Compared::Tree(_) => {}
        }
    }

    /// |x|² − 2⟨x, y⟩ + |y|², each product summed column by column and rounded once for each: the
    /// way of the libraries that scikit-learn asks, where there are few columns. Sums that are
    /// rounded otherwise say which points may be near enough.
    fn by_products(&self, squares: &Squares, block: ArrayView2<'_, f64>, heaps: &mut [Nearest]) {
        let exactly = |row: &[f64], own: f64, place: usize, heap: &mut Nearest| {
            let product = product(row, self.points.row(place).to_slice().unwrap_or_default());
            heap.push((own + -2.0 * product + squares.squares[place]).max(0.0), place);
        };
        let Some(rough) = &squares.rough else {
            for (row, heap) in block.rows().into_iter().zip(heaps.iter_mut()) {
                let (own, row) = (square(row), row.to_slice().unwrap_or_default());
                (0..self.len()).for_each(|place| exactly(row, own, place, heap));
            }
            return;
        };
        let (count, columns) = block.dim();
        let mut rows = vec![0.0_f32; count * columns];
        // the square of each row's length, as it is and as it is compared
        let own: Vec<(f64, f64)> = block
            .rows()
            .into_iter()
            .zip(rows.chunks_mut(columns))
            .map(|(row, out)| (square(row), rough.row(row, out, -2.0)))
            .collect();
        let padded = rough.squares.len();
        let mut products = vec![0.0_f32; count * CHUNK.min(padded)];
        let scale = rough.scale * rough.scale;
        for (number, &greatest) in rough.greatest.iter().enumerate() {
            let start = number * CHUNK;
            let chunk = start..padded.min(start + CHUNK);
            let (width, all) = (chunk.len(), chunk.clone());
            let products = &mut products[..count * width];
            rough.products(&rows, chunk, products);
            let asked = block.rows().into_iter().zip(&own).zip(heaps.iter_mut());
            for (((row, &(own, moved)), heap), products) in asked.zip(products.chunks(width)) {
                let row = row.to_slice().unwrap_or_default();
                // how far apart two ways of rounding the same sum in 64 bits may be
                let slack =
                    4.0 * (columns + 4) as f64 * f64::EPSILON * (own + squares.greatest) * scale;
                let slack = slack + rough.slack(moved, greatest) - moved;
                let most = |heap: &Nearest| match moved <= MOST_ROUGH {
                    true => ((heap.farthest() * scale + slack) as f32).next_up(),
                    false => f32::NAN,
                };
                let mut least = most(heap);
                let squares = rough.squares[all.clone()].chunks(PASSED);
                for (part, (squares, products)) in squares.zip(products.chunks(PASSED)).enumerate()
                {
                    if least_sums(squares, products).iter().all(|&sum| sum >= least) {
                        continue;
                    }
                    for (lane, (square, product)) in squares.iter().zip(products).enumerate() {
                        let place = start + part * PASSED + lane;
                        if square + product >= least || place >= self.len() {
                            continue;
                        }
                        exactly(row, own, place, heap);
                        least = most(heap);
                    }
                }
            }
        }
    }
}

/// The least of every eighth sum, so that the compiler uses vector instructions.
#[inline(always)]
fn least_sums(squares: &[f32], products: &[f32]) -> [f32; LANES] {
    let mut least = [f32::INFINITY; LANES];
    let groups = squares.as_chunks::<LANES>().0.iter().zip(products.as_chunks::<LANES>().0);
    for (squares, products) in groups {
        for lane in 0..LANES {
            let sum = squares[lane] + products[lane];
            least[lane] = if sum < least[lane] { sum } else { least[lane] };
        }
    }
    least
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each row's neighbours, by a search in 32 bits first or in 64 bits alone.
    fn found(points: &Points, rows: &Array2<f64>, rough: bool) -> Vec<(Vec<f64>, Vec<usize>)> {
        let mut points = points.clone();
        if let Compared::Products(squares) = &mut points.compared
            && !rough
        {
            squares.rough = None;
        }
        let mut found = Vec::new();
        points.search(rows.view(), 4, |distances, rows| {
            found.push((distances.to_vec(), rows.to_vec()));
        });
        found
    }

    #[test]
    fn nothing_near_is_lost_in_32_bits() {
        let cell = |row: usize, column: usize| {
            let mixed = (row as u64 * 31 + column as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            (mixed >> 33) as f64 / (1_u64 << 31) as f64 - 0.5
        };
        for columns in [1, 3, 21] {
            for (scale, offset) in [
                (1.0, 0.0),
                (1.0, 1e6),
                (1e-9, 1.0),
                (1e-170, 0.0),
                (1e140, 0.0),
                (1e160, 0.0),
                (0.0, 3.0),
            ] {
                let all = Array2::from_shape_fn((1100, columns), |(row, column)| {
                    // one point far from all others, and some at the same places
                    let far = if row == 700 { 1e5 } else { 1.0 };
                    cell(row % 900, column) * far * scale + offset
                });
                let parts = NeighbourParts::brute(all.clone(), Metric::Euclidean, 4);
                let points = Points::new(&FittedParts::new(columns), parts).expect("points");
                for count in [1, 3, 5, 150] {
                    let rows = Array2::from_shape_fn((count, columns), |(row, column)| match row {
                        0 => all[[17, column]],
                        1 => 1e30 * scale,
                        _ => cell(row + 5000, column) * scale + offset,
                    });
                    let exact = found(&points, &rows, false);
                    let what = format!("{columns} columns, {scale}, {offset}, {count} rows");
                    assert_eq!(found(&points, &rows, true), exact, "{what}");
                }
            }
        }
    }
}
