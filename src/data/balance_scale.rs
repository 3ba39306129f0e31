//! The data set that the notebooks learn from.

use super::{CsvOptions, Dataset, csv_file};

/// UCI's rows in UCI's order under a header of ours; data/README.md names the source.
const FILE: &str = include_str!("../../data/balance-scale.csv");

/// The Balance Scale data set: 625 rows × 4 features (left and right weight and distance, 1 to
/// 5), and what the scale does: `L` tips to the left, `R` to the right, `B` is balanced.
///
/// Source: Siegler, R. (1976). Balance Scale \[Dataset\]. UCI Machine Learning Repository.
/// <https://doi.org/10.24432/C5488X>, CC BY 4.0. The file is compiled in: no network is needed.
///
/// ```
/// let data = picklebook::data::balance_scale();
/// assert_eq!((data.rows(), data.columns()), (625, 4));
/// assert_eq!(data.target_name(), "Class");
/// ```
pub fn balance_scale() -> Dataset {
    let options = CsvOptions::new();
    csv_file::parse(FILE.as_bytes(), "data/balance-scale.csv".as_ref(), "Class", &options)
        .expect("the file is part of the crate, and tests read it")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::Label;

    #[test]
    fn every_row_follows_from_the_rule() {
        let data = balance_scale();
        let mut row = 0;
        for left_weight in 1..=5 {
            for left_distance in 1..=5 {
                for right_weight in 1..=5 {
                    for right_distance in 1..=5 {
                        let moment = left_weight * left_distance - right_weight * right_distance;
                        let class = match moment {
                            1.. => "L",
                            0 => "B",
                            _ => "R",
                        };
                        let features = [left_weight, left_distance, right_weight, right_distance]
                            .map(f64::from);
                        assert_eq!(data.features().row(row).to_vec(), features, "row {row}");
                        assert_eq!(data.target().get(row), Some(Label::from(class)), "row {row}");
                        row += 1;
                    }
                }
            }
        }
        assert_eq!(data.rows(), row);
        let names = ["Left-Weight", "Left-Distance", "Right-Weight", "Right-Distance"];
        assert_eq!(data.feature_names(), names);
    }
}
