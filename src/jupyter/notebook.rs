//! Notebook files, as far as they must be understood to run and to compare them: nbformat 4
//! (<https://nbformat.readthedocs.io/en/latest/format_description.html>).

use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::Error;
use super::error::At;

/// A notebook: a list of cells.
#[derive(Debug, Clone)]
pub struct Notebook {
    document: Value,
}

/// One cell, as the file has it.
#[derive(Debug, Clone)]
pub struct Cell {
    /// Its place in the notebook, from 0.
    pub index: usize,
    /// Its name in the file; empty where it has none.
    pub id: String,
    /// `code`, `markdown` or `raw`.
    pub kind: String,
    /// What the author wrote.
    pub source: String,
    /// The author's tags.
    pub tags: Vec<String>,
    /// What it showed when it last ran.
    pub outputs: Vec<Value>,
}

impl Cell {
    /// Whether the author gave it this tag.
    pub fn has_tag(&self, tag: &str) -> bool {
        self.tags.iter().any(|own| own == tag)
    }
}

impl Notebook {
    /// Reads a notebook file.
    ///
    /// # Errors
    /// Where there is no such file, or it is not a notebook of format 4.
    pub fn read(path: &Path) -> Result<Self, Error> {
        Self::parse(&fs::read_to_string(path).at(path)?, path)
    }

    /// Reads a notebook file's text; `path` is for the messages.
    ///
    /// # Errors
    /// Where it is not a notebook of format 4.
    pub fn parse(text: &str, path: &Path) -> Result<Self, Error> {
        let not = |why: String| Error::Notebook { path: path.to_owned(), why };
        let document: Value = serde_json::from_str(text).map_err(|error| not(error.to_string()))?;
        match (&document["nbformat"], &document["cells"]) {
            (Value::Number(other), _) if other.as_u64() != Some(4) => {
                Err(not(format!("it says format {other}")))
            }
            (Value::Number(_), Value::Array(_)) => Ok(Notebook { document }),
            _ => Err(not("it has no list of cells".into())),
        }
    }

    /// A notebook of Rust code cells.
    pub fn of_cells(sources: &[&str]) -> Self {
        let cell = |(index, source): (usize, &&str)| {
            json!({
                "cell_type": "code", "id": format!("cell-{index}"), "metadata": {},
                "execution_count": null, "outputs": [], "source": source,
            })
        };
        let cells: Vec<Value> = sources.iter().enumerate().map(cell).collect();
        let kernel = json!({"name": "rust", "display_name": "Rust", "language": "rust"});
        let document = json!({
            "nbformat": 4, "nbformat_minor": 5, "metadata": {"kernelspec": kernel}, "cells": cells,
        });
        Notebook { document }
    }

    /// The notebook, and behind its cells the code cells again, from the last to the first: in a
    /// notebook in which any cell can be run again, each shows the same both times.
    pub fn twice(&self) -> Self {
        let mut document = self.document.clone();
        if let Some(cells) = document["cells"].as_array_mut() {
            let is_code = |cell: &&Value| cell["cell_type"] == "code";
            let mut again: Vec<Value> = cells.iter().filter(is_code).rev().cloned().collect();
            for (number, cell) in again.iter_mut().enumerate() {
                cell["id"] = format!("again-{number}").into();
            }
            cells.append(&mut again);
        }
        Notebook { document }
    }

    /// The file's text.
    pub fn to_text(&self) -> String {
        format!("{:#}\n", self.document)
    }

    /// Its cells, of every kind.
    pub fn cells(&self) -> Vec<Cell> {
        let cells = self.document["cells"].as_array().map(Vec::as_slice).unwrap_or_default();
        let tags = |cell: &Value| match cell["metadata"]["tags"].as_array() {
            Some(tags) => tags.iter().filter_map(|tag| tag.as_str().map(str::to_owned)).collect(),
            None => Vec::new(),
        };
        let cell = |(index, cell): (usize, &Value)| Cell {
            index,
            id: text(&cell["id"]),
            kind: text(&cell["cell_type"]),
            source: text(&cell["source"]),
            tags: tags(cell),
            outputs: cell["outputs"].as_array().cloned().unwrap_or_default(),
        };
        cells.iter().enumerate().map(cell).collect()
    }
}

/// A text that the file may hold as a list of lines.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(lines) => lines.iter().filter_map(Value::as_str).collect(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// What a cell wrote to one of its streams, `stdout` or `stderr`.
pub fn stream(outputs: &[Value], name: &str) -> String {
    let of_stream = |output: &&Value| output["output_type"] == "stream" && output["name"] == name;
    outputs.iter().filter(of_stream).map(|output| text(&output["text"])).collect()
}

/// What the kernel reported as an error: a compile error, or the end of the process that runs the
/// cells.
pub fn errors(outputs: &[Value]) -> String {
    let is_error = |output: &&Value| output["output_type"] == "error";
    let said = |output: &Value| match output["traceback"].as_array() {
        Some(lines) if !lines.is_empty() => {
            lines.iter().filter_map(Value::as_str).map(|line| format!("{line}\n")).collect()
        }
        _ => text(&output["evalue"]) + "\n",
    };
    without_colours(&outputs.iter().filter(is_error).map(said).collect::<String>())
}

/// All that a cell showed, as plain text.
pub fn printed(outputs: &[Value]) -> String {
    let results: String = outputs
        .iter()
        .map(|output| text(&output["data"]["text/plain"]))
        .filter(|result| !result.is_empty())
        .map(|result| result + "\n")
        .collect();
    [stream(outputs, "stdout"), results, stream(outputs, "stderr"), errors(outputs)].concat()
}

/// All that a cell showed, in every form, as one text in which two runs can be compared: what
/// may differ between runs and machines (execution counts, colours, time spans, the paths in
/// `paths`) is masked, and in a cell whose numbers are measurements (tag `measured`) every
/// number.
pub fn comparable(outputs: &[Value], measured: bool, paths: &[&Path]) -> String {
    let mut whole = String::new();
    for name in ["stdout", "stderr"] {
        let said = stream(outputs, name);
        if !said.is_empty() {
            whole += &format!("[{name}]\n{said}\n");
        }
    }
    for output in outputs {
        for (kind, data) in output["data"].as_object().into_iter().flatten() {
            whole += &format!("[{kind}]\n{}\n", text(data));
        }
    }
    let said = errors(outputs);
    if !said.is_empty() {
        whole += &format!("[error]\n{said}\n");
    }
    let mut whole = without_colours(&whole);
    for path in paths {
        whole = whole.replace(&path.display().to_string(), "<path>");
    }
    let masked = masked(&whole, measured);
    if !measured {
        return masked;
    }
    // Where figures differ in width, so do the spaces that align them.
    let packed = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ") + "\n";
    masked.lines().map(packed).collect()
}

/// Takes the colour codes (`ESC [ … m`) out of a text.
fn without_colours(text: &str) -> String {
    let mut parts = text.split("\x1b[");
    let first = parts.next().unwrap_or_default().to_owned();
    let plain = |part: &str| match part.split_once('m') {
        Some((code, rest)) if code.chars().all(|c| c.is_ascii_digit() || c == ';') => {
            rest.to_owned()
        }
        _ => format!("\x1b[{part}"),
    };
    parts.fold(first, |whole, part| whole + &plain(part))
}

/// `text` as it may be printed on a terminal: without colours, and with every other control
/// character but tabs and line breaks as Python's escape, as in `\x1b`. A cell's output could
/// otherwise give the terminal orders.
pub fn printable(text: &str) -> String {
    let mut printable = String::with_capacity(text.len());
    for c in without_colours(text).chars() {
        match c {
            '\n' | '\t' => printable.push(c),
            '\r' => printable.push_str("\\r"),
            c if c.is_control() => printable.push_str(&format!("\\x{:02x}", u32::from(c))),
            c => printable.push(c),
        }
    }
    printable
}

/// Masks numbers that are followed by a unit of time, or all of them.
fn masked(text: &str, all: bool) -> String {
    const UNITS: [&str; 8] = ["ns", "µs", "us", "ms", "s", "min", "seconds", "minutes"];
    let mut result = String::new();
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let (before, number) = rest.split_at(start);
        let end = number.find(|c: char| !c.is_ascii_digit() && c != '.' && c != ',');
        let (number, after) = number.split_at(end.unwrap_or(number.len()));
        let unit = after.trim_start_matches([' ', '\u{a0}']);
        let unit = unit.split(|c: char| !c.is_alphabetic()).next().unwrap_or_default();
        let in_word = before.ends_with(|c: char| c.is_alphanumeric() || c == '_');
        result += before;
        result += if all || (!in_word && UNITS.contains(&unit)) { "<number>" } else { number };
        rest = after;
    }
    result + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_between_runs_is_masked() {
        for (text, all, expected) in [
            (
                "fitted in 12.5 ms, 138 of 188 (5s)",
                false,
                "fitted in <number> ms, 138 of 188 (<number>s)",
            ),
            ("x1 s, 3 samples, 7 sides", false, "x1 s, 3 samples, 7 sides"),
            ("1,024 µs and 2\u{a0}min", false, "<number> µs and <number>\u{a0}min"),
            ("no_1 s, 1.5 million, 12", false, "no_1 s, 1.5 million, 12"),
            ("", false, ""),
            ("3 samples", true, "<number> samples"),
            ("tree_2: 0.5", true, "tree_<number>: <number>"),
        ] {
            assert_eq!(masked(text, all), expected);
        }
    }

    #[test]
    fn colours_are_taken_out_and_other_brackets_stay() {
        for (text, expected) in [
            ("\x1b[31m[E0308]\x1b[0m x[m", "[E0308] x[m"),
            ("\x1b[1;38;5;9merror\x1b[m: no", "error: no"),
            ("\x1b[2K\x1b[", "\x1b[2K\x1b["),
            ("plain", "plain"),
        ] {
            assert_eq!(without_colours(text), expected);
        }
    }

    #[test]
    fn cells_are_read_as_jupyter_writes_them() {
        let document = json!({"nbformat": 4, "cells": [
            {"cell_type": "markdown", "id": "a", "metadata": {}, "source": ["# One\n", "two"]},
            {"cell_type": "code", "metadata": {"tags": ["measured", 1]}, "source": "1 + 1",
             "outputs": [{"output_type": "stream", "name": "stderr", "text": "no"}]},
            {},
        ]});
        let cells = Notebook { document }.cells();
        let known =
            |cell: &Cell| (cell.index, cell.id.clone(), cell.kind.clone(), cell.source.clone());
        assert_eq!(known(&cells[0]), (0, "a".into(), "markdown".into(), "# One\ntwo".into()));
        assert_eq!(known(&cells[1]), (1, "".into(), "code".into(), "1 + 1".into()));
        assert!(cells[1].has_tag("measured") && !cells[0].has_tag("measured"));
        assert_eq!(stream(&cells[1].outputs, "stderr"), "no");
        assert_eq!((cells[2].kind.as_str(), cells.len()), ("", 3));
    }

    #[test]
    fn what_is_no_notebook_of_format_4_is_refused_with_the_reason() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        for (text, why) in [
            ("words", "expected value"),
            ("[]", "it has no list of cells"),
            ("{\"nbformat\": 4}", "it has no list of cells"),
            ("{\"nbformat\": 3, \"cells\": []}", "it says format 3"),
        ] {
            fs::write(file.path(), text).expect("written");
            let refused = Notebook::read(file.path()).expect_err("refused").to_string();
            assert!(refused.contains(why), "{text}: {refused}");
        }
        let written = Notebook::of_cells(&["let x = 1;", "x"]);
        fs::write(file.path(), written.to_text()).expect("written");
        let cells = Notebook::read(file.path()).expect("it is one").cells();
        let sources: Vec<&str> = cells.iter().map(|cell| cell.source.as_str()).collect();
        assert_eq!(sources, ["let x = 1;", "x"]);
    }

    #[test]
    fn an_error_is_told_by_its_traceback_or_by_its_value() {
        let outputs = [
            json!({"output_type": "error", "traceback": ["\u{1b}[31mone\u{1b}[0m", "two"], "evalue": "x"}),
            json!({"output_type": "error", "traceback": [], "evalue": "three"}),
            json!({"output_type": "stream", "name": "stdout", "text": "four"}),
        ];
        assert_eq!(errors(&outputs), "one\ntwo\nthree\n");
        assert_eq!(printed(&outputs), "fourone\ntwo\nthree\n");
        assert_eq!(
            comparable(&outputs, false, &[]),
            "[stdout]\nfour\n[error]\none\ntwo\nthree\n\n"
        );
    }

    #[test]
    fn what_a_terminal_would_obey_is_printed_as_an_escape() {
        assert_eq!(printable("a\tb\n\x1b[1;31mred\x1b[0m"), "a\tb\nred");
        assert_eq!(printable("\x1b]0;x\x07\x1b[2J\r\u{9b}"), "\\x1b]0;x\\x07\\x1b[2J\\r\\x9b");
    }

    #[test]
    fn outputs_compare_in_every_form() {
        let outputs = [
            json!({"output_type": "stream", "name": "stdout", "text": ["a\n", "/the/clone/x\n"]}),
            json!({"output_type": "execute_result", "data": {"text/plain": "1"}, "execution_count": 9}),
        ];
        assert_eq!(
            comparable(&outputs, false, &[Path::new("/the/clone")]),
            "[stdout]\na\n<path>/x\n\n[text/plain]\n1\n",
        );
        assert_eq!(printed(&outputs), "a\n/the/clone/x\n1\n");
    }

    #[test]
    fn measured_tables_compare_whatever_the_width_of_their_figures() {
        let table = |text: &str| [json!({"output_type": "stream", "name": "stdout", "text": text})];
        let (fast, slow) = (table("dump, ms\n    1.02\n"), table("dump, ms\n  100.02\n"));
        assert_eq!(comparable(&fast, true, &[]), comparable(&slow, true, &[]));
        assert_ne!(comparable(&fast, false, &[]), comparable(&slow, false, &[]));
        let other = table("load, ms\n    1.02\n");
        assert_ne!(comparable(&fast, true, &[]), comparable(&other, true, &[]));
    }
}
