"""Fits models in this scikit-learn, and asks files that were converted to it for the same answers.

Reads one JSON object a line. {"make": a folder} saves models there, and prints what each answers:
[{"path", "words", "rows", "said"}]. {"path", "words", "rows", "said"} prints a list of what is wrong.
"""

import json
import os
import pickle
import sys
import warnings

import numpy as np
import sklearn
from sklearn.base import clone
from sklearn.ensemble import AdaBoostClassifier, AdaBoostRegressor
from sklearn.impute import SimpleImputer
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    MaxAbsScaler,
    MinMaxScaler,
    OneHotEncoder,
    OrdinalEncoder,
    StandardScaler,
)
from sklearn.tree import DecisionTreeRegressor

VERSION = tuple(int(part) for part in sklearn.__version__.split(".")[:2])


def models():
    random = np.random.RandomState(0)
    x = random.standard_normal((60, 3)).round(2)
    y = random.randint(0, 3, 60)
    gaps = np.where(random.uniform(size=x.shape) < 0.1, np.nan, x)
    words = np.array([["a", "b"], ["c", "d"], ["a", "d"], ["e", "b"]] * 15, dtype=object)
    numbers = random.randint(0, 4, (60, 2)).astype(float)
    yield AdaBoostRegressor(n_estimators=5, random_state=0), x, x[:, 0] + y
    yield AdaBoostRegressor(DecisionTreeRegressor(max_depth=2), n_estimators=5, random_state=0), x, x[:, 0] + y
    yield AdaBoostClassifier(n_estimators=5, random_state=0), x, y
    yield AdaBoostClassifier(n_estimators=5, random_state=0), x, y > 0
    if VERSION < (1, 6):
        yield AdaBoostClassifier(n_estimators=5, random_state=0, algorithm="SAMME"), x, y
    for strategy in ["mean", "median", "most_frequent", "constant"]:
        yield SimpleImputer(strategy=strategy), gaps, y
    yield SimpleImputer(missing_values="a", strategy="most_frequent"), words, y
    yield SimpleImputer(missing_values="a", strategy="constant", fill_value="z"), words, y
    for own in [words, numbers]:
        yield OneHotEncoder(), own, y
        yield OneHotEncoder(handle_unknown="ignore"), own, y
        yield OneHotEncoder(drop="first"), own, y
        yield OneHotEncoder(drop="if_binary"), own, y
        yield OneHotEncoder(**{"sparse" if VERSION < (1, 2) else "sparse_output": False}), own, y
        yield OrdinalEncoder(), own, y
        yield OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1), own, y
        if VERSION >= (1, 3):
            yield OneHotEncoder(min_frequency=20, handle_unknown="infrequent_if_exist"), own, y
            yield OrdinalEncoder(min_frequency=20), own, y
    yield FunctionTransformer(), x, y
    yield FunctionTransformer(np.exp), x, y
    yield FunctionTransformer(np.expm1, inverse_func=np.log1p, validate=True), x, y
    yield MinMaxScaler(clip=True), x, y
    yield MaxAbsScaler(), x, y
    yield make_pipeline(SimpleImputer(), StandardScaler(), AdaBoostRegressor(n_estimators=3)), gaps, y


def plain(value):
    if hasattr(value, "toarray"):
        value = value.toarray()
    if isinstance(value, (list, tuple, np.ndarray)):
        return [plain(item) for item in (value.tolist() if isinstance(value, np.ndarray) else value)]
    return value.hex() if isinstance(value, float) else value


def same(one, other, exactly):
    """Whether two answers are equal; exponentials and logarithms differ in the last bits between versions of numpy."""
    if isinstance(one, list):
        return isinstance(other, list) and len(one) == len(other) and all(map(same, one, other, [exactly] * len(one)))
    if exactly or one == other or not isinstance(one, str) or not isinstance(other, str):
        return one == other
    try:
        one, other = float.fromhex(one), float.fromhex(other)
    except ValueError:
        return False
    return abs(one - other) <= 1e-12 * max(1, abs(one))


def takes_exponentials(model):
    return type(model).__name__ in ["AdaBoostClassifier", "FunctionTransformer"]


def answers(model, x):
    methods = ["predict", "predict_proba", "decision_function", "transform", "inverse_transform"]
    said = {}
    for method in methods[: 4 if not hasattr(model, "categories_") else 5]:
        if hasattr(model, method):
            rows = model.transform(x) if method == "inverse_transform" else x
            said[method] = plain(getattr(model, method)(rows))
    return said


def make(folder):
    made = []
    for number, (model, x, y) in enumerate(models()):
        model.fit(x, y)
        path = os.path.join(folder, "%s-%d.pkl" % (sklearn.__version__, number))
        with open(path, "wb") as file:
            pickle.dump(model, file, protocol=4)
        words = x.dtype == object
        made.append({"path": path, "name": repr(model), "words": words, "rows": plain(x), "said": answers(model, x)})
    return made


def problems(path, name, words, rows, said):
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        try:
            with open(path, "rb") as file:
                model = pickle.load(file)
            if words:
                x = np.array(rows, dtype=object)
            else:
                x = np.array([[float.fromhex(item) for item in row] for row in rows])
            found = answers(model, x)
        except Exception as error:
            return ["%s: %s" % (type(error).__name__, error)]
    wrong = [str(warning.message) for warning in told if not issubclass(warning.category, FutureWarning)]
    exactly = not takes_exponentials(model)
    wrong += [method for method in said if not same(said[method], found.get(method), exactly)]
    if type(model).__name__ != "Pipeline":
        if set(model.get_params(deep=False)) != set(type(model)().get_params(deep=False)):
            wrong.append("get_params")
    repr(model)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        clone(model).fit(x, np.arange(len(x)) % 3)
    # What every fit of that version says.
    own = "The SAMME.R algorithm (the default) is deprecated"
    said = [str(warning.message) for warning in told]
    return wrong + [message for message in said if "deprecated" in message and not message.startswith(own)]


with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    for line in sys.stdin:
        asked = json.loads(line)
        print(json.dumps(make(asked["make"]) if "make" in asked else problems(**asked)), flush=True)
