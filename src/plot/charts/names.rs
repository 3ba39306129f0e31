//! What classes are called in a picture.

use crate::data::Labels;
use crate::plot::Error;
use crate::plot::drawing::heading::name;
use crate::plot::drawing::options::Options;

/// The classes' own names, or those given in their place: one for each class.
///
/// # Errors
/// [`Error::Length`] for more or fewer names than classes.
pub(super) fn class_names(classes: &Labels, options: &Options) -> Result<Vec<String>, Error> {
    Ok(match options.class_names(classes.len())? {
        Some(given) => given.iter().map(name).collect(),
        None => classes.iter().map(|class| name(class.to_string())).collect(),
    })
}
