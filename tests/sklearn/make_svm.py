"""Write fitted support vector machines, and what they answer, with the scikit-learn of this interpreter.

usage: python make_svm.py OUTDIR [SEED]

OUTDIR gets, for each model NAME, NAME.p2.pkl or NAME.joblib, and NAME.json: the columns of a table (as float.hex())
and the model's own answers, every float as its hex form.
"""
import json, os, pickle, sys, warnings

import numpy as np
import pandas as pd
import scipy.sparse
import sklearn
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import NuSVC, NuSVR, OneClassSVM, SVC, SVR

from answers import ask, is_fitted, save, save_versions, table_of

warnings.simplefilter("ignore")
out, seed = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 0
os.makedirs(out, exist_ok=True)
rng = np.random.RandomState(seed)
version = tuple(int(part) for part in sklearn.__version__.split(".")[:2])

rows = 70
x = rng.standard_normal((rows, 3)) * np.array([1, 3, 0.5]) + np.array([0, 1, 0])
signal = x[:, 0] + x[:, 1] / 3 + rng.standard_normal(rows) / 4
four = np.array(["low", "middle", "high", "top"])[np.digitize(signal, [-0.5, 0.3, 1])]
two = signal > 0.5
asked = np.vstack([x[:20], rng.standard_normal((15, 3)) * 3])
frame = lambda x: pd.DataFrame(x, columns=["a", "b", "c"])
few = np.where(rng.random_sample((rows, 12)) < 0.6, 0, rng.standard_normal((rows, 12)))
sparse, sparse_asked = scipy.sparse.csr_matrix(few), scipy.sparse.csr_matrix(few[:25] * 1.5)
probable = dict(probability=True, random_state=seed)

models = {
    "svc_frame": (make_pipeline(StandardScaler(), SVC()), frame(x), four, frame(asked)),
    "svc_names": (SVC(C=10), frame(x), four, frame(asked)),
    "svc_two": (SVC(C=10), x, two, asked),
    "svc_two_probable": (SVC(kernel="linear", **probable), x, np.where(two, 7, -7), asked),
    "svc_four_probable": (SVC(C=5, **probable), x, four, asked),
    "svc_ovo": (SVC(decision_function_shape="ovo", kernel="poly", coef0=0.5, gamma="scale"), x, four, asked),
    "svc_sigmoid": (SVC(kernel="sigmoid", gamma=0.05, coef0=-0.2), x, four, asked),
    "svc_weighted": (SVC(class_weight="balanced", gamma="auto"), x, four, asked),
    "svc_sparse": (SVC(gamma="scale", **probable), sparse, four, sparse_asked),
    "svc_sparse_linear": (SVC(kernel="linear"), sparse, two, sparse_asked),
    "svc_sparse_poly": (SVC(kernel="poly", degree=2, gamma=0.3), sparse, four, sparse_asked),
    "nu_svc": (NuSVC(nu=0.2, gamma="scale", **probable), x, four, asked),
    # a kernel that separates the classes: weights of 1e5 would cancel out, and scikit-learn itself be off by 1e-10
    "nu_svc_two": (NuSVC(nu=0.3, kernel="poly", degree=3, coef0=1, gamma=0.2), x, two, asked),
    "svr": (SVR(C=10, gamma="scale"), x, signal, asked),
    "svr_linear": (SVR(kernel="linear", epsilon=0.2), x, signal, asked),
    "svr_poly": (SVR(kernel="poly", gamma=0.1, coef0=1), x, signal, asked),
    "svr_sparse": (SVR(gamma="scale"), sparse, signal, sparse_asked),
    "svr_constant": (SVR(epsilon=100.0, gamma="scale"), x, signal, asked),
    "nu_svr": (NuSVR(nu=0.4, gamma="scale"), x, signal, asked),
    "one_class": (OneClassSVM(nu=0.3, gamma="scale"), x, None, asked),
    "one_class_sparse": (OneClassSVM(nu=0.2, gamma=0.1), sparse, None, sparse_asked),
}
if version >= (0, 22):
    models["svc_ties"] = (SVC(break_ties=True, gamma="scale", C=2), x, four, asked)


for place, (name, (model, x, y, asked)) in enumerate(models.items()):
    if not is_fitted(name, model, x, y):
        continue
    save(out, name, place, model)
    names, columns = table_of(asked.toarray() if hasattr(asked, "toarray") else asked)
    said = {"model": type(model).__name__, "object": None, "names": names, "columns": columns}
    ask(name, model, asked, said)
    json.dump(said, open(f"{out}/{name}.json", "w"))
save_versions(out, seed, len(models))
