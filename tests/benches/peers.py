"""Loads and predicts as the usual programs do, for the bench `peers`: answers one line of JSON, a list
of words, with another.

folder FOLDER               where models are, and what is made of them
fit                         fits the models, and saves them as pickle and joblib files: true
versions                    the programs' versions, as a text
name MODEL                  which model is meant from now on: true
open MODEL                  the same, and loads it: true
load ENDING                 the seconds of a load of the model's file of this ending: by the clock, and
                            of the processor
ready PROGRAM               whether the program has the model, or else why not
rows PROGRAM                the seconds of the probabilities of all rows
one PROGRAM FROM TO         the seconds of the probabilities of each of these rows, alone

Times of all rows are the processor's, on one thread. It needs scikit-learn and joblib;
ONNX Runtime with skl2onnx, and treelite with tl2cgen and a C compiler, are measured if they are
installed.
"""

import importlib.metadata
import json
import os
import pickle
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
folder = name = model = query = small = None
ask = {}


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
    return True


def versions():
    wanted = ["scikit-learn", "joblib", "onnxruntime", "skl2onnx", "treelite", "tl2cgen"]
    found = {package.metadata["Name"].lower(): package.version for package in importlib.metadata.distributions()}
    return ", ".join(f"{package} {found.get(package, 'not installed')}" for package in wanted)


def load(path):
    if not path.endswith(".pkl"):
        return joblib.load(path)
    with open(path, "rb") as file:
        return pickle.load(file)


def load_of(ending):
    """The times of a load, without those of the end of the objects."""
    clock, start = time.perf_counter(), time.process_time()
    loaded = load(f"{folder}/{name}.{ending}")
    seconds = [time.perf_counter() - clock, time.process_time() - start]
    del loaded
    return seconds


def onnx_of():
    """The file of the model as ONNX Runtime takes it, kept for the next time."""
    from skl2onnx import to_onnx

    path = f"{folder}/{name}.onnx"
    if not os.path.exists(path):
        onnx = to_onnx(model, small[:1], options={id(model): {"zipmap": False}})
        with open(path, "wb") as file:
            file.write(onnx.SerializeToString())
    return path


def prepare(program):
    """How the program is asked for all rows, and for a part of them."""
    if program == "scikit-learn":
        return lambda: model.predict_proba(query), lambda row: model.predict_proba(query[row : row + 1])
    if program == "ONNX Runtime":
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        session = onnxruntime.InferenceSession(onnx_of(), options)
        given = session.get_inputs()[0].name
        return (
            lambda: session.run(None, {given: small}),
            lambda row: session.run(None, {given: small[row : row + 1]}),
        )
    import treelite

    trees, rows = treelite.sklearn.import_model(model), query if "hist" in name else small
    if program == "treelite":
        return lambda: treelite.gtil.predict(trees, rows, nthread=1), None
    import tl2cgen

    if name == "forest_unlimited":
        raise ValueError("gcc takes many minutes for trees of unlimited depth")
    path = f"{folder}/{name}.so"
    if not os.path.exists(path):
        tl2cgen.export_lib(trees, "gcc", path, params={"parallel_comp": 8})
    library, matrix = tl2cgen.Predictor(path, nthread=1), tl2cgen.DMatrix(small)
    return lambda: library.predict(matrix), None


def ready(program):
    try:
        ask[program] = prepare(program)
        return True
    except Exception as error:
        return f"{name}: {program}: {str(error)[:200]}"


def rows(program):
    start = time.process_time()
    ask[program][0]()
    return time.process_time() - start


def one(program, start, end):
    work, times = ask[program][1], []
    for row in range(start, end):
        start = time.perf_counter()
        work(row)
        times.append(time.perf_counter() - start)
    return times


# what libraries print goes elsewhere than the answers
answers = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)
for line in sys.stdin:
    action, *words = json.loads(line)
    answer = True
    if action == "folder":
        folder = words[0]
        os.makedirs(folder, exist_ok=True)
    elif action == "fit":
        answer = fit()
    elif action == "versions":
        answer = versions()
    elif action == "name":
        name, model, ask = words[0], None, {}
    elif action == "load":
        answer = load_of(words[0])
    elif action == "open":
        name, ask = words[0], {}
        model = load(f"{folder}/{name}.pkl")
        if query is None:
            query = np.fromfile(f"{folder}/query.rows").reshape(-1, 20)
            small = query.astype(np.float32)
    elif action == "ready":
        answer = ready(words[0])
    elif action == "rows":
        answer = rows(words[0])
    elif action == "one":
        answer = one(*words)
    print(json.dumps(answer), file=answers, flush=True)
