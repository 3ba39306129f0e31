"""What scikit-learn fits, beside what was fitted in Rust and written for Python.

Reads one JSON object a line. {"family": one of FAMILIES, "seed": a number}: prints a data set, and the class and parameters of
a model. {"family": and "seed": the same, "path": a file, "answer": what the model answers in Rust}: prints a list of
what is wrong: the model in the file must equal, in every attribute and call, the one that scikit-learn
fits on the same data, and open without a warning.
"""

import json
import math
import pickle
import random
import sys
import warnings

import numpy as np
import scipy.sparse as sp
from sklearn.base import clone
from sklearn.feature_extraction import DictVectorizer
from sklearn.feature_extraction.text import (
    CountVectorizer,
    HashingVectorizer,
    TfidfTransformer,
    TfidfVectorizer,
)
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import BernoulliNB, CategoricalNB, ComplementNB, GaussianNB, MultinomialNB
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import (
    LabelBinarizer,
    LabelEncoder,
    MaxAbsScaler,
    MinMaxScaler,
    OneHotEncoder,
    OrdinalEncoder,
    RobustScaler,
    StandardScaler,
)
from sklearn.tree import DecisionTreeClassifier

CLASSES = {
    each.__name__: each
    for each in [
        BernoulliNB, CategoricalNB, ComplementNB, GaussianNB, MultinomialNB, CountVectorizer,
        HashingVectorizer, TfidfTransformer, TfidfVectorizer, DictVectorizer, SimpleImputer,
        LabelBinarizer, LabelEncoder, MaxAbsScaler, MinMaxScaler, OneHotEncoder, OrdinalEncoder,
        RobustScaler, StandardScaler, LogisticRegression, DecisionTreeClassifier,
    ]
}
# Attributes that come from logarithms and exponentials, to 1e-12; all others to the last bit.
ROUNDED = {"feature_log_prob_", "class_log_prior_", "idf_"}
# Attributes of objects that Python numbers anew each time.
NUMBERED = {"_stop_words_id"}
FAMILIES = {}


def bits(array):
    return np.ascontiguousarray(array, dtype=np.float64).ravel().view(np.uint64).tolist()


def family(make):
    FAMILIES[make.__name__] = make
    return make


def labels(choose, rows, least=1):
    kinds = [
        ["a", "b", "c", "dd"], ["no", "yes"], [0, 1, 2, 3, 4], [-3, 7], [True, False], ["only"],
        [str(n) for n in range(12)],
    ]
    kind = choose.choice([kind for kind in kinds if len(kind) >= least])
    drawn = [choose.choice(kind) for _ in range(rows)]
    return drawn if len(set(drawn)) >= min(rows, least) else [kind[0], kind[1], *drawn[2:]]


def shape(choose, most=9):
    return choose.choice([1, 2, 5, 12, 40, 170]), choose.choice([1, 1, 2, 3, 5, most])


def numbers(choose, rows, columns, missing=0.0):
    maker = np.random.RandomState(choose.randrange(2**31))
    x = maker.normal(scale=10.0 ** choose.choice([-3, 0, 0, 4]), size=(rows, columns))
    x += maker.normal(scale=choose.choice([0, 1, 1e4]), size=columns)
    if choose.random() < 0.3:
        x = np.round(x)
    if choose.random() < 0.2:
        x[:, choose.randrange(columns)] = choose.choice([0.0, 1.0, 0.1])
    x[maker.uniform(size=x.shape) < missing] = np.nan
    return x


def pieces(choose, rows):
    """Where a fit in parts cuts the rows, if it is one."""
    if choose.random() < 0.6:
        return None
    cuts = sorted(choose.randrange(1, rows) for _ in range(choose.choice([1, 2]))) if rows > 1 else []
    return [*sorted(set(cuts)), rows]


def weights(choose, rows):
    if choose.random() < 0.6:
        return None
    drawn = [choose.choice([0.5, 1.0, 2.0, choose.uniform(0, 3)]) for _ in range(rows)]
    return bits(drawn)


@family
def bayes(choose):
    kind = choose.choice(["MultinomialNB", "ComplementNB", "BernoulliNB", "GaussianNB", "CategoricalNB"])
    rows, columns = shape(choose, 30)
    maker = np.random.RandomState(choose.randrange(2**31))
    y = labels(choose, rows, least=2 if kind == "ComplementNB" and choose.random() < 0.9 else 1)
    sparse = kind in ("MultinomialNB", "ComplementNB", "BernoulliNB") and choose.random() < 0.4
    params = {}
    if kind == "GaussianNB":
        x = numbers(choose, rows, columns)
        # without a variance there is no model
        if rows == 1:
            x, y, rows = np.vstack([x, x + 1]), y * 2, 2
        x[0] += np.ptp(x) + 1
        if choose.random() < 0.5:
            params["var_smoothing"] = choose.choice([1e-3, 1e-9, 0.5])
        if choose.random() < 0.2:
            count = len(set(y))
            params["priors"] = [1 / count] * count
    else:
        x = maker.poisson(0.8, size=(rows, columns)).astype(float)
        if sparse and choose.random() < 0.5:
            x *= maker.uniform(size=x.shape)
        if choose.random() < 0.5:
            params["alpha"] = choose.choice([0.5, 1e-3, 2.0])
        if choose.random() < 0.2:
            params["fit_prior"] = False
        if choose.random() < 0.2:
            count = len(set(y))
            params["class_prior"] = [1 / count] * count
        if choose.random() < 0.1:
            params |= {"alpha": 1e-12, "force_alpha": False}
    # one column would be nothing divided by nothing
    if kind == "ComplementNB" and columns > 1 and choose.random() < 0.5:
        params["norm"] = True
    if kind == "BernoulliNB" and choose.random() < 0.5:
        params["binarize"] = choose.choice([None, 0.5, 1.0])
        if params["binarize"] is None:
            x = (x > 0).astype(float)
    if kind == "CategoricalNB" and choose.random() < 0.5:
        least = choose.choice([1, 4, [choose.randrange(1, 9) for _ in range(columns)]])
        params["min_categories"] = least
    return {
        "kind": kind, "params": params, "x": x, "sparse": sparse, "y": y,
        "weights": weights(choose, rows), "parts": pieces(choose, rows),
    }


def arrays(case):
    """What a case is made of, for scikit-learn."""
    x = case["x"]
    if case.get("sparse"):
        x = sp.csr_array(x)
    w = case.get("weights")
    w = None if w is None else np.array(w, dtype=np.uint64).view(np.float64)
    return x, case.get("y"), w


def fitted(model, case):
    if "texts" in case:
        return model.fit(case["texts"], case.get("y"))
    if "records" in case:
        return model.fit(case["records"])
    if "labels" in case:
        return model.fit(case["labels"])
    x, y, w = arrays(case)
    weighted = {} if w is None else {"sample_weight": w}
    if not case.get("parts"):
        return model.fit(x, y, **weighted) if y is not None else model.fit(x, **weighted)
    start = 0
    for end in case["parts"]:
        keywords = {} if w is None else {"sample_weight": w[start:end]}
        if y is None:
            model.partial_fit(x[start:end], **keywords)
        else:
            if start == 0:
                keywords["classes"] = np.unique(y)
            model.partial_fit(x[start:end], y[start:end], **keywords)
        start = end
    return model


def answer(model, case):
    """What a model is asked, in numbers."""
    if "labels" in case:
        return np.asarray(model.transform(case["labels"]), dtype=float)
    if "texts" in case:
        x = case["tests"]
    elif "records" in case:
        x = case["records"]
    else:
        x = arrays(case)[0]
    if hasattr(model, "predict_proba"):
        return model.predict_proba(x)
    made = model.transform(x)
    made = made.toarray() if sp.issparse(made) else np.asarray(made)
    return made if made.dtype == object else made.astype(float)


def build(case):
    def one(kind, params):
        params = dict(params)
        for name, value in params.items():
            if name in ("ngram_range", "feature_range", "quantile_range"):
                params[name] = tuple(value)
        return CLASSES[kind](**params)

    if "steps" in case:
        return Pipeline([(name, one(kind, params)) for name, kind, params in case["steps"]])
    return one(case["kind"], case["params"])


def close(one, other):
    with np.errstate(all="ignore"):
        same = (one == other) | (np.isnan(one) & np.isnan(other))
        return bool(np.all(same | (np.abs(one - other) <= 1e-12 * np.maximum(1, np.abs(other)))))


def is_rounded(name, case):
    last = name.rsplit(".")[-1].split("[")[0]
    if last in ("feature_count_", "feature_all_"):
        # BLAS adds dense rows up in an order of its own
        return not case.get("sparse") and case.get("weights") is not None
    return last in ROUNDED


def unequal(name, one, other, case):
    """What differs in an attribute, and in what it holds."""
    if type(one) is not type(other):
        yield f"{name}: {type(one)} {type(other)}"
    elif isinstance(other, np.ndarray):
        if one.dtype != other.dtype or one.shape != other.shape:
            yield f"{name}: {one.dtype}{one.shape} {other.dtype}{other.shape}"
        elif other.dtype == object:
            yield from unequal(name, one.tolist(), other.tolist(), case)
        elif other.dtype.kind == "f":
            if not (close(one, other) if is_rounded(name, case) else bits(one) == bits(other)):
                yield f"{name}: {one.tolist()} {other.tolist()}"
        elif one.tolist() != other.tolist():
            yield f"{name}: {one.tolist()} {other.tolist()}"
    elif isinstance(other, (list, tuple)):
        if len(one) != len(other):
            yield f"{name}: {one} {other}"
        for place, (own, its) in enumerate(zip(one, other)):
            yield from unequal(f"{name}[{place}]", own, its, case)
    elif isinstance(other, dict):
        if list(one) != list(other):
            yield f"{name}: {list(one)} {list(other)}"
        else:
            for key in other:
                yield from unequal(f"{name}[{key!r}]", one[key], other[key], case)
    elif isinstance(other, (float, np.floating)):
        if bits(one) != bits(other) and not (math.isnan(one) and math.isnan(other)):
            yield f"{name}: {one!r} {other!r}"
    elif hasattr(other, "__dict__") and type(other).__module__.startswith("sklearn") and not isinstance(other, type):
        if hasattr(other, "tree_"):
            return
        own, its = vars(one), vars(other)
        if list(own) != list(its):
            yield f"{name}: {list(own)} {list(its)}"
        for key in set(own) & set(its) - NUMBERED:
            yield from unequal(f"{name}.{key}", own[key], its[key], case)
    elif one != other:
        yield f"{name}: {one!r} {other!r}"


def problems(case, path, said):
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        try:
            with open(path, "rb") as file:
                model = pickle.load(file)
        except Exception as error:
            yield f"load: {error!r}"
            return
    yield from (f"warns: {warning.message}" for warning in told)
    expected = fitted(build(case), case)
    if type(model) is not type(expected):
        yield f"type {type(model)}"
    if str(model.get_params()) != str(expected.get_params()) or repr(model) != repr(expected):
        yield f"parameters {model} {expected}"
    yield from unequal("", model, expected, case)
    if isinstance(expected, LogisticRegression):
        return
    own = answer(model, case)
    if isinstance(own, np.ndarray) and own.dtype == object:
        if str(own.tolist()) != str(answer(expected, case).tolist()) or str(own.tolist()) != str(said["objects"]):
            yield f"answers {own.tolist()} {said['objects']}"
    else:
        its = answer(expected, case)
        if not close(own, its):
            yield f"answers {own.tolist()} {its.tolist()}"
        rust = np.array(said["numbers"], dtype=np.uint64).view(np.float64)
        if rust.size != its.size or not close(rust, its.ravel()):
            yield f"answers in Rust {rust.tolist()} {its.ravel().tolist()}"
    again = fitted(clone(model), case)
    yield from (f"clone and fit {problem}" for problem in unequal("", again, expected, case))


def as_json(case):
    case = dict(case)
    if isinstance(case.get("x"), np.ndarray):
        case["shape"] = case["x"].shape
        if case["x"].dtype == object:
            case["columns"] = [
                [None if value is None or value != value else value for value in column]
                for column in case["x"].T.tolist()
            ]
            case["x"] = []
        else:
            case["x"] = bits(case["x"])
    return case


for line in sys.stdin:
    request = json.loads(line)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        case = FAMILIES[request["family"]](random.Random(request["seed"]))
        if "path" in request:
            found = problems(case, request["path"], request["answer"])
            print(json.dumps(list(found)), flush=True)
        else:
            print(json.dumps(as_json(case)), flush=True)
