"""Writes tests/pickle/seeds.hex: real pickles, one a line, on which the hostile tests build.

    python tests/pickle/seeds.py      (with scikit-learn)
"""

import base64
import json
import lzma
import pathlib
import pickle

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
(folder / "seeds.hex").write_text("".join(seed.hex() + "\n" for seed in seeds))
print(len(seeds), "pickles", sum(map(len, seeds)), "bytes")
