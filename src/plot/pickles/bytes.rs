//! The bytes of a small pickle, an opcode on each row.

use plotters::style::RGBColor;
use plotters::style::text_anchor::HPos;

use crate::pickle::{self, Operand, Step, op};
use crate::plot::drawing::canvas::{Canvas, Lettering};
use crate::plot::drawing::heading::{Heading, LABEL, MARGIN, SMALL};
use crate::plot::drawing::options::{Options, shared_options};
use crate::plot::drawing::palette;
use crate::plot::{Error, Figure};
use crate::text::{self, count, shortened};

/// Draws the bytes of a pickle: each opcode on a row, its byte dark and what follows it light, with
/// its name and its value beside them. [`PickleBytes`] does the same with options.
///
/// The picture is for small pickles: past 40 opcodes it says how many more there are. Where the
/// bytes are no pickle, it ends with what is wrong. Of several pickles in a row it shows the first.
///
/// # Errors
/// [`Error::Empty`] for no bytes at all.
///
/// ```
/// use picklebook::prelude::*;
///
/// let figure = plot::pickle_bytes(b"\x80\x04]\x94(K\x01K\x02e.")?;
/// assert_eq!(figure.title(), "A pickle of 11 bytes, 8 opcodes");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn pickle_bytes(bytes: &[u8]) -> Result<Figure, Error> {
    PickleBytes::new(bytes).draw()
}

/// A picture of the bytes of a pickle, with options; [`pickle_bytes`] draws one without.
///
/// Of the colours, if any are set, there are six: for data, containers, marks and the stack, the
/// memo, names and calls, and the file's own opcodes.
#[derive(Debug, Clone)]
pub struct PickleBytes<'a> {
    bytes: &'a [u8],
    options: Options,
}

shared_options!(PickleBytes<'_>);

/// The most rows.
const MOST_ROWS: usize = 40;

/// The bytes of a row: the opcode and eight more.
const CELLS: usize = 9;

/// Opcodes that the alternative text names.
const TOLD: usize = 40;

const WIDTH: u32 = 720;
const LEAST_WIDTH: u32 = 560;
const ROW: i32 = 24;
const CELL: i32 = 25;
/// Where bytes begin, and the white before the names.
const BYTES_FROM: i32 = MARGIN + 44;
const NAMES_FROM: i32 = BYTES_FROM + CELLS as i32 * CELL + 16;
/// How far a mark moves the names to the right, and how often.
const STEP: i32 = 14;
const MOST_STEPS: usize = 6;

/// What an opcode has to do with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Group {
    Data,
    Container,
    Mark,
    Memo,
    Call,
    File,
}

impl Group {
    const ALL: [(Group, &'static str, RGBColor); 6] = [
        (Group::Data, "data", palette::CLASSES[0]),
        (Group::Container, "containers", palette::CLASSES[2]),
        (Group::Mark, "marks and stack", palette::CLASSES[7]),
        (Group::Memo, "memo", palette::CLASSES[3]),
        (Group::Call, "names and calls", palette::CLASSES[1]),
        (Group::File, "the file", palette::CLASSES[6]),
    ];

    fn of(code: u8) -> Group {
        match code {
            op::PROTO | op::FRAME | op::STOP => Group::File,
            op::MARK | op::POP | op::POP_MARK | op::DUP => Group::Mark,
            op::GET | op::BINGET | op::LONG_BINGET => Group::Memo,
            op::PUT | op::BINPUT | op::LONG_BINPUT | op::MEMOIZE => Group::Memo,
            op::GLOBAL | op::STACK_GLOBAL | op::REDUCE | op::BUILD | op::INST | op::OBJ => {
                Group::Call
            }
            op::NEWOBJ | op::NEWOBJ_EX | op::EXT1 | op::EXT2 | op::EXT4 => Group::Call,
            op::PERSID | op::BINPERSID => Group::Call,
            op::EMPTY_LIST | op::APPEND | op::APPENDS | op::LIST => Group::Container,
            op::EMPTY_TUPLE | op::TUPLE | op::TUPLE1 | op::TUPLE2 | op::TUPLE3 => Group::Container,
            op::EMPTY_DICT | op::DICT | op::SETITEM | op::SETITEMS => Group::Container,
            op::EMPTY_SET | op::ADDITEMS | op::FROZENSET => Group::Container,
            _ => Group::Data,
        }
    }
}

/// A row.
struct Row {
    position: usize,
    bytes: Vec<u8>,
    /// Bytes that have no room.
    more: usize,
    name: &'static str,
    value: String,
    group: Option<Group>,
    /// Marks that are open.
    depth: usize,
}

/// What is drawn.
struct View {
    rows: Vec<Row>,
    /// Opcodes, bytes of the pickle, rows and bytes that are not shown, and bytes behind it.
    opcodes: usize,
    length: usize,
    hidden: usize,
    behind: usize,
    problem: Option<String>,
}

impl<'a> PickleBytes<'a> {
    /// A picture of the bytes of the pickle that `bytes` begin with.
    pub fn new(bytes: &'a [u8]) -> Self {
        PickleBytes { bytes, options: Options::default() }
    }

    /// Draws the picture.
    ///
    /// # Errors
    /// [`Error::Empty`] for no bytes at all, [`Error::Size`] for a size that is too small,
    /// [`Error::Colour`] and [`Error::Length`] for colours that are none, or fewer than six.
    pub fn draw(self) -> Result<Figure, Error> {
        if self.bytes.is_empty() {
            return Err(Error::Empty { what: "bytes" });
        }
        let colours = self.options.colours(Group::ALL.len())?;
        let view = View::new(self.bytes);
        let title = self.options.title.clone().unwrap_or_else(|| view.title());
        let heading = Heading::new(&title, &view.note(), self.options.width(WIDTH));
        let rows = view.rows.len() as i32 + i32::from(view.hidden > 0 || view.problem.is_some());
        let height = heading.bottom() + rows * ROW + 40 + MARGIN;
        let (usual, least) = ((WIDTH, height as u32), (LEAST_WIDTH, height as u32));
        let size = self.options.size(usual, least)?;
        let colour = |group: Group| {
            let usual = Group::ALL.get(group as usize).map_or(palette::INK, |known| known.2);
            colours.get(group as usize).copied().unwrap_or(usual)
        };
        let svg = Canvas::draw(size, &title, |canvas| {
            heading.draw(canvas)?;
            view.draw(canvas, heading.bottom(), size.0 as i32, &colour)
        })?;
        Ok(Figure::new(svg, title, view.alt(), size))
    }
}

impl View {
    fn new(bytes: &[u8]) -> View {
        let mut view =
            View { rows: Vec::new(), opcodes: 0, length: 0, hidden: 0, behind: 0, problem: None };
        let mut marks: Vec<usize> = Vec::new();
        let mut memo = 0;
        let mut steps = pickle::opcodes(bytes);
        for step in steps.by_ref() {
            let step = match step {
                Ok(step) => step,
                Err(error) => {
                    view.problem = Some(shortened(&error.to_string(), 120));
                    break;
                }
            };
            view.opcodes += 1;
            if view.rows.len() >= MOST_ROWS {
                view.hidden += 1;
                continue;
            }
            let value = value(&step, &mut marks, &mut memo);
            let shown = step.bytes.len().min(CELLS);
            // The last cell says how many are left out.
            let shown = if shown < step.bytes.len() { CELLS - 1 } else { shown };
            view.rows.push(Row {
                position: step.position,
                bytes: step.bytes.get(..shown).unwrap_or_default().to_vec(),
                more: step.bytes.len() - shown,
                name: step.opcode.name,
                value,
                group: Some(Group::of(step.opcode.code)),
                depth: marks.len() - usize::from(step.opcode.code == op::MARK),
            });
        }
        // Arrays of joblib's, between opcodes, have no rows.
        view.length = steps.position();
        let behind = bytes.len() - view.length;
        match (&view.problem, view.rows.len() < MOST_ROWS && behind > 0) {
            // What is no opcode is shown, too.
            (Some(_), true) => {
                let rest = bytes.get(view.length..).unwrap_or_default();
                let shown = if behind > CELLS { CELLS - 1 } else { behind };
                view.rows.push(Row {
                    position: view.length,
                    bytes: rest.get(..shown).unwrap_or_default().to_vec(),
                    more: behind - shown,
                    name: "",
                    value: "no opcode with its argument".into(),
                    group: None,
                    depth: marks.len(),
                });
            }
            (Some(_), false) => {}
            (None, _) => view.behind = behind,
        }
        view
    }

    fn title(&self) -> String {
        match &self.problem {
            Some(_) => format!("{} of a damaged pickle", count(self.opcodes, "opcode", "opcodes")),
            None => format!(
                "A pickle of {}, {}",
                count(self.length, "byte", "bytes"),
                count(self.opcodes, "opcode", "opcodes")
            ),
        }
    }

    fn note(&self) -> String {
        let mut notes = vec!["Dark: an opcode. Light: what belongs to it.".to_owned()];
        if self.rows.iter().any(|row| row.depth > 0) {
            notes.push("What stands on a mark is moved to the right.".to_owned());
        }
        if self.behind > 0 {
            let bytes = count(self.behind, "byte", "bytes");
            notes.push(format!("Behind the pickle, {bytes} are not shown."));
        }
        notes.join(" ")
    }

    /// The last line.
    fn last(&self) -> Option<String> {
        match (&self.problem, self.hidden) {
            (Some(problem), _) => Some(problem.clone()),
            (None, 0) => None,
            (None, hidden) => {
                let first = self.rows.last().map_or(0, |row| row.position);
                let more = count(hidden, "more opcode", "more opcodes");
                Some(format!("… {more} behind byte {first} are not shown."))
            }
        }
    }

    fn draw(
        &self,
        canvas: &Canvas<'_>,
        top: i32,
        across: i32,
        colour: &dyn Fn(Group) -> RGBColor,
    ) -> Result<(), Error> {
        let quiet = Lettering { colour: palette::QUIET, ..Lettering::new(SMALL) };
        let left = Lettering { align: HPos::Left, ..Lettering::new(LABEL) };
        let mut y = top;
        for (place, row) in self.rows.iter().enumerate() {
            let middle = y + ROW / 2;
            if place % 2 == 1 {
                let to = (across - MARGIN, y + ROW);
                canvas.filled((MARGIN, y), to, palette::tint(palette::GRID, 0.45))?;
            }
            let position = Lettering { align: HPos::Right, ..quiet };
            canvas.text(&row.position.to_string(), (BYTES_FROM - 10, middle), position)?;
            self.draw_bytes(canvas, row, y, colour)?;
            let steps = row.depth.min(MOST_STEPS) as i32;
            for step in 0..steps {
                let x = NAMES_FROM + step * STEP + 3;
                canvas.line(&[(x, y), (x, y + ROW)], palette::LINE, 1, &[])?;
            }
            let x = NAMES_FROM + steps * STEP;
            let name = Lettering { bold: true, ..left };
            canvas.text(row.name, (x, middle), name)?;
            let x = x + name.width(row.name) + if row.name.is_empty() { 0 } else { 8 };
            let value = left.fitted(&row.value, across - MARGIN - 6 - x);
            canvas.text(&value, (x, middle), left)?;
            y += ROW;
        }
        if let Some(last) = self.last() {
            let last = left.fitted(&last, across - 2 * MARGIN);
            let ink = if self.problem.is_some() { palette::CLASSES[1] } else { palette::QUIET };
            canvas.text(&last, (MARGIN, y + ROW / 2), Lettering { colour: ink, ..left })?;
            y += ROW;
        }
        self.draw_legend(canvas, y + 24, colour)
    }

    fn draw_bytes(
        &self,
        canvas: &Canvas<'_>,
        row: &Row,
        y: i32,
        colour: &dyn Fn(Group) -> RGBColor,
    ) -> Result<(), Error> {
        for (place, byte) in row.bytes.iter().enumerate() {
            let x = BYTES_FROM + place as i32 * CELL;
            let (from, to) = ((x, y + 2), (x + CELL - 2, y + ROW - 2));
            let fill = match (row.group, place) {
                (Some(group), 0) => colour(group),
                (Some(group), _) => palette::tint(colour(group), 0.2),
                (None, _) => RGBColor(0xff, 0xff, 0xff),
            };
            canvas.filled(from, to, fill)?;
            if row.group.is_none() {
                canvas.outlined(from, to, palette::CLASSES[1])?;
            }
            let ink = palette::text_on(fill);
            let middle = (x + (CELL - 2) / 2, y + ROW / 2);
            let hex = Lettering { colour: ink, ..Lettering::new(SMALL) };
            canvas.text(&format!("{byte:02x}"), middle, hex)?;
        }
        if row.more > 0 {
            let x = BYTES_FROM + row.bytes.len() as i32 * CELL + 1;
            let quiet = Lettering { align: HPos::Left, ..Lettering::new(SMALL) };
            let more = match row.more {
                few @ ..1_000 => format!("+{few}"),
                many @ ..1_000_000 => format!("+{}k", many / 1_000),
                many => format!("+{}M", many / 1_000_000),
            };
            let quiet = Lettering { colour: palette::QUIET, ..quiet };
            canvas.text(&more, (x, y + ROW / 2), quiet)?;
        }
        Ok(())
    }

    /// The colours that occur, side by side.
    fn draw_legend(
        &self,
        canvas: &Canvas<'_>,
        middle: i32,
        colour: &dyn Fn(Group) -> RGBColor,
    ) -> Result<(), Error> {
        let mut x = MARGIN;
        let name = Lettering { align: HPos::Left, ..Lettering::new(SMALL) };
        for (group, text, _) in Group::ALL {
            if !self.rows.iter().any(|row| row.group == Some(group)) {
                continue;
            }
            canvas.filled((x, middle - 6), (x + 12, middle + 6), colour(group))?;
            canvas.text(text, (x + 18, middle), name)?;
            x += 18 + name.width(text) + 18;
        }
        Ok(())
    }

    fn alt(&self) -> String {
        let mut sentences =
            vec![format!("{}, a diagram with an opcode on each row.", self.title())];
        let told = |row: &Row| {
            let value =
                if row.value.is_empty() { String::new() } else { format!(" {}", row.value) };
            format!("{}: {}{}", row.position, row.name, shortened(&value, 40))
        };
        let opcodes: Vec<String> =
            self.rows.iter().filter(|row| row.group.is_some()).take(TOLD).map(told).collect();
        if !opcodes.is_empty() {
            sentences.push(format!("By their first bytes: {}.", opcodes.join("; ")));
        }
        if let Some(last) = self.last() {
            sentences.push(format!("{}.", last.trim_end_matches('.')));
        }
        if self.behind > 0 {
            let bytes = count(self.behind, "byte", "bytes");
            sentences.push(format!("Behind the pickle, {bytes} are not shown."));
        }
        sentences.join(" ")
    }
}

/// What stands beside the name: the argument, the mark that is gone back to, the number in the memo.
fn value(step: &Step<'_>, marks: &mut Vec<usize>, memo: &mut usize) -> String {
    let back = |mark: Option<usize>| match mark {
        Some(mark) => format!("down to the mark at {mark}"),
        None => String::new(),
    };
    match step.opcode.code {
        op::MARK => {
            marks.push(step.position);
            String::new()
        }
        op::APPENDS | op::LIST | op::TUPLE | op::DICT | op::SETITEMS | op::ADDITEMS => {
            back(marks.pop())
        }
        op::FROZENSET | op::POP_MARK | op::OBJ => back(marks.pop()),
        op::MEMOIZE => {
            *memo += 1;
            format!("as {}", *memo - 1)
        }
        op::PUT | op::BINPUT | op::LONG_BINPUT => {
            *memo += 1;
            format!("as {}", step.operand)
        }
        op::INST => {
            let mark = back(marks.pop());
            format!("{} {mark}", operand(&step.operand))
        }
        _ => operand(&step.operand),
    }
}

/// As much of a value as may have room.
fn operand(operand: &Operand<'_>) -> String {
    const MOST: usize = 100;
    // No more of a long text is escaped than is shown.
    let short = match operand {
        Operand::Bytes(bytes) if bytes.len() > MOST => {
            Operand::Bytes(bytes.get(..MOST).unwrap_or_default().into())
        }
        Operand::Text(long) if long.len() > 4 * MOST => {
            Operand::Text(long.chars().take(MOST).collect::<String>().into())
        }
        Operand::Global(module, name) => {
            return text::cut(&format!("{name} of {module}").escape_debug().to_string(), MOST)
                .into_owned();
        }
        other => return text::cut(&other.to_string(), MOST).into_owned(),
    };
    text::cut(&short.to_string(), MOST - 2).into_owned()
}
