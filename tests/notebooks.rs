//! The notebooks are tests: every one runs on the real kernel, strictly, with the outputs that
//! are committed; and their form is checked without a kernel.
#![cfg(feature = "cli")]

mod support;

use std::collections::HashSet;
use std::fs;
use std::path::PathBuf;

use picklebook::jupyter::notebook::{Cell, Notebook};
use picklebook::jupyter::{Places, SET_UP_CELL, series};
use support::{picklebook, root, set_up};

fn notebooks() -> Vec<(PathBuf, Vec<Cell>)> {
    let places = Places::above(root()).expect("the project is a clone of itself");
    let paths = series(&places).expect("there is a folder of notebooks");
    assert!(paths.len() >= 4, "{paths:?}");
    let cells = |path: &PathBuf| Notebook::read(path).expect("a notebook").cells();
    paths.iter().map(|path| (path.clone(), cells(path))).collect()
}

#[test]
fn every_notebook_runs_and_shows_what_is_committed() {
    set_up();
    let status = picklebook().args(["run", "--compare"]).status().expect("the command starts");
    assert!(status.success(), "a notebook failed: its cell is named above");
}

#[test]
fn every_notebook_starts_with_the_same_set_up() {
    for (path, cells) in notebooks() {
        let code: Vec<&Cell> = cells.iter().filter(|cell| cell.kind == "code").collect();
        assert_eq!(code.first().map(|cell| cell.source.as_str()), Some(SET_UP_CELL), "{path:?}");
        let set_ups = code.iter().filter(|cell| cell.source.contains(":dep")).count();
        assert_eq!(set_ups, 1, "{path:?}");
    }
}

#[test]
fn headings_are_in_order_and_prose_comes_before_code() {
    for (path, cells) in notebooks() {
        let mut level = 0;
        let mut titles = 0;
        for cell in cells.iter().filter(|cell| cell.kind == "markdown") {
            for line in lines_outside_code(&cell.source) {
                let hashes = line.chars().take_while(|&c| c == '#').count();
                if hashes == 0 || !line[hashes..].starts_with(' ') {
                    continue;
                }
                titles += usize::from(hashes == 1);
                assert!(hashes <= level + 1, "{path:?} skips a level at `{line}`");
                level = hashes;
            }
        }
        assert_eq!(titles, 1, "{path:?} has one title");
        assert_eq!(cells.first().map(|cell| cell.kind.as_str()), Some("markdown"), "{path:?}");
        for pair in cells.windows(2) {
            let both_code = pair.iter().all(|cell| cell.kind == "code");
            assert!(!both_code, "{path:?}: no prose before `{}`", pair[1].source);
        }
    }
}

#[test]
fn links_lead_somewhere_and_the_last_cell_leads_on() {
    let all = notebooks();
    for (number, (path, cells)) in all.iter().enumerate() {
        let anchors = anchors(cells);
        let mut linked = HashSet::new();
        for cell in cells.iter().filter(|cell| cell.kind == "markdown") {
            for target in link_targets(&cell.source) {
                if let Some(anchor) = target.strip_prefix('#') {
                    assert!(anchors.contains(anchor), "{path:?}: no heading for {target}");
                } else if !target.starts_with("https://") {
                    let file = target.split('#').next().unwrap_or_default();
                    let there = path.parent().is_some_and(|folder| folder.join(file).is_file());
                    assert!(there, "{path:?}: no file for {target}");
                    linked.insert(file.to_owned());
                }
            }
        }
        let neighbours = [number.checked_sub(1), Some(number + 1)]
            .into_iter()
            .flatten()
            .filter_map(|i| all.get(i));
        for (neighbour, _) in neighbours {
            let name = neighbour.file_name().unwrap_or_default().to_string_lossy().into_owned();
            let last = cells.last().map(|cell| cell.source.as_str()).unwrap_or_default();
            assert!(last.contains(&name), "{path:?}: the last cell has no link to {name}");
        }
    }
}

#[test]
fn outputs_are_accessible_and_name_no_machine() {
    let home = std::env::home_dir().unwrap_or_default().display().to_string();
    for (path, cells) in notebooks() {
        let file = fs::read_to_string(&path).expect("the notebook is there");
        for word in [root().display().to_string(), home.clone(), "panicked at".into()] {
            assert!(word.len() < 2 || !file.contains(&word), "{path:?} contains {word}");
        }
        for cell in &cells {
            for output in &cell.outputs {
                let Some(data) = output["data"].as_object() else { continue };
                assert!(data.contains_key("text/plain"), "{path:?}: no plain text beside {data:?}");
                let html = data.get("text/html").map(|html| html.to_string()).unwrap_or_default();
                for image in html.split("<img ").skip(1) {
                    let alt =
                        image.split("alt=\\\"").nth(1).and_then(|rest| rest.split("\\\"").next());
                    assert!(alt.is_some_and(|alt| alt.len() > 40), "{path:?}: alt text {alt:?}");
                }
                for word in ["<script", "<style"] {
                    assert!(!html.contains(word), "{path:?} shows {word}");
                }
            }
        }
        for cell in cells.iter().filter(|cell| cell.kind == "code") {
            let lines = cell.source.lines().count();
            assert!(lines <= 20, "{path:?}: a cell of {lines} lines");
        }
    }
}

fn lines_outside_code(markdown: &str) -> impl Iterator<Item = &str> {
    let mut in_code = false;
    markdown.lines().filter(move |line| {
        in_code ^= line.starts_with("```");
        !in_code
    })
}

/// The names by which Jupyter lets a notebook's headings be linked to.
fn anchors(cells: &[Cell]) -> HashSet<String> {
    let markdown = cells.iter().filter(|cell| cell.kind == "markdown");
    let headings = markdown.flat_map(|cell| lines_outside_code(&cell.source));
    let headings = headings.filter(|line| line.starts_with('#'));
    headings.map(|line| line.trim_start_matches('#').trim().replace(' ', "-")).collect()
}

/// The targets of `[text](target)`.
fn link_targets(markdown: &str) -> Vec<String> {
    let links = markdown.split("](").skip(1);
    links.filter_map(|rest| rest.split(')').next()).map(str::to_owned).collect()
}
