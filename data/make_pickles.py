"""Makes the small pickles in this folder that the notebooks read: `python3 make_pickles.py`.

Python's own pickle module writes them, with protocol 4, so that they come out the same, byte for
byte, under every Python from 3.8 on and every numpy from 2.0 on. Another folder can be named on the
command line.
"""

import collections
import math
import pickle
import sys
from pathlib import Path

import numpy as np


class SpamFilter:
    """A model as small as can be: a word's weight says how much it smells of spam."""

    def __init__(self, weights, limit):
        self.weights = weights
        self.limit = limit


def is_spam(mail):
    """A function of this file, which no other program has."""
    return "you have won" in mail.lower()


MIXTURE = {
    "int": 2**100,
    "float": 0.1,
    "complex": 3 + 4j,
    "bool": True,
    "none": None,
    "str": "smörgåsgurka",
    "bytes": b"\x00\xff",
    "list": [1, 2.5, "three"],
    "tuple": (1, 2),
    "set": {7},
    "frozenset": frozenset({8}),
}

SHARED_ROW = [0, 0, 0]

RECURSIVE = [1, 2]
RECURSIVE.append(RECURSIVE)

CONFUSION = np.array([[0, 6, 7], [0, 67, 18], [0, 19, 71]], dtype="int64")

EVALUATION = {
    "scores": {"accuracy": np.float64(138 / 188), "error": np.float64(50 / 188)},
    "confusion": CONFUSION,
}

PICKLES = {
    "numbers_list.pkl": [1, 2, 3, 4, 5],
    "mixture.pkl": MIXTURE,
    "shared_row.pkl": [SHARED_ROW, SHARED_ROW],
    "recursive_list.pkl": RECURSIVE,
    "names.pkl": [math.sqrt, collections.OrderedDict, is_spam],
    "evaluation.pkl": EVALUATION,
    "spam_filter.pkl": SpamFilter({"free": 2.0, "won": 3.5}, 3.0),
}

if __name__ == "__main__":
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent)
    for name, value in PICKLES.items():
        folder.joinpath(name).write_bytes(pickle.dumps(value, protocol=4))
