"""The models beside trees and what stands around them, for sklearn_shapes.py: of each class that is converted some, on
the rows of the fit and with a target."""

import numpy as np
import sklearn
from sklearn.calibration import CalibratedClassifierCV
from sklearn.cluster import KMeans, MiniBatchKMeans
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor
from sklearn.covariance import EllipticEnvelope
from sklearn.decomposition import NMF, PCA, TruncatedSVD
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.ensemble import (
    AdaBoostClassifier,
    BaggingClassifier,
    BaggingRegressor,
    IsolationForest,
    RandomForestClassifier,
    VotingClassifier,
    VotingRegressor,
)
from sklearn.feature_extraction import DictVectorizer
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer, TfidfTransformer, TfidfVectorizer
from sklearn.feature_selection import (
    RFE,
    RFECV,
    SelectFdr,
    SelectFpr,
    SelectFromModel,
    SelectFwe,
    SelectKBest,
    SelectPercentile,
    VarianceThreshold,
    chi2,
    f_classif,
)
from sklearn.linear_model import (
    ARDRegression,
    BayesianRidge,
    ElasticNet,
    ElasticNetCV,
    HuberRegressor,
    Lars,
    LarsCV,
    Lasso,
    LassoCV,
    LassoLars,
    LassoLarsCV,
    LassoLarsIC,
    LinearRegression,
    LogisticRegression,
    LogisticRegressionCV,
    MultiTaskElasticNet,
    MultiTaskElasticNetCV,
    MultiTaskLasso,
    MultiTaskLassoCV,
    OrthogonalMatchingPursuit,
    OrthogonalMatchingPursuitCV,
    PassiveAggressiveClassifier,
    PassiveAggressiveRegressor,
    Perceptron,
    Ridge,
    RidgeClassifier,
    RidgeClassifierCV,
    RidgeCV,
    SGDClassifier,
    SGDRegressor,
    TheilSenRegressor,
)
from sklearn.model_selection import GridSearchCV
from sklearn.multiclass import OneVsOneClassifier, OneVsRestClassifier
from sklearn.multioutput import MultiOutputClassifier, MultiOutputRegressor
from sklearn.naive_bayes import BernoulliNB, ComplementNB, GaussianNB, MultinomialNB
from sklearn.neighbors import (
    KNeighborsClassifier,
    KNeighborsRegressor,
    LocalOutlierFactor,
    NearestCentroid,
    NearestNeighbors,
)
from sklearn.neural_network import MLPClassifier, MLPRegressor
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import (
    Binarizer,
    KBinsDiscretizer,
    LabelBinarizer,
    Normalizer,
    PolynomialFeatures,
    PowerTransformer,
    QuantileTransformer,
    StandardScaler,
)
from sklearn.svm import SVC, SVR, LinearSVC, LinearSVR, NuSVC, NuSVR, OneClassSVM
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

VERSION = tuple(int(part) for part in sklearn.__version__.split(".")[:2])
if VERSION >= (0, 22):
    from sklearn.ensemble import StackingClassifier, StackingRegressor
    from sklearn.impute import KNNImputer
    from sklearn.naive_bayes import CategoricalNB
if VERSION >= (0, 24):
    from sklearn.experimental import enable_halving_search_cv  # noqa: F401
    from sklearn.model_selection import HalvingGridSearchCV, HalvingRandomSearchCV
if VERSION >= (1, 0):
    from sklearn.linear_model import QuantileRegressor

LOG = "log" if VERSION < (1, 1) else "log_loss"


def models():
    """Models with rows of numbers or texts, and a target."""
    if VERSION < (0, 22):
        return
    random = np.random.RandomState(1)
    x = random.standard_normal((60, 4)) * [1, 3, 0.5, 2] + [0, 1, 0, -1]
    signal = x[:, 0] + x[:, 1] / 3 + random.standard_normal(60) / 4
    both = np.c_[signal, x[:, 2] - x[:, 3] + random.standard_normal(60) / 9]
    three = np.array(["low", "middle", "high"])[np.digitize(signal, [0, 1])]
    two = signal > 0.5
    counts = np.floor(np.abs(x) * 2)
    codes = random.randint(0, 3, (60, 2)).astype(float)
    gaps = np.where(random.uniform(size=x.shape) < 0.1, np.nan, x)
    for model in linear_classifiers():
        yield model, x, three
        yield model, x, two
    for model in linear_regressors():
        yield model, x, signal
    for model in [LinearRegression(), Ridge(), Lasso(alpha=0.1), RidgeCV(), Lars(n_nonzero_coefs=2), ElasticNet(alpha=0.1)]:
        yield model, x, both
    yield OrthogonalMatchingPursuit(n_nonzero_coefs=2), x, both
    for model in [MultiTaskLasso(alpha=0.1), MultiTaskLassoCV(cv=3), MultiTaskElasticNet(alpha=0.1), MultiTaskElasticNetCV(cv=3)]:
        yield model, x, both
    for model in vectors():
        yield model, x, three
        yield model, x, two
    for model in [SVR(), SVR(kernel="poly", gamma=0.1, coef0=1), SVR(kernel="linear"), NuSVR(), OneClassSVM(nu=0.3)]:
        yield model, x, signal
    for model in [KNeighborsClassifier(), KNeighborsClassifier(3, weights="distance", p=1), NearestCentroid()]:
        yield model, x, three
    for algorithm in ["brute", "kd_tree", "ball_tree"]:
        yield KNeighborsClassifier(algorithm=algorithm, leaf_size=7), x, two
        yield KNeighborsRegressor(algorithm=algorithm, p=1.5, leaf_size=7), x, both
        yield KNeighborsRegressor(algorithm=algorithm, metric="chebyshev", weights="distance"), x, signal
        yield NearestNeighbors(algorithm=algorithm, metric="manhattan"), x, two
        yield LocalOutlierFactor(algorithm=algorithm, novelty=True), x, two
    yield NearestCentroid(shrink_threshold=0.3), x, three
    yield NearestCentroid(metric="manhattan"), x, three
    yield IsolationForest(n_estimators=5, random_state=0), x, two
    yield IsolationForest(n_estimators=5, contamination=0.2, max_features=2, bootstrap=True, random_state=0), x, two
    yield EllipticEnvelope(random_state=0), x, two
    for model in [GaussianNB(), GaussianNB(priors=[0.2, 0.5, 0.3]), BernoulliNB(), BernoulliNB(binarize=0.5, fit_prior=False)]:
        yield model, x, three
    for model in [MultinomialNB(), ComplementNB(), ComplementNB(norm=True), BernoulliNB(binarize=None, alpha=0.5)]:
        yield model, (counts > 1).astype(float) if isinstance(model, BernoulliNB) else counts, three
    yield CategoricalNB(), codes, three
    for model in [MLPClassifier(hidden_layer_sizes=(5,), max_iter=20, random_state=0), MLPClassifier(hidden_layer_sizes=(4, 3), activation="tanh", solver="lbfgs", max_iter=20, random_state=0)]:
        yield model, x, three
        yield model, x, two
    yield MLPClassifier(hidden_layer_sizes=(5,), solver="sgd", early_stopping=True, max_iter=20, random_state=0), x, two
    yield MLPRegressor(hidden_layer_sizes=(5,), max_iter=20, random_state=0), x, signal
    yield MLPRegressor(hidden_layer_sizes=(3,), activation="logistic", solver="sgd", max_iter=20, random_state=0), x, both
    for model in [PCA(2), PCA(whiten=True), PCA(0.9), TruncatedSVD(2, random_state=0), KMeans(3, n_init=2, random_state=0)]:
        yield model, x, two
    yield MiniBatchKMeans(3, n_init=2, random_state=0), x, two
    yield NMF(2, init="nndsvda", max_iter=50, random_state=0), np.abs(x), two
    yield NMF(2, random_state=0, max_iter=50, **({"alpha": 0.1} if VERSION < (1, 0) else {"alpha_W": 0.01})), np.abs(x), two
    for model in columns():
        yield model, x, three
    yield SelectKBest(chi2, k=2), counts, three
    yield PowerTransformer("box-cox"), np.abs(x) + 0.1, two
    yield LabelBinarizer(), three.tolist(), None
    for model in [KNNImputer(), KNNImputer(n_neighbors=2, weights="distance", add_indicator=True)]:
        yield model, gaps, two
    for model, target in of_others(three, two, signal, both):
        yield model, x, target
    if VERSION >= (0, 24):
        for search in halving():
            yield search, x, two
    texts = ["free offer", "call now, lunch", "the free lunch", "Test the offer now", "win a lunch", "call the win"] * 5
    side = np.arange(30) % 3 == 0
    for model in words():
        yield model, texts, side
    records = [{"a": place % 3, "colour": "red" if place % 2 else "blue"} for place in range(30)]
    yield DictVectorizer(), records, side
    yield DictVectorizer(sparse=False, sort=False), records, side
    yield make_pipeline(DictVectorizer(), MultinomialNB()), records, side


def linear_classifiers():
    yield LogisticRegression()
    yield LogisticRegression(C=0.3, fit_intercept=False, class_weight="balanced")
    yield LogisticRegression(solver="saga", l1_ratio=0.3, random_state=0, **({} if VERSION >= (1, 8) else {"penalty": "elasticnet"}))
    yield LogisticRegression(solver="saga", random_state=0, **({"l1_ratio": 1} if VERSION >= (1, 8) else {"penalty": "l1"}))
    none = {"C": np.inf} if VERSION >= (1, 8) else {"penalty": None if VERSION >= (1, 2) else "none"}
    yield LogisticRegression(**none)
    yield LogisticRegressionCV(Cs=3, cv=3)
    yield LogisticRegressionCV(Cs=[0.1, 1], cv=3, scoring="accuracy", refit=False)
    if VERSION < (1, 7):
        yield LogisticRegression(multi_class="ovr")
        yield LogisticRegression(solver="liblinear")
        yield LogisticRegression(multi_class="multinomial")
        yield LogisticRegressionCV(Cs=3, cv=3, multi_class="ovr")
    yield RidgeClassifier()
    yield RidgeClassifier(solver="saga", random_state=0)
    yield RidgeClassifierCV()
    yield SGDClassifier(random_state=0)
    yield SGDClassifier(loss=LOG, penalty="elasticnet", random_state=0)
    yield SGDClassifier(loss="modified_huber", average=True, early_stopping=True, random_state=0)
    yield SGDClassifier(loss="perceptron", learning_rate="adaptive", eta0=0.1, random_state=0)
    yield Perceptron(random_state=0)
    yield Perceptron(penalty="elasticnet", random_state=0)
    yield PassiveAggressiveClassifier(random_state=0)
    yield PassiveAggressiveClassifier(loss="squared_hinge", C=0.5, average=True, random_state=0)
    yield LinearSVC(random_state=0, max_iter=200)
    yield LinearSVC(multi_class="crammer_singer", dual=True, random_state=0, max_iter=200)
    yield LinearSVC(penalty="l1", dual=False, random_state=0, max_iter=200)
    yield LinearDiscriminantAnalysis()
    yield LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto")
    yield LinearDiscriminantAnalysis(solver="eigen", n_components=1, store_covariance=True)


def linear_regressors():
    yield LinearRegression()
    yield LinearRegression(fit_intercept=False)
    yield Ridge(alpha=2.0)
    yield Ridge(solver="sag", random_state=0)
    yield RidgeCV()
    yield RidgeCV(cv=3)
    yield Lasso(alpha=0.1)
    yield LassoCV(cv=3)
    yield ElasticNet(alpha=0.1, selection="random", random_state=0)
    yield ElasticNetCV(cv=3, l1_ratio=[0.2, 0.5])
    yield SGDRegressor(random_state=0)
    yield SGDRegressor(loss="huber", average=True, random_state=0)
    yield SGDRegressor(learning_rate="optimal", penalty="l1", random_state=0)
    yield PassiveAggressiveRegressor(random_state=0)
    yield LinearSVR(random_state=0, max_iter=200)
    yield LinearSVR(loss="squared_epsilon_insensitive", dual=False, max_iter=200)
    yield BayesianRidge()
    yield BayesianRidge(compute_score=True)
    yield ARDRegression()
    yield HuberRegressor()
    yield Lars(n_nonzero_coefs=2)
    yield LarsCV(cv=3)
    yield LassoLars(alpha=0.01)
    yield LassoLarsCV(cv=3)
    yield LassoLarsIC(criterion="bic")
    yield OrthogonalMatchingPursuit(n_nonzero_coefs=2)
    yield OrthogonalMatchingPursuitCV(cv=3)
    yield TheilSenRegressor(max_subpopulation=50, random_state=0)
    if VERSION >= (1, 0):
        yield QuantileRegressor(alpha=0.01, solver="highs")


def vectors():
    yield SVC()
    yield SVC(kernel="linear", C=2, class_weight="balanced")
    yield SVC(probability=True, random_state=0)
    yield SVC(decision_function_shape="ovo", kernel="poly", coef0=0.5)
    yield SVC(kernel="sigmoid", gamma="auto")
    yield NuSVC(nu=0.2)


def columns():
    for selector in [SelectKBest(k=2), SelectKBest(f_classif, k="all"), SelectPercentile(percentile=50), SelectFpr(), SelectFdr(), SelectFwe()]:
        yield selector
    yield VarianceThreshold(0.5)
    yield RFE(DecisionTreeClassifier(random_state=0), n_features_to_select=2)
    yield RFE(LogisticRegression(), n_features_to_select=2)
    yield RFECV(DecisionTreeClassifier(random_state=0), cv=3)
    yield RFECV(LogisticRegression(), cv=3, min_features_to_select=2)
    yield SelectFromModel(LogisticRegression())
    yield SelectFromModel(RandomForestClassifier(3, random_state=0), threshold="mean", max_features=2)
    for model in [PolynomialFeatures(), PolynomialFeatures(3, interaction_only=True, include_bias=False)]:
        yield model
    for model in [Normalizer(), Normalizer("l1"), Binarizer(), Binarizer(threshold=0.5)]:
        yield model
    yield KBinsDiscretizer(3)
    yield KBinsDiscretizer(3, encode="onehot-dense", strategy="uniform")
    yield KBinsDiscretizer(3, encode="ordinal", strategy="kmeans")
    yield PowerTransformer()
    yield PowerTransformer(standardize=False)
    yield QuantileTransformer(n_quantiles=20, random_state=0)
    yield QuantileTransformer(n_quantiles=20, output_distribution="normal", random_state=0)
    yield FeatureUnion([("scale", StandardScaler()), ("pca", PCA(2)), ("none", "drop")])
    yield FeatureUnion([("scale", StandardScaler()), ("best", SelectKBest(k=1))], transformer_weights={"scale": 2})
    if VERSION >= (1, 1):
        yield FeatureUnion([("scale", StandardScaler()), ("as it is", "passthrough")])
    yield make_pipeline(FeatureUnion([("power", PowerTransformer()), ("pca", PCA(2))]), LogisticRegression())
    yield make_pipeline(StandardScaler(), LinearDiscriminantAnalysis(n_components=1), GaussianNB())
    yield ColumnTransformer([("bins", KBinsDiscretizer(3), [0, 1]), ("power", PowerTransformer(), [2])], remainder=Normalizer())


def of_others(three, two, signal, both):
    """Models of other models, with their targets."""
    tree, line, many = DecisionTreeClassifier(max_depth=2, random_state=0), LogisticRegression(), GaussianNB()
    named = [("tree", tree), ("line", line), ("bayes", many)]
    for model in [VotingClassifier(named), VotingClassifier(named, voting="soft", weights=[1, 2, 1]), VotingClassifier(named, flatten_transform=False, voting="soft")]:
        yield model, three
    regressors = [("tree", DecisionTreeRegressor(max_depth=2, random_state=0)), ("line", LinearRegression())]
    yield VotingRegressor(regressors), signal
    yield StackingRegressor(regressors, cv=3), signal
    yield StackingRegressor(regressors, cv=3, final_estimator=Ridge(), passthrough=True), signal
    yield StackingClassifier(named, cv=3), three
    yield StackingClassifier(named, cv=3, stack_method="predict", final_estimator=tree), two
    yield StackingClassifier([("tree", tree), ("none", "drop")], cv=3), two
    for model in [BaggingClassifier(n_estimators=3, random_state=0), BaggingClassifier(LogisticRegression(), n_estimators=3, max_features=2, random_state=0)]:
        yield model, three
    yield BaggingClassifier(DecisionTreeClassifier(max_depth=2), n_estimators=3, oob_score=True, bootstrap_features=True, random_state=0), two
    yield BaggingRegressor(n_estimators=3, random_state=0), signal
    yield BaggingRegressor(Ridge(), n_estimators=3, random_state=0), signal
    for own in [LogisticRegression(), LinearSVC(random_state=0), tree]:
        yield OneVsRestClassifier(own), three
        yield OneVsRestClassifier(own), two
        yield OneVsOneClassifier(own), three
    for method in ["sigmoid", "isotonic"]:
        yield CalibratedClassifierCV(LinearSVC(random_state=0), method=method, cv=3), two
        yield CalibratedClassifierCV(GaussianNB(), method=method, cv=3), three
        if VERSION >= (0, 24):
            yield CalibratedClassifierCV(LogisticRegression(), method=method, cv=3, ensemble=False), three
    yield CalibratedClassifierCV(cv=3), two
    codes = np.c_[two, three == "low"].astype(int)
    yield MultiOutputClassifier(LogisticRegression()), codes
    yield MultiOutputClassifier(tree), codes
    yield MultiOutputRegressor(Ridge()), both
    yield TransformedTargetRegressor(Ridge()), signal
    yield TransformedTargetRegressor(Ridge(), transformer=StandardScaler()), signal
    yield TransformedTargetRegressor(DecisionTreeRegressor(max_depth=2), func=np.exp, inverse_func=np.log), signal
    for model in [DummyClassifier(strategy="prior"), DummyClassifier(strategy="most_frequent"), DummyClassifier(strategy="constant", constant="low")]:
        yield model, three
    for model in [DummyRegressor(), DummyRegressor(strategy="median"), DummyRegressor(strategy="quantile", quantile=0.3), DummyRegressor(strategy="constant", constant=7.0)]:
        yield model, signal
    yield AdaBoostClassifier(LogisticRegression(), n_estimators=3, algorithm="SAMME", random_state=0) if VERSION < (1, 6) else AdaBoostClassifier(LogisticRegression(), n_estimators=3, random_state=0), three
    yield GridSearchCV(SVC(), {"C": [0.1, 1]}, cv=3), three
    yield GridSearchCV(make_pipeline(StandardScaler(), KNeighborsClassifier()), {"kneighborsclassifier__n_neighbors": [1, 3]}, cv=3), two
    yield make_pipeline(StandardScaler(), VotingClassifier(named, voting="soft")), two


def halving():
    tree, grid = DecisionTreeClassifier(random_state=0), {"max_depth": [1, 2, 3]}
    yield HalvingGridSearchCV(tree, grid, cv=2, factor=2, random_state=0)
    yield HalvingGridSearchCV(LogisticRegression(), {"C": [0.1, 1.0]}, cv=2, factor=2, scoring="roc_auc", random_state=0)
    yield HalvingRandomSearchCV(tree, grid, n_candidates=3, cv=2, factor=2, random_state=0)


def words():
    yield CountVectorizer()
    yield CountVectorizer(ngram_range=(1, 2), min_df=2, max_features=8, stop_words="english")
    yield CountVectorizer(analyzer="char_wb", ngram_range=(2, 3), strip_accents="unicode", binary=True)
    yield CountVectorizer(vocabulary=["free", "lunch", "offer"])
    yield TfidfVectorizer()
    yield TfidfVectorizer(norm="l1", sublinear_tf=True, smooth_idf=False)
    yield TfidfVectorizer(use_idf=False)
    yield HashingVectorizer(n_features=16)
    yield make_pipeline(CountVectorizer(), TfidfTransformer(), MultinomialNB())
    yield make_pipeline(TfidfVectorizer(), LogisticRegression())
    yield make_pipeline(TfidfVectorizer(), LinearSVC(random_state=0))
    yield make_pipeline(TfidfVectorizer(), TruncatedSVD(2, random_state=0))
    yield make_pipeline(CountVectorizer(), TfidfTransformer(use_idf=False), SelectKBest(chi2, k=4), SVC())
    yield make_pipeline(HashingVectorizer(n_features=16), SGDClassifier(random_state=0))
    yield FeatureUnion([("words", CountVectorizer()), ("chars", TfidfVectorizer(analyzer="char", max_features=5))])
