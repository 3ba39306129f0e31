"""Write fitted models of neighbours, and what they answer, with the scikit-learn of this interpreter.

usage: python make_neighbours.py OUTDIR [SEED]

OUTDIR gets, for each model NAME, NAME.p2.pkl or NAME.joblib, and NAME.json: the columns of a table (as float.hex())
and the model's own answers, every float as its hex form.
"""
import os

os.environ["OMP_NUM_THREADS"] = "1"  # several threads may keep others of the rows at the same distance

import json, pickle, sys, warnings

import numpy as np
import pandas as pd
import sklearn
from sklearn.neighbors import (KNeighborsClassifier, KNeighborsRegressor, LocalOutlierFactor, NearestCentroid,
                               NearestNeighbors)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from answers import ask, is_fitted, save, save_versions, table_of

warnings.simplefilter("ignore")
out, seed = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 0
os.makedirs(out, exist_ok=True)
rng = np.random.RandomState(seed)
version = tuple(int(part) for part in sklearn.__version__.split(".")[:2])

rows = 90
spread = rng.standard_normal((rows, 3)) * np.array([1, 3, 0.5]) + np.array([0, 1, 0])
signal = spread[:, 0] + spread[:, 1] / 3 + rng.standard_normal(rows) / 4
two = np.column_stack([signal, spread[:, 2] - signal])
four = np.array(["low", "middle", "high", "top"])[np.digitize(signal, [-0.5, 0.3, 1])]
codes = np.where(signal > 0.5, 7, -7)
both = np.column_stack([np.digitize(signal, [-0.5, 0.3, 1]), codes])
# rows on a grid: many are at the same distance of others
grid = rng.randint(0, 5, (rows, 2)).astype(float)
wide = rng.standard_normal((60, 20))
others = np.vstack([rng.standard_normal((15, 3)) * 2 + np.array([0, 1, 0]), rng.standard_normal((5, 3)) * 9])
asked_grid = np.vstack([grid[:8], rng.randint(-1, 11, (17, 2)) / 2])
frame = lambda x: pd.DataFrame(x, columns=["a", "b", "c"])

makers = [
    lambda **options: (KNeighborsClassifier(**options), four),
    lambda **options: (KNeighborsRegressor(weights="distance", **options), signal),
    lambda **options: (KNeighborsClassifier(weights="distance", **options), codes),
    lambda **options: (KNeighborsRegressor(**options), two),
    lambda **options: (NearestNeighbors(**options), None),
    lambda **options: (KNeighborsClassifier(weights="distance", **options), both),
    lambda **options: (KNeighborsRegressor(**options), np.round(signal * 10).astype(int)),
    lambda **options: (KNeighborsClassifier(**options), both),
    lambda **options: (KNeighborsRegressor(weights="distance", **options), two),
]
if version >= (0, 20):
    makers.append(lambda **options: (LocalOutlierFactor(novelty=True, contamination=0.2, **options), None))
metrics = [dict(), dict(p=1), dict(p=3), dict(metric="chebyshev"), dict(metric="l2"), dict(metric="cityblock"), dict(p=1.5)]

models = {}
for algorithm in ("kd_tree", "ball_tree", "brute"):
    for options in metrics + [dict(metric="cosine")] * (algorithm == "brute"):
        for data in ("spread", "grid"):
            # before 1.1, and for cosines, the order of rows at the same distance is that of argpartition
            if algorithm == "brute" and data == "grid" and (version < (1, 1) or "cosine" in options.values()):
                continue
            make = makers[len(models) % len(makers)]
            options = dict(options, algorithm=algorithm, n_neighbors=int(rng.choice([1, 2, 3, 5, 8, 17, 25])), leaf_size=int(rng.randint(1, 40)))
            model, y = make(**options)
            x, asked = (grid, asked_grid) if data == "grid" else (spread, others)
            # the same row as one of the fit: at no distance, or by rounding nearly so, as the processor has it for cosines
            if data == "spread" and (algorithm != "brute" or version >= (1, 1)) and "cosine" not in options.values():
                asked = np.vstack([asked, spread[:5]])
            models["%02d_%s_%s_%s" % (len(models), type(model).__name__, algorithm, data)] = (model, x, y, asked)

def holes(x, share):
    return np.where(rng.random_sample(x.shape) < share, np.nan, x)


if version >= (0, 22):
    from sklearn.impute import KNNImputer

    gaps, asked_gaps = holes(spread, 0.2), holes(others, 0.3)
    empty = np.column_stack([gaps, np.full(rows, np.nan)])
    asked_empty = np.column_stack([asked_gaps, np.where(others[:, 0] > 0, 1, np.nan)])
    nine = lambda x: np.where(np.isnan(x), -9, x)
    models.update({
        "imputer": (KNNImputer(), frame(gaps), None, frame(asked_gaps)),
        "imputer_one": (KNNImputer(n_neighbors=1), gaps, None, asked_gaps),
        "imputer_distance": (KNNImputer(n_neighbors=4, weights="distance"), gaps, None, asked_gaps),
        "imputer_many": (KNNImputer(n_neighbors=500, weights="distance"), gaps, None, asked_gaps),
        "imputer_all": (KNNImputer(n_neighbors=500), gaps, None, asked_gaps),
        "imputer_marks": (KNNImputer(n_neighbors=3, add_indicator=True), frame(gaps), None, frame(asked_gaps)),
        "imputer_empty": (KNNImputer(n_neighbors=3), empty, None, asked_empty),
        "imputer_nine": (KNNImputer(n_neighbors=3, missing_values=-9), nine(gaps), None, nine(asked_gaps)),
        "imputer_pipeline": (make_pipeline(KNNImputer(), KNeighborsClassifier()), frame(gaps), four, frame(asked_gaps)),
    })
    if version >= (1, 2):
        models["imputer_keeps"] = (KNNImputer(n_neighbors=3, keep_empty_features=True, add_indicator=True), empty, None, asked_empty)

shares = [0.1, 0.2, 0.3, 0.4]
models.update({
    "auto": (KNeighborsClassifier(), spread, four, others),
    "one": (KNeighborsClassifier(n_neighbors=1, weights="distance"), grid, four, asked_grid),
    "all": (KNeighborsRegressor(n_neighbors=60, weights="distance"), wide, signal[:60], wide[:20] + 0.5),
    "wide": (KNeighborsClassifier(n_neighbors=7), wide, four[:60], wide[:20] + 0.5),
    "wide_tree": (KNeighborsRegressor(algorithm="ball_tree"), wide, two[:60], wide[:20] + 0.5),
    "boolean": (KNeighborsClassifier(metric="manhattan"), spread, signal > 0, others),
    "named": (KNeighborsClassifier(weights="distance"), frame(spread), four, frame(others)),
    "pipeline": (make_pipeline(StandardScaler(), KNeighborsClassifier(p=1)), frame(spread), four, frame(others)),
    "whole_numbers": (KNeighborsClassifier(n_neighbors=4), grid.astype(int), four, asked_grid),
    "shorter": (KNeighborsRegressor(), spread.astype(np.float32), signal, others),
    "centroid": (NearestCentroid(), spread, four, others),
    "centroid_two": (NearestCentroid(), frame(spread), codes, frame(others)),
    "centroid_grid": (NearestCentroid(metric="manhattan"), grid, four, asked_grid),
    "centroid_shrunken": (NearestCentroid(shrink_threshold=0.3), spread, four, others),
    "outliers": (LocalOutlierFactor(novelty=True, **(dict(contamination="auto") if version < (0, 22) else {})), spread, None, others),
})
if version < (1, 5):
    models["centroid_chebyshev"] = (NearestCentroid(metric="chebyshev"), spread, four, others)
if version >= (1, 6):
    models["centroid_priors"] = (NearestCentroid(priors=shares), spread, four, others)
    models["centroid_two_priors"] = (NearestCentroid(priors="empirical"), spread, codes, others)
    models["centroid_manhattan_priors"] = (NearestCentroid(metric="manhattan", priors=shares), spread, four, others)

for place, (name, (model, x, y, asked)) in enumerate(models.items()):
    if not is_fitted(name, model, x, y):
        continue
    save(out, name, place, model)
    names, columns = table_of(asked)
    said = {"model": type(model).__name__, "object": None, "names": names, "columns": columns}
    # from 1.3 to 1.8 brute force takes no classes of texts
    ask(name, model, asked, said, more=("kneighbors",), refused=ValueError)
    # the names of those that keep empty columns are fewer than their columns
    if name.startswith("imputer") and "transform" in said and version >= (1, 1) and name != "imputer_keeps":
        said["names_out"] = [str(column) for column in model.get_feature_names_out()]
    json.dump(said, open(f"{out}/{name}.json", "w"))
save_versions(out, seed, len(models))
