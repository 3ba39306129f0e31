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
from sklearn import ensemble, tree

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
        params["n_estimators"] = int(rng.integers(1, 25))
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


def plain(params):
    return {key: value for key, value in params.items() if isinstance(value, (str, int, float, bool))}


def boosting(rng, rows, columns):
    x = features(rng, rows, columns)
    test = features(rng, int(rng.choice([1, 3, 16, 17, 70, 300])), columns)
    classification = rng.random() < 0.6
    params = {
        "random_state": int(rng.integers(2**31)),
        "n_estimators": int(rng.integers(1, 16)),
        "learning_rate": float(rng.choice([0.1, 0.3, 1.0, rng.random() + 0.01])),
        "max_depth": [1, 2, 3, 4, 5, 6, 8, None][rng.integers(8)],
    }
    if rng.random() < 0.3:
        params["subsample"] = 0.7
    if rng.random() < 0.3:
        params["max_leaf_nodes"] = int(rng.integers(2, 20))
    classes = int(rng.choice([2, 2, 3, 5]))
    if classification:
        params["loss"] = str(rng.choice(["log_loss", "exponential"])) if classes == 2 else "log_loss"
        y = labels(rng, target(rng, x, classes))
    else:
        params["loss"] = str(rng.choice(["squared_error", "absolute_error", "huber", "quantile"]))
        y = target(rng, x)
    init = rng.integers(4)
    if init == 0:
        params["init"] = "zero"
    elif init == 1:
        # one that knows all classes, and is sure of none
        kind = ensemble.RandomForestClassifier if classification else ensemble.RandomForestRegressor
        params["init"] = kind(n_estimators=5, max_depth=2, random_state=1)
    model = (ensemble.GradientBoostingClassifier if classification else ensemble.GradientBoostingRegressor)(**params)
    model.fit(x, y, sample_weight=rng.random(rows) + 0.1 if rng.random() < 0.3 else None)
    case = {
        "name": type(model).__name__,
        "classification": classification,
        "loss": params["loss"],
        "params": plain(params),
        "learning_rate": bits([model.learning_rate])[0],
        "test": bits(test),
        "columns": columns,
        "per_stage": model.estimators_.shape[1],
        "trees": [tree_parts(one) for one in model.estimators_.ravel()],
        "apply": model.apply(test).astype(int).reshape(len(test), -1).tolist(),
        "feature_importances": bits(model.feature_importances_),
    }
    if init == 1:
        case["init"] = {"trees": [tree_parts(one) for one in model.init_.estimators_]}
        if classification:
            case["init"]["classes"] = [plain_labels(model.init_.classes_)]
    elif init > 1 and classification:
        case["init"] = bits(model.init_.class_prior_)
    elif init > 1:
        case["init"] = bits(model.init_.constant_)
    if classification:
        case["classes"] = plain_labels(model.classes_)
        case["predict"] = plain_labels(model.predict(test))
        case["predict_proba"] = bits(model.predict_proba(test))
        case["decision_function"] = bits(model.decision_function(test))
    else:
        case["estimates"] = bits(model.predict(test))
    return case


def hist(rng, rows, columns):
    x = features(rng, rows, columns)
    test = features(rng, int(rng.choice([1, 3, 16, 17, 70, 300])), columns)
    classification = rng.random() < 0.5
    categorical = None
    if rng.random() < 0.5:
        categorical = rng.random(columns) < 0.5
        for column in np.flatnonzero(categorical):
            count = int(rng.choice([2, 5, 40, 200]))
            numbers = rng.permutation(int(rng.choice([count, 255])))[:count]
            x[:, column] = rng.choice(numbers, size=rows)
            # also some that the fit did not see
            test[:, column] = rng.integers(-3, 400, size=len(test)) + rng.choice([0, 0, 0.5], size=len(test))
            seen = rng.random(len(test)) < 0.7
            test[seen, column] = rng.choice(numbers, size=seen.sum())
    if rng.random() < 0.6:
        x, test = with_missing(rng, x), with_missing(rng, test)
    if rng.random() < 0.3:
        for value, share in ((np.inf, 0.1), (-np.inf, 0.1), (1e300, 0.02)):
            where = rng.random(test.shape) < share
            if categorical is not None:
                # encoders refuse them
                where &= ~categorical
            test[where] = value
    params = {
        "random_state": int(rng.integers(2**31)),
        "max_iter": int(rng.integers(1, 12)),
        "learning_rate": float(rng.choice([0.1, 0.5, 1.0])),
        "max_leaf_nodes": [2, 8, 16, 31, 60, 100, None][rng.integers(7)],
        "min_samples_leaf": int(rng.choice([1, 5, 20])),
        "max_bins": int(rng.choice([2, 20, 255])),
        "early_stopping": False,
        "categorical_features": categorical,
    }
    if categorical is not None:
        params["max_bins"] = 255
    if rng.random() < 0.3:
        params["max_depth"] = int(rng.integers(1, 6))
    classes = int(rng.choice([2, 2, 3, 5]))
    if classification:
        y = labels(rng, target(rng, np.where(np.abs(x) < 1e9, x, 0), classes))
    else:
        params["loss"] = str(rng.choice(["squared_error", "absolute_error", "gamma", "poisson", "quantile"]))
        params["quantile"] = 0.3
        y = target(rng, np.where(np.abs(x) < 1e9, x, 0))
        if params["loss"] in ("gamma", "poisson"):
            y = np.abs(y) + 0.1
    model = (ensemble.HistGradientBoostingClassifier if classification else ensemble.HistGradientBoostingRegressor)(**params)
    model.fit(x, y)
    sets, place = model._bin_mapper.make_known_categories_bitsets()
    is_categorical = model._is_categorical_remapped
    known = [] if is_categorical is None else [
        sets[place[feature]].tolist() if is_categorical[feature] else [0] * 8 for feature in range(columns)
    ]
    trees = []
    for one in (tree for iteration in model._predictors for tree in iteration):
        nodes = one.nodes
        trees.append({
            **{name: bits(nodes[name].astype(float)) for name in ("value", "num_threshold", "gain")},
            **{
                name: nodes[name].astype(int).tolist()
                for name in ("count", "feature_idx", "missing_go_to_left", "left", "right", "depth", "is_leaf",
                             "bin_threshold", "is_categorical", "bitset_idx")
            },
            "raw": one.raw_left_cat_bitsets.tolist(),
            "binned": one.binned_left_cat_bitsets.tolist(),
        })
    case = {
        "name": type(model).__name__,
        "classification": classification,
        "params": plain(params),
        "test": bits(test),
        "columns": columns,
        "baseline": bits(model._baseline_prediction),
        "trees": trees,
        "known": known,
    }
    # rows as the trees see them, also with numbers that no encoder would make
    inner = np.where(rng.random(test.shape) < 0.3, rng.integers(-3, 600, size=test.shape) / 2, test)
    scores = np.zeros((len(inner), model._baseline_prediction.size), order="F") + model._baseline_prediction
    model._predict_iterations(np.ascontiguousarray(inner), model._predictors, scores, False, 1)
    case["inner"], case["inner_scores"] = bits(inner), bits(scores)
    if model._preprocessor is not None:
        encoder = model._preprocessor.named_transformers_["encoder"]
        case["categorical"] = categorical.tolist()
        case["categories"] = [bits(one) for one in encoder.categories_]
    if classification:
        case["classes"] = plain_labels(model.classes_)
        case["predict"] = plain_labels(model.predict(test))
        case["predict_proba"] = bits(model.predict_proba(test))
        case["decision_function"] = bits(model.decision_function(test))
    else:
        case["loss"] = params["loss"]
        case["estimates"] = bits(model.predict(test))
        case["raw"] = bits(model._raw_predict(test))
    return case


def ada(rng, rows, columns):
    x = features(rng, rows, columns)
    test = features(rng, int(rng.choice([1, 3, 17, 70])), columns)
    classification = rng.random() < 0.6
    params = {
        "random_state": int(rng.integers(2**31)),
        "n_estimators": int(rng.integers(1, 20)),
        "learning_rate": float(rng.choice([0.3, 1.0])),
    }
    depth = int(rng.integers(1, 5))
    if classification:
        y = labels(rng, target(rng, x, int(rng.choice([1, 2, 2, 3, 5]))))
        model = ensemble.AdaBoostClassifier(tree.DecisionTreeClassifier(max_depth=depth), **params)
    else:
        y = target(rng, x)
        params["loss"] = str(rng.choice(["linear", "square", "exponential"]))
        model = ensemble.AdaBoostRegressor(tree.DecisionTreeRegressor(max_depth=depth), **params)
    model.fit(x, y)
    case = {
        "name": type(model).__name__,
        "classification": classification,
        "params": plain(params),
        "test": bits(test),
        "columns": columns,
        "trees": [tree_parts(one) for one in model.estimators_],
        "weights": bits(model.estimator_weights_),
        "feature_importances": bits(model.feature_importances_),
    }
    if classification:
        case["tree_classes"] = [plain_labels(one.classes_) for one in model.estimators_]
        case["classes"] = plain_labels(model.classes_)
        case["predict"] = plain_labels(model.predict(test))
        case["predict_proba"] = bits(model.predict_proba(test))
        case["decision_function"] = bits(model.decision_function(test))
    else:
        case["estimates"] = bits(model.predict(test))
    return case


FAMILIES = {"forest": forest, "boosting": boosting, "hist": hist, "ada": ada}


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
