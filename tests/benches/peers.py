"""Loads and predicts as the usual programs do, for the bench `peers`.

Usage: peers.py fit FOLDER      fits the models, and saves them as pickle and joblib files
       peers.py time FOLDER     prints a line for each measurement: model, task, program, seconds

Times are the processor's. It needs scikit-learn and joblib; ONNX Runtime with skl2onnx, and treelite
with tl2cgen and a C compiler, are measured if they are installed.
"""

import os
import pickle
import statistics
import sys
import time
import warnings

os.environ["OMP_NUM_THREADS"] = "1"
import joblib
import numpy as np
from sklearn.ensemble import (
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)

warnings.simplefilter("ignore")
ROWS = 100_000
NAMES = ["boosting", "hist_boosting", "forest_depth10", "forest_unlimited"]
action, folder = sys.argv[1:]
os.makedirs(folder, exist_ok=True)


def fit():
    rng = np.random.RandomState(0)
    x = rng.randn(ROWS, 20)
    y = (x[:, 0] * x[:, 1] + x[:, 2] + 0.5 * rng.randn(ROWS) > 0).astype(int) + (x[:, 3] > 1)
    query = np.random.RandomState(1).randn(ROWS, 20)
    query.astype("<f8").tofile(f"{folder}/query.rows")
    models = [
        (GradientBoostingClassifier(n_estimators=30, random_state=0, max_depth=4), 30_000),
        (HistGradientBoostingClassifier(max_iter=100, random_state=0), ROWS),
        (RandomForestClassifier(100, max_depth=10, random_state=0, n_jobs=-1), ROWS),
        (RandomForestClassifier(100, random_state=0, n_jobs=-1), ROWS),
    ]
    for name, (model, rows) in zip(NAMES, models):
        model.fit(x[:rows], y[:rows])
        if hasattr(model, "n_jobs"):
            model.n_jobs = None
        model.predict_proba(query).astype("<f8").tofile(f"{folder}/{name}.answers")
        joblib.dump(model, f"{folder}/{name}.joblib")
        joblib.dump(model, f"{folder}/{name}.zlib.joblib", compress=("zlib", 3))
        with open(f"{folder}/{name}.pkl.new", "wb") as file:
            pickle.dump(model, file, 4)
        os.replace(f"{folder}/{name}.pkl.new", f"{folder}/{name}.pkl")


def seconds(work, runs=3):
    times = []
    for _ in range(runs):
        start = time.process_time()
        work()
        times.append(time.process_time() - start)
    return statistics.median(times)


def say(*words):
    print(*words, sep="\t", flush=True)


def load(path):
    with open(path, "rb") as file:
        return pickle.load(file)


def one_row(ask, rows):
    """The median for one row, of different rows."""
    times = []
    for row in range(len(rows)):
        start = time.perf_counter()
        ask(rows[row : row + 1])
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def compiled(name, trees):
    """The library that tl2cgen makes, kept for the next time."""
    import tl2cgen

    path = f"{folder}/{name}.so"
    if not os.path.exists(path):
        tl2cgen.export_lib(trees, "gcc", path, params={"parallel_comp": 8})
    return tl2cgen.Predictor(path, nthread=1)


def measure():
    query = np.fromfile(f"{folder}/query.rows").reshape(-1, 20)
    small = query.astype(np.float32)
    for name in NAMES:
        pickled = f"{folder}/{name}.pkl"
        say(name, "load pickle", "scikit-learn", seconds(lambda: load(pickled)))
        for ending, task in [("joblib", "load joblib"), ("zlib.joblib", "load joblib, zlib")]:
            path = f"{folder}/{name}.{ending}"
            say(name, task, "scikit-learn", seconds(lambda: joblib.load(path)))
        model = load(pickled)
        say(name, "predict", "scikit-learn", seconds(lambda: model.predict_proba(query)))
        say(name, "one row", "scikit-learn", one_row(model.predict_proba, query[:30]))
        try:
            import tl2cgen
            import treelite

            trees = treelite.sklearn.import_model(model)
            rows = query if "hist" in name else small
            task = lambda: treelite.gtil.predict(trees, rows, nthread=1)
            say(name, "predict", "treelite", seconds(task, 1))
            # gcc takes many minutes for the trees of unlimited depth
            if name != "forest_unlimited":
                library, matrix = compiled(name, trees), tl2cgen.DMatrix(small)
                say(name, "predict", "tl2cgen", seconds(lambda: library.predict(matrix)))
        except Exception as error:
            print(f"{name}: treelite, tl2cgen: {str(error)[:200]}", file=sys.stderr)
        try:
            import onnxruntime
            from skl2onnx import to_onnx

            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = options.inter_op_num_threads = 1
            onnx = to_onnx(model, small[:1], options={id(model): {"zipmap": False}})
            session = onnxruntime.InferenceSession(onnx.SerializeToString(), options)
            given = session.get_inputs()[0].name
            ask = lambda rows: session.run(None, {given: rows})
            say(name, "predict", "ONNX Runtime", seconds(lambda: ask(small), 1))
            say(name, "one row", "ONNX Runtime", one_row(ask, small[:10_000]))
        except Exception as error:
            print(f"{name}: ONNX Runtime: {str(error)[:200]}", file=sys.stderr)


fit() if action == "fit" else measure()
