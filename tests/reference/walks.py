"""Fits deep and wide trees with scikit-learn, and writes rows, nodes and answers.

Usage: walks.py FOLDER

One JSON object a line names a case; its arrays are files in the folder, NAME.ARRAY, of 64-bit
floats or integers. Rows of 32-bit floats are written as 64-bit ones, which hold them exactly.
"""

import json
import sys
from pathlib import Path

import numpy as np
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

FOLDER = Path(sys.argv[1])


def rows(rng, count, columns, dtype, missing):
    """Columns with many, few and no equal values, and some missing ones."""
    x = rng.normal(size=(count, columns))
    x[:, ::3] = np.round(x[:, ::3], 1)
    x[:, 1::3] = np.round(x[:, 1::3] * 8 * count) / (8 * count)
    x[rng.random(x.shape) < missing] = np.nan
    return x.astype(dtype)


def case(name, model, columns, dtype, missing_in_fit, missing_in_predict):
    rng = np.random.default_rng(sum(name.encode()))
    train = rows(rng, 1500, columns, dtype, missing_in_fit)
    # more than two batches of rows that are sorted together, and some left over
    test = rows(rng, 2100 if columns < 100 else 600, columns, dtype, missing_in_predict)
    test[0] = np.nan if missing_in_predict else 0
    if isinstance(model, DecisionTreeClassifier):
        # mostly noise: nothing but a deep tree learns it by heart
        target = (np.nan_to_num(train[:, 0]) > rng.normal(size=len(train))).astype(np.int64)
    else:
        target = np.nan_to_num(train[:, 0]) + rng.normal(size=len(train))
    model.fit(train, target)
    tree = model.tree_
    arrays = {
        "train": train.astype(np.float64),
        "test": test.astype(np.float64),
        "target": target.astype(np.float64),
        "children_left": tree.children_left.astype(np.int64),
        "children_right": tree.children_right.astype(np.int64),
        "feature": tree.feature.astype(np.int64),
        "threshold": tree.threshold,
        "missing_go_to_left": tree.missing_go_to_left.astype(np.int64),
        "value": tree.value,
        "apply": model.apply(test).astype(np.int64),
        "path_lengths": np.asarray(model.decision_path(test).sum(axis=1)).astype(np.int64),
        "predict": model.predict(test).astype(np.float64),
    }
    for array, values in arrays.items():
        np.ascontiguousarray(values).tofile(FOLDER / f"{name}.{array}")
    facts = {
        "name": name,
        "classifier": isinstance(model, DecisionTreeClassifier),
        "single": dtype is np.float32,
        "columns": columns,
        "max_depth": model.max_depth,
        "one_feature": model.max_features == 1,
        "depth": int(tree.max_depth),
    }
    print(json.dumps(facts))


for dtype in [np.float64, np.float32]:
    bits = np.dtype(dtype).name
    for columns in [6, 300]:
        for fit, predict in [(0.0, 0.0), (0.0, 0.1), (0.1, 0.1), (0.1, 0.0)]:
            name = f"{bits}-{columns}-{fit}-{predict}"
            # one feature a node makes trees deep however many columns there are
            deep = DecisionTreeClassifier(random_state=3, max_features=1)
            case(f"deep-{name}", deep, columns, dtype, fit, predict)
            shallow = DecisionTreeClassifier(random_state=4, max_features=1, max_depth=16)
            case(f"shallow-{name}", shallow, columns, dtype, fit, predict)
        case(
            f"regressor-{bits}-{columns}",
            DecisionTreeRegressor(random_state=5, max_features=1),
            columns,
            dtype,
            0.1,
            0.1,
        )
