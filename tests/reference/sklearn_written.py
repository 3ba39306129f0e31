"""Opens trees that were written for scikit-learn, and asks them all that a tree can be asked.

Reads one JSON object a line, and prints a list of what is wrong. {"path": a file, "seed": a seed of
trees.py}: the tree must equal, in every attribute and call, the one that scikit-learn fits on the
same data. {"path": a file, "said": what trees.py says of a seed}: it must predict the same, whatever
the version of this scikit-learn.
"""

import json
import pickle
import sys
import warnings

import joblib
import numpy as np
import trees
from sklearn.base import clone
from sklearn.model_selection import cross_val_score
from sklearn.tree import export_graphviz, export_text


def bits(array):
    return np.ascontiguousarray(array, dtype=np.float64).ravel().view(np.uint64).tolist()


def same_arrays(one, other):
    one, other = np.asarray(one), np.asarray(other)
    if one.dtype.kind == "f":
        return one.shape == other.shape and bits(one) == bits(other)
    return one.shape == other.shape and one.tolist() == other.tolist()


def differences(model, expected, x, y, test):
    """What of a tree is not as it is in the one that scikit-learn fitted."""
    if type(model) is not type(expected):
        yield "type"
    if sorted(vars(model)) != sorted(vars(expected)):
        yield f"attributes {set(vars(model)) ^ set(vars(expected))}"
    if model.get_params() != expected.get_params() or repr(model) != repr(expected):
        yield f"parameters {model} {expected}"
    for name in sorted(set(vars(expected)) - set(expected.get_params()) - {"tree_"}):
        one, other = getattr(model, name), getattr(expected, name)
        if not same_arrays(one, other) or np.asarray(one).dtype.kind != np.asarray(other).dtype.kind:
            yield name
    one, other = model.tree_.__getstate__(), expected.tree_.__getstate__()
    if sorted(one) != sorted(other) or one["nodes"].dtype != other["nodes"].dtype:
        yield "tree_"
    for name in ["max_depth", "node_count"]:
        if one[name] != other[name]:
            yield name
    for name in other["nodes"].dtype.names:
        if not same_arrays(one["nodes"][name], other["nodes"][name]):
            yield f"nodes[{name}]"
    if not same_arrays(one["values"], other["values"]):
        yield "values"
    calls = {
        "predict": lambda model: model.predict(test),
        "apply": lambda model: model.apply(test),
        "decision_path": lambda model: model.decision_path(test).toarray(),
        "feature_importances_": lambda model: model.feature_importances_,
        "score": lambda model: model.score(x, y),
        "export_text": lambda model: export_text(model),
        # What plot_tree draws, without matplotlib: the same labels, colours and edges.
        "export_graphviz": lambda model: export_graphviz(model, filled=True, node_ids=True),
        "get_depth": lambda model: [model.get_depth(), model.get_n_leaves()],
    }
    if hasattr(expected, "predict_proba"):
        calls["predict_proba"] = lambda model: model.predict_proba(test)
    for name, call in calls.items():
        if not same_arrays(call(model), call(expected)):
            yield name


def works(model, expected, x, y, test, weights):
    """Whether all that one does with a tree can be done."""
    again = pickle.loads(pickle.dumps(model))
    if not same_arrays(again.predict(test), model.predict(test)):
        yield "pickled again"
    fitted = clone(model).set_params(random_state=1, max_depth=2).fit(x, y, sample_weight=weights)
    if fitted.get_depth() > 2:
        yield "clone and fit"
    paths = [model, clone(model)]
    paths = [m.cost_complexity_pruning_path(x, y, sample_weight=weights) for m in paths]
    if model.random_state is not None and not same_arrays(paths[0].ccp_alphas, paths[1].ccp_alphas):
        yield "cost_complexity_pruning_path"
    if len(x) >= 12:
        scores = [cross_val_score(m, x, y, cv=3) for m in [model, expected]]
        if model.random_state is not None and bits(scores[0]) != bits(scores[1]):
            yield "cross_val_score"


def as_said(model, said):
    """Whether a tree answers as another version did, and can be used."""
    test = np.array(said["test"], dtype=np.uint64).view(np.float64).reshape(-1, said["columns"])
    test = test.astype(np.float32 if said["single"] else np.float64)
    x = np.array(said["x"], dtype=np.uint64).view(np.float64).reshape(-1, said["columns"])
    y = said["labels"] or np.array(said["target"], dtype=np.uint64).view(np.float64)
    predicted = model.predict(test)
    answers = {"apply": model.apply(test).tolist()}
    answers["predict"] = predicted.tolist() if said["classification"] else bits(predicted)
    if said["classification"]:
        answers["predict_proba"] = bits(model.predict_proba(test))
    for name, answer in answers.items():
        if answer != said[name]:
            yield name
    again = pickle.loads(pickle.dumps(model))
    if not same_arrays(again.predict(test), predicted):
        yield "pickled again"
    if export_text(model) != said["export_text"][0]:
        yield "export_text"
    if model.get_params().keys() != type(model)().get_params().keys():
        yield "get_params"
    fitted = clone(model).fit(x, y)
    if vars(model).keys() != vars(fitted).keys():
        yield f"attributes {vars(model).keys() ^ vars(fitted).keys()}"
    repr(model)
    model.cost_complexity_pruning_path(x, y)


def problems(path, seed=None, said=None):
    loaders = {"pickle": lambda: pickle.load(open(path, "rb")), "joblib": lambda: joblib.load(path)}
    for name, load in loaders.items():
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            try:
                model = load()
            except Exception as error:
                yield f"{name}: {error}"
                return
        for warning in told:
            if warning.category is not ResourceWarning:
                yield f"{name}: {warning.message}"
    if seed is None and said is None:
        return
    if said is not None:
        yield from as_said(model, said)
        return
    expected, params, x, y, weights, test = trees.fitted(seed)
    yield from differences(model, expected, x, y, test)
    yield from works(model, expected, x, y, test, weights)


warnings.simplefilter("ignore")
for line in sys.stdin:
    request = json.loads(line)
    print(json.dumps(list(problems(**request))), flush=True)
