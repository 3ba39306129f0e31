//! The stack and the memo as `pickletools.dis` follows them: kinds of objects only, to see where a
//! mark ends and whether all that is taken is there.

use std::collections::HashMap;
use std::fmt;

use super::argument::{Step, Value};
use super::effects::{Object, effects};
use super::refusal;
use crate::pickle::error::Error;
use crate::pickle::format::number::Integer;
use crate::pickle::format::op;
use crate::pickle::machine::memo::Memo;

/// What the memo holds by number: also by those that `pickle` does not know, below 0 and beyond 2⁶³.
#[derive(Clone, Debug, Default)]
pub(super) struct KindMemo {
    usual: Memo,
    odd: HashMap<Vec<u8>, Object>,
}

impl KindMemo {
    fn length(&self) -> usize {
        self.usual.length() + self.odd.len()
    }

    fn get(&self, number: &Integer<'_>) -> Option<Object> {
        match number {
            Integer::Small(small @ 0..) => self.usual.get(*small as u64).map(Object::from_number),
            odd => self.odd.get(&odd.to_bytes()).copied(),
        }
    }

    fn put(&mut self, number: &Integer<'_>, object: Object) {
        match number {
            Integer::Small(small @ 0..) => self.usual.put(*small as u64, object as u32),
            odd => drop(self.odd.insert(odd.to_bytes(), object)),
        }
    }
}

/// What stands behind an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Note {
    /// The mark that the opcode goes back to was set there.
    Mark(usize),
    NoMark,
    /// The number under which MEMOIZE puts an object.
    Memo(usize),
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Note::Mark(place) => write!(f, "(MARK at {place})"),
            Note::NoMark => f.write_str("no MARK exists on stack"),
            Note::Memo(number) => write!(f, "(as {number})"),
        }
    }
}

/// The names of objects that are left over, past which they are only counted.
const FIRST_LEFT: usize = 20;

/// The columns of a memo's key in an error.
const MOST_OF_KEY: usize = 40;

/// The machine of `pickletools.dis`.
#[derive(Clone, Debug, Default)]
pub(super) struct Check {
    stack: Vec<Object>,
    /// Where the marks were set.
    marks: Vec<usize>,
    pub(super) memo: KindMemo,
    /// The highest protocol of an opcode; `None` before the first.
    pub(super) protocol: Option<u8>,
    /// What the opcode takes from the stack, once a mark is gone.
    takes: usize,
    /// What GET fetches.
    fetched: Option<Object>,
}

impl Check {
    /// With the memo of a pickle before.
    pub(super) fn new(memo: KindMemo) -> Check {
        Check { memo, ..Check::default() }
    }

    /// How many marks are open: how far a line is indented.
    pub(super) fn depth(&self) -> usize {
        self.marks.len()
    }

    /// Looks at an opcode before its line is printed: the note for the line, and what is wrong, which
    /// is said behind the line.
    ///
    /// # Errors
    /// What Python says before it prints the line.
    pub(super) fn before(
        &mut self,
        step: &Step<'_>,
    ) -> Result<(Option<Note>, Option<String>), Error> {
        let opcode = step.opcode;
        self.protocol = self.protocol.max(Some(opcode.protocol));
        let before = effects(opcode).before;
        self.takes = before.len();
        self.fetched = None;
        let (mut note, mut problem) = (None, None);
        let at_mark = before.iter().position(|&object| object == Object::Mark);
        let drops_mark = opcode.code == op::POP && self.stack.last() == Some(&Object::Mark);
        if at_mark.is_some() || drops_mark {
            match self.marks.pop() {
                Some(place) => {
                    note = Some(Note::Mark(place));
                    let Some(mark) = self.stack.iter().rposition(|&it| it == Object::Mark) else {
                        let problem = "the mark is no longer on the stack";
                        return Err(refusal(step.position, opcode.name, problem));
                    };
                    self.stack.truncate(mark);
                    self.takes = at_mark.unwrap_or(0);
                }
                None => {
                    note = Some(Note::NoMark);
                    problem = Some("no MARK exists on stack".to_owned());
                }
            }
        }
        match opcode.code {
            op::PUT | op::BINPUT | op::LONG_BINPUT | op::MEMOIZE => {
                let number = match opcode.code {
                    op::MEMOIZE => {
                        note = Some(Note::Memo(self.memo.length()));
                        Integer::Small(self.memo.length() as i64)
                    }
                    _ => memo_number(&step.value),
                };
                match self.stack.last() {
                    _ if self.memo.get(&number).is_some() => {
                        // Where Python says None, the number is of more use.
                        let key = match opcode.code {
                            op::MEMOIZE => number.to_text(),
                            _ => step.value.shortened(MOST_OF_KEY),
                        };
                        problem = Some(format!("memo key {key} already defined"));
                    }
                    None => {
                        problem = Some("stack is empty -- can't store into memo".to_owned());
                    }
                    Some(Object::Mark) => {
                        problem = Some("can't store markobject in the memo".to_owned());
                    }
                    Some(&top) => self.memo.put(&number, top),
                }
            }
            op::GET | op::BINGET | op::LONG_BINGET => {
                self.fetched = self.memo.get(&memo_number(&step.value));
                if self.fetched.is_none() {
                    let number = step.value.shortened(MOST_OF_KEY);
                    problem = Some(format!("memo key {number} has never been stored into"));
                }
            }
            _ => {}
        }
        Ok((note, problem))
    }

    /// Does to the stack what the opcode does, behind its line.
    ///
    /// # Errors
    /// When it takes more than there is.
    pub(super) fn after(&mut self, step: &Step<'_>) -> Result<(), Error> {
        let height = self.stack.len();
        let Some(left) = height.checked_sub(self.takes) else {
            let takes = self.takes;
            let problem = format!("tries to pop {takes} items from stack with only {height} items");
            return Err(refusal(step.position, step.opcode.name, problem));
        };
        self.stack.truncate(left);
        if step.opcode.code == op::MARK {
            self.marks.push(step.position);
        }
        match self.fetched {
            Some(object) => self.stack.push(object),
            None => self.stack.extend_from_slice(effects(step.opcode).after),
        }
        Ok(())
    }

    /// What is wrong at the end, behind the last line.
    ///
    /// # Errors
    /// When objects are left on the stack.
    pub(super) fn end(&self, step: &Step<'_>) -> Result<(), Error> {
        if self.stack.is_empty() {
            return Ok(());
        }
        let mut names: Vec<&str> =
            self.stack.iter().take(FIRST_LEFT).map(|object| object.name()).collect();
        let more = match self.stack.len().saturating_sub(FIRST_LEFT) {
            0 => String::new(),
            more => {
                names.push("…");
                format!(" and {more} more")
            }
        };
        let problem = format!("stack not empty after STOP: [{}]{more}", names.join(", "));
        Err(refusal(step.position, step.opcode.name, problem))
    }
}

/// In Python True is 1.
fn memo_number<'a>(value: &Value<'a>) -> Integer<'a> {
    match value {
        Value::Bool(truth) => Integer::Small(i64::from(*truth)),
        Value::Int(number) => number.clone(),
        _ => Integer::Small(0),
    }
}
