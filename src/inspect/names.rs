//! What is known of the names that pickles import.

use std::collections::HashMap;
use std::sync::LazyLock;

/// The names that the files of scikit-learn, numpy, SciPy, pandas, joblib and imbalanced-learn import, and how they
/// use them: a module, a name, and any of `call`, `new` and `value`, on each line.
static KNOWN: LazyLock<HashMap<(&'static str, &'static str), Uses>> =
    LazyLock::new(|| known_names(include_str!("known_names.txt")));

/// What the names do that no honest file needs; the name `*` stands for all of a module.
static DANGEROUS: LazyLock<HashMap<(&'static str, &'static str), &'static str>> =
    LazyLock::new(|| dangerous_names(include_str!("dangerous_names.txt")));

fn known_names(text: &'static str) -> HashMap<(&'static str, &'static str), Uses> {
    let name = |line: &'static str| {
        let mut words = line.split(' ');
        let key = (words.next()?, words.next()?);
        let mut uses = Uses::default();
        for word in words {
            match word {
                "call" => uses.call = true,
                "new" => uses.new = true,
                _ => uses.value = true,
            }
        }
        Some((key, uses))
    };
    text.lines().filter(|line| !line.starts_with('#')).filter_map(name).collect()
}

fn dangerous_names(text: &'static str) -> HashMap<(&'static str, &'static str), &'static str> {
    let mut does = "";
    let mut names = HashMap::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        if let Some(title) = line.strip_prefix('[') {
            does = title.trim_end_matches(']');
        } else if let Some(key) = line.split_once(' ') {
            names.insert(key, does);
        }
    }
    names
}

/// How a name is used by a pickle, or may be.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Uses {
    /// It is called.
    pub call: bool,
    /// An object of it is made without calling its constructor.
    pub new: bool,
    /// It is passed on, or stored.
    pub value: bool,
}

/// One way of using a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    Call,
    New,
    Value,
}

impl Uses {
    pub fn contains(self, one: Use) -> bool {
        match one {
            Use::Call => self.call,
            Use::New => self.new,
            // A class whose objects the file may hold is also passed on, to be made.
            Use::Value => self.value || self.new,
        }
    }
}

/// How the files of the known libraries use a name; nothing for one that they do not need.
pub(super) fn known(module: &str, name: &str) -> Option<Uses> {
    KNOWN.get(&(module, name)).copied()
}

/// What a name does that no honest file needs.
pub(super) fn dangerous(module: &str, name: &str) -> Option<&'static str> {
    let whole_module = |module| DANGEROUS.get(&(module, "*")).copied();
    let mut parents = module.match_indices('.').filter_map(|(end, _)| module.get(..end));
    let by_name = DANGEROUS.get(&(module, name)).copied();
    by_name.or_else(|| whole_module(module)).or_else(|| parents.find_map(whole_module)).or_else(
        || match name.contains('.') {
            true => by_attributes(module, name),
            false => None,
        },
    )
}

fn dangerous_name(module: &str, name: &str) -> Option<&'static str> {
    DANGEROUS.get(&(module, name)).copied()
}

/// What a name with dots in it does: each attribute may be another module, or lead out of the
/// class.
fn by_attributes(module: &str, name: &str) -> Option<&'static str> {
    let mut owner = module;
    let mut path = module.to_owned();
    for attribute in name.split('.') {
        if attribute.starts_with("__") {
            return Some("reaches what is hidden in an object");
        }
        // `_sys` is a usual name for `sys`.
        let plain = attribute.trim_start_matches('_');
        let known = [(plain, "*"), (owner, attribute), (&*path, attribute), (&*path, "*")];
        if let Some(does) = known.iter().find_map(|&(module, name)| dangerous_name(module, name)) {
            return Some(does);
        }
        owner = attribute;
        path = format!("{path}.{attribute}");
    }
    None
}

/// Whether a module is one of Python's own whose known names are types of data.
pub(super) fn is_data(module: &str, name: &str) -> bool {
    name != "getattr"
        && matches!(
            module,
            "_codecs"
                | "builtins"
                | "collections"
                | "copyreg"
                | "datetime"
                | "decimal"
                | "fractions"
                | "pathlib"
                | "pathlib._local"
                | "uuid"
                | "zoneinfo"
        )
}

/// Who wrote a module, where its name tells.
pub(super) fn owner(module: &str) -> String {
    let top = module.split('.').next().unwrap_or(module);
    let known =
        OWNERS.binary_search_by(|(name, _)| (*name).cmp(top)).map(|place| OWNERS.get(place));
    match known {
        Ok(Some((_, owner))) => (*owner).to_owned(),
        _ if STANDARD_LIBRARY.split(' ').any(|name| name == top) => {
            "Python's standard library".to_owned()
        }
        _ => format!("the package `{top}`"),
    }
}

/// By the first part of the module's name, sorted.
#[rustfmt::skip]
static OWNERS: &[(&str, &str)] = &[
    ("__main__", "the program that wrote the file, which has to define it again"),
    ("_loss", "scikit-learn"),
    ("autogluon", "AutoGluon"),
    ("builtins", "Python itself"),
    ("catboost", "CatBoost"),
    ("category_encoders", "category_encoders, of scikit-learn-contrib"),
    ("cloudpickle", "cloudpickle, which puts code into pickles"),
    ("dill", "dill, which puts code into pickles"),
    ("feature_engine", "Feature-engine"),
    ("gensim", "Gensim"),
    ("hdbscan", "hdbscan, of scikit-learn-contrib"),
    ("imblearn", "imbalanced-learn"),
    ("interpret", "InterpretML"),
    ("joblib", "joblib"),
    ("keras", "Keras"),
    ("lightfm", "LightFM"),
    ("lightgbm", "LightGBM"),
    ("mlxtend", "mlxtend"),
    ("nltk", "NLTK"),
    ("numpy", "numpy"),
    ("onnxruntime", "ONNX Runtime"),
    ("pandas", "pandas"),
    ("prophet", "Prophet"),
    ("pycaret", "PyCaret"),
    ("pyspark", "Apache Spark"),
    ("pytz", "pytz"),
    ("scipy", "SciPy"),
    ("sentence_transformers", "Sentence Transformers"),
    ("shap", "SHAP"),
    ("skl2onnx", "sklearn-onnx"),
    ("sklearn", "scikit-learn"),
    ("sklearn_crfsuite", "sklearn-crfsuite"),
    ("sklearn_pandas", "sklearn-pandas"),
    ("skopt", "scikit-optimize"),
    ("spacy", "spaCy"),
    ("statsmodels", "statsmodels"),
    ("surprise", "Surprise"),
    ("tensorflow", "TensorFlow"),
    ("torch", "PyTorch"),
    ("torchvision", "PyTorch"),
    ("tpot", "TPOT"),
    ("transformers", "Hugging Face Transformers"),
    ("ultralytics", "Ultralytics"),
    ("umap", "UMAP"),
    ("xgboost", "XGBoost"),
];

/// `sys.stdlib_module_names` of Python 3.11 but those that begin with `_`.
const STANDARD_LIBRARY: &str = "\
    abc aifc antigravity argparse array ast asynchat asyncio asyncore atexit audioop base64 \
    bdb binascii bisect builtins bz2 cProfile calendar cgi cgitb chunk cmath cmd code codecs \
    codeop collections colorsys compileall concurrent configparser contextlib contextvars copy \
    copyreg crypt csv ctypes curses dataclasses datetime dbm decimal difflib dis distutils \
    doctest email encodings ensurepip enum errno faulthandler fcntl filecmp fileinput fnmatch \
    fractions ftplib functools gc genericpath getopt getpass gettext glob graphlib grp gzip \
    hashlib heapq hmac html http idlelib imaplib imghdr imp importlib inspect io ipaddress \
    itertools json keyword lib2to3 linecache locale logging lzma mailbox mailcap marshal math \
    mimetypes mmap modulefinder msilib msvcrt multiprocessing netrc nis nntplib nt ntpath \
    nturl2path numbers opcode operator optparse os ossaudiodev pathlib pdb pickle pickletools \
    pipes pkgutil platform plistlib poplib posix posixpath pprint profile pstats pty pwd \
    py_compile pyclbr pydoc pydoc_data pyexpat queue quopri random re readline reprlib \
    resource rlcompleter runpy sched secrets select selectors shelve shlex shutil signal site \
    smtpd smtplib sndhdr socket socketserver spwd sqlite3 sre_compile sre_constants sre_parse \
    ssl stat statistics string stringprep struct subprocess sunau symtable sys sysconfig \
    syslog tabnanny tarfile telnetlib tempfile termios textwrap this threading time timeit \
    tkinter token tokenize tomllib trace traceback tracemalloc tty turtle turtledemo types \
    typing unicodedata unittest urllib uu uuid venv warnings wave weakref webbrowser winreg \
    winsound wsgiref xdrlib xml xmlrpc zipapp zipfile zipimport zlib zoneinfo";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_are_sorted_and_disjoint() {
        assert!(OWNERS.is_sorted_by(|(a, _), (b, _)| a < b));
        let lines: Vec<&str> = include_str!("known_names.txt").lines().collect();
        let names: Vec<&str> = lines.into_iter().filter(|line| !line.starts_with('#')).collect();
        assert!(names.is_sorted_by(|a, b| a < b));
        assert_eq!(names.len(), KNOWN.len());
        for (module, name) in KNOWN.keys() {
            assert_eq!(dangerous(module, name), None, "{module}.{name}");
        }
    }

    #[test]
    fn names_are_judged_with_their_modules_and_attributes() {
        assert_eq!(dangerous("os", "system"), Some("runs commands"));
        assert_eq!(dangerous("os.path", "join"), Some("runs commands"));
        assert_eq!(dangerous("osmium", "system"), None);
        assert_eq!(dangerous("builtins", "eval"), Some("loads or runs other code"));
        assert_eq!(dangerous("builtins", "print"), None);
        assert_eq!(dangerous("sklearn.utils", "os.system"), Some("runs commands"));
        let hidden = Some("reaches what is hidden in an object");
        assert_eq!(dangerous("collections", "OrderedDict.__init__.__globals__"), hidden);
        assert_eq!(dangerous("builtins", "str.split"), None);
    }

    #[test]
    fn authors_are_named() {
        assert_eq!(owner("xgboost.sklearn"), "XGBoost");
        assert_eq!(owner("calendar"), "Python's standard library");
        assert_eq!(owner("mypackage.models"), "the package `mypackage`");
    }
}
