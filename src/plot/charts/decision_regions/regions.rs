//! What a model predicts over the area of two axes, as rectangles of one class.

use ndarray::{Array2, ArrayView1};
use plotters::style::RGBColor;

use super::mosaic::{Tile, tiles};
use crate::plot::drawing::axes::Axes;
use crate::plot::drawing::canvas::Canvas;
use crate::plot::{Classifier, Error};

/// Rectangles past which the model is asked in larger steps.
const MOST_TILES: usize = 4_000;

/// The sides of a square, in pixels. The coarsest squares are few enough by themselves.
const STEPS: [i32; 6] = [1, 2, 4, 8, 16, 32];
const COARSEST: i32 = STEPS[STEPS.len() - 1];

/// Squares that the model is asked for in all, at most.
const MOST_SQUARES: usize = 1 << 20;

/// Values in the rows and characters in the answers, which are text: in all, and at a time.
const MOST_WORK: usize = 1 << 30;
const MOST_AT_ONCE: usize = 1 << 22;

/// The two columns that are drawn, and the values of all others.
pub(super) struct Plane {
    pub(super) places: [usize; 2],
    pub(super) values: [Vec<f64>; 2],
    pub(super) row: Vec<f64>,
}

/// What the model says, square by square.
pub(super) struct Regions {
    tiles: Vec<Tile>,
    /// The side of a square, in pixels.
    pub(super) step: i32,
    /// The share of the area that each class has.
    pub(super) shares: Vec<f64>,
}

impl Regions {
    /// Asks the model for each square of the area; pixel by pixel, if that gives no more
    /// rectangles than have room.
    pub(super) fn new(
        model: &dyn Classifier,
        axes: &Axes,
        plane: &Plane,
        least_step: i32,
    ) -> Result<Self, Error> {
        let (width, height) = (axes.x.to - axes.x.from, axes.y.from - axes.y.to);
        // what a square costs
        let longest = model.classes().iter().map(|class| class.to_string().len()).max();
        let cost = plane.row.len() + longest.unwrap_or(0) + 1;
        let batch = (MOST_AT_ONCE / cost).max(1);
        for step in STEPS.into_iter().filter(|step| *step >= least_step) {
            let squares = |side: i32| (side + step - 1) / step;
            let (columns, rows) = (squares(width), squares(height));
            let count = (columns * rows) as usize;
            let too_many = count > MOST_SQUARES || count.saturating_mul(cost) > MOST_WORK;
            if too_many && step < COARSEST {
                continue;
            }
            let mut squares = Vec::with_capacity(count);
            let places: Vec<(i32, i32)> =
                (0..rows).flat_map(|row| (0..columns).map(move |column| (column, row))).collect();
            for batch in places.chunks(batch) {
                squares.extend(ask(model, batch, axes, plane, step)?);
            }
            let tiles = tiles(&squares, columns as usize);
            if tiles.len() <= MOST_TILES || step == COARSEST {
                let mut shares = vec![0.0; model.classes().len()];
                for &class in &squares {
                    if let Some(share) = shares.get_mut(class) {
                        *share += 1.0 / squares.len() as f64;
                    }
                }
                return Ok(Regions { tiles, step, shares });
            }
        }
        Err(Error::Empty { what: "regions" })
    }

    /// The rectangles, on a ground of the most frequent class: no seam of white shows between two.
    pub(super) fn paint(
        &self,
        canvas: &Canvas<'_>,
        axes: &Axes,
        tints: &[RGBColor],
    ) -> Result<(), Error> {
        let (corner, end) = ((axes.x.from, axes.y.to), (axes.x.to, axes.y.from));
        // The first among equals.
        let shares = self.shares.iter().enumerate().rev();
        let most = shares.max_by(|a, b| a.1.total_cmp(b.1)).map_or(0, |(class, _)| class);
        if let Some(&tint) = tints.get(most) {
            canvas.filled(corner, end, tint)?;
        }
        let place = |(column, row): (usize, usize)| {
            let x = corner.0 + column as i32 * self.step;
            let y = corner.1 + row as i32 * self.step;
            (x.min(end.0), y.min(end.1))
        };
        for tile in self.tiles.iter().filter(|tile| tile.class != most) {
            if let Some(&tint) = tints.get(tile.class) {
                canvas.filled(place(tile.from), place(tile.to), tint)?;
            }
        }
        Ok(())
    }
}

/// The class of some squares, by their column and row.
fn ask(
    model: &dyn Classifier,
    squares: &[(i32, i32)],
    axes: &Axes,
    plane: &Plane,
    step: i32,
) -> Result<Vec<usize>, Error> {
    let mut rows = Array2::zeros((squares.len(), plane.row.len()));
    for (mut features, &(column, row)) in rows.rows_mut().into_iter().zip(squares) {
        features.assign(&ArrayView1::from(&plane.row));
        let middle = |from: i32, place: i32| f64::from(from + place * step) + f64::from(step) / 2.0;
        let x = axes.x.value(middle(axes.x.from, column));
        let y = axes.y.value(middle(axes.y.to, row));
        for (place, value) in plane.places.into_iter().zip([x, y]) {
            if let Some(feature) = features.get_mut(place) {
                *feature = value;
            }
        }
    }
    let predicted = model.predict((&rows).into())?;
    let classes = model.classes();
    let unknown = Error::Kinds { first: predicted.kind(), second: classes.kind() };
    predicted.codes(classes).ok_or(unknown)
}
