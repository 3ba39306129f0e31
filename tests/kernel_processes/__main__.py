"""Starts and ends kernels in every way, on a kernel that stands in for the real one and is there in a moment.

usage: python -m kernel_processes COMMAND FOLDER SEED [CHECK…]    (in the folder tests)

COMMAND is the built program, FOLDER an empty one to work in. Prints a line of JSON for each check.
"""

import json
import os
import pathlib
import random
import sys
import time
import traceback

from . import harm, keeping, kills, passing
from .project import Project

command, folder = (pathlib.Path(argument) for argument in sys.argv[1:3])
seed, chosen = int(sys.argv[3]), sys.argv[4:]
CHECKS = {check.__name__: check for module in (passing, keeping, harm, kills) for check in module.CHECKS}


def describe(error):
    here = os.path.dirname(__file__)
    lines = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.startswith(here)]
    places = [f"    {os.path.basename(frame.filename)}:{frame.lineno}: {frame.line}" for frame in lines]
    return "\n".join([f"{type(error).__name__}: {error}"[:3000], *places])


for name in chosen or CHECKS:
    started, chance = time.monotonic(), random.Random(seed)
    project = Project(folder / name, command)
    try:
        wrong = CHECKS[name](project, chance)
    except Exception as error:
        wrong = [describe(error)]
    try:
        wrong += [f"left at the end: {what}" for what in project.end()]
    except Exception as error:
        wrong += [describe(error)]
    seconds = round(time.monotonic() - started, 1)
    print(json.dumps({"check": name, "wrong": wrong, "seconds": seconds, "seed": seed}), flush=True)
