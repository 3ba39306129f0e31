"""scikit-learn's side of the comparison: does what it is told, line by line, and prints seconds.

data ROWS FOLDER            makes the data and writes features.f64, target.i64
fit DTYPE DEPTH CRITERION   fits a tree (DEPTH 0: unlimited)
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
from sklearn.tree import DecisionTreeClassifier


def status(name):
    """A line of /proc/self/status, in bytes."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(name + ":"):
            return int(line.split()[1]) * 1024
    return 0


x = {}
y = None
model = None

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
        print(0.0)
    elif command == "fit":
        depth = int(words[1]) or None
        model = DecisionTreeClassifier(criterion=words[2], max_depth=depth, random_state=0)
        start = time.perf_counter()
        model.fit(x[words[0]], y)
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
