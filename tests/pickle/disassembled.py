"""What `pickletools.dis` prints.

Reads lines of JSON: {"data": [pickle in Base64, ...], "options": {...}}, and answers each with a
line: [[what is printed, the error or null], ...]. The pickles of a line share a memo if the options
have "memo": true; with "file": true one file holds them all, and each begins where the one before
ends.
"""

import base64
import io
import json
import pickletools
import sys


def printed(pickle, options):
    out = io.StringIO()
    try:
        pickletools.dis(pickle, out, **options)
    except (ValueError, IndexError) as error:
        return [out.getvalue(), f"{type(error).__name__}: {error}"]
    return [out.getvalue(), None]


for line in sys.stdin:
    request = json.loads(line)
    options = request.get("options", {})
    if options.pop("memo", False):
        options["memo"] = {}
    pickles = [base64.b64decode(data) for data in request["data"]]
    if options.pop("file", False):
        file = io.BytesIO(b"".join(pickles))
        pickles = [file] * len(pickles)
    print(json.dumps([printed(pickle, options) for pickle in pickles]), flush=True)
