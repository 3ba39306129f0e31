"""Writes files of many kinds, as Python and its libraries write them, into the folder named first:
each under the name of its kind in `container::FileKind`, a dash and a number."""

import base64
import bz2
import collections
import decimal
import gzip
import io
import json
import lzma
import os
import pickle
import sqlite3
import sys
import tarfile
import zipfile
import zlib

import joblib
import numpy
from sklearn.tree import DecisionTreeClassifier

os.chdir(sys.argv[1])
numbers = collections.Counter()


def write(kind, content):
    with open(f"{kind}-{numbers[kind]}", "wb") as file:
        file.write(content.encode() if isinstance(content, str) else content)
    numbers[kind] += 1


def name(kind):
    numbers[kind] += 1
    return f"{kind}-{numbers[kind] - 1}"


mixed = {"name": "worker", "scores": [1, 2.5], "b": b"x\n\r\n", "t": (1, None, True), "big": 10**30, "neg": -7, "text": "line\nbreak"}
objects = [
    mixed, None, True, False, 0, 1, 300, -70000, 2**40, 1.5, "a", "é", "V text, with comma", "x" * 300, b"bytes",
    bytearray(b"b"), [], {}, (), set(), [1], {"a": 1}, (1, 2), [[]], [(1,)], {1, 2}, [None], (None,), ((),), ((), ()),
    (True, False, None), {"k": [1, {"z": "x"}]}, complex(1, 2), decimal.Decimal("1.5"), collections.OrderedDict(a=1),
    os.path.join, len, numpy.float64(1.5), numpy.arange(4), numpy.array(["a", None], dtype=object),
]
for protocol in range(6):
    for thing in objects:
        write("Pickle", pickle.dumps(thing, protocol))
        write("Pickle", pickle.dumps(thing, protocol) + b"\n")

# Stored as text.
for protocol in range(4):
    for thing in [mixed, [mixed], (1, [2, 3], "x"), numpy.arange(3), [numpy.float32(1)]]:
        content = pickle.dumps(thing, protocol)
        changed = content.replace(b"\n", b"\r\n")
        try:
            # Python reads some of protocol 0, with a "\r" at the end of each text.
            pickle.loads(changed)
        except Exception:
            # One line end can be CRLF by chance.
            if content.count(b"\n") >= 2:
                write("PickleCrlf", changed)
for protocol in range(2, 6):
    content = pickle.dumps(mixed, protocol)
    write("PickleReplaced", content.decode("utf-8", "replace"))
    write("PickleUtf8", content.decode("latin-1"))
    write("PickleBase64", base64.b64encode(content))
    write("PickleBase64", base64.encodebytes(content))
    write("PickleHex", content.hex())
    write("PickleRepr", repr(content))

write("Empty", "")
write("LfsPointer", "version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n")
write("DvcPointer", "outs:\n- md5: 00\n  path: model.pkl\n")
for content in [json.dumps(mixed, default=str), json.dumps([1, 2], indent=1), "[]\n", '\ufeff{"a": [1, 2]}\n{"b": 2}\n']:
    write("Json", content)
write("Notebook", json.dumps({"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
for content in [
    "a,b\n1,2\n3,4\n", "a\tb\n1\t2", "Volume,Price\n1,2.\n", "sep=,\na,b\n1,2\n", "a,b\n" + "1,2\n" * 100000,
    "Indus,b\n0,1\n1,2.", "N,x\n1,2\n", "class,len\n1,2\n", "S,I\n'a',2\n", "K,M\n1,2\n", "(a,b)\n(1,2)\n",
    'a,b\r\n"x, y",2\r\n', "a|b\n1|2\n", "x^2,y\n4,1\n", "x^,y\n4,1\n",
]:
    write("Csv", content)
write("Csv", "größe;x\r\n1,5;2\r\n".encode("latin-1"))
for content in [
    "Very nice day.\n", "I think so.\n", "model.pkl\n", "404: Not Found", "(1, 2)\n", "N.A.\n", "Ground truth.\n",
    "X marks the spot.", "c\nd\ne.\n", "0\n1\n0\n", "L1 loss.\nF1 score.\n", "import pickle\nprint(1)\n", "x^2\n",
    "BZh is a name", "Jim.\n", "Kim.", "Ten.\n", "]\n", "(see p. 2.)\n.", "gAS is a name", "8004",
]:
    write("Text", content)
for encoding in ["utf-16", "utf-16-le", "utf-16-be"]:
    write("Utf16Text", "a,b\n1,2\n".encode(encoding))
for content in [
    "<!DOCTYPE html>\n<html>", "\n  <HTML><BODY>x", '<?xml version="1.0"?><!DOCTYPE html PUBLIC><html>',
    "<!-- a page --><html lang='en'>",
]:
    write("Html", content)
write("Xml", '<?xml version="1.0"?>\n<Error><Code>AccessDenied</Code></Error>')
write("Pmml", '<?xml version="1.0"?>\n<PMML xmlns="http://www.dmg.org/PMML-4_4">')

content = pickle.dumps(mixed, 4)
for plain in [content, b"", b"hello world", bytes(1000)]:
    write("Gzip", gzip.compress(plain))
    write("Bzip2", bz2.compress(plain))
    write("Xz", lzma.compress(plain))
    for level in range(10):
        write("Zlib", zlib.compress(plain, level))
        write("Lzma", lzma.compress(plain, lzma.FORMAT_ALONE, preset=level))


def archive(kind, members, compression=zipfile.ZIP_STORED):
    with zipfile.ZipFile(name(kind), "w", compression) as file:
        for member, content in members.items():
            file.writestr(member, content)


for compression in [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]:
    archive("Zip", {"a.txt": "x", "folder/model.pkl": content}, compression)
    archive("Zip", {}, compression)
    archive("Torch", {"archive/data.pkl": content, "archive/version": "3\n", "archive/data/0": b"1234"}, compression)
    archive("Skops", {"schema.json": "{}"}, compression)
    archive("KerasZip", {"metadata.json": "{}", "model.weights.h5": ""}, compression)
    archive("Excel", {"[Content_Types].xml": "<a/>", "xl/workbook.xml": "<a/>"}, compression)
for save in [numpy.savez, numpy.savez_compressed]:
    save("x.npz", a=numpy.arange(3), b=numpy.zeros(2))
    os.rename("x.npz", name("Npz"))
numpy.save("x.npy", numpy.arange(3))
os.rename("x.npy", name("Npy"))
with tarfile.open(name("Tar"), "w") as file:
    file.addfile(tarfile.TarInfo("x"), io.BytesIO(b""))
with sqlite3.connect(name("Sqlite")) as database:
    database.execute("create table t (x)")

tree = DecisionTreeClassifier(max_depth=2).fit([[0.0], [1.0], [2.0]], ["a", "b", "a"])
for thing in [numpy.arange(5), tree, {"a": numpy.zeros((2, 3))}]:
    for protocol in [0, 2, 3, 4, 5]:
        joblib.dump(thing, name("Joblib"), protocol=protocol)
joblib.dump(mixed, name("Pickle"))

# As joblib compresses: the same object, by each of its compressors and levels.
for compressor in ["zlib", "gzip", "bz2", "xz", "lzma"]:
    for level in [1, 3, 6, 9]:
        joblib.dump(mixed, f"compressed-{compressor}-{level}.joblib", compress=(compressor, level))
        joblib.dump(tree, f"tree-{compressor}-{level}.joblib", compress=(compressor, level))
joblib.dump(mixed, "compressed.joblib")
joblib.dump(tree, "tree.joblib")
