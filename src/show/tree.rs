//! Trees.

use super::Table;
use super::cell::{bundle, escaped};
use crate::text::shortened;
use crate::tree::{DecisionTreeClassifier, DecisionTreeRegressor, LinfaTree, Tree};

/// Pages set text of their own accord: the lines are to stand as in plain text, and flush.
const STYLE: &str = "font-family: monospace; line-height: 1.3; margin: 0.5em 0";

/// How much of the names of classes a table shows.
const MOST_CHARACTERS: usize = 40;

impl LinfaTree {
    /// Shows the tree as indented text in a notebook's cell.
    pub fn evcxr_display(&self) {
        println!("{}", bundle(None, &self.to_string()));
    }
}

impl DecisionTreeClassifier {
    /// Shows the parameters, the size and the first questions of the tree in a notebook's cell.
    pub fn evcxr_display(&self) {
        println!("{}", bundle(Some(&self.to_html()), &self.to_string()));
    }

    fn to_html(&self) -> String {
        let classes: Vec<String> = self.classes().iter().map(|class| class.to_string()).collect();
        let names = shortened(&classes.join(", "), MOST_CHARACTERS);
        let classes = format!("{} ({names})", classes.len());
        let own = [("criterion", self.parameters().criterion.name().to_owned())];
        let size = own.into_iter().chain(size(self.tree())).chain([("classes", classes)]);
        html(&self.parameters().to_string(), size, &self.first_lines())
    }
}

impl DecisionTreeRegressor {
    /// Shows the parameters, the size and the first questions of the tree in a notebook's cell.
    pub fn evcxr_display(&self) {
        println!("{}", bundle(Some(&self.to_html()), &self.to_string()));
    }

    fn to_html(&self) -> String {
        let own = [("criterion", self.parameters().criterion.name().to_owned())];
        let size = own.into_iter().chain(size(self.tree()));
        html(&self.parameters().to_string(), size, &self.first_lines())
    }
}

/// The columns of the table of what a tree is.
fn size(tree: &Tree) -> [(&'static str, String); 5] {
    let rows = tree.arrays().n_node_samples.first().map_or(String::new(), i32::to_string);
    [
        ("depth", tree.max_depth().to_string()),
        ("nodes", tree.node_count().to_string()),
        ("leaves", tree.n_leaves().to_string()),
        ("train rows", rows),
        ("features", tree.n_features().to_string()),
    ]
}

/// A table of one row, and the tree's questions below it.
fn html(
    params: &str,
    columns: impl Iterator<Item = (&'static str, String)>,
    lines: &str,
) -> String {
    let (header, cells): (Vec<_>, Vec<_>) = columns.unzip();
    let table = Table::new(params, header).row(cells).to_html();
    format!("{table}\n<pre style=\"{STYLE}\">{}</pre>", escaped(lines.trim_end()))
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;
    use crate::data::{Dataset, Labels};

    #[test]
    fn a_tree_is_shown_with_its_size_and_its_questions() {
        let scale = Dataset::new(
            array![[1.0, 5.0], [3.0, 2.0], [4.0, 1.0], [2.0, 4.0]],
            Labels::from(["R", "<L>", "<L>", "R"]),
            vec!["left".into(), "right".into()],
            "side",
        );
        let scale = scale.expect("rows and names that agree");
        let tree = DecisionTreeClassifier::params().random_state(100).fit(&scale).expect("a tree");
        let html = tree.to_html();
        let start = "<table>\n<caption style=\"white-space: nowrap\">\
                     DecisionTreeClassifier(random_state=100)</caption>\n";
        assert!(html.starts_with(start), "{html}");
        for cell in ["gini", "1", "3", "2", "4", "2 (&lt;L&gt;, R)"] {
            assert!(html.contains(&format!(">{cell}</td>")), "{cell}: {html}");
        }
        let lines = ">|--- left &lt;= 2.50\n|   |--- class: R\n|--- left &gt;  2.50\n";
        assert!(html.contains(lines), "{html}");
        assert!(!html.contains("<L>"));
    }

    #[test]
    fn of_many_classes_only_the_first_are_named() {
        let features = ndarray::Array2::from_shape_fn((500, 1), |(row, _)| row as f64);
        let labels = Labels::from((0..500).collect::<Vec<i64>>());
        let params = DecisionTreeClassifier::params().max_depth(1);
        let html = params.fit_weighted(&features, &labels, None).expect("a tree").to_html();
        assert!(html.contains(">500 (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 1…)</td>"), "{html}");
    }

    #[test]
    fn a_regressor_is_shown_as_briefly_however_large_it_is() {
        let features = ndarray::Array2::from_shape_fn((3000, 1), |(row, _)| row as f64);
        let target: Vec<f64> = (0..3000).map(|row| f64::from(row * row)).collect();
        let params = DecisionTreeRegressor::params();
        let tree = params.fit_weighted(&features, &target, None).expect("a tree");
        let html = tree.to_html();
        assert!(html.contains(">squared_error</td>") && html.contains(">5999</td>"), "{html}");
        assert!(html.ends_with("… (5999 nodes in all)</pre>") && html.lines().count() < 60);
        assert_eq!(tree.to_string().matches("nodes in all").count(), 1);
    }
}
