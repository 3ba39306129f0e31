//! Which combination of parameters is best: a heat map of two of them, or a curve of one.

use plotters::style::RGBColor;
use plotters::style::text_anchor::HPos;

use super::score_curves::{Line, Lines, capital, places, plain, score};
use crate::model::Parameter;
use crate::model_selection::{Candidate, Scoring, SearchResults};
use crate::plot::drawing::canvas::{Canvas, Lettering, fitted};
use crate::plot::drawing::colour_bar::{ColourBar, FIGURES};
use crate::plot::drawing::heading::{AXIS_TITLE, Heading, LABEL, MARGIN, SMALL, name, widest};
use crate::plot::drawing::options::{Options, shared_options};
use crate::plot::drawing::palette;
use crate::plot::drawing::scale::has_place;
use crate::plot::{Error, Figure};
use crate::text::count;

/// The most values of a parameter that have room.
const MOST_VALUES: usize = 20;

/// Cells up to which the alternative text holds every mean.
const SPELLED_OUT: usize = 24;

/// The least side of a cell, and the usual ones, in pixels.
const LEAST_CELL: (i32, i32) = (26, 26);
const USUAL_CELL: (i32, i32) = (92, 52);

/// From this height on there is room for the standard deviation.
const CELL_WITH_STD: i32 = 44;

/// How wide the cells may become.
const WIDEST: i32 = 520;

/// The widest name of a value, in pixels.
const WIDEST_NAME: i32 = 110;

/// Draws the scores of a grid search: a curve where one parameter was varied, and a heat map of the
/// mean scores where several were.
///
/// Of more than two parameters, the two with the most values are drawn, and each cell is the best
/// combination that has them.
///
/// # Errors
/// As [`GridSearch::draw`].
///
/// ```
/// use picklebook::model_selection::{GridSearch, StratifiedKFold};
/// use picklebook::prelude::{DecisionTreeClassifier, balance_scale, plot};
///
/// let search = GridSearch::new(&DecisionTreeClassifier::params())
///     .vary("max_depth", [2, 4, 6, 8])
///     .vary("min_samples_leaf", [1, 5])
///     .fit(&balance_scale(), &StratifiedKFold::new(5).shuffle(42))?;
/// let figure = plot::grid_search(&search)?;
/// assert!(figure.title().starts_with("Grid search: best accuracy "), "{}", figure.title());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn grid_search<M>(search: &SearchResults<M>) -> Result<Figure, Error> {
    GridSearch::new(search).draw()
}

/// A picture of a grid search, with options.
///
/// ```
/// use picklebook::model_selection::{GridSearch, StratifiedKFold};
/// use picklebook::prelude::{DecisionTreeClassifier, balance_scale, plot};
///
/// let search = GridSearch::new(&DecisionTreeClassifier::params())
///     .vary("criterion", ["gini", "entropy"])
///     .vary("max_depth", [2, 4, 6, 8])
///     .vary("min_samples_leaf", [1, 5])
///     .fit(&balance_scale(), &StratifiedKFold::new(5).shuffle(42))?;
/// let figure = plot::GridSearch::new(&search).axes("max_depth", "criterion").draw()?;
/// assert!(figure.alt().contains("criterion down"), "{}", figure.alt());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct GridSearch<'a> {
    candidates: &'a [Candidate],
    scoring: Scoring,
    best: usize,
    folds: usize,
    axes: Option<(String, String)>,
    options: Options,
}

shared_options!(GridSearch<'_>, labels);

/// A parameter and its values, in the order in which they were given.
struct Varied {
    name: String,
    values: Vec<Parameter>,
}

/// The best combination of a cell: mean, standard deviation and the place among all.
type Cell = Option<(f64, f64, usize)>;

impl<'a> GridSearch<'a> {
    /// A picture of this search.
    pub fn new<M>(search: &'a SearchResults<M>) -> Self {
        GridSearch {
            candidates: search.candidates(),
            scoring: search.scoring(),
            best: search.best_index(),
            folds: search.n_splits(),
            axes: None,
            options: Options::default(),
        }
    }

    /// The parameters across and down.
    pub fn axes(mut self, across: impl Into<String>, down: impl Into<String>) -> Self {
        self.axes = Some((across.into(), down.into()));
        self
    }

    /// Draws the picture. A colour that was set is that of the highest score, and should be dark; of
    /// a curve, it takes two.
    ///
    /// # Errors
    /// [`Error::Empty`] when no parameter was varied, [`Error::NoColumn`] for a name that was not,
    /// [`Error::SameColumn`] for one on both axes, [`Error::TooMany`] past 20 values (or 1,000 of a
    /// curve), [`Error::NotFinite`] for a score that has no place on a scale, [`Error::Size`],
    /// [`Error::Colour`].
    pub fn draw(self) -> Result<Figure, Error> {
        let varied = self.varied();
        if let ([alone], None) = (&*varied, &self.axes) {
            return self.curve(alone);
        }
        let (across, down) = self.two(&varied)?;
        for axis in [across, down] {
            let found = axis.values.len();
            if found > MOST_VALUES {
                return Err(Error::TooMany { what: "values", found, most: MOST_VALUES });
            }
        }
        let cells = self.cells(across, down)?;
        let layout = Layout::new(&self, (across, down), &cells, varied.len() > 2)?;
        let title = layout.title.clone();
        let svg = Canvas::draw(layout.size, &title, |canvas| layout.draw(canvas, &cells))?;
        let alt = self.alt((across, down), &cells, varied.len());
        Ok(Figure::new(svg, title, alt, layout.size))
    }

    /// The parameters with their values.
    fn varied(&self) -> Vec<Varied> {
        let mut varied: Vec<Varied> = Vec::new();
        for candidate in self.candidates {
            for (place, (name, value)) in candidate.parameters.iter().enumerate() {
                if place == varied.len() {
                    varied.push(Varied { name: name.to_owned(), values: Vec::new() });
                }
                let Some(own) = varied.get_mut(place) else { continue };
                if own.values.len() <= 1_000 && !own.values.contains(value) {
                    own.values.push(value.clone());
                }
            }
        }
        varied
    }

    fn two<'v>(&self, varied: &'v [Varied]) -> Result<(&'v Varied, &'v Varied), Error> {
        let named = |name: &String| {
            let names = || varied.iter().map(|it| it.name.clone()).collect::<Vec<_>>().join(", ");
            varied
                .iter()
                .find(|it| it.name == *name)
                .ok_or_else(|| Error::NoColumn { column: name.clone(), columns: names() })
        };
        if let Some((across, down)) = &self.axes {
            return match across == down {
                true => Err(Error::SameColumn { column: across.clone() }),
                false => Ok((named(across)?, named(down)?)),
            };
        }
        let mut by_values: Vec<&Varied> = varied.iter().collect();
        by_values.sort_by_key(|it| std::cmp::Reverse(it.values.len()));
        match *by_values {
            [across, down, ..] => Ok((across, down)),
            _ => Err(Error::Empty { what: "parameters that were varied" }),
        }
    }

    /// The best combination for each pair of values, line by line.
    fn cells(&self, across: &Varied, down: &Varied) -> Result<Vec<Vec<Cell>>, Error> {
        let mut cells = vec![vec![None; across.values.len()]; down.values.len()];
        for (place, candidate) in self.candidates.iter().enumerate() {
            let (mean, std) = (candidate.mean_test_score(), candidate.std_test_score());
            if !(has_place(mean) && has_place(std)) {
                return Err(Error::NotFinite { what: "mean score".into(), place, value: mean });
            }
            let at = |axis: &Varied| {
                let value = candidate.parameters.get(&axis.name)?;
                axis.values.iter().position(|other| other == value)
            };
            let cell = at(down).zip(at(across)).and_then(|(row, column)| {
                cells.get_mut(row).and_then(|row: &mut Vec<Cell>| row.get_mut(column))
            });
            if let Some(cell) = cell
                && cell.is_none_or(|(best, ..)| mean > best)
            {
                *cell = Some((mean, std, place));
            }
        }
        Ok(cells)
    }

    fn curve(&self, alone: &Varied) -> Result<Figure, Error> {
        let of = |value: fn(&Candidate) -> f64| self.candidates.iter().map(value).collect();
        let train = self.candidates.iter().all(|candidate| !candidate.train_scores.is_empty());
        let values: Vec<Parameter> = self
            .candidates
            .iter()
            .filter_map(|candidate| candidate.parameters.get(&alone.name).cloned())
            .collect();
        let lines = Lines {
            kind: "Grid search",
            along: alone.name.clone(),
            what: ("value", "values"),
            places: places(&values),
            names: values.iter().map(plain).collect(),
            folds: self.folds,
            scoring: self.scoring,
            train: train.then(|| {
                Line::new(of(Candidate::mean_train_score), of(Candidate::std_train_score))
            }),
            held_out: Line::new(of(Candidate::mean_test_score), of(Candidate::std_test_score)),
            best: Some(self.best),
        };
        lines.draw(&self.options)
    }

    /// The best score, and the values that gave it.
    fn found(&self) -> String {
        let Some(best) = self.candidates.get(self.best) else { return String::new() };
        let values = best.parameters.iter().map(|(key, value)| format!("{key} {}", plain(value)));
        format!(
            "best {} {} with {}",
            self.scoring.words(),
            score(self.scoring, best.mean_test_score()),
            values.collect::<Vec<_>>().join(", ")
        )
    }

    fn alt(
        &self,
        (across, down): (&Varied, &Varied),
        cells: &[Vec<Cell>],
        varied: usize,
    ) -> String {
        let words = self.scoring.words();
        let listed = |axis: &Varied| axis.values.iter().map(plain).collect::<Vec<_>>().join(", ");
        let mut said = vec![format!(
            "Grid search, a heat map of the mean {words} of {}: {} across ({}), {} down ({}). Of {}, \
             the {}.",
            count(self.folds, "fold", "folds"),
            name(&across.name),
            listed(across),
            name(&down.name),
            listed(down),
            count(self.candidates.len(), "combination", "combinations"),
            self.found(),
        )];
        if varied > 2 {
            said.push("Each cell is the best combination that has its values.".to_owned());
        }
        let known = cells.iter().flatten().flatten();
        if let Some(worst) = known.map(|(mean, ..)| *mean).min_by(f64::total_cmp) {
            said.push(format!("The lowest cell is {}.", score(self.scoring, worst)));
        }
        if across.values.len() * down.values.len() <= SPELLED_OUT {
            let line = |(value, row): (&Parameter, &Vec<Cell>)| {
                let means = row.iter().flatten().map(|(mean, ..)| score(self.scoring, *mean));
                let (value, means) = (plain(value), means.collect::<Vec<_>>().join(", "));
                format!("{} {value}: {means}", name(&down.name))
            };
            let lines: Vec<String> = down.values.iter().zip(cells).map(line).collect();
            said.push(format!("{}.", lines.join("; ")));
        }
        said.join(" ")
    }
}

/// Where everything stands.
struct Layout {
    title: String,
    heading: Heading,
    scoring: Scoring,
    best: usize,
    across: Vec<String>,
    down: Vec<String>,
    labels: [String; 2],
    cell: (i32, i32),
    left: i32,
    top: i32,
    /// The lowest and the highest mean.
    range: (f64, f64),
    darkest: Option<RGBColor>,
    size: (u32, u32),
}

impl Layout {
    fn new(
        search: &GridSearch<'_>,
        (across, down): (&Varied, &Varied),
        cells: &[Vec<Cell>],
        best_of_others: bool,
    ) -> Result<Self, Error> {
        let options = &search.options;
        let scoring = search.scoring;
        let (columns, rows) = (across.values.len() as i32, down.values.len() as i32);
        let names = |axis: &Varied, room: i32| -> Vec<String> {
            axis.values.iter().map(|value| fitted(&plain(value), LABEL, room)).collect()
        };
        let down_names = names(down, WIDEST_NAME);
        let usual_cell = (
            (WIDEST / columns.max(1)).clamp(LEAST_CELL.0, USUAL_CELL.0),
            (420 / rows.max(1)).clamp(LEAST_CELL.1, USUAL_CELL.1),
        );
        let means: Vec<f64> = cells.iter().flatten().flatten().map(|(mean, ..)| *mean).collect();
        let low = means.iter().copied().fold(f64::INFINITY, f64::min);
        let high = means.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let figures: Vec<String> = [low, high].map(|mean| score(scoring, mean)).into();
        let beside = ColourBar::WIDTH + FIGURES + widest(&figures, SMALL) + MARGIN;
        let left = MARGIN + AXIS_TITLE as i32 + 14 + widest(&down_names, LABEL) + 10;
        let width = (left + usual_cell.0 * columns + beside).max(460);
        let title =
            options.title.clone().unwrap_or_else(|| format!("Grid search: {}", search.found()));
        let note = match best_of_others {
            true => {
                "Each cell: the best combination that has its values. The frame: the best of all."
            }
            false => "Each cell: the mean of all folds. The frame: the best of all.",
        };
        let heading = Heading::new(&title, note, options.width(width as u32));
        let top = heading.bottom();
        let below = LABEL as i32 + 12 + 12 + AXIS_TITLE as i32 + MARGIN;
        let usual = (width as u32, (top + usual_cell.1 * rows + below) as u32);
        let least = (
            (left + LEAST_CELL.0 * columns + beside) as u32,
            (top + (LEAST_CELL.1 * rows).max(60) + below) as u32,
        );
        let size = options.size(usual, least)?;
        let cell = match options.size {
            None => (usual_cell.0, usual_cell.1.max(60 / rows.max(1))),
            Some((width, height)) => (
                (width as i32 - left - beside) / columns.max(1),
                (height as i32 - top - below) / rows.max(1),
            ),
        };
        let across_names = names(across, cell.0 - 6);
        let darkest = options.colours(1)?.first().copied();
        Ok(Layout {
            title,
            heading,
            scoring,
            best: search.best,
            across: across_names,
            down: down_names,
            labels: options.labels(name(&across.name), name(&down.name)),
            cell,
            left,
            top,
            range: (low, high),
            darkest,
            size,
        })
    }

    fn colour(&self, share: f64) -> RGBColor {
        match self.darkest {
            Some(colour) => palette::tint(colour, 0.06 + 0.94 * share),
            None => palette::sequential(0.06 + 0.94 * share),
        }
    }

    /// Where a mean is between the lowest and the highest.
    fn share(&self, mean: f64) -> f64 {
        let (low, high) = self.range;
        if high > low { (mean - low) / (high - low) } else { 0.5 }
    }

    fn corner(&self, row: usize, column: usize) -> (i32, i32) {
        (self.left + column as i32 * self.cell.0, self.top + row as i32 * self.cell.1)
    }

    fn draw(&self, canvas: &Canvas<'_>, cells: &[Vec<Cell>]) -> Result<(), Error> {
        self.heading.draw(canvas)?;
        let mut framed = None;
        for (row, line) in cells.iter().enumerate() {
            for (column, cell) in line.iter().enumerate() {
                let Some((mean, std, place)) = cell else { continue };
                let from = self.corner(row, column);
                self.draw_cell(canvas, from, *mean, *std)?;
                if *place == self.best {
                    framed = Some(from);
                }
            }
        }
        let end = self.corner(self.down.len(), self.across.len());
        canvas.outlined((self.left, self.top), end, palette::LINE)?;
        if let Some((x, y)) = framed {
            let (right, bottom) = (x + self.cell.0, y + self.cell.1);
            let frame = [(x, y), (right, y), (right, bottom), (x, bottom), (x, y)];
            canvas.line(&frame, RGBColor(0xff, 0xff, 0xff), 6, &[])?;
            canvas.line(&frame, palette::INK, 3, &[])?;
        }
        let label = Lettering::new(LABEL);
        for (column, name) in self.across.iter().enumerate() {
            let (x, _) = self.corner(0, column);
            let below = (x + self.cell.0 / 2, end.1 + 10 + LABEL as i32 / 2);
            canvas.text(name, below, label)?;
        }
        let beside = Lettering { align: HPos::Right, ..label };
        for (row, name) in self.down.iter().enumerate() {
            let (x, y) = self.corner(row, 0);
            canvas.text(name, (x - 10, y + self.cell.1 / 2), beside)?;
        }
        let axis = Lettering::bold(AXIS_TITLE);
        let [across, down] = &self.labels;
        let across = axis.fitted(across, end.0 - self.left);
        let below = end.1 + LABEL as i32 + 12 + 12 + AXIS_TITLE as i32 / 2;
        canvas.text(&across, ((self.left + end.0) / 2, below), axis)?;
        // A few lines are lower than the name of a parameter is long.
        let bottom = self.size.1 as i32 - MARGIN;
        let middle = (self.top + end.1) / 2;
        let room = 2 * (middle - self.top + 10).min(bottom - middle);
        let down = axis.fitted(down, room);
        let before = MARGIN + AXIS_TITLE as i32 / 2;
        canvas.text(&down, (before, middle), Lettering { upward: true, ..axis })?;
        self.draw_bar(canvas, end)
    }

    fn draw_cell(
        &self,
        canvas: &Canvas<'_>,
        from: (i32, i32),
        mean: f64,
        std: f64,
    ) -> Result<(), Error> {
        let (width, height) = self.cell;
        let to = (from.0 + width, from.1 + height);
        let colour = self.colour(self.share(mean));
        canvas.filled(from, to, colour)?;
        canvas.outlined(from, to, RGBColor(0xff, 0xff, 0xff))?;
        let (x, y) = (from.0 + width / 2, from.1 + height / 2);
        let text_colour = palette::text_on(colour);
        let written = |lettering: Lettering, text: String| {
            let lettering = Lettering { colour: text_colour, ..lettering };
            (lettering.width(&text) <= width - 6).then_some((text, lettering))
        };
        let short = |mean: f64| match self.scoring.is_share() {
            true => format!("{:.0} %", 100.0 * mean),
            false => format!("{mean:.1e}"),
        };
        let large =
            if height >= CELL_WITH_STD { Lettering::bold(LABEL) } else { Lettering::new(SMALL) };
        let text =
            written(large, score(self.scoring, mean)).or_else(|| written(large, short(mean)));
        let deviation = match self.scoring.is_share() {
            true => format!("± {:.1}", 100.0 * std),
            false => format!("± {}", score(self.scoring, std)),
        };
        let below = written(Lettering::new(SMALL), deviation).filter(|_| height >= CELL_WITH_STD);
        let up = if below.is_some() { 9 } else { 0 };
        if let Some((text, lettering)) = text {
            canvas.text(&text, (x, y - up), lettering)?;
        }
        if let Some((text, lettering)) = below {
            canvas.text(&text, (x, y + 10), lettering)?;
        }
        Ok(())
    }

    /// The colour scale, as high as the cells.
    fn draw_bar(&self, canvas: &Canvas<'_>, (right, bottom): (i32, i32)) -> Result<(), Error> {
        let bar = ColourBar { right, top: self.top, bottom };
        let (low, high) = self.range;
        let least = (score(self.scoring, low), bottom - 6);
        let most = (high > low).then(|| (score(self.scoring, high), self.top + 6));
        bar.draw(canvas, |share| self.colour(share), [Some(least), most].into_iter().flatten())?;
        // Between the figures.
        let room = bar.height() - 36;
        if room <= 40 {
            return Ok(());
        }
        let words = capital(&format!("Mean {}", self.scoring.words()));
        bar.draw_meaning(canvas, &Lettering::new(SMALL).fitted(&words, room), 0)
    }
}
