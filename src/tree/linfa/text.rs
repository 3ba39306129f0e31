//! How a tree prints.

use std::fmt::{self, Write};

use super::tree::{LinfaNode, LinfaTree};
use crate::text::{count, rounded};

/// Branches below are summed up in a line, as scikit-learn's `export_text` does by default.
const SHOWN_DEPTH: usize = 10;

/// Lines of the tree after which the rest is summed up.
const SHOWN_LINES: usize = 200;

impl fmt::Display for LinfaTree {
    /// A line of figures, a line of parameters, and the tree as indented text. A row goes into
    /// the branch whose condition it meets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let max_depth = match self.params.max_depth {
            None => "None".to_owned(),
            Some(depth) => depth.to_string(),
        };
        writeln!(
            f,
            "Decision tree (linfa-trees): depth {}, {}, {}, {}",
            self.depth(),
            count(self.n_leaves(), "leaf", "leaves"),
            count(self.feature_names.len(), "feature", "features"),
            count(self.classes.len(), "class", "classes"),
        )?;
        writeln!(
            f,
            "criterion={}, max_depth={max_depth}, min_samples_leaf={}",
            self.params.criterion, self.params.min_samples_leaf
        )?;
        f.write_str(&self.branches())
    }
}

/// What is still to print: a node, or the second condition of a split.
enum Line {
    Node(usize),
    Otherwise(usize),
}

impl LinfaTree {
    fn branches(&self) -> String {
        let nodes = self.nodes();
        let heights = heights(&nodes);
        let mut text = String::new();
        let mut lines = 0;
        let mut ahead = vec![(Line::Node(0), 0)];
        while let Some((line, depth)) = ahead.pop() {
            if lines == SHOWN_LINES {
                let leaves = nodes.iter().filter(|node| matches!(node, LinfaNode::Leaf { .. }));
                let _ = write!(text, "\n… ({} leaves in all)", leaves.count());
                break;
            }
            if lines > 0 {
                text.push('\n');
            }
            lines += 1;
            let indent = "|   ".repeat(depth);
            // Writing to a String does not fail.
            let _ = match line {
                Line::Node(place) => match nodes.get(place) {
                    Some(LinfaNode::Split { left, .. }) if depth > SHOWN_DEPTH => {
                        let below = heights.get(*left).copied().unwrap_or(0) + 1;
                        write!(text, "{indent}|--- truncated branch of depth {below}")
                    }
                    Some(LinfaNode::Split { feature, threshold, left, .. }) => {
                        ahead.push((Line::Otherwise(place), depth));
                        ahead.push((Line::Node(*left), depth + 1));
                        let name = self.feature_name(*feature);
                        write!(text, "{indent}|--- {name} < {}", rounded(*threshold))
                    }
                    Some(LinfaNode::Leaf { class }) => write!(text, "{indent}|--- class: {class}"),
                    None => Ok(()),
                },
                Line::Otherwise(place) => match nodes.get(place) {
                    Some(LinfaNode::Split { feature, threshold, right, .. }) => {
                        ahead.push((Line::Node(*right), depth + 1));
                        let name = self.feature_name(*feature);
                        write!(text, "{indent}|--- {name} >= {}", rounded(*threshold))
                    }
                    _ => Ok(()),
                },
            };
        }
        text
    }

    fn feature_name(&self, feature: usize) -> &str {
        self.feature_names.get(feature).map_or("?", String::as_str)
    }
}

/// How many splits lie on the longest way down from each node, itself included.
fn heights(nodes: &[LinfaNode]) -> Vec<usize> {
    let mut heights = vec![0; nodes.len()];
    for (place, node) in nodes.iter().enumerate().rev() {
        if let LinfaNode::Split { left, right, .. } = node {
            let below = |child: &usize| heights.get(*child).copied().unwrap_or(0);
            let height = 1 + below(left).max(below(right));
            if let Some(slot) = heights.get_mut(place) {
                *slot = height;
            }
        }
    }
    heights
}
