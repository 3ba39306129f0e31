"""Harvests the pickles of CPython's own test suite, with CPython's verdict on each.

Run with a Python 3.11 that has the module `test` (Debian's has not; one from python.org or built
from source has):

    python3.11 tests/pickle/harvest.py tests/pickle/cpython.jsonl.xz

Every call of `loads` in `test.test_pickle` is recorded: the bytes, whether Python accepted them
(by its C code or its Python code), the error if not, and, when all of the object is of plain types,
its `repr`.
"""

import base64
import functools
import json
import lzma
import pickle
import random
import sys
import unittest

import test.test_pickle as suite

PLAIN = (type(None), bool, int, float, complex, str, bytes, bytearray)
CONTAINERS = (list, tuple, dict, set, frozenset)

found = {}


def is_plain(value):
    """Whether all of it is of plain types, and prints in one way only."""
    seen, waiting = set(), [value]
    while waiting:
        value = waiting.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        if type(value) in PLAIN:
            continue
        if type(value) not in CONTAINERS:
            return False
        if isinstance(value, (set, frozenset)) and len(value) > 1:
            return False  # Printed in the order of hashes.
        waiting.extend(value)
        if type(value) is dict:
            waiting.extend(value.values())
    return True


def printed(value):
    try:
        return repr(value) if is_plain(value) else None
    except (RecursionError, ValueError):
        return None


def record(data, verdict, origin):
    data = bytes(data)
    old = found.get(data)
    if old is None or (verdict["accepted"] and not old["accepted"]):
        found[data] = verdict | {"origin": origin}


def recording(function, origin):
    @functools.wraps(function)
    def loads(*args, **kwargs):
        data = next(arg for arg in args if isinstance(arg, (bytes, bytearray)))
        options = {key: value for key, value in kwargs.items() if isinstance(value, str)}
        try:
            value = function(*args, **kwargs)
        except BaseException as error:
            text = f"{type(error).__name__}: {error}"[:300]
            record(data, {"accepted": False, "error": text, "options": options}, origin())
            raise
        verdict = {"accepted": True, "repr": printed(value), "options": options}
        record(data, verdict, origin())
        return value

    return loads


def main(target):
    running = []

    class Result(unittest.TestResult):
        def startTest(self, test):
            running[:] = [test.id().removeprefix("test.test_pickle.")]
            super().startTest(test)

    def origin():
        return running[0] if running else ""

    for case in list(vars(suite).values()):
        if isinstance(case, type) and issubclass(case, unittest.TestCase):
            loads = case.__dict__.get("loads")
            inherited = next((c.__dict__["loads"] for c in case.__mro__ if "loads" in c.__dict__), None)
            if isinstance(loads, staticmethod):
                case.loads = staticmethod(recording(loads.__func__, origin))
            elif loads is not None:
                case.loads = recording(loads, origin)
            elif inherited is not None and not hasattr(inherited, "__wrapped__"):
                case.loads = recording(inherited, origin)
    random.seed(0)
    tests = unittest.defaultTestLoader.loadTestsFromModule(suite)
    result = Result()
    tests.run(result)
    print(result, file=sys.stderr)
    lines = []
    for data in sorted(found, key=lambda data: (found[data]["origin"], data)):
        lines.append(json.dumps({"data": base64.b64encode(data).decode()} | found[data]))
    text = ("\n".join(lines) + "\n").encode()
    with lzma.open(target, "wb") as file:
        file.write(text)
    accepted = sum(verdict["accepted"] for verdict in found.values())
    print(f"{len(found)} pickles, {accepted} accepted, {len(text)} bytes", file=sys.stderr)


if __name__ == "__main__":
    main(sys.argv[1])
