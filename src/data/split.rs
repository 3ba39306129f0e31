//! Rows to train on and rows to test with: the very rows that scikit-learn picks.

use super::{Dataset, Error, Labels};
use crate::numpy::RandomState;

/// The most rows that can be split: numpy draws in another way beyond 32 bits.
const MOST_ROWS: usize = u32::MAX as usize;

/// What [`train_test_split`] returns.
#[derive(Clone, PartialEq)]
pub struct Split {
    /// The rows to fit a model on.
    pub train: Dataset,
    /// The rows kept back, to test the model with.
    pub test: Dataset,
    /// Where each row of `train` stood in the data.
    pub train_indices: Vec<usize>,
    /// Where each row of `test` stood in the data.
    pub test_indices: Vec<usize>,
}

/// Splits rows at random into train and test rows: the same rows, in the same order, as
/// scikit-learn's `train_test_split(X, y, test_size=…, random_state=…)`.
///
/// `test_size` is the share of rows to test with, above 0 and below 1; the number of test rows
/// is rounded up. Method: `ShuffleSplit` of scikit-learn 1.9.1 over numpy's `RandomState`.
///
/// # Errors
/// [`Error::TestSize`], [`Error::NothingToTrainOn`] when no row is left to train on,
/// [`Error::TooManyRows`].
///
/// ```
/// use picklebook::data;
///
/// let split = data::train_test_split(&data::balance_scale(), 0.3, 100)?;
/// assert_eq!((split.train.rows(), split.test.rows()), (437, 188));
/// assert_eq!(split.test_indices[..5], [462, 200, 397, 75, 259]);
/// # Ok::<(), data::Error>(())
/// ```
pub fn train_test_split(data: &Dataset, test_size: f64, random_state: u32) -> Result<Split, Error> {
    let (_, test_count) = counts(data.rows(), test_size)?;
    let mut test_indices = RandomState::new(random_state).permutation(data.rows());
    let train_indices = test_indices.split_off(test_count);
    split(data, train_indices, test_indices)
}

/// As [`train_test_split`], with each class in train and test rows as often, in proportion, as
/// in all rows: scikit-learn's `train_test_split(…, stratify=y)`.
///
/// Method: `StratifiedShuffleSplit` of scikit-learn 1.9.1.
///
/// # Errors
/// As [`train_test_split`], and where scikit-learn refuses too: [`Error::RareClass`] for a class
/// of a single row, [`Error::TooFewForClasses`] when there are fewer train or test rows than
/// classes, [`Error::NotFinite`] for a label that is NaN or infinite.
///
/// ```
/// use picklebook::data;
///
/// let split = data::train_test_split_stratified(&data::balance_scale(), 0.2, 0)?;
/// assert_eq!((split.train.rows(), split.test.rows()), (500, 125));
/// # Ok::<(), data::Error>(())
/// ```
pub fn train_test_split_stratified(
    data: &Dataset,
    test_size: f64,
    random_state: u32,
) -> Result<Split, Error> {
    let (train_count, test_count) = counts(data.rows(), test_size)?;
    let mut members = rows_of_classes(data.target())?;
    if train_count.min(test_count) < members.len() {
        let classes = members.len();
        return Err(Error::TooFewForClasses { train: train_count, test: test_count, classes });
    }

    let mut random = RandomState::new(random_state);
    let sizes: Vec<usize> = members.iter().map(Vec::len).collect();
    let train_sizes = approximate_mode(&sizes, train_count, &mut random);
    let left: Vec<usize> = sizes.iter().zip(&train_sizes).map(|(all, train)| all - train).collect();
    let test_sizes = approximate_mode(&left, test_count, &mut random);

    let (mut train_indices, mut test_indices) = (Vec::new(), Vec::new());
    for ((rows, train), test) in members.iter_mut().zip(train_sizes).zip(test_sizes) {
        random.shuffle(rows);
        train_indices.extend(rows.iter().take(train));
        test_indices.extend(rows.iter().skip(train).take(test));
    }
    random.shuffle(&mut train_indices);
    random.shuffle(&mut test_indices);
    split(data, train_indices, test_indices)
}

fn split(data: &Dataset, train: Vec<usize>, test: Vec<usize>) -> Result<Split, Error> {
    Ok(Split {
        train: data.select(&train)?,
        test: data.select(&test)?,
        train_indices: train,
        test_indices: test,
    })
}

/// How many rows to train on and to test with, as `_validate_shuffle_split` counts them.
fn counts(rows: usize, test_size: f64) -> Result<(usize, usize), Error> {
    if !(test_size > 0.0 && test_size < 1.0) {
        return Err(Error::TestSize { test_size });
    }
    if rows > MOST_ROWS {
        return Err(Error::TooManyRows { rows, most: MOST_ROWS });
    }
    let test = (test_size * rows as f64).ceil() as usize;
    match rows.saturating_sub(test) {
        0 => Err(Error::NothingToTrainOn { rows, test_size }),
        train => Ok((train, test)),
    }
}

/// The rows of each class, classes and rows ascending.
fn rows_of_classes(target: &Labels) -> Result<Vec<Vec<usize>>, Error> {
    if let Labels::Floats(column) = target
        && let Some(row) = column.iter().position(|label| !label.is_finite())
    {
        return Err(Error::NotFinite { row });
    }
    let classes = target.classes();
    let mut members = vec![Vec::new(); classes.len()];
    for (row, class) in target.codes(&classes).unwrap_or_default().into_iter().enumerate() {
        if let Some(rows) = members.get_mut(class) {
            rows.push(row);
        }
    }
    let rare = |(class, rows): (_, &Vec<usize>)| (rows.len() < 2).then(|| classes.get(class));
    match members.iter().enumerate().find_map(rare).flatten() {
        Some(class) => Err(Error::RareClass { class: class.to_string() }),
        None => Ok(members),
    }
}

/// How many of `draws` rows to take from each class: scikit-learn's `_approximate_mode`, with
/// its rounding and its ties.
fn approximate_mode(sizes: &[usize], draws: usize, random: &mut RandomState) -> Vec<usize> {
    let total = sizes.iter().sum::<usize>() as f64;
    let shares: Vec<f64> = sizes.iter().map(|&size| size as f64 / total * draws as f64).collect();
    let mut taken: Vec<usize> = shares.iter().map(|share| share.floor() as usize).collect();
    let mut missing = draws.saturating_sub(taken.iter().sum());

    let remainders: Vec<f64> = shares.iter().map(|share| share - share.floor()).collect();
    let mut values = remainders.clone();
    values.sort_by(|a, b| b.total_cmp(a));
    values.dedup();
    for value in values {
        if missing == 0 {
            break;
        }
        let tied: Vec<usize> =
            (0..sizes.len()).filter(|&i| remainders.get(i) == Some(&value)).collect();
        let add_now = tied.len().min(missing);
        // numpy's choice(replace=False) permutes all, also when it then takes all.
        for place in random.permutation(tied.len()).into_iter().take(add_now) {
            if let Some(count) = tied.get(place).and_then(|&class| taken.get_mut(class)) {
                *count += 1;
            }
        }
        missing -= add_now;
    }
    taken
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Expected: what scikit-learn 1.9.1's `_validate_shuffle_split` returns or refuses.
    #[test]
    fn test_rows_are_rounded_up() {
        let counted = [
            ((10, 0.25), Some((7, 3))),
            ((10, 0.1), Some((9, 1))),
            ((625, 0.3), Some((437, 188))),
            ((3, 0.5), Some((1, 2))),
            ((2, 0.01), Some((1, 1))),
            ((7, 1.0 / 3.0), Some((4, 3))),
            ((2, 0.9), None),
            ((1, 0.5), None),
            ((100, 0.999), None),
        ];
        for ((rows, test_size), expected) in counted {
            assert_eq!(counts(rows, test_size).ok(), expected, "{test_size} of {rows}");
        }
        for test_size in [0.0, 1.0, -0.1, 1.5, f64::NAN, f64::INFINITY] {
            assert!(matches!(counts(10, test_size), Err(Error::TestSize { .. })), "{test_size}");
        }
        assert!(matches!(counts(0, 0.5), Err(Error::NothingToTrainOn { rows: 0, .. })));
        assert!(matches!(counts(MOST_ROWS + 1, 0.5), Err(Error::TooManyRows { .. })));
    }

    /// Expected: what scikit-learn 1.9.1's `_approximate_mode` returns. The first four are its own
    /// examples.
    #[test]
    fn classes_share_the_draws_in_proportion_with_ties_by_chance() {
        let drawn: [(&[usize], usize, u32, &[usize]); 7] = [
            (&[4, 2], 3, 0, &[2, 1]),
            (&[5, 2], 4, 0, &[3, 1]),
            (&[2, 2, 2, 1], 2, 0, &[0, 1, 1, 0]),
            (&[2, 2, 2, 1], 2, 42, &[1, 1, 0, 0]),
            (&[288, 49, 288], 437, 100, &[201, 34, 202]),
            (&[10, 0, 10], 7, 1, &[4, 0, 3]),
            (&[1, 1, 1, 1, 1], 3, 5, &[1, 1, 0, 0, 1]),
        ];
        for (sizes, draws, seed, expected) in drawn {
            let mut random = RandomState::new(seed);
            assert_eq!(approximate_mode(sizes, draws, &mut random), expected, "{sizes:?}");
        }
    }

    #[test]
    fn rows_are_grouped_by_class_and_a_class_of_one_row_is_named() -> Result<(), Error> {
        let target = Labels::from(["b", "a", "b", "a", "a"]);
        assert_eq!(rows_of_classes(&target)?, [vec![1, 3, 4], vec![0, 2]]);
        let refused = |target: Labels| rows_of_classes(&target).map(|_| ()).expect_err("refused");
        let rare = refused(["a", "b", "a"].into());
        assert!(matches!(&rare, Error::RareClass { class } if class == "b"), "{rare}");
        let missing = refused(vec![1.0, f64::NAN].into());
        assert!(matches!(missing, Error::NotFinite { row: 1 }), "{missing}");
        Ok(())
    }
}
