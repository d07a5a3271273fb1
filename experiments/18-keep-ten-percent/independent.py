#!/usr/bin/env python3
"""Keeping a tenth of the original data: the independent program behind this experiment's targets.

  independent.py exact   drift of categories, by recursion; no random numbers
  independent.py text    a bigram model of letters on its own text, 1600 runs side by side, one seed; a minute or two

It knows nothing of ouro: numpy alone. Letters are read as ouro reads them: small letters, marks dropped, a run of white space one
space; the last tenth is held out; half of the remaining pairs, at random, are the first fit's, the other half are a reserve.
"""
import os
import re
import sys
import numpy as np

TEXT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "configs", "data", "founding.txt")
ADD = 0.01


def exact():
    print("nothing kept, n=100: t=10 %.7g t=200 %.7g" % tuple(1 - .99 ** t for t in (10, 200)))
    d = 1 / 100  # the fit's mean square distance from the anchors' own shares, once the first fit is forgotten
    for t in range(2, 201):  # |p_t - q|^2, q the shares of 10 fixed rows: E = .81 (D + H/90), H = 1 - 1/10 - D where D is stationary
        d = .81 * (d * (1 - 1 / 90) + .9 / 90)
    print("ten fixed of 100: t=200 %.7g" % (1 / 10 + d))
    d = 1 / 100
    for t in range(2, 201):  # .9 p of 90 draws and .1 of 10 fresh ones
        d = .81 * (d + (1 - d) / 90) + .01 / 10
        if t in (10, 200):
            print("ten fresh of 100: t=%d %.7g" % (t, d))
    for n in (10, 100, 10000):
        a, d = n / (100 + n), 0
        for t in range(2, 201):
            d = a * a * (d * (1 - 1 / n) + (1 - 1 / 100) / n)
        print("100 rows fixed, %d synthetic: t=200 %.7g, stationary %.7g" % (
            n, 1 / 100 + d, 1 / 100 + a * a * (1 - 1 / 100) / n / (1 - a * a * (1 - 1 / n))))


def read():
    with open(TEXT, encoding="utf-8") as stream:
        s = re.sub(r"\s+", " ", re.sub(r"[^a-z0-9\s]", "", stream.read().lower())).strip()
    letters = sorted(set(s))
    x = np.array([letters.index(c) for c in s])
    trained = len(x) - int(.1 * len(x) + .5)
    t, h, K = x[:trained], x[trained:], len(letters)
    return K, t[:-1] * K + t[1:], h[:-1] * K + h[1:]


def text():
    K, pairs, held = read()
    rng, R, N = np.random.default_rng(18), 1600, len(pairs)
    reserve = int(N * .5 + .5)
    first = N - reserve
    truth = np.bincount(pairs, minlength=K * K).reshape(K, K) / N
    given = truth / truth.sum(1, keepdims=True)

    def counts(rows):
        return np.array([np.bincount(r, minlength=K * K) for r in rows], float)

    def report(name, t, C):
        M = C / C.sum(2, keepdims=True)
        ppl = np.exp(-np.log(M.reshape(R, -1)[:, held]).mean(1))
        kl = (np.where(truth > 0, truth * np.log(np.where(truth > 0, given, 1) / M), 0)).sum((1, 2))
        off = .5 / np.sqrt(R)
        print("%s t=%d perplexity median %.6g +- %.2g" % (name, t, np.median(ppl), (np.quantile(ppl, .5 + off) - np.quantile(ppl, .5 - off)) / 2))
        print("%s t=%d kl_rate mean %.6g +- %.2g" % (name, t, kl.mean(), kl.std(ddof=1) / np.sqrt(R)), flush=True)

    for name, kept in (("none", 0), ("fixed", 417), ("fresh", 417)):
        order = np.array([rng.permutation(pairs) for _ in range(R)])
        c, rest, used = counts(order[:, :first]), order[:, first:].copy(), 0
        for t in range(1, 31):
            C = (c + ADD).reshape(R, K, K)
            if t in (1, 5, 10, 30):
                report(name, t, C)
            upto, start, every = (C / C.sum(2, keepdims=True)).cumsum(2), C.sum(2).cumsum(1), np.arange(R)
            at, c = (start < rng.random((R, 1)) * start[:, -1:]).sum(1), np.zeros((R, K * K))
            for _ in range(first - kept):
                to = np.minimum((upto[every, at] < rng.random((R, 1))).sum(1), K - 1)
                c[every, at * K + to] += 1
                at = to
            if name == "fresh" and used + kept > reserve:
                rest, used = rng.permuted(rest, axis=1), 0
            if kept:
                c += counts(rest[:, used:used + kept])
            used += kept if name == "fresh" else 0


if len(sys.argv) != 2 or sys.argv[1] not in ("exact", "text"):
    sys.exit(__doc__)
{"exact": exact, "text": text}[sys.argv[1]]()
