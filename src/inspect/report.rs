//! What was found in a file, and how it is told.

use std::fmt;

use serde::Serialize;

use crate::text::count;

/// What loading a file in Python would lead to, from good to bad.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Verdict {
    /// Nothing is imported but Python's own types of data, such as `OrderedDict` and `date`.
    DataOnly,
    /// Every name it imports is one that files of scikit-learn, numpy, SciPy, pandas, joblib and imbalanced-learn
    /// need, and is used as those files use it.
    KnownModel,
    /// Code of other packages or programs runs, or known code in an unusual way.
    UnknownCode,
    /// It imports what runs commands, opens files or connections, or loads other code; or it hides
    /// what it imports.
    Dangerous,
}

/// In words: `known model`.
impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Verdict::DataOnly => "data only",
            Verdict::KnownModel => "known model",
            Verdict::UnknownCode => "unknown code",
            Verdict::Dangerous => "dangerous",
        })
    }
}

/// A name that a pickle imports.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Import {
    /// The byte offset, in the pickle's own bytes, of the opcode that imports it first.
    pub offset: u64,
    /// The module, by the name that Python 3 gives it.
    pub module: String,
    /// The name in the module.
    pub name: String,
    /// How often it is imported.
    pub times: u64,
    /// How often it is called.
    pub calls: u64,
    /// What it comes to.
    pub verdict: Verdict,
    /// Why that is its verdict: what it does, or who wrote it. Empty for what is known.
    pub reason: String,
}

/// A call that a pickle makes: of a class, of a function, or of what another call returned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Call {
    /// The byte offset, in the pickle's own bytes, of the opcode.
    pub offset: u64,
    /// The opcode, as in `REDUCE`.
    pub opcode: &'static str,
    /// What is called, as in `os.system`.
    pub callee: String,
    /// The arguments in parentheses, shortened.
    pub arguments: String,
    /// What it comes to.
    pub verdict: Verdict,
    /// Why that is its verdict; empty for what is known.
    pub reason: String,
}

/// One pickle of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Pickle {
    /// Where it is: empty for the first pickle of a file that is not compressed, else as in
    /// `gzip`, or `bytes at 120 of gzip`.
    pub place: String,
    /// Where it begins in the bytes of that place.
    pub offset: u64,
    /// How many bytes it has, up to and with its STOP, or up to where it cannot be read any more.
    pub length: u64,
    /// Its protocol; 0 if it does not say.
    pub protocol: u8,
    /// Whether Python would load it by itself with the file. One that lies in the bytes of another
    /// is loaded only if something does it.
    pub nested: bool,
    /// The names that it imports, in the order of their first import; at most [`Report::MOST`].
    pub imports: Vec<Import>,
    /// The calls that it makes, in their order: at most [`Report::MOST`] that are known, and as many
    /// that are not.
    pub calls: Vec<Call>,
    /// How many calls it makes in all.
    pub call_count: u64,
    /// How many objects it leaves to the program that loads it: persistent ids.
    pub persistent_ids: u64,
    /// How many raw arrays of joblib lie between its opcodes.
    pub arrays: u64,
    /// The worst of its verdicts.
    pub verdict: Verdict,
}

/// Something else about a file that a reader should know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Finding {
    /// Where: as [`Pickle::place`].
    pub place: String,
    /// The byte offset in that place.
    pub offset: u64,
    /// What it is.
    pub kind: FindingKind,
    /// What was found, in a sentence.
    pub text: String,
}

/// The kinds of [`Finding`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum FindingKind {
    /// Nothing to worry about.
    Note,
    /// It is another kind of file.
    NoPickle,
    /// It cannot be read, or not to its end.
    Unreadable,
    /// It keeps something from being seen: a pickle that imports and then breaks off, something
    /// behind the end.
    Hides,
}

/// What a file would do if Python loaded it.
///
/// It prints as text, with what is worst first; in a notebook's cell as a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Report {
    /// The worst that any of its pickles leads to.
    pub verdict: Verdict,
    /// What the file is packed in, from the outside to the inside, as in `gzip`.
    pub containers: Vec<String>,
    /// The pickles in it, in the order in which they were found.
    pub pickles: Vec<Pickle>,
    /// What else was found.
    pub findings: Vec<Finding>,
}

impl Report {
    /// How many imports, calls, pickles and findings a report lists, at most. All are counted and
    /// judged.
    pub const MOST: usize = 10_000;

    /// Whether the file can be loaded without running code of strangers: its verdict is
    /// [`DataOnly`](Verdict::DataOnly) or [`KnownModel`](Verdict::KnownModel), all of it could be
    /// read, and it hides nothing.
    pub fn is_clean(&self) -> bool {
        self.verdict <= Verdict::KnownModel && self.worst_finding() == FindingKind::Note
    }

    /// Whether it could not be read, or not to its end, and nothing worse is known of it.
    pub fn is_unreadable(&self) -> bool {
        self.verdict <= Verdict::KnownModel && self.worst_finding() == FindingKind::Unreadable
    }

    /// Whether it is another kind of file, with no pickle in it.
    pub fn is_no_pickle(&self) -> bool {
        self.verdict <= Verdict::KnownModel && self.worst_finding() == FindingKind::NoPickle
    }

    fn worst_finding(&self) -> FindingKind {
        self.findings.iter().map(|it| it.kind).max().unwrap_or(FindingKind::Note)
    }

    /// The verdict and what goes with it, in a few words: `known model`, `hides something`.
    pub fn summary(&self) -> String {
        match (self.verdict, self.worst_finding()) {
            (verdict @ (Verdict::UnknownCode | Verdict::Dangerous), _) => verdict.to_string(),
            (_, FindingKind::Hides) => "hides something".to_owned(),
            (_, FindingKind::NoPickle) => "not a pickle".to_owned(),
            (_, FindingKind::Unreadable) => "unreadable".to_owned(),
            (verdict, FindingKind::Note) => verdict.to_string(),
        }
    }

    /// Why the file is not clean, worst first, each with its place; nothing for a clean one.
    pub fn reasons(&self) -> Vec<String> {
        let mut reasons: Vec<(u8, String)> = Vec::new();
        for pickle in &self.pickles {
            let place = |offset| Place { place: &pickle.place, offset: pickle.offset + offset };
            for call in &pickle.calls {
                if call.verdict > Verdict::KnownModel {
                    let text = format!(
                        "{}: calls {}{}: {}",
                        place(call.offset),
                        call.callee,
                        call.arguments,
                        call.reason
                    );
                    reasons.push((badness(call.verdict), text));
                }
            }
            for import in &pickle.imports {
                // A call says the same, and more.
                let is_called = pickle.calls.iter().take(SEARCHED).any(|call| {
                    call.verdict >= import.verdict
                        && call.callee.strip_suffix(&import.name).is_some_and(|start| {
                            start.strip_suffix('.') == Some(import.module.as_str())
                        })
                });
                if import.verdict > Verdict::KnownModel && !is_called {
                    let text = format!(
                        "{}: imports {}.{}: {}",
                        place(import.offset),
                        import.module,
                        import.name,
                        import.reason
                    );
                    reasons.push((badness(import.verdict), text));
                }
            }
            if pickle.persistent_ids > 0 {
                let ids = count(pickle.persistent_ids as usize, "object", "objects");
                let text = format!("{}: leaves {ids} to the program that loads it", place(0));
                reasons.push((badness(Verdict::UnknownCode), text));
            }
        }
        for finding in &self.findings {
            if finding.kind != FindingKind::Note {
                let place = Place { place: &finding.place, offset: finding.offset };
                let badness = if finding.kind == FindingKind::Hides { 1 } else { 3 };
                reasons.push((badness, format!("{place}: {}", finding.text)));
            }
        }
        reasons.sort_by_key(|(badness, _)| *badness);
        reasons.into_iter().map(|(_, text)| text).collect()
    }
}

/// Calls among which one is looked for that says more than an import.
const SEARCHED: usize = 64;

/// A place in the order of reasons.
fn badness(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Dangerous => 0,
        Verdict::UnknownCode => 2,
        Verdict::KnownModel | Verdict::DataOnly => 4,
    }
}

/// `byte 12`, or `byte 12 of gzip`.
struct Place<'a> {
    place: &'a str,
    offset: u64,
}

impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "byte {}", self.offset)?;
        if self.place.is_empty() { Ok(()) } else { write!(f, " of {}", self.place) }
    }
}

/// Reasons that the printed form has; the others are counted.
const SHOWN: usize = 20;

/// The verdict, the reasons for it, and what there is.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.summary())?;
        let reasons = self.reasons();
        for reason in reasons.iter().take(SHOWN) {
            write!(f, "\n  {reason}")?;
        }
        if reasons.len() > SHOWN {
            write!(f, "\n  … and {}", count(reasons.len() - SHOWN, "more reason", "more reasons"))?;
        }
        for line in self.contents() {
            write!(f, "\n  {line}")?;
        }
        Ok(())
    }
}

impl Report {
    /// What there is in the file, whatever it comes to.
    fn contents(&self) -> Vec<String> {
        let mut lines = Vec::new();
        if !self.containers.is_empty() {
            lines.push(format!("packed in {}", self.containers.join(", ")));
        }
        let imports: usize = self.pickles.iter().map(|it| it.imports.len()).sum();
        let calls: u64 = self.pickles.iter().map(|it| it.call_count).sum();
        let arrays: u64 = self.pickles.iter().map(|it| it.arrays).sum();
        if !self.pickles.is_empty() {
            let mut protocols: Vec<u8> = self.pickles.iter().map(|it| it.protocol).collect();
            protocols.sort_unstable();
            protocols.dedup();
            let protocols: Vec<String> = protocols.iter().map(u8::to_string).collect();
            let mut line = format!(
                "{} (protocol {}): {}, {}",
                count(self.pickles.len(), "pickle", "pickles"),
                protocols.join(", "),
                count(imports, "name imported", "names imported"),
                count(calls as usize, "call", "calls"),
            );
            if arrays > 0 {
                let arrays = count(arrays as usize, "raw array", "raw arrays");
                line.push_str(&format!(", {arrays} of joblib"));
            }
            lines.push(line);
        }
        for finding in self.findings.iter().filter(|it| it.kind == FindingKind::Note).take(SHOWN) {
            let place = Place { place: &finding.place, offset: finding.offset };
            lines.push(format!("{place}: {}", finding.text));
        }
        lines
    }
}
