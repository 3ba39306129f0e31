//! The notebooks are tests: every one runs on the real kernel, strictly, with the outputs that
//! are committed; and their form is checked without a kernel.
#![cfg(feature = "cli")]

mod support;

use std::collections::{BTreeSet, HashSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use ndarray::Axis;
use picklebook::data::{balance_scale, spambase};
use picklebook::jupyter::SET_UP_CELL;
use picklebook::jupyter::notebook::{self, Cell, Notebook};
use picklebook::sklearn;
use support::{folder, picklebook, python, root, series, set_up, template, tracked};

fn read(paths: Vec<PathBuf>) -> Vec<(PathBuf, Vec<Cell>)> {
    let cells = |path: &PathBuf| Notebook::read(path).expect("a notebook").cells();
    paths.into_iter().map(|path| (path.clone(), cells(&path))).collect()
}

fn notebooks() -> Vec<(PathBuf, Vec<Cell>)> {
    let paths = series("notebooks");
    assert!(paths.len() >= 4, "{paths:?}");
    read(paths)
}

/// The notebooks with the answers to the exercises.
fn solutions() -> Vec<(PathBuf, Vec<Cell>)> {
    read(series("notebooks/solutions"))
}

/// The series and the template.
fn notebooks_and_template() -> Vec<(PathBuf, Vec<Cell>)> {
    notebooks().into_iter().chain(read(vec![template()])).collect()
}

fn name_of(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// The cells of the exercises: their texts, what they give, the answers and the checks.
fn exercises(cells: &[Cell]) -> Vec<&Cell> {
    cells.iter().filter(|cell| cell.id.starts_with("exercise-")).collect()
}

#[test]
fn every_notebook_runs_and_shows_what_is_committed() {
    set_up();
    let mut run = picklebook();
    // Again, from the last to the first: any cell can be run again, whatever ran after it.
    let status = run
        .args(["run", "--compare", "--again"])
        .args(series("notebooks"))
        .arg(template())
        .status();
    let passed = status.expect("the command starts").success();
    assert!(passed, "a notebook failed: its cell is named above");
}

#[test]
fn every_solution_runs_and_shows_what_is_committed() {
    set_up();
    let paths = series("notebooks/solutions");
    assert!(!paths.is_empty());
    let status = picklebook().args(["run", "--compare", "--again"]).args(paths).status();
    let passed = status.expect("the command starts").success();
    assert!(passed, "a solution failed: its cell is named above");
}

#[test]
fn exercises_and_solutions_are_in_step() {
    let solutions = solutions();
    let notebooks = notebooks();
    let expected: Vec<String> = notebooks.iter().map(|(path, _)| solutions_of(path)).collect();
    let named: Vec<String> = solutions.iter().map(|(path, _)| name_of(path)).collect();
    assert_eq!(expected, named, "each notebook has its solutions");
    for ((path, cells), (solution_path, solution)) in notebooks.iter().zip(&solutions) {
        let (asked, solved) = (exercises(cells), exercises(solution));
        let ids =
            |cells: &[&Cell]| -> Vec<String> { cells.iter().map(|cell| cell.id.clone()).collect() };
        assert_eq!(ids(&asked), ids(&solved), "{path:?}: the cells of its solutions");
        let answers = asked.iter().filter(|cell| cell.id.ends_with("-answer")).count();
        assert!((1..=3).contains(&answers), "{path:?} has {answers} exercises");
        for (asked, solved) in asked.iter().zip(&solved) {
            let id = &asked.id;
            assert_eq!(asked.kind, solved.kind, "{path:?}, {id}");
            if !id.ends_with("-answer") {
                assert_eq!(asked.source, solved.source, "{solution_path:?}, {id}");
                continue;
            }
            // The cell that answers ends with the call that checks: so a cell that fails checks
            // nothing, and nothing is left of an answer for the next check.
            let exercise = id.trim_start_matches("exercise-").trim_end_matches("-answer");
            let number = number_of(path);
            let number = number.trim_start_matches('0');
            let check = format!("exercises::check_{number}_{exercise}(");
            let blank = asked.source.lines().last().unwrap_or_default();
            assert_eq!(blank, format!("{check}None)"), "{path:?}, {id}");
            assert_ne!(asked.source, solved.source, "{path:?}, {id}: already answered");
            let checks = solved.source.contains(&check) && solved.source.ends_with(')');
            assert!(checks, "{solution_path:?}, {id}: no check at its end");
            let (blank, right) = (said(asked), said(solved));
            assert!(blank.starts_with("Not yet: "), "{path:?}, {id}: {blank}");
            let right = right.lines().last().unwrap_or_default().to_owned();
            assert!(right.starts_with("Right: "), "{solution_path:?}, {id}: {right}");
        }
        for (path, cells) in [(path, cells), (solution_path, solution)] {
            let ends: Vec<&str> = cells.iter().rev().take(2).map(|cell| cell.id.as_str()).collect();
            let well = ends.len() == 2 && ends[0] == "last-text" && ends[1].ends_with("-answer");
            assert!(well, "{path:?}: exercises come at the end, before the last cell: {ends:?}");
        }
        let links = |cells: &[Cell], target: &str| {
            cells.iter().any(|cell| link_targets(&cell.source).iter().any(|it| it == target))
        };
        let to_solutions = format!("solutions/{}", solutions_of(path));
        assert!(links(cells, &to_solutions), "{path:?}: no link to its solutions");
        assert!(links(cells, "#Exercises"), "{path:?}: no exercises among its contents");
        let back = format!("../{}", name_of(path));
        assert!(links(solution, &back), "{solution_path:?}: no link back");
    }
}

/// The two digits that a notebook's name begins with.
fn number_of(path: &Path) -> String {
    name_of(path).chars().take(2).collect()
}

/// The name of the notebook with the solutions: another one, by which their tabs can be told apart.
fn solutions_of(path: &Path) -> String {
    format!("{}_solutions.ipynb", number_of(path))
}

/// What a cell showed when it last ran.
fn said(cell: &Cell) -> String {
    notebook::printed(&cell.outputs)
}

#[test]
fn the_pickles_in_data_are_what_their_script_writes() {
    let made = folder("made-pickles");
    let script = root().join("data/make_pickles.py");
    let status = Command::new(python()).arg(script).arg(&made).status().expect("Python starts");
    assert!(status.success());
    let files = fs::read_dir(&made).expect("the folder is there");
    let names: BTreeSet<String> =
        files.map(|file| name_of(&file.expect("the folder can be read").path())).collect();
    assert!(!names.is_empty());
    for name in &names {
        let (ours, theirs) = (fs::read(root().join("data").join(name)), fs::read(made.join(name)));
        let same = ours.ok() == Some(theirs.expect("the file is there"));
        assert!(same, "data/{name} differs: run data/make_pickles.py again");
    }
    let models = fs::read_to_string(root().join("data/make_models.py")).expect("a script");
    for path in tracked("data").into_iter().flatten() {
        let pickle = path.extension().is_some_and(|extension| extension == "pkl");
        let made = names.contains(&name_of(&path)) || models.contains(&name_of(&path));
        assert!(!pickle || made, "no script writes {path:?}");
    }
}

#[test]
fn the_forests_in_data_answer_as_those_that_their_script_fits() {
    let made = folder("made-models");
    let script = root().join("data/make_models.py");
    let status = Command::new(python()).arg(script).arg(&made).status().expect("Python starts");
    assert!(status.success());
    let (rows, mail) = (balance_scale(), spambase());
    for (name, rows) in
        [("forest.pkl", &rows), ("forest.joblib", &rows), ("spam_forest.joblib", &mail)]
    {
        let answers = |path: PathBuf| {
            let forest = sklearn::open(path).expect("a forest");
            forest.predict_proba(rows).expect("asked")
        };
        let ours = answers(root().join("data").join(name));
        assert_eq!(ours, answers(made.join(name)), "data/{name}: run data/make_models.py again");
    }
    let old = sklearn::open(root().join("data/old_tree.pkl")).expect("a tree");
    assert_eq!(old.version().map(|version| version.to_string()).as_deref(), Some("1.3.2"));
    let sums = old.predict_proba(&rows).expect("asked").sum_axis(Axis(1));
    assert!(sums.iter().all(|sum| (sum - 1.0).abs() < 1e-12), "fractions of counts");
}

#[test]
fn every_notebook_starts_with_the_same_set_up() {
    let further_down = SET_UP_CELL.replace("\"..\"", "\"../..\"");
    let notebooks = notebooks_and_template().into_iter();
    let notebooks = notebooks.map(|notebook| (notebook, SET_UP_CELL));
    let solutions = solutions().into_iter().map(|solution| (solution, further_down.as_str()));
    for ((path, cells), set_up) in notebooks.chain(solutions) {
        let code: Vec<&Cell> = cells.iter().filter(|cell| cell.kind == "code").collect();
        assert_eq!(code.first().map(|cell| cell.source.as_str()), Some(set_up), "{path:?}");
        let set_ups = code.iter().filter(|cell| cell.source.contains(":dep")).count();
        assert_eq!(set_ups, 1, "{path:?}");
    }
}

#[test]
fn headings_are_in_order_and_prose_comes_before_code() {
    for (path, cells) in notebooks_and_template().into_iter().chain(solutions()) {
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
    let (solutions, template) = (solutions(), read(vec![template()]));
    let others = solutions.iter().chain(&template);
    for (number, (path, cells)) in all.iter().chain(others).enumerate() {
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
        if number >= all.len() {
            continue; // solutions lead back to their notebook, and the template stands alone
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

/// Each line of Rust beside a line of Python stands in the page's program, which is compiled.
#[test]
fn every_line_beside_pythons_is_compiled() {
    let page = fs::read_to_string(root().join("notebooks/from_python_to_rust.md"));
    let page = page.expect("it can be read");
    let (table, program) = page.split_once("```rust,no_run").expect("it has a program");
    let rows = table.lines().filter(|line| line.starts_with("| `"));
    let rust: Vec<&str> =
        rows.map(|row| row.split('`').nth(3).unwrap_or_else(|| panic!("{row}"))).collect();
    assert!(rust.len() >= 15, "{rust:?}");
    for line in rust {
        assert!(program.contains(line), "the program has no {line}");
    }
    for target in link_targets(&page).iter().filter(|target| !target.contains(':')) {
        assert!(root().join("notebooks").join(target).is_file(), "no file for {target}");
    }
}

/// The page that JupyterLab opens on, and the one that a forge shows.
#[test]
fn the_first_pages_lead_to_every_notebook() {
    for page in ["notebooks/README.md", "README.md"] {
        let text = fs::read_to_string(root().join(page)).expect("it can be read");
        let folder = root().join(page);
        let folder = folder.parent().expect("it is in a folder");
        let linked: HashSet<PathBuf> =
            link_targets(&text).iter().map(|target| folder.join(target)).collect();
        let page_for_pythons = root().join("notebooks/from_python_to_rust.md");
        for path in series("notebooks").into_iter().chain([template(), page_for_pythons]) {
            assert!(linked.contains(&path), "{page}: no link to {path:?}");
        }
        let local = |path: &&PathBuf| !path.to_string_lossy().contains(['#', ':']);
        for path in linked.iter().filter(local) {
            assert!(path.exists(), "{page}: {path:?} is not there");
        }
    }
}

#[test]
fn outputs_are_accessible_and_name_no_machine() {
    let home = std::env::home_dir().unwrap_or_default().display().to_string();
    for (path, cells) in notebooks_and_template().into_iter().chain(solutions()) {
        let file = fs::read_to_string(&path).expect("the notebook is there");
        for word in [root().display().to_string(), home.clone(), "panicked at".into()] {
            assert!(word.len() < 2 || !file.contains(&word), "{path:?} contains {word}");
        }
        for cell in &cells {
            for output in &cell.outputs {
                let Some(data) = output["data"].as_object() else { continue };
                assert!(data.contains_key("text/plain"), "{path:?}: no plain text beside {data:?}");
                // The kernel falls back to this where the first `?` of a notebook ends a cell.
                let bare = data["text/plain"].to_string().contains("<svg");
                assert!(!bare, "{path:?}: a picture shown as text in {}", cell.id);
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
