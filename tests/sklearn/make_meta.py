"""Write fitted models that are made of models, dummies, and models that find outliers and groups, and what they answer,
with the scikit-learn of this interpreter.

usage: python make_meta.py OUTDIR [SEED]

OUTDIR gets, for each model NAME, NAME.p2.pkl, NAME.p5.pkl or NAME.joblib, and NAME.json: the columns of a table
(numbers as float.hex(), words, null where a value is missing) and the model's own answers, every float as its hex form.
Models inside of which sums with coefficients or exponentials are computed name the answers that depend on them in
"close".
"""
import json, os, pickle, sys, warnings

import joblib
import numpy as np
import pandas as pd
import sklearn
from sklearn.calibration import CalibratedClassifierCV
from sklearn.cluster import KMeans, MiniBatchKMeans
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.ensemble import (AdaBoostClassifier, BaggingClassifier, BaggingRegressor, GradientBoostingClassifier,
                              IsolationForest, RandomForestClassifier, RandomForestRegressor, VotingClassifier)
from sklearn.covariance import EllipticEnvelope
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.linear_model import (LinearRegression, LogisticRegression, Perceptron, Ridge, RidgeClassifier,
                                  SGDClassifier)
from sklearn.multiclass import OneVsOneClassifier, OneVsRestClassifier
from sklearn.multioutput import MultiOutputClassifier, MultiOutputRegressor
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import (FunctionTransformer, MaxAbsScaler, MinMaxScaler, OneHotEncoder, RobustScaler,
                                   StandardScaler)
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from answers import plain, table_of

warnings.simplefilter("ignore")
out, seed = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 0
os.makedirs(out, exist_ok=True)
rng = np.random.RandomState(seed)
version = tuple(int(part) for part in sklearn.__version__.split(".")[:2])

rows = 80
x = rng.standard_normal((rows, 4)) * np.array([1, 3, 0.5, 2]) + np.array([0, 1, 0, -1])
signal = x[:, 0] + x[:, 1] / 3 + rng.standard_normal(rows) / 4
three = np.array(["low", "middle", "high"])[np.digitize(signal, [0, 1])]
five = np.digitize(signal, [-1, 0, 1, 2]) * 2
two = signal > 0.5
pair = np.where(two, 7, -7)
both = np.c_[signal, x[:, 2] - x[:, 3] + rng.standard_normal(rows) / 9]
labels = np.c_[signal > 0, x[:, 2] > 0.1, x[:, 3] > -1].astype(int)
always = np.c_[np.ones(rows, dtype=int), labels[:, :2], np.zeros(rows, dtype=int)]
words = np.c_[three, np.where(x[:, 3] > -1, "yes", "no")]
asked = np.vstack([x[:7], rng.standard_normal((5, 4)) * 4])
frame = lambda x: pd.DataFrame(x, columns=["a", "b", "c", "d"])
colours = np.array(["red", "green", "blue"], dtype=object)
mixed = pd.DataFrame({"size": x[:, 0], "colour": colours[rng.randint(0, 3, rows)]})
some_mixed = pd.DataFrame({"size": asked[:, 0], "colour": colours[rng.randint(0, 3, len(asked))]})

tree = lambda depth=3: DecisionTreeClassifier(max_depth=depth, random_state=seed)
grown = lambda depth=3: DecisionTreeRegressor(max_depth=depth, random_state=seed)
forest = lambda: RandomForestClassifier(n_estimators=3, max_depth=3, random_state=seed)
logistic = lambda c=1.0: LogisticRegression(C=c, solver="lbfgs", max_iter=200)
svc = lambda: LinearSVC(random_state=seed)
dropped = "drop" if version >= (0, 21) else None
encoded = lambda: make_pipeline(ColumnTransformer([("n", StandardScaler(), ["size"]), ("c", OneHotEncoder(), ["colour"])]), tree())
of = {"base_estimator": 0} if version < (1, 2) else {"estimator": 0}
holding = lambda model: {next(iter(of)): model}

# Trees alone answer to the last bit; the others are in "close".
exact = {
    "voting_hard": (VotingClassifier([("a", tree(1)), ("b", tree(3)), ("c", tree(5))]), x, three, asked),
    "voting_hard_weights": (VotingClassifier([("a", tree(1)), ("b", dropped), ("c", tree(5))], weights=[3, 100, 2]), frame(x), three, frame(asked)),
    "voting_soft": (VotingClassifier([("a", tree(2)), ("b", tree(3)), ("c", forest())], voting="soft", flatten_transform=True), x, three, asked),
    "voting_soft_weights": (VotingClassifier([("a", tree(2)), ("b", tree(5)), ("c", dropped)], voting="soft", weights=[0.3, 0.5, 9]), x, pair, asked),
    "voting_soft_one_row": (VotingClassifier([("t%d" % depth, tree(depth)) for depth in range(1, 10)], voting="soft"), x, two, asked[:1]),
    "voting_table": (VotingClassifier([("a", encoded()), ("b", encoded())], voting="soft", flatten_transform=True), mixed, three, some_mixed),
    "bagging": (BaggingClassifier(**holding(tree()), n_estimators=4, random_state=seed), x, three, asked),
    "bagging_features": (BaggingClassifier(**holding(tree()), n_estimators=4, max_features=0.5, random_state=seed), frame(x), three, frame(asked)),
    "bagging_features_twice": (BaggingClassifier(**holding(tree()), n_estimators=4, max_features=3, bootstrap_features=True, random_state=seed), x, pair, asked),
    "bagging_rare": (BaggingClassifier(**holding(tree()), n_estimators=6, max_samples=4, random_state=seed), x, five, asked),
    "bagging_default": (BaggingClassifier(n_estimators=3, max_samples=0.5, random_state=seed), x, two, asked),
    "bagging_regressor": (BaggingRegressor(**holding(grown()), n_estimators=4, random_state=seed), x, signal, asked),
    "bagging_regressor_two": (BaggingRegressor(**holding(grown()), n_estimators=3, max_features=0.5, random_state=seed), x, both, asked),
    "rest_trees": (OneVsRestClassifier(tree()), x, three, asked),
    "rest_trees_two": (OneVsRestClassifier(tree()), x, pair, asked),
    "rest_regressors": (OneVsRestClassifier(grown()), x, three, asked),
    "rest_several_labels": (OneVsRestClassifier(tree()), frame(x), labels, frame(asked)),
    "pairs_trees": (OneVsOneClassifier(tree()), x, five, asked),
    "pairs_trees_two": (OneVsOneClassifier(tree()), x, two, asked),
    "outputs_trees": (MultiOutputClassifier(tree()), frame(x), words, frame(asked)),
    "outputs_numbers": (MultiOutputClassifier(forest()), x, labels, asked),
    "outputs_regressor": (MultiOutputRegressor(grown()), x, both, asked),
    "target_scaled": (TransformedTargetRegressor(grown(), transformer=StandardScaler()), x, signal, asked),
    "target_min_max": (TransformedTargetRegressor(grown(), transformer=MinMaxScaler((-1, 3))), frame(x), signal, frame(asked)),
    "target_max_abs_two": (TransformedTargetRegressor(grown(), transformer=MaxAbsScaler()), x, both, asked),
    "target_robust_column": (TransformedTargetRegressor(grown(), transformer=RobustScaler()), x, signal[:, None], asked),
    "dummy_prior": (DummyClassifier(strategy="prior"), x, three, asked),
    "dummy_most_frequent": (DummyClassifier(strategy="most_frequent"), frame(x), five, frame(asked)),
    "dummy_constant": (DummyClassifier(strategy="constant", constant="middle"), x, three, asked),
    "dummy_constant_number": (DummyClassifier(strategy="constant", constant=4), x, five, asked),
    "dummy_constant_two": (DummyClassifier(strategy="constant", constant=True), x, two, asked),
    "dummy_outputs": (DummyClassifier(strategy="prior"), x, words, asked),
    "dummy_outputs_constant": (DummyClassifier(strategy="constant", constant=["low", "no"]), x, words, asked),
    "dummy_outputs_array": (DummyClassifier(strategy="constant", constant=np.array([1, 0, 1])), x, labels, asked),
    "dummy_mean": (DummyRegressor(), x, signal, asked),
    "dummy_median": (DummyRegressor(strategy="median"), frame(x), signal, frame(asked)),
    "dummy_quantile": (DummyRegressor(strategy="quantile", quantile=0.2), x, signal, asked),
    "dummy_number": (DummyRegressor(strategy="constant", constant=-2.5), x, signal, asked),
    "dummy_two": (DummyRegressor(), x, both, asked),
    "voting_with_dummy": (VotingClassifier([("a", DummyClassifier(strategy="prior")), ("b", tree())], voting="soft"), x, three, asked),
    "target_as_it_is": (TransformedTargetRegressor(grown()), x, signal, asked),
}
close = {
    "voting_soft_mixed": (VotingClassifier([("a", logistic()), ("b", GaussianNB()), ("c", tree())], voting="soft", weights=[1, 2, 2]), x, three, asked),
    "voting_hard_mixed": (VotingClassifier([("a", logistic()), ("b", svc()), ("c", make_pipeline(StandardScaler(), logistic(0.1)))]), x, three, asked),
    "voting_in_voting": (VotingClassifier([("a", VotingClassifier([("c", logistic()), ("d", tree())], voting="soft")), ("b", GaussianNB())], voting="soft"), x, two, asked),
    "bagging_without_probabilities": (BaggingClassifier(**holding(RidgeClassifier()), n_estimators=4, random_state=seed), x, three, asked),
    "bagging_logistic": (BaggingClassifier(**holding(logistic()), n_estimators=3, max_features=2, random_state=seed), x, three, asked),
    "bagging_svc_two": (BaggingClassifier(**holding(svc()), n_estimators=3, random_state=seed), x, pair, asked),
    "bagging_linear": (BaggingRegressor(**holding(LinearRegression()), n_estimators=3, random_state=seed), x, signal, asked),
    "rest_logistic": (OneVsRestClassifier(logistic()), x, three, asked),
    "rest_svc": (OneVsRestClassifier(svc()), x, five, asked),
    "rest_svc_two": (OneVsRestClassifier(svc()), x, two, asked),
    "rest_bayes_several": (OneVsRestClassifier(GaussianNB()), x, labels, asked),
    "rest_logistic_several": (OneVsRestClassifier(logistic()), x, labels, asked),
    "rest_always": (OneVsRestClassifier(logistic()), x, always, asked),
    "rest_never": (OneVsRestClassifier(logistic()), x, always[:, ::-1], asked),
    "rest_ridge": (OneVsRestClassifier(Ridge()), x, three, asked),
    "pairs_logistic": (OneVsOneClassifier(logistic()), x, five, asked),
    "pairs_svc": (OneVsOneClassifier(svc()), frame(x), three, frame(asked)),
    "pairs_svc_two": (OneVsOneClassifier(svc()), x, pair, asked),
    "pairs_bayes": (OneVsOneClassifier(GaussianNB()), x, three, asked),
    "outputs_logistic": (MultiOutputClassifier(logistic()), x, words, asked),
    "outputs_svc": (MultiOutputClassifier(svc()), x, labels, asked),
    "outputs_linear": (MultiOutputRegressor(Ridge()), frame(x), both, frame(asked)),
    "target_logarithm": (TransformedTargetRegressor(LinearRegression(), func=np.log1p, inverse_func=np.expm1), x, np.exp(signal), asked),
    "target_root": (TransformedTargetRegressor(Ridge(), func=np.sqrt, inverse_func=np.square), x, np.exp(signal), asked),
    "target_linear_two": (TransformedTargetRegressor(LinearRegression(), transformer=StandardScaler()), x, both, asked),
    "calibrated_sigmoid": (CalibratedClassifierCV(svc(), cv=3), x, three, asked),
    "calibrated_sigmoid_two": (CalibratedClassifierCV(svc(), cv=2), frame(x), pair, frame(asked)),
    "calibrated_isotonic": (CalibratedClassifierCV(tree(), method="isotonic", cv=3), x, three, asked),
    "calibrated_isotonic_two": (CalibratedClassifierCV(GaussianNB(), method="isotonic", cv=2), x, two, asked),
    "calibrated_default": (CalibratedClassifierCV(cv=3), x, two, asked),
    "calibrated_boosting": (CalibratedClassifierCV(GradientBoostingClassifier(n_estimators=2, max_depth=2, random_state=seed), cv=2), x, five, asked),
    "rest_of_calibrated": (OneVsRestClassifier(CalibratedClassifierCV(svc(), cv=2)), x, three, asked),
}
if version < (0, 22):
    exact.pop("voting_table")
    close.pop("calibrated_boosting")
if version < (1, 8):
    close["calibrated_prefit"] = (CalibratedClassifierCV(tree().fit(x, three), method="sigmoid", cv="prefit"), x, three, asked)
    close["calibrated_prefit_isotonic"] = (CalibratedClassifierCV(svc().fit(x, two), method="isotonic", cv="prefit"), x, two, asked)
if version >= (0, 24):
    close["calibrated_together"] = (CalibratedClassifierCV(svc(), cv=3, ensemble=False), x, three, asked)
    close["calibrated_together_isotonic"] = (CalibratedClassifierCV(forest(), method="isotonic", cv=3, ensemble=False), x, two, asked)
if version >= (1, 6):
    from sklearn.frozen import FrozenEstimator
    close["calibrated_frozen"] = (CalibratedClassifierCV(FrozenEstimator(logistic().fit(x, three))), x, three, asked)
    exact["frozen"] = (FrozenEstimator(tree().fit(x, three)), x, three, asked)
if version >= (1, 8):
    close["calibrated_temperature"] = (CalibratedClassifierCV(logistic(), method="temperature", cv=3), x, five, asked)
    close["calibrated_temperature_two"] = (CalibratedClassifierCV(svc(), method="temperature", cv=2), x, pair, asked)
    close["calibrated_temperature_shares"] = (CalibratedClassifierCV(forest(), method="temperature", cv=2), x, two, asked)
    close["calibrated_temperature_many"] = (CalibratedClassifierCV(GaussianNB(), method="temperature", cv=2), x, five, asked)
if version >= (0, 21):
    from sklearn.ensemble import VotingRegressor
    exact["voting_regressor"] = (VotingRegressor([("a", grown(1)), ("b", grown(2)), ("c", grown(5))]), x, signal, asked)
    exact["voting_regressor_weights"] = (VotingRegressor([("a", grown(1)), ("b", "drop"), ("c", grown(5))], weights=[0.1, 5, 0.7]), frame(x), signal, frame(asked))
    exact["voting_regressor_one_row"] = (VotingRegressor([("t%d" % depth, grown(depth)) for depth in range(1, 11)]), x, signal, asked[:1])
    close["voting_regressor_mixed"] = (VotingRegressor([("a", LinearRegression()), ("b", Ridge()), ("c", grown())]), x, signal, asked)
if version >= (0, 22):
    from sklearn.ensemble import StackingClassifier, StackingRegressor
    exact["stacking_trees"] = (StackingClassifier([("a", tree(2)), ("b", "drop"), ("c", forest())], tree(), cv=3), x, three, asked)
    exact["stacking_trees_two"] = (StackingClassifier([("a", tree(2)), ("b", forest())], tree(), cv=3, passthrough=True), frame(x), pair, frame(asked))
    exact["stacking_predict"] = (StackingClassifier([("a", tree(2)), ("b", tree(4))], forest(), cv=3, stack_method="predict"), x, three, asked)
    exact["stacking_regressor_trees"] = (StackingRegressor([("a", grown(2)), ("b", RandomForestRegressor(n_estimators=2, max_depth=3, random_state=seed))], grown(), cv=3, passthrough=True), x, signal, asked)
    close["stacking"] = (StackingClassifier([("a", logistic()), ("b", svc()), ("c", tree())], cv=3), x, three, asked)
    close["stacking_two"] = (StackingClassifier([("a", GaussianNB()), ("b", svc())], logistic(), cv=3, passthrough=True), x, two, asked)
    close["stacking_svc"] = (StackingClassifier([("a", make_pipeline(StandardScaler(), svc())), ("b", tree())], svc(), cv=3), frame(x), three, frame(asked))
    close["stacking_regressor"] = (StackingRegressor([("a", LinearRegression()), ("b", "drop"), ("c", grown())], cv=3), frame(x), signal, frame(asked))
if version >= (1, 1):
    exact["stacking_prefit"] = (StackingClassifier([("a", tree(2).fit(x, five)), ("b", forest().fit(x, five))], tree(), cv="prefit", stack_method="predict"), x, five, asked)
isolated = {"contamination": "auto"} if version >= (0, 20) else {}
new = {"behaviour": "new"} if version < (0, 22) else {}
close.update({
    "isolation": (IsolationForest(n_estimators=5, max_samples=16, random_state=seed, **isolated, **new), x, None, asked),
    "isolation_features": (IsolationForest(n_estimators=5, max_samples=20, max_features=0.5, contamination=0.2, random_state=seed, **new), frame(x), None, frame(asked)),
    "isolation_bootstrap": (IsolationForest(n_estimators=3, max_samples=0.3, bootstrap=True, contamination=0.1, random_state=seed, **new), x, None, asked[:1]),
    "isolation_of_two": (IsolationForest(n_estimators=10, max_samples=2, random_state=seed, contamination=0.1, **new), x, None, asked),
})
if version < (0, 20) or version >= (1, 0):
    close["isolation_of_one"] = (IsolationForest(n_estimators=3, max_samples=1, random_state=seed, contamination=0.1), x, None, asked)
if version < (0, 22):
    close["isolation_old"] = (IsolationForest(n_estimators=12, max_samples=16, contamination=0.1, behaviour="old", random_state=seed), x, None, asked)
    close["isolation_old_one_row"] = (IsolationForest(n_estimators=12, max_samples=16, contamination=0.1, behaviour="old", random_state=seed), x, None, asked[:1])
if version >= (1, 6):
    some = np.where(rng.random_sample(x.shape) < 0.2, np.nan, x)
    close["isolation_missing"] = (IsolationForest(n_estimators=4, max_samples=30, random_state=seed), some, None, np.where(rng.random_sample(asked.shape) < 0.2, np.nan, asked))
close.update({
    "k_means": (KMeans(3, n_init=2, random_state=seed), x, None, asked),
    "k_means_names": (KMeans(5, n_init=1, random_state=seed), frame(x), None, frame(asked)),
    "k_means_mini_batch": (MiniBatchKMeans(4, n_init=1, batch_size=30, random_state=seed), x, None, asked),
    "k_means_then_tree": (make_pipeline(StandardScaler(), KMeans(3, n_init=1, random_state=seed)), x, None, asked),
    "elliptic_envelope": (EllipticEnvelope(random_state=seed), x, None, asked),
    "elliptic_envelope_names": (EllipticEnvelope(contamination=0.3, assume_centered=True, random_state=seed), frame(x), None, frame(asked)),
})
try:
    from imblearn.over_sampling import SMOTE, RandomOverSampler
    from imblearn.pipeline import make_pipeline as make_pipeline_with_samplers
    from imblearn.under_sampling import RandomUnderSampler
    rare = np.where(signal > 1.2, "rare", "usual")
    exact["sampled"] = (make_pipeline_with_samplers(StandardScaler(), SMOTE(k_neighbors=2, random_state=seed), RandomUnderSampler(random_state=seed), tree()), x, rare, asked)
    exact["sampled_names"] = (make_pipeline_with_samplers(RandomOverSampler(random_state=seed), MinMaxScaler(), tree()), frame(x), rare, frame(asked))
except ImportError:
    pass
METHODS = ("predict", "predict_proba", "decision_function", "transform")
every = {**exact, **close}


def write(number, name, model, rows):
    kinds = ("p2", "joblib", "p5")
    kind = kinds[number % 3 if pickle.HIGHEST_PROTOCOL >= 5 else number % 2]
    if kind == "joblib":
        joblib.dump(model, f"{out}/{name}.joblib", compress=number % 12 == 1)
    else:
        with open(f"{out}/{name}.{kind}.pkl", "wb") as file:
            pickle.dump(model, file, protocol=int(kind[1]))
    names, columns = table_of(rows)
    said = {"model": type(model).__name__, "names": names, "columns": columns}
    for method in METHODS:
        if not hasattr(model, method):
            continue
        try:
            answer = getattr(model, method)(rows)
        except Exception as why:
            print("no", method, "from", name, why)
            continue
        if method == "transform" and np.ndim(answer) == 3:
            continue
        said[method] = plain(answer)
    if name in close:
        said["close"] = list(METHODS)
    if hasattr(model, "get_feature_names_out") and hasattr(model, "transform"):
        try:
            said["names_out"] = [str(name) for name in model.get_feature_names_out()]
        except Exception as why:
            print("no names from", name, why)
    json.dump(said, open(f"{out}/{name}.json", "w"))


fitted = 0
for number, (name, (model, features, target, rows)) in enumerate(every.items()):
    try:
        model.fit(features) if target is None else model.fit(features, target)
    except Exception as why:
        print("not fitted:", name, why)
        continue
    write(number, name, model, rows)
    fitted += 1
json.dump({"scikit-learn": sklearn.__version__, "numpy": np.__version__, "joblib": joblib.__version__, "seed": seed}, open(f"{out}/versions.json", "w"))
print(sklearn.__version__, np.__version__, fitted)
