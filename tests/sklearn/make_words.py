"""Write vectorizers, selectors and what else stands before models of texts, and what they answer, with the scikit-learn of this interpreter.

usage: python make_words.py OUTDIR [SEED]

OUTDIR gets, for each model NAME, NAME.p2.pkl, NAME.p5.pkl and NAME.json, as make_more.py has them: what is asked are
the columns of a table, and the answers are the model's own, every float as its hex form.
"""
import json, os, pickle, random, sys, warnings

import numpy as np
import sklearn
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer, TfidfTransformer, TfidfVectorizer
from sklearn.decomposition import PCA, TruncatedSVD
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_selection import (RFE, SelectFdr, SelectFpr, SelectFromModel, SelectFwe, SelectKBest,
                                       SelectPercentile, VarianceThreshold, chi2)
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import (Binarizer, LabelBinarizer, MaxAbsScaler, Normalizer, PolynomialFeatures,
                                   RobustScaler, StandardScaler)
from sklearn.tree import DecisionTreeClassifier

from answers import cell, plain

warnings.simplefilter("ignore")
out, seed = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 0
os.makedirs(out, exist_ok=True)
rng, numbers = random.Random(seed), np.random.RandomState(seed)

WORDS = ("free offer FREE lunch the and of to Naïve café Straße ΣΊΣΥΦΟΣ İstanbul naïvely don't e-mail x y_z 42 ١٢ ½ "
         "日本語 テスト हिन्दी ﬁre A\u030angström test. test, (call) now! www.win.example £100 \u00a0 \t\n \x1c 😀 win-win").split(" ")
BLANKS = [" ", " ", " ", "  ", "\n", "\t ", " \u00a0", "\u2003", ", ", "-"]
WILD = "abcXYZ_019 \u0301\u0308éÉßẞſΣσςİıǅ\u0345\u00b2\u00bd\u0966\u2160日\u3000\x1d\x85😀'-.!\u200d\u0e33\ufb01\u212b"


def text():
    if rng.random() < 0.25:
        return "".join(rng.choice(WILD) for _ in range(rng.randint(0, 30)))
    return "".join(rng.choice(WORDS) + rng.choice(BLANKS) for _ in range(rng.randint(0, 12)))


texts, asked = [text() for _ in range(40)], [text() for _ in range(25)] + ["", "unseen"]
side = np.array(["ham", "spam"])[numbers.randint(0, 2, len(texts))]
counts, some_counts = numbers.poisson(0.5, (30, 6)).astype(float), numbers.poisson(0.7, (12, 6)).astype(float)
kinds = numbers.randint(0, 3, len(counts))
version = tuple(int(part) for part in sklearn.__version__.split(".")[:2])

models = {
    "count": (CountVectorizer(), texts, None, asked),
    "count_bigrams": (CountVectorizer(ngram_range=(1, 2), min_df=2), texts, None, asked),
    "count_trigrams_only": (CountVectorizer(ngram_range=(2, 3), max_features=60), texts, None, asked),
    "count_english": (CountVectorizer(stop_words="english", binary=True), texts, None, asked),
    "count_stop_list": (CountVectorizer(stop_words=["free", "lunch", "naïve"], lowercase=False), texts, None, asked),
    "count_char": (CountVectorizer(analyzer="char", ngram_range=(1, 3), max_features=150), texts, None, asked),
    "count_char_wb": (CountVectorizer(analyzer="char_wb", ngram_range=(2, 4), max_features=150), texts, None, asked),
    "count_ascii": (CountVectorizer(strip_accents="ascii"), texts, None, asked),
    "count_unicode": (CountVectorizer(strip_accents="unicode", lowercase=False), texts, None, asked),
    "count_vocabulary": (CountVectorizer(vocabulary=["lunch", "free", "offer"]), texts, None, asked),
    "count_vocabulary_set": (CountVectorizer(vocabulary={"lunch", "free", "offer"}), texts, None, asked),
    "count_all_words": (CountVectorizer(token_pattern=r"\b\w+\b"), texts, None, asked),
    "count_one_or_more": (CountVectorizer(token_pattern=r"\w{1,}", dtype=np.int32), texts, None, asked),
    "count_no_blanks": (CountVectorizer(token_pattern=r"\S+"), texts, None, asked),
    "count_letters": (CountVectorizer(token_pattern=r"(?u)\b[^\W\d_]{2,}\b"), texts, None, asked),
    "count_group": (CountVectorizer(token_pattern=r"\b(\w\w)\w*'?\w*"), texts, None, asked),
    "tfidf": (TfidfVectorizer(), texts, None, asked),
    "tfidf_l1": (TfidfVectorizer(norm="l1", smooth_idf=False, sublinear_tf=True), texts, None, asked),
    "tfidf_no_norm": (TfidfVectorizer(norm=None, ngram_range=(1, 2), max_features=80), texts, None, asked),
    "tfidf_no_idf": (TfidfVectorizer(use_idf=False, binary=True), texts, None, asked),
    "tfidf_single": (TfidfVectorizer(dtype=np.float32, sublinear_tf=True), texts, None, asked),
    "tfidf_char": (TfidfVectorizer(analyzer="char_wb", ngram_range=(3, 3), max_features=100, strip_accents="unicode"), texts, None, asked),
    "tfidf_transformer": (TfidfTransformer(), counts, None, some_counts),
    "tfidf_transformer_sublinear": (TfidfTransformer(norm="l1", sublinear_tf=True), counts, None, some_counts),
    "tfidf_transformer_no_idf": (TfidfTransformer(use_idf=False), counts, None, some_counts),
    "hashing": (HashingVectorizer(n_features=64), texts, None, asked),
    "hashing_unsigned": (HashingVectorizer(n_features=50, alternate_sign=False, norm="l1", ngram_range=(1, 2)), texts, None, asked),
    "hashing_binary": (HashingVectorizer(n_features=32, binary=True, norm=None, stop_words="english"), texts, None, asked),
    "text_to_tree": (make_pipeline(CountVectorizer(), TfidfTransformer(), DecisionTreeClassifier(max_depth=4, random_state=seed)), texts, side, asked),
}
wide = numbers.randn(8, 40)
some_wide = np.vstack([numbers.randn(9, 40), np.zeros((1, 40)), np.full((1, 40), 1e-18)])
models.update({
    "scaled_numbers": (make_pipeline(StandardScaler(), Normalizer("l1"), Binarizer(threshold=0.02)), wide, None, some_wide),
    "scaled_text": (make_pipeline(CountVectorizer(max_features=30), StandardScaler(with_mean=False), RobustScaler(with_centering=False), MaxAbsScaler(), Normalizer("l1")), texts, None, asked),
    "scaled_single": (make_pipeline(HashingVectorizer(n_features=16, dtype=np.float32), StandardScaler(with_mean=False), VarianceThreshold(0.1), MaxAbsScaler()), texts, None, asked),
    "k_best": (SelectKBest(chi2, k=3), counts, kinds, some_counts),
    "k_best_all": (SelectKBest(chi2, k="all"), counts, kinds, some_counts),
    "percentile": (SelectPercentile(chi2, percentile=40), counts, kinds, some_counts),
    "fpr": (SelectFpr(chi2, alpha=0.5), counts, kinds, some_counts),
    "fdr": (SelectFdr(chi2, alpha=0.9), counts, kinds, some_counts),
    "fwe": (SelectFwe(chi2, alpha=0.95), counts, kinds, some_counts),
    "variance": (VarianceThreshold(0.4), counts, None, some_counts),
    "from_forest": (SelectFromModel(RandomForestClassifier(n_estimators=5, max_depth=3, random_state=seed), threshold="0.9*median"), counts, kinds, some_counts),
    "from_logistic": (SelectFromModel(LogisticRegression(), max_features=2), counts, kinds, some_counts),
    "from_l1": (SelectFromModel(LogisticRegression(penalty="l1", solver="liblinear")), counts, kinds > 0, some_counts),
    "rfe": (RFE(DecisionTreeClassifier(random_state=seed), n_features_to_select=2), counts, kinds, some_counts),
    "pca": (PCA(3), counts, None, some_counts),
    "pca_whiten": (PCA(2, whiten=True), counts, None, some_counts),
    "svd": (TruncatedSVD(2, random_state=seed), counts, None, some_counts),
    "text_svd": (make_pipeline(TfidfVectorizer(), TruncatedSVD(3, random_state=seed)), texts, None, asked),
    "text_best": (make_pipeline(CountVectorizer(), SelectKBest(chi2, k=8), MaxAbsScaler(), StandardScaler(with_mean=False), TfidfTransformer(norm=None)), texts, side, asked),
    "union": (FeatureUnion([("words", CountVectorizer()), ("chars", HashingVectorizer(n_features=20, analyzer="char")), ("none", "drop")], transformer_weights={"chars": 0.25}), texts, None, asked),
    "polynomial": (PolynomialFeatures(3), counts[:, :3] + 0.5, None, some_counts[:, :3] + 0.1),
    "polynomial_interactions": (PolynomialFeatures(4, interaction_only=True, include_bias=False), counts, None, some_counts),
    "label_binarizer": (LabelBinarizer(neg_label=-1), ["a", "b", "c", "b"], None, ["c", "a", "b", "x"]),
    "label_binarizer_two": (LabelBinarizer(), ["no", "yes", "yes"], None, ["yes", "no"]),
})
if version >= (1, 0):
    # before, these did not say how many columns they were fitted on
    models["normalizer_l1"] = (Normalizer("l1"), wide, None, some_wide)
    models["normalizer_max"] = (Normalizer("max"), wide, None, some_wide)
    models["normalizer"] = (Normalizer(), wide, None, some_wide)
    models["binarizer"] = (Binarizer(threshold=0.5), counts, None, some_counts)
    models["polynomial_from_two"] = (PolynomialFeatures((2, 3)), counts[:, :3], None, some_counts[:, :3])
    models["union_numbers"] = (FeatureUnion([("pca", PCA(2)), ("best", SelectKBest(chi2, k=2))]), counts, kinds, some_counts)
if version < (1, 0):
    # it does not say how many columns it was fitted on
    del models["tfidf_transformer_no_idf"]


for name, (model, x, y, rows) in models.items():
    # A vectorizer that hashes, or was given its words, is not fitted.
    model.fit(x) if y is None else model.fit(x, y)
    said = {"model": type(model).__name__}
    if isinstance(rows, list):
        said["columns"] = [rows]
    else:
        said["rows"] = [[cell(value) for value in row] for row in rows.tolist()]
    # of RFE only the columns that it chooses are read
    for method in ("predict", "predict_proba", "transform"):
        if hasattr(model, method) and (method == "transform" or not isinstance(model, RFE)):
            answer = getattr(model, method)(rows)
            said[method] = plain(answer.astype(float) if method == "transform" else answer)
    with open(f"{out}/{name}.json", "w") as file:
        json.dump(said, file)
    for protocol in (2, 5):
        with open(f"{out}/{name}.p{protocol}.pkl", "wb") as file:
            pickle.dump(model, file, protocol)
