"""Makes the models of scikit-learn in this folder that notebooks 8 and 9 open: `python3 make_models.py`.

With scikit-learn 1.9.1 it writes the forest of notebook 8, twice: as pickle and as joblib save it; and,
with pandas, whose names of columns a model keeps, the spam filter of notebook 9. With
scikit-learn 1.3.2 (`pip install "numpy<2" scikit-learn==1.3.2`) it writes the tree: what such a
version saved is misread by later ones. Another folder can be named on the command line.
"""

import csv
import pickle
import sys
from pathlib import Path

import joblib
import numpy as np
import sklearn
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import train_test_split
from sklearn.tree import DecisionTreeClassifier

here = Path(__file__).parent
folder = Path(sys.argv[1]) if len(sys.argv) > 1 else here
with open(here / "balance-scale.csv", newline="") as file:
    rows = list(csv.reader(file))[1:]
x = np.array([row[1:] for row in rows], dtype="float64")
y = np.array([row[0] for row in rows])
x_train, x_test, y_train, y_test = train_test_split(x, y, test_size=0.3, random_state=100)

if sklearn.__version__.startswith("1.3."):
    tree = DecisionTreeClassifier(max_depth=3, min_samples_leaf=5, random_state=100)
    tree.fit(x_train, y_train)
    folder.joinpath("old_tree.pkl").write_bytes(pickle.dumps(tree, protocol=4))
else:
    import pandas

    forest = RandomForestClassifier(n_estimators=20, max_depth=6, random_state=100)
    forest.fit(x_train, y_train)
    folder.joinpath("forest.pkl").write_bytes(pickle.dumps(forest, protocol=5))
    joblib.dump(forest, folder / "forest.joblib")
    print(f"{forest.score(x_test, y_test):.4f} of the test rows right")

    mail = pandas.read_csv(here / "spambase.csv")
    x, y = mail.drop(columns="class"), mail["class"]
    x_train, x_test, y_train, y_test = train_test_split(x, y, test_size=0.3, random_state=100)
    spam_filter = RandomForestClassifier(n_estimators=50, max_leaf_nodes=120, random_state=100)
    spam_filter.fit(x_train, y_train)
    joblib.dump(spam_filter, folder / "spam_forest.joblib")
    print(f"{spam_filter.score(x_test, y_test):.4f} of the e-mails to test with right")
