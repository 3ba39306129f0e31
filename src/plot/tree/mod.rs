//! A decision tree, as scikit-learn's `plot_tree` shows it.

mod alt;
mod cut;
mod drawing;
mod layout;
mod view;
mod words;

use cut::Cut;
use drawing::Drawing;
use view::View;
use words::Words;

use crate::model::TreeModel;
use crate::plot::drawing::options::{Options, shared_options};
use crate::plot::drawing::palette;
use crate::plot::{Error, Figure};

/// Draws a decision tree: a [`DecisionTreeClassifier`](crate::tree::DecisionTreeClassifier), a
/// [`DecisionTreeRegressor`](crate::tree::DecisionTreeRegressor), a
/// [`LinfaTree`](crate::tree::LinfaTree), or another [`TreeModel`]. [`Tree`] does the same with
/// options.
///
/// A box with corners asks a question: where it is true, rows go left. A round box is a leaf, and
/// answers. Below stand, as in scikit-learn's `plot_tree`, the impurity, the number of train rows
/// that came there (`samples`), how many of each class (`value`; the bar shows their shares), and
/// the most frequent class, which also gives the colour: the purer, the stronger. The darker a box
/// of a regressor, the greater its value.
///
/// # Errors
/// None for a tree of this crate: a large one is cut at the depth to which it can be read, and
/// the picture says what is not shown.
///
/// ```
/// use picklebook::prelude::*;
///
/// let split = train_test_split(&balance_scale(), 0.3, 100)?;
/// let tree = DecisionTreeClassifier::params().max_depth(3).min_samples_leaf(5).fit(&split.train)?;
/// let figure = plot::tree(&tree)?;
/// assert_eq!(figure.title(), "Decision tree: depth 3, 8 leaves");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn tree(model: &impl TreeModel) -> Result<Figure, Error> {
    Tree::new(model).draw()
}

/// A picture of a decision tree, with options; [`tree`] draws one without.
///
/// ```
/// use picklebook::prelude::*;
///
/// let split = train_test_split(&balance_scale(), 0.3, 100)?;
/// let tree = DecisionTreeClassifier::params().max_depth(3).min_samples_leaf(5).fit(&split.train)?;
/// let figure = plot::Tree::new(&tree).max_depth(2).path_of(&[1.0, 1.0, 5.0, 5.0]).draw()?;
/// assert!(figure.alt().contains("The row Left-Weight = 1, Left-Distance = 1, Right-Weight = 5"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Tree<'a> {
    model: &'a dyn TreeModel,
    max_depth: Option<usize>,
    precision: usize,
    impurity: bool,
    filled: bool,
    path_of: Option<Vec<f64>>,
    options: Options,
}

shared_options!(Tree<'_>, class_names, feature_names);

impl<'a> Tree<'a> {
    /// A picture of `model`: with the names that it knows, three digits after the point, and
    /// colours.
    pub fn new(model: &'a impl TreeModel) -> Self {
        Tree {
            model,
            max_depth: None,
            precision: 3,
            impurity: true,
            filled: true,
            path_of: None,
            options: Options::default(),
        }
    }

    /// The deepest nodes to draw, counted in splits from the root; "…" stands for those below.
    /// Without it, a tree is drawn as deep as it can be read.
    pub fn max_depth(mut self, max_depth: usize) -> Self {
        self.max_depth = Some(max_depth);
        self
    }

    /// How many digits numbers have after the point; 3 by default.
    pub fn precision(mut self, precision: usize) -> Self {
        self.precision = precision;
        self
    }

    /// Whether boxes show the impurity; they do by default.
    pub fn impurity(mut self, impurity: bool) -> Self {
        self.impurity = impurity;
        self
    }

    /// Whether boxes have colours; they do by default.
    pub fn filled(mut self, filled: bool) -> Self {
        self.filled = filled;
        self
    }

    /// Marks the path of one row from the root to its leaf; `row` holds its features, in the order
    /// of the columns.
    pub fn path_of(mut self, row: &[f64]) -> Self {
        self.path_of = Some(row.to_vec());
        self
    }

    /// Draws the picture.
    ///
    /// # Errors
    /// [`Error::Length`] unless there is one name for each column and class, and a colour for each
    /// class, [`Error::TooManyNodes`] when `max_depth` asks for more than 500 nodes,
    /// [`Error::Model`] for a row in `path_of` that the tree cannot predict, [`Error::Size`] for a
    /// size that is too small for the tree, [`Error::Colour`].
    pub fn draw(self) -> Result<Figure, Error> {
        let view = View::new(self.model)?;
        let words = self.words(&view)?;
        let cut = Cut::new(&view, self.max_depth)?;
        let row = self.path_of.as_deref();
        let path = row.map(|row| view.path(row)).transpose()?.unwrap_or_default();
        let title = self.options.title.clone().unwrap_or_else(|| title(&view));
        let needed = view.classes.len().clamp(1, palette::CLASSES.len());
        let hues = match self.options.colours(needed)? {
            usual if usual.is_empty() => palette::CLASSES.to_vec(),
            own => own,
        };
        let drawing = Drawing {
            view: &view,
            words: &words,
            cut: &cut,
            path: &path,
            row,
            filled: self.filled,
            hues,
            options: &self.options,
        };
        let (svg, size) = drawing.draw(&title)?;
        let alt = alt::alt(&drawing);
        Ok(Figure::new(svg, title, alt, size))
    }

    fn words(&self, view: &View<'_>) -> Result<Words, Error> {
        let (options, classes) = (&self.options, &view.classes);
        let features = match (options.feature_names(view.columns())?, view.feature_names()) {
            (Some(names), _) | (None, Some(names)) => names.to_vec(),
            (None, None) => (0..view.columns()).map(|column| format!("x[{column}]")).collect(),
        };
        let classes = options.class_names(classes.len())?.unwrap_or(classes).to_vec();
        Ok(Words { features, classes, precision: self.precision, impurity: self.impurity })
    }
}

fn title(view: &View<'_>) -> String {
    let kind = if view.is_regressor() { "Regression tree" } else { "Decision tree" };
    let leaves = crate::text::count(view.n_leaves(), "leaf", "leaves");
    match view.n_leaves() {
        1 => format!("{kind}: a single leaf"),
        _ => format!("{kind}: depth {}, {leaves}", view.depth()),
    }
}
