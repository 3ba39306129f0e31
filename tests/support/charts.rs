//! Charts to look at and to check: of the tutorial's data, and of what is hard to draw.

#[path = "random.rs"]
mod random;

use ndarray::Array2;
use picklebook::data::{
    Column, Dataset, Frame, Labels, Split, balance_scale, mail_2002, spambase, train_test_split,
};
use picklebook::model_selection::{
    GridSearch, KFold, LearningCurveOptions, Scoring, StratifiedKFold, learning_curve,
    learning_curve_with, validation_curve, validation_curve_with,
};
use picklebook::monitor::{History, Period};
use picklebook::plot::{self, Figure};
use picklebook::tree::{Criterion, DecisionTreeClassifier, DecisionTreeRegressor, LinfaTree};
use random::noise;

pub fn split() -> Split {
    train_test_split(&balance_scale(), 0.3, 100).expect("split")
}

pub fn tree(criterion: Criterion) -> DecisionTreeClassifier {
    let params = DecisionTreeClassifier::params().criterion(criterion).max_depth(3);
    params.min_samples_leaf(5).random_state(100).fit(&split().train).expect("fitted")
}

/// Rows in clouds, one for each class, that overlap at their edges.
pub fn clouds(rows: usize, classes: usize) -> Dataset {
    let numbers = noise(7, rows * 6);
    let sum = |numbers: &[f64]| numbers.iter().sum::<f64>() - numbers.len() as f64 / 2.0;
    let mut features = Vec::new();
    let mut target = Vec::new();
    for (row, numbers) in numbers.chunks_exact(6).enumerate() {
        let class = row % classes;
        let angle = class as f64 * 2.4;
        features.push(angle.cos() * (1.0 + class as f64 / 3.0) + sum(&numbers[..3]));
        features.push(angle.sin() * (1.0 + class as f64 / 3.0) + sum(&numbers[3..]));
        target.push(format!("class {class}"));
    }
    let names = vec!["width".to_owned(), "height".to_owned()];
    let features = Array2::from_shape_vec((rows, 2), features).expect("a table");
    Dataset::new(features, target.into(), names, "kind").expect("fits together")
}

/// One column of these numbers, and a second class for every third row.
pub fn column(name: &str, numbers: &[f64]) -> Dataset {
    let features = Array2::from_shape_vec((numbers.len(), 1), numbers.to_vec()).expect("a table");
    let target: Vec<&str> =
        (0..numbers.len()).map(|row| if row % 3 == 0 { "no" } else { "yes" }).collect();
    Dataset::new(features, target.into(), vec![name.to_owned()], "answer").expect("fits together")
}

/// A table as people have them: words, missing values, columns that go together.
pub fn people() -> Frame {
    let noise = noise(11, 900);
    let rows = 300;
    let missing = |row: usize, number: f64| if row % 17 == 3 { f64::NAN } else { number };
    let at = |row: usize, place: usize| noise[3 * row + place];
    let column = |number: &dyn Fn(usize) -> f64| {
        Column::Numbers((0..rows).map(|row| missing(row, number(row))).collect())
    };
    let city = |row: usize| ["Bern", "Genève", "Zürich"][(at(row, 2) * 3.0) as usize % 3];
    let cities = (0..rows).map(|row| (row % 23 != 5).then(|| city(row).to_owned())).collect();
    Frame::named([
        ("age", column(&|row| (18.0 + 50.0 * at(row, 0)).floor())),
        ("income", column(&|row| 20_000.0 + 900.0 * 50.0 * at(row, 0) + 30_000.0 * at(row, 1))),
        (LONG, column(&|row| -at(row, 1) - 0.2 * at(row, 2))),
        ("always", Column::Numbers(vec![1.0; rows])),
        ("city", Column::Words(cities)),
    ])
    .expect("columns of one length")
}

pub const LONG: &str =
    "a name that is much longer than anybody would wish to read <&\"'> WWWWWWWWWW";

/// Every chart but the confusion matrices.
pub fn charts() -> Vec<(&'static str, Figure)> {
    let (split, gini) = (split(), tree(Criterion::Gini));
    let data = balance_scale();
    let mut all: Vec<(&'static str, Result<Figure, plot::Error>)> = Vec::new();

    all.push(("importances_gini", plot::feature_importances(&gini)));
    all.push(("importances_entropy", plot::feature_importances(&tree(Criterion::Entropy))));
    let many = |count: usize| -> Vec<(String, f64)> {
        (0..count).map(|i| (format!("{i} {LONG}"), 1.0 / (count as f64 * (i + 1) as f64))).collect()
    };
    all.push(("importances_many", plot::feature_importances(many(1_000))));
    let one = plot::FeatureImportances::new(vec![("only", 1.0)]).title(format!("{LONG} {LONG}"));
    all.push(("importances_one", one.draw()));
    all.push(("importances_none", plot::feature_importances(vec![("a", 0.0), ("b", 0.0)])));
    let narrow = plot::FeatureImportances::new(&gini).size(460, 230).colours(["#d55e00"]);
    all.push(("importances_narrow", narrow.draw()));

    all.push(("classes", plot::class_distribution(&data)));
    all.push(("classes_split", plot::class_distribution(&split)));
    let many: Labels = (0..5_000_i64).map(|row| (row * row) % 31 - 5).collect::<Vec<i64>>().into();
    all.push(("classes_many", plot::class_distribution(&many)));
    let long = Labels::from(vec![LONG, LONG, "b"]);
    all.push(("classes_long", plot::class_distribution(&long)));
    all.push(("classes_one", plot::class_distribution(&Labels::from(["a", "a"]))));

    let row = [2.0, 4.0, 4.0, 2.0];
    all.push(("probabilities", plot::predicted_probabilities(&gini, &row)));
    let many = clouds(3_000, 8);
    let deep = DecisionTreeClassifier::params().min_samples_leaf(40).fit(&many).expect("fitted");
    all.push(("probabilities_eight", plot::predicted_probabilities(&deep, &[0.1, -1.5e-7])));

    all.push(("roc", plot::roc_curve(&gini, &split.test)));
    all.push(("roc_eight", plot::roc_curve(&deep, &many)));
    let one = plot::RocCurve::new(&gini, &split.test).positive("L".into()).size(460, 380);
    all.push(("roc_one", one.draw()));
    all.push(("precision_recall", plot::precision_recall_curve(&gini, &split.test)));
    all.push(("precision_recall_eight", plot::precision_recall_curve(&deep, &many)));
    let truth: Labels = noise(1, 100_000).iter().map(|&n| n > 0.5).collect::<Vec<bool>>().into();
    let mut scores = Array2::zeros((100_000, 2));
    for ((row, noise), label) in noise(2, 100_000).into_iter().enumerate().zip(truth.iter()) {
        scores[[row, 1]] =
            noise + if label == picklebook::data::Label::Boolean(true) { 0.3 } else { 0.0 };
    }
    let classes = truth.classes();
    all.push(("roc_large", plot::RocCurve::from_scores(&truth, &classes, &scores).draw()));
    let large = plot::PrecisionRecallCurve::from_scores(&truth, &classes, &scores);
    all.push(("precision_recall_large", large.draw()));

    let params = gini.parameters();
    all.push(("depth", plot::accuracy_by_depth(params, &split, 1..=12)));
    let free = DecisionTreeClassifier::params();
    all.push(("depth_free", plot::accuracy_by_depth(&free, &split, 1..=14)));
    all.push(("depth_one", plot::accuracy_by_depth(params, &split, [3])));

    let accuracies = [0.74, 0.733, 0.75, 0.741, 0.728, 0.73, 0.71, 0.692, 0.7, 0.68];
    let dates = (0..10).map(|week| format!("2026-{:02}-{:02}", 1 + week / 4, 5 + 7 * (week % 4)));
    let dated = plot::AccuracyOverTime::new(&accuracies).dates(dates).threshold(0.7);
    all.push(("time_dates", dated.draw()));
    all.push(("time_steps", plot::accuracy_over_time(&accuracies)));
    all.push(("time_one", plot::AccuracyOverTime::new(&[1.0]).dates(["2024-02-29"]).draw()));
    let large: Vec<f64> = noise(3, 100_000).iter().map(|n| 0.8 + 0.1 * n).collect();
    all.push(("time_large", plot::AccuracyOverTime::new(&large).threshold(0.85).draw()));
    let recall = [0.9, 0.88, f64::NAN, 0.8, 0.7, 0.72, f64::NAN, f64::NAN, 0.6, 0.55];
    let alarms = [0.02, 0.03, 0.02, 0.05, 0.04, 0.06, 0.08, 0.05, 0.07, f64::NAN];
    let three = || plot::AccuracyOverTime::new(&accuracies).recall(&recall).false_alarms(&alarms);
    all.push(("time_three", three().draw()));
    all.push(("time_three_limit", three().threshold(0.7).size(480, 320).draw()));
    let equal = plot::AccuracyOverTime::new(&[0.5, 0.5]).recall(&[0.5, 0.5]);
    all.push(("time_equal", equal.false_alarms(&[0.5, 0.5]).draw()));
    let none = plot::AccuracyOverTime::new(&[1.0]).recall(&[f64::NAN]).false_alarms(&[0.0]);
    all.push(("time_none", none.draw()));
    let often: Vec<f64> = noise(4, 5_000).iter().map(|n| 0.3 * n).collect();
    let long = plot::AccuracyOverTime::new(&large[..5_000]).recall(&large[5_000..10_000]);
    all.push(("time_three_large", long.false_alarms(&often).draw()));
    let mail = mail_2002();
    let filter = DecisionTreeClassifier::params().max_depth(5).min_samples_leaf(5);
    let said = filter.fit(&spambase()).expect("fitted").predict(&mail).expect("predicted");
    for (name, period) in [("time_weeks", Period::Week), ("time_months", Period::Month)] {
        let history = History::of_dates(mail.target(), &said, "spam", mail.dates(), period);
        all.push((name, plot::AccuracyOverTime::of(&history.expect("counted")).draw()));
    }

    all.push(("histogram", plot::histogram(&data, "Right-Weight")));
    let eight = plot::Histogram::new(&many, "width").size(760, 700).bins(60);
    all.push(("histogram_eight", eight.draw()));
    let scaled = |low: f64, width: f64| -> Vec<f64> {
        noise(9, 100_000).chunks_exact(4).map(|n| low + width * n.iter().sum::<f64>()).collect()
    };
    let columns = [
        ("histogram_huge", column("huge", &scaled(-1e300, 4e299))),
        ("histogram_tiny", column("tiny", &scaled(0.0, 1e-300))),
        ("histogram_narrow", column("far from zero", &scaled(1e9, 0.25))),
        ("histogram_constant", column(LONG, &[7.25; 10])),
        ("histogram_zero", column("zero", &[0.0; 10])),
    ];
    for (name, data) in &columns {
        all.push((name, plot::histogram(data, &data.feature_names()[0])));
    }

    let columns = ["Left-Weight", "Right-Weight"];
    all.push(("regions", plot::decision_regions(&gini, &split.train, columns)));
    let linfa = LinfaTree::params().max_depth(3).min_samples_leaf(5).fit(&split.train);
    let linfa = linfa.expect("fitted");
    let held = plot::DecisionRegions::new(&linfa, &split.train, columns).at("Left-Distance", 1.0);
    all.push(("regions_linfa", held.size(460, 420).draw()));
    let plane = ["width", "height"];
    let three = clouds(400, 3);
    let fitted = DecisionTreeClassifier::params().max_depth(4).fit(&three).expect("fitted");
    all.push(("regions_three", plot::decision_regions(&fitted, &three, plane)));
    all.push(("regions_eight", plot::decision_regions(&deep, &many, plane)));
    let large = clouds(100_000, 8);
    all.push(("regions_large", plot::decision_regions(&deep, &large, plane)));
    let wild = DecisionTreeClassifier::params().fit(&large).expect("fitted");
    all.push(("regions_wild", plot::decision_regions(&wild, &large, plane)));
    let integers: Vec<f64> = noise(4, 200_000).iter().map(|n| (n * 7.0).floor()).collect();
    let features = Array2::from_shape_vec((100_000, 2), integers).expect("a table");
    let target: Vec<bool> = features.rows().into_iter().map(|row| row[0] > row[1]).collect();
    let names = vec!["a".to_owned(), "b".to_owned()];
    let stacked = Dataset::new(features, target.into(), names, "more").expect("fits together");
    let fitted = DecisionTreeClassifier::params().max_depth(6).fit(&stacked).expect("fitted");
    all.push(("regions_stacked", plot::decision_regions(&fitted, &stacked, ["a", "b"])));

    let cv = StratifiedKFold::new(5).shuffle(42);
    let curve = learning_curve(params, &data, &cv).expect("fitted");
    all.push(("learning_curve", plot::learning_curve(&curve)));
    let sizes = LearningCurveOptions::new().train_sizes([300]).scoring(Scoring::F1Macro);
    let one = learning_curve_with(params, &data, &cv, &sizes).expect("fitted");
    let one = plot::LearningCurve::new(&one).size(460, 320).colours(["#009e73", "#cc79a7"]);
    all.push(("learning_curve_one", one.draw()));
    let own = DecisionTreeClassifier::params().min_samples_leaf(5).random_state(100);
    let curve = validation_curve(&own, "max_depth", 1..=10, &split.train, &cv).expect("fitted");
    all.push(("validation_curve", plot::validation_curve(&curve)));
    let prices = [0.0, 1e-4, 1e-3, 1e-2, 0.1];
    let curve = validation_curve(&free, "ccp_alpha", prices, &data, &cv).expect("fitted");
    all.push(("validation_curve_uneven", plot::validation_curve(&curve)));
    let criteria = ["gini", "entropy", "log_loss"];
    let curve = validation_curve(&free, "criterion", criteria, &data, &cv).expect("fitted");
    all.push(("validation_curve_words", plot::validation_curve(&curve)));
    let target: Vec<f64> = data.features().rows().into_iter().map(|row| row[0] * row[1]).collect();
    let names = data.feature_names().to_vec();
    let numbers = Dataset::new(data.features().clone(), target.into(), names, "torque");
    let numbers = numbers.expect("fits together");
    let (folds, regressor) = (KFold::new(5).shuffle(1), DecisionTreeRegressor::params());
    let error = Scoring::NegMeanSquaredError;
    let curve = validation_curve_with(&regressor, "max_depth", 1..=60, &numbers, &folds, error);
    all.push(("validation_curve_numbers", plot::validation_curve(&curve.expect("fitted"))));
    let grid = || GridSearch::new(&free).vary("max_depth", [2, 4, 6, 8]);
    let fitted = |grid: GridSearch<_>| grid.fit(&data, &cv).expect("fitted");
    let two = fitted(grid().vary("min_samples_leaf", [1, 2, 5, 10, 20]));
    all.push(("grid", plot::grid_search(&two)));
    let narrow = plot::GridSearch::new(&two).size(420, 330).colours(["#005030"]);
    all.push(("grid_narrow", narrow.draw()));
    let third = grid().vary("criterion", criteria).vary("max_leaf_nodes", [Some(4), Some(8), None]);
    all.push(("grid_three", plot::grid_search(&fitted(third))));
    let line = grid().vary("criterion", ["gini"]).vary("min_impurity_decrease", [0.0]);
    all.push(("grid_line", plot::grid_search(&fitted(line))));
    all.push(("grid_one", plot::grid_search(&fitted(grid()))));
    let wide = GridSearch::new(&regressor)
        .vary("max_depth", 1..=20)
        .vary("min_samples_leaf", 1..=20)
        .scoring(error)
        .fit(&numbers, &KFold::new(2));
    all.push(("grid_wide", plot::grid_search(&wide.expect("fitted"))));
    let plane = ["Left-Weight", "Right-Weight"];
    all.push(("scatter", plot::scatter(&data, plane)));
    all.push(("scatter_few", plot::scatter(&three, ["width", "height"])));
    all.push(("scatter_large", plot::scatter(&large, ["width", "height"])));
    all.push(("scatter_spam", plot::scatter(&spambase(), ["char_freq_!", "word_freq_your"])));
    let people = people();
    all.push(("scatter_table", plot::scatter(&people, ["age", "income"])));
    let by = plot::Scatter::new(&people, ["age", LONG]).by("city").size(480, 360);
    all.push(("scatter_by", by.draw()));
    all.push(("scatter_one", plot::scatter(&people.head(1), ["age", "income"])));
    all.push(("pairs", plot::pair_plot(&data, data.feature_names().to_vec())));
    all.push(("pairs_two", plot::pair_plot(&three, ["width", "height"])));
    all.push(("pairs_large", plot::pair_plot(&large, ["width", "height"])));
    let six = plot::PairPlot::new(&spambase(), spambase().feature_names()[50..56].to_vec());
    all.push(("pairs_six", six.draw()));
    let named = plot::PairPlot::new(&people, ["age", "income", LONG]).by("city").size(560, 520);
    all.push(("pairs_by", named.draw()));
    let correlations = |frame: &Frame| plot::correlations(&frame.corr().expect("few columns"));
    all.push(("correlations", correlations(&people)));
    all.push(("correlations_balance", correlations(&data.to_frame())));
    let spam = spambase().select_columns(spambase().feature_names()[24..54].to_vec());
    all.push(("correlations_thirty", correlations(&spam.expect("they are there").to_frame())));
    all.push((
        "correlations_one",
        correlations(&three.to_frame().head(9).drop_columns(["height"]).expect("it is there")),
    ));

    all.into_iter()
        .map(|(name, figure)| (name, figure.unwrap_or_else(|e| panic!("{name}: {e}"))))
        .collect()
}
