//! Where pickles are: in containers, behind one another, in the bytes of another.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use super::limits::Limits;
use super::names::{self, Use};
use super::report::{Finding, FindingKind, Import, Pickle, Report, Verdict};
use super::trace::{Trace, judgement};
use crate::container::{self, Archive, Compression, FileKind};
use crate::pickle::format::opcode::{Argument, Effect, Instruction};
use crate::pickle::format::text::{self, Text};
use crate::pickle::graph::{Graph, Kind, Node, Origin};
use crate::pickle::{self, machine};
use crate::text::count;

/// What is looked at, and what was found.
pub(super) struct Look {
    report: Report,
    limits: Limits,
    /// How many bytes may still be unpacked.
    left: u64,
    /// What is not listed any more.
    more_pickles: u64,
    more_findings: u64,
    /// Whether there were more levels than are looked into.
    too_deep: bool,
}

/// A place in a file, in words; and how Python comes there.
#[derive(Clone)]
struct At {
    place: String,
    /// How many containers and pickles are around it.
    level: u32,
    /// Whether it is in the bytes of a pickle, so that only code could load it.
    nested: bool,
}

impl At {
    fn inside(&self, what: &str) -> At {
        let place = match self.place.is_empty() {
            true => what.to_owned(),
            false => format!("{what} in {}", self.place),
        };
        At { place, level: self.level + 1, nested: self.nested }
    }
}

/// What bytes are that look like a pickle or a container.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Chance {
    /// They are no numbers.
    None,
    /// They are numbers or a pickle.
    Even,
    /// They are numbers, most likely.
    Small,
}

/// Bytes in a pickle that may be one themselves.
enum Candidate {
    /// Where they are in the bytes of the pickle.
    Range(usize, usize),
    /// Decoded, from the text at an offset.
    Decoded(usize, Vec<u8>),
}

impl Look {
    fn new(limits: Limits, left: u64) -> Look {
        Look {
            report: Report {
                verdict: Verdict::DataOnly,
                containers: Vec::new(),
                pickles: Vec::new(),
                findings: Vec::new(),
            },
            limits,
            left,
            more_pickles: 0,
            more_findings: 0,
            too_deep: false,
        }
    }

    pub fn of(bytes: &[u8], limits: &Limits) -> Report {
        let mut look = Look::new(*limits, limits.unpacked_of(bytes.len()));
        let at = At { place: String::new(), level: 0, nested: false };
        look.at(bytes, &at);
        for (more, one, many) in [
            (look.more_pickles, "more pickle", "more pickles"),
            (look.more_findings, "more finding", "more findings"),
        ] {
            if more > 0 {
                let text = format!("{} not listed here", count(more as usize, one, many));
                look.report.findings.push(Finding {
                    place: String::new(),
                    offset: 0,
                    kind: FindingKind::Note,
                    text,
                });
            }
        }
        look.report
    }

    fn find(&mut self, at: &At, offset: usize, kind: FindingKind, text: String) {
        self.add(Finding { place: at.place.clone(), offset: offset as u64, kind, text });
    }

    fn add(&mut self, finding: Finding) {
        // The worst kind has to be there, however many there are.
        let is_worse = self.report.findings.iter().all(|it| it.kind < finding.kind);
        if self.report.findings.len() < Report::MOST || is_worse {
            self.report.findings.push(finding);
        } else {
            self.more_findings += 1;
        }
    }

    /// Looks at what may be a container or a pickle. It calls itself, but only for as many levels as
    /// the limits allow.
    fn at(&mut self, bytes: &[u8], at: &At) {
        if self.is_too_deep(at) {
            return;
        }
        if let Some(compression) = Compression::of(bytes) {
            return self.compressed(bytes, compression, at);
        }
        if is_zip(bytes) {
            return self.archive(bytes, at);
        }
        if bytes.starts_with(NPY) {
            return self.array_file(bytes, at);
        }
        if self.unusual(bytes, at) {
            return;
        }
        self.pickles(bytes, at);
    }

    /// Whether there are more levels than are looked into; then it says so.
    fn is_too_deep(&mut self, at: &At) -> bool {
        let most = self.limits.levels;
        if at.level < most {
            return false;
        }
        self.too_deep = true;
        let text = format!("more than {most} containers and pickles in one another");
        self.find(at, 0, FindingKind::Hides, text);
        true
    }

    fn container(&mut self, at: &At, what: &str) {
        if !at.nested && self.report.containers.len() < self.limits.levels as usize {
            self.report.containers.push(what.to_owned());
        }
    }

    /// Bytes that only begin as compressed data may: joblib tries to unpack them. Says whether they are.
    fn unusual(&mut self, bytes: &[u8], at: &At) -> bool {
        let compression = match bytes {
            [0x78, flags, ..] if (0x7800 + u32::from(*flags)).is_multiple_of(31) => {
                Compression::Zlib
            }
            [0x5d, 0x00, ..] => Compression::Lzma,
            _ => return false,
        };
        let (unpacked, end) = self.unpacked(bytes, compression);
        let is_it = match end {
            Ok(_) => !unpacked.is_empty(),
            Err(container::Error::TooLong { .. }) => true,
            Err(_) => false,
        };
        if is_it {
            self.in_compression(bytes, compression, unpacked, end, at);
        }
        is_it
    }

    fn compressed(&mut self, bytes: &[u8], compression: Compression, at: &At) {
        let (unpacked, end) = self.unpacked(bytes, compression);
        self.in_compression(bytes, compression, unpacked, end, at);
    }

    /// What comes out of compressed data, and where it ends.
    fn unpacked(
        &mut self,
        bytes: &[u8],
        compression: Compression,
    ) -> (Vec<u8>, Result<usize, container::Error>) {
        let mut unpacked = Vec::new();
        let end = compression.decompress(bytes, self.left, &mut unpacked);
        self.left = self.left.saturating_sub(unpacked.len() as u64);
        (unpacked, end)
    }

    fn in_compression(
        &mut self,
        bytes: &[u8],
        compression: Compression,
        unpacked: Vec<u8>,
        end: Result<usize, container::Error>,
        at: &At,
    ) {
        self.container(at, compression.name());
        let inside = at.inside(compression.name());
        if let Err(error) = &end {
            self.find(at, 0, FindingKind::Unreadable, told(error));
            if unpacked.is_empty() {
                return;
            }
        }
        // What came out before the damage is what Python gets, too.
        self.at(&unpacked, &inside);
        drop(unpacked);
        if let Ok(end) = end {
            self.behind(bytes, end, &format!("the {compression} data"), at);
        }
    }

    fn archive(&mut self, bytes: &[u8], at: &At) {
        self.container(at, FileKind::of(bytes).name().trim_start_matches("a "));
        // `PK` begins a persistent id as well.
        let as_pickle = read(bytes, at, 0, &self.limits).pickle;
        if !as_pickle.imports.is_empty() {
            self.list(as_pickle);
            let text = "`pickle.load` reads it as a pickle".to_owned();
            self.find(at, 0, FindingKind::Hides, text);
        }
        let archive = match Archive::new(bytes) {
            Ok(archive) => archive,
            Err(error) => {
                return self.find(at, 0, FindingKind::Unreadable, error.to_string());
            }
        };
        let found = (self.report.pickles.len(), self.report.findings.len());
        let arrays = self.members(&archive, at);
        if !arrays && found == (self.report.pickles.len(), self.report.findings.len()) {
            self.no_pickle(FileKind::of(bytes), at);
        }
        let (before, behind) = archive.around();
        for (piece, offset, what) in [
            (before, 0, "bytes stand before the zip archive"),
            (behind, bytes.len() - behind.len(), "bytes follow the zip archive"),
        ] {
            if !piece.is_empty() {
                let text = format!("{} {what}", piece.len());
                self.find(at, offset, FindingKind::Hides, text);
                self.maybe(piece, offset, Chance::None, &At { level: at.level + 1, ..at.clone() });
            }
        }
    }

    /// The members of a zip archive; says whether any is a file of numpy.
    fn members(&mut self, archive: &Archive<'_>, at: &At) -> bool {
        let mut arrays = false;
        let most = self.limits.most_members();
        for member in archive.members().iter().take(most) {
            let limits = container::Limits::new().bytes(self.left);
            let name: String = member.name().chars().take(100).collect();
            let inside = at.inside(&format!("`{name}`"));
            let content = match archive.read(member, &limits) {
                Ok(content) => content,
                Err(error) => {
                    self.find(&inside, 0, FindingKind::Unreadable, told(&error));
                    // Other programs are less strict.
                    match archive.salvage(member, self.left) {
                        Cow::Borrowed([]) => continue,
                        content => content,
                    }
                }
            };
            if let Cow::Owned(content) = &content {
                self.left = self.left.saturating_sub(content.len() as u64);
            }
            arrays |= is_array_file(&content);
            let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase());
            let is_named = ending.is_some_and(|ending| PICKLE_ENDINGS.contains(&&*ending));
            if is_named || is_array_file(&content) {
                self.at(&content, &inside);
            } else {
                self.maybe(&content, 0, Chance::Small, &inside);
            }
        }
        if archive.members().len() > most {
            let text =
                format!("more than {most} members; if you trust the file, raise `Limits::members`");
            self.find(at, 0, FindingKind::Unreadable, text);
        }
        arrays
    }

    /// A pickle that ends as a zip archive does is one for programs that look for the end, as Python's
    /// `zipfile` does. So do honest pickles that hold one: it only counts what is in there.
    fn also_archive(&mut self, bytes: &[u8], at: &At) {
        if !ends_archive(bytes) || self.is_too_deep(&At { level: at.level + 1, ..at.clone() }) {
            return;
        }
        let mut inner = Look::new(self.limits, self.left);
        let problem = match Archive::new(bytes) {
            Ok(archive) => {
                inner.members(&archive, &At { level: at.level + 1, ..at.clone() });
                None
            }
            Err(error) => Some(error),
        };
        self.left = inner.left;
        self.too_deep |= inner.too_deep;
        let text =
            "behind a pickle it ends as a zip archive does, and some programs open it as one";
        if let Some(problem) = problem {
            self.find(at, 0, FindingKind::Hides, format!("{text}: {problem}"));
        } else if inner.report.verdict > Verdict::KnownModel || inner.too_deep {
            self.find(at, 0, FindingKind::Hides, text.to_owned());
            inner.report.pickles.into_iter().for_each(|pickle| self.list(pickle));
            inner.report.findings.into_iter().for_each(|finding| self.add(finding));
        }
    }

    /// A file of numpy: a header, and the numbers or, for objects, a pickle.
    ///
    /// Source: the documentation of `numpy.lib.format`.
    fn array_file(&mut self, bytes: &[u8], at: &At) {
        self.container(at, "numpy array (.npy)");
        let start = match *bytes {
            [_, _, _, _, _, _, 1, _, a, b, ..] => 10 + usize::from(u16::from_le_bytes([a, b])),
            [_, _, _, _, _, _, _, _, a, b, c, d, ..] => {
                12 + u32::from_le_bytes([a, b, c, d]) as usize
            }
            _ => usize::MAX,
        };
        let Some((header, content)) = bytes.split_at_checked(start) else {
            let text = "the header of the numpy array is cut short".to_owned();
            return self.find(at, 0, FindingKind::Unreadable, text);
        };
        let inside = at.inside("numpy array");
        // The type of each field stands in the header in quotes, as in '|O'.
        let has = |part: &[u8]| header.windows(part.len()).any(|it| it == part);
        let holds_objects = has(b"|O") || has(b"'O'") || has(b"\"O\"");
        // There are other ways to write it, and fields may be called so.
        let may_hold_objects = has(b"O") || has(b"obj") || has(b"\\");
        match (holds_objects, may_hold_objects) {
            (true, _) => self.at(content, &inside),
            (false, true) => self.maybe(content, start, Chance::Even, &inside),
            (false, false) => self.maybe(content, start, Chance::Small, &inside),
        }
    }

    /// The pickles that stand one behind the other.
    fn pickles(&mut self, bytes: &[u8], at: &At) {
        let mut start = 0;
        loop {
            let rest = bytes.get(start..).unwrap_or_default();
            let Reading { pickle, candidates, problem, hidden, padding, arrays } =
                read(rest, at, start, &self.limits);
            if let Some(hidden) = hidden {
                let text = "in the bytes of an array, `pickle.load` sees opcodes where `joblib.load` \
                            sees numbers";
                self.find(at, start, FindingKind::Hides, text.to_owned());
                self.list(hidden);
            }
            if let Some(place) = padding {
                let text = "something stands in the padding before an array".to_owned();
                self.find(at, start + place, FindingKind::Hides, text);
            }
            let next = start + pickle.length as usize;
            match problem {
                Some(problem) => {
                    self.broken(bytes, start, pickle, &problem, &arrays, at);
                    self.candidates(rest, start, candidates, at);
                    return;
                }
                None => {
                    self.list(pickle);
                    self.candidates(rest, start, candidates, at);
                }
            }
            let behind = bytes.get(next..).unwrap_or_default();
            if is_padding(behind) {
                return self.also_archive(bytes, at);
            }
            if Compression::of(behind).is_some() || is_zip(behind) || is_array_file(behind) {
                return self.behind(bytes, next, "the pickle", at);
            }
            start = next;
        }
    }

    /// A pickle that cannot be read to its end.
    fn broken(
        &mut self,
        bytes: &[u8],
        start: usize,
        mut pickle: Pickle,
        problem: &pickle::Error,
        arrays: &[(usize, usize)],
        at: &At,
    ) {
        let rest = bytes.get(start..).unwrap_or_default();
        if start == 0 && bytes.is_ascii() && FileKind::of(bytes) == FileKind::PickleCrlf {
            return self.with_crlf(bytes, at);
        }
        let place = start + pickle.length as usize;
        let kind = FileKind::of(bytes);
        let did = !pickle.imports.is_empty() || pickle.call_count > 0 || pickle.persistent_ids > 0;
        // The first letters of a text may be opcodes: `class,` imports a module `lass,`.
        let is_text = pickle.call_count == 0
            && pickle
                .imports
                .iter()
                .all(|it| it.module.contains([',', ';', ' ', '<', '{', '"', '=', ':', '\r']));
        let behind = names_behind(rest, pickle.length as usize, arrays);
        let does_harm =
            behind.iter().any(|(_, module, name)| names::dangerous(module, name).is_some());
        if start == 0 && is_text && !does_harm && !kind.is_pickle() && bytes.first() != Some(&0x80)
        {
            if !is_zip(bytes) && Archive::new(bytes).is_ok() {
                return self.archive(bytes, at);
            }
            return self.no_pickle(kind, at);
        }
        let does_something = did || !behind.is_empty() || calls_at(rest, pickle.length as usize);
        for (offset, module, name) in behind {
            let (verdict, reason) = judgement(&module, &name, None, Use::Value);
            let import = Import { offset, module, name, times: 1, calls: 0, verdict, reason };
            pickle.verdict = pickle.verdict.max(import.verdict);
            pickle.imports.push(import);
        }
        if does_something {
            self.list(pickle);
            let text =
                format!("it breaks off, but only where it imports or calls something: {problem}");
            self.find(at, place, FindingKind::Hides, text);
        } else if start > 0 {
            let more = count(rest.len(), "byte", "bytes");
            let text = format!("{more} that are no pickle follow the end of the pickle");
            self.find(at, start, FindingKind::Hides, text);
        } else {
            self.list(pickle);
            self.find(at, place, FindingKind::Unreadable, problem.to_string());
        }
    }

    fn no_pickle(&mut self, kind: FileKind, at: &At) {
        let text = format!("it is {}: {}", kind.name(), kind.advice());
        self.find(at, 0, FindingKind::NoPickle, text);
    }

    /// A pickle of protocol 0 that was stored as text, with other line ends than Python opens: what it
    /// is with its own.
    fn with_crlf(&mut self, bytes: &[u8], at: &At) {
        let text = "its line ends were changed to CRLF, so that Python does not open it; inspected as \
                    it was before";
        self.find(at, 0, FindingKind::Note, text.to_owned());
        let mut restored = Vec::with_capacity(bytes.len());
        for (place, &byte) in bytes.iter().enumerate() {
            if byte != b'\r' || bytes.get(place + 1) != Some(&b'\n') {
                restored.push(byte);
            }
        }
        // No line ends in CRLF any more.
        self.at(&restored, &At { level: at.level + 1, ..at.clone() });
    }

    fn list(&mut self, pickle: Pickle) {
        self.report.verdict = self.report.verdict.max(pickle.verdict);
        let most = if pickle.verdict > Verdict::KnownModel { 2 } else { 1 } * Report::MOST;
        if self.report.pickles.len() < most {
            self.report.pickles.push(pickle);
        } else {
            self.more_pickles += 1;
        }
    }

    /// Bytes behind the end of what they should end with.
    fn behind(&mut self, bytes: &[u8], end: usize, what: &str, at: &At) {
        let rest = bytes.get(end..).unwrap_or_default();
        if is_padding(rest) {
            return;
        }
        let text = format!("{} follow {what}", count(rest.len(), "byte", "bytes"));
        self.find(at, end, FindingKind::Hides, text);
        self.maybe(rest, end, Chance::None, &At { level: at.level + 1, ..at.clone() });
    }

    fn candidates(&mut self, bytes: &[u8], start: usize, candidates: Vec<Candidate>, at: &At) {
        for candidate in candidates {
            let (offset, content) = match &candidate {
                Candidate::Range(start, end) => {
                    (*start, bytes.get(*start..*end).unwrap_or_default())
                }
                Candidate::Decoded(offset, content) => (*offset, &content[..]),
            };
            let inside =
                At { nested: true, ..at.inside(&format!("the bytes at {}", start + offset)) };
            self.maybe(content, 0, Chance::Small, &inside);
        }
    }

    /// Looks at bytes that need not be a pickle or a container: at what they begin with. What may be
    /// chance does not count.
    fn maybe(&mut self, bytes: &[u8], offset: usize, chance: Chance, at: &At) {
        if self.is_too_deep(at) {
            return;
        }
        if chance == Chance::Small && !may_be_pickle(bytes) && !is_container(bytes) {
            return;
        }
        let mut inner = Look::new(self.limits, self.left);
        inner.at(bytes, at);
        self.left = inner.left;
        // Numbers may look like the beginning of a pickle or of something compressed.
        let says_something = inner.report.pickles.iter().any(|it| !it.imports.is_empty());
        let is_whole = inner.report.findings.iter().all(|it| it.kind <= FindingKind::Note);
        let begins_so = bytes.starts_with(&[0x80]);
        let is_bad = inner.report.verdict > Verdict::UnknownCode;
        let is_deep = inner.too_deep;
        self.too_deep |= is_deep;
        let certain = chance == Chance::None || chance == Chance::Even && says_something;
        if !(certain
            || is_bad
            || is_deep
            || says_something && (is_whole || begins_so)
            || begins_so && is_whole)
        {
            return;
        }
        let has_pickles = !inner.report.pickles.is_empty();
        for mut pickle in inner.report.pickles {
            pickle.offset += if pickle.place == at.place { offset as u64 } else { 0 };
            self.list(pickle);
        }
        for mut finding in inner.report.findings {
            if finding.kind <= FindingKind::Unreadable && !is_bad && !certain {
                finding.kind = FindingKind::Note;
            }
            finding.offset += if finding.place == at.place { offset as u64 } else { 0 };
            self.add(finding);
        }
        if !has_pickles {
            return;
        }
        let text = match is_bad {
            true => "a pickle that does harm when something loads it",
            false => "a pickle inside",
        };
        self.find(at, offset, FindingKind::Note, text.to_owned());
    }
}

/// What the names of pickles end with, mostly.
const PICKLE_ENDINGS: [&str; 6] = ["pkl", "pickle", "joblib", "sav", "pk", "p"];

const NPY: &[u8] = b"\x93NUMPY";

fn is_array_file(bytes: &[u8]) -> bool {
    bytes.starts_with(NPY)
}

fn is_zip(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06")
}

/// Whether the record that ends a zip archive stands where Python looks for it.
pub(super) fn ends_archive(bytes: &[u8]) -> bool {
    let from = bytes.len().saturating_sub(ARCHIVE_END);
    bytes.get(from..).unwrap_or_default().windows(4).any(|four| four == b"PK\x05\x06")
}

/// The longest end of a zip archive: a record, and a comment.
pub(super) const ARCHIVE_END: usize = 22 + u16::MAX as usize;

fn is_container(bytes: &[u8]) -> bool {
    Compression::of(bytes).is_some() || is_zip(bytes) || is_array_file(bytes)
}

/// How many bytes may be padding: a page.
pub(super) const MOST_PADDING: usize = 4096;

/// Zeros and ends of lines, as some programs leave behind a file.
pub(super) fn is_padding(bytes: &[u8]) -> bool {
    bytes.len() <= MOST_PADDING && bytes.iter().all(|byte| matches!(byte, 0 | b'\n' | b'\r' | b' '))
}

/// Whether bytes may be a pickle: the sign of protocol 2 and above, or an opcode of the older ones
/// that a pickle may begin with and that imports, sets a mark or makes something.
fn may_be_pickle(bytes: &[u8]) -> bool {
    match bytes {
        [0x80, 0..=5, _, ..] => true,
        [b'c' | b'i', first, ..] => first.is_ascii_alphabetic() || *first == b'_',
        [
            b'(' | b']' | b'}' | b'N' | b'I' | b'S' | b'V' | b'X' | 0x8c | b'K' | b'P' | b'0'
            | b'2' | b')',
            _,
            ..,
        ] => true,
        _ => imports_soon(bytes),
    }
}

/// Whether bytes are opcodes that soon import a name that could be one. Those that a pickle seldom begins
/// with are often the first of numbers.
fn imports_soon(bytes: &[u8]) -> bool {
    let beginning = bytes.get(..bytes.len().min(BEGINNING)).unwrap_or_default();
    let mut texts: [&[u8]; 2] = [b"", b""];
    let mut position = 0;
    while let Ok(at) = Instruction::read(beginning, position) {
        let argument = at.argument(beginning);
        match at.opcode.effect {
            Effect::Global | Effect::Inst => {
                return argument.split(|&byte| byte == b'\n').all(is_name);
            }
            Effect::Text | Effect::String => texts = [texts[1], argument],
            Effect::StackGlobal => return texts.iter().all(|it| is_name(it)),
            Effect::Stop => return false,
            _ => {}
        }
        position = at.next;
    }
    false
}

/// Whether bytes could be the name of a module, or of something in one.
fn is_name(bytes: &[u8]) -> bool {
    let goes_on = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.');
    matches!(bytes, [b'a'..=b'z' | b'A'..=b'Z' | b'_', rest @ ..] if rest.iter().all(goes_on))
}

/// Whether text is a pickle of protocol 0 that soon imports a name, or bytes in Latin-1 that begin as one
/// of protocol 2 and above does.
fn may_be_pickle_as_text(bytes: &[u8]) -> bool {
    match bytes {
        [0xc2, 0x80, 0..=5, ..] => true,
        [b'c' | b'i' | b'(' | b'S' | b'V' | b'I' | b'F' | b'L' | b'0', ..] => imports_soon(bytes),
        _ => false,
    }
}

/// One pickle, and what else is to be said of its bytes.
struct Reading {
    pickle: Pickle,
    candidates: Vec<Candidate>,
    problem: Option<pickle::Error>,
    /// What Python's own `pickle.load` would see in the bytes of joblib's arrays.
    hidden: Option<Pickle>,
    /// Where something other than padding stands before an array.
    padding: Option<usize>,
    /// Where joblib's arrays begin, and where the opcodes go on.
    arrays: Vec<(usize, usize)>,
}

/// Reads one pickle as far as it can be read.
fn read(bytes: &[u8], at: &At, start: usize, limits: &Limits) -> Reading {
    let limits = match at.nested {
        true => limits.pickle.checked_text(usize::MAX),
        false => limits.pickle,
    };
    let (graph, problem) = machine::read_as_far(bytes, &limits, true);
    let of = |graph: &Graph<'_>| Pickle {
        place: at.place.clone(),
        offset: start as u64,
        nested: at.nested,
        ..Trace::of(graph)
    };
    let pickle = of(&graph);
    let candidates = candidates(&graph);
    let padding = graph.extents.iter().find_map(|extent| {
        let padding = bytes.get(extent.start + 1..extent.content).unwrap_or_default();
        let is_padding = padding.iter().all(|&byte| byte == 0xff);
        (!is_padding).then_some(extent.start)
    });
    let has_arrays = pickle.imports.iter().any(|it| it.name.ends_with("NumpyArrayWrapper"));
    let hidden = if has_arrays { hidden(bytes, &graph, &limits, of) } else { None };
    let arrays = graph.extents.iter().map(|extent| {
        let goes_on = if extent.nested.is_some() { extent.content } else { extent.end };
        (extent.start, goes_on)
    });
    let arrays = arrays.collect();
    Reading { pickle, candidates, problem, hidden, padding, arrays }
}

/// What Python's own `pickle.load`, which does not know joblib's arrays, would import and call in
/// them, and joblib would not.
///
/// In a pickle within an array the numbers of the memo mean other objects to `pickle.load`, so that names
/// come out mixed up: of those that both readers import at one place, only dangerous ones count.
fn hidden(
    bytes: &[u8],
    graph: &Graph<'_>,
    limits: &pickle::Limits,
    of: impl Fn(&Graph<'_>) -> Pickle,
) -> Option<Pickle> {
    let seen: HashSet<u64> = graph.arena.objects.iter().map(|object| object.offset).collect();
    let (plain, _) = machine::read_as_far(bytes, limits, false);
    let mut hidden = of(&plain);
    hidden.imports.retain(|it| {
        !seen.contains(&it.offset) || names::dangerous(&it.module, &it.name).is_some()
    });
    hidden.calls.retain(|it| !seen.contains(&it.offset) && !it.opcode.starts_with("EXT"));
    let imports = hidden.imports.iter().map(|it| it.verdict);
    let calls = hidden.calls.iter().map(|it| it.verdict);
    hidden.verdict = imports.chain(calls).max()?;
    (hidden.call_count, hidden.persistent_ids) = (hidden.calls.len() as u64, 0);
    // What joblib sees is told already.
    let is_told = hidden.calls.is_empty()
        && hidden
            .imports
            .iter()
            .all(|it| seen.contains(&it.offset) && first_extent(graph) > it.offset);
    (!is_told).then_some(hidden)
}

/// Where the first array begins.
fn first_extent(graph: &Graph<'_>) -> u64 {
    graph.extents.iter().map(|extent| extent.start as u64).min().unwrap_or(u64::MAX)
}

/// What is wrong with a container, with the limit of the inspector to raise.
fn told(error: &container::Error) -> String {
    error.to_string().replace("`container::Limits::bytes`", "`Limits::unpacked`")
}

/// The bytes in a pickle that may be a pickle or a container.
fn candidates(graph: &Graph<'_>) -> Vec<Candidate> {
    let mut found = Vec::new();
    let is_one = |bytes: &[u8]| may_be_pickle(bytes) || is_container(bytes);
    for node in &graph.arena.nodes {
        if node.kind == Kind::RawBytes {
            if let Some(extent) = graph.extents.get(node.place())
                && is_one(graph.data.get(extent.content..extent.end).unwrap_or_default())
            {
                found.push(Candidate::Range(extent.content, extent.end));
            }
            continue;
        }
        if node.kind == Kind::Text {
            found.extend(as_text(graph, *node));
        }
        if !matches!(node.kind, Kind::Bytes | Kind::ByteArray | Kind::String) {
            continue;
        }
        let offset = node.place();
        let Ok(at) = Instruction::read(&graph.data, offset) else { continue };
        if at.opcode.argument != Argument::Line {
            if is_one(at.argument(&graph.data)) {
                found.push(Candidate::Range(at.start, at.end));
            }
        } else {
            let bytes = graph.bytes(*node);
            if is_one(&bytes) {
                found.push(Candidate::Decoded(offset, bytes.into_owned()));
            }
        }
    }
    // Older protocols write bytes as text, and have it encoded.
    let mut seen = HashSet::new();
    for object in &graph.arena.objects {
        if object.origin != Origin::Reduce {
            continue;
        }
        let arguments = graph.node(object.arguments);
        let Some(first) = graph.items(arguments).next() else { continue };
        let text = graph.node(first);
        if text.kind != Kind::Text || !seen.insert(first) {
            continue;
        }
        // Most are the bytes of arrays: their beginning says that they are nothing else.
        if let Some(beginning) = in_latin_1(graph, text, BEGINNING)
            && is_one(&beginning)
            && let Some(bytes) = in_latin_1(graph, text, usize::MAX)
        {
            found.push(Candidate::Decoded(text.place(), bytes));
        }
    }
    found
}

/// A text that may be a pickle.
fn as_text(graph: &Graph<'_>, text: Node) -> Option<Candidate> {
    let at = Instruction::read(&graph.data, text.place()).ok()?;
    let argument = at.argument(&graph.data);
    if at.opcode.argument != Argument::Line {
        if !may_be_pickle_as_text(argument) {
            return None;
        }
        return match argument.first() {
            Some(0xc2) => {
                latin_1(argument, usize::MAX).map(|bytes| Candidate::Decoded(text.place(), bytes))
            }
            _ => Some(Candidate::Range(at.start, at.end)),
        };
    }
    if !argument.contains(&b'\\') {
        return None;
    }
    match graph.text(text) {
        Text::Utf8(written) if may_be_pickle_as_text(written.as_bytes()) => {
            let bytes = in_latin_1(graph, text, usize::MAX)?;
            Some(Candidate::Decoded(text.place(), bytes))
        }
        _ => None,
    }
}

/// How many bytes are enough to know a pickle or a container by.
pub(super) const BEGINNING: usize = 64;

/// Whether bytes of a pickle, or the characters of a text in Latin-1, may be a pickle or a container, by
/// their beginning, which is as long as both need.
pub(super) fn may_hold_pickle(beginning: &[u8], is_text: bool) -> bool {
    let is_one = |bytes: &[u8]| may_be_pickle(bytes) || is_container(bytes);
    match is_text {
        true => {
            may_be_pickle_as_text(beginning)
                || latin_1(beginning, BEGINNING).is_some_and(|bytes| is_one(&bytes))
        }
        false => is_one(beginning),
    }
}

/// The first characters of a text as bytes in Latin-1, if they all are.
fn in_latin_1(graph: &Graph<'_>, text: Node, most: usize) -> Option<Vec<u8>> {
    let at = Instruction::read(&graph.data, text.place()).ok()?;
    if at.opcode.argument == Argument::Line {
        return match graph.text(text) {
            Text::Utf8(text) => {
                text.chars().take(most).map(|c| u8::try_from(u32::from(c)).ok()).collect()
            }
            Text::Surrogates(_) => None,
        };
    }
    // The machine has checked that it is text, and to do that again takes longer than all else.
    latin_1(at.argument(&graph.data), most)
}

/// The first characters of bytes that are UTF-8 as bytes in Latin-1, if they all are.
fn latin_1(mut rest: &[u8], most: usize) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(rest.len().min(most));
    while bytes.len() < most {
        match *rest {
            [] => break,
            [byte @ 0..=0x7f, ref behind @ ..] => {
                bytes.push(byte);
                rest = behind;
            }
            [lead @ (0xc2 | 0xc3), continuation, ref behind @ ..] => {
                bytes.push(lead << 6 | continuation & 0x3f);
                rest = behind;
            }
            _ => return None,
        }
    }
    Some(bytes)
}

/// Whether the opcode at a place imports or calls something, and is whole: what it does that to is wrong
/// then, as where a name is no text.
fn calls_at(bytes: &[u8], place: usize) -> bool {
    Instruction::read(bytes, place).is_ok_and(|at| {
        matches!(
            at.opcode.effect,
            Effect::StackGlobal
                | Effect::Reduce
                | Effect::NewObj
                | Effect::NewObjEx
                | Effect::Inst
                | Effect::Obj
                | Effect::Build
        )
    })
}

/// How many texts are remembered on the stack, and in the memo.
const MOST_NAMES: usize = 1 << 16;

/// The names that opcodes behind a place in a pickle would import, where the machine could not follow:
/// another reader may be less strict.
fn names_behind(
    bytes: &[u8],
    start: usize,
    arrays: &[(usize, usize)],
) -> Vec<(u64, String, String)> {
    let mut found = Vec::new();
    // The texts on top of the stack, and those in the memo, also from before the place; whatever else is
    // there is an empty one.
    let mut stack: Vec<Cow<'_, str>> = Vec::new();
    let mut memo: HashMap<u64, Cow<'_, str>> = HashMap::new();
    let mut stored = 0;
    let mut arrays = arrays.iter().peekable();
    let mut position = 0;
    loop {
        while let Some(&(begins, goes_on)) = arrays.next_if(|(begins, _)| *begins <= position) {
            if begins == position {
                position = goes_on;
            }
        }
        let Ok(at) = Instruction::read(bytes, position) else {
            if position >= start {
                break;
            }
            position = start;
            continue;
        };
        let argument = at.argument(bytes);
        let number = || match at.opcode.argument {
            Argument::Line => std::str::from_utf8(argument).ok()?.trim().parse().ok(),
            _ => Some(at.unsigned(bytes)),
        };
        match at.opcode.effect {
            Effect::Text | Effect::String => stack.push(name_in(&at, argument).unwrap_or_default()),
            Effect::Get => {
                let text = number().and_then(|number| memo.get(&number).cloned());
                stack.push(text.unwrap_or_default());
            }
            Effect::Put | Effect::Memoize => {
                let number = if at.opcode.effect == Effect::Put { number() } else { Some(stored) };
                stored += 1;
                if let (Some(number), Some(text)) = (number, stack.last())
                    && memo.len() < MOST_NAMES
                {
                    memo.insert(number, text.clone());
                }
            }
            Effect::Global | Effect::Inst => {
                if position >= start
                    && let Ok(lines) = std::str::from_utf8(argument)
                    && let Some((module, name)) = lines.split_once('\n')
                {
                    found.push((position as u64, shortened(module), shortened(name)));
                }
                stack.push(Cow::Borrowed(""));
            }
            Effect::StackGlobal => {
                let name = stack.pop().unwrap_or_default();
                let module = stack.pop().unwrap_or_default();
                if position >= start && !module.is_empty() && !name.is_empty() {
                    found.push((position as u64, shortened(&module), shortened(&name)));
                }
                stack.push(Cow::Borrowed(""));
            }
            Effect::Pop => drop(stack.pop()),
            Effect::Dup => stack.extend(stack.last().cloned()),
            Effect::Stop if position >= start => break,
            Effect::Mark | Effect::Proto | Effect::Frame | Effect::Stop => {}
            _ => stack.push(Cow::Borrowed("")),
        }
        if stack.len() > MOST_NAMES {
            stack.drain(..MOST_NAMES / 2);
        }
        position = match position < start && start < at.next {
            true => start,
            false => at.next,
        };
        if found.len() >= Report::MOST {
            break;
        }
    }
    found
}

/// A text that may be a name.
fn name_in<'a>(at: &Instruction, argument: &'a [u8]) -> Option<Cow<'a, str>> {
    if argument.len() > LONGEST_NAME {
        return Some(Cow::Borrowed("?"));
    }
    let bytes = match (at.opcode.argument, at.opcode.effect) {
        (Argument::Line, Effect::Text) => match text::unicode_line(argument).ok()? {
            Text::Utf8(text) => return Some(text),
            Text::Surrogates(bytes) => bytes,
        },
        (Argument::Line, _) => text::string_line(argument).ok()?,
        _ => Cow::Borrowed(argument),
    };
    Some(match bytes {
        Cow::Borrowed(bytes) => String::from_utf8_lossy(bytes),
        Cow::Owned(bytes) => String::from_utf8_lossy(&bytes).into_owned().into(),
    })
}

/// The longest text that may be a name.
const LONGEST_NAME: usize = 1000;

fn shortened(name: &str) -> String {
    name.chars().take(200).collect()
}
