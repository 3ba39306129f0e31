//! Models that hold models.

use super::{Error, Model};

/// How many models may stand inside each other: asking them, and throwing them away, goes through
/// all.
const MOST_DEPTH: usize = 64;

/// How many models one may hold, each counted as often as it is asked: a model that stands in many
/// places, in each of which it holds one that stands in many places, would take forever to answer.
const MOST_MODELS: usize = 1 << 20;

/// How many models a model holds, itself among them.
///
/// ```
/// use picklebook::model::{Model, Nesting};
/// use picklebook::prelude::*;
///
/// let tree = DecisionTreeClassifier::params().fit(&balance_scale())?;
/// assert_eq!(tree.nesting(), Nesting::ALONE);
/// assert_eq!(Nesting::ALONE.models(), 1);
/// # Ok::<(), picklebook::model::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Nesting {
    depth: usize,
    models: usize,
}

impl Nesting {
    /// That of a model that holds no others.
    pub const ALONE: Nesting = Nesting { depth: 1, models: 1 };

    /// How many models stand inside each other.
    pub fn depth(self) -> usize {
        self.depth
    }

    /// How many models there are, each counted as often as it is held.
    pub fn models(self) -> usize {
        self.models
    }

    /// That of a model that holds these.
    ///
    /// # Errors
    /// [`Error::TooMany`] for more than 64 inside each other, or more than 2²⁰ together.
    pub fn of<'a>(models: impl IntoIterator<Item = &'a dyn Model>) -> Result<Nesting, Error> {
        let add = |sum: Nesting, model: &dyn Model| {
            let Nesting { depth, models } = model.nesting();
            let depth = sum.depth.max(depth.saturating_add(1));
            Nesting { depth, models: sum.models.saturating_add(models) }
        };
        let nesting = models.into_iter().fold(Nesting::ALONE, add);
        let (depth, models) = (nesting.depth, nesting.models);
        match (depth, models) {
            (..=MOST_DEPTH, ..=MOST_MODELS) => Ok(nesting),
            (..=MOST_DEPTH, _) => {
                Err(Error::TooMany { what: "models in a model", found: models, most: MOST_MODELS })
            }
            _ => Err(Error::TooMany {
                what: "models inside each other",
                found: depth,
                most: MOST_DEPTH,
            }),
        }
    }
}
