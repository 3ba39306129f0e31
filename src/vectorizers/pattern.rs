//! Token patterns: the regular expressions of Python's `re` that vectorizers are given.

use super::Error;
use super::characters::{is_digit, is_space, is_word};

/// How many steps a pattern may have once its counted repetitions are written out.
const MOST_STEPS: usize = 1000;

/// Characters that a part of a pattern matches.
#[derive(Debug, Clone, PartialEq)]
struct Set {
    negated: bool,
    items: Vec<Item>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Item {
    Word(bool),
    Digit(bool),
    Space(bool),
    Range(char, char),
}

impl Set {
    fn of(item: Item) -> Set {
        Set { negated: false, items: vec![item] }
    }

    fn has(&self, c: char) -> bool {
        let has = |item: &Item| match *item {
            Item::Word(wanted) => is_word(c) == wanted,
            Item::Digit(wanted) => is_digit(c) == wanted,
            Item::Space(wanted) => is_space(c) == wanted,
            Item::Range(first, last) => (first..=last).contains(&c),
        };
        self.items.iter().any(has) != self.negated
    }
}

/// A part of a pattern.
#[derive(Debug, Clone, PartialEq)]
enum Part {
    /// `\b`, or `\B`.
    Boundary(bool),
    /// A set, so many times; as often as it can, or as seldom.
    Repeat { set: Set, least: usize, most: Option<usize>, greedy: bool },
    /// Where the group begins or ends that `findall` gives.
    Group(usize),
}

/// A step of the search: where it may go on, first choice first.
#[derive(Debug, Clone, PartialEq)]
enum Step {
    Character(Set),
    Boundary(bool),
    Either(usize, usize),
    Mark(usize),
    Found,
}

/// How tokens are found.
#[derive(Debug, Clone, PartialEq)]
enum Search {
    /// Whole runs of characters of a set, neither shorter nor longer than this.
    Runs { set: Set, least: usize, most: Option<usize> },
    /// Step by step.
    Steps(Vec<Step>),
}

/// A pattern of the kinds that vectorizers are given: characters, sets such as `\w` and `[a-z']`,
/// repetitions of them, `\b`, and at most one group. What else Python's `re` has is refused.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct TokenPattern(Search);

/// A thread of the search: its step, where the match begins, and where the group does and ends.
#[derive(Clone, Copy)]
struct Thread {
    step: usize,
    marks: [usize; 3],
}

/// Threads in the order of preference, none of a step twice.
struct Threads {
    list: Vec<Thread>,
    seen: Vec<bool>,
}

impl Threads {
    fn new(steps: usize) -> Threads {
        Threads { list: Vec::with_capacity(steps), seen: vec![false; steps] }
    }

    fn clear(&mut self) {
        self.list.clear();
        self.seen.fill(false);
    }

    /// Adds a thread, and those into which it splits before it takes a character.
    fn add(&mut self, steps: &[Step], thread: Thread, at: usize, is_boundary: bool) {
        let mut waiting = vec![thread];
        while let Some(mut thread) = waiting.pop() {
            let Some(seen) = self.seen.get_mut(thread.step) else { continue };
            if std::mem::replace(seen, true) {
                continue;
            }
            match &steps[thread.step] {
                Step::Character(_) | Step::Found => self.list.push(thread),
                Step::Boundary(wanted) if *wanted == is_boundary => {
                    waiting.push(Thread { step: thread.step + 1, ..thread });
                }
                Step::Boundary(_) => {}
                &Step::Either(first, second) => {
                    waiting.push(Thread { step: second, ..thread });
                    waiting.push(Thread { step: first, ..thread });
                }
                &Step::Mark(mark) => {
                    thread.marks[mark] = at;
                    waiting.push(Thread { step: thread.step + 1, ..thread });
                }
            }
        }
    }
}

impl TokenPattern {
    /// # Errors
    /// [`Error::Model`] with the pattern, for what is not understood here.
    pub(super) fn new(pattern: &str) -> Result<TokenPattern, Error> {
        let refused = |problem: &str| Error::Model {
            problem: format!(
                "token_pattern={}: {problem}; patterns of characters, sets, repetitions and \\b are \
                 read",
                crate::python::quote::text_repr(&crate::text::shortened(pattern, 200))
            ),
        };
        let parts = parse(pattern).map_err(refused)?;
        let mut least = 0_usize;
        let mut most = Some(0_usize);
        for part in &parts {
            if let Part::Repeat { least: own, most: own_most, .. } = part {
                least = least.saturating_add(*own);
                most = most.zip(*own_most).and_then(|(most, own)| most.checked_add(own));
            }
        }
        if least == 0 {
            return Err(refused("it may match no characters at all"));
        }
        if let Some(search) = runs(&parts, least, most) {
            return Ok(TokenPattern(search));
        }
        let mut steps = Vec::new();
        for part in parts {
            match part {
                Part::Boundary(wanted) => steps.push(Step::Boundary(wanted)),
                Part::Group(mark) => steps.push(Step::Mark(mark)),
                Part::Repeat { set, least, most, greedy } => {
                    let copies = least.max(most.unwrap_or(0));
                    if copies > MOST_STEPS || steps.len() > MOST_STEPS {
                        return Err(refused("it repeats too often"));
                    }
                    let either = |here: usize, there: usize| match greedy {
                        true => Step::Either(here, there),
                        false => Step::Either(there, here),
                    };
                    steps.extend((0..least).map(|_| Step::Character(set.clone())));
                    match most {
                        Some(most) => {
                            let end = steps.len() + 2 * (most - least);
                            for _ in least..most {
                                steps.push(either(steps.len() + 1, end));
                                steps.push(Step::Character(set.clone()));
                            }
                        }
                        None => {
                            let start = steps.len();
                            steps.push(either(start + 1, start + 3));
                            steps.push(Step::Character(set));
                            steps.push(Step::Either(start, start));
                        }
                    }
                }
            }
        }
        if steps.len() > 3 * MOST_STEPS {
            return Err(refused("it repeats too often"));
        }
        steps.push(Step::Found);
        Ok(TokenPattern(Search::Steps(steps)))
    }

    /// What `re.findall` finds: the bounds of each token.
    pub(super) fn find_all(&self, text: &str, found: &mut Vec<(usize, usize)>) {
        found.clear();
        match &self.0 {
            Search::Runs { set, least, most } => {
                let fits =
                    |length: usize| length >= *least && most.is_none_or(|most| length <= most);
                let (mut start, mut length) = (0, 0);
                for (place, c) in text.char_indices() {
                    if set.has(c) {
                        if length == 0 {
                            start = place;
                        }
                        length += 1;
                    } else if length > 0 {
                        if fits(length) {
                            found.push((start, place));
                        }
                        length = 0;
                    }
                }
                if length > 0 && fits(length) {
                    found.push((start, text.len()));
                }
            }
            Search::Steps(steps) => find_steps(steps, text, found),
        }
    }
}

/// Leftmost matches by the first choice, one after the other: all choices are followed at once, so
/// that no text takes longer than its length times that of the pattern.
fn find_steps(steps: &[Step], text: &str, found: &mut Vec<(usize, usize)>) {
    let (mut now, mut next) = (Threads::new(steps.len()), Threads::new(steps.len()));
    let mut from = 0;
    while from < text.len() {
        let mut best: Option<(usize, [usize; 3])> = None;
        let mut before = text.get(..from).and_then(|text| text.chars().next_back());
        let rest = text.get(from..).unwrap_or_default();
        let places = rest.char_indices().map(|(place, c)| (from + place, Some(c)));
        now.clear();
        for (at, c) in places.chain([(text.len(), None)]) {
            let is_boundary = before.is_some_and(is_word) != c.is_some_and(is_word);
            if best.is_none() {
                // no earlier start has matched yet: one that begins here is the last choice
                let thread = Thread { step: 0, marks: [at, usize::MAX, usize::MAX] };
                now.add(steps, thread, at, is_boundary);
            }
            let after = c.map_or(at, |c| at + c.len_utf8());
            let behind = text.get(after..).and_then(|text| text.chars().next());
            let next_boundary = c.is_some_and(is_word) != behind.is_some_and(is_word);
            next.clear();
            for thread in &now.list {
                match (&steps[thread.step], c) {
                    (Step::Found, _) => {
                        best = Some((at, thread.marks));
                        break;
                    }
                    (Step::Character(set), Some(c)) if set.has(c) => {
                        let thread = Thread { step: thread.step + 1, ..*thread };
                        next.add(steps, thread, after, next_boundary);
                    }
                    _ => {}
                }
            }
            std::mem::swap(&mut now, &mut next);
            if now.list.is_empty() && best.is_some() {
                break;
            }
            before = c;
        }
        let Some((end, [start, first, last])) = best else { break };
        found.push(match first {
            usize::MAX => (start, end),
            first => (first, last.max(first)),
        });
        from = end;
    }
}

/// Whether the pattern finds whole runs, which is faster.
fn runs(parts: &[Part], least: usize, most: Option<usize>) -> Option<Search> {
    let inner = parts.strip_prefix(&[Part::Boundary(true)]).unwrap_or(parts);
    let starts = inner.len() < parts.len();
    let middle = inner.strip_suffix(&[Part::Boundary(true)]).unwrap_or(inner);
    let ends = middle.len() < inner.len();
    let set = |part: &Part| match part {
        Part::Repeat { set, greedy: true, .. } => Some(set.clone()),
        _ => None,
    };
    let sets: Vec<Set> = middle.iter().map(set).collect::<Option<_>>()?;
    let first = sets.first()?;
    if sets.iter().any(|set| set != first) {
        return None;
    }
    let is_word = *first == Set::of(Item::Word(true));
    let whole = match most {
        None => (!starts && !ends) || is_word,
        Some(_) => starts && ends && is_word,
    };
    whole.then(|| Search::Runs { set: first.clone(), least, most })
}

type Characters<'a> = std::iter::Peekable<std::str::Chars<'a>>;

fn parse(pattern: &str) -> Result<Vec<Part>, &'static str> {
    let mut rest = pattern.strip_prefix("(?u)").unwrap_or(pattern).chars().peekable();
    let (mut parts, mut groups) = (Vec::new(), 0);
    while let Some(c) = rest.next() {
        let set = match c {
            '(' if rest.peek() == Some(&'?') => return Err("groups of this kind are not read"),
            '(' if groups == 0 => {
                groups = 1;
                parts.push(Part::Group(1));
                continue;
            }
            '(' => return Err("more than one group is not read"),
            ')' if groups == 1 => {
                groups = 2;
                parts.push(Part::Group(2));
                if matches!(rest.peek(), Some('*' | '+' | '?' | '{')) {
                    return Err("a group that repeats is not read");
                }
                continue;
            }
            '\\' if rest.peek() == Some(&'b') || rest.peek() == Some(&'B') => {
                parts.push(Part::Boundary(rest.next() == Some('b')));
                if matches!(rest.peek(), Some('*' | '+' | '?' | '{')) {
                    return Err("a boundary that repeats is not read");
                }
                continue;
            }
            '\\' => Set::of(escaped(rest.next())?),
            '[' => bracketed(&mut rest)?,
            '.' => Set { negated: true, items: vec![Item::Range('\n', '\n')] },
            '*' | '+' | '?' | '{' | '}' | ')' | '|' | '^' | '$' | ']' => {
                return Err("this kind of pattern is not read");
            }
            c => Set::of(Item::Range(c, c)),
        };
        let (least, most) = repetition(&mut rest)?;
        let greedy = match rest.peek() {
            Some('?') => {
                rest.next();
                false
            }
            Some('+' | '*' | '{') => return Err("repetitions of this kind are not read"),
            _ => true,
        };
        parts.push(Part::Repeat { set, least, most, greedy });
    }
    match groups {
        1 => Err("a group has no end"),
        _ => Ok(parts),
    }
}

fn repetition(rest: &mut Characters<'_>) -> Result<(usize, Option<usize>), &'static str> {
    let bounds = match rest.peek() {
        Some('*') => (0, None),
        Some('+') => (1, None),
        Some('?') => (0, Some(1)),
        Some('{') => {
            rest.next();
            let inside: String = rest.by_ref().take_while(|&c| c != '}').collect();
            let number = |text: &str| text.parse::<usize>().map_err(|_| "its braces are no count");
            return Ok(match inside.split_once(',') {
                None => {
                    let count = number(&inside)?;
                    (count, Some(count))
                }
                Some((least, most)) => {
                    let least = if least.is_empty() { 0 } else { number(least)? };
                    let most = if most.is_empty() { None } else { Some(number(most)?) };
                    if most.is_some_and(|most| most < least) {
                        return Err("its braces are no count");
                    }
                    (least, most)
                }
            });
        }
        _ => return Ok((1, Some(1))),
    };
    rest.next();
    Ok(bounds)
}

fn escaped(c: Option<char>) -> Result<Item, &'static str> {
    let one = |c| Ok(Item::Range(c, c));
    match c {
        Some('w') => Ok(Item::Word(true)),
        Some('W') => Ok(Item::Word(false)),
        Some('d') => Ok(Item::Digit(true)),
        Some('D') => Ok(Item::Digit(false)),
        Some('s') => Ok(Item::Space(true)),
        Some('S') => Ok(Item::Space(false)),
        Some('n') => one('\n'),
        Some('t') => one('\t'),
        Some('r') => one('\r'),
        Some(c) if !c.is_alphanumeric() => one(c),
        _ => Err("an escape in it is not read"),
    }
}

fn bracketed(rest: &mut Characters<'_>) -> Result<Set, &'static str> {
    let negated = rest.next_if_eq(&'^').is_some();
    let mut items = Vec::new();
    loop {
        let c = rest.next().ok_or("a set in it has no end")?;
        let item = match c {
            ']' if !items.is_empty() => return Ok(Set { negated, items }),
            '[' => return Err("a set within a set is not read"),
            '\\' => escaped(rest.next())?,
            c => Item::Range(c, c),
        };
        // a range, unless the hyphen is the last of the set
        let mut ahead = rest.clone();
        let is_range = ahead.next() == Some('-') && ahead.peek().is_some_and(|&c| c != ']');
        items.push(match (item, is_range) {
            (Item::Range(first, _), true) => {
                rest.next();
                let last = match rest.next() {
                    Some('\\') => escaped(rest.next())?,
                    Some(c) => Item::Range(c, c),
                    None => return Err("a set in it has no end"),
                };
                match last {
                    Item::Range(last, _) if first <= last => Item::Range(first, last),
                    _ => return Err("a range in it has no characters"),
                }
            }
            (_, true) => return Err("a range in it begins with a set"),
            (item, false) => item,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(pattern: &str, text: &str) -> Vec<String> {
        let mut found = Vec::new();
        TokenPattern::new(pattern).expect("it is read").find_all(text, &mut found);
        found.iter().map(|&(start, end)| text[start..end].to_owned()).collect()
    }

    /// What `re.findall` of CPython 3.11 gives.
    #[test]
    fn tokens_are_those_of_python() {
        let text = "It's a  naïve_x1 test-case: 42 ١٢ e\u{301}a!, über\n";
        let cases: [(&str, &[&str]); 15] = [
            (r"(?u)\b\w\w+\b", &["It", "naïve_x1", "test", "case", "42", "١٢", "über"]),
            (r"\w+", &["It", "s", "a", "naïve_x1", "test", "case", "42", "١٢", "e", "a", "über"]),
            (r"\b\w{3,4}\b", &["test", "case", "über"]),
            (r"\w{3,4}", &["naïv", "e_x1", "test", "case", "über"]),
            (r"\S+", &["It's", "a", "naïve_x1", "test-case:", "42", "١٢", "e\u{301}a!,", "über"]),
            (r"[a-zA-Z]+", &["It", "s", "a", "na", "ve", "x", "test", "case", "e", "a", "ber"]),
            (r"\b[a-zA-Z]{3,}\b", &["test", "case"]),
            (r"[^\W\d_]+", &["It", "s", "a", "naïve", "x", "test", "case", "e", "a", "über"]),
            (r"\w+-\w+", &["test-case"]),
            (r"(\w)\w+", &["I", "n", "t", "c", "4", "١", "ü"]),
            (
                r"\w+?\b",
                &["It", "s", "a", "naïve_x1", "test", "case", "42", "١٢", "e", "a", "über"],
            ),
            (
                r"\w+?",
                &[
                    "I", "t", "s", "a", "n", "a", "ï", "v", "e", "_", "x", "1", "t", "e", "s", "t",
                    "c", "a", "s", "e", "4", "2", "١", "٢", "e", "a", "ü", "b", "e", "r",
                ],
            ),
            (r"[\w'-]+", &["It's", "a", "naïve_x1", "test-case", "42", "١٢", "e", "a", "über"]),
            (r"\d\d", &["42", "١٢"]),
            (
                r"[a-z]+[-_]?[a-z]*\d?",
                &["t", "s", "a", "na", "ve_x1", "test-case", "e", "a", "ber"],
            ),
        ];
        for (pattern, tokens) in cases {
            assert_eq!(found(pattern, text), tokens, "{pattern}");
        }
    }

    #[test]
    fn what_is_not_read_is_refused() {
        for pattern in [
            "", r"\w*", "(?i)a", "(?:a)+", "a|b", "(a)(b)", "(a)+", "(a", "a)", "[a", "[b-a]",
            "[[a]", r"\1", r"\p", "a**", "a{x}", "a{3,2}", "a{1001}", "^a", "a$", r"[\w-z]",
            r"\b+", "\\",
        ] {
            assert!(TokenPattern::new(pattern).is_err(), "{pattern}");
        }
        let hard = "a".repeat(20_000);
        assert_eq!(found("a+?a+?a+b?", &hard), [hard]);
    }
}
