"""CPython beside pickles that were built: one JSON object a line in, one a line out.

dumps  code and a protocol: the pickle of what the code makes, by the C pickler
says   a pickle and code: the text of what the code says of the object in the pickle, `it`
compare  a pickle and code that makes `made`: whether both are the same, in types, values, order,
       sharing and cycles; if it is to be exact, also the bytes of the pickle, and the repr
"""

import base64
import collections
import dataclasses
import json
import pickle
import sys
from collections import Counter, OrderedDict, defaultdict, namedtuple
from functools import reduce
from io import StringIO
from math import inf, nan

import numpy as np

Pair = namedtuple("Pair", "left right")


class Stack(list):
    pass


class Person:
    def __init__(self, name, more):
        self.name, self.more = name, more


@dataclasses.dataclass
class Point:
    x: int
    y: float


class Named:
    def __new__(cls, *args, **named):
        self = super().__new__(cls)
        self.args, self.named = args, named
        return self


class Bag:
    """Whatever is done to it, in order."""

    def __init__(self):
        self.done = []

    def append(self, item):
        self.done.append(item)

    def extend(self, items):
        self.done.extend(items)

    def add(self, item):
        self.done.append({item})

    def __setitem__(self, key, value):
        self.done.append((key, value))

    def __setstate__(self, state):
        self.done.append({"state": state})


class Outer:
    class Inner:
        class Most:
            pass


def holding_itself():
    it = []
    person = Person(None, None)
    person.name, person.more = person, (person,)
    it.extend([it, {"list": it}, (it,), person])
    return it


def a_tuple_in_its_own_list():
    it = []
    made = (it, 1, 2, 3)
    it.extend([made, (it,)])
    return made


class Unpickler(pickle.Unpickler):
    def persistent_load(self, name):
        return ("looked up", name)


def difference(first, second):
    partners, waiting = {}, [(first, second)]
    while waiting:
        a, b = waiting.pop()
        if type(a) is not type(b):
            return f"{type(a)} is not {type(b)}"
        if isinstance(a, (type(None), int, float)):
            if a != b:
                return f"{a!r} is not {b!r}"
            continue
        if id(a) in partners or id(b) in partners:
            if (partners.get(id(a)), partners.get(id(b))) != (id(b), id(a)) and a != ():
                return f"sharing of {type(a)}"
            continue
        partners[id(a)], partners[id(b)] = id(b), id(a)
        if isinstance(a, (str, bytes, bytearray)):
            if a != b:
                return f"{a!r:.50} is not {b!r:.50}"
        elif isinstance(a, Person):
            waiting.append((a.__dict__, b.__dict__))
        elif len(a) != len(b):
            return f"length {len(a)} is not {len(b)}"
        else:
            waiting.extend(zip(a, b))
            if isinstance(a, dict):
                waiting.extend(zip(a.values(), b.values()))
    return "the same"


def compare(request):
    names = dict(globals())
    exec(request["code"], names)
    made, data = names["made"], base64.b64decode(request["data"])
    it = pickle.loads(data)
    if request["exact"]:
        if pickle.dumps(made, request["protocol"]) != data:
            return "other bytes"
        if request["repr"] is not None and repr(it) != request["repr"]:
            return f"{it!r} is not {request['repr']}"
    return difference(made, it)


def answer(request):
    if request["do"] == "compare":
        return compare(request)
    if request["do"] == "dumps":
        made = eval(request["code"], globals())
        return base64.b64encode(pickle.dumps(made, request["protocol"])).decode()
    file = __import__("io").BytesIO(base64.b64decode(request["data"]))
    it = Unpickler(file).load()
    return str(eval(request["code"], globals() | {"it": it}))


def main():
    for line in sys.stdin:
        try:
            reply = {"answer": answer(json.loads(line))}
        except Exception as error:
            reply = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(reply), flush=True)


main()
