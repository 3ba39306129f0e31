//! What the ROC and the precision-recall picture have in common.

use super::scored::OneClass;
use crate::plot::drawing::axes::Axis;
use crate::plot::drawing::frame::{Beside, Frame};
use crate::plot::drawing::legend::{Entry, REFERENCE, Sample};
use crate::plot::drawing::lines::thinned;
use crate::plot::drawing::marks::look;
use crate::plot::drawing::options::Options;
use crate::plot::drawing::palette;
use crate::plot::drawing::scale::percent_ticks;
use crate::plot::{Error, Figure};

/// The usual size: the area is about square.
const SIZE: (u32, u32) = (640, 470);

/// The curve of one class, in shares from 0 to 1.
pub(super) struct Curve {
    pub(super) points: Vec<(f64, f64)>,
    /// Under the class's name in the legend.
    pub(super) detail: String,
}

/// Both axes, and a reference line with its name.
pub(super) struct Plan {
    pub(super) title: String,
    pub(super) note: String,
    pub(super) alt: String,
    pub(super) axes: [&'static str; 2],
    pub(super) reference: Option<([(f64, f64); 2], &'static str)>,
}

/// Draws the curves of some classes with their names beside them.
pub(super) fn draw(
    plan: Plan,
    classes: &[OneClass],
    curves: &[Curve],
    options: &Options,
) -> Result<Figure, Error> {
    let Plan { title, note, alt, axes: [x_title, y_title], reference } = plan;
    let axis = |title: &str| Axis {
        title: title.into(),
        low: 0.0,
        high: 1.0,
        ticks: Box::new(|most| percent_ticks(0.0, 1.0, most.min(5))),
    };
    let most = classes.iter().map(|class| class.place + 1).max().unwrap_or(1);
    let colours = options.colours(if classes.len() == 1 { 1 } else { most })?;
    // A single curve takes the first look, whichever class it is of.
    let looks: Vec<_> = classes
        .iter()
        .map(|class| look(if classes.len() == 1 { 0 } else { class.place }, &colours))
        .collect();
    let entry = |((look, class), curve): ((&_, &OneClass), &Curve)| Entry {
        sample: Sample::Line(*look),
        name: class.name.clone(),
        detail: curve.detail.clone(),
    };
    let mut legend: Vec<Entry> = looks.iter().zip(classes).zip(curves).map(entry).collect();
    legend.extend(reference.map(|(_, name)| Entry {
        sample: Sample::Reference,
        name: name.into(),
        detail: String::new(),
    }));
    let both = (axis(x_title), axis(y_title));
    let frame = Frame::new((title, &note), both, Beside::Legend(legend), SIZE, options)?;
    frame.draw(alt, |canvas, axes| {
        if let Some((ends, _)) = reference {
            let ends = ends.map(|(x, y)| axes.at(x, y));
            canvas.line(&ends, palette::QUIET, 1, REFERENCE)?;
        }
        for (look, curve) in looks.iter().zip(curves) {
            let points = thinned(curve.points.iter().map(|&(x, y)| axes.at(x, y)));
            canvas.line(&points, look.colour, 2, look.dashes)?;
        }
        Ok(())
    })
}
