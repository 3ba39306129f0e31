"""Opens files that were converted to the version of this scikit-learn, and compares their answers.

Reads one JSON object a line, {"path": a file, "said": rows and answers as make_models.py writes them},
and prints a list of what is wrong: warnings, missing parameters, answers that differ in a bit.
"""

import json
import pickle
import sys
import warnings

import numpy as np
from sklearn.base import clone


def plain(value):
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, np.ndarray):
        return [plain(item) for item in value.tolist()]
    return value.hex() if isinstance(value, float) else value


def same(one, other, exactly):
    """Whether answers are equal; of exponentials, up to the last bits."""
    if isinstance(one, list):
        return isinstance(other, list) and len(one) == len(other) and all(map(same, one, other, [exactly] * len(one)))
    if exactly or one == other or not isinstance(one, str):
        return one == other
    one, other = float.fromhex(one), float.fromhex(other)
    return abs(one - other) <= 1e-12 * max(1, abs(one))


def problems(path, said):
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        try:
            with open(path, "rb") as file:
                model = pickle.load(file)
        except Exception as error:
            return [str(error)]
    wrong = [str(warning.message) for warning in told]
    if type(model).__name__ != said["model"]:
        wrong.append(type(model).__name__)
    rows = np.array([[np.nan if v is None else float.fromhex(v) for v in row] for row in said["rows"]])
    for method in ["predict", "predict_proba", "decision_function", "apply"]:
        if method in said:
            boosted = said["model"].startswith("GradientBoostingC") or "Boosting" in said["model"] and method == "predict_proba"
            if not same(said[method], plain(getattr(model, method)(rows)), not boosted):
                wrong.append(method)
    made = clone(model)
    if set(model.get_params(deep=False)) != set(type(model)(*[[]] * (said["model"] == "Pipeline")).get_params(deep=False)):
        wrong.append("get_params")
    y = np.arange(len(rows)) % 3
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        made.fit(np.nan_to_num(rows), np.c_[y, y] if model_outputs(model) > 1 else y)
    repr(model)
    return wrong


def model_outputs(model):
    return getattr(model, "n_outputs_", 1)


warnings.simplefilter("ignore")
for line in sys.stdin:
    print(json.dumps(problems(**json.loads(line))), flush=True)
