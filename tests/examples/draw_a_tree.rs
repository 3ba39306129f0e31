//! A decision tree as a picture, with the way of one row from the root to its leaf.
//!
//! `cargo run --example draw_a_tree [PICTURE.svg]`; with `--features png` a name may end in .png.

use std::path::PathBuf;

use picklebook::prelude::*;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let picture = std::env::args().nth(1).map(PathBuf::from);
    let picture = picture.unwrap_or_else(|| std::env::temp_dir().join("picklebook_tree.svg"));

    let split = train_test_split(&balance_scale(), 0.3, 100)?;
    let tree = DecisionTreeClassifier::params().max_depth(3).min_samples_leaf(5);
    let tree = tree.random_state(100).fit(&split.train)?;

    // Left weight 1, left distance 1, right weight 5, right distance 5.
    let figure = plot::Tree::new(&tree).path_of(&[1.0, 1.0, 5.0, 5.0]).draw()?;
    figure.save(&picture)?;
    // What there is to see, for those who do not see it.
    println!("{}", figure.alt());
    println!("saved {}", picture.display());
    Ok(())
}
