"""Write random fitted models, and what they answer, with the scikit-learn of this interpreter.

usage: python make_random.py OUTDIR SEED COUNT

OUTDIR gets COUNT models: NAME.pkl or NAME.joblib, of a random protocol and compression, and NAME.json with what
make_more.py writes there, and with
- close: the methods whose answers depend on the processor, because numpy's exp or log enters them
- names_out: what get_feature_names_out says
- refused: the methods that raised an error
"""
import json, os, pickle, sys, warnings

import joblib
import numpy as np
import pandas as pd
import sklearn
from sklearn.compose import ColumnTransformer, make_column_selector
if sklearn.__version__.startswith("0."):
    from sklearn.experimental import enable_hist_gradient_boosting
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.ensemble import (AdaBoostClassifier, AdaBoostRegressor, ExtraTreesClassifier, ExtraTreesRegressor,
                              GradientBoostingClassifier, GradientBoostingRegressor, HistGradientBoostingClassifier,
                              HistGradientBoostingRegressor, RandomForestClassifier, RandomForestRegressor)
from sklearn.impute import SimpleImputer
from sklearn.model_selection import GridSearchCV, RandomizedSearchCV
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import (FunctionTransformer, LabelEncoder, MaxAbsScaler, MinMaxScaler, OneHotEncoder,
                                   OrdinalEncoder, RobustScaler, StandardScaler)
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor, ExtraTreeClassifier, ExtraTreeRegressor

from answers import table_of

warnings.simplefilter("ignore")
version = tuple(int(part) for part in sklearn.__version__.split(".")[:2])
METHODS = ("predict", "predict_proba", "decision_function", "apply", "transform")
CLOSE = ("predict_proba", "decision_function")


class Case:
    def __init__(self, seed):
        self.rng = np.random.RandomState(seed)
        self.seed = seed % 1000
        self.close = set()

    def pick(self, *options):
        return options[self.rng.randint(len(options))]

    def chance(self, probability):
        return self.rng.random_sample() < probability

    # tables

    def numbers(self, count, width):
        scale = 10.0 ** self.rng.randint(-3, 4, width)
        x = self.rng.standard_normal((count, width)) * scale + self.rng.randint(-2, 3, width)
        for column in range(width):
            if self.chance(0.3):
                x[:, column] = self.rng.randint(-3, 9, count)
            elif self.chance(0.05):
                x[:, column] = self.rng.randint(0, 3)
        return x

    def holes(self, x, probability=0.15):
        x = x.copy()
        x[self.rng.random_sample(x.shape) < probability] = np.nan
        return x

    def words(self, count, kinds, missing):
        column = np.array([f"w{kind}" if kind % 2 else f"Word {kind}" for kind in range(kinds)], dtype=object)[self.rng.randint(0, kinds, count)]
        if missing:
            column[self.rng.random_sample(count) < 0.1] = missing if missing is not True else np.nan
        return column

    def table(self, count, kinds):
        columns = {}
        for place, kind in enumerate(kinds):
            if kind == "number":
                column = self.numbers(count, 1)[:, 0]
            elif kind == "holes":
                column = self.holes(self.numbers(count, 1))[:, 0]
            elif kind == "integer":
                column = self.rng.randint(-2, 5, count)
            elif kind == "boolean":
                column = self.rng.randint(0, 2, count).astype(bool)
            elif kind == "boolean holes":
                column = np.array([True, False, np.nan], dtype=object)[self.rng.randint(0, 3, count)]
            elif kind == "words":
                column = self.words(count, 5, False)
            else:
                column = self.words(count, 4, True)
            columns[f"{kind} {place}"] = column
        return pd.DataFrame(columns)

    # targets

    def classes(self, x, count=None):
        count = count or self.rng.randint(2, 5)
        signal = np.nan_to_num(np.asarray(x, dtype=float)).sum(1)
        order = np.argsort(np.argsort(signal + self.rng.standard_normal(len(signal)) * signal.std())) * count // len(signal)
        kind = self.rng.randint(6)
        if kind == 0 and count == 2:
            return order == 1
        if kind == 1:
            return np.array([f"class {place}" for place in range(count)])[order]
        if kind == 2:
            return np.array(["ä", "b", "Ç", "d"], dtype=object)[order]
        if kind == 3:
            return order.astype(float) * 1.5
        if kind == 4:
            return order * 3 - 4
        return order + 2 ** 53 if self.chance(0.3) else order

    def target(self, x):
        signal = np.nan_to_num(np.asarray(x, dtype=float)).sum(1)
        return signal / (signal.std() + 1e-9) + self.rng.standard_normal(len(signal)) / 3

    # models

    def tree_params(self, regressor):
        criteria = ("squared_error", "absolute_error") if regressor else ("gini", "entropy", "log_loss")
        if version < (1, 1):
            criteria = ("mse", "mae") if regressor and version < (1, 0) else criteria[:2]
        params = {"criterion": self.pick(*criteria), "max_depth": self.pick(None, 1, 3, 6), "min_samples_leaf": self.pick(1, 1, 4, 0.1),
                  "max_features": self.pick(None, "sqrt", 1, 0.7), "random_state": self.seed, "ccp_alpha": self.pick(0.0, 0.0, 0.01),
                  "max_leaf_nodes": self.pick(None, None, 7)}
        if not regressor and self.chance(0.3):
            params["class_weight"] = "balanced"
        return params

    def tree(self, regressor):
        kind = (self.pick(DecisionTreeRegressor, ExtraTreeRegressor) if regressor else self.pick(DecisionTreeClassifier, ExtraTreeClassifier))
        return kind(**self.tree_params(regressor))

    def forest(self, regressor):
        kind = self.pick(RandomForestRegressor, ExtraTreesRegressor) if regressor else self.pick(RandomForestClassifier, ExtraTreesClassifier)
        params = self.tree_params(regressor)
        bootstrap = self.chance(0.5)
        return kind(n_estimators=self.rng.randint(1, 6), bootstrap=bootstrap, oob_score=bootstrap and self.chance(0.2), warm_start=self.chance(0.1), **params)

    def boosting(self, regressor):
        params = {"n_estimators": self.rng.randint(1, 6), "max_depth": self.pick(1, 2, 4), "learning_rate": self.pick(0.1, 1.0, 0.37),
                  "subsample": self.pick(1.0, 0.6), "random_state": self.seed}
        init = self.rng.randint(8)
        # before 1.3 several classes are mixed up, and 0.22 takes no other models in front of trees
        if init in (3, 4) and version < (1, 3):
            init = 0
        if init == 1:
            params["init"] = "zero"
        elif init == 2:
            params["init"] = self.forest(regressor)
        elif init == 3:
            params["init"] = HistGradientBoostingRegressor(max_iter=2, min_samples_leaf=3) if regressor else HistGradientBoostingClassifier(max_iter=2, min_samples_leaf=3)
        elif init == 4:
            params["init"] = Pipeline([("scale", self.scaler()), ("model", self.tree(regressor))])
        elif init == 5 and not regressor:
            params["init"] = DummyClassifier(strategy=self.pick("prior", "most_frequent", "uniform"))
        elif init == 5:
            params["init"] = self.pick(DummyRegressor(strategy="median"), DummyRegressor(strategy="quantile", quantile=0.3), DummyRegressor(strategy="constant", constant=2.5))
        if regressor:
            losses = ("squared_error", "absolute_error") if version >= (1, 0) else ("ls", "lad")
            return GradientBoostingRegressor(loss=self.pick("huber", "quantile", *losses), alpha=self.pick(0.3, 0.9), **params)
        self.close.update(CLOSE)
        return GradientBoostingClassifier(**params)

    def hist(self, regressor, width):
        params = {"max_iter": self.rng.randint(1, 5), "max_leaf_nodes": self.pick(None, 4, 31), "min_samples_leaf": self.pick(2, 20),
                  "max_bins": self.pick(5, 63, 255), "learning_rate": self.pick(0.1, 0.7), "random_state": self.seed}
        if regressor:
            loss = self.pick("squared_error", "absolute_error") if version >= (1, 0) else "least_squares"
            return HistGradientBoostingRegressor(loss=loss, **params)
        self.close.add("predict_proba")
        return HistGradientBoostingClassifier(**params)

    def ada(self, regressor):
        base = self.tree(regressor) if self.chance(0.7) else self.forest(regressor)
        if regressor:
            return AdaBoostRegressor(base, n_estimators=self.rng.randint(1, 5), loss=self.pick("linear", "square", "exponential"), random_state=self.seed)
        self.close.update(CLOSE)
        return AdaBoostClassifier(base, n_estimators=self.rng.randint(1, 5), learning_rate=self.pick(1.0, 0.5), random_state=self.seed)

    def model(self, regressor, width):
        kind = self.rng.randint(6)
        if kind == 0:
            return self.tree(regressor)
        if kind <= 2:
            return self.forest(regressor)
        if kind == 3:
            return self.boosting(regressor)
        return self.hist(regressor, width) if kind == 4 else self.ada(regressor)

    def scaler(self, centred=True):
        kind = self.rng.randint(4)
        if kind == 0:
            return StandardScaler(with_mean=centred and self.chance(0.8), with_std=self.chance(0.8))
        if kind == 1:
            return RobustScaler(with_centering=centred and self.chance(0.8), with_scaling=self.chance(0.8), quantile_range=self.pick((25.0, 75.0), (10.0, 80.0)))
        if kind == 2 and centred:
            return MinMaxScaler(self.pick((0, 1), (-1, 2), (0.1, 0.7)), **({"clip": self.chance(0.3)} if version >= (0, 24) else {}))
        return MaxAbsScaler()

    def imputer(self):
        strategy = self.pick("mean", "median", "most_frequent", "constant")
        params = {"strategy": strategy, "add_indicator": self.chance(0.3)}
        if strategy == "constant":
            params["fill_value"] = self.pick(None, -7.5, 0.1)
        if version >= (1, 2):
            params["keep_empty_features"] = self.chance(0.3)
        return SimpleImputer(**params)

    def function(self):
        name = self.pick(None, "sqrt", "square", "abs", "sign", "floor", "log1p", "exp", "cbrt")
        if name in ("log1p", "exp", "cbrt"):
            self.close.add("transform")
        params = {"feature_names_out": self.pick(None, "one-to-one")} if version >= (1, 1) else {}
        return FunctionTransformer(None if name is None else getattr(np, name), **params)

    def encoder(self):
        dtype = self.pick(np.float64, np.float64, np.float32, np.float16, np.int8)
        if self.chance(0.5):
            # SciPy has no sparse tables of 16-bit floats
            dtype = np.float32 if dtype == np.float16 else dtype
            params = {"handle_unknown": self.pick("ignore", "ignore", "infrequent_if_exist" if version >= (1, 1) else "ignore")}
            if version >= (1, 1) and self.chance(0.4):
                params[self.pick("min_frequency", "max_categories")] = self.pick(3, 12)
            if self.chance(0.3) and version >= (1, 1):
                params["drop"] = self.pick("first", "if_binary")
            params["sparse" if version < (1, 2) else "sparse_output"] = self.chance(0.5)
            return OneHotEncoder(dtype=dtype, **params)
        if dtype in (np.int8,):
            dtype = np.float32
        params = {"handle_unknown": "use_encoded_value", "unknown_value": self.pick(-1, 1000, np.nan)} if version >= (0, 24) else {}
        if version >= (1, 1) and self.chance(0.5):
            params["encoded_missing_value"] = self.pick(-2, 0.1)
        return OrdinalEncoder(dtype=dtype, **params)

    # what is written

    def columns_of(self, x, names):
        """Some columns in one of the ways that a ColumnTransformer takes."""
        places = [list(x.columns).index(name) for name in names]
        kind = self.rng.randint(7)
        if kind == 0:
            return pd.Index(names)
        if kind == 1:
            return np.array(names)
        if kind == 2:
            return np.array(names, dtype=object)
        if kind == 3:
            return places
        if kind == 4:
            return [place in places for place in range(x.shape[1])]
        if kind == 5:
            return lambda frame: [name for name in names]
        return names

    def column_transformer(self, kinds, x):
        of = lambda *wanted: [name for name, kind in zip(x.columns, kinds) if kind in wanted]
        steps = []
        numeric, words = of("number", "integer", "boolean"), of("words", "word holes")
        if of("holes"):
            steps.append(("fill", Pipeline([("fill", self.imputer()), ("scale", self.scaler())]) if self.chance(0.6) else self.imputer(), of("holes")))
        if numeric and self.chance(0.8):
            # of booleans pandas makes 16-bit floats
            function = self.function() if not of("boolean") else FunctionTransformer()
            model = self.pick(self.scaler(), self.scaler(), function, "passthrough", "drop", Pipeline([("nothing", "passthrough")]), Pipeline([("f", FunctionTransformer()), ("s", self.scaler())]))
            steps.append(("num", model, numeric))
        if words:
            steps.append(("cat", self.encoder() if self.chance(0.6) else Pipeline([("fill", SimpleImputer(strategy="most_frequent")), ("code", self.encoder())]), words))
        if of("boolean holes"):
            steps.append(("flags", self.pick(OneHotEncoder(handle_unknown="ignore"), OrdinalEncoder()), of("boolean holes")))
        keep = of("number", "integer", "boolean", "holes")
        remainder = self.pick("drop", "passthrough") if set(kinds) <= {"number", "integer", "boolean", "holes", "words", "word holes", "boolean holes"} else "drop"
        params = {"sparse_threshold": self.pick(0.3, 0.0, 1.0)}
        if version >= (1, 0):
            params["verbose_feature_names_out"] = self.chance(0.7)
        return ColumnTransformer([(name, model, self.columns_of(x, columns)) for name, model, columns in steps], remainder=remainder, **params)


def made(seed):
    """A model that was not fitted, what it is fitted on, and the rows that are asked."""
    case = Case(seed)
    width, count = case.rng.randint(1, 6), case.rng.randint(40, 120)
    x, rows = case.numbers(count, width), case.numbers(30, width)
    rows[:15] = x[:15]
    what = case.rng.randint(12)
    named = lambda x: pd.DataFrame(x, columns=[f"f{place}" for place in range(width)]) if case.seed % 3 == 0 else x
    if what <= 3:
        regressor = case.chance(0.5)
        model = case.model(regressor, width)
        y = case.target(x) if regressor else case.classes(x)
        several = isinstance(model, (DecisionTreeClassifier, DecisionTreeRegressor, RandomForestClassifier, RandomForestRegressor, ExtraTreesClassifier, ExtraTreesRegressor))
        if several and case.chance(0.25):
            y = np.c_[y, case.target(x)] if regressor else np.c_[y.astype(str), case.classes(x).astype(str)]
        if isinstance(model, HistGradientBoostingClassifier) and case.chance(0.1):
            y = np.full(count, y[0])
        if isinstance(model, (HistGradientBoostingClassifier, HistGradientBoostingRegressor)) or (version >= (1, 4) and several and not isinstance(model, (ExtraTreeClassifier, ExtraTreeRegressor)) and case.chance(0.3)):
            x, rows = case.holes(x), case.holes(rows)
        return case, model, named(x), y, named(rows)
    if what == 4:
        # before 0.24 one that does nothing does not keep how many columns there were
        model = case.scaler() if version >= (0, 24) else MaxAbsScaler()
        return case, model, named(x), None, named(case.holes(rows) if case.chance(0.3) else rows)
    if what == 5:
        x, rows = case.holes(x), case.holes(rows, 0.3)
        if case.chance(0.3):
            x[:, -1] = np.nan
        return case, case.imputer(), named(x), None, named(rows)
    if what == 6:
        kinds = [case.pick("words", "word holes", "integer", "boolean", "boolean holes") for _ in range(case.rng.randint(1, 4))]
        return case, case.encoder(), case.table(count, kinds), None, case.table(30, kinds)
    # before 1.2 it does not keep how many columns there were
    if what == 7 and version >= (1, 2):
        return case, case.function(), named(np.abs(x)), None, named(np.abs(rows))
    if what == 8:
        regressor = case.chance(0.5)
        steps = [("s1", case.pick(case.scaler(), "passthrough", case.function() if False else case.scaler())), ("s2", case.scaler()), ("model", case.model(regressor, width))]
        y = case.target(x) if regressor else case.classes(x)
        model = Pipeline(steps)
        if case.chance(0.3):
            model = GridSearchCV(case.tree(regressor), {"max_depth": [2, 4]}, cv=2) if case.chance(0.5) else RandomizedSearchCV(model, {"s2": [StandardScaler(), MinMaxScaler()]}, n_iter=2, cv=2, random_state=0)
        return case, model, named(x), y, named(rows)
    kinds = [case.pick("number", "holes", "integer", "boolean", "boolean holes", "words", "word holes") for _ in range(case.rng.randint(2, 7))]
    x, rows = case.table(count, kinds), case.table(30, kinds)
    columns = case.column_transformer(kinds, x)
    if what == 9:
        if version >= (1, 2) and case.chance(0.4):
            columns.set_output(transform="pandas")
        return case, columns, x, None, rows
    regressor = case.chance(0.5)
    signal = x.select_dtypes([float, int]).to_numpy(dtype=float) if len(x.select_dtypes([float, int]).columns) else np.arange(count)[:, None]
    y = case.target(signal) if regressor else case.classes(signal)
    between = [("scale", case.scaler(centred=False))] if case.chance(0.5) else []
    return case, Pipeline([("columns", columns), *between, ("model", case.model(regressor, 3))]), x, y, rows


def plain(value):
    if hasattr(value, "toarray"):
        value = value.toarray()
    if isinstance(value, pd.DataFrame):
        value = value.astype(object).to_numpy()
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, np.ndarray):
        return [plain(item) for item in value.tolist()]
    if value is None or isinstance(value, float) and value != value:
        return None
    if isinstance(value, bool):
        return value
    return value.hex() if isinstance(value, float) else value


def numeric(value):
    """The same where transform gave whole numbers or booleans: floats."""
    if isinstance(value, list):
        return [numeric(item) for item in value]
    return float(value).hex() if isinstance(value, (int, bool)) else value


def write(out, name, case, model, rows):
    held, where = model, None
    if case.chance(0.15):
        held, where = {"columns": ["a"], "model": model, "note": np.arange(3)}, "['model']"
    elif case.chance(0.1):
        held, where = [("other", 1.5), (model, {"x": np.array(["a", None], dtype=object)})], "[1][0]"
    if case.chance(0.5):
        with open(f"{out}/{name}.pkl", "wb") as file:
            pickle.dump(held, file, protocol=case.rng.randint(0, 6))
    else:
        joblib.dump(held, f"{out}/{name}.joblib", compress=case.pick(0, 0, 3, ("gzip", 3), ("bz2", 3), ("xz", 1), ("lzma", 1)), protocol=case.pick(None, 2, 3, 4, 5))
    names, columns = table_of(rows)
    best = model.best_estimator_ if hasattr(model, "best_estimator_") else model
    said = {"model": type(model).__name__, "object": where, "names": names, "columns": columns, "close": sorted(case.close), "refused": []}
    for method in METHODS:
        if not hasattr(model, method) or method == "apply" and not hasattr(model, "tree_") and not hasattr(model, "estimators_"):
            continue
        try:
            answer = plain(getattr(model, method)(rows))
            said[method] = numeric(answer) if method in ("transform", "apply") else answer
        except Exception as why:
            said["refused"].append(f"{method}: {why}"[:300])
    if hasattr(model, "transform") and hasattr(best, "get_feature_names_out"):
        try:
            said["names_out"] = [str(name) for name in best.get_feature_names_out()]
        except Exception as why:
            pass
    json.dump(said, open(f"{out}/{name}.json", "w"))


def main():
    out, seed, count = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    os.makedirs(out, exist_ok=True)
    not_fitted = {}
    for number in range(count):
        try:
            case, model, x, y, rows = made(seed * 1_000_003 + number)
            model.fit(x) if y is None else model.fit(x, y)
        except Exception as why:
            key = f"{type(why).__name__}: {why}"[:120]
            not_fitted[key] = not_fitted.get(key, 0) + 1
            continue
        strip_lambdas(model)
        write(out, f"m{number:05}", case, model, rows)
    print(sklearn.__version__, count - sum(not_fitted.values()), not_fitted)


def strip_lambdas(model):
    """What was resolved by a function of the columns stays; the function itself cannot be pickled."""
    for part in [model, *(step for _, step in getattr(model, "steps", []))]:
        if isinstance(part, ColumnTransformer):
            part.transformers = [(name, step, None if callable(columns) else columns) for name, step, columns in part.transformers]


main()
