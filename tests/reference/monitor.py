"""What SciPy and numpy answer about samples, shares and counts: prints random cases as JSON."""

import json
import math
import random
import sys
import warnings

import numpy as np
from scipy import stats

warnings.simplefilter("ignore")
random.seed(7)


def sample(rows, kind):
    """Numbers of a kind: without repetitions, with many, with infinities, of a narrow range."""
    shift = random.choice([0.0, 0.0, 0.05, 0.2, 1.0, 5.0])
    if kind == "real":
        return [random.gauss(shift, 1) for _ in range(rows)]
    if kind == "ties":
        return [float(round(random.gauss(shift, 1) * 2)) for _ in range(rows)]
    if kind == "mostly zero":
        return [0.0 if random.random() < 0.9 else random.random() + shift for _ in range(rows)]
    if kind == "infinite":
        return [random.choice([-math.inf, math.inf, random.gauss(shift, 1)]) for _ in range(rows)]
    return [7.25 + shift] * rows


def ks(first, second):
    result = stats.ks_2samp(first, second)
    figures = [result.statistic, result.pvalue, result.statistic_location, result.statistic_sign]
    return [float(figure) for figure in figures]


def psi(expected, actual, bins):
    """By counting, number by number."""
    there = sorted(number for number in expected if not math.isnan(number))
    edges = {there[-(-len(there) * i // bins) - 1] for i in range(1, bins)} if there else set()
    edges = sorted(edges)
    if edges and edges[0] == there[0]:
        edges.insert(0, math.nextafter(there[0], -math.inf))

    def counts(numbers):
        found = [0] * (len(edges) + 2)
        for number in numbers:
            missing = math.isnan(number)
            found[-1 if missing else sum(edge < number for edge in edges)] += 1
        return found

    pairs = [pair for pair in zip(counts(expected), counts(actual)) if any(pair)]
    p, q = np.array(pairs).T + 0.5
    p, q = p / p.sum(), q / q.sum()
    value = float(np.sum((q - p) * np.log(q / p)))
    spread = 1 / len(expected) + 1 / len(actual)
    chance = float(stats.chi2.sf(value / spread, len(pairs) - 1)) if len(pairs) > 1 else 1.0
    return [value, chance, len(pairs)]


KINDS = ["real", "real", "ties", "mostly zero", "infinite", "constant"]
SIZES = [1, 2, 3, 8, 29, 30, 64, 100, 300]
result = {"ks": [], "psi": [], "ks_large": []}
for case in range(600):
    kind = random.choice(KINDS)
    n = random.choice(SIZES)
    m = n if random.random() < 0.2 else random.choice(SIZES)
    first, second = sample(n, kind), sample(m, kind)
    result["ks"].append({"first": [repr(x) for x in first], "second": [repr(x) for x in second],
                         "said": ks(first, second)})
    missing = lambda numbers: [math.nan if random.random() < 0.1 else x for x in numbers]
    if case % 3 == 0:
        first, second = missing(first), missing(second)
    bins = random.choice([2, 3, 10, 10, 20, 100])
    result["psi"].append({"first": [repr(x) for x in first], "second": [repr(x) for x in second],
                          "bins": bins, "said": psi(first, second, bins)})
# above 10,000 numbers the answer is asymptotic; the samples are ramps, so as not to be printed
for n, m, slope in [(10_001, 5, 1.1), (10_001, 40, 1.3), (20_000, 137, 1.05), (20_000, 300, 1.01),
                    (12_000, 9_000, 1.002), (12_000, 9_000, 1.02), (30_000, 30_000, 1.004),
                    (15_000, 2_000, 1.2), (11_000, 1, 3.0), (150_000, 140_000, 1.003)]:
    first = np.arange(n) / n
    second = slope * np.arange(m) / m
    result["ks_large"].append([n, m, slope, *ks(first, second)])
result["wilson"] = [
    [hits, rows, confidence, *map(float, stats.binomtest(hits, rows).proportion_ci(confidence, "wilson"))]
    for rows in [1, 2, 8, 30, 740, 4_601, 10**6]
    for hits in sorted({0, 1, rows // 3, rows // 2, rows - 1, rows})
    for confidence in [0.1, 0.9, 0.95, 0.99, 0.999999]
]
result["mcnemar"] = [
    [less, more, float(stats.binomtest(less, less + more).pvalue)]
    for less in [0, 1, 3, 10, 59, 400, 5_000]
    for more in [1, 2, 5, 11, 60, 121, 430, 5_300, 100_000]
]
for part in "ks", "psi":
    for case in result[part]:
        case["said"] = [repr(figure) for figure in case["said"]]
json.dump(result, sys.stdout)
