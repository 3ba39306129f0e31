//! One pickle: what it imports and calls, from the graph of its objects.
//!
//! The machine that reads pickles keeps every object that a pickle makes, also those that nothing
//! refers to any more, so that what POP throws away is seen as well.

use std::borrow::Cow;
use std::cell::Cell;
use std::collections::HashMap;

use super::names::{self, Use};
use super::report::{Call, Import, Pickle, Report, Verdict};
use super::rules;
use crate::pickle::format::renamed;
use crate::pickle::format::text::Text;
use crate::pickle::graph::{Graph, Kind, NONE, Object, Origin};
use crate::pickle::{Opcode, Operand};
use crate::python::float_repr;
use crate::text;

/// The longest name that is looked at, in bytes; and the longest text of which arguments show
/// the beginning.
const LONGEST: u64 = 1000;

/// The most columns of arguments that are shown.
const SHOWN: usize = 100;

/// How much rules look at in the states of objects, whatever their number.
const MOST_WORK: usize = 1 << 20;

/// The longest number that is looked at, in digits or bytes.
const MOST_DIGITS: u64 = 32;

/// The most values of a dictionary that rules look at.
const MOST_VALUES: usize = 1 << 16;

/// Items of a tuple, list or dictionary that are shown, and how deep.
const SHOWN_ITEMS: usize = 6;
const SHOWN_DEPTH: usize = 3;

/// A name, and what was found out about it.
struct Name {
    /// As Python 3 calls them.
    module: String,
    name: String,
    /// As the pickle writes them, where Python 3 calls them otherwise.
    written: Option<(String, String)>,
    /// Whether Python 3 takes them as they are written: from protocol 3 on.
    is_new: bool,
    offset: u64,
    times: u64,
    calls: u64,
    verdict: Verdict,
    reason: String,
    /// What each way of using it comes to, where that is known to be good already.
    good: Cell<[Option<Verdict>; 3]>,
}

pub(super) struct Trace<'t, 'g> {
    graph: &'t Graph<'g>,
    /// The name of each object that is one, by its place in the table of objects.
    name_of: Vec<u32>,
    names: Vec<Name>,
    known_pairs: HashMap<(u32, u32), u32>,
    known_names: HashMap<(String, String, bool), u32>,
}

impl Name {
    /// What a use of it comes to.
    fn judged(&self, use_: Use) -> (Verdict, String) {
        let mut good = self.good.get();
        if let Some(Some(verdict)) = good.get(use_ as usize) {
            return (*verdict, String::new());
        }
        let judged = judgement(&self.module, &self.name, self.written.as_ref(), use_);
        if let Some(good) = good.get_mut(use_ as usize).filter(|_| judged.1.is_empty()) {
            *good = Some(judged.0);
        }
        self.good.set(good);
        judged
    }

    /// What Python 3 imports.
    fn read(&self) -> (&str, &str) {
        match &self.written {
            Some((module, name)) if self.is_new => (module, name),
            _ => (&self.module, &self.name),
        }
    }
}

/// What is wrong with a name of an object that says what Python imports.
const COMPUTED: &str = "the name is not in the file: Python would have to compute it";

impl<'t, 'g> Trace<'t, 'g> {
    /// What a pickle imports and calls, as far as it could be read.
    pub fn of(graph: &'t Graph<'g>) -> Pickle {
        Trace::with(graph, Calls { most_known: Report::MOST, ..Calls::default() })
    }

    /// The same without a list of the calls that are known, which takes time to write.
    pub fn of_unknown(graph: &'t Graph<'g>) -> Pickle {
        Trace::with(graph, Calls::default())
    }

    fn with(graph: &'t Graph<'g>, mut calls: Calls) -> Pickle {
        let mut trace = Trace {
            graph,
            name_of: vec![NONE; graph.arena.objects.len()],
            names: Vec::new(),
            known_pairs: HashMap::new(),
            known_names: HashMap::new(),
        };
        let mut pickle = Pickle {
            place: String::new(),
            offset: 0,
            length: graph.end as u64,
            protocol: graph.protocol,
            nested: false,
            imports: Vec::new(),
            calls: Vec::new(),
            call_count: 0,
            persistent_ids: 0,
            arrays: 0,
            verdict: Verdict::DataOnly,
        };
        let values = trace.used_as_values();
        let mut called = vec![false; graph.arena.objects.len()];
        for (place, object) in graph.arena.objects.iter().enumerate() {
            match object.origin {
                Origin::Global | Origin::StackGlobal => trace.import(place, object),
                Origin::Persistent | Origin::PersistentName => pickle.persistent_ids += 1,
                Origin::Extension => {
                    let reason = "a number in place of a name: what it stands for depends on the \
                                  program that loads the file";
                    let callee = format!("extension {}", object.arguments);
                    calls.add(
                        trace.told(object, callee, String::new()),
                        (Verdict::UnknownCode, reason.into()),
                    );
                }
                Origin::RawArray => pickle.arrays += 1,
                Origin::Buffer | Origin::ReadonlyBuffer => {}
                Origin::Reduce | Origin::NewObj | Origin::NewObjEx | Origin::Inst | Origin::Obj => {
                    pickle.call_count += 1;
                    if let Some(called) = called.get_mut(trace.graph.node(object.callee).place()) {
                        *called = true;
                    }
                    trace.call(object, &mut calls);
                }
            }
        }
        for (place, object) in graph.arena.objects.iter().enumerate() {
            let Some(&id) = trace.name_of.get(place).filter(|&&id| id != NONE) else { continue };
            // Where it is neither called nor kept, it is imported all the same.
            let is_value = values.get(place) == Some(&true) || called.get(place) != Some(&true);
            if is_value {
                trace.judge(id, Use::Value);
            }
            if object.first != NONE {
                trace.worsen(
                    id,
                    Verdict::Dangerous,
                    "its state is set: that changes it for all code that uses it",
                );
            }
        }
        let mut work = MOST_WORK + graph.arena.objects.len();
        for object in graph.arena.objects.iter().filter(|it| it.first != NONE) {
            if let Some(reason) = rules::judge_state(&trace, object, &mut work)
                && let Some(&id) = trace.name_of.get(graph.node(object.callee).place())
            {
                trace.worsen(id, Verdict::Dangerous, reason);
            }
        }
        if pickle.persistent_ids > 0 {
            pickle.verdict = Verdict::UnknownCode;
        }
        pickle.verdict = pickle.verdict.max(calls.worst.unwrap_or(Verdict::DataOnly));
        pickle.calls = calls.into_list();
        for name in trace.names {
            pickle.verdict = pickle.verdict.max(name.verdict);
            if pickle.imports.len() < Report::MOST
                || name.verdict > Verdict::KnownModel && pickle.imports.len() < 2 * Report::MOST
            {
                let (module, read) = name.read();
                pickle.imports.push(Import {
                    offset: name.offset,
                    module: module.to_owned(),
                    name: read.to_owned(),
                    times: name.times,
                    calls: name.calls,
                    verdict: name.verdict,
                    reason: name.reason,
                });
            }
        }
        pickle
    }

    /// Which objects stand in a tuple, a list, a dictionary, a set, a state or at the top.
    fn used_as_values(&self) -> Vec<bool> {
        let graph = self.graph;
        let mut values = vec![false; graph.arena.objects.len()];
        if values.is_empty() {
            return values;
        }
        for &index in graph.arena.edges.iter().chain([&graph.root]) {
            let node = graph.node(index);
            if node.kind == Kind::Object
                && let Some(value) = values.get_mut(node.place())
            {
                *value = true;
            }
        }
        values
    }

    fn import(&mut self, place: usize, object: &Object) {
        let id = self.name(object);
        if let Some(name_of) = self.name_of.get_mut(place) {
            *name_of = id;
        }
        if let Some(name) = self.names.get_mut(id as usize) {
            name.times += 1;
        }
    }

    /// The number of the name that an object imports.
    fn name(&mut self, object: &Object) -> u32 {
        let graph = self.graph;
        let pair = (object.callee, object.arguments);
        let is_pair = object.origin == Origin::StackGlobal;
        if is_pair && let Some(&id) = self.known_pairs.get(&pair) {
            return id;
        }
        let (module, name, problem) = match object.origin {
            Origin::StackGlobal => {
                let [module, name] = [pair.0, pair.1].map(|index| match graph.node(index).kind {
                    Kind::Text if graph.weight(index) <= LONGEST => {
                        Ok(match graph.text(graph.node(index)) {
                            Text::Utf8(text) => text.into_owned(),
                            Text::Surrogates(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
                        })
                    }
                    Kind::Text => Err(TOO_LONG),
                    Kind::String => self.text(index).map(Cow::into_owned).ok_or(TOO_LONG),
                    _ => Err(COMPUTED),
                });
                let problem = module.as_ref().err().or(name.as_ref().err()).copied();
                (module.unwrap_or("?".into()), name.unwrap_or("?".into()), problem)
            }
            _ => {
                let (module, name) = graph.lines(object.offset);
                match module.len() + name.len() <= LONGEST as usize {
                    true => (module.to_owned(), name.to_owned(), None),
                    false => ("?".to_owned(), "?".to_owned(), Some(TOO_LONG)),
                }
            }
        };
        let key = (module, name, graph.protocol_at(object.offset) >= 3);
        let id = match self.known_names.get(&key) {
            Some(&id) => id,
            None => {
                let (module, name) = renamed::to_python_3(&key.0, &key.1);
                let is_renamed = (module, name) != (&*key.0, &*key.1);
                let id = self.names.len() as u32;
                self.names.push(Name {
                    module: module.to_owned(),
                    name: name.to_owned(),
                    written: is_renamed.then(|| (key.0.clone(), key.1.clone())),
                    is_new: key.2,
                    offset: object.offset,
                    times: 0,
                    calls: 0,
                    verdict: Verdict::DataOnly,
                    reason: String::new(),
                    good: Cell::default(),
                });
                self.known_names.insert(key, id);
                id
            }
        };
        if is_pair {
            self.known_pairs.insert(pair, id);
        }
        if let Some(problem) = problem {
            self.worsen(id, Verdict::Dangerous, problem);
        }
        id
    }

    fn worsen(&mut self, id: u32, verdict: Verdict, reason: &str) {
        if let Some(name) = self.names.get_mut(id as usize)
            && name.verdict < verdict
        {
            (name.verdict, name.reason) = (verdict, reason.to_owned());
        }
    }

    /// Takes note of a use of a name, and says what it comes to.
    fn judge(&mut self, id: u32, use_: Use) -> (Verdict, String) {
        let Some(name) = self.names.get(id as usize) else {
            return (Verdict::UnknownCode, String::new());
        };
        let judged = name.judged(use_);
        self.worsen(id, judged.0, &judged.1);
        judged
    }

    fn call(&mut self, object: &Object, calls: &mut Calls) {
        let graph = self.graph;
        let callee = graph.node(object.callee);
        let id = self
            .name_of
            .get(callee.place())
            .copied()
            .filter(|&id| callee.kind == Kind::Object && id != NONE);
        let (callee, judged) = match id {
            Some(id) => {
                let use_ = match object.origin {
                    Origin::NewObj | Origin::NewObjEx => Use::New,
                    _ => Use::Call,
                };
                let mut judged = self.judge(id, use_);
                let (module, name) =
                    self.names.get(id as usize).map_or(("?", "?"), |it| (&*it.module, &*it.name));
                if judged.0 <= Verdict::KnownModel
                    && let Some(by_arguments) = rules::judge(self, module, name, object.arguments)
                    && by_arguments.0 > judged.0
                {
                    judged = by_arguments;
                }
                let mut callee = String::new();
                if let Some(name) = self.names.get_mut(id as usize) {
                    name.calls += 1;
                    if calls.wants(judged.0) {
                        let (module, name) = name.read();
                        callee = format!("{module}.{name}");
                    }
                }
                (callee, judged)
            }
            None if rules::is_maker(self, object.callee) => {
                (self.shown(object.callee), (Verdict::KnownModel, String::new()))
            }
            None => {
                let reason = "what is called is the result of another call".to_owned();
                (self.shown(object.callee), (Verdict::Dangerous, reason))
            }
        };
        let arguments = match calls.wants(judged.0) {
            true => {
                let mut arguments = match graph.node(object.arguments).kind {
                    Kind::Tuple | Kind::UnhashableTuple | Kind::EmptyTuple => {
                        self.shown(object.arguments)
                    }
                    _ => format!("(*{})", self.shown(object.arguments)),
                };
                if object.named != NONE {
                    arguments.push_str(&format!(" ** {}", self.shown(object.named)));
                }
                text::cut(&arguments, SHOWN).into_owned()
            }
            false => String::new(),
        };
        calls.add(self.told(object, callee, arguments), judged);
    }

    fn told(&self, object: &Object, callee: String, arguments: String) -> Call {
        let opcode = self.graph.data.get(object.offset as usize).copied();
        let opcode = opcode.and_then(Opcode::from_code);
        Call {
            offset: object.offset,
            opcode: opcode.map_or("", |opcode| opcode.name),
            callee,
            arguments,
            verdict: Verdict::DataOnly,
            reason: String::new(),
        }
    }

    pub fn kind(&self, index: u32) -> Kind {
        self.graph.node(index).kind
    }

    /// The items of a tuple; none for anything else.
    pub fn tuple(&self, index: u32) -> Vec<u32> {
        match self.kind(index) {
            Kind::Tuple | Kind::UnhashableTuple => {
                self.graph.items(self.graph.node(index)).take(16).collect()
            }
            _ => Vec::new(),
        }
    }

    /// The values of a dictionary; nothing for anything else.
    pub fn values(&self, index: u32) -> Option<Vec<u32>> {
        let node = self.graph.node(index);
        let items = (node.kind == Kind::Dict).then(|| self.graph.items(node))?;
        Some(items.skip(1).step_by(2).take(MOST_VALUES).collect())
    }

    /// Something that is imported or called.
    pub fn object_at(&self, index: u32) -> Option<&Object> {
        self.graph.object(self.graph.node(index))
    }

    /// A whole number that is not long.
    pub fn integer(&self, index: u32) -> Option<i64> {
        let node = self.graph.node(index);
        if node.kind != Kind::Int || self.graph.weight(index) > MOST_DIGITS {
            return None;
        }
        self.graph.integer(node).to_i128().and_then(|number| i64::try_from(number).ok())
    }

    /// A short text, also one that Python 2 wrote.
    pub fn text(&self, index: u32) -> Option<Cow<'_, str>> {
        if self.graph.weight(index) > LONGEST {
            return None;
        }
        let node = self.graph.node(index);
        match node.kind {
            Kind::Text => match self.graph.text(node) {
                Text::Utf8(text) => Some(text),
                Text::Surrogates(_) => None,
            },
            Kind::String => {
                Some(String::from_utf8_lossy(&self.graph.bytes(node)).into_owned().into())
            }
            _ => None,
        }
    }

    /// The name that an object is, as Python 3 calls it.
    pub fn name_at(&self, index: u32) -> Option<(&str, &str)> {
        let node = self.graph.node(index);
        let id = self.name_of.get(node.place()).filter(|_| node.kind == Kind::Object)?;
        self.names.get(*id as usize).map(|name| (&*name.module, &*name.name))
    }

    /// What a use of the name that an object is comes to.
    pub fn use_at(&self, index: u32, use_: Use) -> Option<(Verdict, String)> {
        let node = self.graph.node(index);
        let id = self.name_of.get(node.place()).filter(|_| node.kind == Kind::Object)?;
        Some(self.names.get(*id as usize)?.judged(use_))
    }

    /// The function whose call made an object, and the arguments.
    pub fn call_at(&self, index: u32) -> Option<((&str, &str), u32)> {
        let object = self.graph.object(self.graph.node(index))?;
        let is_call = object.origin == Origin::Reduce;
        self.name_at(object.callee).filter(|_| is_call).map(|name| (name, object.arguments))
    }

    /// An object in a few words.
    fn shown(&self, index: u32) -> String {
        let mut shown = String::new();
        self.show(index, SHOWN_DEPTH, &mut shown);
        shown
    }

    /// Calls itself to a depth that is given beforehand.
    fn show(&self, index: u32, depth: usize, shown: &mut String) {
        let graph = self.graph;
        let node = graph.node(index);
        if shown.len() > 4 * SHOWN {
            return;
        }
        match node.kind {
            Kind::None => shown.push_str("None"),
            Kind::True => shown.push_str("True"),
            Kind::False => shown.push_str("False"),
            Kind::EmptyTuple => shown.push_str("()"),
            kind @ (Kind::Int
            | Kind::Float
            | Kind::Text
            | Kind::String
            | Kind::Bytes
            | Kind::ByteArray
            | Kind::RawBytes) => {
                let bytes = graph.weight(index);
                if bytes > LONGEST {
                    shown.push_str(&format!("<{} of {bytes} bytes>", kind.type_name()));
                    return;
                }
                match kind {
                    Kind::Int => shown.push_str(&graph.integer(node).to_text()),
                    Kind::Float => shown.push_str(&float_repr(graph.float(node))),
                    Kind::String if graph.bytes(node).is_ascii() => {
                        let text = String::from_utf8_lossy(&graph.bytes(node)).into_owned();
                        shown.push_str(&Operand::Text(text.into()).to_string());
                    }
                    Kind::Text => {
                        let operand = Operand::from(graph.text(node));
                        shown.push_str(&operand.to_string());
                    }
                    _ => shown.push_str(&Operand::Bytes(graph.bytes(node)).to_string()),
                }
            }
            Kind::Tuple | Kind::UnhashableTuple => self.show_items(index, depth, ("(", ")"), shown),
            Kind::List => self.show_items(index, depth, ("[", "]"), shown),
            Kind::Dict => self.show_items(index, depth, ("{", "}"), shown),
            Kind::Set | Kind::FrozenSet => self.show_items(index, depth, ("{", "}"), shown),
            Kind::Object => self.show_object(index, depth, shown),
        }
    }

    fn show_items(
        &self,
        index: u32,
        depth: usize,
        (open, close): (&str, &str),
        shown: &mut String,
    ) {
        let node = self.graph.node(index);
        shown.push_str(open);
        if depth == 0 {
            shown.push('…');
        } else {
            let mut items = self.graph.items(node);
            for (number, item) in items.by_ref().take(SHOWN_ITEMS).enumerate() {
                match number {
                    0 => {}
                    odd if odd % 2 == 1 && node.kind == Kind::Dict => shown.push_str(": "),
                    _ => shown.push_str(", "),
                }
                self.show(item, depth - 1, shown);
            }
            if items.next().is_some() {
                shown.push_str(", …");
            } else if open == "(" && depth < SHOWN_DEPTH && self.graph.items(node).nth(1).is_none()
            {
                shown.push(',');
            }
        }
        shown.push_str(close);
    }

    fn show_object(&self, index: u32, depth: usize, shown: &mut String) {
        if let Some((module, name)) = self.name_at(index) {
            shown.push_str(module);
            shown.push('.');
            shown.push_str(name);
            return;
        }
        let Some(object) = self.graph.object(self.graph.node(index)) else { return };
        match object.origin {
            Origin::Persistent | Origin::PersistentName => shown.push_str("<persistent id>"),
            Origin::Extension => shown.push_str(&format!("<extension {}>", object.arguments)),
            Origin::Buffer | Origin::ReadonlyBuffer => shown.push_str("<buffer>"),
            Origin::RawArray => shown.push_str("<array>"),
            _ if depth == 0 => shown.push('…'),
            _ => {
                self.show(object.callee, depth - 1, shown);
                match self.kind(object.arguments) {
                    Kind::Object => shown.push_str("(…)"),
                    _ => self.show(object.arguments, depth - 1, shown),
                }
            }
        }
    }
}

/// What is wrong with a name that is longer than any of Python's.
const TOO_LONG: &str = "the name is longer than 1,000 bytes";

/// What a use of a name comes to, and why, under both names where Python 3 has changed it.
pub(super) fn judgement(
    module: &str,
    name: &str,
    written: Option<&(String, String)>,
    use_: Use,
) -> (Verdict, String) {
    let both =
        || [(module, name)].into_iter().chain(written.map(|(module, name)| (&**module, &**name)));
    if let Some(does) = both().find_map(|(module, name)| names::dangerous(module, name)) {
        return (Verdict::Dangerous, does.to_owned());
    }
    match both().find_map(|(module, name)| names::known(module, name)) {
        Some(uses) if uses.contains(use_) => match names::is_data(module, name) {
            true => (Verdict::DataOnly, String::new()),
            false => (Verdict::KnownModel, String::new()),
        },
        Some(_) => {
            let how = match use_ {
                Use::Call => "calls it",
                Use::New => "makes objects of it",
                Use::Value => "passes it on",
            };
            (Verdict::UnknownCode, format!("no file of a model {how}"))
        }
        None => (Verdict::UnknownCode, format!("code of {}", names::owner(module))),
    }
}

/// The calls that a report lists: as many known ones as it has room for, and as many others.
#[derive(Default)]
struct Calls {
    known: Vec<Call>,
    others: Vec<Call>,
    worst: Option<Verdict>,
    /// How many known ones are listed.
    most_known: usize,
}

impl Calls {
    fn list(&mut self, verdict: Verdict) -> &mut Vec<Call> {
        if verdict > Verdict::KnownModel { &mut self.others } else { &mut self.known }
    }

    fn wants(&mut self, verdict: Verdict) -> bool {
        let most = if verdict > Verdict::KnownModel { Report::MOST } else { self.most_known };
        self.list(verdict).len() < most
    }

    fn add(&mut self, call: Call, (verdict, reason): (Verdict, String)) {
        self.worst = self.worst.max(Some(verdict));
        if self.wants(verdict) {
            self.list(verdict).push(Call { verdict, reason, ..call });
        }
    }

    fn into_list(mut self) -> Vec<Call> {
        self.known.append(&mut self.others);
        self.known.sort_by_key(|call| call.offset);
        self.known
    }
}
