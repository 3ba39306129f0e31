//! Where the boxes of a tree stand: tidy, in linear time, without recursion.
//!
//! The algorithm is that of Reingold and Tilford ("Tidier Drawings of Trees", 1981), for boxes of
//! different widths: a parent stands above the middle of its children, and two subtrees stand as
//! near to each other as their outlines allow. Threads join the outlines of subtrees of different
//! heights, so that an outline is never walked longer than the lower of two subtrees is high.

/// Pixels between two boxes in a row.
const GAP: i32 = 10;

/// The boxes below a box, by their places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Below {
    Nothing,
    One(usize),
    Two(usize, usize),
}

/// A box that is to get its place.
#[derive(Debug, Clone, Copy)]
pub(super) struct Item {
    /// Pixels.
    pub(super) width: i32,
    pub(super) below: Below,
}

impl Item {
    fn to_left(self) -> i32 {
        self.width / 2
    }

    fn to_right(self) -> i32 {
        self.width - self.width / 2
    }
}

/// A node on an outline, and its distance to the right of where the walk began.
type Step = (usize, i32);

/// The outlines of the subtrees that are done.
struct Outlines<'a> {
    items: &'a [Item],
    /// How far each box is to the right of its parent.
    shifts: Vec<i32>,
    /// The next box of an outline that goes on in another subtree, relative to this box.
    threads: Vec<Option<Step>>,
}

impl Outlines<'_> {
    /// One row down on the left outline, or the right one.
    fn next(&self, (place, x): Step, leftmost: bool) -> Option<Step> {
        let child = match self.items[place].below {
            Below::Nothing => return self.threads[place].map(|(next, by)| (next, x + by)),
            Below::One(child) => child,
            Below::Two(left, right) => {
                if leftmost {
                    left
                } else {
                    right
                }
            }
        };
        Some((child, x + self.shifts[child]))
    }

    /// Puts two finished subtrees beside each other.
    fn join(&mut self, left: usize, right: usize) {
        // Both begin at 0. The two inner outlines say how far apart they must be; the outer ones
        // end where a thread may have to begin.
        let (mut inner_left, mut inner_right) = ((left, 0), (right, 0));
        let (mut outer_left, mut outer_right) = (inner_left, inner_right);
        let mut apart = 0;
        loop {
            let edge = inner_left.1 + self.items[inner_left.0].to_right();
            let other = inner_right.1 - self.items[inner_right.0].to_left();
            apart = apart.max(edge + GAP - other);
            match (self.next(inner_left, false), self.next(inner_right, true)) {
                (Some(on_left), Some(on_right)) => {
                    (inner_left, inner_right) = (on_left, on_right);
                    outer_left = self.next(outer_left, true).unwrap_or(outer_left);
                    outer_right = self.next(outer_right, false).unwrap_or(outer_right);
                }
                (Some(on), None) => {
                    self.threads[outer_right.0] = Some((on.0, on.1 - apart - outer_right.1));
                    break;
                }
                (None, Some(on)) => {
                    self.threads[outer_left.0] = Some((on.0, on.1 + apart - outer_left.1));
                    break;
                }
                (None, None) => break,
            }
        }
        self.shifts[left] = -(apart / 2);
        self.shifts[right] = apart - apart / 2;
    }
}

/// The middles of the boxes, in pixels from the left edge of the leftmost one, and the width of
/// all together. The first item is the root; the others come after their parents.
pub(super) fn middles(items: &[Item]) -> (Vec<i32>, i32) {
    let count = items.len();
    let mut outlines = Outlines { items, shifts: vec![0; count], threads: vec![None; count] };
    for item in items.iter().rev() {
        if let Below::Two(left, right) = item.below {
            outlines.join(left, right);
        }
    }
    let shifts = outlines.shifts;
    let mut middles = vec![0; count];
    for (place, item) in items.iter().enumerate() {
        let x = middles[place];
        match item.below {
            Below::Nothing => {}
            Below::One(child) => middles[child] = x,
            Below::Two(left, right) => {
                middles[left] = x + shifts[left];
                middles[right] = x + shifts[right];
            }
        }
    }
    let lefts = items.iter().zip(&middles).map(|(item, x)| x - item.to_left());
    let rights = items.iter().zip(&middles).map(|(item, x)| x + item.to_right());
    let (left, right) = (lefts.min().unwrap_or(0), rights.max().unwrap_or(0));
    for x in &mut middles {
        *x -= left;
    }
    (middles, right - left)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A tree from random choices: each box in turn gets none, one or two below it.
    fn grown(choices: &[(u8, i32)]) -> Vec<Item> {
        let mut items = vec![Item { width: 50, below: Below::Nothing }];
        for (place, &(children, width)) in choices.iter().enumerate() {
            if place >= items.len() {
                break;
            }
            let next = items.len();
            items[place].width = width;
            items[place].below = match children {
                0 => Below::Nothing,
                1 => Below::One(next),
                _ => Below::Two(next, next + 1),
            };
            let below = [0, 1, 2][usize::from(children.min(2))];
            items.extend(vec![Item { width, below: Below::Nothing }; below]);
        }
        items
    }

    fn depths(items: &[Item]) -> Vec<usize> {
        let mut depths = vec![0; items.len()];
        for (place, item) in items.iter().enumerate() {
            let children = match item.below {
                Below::Nothing => vec![],
                Below::One(child) => vec![child],
                Below::Two(left, right) => vec![left, right],
            };
            for child in children {
                depths[child] = depths[place] + 1;
            }
        }
        depths
    }

    proptest! {
        #[test]
        fn boxes_never_meet_and_parents_stand_in_the_middle(
            choices in prop::collection::vec((0_u8..6, 10_i32..300), 0..300),
        ) {
            let items = grown(&choices);
            let (middles, width) = middles(&items);
            let mut rows: Vec<Vec<(i32, i32)>> = Vec::new();
            for (place, depth) in depths(&items).into_iter().enumerate() {
                rows.resize_with(rows.len().max(depth + 1), Vec::new);
                let (item, x) = (items[place], middles[place]);
                let edges = (x - item.to_left(), x + item.to_right());
                prop_assert!(edges.0 >= 0 && edges.1 <= width);
                // Items come row by row, from left to right.
                if let Some(before) = rows[depth].last() {
                    prop_assert!(before.1 + GAP <= edges.0, "{before:?} {edges:?}");
                }
                rows[depth].push(edges);
                match item.below {
                    Below::Nothing => {}
                    Below::One(child) => prop_assert_eq!(middles[child], x),
                    Below::Two(left, right) => {
                        let off = middles[left] + middles[right] - 2 * x;
                        prop_assert!((0..=1).contains(&off), "{off}");
                    }
                }
            }
        }
    }

    #[test]
    fn a_complete_tree_is_as_narrow_as_its_leaves() {
        // 63 boxes with two below them, then 64 without.
        let items = grown(&[[(2, 100); 63].as_slice(), &[(0, 100); 64]].concat());
        assert_eq!(items.len(), 127);
        let (_, width) = middles(&items);
        assert_eq!(width, 64 * 100 + 63 * GAP);
    }

    /// Quadratic time would be ten billion steps here.
    #[test]
    fn deep_and_large_trees_take_linear_time() {
        let comb: Vec<(u8, i32)> = [(2, 40), (0, 40)].repeat(100_000);
        let items = grown(&comb);
        assert!(items.len() >= 200_000);
        let (middles, _) = middles(&items);
        assert_eq!(middles.len(), items.len());
    }
}
