//! Charts: what they say, what they refuse, and that any data keep text apart.

#[path = "support/charts.rs"]
#[allow(dead_code)]
mod charts;
#[path = "support/pieces.rs"]
#[allow(dead_code)]
mod pieces;
mod support;

use std::io::Write;
use std::process::{Command, Stdio};

use charts::{clouds, column, split, tree};
use ndarray::Array2;
use picklebook::data::{Column, Dataset, Frame, Labels, balance_scale};
use picklebook::metrics::confusion_matrix;
use picklebook::model_selection::{
    GridSearch, KFold, StratifiedKFold, learning_curve, validation_curve,
};
use picklebook::plot::{self, Error, Figure};
use picklebook::tree::{Criterion, DecisionTreeClassifier, DecisionTreeRegressor};
use proptest::prelude::*;

fn texts(figure: &Figure) -> Vec<String> {
    pieces::of(figure.svg()).into_iter().map(|piece| piece.text).collect()
}

/// How many elements of a kind a picture has.
fn count(figure: &Figure, tag: &str) -> usize {
    figure.svg().matches(&format!("<{tag} ")).count()
}

#[test]
fn importances_are_those_of_the_tree_the_largest_first() {
    let tree = tree(Criterion::Gini);
    let figure = plot::feature_importances(&tree).expect("drawn");
    let mut pairs: Vec<(f64, &String)> =
        tree.feature_importances().into_iter().zip(tree.feature_names().expect("names")).collect();
    pairs.sort_by(|a, b| b.0.total_cmp(&a.0));
    let texts = texts(&figure);
    let place = |text: &str| texts.iter().position(|other| other == text).expect(text);
    let places: Vec<usize> = pairs.iter().map(|(_, name)| place(name)).collect();
    assert!(places.is_sorted(), "{places:?}");
    for (value, name) in &pairs {
        assert!(texts.contains(&format!("{value:.2}")));
        assert!(figure.alt().contains(&format!("{name} {value:.2}")), "{}", figure.alt());
    }
    let regressor = DecisionTreeRegressor::params().max_depth(2);
    let numbers: Vec<f64> = (0..625).map(f64::from).collect();
    let regressor = regressor.fit_weighted(&balance_scale(), &numbers, None).expect("fitted");
    let figure = plot::feature_importances(&regressor).expect("drawn");
    assert!(figure.title().contains("feature_0 counts most"), "{}", figure.title());
}

#[test]
fn class_shares_are_those_of_the_rows() {
    let figure = plot::class_distribution(&split()).expect("drawn");
    let texts = texts(&figure);
    for text in ["train: 36 rows (8.2 %)", "test: 13 rows (6.9 %)", "test: 90 rows (47.9 %)"] {
        assert!(texts.iter().any(|other| other == text), "{text} in {texts:?}");
    }
    assert_eq!(figure.title(), "Class: 437 rows to train on, 188 rows to test with");
}

#[test]
fn a_row_is_explained_by_its_probabilities() {
    let tree = tree(Criterion::Gini);
    let row = [2.0, 4.0, 4.0, 2.0];
    let figure = plot::predicted_probabilities(&tree, &row).expect("drawn");
    let shares = tree.predict_proba(&Array2::from_shape_vec((1, 4), row.to_vec()).expect("a row"));
    let class = tree.predict_row(&row).expect("predicted");
    assert!(figure.title().starts_with(&format!("Predicted class: {class}, ")));
    for share in shares.expect("predicted") {
        assert!(texts(&figure).contains(&format!("{:.1} %", 100.0 * share)));
    }
}

#[test]
fn regions_are_what_the_tree_predicts() {
    let (split, tree) = (split(), tree(Criterion::Gini));
    let figure = plot::decision_regions(&tree, &split.train, ["Left-Weight", "Right-Weight"])
        .expect("drawn");
    // With both distances at 3, the tree says L where RW ≤ 2.5 and LW > 1.5, R elsewhere: one
    // rectangle on a ground of R, and every row has a mark.
    let tint = "#C7EAE0"; // of R, on the ground and in the legend
    assert!(figure.svg().contains(tint), "the ground");
    assert_eq!(figure.svg().matches("#F6DCC7").count(), 2, "one rectangle, one legend");
    let marks = |class: &str| split.train.target().iter().filter(|l| *l == class).count();
    assert_eq!(count(&figure, "circle"), marks("B") + 1);
    assert_eq!(count(&figure, "polygon"), marks("R") + 1);
    assert_eq!(figure.svg().matches("#D55E00").count(), marks("L") + 1);
    assert!(
        figure.alt().contains("L on 32 % of the area, R on 68 % of the area"),
        "{}",
        figure.alt()
    );
}

#[test]
fn curves_name_the_areas_that_scikit_learn_gives() {
    let (split, tree) = (split(), tree(Criterion::Gini));
    let figure = plot::roc_curve(&tree, &split.test).expect("drawn");
    // roc_auc_score(y_test == c, predict_proba(X_test)[:, i]) of scikit-learn 1.9.1.
    assert!(figure.alt().contains("area under the curve B 0.374, L 0.835, R 0.818"));
    let binary = clouds(300, 2);
    let fitted = DecisionTreeClassifier::params().max_depth(2).fit(&binary).expect("fitted");
    let one = plot::roc_curve(&fitted, &binary).expect("drawn");
    assert!(one.title().starts_with("ROC curve of class class 1: area "), "{}", one.title());
}

#[test]
fn the_best_depth_is_the_first_of_the_best() {
    let split = split();
    let params = DecisionTreeClassifier::params();
    let figure = plot::accuracy_by_depth(&params, &split, [4, 1, 2, 2]).expect("drawn");
    let score = |depth| {
        let tree = params.clone().max_depth(depth).fit(&split.train).expect("fitted");
        tree.score(&split.test).expect("scored")
    };
    assert!(score(4) > score(1) && score(4) > score(2));
    let percent = format!("({:.1} %)", 100.0 * score(4));
    assert!(figure.title().ends_with(&format!("at depth 4 {percent}")), "{}", figure.title());
}

#[test]
fn a_histogram_counts_every_row() {
    let figure = plot::histogram(&balance_scale(), "Left-Weight").expect("drawn");
    for (class, rows) in [("B", 49), ("L", 288), ("R", 288)] {
        assert!(figure.alt().contains(&format!("{class}: {rows} rows")), "{}", figure.alt());
    }
    // Five bars a class, and the paper.
    assert_eq!(count(&figure, "rect"), 16);
}

#[test]
fn options_change_what_they_say() {
    let tree = tree(Criterion::Gini);
    let figure = plot::FeatureImportances::new(&tree)
        .title("<b>My & title</b>")
        .size(500, 300)
        .colours(["#123456"])
        .max_features(2)
        .draw()
        .expect("drawn");
    assert_eq!((figure.title(), figure.size()), ("<b>My & title</b>", (500, 300)));
    assert!(figure.svg().contains("#123456") && !figure.svg().contains("<b>"));
    assert!(texts(&figure).contains(&"2 others".to_owned()));
}

#[test]
fn every_chart_with_axes_takes_other_labels() {
    let (tree, split, data) = (tree(Criterion::Gini), split(), balance_scale());
    let labels = Labels::from(["a", "b"]);
    let matrix = confusion_matrix(&labels, &labels).expect("compared");
    let (params, pair) = (DecisionTreeClassifier::params(), ["Left-Weight", "Right-Weight"]);
    let row = [2.0, 4.0, 4.0, 2.0];
    // Each builder with its usual labels, the empty ones left out.
    macro_rules! check {
        ($($builder:expr, $usual:expr;)*) => {$(
            let usual = texts(&$builder.draw().expect("drawn"));
            let own = $builder.x_label("X <own>").y_label("Y <own>").draw().expect("drawn");
            pieces::check(own.title(), &own);
            let (own, none) = (texts(&own), $builder.x_label("").y_label("").draw());
            let none = texts(&none.expect("drawn"));
            let has = |texts: &[String], text: &str| texts.iter().any(|other| other == text);
            for label in $usual {
                assert!(has(&usual, label) && !has(&own, label), "{label}: {own:?}");
                assert!(!has(&none, label), "{label}: {none:?}");
            }
            assert!(has(&own, "X <own>") && has(&own, "Y <own>"), "{own:?}");
        )*};
    }
    check! {
        plot::AccuracyByDepth::new(&params, &split, 1..=3), ["Depth of the tree at most", "Accuracy"];
        plot::AccuracyOverTime::new(&[0.5, 0.7]), ["Measurement", "Accuracy"];
        plot::AccuracyOverTime::new(&[0.5]).dates(["2026-01-31"]), ["Accuracy"];
        plot::AccuracyOverTime::new(&[0.5]).recall(&[0.25]), ["Measurement", "Share of rows"];
        plot::ClassDistribution::new(&data), ["Share of all rows"];
        plot::ConfusionMatrix::new(&matrix), ["Predicted class", "True class"];
        plot::DecisionRegions::new(&tree, &data, pair), pair;
        plot::FeatureImportances::new(&tree), ["Importance"];
        plot::Histogram::new(&data, "Left-Weight"), ["Left-Weight"];
        plot::PrecisionRecallCurve::new(&tree, &data), ["Recall", "Precision"];
        plot::PredictedProbabilities::new(&tree, &row), ["Predicted probability"];
        plot::Scatter::new(&data, pair), pair;
        plot::RocCurve::new(&tree, &data), ["False positive rate", "True positive rate"];
    }
}

#[test]
fn features_take_other_names() {
    let tree = tree(Criterion::Gini);
    let names = ["weight <left>", "distance <left>", "weight <right>", "distance <right>"];
    let figure = plot::FeatureImportances::new(&tree).feature_names(names).draw().expect("drawn");
    let usual = texts(&plot::feature_importances(&tree).expect("drawn"));
    let texts = texts(&figure);
    for (own, usual_name) in names.iter().zip(tree.feature_names().expect("names")) {
        let place = |texts: &[String], text: &str| texts.iter().position(|other| other == text);
        assert_eq!(place(&texts, own), place(&usual, usual_name), "{own}: {texts:?}");
        assert!(figure.alt().contains(own), "{}", figure.alt());
    }
    let row = [2.0, 4.0, 4.0, 2.0];
    let probabilities = || plot::PredictedProbabilities::new(&tree, &row);
    let figure = probabilities().feature_names(names).draw().expect("drawn");
    assert!(figure.alt().contains("The row: weight <left> 2, distance <left> 4, weight <right> 4"));
    let few = "feature names: expected 4, found 1";
    let refused = |figure: Result<Figure, Error>| figure.expect_err("refused").to_string();
    assert_eq!(refused(probabilities().feature_names(["a"]).draw()), few);
    assert_eq!(refused(plot::FeatureImportances::new(&tree).feature_names(["a"]).draw()), few);
}

/// The model is asked for the class of each square, as text: with long names, and on a large
/// sheet, for fewer of them.
#[test]
fn regions_of_long_names_and_on_the_largest_sheet_are_drawn() {
    let table =
        Array2::from_shape_fn((60, 2), |(row, column)| ((row * 7 + column * 3) % 60) as f64);
    let draw = |length: usize, side: u32| {
        let name = |row: usize| format!("{}{}", "w".repeat(length), row % 3);
        let labels: Labels = (0..60).map(name).collect::<Vec<String>>().into();
        let names = vec!["a".to_owned(), "b".to_owned()];
        let data = Dataset::new(table.clone(), labels, names, "class").expect("a table");
        let tree = DecisionTreeClassifier::params().max_depth(4).fit(&data).expect("a tree");
        let figure = plot::DecisionRegions::new(&tree, &data, ["a", "b"]).size(side, side).draw();
        figure.expect("drawn").svg().len()
    };
    assert!(draw(100_000, 500) < 1 << 20);
    assert!(draw(1, 4_000) < 1 << 20);
}

#[test]
fn what_cannot_be_drawn_is_refused_by_name() {
    let (split, tree) = (split(), tree(Criterion::Gini));
    let data = balance_scale();
    let said = |figure: Result<Figure, Error>| figure.expect_err("refused").to_string();

    let nothing = Vec::<(String, f64)>::new();
    assert_eq!(
        said(plot::feature_importances(nothing)),
        "there are no features to draw: give at least one"
    );
    for bad in [f64::NAN, -0.5, 1.5, f64::INFINITY] {
        let refused = said(plot::feature_importances(vec![("a", 0.5), ("b", bad)]));
        assert!(refused.starts_with("importance 1: "), "{refused}");
    }
    assert!(said(plot::class_distribution(&Labels::from(Vec::<i64>::new()))).contains("no rows"));
    let many: Labels = (0..31).collect::<Vec<i64>>().into();
    assert!(said(plot::class_distribution(&many)).starts_with("31 classes are more than the 30"));

    assert_eq!(
        said(plot::histogram(&data, "Weight")),
        "no column is named \"Weight\"; the columns are: Left-Weight, Left-Distance, \
         Right-Weight, Right-Distance"
    );
    for bad in [f64::NAN, f64::INFINITY, -1e301] {
        let refused = said(plot::histogram(&column("size", &[1.0, 2.0, bad]), "size"));
        assert!(refused.starts_with("column size, row 2: "), "{refused}");
    }
    let columns = ["Left-Weight", "Left-Weight"];
    assert!(said(plot::decision_regions(&tree, &data, columns)).contains("on both axes"));
    let other = clouds(90, 3);
    let refused = said(plot::decision_regions(&tree, &other, ["width", "height"]));
    assert_eq!(refused, "the model has no class class 0; its classes are: B, L, R");
    let odd = plot::DecisionRegions::new(&tree, &data, ["Left-Weight", "Right-Weight"]);
    assert!(said(odd.at("Left-Distance", f64::NAN).draw()).contains("has no place on an axis"));
    assert!(matches!(plot::predicted_probabilities(&tree, &[1.0]), Err(Error::Model(_))));

    let of_l: Vec<usize> =
        (0..data.rows()).filter(|&row| data.target().get(row) == Some("L".into())).collect();
    let one = data.select(&of_l).expect("rows");
    assert!(said(plot::roc_curve(&tree, &one)).starts_with("every row is of class L"));
    let unknown = plot::RocCurve::new(&tree, &split.test).positive("X".into());
    assert_eq!(said(unknown.draw()), "the model has no class X; its classes are: B, L, R");
    let classes = Labels::from(["no", "yes"]);
    let scores = Array2::from_elem((2, 2), f64::NAN);
    let curve = plot::RocCurve::from_scores(&classes, &classes, &scores);
    assert!(said(curve.draw()).starts_with("the score of row 0 is NaN"));
    let scores = Array2::zeros((3, 2));
    let curve = plot::PrecisionRecallCurve::from_scores(&classes, &classes, &scores);
    assert_eq!(said(curve.draw()), "rows of scores: expected 2, found 3");

    let params = DecisionTreeClassifier::params();
    assert!(said(plot::accuracy_by_depth(&params, &split, [])).contains("no depths"));
    assert!(said(plot::accuracy_by_depth(&params, &split, 1..)).contains("give at most 1000"));
    assert!(matches!(plot::accuracy_by_depth(&params, &split, [0]), Err(Error::Model(_))));

    assert!(said(plot::accuracy_over_time(&[])).contains("no accuracies"));
    assert!(said(plot::accuracy_over_time(&[0.5, 73.4])).starts_with("accuracy 1: 73.4 is no"));
    let dated = |dates: &[&str]| {
        said(plot::AccuracyOverTime::new(&[0.5, 0.6]).dates(dates.iter().copied()).draw())
    };
    assert_eq!(dated(&["2026-01-01"]), "dates: expected 2, found 1");
    assert!(dated(&["2026-01-01", "2026-02-30"]).starts_with("\"2026-02-30\" at place 1"));
    assert!(dated(&["2026-01-02", "2026-01-01"]).contains("does not come after"));
    let steps = plot::AccuracyOverTime::new(&[0.5, 0.6]).steps([1.0, f64::NAN]);
    assert!(said(steps.draw()).starts_with("step 1: NaN has no place"));
    let three = || plot::AccuracyOverTime::new(&[0.5, 0.6]);
    assert_eq!(said(three().recall(&[0.5]).draw()), "recall: expected 2, found 1");
    let outside = three().false_alarms(&[f64::NAN, -0.1]).draw();
    assert!(said(outside).starts_with("false alarms 1: -0.1 is no"));
    let colours = three().recall(&[0.5, 0.5]).colours(["#000000"]).draw();
    assert_eq!(said(colours), "colours: expected 2, found 1");
}

#[test]
fn tables_are_drawn_without_the_rows_that_miss_something() {
    let table = charts::people();
    let figure = plot::Scatter::new(&table, ["age", "income"]).by("city").draw().expect("drawn");
    let whole = table.dropna_in(["age", "income", "city"]).expect("they are there");
    let rows = whole.shape().0;
    let left_out = table.shape().0 - rows;
    assert!(figure.alt().contains(&format!("Scatter plot of {rows} rows")), "{}", figure.alt());
    let said = format!("{left_out} rows with missing values are left out.");
    assert!(figure.alt().contains(&said), "{}", figure.alt());
    for (city, rows) in whole.value_counts("city").expect("it is there").pairs() {
        assert!(figure.alt().contains(&format!("{city} {rows} rows")), "{}", figure.alt());
    }
    let value = whole.corr().expect("few columns").get("age", "income").expect("numbers");
    let said = format!("Pearson's correlation is {value:.2}.");
    assert!(figure.alt().contains(&said), "{}", figure.alt());
    // Bern's marks are discs: one for each row, and one in the legend.
    let discs = whole.value_counts("city").expect("it is there").get("Bern");
    assert_eq!(count(&figure, "circle"), discs + 1);

    let pairs = plot::pair_plot(&table, ["age", "income"]).expect("drawn");
    assert!(texts(&pairs).contains(&format!("{:.2}", {
        let both = table.dropna_in(["age", "income"]).expect("they are there");
        both.corr().expect("few columns").get("age", "income").expect("numbers")
    })));
    let heat = plot::correlations(&table.corr().expect("few columns")).expect("drawn");
    assert_eq!(texts(&heat).iter().filter(|text| *text == "1.00").count(), 3);
    assert_eq!(texts(&heat).iter().filter(|text| *text == "–").count(), 7, "it does not vary");

    let said = |figure: Result<Figure, Error>| figure.expect_err("refused").to_string();
    assert!(said(plot::scatter(&table, ["age", "city"])).starts_with("column city holds words"));
    assert!(said(plot::scatter(&table, ["age", "size"])).starts_with("no column is named"));
    assert!(said(plot::scatter(&table, ["age", "age"])).contains("on both axes"));
    let by = |column: &str| plot::Scatter::new(&table, ["age", "income"]).by(column).draw();
    assert!(said(by("income")).contains("classes are more than the 8"));
    assert!(said(by("nothing")).starts_with("no column is named"));
    let empty = table.head(0);
    assert!(said(plot::scatter(&empty, ["age", "income"])).contains("no rows"));
    assert!(said(plot::pair_plot(&table, ["age"])).contains("expected 2, found 1"));
    assert!(said(plot::pair_plot(&table, ["age", "age"])).contains("on both axes"));
    assert!(said(plot::pair_plot(&table, ["age"; 9])).contains("at most 6"));
    let infinite =
        Frame::named([("a", Column::from([1.0, f64::INFINITY])), ("b", Column::from([1.0, 2.0]))]);
    let infinite = infinite.expect("two rows");
    assert!(said(plot::scatter(&infinite, ["a", "b"])).starts_with("column a, row 1: "));
    let words = Frame::named([("a", Column::from(["x"]))]).expect("one row");
    assert!(
        said(plot::correlations(&words.corr().expect("none"))).contains("no columns of numbers")
    );
    let wide = Frame::from_numbers(Array2::zeros((2, 31))).corr().expect("few columns");
    assert!(said(plot::correlations(&wide)).contains("at most 30"));
    // A target of many values tells no marks apart, and the picture says so.
    let features = Array2::from_shape_fn((30, 2), |(row, column)| (row * column) as f64);
    let target: Labels = (0..30).collect::<Vec<i64>>().into();
    let names = vec!["a".to_owned(), "b".to_owned()];
    let data = Dataset::new(features, target, names, "price").expect("it fits");
    let figure = plot::scatter(&data, ["a", "b"]).expect("drawn");
    assert!(
        figure.alt().contains("price has 30 values, too many for colours."),
        "{}",
        figure.alt()
    );
}

#[test]
fn recall_and_false_alarms_are_drawn_and_said() {
    let (recall, alarms) = ([0.75, f64::NAN, 0.25], [0.1, 0.02, f64::NAN]);
    let chart = plot::AccuracyOverTime::new(&[0.9, 0.95, 0.85]).recall(&recall);
    let figure = chart.false_alarms(&alarms).draw().expect("drawn");
    assert_eq!(
        figure.title(),
        "Over time: latest accuracy 85.0 %, recall 25.0 %, false alarms 2.0 %"
    );
    for part in [
        "Accuracy over time, a line chart of 3 measurements, from 1 to 3: lowest 85.0 %",
        "Recall, a dotted line with triangles: lowest 25.0 % at measurement 3, highest 75.0 % at \
         measurement 1, latest 25.0 %; 1 measurement without a row to tell it by.",
        "False alarms, a line of dashes and dots with diamonds: lowest 2.0 % at measurement 2, highest \
         10.0 % at measurement 1, latest 2.0 %; 1 measurement without",
    ] {
        assert!(figure.alt().contains(part), "{}", figure.alt());
    }
    let texts = texts(&figure);
    for name in ["accuracy 85.0 %", "recall 25.0 %", "false alarms 2.0 %"] {
        assert!(texts.iter().any(|text| text == name), "{texts:?}");
    }
    let none = plot::AccuracyOverTime::new(&[0.9]).recall(&[f64::NAN]).draw().expect("drawn");
    assert!(none.alt().ends_with("There is no row to tell recall by."), "{}", none.alt());
    assert_eq!(none.title(), "Over time: latest accuracy 90.0 %");
}

#[test]
fn options_that_do_not_fit_are_refused_by_name() {
    let tree = tree(Criterion::Gini);
    let data = balance_scale();
    let said = |figure: Result<Figure, Error>| figure.expect_err("refused").to_string();
    let bars = || plot::FeatureImportances::new(&tree);
    for (width, height) in [(0, 0), (100, 300), (500, 100), (4_001, 300), (u32::MAX, u32::MAX)] {
        let refused = said(bars().size(width, height).draw());
        assert!(refused.starts_with(&format!("{width} × {height} pixels do not fit")), "{refused}");
    }
    // What the message names is enough.
    let panels = || plot::Histogram::new(&data, "Left-Weight");
    let Err(Error::Size { least, .. }) = panels().size(300, 100).draw() else {
        panic!("too small")
    };
    let Err(Error::Size { least, .. }) = panels().size(least.0, least.1).draw() else { return };
    panels().size(least.0, least.1).draw().expect("drawn");
    assert!(said(bars().colours(["red"]).draw()).starts_with("\"red\" is not a colour"));
    let few = said(panels().colours(["#000000"]).draw());
    assert_eq!(few, "colours: expected 3, found 1");
    let few = said(panels().class_names(["a", "b"]).draw());
    assert_eq!(few, "class names: expected 3, found 2");
    let labels = Labels::from(["a", "b"]);
    let matrix = confusion_matrix(&labels, &labels).expect("compared");
    assert!(said(plot::ConfusionMatrix::new(&matrix).size(100, 100).draw()).contains("at least"));
    let large = plot::ConfusionMatrix::new(&matrix).size(700, 500).colours(["#003300"]).draw();
    assert_eq!(large.expect("drawn").size(), (700, 500));
}

#[test]
fn names_cannot_break_out_of_any_chart() {
    let bad = "</text><script>alert(1)</script>\n\0\u{ffff}\" onload=\"";
    let data = Dataset::new(
        Array2::from_shape_fn((40, 2), |(row, column)| ((row * 7 + column * 3) % 11) as f64),
        (0..40).map(|row| format!("{bad}{}", row % 3)).collect::<Vec<_>>().into(),
        vec![bad.to_owned(), format!("{bad}2")],
        bad,
    )
    .expect("fits together");
    let tree = DecisionTreeClassifier::params().max_depth(3).fit(&data).expect("fitted");
    let figures = [
        plot::feature_importances(&tree),
        plot::class_distribution(&data),
        plot::histogram(&data, bad),
        plot::decision_regions(&tree, &data, [bad, &format!("{bad}2")]),
        plot::predicted_probabilities(&tree, &[1.0, 2.0]),
        plot::roc_curve(&tree, &data),
        plot::precision_recall_curve(&tree, &data),
        plot::scatter(&data, [bad, &format!("{bad}2")]),
        plot::pair_plot(&data, [bad, &format!("{bad}2")]),
        plot::correlations(&data.corr().expect("few columns")),
        plot::FeatureImportances::new(&tree).title(bad).draw(),
    ];
    let svgs: Vec<Figure> = figures.into_iter().map(|figure| figure.expect("drawn")).collect();
    for figure in &svgs {
        assert!(!figure.svg().contains("<script") && !figure.to_html().contains("<script"));
        assert_eq!(figure.alt().lines().count(), 1);
        pieces::check("bad names", figure);
    }
    are_xml(&svgs);
}

/// Python's own parser of XML reads the pictures.
fn are_xml(figures: &[Figure]) {
    let code = "import json, sys, xml.dom.minidom\n\
                for svg in json.load(sys.stdin): xml.dom.minidom.parseString(svg)";
    let svgs: Vec<&str> = figures.iter().map(Figure::svg).collect();
    let mut python = Command::new(support::python())
        .args(["-X", "utf8", "-c", code])
        .stdin(Stdio::piped())
        .spawn()
        .expect("python");
    let json = serde_json::to_vec(&svgs).expect("JSON");
    python.stdin.take().expect("a pipe").write_all(&json).expect("written");
    assert!(python.wait().expect("python").success());
}

#[test]
fn all_charts_are_xml() {
    let figures: Vec<Figure> = charts::charts().into_iter().map(|(_, figure)| figure).collect();
    are_xml(&figures);
}

/// Numbers of all sizes, often whole, often near each other.
fn numbers() -> impl Strategy<Value = Vec<f64>> {
    let one = prop_oneof![
        -5.0..5.0_f64,
        (-20_i32..20).prop_map(f64::from),
        -1e300..1e300_f64,
        prop::num::f64::SUBNORMAL,
        Just(0.0),
    ];
    let scaled = (prop::collection::vec(one.clone(), 1..40), -300_i32..300, one).prop_map(
        |(numbers, power, offset)| {
            let scale = 10.0_f64.powi(power);
            let place =
                |number: f64| (number.clamp(-9.0, 9.0) * scale + offset).clamp(-1e300, 1e300);
            numbers.into_iter().map(place).collect()
        },
    );
    prop_oneof![prop::collection::vec(-1e300..1e300_f64, 1..40), scaled]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(60) })]

    #[test]
    fn any_column_can_be_drawn(
        numbers in numbers(),
        name in "\\PC{0,60}",
        bins in 1_usize..80,
        classes in 1_usize..8,
    ) {
        let rows = numbers.len();
        let features = Array2::from_shape_vec((rows, 1), numbers).expect("a table");
        let target: Vec<String> = (0..rows).map(|row| format!("{name}{}", row % classes)).collect();
        let data = Dataset::new(features, target.into(), vec![name.clone()], name.clone());
        let data = data.expect("fits together");
        let figure = plot::Histogram::new(&data, name).bins(bins).draw().expect("drawn");
        pieces::check("histogram", &figure);
        let figure = plot::class_distribution(&data).expect("drawn");
        pieces::check("class distribution", &figure);
    }

    #[test]
    fn any_plane_can_be_drawn(numbers in numbers(), size in (420_u32..800, 330_u32..600)) {
        let rows = numbers.len() / 2;
        prop_assume!(rows > 0);
        let small = numbers.iter().all(|number| number.abs() < 1e38);
        prop_assume!(small); // a tree takes 32-bit floats
        let features = Array2::from_shape_vec((rows, 2), numbers[..rows * 2].to_vec());
        let target: Labels = (0..rows).map(|row| (row % 3) as i64).collect::<Vec<_>>().into();
        let names = vec!["first".to_owned(), "second".to_owned()];
        let data = Dataset::new(features.expect("a table"), target, names, "class");
        let data = data.expect("fits together");
        let tree = DecisionTreeClassifier::params().max_depth(3).fit(&data).expect("fitted");
        let plane = plot::DecisionRegions::new(&tree, &data, ["first", "second"]);
        let figure = plane.size(size.0, size.1).draw().expect("drawn");
        pieces::check("regions", &figure);
        let figure = plot::scatter(&data, ["first", "second"]).expect("drawn");
        pieces::check("scatter", &figure);
        let figure = plot::pair_plot(&data, ["first", "second"]).expect("drawn");
        pieces::check("pairs", &figure);
    }

    #[test]
    fn any_history_can_be_drawn(
        accuracies in prop::collection::vec(0.0..=1.0_f64, 1..200),
        threshold in prop::option::of(0.0..=1.0_f64),
        first in 0_i64..3_000,
        every in 1_i64..900,
        dated in any::<bool>(),
        others in 0..4,
        missing in 1_usize..9,
    ) {
        let mut chart = plot::AccuracyOverTime::new(&accuracies);
        let other = |place: usize, share: f64| match place.is_multiple_of(missing) {
            true => f64::NAN,
            false => 1.0 - share,
        };
        let other: Vec<f64> = accuracies.iter().enumerate().map(|(i, &it)| other(i, it)).collect();
        if others % 2 == 1 {
            chart = chart.recall(&other);
        }
        if others > 1 {
            chart = chart.false_alarms(&accuracies);
        }
        if dated {
            let date = |day: i64| format!("{:04}-{:02}-{:02}", 1900 + day / 336, 1 + day / 28 % 12, 1 + day % 28);
            chart = chart.dates((0..accuracies.len() as i64).map(|i| date(first + i * every)));
        } else {
            chart = chart.steps((0..accuracies.len() as i64).map(|i| (first + i * every) as f64));
        }
        if let Some(threshold) = threshold {
            chart = chart.threshold(threshold);
        }
        pieces::check("history", &chart.draw().expect("drawn"));
    }
}

#[test]
fn curves_say_what_was_measured_and_what_is_best() {
    let (data, cv) = (balance_scale(), StratifiedKFold::new(5).shuffle(42));
    let params = DecisionTreeClassifier::params().random_state(0);
    let curve = validation_curve(&params, "max_depth", [1, 3, 5], &data, &cv).expect("fitted");
    let figure = plot::validation_curve(&curve).expect("drawn");
    let percent = |share: f64| format!("{:.1} %", 100.0 * share);
    let (train, test) = (curve.mean_train_scores(), curve.mean_test_scores());
    let best = percent(test[curve.best_index()]);
    let title =
        format!("Validation curve: best accuracy {best} at max_depth {}", curve.best_value());
    assert_eq!(figure.title(), title);
    for (place, depth) in [1, 3, 5].into_iter().enumerate() {
        let said = format!("{depth}: {} and {}", percent(train[place]), percent(test[place]));
        assert!(figure.alt().contains(&said), "{said} in {}", figure.alt());
    }
    assert_eq!(count(&figure, "polygon"), 2, "a band for each line");
    let learnt = learning_curve(&params, &data, &cv).expect("fitted");
    let figure = plot::learning_curve(&learnt).expect("drawn");
    assert!(figure.alt().contains("Rows to fit on from 50 to 500 across"), "{}", figure.alt());
    let single = plot::LearningCurve::new(&learnt).colours(["#000000"]).draw();
    assert!(matches!(single, Err(Error::Length { expected: 2, .. })));
    // With a row in each fold R² is not defined.
    let target: Vec<f64> = (0..20).map(|row| f64::from(row % 7)).collect();
    let numbers = Dataset::new(
        Array2::from_shape_fn((20, 1), |(row, _)| row as f64),
        target.into(),
        vec!["x".into()],
        "y",
    );
    let (numbers, regressor) = (numbers.expect("a table"), DecisionTreeRegressor::params());
    let curve = validation_curve(&regressor, "max_depth", [1], &numbers, &KFold::new(20));
    let refused = plot::validation_curve(&curve.expect("fitted")).expect_err("refused");
    assert!(refused.to_string().starts_with("validation score 0: NaN has no place"), "{refused}");
}

#[test]
fn a_grid_shows_the_mean_of_each_combination() {
    let (data, cv) = (balance_scale(), StratifiedKFold::new(5).shuffle(42));
    let params = DecisionTreeClassifier::params().random_state(0);
    let grid = |grid: GridSearch<_>| grid.fit(&data, &cv).expect("fitted");
    let start = || GridSearch::new(&params).vary("max_depth", [2, 4, 6]);
    let two = grid(start().vary("min_samples_leaf", [1, 5]));
    let figure = plot::grid_search(&two).expect("drawn");
    let texts = texts(&figure);
    for candidate in two.candidates() {
        let mean = format!("{:.1} %", 100.0 * candidate.mean_test_score());
        assert!(texts.contains(&mean) && figure.alt().contains(&mean), "{mean} in {texts:?}");
    }
    assert!(figure.alt().contains("max_depth across (2, 4, 6), min_samples_leaf down (1, 5)"));
    let refused = |picture: plot::GridSearch<'_>| picture.draw().expect_err("refused").to_string();
    let of = || plot::GridSearch::new(&two);
    assert!(refused(of().axes("max_depth", "max_depth")).contains("is on both axes"));
    assert!(refused(of().axes("max_depth", "depth")).starts_with("no column is named \"depth\""));
    assert!(refused(of().size(100, 100)).starts_with("100 × 100 pixels do not fit"));
    let none = grid(GridSearch::new(&params));
    assert!(refused(plot::GridSearch::new(&none)).contains("no parameters that were varied"));
    let many = grid(start().vary("max_leaf_nodes", 2..=22));
    assert!(refused(plot::GridSearch::new(&many)).starts_with("21 values or more are too many"));
    let curve = plot::grid_search(&grid(start())).expect("drawn");
    assert!(curve.alt().starts_with("Grid search, a line chart of 3 values"), "{}", curve.alt());
}
