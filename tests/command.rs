//! The subcommands that work on data, models and pickles: `train`, `predict`, `show`, `inspect`.
#![cfg(feature = "cli")]

#[path = "support/command.rs"]
mod command;
#[allow(dead_code, reason = "it holds more than bombs are made of")]
#[path = "inspect/files.rs"]
mod files;
mod support;

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use command::{end_with, fail, run};
use ndarray::array;
use picklebook::container::Compression;
use picklebook::data::{Dataset, Labels, balance_scale};
use picklebook::pickle;
use picklebook::tree::{DecisionTreeClassifier, DecisionTreeRegressor, LinfaTree};
use support::root;

/// Runs a command that must succeed without a word of complaint, and returns what it printed.
fn succeed(folder: &Path, arguments: &[&str]) -> String {
    end_with(0, folder, arguments)
}

/// Runs Python in a folder.
fn python(folder: &Path, script: &str) {
    let output = Command::new(support::python())
        .current_dir(folder)
        .args(["-c", script])
        .output()
        .expect("Python starts");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}

fn balance() -> String {
    root().join("data/balance-scale.csv").display().to_string()
}

/// A folder with the tutorial's tree in `model.pkl`.
fn folder_with_model(name: &str) -> PathBuf {
    let folder = support::folder(name);
    let tutorial = ["--max-depth", "3", "--min-samples-leaf", "5", "--random-state", "100"];
    let start = ["train", &balance(), "--target", "Class", "--output", "model.pkl"];
    succeed(&folder, &[&start[..], &tutorial].concat());
    folder
}

#[test]
fn every_subcommand_has_help() {
    let names = [
        "lab",
        "run",
        "train",
        "predict",
        "show",
        "convert",
        "disassemble",
        "inspect",
        "monitor",
        "retrain",
        "fetch",
        "serve",
        "setup",
        "doctor",
        "clean",
    ];
    let help = succeed(root(), &["--help"]);
    for name in names {
        assert!(help.lines().any(|line| line.trim_start().starts_with(name)), "{name}: {help}");
        let help = succeed(root(), &[name, "--help"]);
        assert!(help.contains(&format!("Usage: picklebook {name}")), "{help}");
    }
    let options = [
        ("train", &["--target", "--criterion", "--max-depth", "--min-samples-leaf"][..]),
        ("train", &["--test-size", "--random-state", "--output", "<FILE>", "--cv <N>"]),
        ("predict", &["<MODEL>", "<FILE>", "--method", "--output", "predict_proba", "repr"]),
        ("predict", &["--max-memory", "--object", "decision_function", "transform"]),
        ("convert", &["<MODEL>", "<OUTPUT>", "--to", "--sklearn-version", "--protocol"]),
        ("convert", &["--compress", "zlib", "gzip", "bz2", "--old-joblib"]),
        ("disassemble", &["<FILES>", "--explain", "--annotate", "--indent", "--width"]),
        ("disassemble", &["--shared-memo", "--max-memory", "pickletools"]),
        ("inspect", &["--max-memory", "--max-levels", "--max-objects", "--max-members", "--json"]),
        ("show", &["<FILES>", "--depth", "--limit", "--max-memory", "repr"]),
    ];
    for (name, options) in options {
        let help = succeed(root(), &[name, "--help"]);
        for option in options {
            assert!(help.contains(option), "{name} {option}: {help}");
        }
    }
}

#[test]
fn the_tutorials_figures_come_out() {
    let folder = support::folder("command-tutorial");
    let train = |criterion| {
        let file = balance();
        let arguments = [
            ["train", &file],
            ["--target", "Class"],
            ["--criterion", criterion],
            ["--max-depth", "3"],
            ["--min-samples-leaf", "5"],
            ["--test-size", "0.3"],
            ["--random-state", "100"],
            ["--output", "model.pkl"],
        ];
        succeed(&folder, &arguments.concat())
    };
    assert_eq!(
        train("gini"),
        "DecisionTreeClassifier(max_depth=3, min_samples_leaf=5, random_state=100)\n\
         depth 3, 8 leaves, fitted on 437 rows\n\
         accuracy 73.40 % on 188 test rows\n\
         True \\ Predicted  B   L   R\n\
         B                 0   6   7\n\
         L                 0  67  18\n\
         R                 0  19  71\n\
         saved model.pkl\n"
    );
    let entropy = train("entropy");
    assert!(entropy.contains("\naccuracy 70.74 % on 188 test rows\n"), "{entropy}");
    assert!(entropy.contains("\nL                 0  63  22\n"), "{entropy}");
    assert_eq!(train("log_loss").lines().nth(3), Some("accuracy 70.74 % on 188 test rows"));
    let tree: DecisionTreeClassifier = pickle::open(folder.join("model.pkl")).expect("a tree");
    assert_eq!((tree.depth(), tree.classes()), (3, &Labels::from(["B", "L", "R"])));
}

/// Makes files of many kinds, trains on each as the command does, and writes what scikit-learn
/// answers, as pandas writes it.
const REFERENCE: &str = r#"
import json, sys
import numpy as np, pandas as pd
from sklearn.metrics import confusion_matrix
from sklearn.model_selection import train_test_split
from sklearn.tree import DecisionTreeClassifier

random = np.random.default_rng(3)
numbers = random.normal(size=(700, 4)).round(3)
numbers[random.random(numbers.shape) < 0.1] = np.nan
scores = np.nan_to_num(numbers) @ [1, -2, 0.5, 0]
files = {
    "words": (np.array(["a, \"b\"", "c\nd", "é"])[np.digitize(scores, [-1, 1])], "which, \"one\""),
    "whole": (np.digitize(scores, [-1, 0, 2]) - 2, "class"),
    "truth": (scores > 0.3, "class"),
}
parameters = {
    "words": dict(criterion="entropy", min_samples_leaf=0.01, random_state=7),
    "whole": dict(max_depth=6, random_state=1),
    "truth": dict(min_samples_leaf=4, random_state=4294967295),
}
for name, (target, title) in files.items():
    table = pd.DataFrame(numbers * (1e-7 if name == "whole" else 1), columns=["x 1", "x,2", "\"x3\"", "x4"])
    table.insert(2, title, target)
    table.to_csv(f"{name}.csv", index=False)
    table = pd.read_csv(f"{name}.csv")
    x, y = table.drop(columns=title), table[title]
    seed = parameters[name]["random_state"]
    x_train, x_test, y_train, y_test = train_test_split(x, y, test_size=0.4, random_state=seed)
    model = DecisionTreeClassifier(**parameters[name]).fit(x_train, y_train)
    write = lambda method, columns, answers: pd.DataFrame(answers, columns=columns).to_csv(
        f"{name}.{method}.csv", index=False, lineterminator="\n")
    write("predict", ["prediction"], model.predict(x))
    write("predict_proba", model.classes_, model.predict_proba(x))
    write("apply", ["leaf"], model.apply(x))
    with open(f"{name}.txt", "w") as file:
        print(f"{100 * model.score(x_test, y_test):.2f}", model.get_depth(), model.get_n_leaves(), file=file)
"#;

#[test]
fn answers_are_those_of_scikit_learn_byte_for_byte() {
    let folder = support::folder("command-reference");
    python(&folder, REFERENCE);
    let cases = [
        ("words", "which, \"one\"", "--criterion entropy --min-samples-leaf 0.01 --random-state 7"),
        ("whole", "class", "--max-depth 6 --random-state 1"),
        ("truth", "class", "--min-samples-leaf 4 --random-state 4294967295"),
    ];
    for (name, target, options) in cases {
        let file = format!("{name}.csv");
        let mut arguments = vec!["train", &file, "--target", target, "--test-size", "0.4"];
        arguments.extend(options.split(' '));
        let said = succeed(&folder, &[&arguments[..], &["--output", "model.pkl"]].concat());
        let expected = fs::read_to_string(folder.join(format!("{name}.txt"))).expect("written");
        let expected: Vec<&str> = expected.split_whitespace().collect();
        let [score, depth, leaves] = expected[..] else { panic!("three figures: {expected:?}") };
        assert!(said.contains(&format!("\naccuracy {score} % on 280 test rows\n")), "{said}");
        let shape = format!("\ndepth {depth}, {leaves} leaves, fitted on 420 rows\n");
        assert!(said.contains(&shape), "{said}");
        for method in ["predict", "predict_proba", "apply"] {
            let said = succeed(&folder, &["predict", "model.pkl", &file, "--method", method]);
            let expected = fs::read_to_string(folder.join(format!("{name}.{method}.csv")));
            assert!(said == expected.expect("written"), "{name} {method}");
            let to_file = ["--method", method, "--output", "answers.csv"];
            let quiet =
                succeed(&folder, &[&["predict", "model.pkl", &file], &to_file[..]].concat());
            assert_eq!(quiet, "");
            let written = fs::read_to_string(folder.join("answers.csv")).expect("written");
            assert!(said == written, "{name} {method}");
        }
    }
}

/// Trains regressors as the command does, and writes their figures and estimates.
const REGRESSION: &str = r#"
import numpy as np, pandas as pd
from sklearn.metrics import mean_absolute_error, mean_squared_error
from sklearn.model_selection import train_test_split
from sklearn.tree import DecisionTreeRegressor

random = np.random.default_rng(5)
table = pd.DataFrame(random.normal(size=(400, 3)).round(3), columns=["a", "b", "c"])
table["price"] = (table["a"] * 3 - table["b"] ** 2 + random.normal(size=400)).round(2).abs()
table.to_csv("prices.csv", index=False)
table = pd.read_csv("prices.csv")
x, y = table.drop(columns="price"), table["price"]
x_train, x_test, y_train, y_test = train_test_split(x, y, random_state=0)
for name in ["squared_error", "absolute_error", "poisson"]:
    model = DecisionTreeRegressor(criterion=name, max_depth=4, random_state=0).fit(x_train, y_train)
    guess = model.predict(x_test)
    figures = [model.score(x_test, y_test), mean_absolute_error(y_test, guess), mean_squared_error(y_test, guess)]
    with open(f"{name}.txt", "w") as file:
        print(*figures, model.get_depth(), model.get_n_leaves(), file=file)
    pd.DataFrame(model.predict(x), columns=["prediction"]).to_csv(f"{name}.csv", index=False, lineterminator="\n")
"#;

#[test]
fn numbers_are_estimated_as_by_scikit_learn() {
    let folder = support::folder("command-regression");
    python(&folder, REGRESSION);
    for name in ["squared_error", "absolute_error", "poisson"] {
        let mut arguments = vec!["train", "prices.csv", "--target", "price", "--regression"];
        arguments.extend(["--max-depth", "4", "--output", "model.pkl"]);
        if name != "squared_error" {
            arguments.extend(["--criterion", name]);
        }
        let said = succeed(&folder, &arguments);
        let expected = fs::read_to_string(folder.join(format!("{name}.txt"))).expect("written");
        let expected: Vec<f64> =
            expected.split_whitespace().map(|word| word.parse().expect("a number")).collect();
        let lines: Vec<&str> = said.lines().collect();
        let depth = format!("depth {}, {} leaves, fitted on 300 rows", expected[3], expected[4]);
        assert_eq!(lines[1], depth, "{said}");
        let starts = ["R² ", "mean absolute error ", "mean squared error "];
        for ((line, start), expected) in lines[2..].iter().zip(starts).zip(&expected) {
            let figure = line.strip_prefix(start).expect(&said).split(' ').next().expect(&said);
            let figure: f64 = figure.parse().expect(&said);
            assert!((figure - expected).abs() <= 1e-12 * expected.abs(), "{said}: {expected}");
        }
        let said = succeed(&folder, &["predict", "model.pkl", "prices.csv"]);
        assert!(said == fs::read_to_string(folder.join(format!("{name}.csv"))).expect("written"));
    }
    let start = ["train", "prices.csv", "--target", "price", "--output", "model.pkl"];
    let said = fail(&folder, &start);
    assert!(said.contains("add --regression"), "{said}");
    for (more, hint) in [
        (&["--criterion", "poisson"][..], "add --regression"),
        (&["--regression", "--criterion", "gini"], "leave --regression out"),
    ] {
        let done = run(&folder, &[&start[..], more].concat());
        let said = done.complained;
        assert_eq!(done.code, Some(2), "{said}");
        assert!(said.contains(hint), "{said}");
    }
    fs::write(folder.join("words.csv"), "x,y\n1,2.5\n2,low\n3,4\n").expect("written");
    let words = ["train", "words.csv", "--target", "y", "--regression", "--output", "model.pkl"];
    let said = fail(&folder, &words);
    assert!(said.contains("row 2 of the data, column \"y\": \"low\" is no number"), "{said}");
}

/// Measures trees by cross-validation on the training rows, as the command does.
const CROSS_VALIDATION: &str = r#"
import numpy as np, pandas as pd, sys
from sklearn.model_selection import cross_val_score, train_test_split
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

random = np.random.default_rng(6)
table = pd.DataFrame(random.normal(size=(240, 3)).round(3), columns=["a", "b", "c"])
table["price"] = (table["a"] * 3 - table["b"] ** 2 + random.normal(size=240)).round(2)
table["kind"] = pd.cut(table["price"], [-99, -3, 0, 1, 99], labels=["low", "fair", "good", "high"])
for target, model in [("kind", DecisionTreeClassifier), ("price", DecisionTreeRegressor)]:
    table[["a", "b", "c", target]].to_csv(f"{target}.csv", index=False)
    own = pd.read_csv(f"{target}.csv")
    x, y = own.drop(columns=target), own[target]
    x_train, _, y_train, _ = train_test_split(x, y, random_state=0)
    scores = cross_val_score(model(max_depth=3, random_state=0), x_train, y_train, cv=int(sys.argv[1]))
    with open(f"{target}.txt", "w") as file:
        print(scores.mean(), scores.std(), file=file)
"#;

#[test]
fn cross_validation_is_that_of_scikit_learn() {
    let folder = support::folder("command-cv");
    let said = Command::new(support::python())
        .args(["-X", "utf8", "-c", CROSS_VALIDATION, "4"])
        .current_dir(&folder)
        .output()
        .expect("python");
    assert!(said.status.success(), "{}", String::from_utf8_lossy(&said.stderr));
    let expected = |target: &str| -> Vec<f64> {
        let text = fs::read_to_string(folder.join(format!("{target}.txt"))).expect("written");
        text.split_whitespace().map(|word| word.parse().expect("a number")).collect()
    };
    let end = "in 4-fold cross-validation on the 180 rows (mean ± standard deviation)";
    let line = |target: &str, more: &[&str]| {
        let (file, depth) = (format!("{target}.csv"), ["--max-depth", "3", "--cv", "4"]);
        let start = ["train", &file, "--target", target, "--output", "model.pkl"];
        let said = succeed(&folder, &[&start[..], &depth, more].concat());
        said.lines().nth(2).expect("a third line").to_owned()
    };
    let (figures, of_classes) = (expected("kind"), line("kind", &[]));
    let [mean, std] = [figures[0], figures[1]].map(|share| format!("{:.2}", 100.0 * share));
    assert_eq!(of_classes, format!("accuracy {mean} ± {std} % {end}"));
    let (figures, of_numbers) = (expected("price"), line("price", &["--regression"]));
    assert_eq!(of_numbers, format!("R² {} ± {} {end}", figures[0], figures[1]));

    // The tutorial's rows: a class with fewer rows than folds is told of, more folds than rows refused.
    let balance = balance();
    let start = ["train", &balance, "--target", "Class", "--output", "model.pkl", "--cv"];
    let done = run(&folder, &[&start[..], &["50"]].concat());
    let warning = "warning: The least populated class in y has only 41 members, which is less than";
    assert!(done.code == Some(0) && done.complained.contains(warning), "{done:?}");
    let said = fail(&folder, &[&start[..], &["469"]].concat());
    assert!(said.contains("--cv 469: n_splits=469 is more than the 468 rows"), "{said}");
}

#[test]
fn columns_are_matched_by_name_or_by_position_where_asked() {
    let folder = folder_with_model("command-columns");
    let write = |content: &str| fs::write(folder.join("rows.csv"), content).expect("written");
    let predict = ["predict", "model.pkl", "rows.csv"];
    let tree: DecisionTreeClassifier = pickle::open(folder.join("model.pkl")).expect("a tree");
    let answer = tree.predict(&array![[5.0, 1.0, 2.0, 2.0], [1.0, 4.0, 5.0, 5.0]]).expect("rows");
    assert_eq!(answer, Labels::from(["L", "R"]));

    let by_name = [
        "Left-Weight,Left-Distance,Right-Weight,Right-Distance\n5,1,2,2\n1,4,5,5\n",
        "Right-Distance,Right-Weight,Left-Distance,Left-Weight\n2,2,1,5\n5,5,4,1\n",
        "Right-Distance,Right-Weight,Class,Left-Distance,Left-Weight\n\
         2,2,?,1,5\n5,5,,4,1\n",
    ];
    for rows in by_name {
        write(rows);
        assert_eq!(succeed(&folder, &predict), "prediction\nL\nR\n", "{rows}");
    }

    write(
        "who,Right-Distance,Right-Weight,Class,Left-Distance,Left-Weight,\u{fc}\n\
         \"a\nb\",2,2,?,1,5,inf\nc,5,5,,4,1,NaN\n",
    );
    let drop = [&predict[..], &["--drop", "who,\u{fc}"]].concat();
    assert_eq!(succeed(&folder, &drop), "prediction\nL\nR\n");

    write("a,b,c,d\n5,1,2,2\n1,4,5,5\n");
    let by_position = [&predict[..], &["--by-position"]].concat();
    assert_eq!(succeed(&folder, &by_position), "prediction\nL\nR\n");
    write("a,b,c\n1,1,1\n");
    assert_eq!(
        fail(&folder, &by_position),
        "rows.csv, header: the file has 3 columns (a, b, c) where 4 are needed (Left-Weight, \
         Left-Distance, Right-Weight, Right-Distance); give the columns that the rows of the fit \
         had, and no target"
    );

    let advice = "rename the columns, leave others out with --drop, or take them as they stand \
                  with --by-position";
    let refused = [
        (
            "Left-Weight,Left-Distance,Right-Weight,x\n1,1,1,1\n",
            " unseen at the fit: \"x\"; seen at the fit, yet now missing: \"Right-Distance\";",
        ),
        (
            "Class,Left-Weight\nB,1\n",
            " seen at the fit, yet now missing: \"Left-Distance\", \"Right-Weight\", \
             \"Right-Distance\";",
        ),
        (
            "a,b,c\n1,1,1\n",
            " unseen at the fit: \"a\", \"b\", \"c\"; seen at the fit, yet now missing: \
             \"Left-Weight\", \"Left-Distance\", \"Right-Weight\", \"Right-Distance\";",
        ),
    ];
    for (rows, problem) in refused {
        write(rows);
        let start = "rows.csv, header: the names of the columns should be those of the fit;";
        assert_eq!(fail(&folder, &predict), format!("{start}{problem} {advice}"));
    }

    let nameless = DecisionTreeClassifier::params()
        .fit_weighted(balance_scale().features(), balance_scale().target(), None)
        .expect("fits");
    pickle::save(&nameless, folder.join("model.pkl")).expect("saved");
    write("a,b,c,d\n5,1,2,2\n1,4,5,5\n");
    assert_eq!(succeed(&folder, &predict), "prediction\nL\nR\n", "no names, no warning");
    write("a,b,c,d,e\n5,1,2,2,L\n");
    assert_eq!(
        fail(&folder, &predict),
        "rows.csv, header: the file has 5 columns (a, b, c, d, e) where 4 are needed; give the \
         columns that the rows of the fit had, and no target"
    );
}

#[test]
fn regressors_and_trees_of_linfa_predict_too() {
    let folder = support::folder("command-models");
    python(
        &folder,
        "import pandas as pd, numpy as np\n\
         from sklearn.tree import DecisionTreeRegressor\n\
         x = np.arange(60.0).reshape(30, 2) % 17\n\
         y = np.sin(x[:, 0]) / 3 + x[:, 1]\n\
         pd.DataFrame(x, columns=['a', 'b']).to_csv('rows.csv', index=False)\n\
         pd.DataFrame({'y': y}).to_csv('y.csv', index=False)\n\
         model = DecisionTreeRegressor(max_depth=3, random_state=0).fit(x, y)\n\
         for name, answer in [('prediction', model.predict(x)), ('leaf', model.apply(x))]:\n\
         \x20   pd.DataFrame({name: answer}).to_csv(name + '.csv', index=False)",
    );
    let text = |name: &str| fs::read_to_string(folder.join(name)).expect("written");
    let column = |name: &str, place: usize| -> Vec<f64> {
        let text = text(name);
        let fields = text.lines().skip(1).map(|line| line.split(',').nth(place).expect("there"));
        fields.map(|field| field.parse().expect("a number")).collect()
    };
    let (a, b, y) = (column("rows.csv", 0), column("rows.csv", 1), column("y.csv", 0));
    let features = ndarray::stack![ndarray::Axis(1), ndarray::aview1(&a), ndarray::aview1(&b)];
    let names = vec!["a".to_owned(), "b".to_owned()];
    let data = Dataset::new(features, y.into(), names, "y").expect("a table");
    let tree = DecisionTreeRegressor::params().max_depth(3).fit(&data).expect("fits");
    pickle::save(&tree, folder.join("model.pkl")).expect("saved");
    let predict = ["predict", "model.pkl", "rows.csv", "--method"];
    let with = |method| [&predict[..], &[method]].concat();
    assert_eq!(succeed(&folder, &with("predict")), text("prediction.csv").replace("\r\n", "\n"));
    assert_eq!(succeed(&folder, &with("apply")), text("leaf.csv").replace("\r\n", "\n"));
    let problem = fail(&folder, &with("predict_proba"));
    let lacks = "model.pkl: DecisionTreeRegressor has no predict_proba; ask it for one of: predict, \
                 apply, feature_importances";
    assert_eq!(problem, lacks);

    let scale = balance_scale();
    let linfa = LinfaTree::params().max_depth(4).fit(&scale).expect("fits");
    pickle::save(&linfa, folder.join("model.pkl")).expect("saved");
    let expected = linfa.predict(&scale).expect("the same columns");
    let expected: String = expected.iter().map(|label| format!("{label}\n")).collect();
    let said = succeed(&folder, &["predict", "model.pkl", &balance()]);
    assert!(said == format!("prediction\n{expected}"), "{said}");
    for method in ["predict_proba", "apply"] {
        let problem = fail(&folder, &["predict", "model.pkl", &balance(), "--method", method]);
        let lacks = format!("model.pkl: LinfaTree has no {method}; ask it for one of: predict");
        assert_eq!(problem, lacks);
    }
    let rows = "Left-Weight,Left-Distance,Right-Weight,Right-Distance\n1,1,1,1\n\n1,,1,1\n";
    fs::write(folder.join("rows.csv"), rows).expect("written");
    assert_eq!(
        fail(&folder, &["predict", "model.pkl", "rows.csv"]),
        "rows.csv, line 4, column \"Left-Distance\": the value is missing, and LinfaTree \
         cannot do without; fill it in, or remove the row"
    );
}

#[test]
fn wrong_files_to_train_on_are_refused_by_file_and_place() {
    let folder = support::folder("command-train");
    let problem = |rows: &[u8], extra: &[&str]| {
        fs::write(folder.join("rows.csv"), rows).expect("written");
        let start = ["train", "rows.csv", "--target", "k", "--output", "model.pkl"];
        let problem = fail(&folder, &[&start[..], extra].concat());
        assert!(!folder.join("model.pkl").exists());
        problem
    };
    let cases: [(&[u8], &str); 12] = [
        (b"", "rows.csv: the file is empty;"),
        (b"x,k\n", "rows.csv: the file has a header line but no rows"),
        (b"x,y\n1,2\n", "rows.csv, header: no column is named \"k\"; the columns are: x, y"),
        (b"k\n1\n", "rows.csv, header: \"k\" is the only column;"),
        (b"x,x,k\n1,1,1\n", "rows.csv, header: two columns are named \"x\";"),
        (b"x,k\n1,1\n1\n", "rows.csv, line 3: 1 field where"),
        (b"x,k\n1,1\ntall,1\n", "rows.csv, line 3, column \"x\": \"tall\" is not a number;"),
        (b"x,k\n1,1\n1,\n", "rows.csv, line 3, column \"k\": the target is missing;"),
        (b"x,k\n1,\xff\n", "rows.csv, line 2, column 2: not UTF-8 text;"),
        (b"x,k\n1,\"a\n", "rows.csv, line 2: a quote"),
        (
            b"\"x\x1b\n\",y\n1,2\n",
            "rows.csv, header: no column is named \"k\"; the columns are: x\\x1b",
        ),
        (b"x,k\n1,a\n", "rows.csv: of 1 rows, test_size = 0.25 leaves none to train on;"),
    ];
    for (rows, start) in cases {
        let problem = problem(rows, &[]);
        assert!(problem.starts_with(start), "{problem}");
    }

    // The split shuffles; the message names the row of the file all the same.
    let mut rows = "x,y,k\n".to_owned();
    for row in 1..=40 {
        let (y, k) = if row == 17 { ("-1e39", "a") } else { ("1", "b") };
        rows += &format!("{row},{y},{k}\n");
    }
    for seed in ["0", "1", "2", "3", "4", "5", "6", "7"] {
        assert_eq!(
            problem(rows.as_bytes(), &["--random-state", seed]),
            "rows.csv, row 17 of the data, column \"y\": -1e39 is too large for the 32-bit floats \
             that trees compare; scale the column, or leave the field empty where a value is \
             missing"
        );
        let fractions = rows.replace("-1e39,a", "1,2.5").replace(",b", ",1");
        let problem = problem(fractions.as_bytes(), &["--random-state", seed]);
        let start = "rows.csv, row 17 of the data, column \"k\": 2.5: a class must be a whole";
        assert!(problem.starts_with(start), "{problem}");
    }

    let there = ["train", &balance(), "--target", "Class", "--output"];
    let missing = fail(&folder, &["train", "none.csv", "--target", "k", "--output", "model.pkl"]);
    assert!(missing.starts_with("none.csv: "), "{missing}");
    let nowhere = fail(&folder, &[&there[..], &["none/model.pkl"]].concat());
    assert!(nowhere.contains("none"), "{nowhere}");
    let a_folder = fail(&folder, &[&there[..], &["."]].concat());
    assert!(a_folder.contains("it is not a file"), "{a_folder}");
}

#[test]
fn wrong_parameters_are_errors_of_usage() {
    let folder = folder_with_model("command-usage");
    let file = balance();
    let train = ["train", &file, "--target", "Class", "--output", "new.pkl"];
    let mut cases: Vec<Vec<&str>> = vec![
        vec!["train"],
        vec!["train", &file, "--target", "Class"],
        vec!["train", &file, "--output", "new.pkl"],
        vec!["predict", "model.pkl"],
        vec!["predict", "model.pkl", &file, "--method", "guess"],
        vec!["show"],
        vec!["show", "model.pkl", "--depth", "deep"],
        vec!["show", "model.pkl", "--limit", "-1"],
        vec!["learn"],
    ];
    let wrong = [
        ["--criterion", "squared_error"],
        ["--max-depth", "0"],
        ["--max-depth", "-1"],
        ["--max-depth", "three"],
        ["--min-samples-leaf", "0"],
        ["--min-samples-leaf", "0.0"],
        ["--min-samples-leaf", "1.0"],
        ["--min-samples-leaf", "nan"],
        ["--min-samples-leaf", "few"],
        ["--test-size", "0"],
        ["--test-size", "1"],
        ["--test-size", "-0.3"],
        ["--test-size", "30"],
        ["--test-size", "nan"],
        ["--test-size", "third"],
        ["--cv", "1"],
        ["--cv", "0"],
        ["--cv", "-5"],
        ["--cv", "five"],
        ["--random-state", "-1"],
        ["--random-state", "4294967296"],
        ["--depth", "3"],
    ];
    cases.extend(wrong.iter().map(|wrong| [&train[..], &wrong[..]].concat()));
    for arguments in cases {
        let done = run(&folder, &arguments);
        assert_eq!((done.code, done.said.as_str()), (Some(2), ""), "{arguments:?}: {done:?}");
        assert!(!done.complained.is_empty(), "{arguments:?}");
        assert!(!folder.join("new.pkl").exists(), "{arguments:?}");
    }
    let done = run(&folder, &[&train[..], &["--max-depth", "0"]].concat());
    assert!(done.complained.contains("max_depth=0 is not possible"), "{done:?}");
}

#[test]
fn wrong_models_and_rows_are_refused_and_leave_the_old_file_whole() {
    let folder = folder_with_model("command-predict");
    let model = fs::read(folder.join("model.pkl")).expect("there");
    let write = |name: &str, content: &[u8]| fs::write(folder.join(name), content).expect("made");
    write("list.pkl", b"\x80\x04]\x94(K\x01K\x02e.");
    write("cut.pkl", &model[..model.len() - 40]);
    write("followed.pkl", &[&model[..], b"more"].concat());
    let name = b"missing_go_to_left";
    let place = model.windows(name.len()).position(|part| part == name).expect("there");
    let mut renamed = model.clone();
    renamed[place] = b'n';
    write("renamed.pkl", &renamed);
    write("rows.csv", b"Left-Weight,Left-Distance,Right-Weight,Right-Distance\n1,1,1,1\n");
    write("answers.csv", b"old");

    let header = "Left-Weight,Left-Distance,Right-Weight,Right-Distance\n";
    let rows = |rest: &str| format!("{header}{rest}");
    write("word.csv", rows("1,1,1,1\n\n1,tall,1,1\n").as_bytes());
    write("large.csv", rows("1,1,1,1\n\n1,1,1e39,1\n").as_bytes());
    write("ragged.csv", rows("1,1,1\n").as_bytes());
    write("none.csv", header.as_bytes());
    let cases = [
        ("missing.pkl", "rows.csv", "cannot open missing.pkl: "),
        ("rows.csv", "model.pkl", "rows.csv: not a pickle: this is a table (CSV); "),
        (
            "list.pkl",
            "rows.csv",
            "list.pkl: the pickle holds no model of picklebook's or scikit-learn's;",
        ),
        ("cut.pkl", "rows.csv", "cut.pkl: not a sound pickle: at byte "),
        ("followed.pkl", "rows.csv", "followed.pkl: the pickle ends at byte "),
        ("renamed.pkl", "rows.csv", "renamed.pkl: "),
        ("model.pkl", "missing.csv", "missing.csv: "),
        ("model.pkl", "word.csv", "word.csv, line 4, column \"Left-Distance\": \"tall\" is not"),
        (
            "model.pkl",
            "large.csv",
            "large.csv, line 4, column \"Right-Weight\": 1e39 is too large for the 32-bit floats",
        ),
        ("model.pkl", "ragged.csv", "ragged.csv, line 2: 3 fields where"),
        ("model.pkl", "none.csv", "none.csv: the file has a header line but no rows"),
    ];
    for (model, rows, start) in cases {
        for method in ["predict", "predict_proba", "apply"] {
            let predict = ["predict", model, rows, "--method", method, "--output", "answers.csv"];
            let problem = fail(&folder, &predict);
            assert!(problem.starts_with(start), "{problem}");
            assert_eq!(fs::read(folder.join("answers.csv")).expect("there"), b"old", "{start}");
        }
    }
    for output in ["nowhere/answers.csv", "."] {
        let predict = ["predict", "model.pkl", "rows.csv", "--output", output];
        assert!(fail(&folder, &predict).starts_with("cannot "), "{output}");
    }
    let left_over = fs::read_dir(&folder).expect("a folder").filter_map(Result::ok);
    let left_over = left_over.filter(|file| file.file_name().to_string_lossy().ends_with(".tmp"));
    assert_eq!(left_over.count(), 0);
}

#[test]
fn long_inputs_show_progress_and_short_ones_none() {
    let folder = support::folder("command-progress");
    let data = Dataset::new(array![[0.0], [1.0]], Labels::from(["a", "b"]), vec!["x".into()], "k");
    let tree = DecisionTreeClassifier::params().fit(&data.expect("a table")).expect("fits");
    pickle::save(&tree, folder.join("model.pkl")).expect("saved");
    let rows = "0\n1\n".repeat(600_000);
    fs::write(folder.join("rows.csv"), format!("x\n{rows}")).expect("written");
    let done = run(&folder, &["predict", "model.pkl", "rows.csv"]);
    assert_eq!(done.code, Some(0));
    assert!(done.said == format!("prediction\n{}", "a\nb\n".repeat(600_000)));
    assert!(!done.complained.is_empty());
    for line in done.complained.lines() {
        assert!(line.ends_with("rows predicted so far"), "{line}");
    }
}

#[test]
fn a_reader_that_goes_away_is_no_failure() {
    let folder = folder_with_model("command-pipe");
    let rows: String = "1,2,3,4\n".repeat(300_000);
    let header = "Left-Weight,Left-Distance,Right-Weight,Right-Distance";
    fs::write(folder.join("rows.csv"), format!("{header}\n{rows}")).expect("written");
    fs::write(folder.join("many.pkl"), b"N.".repeat(200_000)).expect("written");
    let cases = [
        (&["predict", "model.pkl", "rows.csv", "--method", "predict_proba"][..], "B,L,R"),
        (&["show", "many.pkl"], "None"),
    ];
    for (arguments, first) in cases {
        let mut child = support::picklebook()
            .current_dir(&folder)
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it starts");
        let mut line = String::new();
        let mut output = BufReader::new(child.stdout.take().expect("piped"));
        output.read_line(&mut line).expect("a line");
        drop(output);
        let mut complained = String::new();
        let mut errors = child.stderr.take().expect("piped");
        errors.read_to_string(&mut complained).expect("text");
        assert_eq!((line.trim_end(), complained.as_str()), (first, ""));
        assert_eq!(child.wait().expect("it ends").code(), Some(0));
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_a_failure() {
    let folder = folder_with_model("command-full");
    let file = balance();
    let train = ["train", &file, "--target", "Class", "--output", "new.pkl"];
    let cases = [&["predict", "model.pkl", &file][..], &["show", "model.pkl"], &train, &["doctor"]];
    for arguments in cases {
        let full = fs::OpenOptions::new().write(true).open("/dev/full").expect("Linux has it");
        let output =
            support::picklebook().current_dir(&folder).args(arguments).stdout(full).output();
        let output = output.expect("it starts");
        let complained = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {complained}");
        assert!(complained.starts_with("picklebook: cannot write to standard output"));
    }
}

#[test]
fn an_output_that_is_an_input_is_refused() {
    let folder = folder_with_model("command-same-file");
    fs::copy(balance(), folder.join("x.csv")).expect("copied");
    let mut names = vec!["x.csv", "./x.csv", "linked.csv"];
    fs::hard_link(folder.join("x.csv"), folder.join("linked.csv")).expect("linked");
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("x.csv", folder.join("symbolic.csv")).expect("linked");
        names.push("symbolic.csv");
    }
    let rows = fs::read(folder.join("x.csv")).expect("there");
    let model = fs::read(folder.join("model.pkl")).expect("there");
    for name in names {
        let train = ["train", "x.csv", "--target", "Class", "--output", name];
        let problem = "x.csv is read from, and --output would overwrite it; name another file";
        assert_eq!(fail(&folder, &train), problem);
        let predict = ["predict", "model.pkl", "x.csv", "--output", name];
        assert_eq!(fail(&folder, &predict), problem);
    }
    let predict = ["predict", "model.pkl", "x.csv", "--output", "model.pkl"];
    assert!(fail(&folder, &predict).starts_with("model.pkl is read from, and --output would"));
    assert_eq!(fs::read(folder.join("x.csv")).expect("there"), rows);
    assert_eq!(fs::read(folder.join("model.pkl")).expect("there"), model);
    succeed(&folder, &["predict", "model.pkl", "x.csv", "--output", "answers.csv"]);
}

#[cfg(target_os = "linux")]
#[test]
fn what_never_ends_is_refused_before_it_fills_the_memory() {
    let folder = folder_with_model("command-endless");
    // A shell limits the memory of what it starts, in kilobytes.
    let limited = |script: &str| {
        let output = Command::new("sh")
            .args(["-c", &format!("ulimit -v 2000000; {script}")])
            .current_dir(&folder)
            .env("PICKLEBOOK", env!("CARGO_BIN_EXE_picklebook"))
            .env("ROWS", balance())
            .output()
            .expect("sh starts");
        let complained = String::from_utf8_lossy(&output.stderr).into_owned();
        (output.status.code(), complained)
    };
    for arguments in ["predict /dev/zero \"$ROWS\"", "show /dev/zero"] {
        let (code, complained) = limited(&format!("\"$PICKLEBOOK\" {arguments}"));
        assert_eq!(code, Some(1), "{complained}");
        let problem = "picklebook: /dev/zero is a device; name a file or a pipe\n";
        assert_eq!(complained, problem);
    }
    for arguments in ["predict /dev/stdin \"$ROWS\"", "show /dev/stdin"] {
        let pipe = "head -c 1000000000 /dev/zero 2> /dev/null";
        let (code, complained) = limited(&format!("{pipe} | \"$PICKLEBOOK\" {arguments}"));
        assert_eq!(code, Some(1), "{complained}");
        assert!(complained.contains("/dev/stdin: more than 256 MiB from a pipe"), "{complained}");
        let pipe = "cat model.pkl";
        let (code, complained) = limited(&format!("{pipe} | \"$PICKLEBOOK\" {arguments}"));
        assert_eq!((code, complained.as_str()), (Some(0), ""));
    }
    for arguments in ["predict model.pkl /dev/zero", "train /dev/zero --target k --output new.pkl"]
    {
        let (code, complained) = limited(&format!("\"$PICKLEBOOK\" {arguments}"));
        assert_eq!(code, Some(1), "{complained}");
        assert!(complained.contains("/dev/zero"), "{complained}");
    }
}

/// Pickles in every protocol, and their repr.
const PICKLES: &str = r#"
import collections, datetime, decimal, fractions, pickle

class Spam: pass

shared = ["x"]
cyclic = [1, {"me": None}]
cyclic[1]["me"] = cyclic
values = [
    None, True, 0, -1, 2**70, 1.5, -0.0, 1e-05, 1e16, float("inf"), float("nan"), 3 - 2j,
    "spam", "it's", '"', "a\n\x1b\u200b\U0001f40d\ud800", b"a\x00\n'", bytearray(b"xy"),
    (), (1,), [1, [2, [3, [4]]]], {"a": [1, 2], 3: None}, {7}, frozenset({8}), [shared, shared],
    cyclic, collections.OrderedDict(a=1), collections.defaultdict(list, a=[1]),
    collections.Counter("aab"), collections.deque([1, 2], 3), decimal.Decimal("1.50"),
    fractions.Fraction(1, 3), datetime.date(2024, 2, 29), datetime.timedelta(days=1, seconds=2),
    list(range(50)), len, int,
]
with open("reprs.txt", "w", encoding="utf-8") as file:
    for protocol in range(6):
        with open(f"{protocol}.pkl", "wb") as pickles:
            for value in values:
                pickle.dump(value, pickles, protocol)
                if protocol == 0:
                    print(repr(value), file=file)
"#;

#[test]
fn show_prints_what_pythons_repr_prints() {
    let folder = support::folder("command-show");
    python(&folder, PICKLES);
    let expected = fs::read_to_string(folder.join("reprs.txt")).expect("written");
    for protocol in 0..6 {
        let said = succeed(&folder, &["show", &format!("{protocol}.pkl")]);
        for (place, (said, expected)) in said.lines().zip(expected.lines()).enumerate() {
            assert_eq!(said, expected, "protocol {protocol}, value {place}");
        }
        assert_eq!(said.lines().count(), expected.lines().count());
    }
    let two = succeed(&folder, &["show", "0.pkl", "5.pkl"]);
    assert_eq!(two, format!("0.pkl:\n{expected}5.pkl:\n{expected}"));
}

#[test]
fn show_prints_models_shortens_and_runs_nothing() {
    let folder = folder_with_model("command-show-models");
    python(
        &folder,
        "import pickle, os\n\
         class Call:\n\
         \x20   def __reduce__(self): return os.mkdir, ('made',)\n\
         pickle.dump(Call(), open('call.pkl', 'wb'))\n\
         from sklearn.tree import DecisionTreeClassifier\n\
         tree = DecisionTreeClassifier(max_depth=2).fit([[0], [1]], [0, 1])\n\
         pickle.dump(tree, open('tree.pkl', 'wb'))\n\
         pickle.dump([1, [2, [3]], 4], open('list.pkl', 'wb'))",
    );
    assert_eq!(succeed(&folder, &["show", "call.pkl"]), "posix.mkdir('made')\n");
    assert!(!folder.join("made").exists());
    let tree = succeed(&folder, &["show", "tree.pkl", "--pickle"]);
    let start = "sklearn.tree._classes.DecisionTreeClassifier() {'criterion': 'gini', ";
    assert!(tree.starts_with(start), "{tree}");
    assert!(tree.contains("sklearn.tree._tree.Tree("), "{tree}");
    assert_eq!(succeed(&folder, &["show", "list.pkl", "--depth", "2"]), "[1, [2, [...]], 4]\n");
    assert_eq!(succeed(&folder, &["show", "list.pkl", "--limit", "1"]), "[1, ... 2 more]\n");
    let ours = succeed(&folder, &["show", "model.pkl", "--depth", "1", "--limit", "2"]);
    assert!(
        ours.starts_with("{'format': 'picklebook.DecisionTreeClassifier', 'version': 1, ... "),
        "{ours}"
    );

    // Names that would make a terminal change colour, or begin a new line.
    fs::write(folder.join("names.pkl"), b"\x8c\x05o\x1b[1m\x8c\x02s\n\x93.").expect("written");
    assert_eq!(succeed(&folder, &["show", "names.pkl"]), "o\\x1b[1m.s\\n\n");
    fs::write(folder.join("\x1b[1m.pkl"), b"N.").expect("written");
    let two = succeed(&folder, &["show", "\x1b[1m.pkl", "list.pkl"]);
    assert!(two.starts_with("\\x1b[1m.pkl:\nNone\nlist.pkl:\n"), "{two:?}");

    // 2^60 lists, by sharing.
    let mut bomb = b"]\x94".to_vec();
    for level in 0..60 {
        bomb.extend([b']', 0x94, b'(', b'h', level, b'h', level, b'e', b'0']);
    }
    bomb.extend(b"h\x3c.");
    fs::write(folder.join("bomb.pkl"), bomb).expect("written");
    let done = run(&folder, &["show", "bomb.pkl"]);
    assert_eq!(done.code, Some(0), "{}", done.complained);
    assert!(done.said.len() < 20 << 20);
    assert!(done.complained.contains("cut off after 16 MiB; --depth and --limit"), "{done:?}");
    assert_eq!(succeed(&folder, &["show", "bomb.pkl", "--depth", "1"]), "[[...], [...]]\n");
}

#[test]
fn show_says_where_and_why_a_file_cannot_be_read_and_goes_on() {
    let folder = support::folder("command-show-damaged");
    let write = |name: &str, content: &[u8]| fs::write(folder.join(name), content).expect("made");
    write("sound.pkl", b"\x80\x04]\x94(K\x01K\x02e.");
    write("cut.pkl", b"\x80\x04]\x94(K\x01K");
    write("odd.pkl", b"K\x01\xee.");
    write("empty.pkl", b"");
    write("behind.pkl", b"K\x01.K\x02.\xeerest");
    write("long.pkl", b"\x8e\xff\xff\xff\xff\xff\xff\xff\x7fabc.");
    let cases = [
        ("cut.pkl", "cut.pkl: not a sound pickle: at byte "),
        ("odd.pkl", "odd.pkl: not a sound pickle: at byte 2"),
        ("empty.pkl", "empty.pkl: not a pickle: this is an empty file; "),
        ("long.pkl", "long.pkl: not a sound pickle: at byte 0 (BINBYTES8)"),
        ("missing.pkl", "cannot read missing.pkl: "),
        (".", "cannot read .: "),
        (
            "behind.pkl",
            "behind.pkl: behind the pickle that ends at byte 6, counted from there: not a pickle: ",
        ),
    ];
    for (file, start) in cases {
        let problem = fail(&folder, &["show", file]);
        assert!(problem.starts_with(start), "{problem}");
        let done = run(&folder, &["show", file, "sound.pkl"]);
        assert_eq!(done.code, Some(1));
        assert!(done.said.ends_with("sound.pkl:\n[1, 2]\n"), "{done:?}");
    }
    assert_eq!(run(&folder, &["show", "behind.pkl"]).said, "1\n2\n");
}

/// A file of many pickles, each of which prints without end: the text of all of them is cut off once.
#[test]
fn show_cuts_off_the_text_of_all_pickles_together() {
    let folder = support::folder("command-show-many");
    let mut bomb = b"](K\x07K\x07K\x07e\x94".to_vec();
    for level in 0..24 {
        bomb.extend([b']', 0x94, b'(', b'h', level, b'h', level, b'h', level, b'e', b'0']);
    }
    bomb.extend(b"h\x18.");
    fs::write(folder.join("bombs.pkl"), bomb.repeat(200)).expect("written");
    fs::write(folder.join("one.pkl"), b"K\x01.").expect("written");
    let done = run(&folder, &["show", "bombs.pkl", "one.pkl"]);
    assert_eq!(done.code, Some(0), "{}", done.complained);
    assert!(done.said.len() < (16 << 20) + 100, "{} bytes", done.said.len());
    let expected = [
        "picklebook: bombs.pkl: the text is cut off after 16 MiB; --depth and --limit shorten it",
        "picklebook: bombs.pkl: 199 more pickles are left out",
        "picklebook: one.pkl: 1 more pickle is left out",
    ];
    assert_eq!(done.complained.lines().collect::<Vec<_>>(), expected);
    // Dictionaries of one key over and over print as nothing, and yet each must be looked at.
    let dict = [b"}\x94(", &b"K\x01K\x02".repeat(1000)[..], b"u"].concat();
    let uses = [&dict[..], b"0](", &b"h\x00".repeat(2000), b"e."].concat();
    fs::write(folder.join("work.pkl"), uses.repeat(100)).expect("written");
    let done = run(&folder, &["show", "work.pkl"]);
    assert_eq!(done.code, Some(0), "{}", done.complained);
    let start = "picklebook: work.pkl: the text is cut off, for too much must be looked at";
    assert!(done.complained.starts_with(start), "{}", done.complained);
    assert!(done.complained.contains("more pickles are left out"), "{}", done.complained);

    let shortened = succeed(&folder, &["show", "bombs.pkl", "one.pkl", "--depth", "1"]);
    assert_eq!(shortened.lines().count(), 2 + 201, "{shortened}");
}

#[test]
fn memory_is_limited_as_the_option_says() {
    let folder = folder_with_model("command-memory");
    pickle::save(&(0..100_000).collect::<Vec<i64>>(), folder.join("list.pkl")).expect("saved");
    for size in ["1000", "100K", "0.1M", "2X", "", "0", "99999999999G"] {
        let done = run(&folder, &["show", "list.pkl", "--max-memory", size]);
        let (code, complaint) = match size {
            "1000" => {
                (1, "more than 1000 bytes of memory; if you trust the file, raise --max-memory")
            }
            "100K" => {
                (1, "more than 102400 bytes of memory; if you trust the file, raise --max-memory")
            }
            _ => (2, "--max-memory <SIZE>"),
        };
        assert_eq!(done.code, Some(code), "{size}: {done:?}");
        assert!(done.complained.contains(complaint), "{size}: {done:?}");
    }
    for size in ["100M", "1 GiB", "2g", "100mb", "1T", "200000000"] {
        let shown = succeed(&folder, &["show", "list.pkl", "--limit", "1", "--max-memory", size]);
        assert_eq!(shown, "[0, ... 99999 more]\n", "{size}");
        let arguments = ["predict", "model.pkl", &balance(), "--max-memory", size];
        assert_eq!(succeed(&folder, &arguments).lines().count(), 626, "{size}");
    }
    let refused = fail(&folder, &["predict", "list.pkl", &balance(), "--max-memory", "1K"]);
    assert!(refused.ends_with("raise --max-memory"), "{refused}");
}

/// What Python says of a pipeline over words, and what the command says of the same file.
#[test]
fn a_pipeline_of_scikit_learn_is_asked_shown_and_converted() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    python(
        folder,
        "import joblib, pickle, pandas as pd\n\
         from sklearn.compose import make_column_transformer\n\
         from sklearn.pipeline import make_pipeline\n\
         from sklearn.preprocessing import OneHotEncoder, StandardScaler\n\
         from sklearn.ensemble import RandomForestClassifier, GradientBoostingClassifier\n\
         rows = pd.DataFrame({'colour': ['red', 'blue', 'red', 'green'] * 5, 'size': range(20)})\n\
         side = ['left' if i % 3 else 'right' for i in range(20)]\n\
         columns = make_column_transformer((OneHotEncoder(), ['colour']), (StandardScaler(), ['size']))\n\
         model = make_pipeline(columns, RandomForestClassifier(5, random_state=0)).fit(rows, side)\n\
         boosting = GradientBoostingClassifier(n_estimators=3).fit(rows[['size']], side)\n\
         joblib.dump({'model': model, 'other': [boosting]}, 'models.joblib', compress=3)\n\
         joblib.dump(model[-1], 'forest.joblib')\n\
         pickle.dump(columns, open('columns.pkl', 'wb'))\n\
         rows.assign(more=1).to_csv('rows.csv', index=False)\n\
         def table(values, names, name):\n    pd.DataFrame(values, columns=names).to_csv(name, index=False)\n\
         table(model.predict(rows), ['prediction'], 'predict.csv')\n\
         table(model.predict_proba(rows), model.classes_, 'predict_proba.csv')\n\
         table(boosting.decision_function(rows[['size']]), ['decision_function'], 'decision_function.csv')\n\
         table(columns.transform(rows), columns.get_feature_names_out(), 'transform.csv')",
    );
    let expected = |name: &str| fs::read_to_string(folder.join(name)).unwrap();
    let object = ["--object", "['model']"];
    let ask = |file: &str, method: &str, more: &[&str]| {
        let arguments = ["predict", file, "rows.csv", "--method", method];
        succeed(folder, &[&arguments, more].concat())
    };
    assert_eq!(ask("models.joblib", "predict", &object), expected("predict.csv"));
    assert_eq!(ask("models.joblib", "predict_proba", &object), expected("predict_proba.csv"));
    assert_eq!(ask("columns.pkl", "transform", &[]), expected("transform.csv"));
    let scores = ask(
        "models.joblib",
        "decision_function",
        &["--object", "['other'][0]", "--drop", "colour,more"],
    );
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<String>>();
    let (scores, expected_scores) = (lines(&scores), lines(&expected("decision_function.csv")));
    assert_eq!((scores.len(), &scores[0]), (expected_scores.len(), &expected_scores[0]));
    for (found, expected) in scores.iter().zip(&expected_scores).skip(1) {
        let (found, expected): (f64, f64) = (found.parse().unwrap(), expected.parse().unwrap());
        assert!((found - expected).abs() < 1e-12);
    }
    let shown = succeed(folder, &["show", "models.joblib"]);
    assert!(shown.starts_with("['model']:\nPipeline of scikit-learn 1.9.1\n"), "{shown}");
    assert!(shown.contains("\n  columntransformer: ColumnTransformer\n"), "{shown}");
    assert!(shown.contains("\n['other'][0]:\nGradientBoostingClassifier of "), "{shown}");
    let line = fail(folder, &["predict", "models.joblib", "rows.csv"]);
    assert!(line.contains("name one of its estimators: ['model'] (Pipeline)"), "{line}");
    let line = fail(folder, &["predict", "models.joblib", "rows.csv", "--object", "['no']"]);
    assert!(line.contains("there is no ['no']"), "{line}");

    let old = ["convert", "forest.joblib", "old.pkl", "--sklearn-version", "1.3.2"];
    assert_eq!(succeed(folder, &old), "");
    let shown = succeed(folder, &["show", "old.pkl"]);
    assert!(shown.starts_with("RandomForestClassifier of scikit-learn 1.3.2\n"), "{shown}");
    let old = ["convert", "models.joblib", "old.pkl", "--sklearn-version", "1.2.2"];
    assert_eq!(succeed(folder, &old), "");
    let shown = succeed(folder, &["show", "old.pkl"]);
    assert!(shown.starts_with("['model']:\nPipeline of scikit-learn 1.2.2\n"), "{shown}");
    let again = ["convert", "old.pkl", "new.joblib", "--to", "joblib", "--object", "['model']"];
    assert_eq!(succeed(folder, &again), "");
    let predicted = succeed(folder, &["predict", "new.joblib", "rows.csv"]);
    assert_eq!(predicted, expected("predict.csv"));
    let line = fail(folder, &["convert", "forest.joblib", "forest.joblib"]);
    assert!(line.contains("would overwrite it"), "{line}");
}

/// joblib's own files, compressed or not, and those that joblib opens before 1.2.
#[test]
fn converted_files_open_in_python_however_they_are_written() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    python(
        folder,
        "import pickle, numpy as np\n\
         from sklearn.ensemble import HistGradientBoostingClassifier\n\
         x = np.random.RandomState(0).standard_normal((200, 3))\n\
         model = HistGradientBoostingClassifier(max_iter=5).fit(x, x[:, 0] > x[:, 1])\n\
         pickle.dump(model, open('model.pkl', 'wb'))",
    );
    let kinds = [
        ("sklearn.pkl", &["--to", "sklearn"][..], &b"\x80\x04"[..]),
        ("plain.joblib", &["--to", "joblib", "--protocol", "3"], b"\x80\x03"),
        ("old.joblib", &["--to", "joblib", "--old-joblib"], b"\x80\x04"),
        ("zlib.joblib", &["--to", "joblib", "--compress", "zlib"], b"\x78"),
        ("gzip.joblib", &["--to", "joblib", "--compress", "gzip"], b"\x1f\x8b"),
        ("bz2.joblib", &["--to", "joblib", "--compress", "bz2", "--old-joblib"], b"BZh3"),
    ];
    for (name, more, begins) in kinds {
        assert_eq!(succeed(folder, &[&["convert", "model.pkl", name], more].concat()), "");
        assert!(fs::read(folder.join(name)).unwrap().starts_with(begins), "{name}");
    }
    let sizes = ["plain.joblib", "zlib.joblib", "bz2.joblib"]
        .map(|name| fs::metadata(folder.join(name)).unwrap().len());
    assert!(sizes[1] * 3 < sizes[0] * 2 && sizes[2] * 3 < sizes[0] * 2, "{sizes:?}");
    let names: Vec<&str> = kinds.iter().map(|(name, _, _)| *name).collect();
    python(
        folder,
        &format!(
            "import joblib, pickle, warnings, numpy as np\n\
             warnings.simplefilter('error')\n\
             x = np.random.RandomState(1).standard_normal((100, 3))\n\
             told = pickle.load(open('model.pkl', 'rb')).decision_function(x)\n\
             for name in {names:?}:\n\
             \x20   assert (joblib.load(name).decision_function(x) == told).all(), name\n\
             assert (pickle.load(open('sklearn.pkl', 'rb')).decision_function(x) == told).all()"
        ),
    );
    let line = fail(folder, &["convert", "model.pkl", "new.pkl", "--compress", "zlib"]);
    assert!(line.contains("add --to joblib"), "{line}");
    let line = fail(folder, &["convert", "model.pkl", "new.pkl", "--to", "picklebook"]);
    assert!(line.contains("HistGradientBoostingClassifier"), "{line}");
    let version = ["--sklearn-version", "0.23.2"];
    let line = fail(folder, &[&["convert", "model.pkl", "new.pkl"], &version[..]].concat());
    assert!(line.contains("0.23.2"), "{line}");
    assert!(!folder.join("new.pkl").exists());
}

/// What the files that stand in a folder come to.
#[test]
fn inspect_says_what_files_would_do() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| fs::write(folder.path().join(name), bytes).unwrap();
    write("data.pkl", b"N.");
    write("dtype.pkl", b"cnumpy\ndtype\n(S'f8'\nI0\nI1\ntR.");
    write("print.pkl", b"cbuiltins\nprint\n(S'hello\\x1b[0m'\ntR.");
    write("getcwd.pkl", b"cos\ngetcwd\n(tR.");
    write("hides.pkl", b"cnumpy\nndarray\n");
    write("cut.pkl", b"\x80\x04K");
    write("notes.txt", b"These are notes.\n");

    let said = succeed(folder.path(), &["inspect", "data.pkl", "dtype.pkl"]);
    assert_eq!(
        said,
        "data.pkl: data only\n  1 pickle (protocol 0): 0 names imported, 0 calls\n\
         dtype.pkl: known model\n  1 pickle (protocol 0): 1 name imported, 1 call\n\
         2 files: 1 data only, 1 known model\n"
    );
    for (name, code, begins) in [
        (
            "print.pkl",
            3,
            "print.pkl: unknown code\n  byte 34: calls builtins.print('hello\\x1b[0m')",
        ),
        ("getcwd.pkl", 3, "getcwd.pkl: dangerous\n  byte 13: calls os.getcwd(): runs commands\n"),
        ("hides.pkl", 3, "hides.pkl: hides something\n"),
        ("cut.pkl", 1, "cut.pkl: unreadable\n"),
        ("notes.txt", 1, "notes.txt: not a pickle\n"),
    ] {
        let done = run(folder.path(), &["inspect", name]);
        assert_eq!((done.code, done.complained.as_str()), (Some(code), ""), "{done:?}");
        assert!(done.said.starts_with(begins), "{begins:?}: {done:?}");
    }
    assert!(
        fail(folder.path(), &["inspect", "missing.pkl"]).starts_with("cannot read missing.pkl: ")
    );

    // Of a folder, what is not clean; other files than pickles are only counted.
    let done = run(folder.path(), &["inspect", "."]);
    assert_eq!(done.code, Some(3), "{done:?}");
    let names: Vec<&str> = done.said.lines().filter(|line| !line.starts_with(' ')).collect();
    assert_eq!(
        names,
        [
            "./cut.pkl: unreadable",
            "./getcwd.pkl: dangerous",
            "./hides.pkl: hides something",
            "./print.pkl: unknown code",
            "7 files: 1 data only, 1 known model, 1 unknown code, 1 dangerous, 1 hiding something, \
             1 unreadable, 1 not pickles",
        ]
    );
    let json = run(folder.path(), &["inspect", "--json", "."]);
    assert_eq!(json.code, Some(3));
    let json: serde_json::Value = serde_json::from_str(&json.said).expect("JSON");
    assert_eq!((&json["format"], &json["version"]), (&"picklebook.inspect".into(), &1.into()));
    assert_eq!(json["counts"]["files"], 7);
    let files = json["files"].as_array().expect("a list");
    let getcwd = files.iter().find(|file| file["path"] == "./getcwd.pkl").expect("it is there");
    assert_eq!((&getcwd["exit_code"], &getcwd["summary"]), (&3.into(), &"dangerous".into()));
    assert_eq!(getcwd["report"]["verdict"], "dangerous");
    let call = &getcwd["report"]["pickles"][0]["calls"][0];
    assert_eq!((&call["offset"], &call["callee"]), (&13.into(), &"os.getcwd".into()));

    // Limits, each told by its option.
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut gzip, &[b"N.".as_slice(), &[b' '; 4000]].concat()).unwrap();
    write("spaces.pkl", &gzip.finish().unwrap());
    for (name, option, few, enough) in [
        ("spaces.pkl", "--max-memory", "1K", "1M"),
        ("dtype.pkl", "--max-objects", "2", "20"),
        ("spaces.pkl", "--max-levels", "1", "2"),
    ] {
        let done = run(folder.path(), &["inspect", option, few, name]);
        assert!(matches!(done.code, Some(1 | 3)), "{done:?}");
        let said = if option == "--max-levels" { "more than 1 containers" } else { option };
        assert!(done.said.contains(said) && !done.said.contains("Limits::"), "{done:?}");
        succeed(folder.path(), &["inspect", option, enough, name]);
    }
    for value in ["0", "33"] {
        assert_eq!(run(folder.path(), &["inspect", "--max-levels", value, "."]).code, Some(2));
    }

    let all = run(folder.path(), &["inspect", "--all", "dtype.pkl"]);
    assert!(all.said.contains("calls numpy.dtype('f8', 0, 1)"), "{all:?}");
}

/// Options, words for missing values, blanks and names, where a model takes a table.
#[test]
fn tables_for_pipelines_are_read_as_pandas_reads_them() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    python(
        folder,
        "import joblib, numpy as np, pandas as pd
from sklearn.compose import make_column_transformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.tree import DecisionTreeClassifier
with open('work.csv', 'w') as file:
    file.write('age,work\\n30, Private\\n40, State\\n50, Private\\n60, State\\n')
table = pd.read_csv('work.csv')
words = make_column_transformer((OneHotEncoder(handle_unknown='ignore'), ['work']))
model = make_pipeline(words, DecisionTreeClassifier()).fit(table, ['p', 's', 'p', 's'])
joblib.dump(model, 'work.joblib')
known = pd.DataFrame({'a': [1, 2, np.nan], 'b': [1, 2, 3.]})
model = make_pipeline(SimpleImputer(), StandardScaler()).fit(known)
joblib.dump(model, 'numbers.joblib')
with open('numbers.csv', 'w') as file:
    file.write('b;a\\n1,5;-999\\n3,25;NA\\n')
table = pd.read_csv('numbers.csv', sep=';', decimal=',', na_values=['-999'])[['a', 'b']]
names = model.get_feature_names_out()
pd.DataFrame(model.transform(table), columns=names).to_csv('expected.csv', index=False)
",
    );
    let said = succeed(folder, &["predict", "work.joblib", "work.csv"]);
    assert_eq!(said, "prediction\np\ns\np\ns\n");
    let ask = ["predict", "numbers.joblib", "numbers.csv", "--method", "transform"];
    let options = ["--sep", ";", "--decimal", ",", "--na-values=-999"];
    let expected = fs::read_to_string(folder.join("expected.csv")).unwrap();
    assert_eq!(succeed(folder, &[&ask[..], &options].concat()), expected);
    // Other names are other columns, and a first row is no header.
    fs::write(folder.join("renamed.csv"), "x,y\n1,2\n").unwrap();
    let line = fail(folder, &["predict", "numbers.joblib", "renamed.csv", "--method", "transform"]);
    assert!(line.contains("renamed.csv") && line.contains("\"a\""), "{line}");
    fs::write(folder.join("rows.csv"), "0.1,0.2\n1,2\n").unwrap();
    let line = fail(folder, &["predict", "numbers.joblib", "rows.csv", "--method", "transform"]);
    assert!(line.contains("--no-header"), "{line}");
}

/// Files that unpack to very much, or ask for very much, end in a line and an exit code.
#[test]
fn bombs_end_in_a_plain_exit() {
    use std::io::Write;

    let folder = tempfile::tempdir().unwrap();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    let block = vec![b'('; 1 << 20];
    (0..600).for_each(|_| gzip.write_all(&block).unwrap());
    let bombs = [
        ("gzip.pkl", gzip.finish().unwrap()),
        ("dup.pkl", [b"]".as_slice(), &b"2\x86\x852\x86".repeat(60), b"."].concat()),
        ("marks.pkl", b"(".repeat(1 << 22)),
        ("long.pkl", b"\x8e\xff\xff\xff\xff\xff\xff\xff\x7f".to_vec()),
    ];
    fs::write(folder.path().join("rows.csv"), "a\n1\n").unwrap();
    for (name, bytes) in bombs {
        fs::write(folder.path().join(name), bytes).unwrap();
        for arguments in [&["inspect", name][..], &["show", name], &["predict", name, "rows.csv"]] {
            let done = run(folder.path(), arguments);
            assert!(matches!(done.code, Some(0 | 1 | 3)), "{arguments:?}: {:?}", done.code);
            assert!(done.complained.lines().count() <= 2, "{arguments:?}: {}", done.complained);
        }
    }
}

/// What joblib writes before an array of this shape and dtype, and no array behind it.
fn array_of_joblib(shape: &[u8], dtype: &[u8]) -> Vec<u8> {
    let parts = [
        b"\x80\x02cjoblib.numpy_pickle\nNumpyArrayWrapper\n)\x81}(".as_slice(),
        b"X\x08\0\0\0subclasscnumpy\nndarray\nX\x05\0\0\0shape",
        shape,
        b"X\x05\0\0\0orderX\x01\0\0\0CX\x05\0\0\0dtypecnumpy\ndtype\n(X\x02\0\0\0",
        dtype,
        b"K\0K\x01tRX\x0a\0\0\0allow_mmap\x89ub.",
    ];
    parts.concat()
}

/// Pickles of few bytes that ask for much, by what they ask for.
fn pickles_that_ask_for_much() -> Vec<(&'static str, Vec<u8>)> {
    let huge = b"\x8a\x07\xff\xff\xff\xff\xff\xff\x7f";
    let one = |before: &[u8], behind: &[u8]| [before, huge, behind].concat();
    let mut doubled = b"\x80\x02K\x01q\x00".to_vec();
    let mut lists = b"\x80\x02]q\x00".to_vec();
    for number in 0..100 {
        let next = number + 1;
        doubled.extend_from_slice(&[b'h', number, b'h', number, 0x86, b'q', next]);
        lists.extend_from_slice(&[b'0', b']', b'q', next, b'(', b'h', number, b'h', number, b'e']);
    }
    let mut far = b"\x80\x02N".to_vec();
    for number in 1..50_000_u32 {
        far.push(b'r');
        far.extend_from_slice(&(number * 80_000).to_le_bytes());
    }
    let array = |shape: &[u8], behind: &[u8]| {
        let start = b"\x80\x02cnumpy.core.multiarray\n_reconstruct\ncnumpy\nndarray\nK\0\x85\
                      C\x01b\x87R(K\x01";
        let dtype = b"cnumpy\ndtype\nX\x02\0\0\0u1K\0K\x01\x87R\x89C\0tb";
        [start, shape, dtype, behind].concat()
    };
    let nested = (0..200_usize).fold(b"N.".to_vec(), |inner, _| {
        [b"\x80\x04B".as_slice(), &(inner.len() as u32).to_le_bytes(), &inner, b"."].concat()
    });
    vec![
        ("a memo entry far away", b"\x80\x02Nr\xff\xff\xff\xff.".to_vec()),
        ("a memo entry of many digits", b"Np99999999999999999999\n.".to_vec()),
        ("memo entries far apart", [far.as_slice(), b"."].concat()),
        ("pairs of themselves", [doubled.as_slice(), b"."].concat()),
        ("lists of themselves", [lists.as_slice(), b"."].concat()),
        ("a list in itself", b"\x80\x02]q\0h\0a.".to_vec()),
        ("deep lists", [b"]".repeat(50_000), b"a".repeat(49_999), b".".to_vec()].concat()),
        ("deep tuples", [b"\x80\x02)".to_vec(), b"\x85".repeat(50_000), b".".to_vec()].concat()),
        ("deep calls", {
            let call = b"\x85q\x010h\0h\x01R".repeat(20_000);
            [b"\x80\x02cbuiltins\nlist\nq\0)R".as_slice(), &call, b"."].concat()
        }),
        ("nested pickles", nested),
        ("many pickles", b"N.".repeat(50_000)),
        ("many marks", b"(".repeat(100_000)),
        ("long bytes", b"\x80\x04\x8e\xff\xff\xff\xff\xff\xff\xff\x7f".to_vec()),
        ("long text", b"\x80\x04\x8d\xff\xff\xff\xff\xff\xff\xff\xff".to_vec()),
        ("a long bytearray", b"\x80\x05\x96\xff\xff\xff\xff\xff\xff\xff\x7f".to_vec()),
        ("a long integer", b"\x80\x02\x8b\xff\xff\xff\x7f".to_vec()),
        ("a long frame", b"\x80\x04\x95\xff\xff\xff\xff\xff\xff\xff\x7fN.".to_vec()),
        ("an integer of many digits", [&b"L"[..], &b"9".repeat(300_000), b"L\n."].concat()),
        ("an array of joblib", array_of_joblib(&one(b"", b"\x85"), b"u1")),
        ("an array of joblib of no items", array_of_joblib(&one(b"K\0", b"\x86"), b"u1")),
        ("an array of joblib of objects", array_of_joblib(&one(b"", b"\x85"), b"O8")),
        ("an array of joblib of many dimensions", {
            array_of_joblib(&[&b"("[..], &b"K\x01".repeat(100_000), b"t"].concat(), b"u1")
        }),
        ("an array", array(&one(b"", b"\x85"), b".")),
        ("an array of no items", array(&one(b"", b"K\0\x86"), b".")),
        ("a long range", one(b"\x80\x02cbuiltins\nrange\nK\0", b"\x86R.")),
        ("a large decimal", b"cdecimal\nDecimal\n(V1E+999999999\ntR.".to_vec()),
        ("a large fraction", b"cfractions\nFraction\n(V1E+999999999\ntR.".to_vec()),
    ]
}

/// Every subcommand that opens a model or a pickle ends with a line and an exit code, in little memory.
#[cfg(unix)]
#[test]
fn bombs_end_in_a_plain_exit_in_every_subcommand() {
    let folder = tempfile::tempdir().unwrap();
    let block = vec![b'('; 24 << 20];
    let zip = files::archive(&[("data.pkl", &files::compressed(Compression::Gzip, &block))]);
    let layers =
        (0..40).fold(b"N.".to_vec(), |inner, _| files::compressed(Compression::Zlib, &inner));
    let mut bombs = pickles_that_ask_for_much();
    bombs.extend([("zip", zip), ("layers", layers)]);
    for compression in files::COMPRESSIONS {
        bombs.push((compression.name(), files::compressed(compression, &block)));
    }
    fs::write(folder.path().join("rows.csv"), "a\n1\n").unwrap();
    let program = support::picklebook().get_program().to_owned();
    for (name, bytes) in bombs {
        fs::write(folder.path().join("bomb.pkl"), &bytes).unwrap();
        for arguments in [
            &["inspect", "bomb.pkl"][..],
            &["inspect", "--all", "bomb.pkl"],
            &["inspect", "--json", "bomb.pkl"],
            &["show", "bomb.pkl"],
            &["show", "--pickle", "bomb.pkl"],
            &["disassemble", "bomb.pkl"],
            &["disassemble", "--explain", "bomb.pkl"],
            &["predict", "bomb.pkl", "rows.csv"],
            &["convert", "bomb.pkl", "out.pkl"],
            &["convert", "--to", "picklebook", "bomb.pkl", "out.pkl"],
        ] {
            let what = format!("{name}: {arguments:?}");
            let output = Command::new("sh")
                .args(["-c", "ulimit -v 1000000; exec \"$@\"", "sh"])
                .arg(&program)
                .args(arguments)
                .args(["--max-memory", "16M"])
                .current_dir(folder.path())
                .output()
                .expect("it starts");
            let complained = String::from_utf8_lossy(&output.stderr);
            let codes: &[i32] = match arguments[0] {
                "inspect" => &[0, 1, 3],
                "predict" | "convert" => &[1],
                _ => &[0, 1],
            };
            let code = output.status.code();
            assert!(code.is_some_and(|it| codes.contains(&it)), "{what}: {code:?}: {complained}");
            assert!(complained.lines().count() <= 2, "{what}: {complained}");
            assert!(
                code != Some(1) || arguments[0] == "inspect" || !complained.is_empty(),
                "{what}"
            );
            if files::COMPRESSIONS.iter().any(|it| it.name() == name) {
                let said = String::from_utf8_lossy(&output.stdout);
                let names_it =
                    complained.contains("--max-memory") || said.contains("16777216 bytes");
                assert!(names_it, "{what}: {complained}");
                assert_ne!(code, Some(0), "{what}");
            }
            assert!(!folder.path().join("out.pkl").exists(), "{what}");
        }
    }
}

#[test]
fn disassemble_prints_what_pythons_pickletools_prints() {
    let folder = support::folder("command-disassemble");
    python(
        &folder,
        "
import io, pickle, pickletools, zlib
value = {'name': 'spam', 'words': ['free', 'won'] * 50, 'long': 'x' * 200}
data = pickle.dumps(value, protocol=4)
open('model.pkl', 'wb').write(data)
open('packed.pkl', 'wb').write(zlib.compress(data))
for name, options in ('plain', {}), ('annotated', {'annotate': 30, 'indentlevel': 2}):
    with open(name, 'w') as file:
        pickletools.dis(data, file, **options)
pickler = pickle.Pickler(file := io.BytesIO(), 2)
pickler.dump(value['words'])
pickler.dump([value['words']])
open('shared.pkl', 'wb').write(file.getvalue())
",
    );
    let text = |name: &str| fs::read_to_string(folder.join(name)).expect("Python wrote it");
    assert_eq!(succeed(&folder, &["disassemble", "model.pkl"]), text("plain"));
    assert_eq!(succeed(&folder, &["disassemble", "packed.pkl"]), text("plain"));
    let annotated = ["disassemble", "--annotate", "--indent", "2", "model.pkl"];
    assert_eq!(succeed(&folder, &annotated), text("annotated"));
    let annotated = ["disassemble", "model.pkl", "--annotate=30", "--indent=2"];
    assert_eq!(succeed(&folder, &annotated), text("annotated"));
    let short = succeed(&folder, &["disassemble", "--width", "12", "model.pkl"]);
    assert!(short.contains("SHORT_BINUNICODE 'xxxxxxxxxx…\n"), "{short}");
    let explained = succeed(&folder, &["disassemble", "--explain", "model.pkl"]);
    assert!(explained.contains("Append the 100 objects above the mark to the list"), "{explained}");
    assert!(explained.lines().all(|line| line.chars().count() < 130), "{explained}");

    let both = succeed(&folder, &["disassemble", "--shared-memo", "shared.pkl", "model.pkl"]);
    assert!(both.starts_with("shared.pkl:\n    0: \\x80 PROTO      2\n"), "{both}");
    assert!(both.contains(": <pickle 2>\n") && both.contains("\nmodel.pkl:\n"), "{both}");
    let alone = run(&folder, &["disassemble", "shared.pkl"]);
    assert_eq!(alone.code, Some(1));
    assert!(alone.complained.contains("memo key 0 has never been stored into"), "{alone:?}");
}

#[test]
fn disassemble_says_where_and_why_it_stops_and_goes_on_with_the_next_file() {
    let folder = support::folder("command-disassemble-damaged");
    fs::write(folder.join("cut.pkl"), b"\x80\x04]\x94(K\x01").expect("written");
    fs::write(folder.join("table.csv"), "Class,Left-Weight\nB,1\n").expect("written");
    fs::write(folder.join("good.pkl"), b"K\x07.").expect("written");
    fs::write(folder.join("bomb.pkl"), vec![b'('; 100_000]).expect("written");
    fs::write(folder.join("names.pkl"), b"c\x1b[31mmodule\nname\n.").expect("written");
    let files = ["disassemble", "cut.pkl", "missing.pkl", "table.csv", "good.pkl"];
    let done = run(&folder, &files);
    assert_eq!(done.code, Some(1));
    let complaints: Vec<&str> = done.complained.lines().collect();
    assert_eq!(complaints.len(), 3, "{complaints:?}");
    assert_eq!(
        complaints[0],
        "picklebook: cut.pkl: cannot disassemble: at byte 7: pickle exhausted before seeing STOP"
    );
    assert!(complaints[1].starts_with("picklebook: cannot read missing.pkl: "), "{complaints:?}");
    assert!(complaints[2].contains("table.csv: cannot disassemble: at byte 0"), "{complaints:?}");
    assert!(complaints[2].contains("; it looks like "), "{complaints:?}");
    assert!(done.said.contains("    5: K        BININT1    1\n"), "{}", done.said);
    assert!(done.said.ends_with(
        "good.pkl:\n    0: K    BININT1    7\n    2: .    STOP\n\
         highest protocol among opcodes = 1\n"
    ));
    // The terminal is given no orders, and no gigabytes.
    let names = succeed(&folder, &["disassemble", "names.pkl"]);
    assert!(names.contains("'\\x1b[31mmodule name'") && !names.contains('\x1b'), "{names}");
    let bomb = run(&folder, &["disassemble", "bomb.pkl"]);
    assert_eq!(bomb.code, Some(1));
    assert!(bomb.said.len() < 80 << 20);
}

/// Words at the ends of lines that end as on Windows, labels of which floats hold only some, and what is
/// refused because Python would run it.
#[test]
fn words_labels_and_names_are_taken_exactly() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    python(
        folder,
        "import pickle, pandas as pd, datetime, fractions, decimal, calendar
from sklearn.preprocessing import LabelEncoder, OneHotEncoder
words = pd.DataFrame({'word': ['red', ' blue', 'red']})
encoder = OneHotEncoder().fit(words)
pickle.dump(encoder, open('words.pkl', 'wb'))
words.to_csv('words.csv', index=False, lineterminator='\\r\\n')
made = pd.DataFrame(encoder.transform(words).toarray(), columns=encoder.get_feature_names_out())
made.to_csv('words_expected.csv', index=False)
labels = LabelEncoder().fit([2**53 - 1, 2**53, 2**53 + 1, 2**53 + 2, 2**60 + 1])
pickle.dump(labels, open('labels.pkl', 'wb'))
asked = [2**53 + 1, 2**60 + 1, 2**53, 2**53 + 2]
pd.DataFrame({'label': asked}).to_csv('labels.csv', index=False)
pd.DataFrame({'transform': labels.transform(asked).astype(float)}).to_csv('labels_expected.csv', index=False)
pd.DataFrame({'label': [2**60]}).to_csv('unseen.csv', index=False)
pickle.dump({'model': encoder, 'by': calendar.TextCalendar()}, open('unknown.pkl', 'wb'))
",
    );
    let expected = |name: &str| fs::read_to_string(folder.join(name)).unwrap();
    let ask = |model, rows, more: &[&str]| -> Vec<String> {
        let arguments = ["predict", model, rows, "--method", "transform"];
        arguments.iter().chain(more).map(|it| it.to_string()).collect()
    };
    let run = |arguments: Vec<String>| {
        succeed(folder, &arguments.iter().map(String::as_str).collect::<Vec<_>>())
    };
    assert_eq!(run(ask("words.pkl", "words.csv", &[])), expected("words_expected.csv"));
    assert_eq!(run(ask("labels.pkl", "labels.csv", &[])), expected("labels_expected.csv"));
    let line = fail(folder, &["predict", "labels.pkl", "unseen.csv", "--method", "transform"]);
    assert!(
        line.contains("1152921504606846976 was not there when LabelEncoder was fitted"),
        "{line}"
    );
    let object = ["--object", "['model']"];
    let all = [&object[..], &["--allow-unknown"]].concat();
    assert_eq!(run(ask("unknown.pkl", "words.csv", &all)), expected("words_expected.csv"));
    let arguments = ask("unknown.pkl", "words.csv", &object);
    let line = fail(folder, &arguments.iter().map(String::as_str).collect::<Vec<_>>());
    assert!(line.contains("calendar.TextCalendar") && line.contains("--allow-unknown"), "{line}");
}
