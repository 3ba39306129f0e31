//! How accurate trees of different depths are.

use super::accuracy::{accuracy_axis, percent};
use crate::data::Split;
use crate::plot::drawing::axes::Axis;
use crate::plot::drawing::frame::{Beside, Frame, SIZE};
use crate::plot::drawing::lines::{draw_end_names, end_names_room};
use crate::plot::drawing::marks::{look, mark};
use crate::plot::drawing::options::{Options, shared_options};
use crate::plot::drawing::palette;
use crate::plot::drawing::scale::{ticks, widened};
use crate::plot::{Error, Figure};
use crate::text::count;
use crate::tree::DecisionTreeClassifierParams;

/// The most depths that are tried.
const MOST_DEPTHS: usize = 1_000;

/// Depths up to which the alternative text holds every figure.
const SPELLED_OUT: usize = 12;

/// Fits a tree of each depth on the train rows, and draws how accurate it is on these and on the
/// test rows: where the first line goes on rising and the second does not, the tree overfits.
///
/// # Errors
/// As [`AccuracyByDepth::draw`].
///
/// ```
/// use picklebook::prelude::*;
///
/// let split = train_test_split(&balance_scale(), 0.3, 100)?;
/// let figure = plot::accuracy_by_depth(&DecisionTreeClassifier::params(), &split, 1..=6)?;
/// assert!(figure.title().starts_with("Accuracy by depth: best on the test rows at depth "));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn accuracy_by_depth(
    params: &DecisionTreeClassifierParams,
    split: &Split,
    depths: impl IntoIterator<Item = usize>,
) -> Result<Figure, Error> {
    AccuracyByDepth::new(params, split, depths).draw()
}

/// A picture of the accuracy by depth, with options.
///
/// ```
/// use picklebook::prelude::*;
///
/// let split = train_test_split(&balance_scale(), 0.3, 100)?;
/// let params = DecisionTreeClassifier::params().criterion(Criterion::Entropy);
/// let figure = plot::AccuracyByDepth::new(&params, &split, [1, 2, 4, 8]).size(500, 320).draw()?;
/// assert_eq!(figure.size(), (500, 320));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct AccuracyByDepth<'a> {
    params: &'a DecisionTreeClassifierParams,
    split: &'a Split,
    depths: Vec<usize>,
    options: Options,
}

shared_options!(AccuracyByDepth<'_>, labels);

impl<'a> AccuracyByDepth<'a> {
    /// The accuracy of trees with these parameters, one for each of the depths, in any order.
    pub fn new(
        params: &'a DecisionTreeClassifierParams,
        split: &'a Split,
        depths: impl IntoIterator<Item = usize>,
    ) -> Self {
        // One more than can be drawn, so that an endless range is refused.
        let mut depths: Vec<usize> = depths.into_iter().take(MOST_DEPTHS + 1).collect();
        depths.sort_unstable();
        depths.dedup();
        AccuracyByDepth { params, split, depths, options: Options::default() }
    }

    /// Fits the trees and draws the picture.
    ///
    /// # Errors
    /// [`Error::Empty`] without depths, [`Error::TooMany`] past 1,000, [`Error::Model`] when a
    /// tree cannot be fitted or asked, [`Error::Length`] for a single colour, [`Error::Size`],
    /// [`Error::Colour`].
    pub fn draw(self) -> Result<Figure, Error> {
        let depths = &self.depths;
        if depths.len() > MOST_DEPTHS {
            let (what, found) = ("depths", depths.len());
            return Err(Error::TooMany { what, found, most: MOST_DEPTHS });
        }
        let (train, test) = self.scores()?;
        let best = first_best(&test).ok_or(Error::Empty { what: "depths" })?;
        let at = |scores: &[f64], place: usize| scores.get(place).copied().unwrap_or(0.0);
        let depth = |place: usize| depths.get(place).copied().unwrap_or(0);
        let title = format!(
            "Accuracy by depth: best on the test rows at depth {} ({})",
            depth(best),
            percent(at(&test, best))
        );
        let (first, last) = (depth(0) as f64, depth(depths.len() - 1) as f64);
        let (left, right) = widened(first, last, 0.03);
        let x = Axis {
            title: "Depth of the tree at most".into(),
            low: left,
            high: right,
            ticks: Box::new(move |most| ticks(left, right, most, true)),
        };
        let y = accuracy_axis(train.iter().chain(&test).copied());
        let end = depths.len() - 1;
        let names = [("train", &train), ("test", &test)]
            .map(|(name, scores)| format!("{name} {}", percent(at(scores, end))));
        let colours = self.options.colours(2)?;
        let frame = Frame::new(
            (title, ""),
            (x, y),
            Beside::Room(end_names_room(&names)),
            SIZE,
            &self.options,
        )?;
        let alt = alt(depths, &train, &test, best);
        let depths = depths.clone();
        frame.draw(alt, |canvas, axes| {
            let points = |scores: &[f64]| -> Vec<_> {
                depths.iter().zip(scores).map(|(&d, &s)| axes.at(d as f64, s)).collect()
            };
            let lines = [points(&train), points(&test)];
            // From the best tree down to its depth.
            if let Some(&(x, y)) = lines[1].get(best) {
                canvas.line(&[(x, y), (x, axes.y.from)], palette::QUIET, 1, &[3, 4])?;
                canvas.ring((x, y), 9, palette::INK)?;
            }
            let mut ends = [0; 2];
            for ((class, line), end) in lines.iter().enumerate().zip(&mut ends) {
                let look = look(class, &colours);
                canvas.line(line, look.colour, 2, look.dashes)?;
                let marked = if depths.len() <= 60 { line.as_slice() } else { &[] };
                for &point in marked {
                    mark(canvas, point, 4, look.shape, look.colour)?;
                }
                *end = line.last().map_or(0, |point| point.1);
            }
            draw_end_names(canvas, axes, &names, &mut ends)
        })
    }

    /// The accuracy on the train and on the test rows for each depth.
    fn scores(&self) -> Result<(Vec<f64>, Vec<f64>), Error> {
        let Split { train, test, .. } = self.split;
        let mut scores = (Vec::new(), Vec::new());
        for &depth in &self.depths {
            let tree = self.params.clone().max_depth(depth).fit(train)?;
            scores.0.push(tree.score(train)?);
            scores.1.push(tree.score(test)?);
        }
        Ok(scores)
    }
}

/// The place of the highest score; of the first, if there are several.
fn first_best(scores: &[f64]) -> Option<usize> {
    let all = scores.iter().enumerate();
    all.fold(None, |best: Option<(usize, f64)>, (place, &score)| match best {
        Some((_, most)) if score <= most => best,
        _ => Some((place, score)),
    })
    .map(|best| best.0)
}

fn alt(depths: &[usize], train: &[f64], test: &[f64], best: usize) -> String {
    let at = |scores: &[f64], place: usize| percent(scores.get(place).copied().unwrap_or(0.0));
    let last = depths.len() - 1;
    let depth = |place: usize| depths.get(place).copied().unwrap_or(0);
    let mut words = vec![format!(
        "Accuracy by depth, a line chart of {}: depth from {} to {} across, accuracy up, one \
         line for the train rows (whole, discs) and one for the test rows (dashed, squares). The \
         train line goes from {} to {}, the test line from {} to {}; the test rows are best at \
         depth {}, with {}.",
        count(depths.len(), "tree", "trees"),
        depth(0),
        depth(last),
        at(train, 0),
        at(train, last),
        at(test, 0),
        at(test, last),
        depth(best),
        at(test, best)
    )];
    if depths.len() <= SPELLED_OUT {
        let line = |(place, depth): (usize, &usize)| {
            format!("depth {depth}: {} and {}", at(train, place), at(test, place))
        };
        let lines: Vec<String> = depths.iter().enumerate().map(line).collect();
        words.push(format!("Train and test: {}.", lines.join("; ")));
    }
    words.join(" ")
}
