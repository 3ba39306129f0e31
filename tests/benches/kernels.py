"""How long a reader of notebooks waits, with and without a spare kernel, beside ipykernel with scikit-learn, in one run.

usage: .venv/bin/python tests/benches/kernels.py [ROUNDS] [--no-browser] [--no-series]
(in the project's folder, after `cargo run -- setup --tests`; with Chromium or Chrome, or PICKLEBOOK_BROWSER)

Works on a copy of the project, for which the kernel's warm-up is made first. In each round all kinds take their turn.
Prints tables of medians, in Markdown: seconds, and megabytes of memory.
"""

import json
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import time

from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import KernelManager

project = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(project / "tests"))

from browser import timing  # noqa: E402
from browser.lab import Lab, address, browser, jupyterlab  # noqa: E402
from project_copy import make_copy  # noqa: E402

numbers = [argument for argument in sys.argv[1:] if argument.isdigit()]
rounds = int(numbers[0]) if numbers else 3
copy = project / "target/kernels-bench"
command = copy / ".venv/bin/picklebook"
SPARE, NONE, PYTHON = "Rust, a spare kernel is there", "Rust, no spare kernel", "ipykernel, scikit-learn"
KINDS = {SPARE: ("rust", timing.RUST), NONE: ("rust", timing.RUST), PYTHON: ("python3", timing.PYTHON)}
# What tests and readers set is not measured.
environment = {name: value for name, value in os.environ.items() if not name.startswith("PICKLEBOOK_")}


class Kernel:
    """A kernel without a browser: the seconds until it is ready, and that each cell takes."""

    def __init__(self, kind, spares=0):
        name, self.cells = KINDS[kind]
        specs = KernelSpecManager(kernel_dirs=[str(copy / ".venv/share/jupyter/kernels")])
        self.manager = KernelManager(kernel_name=name, kernel_spec_manager=specs)
        started = time.perf_counter()
        own = {**environment, "PICKLEBOOK_SPARES": str(spares)}
        self.manager.start_kernel(cwd=str(copy / "notebooks"), env=own)
        self.seconds = self.first_results(started)

    def first_results(self, started):
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=300)
        marks = [started, time.perf_counter()]
        for cell in self.cells:
            reply = self.client.execute_interactive(cell, timeout=300, output_hook=lambda message: None)
            assert reply["content"]["status"] == "ok", reply
            marks.append(time.perf_counter())
        return [after - before for before, after in zip(marks, marks[1:])]

    def restart(self):
        self.client.stop_channels()
        started = time.perf_counter()
        self.manager.restart_kernel()
        return self.first_results(started)

    def memory(self):
        """Megabytes of the process that Jupyter has started, and of those behind it."""
        process = self.manager.provisioner.process.pid
        links = [os.readlink(link) for link in pathlib.Path(f"/proc/{process}/fd").iterdir() if link.is_symlink()]
        folders = [pathlib.Path(link).parent for link in links if link.endswith("/user.lock")]
        own = [process] + [int(folder.name.removeprefix("kernel-")) for folder in folders]
        groups = [json.loads((folder / "ready.json").read_text())["process"] for folder in folders]
        return sum(proportional(process) for process in own) + sum(map(memory_of_group, groups))

    def end(self):
        self.client.stop_channels()
        self.manager.shutdown_kernel()


def proportional(process):
    """Megabytes that a process holds, what it shares with others divided among them."""
    try:
        lines = pathlib.Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1000


def memory_of_group(group):
    processes = [int(path.name) for path in pathlib.Path("/proc").glob("[0-9]*")]
    return sum(proportional(process) for process in processes if group_of(process) == group)


def group_of(process):
    try:
        return os.getpgid(process)
    except ProcessLookupError:
        return None


def measure_kernels():
    """From a kernel's start, without a browser: a list of columns for each kind, and the memory of each."""
    columns, memory = {}, {}

    def note(kind, seconds):
        columns.setdefault(kind, []).append([*seconds, sum(seconds)])

    def measure(kind, before=lambda: None):
        before()
        kernel = Kernel(kind)
        note(kind, kernel.seconds)
        memory.setdefault(kind, []).append(kernel.memory())
        before()
        note(f"{kind}; restarted", kernel.restart())
        kernel.end()

    for _ in range(rounds):
        measure(NONE)
        keeper = Kernel(NONE, spares=1)
        measure(SPARE, lambda: timing.wait_for_spare(copy))
        timing.wait_for_spare(copy)
        ready = json.loads((timing.spares(copy)[0] / "ready.json").read_text())
        memory.setdefault("a spare kernel that waits", []).append(memory_of_group(ready["process"]))
        keeper.end()
        measure(PYTHON)
    return columns, memory


def chromium():
    """The browser that the browser's tests would take."""
    names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"]
    return os.environ.get("PICKLEBOOK_BROWSER") or next(filter(None, map(shutil.which, names)), None)


def measure_pages(program):
    """In JupyterLab: seconds from the click to the first result, and from a restart to it, of each kind."""
    from playwright.sync_api import sync_playwright

    opened, restarted = {}, {}
    output = copy / "target/pages"
    output.mkdir(parents=True)
    with sync_playwright() as playwright:
        for number in range(rounds):
            # Python's kernel is measured where no spare kernel is kept, too: it has no use for one.
            for options, kinds in [(["--spares", "0"], [NONE, PYTHON]), ([], [SPARE])]:
                timing.forget_pages(copy)
                profile = output / f"profile-{number}-{len(options)}"
                with browser(playwright, program, profile) as context:
                    with jupyterlab(command, copy, *options) as server:
                        lab = Lab(context, address(server), output)
                        for kind in kinds:
                            name, cells = KINDS[kind]
                            seconds = timing.measure(lab, copy, cells, name, kind == SPARE)
                            opened.setdefault(kind, []).append(seconds[0])
                            restarted.setdefault(kind, []).append(seconds[1])
    return opened, restarted


def measure_series():
    """The seconds of each cell of all notebooks, and of all of them, run one after the other."""
    cells, series = {}, {}
    notebooks = sorted((copy / "notebooks").glob("[0-9]*.ipynb"))
    for kind, spares in [(NONE, "0"), (SPARE, "1")]:
        started = time.perf_counter()
        run = subprocess.run(
            [command, "run", "--spares", spares, *notebooks], cwd=copy, env=environment, capture_output=True, text=True
        )
        series[kind] = [time.perf_counter() - started]
        assert run.returncode == 0, run.stdout + run.stderr
        cells[kind] = [float(seconds) for seconds in re.findall(r"  cell +\d+ of \d+ +([\d.]+) s", run.stdout)]
    return cells, series


def table(head, rows):
    print(f"| {' | '.join(head)} |")
    print(f"| --- |{' ---: |' * (len(head) - 1)}")
    for row in rows:
        print(f"| {' | '.join(row)} |")
    print(flush=True)


def median(values, digits=2):
    return f"{statistics.median(values):.{digits}f}" if values else "–"


shutil.rmtree(copy, ignore_errors=True)
copy.mkdir(parents=True)
make_copy(project, copy, sorted((project / "notebooks").glob("[0-9]*.ipynb")))
try:
    subprocess.run([command, "setup"], cwd=copy, env=environment, check=True)
    columns, memory = measure_kernels()
    program = None if "--no-browser" in sys.argv else chromium()
    opened, restarted = measure_pages(program) if program else ({}, {})
    cells, series = ({}, {}) if "--no-series" in sys.argv else measure_series()
finally:
    shutil.rmtree(copy)

print(f"Without a browser, seconds, medians of {rounds}:\n")
head = ["kernel", "until it is ready", "the set-up cell", "a binding", "an expression", "in all"]
table(head, [[kind, *(median(column) for column in zip(*rows))] for kind, rows in columns.items()])
count = f"{len(cells.get(SPARE, []))} cells"
print(f"In JupyterLab, seconds, medians of {rounds}; the series and its cells ({count}) in one run; memory in megabytes:\n")
head = ["kernel", "click → first result", "restart → first result", "median cell", "the series", "memory"]
kinds = [*KINDS, "a spare kernel that waits"]
measured = (opened, restarted, cells, series, memory)
digits = (1, 1, 2, 0, 0)
table(head, [[kind, *(median(what.get(kind), n) for what, n in zip(measured, digits))] for kind in kinds])
