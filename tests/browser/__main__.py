"""Opens the notebooks in a real JupyterLab, in a real browser, and looks at them as a reader does.

usage: python -m browser PROJECT COMMAND BROWSER OUTPUT NOTEBOOK…    (in the folder tests)

Works on a copy of the project in OUTPUT, where the photographs stay. Prints a line of JSON for each check.
"""

import json
import os
import pathlib
import shutil
import sys
import time
import traceback

from playwright.sync_api import sync_playwright
from project_copy import make_copy

from . import accessibility, served, timing
from .checks import Notebooks
from .first_minutes import FirstMinutes
from .lab import Lab, address, browser, jupyterlab

project, command, program, output, *notebooks = (pathlib.Path(argument) for argument in sys.argv[1:])
copy = output / "copy"


def report(name, check, lab=None):
    """Makes a check and prints what it found wrong; one that fails itself is told like all else, with a photograph."""
    started, wrong = time.monotonic(), []
    try:
        wrong = check()
    except Exception as error:
        wrong = [describe(error)]
        if lab is not None:
            lab.photograph(f"failed-{name}")
            wrong.append(f"the page then: failed-{name}.png")
    if lab is not None:
        wrong += lab.close_dialogs()
    seconds = time.monotonic() - started
    print(json.dumps({"check": name, "wrong": wrong, "seconds": round(seconds, 1)}), flush=True)


def describe(error):
    """The error, and the lines of these checks that led to it."""
    here = os.path.dirname(__file__)
    lines = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.startswith(here)]
    places = [f"    {os.path.basename(frame.filename)}:{frame.lineno}: {frame.line}" for frame in lines]
    return "\n".join([f"{type(error).__name__}: {error}"[:3000], *places])


def measure(name, lab, spare):
    """Measures how long a reader waits, and prints it."""
    opened, restarted = timing.measure(lab, copy, timing.RUST, "rust", spare)
    measured[name] = {"opened": opened, "restarted": restarted}
    print(f"{name}: first result after {opened:.1f} s, after a restart {restarted:.1f} s", file=sys.stderr)
    return []


def compare():
    """With a spare kernel the first result comes earlier. (How much, no test can say on a busy machine.)"""
    spare, none = measured["with a spare kernel"], measured["without"]
    return [
        f"{what}: {spare[what]:.1f} s with a spare kernel, {none[what]:.1f} s without"
        for what in ("opened", "restarted")
        if spare[what] >= none[what]
    ]


measured = {}
make_copy(project, copy, notebooks)
notebooks_folder = copy / "notebooks"
with sync_playwright() as playwright:
    with browser(playwright, program, output / "profile") as context:
        with jupyterlab(command, copy) as server:
            # Meanwhile the crate is compiled for the copy's kernels.
            report("html", lambda: accessibility.findings(context, notebooks_folder, output))
            report("served", lambda: served.findings(context, command, copy, output))
            lab = Lab(context, address(server), output)
            pages = Notebooks(lab, notebooks_folder)
            first = FirstMinutes(lab, notebooks_folder)
            for name, check in [
                ("first page", first.first_page_is_open),
                ("names", first.names_can_be_told_apart),
                ("links", pages.lead_on_and_back),
                ("untrusted", pages.keep_their_pictures_untrusted),
                # Nothing has been run or edited so far: JupyterLab asks of nothing whether it is to be saved.
                ("closed", first.closing_ends_the_kernel),
                ("at once", first.runs_as_soon_as_it_is_open),
                ("exercise", first.a_failed_cell_is_never_right),
                ("side by side", pages.run_side_by_side),
                ("restart", pages.run_after_a_restart),
                ("mistake", pages.survive_a_mistake),
                ("dark", pages.are_right_in_the_dark),
            ]:
                report(name, check, lab)
    for name, options in [("with a spare kernel", []), ("without", ["--spares", "0"])]:
        timing.forget_pages(copy)
        with browser(playwright, program, output / f"profile {name}") as context:
            with jupyterlab(command, copy, *options) as server:
                lab = Lab(context, address(server), output)
                report(name, lambda: measure(name, lab, not options), lab)
        shutil.rmtree(output / f"profile {name}")
report("first result", compare)
report("end", lambda: [])
shutil.rmtree(output / "profile")
shutil.rmtree(copy)
