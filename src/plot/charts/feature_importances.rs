//! How much each feature counts.

use crate::plot::drawing::bars::{Bar, Bars, Group};
use crate::plot::drawing::heading::name;
use crate::plot::drawing::options::{Options, shared_options};
use crate::plot::drawing::palette;
use crate::plot::drawing::scale::{number, ticks};
use crate::plot::{Error, Figure, Importances};
use crate::text::{self, count};

/// The most features that have a bar by default.
const MOST_SHOWN: usize = 15;

/// Features that the alternative text names.
const SPELLED_OUT: usize = 6;

/// Draws how much each feature counts in a model, the most important first. With more than 15
/// features, the others share one bar.
///
/// # Errors
/// As [`FeatureImportances::draw`].
///
/// ```
/// use picklebook::prelude::*;
///
/// let tree = DecisionTreeClassifier::params().max_depth(3).fit(&balance_scale())?;
/// let figure = plot::feature_importances(&tree)?;
/// assert!(figure.title().starts_with("Feature importances: "));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn feature_importances(importances: impl Into<Importances>) -> Result<Figure, Error> {
    FeatureImportances::new(importances).draw()
}

/// A picture of feature importances, with options.
///
/// ```
/// use picklebook::plot;
///
/// let figure = plot::FeatureImportances::new(vec![("weight", 0.7), ("distance", 0.3)])
///     .title("What the tree looks at")
///     .size(500, 200 + 60)
///     .draw()?;
/// assert_eq!(figure.size(), (500, 260));
/// # Ok::<(), plot::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct FeatureImportances {
    importances: Importances,
    most: usize,
    options: Options,
}

shared_options!(FeatureImportances, labels, feature_names);

impl FeatureImportances {
    /// The importances of a tree, or pairs of a name and a number.
    pub fn new(importances: impl Into<Importances>) -> Self {
        let options = Options::default();
        FeatureImportances { importances: importances.into(), most: MOST_SHOWN, options }
    }

    /// How many features have a bar of their own, at most; 15 by default.
    pub fn max_features(mut self, most: usize) -> Self {
        self.most = most.max(1);
        self
    }

    /// Draws the picture.
    ///
    /// # Errors
    /// [`Error::Empty`] without features, [`Error::NoShare`] for an importance outside 0 to
    /// 1, [`Error::Length`] unless there is one name for each feature, [`Error::Size`],
    /// [`Error::Colour`].
    pub fn draw(self) -> Result<Figure, Error> {
        let pairs = self.importances.pairs();
        if pairs.is_empty() {
            return Err(Error::Empty { what: "features" });
        }
        let no_share = |(_, value): &(String, f64)| !(0.0..=1.0 + 1e-9).contains(value);
        if let Some(place) = pairs.iter().position(no_share) {
            let value = pairs.get(place).map_or(f64::NAN, |pair| pair.1);
            return Err(Error::NoShare { what: "importance", place, value });
        }
        let names = self.options.feature_names(pairs.len())?.unwrap_or_default();
        let renamed = |(place, (feature, value)): (usize, &(String, f64))| {
            (names.get(place).unwrap_or(feature).clone(), *value)
        };
        let pairs: Vec<(String, f64)> = pairs.iter().enumerate().map(renamed).collect();
        let mut sorted: Vec<&(String, f64)> = pairs.iter().collect();
        sorted.sort_by(|a, b| b.1.total_cmp(&a.1));
        let (shown, rest) = sorted.split_at(self.most.min(sorted.len()));

        let colour = self.options.colours(1)?.first().copied().unwrap_or(palette::CLASSES[0]);
        let bar = |value: f64, hollow| Bar { value, text: short(value), colour, hollow };
        let group =
            |name, value, hollow| Group { name, bold: false, bars: vec![bar(value, hollow)] };
        let mut groups: Vec<Group> =
            shown.iter().map(|(feature, value)| group(name(feature), *value, false)).collect();
        let others: f64 = rest.iter().map(|pair| pair.1).sum();
        if !rest.is_empty() {
            groups.push(group(count(rest.len(), "other", "others"), others, true));
        }
        let note = match rest.len() {
            0 => String::new(),
            left => format!(
                "The {} of {}; the last bar is the sum of the other {}.",
                shown.len(),
                count(sorted.len(), "feature", "features"),
                text::grouped(left)
            ),
        };
        let axis = "Importance".to_owned();
        let ticks = |most, marks| ticks(0.0, most, marks, false);
        let bars = Bars { groups, axis, ticks, least: 0.0 };
        let alt = alt(&sorted, shown.len(), others);
        bars.draw((title(shown), &note), alt, &self.options)
    }
}

/// Two significant digits.
fn short(value: f64) -> String {
    match value {
        0.1.. => format!("{value:.2}"),
        value => number(format!("{value:.1e}").parse().unwrap_or(value)),
    }
}

fn title(sorted: &[&(String, f64)]) -> String {
    match sorted.first() {
        Some((feature, value)) if *value > 0.0 => {
            format!("Feature importances: {} counts most ({})", name(feature), short(*value))
        }
        _ => "Feature importances: the model splits on none".into(),
    }
}

fn alt(sorted: &[&(String, f64)], shown: usize, others: f64) -> String {
    let largest = sorted.first().map_or(0.0, |pair| pair.1);
    let mut words = vec![format!(
        "Feature importances, horizontal bars from 0 to {}, the largest first, of {}.",
        short(largest),
        count(sorted.len(), "feature", "features")
    )];
    if largest == 0.0 {
        words.push("All are 0: the model splits on none.".into());
        return words.join(" ");
    }
    let named = sorted.iter().take(SPELLED_OUT.min(shown));
    let named: Vec<String> =
        named.map(|(feature, value)| format!("{} {}", name(feature), short(*value))).collect();
    words.push(format!(
        "{}{}.",
        named.join(", "),
        if sorted.len() > named.len() { ", …" } else { "" }
    ));
    let unused = sorted.iter().filter(|pair| pair.1 == 0.0).count();
    if unused > 0 {
        let (features, are) =
            (count(unused, "feature", "features"), if unused == 1 { "is" } else { "are" });
        words.push(format!("{features} {are} not used."));
    }
    if shown < sorted.len() {
        let left = text::grouped(sorted.len() - shown);
        words.push(format!("The {left} least important are one bar of {}.", short(others)));
    }
    words.join(" ")
}
