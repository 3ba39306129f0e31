//! What each opcode does, told to someone who has never seen one, and the stack after it.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::argument::{Step, Value};
use crate::pickle::format::number::Integer;
use crate::pickle::format::op;
use crate::pickle::format::text::Text;
use crate::python::quote::Name;
use crate::text::{self, count, cut};

/// A sentence, and the stack after the opcode.
#[derive(Debug)]
pub(super) struct Told {
    pub(super) sentence: String,
    pub(super) stack: String,
}

/// Columns of an object within another, of one on the stack, and of the whole stack.
const WITHIN: usize = 18;
const OBJECT: usize = 34;
const STACK: usize = 64;

/// Objects on the stack, and in the memo, that are known by what they hold; those past them are a
/// `…`, so that no file asks for much memory.
const MOST_KNOWN: usize = 1 << 16;

/// An object in short. What is added to it later is seen in every place that holds it.
type Object = Rc<RefCell<Brief>>;

#[derive(Debug, Default)]
struct Brief {
    /// All but the closing bracket.
    text: String,
    close: &'static str,
    items: usize,
    full: bool,
    /// What it is, as a name to import: a module and a name, without quotes.
    plain: Option<String>,
}

impl Brief {
    fn text(&self) -> String {
        let Brief { text, close, .. } = self;
        format!("{text}{close}")
    }

    fn extend(&mut self, items: &[String], pairs: bool) {
        match pairs {
            true => items.chunks(2).for_each(|pair| self.add(&pair.join(": "))),
            false => items.iter().for_each(|item| self.add(item)),
        }
    }

    fn add(&mut self, item: &str) {
        self.items += 1;
        if self.full {
            return;
        }
        let comma = if self.items > 1 { ", " } else { "" };
        if text::width(&self.text) + text::width(item) + 3 > OBJECT {
            self.text += comma;
            self.text += "…";
            self.full = true;
        } else {
            self.text += comma;
            self.text += item;
        }
    }
}

/// The machine that knows what objects look like.
#[derive(Debug)]
pub(super) struct Narrator {
    /// `None` is a mark.
    stack: Vec<Option<Object>>,
    /// How high the stack was when each mark was set.
    marks: Vec<usize>,
    memo: BTreeMap<i64, Object>,
    /// How many objects MEMOIZE would count.
    stored: i64,
    /// It stands for all that are not known.
    unknown: Object,
}

impl Default for Narrator {
    fn default() -> Narrator {
        let unknown = Brief { text: "…".into(), ..Brief::default() };
        Narrator {
            stack: Vec::new(),
            marks: Vec::new(),
            memo: BTreeMap::new(),
            stored: 0,
            unknown: Rc::new(RefCell::new(unknown)),
        }
    }
}

impl Narrator {
    /// Does what the opcode does, and tells it. A stack with too little on it is no trouble: the line
    /// before says so.
    pub(super) fn tell(&mut self, step: &Step<'_>) -> Told {
        let sentence = self.sentence(step);
        Told { sentence, stack: self.shown() }
    }

    /// Puts another object in the place of that on top.
    pub(super) fn replace_top(&mut self, text: String) {
        self.stack.pop();
        self.push(text);
    }

    fn push(&mut self, text: impl Into<String>) {
        self.push_brief(Brief { text: text.into(), ..Brief::default() });
    }

    fn push_brief(&mut self, mut brief: Brief) {
        if self.stack.len() >= MOST_KNOWN {
            self.stack.push(Some(Rc::clone(&self.unknown)));
            return;
        }
        brief.text = cut(&brief.text, OBJECT).into_owned();
        self.stack.push(Some(Rc::new(RefCell::new(brief))));
    }

    fn top(&self) -> Option<&Object> {
        self.stack.last().and_then(Option::as_ref)
    }

    fn pop(&mut self) -> String {
        self.pop_object().map_or("?".into(), |object| object.borrow().text())
    }

    fn pop_object(&mut self) -> Option<Object> {
        let popped = self.stack.pop()?;
        if popped.is_none() {
            self.marks.pop();
        }
        popped
    }

    /// The objects above the last mark, which goes too; nothing if there is none.
    fn above_mark(&mut self) -> Vec<String> {
        let Some(mark) = self.marks.pop() else { return Vec::new() };
        let above = self.stack.split_off(mark.min(self.stack.len()));
        let objects = above.into_iter().skip(1).flatten();
        // The first are shown, and all are counted.
        let shown = |(place, object): (usize, Object)| match place {
            0..64 => cut(&object.borrow().text(), WITHIN).into_owned(),
            _ => String::new(),
        };
        objects.enumerate().map(shown).collect()
    }

    /// Adds to the object on top.
    fn add(&mut self, items: &[String], pairs: bool) {
        if let Some(object) = self.top()
            // The one object that stands for all unknown ones stays as it is.
            && !Rc::ptr_eq(object, &self.unknown)
        {
            object.borrow_mut().extend(items, pairs);
        }
    }

    /// An object of a class or a call: its name, and its arguments in brackets.
    fn push_call(&mut self, callee: &str, arguments: &str) {
        let name = callee.rsplit('.').next().unwrap_or(callee);
        let arguments = match arguments.starts_with('(') {
            true => arguments.replace(",)", ")"),
            false => format!("(*{arguments})"),
        };
        self.push(format!("{}{arguments}", cut(name, WITHIN)));
    }

    /// A container of what it holds at once.
    fn push_container(&mut self, [open, close]: [&'static str; 2], items: &[String], pairs: bool) {
        let mut brief = Brief { text: open.into(), close, ..Brief::default() };
        brief.extend(items, pairs);
        // In Python a tuple of one is written with a comma.
        if open == "(" && items.len() == 1 {
            brief.text += ",";
        }
        self.push_brief(brief);
    }

    fn take(&mut self, how_many: usize) -> Vec<String> {
        let mut items: Vec<String> =
            (0..how_many).map(|_| cut(&self.pop(), WITHIN).into_owned()).collect();
        items.reverse();
        items
    }

    /// The stack, the top at the right.
    fn shown(&self) -> String {
        if self.stack.is_empty() {
            return "empty".into();
        }
        let mut shown: Vec<String> = Vec::new();
        let mut room = STACK;
        for object in self.stack.iter().rev() {
            let text = match object {
                Some(object) => cut(&object.borrow().text(), OBJECT).into_owned(),
                None => "MARK".into(),
            };
            let width = text::width(&text) + 3;
            if width > room && !shown.is_empty() {
                break;
            }
            room = room.saturating_sub(width);
            shown.push(text);
        }
        let hidden = self.stack.len() - shown.len();
        if hidden > 0 {
            shown.push(format!("… {} more", text::grouped(hidden)));
        }
        shown.reverse();
        shown.join(" | ")
    }

    /// Remembers the object on top.
    fn store(&mut self, number: Option<i64>) {
        if let (Some(top), Some(number)) = (self.top().cloned(), number)
            && self.memo.len() < MOST_KNOWN
        {
            self.memo.insert(number, top);
        }
    }

    fn sentence(&mut self, step: &Step<'_>) -> String {
        let shown = step.value.shortened(OBJECT - 10);
        let objects = |items: &[String]| count(items.len(), "object", "objects");
        let pairs = |items: &[String]| count(items.len() / 2, "pair", "pairs");
        match step.opcode.code {
            op::PROTO => format!("The pickle is written in protocol {shown}."),
            op::FRAME => {
                let bytes = match step.value {
                    Value::Int(Integer::Small(1)) => "byte belongs",
                    _ => "bytes belong",
                };
                format!("The next {shown} {bytes} together, to be fetched in one go.")
            }
            op::INT | op::BININT | op::BININT1 | op::BININT2 | op::LONG | op::LONG1 | op::LONG4 => {
                self.push(&shown);
                match step.value {
                    Value::Bool(_) => format!("Push {shown}."),
                    _ => format!("Push the integer {shown}."),
                }
            }
            op::STRING | op::BINSTRING | op::SHORT_BINSTRING => {
                self.push(&shown);
                format!("Push the string {shown} of Python 2.")
            }
            op::BINBYTES | op::SHORT_BINBYTES | op::BINBYTES8 => {
                self.push(&shown);
                format!("Push the bytes {shown}.")
            }
            op::BYTEARRAY8 => {
                self.push(&shown);
                format!("Push the array of bytes {shown}.")
            }
            op::NEXT_BUFFER => {
                self.push("buffer");
                "Push the next of the buffers that travel beside the pickle.".into()
            }
            op::READONLY_BUFFER => "Make the buffer on top of the stack read-only.".into(),
            op::NONE | op::NEWTRUE | op::NEWFALSE => {
                let name = match step.opcode.code {
                    op::NONE => "None",
                    op::NEWTRUE => "True",
                    _ => "False",
                };
                self.push(name);
                format!("Push {name}.")
            }
            op::UNICODE | op::SHORT_BINUNICODE | op::BINUNICODE | op::BINUNICODE8 => {
                let plain = match &step.value {
                    Value::Text(Text::Utf8(text)) => Some(name(text)),
                    _ => None,
                };
                self.push_brief(Brief { text: shown.clone(), plain, ..Brief::default() });
                format!("Push the text {shown}.")
            }
            op::FLOAT | op::BINFLOAT => {
                self.push(&shown);
                format!("Push the float {shown}.")
            }
            op::EMPTY_LIST => {
                self.push_container(["[", "]"], &[], false);
                "Push a new, empty list.".into()
            }
            op::EMPTY_TUPLE => {
                self.push_container(["(", ")"], &[], false);
                "Push the empty tuple.".into()
            }
            op::EMPTY_DICT => {
                self.push_container(["{", "}"], &[], false);
                "Push a new, empty dictionary.".into()
            }
            op::EMPTY_SET => {
                self.push("set()");
                "Push a new, empty set.".into()
            }
            op::APPEND => {
                let item = self.take(1);
                self.add(&item, false);
                format!("Append {} to the list below it.", item.concat())
            }
            op::APPENDS => {
                let items = self.above_mark();
                self.add(&items, false);
                format!("Append the {} above the mark to the list below it.", objects(&items))
            }
            op::ADDITEMS => {
                let items = self.above_mark();
                if let Some(top) = self.top()
                    && !Rc::ptr_eq(top, &self.unknown)
                    && top.borrow().text == "set()"
                {
                    let mut top = top.borrow_mut();
                    (top.text, top.close) = ("{".into(), "}");
                }
                self.add(&items, false);
                format!("Add the {} above the mark to the set below it.", objects(&items))
            }
            op::SETITEM => {
                let pair = self.take(2);
                self.add(&pair, true);
                format!("Set {} in the dictionary below.", pair.join(" to "))
            }
            op::SETITEMS => {
                let items = self.above_mark();
                self.add(&items, true);
                let pairs = pairs(&items);
                format!("Put the {pairs} above the mark, key and value, into the dictionary below.")
            }
            op::LIST => {
                let items = self.above_mark();
                self.push_container(["[", "]"], &items, false);
                format!("Make a list of the {} above the mark.", objects(&items))
            }
            op::DICT => {
                let items = self.above_mark();
                self.push_container(["{", "}"], &items, true);
                format!("Make a dictionary of the {} above the mark.", pairs(&items))
            }
            op::TUPLE => {
                let items = self.above_mark();
                self.push_container(["(", ")"], &items, false);
                format!("Make a tuple of the {} above the mark.", objects(&items))
            }
            op::FROZENSET => {
                let items = self.above_mark();
                self.push_container(["frozenset({", "})"], &items, false);
                format!("Make a frozenset of the {} above the mark.", objects(&items))
            }
            op::TUPLE1 | op::TUPLE2 | op::TUPLE3 => {
                let (number, word) = match step.opcode.code {
                    op::TUPLE1 => (1, "object"),
                    op::TUPLE2 => (2, "two objects"),
                    _ => (3, "three objects"),
                };
                let items = self.take(number);
                self.push_container(["(", ")"], &items, false);
                format!("Make a tuple of the {word} on top of the stack.")
            }
            op::POP => match self.pop_object() {
                Some(object) => format!("Drop {} from the stack.", object.borrow().text()),
                None => "Drop the mark from the stack.".into(),
            },
            op::DUP => {
                let top = self.top().cloned();
                self.stack.extend(top.map(Some));
                "Push the object on top of the stack once more.".into()
            }
            op::MARK => {
                self.marks.push(self.stack.len());
                self.stack.push(None);
                "Set a mark: a later opcode takes all down to it.".into()
            }
            op::POP_MARK => {
                let items = self.above_mark();
                format!("Drop the mark and the {} above it.", objects(&items))
            }
            op::GET | op::BINGET | op::LONG_BINGET => {
                let known = memo_number(&step.value).and_then(|number| self.memo.get(&number));
                let object = Rc::clone(known.unwrap_or(&self.unknown));
                let text = object.borrow().text();
                self.stack.push(Some(object));
                format!("Push number {shown} of the memo again: {text}.")
            }
            op::PUT | op::BINPUT | op::LONG_BINPUT => {
                self.store(memo_number(&step.value));
                self.stored += 1;
                format!("Keep the object on top in the memo, as number {shown}.")
            }
            op::MEMOIZE => {
                let number = self.stored;
                self.store(Some(number));
                self.stored += 1;
                format!("Keep the object on top in the memo, as number {number}.")
            }
            op::EXT1 | op::EXT2 | op::EXT4 => {
                self.push(format!("extension {shown}"));
                format!("Push what Python's copyreg has registered under the number {shown}.")
            }
            op::GLOBAL => {
                let text = match &step.value {
                    Value::Text(Text::Utf8(text)) => text,
                    _ => "",
                };
                let (module, global) = text.split_once(' ').unwrap_or((text, ""));
                self.push_global(&name(module), &name(global))
            }
            op::STACK_GLOBAL => {
                let [global, module] = [(), ()].map(|()| {
                    let object = self.pop_object();
                    object.map_or("?".into(), |object| {
                        let object = object.borrow();
                        object.plain.clone().unwrap_or_else(|| object.text())
                    })
                });
                self.push_global(&module, &global)
            }
            op::INST => {
                let text = match &step.value {
                    Value::Text(Text::Utf8(text)) => text.replacen(' ', ".", 1),
                    _ => String::new(),
                };
                let items = self.above_mark();
                let class = name(&text);
                self.push_call(&class, &tuple(&items));
                format!("Import {class} and call it with the {} above the mark.", objects(&items))
            }
            op::OBJ => {
                let mut items = self.above_mark();
                let class = if items.is_empty() { "?".into() } else { items.remove(0) };
                self.push_call(&class, &tuple(&items));
                format!("Call {class} with the {} above it.", objects(&items))
            }
            op::REDUCE => {
                let arguments = self.pop();
                let callee = self.pop();
                self.push_call(&callee, &arguments);
                format!("Call {callee} with the arguments {arguments}.")
            }
            op::NEWOBJ => {
                let arguments = self.pop();
                let class = self.pop();
                self.push_call(&class, &arguments);
                format!("Make an object of {class} with the arguments {arguments}.")
            }
            op::NEWOBJ_EX => {
                let named = self.pop();
                let arguments = self.pop();
                let class = self.pop();
                self.push_call(&class, &format!("(*{arguments}, **{named})"));
                format!("Make an object of {class} with the arguments {arguments} and {named}.")
            }
            op::BUILD => {
                let state = self.pop();
                if let Some(top) = self.top()
                    && !Rc::ptr_eq(top, &self.unknown)
                {
                    let mut top = top.borrow_mut();
                    let whole = format!("{} {}", top.text(), cut(&state, WITHIN));
                    (top.text, top.close) = (cut(&whole, OBJECT).into_owned(), "");
                }
                format!("Give the object below its state: {state}.")
            }
            op::STOP => {
                let root = self.pop();
                format!("The end. The pickle holds {root}.")
            }
            op::PERSID => {
                self.push(format!("persistent {shown}"));
                format!("Push the object that the application knows as {shown}.")
            }
            op::BINPERSID => {
                let known = self.pop();
                self.push(format!("persistent {known}"));
                format!("Push the object that the application knows as {known}.")
            }
            _ => format!("It {}.", step.opcode.summary),
        }
    }

    fn push_global(&mut self, module: &str, global: &str) -> String {
        self.push(format!("{module}.{global}"));
        format!("Import {global} from the module {module}.")
    }
}

/// A name without quotes, escaped and short.
fn name(text: &str) -> String {
    let start = text.char_indices().nth(2 * OBJECT).and_then(|(end, _)| text.get(..end));
    cut(&Name(start.unwrap_or(text)).to_string(), OBJECT).into_owned()
}

fn tuple(items: &[String]) -> String {
    format!("({})", items.iter().take(4).map(String::as_str).collect::<Vec<_>>().join(", "))
}

fn memo_number(value: &Value<'_>) -> Option<i64> {
    match value {
        Value::Bool(truth) => Some(i64::from(*truth)),
        Value::Int(Integer::Small(number)) => Some(*number),
        _ => None,
    }
}
