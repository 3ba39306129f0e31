//! Arrays and numbers in print.

use std::borrow::Cow;

use super::{Content, Found, machine, read_dtype};
use crate::numpy;
use crate::pickle::classes::{Piece, Printed};
use crate::pickle::graph::items::Items;
use crate::pickle::graph::{Graph, Kind};

/// How many objects of an array are printed at most.
const MOST_OBJECTS: usize = 1 << 16;

/// What has to be looked at to print it.
pub(crate) fn work_to_print(found: &Found<'_>) -> u64 {
    match &found.content {
        Content::Data { layout, bytes } => {
            let decoded = if let Cow::Owned(bytes) = bytes { bytes.len() } else { 0 };
            numpy::work_to_print(layout).saturating_add(decoded) as u64
        }
        Content::Objects { length, .. } => *length as u64,
        Content::Object(_) => 1,
    }
}

/// As numpy's `repr` prints it.
pub(crate) fn printed<'g>(graph: &'g Graph<'_>, found: Found<'g>) -> Printed<'g> {
    let whole = |text| Printed::Whole(Piece::Text(text));
    match found.content {
        Content::Data { layout, bytes } if found.scalar => {
            whole(numpy::scalar_repr(layout.dtype(), layout.item(&bytes, 0).unwrap_or_default()))
        }
        Content::Data { layout, bytes } => whole(match found.typecode {
            Some(code) => machine::repr(code, &layout, &bytes),
            None => numpy::array_repr(&layout, &bytes, found.class),
        }),
        Content::Object(index) => {
            Printed::Holder { pieces: vec![Piece::Object(index)], closed: "(...)" }
        }
        Content::Objects { dtype, shape, items, length } => {
            let dtype = numpy::short_repr(&dtype);
            let shown = numpy::shown(&shape, length);
            let cut = shown < length;
            if shown > MOST_OBJECTS {
                let shape = numpy::Shape(&shape);
                return whole(format!("{}(..., shape={shape}, dtype={dtype})", found.class));
            }
            let mut objects = Objects { graph, pieces: Vec::new(), items, cut };
            objects.pieces.push(Piece::Text(format!("{}(", found.class)));
            if length == 0 {
                objects.pieces.push(Piece::Literal("[]"));
            } else {
                objects.part(&shape, 0, found.class.len() + 2);
            }
            let shape = match (length, &*shape) {
                (0, [0]) => String::new(),
                (0, shape) => format!(", shape={}", numpy::Shape(shape)),
                (_, shape) if cut => format!(", shape={}", numpy::Shape(shape)),
                _ => String::new(),
            };
            objects.pieces.push(Piece::Text(format!("{shape}, dtype={dtype})")));
            Printed::Holder { pieces: objects.pieces, closed: "array(...)" }
        }
    }
}

/// Objects in brackets, each row of an array of several dimensions on a line of its own.
struct Objects<'g> {
    graph: &'g Graph<'g>,
    pieces: Vec<Piece<'g>>,
    items: Items<'g>,
    cut: bool,
}

impl Objects<'_> {
    fn part(&mut self, shape: &[usize], axis: usize, indent: usize) {
        const EDGE: usize = 3;
        let Some(&length) = shape.get(axis) else {
            let Some(index) = self.items.next() else { return };
            // As numpy does it, so that a list is told from a row.
            let is_list = self.graph.node(index).kind == Kind::List;
            if is_list {
                self.pieces.push(Piece::Literal("list("));
            }
            self.pieces.push(Piece::Object(index));
            if is_list {
                self.pieces.push(Piece::Literal(")"));
            }
            return;
        };
        let axes_left = shape.len() - axis;
        let between = match axes_left {
            1 => ", ".to_owned(),
            _ => format!(",{}{}", "\n".repeat(axes_left - 1), " ".repeat(indent)),
        };
        self.pieces.push(Piece::Literal("["));
        let left_out = if self.cut && length > 2 * EDGE { EDGE..length - EDGE } else { 0..0 };
        for place in 0..length {
            if left_out.contains(&place) {
                let inner = shape.iter().skip(axis + 1).product::<usize>();
                for _ in 0..inner {
                    self.items.next();
                }
                if place == left_out.start {
                    self.pieces.push(Piece::Literal("..."));
                    self.pieces.push(Piece::Text(between.clone()));
                }
                continue;
            }
            self.part(shape, axis + 1, indent + 1);
            if place + 1 < length {
                self.pieces.push(Piece::Text(between.clone()));
            }
        }
        self.pieces.push(Piece::Literal("]"));
    }
}

/// A dtype as numpy's `repr` prints it.
pub(crate) fn printed_dtype(graph: &Graph<'_>, index: u32, work: &mut u64) -> Option<String> {
    read_dtype(graph, index, work).ok().map(|dtype| dtype.repr())
}
