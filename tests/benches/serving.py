"""Requests a second and latencies of `picklebook serve` beside FastAPI, with the same files of scikit-learn's.

usage: PYTHON tests/benches/serving.py [SECONDS] [MODEL…]    (in the project's folder, after `cargo build --release`)
       PYTHON tests/benches/serving.py memory [REQUESTS]     (what the server holds in memory after so many)

PYTHON has scikit-learn, fastapi and uvicorn; `wrk` (Debian's package of that name) makes the load. Servers and load
share the processors. A request holds one row of 20 numbers. Servers take turns; one line of a table for each model,
server and number of connections.
"""

import json
import pathlib
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

import joblib
from sklearn.datasets import make_classification
from sklearn.ensemble import RandomForestClassifier
from sklearn.tree import DecisionTreeClassifier

PROJECT = pathlib.Path(__file__).resolve().parents[2]
CONNECTIONS = [1, 16, 256]
ROWS = 1000

FASTAPI = """
import joblib, numpy
from fastapi import FastAPI
from pydantic import BaseModel

model = joblib.load({path!r})
app = FastAPI()

class Rows(BaseModel):
    rows: list[list[float]]

@app.post("/predict")
def predict(asked: Rows):
    return {{"predictions": model.predict(numpy.asarray(asked.rows)).tolist()}}
"""

LOAD = """
local bodies = {{}}
for line in io.lines({bodies!r}) do bodies[#bodies + 1] = line end
local place = 0
request = function()
  place = place % #bodies + 1
  return wrk.format("POST", {path!r}, {{["content-type"] = "application/json"}}, bodies[place])
end
done = function(summary, latency)
  io.write(string.format("RESULT %d %d %d %d %d\\n", summary.requests, summary.duration,
    latency:percentile(50), latency:percentile(99),
    summary.errors.status + summary.errors.connect + summary.errors.read + summary.errors.write + summary.errors.timeout))
end
"""


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def wait(port, body):
    for _ in range(300):
        try:
            request = urllib.request.Request(
                f"http://127.0.0.1:{port}/predict", body.encode(), {"content-type": "application/json"}
            )
            return json.load(urllib.request.urlopen(request, timeout=5))
        except OSError:
            time.sleep(0.1)
    raise SystemExit("the server does not answer")


def picklebook(folder, model):
    port = free_port()
    command = [PROJECT / "target/release/picklebook", "serve", "--port", str(port), folder / f"{model}.pkl"]
    return port, subprocess.Popen(command, stderr=subprocess.DEVNULL)


def fastapi(folder, model):
    port = free_port()
    name = f"served_{model}"
    (folder / f"{name}.py").write_text(FASTAPI.format(path=str(folder / f"{model}.pkl")))
    command = [sys.executable, "-m", "uvicorn", f"{name}:app", "--port", str(port), "--workers", "2", "--log-level", "error"]
    return port, subprocess.Popen(command, cwd=folder)


SERVERS = {
    "FastAPI, 2 workers": (fastapi, lambda row: json.dumps({"rows": [row]})),
    "picklebook": (picklebook, lambda row: json.dumps([row])),
}


def load(folder, port, bodies, connections, seconds):
    script = folder / "load.lua"
    script.write_text(LOAD.format(bodies=str(bodies), path="/predict" ))
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "-s", script, f"http://127.0.0.1:{port}"]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    requests, micros, p50, p99, errors = map(int, re.search(r"RESULT (\d+) (\d+) (\d+) (\d+) (\d+)", told).groups())
    return requests / micros * 1e6, p50 / 1e3, p99 / 1e3, errors


def resident(process):
    """What a process holds in memory, in MiB."""
    status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+) kB", status)[1]) / 1024


def data():
    """What the models are fitted on, and the rows that are asked."""
    features, target = make_classification(20_000, 20, n_informative=10, n_classes=3, random_state=1)
    return features, target, [[round(float(cell), 4) for cell in row] for row in features[:ROWS]]


def memory(wanted):
    """A table of what the server of a forest holds in memory over many requests, at 16 connections."""
    features, target, rows = data()
    print("| requests | memory, MiB | failed |")
    print("| ---: | ---: | ---: |")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        joblib.dump(RandomForestClassifier(100, max_depth=10, random_state=1).fit(features, target), folder / "forest.pkl")
        (folder / "bodies.txt").write_text("\n".join(json.dumps([row]) for row in rows) + "\n")
        port, process = picklebook(folder, "forest")
        try:
            wait(port, json.dumps([rows[0]]))
            asked, failed = 0, 0
            while asked < wanted:
                rate, _, _, errors = load(folder, port, folder / "bodies.txt", 16, 5)
                asked, failed = asked + round(rate * 5), failed + errors
                print(f"| {asked:,} | {resident(process):.1f} | {failed} |", flush=True)
        finally:
            process.terminate()
            process.wait()


def main():
    if sys.argv[1:2] == ["memory"]:
        return memory(int(sys.argv[2]) if len(sys.argv) > 2 else 1_000_000)
    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else 10
    wanted = sys.argv[2:] or ["tree", "forest"]
    features, target, rows = data()
    print("| model | server | connections | requests/s | ratio | p50, ms | p99, ms | failed |")
    print("| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        models = {
            "tree": DecisionTreeClassifier(max_depth=5, random_state=1),
            "forest": RandomForestClassifier(100, max_depth=10, random_state=1),
        }
        for model in wanted:
            joblib.dump(models[model].fit(features, target), folder / f"{model}.pkl")
            expected = models[model].predict(rows).tolist()
            running, ports = [], {}
            try:
                for server, (start, body) in SERVERS.items():
                    ports[server], process = start(folder, model)
                    running.append(process)
                    # what is served is the same
                    for place in range(20):
                        assert wait(ports[server], body(rows[place]))["predictions"] == [expected[place]]
                    (folder / f"{server}.txt").write_text("\n".join(map(body, rows)) + "\n")
                for connections in CONNECTIONS:
                    first = None
                    for server in SERVERS:
                        rate, p50, p99, errors = load(folder, ports[server], folder / f"{server}.txt", connections, seconds)
                        first = first or rate
                        print(
                            f"| {model} | {server} | {connections} | {rate:,.0f} | {rate / first:.1f} | {p50:.2f} | {p99:.2f} | {errors} |",
                            flush=True,
                        )
            finally:
                for process in running:
                    process.terminate()
                for process in running:
                    process.wait()


main()
