#!/usr/bin/env python3
"""Words and pairs of words in use by a bigram model refitted on its own text: the independent program behind this experiment's targets.

It knows nothing of ouro: the text is read and counted here, the next word drawn from a list of those that followed, one seed. Words are
runs of letters, digits and inner apostrophes, in small letters. A text begins with the first word of a random pair, and anew where a
word was never followed by another. Fit 1 is the real text.
"""
import os
import re
import numpy as np

rng = np.random.default_rng(7)
RUNS, FITS = 400, 11
HERE = os.path.dirname(os.path.abspath(__file__))
with open(os.path.join(HERE, "..", "..", "configs", "data", "founding.txt"), encoding="utf-8") as stream:
    words = re.findall(r"[a-z0-9]+(?:'[a-z0-9]+)*", stream.read().lower())
print("%d words, %d different" % (len(words), len(set(words))))


def rewritten(pairs):
    after = {}
    for a, b in pairs:
        after.setdefault(a, []).append(b)
    at, out = None, []
    for _ in range(len(pairs)):
        if at not in after:
            at = pairs[rng.integers(len(pairs))][0]
        to = after[at][rng.integers(len(after[at]))]
        out.append((at, to))
        at = to
    return out


kept = np.zeros((RUNS, FITS, 2))
for run in range(RUNS):
    pairs = list(zip(words, words[1:]))
    for fit in range(FITS):
        kept[run, fit] = len({w for p in pairs for w in p}), len(set(pairs))
        pairs = rewritten(pairs)
share = kept / kept[:, :1]
for fit in (1, 2, 4, 10):
    m, e = share[:, fit].mean(0), share[:, fit].std(0, ddof=1) / np.sqrt(RUNS)
    print("fit %d: words %.5g +- %.2g, pairs %.5g +- %.2g" % (fit + 1, m[0], e[0], m[1], e[1]))
