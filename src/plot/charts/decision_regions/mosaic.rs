//! An area cut into rectangles of one class each.

/// A rectangle of squares: from the first column and row to past the last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Tile {
    pub(super) class: usize,
    pub(super) from: (usize, usize),
    pub(super) to: (usize, usize),
}

/// The rectangles of squares of one class, `classes` row after row of `width` squares: runs in a
/// row, and as far down as the same run follows.
pub(super) fn tiles(classes: &[usize], width: usize) -> Vec<Tile> {
    let mut done = Vec::new();
    let mut open: Vec<Tile> = Vec::new();
    for (row, squares) in classes.chunks_exact(width.max(1)).enumerate() {
        let mut next = Vec::new();
        let mut above = open.drain(..).peekable();
        let mut column = 0;
        for run in squares.chunk_by(|a, b| a == b) {
            let (from, to) = (column, column + run.len());
            column = to;
            // Tiles that end further left cannot go on.
            while let Some(tile) = above.next_if(|tile| tile.to.0 < to) {
                done.push(tile);
            }
            let class = run.first().copied().unwrap_or(0);
            let same = |tile: &Tile| (tile.from.0, tile.to.0, tile.class) == (from, to, class);
            match above.next_if(same) {
                Some(tile) => next.push(Tile { to: (to, row + 1), ..tile }),
                None => next.push(Tile { class, from: (from, row), to: (to, row + 1) }),
            }
        }
        done.extend(above);
        open = next;
    }
    done.extend(open);
    done
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_split_gives_two_tiles() {
        let tiles = tiles(&[0, 0, 1, 0, 0, 1, 0, 0, 1], 3);
        assert_eq!(
            tiles,
            [
                Tile { class: 0, from: (0, 0), to: (2, 3) },
                Tile { class: 1, from: (2, 0), to: (3, 3) }
            ]
        );
    }

    proptest! {
        #[test]
        fn tiles_cover_each_square_once(
            width in 1_usize..9,
            squares in prop::collection::vec(0_usize..3, 0..90),
        ) {
            let squares = &squares[..squares.len() / width * width];
            let mut covered = vec![None; squares.len()];
            for tile in tiles(squares, width) {
                for row in tile.from.1..tile.to.1 {
                    for column in tile.from.0..tile.to.0 {
                        let before = covered[row * width + column].replace(tile.class);
                        prop_assert_eq!(before, None);
                    }
                }
            }
            let covered: Vec<usize> = covered.into_iter().flatten().collect();
            prop_assert_eq!(covered, squares);
        }
    }
}
