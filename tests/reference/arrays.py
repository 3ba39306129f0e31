"""Arrays and numbers of numpy, pickled in every way, with what they hold.

Prints a line of JSON for each: its name, its bytes in base64, and shape, dtype, printed form and
items as numpy has them.
"""

import base64
import io
import json
import pickle
import struct
import sys
import warnings

import joblib
import numpy as np

# joblib warns of what it pickles for older versions.
warnings.simplefilter("ignore")


def one_float(number):
    """All its bits; of what is no number only that."""
    return struct.pack(">d", number if number == number else float("nan")).hex()


def item(value, dtype):
    """An item as text that says all of it."""
    kind = dtype.kind
    if kind == "b":
        return str(bool(value)).lower()
    if kind in "iu":
        return str(int(value))
    if kind == "f":
        return one_float(float(value))
    if kind == "c":
        return one_float(float(value.real)) + one_float(float(value.imag))
    if kind in "mM":
        return str(np.asarray(value).astype(dtype.newbyteorder("=")).view("i8").item())
    if kind == "S":
        return bytes(value).hex()
    if kind == "U":
        return str(value)
    if kind == "V" and dtype.names is None:
        return bytes(value).hex()
    if kind == "V":
        parts = []
        for name in dtype.names:
            part = np.asarray(value[name])
            parts.append([item(one, part.dtype) for one in part.reshape(-1)])
        return json.dumps(parts)
    return repr(value)


def row(name, data, array):
    dtype = array.dtype
    if dtype.type is np.record:
        # A class for the items that has nothing to do with what they hold.
        dtype = np.dtype((np.void, dtype))
    return {
        "name": name,
        "data": base64.b64encode(data).decode(),
        "shape": list(array.shape),
        "dtype": str(dtype),
        "typestr": dtype.str,
        "repr": repr(array),
        "items": [item(one, dtype) for one in np.asarray(array).reshape(-1)],
    }


def samples(dtype, count):
    """Values at the edges of what a dtype holds, and others."""
    dtype = np.dtype(dtype)
    kind = dtype.kind
    if kind == "b":
        values = [True, False, True]
    elif kind in "iu":
        bounds = np.iinfo(dtype)
        values = [bounds.min, bounds.max, 0, 1, 7, bounds.max // 3]
    elif kind == "f":
        bounds = np.finfo(dtype)
        values = [0.0, -0.0, 1.5, -2.25, 0.1, bounds.max, bounds.tiny, np.inf, -np.inf, np.nan]
    elif kind == "c":
        values = [0, 1 + 2j, -1.5 - 0.25j, complex(np.nan, np.inf), 1e-3j, 3]
    elif kind == "S":
        values = [b"", b"a", b"a\xffb", b"it's", b"x\x00y"]
    elif kind == "U":
        values = ["", "a", "\u00e4\u20ac", "it's", "\U0001f600", "a\nb"]
    elif kind in "mM":
        values = [0, 1, -1, 10**9, np.iinfo("i8").min, 86400 * 365 * 50]
    else:
        values = [bytes([n, 255 - n, 0, n]) for n in range(5)]
    values = [values[n % len(values)] for n in range(count)]
    if kind in "mM":
        return np.array(values, "i8").view(dtype.newbyteorder("=")).astype(dtype)
    with np.errstate(all="ignore"):
        return np.array(values, dtype=dtype)


PLAIN = """b1 i1 i2 i4 i8 u1 u2 u4 u8 f2 f4 f8 c8 c16 S3 S1 U4 U1 V4
M8[Y] M8[M] M8[W] M8[D] M8[h] M8[m] M8[s] M8[ms] M8[us] M8[ns] M8[25s] m8[D] m8[s] m8[ns] m8[7ms] m8
""".split()

NODE = np.dtype(
    {
        "names": ["left", "right", "feature", "threshold", "impurity", "n", "w", "missing"],
        "formats": ["<i8", "<i8", "<i8", "<f8", "<f8", "<i8", "<f8", "u1"],
        "offsets": [0, 8, 16, 24, 32, 40, 48, 56],
        "itemsize": 64,
    }
)

STRUCTURED = [
    NODE,
    np.dtype([("a", "<f8"), ("b", "u1")]),
    np.dtype([("a", ">i2"), ("b", "<c8"), ("c", "S3"), ("d", "U2")]),
    np.dtype([("a", "u1"), ("b", "f8")], align=True),
    np.dtype([("a", "i4", (2, 3)), ("b", "?")]),
    np.dtype([("a", [("x", "i2"), ("y", [("z", "f4", (2,))])]), ("b", "M8[ns]")]),
    np.dtype({"names": ["b", "a"], "formats": ["i4", "i2"], "offsets": [4, 0], "itemsize": 8}),
    np.dtype([(("a title", "a"), "i4"), ("it's", "f4")]),
    np.dtype([("", "i1"), ("", "V3")]),
]


def structured(dtype, count):
    random = np.random.RandomState(7)
    values = np.frombuffer(random.bytes(dtype.itemsize * count), dtype=np.uint8).copy().view(dtype)
    for name in dtype.names:
        # Not all bytes are text, or a boolean that numpy would make.
        if dtype[name].kind == "U":
            values[name] = ["a\u00e4", "", "it"][:count] * (count // 3)
        if dtype[name].kind == "b":
            values[name] = values[name].view("u1") > 127
    return values


def arrays():
    for name in PLAIN:
        for order in "<>":
            dtype = np.dtype(order + name)
            values = samples(dtype, 12)
            yield f"{dtype.str} 1-d", values
            yield f"{dtype.str} C", values.reshape(3, 4)
            yield f"{dtype.str} F", np.asfortranarray(values.reshape(3, 4))
            yield f"{dtype.str} 3-d F", np.asfortranarray(values.reshape(2, 3, 2))
            yield f"{dtype.str} strided", values.reshape(3, 4)[::-1, ::2]
            yield f"{dtype.str} 0-d", values[1:2].reshape(())
            yield f"{dtype.str} none", values[:0]
            yield f"{dtype.str} none in 3-d", values[:0].reshape(2, 0, 3)
            readonly = values.copy()
            readonly.flags.writeable = False
            yield f"{dtype.str} read-only", readonly
    for number, dtype in enumerate(STRUCTURED):
        values = structured(dtype, 6)
        yield f"structured {number}", values
        yield f"structured {number} F", np.asfortranarray(values.reshape(2, 3))
        yield f"structured {number} strided", values[::2]
    yield "matrix", np.matrix([[1, 2], [3, 4]])
    yield "recarray", np.rec.array([(1, 2.5), (3, 4.5)], names="a,b")
    yield "long", np.arange(5000, dtype="i4")


def objects():
    yield "words", np.array(["spam", "ham"], dtype=object)
    yield "mixed", np.array([1, "a", None, 2.5, [1, 2]], dtype=object)
    yield "2-d", np.array([["a", 1], ["b", 2], ["c", 3]], dtype=object)
    yield "2-d F", np.asfortranarray(np.array([["a", 1], ["b", 2], ["c", 3]], dtype=object))
    yield "none", np.array([], dtype=object)
    nested = np.empty(2, dtype=object)
    nested[0] = np.arange(3)
    nested[1] = np.array(["x"], dtype=object)
    yield "arrays", nested


def dumped_by_joblib(value, protocol):
    buffer = io.BytesIO()
    joblib.dump(value, buffer, protocol=protocol)
    return buffer.getvalue()


def without_padding(value, protocol):
    """As joblib before 1.2 wrote it."""
    from joblib.numpy_pickle import NumpyArrayWrapper, NumpyPickler

    class Wrapper(NumpyArrayWrapper):
        pass

    old = NumpyPickler._create_array_wrapper

    def create(self, array):
        wrapper = old(self, array)
        del wrapper.numpy_array_alignment_bytes
        return wrapper

    NumpyPickler._create_array_wrapper = create
    try:
        return dumped_by_joblib(value, protocol)
    finally:
        NumpyPickler._create_array_wrapper = old


def numpy_1(data):
    """As numpy 1 names its modules; the lengths of names stand before them in protocol 4."""
    return (
        data.replace(b"\x8c\x16numpy._core.multiarray", b"\x8c\x15numpy.core.multiarray")
        .replace(b"\x8c\x13numpy._core.numeric", b"\x8c\x12numpy.core.numeric")
        .replace(b"cnumpy._core.multiarray\n", b"cnumpy.core.multiarray\n")
    )


def main():
    kind = sys.argv[1]
    rows = []
    if kind == "arrays":
        for name, array in arrays():
            for protocol in range(6):
                data = pickle.dumps(array, protocol)
                rows.append(row(f"{name}, protocol {protocol}", data, array))
            if protocol == 5 and name.endswith("1-d"):
                unframed = pickle.dumps(array, 3)
                rows.append(row(f"{name}, numpy 1", numpy_1(unframed), array))
    elif kind == "scalars":
        for name in PLAIN:
            for order in "<>":
                dtype = np.dtype(order + name)
                for number, value in enumerate(samples(dtype, 6)):
                    for protocol in range(6):
                        data = pickle.dumps(value, protocol)
                        rows.append(row(f"{dtype.str} {number}, protocol {protocol}", data, value))
    elif kind == "joblib":
        for name, array in arrays():
            for protocol in range(6):
                for how, dump in [("", dumped_by_joblib), (", no padding", without_padding)]:
                    data = dump(array, protocol)
                    rows.append(row(f"{name}, protocol {protocol}{how}", data, array))
    elif kind == "objects":
        for name, array in objects():
            for protocol in range(6):
                for how, data in [
                    ("", pickle.dumps(array, protocol)),
                    (", joblib", dumped_by_joblib(array, protocol)),
                ]:
                    rows.append(row(f"{name}, protocol {protocol}{how}", data, array))
    for line in rows:
        print(json.dumps(line))


main()
