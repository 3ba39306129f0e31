//! A tree as text, character by character as scikit-learn's `export_text` writes it.
//!
//! Source: `export_text` in `sklearn/tree/_export.py`, without its recursion.

use std::fmt::{self, Write};

use super::{DecisionTreeClassifier, DecisionTreeRegressor, Error, Tree, check};

/// How [`export_text`](DecisionTreeClassifier::export_text_with) writes a tree.
#[derive(Debug, Clone, PartialEq)]
pub struct TextOptions {
    feature_names: Option<Vec<String>>,
    class_names: Option<Vec<String>>,
    max_depth: usize,
    spacing: usize,
    decimals: usize,
    show_weights: bool,
}

impl Default for TextOptions {
    /// scikit-learn's defaults: a depth of 10, 3 spaces, 2 decimals, no weights.
    fn default() -> Self {
        TextOptions {
            feature_names: None,
            class_names: None,
            max_depth: 10,
            spacing: 3,
            decimals: 2,
            show_weights: false,
        }
    }
}

impl TextOptions {
    /// Names for the columns, instead of those that the tree knows.
    pub fn feature_names(mut self, names: Vec<String>) -> Self {
        self.feature_names = Some(names);
        self
    }

    /// Names for the classes, in the order of the tree's own.
    pub fn class_names(mut self, names: Vec<String>) -> Self {
        self.class_names = Some(names);
        self
    }

    /// Branches deeper than this are cut off.
    pub fn max_depth(mut self, max_depth: usize) -> Self {
        self.max_depth = max_depth;
        self
    }

    /// How many spaces a level is indented: at least 1.
    pub fn spacing(mut self, spacing: usize) -> Self {
        self.spacing = spacing;
        self
    }

    /// How many decimals numbers have.
    pub fn decimals(mut self, decimals: usize) -> Self {
        self.decimals = decimals;
        self
    }

    /// Whether a leaf of a classifier shows the weight of each class.
    pub fn show_weights(mut self, show_weights: bool) -> Self {
        self.show_weights = show_weights;
        self
    }
}

/// The widest indent and the most decimals that are written; far beyond what can be read.
const WIDEST: usize = 1000;

/// Writes the tree into `text`, which may refuse to take more. `None` for the names of classes
/// says that the tree is a regressor.
fn write_tree(
    tree: &Tree,
    options: &TextOptions,
    names: Option<&[String]>,
    classes: Option<&[String]>,
    text: &mut impl Write,
) -> fmt::Result {
    /// What is still to be written.
    enum Pending {
        Node(usize, usize),
        /// The line above the right child of a node, and the child.
        Right(usize, usize),
    }
    let arrays = tree.arrays();
    let spacing = options.spacing.clamp(1, WIDEST);
    let decimals = options.decimals.min(WIDEST);
    let indent = |text: &mut dyn Write, depth: usize| {
        for _ in 1..depth {
            write!(text, "|{:spacing$}", "")?;
        }
        write!(text, "|{:-<spacing$}", "")
    };
    let leaf = |text: &mut dyn Write, node: usize, depth: usize| {
        indent(text, depth)?;
        let value = tree.value(node);
        let numbers = |text: &mut dyn Write, factor: f64| {
            for (place, value) in value.iter().enumerate() {
                let separator = if place == 0 { "[" } else { ", " };
                write!(text, "{separator}{:.decimals$}", value * factor)?;
            }
            write!(text, "]")
        };
        match classes {
            Some(classes) => {
                if options.show_weights {
                    write!(text, " weights: ")?;
                    numbers(text, arrays.weighted_n_node_samples[node])?;
                }
                match classes.get(super::first_greatest(value)) {
                    Some(class) if tree.width() > 1 => writeln!(text, " class: {class}"),
                    // of a single class, scikit-learn writes the place, not the name
                    _ => writeln!(text, " class: 0"),
                }
            }
            None => {
                write!(text, " value: ")?;
                numbers(text, 1.0)?;
                writeln!(text)
            }
        }
    };
    let split = |text: &mut dyn Write, node: usize, depth: usize, sign: &str| {
        indent(text, depth)?;
        let feature = arrays.feature[node] as usize;
        match names.and_then(|names| names.get(feature)) {
            Some(name) => write!(text, " {name}")?,
            None => write!(text, " feature_{feature}")?,
        }
        let threshold = arrays.threshold[node];
        match threshold.is_infinite() {
            true => writeln!(text, " {sign} {}inf", if threshold < 0.0 { "-" } else { "" }),
            false => writeln!(text, " {sign} {threshold:.decimals$}"),
        }
    };
    let cut = options.max_depth.saturating_add(1);
    let heights = (tree.max_depth() >= cut).then(|| tree.heights());
    let mut pending = vec![Pending::Node(0, 1)];
    while let Some(next) = pending.pop() {
        match next {
            Pending::Node(node, depth) => match (tree.children(node), &heights) {
                (None, _) => leaf(text, node, depth)?,
                (Some(_), Some(heights)) if depth > cut => {
                    indent(text, depth)?;
                    writeln!(text, " truncated branch of depth {}", heights[node] + 1)?;
                }
                (Some((left, _)), _) => {
                    split(text, node, depth, "<=")?;
                    pending.push(Pending::Right(node, depth));
                    pending.push(Pending::Node(left, depth + 1));
                }
            },
            Pending::Right(node, depth) => {
                split(text, node, depth, "> ")?;
                if let Some((_, right)) = tree.children(node) {
                    pending.push(Pending::Node(right, depth + 1));
                }
            }
        }
    }
    Ok(())
}

fn check_options(options: &TextOptions, tree: &Tree) -> Result<(), Error> {
    check::names(options.feature_names.as_deref(), tree.n_features())?;
    let parameter = |name, value: usize, expected| {
        Err(Error::Parameter { name, value: value.to_string(), expected })
    };
    if options.spacing == 0 || options.spacing > WIDEST {
        return parameter("spacing", options.spacing, "from 1 to 1000");
    }
    if options.decimals > WIDEST {
        return parameter("decimals", options.decimals, "at most 1000");
    }
    Ok(())
}

fn to_text(
    tree: &Tree,
    options: &TextOptions,
    names: Option<&[String]>,
    classes: Option<&[String]>,
) -> String {
    let mut text = String::new();
    // a String takes all that is written
    let _ =
        write_tree(tree, options, options.feature_names.as_deref().or(names), classes, &mut text);
    text
}

impl DecisionTreeClassifier {
    /// The tree as text: what scikit-learn's `export_text` writes, with the names of the columns
    /// if they are known.
    pub fn export_text(&self) -> String {
        let classes: Vec<String> = self.classes().iter().map(|class| class.to_string()).collect();
        to_text(self.tree(), &TextOptions::default(), self.feature_names(), Some(&classes))
    }

    /// The tree as text, written as `options` say.
    ///
    /// # Errors
    /// [`Error::Length`] unless there is one name per column or class, [`Error::Parameter`] for a
    /// spacing of 0, or a spacing or decimals beyond 1000.
    pub fn export_text_with(&self, options: &TextOptions) -> Result<String, Error> {
        check_options(options, self.tree())?;
        let classes = match &options.class_names {
            Some(names) => names.clone(),
            None => self.classes().iter().map(|class| class.to_string()).collect(),
        };
        let (expected, found) = (self.classes().len(), classes.len());
        if expected != found {
            return Err(Error::Length { what: "class names", expected, found });
        }
        Ok(to_text(self.tree(), options, self.feature_names(), Some(&classes)))
    }
}

impl DecisionTreeRegressor {
    /// The tree as text: what scikit-learn's `export_text` writes, with the names of the columns
    /// if they are known.
    pub fn export_text(&self) -> String {
        to_text(self.tree(), &TextOptions::default(), self.feature_names(), None)
    }

    /// The tree as text, written as `options` say.
    ///
    /// # Errors
    /// [`Error::Length`] unless there is one name per column, [`Error::Parameter`] for a spacing
    /// of 0, or a spacing or decimals beyond 1000.
    pub fn export_text_with(&self, options: &TextOptions) -> Result<String, Error> {
        check_options(options, self.tree())?;
        Ok(to_text(self.tree(), options, self.feature_names(), None))
    }
}

/// How many lines of a tree are shown.
const SHOWN_LINES: usize = 40;

/// How deep a tree is shown.
const SHOWN_DEPTH: usize = 5;

/// Takes a few lines, then refuses.
struct FewLines {
    text: String,
    left: usize,
}

impl Write for FewLines {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if self.left == 0 {
            return Err(fmt::Error);
        }
        self.left = self.left.saturating_sub(text.matches('\n').count());
        self.text.push_str(text);
        Ok(())
    }
}

/// The first lines of a tree as text, and how many nodes it has if there are more.
fn first_lines(tree: &Tree, names: Option<&[String]>, classes: Option<&[String]>) -> String {
    let options = TextOptions::default().max_depth(SHOWN_DEPTH);
    let mut few = FewLines { text: String::new(), left: SHOWN_LINES };
    if write_tree(tree, &options, names, classes, &mut few).is_err() {
        few.text.push_str(&format!("… ({} nodes in all)", tree.node_count()));
    }
    few.text
}

/// Shows what a tree is, and its first lines.
fn show(
    f: &mut fmt::Formatter<'_>,
    params: &dyn fmt::Display,
    tree: &Tree,
    lines: &str,
) -> fmt::Result {
    let s = |count: usize, one: &str, many: &str| match count {
        1 => format!("1 {one}"),
        count => format!("{count} {many}"),
    };
    writeln!(
        f,
        "{params}\ndepth {}, {}, {}",
        tree.max_depth(),
        s(tree.n_leaves(), "leaf", "leaves"),
        s(tree.n_features(), "feature", "features"),
    )?;
    f.write_str(lines)
}

impl DecisionTreeClassifier {
    /// The first lines of [`export_text`](Self::export_text).
    pub(crate) fn first_lines(&self) -> String {
        let classes: Vec<String> = self.classes().iter().map(|class| class.to_string()).collect();
        first_lines(self.tree(), self.feature_names(), Some(&classes))
    }
}

impl DecisionTreeRegressor {
    /// The first lines of [`export_text`](Self::export_text).
    pub(crate) fn first_lines(&self) -> String {
        first_lines(self.tree(), self.feature_names(), None)
    }
}

/// The parameters, the size, and the first lines of [`export_text`](Self::export_text).
impl fmt::Display for DecisionTreeClassifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        show(f, self.parameters(), self.tree(), &self.first_lines())
    }
}

/// The parameters, the size, and the first lines of [`export_text`](Self::export_text).
impl fmt::Display for DecisionTreeRegressor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        show(f, self.parameters(), self.tree(), &self.first_lines())
    }
}
