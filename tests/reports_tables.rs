//! Tables as public reports describe them, each made anew in `tests/reports`, and others of their
//! kinds.
#![cfg(feature = "cli")]

mod support;

use std::fs;
use std::path::{Path, PathBuf};

use ndarray::array;
use picklebook::AnyModel;
use picklebook::data::{
    CsvOptions, Dataset, Dtype, Error, FeatureFile, Label, Labels, read_csv, read_csv_with,
};
use picklebook::model;
use picklebook::pickle;
use picklebook::tree::{DecisionTreeClassifier, DecisionTreeRegressor, LinfaTree};
use support::root;

fn report(name: &str) -> PathBuf {
    root().join("tests/reports").join(name)
}

/// A table from the text of a file.
fn table(text: impl AsRef<[u8]>, target: &str, options: &CsvOptions) -> Result<Dataset, Error> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("rows.csv");
    fs::write(&path, text).expect("written");
    read_csv_with(path, target, options)
}

fn problem(text: impl AsRef<[u8]>, target: &str, options: &CsvOptions) -> String {
    let text = table(text, target, options).expect_err("refused").to_string();
    text.split_once("rows.csv").map_or(text.clone(), |(_, rest)| rest.to_owned())
}

/// What the command prints, and whether it succeeded.
fn command(folder: &Path, arguments: &[&str]) -> (bool, String) {
    let run = support::picklebook().current_dir(folder).args(arguments).output();
    let run = run.expect("it starts");
    let text = [run.stdout, run.stderr].concat();
    (run.status.success(), String::from_utf8(text).expect("UTF-8"))
}

#[test]
fn labels_that_would_not_read_back_stay_text() {
    let zero = read_csv(report("zero.csv"), "code").expect("read");
    assert_eq!(zero.target().classes(), Labels::from(["007", "042"]));
    let merge = read_csv(report("zeromerge.csv"), "code").expect("read");
    assert_eq!(merge.target().classes(), Labels::from(["01", "1"]));
    let column = |labels: &[&str], options: &CsvOptions| {
        let rows: String = labels.iter().map(|label| format!("1,{label}\n")).collect();
        table(format!("x,k\n{rows}"), "k", options).expect("read").target().clone()
    };
    let usual = CsvOptions::new();
    // postcodes, versions, gene names, wells, telephone numbers, dates, shares, groups of digits
    for labels in [
        ["01067", "99999"],
        ["1.10", "1.1"],
        ["2.00", "1.00"],
        ["1E5", "2E5"],
        ["+49301234", "+49307654"],
        ["2024-01-02", "2024-01-03"],
        ["50%", "60%"],
        ["1_000", "2_000"],
        ["-0", "0"],
        ["0x10", "0x11"],
        ["MARCH1", "SEPT2"],
        ["1.0", "1"],
        ["NA", "EU"],
        ["Infinity", "1"],
        ["18446744073709551615", "1"],
    ] {
        assert_eq!(column(&labels, &usual), Labels::from(labels), "{labels:?}");
    }
    assert_eq!(column(&["3", "-1"], &usual), vec![3, -1].into());
    assert_eq!(column(&["1.5", "-2.0"], &usual), vec![1.5, -2.0].into());
    assert_eq!(column(&["1.0", "2.0"], &usual), vec![1.0, 2.0].into());
    // or as one says
    let typed = |dtype| CsvOptions::new().dtype("k", dtype);
    assert_eq!(column(&["1", "2"], &typed(Dtype::Str)), Labels::from(["1", "2"]));
    assert_eq!(column(&["01", "2"], &typed(Dtype::Int)), vec![1, 2].into());
    assert_eq!(column(&["2.00", "1"], &typed(Dtype::Float)), vec![2.0, 1.0].into());
    assert_eq!(column(&["TRUE", "false"], &typed(Dtype::Bool)), vec![true, false].into());
    let refused = problem("x,k\n1,1\n1,x\n", "k", &typed(Dtype::Int));
    assert!(
        refused.starts_with(", line 3, column \"k\": \"x\" is not a whole number"),
        "{refused}"
    );
}

#[test]
fn a_regressor_learns_numbers_however_they_are_written() {
    let prices = table("x,k\n1,2.00\n2,3.50\n3,1e1\n", "k", &CsvOptions::new()).expect("read");
    assert_eq!(prices.target(), &Labels::from(["2.00", "3.50", "1e1"]));
    let tree = DecisionTreeRegressor::params().fit(&prices).expect("numbers");
    assert_eq!(tree.predict(&prices).expect("the same columns"), [2.0, 3.5, 10.0]);
    let words = table("x,k\n1,2.00\n2,high\n", "k", &CsvOptions::new()).expect("read");
    let refused = DecisionTreeRegressor::params().fit(&words);
    assert!(matches!(refused, Err(model::Error::TargetKind { found: "text", .. })));
}

#[test]
fn true_and_false_are_one_and_zero() {
    let data = read_csv(report("bool01.csv"), "label").expect("read");
    let heights: Vec<f64> = data.features().column(0).iter().copied().take(4).collect();
    assert_eq!(heights, [0.0, 1.0, 0.0, 1.0]);
    let own = CsvOptions::new().true_values(["yes", "J"]).false_values(["no", "N"]);
    let data = table("x,y,k\nyes,TRUE,J\nno,false,N\n", "k", &own).expect("read");
    assert_eq!(data.features(), array![[1.0, 1.0], [0.0, 0.0]]);
    assert_eq!(data.target(), &vec![true, false].into());
}

#[test]
fn separators_are_told_or_seen() {
    let semicolon = read_csv(report("semicolon.csv"), "label").expect("read");
    let hint = read_csv(report("sep_hint.csv"), "label").expect("read");
    for data in [&semicolon, &hint] {
        assert_eq!(data.feature_names(), ["height", "width"]);
        assert_eq!(data.features().row(1).to_vec(), [1.0, 2.5]);
    }
    let expected = table("a,b,k\n1,2,x\n3,4,y\n", "k", &CsvOptions::new()).expect("read");
    let usual = CsvOptions::new();
    for (text, options) in [
        ("a;b;k\n1;2;x\n3;4;y\n".to_owned(), usual.clone()),
        ("a\tb\tk\r\n1\t2\tx\r\n3\t4\ty\r\n".into(), usual.clone()),
        ("a|b|k\r1|2|x\r3|4|y\r".into(), usual.clone()),
        ("\u{feff}sep=;\r\na;b;k\r\n1;2;x\r\n3;4;y".into(), usual.clone()),
        ("sep=\t\na\tb\tk\n1\t2\tx\n3\t4\ty\n".into(), usual.clone()),
        ("a;b;k;\n1;2;x;\n3;4;y;\n\n\n".into(), usual.clone()),
        ("a;b;k;;;\n1;2;x;;;\n3;4;y;;;\n".into(), usual.clone()),
        ("a,b,k\n1,2,x,\n3,4,y,\n".into(), usual.clone()),
        ("a:b:k\n1:2:x\n3:4:y\n".into(), usual.clone().sep(':')),
        ("a;b;k\n1,0;2,0;x\n3,0;4;y\n".into(), usual.clone().decimal(',')),
        (
            "a;b;k\n1,0;0.002;x\n3;4;y\n".replace("0.002", "2"),
            usual.clone().decimal(',').thousands('.'),
        ),
        ("made by hand\n\na,b,k\n1,2,x\n3,4,y\n".into(), usual.clone().skiprows(1)),
        ("title\na,b,k\n1,2,x\n3,4,y\n".into(), usual.clone().header(Some(1))),
        ("# made by hand\na,b,k\n1,2,x\n# more\n3,4,y\n".into(), usual.clone().comment('#')),
        (",a,b,k\n0,1,2,x\n1,3,4,y\n".into(), usual.clone().index_col(0)),
        ("a,b,k# names\n1,2,x # one\n3,4#x\n".replace("#x", ",y"), usual.clone().comment('#')),
        (" a   b k\n 1 \t 2 x \n3 4    y\n".into(), usual.clone().sep_whitespace()),
        ("\"a\" \"b\" \"k\"\n\"1\" 1 2 x\n\"2\" 3 4 y\n".into(), usual.clone().sep(' ')),
        ("a,b,k\n1,1,2,x\n2,3,4,y\n".into(), usual.clone().index_col(0)),
        ("id,a,b,k\nq,1,2,x\nr,3,4,y\n".into(), usual.clone().drop(["id"])),
        ("id,a,b,k\nq,1,2,x\nr,3,4,y\n".into(), usual.clone().usecols(["k", "b", "a"])),
        ("1,2,x\n3,4,y\n".into(), usual.clone().names(["a", "b", "k"])),
        ("q,r,s\n1,2,x\n3,4,y\n".into(), usual.clone().names(["a", "b", "k"]).header(Some(0))),
    ] {
        assert_eq!(table(&text, "k", &options).expect("read"), expected, "{text:?}");
    }
    let excel = "Größe;Gewicht;Art\n1.234,5;-0,25;x\n7;1,0E3;y\n";
    let data = table(excel, "Art", &usual.clone().decimal(',').thousands('.')).expect("read");
    assert_eq!(data.features(), array![[1234.5, -0.25], [7.0, 1000.0]]);
    for (text, options, advice) in [
        ("a;b;k\n1,5;2;x\n", usual.clone(), "`CsvOptions::decimal`"),
        ("a,k\n\"1,234,567\",x\n", usual.clone(), "`CsvOptions::thousands`"),
        ("a;k\n1.5;x\n", usual.clone().decimal(','), "`CsvOptions::decimal`"),
        ("a,k\n50%,x\n", usual.clone(), "remove the percent signs"),
        ("a, b;k\n1;x\n", usual.clone(), "`CsvOptions::sep`"),
        ("a b k\n1 2 x\n", usual.clone(), "`CsvOptions::sep`"),
        ("a,k\n1;2,x\n", usual.clone(), "`CsvOptions::sep`"),
        ("a,k\ntall,x\n", usual.clone(), "`CsvOptions::get_dummies`"),
        (",a,k\n0,1,x\n", usual.clone(), "`CsvOptions::index_col`"),
        ("Unnamed: 0,a,k\n0,1,x\n", usual.clone(), "`CsvOptions::index_col`"),
        ("Unnamed: 0.1,a,k\n0,1,x\n", usual.clone(), "`CsvOptions::index_col`"),
    ] {
        let refused = problem(text, "k", &options);
        assert!(refused.contains(advice), "{text:?}: {refused}");
    }
    let kept = usual.clone().usecols(["Unnamed: 0", "k"]);
    assert_eq!(
        table("Unnamed: 0,k\n5,x\n", "k", &kept).expect("read").feature_names(),
        ["Unnamed: 0"]
    );
}

#[test]
fn options_that_do_not_fit_are_refused_by_name() {
    let usual = CsvOptions::new;
    for (options, start) in [
        (usual().usecols(["a", "z"]), "`CsvOptions::usecols`: "),
        (usual().usecols([""; 0]), "`CsvOptions::usecols`: it names no column"),
        (usual().drop([7]), "`CsvOptions::drop`: "),
        (usual().index_col("z"), "`CsvOptions::index_col`: "),
        (usual().dtype("z", Dtype::Int), "`CsvOptions::dtype`: "),
        (usual().names(["a", "b"]), "`CsvOptions::names`: "),
        (usual().sep('é'), "`CsvOptions::sep`: "),
        (usual().sep(',').decimal(','), "`CsvOptions::decimal`: "),
        (usual().decimal(';').thousands(';'), "`CsvOptions::decimal`: "),
        (usual().comment('é'), "`CsvOptions::comment`: "),
        (usual().get_dummies(["z"]), "`CsvOptions::get_dummies`: "),
        (usual().get_dummies(["k"]), "`CsvOptions::get_dummies`: \"k\" is the target"),
        (usual().get_dummies(["a"]).ordinal("a"), "`CsvOptions::ordinal`: "),
        (usual().ordinal_with("a", ["x", "x"]), "`CsvOptions::ordinal_with`: "),
        (usual().dtype("a", Dtype::Str), "`CsvOptions::dtype`: "),
    ] {
        let refused = table("a,b,k\n1,2,x\n", "k", &options).expect_err("refused").to_string();
        assert!(refused.starts_with(start), "{refused}");
    }
}

#[test]
fn an_empty_field_in_quotes_is_a_row_and_names_keep_their_blanks() {
    let options = CsvOptions::new().header(None).names(["x"]);
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("rows.csv");
    fs::write(&path, "1\n\"\"\n\n2\n").expect("written");
    let names = ["x".to_owned()];
    let wanted = picklebook::data::Columns::Named(&names);
    let mut file = FeatureFile::open_with(&path, wanted, &options).expect("opened");
    let block = file.next_block().expect("read").expect("rows");
    assert_eq!((block.lines(), block.features()[(1, 0)].is_nan()), ([1, 2, 4].as_slice(), true));
    let data = table("a, b , k\n1,2,x\n", "k", &CsvOptions::new()).expect("read");
    assert_eq!(
        (data.feature_names(), data.target_name()),
        (["a", " b "].map(String::from).as_slice(), " k")
    );
}

#[test]
fn other_encodings_are_named() {
    let utf16: Vec<u8> =
        "\u{feff}x\tk\r\n1\ta\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let refused = problem(utf16, "k", &CsvOptions::new());
    assert!(refused.contains("encoded in UTF-16; save it in the encoding UTF-8"), "{refused}");
    let latin = problem(b"Gr\xf6\xdfe;k\n1;a\n", "k", &CsvOptions::new());
    assert!(latin.starts_with(", line 1, column 1: not UTF-8 text;"), "{latin}");
}

#[test]
fn missing_values_are_those_of_pandas_and_of_ones_own() {
    let refused = read_csv(report("NA.csv"), "label").expect_err("a question mark").to_string();
    assert!(refused.contains("line 7, column \"width\": \"?\" is not a number;"), "{refused}");
    assert!(refused.contains("`CsvOptions::na_values`"), "{refused}");
    let options = CsvOptions::new().na_values(["?"]);
    let data = read_csv_with(report("NA.csv"), "label", &options).expect("read");
    let missing: Vec<(usize, usize)> = data
        .features()
        .indexed_iter()
        .filter(|(_, value)| value.is_nan())
        .map(|(place, _)| place)
        .collect();
    assert_eq!(missing, [(4, 0), (5, 1)]);
    // a tree learns from them, one of linfa says where they are
    DecisionTreeClassifier::params().fit(&data).expect("missing values have a side");
    let linfa = LinfaTree::params().fit(&data).expect_err("refused").to_string();
    assert!(linfa.starts_with("row 4, column \"height\" holds NaN"), "{linfa}");
    let own = table("x,k\n-999.0,a\nnone,b\n", "k", &CsvOptions::new().na_values(["-999", "none"]));
    assert!(own.expect("read").features().iter().all(|value| value.is_nan()));
    let none = problem("x,k\nNA,a\n", "k", &CsvOptions::new().keep_default_na(false));
    assert!(none.contains("\"NA\" is not a number"), "{none}");
    let label = problem("x,k\n1,?\n", "k", &CsvOptions::new().na_values(["?"]));
    assert!(label.contains("column \"k\": the target is missing"), "{label}");
}

#[test]
fn a_file_without_a_header_is_refused_or_read_as_one_says() {
    for (name, target) in [("iris.csv", "setosa"), ("iris.csv", "4"), ("uci.csv", "B")] {
        let refused = read_csv(report(name), target).expect_err("refused");
        assert!(matches!(refused, Error::NoHeader { .. }), "{refused}");
    }
    let names = ["a", "b", "c", "d", "species"];
    let iris = read_csv_with(report("iris.csv"), "species", &CsvOptions::new().names(names));
    let iris = iris.expect("read");
    assert_eq!((iris.rows(), iris.target_name()), (5, "species"));
    assert_eq!(iris.feature_names(), &names[..4]);
    let uci = read_csv_with(report("uci.csv"), "0", &CsvOptions::new().header(None)).expect("read");
    assert_eq!((uci.rows(), uci.feature_names().join(" ")), (6, "1 2 3 4".to_owned()));
    assert_eq!(uci.target().get(0), Some(Label::from("B")));
    for text in
        ["1,2,3\n4,5,6\n", "0.5,k\n1,a\n", "7,k\n1,a\n", "1;2,5;k\n", "a,1,1,k\n", "3,4,5\n"]
    {
        let refused =
            table(text, "k", &CsvOptions::new().sep(if text.contains(';') { ';' } else { ',' }));
        assert!(matches!(refused, Err(Error::NoHeader { .. })), "{text}: {refused:?}");
        let told = CsvOptions::new().header(Some(0)).sep(',');
        let taken = table(text, "k", &told);
        assert!(!matches!(taken, Err(Error::NoHeader { .. })), "{text}: {taken:?}");
    }
    // numbers that name columns: as pandas writes those of an array, and years
    for text in ["0,1,2,k\n5,6,7,a\n", "k,2019,2020,2021\na,1,2,3\n", "k,1x1,1x2\na,0,0\n"] {
        table(text, "k", &CsvOptions::new()).expect("these are names");
    }
    let array = table("0,1,2\n5,6,7\n", "2", &CsvOptions::new()).expect("these are names");
    assert_eq!(array.target(), &vec![7].into());
}

#[test]
fn columns_go_by_name() {
    let folder = support::folder("reports-columns");
    let (train, rows) = (report("t.csv"), report("swapped_renamed.csv"));
    let [train, rows] = [train, rows].map(|path| path.display().to_string());
    let fit = ["train", &train, "--target", "label", "--output", "t.pkl"];
    assert!(command(&folder, &fit).0);
    let (done, text) = command(&folder, &["predict", "t.pkl", &rows]);
    assert!(!done && text.contains("unseen at the fit: \"breadth\", \"tall\";"), "{text}");
    assert!(text.contains("yet now missing: \"height\", \"width\";"), "{text}");
    assert!(text.contains("--by-position"), "{text}");
    assert_eq!(text.lines().count(), 1, "{text}");
    let (done, _) = command(&folder, &["predict", "t.pkl", &rows, "--by-position"]);
    assert!(done);

    let low_high = "prediction\nlow\nhigh\nlow\n";
    let headerless = report("headerless_predict.csv").display().to_string();
    let (done, text) = command(&folder, &["predict", "t.pkl", &headerless]);
    assert!(!done && text.contains("--no-header"), "{text}");
    for options in [["--no-header"].as_slice(), &["--names", "height,width"]] {
        let arguments = [&["predict", "t.pkl", &headerless], options].concat();
        assert_eq!(command(&folder, &arguments), (true, low_high.to_owned()));
    }
    let write = |text: &str| fs::write(folder.join("rows.csv"), text).expect("written");
    for (text, options) in [
        ("width,height\n99,1\n90,10\n98,2\n", [].as_slice()),
        ("label,width,height\n?,99,1\n,90,10\nlow,98,2\n", &[]),
        ("id;width;height\na;99;1\nb;90;10\nc;98;2\n", &["--drop", "id"]),
        (",width,height\n0,99,1\n1,90,10\n2,98,2\n", &["--index-col", "0"]),
        (
            "width\theight\tid\n99,0\t1,0\t7\n90\t10\t7\n98\t2\t7\n",
            &["--decimal", ",", "--usecols", "height,width"],
        ),
        ("a,b\n1,99\n10,90\n2,98\n", &["--by-position"]),
        ("a,label,b\n1,x,99\n10,x,90\n2,x,98\n", &["--by-position"]),
    ] {
        write(text);
        let arguments = [&["predict", "t.pkl", "rows.csv"], options].concat();
        assert_eq!(command(&folder, &arguments), (true, low_high.to_owned()), "{text}");
    }
    for (text, message) in [
        ("width,height,id\n99,1,7\n", "unseen at the fit: \"id\"; rename"),
        ("width\n99\n", "fit; seen at the fit, yet now missing: \"height\"; rename"),
        ("Height,width\n1,99\n", "unseen at the fit: \"Height\"; seen"),
    ] {
        write(text);
        let (done, text) = command(&folder, &["predict", "t.pkl", "rows.csv"]);
        assert!(!done && text.contains(message), "{text}");
    }
}

#[test]
fn columns_go_by_name_in_the_library_too() {
    let data = read_csv(report("t.csv"), "label").expect("read");
    let tree = DecisionTreeClassifier::params().fit(&data).expect("fits");
    let answers = tree.predict(&data).expect("the same columns");
    let swapped = table("width,height,label\n99,1,low\n90,10,high\n", "label", &CsvOptions::new());
    let swapped = swapped.expect("read");
    assert_eq!(tree.predict(&swapped).expect("by name"), Labels::from(["low", "high"]));
    assert_eq!(tree.score(&swapped).expect("by name"), 1.0);
    assert_eq!(tree.apply(&swapped).expect("by name").len(), 2);
    assert_eq!(tree.predict_proba(&swapped).expect("by name").dim(), (2, 2));
    let other = table("breadth,tall,label\n99,1,low\n", "label", &CsvOptions::new()).expect("read");
    let refused = tree.predict(&other).expect_err("refused");
    let (unseen, missing) = match &refused {
        model::Error::FeatureNames { unseen, missing } => (unseen.as_str(), missing.as_str()),
        other => panic!("{other}"),
    };
    assert_eq!((unseen, missing), ("\"breadth\", \"tall\"", "\"height\", \"width\""));
    assert!(tree.predict(other.features()).is_ok(), "by position");
    let nameless = DecisionTreeClassifier::params()
        .fit_weighted(data.features(), data.target(), None)
        .expect("fits");
    assert_eq!(nameless.predict(&data).expect("by position"), answers);
}

const WORDS: &str = "colour,height,size,label\nred,1,M,a\nblue,2,S,b\nred,3,,b\n,4,L,a\n";

#[test]
fn words_become_numbers_and_new_rows_alike() {
    let options = CsvOptions::new().get_dummies(["colour"]).ordinal_with("size", ["S", "M", "L"]);
    let data = table(WORDS, "label", &options).expect("read");
    assert_eq!(data.feature_names(), ["height", "size", "colour_blue", "colour_red"]);
    let nan = f64::NAN;
    let expected = array![
        [1.0, 1.0, 0.0, 1.0],
        [2.0, 0.0, 1.0, 0.0],
        [3.0, nan, 0.0, 1.0],
        [4.0, 2.0, 0.0, 0.0]
    ];
    assert_eq!(data.features().mapv(f64::to_bits), expected.mapv(f64::to_bits));
    let tree = DecisionTreeClassifier::params().fit(&data).expect("fits");
    let saved = pickle::dumps(&tree).expect("saved");
    let loaded = AnyModel::loads(&saved).expect("loaded");
    assert!(loaded == tree.into());

    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("rows.csv");
    let read = |text: &str| {
        fs::write(&path, text).expect("written");
        let mut file = FeatureFile::open(&path, loaded.columns())?;
        let block = file.next_block()?.expect("it has rows");
        Ok::<_, Error>(block.features().clone())
    };
    let same = read(WORDS).expect("the target may be there");
    assert_eq!(same.mapv(f64::to_bits), expected.mapv(f64::to_bits));
    let one = read("size,colour,height\nL,blue,7\n").expect("in any order");
    assert_eq!(one, array![[7.0, 2.0, 1.0, 0.0]]);
    for (text, message) in [
        (
            "size,colour,height\nL,blue,7\nL,green,7\n",
            "line 3, column \"colour\": \"green\" is none",
        ),
        ("size,colour,height\nXL,blue,7\n", "line 2, column \"size\": \"XL\" is none"),
        ("size,colour,height\nS,blue,x\n", "line 2, column \"height\": \"x\" is not a number"),
        ("size,height\nS,1\n", "yet now missing: \"colour\";"),
        ("height,size,colour_blue,colour_red\n1,2,0,1\n", "unseen at the fit: \"colour_blue\""),
    ] {
        let refused = read(text).expect_err("refused").to_string();
        assert!(refused.contains(message), "{refused}");
    }
    let known = loaded.schema().and_then(|schema| schema.encoding()).expect("there are words");
    let again = table(
        "size,colour,height,label\nL,blue,7,b\n",
        "label",
        &CsvOptions::new().encode_with(known),
    );
    assert_eq!(again.expect("read").features(), array![[7.0, 2.0, 1.0, 0.0]]);
    let unknown = problem(
        "size,colour,height,label\nL,green,7,b\n",
        "label",
        &CsvOptions::new().encode_with(known),
    );
    assert!(unknown.contains("line 2, column \"colour\": \"green\" is none"), "{unknown}");
}

#[test]
fn the_command_keeps_words_with_the_model() {
    let folder = support::folder("reports-words");
    let rows: String = (0..40)
        .map(|row| {
            let (colour, size) = (["red", "blue", "green"][row % 3], ["S", "M", "L"][row % 3]);
            format!("{row},{colour},{size},{}\n", if row % 3 == 0 { "yes" } else { "no" })
        })
        .collect();
    let write = |name: &str, text: &str| fs::write(folder.join(name), text).expect("written");
    write("train.csv", &format!("id,colour,size,label\n{rows}"));
    let start =
        ["train", "train.csv", "--target", "label", "--output", "m.pkl", "--index-col", "id"];
    for words in [
        ["--get-dummies"].as_slice(),
        &["--get-dummies=colour,size"],
        &["--get-dummies=colour", "--ordinal", "size=S,M,L"],
        &["--ordinal", "colour", "--ordinal", "size"],
    ] {
        let (done, text) = command(&folder, &[&start, words].concat());
        assert!(done && text.contains("accuracy 100.00 %"), "{text}");
        write("rows.csv", "size,colour\nS,red\nM,blue\n");
        let predicted = command(&folder, &["predict", "m.pkl", "rows.csv"]);
        assert_eq!(predicted, (true, "prediction\nyes\nno\n".to_owned()), "{words:?}");
        write("rows.csv", "colour,size\nred,S\nblue,M\n");
        let predicted = command(&folder, &["predict", "m.pkl", "rows.csv", "--by-position"]);
        assert_eq!(predicted, (true, "prediction\nyes\nno\n".to_owned()), "{words:?}");
        write("rows.csv", "size,colour\nS,red\nM,pink\n");
        let (done, text) = command(&folder, &["predict", "m.pkl", "rows.csv"]);
        assert!(
            !done && text.contains("rows.csv, line 3, column \"colour\": \"pink\" is none of"),
            "{text}"
        );
    }
    let (done, text) = command(&folder, &start);
    assert!(
        !done && text.contains("\"red\" is not a number;") && text.contains("--get-dummies"),
        "{text}"
    );
    write("train.csv", "x,y,label\n1,a,u\n2,b,v\nthree,c,u\n");
    let mixed = ["train", "train.csv", "--target", "label", "--output", "m.pkl", "--get-dummies"];
    let (done, text) = command(&folder, &mixed);
    assert!(
        !done && text.contains("line 4, column \"x\": \"three\" is not a number, but line 2"),
        "{text}"
    );
}

/// As picklebook 0.1.0 saved trees, without what is known of their tables.
#[test]
fn models_of_older_files_go_by_name_too() {
    let data = read_csv(report("t.csv"), "label").expect("read");
    let tree = DecisionTreeClassifier::params().fit(&data).expect("fits");
    let old = tree.clone().with_feature_names(data.feature_names().to_vec()).expect("named");
    assert!(old.schema().is_none() && tree.schema().is_some());
    let model = AnyModel::loads(&pickle::dumps(&old).expect("saved")).expect("loaded");
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("rows.csv");
    fs::write(&path, "width,height\n99,1\n").expect("written");
    FeatureFile::open(&path, model.columns()).expect("the columns of the fit");
    fs::write(&path, "width,height,label\n99,1,low\n").expect("written");
    let refused = FeatureFile::open(&path, model.columns()).err().expect("refused").to_string();
    assert!(refused.contains("unseen at the fit: \"label\";"), "{refused}");
}

#[test]
fn a_table_of_too_many_words_is_refused_before_it_fills_the_memory() {
    let rows: String = (0..40_000).map(|row| format!("w{row},{}\n", row % 2)).collect();
    let options = CsvOptions::new().get_dummies(["word"]);
    let refused = table(format!("word,k\n{rows}"), "k", &options);
    assert!(matches!(refused, Err(Error::TooManyCategories { rows: 40_000, .. })));
}

/// A model whose file contradicts itself is refused, however large it would make names.
#[test]
fn a_schema_that_does_not_fit_its_model_is_refused() {
    let options = CsvOptions::new().get_dummies(["colour"]).ordinal("size");
    let data = table(WORDS, "label", &options).expect("read");
    let tree = DecisionTreeClassifier::params().fit(&data).expect("fits");
    let whole = serde_json::to_value(&tree).expect("JSON");
    assert_eq!(
        whole["schema"].to_string(),
        "{\"encoding\":[{\"name\":\"colour\",\"one_hot\":[\"blue\",\"red\"]},{\"name\":\"height\"},\
         {\"name\":\"size\",\"ordinal\":[\"L\",\"M\",\"S\"]}],\"target_name\":\"label\"}"
    );
    let refused = |place: &str, value: serde_json::Value| {
        let mut broken = whole.clone();
        *broken.pointer_mut(place).expect("there") = value;
        let error = serde_json::from_value::<DecisionTreeClassifier>(broken).expect_err("refused");
        error.to_string()
    };
    let many: Vec<String> = (0..100_000).map(|word| word.to_string()).collect();
    for (place, value, problem) in [
        ("/schema/encoding/0/one_hot", vec!["blue"].into(), "makes other features than"),
        ("/schema/encoding/0/one_hot", vec!["blue", "green"].into(), "makes other features than"),
        ("/schema/encoding/0/one_hot", vec!["red", "red"].into(), "has the word \"red\" twice"),
        ("/schema/encoding/0/one_hot", many.into(), "makes other features than"),
        ("/schema/encoding/0/name", "c".repeat(1 << 20).into(), "makes other features than"),
        ("/schema/encoding/1/name", "size".into(), "two columns \"size\""),
        ("/schema/encoding", serde_json::Value::Array(Vec::new()), "makes other features than"),
        ("/feature_names", serde_json::Value::Null, "makes other features than"),
    ] {
        let error = refused(place, value);
        assert!(error.contains(problem), "{error}");
    }
    let linfa_options = CsvOptions::new().get_dummies(["colour", "size"]);
    let data = table(WORDS, "label", &linfa_options).expect("read");
    let linfa = LinfaTree::params().fit(&data).expect("fits");
    let mut broken = serde_json::to_value(&linfa).expect("JSON");
    assert_eq!(serde_json::from_value::<LinfaTree>(broken.clone()).expect("whole"), linfa);
    broken["schema"]["encoding"][0]["one_hot"] = vec!["blue"].into();
    let error = serde_json::from_value::<LinfaTree>(broken).expect_err("refused").to_string();
    assert!(error.contains("makes other features than"), "{error}");
}
