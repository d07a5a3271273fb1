#!/usr/bin/env python3
"""A bigram model of words retrained on its own text: the independent program behind this experiment's targets.

It knows nothing of ouro: numpy, and lists of successors. The text is read as ouro reads it: small letters, runs of letters and
digits with apostrophes inside, marks dropped. A model is a bag of pairs: what follows a word is drawn from what followed it there, and
a text that comes to a word without a successor goes on with a word that begins a pair. One seed for each part.

  independent.py loop     three policies, seven fits, a text of 1000 words measured
  independent.py length   the first fit alone, measured in texts of 200, 1000 and 5000 words
"""
import os
import random
import re
import sys
from collections import Counter, defaultdict
import numpy as np

TEXT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "configs", "data", "founding.txt")


def read():
    with open(TEXT, encoding="utf-8") as stream:
        words = re.findall(r"[a-z0-9]+(?:'[a-z0-9]+)*", stream.read().lower())
    return list(zip(words, words[1:]))


class Model:
    def __init__(self, pairs, rng):
        self.pairs, self.rng, self.after = pairs, rng, defaultdict(list)
        for a, b in pairs:
            self.after[a].append(b)

    def steps(self):
        """(first word, or None where the text goes on; next word), for ever."""
        at, r = None, self.rng.random
        while True:
            successors = self.after.get(at)
            start = None
            if not successors:
                at = start = self.pairs[int(r() * len(self.pairs))][0]
                successors = self.after[at]
            before, at = at, successors[int(r() * len(successors))]
            yield start, before, at

    def draw(self, n):
        s = self.steps()
        return [next(s)[1:] for _ in range(n)]

    def distinct(self, tokens):
        one, two, three, last = [], [], [], None
        for start, a, b in self.steps():
            if start is not None:
                one.append(a)
            if len(one) == tokens:
                break
            one.append(b)
            two.append((a, b))
            if start is None:
                three.append((last, a, b))
            last = a
            if len(one) == tokens:
                break
        return [len(set(x)) / len(x) for x in (one, two, three)]

    def measures(self, tokens):
        counts, n = Counter(self.pairs), len(self.pairs)
        rate = -sum(c * np.log(c / len(self.after[a])) for (a, _), c in counts.items()) / n
        two_differ = 1 - sum(c * c for c in counts.values()) / n ** 2
        return self.distinct(tokens) + [rate, two_differ, len({w for p in counts for w in p})]


NAMES = "distinct_1", "distinct_2", "distinct_3", "entropy_rate", "heterozygosity", "vocabulary_share"


def told(name, rows, real):
    x = np.array(rows)
    x[:, 5] /= len({w for p in real for w in p})
    for k, label in enumerate(NAMES):
        print("%s %s %.6g +- %.2g" % (name, label, x[:, k].mean(), x[:, k].std(ddof=1) / np.sqrt(len(x))), flush=True)


def loop():
    real = read()
    for policy, seed in (("replace", 1), ("accumulate", 2), ("augment", 3)):
        rng, found = random.Random(seed), defaultdict(list)
        for _ in range(300):
            pool = real
            for t in range(1, 8):
                model = Model(pool, rng)
                if t in (1, 2, 4, 7):
                    found[t].append(model.measures(1000))
                new = model.draw(len(real))
                pool = {"replace": [], "accumulate": pool, "augment": real}[policy] + new
        for t in found:
            told("%s t=%d" % (policy, t), found[t], real)


def length():
    real, rng = read(), random.Random(4)
    model = Model(real, rng)
    for tokens, runs in ((200, 2000), (1000, 1000), (5000, 300)):
        x = np.array([model.distinct(tokens) for _ in range(runs)])
        for k in range(3):
            print("length %d %s %.6g +- %.2g" % (tokens, NAMES[k], x[:, k].mean(), x[:, k].std(ddof=1) / np.sqrt(runs)))


if len(sys.argv) != 2 or sys.argv[1] not in ("loop", "length"):
    sys.exit(__doc__)
{"loop": loop, "length": length}[sys.argv[1]]()
