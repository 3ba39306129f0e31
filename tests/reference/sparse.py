"""Write models fitted on sparse rows into a folder, and print the rows and what the models answer for them."""
import json, pickle, sys, warnings

import numpy as np
import scipy.sparse
from sklearn.linear_model import LogisticRegression, Ridge, RidgeClassifier, SGDClassifier
from sklearn.naive_bayes import BernoulliNB, ComplementNB, MultinomialNB
from sklearn.svm import LinearSVC

warnings.simplefilter("ignore")
rng = np.random.RandomState()
rows = scipy.sparse.random(120, 40, density=0.1, format="csr", random_state=rng)
rows.data = np.ceil(rows.data * 5)
target = np.array(["a", "b", "c"])[(rows.toarray()[:, :9].sum(1) + rng.randint(0, 3, 120)).astype(int) % 3]
models = {
    "logistic": LogisticRegression(), "logistic_two": LogisticRegression(), "ridge_classifier": RidgeClassifier(),
    "sgd": SGDClassifier(loss="modified_huber"), "linear_svc": LinearSVC(), "ridge": Ridge(),
    "multinomial": MultinomialNB(), "complement": ComplementNB(), "bernoulli": BernoulliNB(),
    "bernoulli_binarize": BernoulliNB(binarize=2.5), "multinomial_two": MultinomialNB(alpha=0.01),
}
said = {}
for name, model in models.items():
    y = np.where(target == "a", "a", "b") if name.endswith("two") else target
    model.fit(rows, rows.toarray().sum(1) if name == "ridge" else y)
    with open(f"{sys.argv[1]}/{name}", "wb") as file:
        pickle.dump(model, file)
    said[name] = {}
    for method in ("predict", "predict_proba", "decision_function"):
        if hasattr(model, method):
            answer = getattr(model, method)(rows)
            column = answer.ndim == 1 and answer.dtype.kind == "f"
            said[name][method] = (answer[:, None] if column else answer).tolist()
json.dump({"rows": rows.toarray().tolist(), "models": said}, sys.stdout)
