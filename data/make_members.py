"""Makes the tables of the notebook my_data.ipynb: who renews a library's card.

The people are invented: random numbers from a fixed seed, and a rule with noise in it. Fields are
missing here and there, because they are in tables that people keep.

    python3 make_members.py [FOLDER]
"""

import random
import sys
from pathlib import Path

NAMES = ["age", "visits", "distance_km", "card", "district", "renewed"]


def person(chance):
    card = chance.choice(["student", "adult", "adult", "family", "senior"])
    age = {"student": (16, 28), "adult": (25, 64), "family": (28, 55), "senior": (65, 88)}[card]
    age = chance.randint(*age)
    distance = round(chance.uniform(0.2, 9.0), 1)
    visits = max(0, round(chance.gauss(16 - distance, 5)))
    district = chance.choice(["Harbour", "Hill", "Old Town"])
    wish = 0.35 * visits - 0.3 * distance + {"family": 2, "senior": 1}.get(card, 0)
    renewed = "yes" if wish + chance.gauss(0, 1.2) > 2.2 else "no"
    return [age, visits, distance, card, district, renewed]


def line(row, chance):
    # The age, the distance and the card are not always noted.
    missing = [0.09, 0, 0.06, 0.05, 0, 0]
    return ";".join("" if chance.random() < share else str(x) for x, share in zip(row, missing))


def main():
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    chance = random.Random(2027)
    rows = [line(person(chance), chance) for _ in range(300)]
    write = lambda name, lines: (folder / name).write_bytes(("\n".join(lines) + "\n").encode())
    write("members.csv", [";".join(NAMES), *rows])
    new = [line(person(chance)[:-1], chance) for _ in range(6)]
    write("members_new.csv", [";".join(NAMES[:-1]), *new])


main()
