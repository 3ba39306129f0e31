"""The inspector beside the scanners that people use: what each says of honest and of hostile files.

usage: python scanners.py PICKLEBOOK TRICKS HONEST...         the table
       python scanners.py PICKLEBOOK --speed                  100 MB of a model, and 10,000 small files

PICKLEBOOK is the command, TRICKS the folder that `PICKLEBOOK_TRICKS=FOLDER cargo test --test inspect
every_trick_is_named` writes, and HONEST are folders of files of models that come from people you
trust. Needs fickling, picklescan, modelscan and modelaudit-picklescan; --speed scikit-learn, too.
The files are only scanned, never loaded.

A scanner names a file if it reports something that it takes for unsafe; it clears one that it has
read without a finding; and it stumbles where it gives an error, breaks off, or skips the file.
Of the honest files, eight of each kind are taken, evenly.
"""
import collections
import contextlib
import importlib.metadata
import io
import json
import logging
import os
import pathlib
import pickle
import statistics
import subprocess
import sys
import tempfile
import time

logging.disable(logging.CRITICAL)
MOST_HONEST = 8
CLEARED, NAMED, STUMBLED = "cleared", "named", "stumbled"


def fickling(path):
    from fickling.analysis import Severity, check_safety
    from fickling.fickle import StackedPickle
    with open(path, "rb") as file:
        pickles = StackedPickle.load(file)
    worst = max((check_safety(it).severity for it in pickles), key=lambda it: it.value)
    return CLEARED if worst == Severity.LIKELY_SAFE else NAMED


def picklescan(path):
    from picklescan.scanner import scan_file_path
    result = scan_file_path(str(path))
    if result.issues_count:
        return NAMED
    return STUMBLED if result.scan_err or not result.scanned_files else CLEARED


def modelscan(path):
    from modelscan.modelscan import ModelScan
    found = ModelScan().scan(str(path))
    if found["summary"]["total_issues"]:
        return NAMED
    skipped = found["summary"]["scanned"]["total_scanned"] == 0
    return STUMBLED if skipped or found.get("errors") else CLEARED


def modelaudit(path):
    import modelaudit_picklescan
    report = modelaudit_picklescan.scan_file(str(path))
    verdict = report.verdict.value
    if verdict in ("suspicious", "malicious"):
        return NAMED
    return CLEARED if verdict == "clean" and report.status.value == "complete" else STUMBLED


SCANNERS = {"fickling": fickling, "picklescan": picklescan, "modelscan": modelscan, "modelaudit-picklescan": modelaudit}


def judged(scan, path):
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        try:
            return scan(path)
        except (Exception, SystemExit, RecursionError):
            return STUMBLED


def inspected(command, paths):
    """What picklebook says: exit codes 0, 3 and 1."""
    outcomes = {}
    for start in range(0, len(paths), 500):
        done = subprocess.run([command, "inspect", "--json", *map(str, paths[start:start + 500])], capture_output=True, text=True)
        for file in json.loads(done.stdout)["files"]:
            outcomes[file["path"]] = {0: CLEARED, 3: NAMED}.get(file["exit_code"], STUMBLED)
    return [outcomes[str(path)] for path in paths]


def table(command, tricks, honest):
    groups = {}
    for folder in honest:
        for path in sorted(pathlib.Path(folder).rglob("*")):
            if path.is_file() and path.suffix in (".pkl", ".joblib", ".sav", ".pickle"):
                head = path.read_bytes()
                kind = "joblib" if b"NumpyArrayWrapper" in head else "pickles" if head[:1] in b"\x80(c]}" else "compressed"
                groups.setdefault(f"honest: {kind}", []).append(path)
    # modelaudit-picklescan takes seconds for each.
    groups = {group: paths[::max(1, -(-len(paths) // MOST_HONEST))] for group, paths in groups.items()}
    for kind in ("hostile", "stumbling"):
        for way in sorted(path for path in (pathlib.Path(tricks) / kind).iterdir()):
            groups[f"{kind}: {way.name}"] = sorted(way.iterdir())
    names = ["picklebook", *SCANNERS]
    versions = [importlib.metadata.version(name) for name in SCANNERS]
    print("Versions:", ", ".join(f"{name} {version}" for name, version in zip(SCANNERS, versions)), end="\n\n")
    print("| files | |", " | ".join(names), "|")
    print("| --- | ---: |", " | ".join(["---:"] * len(names)), "|")
    for group, paths in groups.items():
        columns = [inspected(command, paths)] + [[judged(scan, path) for path in paths] for scan in SCANNERS.values()]
        cells = []
        for column in columns:
            counts = collections.Counter(column)
            cells.append(" / ".join(str(counts[it]) for it in (CLEARED, NAMED, STUMBLED)))
        print(f"| {group} | {len(paths)} |", " | ".join(cells), "|", flush=True)


def timed(run, times=5, wall=False):
    """Median seconds: of the processor, or by the clock."""
    run()
    seconds = []
    for _ in range(times):
        clock, before = time.perf_counter(), os.times()
        run()
        after = os.times()
        used = after.children_user + after.children_system - before.children_user - before.children_system
        seconds.append(time.perf_counter() - clock if wall else used)
    return statistics.median(seconds)


def speed(command):
    import numpy
    from sklearn.ensemble import RandomForestClassifier
    rng = numpy.random.default_rng(0)
    rows = rng.normal(size=(60_000, 20))
    classes = (rows[:, 0] + rows[:, 1] + rng.normal(size=60_000) > 0).astype(int) + (rows[:, 2] > 1)
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        forest = RandomForestClassifier(n_estimators=100, random_state=0, n_jobs=2).fit(rows, classes)
        for protocol in (2, 4, 5):
            path = folder / f"forest.p{protocol}.pkl"
            path.write_bytes(pickle.dumps(forest, protocol))
        data = [{"id": i, "name": f"row {i}", "weight": i / 3, "tags": ["a", "b", str(i)]} for i in range(1_500_000)]
        (folder / "rows.pkl").write_bytes(pickle.dumps(data))
        here = f"import sys; from picklescan.cli import main; sys.argv[0] = 'picklescan'; sys.exit(main())"
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        print("| file | MB | picklebook s | picklescan s | times |\n| --- | ---: | ---: | ---: | ---: |")
        for path in sorted(folder.iterdir()):
            ours = timed(lambda: subprocess.run([command, "inspect", path], **quiet))
            theirs = timed(lambda: subprocess.run([sys.executable, "-c", here, "--path", path], **quiet), 3)
            print(f"| {path.name} | {path.stat().st_size / 1e6:.0f} | {ours:.3f} | {theirs:.3f} | {theirs / ours:.1f} |", flush=True)
        from sklearn.tree import DecisionTreeClassifier
        small = pickle.dumps(DecisionTreeClassifier(max_depth=3).fit(rows[:500], classes[:500]))
        many = folder / "many"
        many.mkdir()
        for number in range(10_000):
            (many / f"{number}.pkl").write_bytes(small)
        ours = timed(lambda: subprocess.run([command, "inspect", many], **quiet), wall=True)
        one = timed(lambda: subprocess.run(["taskset", "-c", "0", command, "inspect", many], **quiet), wall=True)
        theirs = timed(lambda: subprocess.run([sys.executable, "-c", here, "--path", many], **quiet), 1, wall=True)
        print(f"\n10,000 files of {len(small)} bytes: picklebook {ours:.3f} s ({one:.3f} s on one core), picklescan {theirs:.2f} s ({theirs / ours:.0f} times)")


if __name__ == "__main__":
    if sys.argv[2] == "--speed":
        speed(sys.argv[1])
    else:
        table(sys.argv[1], sys.argv[2], sys.argv[3:])
