//! Which nodes of a tree are drawn, and what stands for the others.

use super::layout::Below;
use super::view::View;
use crate::plot::Error;

/// The most nodes that have room: their picture stays under 1 MB.
const MOST_NODES: usize = 500;

/// The most boxes, and the deepest ones, that are drawn by default: as many as a complete tree
/// of depth 5 has.
const READABLE: usize = 64;
const READABLE_DEPTH: usize = 15;

/// A box of the picture.
pub(super) struct Piece {
    pub(super) content: Content,
    pub(super) depth: usize,
    pub(super) below: Below,
}

/// What a box stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Content {
    /// A node, by its number in the tree.
    Node(usize),
    /// All `hidden` nodes below `parent`.
    More { parent: usize, hidden: usize },
}

/// The boxes that are drawn.
pub(super) struct Cut {
    /// The root first; the others come after their parents.
    pub(super) pieces: Vec<Piece>,
    /// How many nodes are not drawn.
    pub(super) hidden: usize,
    /// The depth of the deepest nodes that are drawn.
    pub(super) depth: usize,
}

impl Cut {
    /// # Errors
    /// [`Error::TooManyNodes`] when `max_depth` asks for more than have room.
    pub(super) fn new(view: &View<'_>, max_depth: Option<usize>) -> Result<Self, Error> {
        let boxes = boxes_by_depth(view);
        let deepest = boxes.len() - 1;
        let deepest_of = |most: usize| (0..=deepest).rev().find(|&depth| boxes[depth] <= most);
        let depth = match max_depth {
            None => deepest_of(READABLE).unwrap_or(0).min(READABLE_DEPTH),
            Some(asked) => {
                let depth = asked.min(deepest);
                if boxes[depth] > MOST_NODES {
                    return Err(Error::TooManyNodes {
                        nodes: boxes[depth],
                        most: MOST_NODES,
                        max_depth: deepest_of(MOST_NODES).unwrap_or(0),
                    });
                }
                depth
            }
        };
        Ok(Cut::at(view, depth))
    }

    fn at(view: &View<'_>, depth: usize) -> Self {
        let mut below = vec![0; view.children.len()];
        for (node, children) in view.children.iter().enumerate().rev() {
            if let Some((left, right)) = *children {
                below[node] = below[left] + below[right] + 2;
            }
        }
        let mut pieces = vec![Piece { content: Content::Node(0), depth: 0, below: Below::Nothing }];
        let mut hidden = 0;
        let mut place = 0;
        // Each box that can have others below it appends them.
        while let Some(Piece { content, depth: at, .. }) = pieces.get(place) {
            let (at, next) = (at + 1, pieces.len());
            let children = match *content {
                Content::Node(node) => view.children[node].map(|children| (node, children)),
                Content::More { .. } => None,
            };
            let mut add =
                |content| pieces.push(Piece { content, depth: at, below: Below::Nothing });
            let now = match children {
                None => Below::Nothing,
                Some((_, (left, right))) if at <= depth => {
                    add(Content::Node(left));
                    add(Content::Node(right));
                    Below::Two(next, next + 1)
                }
                Some((parent, _)) => {
                    add(Content::More { parent, hidden: below[parent] });
                    hidden += below[parent];
                    Below::One(next)
                }
            };
            pieces[place].below = now;
            place += 1;
        }
        Cut { pieces, hidden, depth }
    }
}

/// For each depth, how many boxes a picture has that ends there.
fn boxes_by_depth(view: &View<'_>) -> Vec<usize> {
    let mut nodes = vec![0; view.depth() + 1];
    let mut splits = nodes.clone();
    for (depth, children) in view.depths.iter().zip(&view.children) {
        nodes[*depth] += 1;
        splits[*depth] += usize::from(children.is_some());
    }
    let mut sum = 0;
    let boxes = nodes.iter().zip(splits).map(|(nodes, splits)| {
        sum += nodes;
        sum + splits
    });
    boxes.collect()
}
