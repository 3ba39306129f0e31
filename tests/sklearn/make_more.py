"""Write fitted models that make_models.py leaves out, and what they answer, with the scikit-learn of this interpreter.

usage: python make_more.py OUTDIR [SEED]

OUTDIR gets, for each model NAME, NAME.p2.pkl, NAME.p5.pkl, NAME.joblib and NAME.json: the columns of a table
(numbers as float.hex(), words, null where a value is missing), the object's path in the file where that holds
several, and the model's own answers, every float as its hex form.
"""
import itertools, json, os, pickle, sys, warnings

import joblib
import numpy as np
import pandas as pd
import sklearn
from sklearn.compose import ColumnTransformer, make_column_selector
from sklearn.ensemble import (AdaBoostClassifier, AdaBoostRegressor, ExtraTreesClassifier, GradientBoostingClassifier,
                              GradientBoostingRegressor, HistGradientBoostingClassifier,
                              HistGradientBoostingRegressor, RandomForestClassifier, RandomForestRegressor)
from sklearn.impute import SimpleImputer
from sklearn.model_selection import GridSearchCV, RandomizedSearchCV
from sklearn.pipeline import make_pipeline, Pipeline
from sklearn.preprocessing import (LabelEncoder, MaxAbsScaler, MinMaxScaler, OneHotEncoder, OrdinalEncoder,
                                   RobustScaler, StandardScaler)
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor, ExtraTreeRegressor

from answers import plain, table_of

warnings.simplefilter("ignore")
out, seed = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 0
os.makedirs(out, exist_ok=True)
rng = np.random.RandomState(seed)
version = tuple(int(part) for part in sklearn.__version__.split(".")[:2])

rows = 240
numbers = rng.standard_normal((rows, 4)) * np.array([1, 10, 1e3, 1e-3]) + np.array([0, 5, 0, 1])
signal = numbers[:, 0] + numbers[:, 1] / 10 + rng.standard_normal(rows) / 4
three = np.array(["low", "middle", "high"])[np.digitize(signal, [0, 1])]
two = signal > 0.5
counts = np.floor(np.exp(np.clip(signal, -2, 2)))
asked = np.vstack([numbers[:25], rng.standard_normal((15, 4)) * np.array([1, 10, 1e3, 1e-3])])
frame = lambda x: pd.DataFrame(x, columns=["a", "b", "c", "d"])


def holes(x):
    x = x.copy()
    x[rng.random_sample(x.shape) < 0.15] = np.nan
    return x


def table(count):
    colour = np.array(["red", "green", "blue", "grey"], dtype=object)[rng.randint(0, 4, count)]
    size = np.array(["S", "M", "L"], dtype=object)[rng.randint(0, 3, count)]
    colour[rng.random_sample(count) < 0.1] = np.nan
    return pd.DataFrame({"weight": holes(rng.standard_normal((count, 1)))[:, 0], "colour": colour, "size": size,
                         "year": rng.randint(1990, 2000, count).astype(float), "height": rng.standard_normal(count)})


words, some_words = table(rows), table(40)
side = np.where(words["size"] == "S", "left", np.where(words["height"] > 0, "right", "middle"))
full, some_full = words.fillna({"colour": "none", "weight": 0.0}), some_words.fillna({"colour": "none", "weight": 0.0})
sparse = {"sparse" if version < (1, 2) else "sparse_output": False}
codes = np.c_[rng.randint(0, 6, rows), rng.randint(0, 3, rows), rng.standard_normal(rows)].astype(float)
some_codes = np.c_[rng.randint(0, 8, 40), rng.randint(0, 4, 40), rng.standard_normal(40)].astype(float)
code_signal = (codes[:, 0] % 2) + codes[:, 2] / 2

columns = ColumnTransformer([
    ("numbers", Pipeline([("fill", SimpleImputer(strategy="median")), ("scale", StandardScaler())]), ["weight", "height"]),
    ("words", Pipeline([("fill", SimpleImputer(strategy="most_frequent")), ("encode", OneHotEncoder(handle_unknown="ignore"))]), ["colour", "size"]),
], remainder="passthrough")
by_place = ColumnTransformer([("scale", MinMaxScaler(), slice(0, 2)), ("robust", RobustScaler(), [3]), ("left", "drop", [2])])
by_mask = ColumnTransformer([("scale", MaxAbsScaler(), [True, False, False, True])], remainder="drop")
by_name_slice = ColumnTransformer([("scale", StandardScaler(), slice("b", "c"))], remainder="passthrough")

models = {
    "gb_zero": (GradientBoostingClassifier(n_estimators=4, init="zero", random_state=seed), numbers, three, asked),
    "gb_exponential": (GradientBoostingClassifier(n_estimators=4, loss="exponential", random_state=seed), numbers, two, asked),
    "gb_init_forest": (GradientBoostingClassifier(n_estimators=3, init=RandomForestClassifier(n_estimators=3, max_depth=2, random_state=seed), random_state=seed), numbers, two, asked),
    "gb_huber": (GradientBoostingRegressor(n_estimators=4, loss="huber", random_state=seed), numbers, signal, asked),
    "gb_quantile": (GradientBoostingRegressor(n_estimators=4, loss="quantile", alpha=0.3, random_state=seed), numbers, signal, asked),
    "gb_absolute": (GradientBoostingRegressor(n_estimators=4, loss="absolute_error", subsample=0.5, random_state=seed), numbers, signal, asked),
    "gb_init_tree": (GradientBoostingRegressor(n_estimators=3, init=DecisionTreeRegressor(max_depth=2, random_state=seed), random_state=seed), numbers, signal, asked),
    "hist_poisson": (HistGradientBoostingRegressor(loss="poisson", max_iter=4, random_state=seed), numbers, counts, asked),
    "hist_absolute": (HistGradientBoostingRegressor(loss="absolute_error", max_iter=4, random_state=seed), numbers, signal, asked),
    "hist_categories": (HistGradientBoostingRegressor(max_iter=5, categorical_features=[0, 1], min_samples_leaf=5, random_state=seed), codes, code_signal, some_codes),
    "hist_categories_binary": (HistGradientBoostingClassifier(max_iter=5, categorical_features=[True, True, False], min_samples_leaf=5, random_state=seed), codes, code_signal > 0.4, some_codes),
    "ada_regressor": (AdaBoostRegressor(n_estimators=4, random_state=seed), numbers, signal, asked),
    "ada_forest": (AdaBoostClassifier(RandomForestClassifier(n_estimators=2, max_depth=2, random_state=seed), n_estimators=3, random_state=seed), numbers, three, asked),
    "extra_tree_regressor": (ExtraTreeRegressor(max_depth=5, random_state=seed), numbers, signal, asked),
    "tree_leaves": (DecisionTreeClassifier(max_leaf_nodes=9, random_state=seed), frame(numbers), three, frame(asked)),
    "tree_pruned": (DecisionTreeClassifier(ccp_alpha=0.01, criterion="entropy", random_state=seed), numbers, two, asked),
    "tree_classes_weighted": (DecisionTreeClassifier(class_weight={"low": 2, "middle": 1, "high": 0.3}, max_depth=5, random_state=seed), numbers, three, asked),
    "tree_absolute": (DecisionTreeRegressor(criterion="absolute_error", max_depth=4, random_state=seed), numbers, signal, asked),
    "forest_two_outputs": (RandomForestClassifier(n_estimators=4, max_depth=4, random_state=seed), numbers, np.c_[three, two.astype(str)], asked),
    "forest_regressor_two": (RandomForestRegressor(n_estimators=4, max_depth=4, random_state=seed), numbers, np.c_[signal, counts], asked),
    "forest_names": (ExtraTreesClassifier(n_estimators=4, max_depth=4, bootstrap=True, oob_score=True, random_state=seed), frame(numbers), three, frame(asked)),
    "standard_scaler": (StandardScaler(), numbers, None, asked),
    "standard_scaler_no_mean": (StandardScaler(with_mean=False), numbers, None, asked),
    "standard_scaler_no_std": (StandardScaler(with_std=False), frame(numbers), None, frame(asked)),
    "minmax_scaler_clip": (MinMaxScaler((-1, 2), clip=True), numbers, None, asked),
    "maxabs_scaler": (MaxAbsScaler(), holes(numbers), None, holes(asked)),
    "robust_scaler": (RobustScaler(quantile_range=(10, 80)), numbers, None, asked),
    "robust_scaler_unit": (RobustScaler(with_centering=False, unit_variance=True), numbers, None, asked),
    "imputer_mean": (SimpleImputer(), holes(numbers), None, holes(asked)),
    "imputer_indicator": (SimpleImputer(strategy="median", add_indicator=True), holes(numbers), None, holes(asked)),
    "imputer_constant": (SimpleImputer(strategy="constant", fill_value=-7.0), holes(numbers), None, holes(asked)),
    "imputer_words": (SimpleImputer(strategy="most_frequent"), words[["colour", "size"]], None, some_words[["colour", "size"]]),
    "ordinal_encoder": (OrdinalEncoder(), full[["colour", "size"]], None, some_full[["colour", "size"]]),
    "ordinal_encoder_unknown": (OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1), codes[:, :2], None, some_codes[:, :2]),
    "one_hot_encoder": (OneHotEncoder(handle_unknown="ignore", **sparse), words[["colour", "size"]], None, some_words[["colour", "size"]]),
    "one_hot_encoder_drop": (OneHotEncoder(drop="first", **sparse), full[["colour", "size"]], None, some_full[["colour", "size"]]),
    "one_hot_encoder_binary": (OneHotEncoder(drop="if_binary", **sparse), (codes[:, :2] > 1).astype(float), None, (some_codes[:, :2] > 1).astype(float)),
    "one_hot_encoder_sparse": (OneHotEncoder(), full[["size"]], None, some_full[["size"]]),
    "columns_to_tree": (make_pipeline(columns, DecisionTreeClassifier(max_depth=5, random_state=seed)), words, side, some_words),
    "columns_to_forest": (make_pipeline(columns, RandomForestRegressor(n_estimators=3, max_depth=5, random_state=seed)), words, words["height"] * 2, some_words),
    "columns_alone": (columns, words, None, some_words),
    "columns_by_place": (by_place, numbers, None, asked),
    "columns_by_mask": (by_mask, numbers, None, asked),
    "columns_by_name_slice": (by_name_slice, frame(numbers), None, frame(asked)),
    "columns_by_type": (ColumnTransformer([("n", StandardScaler(), make_column_selector(dtype_include=float)), ("w", OrdinalEncoder(), make_column_selector(dtype_include=object))]), full, None, some_full),
    "pipeline_passthrough": (Pipeline([("nothing", "passthrough"), ("scale", StandardScaler()), ("tree", DecisionTreeRegressor(max_depth=4, random_state=seed))]), numbers, signal, asked),
    "pipeline_boosting": (make_pipeline(RobustScaler(), HistGradientBoostingClassifier(max_iter=4, random_state=seed)), frame(numbers), three, frame(asked)),
    "grid_search": (GridSearchCV(DecisionTreeClassifier(random_state=seed), {"max_depth": [2, 4]}, cv=3), numbers, three, asked),
    "random_search": (RandomizedSearchCV(make_pipeline(StandardScaler(), RandomForestRegressor(n_estimators=3, random_state=seed)), {"randomforestregressor__max_depth": [2, 4]}, n_iter=2, cv=3, random_state=seed), numbers, signal, asked),
}
if version >= (1, 1):
    models["one_hot_encoder_rare"] = (OneHotEncoder(min_frequency=60, handle_unknown="infrequent_if_exist", **sparse), codes[:, :2], None, some_codes[:, :2])
    models["ordinal_encoder_missing"] = (OrdinalEncoder(encoded_missing_value=-2, handle_unknown="use_encoded_value", unknown_value=-1), words[["colour", "size"]], None, some_words[["colour", "size"]])
if version >= (1, 2):
    models["imputer_keeps_empty"] = (SimpleImputer(keep_empty_features=True), np.c_[numbers[:, :2], np.full(rows, np.nan)], None, np.c_[asked[:, :2], np.full(len(asked), np.nan)])
if version >= (1, 3):
    models["hist_gamma"] = (HistGradientBoostingRegressor(loss="gamma", max_iter=4, random_state=seed), numbers, counts + 1, asked)
    models["hist_quantile"] = (HistGradientBoostingRegressor(loss="quantile", quantile=0.8, max_iter=4, random_state=seed), numbers, signal, asked)
    models["forest_missing"] = (RandomForestClassifier(n_estimators=4, max_depth=5, random_state=seed), holes(numbers), three, holes(asked)) if version >= (1, 4) else None
    models["ordinal_encoder_rare"] = (OrdinalEncoder(max_categories=4), codes[:, :1], None, codes[:40, :1])
if version >= (1, 4):
    typed = full.astype({"colour": "category", "size": "category"})
    models["hist_words"] = (HistGradientBoostingClassifier(max_iter=4, categorical_features="from_dtype", random_state=seed), typed, side, some_full.astype({"colour": typed["colour"].dtype, "size": typed["size"].dtype}))


def write(name, held, model, rows, where=None):
    for protocol in (2, 5):
        with open(f"{out}/{name}.p{protocol}.pkl", "wb") as file:
            pickle.dump(held, file, protocol=protocol)
    joblib.dump(held, f"{out}/{name}.joblib")
    names, columns = table_of(rows)
    said = {"model": type(model).__name__, "object": where, "names": names, "columns": columns}
    for method in ("predict", "predict_proba", "decision_function", "apply", "transform"):
        if hasattr(model, method) and not (method == "apply" and not hasattr(model, "tree_") and not hasattr(model, "estimators_")):
            try:
                said[method] = plain(getattr(model, method)(rows))
            except Exception as why:
                print("no", method, "from", name, why)
    json.dump(said, open(f"{out}/{name}.json", "w"))


fitted = {}
for name, made in models.items():
    if made is None:
        continue
    model, x, y, rows = made
    try:
        fitted[name] = model.fit(x, y)
    except Exception as why:
        print("not fitted:", name, why)
        continue
    write(name, model, model, rows)
labels = LabelEncoder().fit(three)
write("in_a_dictionary", {"model": fitted["grid_search"], "encoder": labels, "columns": ["a", "b"]}, fitted["grid_search"], asked, "['model']")
write("in_a_list", [("scaler", fitted["standard_scaler"]), {"deep": [fitted["gb_huber"]]}], fitted["gb_huber"], asked, "[1]['deep'][0]")
json.dump({"scikit-learn": sklearn.__version__, "numpy": np.__version__, "joblib": joblib.__version__, "seed": seed}, open(f"{out}/versions.json", "w"))
print(sklearn.__version__, np.__version__, len(fitted))
