"""Write fitted linear models, naive Bayes, neural networks and dummies, and what they answer, with the scikit-learn of
this interpreter.

usage: python make_linear.py OUTDIR [SEED]

OUTDIR gets, for each model NAME, NAME.p2.pkl or NAME.joblib, and NAME.json: the columns of a table (as float.hex())
and the model's own answers, every float as its hex form.
"""
import json, os, pickle, sys, warnings

import numpy as np
import sklearn
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.linear_model import (ARDRegression, BayesianRidge, ElasticNet, ElasticNetCV, HuberRegressor, Lars, LarsCV,
                                  Lasso, LassoCV, LassoLars, LassoLarsCV, LassoLarsIC,
                                  LinearRegression, LogisticRegression,
                                  LogisticRegressionCV, MultiTaskElasticNet,
                                  MultiTaskElasticNetCV, MultiTaskLasso, MultiTaskLassoCV,
                                  OrthogonalMatchingPursuit, OrthogonalMatchingPursuitCV,
                                  PassiveAggressiveClassifier, PassiveAggressiveRegressor,
                                  Perceptron, Ridge, RidgeCV, RidgeClassifier,
                                  RidgeClassifierCV, SGDClassifier, SGDRegressor,
                                  TheilSenRegressor)
from sklearn.naive_bayes import BernoulliNB, ComplementNB, GaussianNB, MultinomialNB
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.svm import LinearSVC, LinearSVR

try:
    from sklearn.naive_bayes import CategoricalNB
except ImportError:  # before 0.22
    pass

from answers import ask, is_fitted, plain, save, save_versions

warnings.simplefilter("ignore")
out, seed = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 0
os.makedirs(out, exist_ok=True)
rng = np.random.RandomState(seed)
version = tuple(int(part) for part in sklearn.__version__.split(".")[:2])

rows = 150
x = rng.standard_normal((rows, 4)) * np.array([1, 3, 0.5, 2]) + np.array([0, 1, 0, -1])
signal = x[:, 0] + x[:, 1] / 3 + rng.standard_normal(rows) / 4
three = np.array(["low", "middle", "high"])[np.digitize(signal, [0, 1])]
two = signal > 0.5
pair = np.where(two, 7, -7)
both = np.c_[signal, x[:, 2] - x[:, 3] + rng.standard_normal(rows) / 9]
asked = np.vstack([x[:15], rng.standard_normal((10, 4)) * 4])

models = {
    "logistic_two": (LogisticRegression(), x, two, asked),
    "logistic_three": (LogisticRegression(), x, three, asked),
    "logistic_liblinear_two": (LogisticRegression(solver="liblinear"), x, pair, asked),
    "logistic_saga_l1": (LogisticRegression(solver="saga", penalty="l1", C=0.3, random_state=seed), x, three, asked),
    "logistic_float32": (LogisticRegression(C=10.0), x.astype(np.float32), three, asked),
    "logistic_without_intercept": (LogisticRegression(fit_intercept=False, C=0.1), x, three, asked),
    "logistic_cv_two": (LogisticRegressionCV(Cs=3, cv=3), x, pair, asked),
    "logistic_cv_three": (LogisticRegressionCV(Cs=3, cv=3), x, three, asked),
    "linear_regression": (LinearRegression(), x, signal, asked),
    "linear_regression_column": (LinearRegression(), x, signal[:, None], asked),
    "linear_regression_two_outputs": (LinearRegression(), x, both, asked),
    "linear_regression_without_intercept": (LinearRegression(fit_intercept=False), x, both, asked),
    "ridge": (Ridge(alpha=2.0), x, signal, asked),
    "ridge_two_outputs": (Ridge(alpha=2.0), x, both, asked),
    "ridge_cv": (RidgeCV(), x, signal, asked),
    "ridge_classifier_two": (RidgeClassifier(), x, two, asked),
    "ridge_classifier_three": (RidgeClassifier(), x, three, asked),
    "ridge_classifier_cv": (RidgeClassifierCV(), x, three, asked),
    "ridge_classifier_without_intercept": (RidgeClassifier(fit_intercept=False), x, pair, asked),
    "lasso": (Lasso(alpha=0.1), x, signal, asked),
    "lasso_cv": (LassoCV(cv=3), x, signal, asked),
    "elastic_net": (ElasticNet(alpha=0.1), x, both, asked),
    "elastic_net_cv": (ElasticNetCV(cv=3), x, signal, asked),
    "multi_task_lasso": (MultiTaskLasso(alpha=0.1), x, both, asked),
    "multi_task_lasso_cv": (MultiTaskLassoCV(cv=3), x, both, asked),
    "multi_task_elastic_net": (MultiTaskElasticNet(alpha=0.1), x, both, asked),
    "multi_task_elastic_net_cv": (MultiTaskElasticNetCV(cv=3), x, both, asked),
    "sgd_hinge": (SGDClassifier(random_state=seed), x, three, asked),
    "sgd_log_two": (SGDClassifier(loss="log" if version < (1, 1) else "log_loss", random_state=seed), x, two, asked),
    "sgd_log_three": (SGDClassifier(loss="log" if version < (1, 1) else "log_loss", average=True, random_state=seed), x, three, asked),
    "sgd_huber_two": (SGDClassifier(loss="modified_huber", random_state=seed), x, pair, asked),
    "sgd_huber_three": (SGDClassifier(loss="modified_huber", random_state=seed), x, three, asked),
    "sgd_regressor": (SGDRegressor(alpha=0.01, random_state=seed), x, signal, asked),
    "perceptron": (Perceptron(random_state=seed), x, three, asked),
    "perceptron_two": (Perceptron(random_state=seed), x, two, asked),
    "passive_aggressive": (PassiveAggressiveClassifier(random_state=seed), x, three, asked),
    "passive_aggressive_regressor": (PassiveAggressiveRegressor(random_state=seed), x, signal, asked),
    "linear_svc_two": (LinearSVC(random_state=seed), x, pair, asked),
    "linear_svc_three": (LinearSVC(random_state=seed), x, three, asked),
    "linear_svc_crammer_singer": (LinearSVC(multi_class="crammer_singer", random_state=seed), x, three, asked),
    "linear_svr": (LinearSVR(random_state=seed), x, signal, asked),
    "lda_two": (LinearDiscriminantAnalysis(), x, two, asked),
    "lda_three": (LinearDiscriminantAnalysis(), x, three, asked),
    "lda_one_component": (LinearDiscriminantAnalysis(n_components=1), x, three, asked),
    "lda_eigen": (LinearDiscriminantAnalysis(solver="eigen", shrinkage="auto"), x, three, asked),
    "lda_lsqr": (LinearDiscriminantAnalysis(solver="lsqr"), x, three, asked),
}
if version < (1, 8):
    models["logistic_ovr"] = (LogisticRegression(multi_class="ovr"), x, three, asked)
    models["logistic_multinomial_two"] = (LogisticRegression(solver="lbfgs", multi_class="multinomial"), x, two, asked)
    models["logistic_multinomial_three"] = (LogisticRegression(solver="lbfgs", multi_class="multinomial"), x, three, asked)
    models["logistic_liblinear_three"] = (LogisticRegression(solver="liblinear"), x, three, asked)
    models["logistic_cv_multinomial_two"] = (LogisticRegressionCV(Cs=2, cv=2, multi_class="multinomial"), x, two, asked)
    models["logistic_cv_ovr"] = (LogisticRegressionCV(Cs=2, cv=2, multi_class="ovr"), x, three, asked)
if version >= (1, 2):
    models["logistic_newton_cholesky"] = (LogisticRegression(solver="newton-cholesky"), x, three, asked)
counts = np.floor(np.abs(x) * 2)
some = np.floor(np.abs(asked) * 2)
codes = rng.randint(0, 4, (rows, 4)).astype(float)
codes[:4] = np.arange(4)[:, None]
models.update({
    "gaussian_two": (GaussianNB(), x, two, asked),
    "gaussian_three": (GaussianNB(priors=[0.2, 0.5, 0.3]), x, three, asked),
    "multinomial_nb": (MultinomialNB(alpha=0.5), counts, three, some),
    "multinomial_nb_uniform": (MultinomialNB(fit_prior=False), counts, pair, some),
    "complement_nb": (ComplementNB(), counts, three, some),
    "complement_nb_norm": (ComplementNB(norm=True), counts, pair, some),
    "bernoulli_nb": (BernoulliNB(), x, three, asked),
    "bernoulli_nb_plain": (BernoulliNB(binarize=None), (x > 0).astype(float), two, (asked > 0).astype(float)),
    "bernoulli_nb_below_zero": (BernoulliNB(binarize=-0.5), x, two, asked),
})
models.update({
    "mlp_two": (MLPClassifier(hidden_layer_sizes=(5,), max_iter=30, random_state=seed), x, two, asked),
    "mlp_three": (MLPClassifier(hidden_layer_sizes=(6, 4), activation="tanh", max_iter=30, random_state=seed), x, three, asked),
    "mlp_logistic": (MLPClassifier(hidden_layer_sizes=(4,), activation="logistic", solver="lbfgs", max_iter=30, random_state=seed), x, pair, asked),
    "mlp_float32": (MLPClassifier(hidden_layer_sizes=(4,), max_iter=20, random_state=seed), x.astype(np.float32), three, asked),
    "mlp_regressor": (MLPRegressor(hidden_layer_sizes=(5, 3), max_iter=30, random_state=seed), x, signal, asked),
    "mlp_regressor_two_outputs": (MLPRegressor(hidden_layer_sizes=(4,), activation="identity", max_iter=30, random_state=seed), x, both, asked),
})
models.update({
    "bayesian_ridge": (BayesianRidge(), x, signal, asked),
    "ard_regression": (ARDRegression(), x, signal, asked),
    "huber_regressor": (HuberRegressor(), x, signal, asked),
    "lars": (Lars(n_nonzero_coefs=2), x, signal, asked),
    "lars_two_outputs": (Lars(n_nonzero_coefs=2), x, both, asked),
    "lars_cv": (LarsCV(cv=3), x, signal, asked),
    "lasso_lars": (LassoLars(alpha=0.01), x, both, asked),
    "lasso_lars_cv": (LassoLarsCV(cv=3), x, signal, asked),
    "lasso_lars_ic": (LassoLarsIC(criterion="bic"), x, signal, asked),
    "matching_pursuit": (OrthogonalMatchingPursuit(n_nonzero_coefs=2), x, both, asked),
    "matching_pursuit_cv": (OrthogonalMatchingPursuitCV(cv=3), x, signal, asked),
    "theil_sen": (TheilSenRegressor(max_subpopulation=50, random_state=seed), x, signal, asked),
})
if version >= (1, 0):
    from sklearn.linear_model import QuantileRegressor
    models["quantile_regressor"] = (QuantileRegressor(alpha=0.01, solver="highs"), x, signal, asked)
if version >= (0, 22):
    models["categorical_nb"] = (CategoricalNB(), codes, three, codes[:20])
try:
    import pandas as pd
    named = lambda numbers: pd.DataFrame(numbers, columns=["a", "b", "c", "d"])
    models["logistic_names"] = (LogisticRegression(), named(x), three, named(asked))
except ImportError:
    pass


for place, (name, (model, x, y, asked)) in enumerate(models.items()):
    if not is_fitted(name, model, x, y):
        continue
    save(out, name, place, model)
    numbers = np.asarray(asked, dtype=np.float64)
    names = [str(column) for column in asked.columns] if hasattr(asked, "columns") and version >= (1, 0) else None
    said = {"model": type(model).__name__, "object": None, "names": names, "columns": plain(numbers.T)}
    ask(name, model, asked, said)
    json.dump(said, open(f"{out}/{name}.json", "w"))
save_versions(out, seed, len(models))
