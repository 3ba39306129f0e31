//! Columns by name: those of the rows to predict must be those of the fit.

use std::collections::{HashMap, HashSet};

use ndarray::{Array2, Axis};

use super::Error;
use crate::data::Features;
use crate::text::cut;

/// The rows with their columns in the order of the fit, if that is not theirs. Where either side
/// has no names, columns are taken as they stand.
pub(crate) fn in_order_of_fit(
    features: &Features<'_>,
    fitted: Option<&[String]>,
) -> Result<Option<Array2<f64>>, Error> {
    let (Features::Named { view, names, .. }, Some(fitted)) = (features, fitted) else {
        return Ok(None);
    };
    if *names == fitted {
        return Ok(None);
    }
    let wanted: HashSet<&String> = fitted.iter().collect();
    let places: HashMap<&String, usize> = names.iter().zip(0..).collect();
    let unseen = list(names.iter().filter(|name| !wanted.contains(name)));
    let missing = list(fitted.iter().filter(|name| !places.contains_key(name)));
    if !unseen.is_empty() || !missing.is_empty() {
        return Err(Error::FeatureNames { unseen, missing });
    }
    if names.len() != fitted.len() {
        return Err(Error::Columns { expected: fitted.len(), found: names.len() });
    }
    let order: Vec<usize> = fitted.iter().filter_map(|name| places.get(name).copied()).collect();
    Ok(Some(view.select(Axis(1), &order)))
}

/// The error for columns of other names, or in another order, than those of the fit.
pub(crate) fn not_those_of_the_fit(fitted: &[String], names: &[String]) -> Error {
    let unseen = list(names.iter().filter(|name| !fitted.contains(name)));
    let missing = list(fitted.iter().filter(|name| !names.contains(name)));
    match unseen.is_empty() && missing.is_empty() {
        true => Error::FeatureNames {
            unseen: String::new(),
            missing: format!("the order {}", list(fitted.iter())),
        },
        false => Error::FeatureNames { unseen, missing },
    }
}

/// Names in quotes, separated by commas, as far as a message holds them.
fn list<'a>(names: impl Iterator<Item = &'a String>) -> String {
    let names: Vec<String> = names.take(100).map(|name| format!("{:?}", cut(name, 40))).collect();
    cut(&names.join(", "), 400).into_owned()
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;
    use crate::data::{Dataset, Labels};

    fn data(names: [&str; 2]) -> Dataset {
        let names = names.map(str::to_owned).to_vec();
        let rows = array![[1.0, 2.0], [3.0, 4.0]];
        Dataset::new(rows, Labels::from(vec![0, 1]), names, "y").expect("a table")
    }

    #[test]
    fn columns_are_put_in_the_order_of_the_fit() -> Result<(), Error> {
        let fitted = ["a".to_owned(), "b".to_owned()];
        let same = data(["a", "b"]);
        assert_eq!(in_order_of_fit(&Features::from(&same), Some(&fitted))?, None);
        let other = data(["b", "a"]);
        let reordered = in_order_of_fit(&Features::from(&other), Some(&fitted))?;
        assert_eq!(reordered, Some(array![[2.0, 1.0], [4.0, 3.0]]));
        assert_eq!(in_order_of_fit(&Features::from(&other), None)?, None);
        let nameless = Features::from(other.features());
        assert_eq!(in_order_of_fit(&nameless, Some(&fitted))?, None);
        let renamed = data(["b", "c"]);
        let refused = in_order_of_fit(&Features::from(&renamed), Some(&fitted));
        let text = refused.expect_err("refused").to_string();
        assert!(text.contains("unseen at the fit: \"c\"; seen at the fit, yet now missing: \"a\""));
        let twice = data(["a", "a"]);
        assert!(in_order_of_fit(&Features::from(&twice), Some(&fitted[..1])).is_err());
        Ok(())
    }
}
