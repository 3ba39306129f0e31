"""Writes tests/pickle/seeds.hex: real pickles, one a line, on which the hostile tests build.

    python tests/pickle/seeds.py      (with scikit-learn)
"""

import base64
import io
import json
import lzma
import pathlib
import pickle

import joblib
import numpy
from sklearn.tree import DecisionTreeClassifier

folder = pathlib.Path(__file__).parent
seeds, origins = [], set()
for line in lzma.open(folder / "cpython.jsonl.xz", "rt"):
    row = json.loads(line)
    data = base64.b64decode(row["data"])
    test = row["origin"].split(".")[1]
    if row["accepted"] and 20 < len(data) < 400 and data.endswith(b".") and test not in origins:
        origins.add(test)
        seeds.append(data)
tree = DecisionTreeClassifier(max_depth=1, random_state=0).fit([[0.0], [1.0]], ["a", "b"])
for protocol in (0, 2, 4, 5):
    seeds.append(pickle.dumps(numpy.arange(4), protocol))
seeds.append(pickle.dumps(tree, 4))
arrays = [
    numpy.array([[1.5, -2.0], [0.0, 1e300]]).T,
    numpy.array(["spam", "\u00e4"]),
    numpy.array([b"a", b"bc"]),
    numpy.array([1, None, "x"], dtype=object),
    numpy.array([(1, [2.5, 3.5])], dtype=[("a", ">i2"), ("b", "f4", (2,))]),
    numpy.array(["2024-02-29", "NaT"], dtype="M8[D]"),
    numpy.array([True, False]),
    numpy.array([1 + 2j]),
]
for array in arrays:
    for protocol in (2, 5):
        seeds.append(pickle.dumps(array, protocol))
seeds.append(pickle.dumps({"a": numpy.float32(0.5), "n": numpy.int64(-3)}, 4))
for protocol in (0, 2, 4):
    file = io.BytesIO()
    joblib.dump({"a": arrays[0], "o": arrays[3], "n": [1, 2]}, file, protocol=protocol)
    seeds.append(file.getvalue())
(folder / "seeds.hex").write_text("".join(seed.hex() + "\n" for seed in seeds))
print(len(seeds), "pickles", sum(map(len, seeds)), "bytes")
