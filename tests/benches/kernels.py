"""From a kernel's start to the first result, with and without a spare kernel, beside ipykernel with scikit-learn.

usage: .venv/bin/python tests/benches/kernels.py [ROUNDS]    (in the project's folder, after `cargo run -- setup --tests`)

In each round all kinds take their turn; prints a table of medians, in seconds.
"""

import os
import pathlib
import statistics
import subprocess
import sys
import time

from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import KernelManager

project = pathlib.Path(__file__).resolve().parents[2]
rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
RUST = [
    ':dep picklebook = { path = "..", default-features = false }',
    'let labels = picklebook::data::Labels::from(["L", "R"]);',
    "labels.len()",
]
PYTHON = ["from sklearn.tree import DecisionTreeClassifier", 'labels = ["L", "R"]', "len(labels)"]


class Kernel:
    def __init__(self, name, cells, spares=0):
        self.cells = cells
        specs = KernelSpecManager(kernel_dirs=[str(project / ".venv/share/jupyter/kernels")])
        self.manager = KernelManager(kernel_name=name, kernel_spec_manager=specs)
        environment = {**os.environ, "PICKLEBOOK_SPARES": str(spares)}
        started = time.perf_counter()
        self.manager.start_kernel(cwd=str(project / "notebooks"), env=environment)
        self.seconds = self.first_results(started)

    def first_results(self, started):
        """The seconds until the kernel is ready, and that each cell takes."""
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=300)
        marks = [started, time.perf_counter()]
        for cell in self.cells:
            reply = self.client.execute_interactive(cell, timeout=300, output_hook=lambda message: None)
            assert reply["content"]["status"] == "ok", reply
            marks.append(time.perf_counter())
        return [after - before for before, after in zip(marks, marks[1:])]

    def restarted(self):
        self.client.stop_channels()
        started = time.perf_counter()
        self.manager.restart_kernel()
        return self.first_results(started)

    def end(self):
        self.client.stop_channels()
        self.manager.shutdown_kernel()


def wait_for_a_spare():
    command = [project / ".venv/bin/picklebook", "doctor"]
    while "ready, " not in subprocess.run(command, cwd=project, capture_output=True, text=True).stdout:
        time.sleep(0.5)
    time.sleep(2)


measured = {}


def note(kind, seconds):
    measured.setdefault(kind, []).append([*seconds, sum(seconds)])


for _ in range(rounds):
    kernel = Kernel("rust", RUST)
    note("Rust, no spare kernel", kernel.seconds)
    note("no spare kernel, restarted", kernel.restarted())
    kernel.end()
    keeper = Kernel("rust", RUST, spares=1)
    wait_for_a_spare()
    kernel = Kernel("rust", RUST)
    note("Rust, a spare kernel is there", kernel.seconds)
    wait_for_a_spare()
    note("with a spare kernel, restarted", kernel.restarted())
    kernel.end()
    keeper.end()
    kernel = Kernel("python3", PYTHON)
    note("ipykernel, scikit-learn", kernel.seconds)
    note("ipykernel, restarted", kernel.restarted())
    kernel.end()

print("| kernel | until it is ready | the set-up cell | a binding | an expression | in all |")
print("| --- | ---: | ---: | ---: | ---: | ---: |")
for kind, all_seconds in measured.items():
    medians = [statistics.median(column) for column in zip(*all_seconds)]
    print(f"| {kind} | " + " | ".join(f"{median:.2f}" for median in medians) + " |")
