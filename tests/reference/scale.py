"""The tutorial's two trees: prints scikit-learn's export_text, accuracy and arrays as JSON."""

import json
import sys

import numpy as np
from sklearn.model_selection import train_test_split
from sklearn.tree import DecisionTreeClassifier, export_text

rows = [(a, b, c, d) for a in range(1, 6) for b in range(1, 6) for c in range(1, 6) for d in range(1, 6)]
x = np.array(rows, dtype=float)
y = np.array(["L" if a * b > c * d else "R" if a * b < c * d else "B" for a, b, c, d in rows])
x_train, x_test, y_train, y_test = train_test_split(x, y, test_size=0.3, random_state=100)
result = {"train": x_train.astype(int).tolist(), "train_labels": y_train.tolist()}
result |= {"test": x_test.astype(int).tolist(), "test_labels": y_test.tolist()}
for criterion in ["gini", "entropy"]:
    model = DecisionTreeClassifier(
        criterion=criterion, random_state=100, max_depth=3, min_samples_leaf=5
    ).fit(x_train, y_train)
    tree = model.tree_
    result[criterion] = {
        "repr": str(model),
        "text": export_text(model),
        "right": int((model.predict(x_test) == y_test).sum()),
        "feature": tree.feature.tolist(),
        "threshold": tree.threshold.tolist(),
        "value": tree.value.ravel().view(np.uint64).tolist(),
        "impurity": tree.impurity.copy().view(np.uint64).tolist(),
        "n_node_samples": tree.n_node_samples.tolist(),
    }
json.dump(result, sys.stdout)
