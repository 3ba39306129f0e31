"""Models of scikit-learn in files of every form, and what each pickle imports, as JSON.

usage: python models.py FOLDER

The imports are found by the reader of known_names.py, which subclasses CPython's own unpickler and
imports nothing. Files of joblib have no list.
"""
import collections
import io
import json
import pathlib
import pickle
import sys
import warnings

import joblib
import numpy as np
from sklearn import (cluster, compose, decomposition, ensemble, feature_extraction, feature_selection, gaussian_process, impute, linear_model,
                     model_selection, naive_bayes, neighbors, neural_network, pipeline, preprocessing, svm, tree)

from known_names import Reader

warnings.simplefilter("ignore")
folder = pathlib.Path(sys.argv[1])
rng = np.random.default_rng(0)
rows = np.abs(rng.normal(size=(60, 4)))
classes = np.array(["ham", "spam", "eggs"], dtype=object)[np.digitize(rows[:, 0], [0.4, 0.9])]
target = rows @ [1, 2, 3, 4]
texts = ["".join(rng.choice(list("abcdef "), 30)) for _ in range(60)]
models = [
    tree.DecisionTreeClassifier(), ensemble.RandomForestClassifier(3), ensemble.GradientBoostingClassifier(n_estimators=2),
    ensemble.HistGradientBoostingClassifier(max_iter=2), ensemble.AdaBoostClassifier(n_estimators=2), ensemble.ExtraTreesClassifier(3),
    linear_model.LogisticRegression(), linear_model.SGDClassifier(), svm.SVC(probability=True), neighbors.KNeighborsClassifier(algorithm="kd_tree"),
    neighbors.KNeighborsClassifier(algorithm="ball_tree", metric="manhattan"), naive_bayes.GaussianNB(), naive_bayes.MultinomialNB(),
    neural_network.MLPClassifier(max_iter=3), pipeline.make_pipeline(preprocessing.StandardScaler(), decomposition.PCA(2), svm.LinearSVC()),
    compose.ColumnTransformer([("a", preprocessing.OneHotEncoder(handle_unknown="ignore"), [0]), ("b", preprocessing.MinMaxScaler(), [1, 2])]),
    model_selection.GridSearchCV(tree.DecisionTreeClassifier(), {"max_depth": [1, 2]}), feature_selection.SelectKBest(feature_selection.chi2, k=2),
    preprocessing.FunctionTransformer(np.log1p), impute.SimpleImputer(), cluster.KMeans(2, n_init=1), ensemble.IsolationForest(n_estimators=3),
    tree.DecisionTreeClassifier(random_state=np.random.RandomState(1)), ensemble.VotingClassifier([("t", tree.DecisionTreeClassifier())]),
    gaussian_process.GaussianProcessClassifier(), preprocessing.PolynomialFeatures(),
]
fitted = [model.fit(rows, classes) for model in models]
fitted += [model.fit(rows, target) for model in (linear_model.LinearRegression(), ensemble.RandomForestRegressor(3), ensemble.GradientBoostingRegressor(n_estimators=2))]
fitted += [feature_extraction.text.TfidfVectorizer(analyzer="char").fit(texts), preprocessing.LabelEncoder().fit(classes), {"model": models[0], "names": ["a", "b"], "scores": rows[0]}]
imports = {}
for number, model in enumerate(fitted):
    stem = f"{number:02}_{type(model).__name__}"
    for protocol in range(6):
        path = folder / f"{stem}.p{protocol}.pkl"
        path.write_bytes(pickle.dumps(model, protocol))
        uses = collections.defaultdict(set)
        Reader(io.BytesIO(path.read_bytes()), uses).load()
        imports[path.name] = sorted(f"{module} {name}" for module, name in uses)
    for way in (0, "zlib", "gzip", "bz2", "xz", "lzma"):
        path = folder / f"{stem}.{way}.joblib"
        joblib.dump(model, path, compress=way)
        imports[path.name] = None
arrays = {"numbers": rows, "objects": classes}
np.savez(folder / "arrays.npz", **arrays)
np.savez_compressed(folder / "compressed.npz", **arrays)
np.save(folder / "objects.npy", classes)
for name in ("arrays.npz", "compressed.npz", "objects.npy"):
    imports[name] = None
json.dump(imports, sys.stdout)
