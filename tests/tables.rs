//! Tables are read as pandas reads them, and words encoded as pandas and scikit-learn do it.

mod support;

use std::fs;

use picklebook::data::{CsvOptions, Dataset, Error, read_csv_with};
use serde::{Deserialize, Serialize};

/// A file, and what gives the same table in Python: the text is `f`, and the target is `k`.
#[derive(Serialize)]
struct Case {
    text: String,
    python: &'static str,
    #[serde(skip)]
    options: CsvOptions,
}

/// The features of pandas' table, `None` where a value is missing; or nothing where they are no
/// numbers.
#[derive(Deserialize, Debug)]
struct Features {
    names: Vec<String>,
    rows: Option<Vec<Vec<Option<f64>>>>,
    target: Vec<String>,
}

const PYTHON: &str = r#"
import io, json, sys
import pandas as pd
from pandas._libs.parsers import STR_NA_VALUES
from sklearn.preprocessing import OrdinalEncoder

def ordinal(table, columns, **options):
    table[columns] = OrdinalEncoder(**options).fit_transform(table[columns])
    return table

answers = []
for case in json.load(sys.stdin):
    table = eval(case["python"], {**globals(), "f": io.StringIO(case["text"])})
    table.columns = [str(name) for name in table.columns]
    target = [str(label) for label in table.pop("k")]
    try:
        rows = [[None if x != x else x for x in row] for row in table.astype(float).to_numpy().tolist()]
    except ValueError:
        rows = None
    answers.append({"names": list(table.columns), "rows": rows, "target": target})
json.dump({"missing": sorted(STR_NA_VALUES), "answers": answers}, sys.stdout)
"#;

#[derive(Deserialize)]
struct Answers {
    missing: Vec<String>,
    answers: Vec<Features>,
}

fn ask(cases: &[Case]) -> Answers {
    let asked = serde_json::to_vec(cases).expect("JSON");
    serde_json::from_slice(&support::python_prints(PYTHON, &asked)).expect("JSON")
}

fn read(case: &Case) -> Result<Dataset, Error> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("rows.csv");
    fs::write(&path, &case.text).expect("written");
    read_csv_with(path, "k", &case.options)
}

fn features(data: &Dataset) -> Vec<Vec<Option<f64>>> {
    let number = |&number: &f64| (!number.is_nan()).then_some(number);
    data.features().rows().into_iter().map(|row| row.iter().map(number).collect()).collect()
}

fn case(text: impl Into<String>, python: &'static str, options: CsvOptions) -> Case {
    Case { text: text.into(), python, options }
}

const WORDS: &str = "colour,height,cyl,k\nred,1,10,a\nblue,2,9,b\nred,3,9,b\n,4,10,a\nÄ,5,8,a\n";

#[test]
fn features_are_those_of_pandas() {
    let new = CsvOptions::new;
    let cases = [
        case("a,b,k\n1,2.5,x\n-3e2,.5,y\n", "pd.read_csv(f)", new()),
        case(
            "a;b;k\n1,5;-2,25;x\n3;4,0e1;y\n",
            "pd.read_csv(f, sep=';', decimal=',')",
            new().sep(';').decimal(','),
        ),
        case(
            "a;b;k\n1,5;-2,25;x\n3;4,0e1;y\n",
            "pd.read_csv(f, sep=';', decimal=',')",
            new().decimal(','),
        ),
        case(
            "a;k\n1.234,5;x\n1.234.567;y\n",
            "pd.read_csv(f, sep=';', decimal=',', thousands='.')",
            new().decimal(',').thousands('.'),
        ),
        case(
            "a,k\n\"1,234.5\",x\n\"-12,345,678\",y\n9,z\n",
            "pd.read_csv(f, thousands=',')",
            new().thousands(','),
        ),
        case("a\tb\tk\n1\t2\tx\n", "pd.read_csv(f, sep='\\t')", new()),
        case("a|b|k\n1|2|x\n", "pd.read_csv(f, sep='|')", new()),
        case("a,b,k\r1,2,x\r3,4,y\r", "pd.read_csv(f)", new()),
        case("a,b,k\r\n\r\n1,2,x\r\n\r\n", "pd.read_csv(f)", new()),
        case("a,b,k\n\"1\",\"2\",\"x, \"\"y\"\"\nz\"\n", "pd.read_csv(f)", new()),
        case("a,b,k\nTrue,FALSE,x\nfalse,true,y\n", "pd.read_csv(f)", new()),
        case(
            "a,b,k\nyes,Yes,x\nno,No,y\n",
            "pd.read_csv(f, true_values=['yes', 'Yes'], false_values=['no', 'No'])",
            new().true_values(["yes", "Yes"]).false_values(["no", "No"]),
        ),
        case(
            "a,b,k\nNA,?,x\n2,<NA>,y\n3,4,z\n",
            "pd.read_csv(f, na_values=['?'])",
            new().na_values(["?"]),
        ),
        case(
            "a,b,k\n-999,-999.0,x\n2,3,y\n",
            "pd.read_csv(f, na_values=['-999'])",
            new().na_values(["-999"]),
        ),
        case(
            "a,b,k\n-999,1,x\n2,?,y\n",
            "pd.read_csv(f, na_values=['-999', '?'], keep_default_na=False)",
            new().na_values(["-999", "?"]).keep_default_na(false),
        ),
        case(
            "1,2,x\n3,4,y\n",
            "pd.read_csv(f, header=None).rename(columns={2: 'k'})",
            new().names(["0", "1", "k"]),
        ),
        case(
            "1,2,x\n3,4,y\n",
            "pd.read_csv(f, names=['a', 'b', 'k'])",
            new().names(["a", "b", "k"]),
        ),
        case(
            "q,r,s\n3,4,y\n",
            "pd.read_csv(f, names=['a', 'b', 'k'], header=0)",
            new().names(["a", "b", "k"]).header(Some(0)),
        ),
        case(
            "title, 2\n\na;b;k\n3,5;4;y\n",
            "pd.read_csv(f, header=1, sep=';', decimal=',')",
            new().header(Some(1)).decimal(','),
        ),
        case("title\n\na,b,k\n3,4,y\n", "pd.read_csv(f, header=1)", new().header(Some(1))),
        case("title\nmore\na,b,k\n3,4,y\n", "pd.read_csv(f, skiprows=2)", new().skiprows(2)),
        case("# title\na,b,k\n# more\n3,4,y\n", "pd.read_csv(f, comment='#')", new().comment('#')),
        case("k,b,a\ny,4,3\n", "pd.read_csv(f, usecols=['a', 'k'])", new().usecols(["a", "k"])),
        case("k,b,a\ny,4,3\n", "pd.read_csv(f, usecols=[0, 1])", new().usecols([0, 1])),
        case(",a,k\n0,4,y\n", "pd.read_csv(f, index_col=0)", new().index_col(0)),
        case("a,id,k\n0,4,y\n", "pd.read_csv(f, index_col='id')", new().index_col("id")),
        case("a,b,k\n0,w,y\n", "pd.read_csv(f).drop(columns=['b'])", new().drop(["b"])),
        case("a,k\n1,007\n2,7\n", "pd.read_csv(f, dtype={'k': str})", new()),
        case("2019,2020,k\n1,2,x\n", "pd.read_csv(f)", new()),
        case(
            WORDS,
            "pd.get_dummies(pd.read_csv(f), columns=['colour'])",
            new().get_dummies(["colour"]),
        ),
        case(
            WORDS,
            "pd.get_dummies(pd.read_csv(f), columns=['colour', 'cyl'])",
            new().get_dummies(["colour", "cyl"]),
        ),
        case(
            WORDS,
            "pd.get_dummies(pd.read_csv(f), columns=['colour'])",
            new().get_dummies_of_words(),
        ),
        case(
            "a,b,k\n1,x,p\n2,y,q\n,x,q\n",
            "pd.get_dummies(pd.read_csv(f), columns=['b'])",
            new().get_dummies_of_words(),
        ),
        case(
            "b,a,c,k\nNA,1,v,p\nx,2,w,q\nN,3,v,q\n",
            "pd.get_dummies(pd.read_csv(f), columns=['b', 'c'])",
            new().get_dummies_of_words(),
        ),
        case(
            WORDS,
            "ordinal(pd.read_csv(f), ['colour', 'cyl'])",
            new().ordinal("colour").ordinal("cyl"),
        ),
        case(
            "size,k\nS,a\nL,b\nM,a\n",
            "ordinal(pd.read_csv(f), ['size'], categories=[['S', 'M', 'L']])",
            new().ordinal_with("size", ["S", "M", "L"]),
        ),
    ];
    let answers = ask(&cases).answers;
    assert_eq!(answers.len(), cases.len());
    for (case, theirs) in cases.iter().zip(answers) {
        let ours = read(case).unwrap_or_else(|error| panic!("{:?}: {error}", case.text));
        assert_eq!(ours.feature_names(), theirs.names, "{:?}", case.text);
        assert_eq!(Some(features(&ours)), theirs.rows, "{:?}", case.text);
        let target: Vec<String> = ours.target().iter().map(|label| label.to_string()).collect();
        assert_eq!(target, theirs.target, "{:?}", case.text);
    }
}

/// Each word, in a column of numbers: missing here where it is missing there, and refused here
/// where it is text there. (What is a number of another kind there is refused here.)
#[test]
fn words_for_missing_values_are_those_of_pandas() {
    let mut words = ask(&[]).missing;
    assert!(words.len() > 15, "{words:?}");
    for other in [
        "na", "Na", "NONE", "none", "Null", "n/A", "#n/a", "?", "-", "--", ".", "missing", "NAN?",
        "nil", "<na>", "N.A.",
    ] {
        words.push(other.to_owned());
    }
    let cases: Vec<Case> = words
        .iter()
        .map(|word| {
            case(format!("a,b,k\n1,{word},x\n2,2,y\n"), "pd.read_csv(f)", CsvOptions::new())
        })
        .collect();
    let (mut missing, mut text) = (0, 0);
    for (case, theirs) in cases.iter().zip(ask(&cases).answers) {
        match (read(case), theirs.rows) {
            (Ok(ours), Some(theirs)) => {
                assert_eq!(features(&ours), theirs, "{:?}", case.text);
                missing += usize::from(features(&ours)[0][1].is_none());
            }
            (Err(Error::Field { line: 2, .. }), None) => text += 1,
            (ours, theirs) => panic!("{:?}: {ours:?} where pandas has {theirs:?}", case.text),
        }
    }
    assert_eq!((missing, text), (words.len() - 16, 16));
}
