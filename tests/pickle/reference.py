"""CPython as the reference of the pickle tests: one JSON object a line in, one a line out.

make   a random object from a seed: its pickles in all protocols, by the C and the Python code, and
       the repr of what each gives back
load   a pickle: the repr of what it holds, and that pickled again in all protocols
same   whether two pickles hold the same: types, values, order, sharing and cycles
evals  whether a repr, evaluated, equals what a pickle holds
"""

import base64
import collections
import datetime
import decimal
import enum
import fractions
import json
import math
import os.path
import pickle
import random
import sys


class Point:
    def __init__(self, x, y):
        self.x, self.y = x, y


class Slotted:
    __slots__ = ("a", "b")


class SlottedAndMore(Slotted):
    pass


class MyDict(dict):
    pass


class MyList(list):
    pass


class MyInt(int):
    pass


class WithNamed:
    def __new__(cls, *args, key=None):
        self = super().__new__(cls)
        self.args, self.key = args, key
        return self

    def __getnewargs_ex__(self):
        return self.args, {"key": self.key}

    def __getstate__(self):
        return {"more": 1}

    def __setstate__(self, state):
        self.more = state["more"]


class Colour(enum.Enum):
    RED = 1
    GREEN = "green"


Pair = collections.namedtuple("Pair", "left right")


def scalar(rng):
    kind = rng.randrange(14)
    if kind < 2:
        return rng.choice([None, True, False])
    if kind < 5:
        return rng.choice([rng.randrange(-3, 300), rng.randrange(-(2**31), 2**31)])
    if kind == 5:
        bits = rng.choice([16, 31, 32, 33, 63, 64, 65, 127, 128, 300, 2100, 3000])
        return rng.choice([1, -1]) * (2**bits + rng.choice([-1, 0, 1]))
    if kind < 8:
        return rng.choice(
            [0.0, -0.0, math.inf, -math.inf, math.nan, 1e16, 1e-5, 123456789012345.6, 5e-324,
             rng.random(), rng.uniform(-1e20, 1e20), 10.0 ** rng.randrange(-30, 30)]
        )
    if kind < 11:
        return text(rng)
    if kind == 11:
        return rng.randbytes(rng.choice([0, 1, 5, 255, 256, 300]))
    if kind == 12:
        return bytearray(rng.randbytes(rng.randrange(5)))
    return complex(rng.choice([0.0, -0.0, 1.5, math.nan]), rng.choice([0.0, -0.0, -2.0, math.inf]))


def text(rng):
    letters = rng.choice(["ab", "a'\"\\\n\t\r\x00\x7f", "äß€", "\u2028\u200b\xa0\xad", "🌳\U0001f600",
                          "e\u0301", "\ud800\udfff", "xyz_0123"])
    return "".join(rng.choices(letters, k=rng.choice([0, 1, 2, 7, 30, 70, 300])))


def known(rng, hashable):
    kind = rng.randrange(12)
    zone = rng.choice([
        None, datetime.timezone.utc, datetime.timezone(datetime.timedelta(hours=-3, minutes=-30)),
        datetime.timezone(datetime.timedelta(seconds=7261), "odd"),
    ])
    micro = rng.choice([0, rng.randrange(10**6)])
    if kind == 0:
        return datetime.date(rng.randrange(1, 10000), rng.randrange(1, 13), rng.randrange(1, 29))
    if kind == 1:
        return datetime.datetime(rng.randrange(1, 10000), rng.randrange(1, 13), rng.randrange(1, 29),
                                 rng.randrange(24), rng.randrange(60), rng.randrange(60), micro, zone,
                                 fold=rng.randrange(2))
    if kind == 2:
        return datetime.time(rng.randrange(24), rng.randrange(60), rng.choice([0, 59]), micro, zone,
                             fold=rng.randrange(2))
    if kind == 3:
        return datetime.timedelta(rng.randrange(-9, 9), rng.randrange(86400), micro)
    if kind == 4:
        return decimal.Decimal(rng.choice(["0", "-1.50", "1E+30", "NaN", "-Infinity", "0.1"]))
    if kind == 5:
        return fractions.Fraction(rng.randrange(-9, 9), rng.randrange(1, 9))
    if kind == 6:
        return rng.choice([int, dict, len, print, collections.OrderedDict, datetime.datetime, list,
                           type(None), Ellipsis, NotImplemented, range(3), range(9, -9, -2)])
    if hashable:
        return 7
    items = [scalar(rng) for _ in range(rng.randrange(4))]
    if kind == 7:
        return collections.OrderedDict((text(rng), item) for item in items)
    if kind == 8:
        found = collections.defaultdict(rng.choice([None, int, list]))
        found.update((i, item) for i, item in enumerate(items))
        return found
    if kind == 9:
        return collections.Counter(rng.choices("abc", k=rng.randrange(9)))
    if kind == 10:
        return collections.deque(items, rng.choice([None, 4, 10]))
    return slice(*(items + [None] * 3)[:3])


def special(rng, items):
    """An object of a class of one's own; these print in no known way."""
    kind = rng.randrange(9)
    first, second = rng.choice(items), rng.choice(items)
    if kind == 0:
        return Point(first, second)
    if kind == 1:
        slotted = rng.choice([Slotted, SlottedAndMore])()
        slotted.a = first
        if isinstance(slotted, SlottedAndMore):
            slotted.c = second
        return slotted
    if kind == 2:
        return MyDict({"a": first, 2: second})
    if kind == 3:
        return MyList([first, second])
    if kind == 4:
        return MyInt(rng.randrange(1000))
    if kind == 5:
        return WithNamed(first, key=second)
    if kind == 6:
        return rng.choice(list(Colour))
    if kind == 7:
        return Pair(first, second)
    return os.path.join


def is_hashable(value):
    try:
        hash(value)
    except TypeError:
        return False
    return True


def make(seed):
    rng = random.Random(seed)
    own_classes = seed % 3 == 0
    cycles = seed % 2 == 0
    items = [scalar(rng) for _ in range(rng.randrange(1, 8))]
    containers = []
    for _ in range(rng.randrange(12)):
        some = [rng.choice(items) for _ in range(rng.choice([0, 1, 2, 3, 4, 9]))]
        hashable = [item for item in some if is_hashable(item) and item == item]
        kind = rng.randrange(8)
        if kind == 0:
            new = known(rng, False)
        elif kind == 1 and own_classes:
            new = special(rng, items)
        elif kind < 4:
            new = some
        elif kind == 4:
            new = tuple(some)
        elif kind == 5:
            new = {key: rng.choice(items) for key in hashable}
        elif kind == 6:
            # An object that equals only itself could not be compared.
            hashable = [item for item in hashable if prints_in_one_way(item)]
            new = rng.choice([set, frozenset])(hashable[: 1 if seed % 5 else 9])
        else:
            new = {text(rng): rng.choice(items) for _ in range(rng.randrange(5))}
        items.append(new)
        containers.append(new)
    if cycles:
        for container in containers:
            other = rng.choice(containers)
            if type(container) in (list, MyList) and rng.random() < 0.5:
                container.append(other)
            elif type(container) in (dict, MyDict) and rng.random() < 0.5:
                container["cycle"] = other
            elif type(container) is Point and rng.random() < 0.5:
                container.x = other
    return rng.choice([items, tuple(items), {"all": items}, items[-1]])


def prints_in_one_way(value):
    """Whether the repr says all: no object of one's own class, no set of several."""
    seen, waiting = set(), [value]
    plain = (type(None), bool, int, float, complex, str, bytes, bytearray, datetime.date, datetime.time,
             datetime.datetime, datetime.timedelta, datetime.timezone, decimal.Decimal, type,
             fractions.Fraction, range, slice, type(...), type(NotImplemented), type(len))
    while waiting:
        value = waiting.pop()
        if id(value) in seen:
            continue
        seen.add(id(value))
        if type(value) in plain:
            continue
        if type(value) in (set, frozenset):
            if len(value) > 1:
                return False
        elif type(value) not in (list, tuple, dict, collections.OrderedDict, collections.defaultdict,
                                 collections.Counter, collections.deque):
            return False
        if isinstance(value, dict):
            waiting.extend(value.values())
        waiting.extend(value)
    return True


def same(first, second):
    pairs, waiting = {}, [(first, second)]
    keep = []
    while waiting:
        a, b = waiting.pop()
        keep.append((a, b))
        if type(a) is not type(b):
            return f"{type(a)} is not {type(b)}"
        kind = type(a)
        if kind in (type(None), bool, int, str, bytes, bytearray, MyInt, decimal.Decimal, Colour,
                    fractions.Fraction, range, slice, type, type(...), type(NotImplemented), type(len),
                    type(make)) or isinstance(
                    a, (datetime.date, datetime.time, datetime.timedelta, datetime.tzinfo)):
            if repr(a) != repr(b):
                return f"{a!r} is not {b!r}"
            if kind in (bytearray,) and pairs.setdefault(id(a), id(b)) != id(b):
                return "shared bytearray"
            continue
        if kind in (float, complex):
            if repr(a) != repr(b):
                return f"{a!r} is not {b!r}"
            continue
        if id(a) in pairs:
            if pairs[id(a)] != id(b) and a != ():
                return f"sharing of {kind}"
            continue
        pairs[id(a)] = id(b)
        if isinstance(a, (set, frozenset)):
            # NaN is in no set, not even its own.
            if a != b and sorted(map(repr, a)) != sorted(map(repr, b)):
                return f"{a!r} is not {b!r}"
            continue
        if hasattr(a, "__len__") and len(a) != len(b):
            return f"length {len(a)} is not {len(b)}"
        if isinstance(a, dict):
            waiting.extend(zip(a, b))
            waiting.extend(zip(a.values(), b.values()))
            if kind is collections.defaultdict:
                waiting.append((a.default_factory, b.default_factory))
        elif isinstance(a, (list, tuple, collections.deque)):
            waiting.extend(zip(a, b))
            if kind is collections.deque and a.maxlen != b.maxlen:
                return "maxlen"
        elif isinstance(a, Slotted):
            for name in ("a", "b", "c"):
                waiting.append((getattr(a, name, None), getattr(b, name, None)))
        if hasattr(a, "__dict__"):
            waiting.append((a.__dict__, b.__dict__))
    return None


def dumps(value, oldest=0):
    for protocol in range(oldest, 6):
        try:
            yield pickle.dumps(value, protocol)
            yield pickle._dumps(value, protocol)
        except TypeError as error:
            # Protocols 0 and 1 cannot pickle slots.
            assert protocol < 2 and "__slots__" in str(error)


def answer(request):
    data = [base64.b64decode(data) for data in request.get("data", [])]
    match request["do"]:
        case "make":
            value = make(request["seed"])
            # In protocols 0 and 1 a list or dictionary of one's own class that holds itself is made
            # from a plain one that is not complete yet: CPython itself does not give it back.
            pickles = list(dumps(value, oldest=2 if request["seed"] % 6 == 0 else 0))
            # Older protocols lose a little: the fold of a time, for example.
            reprs = [repr(pickle.loads(data)) for data in pickles]
            pickles = [base64.b64encode(data).decode() for data in pickles]
            return {"data": pickles, "reprs": reprs, "exact": prints_in_one_way(value)}
        case "load":
            value = pickle.loads(data[0])
            pickles = [base64.b64encode(data).decode() for data in dumps(value)]
            return {"data": pickles, "reprs": [repr(value)]}
        case "same":
            return {"difference": same(pickle.loads(data[0]), pickle.loads(data[1]))}
        case "evals":
            names = {name: getattr(collections, name)
                     for name in ("OrderedDict", "defaultdict", "Counter", "deque")}
            names |= {"Decimal": decimal.Decimal, "Fraction": fractions.Fraction, "nan": math.nan,
                      "datetime": datetime, "inf": math.inf}
            value = eval(request["repr"], names)
            return {"difference": same(pickle.loads(data[0]), value)}


def main():
    for line in sys.stdin:
        try:
            reply = answer(json.loads(line))
        except Exception as error:
            reply = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(reply), flush=True)


main()
