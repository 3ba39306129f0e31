"""Runs a module in the virtual environment that it is told, or refuses: an interpreter whose environment is not whole
takes the Python that it was made from for its own, and pip would write there. This process has settled where its
packages go before it looks, so nothing can change that afterwards.

usage: python -I -c ENVIRONMENT FOLDER MODULE [ARGUMENT…]
       python -I -c ENVIRONMENT FOLDER      (says whether pip is there: True or False)
"""

import ast
import importlib.util
import os
import runpy
import subprocess
import sys
import sysconfig

folder, *arguments = sys.argv[1:]


def same(one, other):
    return os.path.realpath(one) == os.path.realpath(other)


def inside(path):
    return os.path.commonpath([os.path.realpath(path), os.path.realpath(folder)]) == os.path.realpath(folder)


wanted = {name: sysconfig.get_path(name) for name in ("purelib", "platlib", "scripts", "data")}
outside = [path for path in wanted.values() if not inside(path)]
if not same(sys.prefix, folder) or same(sys.prefix, sys.base_prefix) or outside:
    sys.exit(f"ERROR: {sys.executable} is not at home in {folder}, but in {sys.prefix}: nothing was installed")

# The user's settings of how an index is reached; where packages go is not theirs to say here.
ONE = ("index-url", "proxy", "cert", "client-cert", "timeout", "retries", "cache-dir", "keyring-provider")
SEVERAL = ("extra-index-url", "find-links", "trusted-host")
FLAGS = ("no-index", "no-cache-dir")


def settings():
    """What `pip config list` says, as options: `--isolated` would have pip read none of it."""
    said = subprocess.run([sys.executable, "-I", "-m", "pip", "config", "list"], capture_output=True, text=True)
    sections = {"global": {}, "install": {}, ":env:": {}}
    for line in said.stdout.splitlines():
        name, _, value = line.partition("=")
        section, _, name = name.rpartition(".")
        if section in sections:
            sections[section][name.removeprefix("default-")] = str(ast.literal_eval(value))
    found = {**sections["global"], **sections["install"], **sections[":env:"]}
    for name in ONE:
        if name in found:
            yield f"--{name}={found[name]}"
    for name in SEVERAL:
        for value in found.get(name, "").split():
            yield f"--{name}={value}"
    for name in FLAGS:
        if found.get(name, "false").lower() in ("1", "true", "yes", "y", "on", "t"):
            yield f"--{name}"


if not arguments:
    pip = importlib.util.find_spec("pip")
    print(pip is not None and pip.origin is not None and inside(pip.origin))
else:
    module, *arguments = arguments
    if module == "pip":
        # Not as this process's own arguments, which others can read: an address may hold a password.
        arguments += settings()
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
