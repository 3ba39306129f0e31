"""How long cells take: those of the series of notebooks, or some of each kind.

usage: .venv/bin/python tests/benches/cells.py [ROUNDS]          each code cell of the series, that often (1)
       .venv/bin/python tests/benches/cells.py kinds [ROUNDS]    cells of each kind, that often (30)

In the project's folder, after `cargo run -- setup --tests`. Prints a table, in seconds. A cell's time is that from the
request to the kernel's answer. The set-up cell and the one behind it, with which the kernel's analyser begins, count
like all others; no spare kernel is used.
"""

import json
import os
import pathlib
import random
import statistics
import sys
import time

from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import KernelManager

project = pathlib.Path(__file__).resolve().parents[2]
SET_UP = ':dep picklebook = { path = "..", default-features = false }'
BEFORE = [
    SET_UP,
    'let labels = picklebook::data::Labels::from(["L", "R"]);',
    "let mut numbers: Vec<f64> = vec![1.0, 2.0];",
    'let words: Vec<String> = vec!["a".to_owned()];',
    "labels.len()",
    "let wrong: u8 = labels;",
]
KINDS = {
    "`println!`": lambda i: f'println!("{{}}", {i} + labels.len());',
    "`let`": lambda i: f"let x{i} = labels.len() + {i};",
    "an expression": lambda i: f"labels.len() + {i}",
    "`fn`": lambda i: f"fn double_{i}(x: usize) -> usize {{ x * {i} }}",
    "a closure": lambda i: f'println!("{{:?}}", numbers.iter().map(|x| x * {i}.0).sum::<f64>());',
    "a wrong type": lambda i: f"let wrong: u8 = labels; // {i}",
    "an unknown name": lambda i: f"let wrong = unknown_{i}();",
}


class Kernel:
    def __init__(self):
        specs = KernelSpecManager(kernel_dirs=[str(project / ".venv/share/jupyter/kernels")])
        self.manager = KernelManager(kernel_name="rust", kernel_spec_manager=specs)
        self.manager.start_kernel(cwd=str(project / "notebooks"), env={**os.environ, "PICKLEBOOK_SPARES": "0"})
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=300)

    def seconds(self, code):
        started = time.perf_counter()
        self.client.execute_interactive(code, timeout=600, allow_stdin=False, output_hook=lambda message: None)
        return time.perf_counter() - started

    def end(self):
        self.client.stop_channels()
        self.manager.shutdown_kernel()


def quartiles(seconds):
    first, median, third = statistics.quantiles(seconds, n=4, method="inclusive")
    return f"{median:.2f} | {first:.2f} | {third:.2f} | {sum(seconds):.1f} |"


def series(rounds):
    print("| notebook | cells | median | a quarter below | a quarter above | all cells |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |")
    every = []
    for notebook in sorted((project / "notebooks").glob("[0-9][0-9]_*.ipynb")):
        cells = [cell for cell in json.loads(notebook.read_text())["cells"] if cell["cell_type"] == "code"]
        seconds = []
        for _ in range(rounds):
            kernel = Kernel()
            seconds += [kernel.seconds("".join(cell["source"])) for cell in cells]
            kernel.end()
        every += seconds
        print(f"| {notebook.name} | {len(cells)} | {quartiles(seconds)}", flush=True)
    print(f"| the series | {len(every) // rounds} | {quartiles(every)}")


def kinds(rounds):
    kernel = Kernel()
    for cell in BEFORE:
        kernel.seconds(cell)
    measured = {kind: [] for kind in KINDS}
    for number in range(rounds):
        for kind in random.sample(list(KINDS), len(KINDS)):
            measured[kind].append(kernel.seconds(KINDS[kind](number)))
    kernel.end()
    print("| cell | median | a quarter below | a quarter above | all cells |")
    print("| --- | ---: | ---: | ---: | ---: |")
    for kind, seconds in measured.items():
        print(f"| {kind} | {quartiles(seconds)}")


words = sys.argv[1:]
if words[:1] == ["kinds"]:
    kinds(int(words[1]) if words[1:] else 30)
else:
    series(int(words[0]) if words else 1)
