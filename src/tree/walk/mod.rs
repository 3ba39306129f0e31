//! Ways from the root to the leaves: many rows at a time.

pub(crate) mod batch;
mod prefetch;
pub(crate) mod steps;

use ndarray::ArrayView2;

use self::batch::Batches;
use self::steps::{Link, Steps};
use super::key::FeatureValue;
use super::nodes::Tree;
use super::{Error, Features, check};
use crate::model::columns::in_order_of_fit;

/// A tree laid out for walking.
#[derive(Debug, Clone)]
pub(crate) struct TreeWalker {
    layout: Layout,
    /// The number of each step's node in the tree.
    nodes: Vec<u32>,
    columns: usize,
    depth: usize,
}

#[derive(Debug, Clone)]
enum Layout {
    Narrow(Steps<u32>),
    Wide(Steps<(u32, u32)>),
}

/// How many values of rows that do not stand side by side are copied together, unless a single
/// row has more.
const COPIED: usize = 1 << 14;

impl TreeWalker {
    pub(crate) fn new(tree: &Tree) -> Self {
        let (layout, nodes) = match steps::narrow(tree) {
            true => {
                let (steps, nodes) = Steps::new(tree);
                (Layout::Narrow(steps), nodes)
            }
            false => {
                let (steps, nodes) = Steps::new(tree);
                (Layout::Wide(steps), nodes)
            }
        };
        TreeWalker { layout, nodes, columns: tree.n_features(), depth: tree.max_depth() }
    }

    /// Calls `arrive` with the leaves of the rows, in order, some rows at a time. `names` are those
    /// of the columns of the fit.
    pub(crate) fn leaves(
        &self,
        features: Features<'_>,
        names: Option<&[String]>,
        arrive: impl FnMut(&[u32]),
    ) -> Result<(), Error> {
        match in_order_of_fit(&features, names)? {
            Some(reordered) => self.leaves_in_order(Features::from(&reordered), arrive),
            None => self.leaves_in_order(features, arrive),
        }
    }

    fn leaves_in_order(
        &self,
        features: Features<'_>,
        arrive: impl FnMut(&[u32]),
    ) -> Result<(), Error> {
        let (_, found) = features.shape();
        if found != self.columns {
            return Err(Error::Columns { expected: self.columns, found });
        }
        let finite = match features {
            Features::F32(view) => self.rows(view, arrive),
            Features::F64(view) | Features::Named { view, .. } => self.rows(view, arrive),
        };
        if finite { Ok(()) } else { Err(check::infinite(&features)) }
    }

    /// Walks rows to their leaves; `false` when a value is infinite.
    fn rows<T: FeatureValue>(
        &self,
        view: ArrayView2<'_, T>,
        mut arrive: impl FnMut(&[u32]),
    ) -> bool {
        if let Some(values) = view.to_slice() {
            return self.values(values, &mut arrive);
        }
        let mut keys = Vec::new();
        let rows = (COPIED / self.columns).max(1);
        view.axis_chunks_iter(ndarray::Axis(0), rows).all(|rows| {
            keys.clear();
            keys.extend(rows.iter().map(|value| value.key()));
            self.values(&keys, &mut arrive)
        })
    }

    /// Walks rows that stand side by side; `false` when a value is infinite.
    fn values<T: FeatureValue>(&self, values: &[T], arrive: &mut impl FnMut(&[u32])) -> bool {
        match &self.layout {
            Layout::Narrow(steps) => self.batches(steps).leaves(values, arrive),
            Layout::Wide(steps) => self.batches(steps).leaves(values, arrive),
        }
    }

    fn batches<'a, L: Link>(&'a self, steps: &'a Steps<L>) -> Batches<'a, L> {
        Batches { steps, nodes: &self.nodes, columns: self.columns, depth: self.depth }
    }

    /// The leaf of a single row.
    pub(crate) fn leaf(&self, row: &[f64]) -> Result<usize, Error> {
        if row.len() != self.columns {
            return Err(Error::Columns { expected: self.columns, found: row.len() });
        }
        if let Some(column) = row.iter().position(|&value| (value as f32).is_infinite()) {
            return Err(Error::Infinite { row: 0, column, value: row[column] });
        }
        let place = match &self.layout {
            Layout::Narrow(steps) => leaf_of(steps, row),
            Layout::Wide(steps) => leaf_of(steps, row),
        };
        Ok(self.nodes[place as usize] as usize)
    }
}

fn leaf_of<L: Link>(steps: &Steps<L>, row: &[f64]) -> u32 {
    let mut place = 0;
    loop {
        let next = steps.next::<true, _>(place, |feature| row[feature]);
        if next == place {
            return place;
        }
        place = next;
    }
}
