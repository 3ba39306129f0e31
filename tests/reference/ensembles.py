"""Fits scikit-learn's ensembles on random data and prints their parts and what they answer.

Usage: ensembles.py FAMILY COUNT SEED

One JSON object a line. Every float is printed as the integer that its 64 bits spell, so that
nothing is lost on the way. Each case has a `kind` of its own, and in `refuses` rows that the model
must refuse.
"""

import json
import sys
import warnings

import numpy as np
from sklearn import ensemble, linear_model, tree

warnings.simplefilter("ignore")


def bits(array):
    return np.ascontiguousarray(array, dtype=np.float64).ravel().view(np.uint64).tolist()


def features(rng, rows, columns):
    """Columns of different kinds: continuous, few values, equal, tiny differences, large."""
    x = np.empty((rows, columns))
    for column in range(columns):
        kind = rng.integers(7)
        if kind < 3:
            values = rng.normal(size=rows)
        elif kind == 3:
            values = rng.integers(0, rng.integers(2, 6), size=rows).astype(float)
        elif kind == 4:
            values = np.round(rng.normal(size=rows), 1)
        elif kind == 5:
            values = 1e-7 * rng.integers(0, 4, size=rows) * rng.random() + 1
        else:
            values = np.clip(np.exp(20 * rng.normal(size=rows)), 0, 1e30)
        x[:, column] = values
    return x


def with_missing(rng, x):
    x = x.copy()
    x[rng.random(x.shape) < rng.choice([0.02, 0.2, 0.6])] = np.nan
    return x


def labels(rng, codes):
    """Classes of different types for whole numbers from 0 on."""
    kind = rng.integers(4)
    if kind == 0:
        return np.array(["a", "Ba", "ä", "z z", "日本", "b", "c"])[codes]
    if kind == 1 and codes.max() < 2:
        return codes == 1
    if kind == 2:
        return codes * 7.0 - 3.0
    return codes * 3 - 2


def target(rng, x, classes=None):
    """What depends on the features, a little: codes of classes or numbers."""
    signal = np.nan_to_num(x) @ rng.normal(size=x.shape[1]) + rng.normal(size=len(x))
    signal[~np.isfinite(signal)] = 0
    if classes is None:
        scale = max(np.abs(signal).max(), 1e-9)
        return signal / scale * rng.choice([1, 100])
    cuts = np.quantile(signal, np.arange(1, classes) / classes)
    codes = np.searchsorted(cuts, signal)
    # every class occurs
    codes[:classes] = np.arange(classes)
    return codes


def plain_labels(array):
    array = np.asarray(array)
    if array.dtype.kind == "f":
        return {"floats": bits(array)}
    return {"plain": array.tolist()}


def tree_parts(fitted):
    nodes = fitted.tree_
    return {
        "children_left": nodes.children_left.tolist(),
        "children_right": nodes.children_right.tolist(),
        "feature": nodes.feature.tolist(),
        "threshold": bits(nodes.threshold),
        "impurity": bits(nodes.impurity),
        "n_node_samples": nodes.n_node_samples.tolist(),
        "weighted_n_node_samples": bits(nodes.weighted_n_node_samples),
        "missing_go_to_left": [bool(left) for left in nodes.missing_go_to_left],
        "value": bits(nodes.value),
        "width": int(nodes.value.shape[1] * nodes.value.shape[2]),
    }


def forest(rng, rows, columns):
    x = features(rng, rows, columns)
    test = features(rng, int(rng.choice([1, 3, 16, 17, 70, 300])), columns)
    single = rng.random() < 0.25
    extra = rng.random() < 0.5
    classification = rng.random() < 0.6
    outputs = int(rng.choice([1, 1, 1, 2, 3]))
    params = {"random_state": int(rng.integers(2**31))}
    if classification:
        params["criterion"] = str(rng.choice(["gini", "entropy", "log_loss"]))
        if rng.random() < 0.3 and outputs == 1:
            params["class_weight"] = "balanced"
        counts = [int(rng.choice([1, 2, 2, 3, 5])) for _ in range(outputs)]
        codes = [target(rng, x, min(count, rows)) for count in counts]
        if outputs == 1:
            y = labels(rng, codes[0])
        else:
            y = np.stack(codes, axis=1)
    else:
        params["criterion"] = str(rng.choice(["squared_error", "friedman_mse", "absolute_error", "poisson"]))
        y = np.stack([target(rng, x) for _ in range(outputs)], axis=1)
        if params["criterion"] == "poisson":
            y = np.abs(y) + 0.1
        if outputs == 1:
            y = y[:, 0]
    if rng.random() < 0.5:
        params["max_depth"] = int(rng.integers(1, 8))
    if rng.random() < 0.3:
        params["max_leaf_nodes"] = int(rng.integers(2, 40))
    if rng.random() < 0.3:
        params["min_samples_leaf"] = int(rng.integers(1, 6))
    weights = rng.random(rows) * 3 if rng.random() < 0.3 else None
    missing = rng.random() < 0.4
    if missing and params["criterion"] != "absolute_error":
        x, test = with_missing(rng, x), with_missing(rng, test)
    name = ("ExtraTree" if extra else "DecisionTree") if single else ("ExtraTrees" if extra else "RandomForest")
    if not single:
        params["n_estimators"] = int(rng.integers(1, 40))
    model = getattr(tree if single else ensemble, name + ("Classifier" if classification else "Regressor"))(**params)
    model.fit(x, y, sample_weight=weights)
    case = {
        "name": name,
        "classification": classification,
        "outputs": outputs,
        "params": {key: params[key] for key in ("criterion",)},
        "test": bits(test),
        "columns": columns,
        "trees": [tree_parts(one) for one in ([model] if single else model.estimators_)],
        "apply": np.asarray(model.apply(test)).reshape(len(test), -1).tolist(),
        "feature_importances": bits(model.feature_importances_),
    }
    predicted = model.predict(test)
    if classification:
        classes = [model.classes_] if outputs == 1 else model.classes_
        case["classes"] = [plain_labels(one) for one in classes]
        case["predict"] = [plain_labels(one) for one in (predicted.T if outputs > 1 else [predicted])]
        proba = model.predict_proba(test)
        case["predict_proba"] = [bits(one) for one in ([proba] if outputs == 1 else proba)]
    else:
        case["estimates"] = bits(predicted)
    return case


FAMILIES = {"forest": forest}


def case(family, seed):
    rng = np.random.default_rng(seed)
    rows = int(rng.choice([8, 20, 60, 150, 400, 900]))
    columns = int(rng.integers(1, 9))
    made = FAMILIES[family](rng, rows, columns)
    made["seed"] = seed
    return made


if __name__ == "__main__":
    for number in range(int(sys.argv[2])):
        print(json.dumps(case(sys.argv[1], int(sys.argv[3]) + number)))
