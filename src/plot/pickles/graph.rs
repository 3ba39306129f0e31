//! The objects that a pickle holds, and which holds which.

use std::collections::{HashMap, HashSet, VecDeque};

use plotters::style::RGBColor;
use plotters::style::text_anchor::HPos;

use crate::pickle::Value;
use crate::plot::drawing::canvas::{Canvas, Lettering};
use crate::plot::drawing::heading::{Heading, LABEL, MARGIN, SMALL};
use crate::plot::drawing::options::{Options, shared_options};
use crate::plot::drawing::palette;
use crate::plot::drawing::shapes::{Card, Link};
use crate::plot::drawing::sheet::Point;
use crate::plot::{Error, Figure};
use crate::text::{self, count, shortened};

/// Draws the objects of a pickle: lists, dictionaries, tuples, sets and instances as boxes, with what
/// they hold in rows, and an arrow to each object that is a box itself. [`ObjectGraph`] does the
/// same with options.
///
/// An object that is used more than once is drawn once, in orange, with several arrows; arrows
/// that lead back are orange, too. The picture is for small graphs: it says how many objects it
/// leaves out.
///
/// # Errors
/// None for the usual size and colours.
///
/// ```
/// use picklebook::prelude::*;
/// use picklebook::pickle::Value;
///
/// // [1, 2] twice in a list.
/// let value: Value = pickle::loads(b"\x80\x04]\x94(]\x94(K\x01K\x02eh\x01e.")?;
/// let figure = plot::object_graph(&value)?;
/// assert_eq!(figure.title(), "2 objects, one of them used more than once");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn object_graph(value: &Value) -> Result<Figure, Error> {
    ObjectGraph::new(value).draw()
}

/// A picture of the objects of a pickle, with options; [`object_graph`] draws one without.
///
/// Of the colours, if any are set, there are two: that of the boxes and that of what is used more
/// than once.
#[derive(Debug, Clone)]
pub struct ObjectGraph<'a> {
    value: &'a Value,
    options: Options,
}

shared_options!(ObjectGraph<'_>);

/// The most boxes in all, and in one column.
const MOST_BOXES: usize = 24;
const MOST_IN_COLUMN: usize = 9;
/// The most rows of a box.
const MOST_ROWS: usize = 8;
/// The widest picture, and the narrowest.
const WIDEST: i32 = 750;
const LEAST_WIDTH: i32 = 420;
/// The widest and the narrowest box.
const BOX: (i32, i32) = (190, 66);
/// White between two columns, and between two boxes of one.
const GUTTER: i32 = 54;
const BETWEEN: i32 = 18;
const HEADER: i32 = 22;
const ROW: i32 = 19;
const INSIDE: i32 = 8;
/// Past so many objects there are only "more than" so many.
const MOST_COUNTED: usize = 10_000;
/// Columns of text of what a row shows.
const MOST_TEXT: usize = 40;

/// What stands in a row.
#[derive(Debug)]
struct Row {
    text: String,
    /// The box that the arrow leads to.
    to: Option<usize>,
}

/// An object that is drawn.
#[derive(Debug)]
struct Boxed {
    name: String,
    rows: Vec<Row>,
    column: usize,
    /// How many arrows lead to it.
    uses: usize,
    from: Point,
    to: Point,
}

/// What is drawn.
#[derive(Debug)]
struct View {
    boxes: Vec<Boxed>,
    /// Objects that are not.
    hidden: usize,
    /// Whether more were not even counted.
    uncounted: bool,
}

impl<'a> ObjectGraph<'a> {
    /// A picture of the object and of all that it holds.
    pub fn new(value: &'a Value) -> Self {
        ObjectGraph { value, options: Options::default() }
    }

    /// Draws the picture.
    ///
    /// # Errors
    /// [`Error::Size`] for a size that is too small, [`Error::Colour`] and [`Error::Length`] for
    /// colours that are none, or fewer than two.
    pub fn draw(self) -> Result<Figure, Error> {
        let colours = self.options.colours(2)?;
        let plain = colours.first().copied().unwrap_or(palette::CLASSES[0]);
        let shared = colours.get(1).copied().unwrap_or(palette::CLASSES[1]);
        let mut view = View::new(self.value);
        let title = self.options.title.clone().unwrap_or_else(|| view.title());
        let across = view.place_columns();
        let wide = (across + 2 * MARGIN).max(LEAST_WIDTH);
        let note = view.note();
        let heading = Heading::new(&title, &note, self.options.width(wide as u32).max(wide));
        let bottom = view.place_rows(heading.bottom() + 4);
        let least = (wide as u32, (bottom + MARGIN) as u32);
        let size = self.options.size(least, least)?;
        let aside = (size.0 as i32 - across) / 2;
        for boxed in &mut view.boxes {
            boxed.from.0 += aside;
            boxed.to.0 += aside;
        }
        let svg = Canvas::draw(size, &title, |canvas| {
            heading.draw(canvas)?;
            view.draw(canvas, bottom, [plain, shared])
        })?;
        Ok(Figure::new(svg, title, view.alt(), size))
    }
}

/// What an object holds: a name for each part, and the part.
fn parts(value: &Value) -> Vec<(String, Value)> {
    let key = |key: &Value| brief(key, 16);
    let numbered = |items: Vec<Value>| {
        items.into_iter().enumerate().map(|(place, item)| (place.to_string(), item))
    };
    let pairs = |entries: Vec<(Value, Value)>| {
        entries.into_iter().map(|(name, item)| (key(&name), item)).collect::<Vec<_>>()
    };
    match value.type_name() {
        "list" | "tuple" => numbered(value.items()).collect(),
        "set" | "frozenset" => {
            value.items().into_iter().map(|item| (String::new(), item)).collect()
        }
        "dict" => pairs(value.entries()),
        _ => {
            let mut parts: Vec<(String, Value)> = Vec::new();
            if let Some(arguments) = value.arguments() {
                let name = |(place, item)| (format!("argument {place}"), item);
                parts.extend(arguments.items().into_iter().enumerate().map(name));
            }
            if let Some(named) = value.named_arguments() {
                parts.extend(pairs(named.entries()));
            }
            parts.extend(numbered(value.items()));
            let (entries, state) = (value.entries(), value.state());
            // Those of an object that is read by its attributes are in its state.
            let attributes = state.as_ref().map(Value::entries).unwrap_or_default();
            let is_same = |(one, other): (&(Value, Value), &(Value, Value))| one.1.is(&other.1);
            if entries.len() != attributes.len() || !entries.iter().zip(&attributes).all(is_same) {
                parts.extend(pairs(entries));
            }
            match state {
                // The attributes, as in `__dict__`.
                Some(state) if state.type_name() == "dict" => {
                    let attribute = |(name, item): (Value, Value)| {
                        let name = name.as_str().map(|name| shortened(&name, 24));
                        (format!(".{}", name.unwrap_or_default()), item)
                    };
                    parts.extend(state.entries().into_iter().map(attribute));
                }
                Some(state) => parts.push(("state".into(), state)),
                None => {}
            }
            parts
        }
    }
}

/// Whether the object gets a box: those that hold others, and instances with a state.
fn is_box(value: &Value) -> bool {
    match value.type_name() {
        "list" | "tuple" | "dict" | "set" | "frozenset" => true,
        "object" => {
            let holds = |value: Value| {
                value
                    .items()
                    .iter()
                    .any(|item| !matches!(item.type_name(), "global") && is_open(item))
            };
            value.state().is_some()
                || !value.items().is_empty()
                || !value.entries().is_empty()
                || value.arguments().is_some_and(holds)
        }
        _ => false,
    }
}

/// Whether it may hold others.
fn is_open(value: &Value) -> bool {
    matches!(value.type_name(), "list" | "tuple" | "dict" | "set" | "frozenset" | "object")
}

/// The object as Python prints it, in short.
fn brief(value: &Value, most: usize) -> String {
    let text = value.repr().depth(2).items(4).length(4 * most).to_string();
    text::cut(&text, most).into_owned()
}

/// What is written above the rows.
fn name(value: &Value, parts: usize) -> String {
    let class = |value: &Value| {
        let (_, name) = value.callee()?.global()?;
        // The usual ways to make an object of a class that is the first argument.
        if matches!(&*name, "_reconstructor" | "__newobj__") {
            let class = value.arguments()?.items().into_iter().next()?;
            return class.global().map(|(_, name)| name);
        }
        Some(name)
    };
    match value.type_name() {
        "object" => {
            let name = class(value).unwrap_or_else(|| "object".into());
            shortened(name.rsplit('.').next().unwrap_or(&name), 28)
        }
        kind if is_box(value) => format!("{kind} · {parts}"),
        "global" => "imported name".into(),
        kind => kind.to_owned(),
    }
}

impl View {
    /// Finds the objects, the nearest to the root first.
    fn new(root: &Value) -> View {
        let mut view = View { boxes: Vec::new(), hidden: 0, uncounted: false };
        let mut places: HashMap<u32, usize> = HashMap::from([(root.index, 0)]);
        let mut columns: Vec<usize> = vec![1];
        let mut hidden: HashSet<u32> = HashSet::new();
        let mut left_out: Vec<Value> = Vec::new();
        let mut waiting = VecDeque::from([(root.clone(), 0)]);
        view.boxes.push(Boxed::new(0));
        while let Some((value, column)) = waiting.pop_front() {
            let Some(&place) = places.get(&value.index) else { continue };
            let parts = if is_open(&value) { parts(&value) } else { Vec::new() };
            let all = parts.len();
            let mut rows = Vec::new();
            if !is_box(&value) {
                rows.push(Row { text: brief(&value, MOST_TEXT), to: None });
            }
            let room = if all > MOST_ROWS { MOST_ROWS - 1 } else { MOST_ROWS };
            for (name, part) in parts {
                let shown = rows.len() < room;
                let known = places.get(&part.index).copied();
                if !is_box(&part) {
                    if shown {
                        let text = joined(&name, &brief(&part, MOST_TEXT));
                        rows.push(Row { text, to: None });
                    }
                    continue;
                }
                let in_column = columns.get(column + 1).copied().unwrap_or(0);
                let fits = view.boxes.len() < MOST_BOXES && in_column < MOST_IN_COLUMN;
                let to = match known {
                    Some(place) => Some(place),
                    None if shown && fits => {
                        let place = view.boxes.len();
                        view.boxes.push(Boxed::new(column + 1));
                        places.insert(part.index, place);
                        columns.resize(columns.len().max(column + 2), 0);
                        if let Some(count) = columns.get_mut(column + 1) {
                            *count += 1;
                        }
                        waiting.push_back((part.clone(), column + 1));
                        Some(place)
                    }
                    None => None,
                };
                if !shown {
                    if to.is_none() && hidden.insert(part.index) {
                        left_out.push(part);
                    }
                    continue;
                }
                match to {
                    Some(to) => rows.push(Row { text: name, to: Some(to) }),
                    None => {
                        let text = joined(&name, &brief(&part, MOST_TEXT));
                        rows.push(Row { text, to: None });
                        if hidden.insert(part.index) {
                            left_out.push(part);
                        }
                    }
                }
            }
            let left = all.saturating_sub(rows.len());
            if is_box(&value) && left > 0 {
                rows.push(Row { text: format!("… {} more", text::grouped(left)), to: None });
            }
            for to in rows.iter().filter_map(|row| row.to).collect::<Vec<_>>() {
                if let Some(boxed) = view.boxes.get_mut(to) {
                    boxed.uses += 1;
                }
            }
            if let Some(boxed) = view.boxes.get_mut(place) {
                (boxed.name, boxed.rows) = (name(&value, all), rows);
            }
        }
        // What was left out when it came up may have got a box later, by another way.
        left_out.retain(|value| !places.contains_key(&value.index));
        hidden.retain(|index| !places.contains_key(index));
        // And all that only they hold.
        while let Some(value) = left_out.pop() {
            if hidden.len() > MOST_COUNTED {
                view.uncounted = true;
                break;
            }
            for (_, part) in parts(&value) {
                if is_box(&part) && !places.contains_key(&part.index) && hidden.insert(part.index) {
                    left_out.push(part);
                }
            }
        }
        view.hidden = hidden.len().min(MOST_COUNTED);
        view.boxes.iter_mut().take(1).for_each(|root| root.uses += 1);
        view
    }

    fn shared(&self) -> usize {
        self.boxes.iter().filter(|boxed| boxed.uses > 1).count()
    }

    fn title(&self) -> String {
        let (more, all) = match self.uncounted {
            true => ("More than ", MOST_COUNTED),
            false => ("", self.boxes.len() + self.hidden),
        };
        let objects = count(all, "object", "objects");
        match self.shared() {
            0 => format!("{more}{objects}"),
            1 if all == 1 => "An object that holds itself".into(),
            1 => format!("{more}{objects}, one of them used more than once"),
            many => format!("{more}{objects}, {many} of them used more than once"),
        }
    }

    fn note(&self) -> String {
        let mut notes = vec!["An arrow leads from a place to the object that is there.".to_owned()];
        if self.shared() > 0 {
            notes.push("Orange: one object in several places.".to_owned());
        }
        if self.hidden > 0 {
            notes.push(self.left_out());
        }
        match self.boxes.len() {
            1 if self.hidden == 0 && self.shared() == 0 => String::new(),
            _ => notes.join(" "),
        }
    }

    fn left_out(&self) -> String {
        match self.uncounted {
            true => "Most of them have no box here.".into(),
            false => format!("{} no box here.", count(self.hidden, "object has", "objects have")),
        }
    }

    /// Sets the columns side by side, as many as have room; the result is the width of all. Boxes of
    /// columns that have none go.
    fn place_columns(&mut self) -> i32 {
        let columns = self.boxes.iter().map(|boxed| boxed.column + 1).max().unwrap_or(1);
        let mut left = 0;
        for column in 0..columns {
            let wide = self.boxes.iter().filter(|boxed| boxed.column == column);
            let wide = wide.map(Boxed::width).max().unwrap_or(BOX.1).clamp(BOX.1, BOX.0);
            if left + wide + 2 * MARGIN > WIDEST {
                self.cut_from(column);
                break;
            }
            for boxed in self.boxes.iter_mut().filter(|boxed| boxed.column == column) {
                (boxed.from.0, boxed.to.0) = (left, left + wide);
            }
            left += wide + GUTTER;
        }
        let loops = self.boxes.iter().any(|boxed| {
            let is_last = boxed.to.0 + GUTTER == left;
            let stays = |row: &Row| {
                row.to.and_then(|to| self.boxes.get(to)).is_some_and(|to| to.column == boxed.column)
            };
            is_last && boxed.rows.iter().any(stays)
        });
        // The arrows of the last column go around on its right.
        left - if loops { 0 } else { GUTTER }
    }

    /// Takes the boxes of a column and of those behind it away.
    fn cut_from(&mut self, column: usize) {
        let gone: Vec<bool> = self.boxes.iter().map(|boxed| boxed.column >= column).collect();
        // Boxes stand in the order of their columns.
        let kept = gone.iter().filter(|gone| !**gone).count();
        self.hidden += self.boxes.len() - kept;
        // Arrows from what goes count no more.
        let lost: Vec<usize> = self
            .boxes
            .iter()
            .skip(kept)
            .flat_map(|boxed| boxed.rows.iter().filter_map(|row| row.to))
            .collect();
        self.boxes.truncate(kept);
        for place in lost {
            if let Some(boxed) = self.boxes.get_mut(place) {
                boxed.uses -= 1;
            }
        }
        for row in self.boxes.iter_mut().flat_map(|boxed| &mut boxed.rows) {
            if row.to.is_some_and(|to| to >= kept) {
                row.text = joined(&row.text, "…");
                row.to = None;
            }
        }
    }

    /// Sets the boxes below each other, each as near as can be to the row that leads to it; the
    /// result is where the last ends.
    fn place_rows(&mut self, top: i32) -> i32 {
        let mut free: Vec<i32> = Vec::new();
        for place in 0..self.boxes.len() {
            let wanted = self.boxes.iter().take(place).find_map(|holder| {
                let row = holder.rows.iter().position(|row| row.to == Some(place))?;
                Some(holder.row_middle(row) - HEADER / 2)
            });
            let Some(boxed) = self.boxes.get_mut(place) else { continue };
            free.resize(free.len().max(boxed.column + 1), top);
            let Some(free) = free.get_mut(boxed.column) else { continue };
            let height = HEADER + boxed.rows.len() as i32 * ROW + INSIDE / 2;
            boxed.from.1 = wanted.unwrap_or(top).max(*free);
            boxed.to.1 = boxed.from.1 + height;
            *free = boxed.to.1 + BETWEEN;
        }
        let bottom = self.boxes.iter().map(|boxed| boxed.to.1).max().unwrap_or(top);
        // A lane for arrows that lead back over more than one column.
        let lanes = self.far_back().count() as i32;
        bottom + if lanes > 0 { 10 + 6 * lanes } else { 0 }
    }

    /// The arrows that lead back over more than one column.
    fn far_back(&self) -> impl Iterator<Item = (usize, usize)> {
        self.boxes.iter().enumerate().flat_map(|(place, boxed)| {
            let far = |row: &Row| {
                let to = self.boxes.get(row.to?)?;
                Some(to.column + 1 < boxed.column)
            };
            let rows = boxed.rows.iter().enumerate();
            rows.filter(move |(_, row)| far(row) == Some(true)).map(move |(row, _)| (place, row))
        })
    }

    fn draw(
        &self,
        canvas: &Canvas<'_>,
        bottom: i32,
        [plain, shared]: [RGBColor; 2],
    ) -> Result<(), Error> {
        for boxed in &self.boxes {
            let colour = if boxed.uses > 1 { shared } else { plain };
            boxed.draw(canvas, colour)?;
        }
        // Each arrow that turns has a lane of its own in its gutter.
        let mut lanes: HashMap<usize, i32> = HashMap::new();
        let mut below = 0;
        for boxed in &self.boxes {
            for (place, row) in boxed.rows.iter().enumerate() {
                let Some(to) = row.to.and_then(|to| self.boxes.get(to)) else { continue };
                let colour = if to.uses > 1 { shared } else { palette::QUIET };
                let start = (boxed.to.0 - INSIDE, boxed.row_middle(place));
                if to.column > boxed.column {
                    canvas.disc(start, 3, colour)?;
                    let end = (to.from.0, to.from.1 + HEADER / 2);
                    canvas.link(Link { from: start, to: (end.0 - 6, end.1), colour, width: 1 })?;
                    arrow_head(canvas, end, 1, colour)?;
                    continue;
                }
                let mut lane = |column: usize| {
                    let lane = lanes.entry(column).or_insert(0);
                    *lane += 1;
                    12 + 5 * ((*lane - 1) % 7)
                };
                let end = (to.to.0, to.from.1 + HEADER / 2);
                let points = if to.column == boxed.column {
                    let x = boxed.to.0 + lane(boxed.column);
                    vec![start, (x, start.1), (x, end.1), (end.0 + 6, end.1)]
                } else if to.column + 1 == boxed.column {
                    // Out of the left side, in the gutter between the two.
                    let x = boxed.from.0 - lane(to.column);
                    vec![(boxed.from.0, start.1), (x, start.1), (x, end.1), (end.0 + 6, end.1)]
                } else {
                    below += 1;
                    let under = bottom - 6 * below + 2;
                    let down = boxed.from.0 - lane(boxed.column - 1);
                    let up = to.to.0 + lane(to.column);
                    vec![
                        (boxed.from.0, start.1),
                        (down, start.1),
                        (down, under),
                        (up, under),
                        (up, end.1),
                        (end.0 + 6, end.1),
                    ]
                };
                canvas.disc(*points.first().unwrap_or(&start), 3, colour)?;
                canvas.line(&points, colour, 1, &[])?;
                arrow_head(canvas, end, -1, colour)?;
            }
        }
        Ok(())
    }

    fn alt(&self) -> String {
        let mut sentences = vec![format!(
            "{}, a diagram: each is a box, with what it holds in rows, and arrows to other boxes.",
            self.title()
        )];
        // A box by its number, from the left.
        let name = |place: usize| {
            let name = self.boxes.get(place).map_or("", |boxed| &boxed.name);
            format!("{} ({name})", place + 1)
        };
        for (place, boxed) in self.boxes.iter().enumerate().take(12) {
            let arrows: Vec<String> = boxed
                .rows
                .iter()
                .filter_map(|row| Some(format!("{} to {}", joined(&row.text, ""), name(row.to?))))
                .collect();
            let plain: Vec<&str> = boxed
                .rows
                .iter()
                .filter(|row| row.to.is_none())
                .map(|row| row.text.as_str())
                .take(4)
                .collect();
            let mut facts = Vec::new();
            if !plain.is_empty() {
                facts.push(format!("holds {}", plain.join(", ")));
            }
            if !arrows.is_empty() {
                facts.push(format!("has arrows: {}", arrows.join(", ")));
            }
            let facts = if facts.is_empty() { "is empty".into() } else { facts.join(" and ") };
            let sentence = format!("Box {} {facts}", name(place));
            sentences.push(format!("{}.", shortened(&sentence, 200)));
        }
        if self.boxes.len() > 12 {
            let more = count(self.boxes.len() - 12, "more box follows", "more boxes follow");
            sentences.push(format!("{more}."));
        }
        if self.hidden > 0 {
            sentences.push(self.left_out());
        }
        sentences.join(" ")
    }
}

/// The tip of an arrow that ends at `at` and goes to the right, or to the left if `way` is -1.
fn arrow_head(canvas: &Canvas<'_>, at: Point, way: i32, colour: RGBColor) -> Result<(), Error> {
    let back = at.0 - 8 * way;
    canvas.polygon(vec![at, (back, at.1 - 4), (back, at.1 + 4)], colour)
}

fn joined(name: &str, value: &str) -> String {
    match (name, value) {
        ("", value) => value.to_owned(),
        (name, "") => name.to_owned(),
        (name, value) => format!("{name}: {value}"),
    }
}

impl Boxed {
    fn new(column: usize) -> Boxed {
        let (from, to) = ((0, 0), (0, 0));
        Boxed { name: String::new(), rows: Vec::new(), column, uses: 0, from, to }
    }

    /// The width that all its text needs.
    fn width(&self) -> i32 {
        let rows = self.rows.iter().map(|row| {
            let arrow = if row.to.is_some() { 14 } else { 0 };
            Lettering::new(SMALL).width(&row.text) + arrow
        });
        rows.chain([Lettering::bold(LABEL).width(&self.name)]).max().unwrap_or(0) + 2 * INSIDE
    }

    fn row_middle(&self, row: usize) -> i32 {
        self.from.1 + HEADER + row as i32 * ROW + ROW / 2
    }

    fn draw(&self, canvas: &Canvas<'_>, colour: RGBColor) -> Result<(), Error> {
        let white = RGBColor(0xff, 0xff, 0xff);
        let (from, to) = (self.from, self.to);
        let width = if self.uses > 1 { 2 } else { 1 };
        let card = Card {
            from,
            to,
            class: "object",
            radius: 4,
            fill: white,
            stroke: colour,
            width,
            dashed: false,
        };
        canvas.card(card)?;
        let below = (to.0 - 1, from.1 + HEADER);
        canvas.filled((from.0 + 1, from.1 + 1), below, palette::tint(colour, 0.18))?;
        let left = Lettering { align: HPos::Left, ..Lettering::new(SMALL) };
        let room = to.0 - from.0 - 2 * INSIDE;
        let name = Lettering { align: HPos::Left, ..Lettering::bold(LABEL) };
        let middle = from.1 + HEADER / 2;
        canvas.text(&name.fitted(&self.name, room), (from.0 + INSIDE, middle), name)?;
        for (place, row) in self.rows.iter().enumerate() {
            let room = if row.to.is_some() { room - 14 } else { room };
            let text = left.fitted(&row.text, room);
            canvas.text(&text, (from.0 + INSIDE, self.row_middle(place)), left)?;
        }
        Ok(())
    }
}
