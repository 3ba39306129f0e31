"""Open the files of the archives beside this script in the scikit-learn of this interpreter, and say what it makes of
them: which it refuses, which it opens with a warning, and whether it answers as the version that wrote them did.

usage: python opened.py [ARCHIVE ...]        (needs scikit-learn, numpy, pandas and joblib)

Without arguments it takes all archives but random.tar.xz, whose tables are not kept as they were asked.

Prints a line for each class and version that wrote files of it: how many files there are, how many are refused, how many
are opened with a warning, how many are opened and then fail or answer otherwise than there (by more than 1e-9, or 1e-6
of 32-bit floats); with OPENED=-v in the environment, an example of what is said, too. Every archive holds each model in several files; the one that pickle
wrote is taken, if there is one.
"""
import collections
import io
import json
import os
import pickle
import re
import sys
import tarfile
import warnings

import joblib
import numpy as np
import pandas as pd
import sklearn

HERE = os.path.dirname(os.path.abspath(__file__))
METHODS = ("predict", "predict_proba", "decision_function", "transform", "apply", "kneighbors")
ENDINGS = ("p2.pkl", "p4.pkl", "p5.pkl", "p0.pkl", "joblib")


def plain(value):
    if hasattr(value, "toarray"):
        value = value.toarray()
    if hasattr(value, "to_numpy"):
        value = value.to_numpy()
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    return plain(value.tolist()) if isinstance(value, (np.ndarray, np.generic)) else value


def number(value):
    """What `float.hex` wrote, or a missing value; None for another value."""
    if value is None:
        return float("nan")
    if isinstance(value, str):
        try:
            return float.fromhex(value) if "0x" in value or value in ("nan", "inf", "-inf") else None
        except ValueError:
            return None
    return float(value)


def same(found, said, most):
    if isinstance(found, list) and len(found) == 1 and not isinstance(said, list):
        found = found[0]
    if isinstance(said, list):
        if len(said) == 1 and not isinstance(found, list):
            said = said[0]
        else:
            return isinstance(found, list) and len(found) == len(said) and all(map(same, found, said, [most] * len(said)))
    if isinstance(found, str) or number(said) is None:
        return found == said
    found, said = number(found), number(said)
    return found == said or (found != found and said != said) or abs(found - said) <= most * max(1, abs(said))


def rows_of(said, model):
    """The rows that were asked, as the model takes them."""
    if "rows" in said:
        return np.array([[number(cell) for cell in row] for row in said["rows"]])
    columns, names = said["columns"], said.get("names")
    is_words = [any(isinstance(cell, str) and number(cell) is None for cell in column) for column in columns]
    texts = len(columns) == 1 and not names and takes_texts(model)
    missing = "" if texts else np.nan
    made = [[missing if cell is None else cell for cell in column] if words else [number(cell) for cell in column] for column, words in zip(columns, is_words)]
    if names and begins_with(model, ("DictVectorizer",)):
        made = [column if words else numbers for column, numbers, words in zip(columns, made, is_words)]
        return [dict(zip(names, row)) for row in zip(*made)]
    if names:
        return pd.DataFrame({name: pd.Series(column, dtype=object if words else float)
                             for name, column, words in zip(names, made, is_words)})
    if texts:
        return made[0]
    return np.array(list(zip(*made)), dtype=object if any(is_words) else float)


def takes_texts(model):
    return begins_with(model, ("CountVectorizer", "TfidfVectorizer", "HashingVectorizer", "LabelBinarizer", "LabelEncoder"))


def begins_with(model, classes):
    while hasattr(model, "steps") or hasattr(model, "transformer_list") or hasattr(model, "best_estimator_"):
        if hasattr(model, "best_estimator_"):
            model = model.best_estimator_
        else:
            model = getattr(model, "steps", getattr(model, "transformer_list", None))[0][1]
    return type(model).__name__ in classes


def verdict(name, content, said):
    """What becomes of a file: a word, and what is said."""
    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        try:
            if name.endswith("joblib"):
                model = joblib.load(io.BytesIO(content))
            else:
                model = pickle.loads(content)
        except Exception as error:
            return "refused", "%s: %s" % (type(error).__name__, error)
    told = [one for one in told if type(one.message).__name__ != "InconsistentVersionWarning"]
    told = [one for one in told if "Trying to unpickle estimator" not in str(one.message)]
    warned = str(told[0].message) if told else None
    for key, place in re.findall(r"\['([^']*)'\]|\[(\d+)\]", said.get("object") or ""):
        model = model[int(place) if place else key]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            asked = rows_of(said, model)
            for method in METHODS:
                if method in said:
                    if method == "transform" and isinstance(asked, list) and type(model).__name__ == "LabelEncoder":
                        asked = np.array(asked)
                    answer = plain(getattr(model, method)(asked))
                    expected, most = said[method], 1e-6 if "single" in name else 1e-9
                    if method == "kneighbors":  # rows at the same distance stand in any order
                        answer, expected, most = answer[0], expected[0], 1e-6
                    if not same(answer, expected, most):
                        return "other answers", method
        except Exception as error:
            return "fails", "%s: %s" % (type(error).__name__, error)
    return ("warned", warned) if warned else ("opened", "")


def files_of(archive):
    """Version, name of the model, bytes and what is said of them, once for each model."""
    with tarfile.open(archive) as tar:
        files = {item.name: tar.extractfile(item).read() for item in tar if item.isfile()}
    for name in sorted(files):
        folder, _, file = name.rpartition("/")
        model, _, ending = file.partition(".")
        if ending == "json" and model != "versions":
            found = [one for one in ENDINGS if f"{folder}/{model}.{one}" in files]
            if found:
                path = f"{folder}/{model}.{found[0]}"
                yield folder, path, files[path], json.loads(files[name])


def main():
    archives = sys.argv[1:] or sorted(os.path.join(HERE, name) for name in os.listdir(HERE) if name.endswith(".tar.xz") and name != "random.tar.xz")
    table = collections.defaultdict(collections.Counter)
    examples = {}
    for archive in archives:
        for version, path, content, said in files_of(archive):
            if "model" not in said:
                continue
            key = said["model"], tuple(int(part) for part in re.findall(r"\d+", version)[:3])
            word, why = verdict(path, content, said)
            if "No module named 'imblearn'" in why:
                continue
            table[key][word] += 1
            table[key]["files"] += 1
            if why:
                examples.setdefault((key, word), "%s: %s" % (os.path.basename(path), why))
    print(f"scikit-learn {sklearn.__version__} opens:")
    for key in sorted(table):
        counts = table[key]
        words = [f"{counts[word]} {word}" for word in ("opened", "warned", "fails", "other answers", "refused") if counts[word]]
        print(f"{key[0]} of {'.'.join(map(str, key[1]))}: {counts['files']} files, " + ", ".join(words))
        for word in ("warned", "fails", "other answers", "refused"):
            if (key, word) in examples and "-v" in os.environ.get("OPENED", ""):
                print(f"    {word}: {examples[key, word][:160]}")


main()
