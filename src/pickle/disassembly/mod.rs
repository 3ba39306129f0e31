//! Pickles taken apart line by line, as Python's `pickletools.dis` prints them.

mod argument;
mod arrays;
mod check;
mod effects;
mod explain;
mod listing;

use std::fmt;

use crate::pickle::error::{Error, ErrorKind};
use crate::pickle::format::op;
use crate::pickle::format::opcode::Opcode;
use argument::Step;
use arrays::{Array, arrays, may_have_arrays};
use check::{Check, KindMemo, Note};
use explain::{Narrator, Told};
pub use listing::Listing;

/// Takes a pickle apart: each opcode on a line, as Python's `pickletools.dis` prints it.
///
/// Nothing is executed. When several pickles stand in a row, all of them are printed, each behind a
/// line such as `27: <pickle 2>`; bytes behind them that are no pickle are counted. The arrays of a
/// joblib file, which stand between the opcodes, have such lines too.
/// [`Disassembler`] has Python's options, and one that explains each opcode to a beginner.
///
/// It prints what Python 3.11 prints, with one exception: when marks lie so deep that
/// indentation alone would fill 64 MiB, lines past that are indented by at most 16 blanks, for
/// Python's text grows with the square of the file there.
///
/// ```
/// use picklebook::pickle;
///
/// let disassembly = pickle::disassemble(b"\x80\x04]\x94(K\x01K\x02e.");
/// assert_eq!(disassembly.to_string(), r"    0: \x80 PROTO      4
///     2: ]    EMPTY_LIST
///     3: \x94 MEMOIZE    (as 0)
///     4: (    MARK
///     5: K        BININT1    1
///     7: K        BININT1    2
///     9: e        APPENDS    (MARK at 4)
///    10: .    STOP
/// highest protocol among opcodes = 4
/// ");
/// ```
pub fn disassemble(bytes: &[u8]) -> Disassembly {
    Disassembler::new().disassemble(bytes)
}

/// How to take pickles apart: the options of Python's `pickletools.dis`, and some more.
///
/// ```
/// use picklebook::pickle::Disassembler;
///
/// let bytes = b"\x80\x02K\x07.";
/// let annotated = Disassembler::new().annotate(25).disassemble(bytes);
/// assert_eq!(annotated.to_string(), r"    0: \x80 PROTO      2         Protocol version indicator.
///     2: K    BININT1    7         Push a one-byte unsigned integer.
///     4: .    STOP                 Stop the unpickling machine.
/// highest protocol among opcodes = 2
/// ");
///
/// let explained = Disassembler::new().explain(true).disassemble(bytes);
/// let text = explained.to_string();
/// assert!(text.contains("Push the integer 7.") && text.contains("stack: 7"));
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Disassembler {
    options: Options,
    memo: KindMemo,
}

#[derive(Clone, Copy, Debug)]
struct Options {
    annotate: usize,
    indent: usize,
    share_memo: bool,
    first_only: bool,
    explain: bool,
    most_of_argument: Option<usize>,
}

/// The widest column of annotations and the widest step of indentation.
const MOST_BLANKS: usize = 1_000;

impl Default for Disassembler {
    fn default() -> Disassembler {
        let options = Options {
            annotate: 0,
            indent: 4,
            share_memo: false,
            first_only: false,
            explain: false,
            most_of_argument: None,
        };
        Disassembler { options, memo: KindMemo::default() }
    }
}

impl Disassembler {
    /// The defaults of `pickletools.dis`: no annotations, four blanks for each mark.
    pub fn new() -> Disassembler {
        Disassembler::default()
    }

    /// Puts the first line of Python's documentation of each opcode behind its line, from about this
    /// column on, counted from the opcode's byte; 0 for none. As in Python, a longer line
    /// moves the column for those that follow. At most 1,000.
    pub fn annotate(mut self, column: usize) -> Disassembler {
        self.options.annotate = column.min(MOST_BLANKS);
        self
    }

    /// How many blanks each mark moves the lines above it to the right; 4 by default, at most 1,000.
    pub fn indent_level(mut self, blanks: usize) -> Disassembler {
        self.options.indent = blanks.min(MOST_BLANKS);
        self
    }

    /// Whether pickles go on with the memo of the one before, in one call and from call to
    /// call, as those that one `Pickler` of Python wrote one after the other do (`memo=` in Python).
    /// They do not by default.
    pub fn share_memo(mut self, share: bool) -> Disassembler {
        self.options.share_memo = share;
        self
    }

    /// Whether to stop behind the first pickle, as Python does; by default all are printed.
    pub fn first_only(mut self, first_only: bool) -> Disassembler {
        self.options.first_only = first_only;
        self
    }

    /// Whether each line comes with a plain sentence on what happens, and with the stack after
    /// it, its top at the right. Long arguments are shortened then, and
    /// [`annotate`](Self::annotate) does nothing.
    pub fn explain(mut self, explain: bool) -> Disassembler {
        self.options.explain = explain;
        self
    }

    /// Cuts longer arguments to this many columns; Python prints them whole.
    pub fn most_of_argument(mut self, columns: usize) -> Disassembler {
        self.options.most_of_argument = Some(columns);
        self
    }

    /// Takes the pickles apart that are in some bytes.
    ///
    /// There is always a [`Disassembly`]: one of bytes in which something is wrong ends there, and
    /// has an [`error`](Disassembly::error).
    pub fn disassemble(&mut self, bytes: impl Into<Vec<u8>>) -> Disassembly {
        let mut disassembly = Disassembly {
            bytes: bytes.into(),
            options: self.options,
            memo: if self.options.share_memo { self.memo.clone() } else { KindMemo::default() },
            pickles: 0,
            opcodes: 0,
            end: 0,
            error: None,
        };
        let mut count = Count(0);
        // Nothing is kept of the lines: they can be many times longer than the bytes.
        if let Ok(outcome) = disassembly.run(&mut count) {
            disassembly.pickles = outcome.pickles;
            disassembly.end = outcome.end;
            disassembly.error = outcome.error;
            if self.options.share_memo {
                self.memo = outcome.memo;
            }
        }
        disassembly.opcodes = count.0;
        disassembly
    }
}

/// Pickles taken apart; [`disassemble`] makes it.
///
/// It prints as the text of `pickletools.dis`, its last line break included; when it had to stop,
/// a line behind it says why. It keeps the bytes, not the lines: these are made while they
/// are printed. In a notebook's cell the first lines are shown, or a table if they are explained.
pub struct Disassembly {
    bytes: Vec<u8>,
    options: Options,
    memo: KindMemo,
    pickles: usize,
    opcodes: usize,
    end: usize,
    error: Option<Error>,
}

impl Disassembly {
    /// Where and why it stops before the end, as Python's does: the bytes end, an argument is
    /// damaged, a mark or an object is not there, something is left on the stack at the end. `None`
    /// where all is well. It is always [`ErrorKind::Disassembly`].
    pub fn error(&self) -> Option<&Error> {
        self.error.as_ref()
    }

    /// How many pickles end in the bytes, one after the other.
    pub fn pickles(&self) -> usize {
        self.pickles
    }

    /// How many opcodes there are, each on a line.
    pub fn opcodes(&self) -> usize {
        self.opcodes
    }

    /// Whether each opcode is explained.
    pub(crate) fn is_explained(&self) -> bool {
        self.options.explain
    }

    /// The first lines as rows: place, opcode, argument and note, what happens, the stack after it.
    pub(crate) fn first_rows(&self, most: usize) -> Vec<[String; 5]> {
        let mut rows = Rows { rows: Vec::new(), most };
        // It ends with an error when there are enough.
        let _ = self.run(&mut rows);
        rows.rows
    }

    /// The first byte behind the last of these pickles.
    pub fn end(&self) -> usize {
        self.end
    }

    /// The lines alone, without the error.
    pub fn listing(&self) -> Listing<'_> {
        Listing::new(self)
    }

    /// Gives the lines to `sink`, one after the other.
    fn run(&self, sink: &mut dyn Sink) -> Result<Outcome, fmt::Error> {
        let data = &self.bytes;
        let has_arrays = may_have_arrays(data);
        let mut outcome = Outcome { pickles: 0, end: 0, error: None, memo: self.memo.clone() };
        loop {
            let memo = match self.options.share_memo {
                true => std::mem::take(&mut outcome.memo),
                false => KindMemo::default(),
            };
            let mut pickle = Pickle {
                check: Check::new(memo),
                narrator: self.options.explain.then(Narrator::default),
                arrays: if has_arrays { arrays(data, outcome.end) } else { Vec::new() },
            };
            let ended = pickle.run(data, outcome.end, sink)?;
            outcome.memo = pickle.check.memo;
            match ended {
                Ok(end) => (outcome.pickles, outcome.end) = (outcome.pickles + 1, end),
                Err(error) => {
                    outcome.error = Some(error);
                    return Ok(outcome);
                }
            }
            let left = data.len() - outcome.end;
            let Some(&next) = data.get(outcome.end).filter(|_| !self.options.first_only) else {
                return Ok(outcome);
            };
            if Opcode::from_code(next).is_none() {
                let bytes = crate::text::count(left, "byte", "bytes");
                let verb = if left == 1 { "is" } else { "are" };
                sink.remark(outcome.end, &format!("{bytes} that {verb} no pickle"))?;
                return Ok(outcome);
            }
            sink.remark(outcome.end, &format!("pickle {}", outcome.pickles + 1))?;
        }
    }
}

/// What there is to know behind the lines.
struct Outcome {
    pickles: usize,
    end: usize,
    error: Option<Error>,
    memo: KindMemo,
}

/// A line.
struct Line<'l, 'd> {
    step: &'l Step<'d>,
    /// The open marks.
    depth: usize,
    note: Option<Note>,
    told: Option<Told>,
}

/// What takes the lines.
trait Sink {
    fn line(&mut self, line: &Line<'_, '_>) -> fmt::Result;

    /// What is no opcode.
    fn remark(&mut self, position: usize, text: &str) -> fmt::Result;

    /// Behind a pickle: the highest protocol of its opcodes.
    fn end(&mut self, protocol: u8) -> fmt::Result;
}

/// For those who want to know only whether all is well: counts the opcodes.
struct Count(usize);

impl Sink for Count {
    fn line(&mut self, _: &Line<'_, '_>) -> fmt::Result {
        self.0 += 1;
        Ok(())
    }

    fn remark(&mut self, _: usize, _: &str) -> fmt::Result {
        Ok(())
    }

    fn end(&mut self, _: u8) -> fmt::Result {
        Ok(())
    }
}

/// The first lines, in columns.
struct Rows {
    rows: Vec<[String; 5]>,
    most: usize,
}

impl Rows {
    fn push(&mut self, row: [String; 5]) -> fmt::Result {
        if self.rows.len() >= self.most {
            return Err(fmt::Error);
        }
        self.rows.push(row);
        Ok(())
    }
}

impl Sink for Rows {
    fn line(&mut self, line: &Line<'_, '_>) -> fmt::Result {
        let Step { position, opcode, ref value, .. } = *line.step;
        let value = value.shortened(listing::EXPLAINED_ARGUMENT);
        let note = line.note.map(|note| note.to_string()).unwrap_or_default();
        let argument = format!("{value} {note}").trim().to_owned();
        let (sentence, stack) = match &line.told {
            Some(Told { sentence, stack }) => (sentence.clone(), stack.clone()),
            None => (String::new(), String::new()),
        };
        self.push([position.to_string(), opcode.name.to_owned(), argument, sentence, stack])
    }

    fn remark(&mut self, position: usize, text: &str) -> fmt::Result {
        let [opcode, argument, stack] = <[String; 3]>::default();
        self.push([position.to_string(), opcode, argument, format!("<{text}>"), stack])
    }

    fn end(&mut self, _: u8) -> fmt::Result {
        Ok(())
    }
}

/// One pickle that is taken apart.
struct Pickle {
    check: Check,
    narrator: Option<Narrator>,
    /// What stands between its opcodes.
    arrays: Vec<Array>,
}

impl Pickle {
    /// The lines of the pickle that begins at `position`, and where it ends.
    fn run(
        &mut self,
        data: &[u8],
        mut position: usize,
        sink: &mut dyn Sink,
    ) -> Result<Result<usize, Error>, fmt::Error> {
        // In the pickle of an array of objects: the one around it, and the array.
        let mut around: Option<(Check, Option<Narrator>, String)> = None;
        let mut arrays = std::mem::take(&mut self.arrays).into_iter().peekable();
        loop {
            let step = match Step::read(data, position) {
                Ok(step) => step,
                Err(error) => return Ok(Err(error)),
            };
            let depth = self.check.depth();
            let (note, problem) = match self.check.before(&step) {
                Ok(found) => found,
                Err(error) => return Ok(Err(error)),
            };
            let told = self.narrator.as_mut().map(|narrator| narrator.tell(&step));
            sink.line(&Line { step: &step, depth, note, told })?;
            if let Some(problem) = problem {
                return Ok(Err(refusal(position, step.opcode.name, problem)));
            }
            if let Err(error) = self.check.after(&step) {
                return Ok(Err(error));
            }
            position = step.end;
            if step.opcode.code == op::STOP {
                sink.end(self.check.protocol.unwrap_or(0))?;
                if let Err(error) = self.check.end(&step) {
                    return Ok(Err(error));
                }
                let Some((check, narrator, array)) = around.take() else {
                    return Ok(Ok(position));
                };
                (self.check, self.narrator) = (check, narrator);
                self.take_array(array);
                sink.remark(position, "the pickle around the array goes on")?;
                continue;
            }
            while let Some(array) = arrays.next_if(|array| array.start <= position) {
                // Within one that was skipped there is none; this only makes sure.
                if array.start < position {
                    continue;
                }
                sink.remark(position, &array.text)?;
                if array.is_pickle {
                    let narrator = self.narrator.is_some().then(Narrator::default);
                    let check = std::mem::take(&mut self.check);
                    let narrator = std::mem::replace(&mut self.narrator, narrator);
                    around = Some((check, narrator, array.brief));
                } else {
                    position = array.end;
                    self.take_array(array.brief);
                }
            }
        }
    }

    /// An array takes the place of what describes it.
    fn take_array(&mut self, array: String) {
        if let Some(narrator) = &mut self.narrator {
            narrator.replace_top(array);
        }
    }
}

fn refusal(offset: usize, opcode: &'static str, problem: impl Into<String>) -> Error {
    ErrorKind::Disassembly { offset: offset as u64, opcode, problem: problem.into() }.into()
}

impl fmt::Display for Disassembly {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.listing().fmt(f)?;
        match &self.error {
            Some(error) => writeln!(f, "{error}"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Disassembly {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Disassembly")
            .field("bytes", &self.bytes.len())
            .field("pickles", &self.pickles)
            .field("error", &self.error)
            .finish_non_exhaustive()
    }
}
