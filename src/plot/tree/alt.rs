//! A tree in words.

use super::cut::Content;
use super::drawing::Drawing;
use super::view::View;
use crate::text;

/// Leaves up to which the alternative text holds the path to each.
const SPELLED_OUT: usize = 8;

/// How many values, and questions, of a row the text holds.
const FEW: usize = 12;

/// What the picture shows, for those who cannot see it.
pub(super) fn alt(drawing: &Drawing<'_>) -> String {
    let (view, words) = (drawing.view, drawing.words);
    let mut sentences = vec![what(drawing)];
    if let Some(question) = view.question(0) {
        let asked = words.asked(question);
        sentences.push(format!(
            "The root asks whether {asked}: true goes to the left, false to the right."
        ));
    }
    if drawing.cut.hidden > 0 {
        let more = text::count(drawing.cut.hidden, "more node", "more nodes");
        sentences.push(format!("{more} below depth {} are not shown.", drawing.cut.depth));
    } else if view.n_leaves() <= SPELLED_OUT {
        sentences.push(leaves(drawing));
    }
    if let Some(row) = drawing.row {
        sentences.push(way(drawing, row));
    }
    sentences.join(" ")
}

fn what(drawing: &Drawing<'_>) -> String {
    let (view, words) = (drawing.view, drawing.words);
    let kind = if view.is_regressor() { "Regression tree" } else { "Decision tree" };
    let mut facts = vec![format!("depth {}", view.depth())];
    facts.push(text::count(view.n_leaves(), "leaf", "leaves"));
    if let Some(samples) = view.samples(0) {
        facts.push(text::count(samples, "train row", "train rows"));
    }
    facts.extend(view.criterion().map(|criterion| format!("criterion {criterion}")));
    let classes = match words.classes.len() {
        0 => String::new(),
        1..=12 => {
            let names: Vec<String> = (0..words.classes.len()).map(|c| words.class(c)).collect();
            format!("; classes {}", names.join(", "))
        }
        many => format!("; {many} classes"),
    };
    format!("{kind}, a diagram: {}{classes}.", facts.join(", "))
}

/// The leaves from left to right, each with its conditions.
fn leaves(drawing: &Drawing<'_>) -> String {
    let (view, words) = (drawing.view, drawing.words);
    let mut spelled = Vec::new();
    let mut ahead = vec![(0, Vec::new())];
    while let Some((node, conditions)) = ahead.pop() {
        let Some((question, (left, right))) = view.question(node).zip(view.children[node]) else {
            spelled.push(leaf(drawing, node, &conditions));
            continue;
        };
        let asked = words.asked(question);
        let with = |condition| [&conditions[..], &[condition]].concat();
        ahead.push((right, with(format!("not {asked}"))));
        ahead.push((left, with(asked)));
    }
    match spelled.len() {
        1 => format!("It is a single leaf: {}.", spelled.concat()),
        _ => format!("The leaves from left to right: {}.", spelled.join("; ")),
    }
}

fn leaf(drawing: &Drawing<'_>, node: usize, conditions: &[String]) -> String {
    let answer = drawing.words.answer(drawing.view, node).unwrap_or_default();
    let rows = samples(drawing.view, node).map(|rows| format!(" ({rows})")).unwrap_or_default();
    match conditions {
        [] => format!("{answer}{rows}"),
        _ => format!("{}: {answer}{rows}", conditions.join(", ")),
    }
}

fn samples(view: &View<'_>, node: usize) -> Option<String> {
    Some(text::count(view.samples(node)?, "row", "rows"))
}

/// The path of a row, question by question.
fn way(drawing: &Drawing<'_>, row: &[f64]) -> String {
    let (view, words) = (drawing.view, drawing.words);
    let mut values: Vec<String> = (words.features.iter().zip(row).take(FEW))
        .map(|(name, value)| format!("{} = {}", text::shortened(name, 30), words.number(*value)))
        .collect();
    if row.len() > values.len() {
        values.push("…".into());
    }
    let mut steps = Vec::new();
    let pairs = drawing.path.iter().zip(drawing.path.iter().skip(1));
    for (&node, next) in pairs.clone().take(FEW) {
        let Some((question, (left, _))) = view.question(node).zip(view.children[node]) else {
            continue;
        };
        let is_true = if *next == left { "true" } else { "false" };
        steps.push(format!("{} is {is_true}", words.asked(question)));
    }
    match pairs.count().saturating_sub(FEW) {
        0 => {}
        more => steps.push(text::count(more, "more question", "more questions")),
    }
    let answer = drawing.path.last().and_then(|&leaf| words.answer(view, leaf)).unwrap_or_default();
    let seen = |node| drawing.cut.pieces.iter().any(|piece| piece.content == Content::Node(node));
    let hidden = drawing.path.iter().any(|&node| !seen(node));
    let rest = if hidden { " Its end is not shown." } else { "" };
    let steps = if steps.is_empty() { String::new() } else { format!("{}, so ", steps.join(", ")) };
    format!("The row {} goes its way in thick lines: {steps}{answer}.{rest}", values.join(", "))
}
