//! Pictures of trees: what stands in them, and nothing over an edge or over another.

#[path = "support/random.rs"]
mod random;
mod support;

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use ndarray::Array2;
use picklebook::data::{Dataset, Labels, balance_scale, train_test_split};
use picklebook::plot::{self, Error, Figure};
use picklebook::tree::{
    Criterion, DecisionTreeClassifier, DecisionTreeRegressor, LinfaTree, RegressionCriterion, Tree,
    TreeArrays,
};
use proptest::prelude::*;
use random::noise;
use resvg::tiny_skia::Pixmap;
use resvg::usvg::roxmltree::{Document, Node};

fn tutorial(criterion: Criterion) -> DecisionTreeClassifier {
    let split = train_test_split(&balance_scale(), 0.3, 100).expect("split");
    let params = DecisionTreeClassifier::params().criterion(criterion).max_depth(3);
    params.min_samples_leaf(5).random_state(100).fit(&split.train).expect("fitted")
}

fn noisy(rows: usize, classes: i64) -> (Array2<f64>, Labels) {
    let numbers = noise(1, rows * 6);
    let target: Vec<i64> = numbers
        .chunks_exact(6)
        .map(|row| ((row[0] + row[5] / 3.0) * classes as f64) as i64)
        .collect();
    let features = numbers.chunks_exact(6).flat_map(|row| row[..5].to_vec()).collect();
    (Array2::from_shape_vec((rows, 5), features).expect("a table"), target.into())
}

fn classifier(rows: usize, classes: i64, depth: Option<usize>) -> DecisionTreeClassifier {
    let (features, target) = noisy(rows, classes);
    let params = DecisionTreeClassifier::params();
    let params = depth.map(|depth| params.clone().max_depth(depth)).unwrap_or(params);
    params.fit_weighted(&features, &target, None).expect("fitted")
}

fn chain() -> DecisionTreeClassifier {
    let features = Array2::from_shape_fn((12, 1), |(row, _)| (1_u32 << row) as f64);
    let labels: Labels = (0..12).collect::<Vec<i64>>().into();
    DecisionTreeClassifier::params().fit_weighted(&features, &labels, None).expect("fitted")
}

fn long_names() -> DecisionTreeClassifier {
    let names =
        ["mean radius of the cell nucleus (micrometres)", "<b>&\"'", "日本語の特徴", "Ünïcödé"];
    let labels = balance_scale();
    let classes = labels.target().iter().map(|class| match class.to_string().as_str() {
        "L" => "leaning over to the left-hand side".to_owned(),
        "R" => "</text><script>alert(1)</script>".to_owned(),
        _ => "均衡".to_owned(),
    });
    let target: Labels = classes.collect::<Vec<String>>().into();
    let names = names.map(str::to_owned).to_vec();
    let data = Dataset::new(labels.features().clone(), target, names, "side").expect("a table");
    DecisionTreeClassifier::params().max_depth(3).fit(&data).expect("fitted")
}

fn regressor() -> DecisionTreeRegressor {
    let (features, _) = noisy(500, 3);
    let target: Vec<f64> =
        features.rows().into_iter().map(|row| 40.0 * row[0] * row[1] + row[2]).collect();
    DecisionTreeRegressor::params()
        .max_depth(3)
        .fit_weighted(&features, &target, None)
        .expect("fitted")
}

fn leaf() -> DecisionTreeClassifier {
    let features = Array2::<f64>::zeros((5, 2));
    let labels = Labels::from(["a", "b", "a", "a", "b"]);
    DecisionTreeClassifier::params().fit_weighted(&features, &labels, None).expect("fitted")
}

/// The pictures that the tests look at.
fn figures() -> Vec<(&'static str, Figure)> {
    let split = train_test_split(&balance_scale(), 0.3, 100).expect("split");
    let gini = tutorial(Criterion::Gini);
    let linfa =
        LinfaTree::params().max_depth(3).min_samples_leaf(5).fit(&split.train).expect("fitted");
    let row = split.test.features().row(0).to_vec();
    let deep = classifier(4000, 3, None);
    vec![
        ("tree_gini", plot::tree(&gini)),
        ("tree_entropy", plot::tree(&tutorial(Criterion::Entropy))),
        ("tree_path", plot::Tree::new(&gini).path_of(&row).draw()),
        ("tree_linfa", plot::Tree::new(&linfa).path_of(&row).draw()),
        ("tree_plain", plot::Tree::new(&gini).filled(false).impurity(false).title("Plain").draw()),
        ("tree_cut", plot::Tree::new(&gini).max_depth(1).path_of(&row).draw()),
        ("tree_depth_6", plot::tree(&classifier(4000, 3, Some(6)))),
        ("tree_unlimited", plot::tree(&deep)),
        ("tree_many", plot::Tree::new(&deep).max_depth(6).draw()),
        ("tree_chain", plot::tree(&chain())),
        ("tree_leaf", plot::tree(&leaf())),
        ("tree_20_classes", plot::tree(&classifier(600, 20, Some(3)))),
        ("tree_long_names", plot::tree(&long_names())),
        ("tree_regressor", plot::tree(&regressor())),
    ]
    .into_iter()
    .map(|(name, figure)| (name, figure.expect(name)))
    .collect()
}

/// A rectangle: left, top, right, bottom.
type Edges = [f64; 4];

fn apart(a: Edges, b: Edges, gap: f64) -> bool {
    a[2] + gap <= b[0] || b[2] + gap <= a[0] || a[3] + gap <= b[1] || b[3] + gap <= a[1]
}

fn inside(inner: Edges, outer: Edges) -> bool {
    inner[0] >= outer[0] && inner[1] >= outer[1] && inner[2] <= outer[2] && inner[3] <= outer[3]
}

/// A text of a picture and the room that it takes.
#[derive(Debug)]
struct Written {
    text: String,
    size: f64,
    edges: Edges,
}

/// What stands in a picture of a tree.
struct Parts {
    boxes: Vec<(String, Edges)>,
    texts: Vec<Written>,
    /// Points on each line.
    lines: Vec<Vec<(f64, f64)>>,
}

fn number(node: Node<'_, '_>, name: &str) -> f64 {
    node.attribute(name).and_then(|value| value.parse().ok()).unwrap_or_else(|| panic!("{name}"))
}

fn parts(figure: &Figure) -> Parts {
    let document = Document::parse(figure.svg()).expect("well-formed");
    let (mut boxes, mut texts, mut lines) = (Vec::new(), Vec::new(), Vec::new());
    for node in document.descendants() {
        match (node.tag_name().name(), node.attribute("class")) {
            ("rect", Some(class)) => {
                let (x, y) = (number(node, "x"), number(node, "y"));
                let edges = [x, y, x + number(node, "width"), y + number(node, "height")];
                boxes.push((class.to_owned(), edges));
            }
            ("text", _) => texts.push(written(node)),
            ("path", _) => lines.push(points(node.attribute("d").expect("a way"))),
            _ => {}
        }
    }
    Parts { boxes, texts, lines }
}

fn written(node: Node<'_, '_>) -> Written {
    let text = node.text().unwrap_or_default().to_owned();
    let (x, y, size) = (number(node, "x"), number(node, "y"), number(node, "font-size"));
    // Where the font lacks a character, the width is not pinned: it is at most one em each.
    let width = match node.attribute("textLength") {
        Some(_) => number(node, "textLength"),
        None => text.chars().map(|c| if c > '\u{2e80}' { size } else { 0.6 * size }).sum(),
    };
    let left = match node.attribute("text-anchor") {
        Some("start") => x,
        Some("end") => x - width,
        _ => x - width / 2.0,
    };
    Written { text, size, edges: [left, y - size / 2.0, left + width, y + size / 2.0] }
}

/// Points on `Mx,yVbendCx,y x,y x,y`.
fn points(way: &str) -> Vec<(f64, f64)> {
    let separators = |c: char| !(c.is_ascii_digit() || c == '.' || c == '-');
    let numbers: Vec<f64> =
        way.split(separators).filter_map(|number| number.parse().ok()).collect();
    let [x, y, bend, x1, y1, x2, y2, x3, y3] = numbers[..] else { panic!("{way}") };
    let curve = (0..=16).map(|step| {
        let t = f64::from(step) / 16.0;
        let mix = |a, b, c, d| {
            let s: f64 = 1.0 - t;
            s * s * s * a + 3.0 * s * s * t * b + 3.0 * s * t * t * c + t * t * t * d
        };
        (mix(x, x1, x2, x3), mix(bend, y1, y2, y3))
    });
    [(x, y), (x, bend)].into_iter().chain(curve).collect()
}

/// No box over another, every text in its box and over no other, no line through a box.
fn check_room(name: &str, figure: &Figure) {
    let (width, height) = figure.size();
    let sheet = [0.0, 0.0, f64::from(width), f64::from(height)];
    let Parts { boxes, texts, lines } = parts(figure);
    for (place, (class, edges)) in boxes.iter().enumerate() {
        assert!(inside(*edges, sheet), "{name}: {class} {edges:?}");
        for (_, other) in &boxes[place + 1..] {
            assert!(apart(*edges, *other, 8.0), "{name}: {edges:?} {other:?}");
        }
    }
    for (place, text) in texts.iter().enumerate() {
        assert!(text.size >= 10.0 && inside(text.edges, sheet), "{name}: {text:?}");
        for other in &texts[place + 1..] {
            assert!(apart(text.edges, other.edges, 0.0), "{name}: {text:?} {other:?}");
        }
        for (_, edges) in &boxes {
            let placed = inside(text.edges, *edges) || apart(text.edges, *edges, 0.0);
            assert!(placed, "{name}: {text:?} {edges:?}");
        }
        for &(x, y) in lines.iter().flatten() {
            assert!(apart(text.edges, [x, y, x, y], 0.0), "{name}: {text:?} ({x}, {y})");
        }
    }
    for line in &lines {
        // The ends touch the boxes that the line joins.
        for &(x, y) in &line[1..line.len() - 1] {
            for (_, [left, top, right, bottom]) in &boxes {
                let through = left < &x && &x < right && top < &y && &y < bottom;
                assert!(!through, "{name}: ({x}, {y})");
            }
        }
    }
}

#[test]
fn nothing_is_over_another_thing_or_an_edge() {
    for (name, figure) in figures() {
        check_room(name, &figure);
        assert!(figure.svg().len() < 1_000_000, "{name}: {}", figure.svg().len());
        assert_eq!(figure.alt().lines().count(), 1, "{name}");
    }
}

/// A tree from random choices: each node in turn becomes a split or stays a leaf.
fn grown(splits: &[bool], names: Vec<String>, classes: &[String]) -> DecisionTreeClassifier {
    let (columns, width) = (names.len(), classes.len());
    let mut arrays = TreeArrays::default();
    let mut nodes = 1;
    for place in 0.. {
        if place == nodes {
            break;
        }
        let splits = splits.get(place) == Some(&true);
        let child = |at: usize| if splits { (nodes + at) as i32 } else { -1 };
        arrays.children_left.push(child(0));
        arrays.children_right.push(child(1));
        arrays.feature.push(if splits { (place % columns) as i32 } else { -2 });
        arrays.threshold.push(if splits { 1.5 * place as f64 } else { -2.0 });
        arrays.impurity.push(0.5);
        arrays.n_node_samples.push(7 * place as i32 + 1);
        arrays.weighted_n_node_samples.push(7.0 * place as f64 + 1.0);
        arrays.missing_go_to_left.push(false);
        let ahead = |class| if class == place % width { 0.6 } else { 0.4 / (width as f64 - 1.0) };
        arrays.value.extend((0..width).map(ahead));
        nodes += if splits { 2 } else { 0 };
    }
    let tree = Tree::new(arrays, columns, width).expect("a tree");
    let classes: Labels = classes.to_vec().into();
    DecisionTreeClassifier::from_tree(Default::default(), tree, classes, Some(names))
        .expect("whole")
}

#[test]
fn the_largest_picture_stays_under_a_megabyte() {
    let long = |count: usize| (0..count).map(|i| format!("{i} {}", "&<>\"'i".repeat(30))).collect();
    let (names, classes): (Vec<String>, Vec<String>) = (long(4), long(8));
    let tree = grown(&[true; 249], names, &classes);
    assert_eq!(tree.tree().node_count(), 499);
    let figure = plot::Tree::new(&tree).max_depth(9).path_of(&[1.0; 4]).draw().expect("drawn");
    assert_eq!(parts(&figure).boxes.len(), 499);
    assert!(figure.svg().len() < 1_000_000, "{}", figure.svg().len());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, max_shrink_iters: 40, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn random_trees_have_room(
        splits in prop::collection::vec(prop::bool::weighted(0.6), 0..60),
        names in prop::collection::vec("[ -~À-ž]{0,60}|[日本]{0,40}", 1..5),
        classes in prop::collection::btree_set("[ -~]{0,40}", 2..14),
        row in prop::option::of(-10.0..200.0),
        max_depth in prop::option::of(0_usize..8),
    ) {
        let row: Option<Vec<f64>> = row.map(|value: f64| vec![value; names.len()]);
        let classes: Vec<String> = classes.into_iter().collect();
        let tree = grown(&splits, names, &classes);
        let mut plot = plot::Tree::new(&tree);
        if let Some(row) = &row {
            plot = plot.path_of(row);
        }
        if let Some(max_depth) = max_depth {
            plot = plot.max_depth(max_depth);
        }
        check_room("random", &plot.draw().expect("drawn"));
    }
}

/// The texts that stand in each box.
fn box_texts(figure: &Figure) -> Vec<BTreeSet<String>> {
    let Parts { boxes, texts, .. } = parts(figure);
    let of = |edges| texts.iter().filter(move |text| inside(text.edges, edges));
    let texts = |edges| of(edges).map(|text| text.text.clone()).collect();
    boxes.into_iter().map(|(_, edges)| texts(edges)).collect()
}

/// scikit-learn writes `0.0` where a person writes `0`.
fn as_a_person_would(line: &str) -> String {
    let words = line.replace("<=", "≤");
    let words = words.split(' ').map(|word| {
        let digits = word.trim_matches(['[', ']', ',']);
        match digits.parse::<f64>() {
            Ok(number) if digits.contains('.') => word.replace(digits, &number.to_string()),
            _ => word.to_owned(),
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

/// The boxes hold what scikit-learn's own `export_graphviz`, which shares its text with
/// `plot_tree`, writes for the same trees.
#[test]
fn boxes_hold_what_scikit_learn_writes() {
    let program = r#"
import json, sys
import numpy as np
from sklearn.model_selection import train_test_split
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor, export_graphviz
import re
lines = open(sys.argv[1]).read().split()
names = lines[0].split(",")[1:]
rows = [line.split(",") for line in lines[1:]]
x = np.array([row[1:] for row in rows], float)
y = np.array([row[0] for row in rows])
train, _, labels, _ = train_test_split(x, y, test_size=0.3, random_state=100)
options = dict(max_depth=3, min_samples_leaf=5, random_state=100)
trees = [DecisionTreeClassifier(criterion=c, **options).fit(train, labels) for c in ("gini", "entropy")]
trees.append(DecisionTreeClassifier(max_depth=6, random_state=100).fit(train, labels))
for c in ("squared_error", "absolute_error", "poisson"):
    tree = DecisionTreeRegressor(criterion=c, max_depth=4, random_state=100)
    trees.append(tree.fit(train, train[:, 0] * train[:, 1]))
out = []
for tree in trees:
    classes = list(tree.classes_) if hasattr(tree, "classes_") else None
    dot = export_graphviz(tree, feature_names=names, class_names=classes, precision=3)
    out.append([label.split("\\n") for label in re.findall(r'\[label="([^"]*)"', dot)])
print(json.dumps(out))
"#;
    let data = support::root().join("data/balance-scale.csv");
    let output = Command::new(support::python()).args(["-c", program]).arg(&data).output();
    let output = output.expect("python starts");
    assert!(output.status.success(), "{}", support::printed(&output));
    let expected: Vec<Vec<Vec<String>>> =
        serde_json::from_slice(&output.stdout).expect("lists of lines");

    let split = train_test_split(&balance_scale(), 0.3, 100).expect("split");
    let deep = DecisionTreeClassifier::params().max_depth(6).random_state(100);
    let deep = deep.fit(&split.train).expect("fitted");
    let rows = split.train.features();
    let product: Vec<f64> = rows.rows().into_iter().map(|row| row[0] * row[1]).collect();
    let names = split.train.feature_names().to_vec();
    let regressor = |criterion| {
        let params = DecisionTreeRegressor::params().max_depth(4).random_state(100);
        let tree = params.criterion(criterion).fit_weighted(rows, &product, None).expect("fitted");
        let tree = tree.with_feature_names(names.clone()).expect("named");
        plot::Tree::new(&tree).max_depth(4).draw()
    };
    let drawn = [
        plot::Tree::new(&tutorial(Criterion::Gini)).draw(),
        plot::Tree::new(&tutorial(Criterion::Entropy)).draw(),
        plot::Tree::new(&deep).max_depth(6).draw(),
        regressor(RegressionCriterion::SquaredError),
        regressor(RegressionCriterion::AbsoluteError),
        regressor(RegressionCriterion::Poisson),
    ];
    assert_eq!(drawn.len(), expected.len());
    for (figure, expected) in drawn.into_iter().zip(expected) {
        let figure = figure.expect("drawn");
        let mut found: Vec<BTreeSet<String>> = box_texts(&figure);
        let mut expected: Vec<BTreeSet<String>> = (expected.iter())
            .map(|lines| lines.iter().map(|line| as_a_person_would(line)).collect())
            .collect();
        assert!(expected.len() > 10);
        found.sort();
        expected.sort();
        assert_eq!(found, expected);
    }
}

#[test]
fn the_tutorials_tree_in_words() {
    let figure = plot::tree(&tutorial(Criterion::Gini)).expect("drawn");
    assert_eq!(figure.title(), "Decision tree: depth 3, 8 leaves");
    assert!(figure.size().0 <= 900, "{:?}", figure.size());
    let alt = figure.alt();
    for words in [
        "Decision tree, a diagram: depth 3, 8 leaves, 437 train rows, criterion gini; classes B, L, R.",
        "The root asks whether Right-Weight ≤ 2.5: true goes to the left, false to the right.",
        "The leaves from left to right: Right-Weight ≤ 2.5, Left-Distance ≤ 1.5, \
         Right-Distance ≤ 2.5: class = L (12 rows); ",
        "not Right-Weight ≤ 2.5, not Right-Distance ≤ 2.5, not Left-Weight ≤ 3.5: class = R (62 rows).",
    ] {
        assert!(alt.contains(words), "{alt}");
    }
    let kinds: Vec<String> = parts(&figure).boxes.into_iter().map(|(class, _)| class).collect();
    let count = |kind| kinds.iter().filter(|class| *class == kind).count();
    assert_eq!((count("split"), count("leaf"), count("more")), (7, 8, 0));
}

#[test]
fn a_rows_way_is_the_way_of_the_prediction() {
    let (gini, split) = (tutorial(Criterion::Gini), train_test_split(&balance_scale(), 0.3, 100));
    let split = split.expect("split");
    let linfa = LinfaTree::params().max_depth(3).fit(&split.train).expect("fitted");
    for row in split.test.features().rows().into_iter().take(40) {
        let row = row.to_vec();
        let answer = |class| format!("so class = {class}.");
        let figure = plot::Tree::new(&gini).path_of(&row).draw().expect("drawn");
        let class = gini.predict_row(&row).expect("predicted");
        assert!(figure.alt().ends_with(&answer(class)), "{}", figure.alt());
        // The boxes of the way, and the lines between them.
        assert_eq!(figure.svg().matches("stroke-width=\"3\"").count(), 4 + 3);
        let here = |texts: &BTreeSet<String>| texts.iter().any(|t| t.starts_with("this row: "));
        assert_eq!(box_texts(&figure).iter().filter(|texts| here(texts)).count(), 3);
        let figure = plot::Tree::new(&linfa).path_of(&row).draw().expect("drawn");
        let class = linfa.predict_row(&row).expect("predicted");
        assert!(figure.alt().ends_with(&answer(class)), "{}", figure.alt());
    }
    let figure = plot::Tree::new(&gini).max_depth(1).path_of(&[3.0, 1.0, 2.0, 3.0]).draw();
    let figure = figure.expect("drawn");
    let said = "The row Left-Weight = 3, Left-Distance = 1, Right-Weight = 2, Right-Distance = 3 \
                goes its way in thick lines: Right-Weight ≤ 2.5 is true, Left-Distance ≤ 1.5 is \
                true, Right-Distance ≤ 2.5 is false, so class = R. Its end is not shown.";
    assert!(figure.alt().ends_with(said), "{}", figure.alt());
}

#[test]
fn a_large_tree_says_what_is_left_out() {
    let tree = classifier(4000, 3, None);
    let figure = plot::tree(&tree).expect("drawn");
    let boxes = parts(&figure).boxes;
    assert!(boxes.len() > 32 && boxes.len() <= 64, "{}", boxes.len());
    let drawn = boxes.iter().filter(|(class, _)| class != "more").count();
    let hidden = tree.tree().node_count() - drawn;
    let said = format!("{hidden} more nodes below depth 4 are not shown.");
    assert!(figure.alt().contains(&said), "{hidden} {}", figure.alt());
    let note = format!("… {hidden} more nodes below depth 4 are not shown.");
    assert!(figure.svg().contains(&note));
    let stubs = box_texts(&figure).into_iter().flatten();
    let stubs = stubs
        .filter_map(|text| text.strip_prefix("… ")?.strip_suffix(" more")?.parse::<usize>().ok());
    assert_eq!(stubs.sum::<usize>(), hidden);
}

#[test]
fn more_nodes_than_have_room_are_refused() {
    let tree = classifier(20_000, 3, None);
    let Err(Error::TooManyNodes { nodes, most: 500, max_depth }) =
        plot::Tree::new(&tree).max_depth(usize::MAX).draw()
    else {
        panic!("drawn");
    };
    assert_eq!(nodes, tree.tree().node_count());
    plot::Tree::new(&tree).max_depth(max_depth).draw().expect("the depth that the error names");
    assert!(plot::Tree::new(&tree).max_depth(max_depth + 1).draw().is_err());
}

/// A tree from a file can be as deep as it has nodes.
#[test]
fn a_tree_of_a_hundred_thousand_levels_is_drawn_at_once() {
    let splits: Vec<bool> = (0..200_000).map(|place| place % 2 == 0).collect();
    let tree = grown(&splits, vec!["x".into()], &["a".into(), "b".into()]);
    assert!(tree.depth() > 99_000);
    let figure = plot::Tree::new(&tree).path_of(&[f64::NAN]).draw().expect("drawn");
    assert!(figure.svg().len() < 1_000_000 && figure.alt().len() < 1000);
    check_room("deep", &figure);
}

#[test]
fn hostile_names_and_numbers_are_drawn_as_text() {
    let names =
        vec!["</text><script>".to_owned(), "\0\u{ffff}\n\u{2028}".to_owned(), "n".repeat(1 << 20)];
    let classes = ["\"><img src=x>", "&amp;<svg onload=y>"].map(str::to_owned);
    let tree = grown(&[true; 3], names, &classes);
    let figure = plot::Tree::new(&tree)
        .title("<script>\0\u{ffff}")
        .precision(usize::MAX)
        .path_of(&[1e30, -0.0, f64::NAN])
        .draw()
        .expect("drawn");
    let document = Document::parse(figure.svg()).expect("well-formed");
    let mut tags = document.descendants().filter(|node| node.is_element());
    let known = ["svg", "title", "rect", "text", "path"];
    assert!(tags.all(|node| known.contains(&node.tag_name().name())));
    assert!(figure.svg().len() < 100_000 && figure.alt().len() < 10_000);
    check_room("hostile", &figure);
}

#[test]
fn wrong_options_are_refused_by_name() {
    let tree = tutorial(Criterion::Gini);
    let plot = || plot::Tree::new(&tree);
    let error = plot().feature_names(["a"]).draw().expect_err("one name of four");
    assert_eq!(error.to_string(), "feature names: expected 4, found 1");
    let error = plot().class_names(["a", "b"]).draw().expect_err("two names of three");
    assert_eq!(error.to_string(), "class names: expected 3, found 2");
    assert!(matches!(plot().path_of(&[1.0]).draw(), Err(Error::Model(_))));
    assert!(matches!(plot().path_of(&[f64::INFINITY; 4]).draw(), Err(Error::Model(_))));
    assert!(matches!(plot().size(400, 300).draw(), Err(Error::Size { .. })));
    assert!(matches!(plot().colours(["#123456"]).draw(), Err(Error::Length { expected: 3, .. })));
    assert!(matches!(plot().colours(["red"; 3]).draw(), Err(Error::Colour { .. })));
    let figure = plot().class_names(["balanced", "left", "right"]).draw().expect("drawn");
    assert!(figure.svg().contains(">class = left<"));
}

#[test]
fn a_tree_stands_in_the_middle_of_a_larger_picture_in_its_own_colours() {
    let tree = tutorial(Criterion::Gini);
    let plot = plot::Tree::new(&tree).size(1200, 800).colours(["#000000", "#112233", "#445566"]);
    let figure = plot.draw().expect("drawn");
    assert_eq!(figure.size(), (1200, 800));
    check_room("larger", &figure);
    let edges = parts(&figure).boxes.into_iter().map(|(_, edges)| edges);
    let (left, right) = edges.fold((f64::INFINITY, 0.0_f64), |(left, right), edges| {
        (left.min(edges[0]), right.max(edges[2]))
    });
    assert!((left - (1200.0 - right)).abs() <= 1.0, "{left} {right}");
    assert!(figure.svg().contains("stroke=\"#112233\"") && !figure.svg().contains("#D55E00"));
}

#[test]
fn the_same_tree_gives_the_same_bytes() {
    assert_eq!(figures(), figures());
    let figure = plot::tree(&tutorial(Criterion::Gini)).expect("drawn");
    assert!(figure.to_png(1.0).expect("drawn") == figure.to_png(1.0).expect("drawn"));
}

#[test]
fn a_png_is_the_picture_on_white() {
    let figure = plot::tree(&tutorial(Criterion::Gini)).expect("drawn");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("tree.PNG");
    figure.save(&path).expect("saved");
    let picture = Pixmap::load_png(&path).expect("a PNG");
    let (width, height) = figure.size();
    assert_eq!((picture.width(), picture.height()), (2 * width, 2 * height));
    assert!(picture.pixels().iter().all(|pixel| pixel.alpha() == 255));
    let colour = |x, y| picture.pixel(x, y).map(|p| (p.red(), p.green(), p.blue()));
    assert_eq!(colour(0, 0), Some((255, 255, 255)));
    // Each text has left its ink where the SVG has it, and within its width.
    for written in parts(&figure).texts {
        let [left, top, right, bottom] = written.edges.map(|edge| (2.0 * edge) as u32);
        let dark = |x: u32| {
            (top..bottom).any(|y| colour(x, y).is_some_and(|(r, g, b)| r.max(g).max(b) < 140))
        };
        let ink: Vec<u32> = (left..right).filter(|&x| dark(x)).collect();
        let (Some(first), Some(last)) = (ink.first(), ink.last()) else { panic!("{written:?}") };
        assert!(first - left < 8 && right - last < 8, "{written:?}");
        assert!(!dark(left - 1) && !dark(right + 1), "{written:?}");
    }
}

#[test]
fn a_png_that_cannot_be_is_refused() {
    let figure = plot::tree(&tutorial(Criterion::Gini)).expect("drawn");
    for scale in [0.0, -1.0, f32::NAN, f32::INFINITY, 1e-30, 1000.0] {
        assert!(matches!(figure.to_png(scale), Err(Error::Scale { .. })), "{scale}");
    }
    let figure = plot::tree(&long_names()).expect("drawn");
    let error = figure.to_png(1.0).expect_err("Arimo has no such characters");
    assert!(matches!(error, Error::Character { .. }) && error.to_string().contains("as SVG"));
}

/// All figures, to look at: `PICKLEBOOK_FIGURES=folder cargo test --test tree_figures`.
#[test]
fn figures_to_look_at() {
    if let Some(folder) = std::env::var_os("PICKLEBOOK_FIGURES") {
        std::fs::create_dir_all(&folder).expect("the folder can be made");
        for (name, figure) in figures() {
            let path = Path::new(&folder).join(name);
            figure.save(path.with_extension("svg")).expect("saved");
            match figure.save(path.with_extension("png")) {
                Ok(()) | Err(Error::Character { .. }) => {}
                Err(error) => panic!("{name}: {error}"),
            }
        }
    }
}
