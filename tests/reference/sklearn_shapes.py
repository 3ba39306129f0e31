"""Fits models in this scikit-learn, and asks files that were converted to it for the same answers.

Reads one JSON object a line. {"make": a folder} saves models there, and prints what each answers:
[{"path", "words", "columns", "rows", "said", "target"}]. One of these prints a list of what is wrong.
"""

import json
import os
import pickle
import sys
import warnings

import numpy as np
import sklearn
from sklearn.base import clone
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import (
    AdaBoostClassifier,
    AdaBoostRegressor,
    GradientBoostingClassifier,
    GradientBoostingRegressor,
)
from sklearn.impute import SimpleImputer
from sklearn.model_selection import GridSearchCV, KFold, RandomizedSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    MaxAbsScaler,
    MinMaxScaler,
    OneHotEncoder,
    OrdinalEncoder,
    StandardScaler,
)
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

import sklearn_classes

try:
    from pandas import DataFrame
except ImportError:
    DataFrame = None

VERSION = tuple(int(part) for part in sklearn.__version__.split(".")[:2])
if (0, 21) <= VERSION < (1, 0):
    from sklearn.experimental import enable_hist_gradient_boosting  # noqa: F401
if VERSION >= (0, 21):
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor


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
        if VERSION >= (0, 24):
            yield OneHotEncoder(drop="first"), own, y
            yield OneHotEncoder(drop="if_binary"), own, y
            yield OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1), own, y
        yield OneHotEncoder(**{"sparse" if VERSION < (1, 2) else "sparse_output": False}), own, y
        yield OrdinalEncoder(), own, y
        if VERSION >= (1, 3):
            yield OneHotEncoder(min_frequency=20, handle_unknown="infrequent_if_exist"), own, y
            yield OrdinalEncoder(min_frequency=20), own, y
    yield FunctionTransformer(), x, y
    yield FunctionTransformer(np.exp), x, y
    yield FunctionTransformer(np.expm1, inverse_func=np.log1p, validate=True), x, y
    if VERSION >= (0, 24):
        yield MinMaxScaler(clip=True), x, y
    yield MaxAbsScaler(), x, y
    yield make_pipeline(SimpleImputer(), StandardScaler(), AdaBoostRegressor(n_estimators=3)), gaps, y


    for model in boosted() if VERSION >= (0, 22) else []:
        name = type(model).__name__
        is_classifier = name.endswith("Classifier")
        target = y if is_classifier else np.abs(x[:, 0]) + y + 0.5
        two = is_classifier and (model.loss == "exponential" or model.verbose is False)
        yield model, gaps if name.startswith("Hist") else x, (y > 0) if two else target
    if VERSION >= (0, 24):
        chosen = HistGradientBoostingRegressor(max_iter=4, categorical_features=[0], random_state=0)
        yield chosen.set_params(min_samples_leaf=3), numbers, x[:, 0] + numbers[:, 0] % 2


    for model in by_column():
        yield model, x, y
    encoders = [("one", OneHotEncoder(), [1])]
    yield ColumnTransformer(encoders, remainder=OrdinalEncoder()), words, y
    yield ColumnTransformer(encoders, sparse_threshold=0), words, y
    yield make_pipeline(ColumnTransformer(encoders), DecisionTreeClassifier(max_depth=3)), words, y
    if DataFrame is not None and VERSION >= (0, 22):
        named = [("scale", StandardScaler(), ["b"]), ("as they are", "passthrough", ["c"])]
        for rest in ["passthrough", "drop", MinMaxScaler()]:
            yield ColumnTransformer(named, remainder=rest), DataFrame(x, columns=["a", "b", "c"]), y
        chosen = DataFrame(x, columns=["a", "b", "c"]).columns[:2].astype(object)
        yield ColumnTransformer([("scale", StandardScaler(), chosen)]), DataFrame(x, columns=["a", "b", "c"]), y
        frame = DataFrame(words, columns=["a", "b"])
        yield ColumnTransformer([("one", OneHotEncoder(), ["a"])], remainder="passthrough"), frame, y
    if VERSION >= (0, 22):
        for model in searches():
            yield model, x, y
        grid = {"max_depth": np.arange(1, 4)}
        tree = DecisionTreeRegressor(random_state=0)
        yield GridSearchCV(tree, grid, cv=3, scoring="neg_root_mean_squared_error"), x, x[:, 1]


def by_column():
    scale = ("scale", StandardScaler(), [0])
    yield ColumnTransformer([scale, ("most", MaxAbsScaler(), slice(1, 2))], remainder="passthrough")
    yield ColumnTransformer([scale, ("as it is", "passthrough", [2]), ("not", "drop", [1])])
    yield ColumnTransformer([scale, ("as it is", "passthrough", [2]), ("not", "drop", [1])], remainder="passthrough")
    yield ColumnTransformer([("none", StandardScaler(), []), ("some", MinMaxScaler(), [True, False, True])])
    yield ColumnTransformer([("from the end", StandardScaler(), slice(-1, None))], remainder=MinMaxScaler())
    yield ColumnTransformer([("all", StandardScaler(), [2, 0, 1])], remainder="passthrough")
    yield make_pipeline(ColumnTransformer([scale], remainder="passthrough"), DecisionTreeClassifier(max_depth=3))


def searches():
    tree, depths = DecisionTreeClassifier(random_state=0), {"max_depth": [1, 2, None]}
    yield GridSearchCV(tree, depths, cv=3)
    yield GridSearchCV(tree, [{"max_depth": [1]}, {"criterion": ["entropy"]}], cv=3, scoring="accuracy")
    yield GridSearchCV(tree, depths, cv=KFold(3, shuffle=True, random_state=0), scoring=["f1_macro", "accuracy"], refit="accuracy")
    yield RandomizedSearchCV(tree, {"max_depth": [1, 2, 3, 4]}, n_iter=3, cv=3, random_state=0, return_train_score=True)
    steps = make_pipeline(StandardScaler(), tree)
    yield GridSearchCV(steps, {"decisiontreeclassifier__max_depth": [1, 2]}, cv=3, scoring="neg_log_loss")
    boosted = GradientBoostingClassifier(n_estimators=2, random_state=0)
    yield GridSearchCV(boosted, {"learning_rate": np.array([0.1, 0.5])}, cv=3)
    if VERSION >= (0, 24):
        hist = HistGradientBoostingClassifier(max_iter=2, min_samples_leaf=5, random_state=0)
        yield GridSearchCV(hist, {"learning_rate": [0.1, 0.5]}, cv=3, scoring="roc_auc_ovr")


def boosted():
    """Models of gradient boosting. `verbose=False` stands for two classes."""
    small = {"n_estimators": 4, "random_state": 0}
    yield GradientBoostingClassifier(**small)
    yield GradientBoostingClassifier(verbose=False, **small)
    yield GradientBoostingClassifier(loss="exponential", **small)
    yield GradientBoostingClassifier(init="zero", subsample=0.5, max_features=2, **small)
    yield GradientBoostingClassifier(init=DecisionTreeClassifier(max_depth=2), **small)
    yield GradientBoostingClassifier(init=DecisionTreeClassifier(max_depth=2), verbose=False, **small)
    new = VERSION >= (1, 0)
    for loss in ["squared_error" if new else "ls", "absolute_error" if new else "lad", "huber", "quantile"]:
        yield GradientBoostingRegressor(loss=loss, alpha=0.7, **small)
    yield GradientBoostingRegressor(init=DecisionTreeRegressor(max_depth=2), n_iter_no_change=2, **small)
    small = {"max_iter": 4, "min_samples_leaf": 3, "random_state": 0}
    yield HistGradientBoostingClassifier(**small)
    yield HistGradientBoostingClassifier(verbose=False, **small)
    yield HistGradientBoostingRegressor(**small)
    yield HistGradientBoostingRegressor(scoring="r2", n_iter_no_change=2, validation_fraction=0.2, **small)
    losses = ["absolute_error"] if new else ["least_absolute_deviation"] if VERSION >= (0, 23) else []
    losses += ["poisson"] if VERSION >= (0, 23) else []
    losses += ["gamma"] if VERSION >= (1, 3) else []
    for loss in losses:
        yield HistGradientBoostingRegressor(loss=loss, **small)
    if VERSION >= (1, 1):
        yield HistGradientBoostingRegressor(loss="quantile", quantile=0.3, **small)
    if VERSION >= (1, 4):
        yield HistGradientBoostingRegressor(max_features=0.5, **small)


# What KNNImputer's code of some versions makes numpy say, whatever it is asked.
OF_NUMPY = "Conversion of an array with ndim > 0 to a scalar is deprecated"


def plain(value):
    if hasattr(value, "toarray"):
        value = value.toarray()
    if hasattr(value, "to_numpy"):
        value = value.to_numpy()
    if isinstance(value, dict):
        value = sorted(value.items())
    if isinstance(value, np.generic):
        value = value.item()
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


def takes_exponentials(model, method):
    model = getattr(model, "best_estimator_", model)
    name = type(model).__name__
    return (
        name in ["AdaBoostClassifier", "FunctionTransformer", "GradientBoostingClassifier"]
        or method == "predict_proba"
        or name.startswith("Hist")
        and model.loss in ["poisson", "gamma"]
    )


def answers(model, x, wanted=None):
    methods = ["predict", "predict_proba", "decision_function", "transform", "score_samples", "inverse_transform"]
    said = {}
    for method in methods[: 5 if not hasattr(model, "categories_") else 6]:
        if hasattr(model, method) and (wanted is None or method in wanted) and not (method == "score_samples" and type(model).__name__ == "Pipeline"):
            rows = model.transform(x) if method == "inverse_transform" else x
            try:
                said[method] = plain(getattr(model, method)(rows))
            except NotImplementedError:
                pass
    if hasattr(model, "best_estimator_"):
        results = model.cv_results_
        tried = [key for key in sorted(results) if "_score" in key and "time" not in key]
        said["results"] = [plain(results[key]) for key in tried]
        said["parameters"] = [plain(results[key]) for key in sorted(results) if key.startswith("param")]
        said["best"] = plain([model.best_score_, int(model.best_index_), sorted(model.best_params_.items())])
        numbers = np.arange(len(x)) % (2 if model.scoring == "roc_auc" else 3)
        if getattr(model, "classes_", numbers).dtype.kind != "U":
            said["score"] = plain(float(model.score(x, numbers)))
    if type(model).__name__ == "ColumnTransformer" and VERSION >= (1, 1):
        said["names"] = model.get_feature_names_out().tolist()
    if hasattr(model, "kneighbors"):
        distances, places = model.kneighbors(x)
        said["neighbours"] = [plain(distances.round(6)), plain(places)]
    return said


def use_on(model, x, target):
    """Does what else is done with models."""
    assert set(model.get_params(deep=False)) == set(model._get_param_names()), "get_params"
    repr(model)
    pickle.loads(pickle.dumps(model))
    if target is None:
        clone(model).fit(x, np.arange(len(x)) % 2 + 1)
    else:
        clone(model).fit(*[x] if target == [] else [x, np.array(given(target))])
        if type(model).__name__ in ["ARDRegression", "BayesianRidge"]:
            if hasattr(model, "X_offset_"):
                model.predict(x, return_std=True)
        # What keeps nothing of its fit said before 0.23 not even how many columns there were.
        nothing = any(name in repr(model) for name in ("Normalizer(", "Binarizer("))
        named = not nothing and hasattr(model, "get_feature_names_out") and getattr(model, "flatten_transform", True)
        if named and "transform" in answers(model, x, ["transform"]):
            assert len(model.get_feature_names_out()) == model.transform(x[:3]).shape[1], "names"
    if type(model).__name__.startswith("MLP") and model.solver != "lbfgs" and not model.early_stopping:
        model.partial_fit(x, np.array(given(target)))
    if "GradientBoosting" in type(model).__name__:
        go_on(model, x)


def go_on(model, x):
    """Fits a few more trees, which takes what else the model keeps of its fit."""
    trees = "max_iter" if type(model).__name__.startswith("Hist") else "n_estimators"
    model.set_params(warm_start=True, **{trees: model.get_params()[trees] + 2})
    model.fit(x, np.resize(model.classes_, len(x)) if hasattr(model, "classes_") else model.predict(x))


def given(value):
    """What `plain` made of a target."""
    if isinstance(value, list):
        return [given(item) for item in value]
    return float.fromhex(value) if isinstance(value, str) and "0x" in value else value


def make(folder):
    made = []
    usual = [(model, x, y, None) for model, x, y in models()]
    others = [(model, x, y, [] if y is None else plain(y)) for model, x, y in sklearn_classes.models()]
    for number, (model, x, y, target) in enumerate(usual + others):
        model.fit(*[x] if target == [] else [x, y])
        path = os.path.join(folder, "%s-%d.pkl" % (sklearn.__version__, number))
        with open(path, "wb") as file:
            pickle.dump(model, file, protocol=4)
        columns = list(x.columns) if hasattr(x, "columns") else None
        words = "as they are" if isinstance(x, list) else bool(np.asarray(x).dtype == object)
        asked = {"path": path, "name": repr(model), "words": words, "columns": columns, "rows": x if isinstance(x, list) else plain(x), "target": target}
        made.append(dict(asked, said=answers(model, x)))
    return made


def problems(path, name, words, columns, rows, said, target):
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        try:
            with open(path, "rb") as file:
                model = pickle.load(file)
            if words == "as they are":
                x = rows
            elif words:
                x = np.array(rows, dtype=object)
            else:
                x = np.array([[float.fromhex(item) for item in row] for row in rows])
            if columns:
                x = DataFrame(x, columns=columns)
            found = answers(model, x, said)
        except Exception as error:
            return ["%s: %s" % (type(error).__name__, error)]
    wrong = [str(warning.message) for warning in told if not issubclass(warning.category, FutureWarning)]
    wrong = [text for text in wrong if OF_NUMPY not in text]
    for method in said:
        if method == "names" and VERSION < (1, 1):
            continue
        # Scores that its class had not then.
        if type(model).__name__ == "NearestCentroid" and not hasattr(model, method):
            continue
        exactly = target is None and not takes_exponentials(model, method)
        if not same(said[method], found.get(method), exactly):
            wrong.append(method)
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        try:
            use_on(model, x, target)
        except Exception as error:
            return wrong + ["%s: %s" % (type(error).__name__, error)]
    # What every fit of that version says.
    own = [
        "The SAMME.R algorithm (the default) is deprecated",
        "deprecated as of NumPy",
        "'sym_pos' keyword is deprecated",
        "Class PassiveAggressive",
        "The `probability` parameter was deprecated",
        "fitted attributes of LogisticRegressionCV will be simplified",
        "'multi_class' was deprecated",
        "liblinear' solver for multiclass",
        OF_NUMPY,
    ]
    said = [str(warning.message) for warning in told]
    return wrong + [it for it in said if "deprecated" in it and not any(known in it for known in own)]


with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    for line in sys.stdin:
        asked = json.loads(line)
        print(json.dumps(make(asked["make"]) if "make" in asked else problems(**asked)), flush=True)
