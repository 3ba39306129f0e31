"""Fits scikit-learn's trees on random data and prints data, parameters and trees, bit by bit.

Usage: trees.py COUNT SEED [ROWS]

One JSON object a line. Every float is printed as the integer that its 64 bits spell, so that
nothing is lost on the way.
"""

import json
import sys
import warnings

import numpy as np
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor, export_text

warnings.simplefilter("ignore")

# The criteria besides the default: of classifiers and of regressors.
CLASSIFIERS = ["entropy", "log_loss"]
REGRESSORS = ["friedman_mse", "absolute_error", "poisson"]


def bits(array):
    return np.ascontiguousarray(array, dtype=np.float64).ravel().view(np.uint64).tolist()


def features(rng, rows, columns):
    """Columns of different kinds: continuous, few values, some equal, constant, nearly constant."""
    x = np.empty((rows, columns))
    for column in range(columns):
        kind = rng.integers(10)
        if kind < 3:
            values = rng.normal(size=rows)
        elif kind == 3:
            values = rng.integers(0, rng.integers(2, 6), size=rows).astype(float)
        elif kind == 4:
            values = np.round(rng.normal(size=rows), 1)
        elif kind == 5:
            values = np.full(rows, rng.normal())
        elif kind == 6:
            values = 1e-7 * rng.integers(0, 4, size=rows) * rng.random()
        elif kind == 7:
            values = np.clip(np.exp(20 * rng.normal(size=rows)), 0, 1e30)
        elif kind == 8:
            # a few per cent of the rows have the value of another
            values = np.round(rng.normal(size=rows) * 8 * rows) / (8 * rows)
        else:
            values = rng.integers(-1, 2, size=rows) * 0.0 - rng.integers(0, 2, size=rows) * 0.5
        x[:, column] = values
    if rng.random() < 0.3:
        x[rng.random(x.shape) < rng.choice([0.02, 0.2, 0.6])] = np.nan
    return x


def fitted(seed):
    """A model, and all that it was fitted on and is asked."""
    rng = np.random.default_rng(seed)
    rows = ROWS or int(rng.choice([1, 2, 3, 5, 12, 20, 40, 80, 150, 300, 600]))
    columns = int(rng.integers(1, 9))
    x = features(rng, rows, columns)
    single = rng.random() < 0.3
    if single:
        x = x.astype(np.float32)
    test = features(rng, 20, columns).astype(x.dtype)
    classification = rng.random() < 0.6
    params = {}

    def maybe(name, chance, value):
        if rng.random() < chance:
            params[name] = value()

    params["random_state"] = int(rng.integers(0, 2**32))
    maybe("max_depth", 0.4, lambda: int(rng.integers(1, 8)))
    maybe("min_samples_split", 0.2, lambda: [int(rng.integers(2, 20)), float(rng.random())][rng.integers(2)])
    maybe("min_samples_leaf", 0.3, lambda: [int(rng.integers(1, 10)), float(rng.random() / 4 + 1e-3)][rng.integers(2)])
    maybe("min_weight_fraction_leaf", 0.15, lambda: float(rng.random() / 5))
    maybe("max_leaf_nodes", 0.3, lambda: int(rng.integers(2, 30)))
    maybe("min_impurity_decrease", 0.15, lambda: float(rng.random() / 30))
    maybe("max_features", 0.3, lambda: [1, int(rng.integers(1, 10)), "sqrt", "log2", 0.5][rng.integers(5)])
    maybe("ccp_alpha", 0.25, lambda: float(rng.random() ** 3 / 20))
    weights = None
    if rng.random() < 0.3:
        weights = [
            rng.random(rows),
            rng.integers(0, 3, size=rows).astype(float),
            rng.integers(1, 9, size=rows) / 4,
        ][rng.integers(3)]
        if not weights.any():
            weights[0] = 1.0
    if classification:
        maybe("criterion", 0.5, lambda: CLASSIFIERS[rng.integers(len(CLASSIFIERS))])
        maybe("class_weight", 0.15, lambda: "balanced")
        signal = np.nan_to_num(x.astype(float)).sum(axis=1)
        count = int(rng.integers(1, 6))
        y = ((np.argsort(np.argsort(signal)) * count) // max(rows, 1)).astype(int)
        noise = rng.random(rows) < rng.choice([0.0, 0.1, 0.5, 1.0])
        y[noise] = rng.integers(0, count, size=noise.sum())
        kind = ["text", "integers", "booleans"][rng.integers(3)]
        if kind == "text":
            y = np.array(["B", "L", "R", "left", "é"])[y]
        elif kind == "booleans":
            y = y % 2 == 1
        if kind != "booleans" and rng.random() < 0.15:
            named = np.unique(y)[: rng.integers(1, 6)].tolist()
            params["class_weight"] = {label: float(rng.integers(1, 9) / 3) for label in named}
        model = DecisionTreeClassifier(**params)
    else:
        kind = ["floats", "whole"][rng.integers(2)]
        y = np.nan_to_num(x.astype(float))[:, 0] * rng.choice([0.0, 1.0]) + rng.normal(size=rows)
        y = np.clip(y, -1e6, 1e6)
        if kind == "whole":
            y = np.round(y)
        maybe("criterion", 0.7, lambda: REGRESSORS[rng.integers(len(REGRESSORS))])
        if params.get("criterion") == "poisson":
            # counts and rates, and now and then a sum too small to split
            y = np.abs(y) * rng.choice([1.0, 1.0, 1.0, 1e-16])
            if rng.random() < 0.5:
                y[rng.random(rows) < rng.random()] = 0.0
            y[rng.integers(rows)] += 1.0
        elif rng.random() < 0.2:
            # some equal ones, zeros with and without a sign among them
            y = np.round(y / 2, 1)
        model = DecisionTreeRegressor(**params)
    model.fit(x, y, sample_weight=weights)
    return model, params, x, y, weights, test


def case(seed):
    model, params, x, y, weights, test = fitted(seed)
    classification = isinstance(model, DecisionTreeClassifier)
    rows, columns = x.shape
    tree = model.tree_
    texts = []
    for options in [
        {},
        {"decimals": 4, "spacing": 1, "max_depth": 2},
        {"show_weights": True, "feature_names": [f"column {i}" for i in range(columns)]},
        {"decimals": 0, "max_depth": 0, "show_weights": True},
    ]:
        texts.append(export_text(model, **options))
    result = {
        "seed": seed,
        "classification": classification,
        "single": x.dtype == np.float32,
        "rows": rows,
        "columns": columns,
        "x": bits(x),
        "test": bits(test),
        "labels": y.tolist() if classification else None,
        "target": None if classification else bits(y),
        "weights": None if weights is None else bits(weights),
        "params": params,
        "repr": repr(model),
        "children_left": tree.children_left.tolist(),
        "children_right": tree.children_right.tolist(),
        "feature": tree.feature.tolist(),
        "threshold": bits(tree.threshold),
        "impurity": bits(tree.impurity),
        "n_node_samples": tree.n_node_samples.tolist(),
        "weighted_n_node_samples": bits(tree.weighted_n_node_samples),
        "missing_go_to_left": tree.missing_go_to_left.astype(bool).tolist(),
        "value": bits(tree.value),
        "max_depth": int(tree.max_depth),
        "feature_importances": bits(model.feature_importances_),
        "apply": model.apply(test).tolist(),
        "path_lengths": np.asarray(model.decision_path(test).sum(axis=1)).ravel().tolist(),
        "predict": model.predict(test).tolist() if classification else bits(model.predict(test)),
        "predict_proba": bits(model.predict_proba(test)) if classification else None,
        "score": bits(model.score(x, y)),
        "export_text": texts,
    }
    print(json.dumps(result))


ROWS = int(sys.argv[3]) if len(sys.argv) > 3 else None
if __name__ == "__main__":
    for seed in range(int(sys.argv[2]), int(sys.argv[2]) + int(sys.argv[1])):
        case(seed)
