"""Random data, and how scikit-learn divides it and chooses a tree by it.

Run as `model_selection.py CASES SEED`; prints a list of JSON. Floats are 64-bit patterns, so that each
bit is compared. What raises an error is None."""

import json
import random
import struct
import sys
import warnings

import numpy as np
from sklearn.model_selection import (
    GridSearchCV, KFold, StratifiedKFold, TimeSeriesSplit, cross_val_predict, cross_val_score,
    learning_curve, validation_curve)
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

OF_CLASSES = [None, "accuracy", "balanced_accuracy", "precision_macro", "precision_weighted",
              "recall_macro", "recall_weighted", "f1_macro", "f1_weighted"]
OF_NUMBERS = [None, "r2", "neg_mean_absolute_error", "neg_mean_squared_error",
              "neg_root_mean_squared_error"]


def bits(numbers):
    """The bit patterns, of lists within lists."""
    if isinstance(numbers, (list, tuple, np.ndarray)):
        return [bits(number) for number in numbers]
    number = float(numbers)
    # of all that are no number, one
    return struct.unpack("<Q", struct.pack("<d", float("nan") if number != number else number))[0]


def tried(work):
    """What `work` returns and the warnings; None for an error."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            result = work()
        except ValueError:
            return None
    told = [str(it.message) for it in caught
            if "least populated" in str(it.message) or "Removed duplicate" in str(it.message)]
    return dict(result=result, warnings=told)


def plain(value):
    return value.item() if isinstance(value, np.generic) else value


def splitter(rng, rows, of_classes):
    """A cross-validator, and how it is made."""
    n_splits = rng.choice([2, 2, 3, 3, 4, 5, 5, 5, 10, min(rows, 17), rows + 1])
    kind = rng.choice(["kfold", "stratified", "stratified", "time"] if of_classes else ["kfold", "kfold", "time"])
    if kind == "time":
        given = dict(max_train_size=rng.choice([None, None, rows // 3 or 1]),
                     test_size=rng.choice([None, None, 1, 3]), gap=rng.choice([0, 0, 1, 4]))
        return TimeSeriesSplit(n_splits, **given), dict(kind=kind, n_splits=n_splits, **given)
    seed = rng.choice([None, rng.randrange(2**32), 42])
    cv = dict(kfold=KFold, stratified=StratifiedKFold)[kind]
    shuffled = dict(shuffle=True, random_state=seed) if seed is not None else {}
    return cv(n_splits, **shuffled), dict(kind=kind, n_splits=n_splits, seed=seed)


def parameters(rng, of_classes):
    """Values for each parameter that a grid may hold."""
    grid = dict(
        criterion=["gini", "entropy", "log_loss"] if of_classes else ["squared_error", "absolute_error"],
        max_depth=[1, 2, 3, 5, None], min_samples_split=[2, 5, 0.1, 0.4],
        min_samples_leaf=[1, 2, 5, 0.05], min_weight_fraction_leaf=[0.0, 0.1],
        max_features=[None, "sqrt", "log2", 1, 0.5], max_leaf_nodes=[None, 2, 4, 9],
        min_impurity_decrease=[0.0, 0.02], ccp_alpha=[0.0, 0.005, 0.03])
    if of_classes:
        grid["class_weight"] = [None, "balanced"]
    names = rng.sample(sorted(grid), rng.choice([1, 2, 3]))
    return {name: rng.sample(grid[name], rng.choice([1, 2, 2])) for name in names}


def case(rng):
    rows, columns = rng.choice([5, 9, 17, 17, 30, 30, 60, 120]), rng.choice([1, 2, 4])
    of_classes = rng.random() < 0.65
    x = np.array([[rng.choice([rng.randrange(4), rng.gauss(0, 1)]) for _ in range(columns)]
                  for _ in range(rows)], dtype=float)
    score = x.sum(axis=1) + np.array([rng.gauss(0, 0.7) for _ in range(rows)])
    if of_classes:
        labels = rng.choice([["B", "L", "R"], ["no", "yes"], [0, 1], [7, -3, 0, 9], [False, True],
                             [1.0, 2.0, 5.0], ["only"]])
        ranks = np.argsort(np.argsort(score)) * len(labels) // rows
        y = [labels[rank] for rank in ranks]
        if rng.random() < 0.3:
            y.sort(key=str)
    else:
        y = score.round(rng.choice([0, 2, 9])).tolist()
    if rng.random() < 0.25:
        for _ in range(rows // 4):
            x[rng.randrange(rows), rng.randrange(columns)] = np.nan
    target = np.array(y)
    cv, made = splitter(rng, rows, of_classes)
    scoring = rng.choice(OF_CLASSES if of_classes else OF_NUMBERS)
    grid = parameters(rng, of_classes)
    fixed = dict(random_state=rng.randrange(2**31), **(dict(max_depth=4) if "max_depth" not in grid else {}))
    tree = (DecisionTreeClassifier if of_classes else DecisionTreeRegressor)(**fixed)
    strict = dict(cv=cv, error_score="raise")

    def splits():
        return [[train.tolist(), test.tolist()] for train, test in cv.split(x, target)]

    def scores():
        numbers = cross_val_score(tree, x, target, scoring=scoring, **strict)
        return bits([numbers, [numbers.mean(), numbers.std()]])

    def predicted():
        return [plain(label) for label in cross_val_predict(tree, x, target, cv=cv)]

    def probabilities():
        return bits(cross_val_predict(tree, x, target, cv=cv, method="predict_proba"))

    def searched():
        search = GridSearchCV(tree, grid, scoring=scoring, return_train_score=True, **strict)
        search.fit(x, target)
        found = search.cv_results_
        columns = [[found[f"split{split}_{part}_score"] for split in range(search.n_splits_)]
                   for part in ["test", "train"]]
        return dict(
            params=[sorted(it.items()) for it in found["params"]], best_index=int(search.best_index_),
            best_params=sorted(search.best_params_.items()), best_score=bits(search.best_score_),
            ranks=found["rank_test_score"].tolist(),
            means=bits([found["mean_test_score"], found["std_test_score"],
                        found["mean_train_score"], found["std_train_score"]]),
            test=bits(np.array(columns[0]).T), train=bits(np.array(columns[1]).T),
            refitted=bits(search.best_estimator_.score(x, target)))

    name = sorted(grid)[0]
    sizes = rng.choice([None, None, [0.3, 0.31, 1.0], [0.5], [1, 2, 3], [2, 2, 4], [2, rows // 4], [rows], [0.0, 1.0], [0, 1]])
    seed = rng.choice([None, rng.randrange(2**32)])

    def learnt():
        given = dict(train_sizes=sizes) if sizes else {}
        shuffled = dict(shuffle=True, random_state=seed) if seed is not None else {}
        counts, train, test = learning_curve(tree, x, target, scoring=scoring, **given, **shuffled, **strict)
        return dict(sizes=counts.tolist(), train=bits(train), test=bits(test))

    def validated():
        train, test = validation_curve(
            tree, x, target, param_name=name, param_range=grid[name], scoring=scoring, **strict)
        return dict(train=bits(train), test=bits(test))

    return dict(
        x=bits(x), y=[plain(label) for label in y], of_classes=of_classes, cv=made, scoring=scoring, fixed=fixed,
        grid=grid, name=name, sizes=sizes, seed=seed, splits=tried(splits), scores=tried(scores),
        predicted=tried(predicted), probabilities=tried(probabilities) if of_classes else None,
        searched=tried(searched), learnt=tried(learnt), validated=tried(validated))


if __name__ == "__main__":
    count, seed = int(sys.argv[1]), int(sys.argv[2])
    rng = random.Random(seed)
    json.dump([case(rng) for _ in range(count)], sys.stdout)
