"""The names that files of scikit-learn, imbalanced-learn, numpy, SciPy, pandas and joblib import, and their use.

usage: python known_names.py collect PART           with the libraries of this interpreter
       python known_names.py read PART WHEEL...     old scikit-learns, read but not run
       python known_names.py merge PART...          prints src/inspect/known_names.txt

`collect` fits and pickles what the libraries offer, in each protocol, and reads the pickles with a
reader that imports nothing and writes down what it would import: as a value, made by NEWOBJ
(`new`), or called (`call`). A class that `copyreg` makes without its constructor counts as `new`.

`read` lists, for wheels that no Python of today can run, the modules in which the classes that
`collect` found stood then.

`merge` adds what is written in `BY_HAND`: names of versions that no Python of today can run, and the pipelines of
imbalanced-learn (0.3 to 0.14) with their samplers, which scikit-learn's files may hold.
"""
import ast
import collections
import contextlib
import io
import itertools
import os
import pickle
import random
import sys
import warnings
import zipfile

LIBRARIES = ("sklearn", "numpy", "scipy", "pandas", "joblib", "_loss")


# ------------------------------------------------------------------ reading without importing

class Name:
    """What a pickle imports: notes how it is used."""

    def __init__(self, reader, module, name):
        self.reader, self.module, self.name = reader, module, name

    def used(self, how):
        self.reader.uses[self.module, self.name].add(how)

    def __call__(self, *arguments, **named):
        self.used("call")
        made = (self.module.replace("copy_reg", "copyreg"), self.name)
        if made in {("copyreg", "_reconstructor"), ("copyreg", "__newobj__"), ("copyreg", "__newobj_ex__")}:
            arguments[0].used("new")
            rest = arguments[1:]
        else:
            rest = arguments
        for argument in rest:
            note_values(argument)
        return Made()

    def __hash__(self):
        return id(self)


class Made:
    """What a call or NEWOBJ gives; takes any state and any items."""

    def __setstate__(self, state):
        note_values(state)

    def append(self, item):
        note_values(item)

    def extend(self, items):
        note_values(list(items))

    def __setitem__(self, key, value):
        note_values((key, value))

    def __call__(self, *arguments, **named):
        note_values(arguments)  # ZoneInfo._unpickle, which is a method
        return Made()


def note_values(value):
    """Notes each name in a value as used as such."""
    stack, seen = [value], set()
    while stack:
        item = stack.pop()
        if isinstance(item, Name):
            item.used("value")
        elif isinstance(item, (list, tuple, set, frozenset, dict)) and id(item) not in seen:
            seen.add(id(item))
            stack.extend(itertools.chain(item, item.values()) if isinstance(item, dict) else item)


class Reader(pickle._Unpickler):
    dispatch = dict(pickle._Unpickler.dispatch)

    def __init__(self, file, uses):
        super().__init__(file, fix_imports=False)
        self.uses, self.names = uses, {}

    def find_class(self, module, name):
        key = module, name
        self.uses[key]
        return self.names.setdefault(key, Name(self, module, name))

    def load(self):
        value = super().load()
        note_values(value)
        return value

    def new(self):
        arguments = self.stack.pop()
        note_values(arguments)
        self.stack[-1].used("new")
        self.stack[-1] = Made()
    dispatch[pickle.NEWOBJ[0]] = new

    def new_ex(self):
        named = self.stack.pop()
        note_values(named)
        Reader.new(self)
    dispatch[pickle.NEWOBJ_EX[0]] = new_ex

    def called(self):
        from_mark = self.pop_mark()
        note_values(from_mark[1:])
        from_mark[0].used("call")
        self.append(Made())
    dispatch[pickle.OBJ[0]] = called


# ------------------------------------------------------------------ what there is to pickle

def estimators():
    """Every estimator of scikit-learn, fitted, in the forms that change what is imported."""
    import numpy as np
    import scipy.sparse as sp
    import sklearn
    with contextlib.suppress(ImportError):
        from sklearn.experimental import enable_hist_gradient_boosting  # noqa: F401
    from sklearn.experimental import enable_iterative_imputer, enable_halving_search_cv  # noqa: F401
    from sklearn import (calibration, compose, covariance, cluster, ensemble, feature_extraction, feature_selection,
                         gaussian_process, impute, kernel_approximation, linear_model, metrics, mixture,
                         model_selection, multiclass, multioutput, naive_bayes, neighbors, neural_network,
                         pipeline, preprocessing, random_projection, semi_supervised, svm, tree)
    from sklearn.utils import all_estimators, Bunch
    rng = np.random.RandomState(0)
    x = np.abs(rng.standard_normal((60, 4)))
    two, three = (x[:, 0] > 0.6).astype(int), np.digitize(x[:, 0], [0.4, 0.9])
    signal = x[:, 0] * 2 + 1
    texts = [" ".join(rng.choice(list("abcdefgh"), 5)) * 2 for _ in range(60)]
    words = np.array(["left", "right", "both"], dtype=object)[three]
    data = [(x, three), (x, two), (x, signal), (x, np.c_[two, 1 - two]), (x, np.c_[signal, -signal]), (texts, three),
            (three, None), (x[:, 0], signal), ([{"a": 1, "b": "c"}] * 3, None), ([["a"], ["b", "c"]], None),
            (x.astype(int).astype(object), three), (x[:, :1], signal), (sp.csr_matrix(x), three)]

    def fitted(model, *sets):
        for rows, target in (sets or data):
            with contextlib.suppress(Exception):
                return model.fit(rows) if target is None else model.fit(rows, target)
        return model

    tree_c, tree_r = tree.DecisionTreeClassifier(max_depth=2), tree.DecisionTreeRegressor(max_depth=2)
    ridge, logistic = linear_model.Ridge(), linear_model.LogisticRegression()
    needs = {
        "base_estimator": (logistic, ridge), "estimator": (logistic, ridge), "estimators": ([("a", tree_c), ("b", logistic)],
        [("a", tree_r), ("b", ridge)]), "transformers": ([("s", preprocessing.StandardScaler(), [0, 1]), ("p", "passthrough", [2])],),
        "transformer_list": ([("s", preprocessing.StandardScaler())],), "steps": ([("s", preprocessing.StandardScaler()), ("t", tree_c)],),
        "param_grid": ({"C": [0.1, 1]}, {"alpha": [0.1, 1]}), "param_distributions": ({"C": [0.1, 1]}, {"alpha": [0.1, 1]}),
        "dictionary": (x[:4],), "regressor": (ridge,), "threshold": (0.5,), "response_method": ("predict",), "kernels": ([gaussian_process.kernels.RBF()],),
    }
    for name, kind in all_estimators():
        import inspect
        required = [it.name for it in inspect.signature(kind.__init__).parameters.values()
                    if it.default is it.empty and it.name != "self" and it.kind == it.POSITIONAL_OR_KEYWORD]
        for choice in range(2):
            try:
                given = {it: needs[it][min(choice, len(needs[it]) - 1)] for it in required if it in needs}
                yield name, fitted(kind(**given))
            except Exception:
                continue
            if not required:
                yield name, fitted(kind(), (sp.csr_matrix(x), three), (x, signal))
                yield name, fitted(kind(), (x, words))
                yield name, kind()
                break

    losses = ["hinge", "log", "log_loss", "modified_huber", "squared_hinge", "perceptron", "squared_error", "squared_loss",
              "huber", "epsilon_insensitive", "squared_epsilon_insensitive"]
    for loss in losses:
        yield "SGD " + loss, fitted(linear_model.SGDClassifier(loss=loss), (x, three), (x, two))
        yield "SGDR " + loss, fitted(linear_model.SGDRegressor(loss=loss), (x, signal))
    for loss in ["deviance", "log_loss", "exponential"]:
        for y in (two, three):
            yield "GB " + loss, fitted(ensemble.GradientBoostingClassifier(loss=loss, n_estimators=2), (x, y))
        yield "GB init", fitted(ensemble.GradientBoostingClassifier(init="zero", n_estimators=2), (x, y))
    for loss in ["squared_error", "ls", "absolute_error", "lad", "huber", "quantile", "poisson", "gamma"]:
        yield "GBR " + loss, fitted(ensemble.GradientBoostingRegressor(loss=loss, n_estimators=2), (x, signal))
        for quantile in ({}, {"quantile": 0.5}):
            with contextlib.suppress(Exception):
                yield "HGBR", ensemble.HistGradientBoostingRegressor(loss=loss, max_iter=2, **quantile).fit(x, signal)
    many, target = np.repeat(x, 20, axis=0), np.repeat(three, 20)
    for options in ({}, {"early_stopping": True}, {"categorical_features": [0]}, {"random_state": np.random.RandomState(1)}):
        with contextlib.suppress(Exception):
            yield "HGB", ensemble.HistGradientBoostingClassifier(max_iter=2, **options).fit(many.round(), target)
    for family in ("PoissonRegressor", "GammaRegressor"):
        yield family, fitted(getattr(linear_model, family)(), (x, signal))
    for power in (0, 1, 1.5, 2, 3):
        for link in ("auto", "identity", "log"):
            yield "Tweedie", fitted(linear_model.TweedieRegressor(power=power, link=link), (x, signal))
    metrics_of_distance = ["euclidean", "manhattan", "chebyshev", "minkowski", "hamming", "canberra", "braycurtis", "jaccard",
                           "cosine", "haversine", "seuclidean", "mahalanobis", "wminkowski", "dice", "matching", "kulsinski",
                           "rogerstanimoto", "russellrao", "sokalmichener", "sokalsneath", "l1", "l2", "cityblock", "infinity", "p"]
    for metric, algorithm, cast in itertools.product(metrics_of_distance, ("auto", "ball_tree", "kd_tree", "brute"), (float, "f4", bool)):
        given = {"seuclidean": {"V": np.ones(4)}, "mahalanobis": {"V": np.eye(4)}, "wminkowski": {"w": np.ones(4), "p": 2}}.get(metric)
        rows = x[:, :2] if metric == "haversine" else x
        yield "KNN", fitted(neighbors.KNeighborsClassifier(metric=metric, algorithm=algorithm, metric_params=given), (rows.astype(cast), two))
    for algorithm in ("ball_tree", "kd_tree"):
        yield "KNN callable", fitted(neighbors.KNeighborsRegressor(metric=metrics.pairwise.euclidean_distances, algorithm="brute"), (x, signal))
        yield "NN", fitted(neighbors.NearestNeighbors(algorithm=algorithm), (x, None))
    for tree_type in (neighbors.BallTree, neighbors.KDTree):
        for metric in ("euclidean", "manhattan", "chebyshev", "minkowski"):
            yield "tree", tree_type(x, metric=metric)
        yield "tree", tree_type(x, metric="minkowski", p=3)
    for kernel in ("linear", "poly", "rbf", "sigmoid", metrics.pairwise.rbf_kernel, metrics.pairwise.linear_kernel,
                   metrics.pairwise.cosine_similarity, metrics.pairwise.polynomial_kernel, metrics.pairwise.chi2_kernel,
                   metrics.pairwise.sigmoid_kernel, metrics.pairwise.laplacian_kernel):
        for probability in (True, False):
            yield "SVC", fitted(svm.SVC(kernel=kernel, probability=probability), (x, three))
    k = gaussian_process.kernels
    kernels = [k.RBF(), k.Matern(), k.RationalQuadratic(), k.ExpSineSquared(), k.DotProduct(), k.WhiteKernel(), k.ConstantKernel(),
               k.PairwiseKernel(), k.RBF() + k.WhiteKernel(), k.RBF() * k.ConstantKernel(), k.RBF() ** 2, k.CompoundKernel([k.RBF()])]
    for kernel in kernels:
        yield "GP", fitted(gaussian_process.GaussianProcessRegressor(kernel=kernel), (x, signal))
        yield "GPC", fitted(gaussian_process.GaussianProcessClassifier(kernel=kernel), (x, two), (x, three))
    for score in ("chi2", "f_classif", "f_regression", "mutual_info_classif", "mutual_info_regression", "r_regression"):
        function = getattr(feature_selection, score, None)
        if function:
            for selector in (feature_selection.SelectKBest(function, k=2), feature_selection.SelectPercentile(function),
                             feature_selection.SelectFpr(function), feature_selection.GenericUnivariateSelect(function)):
                yield "select", fitted(selector, (x, two))
    ufuncs = [getattr(np, it) for it in dir(np) if isinstance(getattr(np, it), np.ufunc)]
    plain = [np.mean, np.median, np.std, np.var, np.sum, np.max, np.min, np.ravel, np.reshape, np.asarray, np.array, np.nan_to_num,
             np.clip, np.round, np.squeeze, np.transpose, np.argmax, np.argmin, np.prod, np.cumsum, np.concatenate, np.ones, np.zeros,
             np.unique, np.sort, np.diff, np.percentile, np.quantile, np.nanmean, np.nanmedian, np.nanstd, np.vstack, np.hstack,
             np.linalg.norm, np.average, np.where, np.isnan, np.expand_dims, np.atleast_2d, np.log1p, np.angle, np.real, np.imag]
    import scipy.special
    special = [getattr(scipy.special, it) for it in ("expit", "logit", "boxcox", "inv_boxcox", "boxcox1p", "inv_boxcox1p", "xlogy", "gammaln", "digamma", "erf", "softmax", "log_softmax", "logsumexp")]
    for function in ufuncs + plain + special:
        yield "function", preprocessing.FunctionTransformer(function)
        yield "function", preprocessing.FunctionTransformer(function, inverse_func=np.expm1, validate=False)
    yield "binarizer", preprocessing.LabelBinarizer(sparse_output=True).fit(three)
    for options in ({}, {"handle_unknown": "ignore"}, {"sparse": False}, {"sparse_output": False}, {"dtype": np.float32}, {"dtype": int}, {"dtype": np.int64}):
        with contextlib.suppress(Exception):
            yield "one hot", preprocessing.OneHotEncoder(**options).fit(np.c_[words, words])
    for dtype in (np.float64, np.float32, np.int64, int, float, bool, np.uint8, np.int32, "float64", object):
        with contextlib.suppress(Exception):
            yield "ordinal", preprocessing.OrdinalEncoder(dtype=dtype).fit(np.c_[words, words])
            yield "count", feature_extraction.text.CountVectorizer(dtype=dtype).fit(texts)
            yield "dict", feature_extraction.DictVectorizer(dtype=dtype).fit([{"a": 1}])
    for vectorizer in (feature_extraction.text.TfidfVectorizer, feature_extraction.text.CountVectorizer):
        for options in ({}, {"stop_words": "english"}, {"analyzer": "char"}, {"analyzer": str.split}, {"tokenizer": str.split}, {"preprocessor": str.lower},
                        {"stop_words": frozenset(["a"])}, {"stop_words": feature_extraction.text.ENGLISH_STOP_WORDS},
                        {"strip_accents": feature_extraction.text.strip_accents_unicode}, {"strip_accents": "unicode"}):
            model = fitted(vectorizer(**options), (texts, None))
            yield "text", model
            with contextlib.suppress(Exception):
                model.get_feature_names_out()
            with contextlib.suppress(Exception):
                model._stop_words_id
                yield "text", model
        yield "text in a pipeline", fitted(pipeline.make_pipeline(vectorizer(), naive_bayes.MultinomialNB()), (texts, three))
    splits = [model_selection.KFold(3), model_selection.StratifiedKFold(3), model_selection.ShuffleSplit(2), model_selection.StratifiedShuffleSplit(2),
              model_selection.TimeSeriesSplit(2), model_selection.LeaveOneOut(), model_selection.LeavePOut(2), model_selection.GroupKFold(2),
              model_selection.LeaveOneGroupOut(), model_selection.LeavePGroupsOut(2), model_selection.RepeatedKFold(n_splits=2, n_repeats=1),
              model_selection.RepeatedStratifiedKFold(n_splits=2, n_repeats=1), model_selection.GroupShuffleSplit(2),
              model_selection.PredefinedSplit([0, 1] * 30)] + [getattr(model_selection, it)(2) for it in ("StratifiedGroupKFold",) if hasattr(model_selection, it)]
    for split in splits:
        yield "split", fitted(model_selection.GridSearchCV(tree_c, {"max_depth": [1, 2]}, cv=split), (x, three))
        yield "split", split
    scorer = getattr(metrics, "get_scorer_names", lambda: list(getattr(metrics, "SCORERS", ())))()
    for name in scorer:
        made = metrics.get_scorer(name)
        yield "scorer", made
        yield "search", model_selection.GridSearchCV(tree_c, {"max_depth": [1]}, scoring=made)
    for name in dir(metrics):
        function = getattr(metrics, name)
        if callable(function) and getattr(function, "__module__", "").startswith("sklearn.metrics"):
            yield "metric", {"metric": function}
            if name.endswith(("_score", "_loss", "_error")):
                yield "scorer", metrics.make_scorer(function)
    for search in (model_selection.GridSearchCV(tree_c, {"max_depth": [1, 2]}, scoring=["accuracy", "f1_macro"], refit="accuracy"),
                   model_selection.RandomizedSearchCV(tree_c, {"max_depth": [1, 2]}, n_iter=2), model_selection.HalvingGridSearchCV(tree_c, {"max_depth": [1, 2]}),
                   model_selection.GridSearchCV(pipeline.make_pipeline(preprocessing.StandardScaler(), svm.SVC()), {"svc__C": [1, 2], "svc__kernel": ["rbf"]})):
        yield "search", fitted(search, (x, three))
    import scipy.stats
    for distribution in (scipy.stats.uniform(0, 1), scipy.stats.randint(1, 5), scipy.stats.loguniform(1e-3, 1), scipy.stats.expon(), scipy.stats.norm(), scipy.stats.reciprocal(1e-3, 1),
                         scipy.stats.gamma(1), scipy.stats.beta(1, 1), scipy.stats.lognorm(1), scipy.stats.poisson(1), scipy.stats.truncnorm(0, 1), scipy.stats.geom(0.5), scipy.stats.binom(3, 0.5), scipy.stats.triang(0.5)):
        yield "distribution", distribution
        yield "distribution", fitted(model_selection.RandomizedSearchCV(tree_r, {"min_samples_split": distribution}, n_iter=2, error_score=0.0), (x, signal))
    class_names = [("a", preprocessing.OneHotEncoder(handle_unknown="ignore"), [0]), ("b", preprocessing.StandardScaler(), slice(1, 3)), ("c", "drop", [3])]
    yield "columns", fitted(compose.ColumnTransformer(class_names), (np.c_[three, x[:, 1:]], None))
    yield "columns", fitted(compose.ColumnTransformer([("a", preprocessing.StandardScaler(), compose.make_column_selector(dtype_include=np.number))]), (x, None))
    with contextlib.suppress(ImportError):
        import pandas as pd
        frame = pd.DataFrame({"a": x[:, 0], "b": words, "c": three, "d": pd.Categorical(words)})
        for remainder in ("drop", "passthrough"):
            columns = compose.ColumnTransformer([("n", preprocessing.StandardScaler(), ["a"]), ("c", preprocessing.OneHotEncoder(handle_unknown="ignore"), ["b"]),
                                                 ("o", preprocessing.OrdinalEncoder(), ["d"])], remainder=remainder)
            model = pipeline.Pipeline([("c", columns), ("m", ensemble.RandomForestClassifier(n_estimators=2))])
            yield "frame", fitted(model, (frame, words))
        yield "frame", fitted(compose.ColumnTransformer([("n", preprocessing.StandardScaler(), compose.make_column_selector(dtype_include=np.number)),
                                                         ("c", "passthrough", compose.make_column_selector(dtype_exclude=np.number))]), (frame, None))
        yield "frame", fitted(compose.ColumnTransformer([("n", preprocessing.StandardScaler(), compose.make_column_selector(pattern="a"))]), (frame, None))
        with contextlib.suppress(Exception):
            yield "frame", fitted(model.set_output(transform="pandas"), (frame, words))
    for model in (tree_c, tree_r, svm.SVC(), logistic, ensemble.RandomForestClassifier(n_estimators=2, random_state=np.random.RandomState(3))):
        yield "calibrated", fitted(calibration.CalibratedClassifierCV(model), (x, three))
        yield "calibrated", fitted(calibration.CalibratedClassifierCV(model, method="isotonic", cv=2), (x, two))
        yield "calibrated", fitted(calibration.CalibratedClassifierCV(model, method="temperature", cv=2), (x, two))
        yield "multi", fitted(multioutput.MultiOutputClassifier(model), (x, np.c_[two, three]))
        yield "rest", fitted(multiclass.OneVsRestClassifier(model), (x, three))
        yield "one", fitted(multiclass.OneVsOneClassifier(model), (x, three))
        yield "rest of one class", fitted(multiclass.OneVsRestClassifier(model), (x, np.c_[two, two * 0, two * 0 + 1]))
        yield "transformed", fitted(compose.TransformedTargetRegressor(tree_r, func=np.log1p, inverse_func=np.expm1), (x, signal))
        yield "transformed", fitted(compose.TransformedTargetRegressor(tree_r, transformer=preprocessing.StandardScaler()), (x, signal))
        yield "recursive", fitted(feature_selection.RFE(tree_c), (x, three))
        yield "stack", fitted(ensemble.StackingClassifier([("a", tree_c), ("b", logistic)], passthrough=True), (x, three))
        yield "vote", fitted(ensemble.VotingClassifier([("a", tree_c), ("b", logistic)], voting="soft"), (x, words))
    for options in ({"warm_start": True}, {"early_stopping": True}, {"solver": "sgd"}, {"solver": "lbfgs"}):
        yield "network", fitted(neural_network.MLPClassifier(max_iter=3, **options), (x, three))
        with contextlib.suppress(Exception):
            yield "network", fitted(neural_network.MLPRegressor(max_iter=3, **options), (x, signal))
    for options in ({"method": "hash"}, {}):
        yield "hashing", fitted(feature_extraction.text.HashingVectorizer(), (texts, None))
    yield "bunch", Bunch(a=1)
    yield "bunch", pipeline.Pipeline([("a", preprocessing.StandardScaler())], memory="nowhere")
    for y in (two, three):
        for options in ({"init": "random"}, {}):
            yield "kmeans", fitted(cluster.KMeans(2, **options), (x, None))
    yield "iforest", fitted(ensemble.IsolationForest(n_estimators=3), (x, None))
    yield "birch", fitted(cluster.Birch(), (x, None))
    yield "isotonic", fitted(sklearn.isotonic.IsotonicRegression(out_of_bounds="clip"), (x[:, 0], signal))
    yield "power", fitted(preprocessing.PowerTransformer(), (x, None))
    yield "quantile", fitted(preprocessing.QuantileTransformer(n_quantiles=5, random_state=np.random.RandomState(1)), (x, None))
    yield "spline", fitted(preprocessing.SplineTransformer(), (x, None))
    from sklearn import datasets
    for load in (datasets.load_iris, datasets.load_digits):
        yield "data", load()


def values():
    """What numpy, SciPy, pandas and Python put into the files of models beside estimators."""
    import numpy as np
    import scipy.sparse as sp
    import scipy.interpolate
    import datetime, decimal, enum, fractions, pathlib, uuid, zoneinfo  # noqa: E401
    for code in "?bBhHiIlLqQefdgFDGSUVOmM":
        dtype = np.dtype(code + ("8[s]" if code in "mM" else "4" if code in "SUV" else "")) if code not in "mM" else np.dtype(code + "8[s]")
        yield np.zeros(3, dtype)
        yield np.zeros((2, 3), dtype, order="F")
        yield np.zeros((4, 4), dtype)[::2, ::2]
        yield dtype
        yield dtype.newbyteorder()
        yield dtype.type
        with contextlib.suppress(Exception):
            yield np.zeros(1, dtype)[0]
            yield np.zeros((), dtype)
    yield np.zeros(2, [("a", "i4"), ("b", "f8", 2)])
    yield np.zeros(2, [("a", "i4"), ("b", "O")])
    yield np.zeros(2, [("a", "i4")])[0]
    yield np.array(["a", None, 1.5], object)
    yield np.ma.masked_array([1, 2], [True, False])
    yield np.ma.masked_array(["a"], [True], dtype=object)
    yield np.ma.masked
    yield np.zeros(2, [("a", "i4")]).view(np.recarray)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield np.matrix([[1.0]])
    yield np.poly1d([1, 2])
    yield np.polynomial.Polynomial([1, 2])
    for name in dir(np):
        it = getattr(np, name)
        if isinstance(it, np.ufunc) or (isinstance(it, type) and issubclass(it, (np.generic, np.ndarray))):
            if it not in (np.memmap,):
                yield it
    yield np.random.RandomState(0)
    yield np.random.mtrand._rand
    yield np.random.default_rng(0)
    yield np.random.SeedSequence(0)
    yield np.random.SeedSequence(0).spawn(1)
    for bits in ("MT19937", "PCG64", "PCG64DXSM", "Philox", "SFC64"):
        kind = getattr(np.random, bits)
        yield kind(0)
        yield np.random.Generator(kind(0))
        yield np.random.RandomState(kind(0))
    for kind in ("csr", "csc", "coo", "lil", "dok", "dia", "bsr"):
        for form in ("_matrix", "_array"):
            with contextlib.suppress(Exception):
                yield getattr(sp, kind + form)(np.eye(3))
    yield scipy.interpolate.interp1d([0, 1], [0, 1])
    yield scipy.interpolate.BSpline([0, 0, 1, 1], [0, 1], 1)
    yield scipy.interpolate.UnivariateSpline(range(9), range(9))
    yield scipy.interpolate.CubicSpline([0, 1, 2], [0, 1, 4])
    import scipy.optimize
    yield scipy.optimize.OptimizeResult(x=1)
    import scipy.spatial
    yield scipy.spatial.cKDTree(np.eye(3))
    yield scipy.spatial.KDTree(np.eye(3))
    from scipy.sparse.linalg import aslinearoperator  # noqa: F401
    # Python's own types of data
    yield from [1 + 2j, bytearray(b"a"), bytearray(), b"", b"abc\xff", {1, 2}, frozenset([1]), set(), range(3), slice(1, 2), Ellipsis, NotImplemented,
                type(None), type(Ellipsis), int, float, str, bool, list, dict, tuple, set, frozenset, bytes, bytearray, complex, object, type, slice, range,
                collections.OrderedDict(a=1), collections.defaultdict(list, a=[1]), collections.defaultdict(int), collections.defaultdict(None), collections.defaultdict(dict),
                collections.defaultdict(set), collections.defaultdict(float), collections.defaultdict(str), collections.Counter("ab"),
                collections.deque([1], 3), collections.deque([1]), collections.ChainMap({}), collections.UserDict(), collections.UserList(), collections.UserString("a"),
                datetime.date(2000, 1, 1), datetime.datetime(2000, 1, 1), datetime.time(1), datetime.timedelta(1), datetime.timezone.utc,
                datetime.timezone(datetime.timedelta(hours=1), "x"), datetime.datetime(2000, 1, 1, tzinfo=datetime.timezone.utc), datetime.datetime(2000, 1, 1, tzinfo=zoneinfo.ZoneInfo("UTC")),
                decimal.Decimal("1.5"), fractions.Fraction(1, 2), uuid.UUID(int=1), pathlib.PurePosixPath("a"), pathlib.PureWindowsPath("a"), pathlib.PosixPath("a"),
                random.Random(1), collections.namedtuple]
    with contextlib.suppress(ImportError):
        import pandas as pd
        yield from frames(pd, np)
    import joblib
    yield joblib.Memory(None)
    yield joblib.hashing.hash


def frames(pd, np):
    times = pd.date_range("2000-01-01", periods=3)
    columns = {"f": [1.0, 2, 3], "i": [1, 2, 3], "b": [True, False, True], "s": ["a", "b", None], "t": times, "z": times.tz_localize("UTC"), "e": times.tz_localize("Europe/Berlin"),
               "d": times - times[0], "c": pd.Categorical(["a", "b", "a"]), "o": pd.Categorical(["a", "b", "a"], ordered=True), "I": pd.array([1, 2, None], "Int64"),
               "p": pd.period_range("2000-01", periods=3, freq="M"), "v": pd.interval_range(0, 3), "x": pd.arrays.SparseArray([0, 0, 1])}
    for name in ("Int8", "Int16", "Int32", "UInt8", "UInt16", "UInt32", "UInt64", "Float32", "Float64", "boolean", "string", "category", "float32", "int8", "uint8"):
        with contextlib.suppress(Exception):
            yield pd.Series([1, 0, 1], dtype=name)
            yield pd.Series([1, 0, 1], dtype=name).dtype
    frame = pd.DataFrame(columns)
    yield frame
    yield frame[["f", "i"]]
    yield frame.set_index("s")
    yield frame.set_index(["s", "i"])
    yield pd.DataFrame()
    yield pd.DataFrame(np.eye(3)).iloc[::2]
    for name in columns:
        yield frame[name]
        yield frame[[name]]
        yield frame[name].array
        yield frame[name].dtype
        with contextlib.suppress(Exception):
            yield pd.Index(frame[name])
            yield frame.set_index(name)
            yield frame[name].iloc[0]
    yield from [pd.RangeIndex(3), pd.Index([1, 2]), pd.Index([1.0]), pd.Index(["a"]), pd.Index([True]), pd.MultiIndex.from_tuples([(1, "a")]), times, times.freq, pd.NA, pd.NaT, pd.Timestamp(0), pd.Timestamp("2000", tz="UTC"),
                pd.Timedelta(1), pd.Period("2000"), pd.Interval(0, 1), pd.offsets.MonthEnd(), pd.offsets.Day(), pd.offsets.Hour(), pd.offsets.BDay(), pd.offsets.Week(), frame.groupby("i").sum(numeric_only=True),
                frame[["f"]].rolling(2).sum(), frame["c"].cat.categories, pd.get_dummies(frame["c"]), frame.dtypes, frame.dtypes.to_dict(), pd.DataFrame, pd.Series, pd.to_numeric, pd.CategoricalDtype(["a"])]


# ------------------------------------------------------------------ collect, read, merge

def collect():
    import joblib
    uses = collections.defaultdict(set)
    warnings.simplefilter("ignore")
    pieces = itertools.chain((value for _, value in estimators()), values())
    count = failed = 0
    while True:
        try:
            value = next(pieces)
        except StopIteration:
            break
        for protocol in range(6):
            try:
                data = pickle.dumps(value, protocol)
            except Exception:
                continue
            count += 1
            try:
                Reader(io.BytesIO(data), uses).load()
            except Exception as error:
                failed += 1
                print("cannot read:", type(value), protocol, repr(error), file=sys.stderr)
    print(f"{count} pickles, {failed} not read", file=sys.stderr)
    return {key: how or {"value"} for key, how in uses.items()}


def read(wheels, wanted):
    """Where the classes and functions stood in old wheels, by name."""
    found = {}
    by_name = collections.defaultdict(set)
    for (module, name), how in wanted.items():
        if module.startswith("sklearn."):
            by_name[name] |= how
    for wheel in wheels:
        with zipfile.ZipFile(wheel) as archive:
            for path in archive.namelist():
                if not path.endswith(".py") or not path.startswith("sklearn/") or "/tests/" in path:
                    continue
                module = path[:-3].replace("/", ".").removesuffix(".__init__")
                for node in ast.parse(archive.read(path)).body:
                    if isinstance(node, (ast.ClassDef, ast.FunctionDef)):
                        classes = isinstance(node, ast.ClassDef)
                        how = set(by_name.get(node.name, ()))
                        # Estimators that are gone since.
                        if not how and classes and not node.name.startswith("_") and any(
                                isinstance(base, ast.Name) and base.id.endswith(("Mixin", "Estimator", "LossFunction", "Loss"))
                                or isinstance(base, ast.Name) and by_name.get(base.id) for base in node.bases):
                            how = {"new"}
                        if how and (classes or how == {"value"}):
                            found.setdefault((module, node.name), set()).update(how)
    return found


def save(part, found):
    with open(part, "w") as file:
        for (module, name), how in sorted(found.items()):
            print(module, name, *sorted(how), file=file)


def load(part):
    found = collections.defaultdict(set)
    with open(part) as file:
        for line in file:
            if line.strip() and not line.startswith("#"):
                module, name, *how = line.split()
                found[module, name] |= set(how)
    return found


# Where the modules that `read` cannot see (they are compiled), or that other versions than those
# of `collect` have, keep what is now in another.
MOVED = {
    "_loss": ["sklearn._loss._loss"],
    "numpy._core": ["numpy.core"],
    "numpy._core._multiarray_umath": ["numpy.core._multiarray_umath", "numpy._core.umath", "numpy.core.umath"],
    "numpy._core.multiarray": ["numpy.core.multiarray"],
    "numpy._core.numeric": ["numpy.core.numeric"],
    "numpy.core": ["numpy._core"],
    "numpy.core._multiarray_umath": ["numpy._core._multiarray_umath", "numpy.core.umath"],
    "numpy.core.fromnumeric": ["numpy._core.fromnumeric"],
    "numpy._core.fromnumeric": ["numpy.core.fromnumeric"],
    "numpy.core.multiarray": ["numpy._core.multiarray"],
    "numpy.core.numeric": ["numpy._core.numeric"],
    "numpy.ma.core": ["numpy.ma"],
    "pandas.core.indexes.base": ["pandas.core.index", "pandas.indexes.base"],
    "pandas.core.indexes.multi": ["pandas.core.index", "pandas.indexes.multi"],
    "pandas.core.indexes.range": ["pandas.indexes.range"],
    "pandas.core.internals.managers": ["pandas.core.internals"],
    "pandas._libs.tslibs.timestamps": ["pandas._libs.tslib", "pandas.tslib"],
    "scipy.sparse._csr": ["scipy.sparse.csr"], "scipy.sparse._csc": ["scipy.sparse.csc"],
    "scipy.sparse._coo": ["scipy.sparse.coo"], "scipy.sparse._lil": ["scipy.sparse.lil"],
    "scipy.sparse._dok": ["scipy.sparse.dok"], "scipy.sparse._dia": ["scipy.sparse.dia"],
    "scipy.sparse._bsr": ["scipy.sparse.bsr"],
    "scipy.interpolate._interpolate": ["scipy.interpolate.interpolate"],
    "scipy.interpolate._fitpack2": ["scipy.interpolate.fitpack2"],
    "scipy.optimize._optimize": ["scipy.optimize.optimize"],
    "scipy.special._ufuncs": ["scipy.special"],
    "sklearn._loss._loss": ["_loss"],
    "sklearn.linear_model._sgd_fast": ["sklearn.linear_model.sgd_fast"],
    "sklearn.metrics._dist_metrics": ["sklearn.neighbors._dist_metrics", "sklearn.neighbors.dist_metrics"],
    "sklearn.neighbors._ball_tree": ["sklearn.neighbors.ball_tree"],
    "sklearn.neighbors._kd_tree": ["sklearn.neighbors.kd_tree"],
    "sklearn.utils._bunch": ["sklearn.utils", "sklearn.datasets.base"],
}

# Names that no version above writes any more, or that need another to write them.
BY_HAND = """
numpy.core _ufunc_reconstruct call
functools partial call
joblib.numpy_pickle NumpyArrayWrapper new
imblearn.base FunctionSampler new
imblearn.combine._smote_enn SMOTEENN new
imblearn.combine._smote_tomek SMOTETomek new
imblearn.combine.smote_enn SMOTEENN new
imblearn.combine.smote_tomek SMOTETomek new
imblearn.over_sampling._adasyn ADASYN new
imblearn.over_sampling._random_over_sampler RandomOverSampler new
imblearn.over_sampling._smote BorderlineSMOTE new
imblearn.over_sampling._smote KMeansSMOTE new
imblearn.over_sampling._smote SMOTE new
imblearn.over_sampling._smote SMOTENC new
imblearn.over_sampling._smote SVMSMOTE new
imblearn.over_sampling._smote.base SMOTE new
imblearn.over_sampling._smote.base SMOTEN new
imblearn.over_sampling._smote.base SMOTENC new
imblearn.over_sampling._smote.cluster KMeansSMOTE new
imblearn.over_sampling._smote.filter BorderlineSMOTE new
imblearn.over_sampling._smote.filter SVMSMOTE new
imblearn.over_sampling.adasyn ADASYN new
imblearn.over_sampling.random_over_sampler RandomOverSampler new
imblearn.over_sampling.smote SMOTE new
imblearn.pipeline Pipeline new
imblearn.under_sampling._prototype_generation._cluster_centroids ClusterCentroids new
imblearn.under_sampling._prototype_selection._condensed_nearest_neighbour CondensedNearestNeighbour new
imblearn.under_sampling._prototype_selection._edited_nearest_neighbours AllKNN new
imblearn.under_sampling._prototype_selection._edited_nearest_neighbours EditedNearestNeighbours new
imblearn.under_sampling._prototype_selection._edited_nearest_neighbours RepeatedEditedNearestNeighbours new
imblearn.under_sampling._prototype_selection._instance_hardness_threshold InstanceHardnessThreshold new
imblearn.under_sampling._prototype_selection._nearmiss NearMiss new
imblearn.under_sampling._prototype_selection._neighbourhood_cleaning_rule NeighbourhoodCleaningRule new
imblearn.under_sampling._prototype_selection._one_sided_selection OneSidedSelection new
imblearn.under_sampling._prototype_selection._random_under_sampler RandomUnderSampler new
imblearn.under_sampling._prototype_selection._tomek_links TomekLinks new
imblearn.under_sampling.prototype_generation.cluster_centroids ClusterCentroids new
imblearn.under_sampling.prototype_selection.condensed_nearest_neighbour CondensedNearestNeighbour new
imblearn.under_sampling.prototype_selection.edited_nearest_neighbours AllKNN new
imblearn.under_sampling.prototype_selection.edited_nearest_neighbours EditedNearestNeighbours new
imblearn.under_sampling.prototype_selection.edited_nearest_neighbours RepeatedEditedNearestNeighbours new
imblearn.under_sampling.prototype_selection.instance_hardness_threshold InstanceHardnessThreshold new
imblearn.under_sampling.prototype_selection.nearmiss NearMiss new
imblearn.under_sampling.prototype_selection.neighbourhood_cleaning_rule NeighbourhoodCleaningRule new
imblearn.under_sampling.prototype_selection.one_sided_selection OneSidedSelection new
imblearn.under_sampling.prototype_selection.random_under_sampler RandomUnderSampler new
imblearn.under_sampling.prototype_selection.tomek_links TomekLinks new
numpy dtype call value
numpy ndarray call value
numpy.core.multiarray _reconstruct call
numpy.core.multiarray scalar call
numpy.random __RandomState_ctor call
numpy.random._pickle __bit_generator_ctor call
numpy.random._pickle __generator_ctor call
numpy.random._pickle __randomstate_ctor call
pandas.core.arrays.categorical Categorical new
pandas.core.arrays.string_ StringArray new
pandas.core.frame DataFrame new
pandas.core.indexes.numeric Float64Index value
pandas.core.indexes.numeric Int64Index value
pandas.core.indexes.numeric UInt64Index value
pandas.core.internals BlockManager new
pandas.core.internals.blocks new_block call
pandas.core.internals.managers BlockManager new
pandas.core.series Series new
pandas.indexes.numeric Float64Index value
pandas.indexes.numeric Int64Index value
re _compile call
sklearn.ensemble._gb_losses BinomialDeviance new
sklearn.ensemble._gb_losses ExponentialLoss new
sklearn.ensemble._gb_losses HuberLossFunction new
sklearn.ensemble._gb_losses LeastAbsoluteError new
sklearn.ensemble._gb_losses LeastSquaresError new
sklearn.ensemble._gb_losses MultinomialDeviance new
sklearn.ensemble._gb_losses QuantileLossFunction new
sklearn.ensemble.gradient_boosting LogOddsEstimator new
sklearn.ensemble.gradient_boosting MeanEstimator new
sklearn.ensemble.gradient_boosting PriorProbabilityEstimator new
sklearn.ensemble.gradient_boosting QuantileEstimator new
sklearn.ensemble.gradient_boosting ScaledLogOddsEstimator new
sklearn.ensemble.gradient_boosting ZeroEstimator new
sklearn.externals.joblib.numpy_pickle NumpyArrayWrapper new
sklearn.feature_extraction.text CountVectorizer new
sklearn.neighbors.dist_metrics EuclideanDistance value
sklearn.neighbors.dist_metrics newObj call
scipy.sparse csc_array new
scipy.sparse csc_matrix new
scipy.sparse csr_array new
scipy.sparse csr_matrix new
scipy.sparse dia_array new
scipy.sparse dia_matrix new
sklearn.model_selection._search_successive_halving _refit_callable value
sklearn.neighbors.quad_tree _QuadTree new
sklearn.utils.deprecation DeprecationDict new
"""

# What `collect` sees, but is no need of a model.
LEFT_OUT = {("joblib.hashing", "hash"), ("collections", "namedtuple")}


def merge(parts):
    import _compat_pickle
    found = collections.defaultdict(set)
    for part in parts:
        for (module, name), how in load(part).items():
            if (module, name) in _compat_pickle.NAME_MAPPING:
                module, name = _compat_pickle.NAME_MAPPING[module, name]
            module = _compat_pickle.IMPORT_MAPPING.get(module, module)
            found[module, name] |= how
    for line in BY_HAND.split("\n"):
        if line:
            module, name, *how = line.split()
            found[module, name] |= set(how)
    for (module, name), how in list(found.items()):
        for other in MOVED.get(module, ()):
            found[other, name] |= how
    for key in LEFT_OUT:
        found.pop(key, None)
    print("# The names that files of scikit-learn, imbalanced-learn, numpy, SciPy, pandas and joblib import, and how those files")
    print("# use them: they call them, make new objects of them without calling them, or keep them as a value.")
    print("# tests/inspect/known_names.py makes this list.")
    for line in sorted(" ".join([module, name, *sorted(how)]) for (module, name), how in found.items()):
        print(line)


def main():
    mode, *rest = sys.argv[1:]
    if mode == "collect":
        save(rest[0], collect())
    elif mode == "read":
        parts = [it for it in rest[1:] if not it.endswith(".whl")]
        wanted = collections.defaultdict(set)
        for part in parts:
            for key, how in load(part).items():
                wanted[key] |= how
        save(rest[0], read([it for it in rest[1:] if it.endswith(".whl")], wanted))
    elif mode == "merge":
        merge(rest)


if __name__ == "__main__":
    main()
