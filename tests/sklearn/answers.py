"""How the scripts beside this one write tables and answers into JSON."""
import json
import pickle

import joblib
import numpy as np
import sklearn


def plain(value):
    if hasattr(value, "toarray"):
        value = value.toarray()
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, np.ndarray):
        return [plain(item) for item in value.tolist()]
    return value.hex() if isinstance(value, float) else value


def cell(value):
    if isinstance(value, str):
        return value
    return None if value is None or value != value else float(value).hex()


def table_of(rows):
    import pandas as pd

    frame = rows if isinstance(rows, pd.DataFrame) else pd.DataFrame(np.asarray(rows, dtype=np.float64))
    names = [str(name) for name in frame.columns] if isinstance(rows, pd.DataFrame) else None
    return names, [[cell(value) for value in frame[name].astype(object)] for name in frame.columns]


def is_fitted(name, model, x, y):
    try:
        model.fit(x, y)
    except Exception as why:
        print("not fitted:", name, why)
        return False
    return True


def save(out, name, place, model):
    """As joblib does it and as pickle does, in turns."""
    if place % 2:
        joblib.dump(model, f"{out}/{name}.joblib")
    else:
        with open(f"{out}/{name}.p2.pkl", "wb") as file:
            pickle.dump(model, file, protocol=2)


def ask(name, model, asked, said, more=(), refused=Exception):
    for method in ("predict", "predict_proba", "decision_function", "transform", *more):
        if not hasattr(model, method):
            continue
        try:
            answer = getattr(model, method)(asked)
        except refused as why:
            print("no", method, "from", name, why)
            continue
        if method == "decision_function" and answer.ndim == 1:
            answer = answer[:, None]
        said[method] = plain(answer)


def save_versions(out, seed, count):
    made = {"scikit-learn": sklearn.__version__, "numpy": np.__version__, "joblib": joblib.__version__, "seed": seed}
    json.dump(made, open(f"{out}/versions.json", "w"))
    print(sklearn.__version__, np.__version__, count)
