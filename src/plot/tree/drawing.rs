//! The boxes, and the lines between them.

use plotters::style::RGBColor;
use plotters::style::text_anchor::HPos;

use super::cut::{Content, Cut, Piece};
use super::layout::{Below, Item, middles};
use super::view::View;
use super::words::{LETTERS, Line, SMALL, Words};
use crate::plot::Error;
use crate::plot::drawing::canvas::{Canvas, Lettering};
use crate::plot::drawing::heading::{Heading, MARGIN};
use crate::plot::drawing::options::Options;
use crate::plot::drawing::palette;
use crate::plot::drawing::shapes::{Card, Curve};
use crate::plot::drawing::sheet::Point;
use crate::text;

const LINE: i32 = 15;
/// Room left and right of a box's text, and above and below.
const SIDE: i32 = 7;
const INSIDE: i32 = 8;
/// The bar of the classes' shares, and the room above it.
const BAR: i32 = 5;
const BAR_GAP: i32 = 6;
/// The room between two rows of boxes.
const ROW_GAP: i32 = 38;
/// No box is narrower.
const NARROWEST: i32 = 56;
/// The least width of the picture: the notes have to fit in.
const LEAST_WIDTH: i32 = 460;

/// Up to this many classes, a note names them in order.
const NAMED: usize = 8;

/// What a picture is drawn from.
pub(super) struct Drawing<'a> {
    pub(super) view: &'a View<'a>,
    pub(super) words: &'a Words,
    pub(super) cut: &'a Cut,
    /// The nodes on the path of `row`.
    pub(super) path: &'a [usize],
    pub(super) row: Option<&'a [f64]>,
    pub(super) filled: bool,
    /// One for each class, if there are not too many; one for a regressor.
    pub(super) hues: Vec<RGBColor>,
    pub(super) options: &'a Options,
}

/// A box with its lines and its place.
struct Placed<'a> {
    piece: &'a Piece,
    lines: Vec<Line>,
    bar: bool,
    on_path: bool,
    from: Point,
    to: Point,
}

impl Placed<'_> {
    fn middle(&self) -> i32 {
        (self.from.0 + self.to.0) / 2
    }
}

impl Drawing<'_> {
    /// The SVG, and its size.
    pub(super) fn draw(&self, title: &str) -> Result<(String, (u32, u32)), Error> {
        let (mut boxes, tree_width) = self.boxes();
        let across = tree_width.max(LEAST_WIDTH) + 2 * MARGIN;
        let heading_width = self.options.width(across as u32).max(across);
        let heading = Heading::new(title, &self.note(), heading_width);
        let rows = stack(&mut boxes, heading.bottom());
        let bottom = rows.last().copied().unwrap_or(0) + MARGIN;
        let least = (across as u32, bottom as u32);
        let size = self.options.size(least, least)?;
        let left = (size.0 as i32 - tree_width) / 2;
        for placed in &mut boxes {
            placed.from.0 += left;
            placed.to.0 += left;
        }
        let svg = Canvas::draw(size, title, |canvas| {
            heading.draw(canvas)?;
            self.draw_edges(canvas, &boxes, &rows)?;
            boxes.iter().try_for_each(|placed| self.draw_box(canvas, placed))
        })?;
        Ok((svg, size))
    }

    /// What stands under the title.
    fn note(&self) -> String {
        let mut notes = Vec::new();
        if self.view.question(0).is_some() {
            notes.push("True goes to the left, false to the right.".to_owned());
        }
        notes.extend(self.values_note());
        if let Some(&leaf) = self.path.last() {
            let answer = self.words.answer(self.view, leaf).unwrap_or_default();
            notes.push(format!("Thick lines: the way of this row, to {answer}."));
        }
        if self.cut.hidden > 0 {
            let more = text::count(self.cut.hidden, "more node", "more nodes");
            notes.push(format!("… {more} below depth {} are not shown.", self.cut.depth));
        }
        notes.join(" ")
    }

    /// What the values in the boxes mean.
    fn values_note(&self) -> Option<String> {
        let classes = self.words.classes.len();
        if self.view.is_regressor() {
            return self.filled.then(|| "The darker, the greater the value.".to_owned());
        }
        // linfa's trees hold no values.
        self.view.criterion()?;
        if classes > NAMED {
            return Some("In brackets: train rows of the most frequent classes.".to_owned());
        }
        let names: Vec<String> = (0..classes).map(|class| self.words.class(class)).collect();
        Some(format!("value: the train rows of each class, in the order {}.", names.join(", ")))
    }

    /// The boxes, each as large as its text needs, from left to right; and the width of all.
    fn boxes(&self) -> (Vec<Placed<'_>>, i32) {
        let mut boxes: Vec<Placed<'_>> = Vec::with_capacity(self.cut.pieces.len());
        let mut items = Vec::with_capacity(self.cut.pieces.len());
        for piece in &self.cut.pieces {
            let on_path = self.is_on_path(piece.content);
            let lines = match piece.content {
                Content::Node(node) => {
                    let row = if on_path { self.row } else { None };
                    self.words.lines(self.view, node, row)
                }
                Content::More { hidden, .. } => {
                    let text = format!("… {} more", text::grouped(hidden));
                    vec![Line { text, bold: false }]
                }
            };
            let widths = lines.iter().map(|line| lettering(line).width(&line.text));
            let width = (widths.max().unwrap_or(0) + 2 * SIDE).max(NARROWEST);
            let bar = self.filled
                && matches!(piece.content, Content::Node(node) if self.view.fractions(node).len() > 1)
                && self.words.classes.len() <= self.hues.len();
            let bar_height = if bar { BAR + BAR_GAP } else { 0 };
            let height = LINE * lines.len() as i32 + 2 * INSIDE + bar_height;
            items.push(Item { width, below: piece.below });
            boxes.push(Placed { piece, lines, bar, on_path, from: (0, 0), to: (width, height) });
        }
        let (middles, all) = middles(&items);
        for (placed, middle) in boxes.iter_mut().zip(middles) {
            let width = placed.to.0;
            placed.from.0 = middle - width / 2;
            placed.to.0 = placed.from.0 + width;
        }
        (boxes, all)
    }

    fn is_on_path(&self, content: Content) -> bool {
        match content {
            Content::Node(node) => self.path.contains(&node),
            Content::More { parent, .. } => self.path.contains(&parent),
        }
    }

    fn draw_edges(
        &self,
        canvas: &Canvas<'_>,
        boxes: &[Placed<'_>],
        rows: &[i32],
    ) -> Result<(), Error> {
        // Those on the path last, above the others.
        for on_path in [false, true] {
            for parent in boxes {
                let children = match parent.piece.below {
                    Below::Nothing => continue,
                    Below::One(child) => [Some(child), None],
                    Below::Two(left, right) => [Some(left), Some(right)],
                };
                let bend = rows.get(parent.piece.depth).copied().unwrap_or(parent.to.1);
                for child in children.into_iter().flatten().filter_map(|child| boxes.get(child)) {
                    if on_path != (parent.on_path && child.on_path) {
                        continue;
                    }
                    let (colour, width) = match on_path {
                        true => (palette::INK, 3),
                        false => (palette::QUIET, 1),
                    };
                    canvas.curve(Curve {
                        from: (parent.middle(), parent.to.1),
                        bend,
                        to: (child.middle(), child.from.1),
                        colour,
                        width,
                    })?;
                }
            }
        }
        self.draw_true_and_false(canvas, boxes, rows)
    }

    /// The words beside the root's two edges.
    fn draw_true_and_false(
        &self,
        canvas: &Canvas<'_>,
        boxes: &[Placed<'_>],
        rows: &[i32],
    ) -> Result<(), Error> {
        let Some(Below::Two(left, right)) = boxes.first().map(|root| root.piece.below) else {
            return Ok(());
        };
        let (Some(root), Some(&bottom)) = (boxes.first(), rows.first()) else { return Ok(()) };
        let ways = [(left, "True", HPos::Right, -6), (right, "False", HPos::Left, 6)];
        for (child, word, align, aside) in ways {
            let Some(child) = boxes.get(child) else { continue };
            let at =
                ((root.middle() + child.middle()) / 2 + aside, (bottom + child.from.1) / 2 - 8);
            canvas.text(word, at, Lettering { align, ..Lettering::new(LETTERS) })?;
        }
        Ok(())
    }

    fn draw_box(&self, canvas: &Canvas<'_>, placed: &Placed<'_>) -> Result<(), Error> {
        let (from, to) = (placed.from, placed.to);
        let (fill, stroke) = self.colours(placed.piece.content);
        let leaf = matches!(placed.piece.content, Content::Node(node) if self.view.children[node].is_none());
        let (class, radius, usual) = match placed.piece.content {
            Content::More { .. } => ("more", 4, 1),
            Content::Node(_) if leaf => ("leaf", 12, 2),
            Content::Node(_) => ("split", 2, 1),
        };
        let dashed = matches!(placed.piece.content, Content::More { .. });
        let (stroke, width) = if placed.on_path { (palette::INK, 3) } else { (stroke, usual) };
        canvas.card(Card { from, to, class, radius, fill, stroke, width, dashed })?;
        let ink = palette::text_on(fill);
        let mut y = from.1 + INSIDE + LINE / 2;
        for line in &placed.lines {
            let lettering = Lettering { colour: ink, ..lettering(line) };
            canvas.text(&line.text, (placed.middle(), y), lettering)?;
            y += LINE;
        }
        if let (true, Content::Node(node)) = (placed.bar, placed.piece.content) {
            let top = to.1 - INSIDE - BAR + 1;
            self.draw_bar(canvas, node, (from.0 + SIDE, top), (to.0 - SIDE, top + BAR))?;
        }
        Ok(())
    }

    /// The shares of the classes, side by side.
    fn draw_bar(
        &self,
        canvas: &Canvas<'_>,
        node: usize,
        from: Point,
        to: Point,
    ) -> Result<(), Error> {
        let mut sum = 0.0;
        let mut left = from.0;
        let fractions = self.view.fractions(node);
        for (fraction, colour) in fractions.iter().zip(&self.hues) {
            sum += fraction;
            // A tree from elsewhere can hold anything.
            let right = from.0 + (f64::from(to.0 - from.0) * sum.clamp(0.0, 1.0)).round() as i32;
            if right > left {
                canvas.filled((left, from.1), (right, to.1), *colour)?;
                left = right;
            }
        }
        Ok(())
    }

    /// The colours of a box and of its border.
    fn colours(&self, content: Content) -> (RGBColor, RGBColor) {
        const WHITE: RGBColor = RGBColor(0xff, 0xff, 0xff);
        let Content::Node(node) = content else { return (WHITE, palette::QUIET) };
        if !self.filled {
            return (WHITE, palette::QUIET);
        }
        let (class, strength) = match self.view.estimate(node) {
            Some(estimate) => (Some(0), self.view.place_in_range(estimate)),
            None => (self.view.class(node), self.view.purity(node)),
        };
        let hue = class.and_then(|class| self.hues.get(class % self.hues.len().max(1)));
        match hue {
            Some(&hue) => (palette::tint(hue, 0.06 + 0.4 * strength), hue),
            // A split of linfa's tree has no class.
            None => (WHITE, palette::QUIET),
        }
    }
}

fn lettering(line: &Line) -> Lettering {
    let size = if line.bold { LETTERS } else { SMALL };
    Lettering { bold: line.bold, ..Lettering::new(size) }
}

/// Sets the boxes in rows, the first of them at `top`; the result is where each row ends.
fn stack(boxes: &mut [Placed<'_>], top: i32) -> Vec<i32> {
    let mut heights: Vec<i32> = Vec::new();
    for placed in boxes.iter() {
        let row = placed.piece.depth;
        heights.resize(heights.len().max(row + 1), 0);
        if let Some(height) = heights.get_mut(row) {
            *height = (*height).max(placed.to.1);
        }
    }
    let mut tops = Vec::with_capacity(heights.len());
    let mut y = top;
    for height in &heights {
        tops.push(y);
        y += height + ROW_GAP;
    }
    for placed in boxes.iter_mut() {
        placed.from.1 = tops.get(placed.piece.depth).copied().unwrap_or(top);
        placed.to.1 += placed.from.1;
    }
    tops.iter().zip(heights).map(|(top, height)| top + height).collect()
}
