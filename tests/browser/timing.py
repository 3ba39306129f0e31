"""How long a reader waits: from the click on a notebook to the first result of their own, and after a restart."""

import json
import shutil
import time

RUST = [
    ':dep picklebook = { path = "..", default-features = false }',
    'let labels = picklebook::data::Labels::from(["L", "R"]);',
    "labels.len()",
]
PYTHON = ["from sklearn.tree import DecisionTreeClassifier", 'labels = ["L", "R"]', "len(labels)"]


def write_notebook(file, cells, kernel):
    """A notebook that nobody has run yet."""
    cells = [
        {"cell_type": "code", "id": f"cell-{number}", "metadata": {}, "execution_count": None, "outputs": [], "source": cell}
        for number, cell in enumerate(cells)
    ]
    metadata = {"kernelspec": {"name": kernel, "display_name": kernel, "language": kernel}}
    file.write_text(json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": cells}))


def spares(project):
    """The spare kernels that are ready in a project."""
    folders = (project / "target/kernel/clones").glob("kernel-*")
    return [folder for folder in folders if (folder / "ready.json").exists() and (folder / "spare.json").exists()
            and not (folder / "used").exists()]


def wait_for_spare(project, seconds=600):
    end = time.monotonic() + seconds
    while not spares(project):
        if time.monotonic() > end:
            raise RuntimeError("no spare kernel is ready")
        time.sleep(0.2)
    time.sleep(2)  # what it has had to do is done


def forget_pages(project):
    """Has JupyterLab open none of the notebooks that were open when it was closed."""
    shutil.rmtree(project / ".venv/jupyter/config/lab/workspaces", ignore_errors=True)


class Stopwatch:
    """Measures on notebooks of its own in the folder of JupyterLab's list of files."""

    def __init__(self, lab, folder):
        self.lab, self.folder, self.number = lab, folder, 0

    def new(self, cells, kernel):
        """Makes a notebook, and waits until it is in the list of files. Returns its name."""
        self.number += 1
        name = f"timing-{self.number}.ipynb"
        write_notebook(self.folder / name, cells, kernel)
        self.lab.list_of_files.click()
        self.lab.page.evaluate("() => window.jupyterapp.commands.execute('filebrowser:refresh')")
        self.lab.page.locator(".jp-DirListing-item").filter(has_text=name).wait_for()
        self.lab.list_of_files.click()
        return name

    def open(self, cells, kernel):
        """The name of a new notebook, and the seconds from the click on it until the last of its cells has its result,
        where a reader runs them all as soon as they see them."""
        name = self.new(cells, kernel)
        self.lab.list_of_files.click()
        item = self.lab.page.locator(".jp-DirListing-item").filter(has_text=name)
        started = time.perf_counter()
        item.dblclick()
        self.lab.wait("inFront", name, polling=20)
        self.lab.wait("kernel", name, polling=20)  # before that, "Run All Cells" does nothing
        self.lab.menu("Run", "Run All Cells")
        self.lab.wait("lastResult", name, "2", polling=20)
        seconds = time.perf_counter() - started
        self.lab.list_of_files.click()
        return name, seconds

    def restart(self, name):
        """The seconds from the order to restart and run all cells to the last one's result."""
        self.lab.show(name)
        self.lab.menu("Edit", "Clear Outputs of All Cells")
        self.lab.menu("Kernel", "Restart Kernel and Run All Cells…")
        confirm = self.lab.page.locator(".jp-Dialog").get_by_role("button", name="Confirm Kernel Restart")
        confirm.wait_for()
        started = time.perf_counter()
        confirm.click()
        self.lab.wait("lastResult", name, "2", polling=20)
        return time.perf_counter() - started

    def close(self, name):
        """Closes a notebook and ends its kernel."""
        self.lab.page.evaluate("name => asked.shutDown(name)", name)
        (self.folder / name).unlink()


def measure(lab, project, cells, kernel, spare):
    """The seconds from the click to the first result, and those after a restart; with a spare kernel, or without."""
    stopwatch = Stopwatch(lab, project / "notebooks")
    if spare:
        wait_for_spare(project)
    name, opened = stopwatch.open(cells, kernel)
    if spare:
        wait_for_spare(project)
    restarted = stopwatch.restart(name)
    stopwatch.close(name)
    return opened, restarted
