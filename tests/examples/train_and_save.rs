//! A table of one's own becomes a decision tree, and the tree a pickle that Python opens too.
//!
//! `cargo run --example train_and_save [TABLE.csv TARGET [MODEL.pkl]]`: the column TARGET is to be
//! predicted, all others must hold numbers.

use std::path::PathBuf;

use picklebook::prelude::*;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let table = arguments.next().unwrap_or("data/balance-scale.csv".into());
    let target = arguments.next().unwrap_or("Class".into());
    let model = arguments.next().map(PathBuf::from);
    let model = model.unwrap_or_else(|| std::env::temp_dir().join("picklebook_tree.pkl"));

    // Rows to fit the tree on, and rows that it does not see until it is judged.
    let data = read_csv(&table, &target)?;
    let split = train_test_split(&data, 0.3, 100)?;
    let tree = DecisionTreeClassifier::params()
        .max_depth(3)
        .min_samples_leaf(5)
        .random_state(100)
        .fit(&split.train)?;
    pickle::save(&tree, &model)?;
    println!("{} rows, depth {}: saved {}", split.train.rows(), tree.depth(), model.display());

    // In another program, or another year: the file is all that is needed.
    let tree: DecisionTreeClassifier = pickle::open(&model)?;
    let predicted = tree.predict(&split.test)?;
    println!("{}", metrics::classification_report(split.test.target(), &predicted)?);
    Ok(())
}
