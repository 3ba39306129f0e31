"""Prints the cases of a family of src/pickle/classes: pickles, what `repr` prints, what they mean.

    python tests/pickle/classes.py collections      (CPython 3.11)

The pickles are those of protocols 0, 3 and 4, each once. The meaning is JSON, with bytes as
numbers; it is empty for what is no data. Objects of classes of one's own have no certain `repr`.
"""

import array
import collections
import datetime
import decimal
import enum
import fractions
import json
import pickle
import pickletools
import sys
import types
import uuid
import zoneinfo

try:
    # Only for the family `zones`.
    import dateutil.tz
    import pytz
except ImportError:
    dateutil = pytz = None

shapes = sys.modules["shapes"] = types.ModuleType("shapes")


def own(made):
    made.__module__, made.__qualname__ = "shapes", made.__name__
    setattr(shapes, made.__name__, made)
    return made


@own
class Point:
    def __init__(self, **attributes):
        self.__dict__.update(attributes)


@own
class Slotted:
    __slots__ = ("a", "b")


@own
class SlottedAndMore(Slotted):
    pass


@own
class MyDict(dict):
    pass


@own
class MyList(list):
    pass


@own
class MySet(set):
    pass


@own
class MyStr(str):
    pass


@own
class MyInt(int):
    pass


@own
class MyFloat(float):
    pass


@own
class MyBytes(bytes):
    pass


@own
class MyTuple(tuple):
    pass


@own
class MyComplex(complex):
    pass


@own
class MyOrderedDict(collections.OrderedDict):
    pass


@own
class Colour(enum.Enum):
    RED = 1
    GREEN = "green"
    BOTH = (1, "green")


@own
class Level(enum.IntEnum):
    LOW = 3


@own
class Word(enum.StrEnum):
    YES = "yes"


@own
class Right(enum.Flag):
    READ = 1
    WRITE = 2


@own
class Listed:
    """Its state is a list, as that of a frozen dataclass with slots."""

    def __init__(self, *state):
        self.state = state

    def __getstate__(self):
        return list(self.state)

    def __setstate__(self, state):
        self.state = state


Pair = own(collections.namedtuple("Pair", "first second"))
named_text = MyStr("spam")
named_text.language = "en"
slotted, more = Slotted(), SlottedAndMore()
slotted.a, slotted.b = 1, [2]
more.a, more.c = 1, 3

date, time, moment = datetime.date, datetime.time, datetime.datetime
delta, zone, utc = datetime.timedelta, datetime.timezone, datetime.timezone.utc

FAMILIES = {
    "array": [
        array.array("d", [1.5, -0.0]), array.array("d"), array.array("f", [0.1]),
        array.array("b", [-1, 2]), array.array("B", [200]), array.array("h", [-300]), array.array("H", [60000]),
        array.array("i", [-70000]), array.array("I", [3000000000]), array.array("q", [-2**62]),
        array.array("Q", [2**63]),
    ],
    "builtins": [
        set(), {1}, frozenset(), frozenset({"a"}), b"", bytearray(), bytearray(b"it's\xff"),
        complex(1.5, -2), complex(0, 1), range(3), range(1, -10, -2), slice(1, None, 2), type(None),
        int, len, ..., NotImplemented,
    ],
    "codecs": [b"\xe9a", b"it's", b'both \' and "\n', bytearray(b"\0\x80")],
    "collections": [
        collections.OrderedDict(), collections.OrderedDict([("b", 1), ("a", [2])]),
        collections.defaultdict(None), collections.defaultdict(list, {"a": [1]}),
        collections.Counter(), collections.Counter("abbccc"),
        collections.deque(), collections.deque([1, "a"]), collections.deque([1, 2, 3], 4),
    ],
    "datetime": [
        date(2024, 2, 29), time(7, 8), time(7, 8, 0, 9), time(1, 2, 3, fold=1, tzinfo=utc),
        moment(1, 1, 1), moment(2024, 2, 29, 23, 59, 58, 7), moment(2024, 10, 27, 2, 30, fold=1),
        moment(2024, 1, 1, 0, 0, tzinfo=zone(delta(hours=-9, minutes=-30))),
        moment(2024, 1, 1, 0, 0, tzinfo=zone(delta(seconds=3601), "it's"), fold=1),
        delta(), delta(1, 2, 500_000), delta(microseconds=-1), delta(999_999_999, 86_399, 999_999),
        delta(-200_000, 7, 123_457), utc, zone(delta(hours=1), "CET"),
        moment(2024, 1, 1, tzinfo=zone(delta(hours=1), "CET")),
    ],
    "instances": [
        Point(), Point(x=1, y=[2.5]), slotted, more, MyDict(a=1), MyList([1, 2]), MySet([1]),
        Pair(1, "b"), MyStr("s"), named_text, MyInt(-5), MyInt(2**62), MyFloat(0.5), MyBytes(b"\xe9"),
        MyTuple((1, 2)), MyComplex(1, 2), MyOrderedDict(a=1), Colour.RED, Colour.GREEN, Colour.BOTH,
        Level.LOW, Word.YES, Right.READ | Right.WRITE, Listed("a", 1.5),
    ],
    "numbers": [
        decimal.Decimal("1.50"), decimal.Decimal("-Infinity"), decimal.Decimal("1E+3"),
        fractions.Fraction(-3, 2), fractions.Fraction(7),
    ],
    "uuid": [uuid.UUID(int=5)],
    "zones": [],
}
if pytz:
    zurich, summer = zoneinfo.ZoneInfo("Europe/Zurich"), moment(2024, 7, 1, 12)
    FAMILIES["zones"] += [
        zurich, moment(2024, 7, 1, 12, tzinfo=zurich), moment(2024, 10, 27, 2, 30, tzinfo=zurich, fold=1),
        time(7, 8, tzinfo=zurich), moment(2024, 7, 1, tzinfo=zoneinfo.ZoneInfo("UTC")),
        pytz.timezone("Europe/Zurich").localize(summer), summer.replace(tzinfo=pytz.utc),
        pytz.timezone("America/New_York").localize(summer), summer.replace(tzinfo=pytz.FixedOffset(90)),
        pytz.timezone("Etc/GMT+5").localize(summer), summer.replace(tzinfo=dateutil.tz.tzutc()),
        summer.replace(tzinfo=dateutil.tz.tzoffset("X", -5400)),
        summer.replace(tzinfo=dateutil.tz.tzoffset(None, 3600)),
    ]


def meaning(value):
    match value:
        case zoneinfo.ZoneInfo():
            return str(value)
        case enum.Enum():
            return meaning_of_value(value.value)
        case str() | int() | float():
            return value
        case array.array():
            return list(value)
        case bytes() | bytearray() | set() | frozenset() | list() | tuple() | collections.deque():
            return list(value)
        case complex():
            return [value.real, value.imag]
        case dict():
            return dict(value)
        case date() | time() if getattr(value, "tzinfo", None) is not None:
            return with_zone(value)
        case date() | time():
            return value.isoformat()
        case delta():
            return value.total_seconds()
        case decimal.Decimal() | fractions.Fraction():
            return str(value)
        case Point():
            return value.__dict__
        case Slotted():
            return getattr(value, "__dict__", {}) | {
                name: getattr(value, name) for name in ("a", "b") if hasattr(value, name)
            }
        case uuid.UUID():
            return {"int": value.int}
        case Listed():
            return list(value.state)


def meaning_of_value(value):
    return list(value) if isinstance(value, tuple) else value


def with_zone(value):
    """In ISO 8601, the name of the zone in brackets; without the offset that is not in the pickle."""
    zone = value.tzinfo
    name = getattr(zone, "key", None) or getattr(zone, "zone", None)
    if isinstance(zone, datetime.timezone):
        name = zone.__getinitargs__()[1] if len(zone.__getinitargs__()) > 1 else None
    if dateutil and isinstance(zone, dateutil.tz.tzoffset):
        return value.isoformat() + (f"[{zone._name}]" if zone._name else "")
    name = f"[{name}]" if name and "'" not in name else ""
    if name in ("", "[UTC]"):
        return value.isoformat() + ("" if zone is datetime.timezone.utc or zone is getattr(pytz, "utc", 0) else name)
    if hasattr(zone, "key") or not hasattr(zone, "_utcoffset") or not getattr(zone, "_tzname", 0):
        if isinstance(zone, datetime.timezone):
            return value.isoformat() + name
        return value.replace(tzinfo=None).isoformat() + name + ("[_fold=1]" if value.fold else "")
    return value.isoformat() + name


def rust_bytes(data):
    escaped = {10: "\\n", 34: '\\"', 92: "\\\\"}
    return "".join(
        escaped.get(it) or (chr(it) if 32 <= it < 127 else f"\\x{it:02x}") for it in data
    )


def rust_raw(text):
    return f'"{text}"' if '"' not in text and "\\" not in text else f'r#"{text}"#'


def main():
    for value in FAMILIES[sys.argv[1]]:
        own = type(value).__module__ in ("shapes", "uuid")
        data = meaning(value)
        seen = set()
        for protocol in (0, 3, 4):
            # Slots need protocol 2.
            if isinstance(value, Slotted) and protocol < 2:
                continue
            pickled = pickletools.optimize(pickle.dumps(value, protocol))
            if pickled.removeprefix(b"\x80\x03") in seen:
                continue
            seen.add(pickled.removeprefix(b"\x80\x03"))
            # Older protocols lose a little: the fold of a time, for example.
            again = pickle.loads(pickled)
            printed = '""' if own else rust_raw(repr(again))
            text = "" if data is None else json.dumps(meaning(again))
            print(f'        (b"{rust_bytes(pickled)}", {printed}, {rust_raw(text)}),')


main()
