"""scikit-learn's side of the comparison: does what it is told, line by line, and prints seconds.

data ROWS FOLDER            makes the data and writes features.f64, target.i64, weights.f64, numbers.f64
fit DTYPE DEPTH KIND        fits a tree (DEPTH 0: unlimited) of a kind: gini, entropy, weighted, regressor
predict DTYPE ROWS THREADS  predicts ROWS rows with the tree fitted last
row COUNT                   predicts COUNT single rows, median microseconds
nodes                       the number of nodes of the tree fitted last
memory                      peak of memory in a fit to depth 10, above what was in use before, in bytes
version                     the version of scikit-learn
"""

import sys
import time
from pathlib import Path
from threading import Thread

import numpy as np
import sklearn
from sklearn.datasets import make_classification
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor


def status(name):
    """A line of /proc/self/status, in bytes."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(name + ":"):
            return int(line.split()[1]) * 1024
    return 0


def tree(kind, depth):
    """A tree of a kind, and what else its fit takes."""
    if kind == "regressor":
        return DecisionTreeRegressor(max_depth=depth, random_state=0), (numbers,)
    if kind == "weighted":
        return DecisionTreeClassifier(max_depth=depth, random_state=0), (y, weights)
    return DecisionTreeClassifier(criterion=kind, max_depth=depth, random_state=0), (y,)


x = {}
y = weights = numbers = model = None

for line in sys.stdin:
    command, *words = line.split()
    if command == "data":
        rows, folder = int(words[0]), Path(words[1])
        features, y = make_classification(
            n_samples=rows,
            n_features=20,
            n_informative=10,
            n_redundant=5,
            n_classes=3,
            flip_y=0.05,
            random_state=0,
        )
        x = {"f64": features, "f32": features.astype(np.float32)}
        features.tofile(folder / "features.f64")
        y.astype(np.int64).tofile(folder / "target.i64")
        rng = np.random.default_rng(0)
        weights = 0.5 + rng.random(rows)
        weights.tofile(folder / "weights.f64")
        numbers = features[:, ::2].sum(axis=1) + rng.normal(size=rows)
        numbers.tofile(folder / "numbers.f64")
        print(0.0)
    elif command == "fit":
        model, answers = tree(words[2], int(words[1]) or None)
        start = time.perf_counter()
        model.fit(x[words[0]], *answers)
        print(time.perf_counter() - start)
    elif command == "nodes":
        print(model.tree_.node_count)
    elif command == "predict":
        part, threads = x[words[0]][: int(words[1])], int(words[2])
        start = time.perf_counter()
        if threads == 1:
            model.predict(part)
        else:
            workers = [
                Thread(target=model.predict, args=(chunk,)) for chunk in np.array_split(part, threads)
            ]
            for worker in workers:
                worker.start()
            for worker in workers:
                worker.join()
        print(time.perf_counter() - start)
    elif command == "row":
        times = []
        for row in x["f64"][: int(words[0])]:
            row = row.reshape(1, -1)
            start = time.perf_counter()
            model.predict(row)
            times.append(time.perf_counter() - start)
        print(float(np.median(times)))
    elif command == "memory":
        before = status("VmRSS")
        Path("/proc/self/clear_refs").write_text("5")
        DecisionTreeClassifier(max_depth=10, random_state=0).fit(x["f64"], y)
        print(status("VmHWM") - before)
    elif command == "version":
        print(sklearn.__version__)
    sys.stdout.flush()
