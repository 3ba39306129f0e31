"""Write transformers of columns and linear models with sparse coefficients, what they answer, and the names of the columns that they make, with the scikit-learn of this interpreter.

usage: python make_features.py OUTDIR [SEED]

OUTDIR gets, for each model NAME, NAME.p2.pkl or NAME.joblib, and NAME.json: the columns of a table (words, or
float.hex() of numbers), the model's own answers, every float as its hex form, and get_feature_names_out() where
scikit-learn has it.
"""
import json, os, pickle, sys, warnings

import joblib
import numpy as np
import pandas as pd
import sklearn
from sklearn.compose import ColumnTransformer
from sklearn.decomposition import NMF, PCA, TruncatedSVD
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.feature_extraction import DictVectorizer
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer, TfidfTransformer, TfidfVectorizer
from sklearn.feature_selection import RFE, SelectFromModel, SelectKBest, VarianceThreshold, chi2
from sklearn.linear_model import (LogisticRegression, PassiveAggressiveClassifier, PassiveAggressiveRegressor, Perceptron,
                                  SGDClassifier, SGDRegressor)
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import (Binarizer, KBinsDiscretizer, MaxAbsScaler, MinMaxScaler, Normalizer, OneHotEncoder,
                                   PolynomialFeatures, PowerTransformer, QuantileTransformer, StandardScaler)
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier

from answers import plain, table_of

warnings.simplefilter("ignore")
out, seed = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 0
os.makedirs(out, exist_ok=True)
rng = np.random.RandomState(seed)
version = tuple(int(part) for part in sklearn.__version__.split(".")[:2])

rows = 60
numbers = rng.standard_normal((rows, 3)) * [1, 3, 0.5] + [0, 1, 0]
signal = numbers[:, 0] + numbers[:, 1] / 3 + rng.standard_normal(rows) / 4
three = np.array(["low", "middle", "high"])[np.digitize(signal, [-0.3, 0.8])]
asked = np.vstack([numbers[:8], rng.standard_normal((12, 3)) * 3])
positive, some_positive = np.exp(numbers), np.exp(asked / 2)
frame = lambda x: pd.DataFrame(x, columns=["a", "b c", "d"])
frame7 = lambda x: pd.DataFrame(x, columns=list("abcdefg"))
WORDS = "free offer lunch the naïve win call now test".split()
text = lambda: " ".join(rng.choice(WORDS, rng.randint(1, 6)))
texts, some_texts = [text() for _ in range(30)], [text() for _ in range(12)] + ["", "unseen"]
mixed = pd.DataFrame({"text": texts, "weight": positive[:30, 0], "colour": rng.choice(["red", "blue"], 30)})
some_mixed = mixed[:10].assign(text=some_texts[:10])
side = np.where(rng.random_sample(30) < 0.5, "ham", "spam")

models = {
    "names_count": (CountVectorizer(ngram_range=(1, 2), max_features=12), texts, None, some_texts),
    "names_tfidf": (TfidfVectorizer(), texts, None, some_texts),
    "names_text_svd": (make_pipeline(TfidfVectorizer(), TruncatedSVD(2, random_state=seed)), texts, None, some_texts),
    "names_text_best": (make_pipeline(CountVectorizer(), TfidfTransformer(), SelectKBest(chi2, k=4), MaxAbsScaler()), texts, side, some_texts),
    "names_hashing": (make_pipeline(HashingVectorizer(n_features=8), MaxAbsScaler()), texts, None, some_texts),
    "names_union_text": (FeatureUnion([("words", CountVectorizer()), ("chars", TfidfVectorizer(analyzer="char", max_features=6)), ("none", "drop")], transformer_weights={"chars": 0.5}), texts, None, some_texts),
    "names_columns": (ColumnTransformer([("words", CountVectorizer(max_features=5), "text"), ("colour", OneHotEncoder(), ["colour"]), ("powers", make_pipeline(StandardScaler(), PolynomialFeatures(3, include_bias=False)), ["weight"])], sparse_threshold=0), mixed, None, some_mixed),
    "names_best": (SelectKBest(chi2, k=2), frame(positive), three, frame(some_positive)),
    "names_variance": (VarianceThreshold(0.5), numbers, None, asked),
    "names_rfe": (RFE(DecisionTreeClassifier(random_state=seed), n_features_to_select=2), frame(numbers), three, frame(asked)),
    "names_from_tree": (SelectFromModel(DecisionTreeClassifier(random_state=seed)), frame(numbers), three, frame(asked)),
    "names_pca": (PCA(2), frame(numbers), None, frame(asked)),
    "names_discriminant": (LinearDiscriminantAnalysis(n_components=2), frame(numbers), three, frame(asked)),
    "names_polynomial": (PolynomialFeatures(4), frame(numbers), None, frame(asked)),
    "names_interactions": (PolynomialFeatures(3, interaction_only=True), numbers, None, asked),
    "names_one_column": (PolynomialFeatures(9, include_bias=False), numbers[:, :1], None, asked[:, :1]),
}
if version >= (1, 0):
    # before, these did not say how many columns they were fitted on
    models["names_degrees"] = (PolynomialFeatures((2, 3), include_bias=False), frame(numbers), None, frame(asked))
    models["names_normalizer"] = (Normalizer("l1"), frame(numbers), None, frame(asked))
    models["names_binarizer"] = (Binarizer(), numbers, None, asked)
    models["names_union"] = (FeatureUnion([("pca", PCA(2)), ("signs", Binarizer()), ("same", "passthrough")]), frame(numbers), None, frame(asked))
    models["names_chain"] = (make_pipeline(MinMaxScaler(), FeatureUnion([("best", SelectKBest(chi2, k=2)), ("all", Normalizer("max"))]), PolynomialFeatures(2)), frame(numbers), three, frame(asked))
if version >= (1, 5):
    models["names_union_short"] = (FeatureUnion([("pca", PCA(2)), ("signs", Binarizer())], verbose_feature_names_out=False), numbers, None, asked)
    models["names_union_twice"] = (FeatureUnion([("one", Normalizer("l1")), ("signs", Binarizer())], verbose_feature_names_out=False), numbers, None, asked)

l1 = dict(penalty="l1", random_state=seed)
wide, some_wide = np.where(rng.random_sample((rows, 12)) < 0.6, 0, rng.standard_normal((rows, 12))), rng.standard_normal((15, 12))
models.update({
    "sparse_logistic": (LogisticRegression(solver="liblinear", C=0.5, **l1), wide, three == "low", some_wide),
    "sparse_logistic_frame": (LogisticRegression(solver="saga", C=0.5, **l1), frame(numbers), three, frame(asked)),
    "sparse_sgd": (SGDClassifier(alpha=0.05, **l1), wide, three, some_wide),
    "sparse_sgd_huber": (SGDClassifier(loss="modified_huber", alpha=0.05, **l1), wide, three, some_wide),
    "sparse_nothing": (SGDClassifier(alpha=1000.0, **l1), wide, three == "low", some_wide),
    "sparse_perceptron": (Perceptron(alpha=0.01, **l1), wide, three, some_wide),
    "sparse_passive": (PassiveAggressiveClassifier(random_state=seed), wide, three, some_wide),
    "sparse_svc": (LinearSVC(dual=False, C=0.3, **l1), wide, three, some_wide),
    "sparse_sgd_regressor": (SGDRegressor(alpha=0.05, **l1), wide, signal, some_wide),
    "sparse_passive_regressor": (PassiveAggressiveRegressor(random_state=seed), wide, signal, some_wide),
})

with_holes = lambda x: np.where(rng.random_sample(x.shape) < 0.1, np.nan, x)
holes, some_holes = with_holes(numbers), with_holes(asked)
# numbers that are edges of bins or quantiles, that are nearly so, and that are there often
round_numbers, some_round = numbers.round(1), np.vstack([numbers[:10].round(1), asked.round(1), asked[:4].round(1) + 1e-9, asked[4:8].round(1) - 1e-7])
constant = np.c_[numbers[:, :2], np.full(rows, 4.0)]
models.update({
    "bins": (KBinsDiscretizer(4), frame(numbers), None, frame(asked)),
    "bins_ordinal": (KBinsDiscretizer([3, 2, 6], encode="ordinal", strategy="uniform"), round_numbers, None, some_round),
    "bins_dense": (KBinsDiscretizer(3, encode="onehot-dense", strategy="kmeans"), frame(numbers), None, frame(asked)),
    "bins_rounded": (KBinsDiscretizer(5, encode="ordinal"), round_numbers, None, some_round),
    "bins_constant": (KBinsDiscretizer(3, encode="onehot-dense"), constant, None, asked),
    "bins_to_tree": (make_pipeline(KBinsDiscretizer(4), SelectKBest(chi2, k=5), DecisionTreeClassifier(max_depth=3, random_state=seed)), frame(numbers), three, frame(asked)),
    "power": (PowerTransformer(), frame(holes), None, frame(some_holes)),
    "power_plain": (PowerTransformer(standardize=False), np.c_[positive, -positive], None, np.c_[some_positive, -some_positive]),
    "power_box_cox": (PowerTransformer("box-cox"), frame(positive), None, frame(some_positive)),
    "power_box_cox_plain": (PowerTransformer("box-cox", standardize=False), np.where(np.isnan(holes), np.nan, positive), None, some_positive),
    "power_refuses": (PowerTransformer("box-cox"), positive, None, asked),
    "quantiles": (QuantileTransformer(n_quantiles=20), frame(holes), None, frame(some_holes)),
    "quantiles_many": (QuantileTransformer(n_quantiles=rows), round_numbers, None, some_round),
    "quantiles_normal": (QuantileTransformer(n_quantiles=40, output_distribution="normal"), round_numbers, None, np.vstack([some_round, round_numbers.min(0), round_numbers.max(0), [[-99, 0, 99]]])),
    "quantiles_constant": (QuantileTransformer(n_quantiles=10, output_distribution="normal"), constant, None, np.vstack([asked, constant[:3], [[0, 0, 4 + 1e-8]]])),
    "quantiles_one": (QuantileTransformer(n_quantiles=1), numbers, None, asked),
    "quantiles_text": (make_pipeline(CountVectorizer(max_features=8), QuantileTransformer(n_quantiles=9, output_distribution="normal"), TfidfTransformer(norm=None, use_idf=False)), texts, None, some_texts),
    "quantiles_text_zeros": (make_pipeline(TfidfVectorizer(max_features=8), QuantileTransformer(n_quantiles=6, ignore_implicit_zeros=True)), texts, None, some_texts),
    "columns_of_all": (ColumnTransformer([("bins", KBinsDiscretizer(3), ["a"]), ("power", PowerTransformer(), ["b c", "d"]), ("shares", QuantileTransformer(n_quantiles=30), ["d"])]), frame(numbers), None, frame(asked)),
})
if version >= (0, 24):
    models["bins_single"] = (KBinsDiscretizer(3, encode="ordinal", dtype=np.float32), round_numbers, None, some_round)
places = pd.DataFrame({"city": rng.choice(["Bern", "Oslo", "São Paulo"], 30), "degrees": rng.standard_normal(30).round(1), "a=b": rng.choice(["x", "c=d"], 30), "n": rng.randint(0, 3, 30).astype(float)})
some_places = pd.DataFrame({"n": [1.0, 0.0, np.nan, 7.0], "other": [1.0, 2.0, 3.0, 4.0], "city": ["Oslo", "Rome", None, "São Paulo"], "kind": [None, "new", "n", "city"], "degrees": [0.0, -3.5, 21.25, 1e-3], "a=b": ["x", "c=d", "", "y"]}).astype({"city": object, "kind": object, "a=b": object})
records = lambda table: [dict(zip(table.columns, row)) for row in table.astype(object).itertuples(index=False)]
models.update({
    "dictionaries": (DictVectorizer(), places, None, some_places),
    "dictionaries_dense": (DictVectorizer(sparse=False, sort=False, separator=": "), places, None, some_places),
    "dictionaries_single": (DictVectorizer(dtype=np.float32), places, None, some_places),
    "dictionaries_clash": (DictVectorizer(sparse=False), pd.DataFrame({"a": ["b", "c"], "a=b": [1.5, 2.5]}), None, pd.DataFrame({"a=b": [4.0, -1.0], "a": ["b", "c"]})),
    "dictionaries_to_logistic": (make_pipeline(DictVectorizer(), MaxAbsScaler(), LogisticRegression()), places, side, some_places.drop(columns=["n", "other"])),
})
parts, weights = rng.random_sample((3, 7)) * (rng.random_sample((3, 7)) < 0.7), rng.random_sample((50, 3))
mixtures, some_mixtures = weights @ parts + rng.random_sample((50, 7)) / 20, np.vstack([weights[:20] @ parts * 1.5, np.zeros((1, 7)), rng.random_sample((6, 7))])
costs = {"alpha": 0.05} if version < (1, 0) else {"alpha_W": 0.01}
models.update({
    "nmf": (NMF(3, init="nndsvda", max_iter=300), frame7(mixtures), None, frame7(some_mixtures)),
    "nmf_exact": (NMF(3, init="random", tol=1e-9, max_iter=3000, random_state=seed), mixtures, None, some_mixtures),
    "nmf_costs": (NMF(3, init="nndsvd", l1_ratio=0.3, **costs), mixtures, None, some_mixtures),
    "nmf_few_steps": (NMF(4, init="random", max_iter=5, random_state=seed), mixtures, None, some_mixtures),
    "nmf_refuses": (NMF(2, init="random", random_state=seed), mixtures, None, -some_mixtures),
    "nmf_text": (make_pipeline(TfidfVectorizer(), NMF(3, init="nndsvd", random_state=seed)), texts, None, some_texts),
})
if version < (0, 22):
    # it keeps no names of columns, and products are multiplied in another order
    for name in ("names_columns", "columns_of_all", "names_polynomial", "names_interactions"):
        del models[name]

# what goes through exponentials and logarithms, or sums whose order numpy's libraries choose
INEXACT = ("names_text", "names_tfidf", "names_union", "names_pca", "names_chain", "names_normalizer", "power",
           "quantiles_normal", "quantiles_constant", "quantiles_text", "columns_of_all", "nmf")


for place, (name, (model, x, y, given)) in enumerate(models.items()):
    asks = records(given) if name.startswith("dictionaries") else given
    x = records(x) if name.startswith("dictionaries") else x
    model.fit(x) if y is None else model.fit(x, y)
    if name.startswith("sparse_"):
        model.sparsify()
    if place % 2:
        joblib.dump(model, f"{out}/{name}.joblib")
    else:
        protocol = min(5, pickle.HIGHEST_PROTOCOL) if place % 4 else 2
        with open(f"{out}/{name}.p{protocol}.pkl", "wb") as file:
            pickle.dump(model, file, protocol)
    said = {"model": type(model).__name__, "object": None}
    if name.startswith(INEXACT):
        said["close"] = ["transform"]
    if isinstance(given, list):
        said["columns"] = [given]
    else:
        said["names"], said["columns"] = table_of(given)
    for method in ("predict", "predict_proba", "decision_function", "transform"):
        # of RFE only the columns that it chooses are read
        if not hasattr(model, method) or (isinstance(model, RFE) and method != "transform"):
            continue
        try:
            answer = getattr(model, method)(asks)
        except ValueError as why:
            said.setdefault("refused", []).append(f"{method}: {why}")
            continue
        if method == "decision_function" and answer.ndim == 1:
            answer = answer[:, None]
        said[method] = plain(answer.astype(float) if method == "transform" else answer)
    if hasattr(model, "get_feature_names_out"):
        try:
            said["names_out"] = [str(it) for it in model.get_feature_names_out()]
        except (AttributeError, ValueError):
            said["no_names_out"] = True
    with open(f"{out}/{name}.json", "w") as file:
        json.dump(said, file)
print(sklearn.__version__, np.__version__, len(models))
