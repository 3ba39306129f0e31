"""Write tables of the pandas of this interpreter, and what they hold.

usage: python make_tables.py OUTDIR [SEED]

OUTDIR gets, for each table NAME, NAME.p2.pkl, NAME.p5.pkl or NAME.joblib, and NAME.json: its names, and its columns
(numbers as float.hex(), words, null where a value is missing); or, for a table that is not read, why.
"""
import json, os, pickle, sys, warnings

import joblib
import numpy as np
import pandas as pd

from answers import cell

warnings.simplefilter("ignore")
out, seed = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 0
os.makedirs(out, exist_ok=True)
rng = np.random.RandomState(seed)
rows = 6
numbers = rng.standard_normal((rows, 3))
words = np.array(["red", "green", None, "blue", "red", "a ü"], dtype=object)
mixed = pd.DataFrame({
    "weight": np.where(rng.random_sample(rows) < 0.3, np.nan, numbers[:, 0]), "colour": words,
    "count": rng.randint(-5, 5, rows), "flag": numbers[:, 1] > 0, "small": numbers[:, 2].astype(np.float32),
    "byte": rng.randint(0, 9, rows).astype(np.uint8), "size": list("SMLSML"), "share": numbers[:, 1],
}, index=[3, 5, 7, 9, 11, 13])
kinds = mixed.assign(colour=mixed["colour"].astype("category"), size=pd.Categorical(mixed["size"], ["S", "M", "L"], ordered=True),
                     byte=mixed["byte"].astype("category"), whole=pd.array([1, None, 3, 4, 5, None], dtype="Int64"),
                     maybe=pd.array([True, None, False, True, True, None], dtype="boolean") if hasattr(pd, "BooleanDtype") else 0.0)
tables = {
    "mixed": mixed,
    "kinds": kinds,
    "numbers": pd.DataFrame(numbers),
    "named": pd.DataFrame(numbers, columns=list("abc")),
    "numbered": pd.DataFrame(numbers, columns=[7, 8, 9]),
    "some_rows": mixed[mixed["count"] > -9].iloc[::2],
    "some_columns": mixed[["size", "weight", "flag"]],
    "added_later": mixed.assign(late=1.5).drop(columns="share"),
    "words": pd.DataFrame({"text": ["a b", "c", ""]}, dtype=object),
    "texts": pd.DataFrame({"text": pd.array(["a b", None, ""], dtype="string")}) if hasattr(pd, "StringDtype") else mixed,
    "one_row": mixed.head(1),
    "no_rows": mixed.head(0)[["weight", "share"]],
    "series": mixed["weight"],
    "series_words": mixed["colour"],
    "series_unnamed": pd.Series([1, 2, 3]),
    "series_categories": kinds["size"],
    "index": mixed.columns,
    "index_numbers": mixed.index,
}
refused = {
    "times": pd.DataFrame({"when": pd.to_datetime(["2020-01-01", "2021-02-03"])}),
    "of_several_levels": pd.DataFrame(numbers[:, :2], columns=pd.MultiIndex.from_tuples([("a", "b"), ("a", "c")])),
    "objects": pd.DataFrame({"mixed": ["a", 1.5]}, dtype=object),
}


def write(number, name, table):
    kind = ("p2", "joblib", "p5")[number % 3 if pickle.HIGHEST_PROTOCOL >= 5 else number % 2]
    if kind == "joblib":
        joblib.dump(table, f"{out}/{name}.joblib")
    else:
        with open(f"{out}/{name}.{kind}.pkl", "wb") as file:
            pickle.dump(table, file, protocol=int(kind[1]))


for number, (name, table) in enumerate({**tables, **refused}.items()):
    write(number, name, table)
    if name in refused:
        json.dump({"refused": name}, open(f"{out}/{name}.json", "w"))
        continue
    frame = table if isinstance(table, pd.DataFrame) else pd.DataFrame({0: table})
    names = [str(it) for it in frame.columns] if isinstance(table, pd.DataFrame) and not isinstance(frame.columns, pd.RangeIndex) else None
    if isinstance(table, pd.Series) and table.name is not None:
        names = [table.name]
    columns = [[cell(None if it is getattr(pd, "NA", None) else it) for it in frame.iloc[:, place].astype(object)] for place in range(frame.shape[1])]
    json.dump({"names": names, "columns": columns, "rows": len(frame)}, open(f"{out}/{name}.json", "w"))
json.dump({"pandas": pd.__version__, "numpy": np.__version__, "joblib": joblib.__version__, "seed": seed}, open(f"{out}/versions.json", "w"))
print(pd.__version__, np.__version__, len(tables) + len(refused))
