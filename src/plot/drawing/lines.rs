//! Lines of many points, and the names at their ends.

use plotters::style::text_anchor::HPos;

use super::axes::Axes;
use super::canvas::{Canvas, Lettering};
use super::heading::{LABEL, widest};
use super::sheet::Point;
use crate::plot::Error;

/// The points of a line that make a difference: of those in one pixel column, in a row, the
/// first, the highest, the lowest and the last.
pub(crate) fn thinned(points: impl IntoIterator<Item = Point>) -> Vec<Point> {
    let mut kept: Vec<Point> = Vec::new();
    // The column that is looked at: its first, highest, lowest and last y.
    let mut column: Option<(i32, [i32; 4])> = None;
    for (x, y) in points {
        column = match column {
            Some((at, [first, high, low, _])) if at == x => {
                Some((at, [first, high.min(y), low.max(y), y]))
            }
            other => {
                keep(&mut kept, other);
                Some((x, [y; 4]))
            }
        };
    }
    keep(&mut kept, column);
    kept
}

fn keep(kept: &mut Vec<Point>, column: Option<(i32, [i32; 4])>) {
    let Some((x, [first, high, low, last])) = column else { return };
    // From the first to the nearer extreme last: the stroke is the same, and the line goes on
    // from where it left the column.
    for y in [first, high, low, last] {
        if kept.last() != Some(&(x, y)) {
            kept.push((x, y));
        }
    }
}

/// The room right of the axes that names at the ends of lines take, in pixels.
pub(crate) fn end_names_room(names: &[String]) -> i32 {
    widest(names, LABEL) + 12
}

/// Writes a name at the end of each line, `ends` pixels down, or as near as there is room.
pub(crate) fn draw_end_names(
    canvas: &Canvas<'_>,
    axes: &Axes,
    names: &[String],
    ends: &mut [i32],
) -> Result<(), Error> {
    spread(ends, LABEL as i32 + 5, axes.y.to, axes.y.from);
    let label = Lettering { align: HPos::Left, ..Lettering::new(LABEL) };
    for (name, &y) in names.iter().zip(ends.iter()) {
        canvas.text(name, (axes.x.to + 8, y), label)?;
    }
    Ok(())
}

/// Moves `places` so that neighbours are at least `apart` and all lie from `low` to `high`, as
/// far as there is room; the order stays.
fn spread(places: &mut [i32], apart: i32, low: i32, high: i32) {
    let mut order: Vec<usize> = (0..places.len()).collect();
    order.sort_by_key(|&place| (places.get(place).copied(), place));
    let mut free = low;
    for &place in &order {
        if let Some(y) = places.get_mut(place) {
            *y = (*y).max(free);
            free = *y + apart;
        }
    }
    let mut free = high;
    for &place in order.iter().rev() {
        if let Some(y) = places.get_mut(place) {
            *y = (*y).min(free);
            free = *y - apart;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_keep_their_stroke() {
        let line = [(0, 5), (1, 4), (1, 9), (1, 2), (1, 6), (2, 6), (2, 6)];
        assert_eq!(thinned(line), [(0, 5), (1, 4), (1, 2), (1, 9), (1, 6), (2, 6)]);
        assert!(thinned([]).is_empty());
    }

    #[test]
    fn names_are_spread() {
        let mut places = [50, 48, 52, 10];
        spread(&mut places, 16, 0, 60);
        assert_eq!(places, [44, 28, 60, 10]);
    }
}
