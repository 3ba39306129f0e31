"""What `pickletools.genops` gives for each pickle of a file with one in Base64 on each line.

A line of JSON for each: a list of [position, name, repr of the argument], or as far as it gets, and
whether that is all of it. Strings of Python 2 and bytearrays are given as bytes.
"""

import base64
import json
import pickletools
import sys

STRINGS = {"STRING", "BINSTRING", "SHORT_BINSTRING"}


def plain(name, argument):
    if argument is None:
        return ""
    if name in STRINGS:
        argument = argument.encode("latin-1")
    if isinstance(argument, bytearray):
        argument = bytes(argument)
    return repr(argument)


for line in sys.stdin:
    steps, whole = [], True
    try:
        for opcode, argument, position in pickletools.genops(base64.b64decode(line)):
            steps.append([position, opcode.name, plain(opcode.name, argument)])
    except ValueError:
        whole = False
    print(json.dumps([steps, whole]))
