//! Small files of models that would take much more time or memory than their size allows, if what
//! they use in many places were looked at or copied each time: every model, by every way in, on
//! files of each kind, in growing sizes.
//!
//! In a release build (`cargo test --release --test model_growth`) the largest are 1 MB, and each
//! must end within 2 seconds and 256 MiB above the file.

#[path = "support/growth.rs"]
mod growth;
#[path = "support/memory.rs"]
mod memory;
mod support;

use std::time::Duration;

use growth::{DEBUG, SIZES, TIME, alone, processor_time, too_much_memory};
use ndarray::Array2;
use picklebook::AnyModel;
use picklebook::data::{Dataset, Label, Labels, balance_scale};
use picklebook::pickle;
use picklebook::tree::{ClassWeight, DecisionTreeClassifier, DecisionTreeRegressor, LinfaTree};
use serde::de::DeserializeOwned;

/// Text of up to 255 bytes.
fn name(text: &str) -> Vec<u8> {
    [&[0x8c, text.len() as u8], text.as_bytes()].concat()
}

fn long(text: &[u8]) -> Vec<u8> {
    [b"X", &(text.len() as u32).to_le_bytes()[..], text].concat()
}

/// The same text, but every character is an escape.
fn escaped(text: &[u8]) -> Vec<u8> {
    let escapes: String = text.iter().map(|byte| format!("\\u{byte:04x}")).collect();
    [b"V", escapes.as_bytes(), b"\n"].concat()
}

fn int(number: i32) -> Vec<u8> {
    [b"J", &number.to_le_bytes()[..]].concat()
}

fn list(items: &[u8]) -> Vec<u8> {
    [b"](", items, b"e"].concat()
}

/// A dictionary of entries, each a key and a value in turn.
fn dict(entries: &[Vec<u8>]) -> Vec<u8> {
    [b"}(".as_slice(), &entries.concat(), b"u"].concat()
}

/// A list of one object in as many places as there is room for, with a number in the memo that
/// nothing else has.
fn used(object: &[u8], size: usize) -> Vec<u8> {
    let uses = size.saturating_sub(object.len()) / 2;
    [object, b"q\xee0", &list(&b"h\xee".repeat(uses))].concat()
}

/// Lists of one and the same list, in so many levels around an object.
fn levels(object: &[u8], levels: u8, size: usize) -> Vec<u8> {
    let uses = size / (2 * levels as usize);
    let mut bytes = [object, b"q\xe00"].concat();
    for level in 0xe0..0xe0 + levels {
        bytes.extend_from_slice(&list(&[b'h', level].repeat(uses)));
        bytes.extend_from_slice(&[b'q', level + 1, b'0']);
    }
    bytes.extend_from_slice(&[b'h', 0xe0 + levels]);
    bytes
}

/// Objects in one another: lists, or dictionaries of one entry.
fn deep(open: &[u8], close: &[u8], size: usize) -> Vec<u8> {
    let levels = size / (open.len() + close.len());
    [&open.repeat(levels)[..], b"N", &close.repeat(levels)].concat()
}

/// Different numbers or texts, each made of its place.
fn distinct(one: impl Fn(usize) -> Vec<u8>, size: usize) -> Vec<u8> {
    let each = one(1_000_000).len();
    list(&(0..size / each).flat_map(|place| one(1_000_000 + place)).collect::<Vec<_>>())
}

/// What may stand in a model: a name, and what makes it of about a size.
type Part = (&'static str, fn(usize) -> Vec<u8>);

/// What may stand in any place of a model.
const PARTS: &[Part] = &[
    ("one long text", |size| used(&long(&b"x".repeat(size / 2)), size)),
    ("one long text with escapes", |size| used(&escaped(&b"x".repeat(size / 12)), size)),
    ("one long string", |size| {
        used(&[b"S'", &b"\\x41".repeat(size / 8)[..], b"'\n"].concat(), size)
    }),
    ("one padded number", |size| {
        used(&[b"I0x", &b"0".repeat(size / 2)[..], b"1\n"].concat(), size)
    }),
    ("one long float", |size| used(&[b"F1.", &b"0".repeat(size / 2)[..], b"\n"].concat(), size)),
    ("one list of numbers", |size| used(&list(&b"K\x01".repeat(size / 4)), size)),
    ("one large number", |size| used(&int(i32::MAX), size)),
    ("lists of one list", |size| levels(b"K\x01", 2, size)),
    ("lists of lists of one list", |size| levels(b"](NNNNNNNNNNe", 3, size)),
    ("one dictionary", |size| used(&dict(&[b"K\x01N".repeat(size / 6)]), size)),
    ("one object", |size| used(b"cm\nn\n)\x81", size)),
    ("one object with many states", |size| {
        used(&[b"cm\nn\n)\x81", &b"}b".repeat(size / 4)[..]].concat(), size)
    }),
    ("lists in one another", |size| deep(b"](", b"e", size)),
    ("dictionaries in one another", |size| deep(b"}N", b"s", size)),
    ("different numbers", |size| distinct(|place| int(place as i32), size)),
    ("different texts", |size| distinct(|place| name(&format!("{place:07}")), size)),
    ("different long texts", |size| distinct(|place| name(&format!("{place:0200}")), size)),
    ("equal texts", |size| distinct(|_| name("x"), size)),
    ("pairs", |size| used(&[&long(&b"x".repeat(size / 2))[..], b"K\x01\x86"].concat(), size)),
    ("different pairs", |size| {
        distinct(|place| [&name(&format!("{place:07}"))[..], b"K\x01\x86"].concat(), size)
    }),
    ("weights", |size| {
        let pairs =
            distinct(|place| [&name(&format!("{place:07}"))[..], b"K\x01\x86"].concat(), size);
        dict(&[name("weights"), pairs])
    }),
    ("equal weights", |size| {
        let pairs = used(&[&long(&b"x".repeat(size / 2))[..], b"K\x01\x86"].concat(), size);
        dict(&[name("weights"), pairs])
    }),
    ("entries with one long key", |size| {
        let key = [&escaped(&b"x".repeat(size / 12))[..], b"q\xee0"].concat();
        [&key[..], &dict(&[b"h\xeeN".repeat(size / 8)])].concat()
    }),
    ("entries with one key", |size| {
        dict(&[[&name("max_depth")[..], b"N"].concat().repeat(size / 12)])
    }),
    ("many entries", |size| {
        dict(
            &(0..size / 14)
                .map(|place| [&name(&format!("{place:010}"))[..], b"N"].concat())
                .collect::<Vec<_>>(),
        )
    }),
];

/// The entries of a model's dictionary: each has a name, and what it is in a pickle.
type Entries = Vec<(String, Vec<u8>)>;

fn entries_of(model: &impl serde::Serialize) -> Entries {
    let saved = pickle::dumps(model).expect("written");
    let value: pickle::Value = pickle::loads(&saved).expect("read");
    let entry = |(key, value): (pickle::Value, pickle::Value)| {
        let bytes = pickle::dumps_with(&value, &pickle::DumpOptions::new().protocol(2));
        let bytes = bytes.expect("written");
        // without the protocol, the marks of what is used again, and the end
        (key.as_str().expect("a name").into_owned(), bytes[2..bytes.len() - 1].to_vec())
    };
    value.entries().into_iter().map(entry).collect()
}

fn file(entries: &Entries) -> Vec<u8> {
    let entries: Vec<_> =
        entries.iter().map(|(key, value)| [&name(key)[..], value].concat()).collect();
    [&dict(&entries)[..], b"."].concat()
}

fn small() -> Dataset {
    balance_scale()
}

fn classifier() -> Entries {
    let weights = ["B", "L", "R"].map(|class| (Label::from(class), 1.5)).to_vec();
    let params = DecisionTreeClassifier::params().class_weight(ClassWeight::Weights(weights));
    entries_of(&params.max_depth(2).fit(&small()).expect("fitted"))
}

fn regressor() -> Entries {
    let data = small();
    let target: Vec<f64> = (0..data.rows()).map(|row| (row % 5) as f64).collect();
    let params = DecisionTreeRegressor::params().max_depth(2);
    entries_of(&params.fit_weighted(data.features(), &target, None).expect("fitted"))
}

fn linfa() -> Entries {
    entries_of(&LinfaTree::params().min_samples_leaf(100).fit(&small()).expect("fitted"))
}

/// The entries with another in the place of one, or in front.
fn with(mut entries: Entries, key: &str, value: Vec<u8>) -> Entries {
    match entries.iter_mut().find(|(name, _)| name == key) {
        Some(entry) => entry.1 = value,
        None => entries.insert(1, (key.to_owned(), value)),
    }
    entries
}

/// A sound classifier that is one long chain, with as many nodes as fit; or one with as many classes
/// as fit.
fn sound(size: usize, nodes: usize, classes: usize) -> Vec<u8> {
    let numbers = |number: &dyn Fn(usize) -> i32| {
        list(&(0..nodes).flat_map(|node| int(number(node))).collect::<Vec<_>>())
    };
    let split = |node: usize| node.is_multiple_of(2) && node + 2 < nodes;
    let child = |node: usize, plus: usize| if split(node) { (node + plus) as i32 } else { -1 };
    let floats =
        || [b"G\0\0\0\0\0\0\0\0q\xdd0".as_slice(), &list(&b"h\xdd".repeat(nodes))].concat();
    let mut entries = classifier();
    let arrays = [
        ("children_left", numbers(&|node| child(node, 1))),
        ("children_right", numbers(&|node| child(node, 2))),
        ("feature", numbers(&|node| if split(node) { 0 } else { -2 })),
        ("n_node_samples", numbers(&|_| 1)),
        ("threshold", floats()),
        ("impurity", floats()),
        ("weighted_n_node_samples", floats()),
        ("missing_go_to_left", list(&b"\x89".repeat(nodes))),
        (
            "value",
            [b"G\0\0\0\0\0\0\0\0q\xdc0".as_slice(), &list(&b"h\xdc".repeat(nodes * classes))]
                .concat(),
        ),
        (
            "classes",
            list(&(0..classes).flat_map(|class| name(&format!("{class:07}"))).collect::<Vec<_>>()),
        ),
    ];
    for (key, value) in arrays {
        entries = with(entries, key, value);
    }
    let file = file(&entries);
    assert!(file.len() < 2 * size + 2000, "{} bytes for {size}", file.len());
    file
}

/// A tree of linfa's that uses one and the same child everywhere, so that it has 2ⁿ nodes.
fn linfa_of_shared_nodes(levels: u8, size: usize) -> Vec<u8> {
    let node = |leaf: bool, depth: usize, child: &[u8], names: &[u8]| {
        dict(&[
            [&name("feature_idx")[..], b"K\0"].concat(),
            [&name("feature_name")[..], names].concat(),
            [&name("split_value")[..], b"G\x3f\xe0\0\0\0\0\0\0"].concat(),
            [&name("impurity_decrease")[..], b"G\x3f\xe0\0\0\0\0\0\0"].concat(),
            [&name("left_child")[..], child].concat(),
            [&name("right_child")[..], child].concat(),
            [&name("leaf_node")[..], if leaf { b"\x88" } else { b"\x89" }].concat(),
            [&name("prediction")[..], b"K\0"].concat(),
            [&name("depth")[..], &int(depth as i32)].concat(),
        ])
    };
    let title = long(&b"x".repeat(size));
    let mut nodes =
        [&title[..], b"q\xed0", &node(true, levels.into(), b"N", b"h\xed"), b"q\x000"].concat();
    for level in 0..levels {
        let depth = usize::from(levels - level - 1);
        nodes.extend(node(false, depth, &[b'h', level], b"h\xed"));
        nodes.extend([b'q', level + 1, b'0']);
    }
    nodes.extend([b'h', levels]);
    let tree = dict(&[name("root_node"), nodes, name("num_features"), b"K\x01".to_vec()]);
    let entries = with(linfa(), "tree", tree);
    // behind the tree, which puts the name into the memo
    let mut entries: Entries =
        entries.into_iter().filter(|(key, _)| key != "feature_names").collect();
    entries.push(("feature_names".to_owned(), b"](h\xede".to_vec()));
    file(&entries)
}

/// The ways in: each has a name, and does all that it can.
type Way = (&'static str, fn(&[u8]));

fn typed<T: DeserializeOwned>(bytes: &[u8]) {
    drop(pickle::loads::<T>(bytes).map_err(|error| error.to_string()));
}

const WAYS: &[Way] = &[
    ("as a classifier", typed::<DecisionTreeClassifier>),
    ("as a regressor", typed::<DecisionTreeRegressor>),
    ("as a tree of linfa's", typed::<LinfaTree>),
    ("as a list of labels", typed::<Vec<Labels>>),
    ("as labels", typed::<Labels>),
    ("as any model within serde", typed::<AnyModel>),
    ("as any model", |bytes| match AnyModel::loads(bytes) {
        Err(error) => assert!(error.to_string().len() < 3 * bytes.len() + 1000),
        Ok(model) => {
            assert!(model.to_string().len() < 1000);
            if model.n_features() < 100_000 {
                let rows = Array2::<f64>::zeros((3, model.n_features()));
                drop((model.predict(&rows), model.predict_proba(&rows), model.apply(&rows)));
            }
            drop(model.as_importances().map(|it| it.feature_importances()));
            drop(pickle::dumps(&model).expect("written"));
        }
    }),
];

/// Those that make something of the files of a model.
fn ways(model: &str) -> impl Iterator<Item = &'static Way> {
    let own = match model {
        "classifier" => "as a classifier",
        "regressor" => "as a regressor",
        "linfa" => "as a tree of linfa's",
        "labels" if DEBUG => "as labels",
        _ => "",
    };
    WAYS.iter().filter(move |(way, _)| own.is_empty() || *way == own || *way == "as any model")
}

/// All of them, or in a debug build, which takes so much longer, every eighth.
fn some_of<T>(all: &[T], shift: usize) -> impl Iterator<Item = &T> {
    let taken = move |place: usize| !DEBUG || (place + shift).is_multiple_of(8);
    all.iter().enumerate().filter(move |(place, _)| taken(*place)).map(|(_, one)| one)
}

/// A file that is not made before it is its turn, and its name.
type File = (String, Box<dyn Fn() -> Vec<u8>>);

/// All files of a model of this size.
fn files(model: &str, size: usize) -> Vec<File> {
    let entries = match model {
        "classifier" => classifier(),
        "regressor" => regressor(),
        "linfa" => linfa(),
        "labels" => {
            let part = |&(part, make): &Part| -> File {
                (part.to_owned(), Box::new(move || [&make(size)[..], b"."].concat()))
            };
            return PARTS.iter().map(part).collect();
        }
        _ => {
            let one_key = move || {
                let key = [&escaped(&b"f".repeat(size / 12))[..], b"q\xee0"].concat();
                [&key[..], &dict(&[b"h\xeeN".repeat(size / 8)]), b"."].concat()
            };
            return vec![
                ("a chain".to_owned(), Box::new(move || sound(size, (size / 31) | 1, 2))),
                ("many classes".to_owned(), Box::new(move || sound(size, 3, size / 15))),
                ("one long key".to_owned(), Box::new(one_key)),
                ("2⁶⁰ nodes".to_owned(), Box::new(|| linfa_of_shared_nodes(60, 1))),
                ("2²⁰⁰ nodes".to_owned(), Box::new(move || linfa_of_shared_nodes(200, size))),
                ("2⁸ nodes".to_owned(), Box::new(move || linfa_of_shared_nodes(8, size))),
            ];
        }
    };
    let mut files: Vec<File> = Vec::new();
    // of the arrays, one of each kind of number
    let alike = ["children_right", "feature", "impurity", "n_node_samples"];
    let alike = [&alike[..], &["weighted_n_node_samples", "value"]].concat();
    let keys: Vec<String> = entries.iter().map(|(key, _)| key.clone()).collect();
    let keys = keys.into_iter().filter(|key| !alike.contains(&key.as_str()));
    for (shift, key) in keys.chain(["another".to_owned()]).enumerate() {
        for &(part, make) in some_of(PARTS, shift) {
            let (entries, key) = (entries.clone(), key.clone());
            let name = format!("{part} as {key}");
            files.push((name, Box::new(move || file(&with(entries.clone(), &key, make(size))))));
        }
    }
    // what stands within an entry
    let (key, within) = match model {
        "linfa" => ("tree", &["root_node", "another"][..]),
        _ => ("parameters", &["class_weight", "max_features", "max_depth", "another"][..]),
    };
    for (shift, &inner) in within.iter().enumerate() {
        for &(part, make) in some_of(PARTS, shift) {
            let entries = entries.clone();
            let make = move || {
                let value = dict(&[name(inner), make(size)]);
                file(&with(entries.clone(), key, value))
            };
            files.push((format!("{part} as {key}.{inner}"), Box::new(make)));
        }
    }
    files
}

const MODELS: [&str; 5] = ["classifier", "regressor", "linfa", "labels", "others"];

fn check(model: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    let mut before: Vec<Option<Duration>> = Vec::new();
    for &size in SIZES {
        let mut place = 0;
        for (name, make) in files(model, size) {
            let file = make();
            for (way, run) in ways(model) {
                let start = processor_time();
                run(&file);
                let took = processor_time().saturating_sub(start);
                before.resize(before.len().max(place + 1), None);
                let allowed = before[place].map_or(TIME, |it| TIME.min(40 * it + TIME / 4));
                if took > allowed {
                    wrong.push(format!(
                        "{name}, {way}, {} bytes: {took:.1?}, allowed {allowed:.1?}",
                        file.len()
                    ));
                }
                before[place] = Some(took);
                place += 1;
                if let Some(peak) = too_much_memory(file.len()) {
                    wrong.push(format!("{name}, {way}, {} bytes: {} MiB", file.len(), peak >> 20));
                    return wrong;
                }
            }
        }
    }
    wrong
}

#[test]
fn no_model_takes_more_than_its_size_allows() {
    if let Some(name) = std::env::var_os("PICKLEBOOK_ALONE") {
        for model in MODELS.into_iter().filter(|model| *model == name) {
            let wrong = check(model);
            assert!(wrong.is_empty(), "{wrong:#?}");
        }
        return;
    }
    let this = "no_model_takes_more_than_its_size_allows";
    let wrong: String = MODELS.into_iter().filter_map(|model| alone(this, model)).collect();
    assert!(wrong.is_empty(), "{wrong}");
}

/// The files are what they are meant to be: models, where nothing hostile is put into them.
#[test]
fn sound_models_are_read() {
    for entries in [classifier(), regressor(), linfa()] {
        AnyModel::loads(&file(&entries)).expect("a model");
    }
    let chain = AnyModel::loads(&sound(10_000, 321, 2)).expect("a model");
    assert_eq!(chain.apply(&[[0.0; 4]]).expect("a leaf"), ndarray::array![[1]]);
    let classes = AnyModel::loads(&sound(10_000, 3, 660)).expect("a model");
    assert_eq!(classes.classes().expect("a classifier").len(), 660);
    let bush = AnyModel::loads(&linfa_of_shared_nodes(8, 100)).expect("a model");
    assert_eq!(bush.predict(&[[0.0]]).expect("a class"), Labels::from(["B"]));
    let error = AnyModel::loads(&linfa_of_shared_nodes(60, 1)).expect_err("2⁶⁰ nodes");
    assert!(error.to_string().contains("Limits::expansion"), "{error}");
}

/// What is small in a file and large in memory: with as much memory for each file as for the
/// smallest, it would be saved and then refused.
#[test]
fn what_is_written_is_read_however_large() {
    let folder = support::folder("model-growth-large");
    let path = folder.join("large.pkl");
    let large = vec![true; 23_000_000];
    pickle::save(&large, &path).expect("written");
    let value: pickle::Value = pickle::open(&path).expect("23 million objects");
    assert_eq!(value.to::<Vec<bool>>().expect("the same").len(), large.len());
    drop(value);
    let few = pickle::Limits::new().memory(256 << 20);
    let error = pickle::open_with::<pickle::Value>(&path, &few).expect_err("276 MB");
    assert!(error.to_string().contains("Limits::memory"), "{error}");
    let error = AnyModel::open_with(&path, &few).expect_err("276 MB");
    assert!(error.to_string().contains("Limits::memory"), "{error}");
    std::fs::remove_dir_all(folder).expect("removed");
}
