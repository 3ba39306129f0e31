//! Where the marks of many rows go, when many of them fall on one place.

use std::collections::BTreeMap;

use crate::plot::drawing::sheet::Point;
use crate::text::count;

/// One mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Dot {
    pub(super) at: Point,
    pub(super) class: usize,
}

/// Marks, and what they leave out.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Cloud {
    pub(super) dots: Vec<Dot>,
    pub(super) grouping: Grouping,
    /// The marks' size, in pixels.
    pub(super) radius: i32,
}

/// How rows became marks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Grouping {
    /// One mark for each row, where it belongs.
    Each,
    /// Rows of the same place stand around it; a mark stands for this many rows of one class.
    Around(usize),
    /// One mark for each square with sides of this many pixels, of its most frequent class.
    Squares(i32),
}

/// How fine a cloud is.
#[derive(Debug, Clone, Copy)]
pub(super) struct Grain {
    /// Rows up to which each has a mark of its own.
    most_dots: usize,
    /// The side of a square in which rows are merged.
    square: i32,
    /// The size of marks: of few, and of many.
    radius: [i32; 2],
}

/// For a picture of one cloud.
pub(super) const ONE: Grain = Grain { most_dots: 2_500, square: 7, radius: [4, 3] };

/// For a picture of several.
pub(super) const SEVERAL: Grain = Grain { most_dots: 300, square: 6, radius: [3, 3] };

/// Places up to which the rows of each stand around it.
const MOST_PLACES: usize = 400;

/// The distance of marks around a place.
const APART: f64 = 8.0;

/// Places the rows' marks within an area from `corner` to `end`.
pub(super) fn cloud(
    points: &[Point],
    classes: &[usize],
    (corner, end): (Point, Point),
    grain: Grain,
) -> Cloud {
    let Grain { most_dots, square, radius: [few, many] } = grain;
    let pairs = points.iter().copied().zip(classes.iter().copied());
    let places = counted(pairs.clone());
    if places.len() <= MOST_PLACES && 2 * places.len() <= points.len() {
        return around(&places, (corner, end), many);
    }
    if points.len() <= most_dots {
        let radius = if points.len() <= 400 { few } else { many };
        let dots = pairs.map(|(at, class)| Dot { at, class }).collect();
        return Cloud { dots, grouping: Grouping::Each, radius };
    }
    let middle = |at: i32, from: i32| from + (at - from).div_euclid(square) * square + square / 2;
    let squares =
        counted(pairs.map(|((x, y), class)| ((middle(x, corner.0), middle(y, corner.1)), class)));
    let dots = squares.iter().map(|(&at, counts)| Dot { at, class: most_frequent(counts) });
    Cloud { dots: dots.collect(), grouping: Grouping::Squares(square), radius: many }
}

impl Cloud {
    /// What the marks leave out, of so many rows.
    pub(super) fn in_words(&self, rows: usize) -> String {
        match self.grouping {
            Grouping::Each => String::new(),
            Grouping::Around(1) => "Rows of the same place stand around it.".into(),
            Grouping::Around(each) => {
                format!(
                    "Rows of the same place stand around it, up to {each} rows of a class a mark."
                )
            }
            Grouping::Squares(side) => format!(
                "{} are {}: one for each square of {side} pixels, of its most frequent class.",
                count(rows, "row", "rows"),
                count(self.dots.len(), "mark", "marks")
            ),
        }
    }
}

/// How many rows of each class fall on each place.
fn counted(pairs: impl Iterator<Item = (Point, usize)>) -> BTreeMap<Point, BTreeMap<usize, usize>> {
    let mut places: BTreeMap<Point, BTreeMap<usize, usize>> = BTreeMap::new();
    for (at, class) in pairs {
        *places.entry(at).or_default().entry(class).or_default() += 1;
    }
    places
}

/// The first among equals.
fn most_frequent(counts: &BTreeMap<usize, usize>) -> usize {
    counts.iter().rev().max_by_key(|(_, rows)| **rows).map_or(0, |(class, _)| *class)
}

/// The marks of each place in a spiral around it, class by class from the inside.
fn around(
    places: &BTreeMap<Point, BTreeMap<usize, usize>>,
    (corner, end): (Point, Point),
    radius: i32,
) -> Cloud {
    // So far apart are the nearest places, on either axis.
    let gap = nearest(places.keys().map(|at| at.0)).min(nearest(places.keys().map(|at| at.1)));
    let room = f64::from(gap) / 2.0 - 3.0;
    // A spiral of n marks has a radius of about APART · √n · 0.56.
    let fit = (room / (APART * 0.56)).max(1.0).powi(2);
    let most = places.values().map(|counts| counts.values().sum::<usize>()).max().unwrap_or(1);
    let rows_each = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000]
        .into_iter()
        .find(|&rows| (most as f64 / rows as f64) <= fit)
        .unwrap_or(most.div_ceil(fit as usize));
    let mut dots = Vec::new();
    for (&(x, y), counts) in places {
        let marks = counts
            .iter()
            .flat_map(|(&class, &rows)| std::iter::repeat_n(class, rows.div_ceil(rows_each)));
        for (place, class) in marks.enumerate() {
            let (right, down) = spiral(place);
            let at = (
                (x + right).clamp(corner.0 + 4, end.0 - 4),
                (y + down).clamp(corner.1 + 4, end.1 - 4),
            );
            dots.push(Dot { at, class });
        }
    }
    Cloud { dots, grouping: Grouping::Around(rows_each), radius }
}

/// The least distance between different numbers.
fn nearest(numbers: impl Iterator<Item = i32>) -> i32 {
    let mut sorted: Vec<i32> = numbers.collect();
    sorted.sort_unstable();
    sorted.dedup();
    let gaps = sorted.iter().zip(sorted.iter().skip(1)).map(|(a, b)| b - a);
    gaps.min().unwrap_or(200)
}

/// A place of Vogel's sunflower spiral: no two are nearer than about [`APART`].
fn spiral(place: usize) -> (i32, i32) {
    const GOLDEN: f64 = 2.399_963_229_728_653;
    let distance = APART * 0.56 * (place as f64).sqrt();
    let angle = place as f64 * GOLDEN;
    ((distance * angle.cos()).round() as i32, (distance * angle.sin()).round() as i32)
}

#[cfg(test)]
mod tests {
    use super::*;

    const AREA: (Point, Point) = ((0, 0), (560, 400));

    #[test]
    fn each_row_has_a_mark_or_is_counted() {
        let few: Vec<Point> = (0..100).map(|i| (i * 5, i * 3)).collect();
        let each = cloud(&few, &[0; 100], AREA, ONE);
        assert_eq!((each.grouping, each.dots.len()), (Grouping::Each, 100));

        let same = vec![(100, 100); 10];
        let around = cloud(&same, &[0, 1, 0, 1, 0, 1, 0, 1, 0, 1], AREA, ONE);
        assert_eq!((around.grouping, around.dots.len()), (Grouping::Around(1), 10));
        let mut places: Vec<Point> = around.dots.iter().map(|dot| dot.at).collect();
        places.sort_unstable();
        places.dedup();
        assert_eq!(places.len(), 10, "no mark hides another");

        let many: Vec<Point> = (0..100_000).map(|i| (i * 7 % 561, i * 13 % 401)).collect();
        let squares = cloud(&many, &vec![0; 100_000], AREA, ONE);
        assert_eq!(squares.grouping, Grouping::Squares(ONE.square));
        assert!(squares.dots.len() < 5_000);
    }
}
