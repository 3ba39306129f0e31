"""Writes two files beside it: reference.json, what river and statsmodels answer, which the tests do not
install; and kolmogorov.csv, SciPy's distribution of the Kolmogorov-Smirnov statistic of one sample.

    pip install river==0.26.0 statsmodels==0.14.6 scipy==1.17.1
    python3 make_reference.py

river 0.26.0 wants Python 3.12; for 3.11, csv.DictReader gets what it lacks below.

The streams are not in the file: the tests make the same ones, of the same seeds.
"""

import csv
import json
import math
from importlib.metadata import version
from pathlib import Path

if not hasattr(csv.DictReader, "__class_getitem__"):
    csv.DictReader.__class_getitem__ = classmethod(lambda cls, item: cls)

from river import drift
from scipy import stats
from statsmodels.stats.contingency_tables import mcnemar
from statsmodels.stats.proportion import proportion_confint


def uniform(seed):
    """Numbers from 0 to 1: Knuth's linear congruential generator of 64 bits, its upper 53."""
    while True:
        seed = (seed * 6364136223846793005 + 1442695040888963407) % 2**64
        yield (seed >> 11) / 2**53


def stream(seed, kind, segments):
    """Numbers whose mean changes from segment to segment: errors, or real numbers."""
    noise = uniform(seed)
    for rows, mean in segments:
        for _ in range(rows):
            if kind == "errors":
                yield 1.0 if next(noise) < mean else 0.0
            else:
                yield mean + (next(noise) + next(noise) + next(noise) - 1.5)


def detections(make, numbers):
    detector, found = make(), []
    for row, number in enumerate(numbers):
        detector.update(number)
        if detector.drift_detected:
            found.append(row)
    return found, detector


pick = uniform(2002)
choice = lambda options: options[int(next(pick) * len(options))]
cases = []
for case in range(120):
    kind = choice(["errors", "errors", "numbers"])
    means = [0.02, 0.1, 0.2, 0.35, 0.5, 0.8, 0.97] if kind == "errors" else [-3, -1, 0, 0.25, 2, 40]
    segments = [[int(20 + next(pick) * 1500), choice(means)] for _ in range(1 + int(next(pick) * 4))]
    seed = 1000 + case
    adwin = {
        "delta": choice([0.002, 0.002, 0.05, 0.0001, 0.3]),
        "clock": choice([32, 32, 1, 7, 100]),
        "max_buckets": choice([5, 5, 2, 3, 20]),
        "min_window_length": choice([5, 5, 1, 20]),
        "grace_period": choice([10, 10, 0, 200]),
    }
    page_hinkley = {
        "min_instances": choice([30, 30, 0, 200]),
        "delta": choice([0.005, 0.005, 0.0, 0.1]),
        "threshold": choice([50.0, 20.0, 10.0, 3.0]),
        "alpha": choice([0.9999, 0.9999, 1.0, 0.99]),
        "mode": choice(["both", "both", "up", "down"]),
    }
    numbers = list(stream(seed, kind, segments))
    found, detector = detections(lambda: drift.ADWIN(**adwin), numbers)
    cases.append(
        {
            "seed": seed,
            "kind": kind,
            "segments": segments,
            "adwin": adwin,
            "adwin_detections": found,
            "adwin_width": int(detector.width),
            "adwin_estimation": detector.estimation,
            "page_hinkley": page_hinkley,
            "page_hinkley_detections": detections(
                lambda: drift.PageHinkley(**page_hinkley), numbers
            )[0],
        }
    )

tests = []
for first, second in [(0, 1), (3, 0), (25, 8), (8, 25), (10, 10), (1, 40), (121, 59), (1000, 900),
                      (5000, 5300), (40, 4000), (99999, 101000)]:
    exact = mcnemar([[7, first], [second, 3]], exact=True)
    plain = mcnemar([[7, first], [second, 3]], exact=False, correction=False)
    corrected = mcnemar([[7, first], [second, 3]], exact=False, correction=True)
    figures = [exact.pvalue, plain.statistic, plain.pvalue, corrected.statistic, corrected.pvalue]
    tests.append([first, second, *map(float, figures)])

intervals = []
for hits, rows in [(0, 1), (1, 1), (0, 8), (7, 8), (8, 8), (3, 30), (29, 30), (500, 1000), (6, 740),
                   (1813, 4601), (999999, 1000000)]:
    for confidence in [0.5, 0.9, 0.95, 0.99, 0.999999]:
        low, high = proportion_confint(hits, rows, alpha=1 - confidence, method="wilson")
        intervals.append([hits, rows, confidence, float(low), float(high)])

with open(Path(__file__).with_name("kolmogorov.csv"), "w") as file:
    file.write("rows,statistic,above\n")
    for n in [1, 2, 3, 5, 10, 50, 100, 140, 141, 200, 1_000, 5_000, 50_000, 100_000, 200_000,
              1_000_000, 2_000_000]:
        roots = [0.05, 0.2, 0.4, 0.6, 0.8, 0.95, 1.2, 1.47, 1.5, 2.0, 3.0, 5.0, 10.0, 19.0]
        few = [0.4 / n, 0.7 / n, 1.0 / n, 1.5 / n, 0.5, 0.7, 1 - 0.5 / n, 1.0]
        for d in sorted({*few, *(root / math.sqrt(n) for root in roots)}):
            if d <= 1:
                file.write(f"{n},{d!r},{float(stats.kstwo.sf(d, n))!r}\n")

versions = {package: version(package) for package in ["river", "statsmodels", "scipy", "numpy"]}
result = {"versions": versions, "streams": cases, "mcnemar": tests, "wilson": intervals}
lines = json.dumps(result).replace('{"seed"', '\n{"seed"').replace('"mcnemar"', '\n"mcnemar"')
Path(__file__).with_name("reference.json").write_text(lines + "\n")
print(versions, sum(len(case["adwin_detections"]) for case in cases),
      sum(len(case["page_hinkley_detections"]) for case in cases))
