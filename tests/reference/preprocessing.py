"""Fits scikit-learn's transformers and pipelines on random tables and prints their parts and what
they make of other tables.

Usage: preprocessing.py FAMILY COUNT SEED

One JSON object a line. Floats are printed as the integers that their 64 bits spell; a table is a
list of columns, each of numbers or of words. `refused` says that scikit-learn raised an error.
"""

import json
import sys
import warnings

import numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import GradientBoostingRegressor, RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import (
    LabelEncoder,
    MaxAbsScaler,
    MinMaxScaler,
    OneHotEncoder,
    OrdinalEncoder,
    RobustScaler,
    StandardScaler,
)

from ensembles import bits, plain_labels, tree_parts

warnings.simplefilter("ignore")
WORDS = ["red", "blue", "ä", "z z", "日本", "", "Blue", "green", "10", "9"]


def maybe(values):
    return None if values is None else bits(values)


def is_missing(value):
    return value is None or value != value


def column(values):
    """A column of a table, whatever type numpy gave it."""
    values = list(np.asarray(values).tolist())
    if any(isinstance(value, str) for value in values):
        return {"words": [None if is_missing(value) else value for value in values]}
    if values and all(value is None for value in values):
        return {"words": values}
    return {"numbers": bits([float(value) for value in values])}


def table(x):
    return [column(x[:, place]) for place in range(x.shape[1])]


def describe(model):
    """The parts of a fitted model, as a reader of its file finds them."""
    if isinstance(model, str):
        return model
    parts = {"class": type(model).__name__, "features": int(getattr(model, "n_features_in_", 0))}
    if isinstance(model, StandardScaler):
        parts["mean"] = maybe(model.mean_ if model.with_mean else None)
        parts["scale"] = maybe(model.scale_)
    elif isinstance(model, RobustScaler):
        parts["center"] = maybe(model.center_)
        parts["scale"] = maybe(model.scale_)
    elif isinstance(model, MinMaxScaler):
        parts["scale"], parts["min"] = bits(model.scale_), bits(model.min_)
        parts["clip"] = bits(np.array(model.feature_range, dtype=float)) if model.clip else None
    elif isinstance(model, MaxAbsScaler):
        parts["scale"], parts["clip"] = bits(model.scale_), model.clip
    elif isinstance(model, SimpleImputer):
        parts["statistics"] = [
            {"word": value} if isinstance(value, str) else None
            if is_missing(value) and not model.keep_empty_features
            else {"number": bits([float(value)])[0]}
            for value in model.statistics_.tolist()
        ]
        mark = model.missing_values
        parts["missing"] = (
            "None" if mark is None
            else {"word": mark} if isinstance(mark, str)
            else None if mark != mark
            else {"number": bits([float(mark)])[0]}
        )
        indicator = getattr(model, "indicator_", None)
        parts["indicator"] = None if indicator is None else indicator.features_.tolist()
    elif isinstance(model, (OrdinalEncoder, OneHotEncoder)):
        parts["categories"] = [column(one) for one in model.categories_]
        parts["unknown"] = model.handle_unknown
        rare = getattr(model, "_infrequent_indices", None) if model._infrequent_enabled else None
        parts["infrequent"] = None if rare is None else [
            None if one is None else one.tolist() for one in rare
        ]
        if isinstance(model, OrdinalEncoder):
            if model.unknown_value is not None:
                parts["unknown_value"] = bits([float(model.unknown_value)])[0]
            parts["none_categories"] = [
                place for place, one in enumerate(model.categories_) if one.dtype == object and None in one.tolist()
            ]
            parts["encoded_missing"] = bits([float(model.encoded_missing_value)])[0]
        else:
            drop = model._drop_idx_after_grouping
            parts["drop"] = None if drop is None else [None if one is None else int(one) for one in drop]
    elif isinstance(model, ColumnTransformer):
        steps = []
        for name, step, columns in model.transformers_:
            kind = "places"
            if isinstance(columns, slice):
                kind, columns = "slice", [columns.start, columns.stop, columns.step]
            elif isinstance(columns, (int, np.integer)):
                columns = [int(columns)]
            else:
                columns = np.asarray(columns).tolist()
                if columns and isinstance(columns[0], bool):
                    kind = "mask"
            if type(step).__name__ == "FunctionTransformer":
                step = "passthrough"
            steps.append([name, describe(step), kind, columns])
        parts["steps"] = steps
    elif isinstance(model, Pipeline):
        parts["steps"] = [[name, describe(step)] for name, step in model.steps]
    elif isinstance(model, RandomForestClassifier):
        parts["trees"] = [tree_parts(one) for one in model.estimators_]
        parts["classes"] = plain_labels(model.classes_)
    elif isinstance(model, GradientBoostingRegressor):
        parts["trees"] = [tree_parts(one) for one in model.estimators_.ravel()]
        parts["learning_rate"] = bits([model.learning_rate])[0]
        parts["init"] = bits(model.init_.constant_)
    else:
        raise TypeError(type(model))
    return parts


def numbers(rng, rows, columns, missing=0.3):
    x = np.empty((rows, columns))
    for place in range(columns):
        kind = rng.integers(4)
        if kind == 0:
            x[:, place] = rng.normal(size=rows) * 10.0 ** rng.integers(-5, 9)
        elif kind == 1:
            x[:, place] = rng.integers(-2, 4, size=rows)
        elif kind == 2:
            x[:, place] = rng.choice([0.0, -0.0, 0.5, 7.0], size=rows)
        else:
            x[:, place] = 3.5
    if rng.random() < missing:
        x[rng.random(x.shape) < 0.2] = np.nan
    return x


def words(rng, rows, columns, missing=0.3):
    x = np.empty((rows, columns), dtype=object)
    for place in range(columns):
        some = rng.choice(len(WORDS), size=rng.integers(1, 8), replace=False)
        x[:, place] = [WORDS[one] for one in rng.choice(some, size=rows)]
        if rng.random() < missing:
            x[rng.random(rows) < 0.2, place] = None
    return x


def like(rng, x, rows):
    """Rows of values that occur, some of them in other columns or nowhere."""
    test = np.stack([rng.choice(x[:, place], size=rows) for place in range(x.shape[1])], axis=1)
    return test


def scaler(rng, rows, columns):
    x = numbers(rng, rows, columns)
    kind = rng.integers(4)
    flag = lambda: bool(rng.random() < 0.7)
    if kind == 0:
        model = StandardScaler(with_mean=flag(), with_std=flag())
    elif kind == 1:
        low = float(rng.normal())
        model = MinMaxScaler(feature_range=(low, low + rng.random() + 0.1), clip=flag())
    elif kind == 2:
        model = MaxAbsScaler(clip=flag())
    else:
        model = RobustScaler(with_centering=flag(), with_scaling=flag(), quantile_range=(10.0, 80.0), unit_variance=flag())
    test = numbers(rng, 7, columns)
    if rng.random() < 0.1:
        test[rng.integers(7), rng.integers(columns)] = np.inf
    return model.fit(x), test


def imputer(rng, rows, columns):
    if rng.random() < 0.4:
        x = words(rng, rows, columns)
        mark = [None, "red"][rng.integers(2)]
        strategy = str(rng.choice(["most_frequent", "constant"]))
        if mark == "red":
            x[x == None] = "blue"  # noqa: E711
    else:
        x = numbers(rng, rows, columns)
        mark = [np.nan, np.nan, 3.5, 0.0][rng.integers(4)]
        strategy = str(rng.choice(["mean", "median", "most_frequent", "constant"]))
        if not np.isnan(mark):
            x = np.nan_to_num(x)
        elif rng.random() < 0.3:
            x[:, rng.integers(columns)] = np.nan
    model = SimpleImputer(
        missing_values=mark,
        strategy=strategy,
        add_indicator=bool(rng.random() < 0.4),
        keep_empty_features=bool(rng.random() < 0.3),
        fill_value=("??" if x.dtype == object else 4.5) if strategy == "constant" else None,
    )
    test = like(rng, x, 9)
    if x.dtype != object and rng.random() < 0.3:
        test[rng.integers(9), rng.integers(columns)] = [np.nan, np.inf][rng.integers(2)]
    return model.fit(x), test


def encoder(rng, rows, columns):
    x = words(rng, rows, columns) if rng.random() < 0.6 else np.round(numbers(rng, rows, columns), 1)
    params = {}
    if rng.random() < 0.4:
        params["min_frequency"] = [2, 5, 0.2][rng.integers(3)]
    if rng.random() < 0.3:
        params["max_categories"] = int(rng.integers(1, 5))
    if rng.random() < 0.5:
        if rng.random() < 0.6:
            params.update(handle_unknown="use_encoded_value", unknown_value=[-1, np.nan, 99][rng.integers(3)])
        if rng.random() < 0.4:
            params["encoded_missing_value"] = -2
        model = OrdinalEncoder(**params)
    else:
        params["handle_unknown"] = str(rng.choice(["error", "ignore", "infrequent_if_exist", "warn"]))
        params["drop"] = [None, None, "first", "if_binary"][rng.integers(4)]
        model = OneHotEncoder(sparse_output=False, **params)
    test = like(rng, x, 9)
    if rng.random() < 0.4:
        test[rng.integers(9), rng.integers(columns)] = "new" if x.dtype == object else 1234.5
    try:
        return model.fit(x), test
    except ValueError:
        # these parameters and this table do not go together
        return encoder(rng, rows, columns)


def pipeline(rng, rows, columns):
    left, right = columns, int(rng.integers(1, 4))
    x = np.empty((rows, left + right), dtype=object)
    x[:, :left], x[:, left:] = numbers(rng, rows, left, 0.5), words(rng, rows, right, 0)
    flag = lambda share=0.5: bool(rng.random() < share)
    number_steps = [("fill", SimpleImputer(add_indicator=flag(0.3)))]
    if flag():
        number_steps.append(("nothing", "passthrough"))
    number_steps.append(("scale", [StandardScaler(), MinMaxScaler(), RobustScaler(), MaxAbsScaler()][rng.integers(4)]))
    if flag():
        encode = OneHotEncoder(handle_unknown="ignore", sparse_output=flag())
    else:
        encode = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
    total = left + right
    first = [slice(0, left), list(range(left)), [place - total for place in range(left)],
             np.arange(total) < left][rng.integers(4)]
    second = [slice(left, None), list(range(left, total)), np.arange(total) >= left, slice(total - 1, left - 1, -1)][rng.integers(4)]
    steps = [("numbers", Pipeline(number_steps), first), ("words", encode, second)]
    if flag(0.3):
        steps.append(("none", "drop", [0]))
    remainder = "drop"
    if flag(0.4) and left > 1:
        # the last column of numbers is left over
        steps[0] = ("numbers", Pipeline(number_steps), list(range(left - 1)))
        remainder = "passthrough" if flag() else SimpleImputer()
        if remainder == "passthrough":
            x[:, left - 1] = np.nan_to_num(x[:, left - 1].astype(float))
    if flag():
        steps.reverse()
    columns_step = ColumnTransformer(steps, remainder=remainder, sparse_threshold=0)
    classification = flag()
    if classification:
        last = RandomForestClassifier(n_estimators=4, max_depth=4, random_state=1)
        y = np.array(["no", "yes", "ähm"])[rng.integers(3, size=rows)]
    else:
        last = GradientBoostingRegressor(n_estimators=5, random_state=1)
        y = rng.normal(size=rows)
    test = like(rng, x, 9)
    test[rng.integers(9), left] = "new"
    return Pipeline([("columns", columns_step), ("last", last)]).fit(x, y), test


def label(rng, rows, columns):
    codes = rng.integers(5, size=rows)
    values = [np.array(WORDS[:5])[codes], codes * 3 - 4, codes * 1.5, codes > 2][rng.integers(4)]
    model = LabelEncoder().fit(values)
    test = values[: rows // 2 + 1]
    return {
        "class": "LabelEncoder",
        "classes": plain_labels(model.classes_),
        "test": plain_labels(test),
        "codes": model.transform(test).tolist(),
    }


FAMILIES = {"scaler": scaler, "imputer": imputer, "encoder": encoder, "pipeline": pipeline, "label": label}


def case(family, seed):
    rng = np.random.default_rng(seed)
    rows, columns = int(rng.choice([3, 10, 30, 80])), int(rng.integers(1, 6))
    made = FAMILIES[family](rng, rows, columns)
    if family == "label":
        return {"seed": seed, **made}
    model, test = made
    answer = {"seed": seed, "model": describe(model), "test": table(test), "refused": None}
    try:
        if family == "pipeline":
            answer["prepared"] = table(model[:-1].transform(test))
            answer["predict"] = plain_labels(model.predict(test))
            if hasattr(model, "predict_proba"):
                answer["predict_proba"] = bits(model.predict_proba(test))
        else:
            made = model.transform(test)
            answer["transform"] = table(made.toarray() if hasattr(made, "toarray") else made)
    except ValueError as why:
        answer["refused"] = str(why)
    return answer


if __name__ == "__main__":
    for number in range(int(sys.argv[2])):
        print(json.dumps(case(sys.argv[1], int(sys.argv[3]) + number)))
