"""CPython's side of the pickle benchmark, and the table at its end.

    python tests/benches/pickle_table.py serve FOLDER   the data, and timings on demand (used by the benchmark)
    python tests/benches/pickle_table.py table          medians of the last `cargo bench --bench pickle`
"""

import gc
import json
import pathlib
import pickle
import random
import sys
import time


def tree(rng, depth):
    node = {
        "feature": rng.randrange(20),
        "threshold": rng.random(),
        "impurity": rng.random(),
        "n_node_samples": rng.randrange(1, 10**6),
        "value": [rng.random(), rng.random()],
        "left": None,
        "right": None,
    }
    # About 84,000 nodes: 16 full levels and a part of the next three.
    if depth < 15 or (depth < 18 and rng.random() < 0.185):
        node["left"], node["right"] = tree(rng, depth + 1), tree(rng, depth + 1)
    return node


def count(node):
    return 0 if node is None else 1 + count(node["left"]) + count(node["right"])


def forest():
    import numpy
    from sklearn.ensemble import RandomForestRegressor

    rng = numpy.random.default_rng(0)
    x = rng.random((100_000, 5))
    return RandomForestRegressor(n_estimators=12, random_state=0, n_jobs=2).fit(x, x.sum(axis=1))


def make():
    rng = random.Random(0)
    rows = {
        "ints": [rng.choice([rng.randrange(256), rng.randrange(-(2**31), 2**31)]) for _ in range(10**6)],
        "floats": [rng.random() for _ in range(10**6)],
        "strings": [f"name {i} {rng.random()}" for i in range(10**5)],
        "dict": {f"key {i}": rng.randrange(10**6) for i in range(10**5)},
        "structs": [
            {"id": i, "name": f"row {i}", "weight": rng.random(), "label": rng.choice("LBR"), "used": i % 3 == 0}
            for i in range(10**5)
        ],
        "tree": tree(rng, 0),
        "forest": forest(),
    }
    nodes = count(rows["tree"])
    assert abs(nodes - 84_000) <= 1_000, nodes
    print(f"tree: {nodes} nodes, each a dictionary", file=sys.stderr)
    return rows


def serve(folder):
    rows = make()
    data = {name: pickle.dumps(row, 4) for name, row in rows.items()}
    for name, pickled in data.items():
        (folder / f"{name}.pkl").write_bytes(pickled)
    # The garbage collector stays on, as everyone has it, but looks only at what a measurement makes:
    # whoever reads one pickle does not have the objects of six others.
    gc.freeze()
    print("ready", flush=True)
    for line in sys.stdin:
        what, name, times = line.split()
        spent = 0.0
        for _ in range(int(times)):
            start = time.perf_counter()
            result = pickle.loads(data[name]) if what == "read" else pickle.dumps(rows[name], 4)
            spent += time.perf_counter() - start
            del result
        print(spent, flush=True)


def table():
    root = pathlib.Path(__file__).resolve().parents[2] / "target" / "criterion"
    who = ["picklebook", "picklebook default", "serde-pickle", "deser-pickle", "CPython", "memcpy"]
    found = {}
    for file in root.glob("*/*/new/benchmark.json"):
        name = json.loads(file.read_text())
        if not name["group_id"].startswith(("read ", "write ")):
            continue  # another benchmark's
        median = json.loads((file.parent / "estimates.json").read_text())["median"]["point_estimate"]
        found[name["group_id"], name["function_id"]] = median / 1e6
    print("| ms | " + " | ".join(who) + " | CPython / picklebook |")
    print("| --- |" + " ---: |" * (len(who) + 1))
    for group in sorted({group for group, _ in found}):
        cells = [f"{found[group, one]:.2f}" if (group, one) in found else "" for one in who]
        times = found.get((group, "CPython"), 0) / found[group, "picklebook"]
        print(f"| {group} | " + " | ".join(cells) + f" | {times:.1f} |")


if __name__ == "__main__":
    serve(pathlib.Path(sys.argv[2])) if sys.argv[1] == "serve" else table()
