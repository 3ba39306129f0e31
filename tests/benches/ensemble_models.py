"""Fits the models of the bench `ensemble`, writes their parts, and times scikit-learn itself.

Usage: ensemble_models.py FOLDER

FOLDER gets, for each model, NAME.parts (arrays, as `write` puts them) and NAME.answers (the
probabilities for the rows of `query.rows`), and `times.txt`. All numbers are little-endian. It
takes some minutes.
"""

import os
import struct
import sys
import time

os.environ["OMP_NUM_THREADS"] = "1"
import numpy as np
from sklearn.ensemble import (
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)

ROWS = 100_000
folder = sys.argv[1]
os.makedirs(folder, exist_ok=True)
rng = np.random.RandomState(0)
x = rng.randn(ROWS, 20)
y = (x[:, 0] * x[:, 1] + x[:, 2] + 0.5 * rng.randn(ROWS) > 0).astype(int) + (x[:, 3] > 1)
query = np.random.RandomState(1).randn(ROWS, 20)
query.astype("<f8").tofile(f"{folder}/query.rows")
MODELS = {
    "boosting": (GradientBoostingClassifier(n_estimators=30, random_state=0, max_depth=4), 30_000),
    "hist_boosting": (HistGradientBoostingClassifier(max_iter=100, random_state=0), ROWS),
    "forest_depth10": (RandomForestClassifier(100, max_depth=10, random_state=0, n_jobs=2), ROWS),
    "forest_unlimited": (RandomForestClassifier(100, random_state=0, n_jobs=2), ROWS),
}


def write(file, *arrays):
    """Each array as its length and its numbers."""
    for array, kind in arrays:
        array = np.ascontiguousarray(array).ravel().astype(kind)
        file.write(struct.pack("<q", array.size))
        file.write(array.tobytes())


def tree(file, nodes):
    write(
        file,
        (nodes.children_left, "<i4"), (nodes.children_right, "<i4"), (nodes.feature, "<i4"),
        (nodes.threshold, "<f8"), (nodes.impurity, "<f8"), (nodes.n_node_samples, "<i4"),
        (nodes.weighted_n_node_samples, "<f8"), (nodes.missing_go_to_left, "u1"), (nodes.value, "<f8"),
    )


def hist_tree(file, nodes):
    write(
        file,
        (nodes["value"], "<f8"), (nodes["num_threshold"], "<f8"), (nodes["feature_idx"], "<i4"),
        (nodes["left"], "<i4"), (nodes["right"], "<i4"), (nodes["missing_go_to_left"], "u1"),
        (nodes["is_leaf"], "u1"),
    )


def seconds(work, runs):
    work()
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return sorted(times)[len(times) // 2]


with open(f"{folder}/times.txt", "w") as times:
    for name, (model, rows) in MODELS.items():
        model.fit(x[:rows], y[:rows])
        if hasattr(model, "n_jobs"):
            model.n_jobs = None
        with open(f"{folder}/{name}.parts.new", "wb") as file:
            if name.startswith("hist"):
                trees = [one for iteration in model._predictors for one in iteration]
                write(file, ([len(trees)], "<q"), (model._baseline_prediction, "<f8"))
                for one in trees:
                    hist_tree(file, one.nodes)
            else:
                trees = np.ravel(model.estimators_)
                start = [] if name.startswith("forest") else model.init_.class_prior_
                write(file, ([len(trees)], "<q"), (start, "<f8"))
                for one in trees:
                    tree(file, one.tree_)
        model.predict_proba(query).astype("<f8").tofile(f"{folder}/{name}.answers")
        os.replace(f"{folder}/{name}.parts.new", f"{folder}/{name}.parts")
        all_rows = ROWS / seconds(lambda: model.predict_proba(query), 3)
        one_row = seconds(lambda: [model.predict_proba(query[:1]) for _ in range(5)], 3) / 5
        line = f"{name}: scikit-learn {all_rows:,.0f} rows/s, {one_row * 1e6:,.1f} us for one row"
        print(line, flush=True)
        print(line, file=times, flush=True)
