"""scikit-learn's side of the bench `classes`: answers one line of JSON, a list of words, with another.

folder FOLDER               where models and rows are
fit                         fits the models, saves them, and writes rows and answers
version                     scikit-learn's version
open MODEL                  the model for the questions that follow
all                         the seconds for all rows, of the processor's time
one FROM TO                 the seconds for each of these rows, alone
"""

import json
import os
import pickle
import sys
import time
import warnings

os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"
import numpy as np
import pandas as pd
import sklearn
from sklearn.compose import ColumnTransformer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import MultinomialNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.svm import SVC

warnings.simplefilter("ignore")
ROWS = 10_000
folder = model = rows = None


def texts(rng, count):
    """Short messages: words by Zipf's law, some with capitals, digits, accents and punctuation."""
    letters = np.array(list("etaoinshrdlucmfwypvbgk"))
    sizes = rng.randint(2, 11, 8_000)
    words = ["".join(letters[np.minimum(rng.geometric(0.12, size) - 1, 21)]) for size in sizes]
    words[50], words[70], words[90] = "café", "naïve", "don't"
    ranks = 1 / np.arange(1, len(words) + 1)
    made = []
    for _ in range(count):
        chosen = [words[place] for place in rng.choice(len(words), rng.randint(5, 30), p=ranks / ranks.sum())]
        chosen[0] = chosen[0].capitalize()
        chosen.insert(rng.randint(len(chosen)), str(rng.randint(10_000)))
        made.append(" ".join(chosen) + rng.choice([".", "!", "?", "..."]))
    return made


def numbers(seed, rows, columns):
    return np.random.RandomState(seed).randn(rows, columns)


def table(seed, rows):
    rng = np.random.RandomState(seed)
    columns = {f"number {place}": rng.randn(rows) for place in range(7)}
    for name, words in {
        "colour": ["red", "green", "blue", "white", "black"],
        "size": ["small", "middle", "large"],
        "town": [f"town {place}" for place in range(20)],
    }.items():
        columns[name] = rng.choice(words, rows)
    return pd.DataFrame(columns)


def fitted(name):
    """The model, the rows that it is asked, and how many columns they have; 0 for texts."""
    if name.startswith("tfidf"):
        rng = np.random.RandomState(0)
        made = texts(rng, 2 * ROWS)
        last = LogisticRegression(C=10) if "logistic" in name else MultinomialNB()
        y = ["spam" if len(text) % 3 == 0 else "ham" for text in made[:ROWS]]
        return make_pipeline(TfidfVectorizer(), last).fit(made[:ROWS], y), made[ROWS:]
    if name == "columns":
        x = table(0, ROWS)
        y = (x["number 0"] + (x["colour"] == "red") + 0.5 * numbers(1, ROWS, 1)[:, 0] > 0).astype(int)
        scaled, coded = list(x.columns[:7]), list(x.columns[7:])
        each = [("scaled", StandardScaler(), scaled), ("coded", OneHotEncoder(), coded)]
        return make_pipeline(ColumnTransformer(each), LogisticRegression()).fit(x, y), table(2, ROWS)
    columns = {"scaler": 10, "svc": 20, "knn_brute_30": 30, "knn_brute_10": 10}.get(name.removesuffix("_linear"), 5)
    count = 1000 if name.startswith("svc") else ROWS
    x, noise = numbers(0, count, columns), numbers(1, count, 1)[:, 0]
    y = (x[:, 0] * x[:, 1] + x[:, 2] + noise > 0).astype(int) + (x[:, 3] > 1)
    if name.startswith("svc"):
        # with labels by chance, nearly every row is a support vector
        y = np.random.RandomState(3).randint(2, size=count)
        model = SVC(kernel="linear" if "linear" in name else "rbf", C=1)
    elif name == "scaler":
        model = make_pipeline(StandardScaler(), LogisticRegression())
    else:
        algorithm = {"knn_kd_tree": "kd_tree", "knn_ball_tree": "ball_tree"}.get(name, "brute")
        model = KNeighborsClassifier(algorithm=algorithm)
    return model.fit(x, y), numbers(4, ROWS, columns)


def ask(some):
    return model.decision_function(some) if isinstance(model, SVC) else model.predict_proba(some)


NAMES = [
    "tfidf_logistic", "tfidf_bayes", "svc", "svc_linear", "knn_brute_30", "knn_brute_10", "knn_kd_tree",
    "knn_ball_tree", "scaler", "columns",
]  # fmt: skip


def fit():
    global model
    for name in NAMES:
        model, asked = fitted(name)
        ask(asked).astype("<f8").tofile(f"{folder}/{name}.answers")
        if isinstance(asked, np.ndarray):
            asked.astype("<f8").tofile(f"{folder}/{name}.rows")
        else:
            table = {"text": asked} if isinstance(asked, list) else asked.to_dict("list")
            with open(f"{folder}/{name}.json", "w", encoding="utf-8") as file:
                json.dump(list(table.items()), file)
        with open(f"{folder}/{name}.rows.pkl", "wb") as file:
            pickle.dump(asked, file)
        with open(f"{folder}/{name}.pkl.new", "wb") as file:
            pickle.dump(model, file, 5)
        os.replace(f"{folder}/{name}.pkl.new", f"{folder}/{name}.pkl")


def load(path):
    with open(path, "rb") as file:
        return pickle.load(file)


def one(start, end):
    times = []
    for row in range(start, end):
        some = rows[row : row + 1]
        start = time.perf_counter()
        ask(some)
        times.append(time.perf_counter() - start)
    return times


for line in sys.stdin:
    action, *words = json.loads(line)
    answer = True
    if action == "folder":
        folder = words[0]
        os.makedirs(folder, exist_ok=True)
    elif action == "fit":
        fit()
    elif action == "version":
        answer = sklearn.__version__
    elif action == "open":
        model, rows = load(f"{folder}/{words[0]}.pkl"), load(f"{folder}/{words[0]}.rows.pkl")
    elif action == "all":
        start = time.process_time()
        ask(rows)
        answer = time.process_time() - start
    elif action == "one":
        answer = one(*words)
    print(json.dumps(answer), flush=True)
