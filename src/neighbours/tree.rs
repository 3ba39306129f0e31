//! The trees that scikit-learn keeps rows in: boxes in boxes, or balls in balls.

use ndarray::{Array2, Array3, ArrayView2, Axis};

use super::Error;
use super::heap::Nearest;
use super::metric::{Metric, with_step};
use crate::model::lanes::{LANES, groups, one};

/// A node of a tree: scikit-learn's `node_data`. The children of node i are 2i + 1 and 2i + 2.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TreeNode {
    /// Where its rows begin in the order of the tree.
    pub start: usize,
    /// Where they end.
    pub end: usize,
    /// Whether it has no children.
    pub is_leaf: bool,
    /// The radius of its ball.
    pub radius: f64,
}

/// A tree over the rows of the fit: scikit-learn's `KDTree` or `BallTree`.
#[derive(Debug, Clone, PartialEq)]
pub struct NeighbourTree {
    /// The rows in the order of the tree: `idx_array`.
    pub order: Vec<usize>,
    /// The nodes: `node_data`.
    pub nodes: Vec<TreeNode>,
    /// `node_bounds`: of a k-d tree the least and the greatest values of each node, 2 × nodes ×
    /// columns; of a ball tree the centre of each node, 1 × nodes × columns.
    pub bounds: Array3<f64>,
}

/// What the nodes of a tree are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Boxes,
    Balls,
}

/// A checked tree, with the rows of its leaves side by side.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct SearchTree {
    tree: NeighbourTree,
    shape: Shape,
    /// For each ball the least values of its rows, and the greatest: a box may lie farther from a
    /// row than the ball around it, and then none of its rows need be looked at.
    boxes: Vec<f64>,
    /// Where the rows of each leaf begin among `lanes`.
    starts: Vec<usize>,
    lanes: Vec<[f64; LANES]>,
    /// The greatest number of rows in a leaf.
    most: usize,
}

/// How much farther than its radius a row may lie from a ball's centre, by rounding.
const ROUNDING: f64 = 1e-9;

fn wrong<T>(problem: String) -> Result<T, Error> {
    Err(Error::Model { problem: format!("its tree: {problem}") })
}

impl SearchTree {
    /// Checks that every row is in one leaf, and within the bounds of all nodes around it.
    pub(super) fn new(
        tree: NeighbourTree,
        shape: Shape,
        rows: &Array2<f64>,
        metric: Metric,
    ) -> Result<SearchTree, Error> {
        let (count, columns) = rows.dim();
        let length = |what, expected, found| match expected == found {
            true => Ok(()),
            false => Err(Error::Length { what, expected, found }),
        };
        length("rows in the order of a tree", count, tree.order.len())?;
        let sides = match shape {
            Shape::Boxes => 2,
            Shape::Balls => 1,
        };
        let (own_sides, nodes, own_columns) = tree.bounds.dim();
        length("sides of a tree's bounds", sides, own_sides)?;
        length("nodes with bounds", tree.nodes.len(), nodes)?;
        length("columns of a tree's bounds", columns, own_columns)?;
        let mut seen = vec![false; count];
        for &row in &tree.order {
            match seen.get_mut(row) {
                Some(seen) if !*seen => *seen = true,
                _ => return wrong(format!("row {row} is in it twice, or there is none")),
            }
        }
        match tree.nodes.first() {
            Some(root) if (root.start, root.end) == (0, count) => {}
            _ => return wrong("its root does not have all rows".to_owned()),
        }
        if let Some(value) = tree.bounds.iter().find(|value| !value.is_finite()) {
            return wrong(format!("one of its bounds is {value}"));
        }
        if metric == Metric::Cosine {
            return wrong("it has none for the metric cosine".to_owned());
        }
        let ordered = rows.select(Axis(0), &tree.order);
        let tree = NeighbourTree { bounds: tree.bounds.as_standard_layout().into_owned(), ..tree };
        let mut own = SearchTree {
            starts: vec![0; tree.nodes.len()],
            boxes: match shape {
                Shape::Boxes => Vec::new(),
                Shape::Balls => vec![0.0; tree.nodes.len() * 2 * columns],
            },
            tree,
            shape,
            lanes: Vec::new(),
            most: 0,
        };
        let mut waiting = vec![0];
        while let Some(place) = waiting.pop() {
            let Some(&node) = own.tree.nodes.get(place) else {
                return wrong(format!("node {place} is missing"));
            };
            let part = ordered.slice(ndarray::s![node.start..node.end, ..]);
            if !own.holds(place, part, metric) {
                return wrong(format!("a row lies outside of node {place}"));
            }
            let sides = own.boxes.get_mut(2 * columns * place..).unwrap_or_default();
            let sides = sides.iter_mut().take(2 * columns);
            let columns_of = part.columns().into_iter();
            let values = columns_of.clone().map(|it| it.fold(f64::INFINITY, |a, &b| a.min(b)));
            let values =
                values.chain(columns_of.map(|it| it.fold(f64::NEG_INFINITY, |a, &b| a.max(b))));
            sides.zip(values).for_each(|(side, value)| *side = value);
            if node.is_leaf {
                own.starts[place] = own.lanes.len();
                own.lanes.extend(groups(part));
                own.most = own.most.max(node.end - node.start);
                continue;
            }
            let [left, right] = [2 * place + 1, 2 * place + 2];
            let child = |child: usize| own.tree.nodes.get(child).map(|node| (node.start, node.end));
            match (child(left), child(right)) {
                (Some((start, middle)), Some((from, end)))
                    if start == node.start
                        && middle == from
                        && end == node.end
                        && (start..=end).contains(&middle) => {}
                _ => return wrong(format!("the children of node {place} do not have its rows")),
            }
            waiting.extend([left, right]);
        }
        Ok(own)
    }

    pub(super) fn shape(&self) -> Shape {
        self.shape
    }

    /// The greatest number of rows in a leaf.
    pub(super) fn most(&self) -> usize {
        self.most
    }

    /// One side of the bounds of a node.
    fn bounds(&self, side: usize, node: usize) -> &[f64] {
        let (_, nodes, columns) = self.tree.bounds.dim();
        let start = (side * nodes + node) * columns;
        let all = self.tree.bounds.as_slice().unwrap_or_default();
        all.get(start..start + columns).unwrap_or_default()
    }

    /// Whether rows lie within the bounds of a node.
    fn holds(&self, node: usize, rows: ArrayView2<'_, f64>, metric: Metric) -> bool {
        match self.shape {
            Shape::Boxes => {
                let (least, most) = (self.bounds(0, node), self.bounds(1, node));
                rows.rows().into_iter().all(|row| {
                    let mut cells = row.iter().zip(least).zip(most);
                    cells.all(|((value, least), most)| least <= value && value <= most)
                })
            }
            Shape::Balls => {
                let centre = self.bounds(0, node);
                let radius = self.tree.nodes.get(node).map_or(f64::NAN, |node| node.radius);
                let most = radius * (1.0 + ROUNDING);
                with_step!(metric, step => rows.rows().into_iter().all(|row| {
                    let pairs = row.into_iter().zip(centre);
                    let reduced = pairs.fold(0.0, |sum, (value, own)| step(sum, value - own));
                    metric.distance(reduced) <= most
                }))
            }
        }
    }

    /// The least reduced distance that a row of the node may have.
    fn least(
        &self,
        node: usize,
        row: &[f64],
        metric: Metric,
        step: impl Fn(f64, f64) -> f64,
    ) -> f64 {
        match self.shape {
            Shape::Boxes => least_in_box(self.bounds(0, node), self.bounds(1, node), row, step),
            Shape::Balls => {
                let pairs = row.iter().zip(self.bounds(0, node));
                let sum = pairs.fold(0.0, |sum, (value, own)| step(sum, value - own));
                let radius = self.tree.nodes.get(node).map_or(0.0, |node| node.radius);
                metric.reduced((metric.distance(sum) - radius).max(0.0))
            }
        }
    }

    /// Whether the box of a ball lies farther from a row than this. Differences, and what is summed
    /// of them, are rounded alike for the box and for the rows in it, so none of them is nearer.
    fn is_boxed_out(
        &self,
        node: usize,
        row: &[f64],
        farthest: f64,
        step: impl Fn(f64, f64) -> f64,
    ) -> bool {
        let start = 2 * row.len() * node;
        match self.boxes.get(start..start + 2 * row.len()) {
            Some(sides) => {
                let (least, most) = sides.split_at(row.len());
                least_in_box(least, most, row, step) > farthest
            }
            None => false,
        }
    }

    /// Puts the nearest rows to one into the heap, node by node, the nearer child first.
    ///
    /// Source: `_query_single_depthfirst` in scikit-learn's `neighbors/_binary_tree.pxi`.
    pub(super) fn search(
        &self,
        row: &[f64],
        metric: Metric,
        nearest: &mut Nearest,
        space: &mut Space,
    ) {
        with_step!(metric, step => self.search_by(row, metric, nearest, space, step));
    }

    fn search_by(
        &self,
        row: &[f64],
        metric: Metric,
        nearest: &mut Nearest,
        Space { waiting, reduced }: &mut Space,
        step: impl Fn(f64, f64) -> f64 + Copy,
    ) {
        waiting.clear();
        waiting.push((0, self.least(0, row, metric, step)));
        while let Some((place, least)) = waiting.pop() {
            let farthest = nearest.farthest();
            if least > farthest || self.is_boxed_out(place, row, farthest, step) {
                continue;
            }
            let (Some(node), Some(&start)) = (self.tree.nodes.get(place), self.starts.get(place))
            else {
                continue;
            };
            if node.is_leaf {
                let own = self.tree.order.get(node.start..node.end).unwrap_or_default();
                let count = own.len().div_ceil(LANES);
                let lanes = self.lanes.get(start..start + count * row.len()).unwrap_or_default();
                let Some(reduced) = reduced.get_mut(..count * LANES) else { continue };
                one(lanes, row, reduced, |sum, value, other| step(sum, value - other));
                for (&distance, &row) in reduced.iter().zip(own) {
                    nearest.push(distance, row);
                }
                continue;
            }
            let [left, right] = [2 * place + 1, 2 * place + 2]
                .map(|child| (child, self.least(child, row, metric, step)));
            match left.1 <= right.1 {
                true => waiting.extend([right, left]),
                false => waiting.extend([left, right]),
            }
        }
    }
}

/// The least reduced distance of a row from what lies in a box.
#[inline]
fn least_in_box(least: &[f64], most: &[f64], row: &[f64], step: impl Fn(f64, f64) -> f64) -> f64 {
    row.iter().zip(least.iter().zip(most)).fold(0.0, |sum, (value, (least, most))| {
        let (below, above) = (least - value, value - most);
        step(sum, if below > 0.0 { below } else { above.max(0.0) })
    })
}

/// What a search works with, to be used for one row after the other.
pub(super) struct Space {
    waiting: Vec<(usize, f64)>,
    reduced: Vec<f64>,
}

impl Space {
    /// For leaves of so many rows at most.
    pub(super) fn new(most: usize) -> Space {
        Space { waiting: Vec::new(), reduced: vec![0.0; most.next_multiple_of(LANES)] }
    }
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;
    use crate::model::FittedParts;
    use crate::neighbours::{NearestNeighbors, NeighbourParts, Search};

    /// Four rows in two leaves.
    fn tree() -> NeighbourTree {
        let node = |start, end, is_leaf| TreeNode { start, end, is_leaf, radius: 0.5 };
        NeighbourTree {
            order: vec![2, 0, 3, 1],
            nodes: vec![
                TreeNode { radius: 1.5, ..node(0, 4, false) },
                node(0, 2, true),
                node(2, 4, true),
            ],
            bounds: array![[[0.0], [0.0], [2.0]], [[3.0], [1.0], [3.0]]],
        }
    }

    fn ball() -> NeighbourTree {
        NeighbourTree { bounds: array![[[1.5], [0.5], [2.5]]], ..tree() }
    }

    fn nearest(search: Search, metric: Metric) -> Result<NearestNeighbors, Error> {
        let points = array![[1.0], [3.0], [0.0], [2.0]];
        let parts = NeighbourParts { points, metric, search, n_neighbors: 3 };
        NearestNeighbors::from_parts(FittedParts::new(1), parts)
    }

    #[test]
    fn trees_find_what_brute_force_finds() {
        let rows = [[-4.0], [0.2], [1.6], [2.0], [9.0]];
        for metric in [Metric::Euclidean, Metric::Manhattan, Metric::Minkowski { p: 3.0 }] {
            let brute = nearest(Search::Brute, metric).expect("points");
            let brute = brute.kneighbors(&rows).expect("neighbours");
            for search in [Search::KdTree(tree()), Search::BallTree(ball())] {
                let tree = nearest(search, metric).expect("a tree");
                let found = tree.kneighbors(&rows).expect("neighbours");
                assert_eq!(found.indices, brute.indices, "{} {metric}", tree.algorithm());
                let apart = (&found.distances - &brute.distances).mapv(f64::abs);
                assert!(apart.iter().all(|&apart| apart < 1e-12), "{apart}");
            }
        }
    }

    #[test]
    fn trees_that_do_not_hold_the_rows_are_refused() {
        type Change = fn(&mut NeighbourTree);
        let changes: [(&str, Change); 18] = [
            ("a row twice", |it| it.order[1] = 2),
            ("a row past the last", |it| it.order[1] = 4),
            ("fewer rows", |it| it.order.truncate(3)),
            ("no nodes", |it| {
                it.nodes.clear();
                it.bounds = Array3::zeros((it.bounds.dim().0, 0, 1));
            }),
            ("a root without children", |it| {
                it.nodes.truncate(1);
                it.bounds = it.bounds.slice(ndarray::s![.., ..1, ..]).to_owned();
            }),
            ("nodes without bounds", |it| it.nodes.push(it.nodes[1])),
            ("bounds of other columns", |it| {
                it.bounds = Array3::zeros((it.bounds.dim().0, 3, 2));
            }),
            ("a root of fewer rows", |it| it.nodes[0].end = 3),
            ("a root past the last row", |it| it.nodes[0].end = usize::MAX),
            ("a gap between children", |it| it.nodes[1].end = 1),
            ("children that overlap", |it| it.nodes[2].start = 1),
            ("a child past its parent", |it| it.nodes[2].end = 5),
            ("a child that ends before it begins", |it| {
                (it.nodes[1].end, it.nodes[2].start) = (5, 5);
            }),
            ("a child of huge places", |it| {
                (it.nodes[1].end, it.nodes[2].start) = (usize::MAX, usize::MAX);
            }),
            ("a leaf that is none", |it| it.nodes[2].is_leaf = false),
            ("a row outside", |it| {
                it.bounds[[0, 1, 0]] = 0.25;
                it.nodes[1].radius = 0.5;
            }),
            ("bounds that are no numbers", |it| it.bounds.fill(f64::NAN)),
            ("infinite bounds", |it| it.bounds[[0, 2, 0]] = f64::INFINITY),
        ];
        assert!(nearest(Search::KdTree(tree()), Metric::Cosine).is_err());
        for (name, change) in changes {
            let (mut boxes, mut balls) = (tree(), ball());
            change(&mut boxes);
            change(&mut balls);
            assert!(nearest(Search::KdTree(boxes), Metric::Euclidean).is_err(), "boxes: {name}");
            assert!(nearest(Search::BallTree(balls), Metric::Euclidean).is_err(), "balls: {name}");
        }
        let mut negative = ball();
        negative.nodes[1].radius = -1.0;
        assert!(nearest(Search::BallTree(negative), Metric::Euclidean).is_err());
    }
}
