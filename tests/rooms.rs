//! The rooms of the house, and that each uses only those below it: see CONTRIBUTING.md.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// From the bottom up: a room may use those before it.
const ROOMS: &[&str] = &[
    "text",
    "files",
    "python",
    "numpy",
    "container",
    "data",
    "pickle",
    "inspect",
    "metrics",
    "model",
    "monitor",
    "tree",
    "svm",
    "neighbours",
    "preprocessing",
    "linear",
    "bayes",
    "neural",
    "dummy",
    "cluster",
    "vectorizers",
    "decomposition",
    "ensemble",
    "meta",
    "pipeline",
    "model_selection",
    "sklearn",
    "plot",
    "client",
    "exercises",
    "show",
    "any_model",
    "prelude",
    "serve",
    "jupyter",
    "command",
];

/// Beside the rooms: what holds them together.
const NO_ROOMS: &[&str] = &["lib", "main"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The source files of a room: a file, or a folder.
fn sources(room: &Path) -> Vec<PathBuf> {
    if room.is_file() {
        return vec![room.to_owned()];
    }
    let files = fs::read_dir(room).expect("a room can be read");
    let paths = files.map(|file| file.expect("it can be read").path());
    let is_source = |path: &PathBuf| path.is_dir() || path.extension().is_some_and(|it| it == "rs");
    paths.filter(is_source).flat_map(|path| sources(&path)).collect()
}

/// The rooms that a source file uses, its tests and its comments left aside.
fn used(source: &str) -> BTreeSet<String> {
    let code = source.split("\n#[cfg(test)]\nmod tests {").next().unwrap_or_default();
    let is_code = |line: &&str| !line.trim_start().starts_with("//");
    let code: String = code.lines().filter(is_code).flat_map(|line| [line, "\n"]).collect();
    let mut used = BTreeSet::new();
    for path in code.split("crate::").skip(1) {
        let paths = match path.strip_prefix('{') {
            Some(list) => top_level(list),
            None => vec![path.to_owned()],
        };
        let name = |path: &String| {
            let end = path.find(|c: char| !c.is_ascii_lowercase() && c != '_');
            path.get(..end.unwrap_or(path.len())).unwrap_or_default().to_owned()
        };
        used.extend(paths.iter().map(name).filter(|name| !name.is_empty()));
    }
    used
}

/// The paths of a list in braces, up to its end: of `data::{A, B}, text}` these are two.
fn top_level(list: &str) -> Vec<String> {
    let (mut depth, mut paths) = (0, vec![String::new()]);
    for c in list.chars() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => paths.push(String::new()),
            _ => {}
        }
        if let Some(path) = paths.last_mut() {
            path.push(c);
        }
    }
    paths.iter().map(|path| path.trim_matches([',', ' ', '\n']).to_owned()).collect()
}

#[test]
fn paths_are_found_in_every_form() {
    let source = "//! crate::no\nuse crate::{data::{A, Error}, text};\nfn f(x: crate::plot::X) {}\n\
        // crate::no\nuse crate::Figure;\npub(crate) use crate::numpy::sum;\n\
        #[cfg(test)]\nmod tests {\n    use crate::no;\n}\n";
    let found: Vec<String> = used(source).into_iter().collect();
    assert_eq!(found, ["data", "numpy", "plot", "text"]);
}

#[test]
fn each_room_uses_only_those_below_it() {
    let mut wrong = Vec::new();
    for path in fs::read_dir(root().join("src")).expect("there is code").flatten() {
        let name = path.path().file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if NO_ROOMS.contains(&name.as_str()) {
            continue;
        }
        let place = ROOMS.iter().position(|room| *room == name);
        let Some(place) = place else { panic!("src/{name} is in no list: add it to {}", file!()) };
        for file in sources(&path.path()) {
            let source = fs::read_to_string(&file).expect("it is text");
            for used in used(&source) {
                let below = ROOMS.iter().position(|room| *room == used);
                if below.is_some_and(|below| below > place) {
                    wrong.push(format!("{} uses {used}", file.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_picture_shows_every_room() {
    let page = fs::read_to_string(root().join("CONTRIBUTING.md")).expect("it is there");
    let picture = page.split("```").nth(1).expect("a picture");
    for room in ROOMS {
        let shown = [format!("{room}/"), format!("{room}.rs")];
        assert!(shown.iter().any(|name| picture.contains(name)), "{room}");
    }
}

/// Whoever looks for what a test needs finds it.
#[test]
fn contributing_names_each_test_file() {
    let text = fs::read_to_string(root().join("CONTRIBUTING.md")).expect("it can be read");
    for file in fs::read_dir(root().join("tests")).expect("the tests' folder") {
        let path = file.expect("it can be read").path();
        if path.extension().is_some_and(|extension| extension == "rs") {
            let name = path.file_stem().unwrap_or_default().to_string_lossy();
            assert!(text.contains(&format!("`{name}`")), "{name}");
        }
    }
}
