//! Each of some columns through a transformer of its own.

use std::sync::Arc;

use super::Error;
use crate::data::Frame;
use crate::model::{Abilities, Model, Nesting, Parameters, SklearnVersion, Transformer, distinct};
use crate::preprocessing::TransformerParts;

/// Which columns of a table a step takes.
#[derive(Debug, Clone, PartialEq)]
pub enum Selection {
    /// Those with these names.
    Names(Vec<String>),
    /// Those at these places; negative ones count from the end.
    Places(Vec<i64>),
    /// From one place to before another, in steps, as Python's `slice`.
    Slice {
        /// The first place; negative ones count from the end.
        start: Option<i64>,
        /// The place before which it ends.
        stop: Option<i64>,
        /// From one place to the next; 1 by default.
        step: Option<i64>,
    },
    /// From one name to another, both included.
    NameSlice {
        /// The first name, or the first column.
        start: Option<String>,
        /// The last name, or the last column.
        stop: Option<String>,
    },
    /// Those for which it says so.
    Mask(Vec<bool>),
}

impl<const N: usize> From<[&str; N]> for Selection {
    fn from(names: [&str; N]) -> Self {
        Selection::Names(names.iter().map(|&name| name.to_owned()).collect())
    }
}

impl<const N: usize> From<[i64; N]> for Selection {
    fn from(places: [i64; N]) -> Self {
        Selection::Places(places.to_vec())
    }
}

/// The places that Python's `range(*slice(start, stop, step).indices(count))` has.
fn slice(
    start: Option<i64>,
    stop: Option<i64>,
    step: Option<i64>,
    count: usize,
) -> Option<Vec<i64>> {
    let (step, count) = (step.unwrap_or(1), i64::try_from(count).ok()?);
    if step == 0 {
        return None;
    }
    let (least, most) = if step > 0 { (0, count) } else { (-1, count - 1) };
    let within = |place: i64| {
        let place = if place < 0 { place.saturating_add(count) } else { place };
        place.clamp(least, most)
    };
    let (first, end) = if step > 0 { (least, most) } else { (most, least) };
    let mut place = start.map_or(first, within);
    let end = stop.map_or(end, within);
    let mut places = Vec::new();
    while if step > 0 { place < end } else { place > end } {
        places.push(place);
        place = place.saturating_add(step);
    }
    Some(places)
}

impl Selection {
    /// How many columns of a table it takes, if they are there.
    pub(crate) fn width(&self, count: usize, names: Option<&[String]>) -> Option<usize> {
        self.places(count, names).ok().map(|places| places.len())
    }

    /// The places of the columns in a table of `count` columns with these names.
    pub(crate) fn places(
        &self,
        count: usize,
        names: Option<&[String]>,
    ) -> Result<Vec<usize>, Error> {
        let wrong = |problem: String| Error::Model { problem };
        let named = |name: &String| {
            let names = names.ok_or_else(|| {
                wrong(format!("it takes the column {name:?}, but knows no names of columns"))
            })?;
            names
                .iter()
                .position(|own| own == name)
                .ok_or_else(|| wrong(format!("it takes the column {name:?}, which is not there")))
        };
        let at = |&place: &i64| {
            let from_end = if place < 0 { place.saturating_add(count as i64) } else { place };
            let place_of = usize::try_from(from_end).ok().filter(|&place| place < count);
            place_of.ok_or_else(|| wrong(format!("it takes column {place}, of {count} columns")))
        };
        match self {
            Selection::Names(names) => names.iter().map(named).collect(),
            Selection::Places(places) => places.iter().map(at).collect(),
            Selection::Slice { start, stop, step } => slice(*start, *stop, *step, count)
                .ok_or_else(|| wrong("it takes columns in steps of 0".to_owned()))?
                .iter()
                .map(at)
                .collect(),
            Selection::NameSlice { start, stop } => {
                let first = start.as_ref().map_or(Ok(0), named)?;
                let end = stop.as_ref().map_or(Ok(count), |name| named(name).map(|it| it + 1))?;
                Ok((first..end).collect())
            }
            Selection::Mask(mask) if mask.len() == count => {
                Ok((0..count).filter(|&place| mask[place]).collect())
            }
            Selection::Mask(mask) => {
                let (what, found) = ("columns of a mask", mask.len());
                Err(Error::Length { what, expected: count, found })
            }
        }
    }
}

/// What becomes of some columns.
#[derive(Debug, Clone)]
pub enum ColumnStep {
    /// They are left out.
    Drop,
    /// They stay as they are.
    Passthrough,
    /// A transformer makes others of them.
    Model(Arc<dyn Model>),
}

/// The same step; of models, the very same.
impl PartialEq for ColumnStep {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (ColumnStep::Drop, ColumnStep::Drop) => true,
            (ColumnStep::Passthrough, ColumnStep::Passthrough) => true,
            (ColumnStep::Model(own), ColumnStep::Model(other)) => Arc::ptr_eq(own, other),
            _ => false,
        }
    }
}

/// A step with its columns.
#[derive(Debug, Clone, PartialEq)]
struct Part {
    name: String,
    step: ColumnStep,
    selection: Selection,
    places: Vec<usize>,
}

impl Part {
    fn model(&self) -> Option<&dyn Model> {
        match &self.step {
            ColumnStep::Model(model) => Some(model.as_ref()),
            ColumnStep::Drop | ColumnStep::Passthrough => None,
        }
    }
}

/// scikit-learn's `ColumnTransformer`: what its steps make of their columns, side by side. See the
/// [room's](crate::pipeline) example.
///
/// The columns of a table with names are found by name, in whatever order they stand, where the
/// fit knew names; else by place.
#[derive(Debug, Clone, PartialEq)]
pub struct ColumnTransformer {
    fitted: TransformerParts,
    parts: Vec<Part>,
    width: usize,
    nesting: Nesting,
    /// Whether Python keeps what it makes without zeros: `sparse_output_`.
    sparse: bool,
    /// Whether columns are named with their step's name before their own:
    /// `verbose_feature_names_out`. `None` where Python would compute the names.
    verbose: Option<bool>,
}

impl ColumnTransformer {
    /// Checks the parts and puts a transformer together. The steps are `transformers_`, the last
    /// of which may be the remainder.
    ///
    /// # Errors
    /// [`Error::Model`] for columns that are not there, and for a model that cannot transform,
    /// [`Error::Length`] for one of another number of columns than are selected, and unless there
    /// is a name for each column.
    pub fn from_parts(
        fitted: TransformerParts,
        steps: Vec<(String, ColumnStep, Selection)>,
    ) -> Result<Self, Error> {
        let names = fitted.feature_names.as_deref();
        crate::tree::check::within("columns", fitted.n_features, crate::tree::check::MOST_COLUMNS)?;
        crate::tree::check::names(names, fitted.n_features)?;
        let mut width = 0_usize;
        let mut parts = Vec::with_capacity(steps.len());
        for (name, step, selection) in steps {
            let places = match step {
                // what is left out need not be there
                ColumnStep::Drop => Vec::new(),
                _ => selection.places(fitted.n_features, names)?,
            };
            let made = match &step {
                ColumnStep::Drop => 0,
                ColumnStep::Passthrough => places.len(),
                // scikit-learn does not fit a transformer of no columns, nor ask it
                ColumnStep::Model(_) if places.is_empty() => 0,
                ColumnStep::Model(model) => {
                    let Some(transformer) = model.abilities().transformer else {
                        let problem =
                            format!("its step {name:?}, a {}, cannot transform", model.name());
                        return Err(Error::Model { problem });
                    };
                    if model.n_features() != places.len() {
                        let (what, found) = ("columns of a step", places.len());
                        return Err(Error::Length { what, expected: model.n_features(), found });
                    }
                    transformer.n_features_out()
                }
            };
            width = width.saturating_add(made);
            parts.push(Part { name, step, selection, places });
        }
        crate::tree::check::within("columns", width, crate::tree::check::MOST_COLUMNS)?;
        let nesting = Nesting::of(parts.iter().filter_map(Part::model))?;
        let (sparse, verbose) = (false, Some(true));
        Ok(ColumnTransformer { fitted, parts, width, nesting, sparse, verbose })
    }

    /// The same transformer, whose table Python keeps without zeros or not, and whose columns have
    /// the names of their steps before their own or not.
    pub(crate) fn with_output(mut self, sparse: bool, verbose: Option<bool>) -> Self {
        (self.sparse, self.verbose) = (sparse, verbose);
        self
    }

    /// The steps, with their names and columns.
    pub fn steps(&self) -> impl ExactSizeIterator<Item = (&str, &ColumnStep, &Selection)> {
        self.parts.iter().map(|part| (part.name.as_str(), &part.step, &part.selection))
    }

    /// The scikit-learn that fitted it.
    pub fn version(&self) -> SklearnVersion {
        self.fitted.version
    }

    /// The parameters of the fit.
    pub fn parameters(&self) -> &Parameters {
        &self.fitted.parameters
    }
}

impl Model for ColumnTransformer {
    fn name(&self) -> &'static str {
        "ColumnTransformer"
    }

    fn nesting(&self) -> Nesting {
        self.nesting
    }

    fn n_features(&self) -> usize {
        self.fitted.n_features
    }

    fn feature_names(&self) -> Option<&[String]> {
        self.fitted.feature_names.as_deref()
    }

    fn abilities(&self) -> Abilities<'_> {
        Abilities::new().transformer(self)
    }
}

impl Transformer for ColumnTransformer {
    fn n_features_out(&self) -> usize {
        self.width
    }

    fn transform(&self, table: &Frame) -> Result<Frame, Error> {
        let (rows, found) = table.shape();
        let by_name = self.fitted.feature_names.as_ref().filter(|_| table.names().is_some());
        if by_name.is_none() && found != self.fitted.n_features {
            return Err(Error::Columns { expected: self.fitted.n_features, found });
        }
        let place = |&place: &usize| match by_name {
            None => Ok(place),
            Some(names) => table
                .place(&names[place])
                .ok_or_else(|| Error::NoColumn { column: names[place].clone() }),
        };
        let mut made = Vec::with_capacity(self.parts.len());
        for part in self.parts.iter().filter(|part| !part.places.is_empty()) {
            let places: Vec<usize> = part.places.iter().map(place).collect::<Result<_, _>>()?;
            let Some(columns) = table.select(&places) else {
                let problem = "a step takes a column that is not there".to_owned();
                return Err(Error::Internal { problem });
            };
            match &part.step {
                ColumnStep::Drop => {}
                ColumnStep::Passthrough => made.push(columns),
                ColumnStep::Model(model) => {
                    if let Some(transformer) = model.abilities().transformer {
                        made.push(transformer.transform(&columns)?);
                    }
                }
            }
        }
        Ok(Frame::side_by_side(made, rows)?.with_sparse(self.sparse))
    }

    fn feature_names_out(&self, input: Option<&[String]>) -> Option<Vec<String>> {
        let verbose = self.verbose?;
        let input = self.fitted.names(input)?;
        let mut names = Vec::with_capacity(self.width);
        for part in self.parts.iter().filter(|part| !part.places.is_empty()) {
            let own: Vec<String> = part
                .places
                .iter()
                .map(|&place| input.get(place).cloned())
                .collect::<Option<_>>()?;
            let made = match &part.step {
                ColumnStep::Drop => continue,
                ColumnStep::Passthrough => own,
                ColumnStep::Model(model) => {
                    model.abilities().transformer?.feature_names_out(Some(&own))?
                }
            };
            names.extend(made.into_iter().map(|name| match verbose {
                true => format!("{}__{name}", part.name),
                false => name,
            }));
        }
        distinct(names)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_found_as_python_finds_them() {
        let names = ["a", "b", "c", "d"].map(str::to_owned);
        let places = |selection: Selection| selection.places(4, Some(&names)).ok();
        let slice = |start, stop, step| places(Selection::Slice { start, stop, step });
        assert_eq!(slice(None, None, None), Some(vec![0, 1, 2, 3]));
        assert_eq!(slice(Some(1), Some(-1), None), Some(vec![1, 2]));
        assert_eq!(slice(None, None, Some(-2)), Some(vec![3, 1]));
        assert_eq!(slice(Some(-9), Some(9), Some(3)), Some(vec![0, 3]));
        assert_eq!(slice(Some(3), Some(1), None), Some(vec![]));
        assert_eq!(slice(Some(i64::MIN), Some(i64::MAX), Some(i64::MAX)), Some(vec![0]));
        assert_eq!(slice(None, None, Some(0)), None);
        assert_eq!(places(Selection::from([-1, 0])), Some(vec![3, 0]));
        assert_eq!(places(Selection::from([-5])), None);
        assert_eq!(places(Selection::from([4])), None);
        assert_eq!(places(Selection::from(["c", "a"])), Some(vec![2, 0]));
        assert_eq!(places(Selection::from(["e"])), None);
        assert_eq!(places(Selection::Mask(vec![true, false, false, true])), Some(vec![0, 3]));
        assert_eq!(places(Selection::Mask(vec![true])), None);
        let (start, stop) = (Some("b".to_owned()), Some("c".to_owned()));
        assert_eq!(places(Selection::NameSlice { start, stop }), Some(vec![1, 2]));
        assert!(Selection::from(["a"]).places(4, None).is_err());
    }
}
