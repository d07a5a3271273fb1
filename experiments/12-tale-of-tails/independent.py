#!/usr/bin/env python3
"""Hutter's model with a power tail: the program behind this experiment's targets.

  independent.py exact       sums over categories, and the chain of each one's count by its transition matrix
  independent.py chain       ten refits of 1000 points, simulated
  independent.py truncated   a model of 100000 points that draws from its likeliest categories alone, simulated

It knows nothing of ouro: numpy alone. The truth is p_i ~ i^-1.5, i = 1..100000.
"""
import sys
from math import lgamma
import numpy as np

K, BETA = 100000, 1.5
p = np.arange(1, K + 1) ** -BETA
p /= p.sum()
rng = np.random.default_rng(1)


def missing(counts):
    return p[counts == 0].sum()


def unseen_at_first(n):
    return np.sum(p * (1 - p) ** n)


def binomial_rows(n, q):
    """[q, count]: Bin(count; n, q), for 0 < q < 1."""
    k = np.arange(n + 1)
    log_choose = np.array([lgamma(n + 1) - lgamma(j + 1) - lgamma(n - j + 1) for j in k])
    q = np.asarray(q)[:, None]
    return np.exp(log_choose + k * np.log(q) + (n - k) * np.log1p(-q))


def expect_first(n, value):
    """sum_i p_i E value(count of i among n real points), value an array over counts."""
    total, k = 0.0, np.arange(n + 1)
    for part in np.array_split(np.arange(K), 100):
        q = p[part]
        most = min(n, int(n * q[0] + 12 * np.sqrt(n * q[0]) + 60))
        log_choose = np.array([lgamma(n + 1) - lgamma(j + 1) - lgamma(n - j + 1) for j in range(most + 1)])
        rows = np.exp(log_choose + k[:most + 1] * np.log(q)[:, None] + (n - k[:most + 1]) * np.log1p(-q)[:, None])
        total += np.sum(q * (rows @ value[:most + 1]))
    return total


def exact():
    for n in (100, 1000, 10000, 100000):
        print("first fit, T = %d: %.7g" % (n, unseen_at_first(n)))
    for n in (1000, 10000):
        share = np.arange(n + 1) / n
        for T in (100, 1000, 10000, 100000, 1000000):
            print("model of %d, T = %d: %.7g" % (n, T, expect_first(n, (1 - share) ** T)))
    share, n = np.arange(1001) / 1000, 1000
    for real in (10, 100, 1000, 10000, 100000):
        total = 0.0
        for part in np.array_split(np.arange(K), 100):
            q = p[part]
            total += np.sum(q * (1 - q) ** real * (binomial_rows(n, q) @ (1 - share) ** (9 * real)))
        print("model of 1000, %d fresh and %d synthetic: %.7g" % (real, 9 * real, total))
    M = np.zeros((n + 1, n + 1))
    M[0, 0] = M[n, n] = 1
    M[1:n] = binomial_rows(n, share[1:n])
    dead = (np.arange(n + 1) == 0).astype(float)
    for t in range(1, 11):
        print("replace, fit %d: %.7g" % (t, expect_first(n, dead)))
        dead = M @ dead
    for k in (10, 100):
        print("lost tail beyond rank %d: %.7g" % (k, p[k:].sum()))


def said(what, values):
    print("%s: %.5g +- %.2g" % (what, np.mean(values), np.std(values, ddof=1) / np.sqrt(len(values))), flush=True)


def chain():
    found = np.zeros((400, 10))
    for r in range(400):
        c = rng.multinomial(1000, p)
        for t in range(10):
            if t:
                alive = np.flatnonzero(c)
                new = rng.multinomial(1000, c[alive] / 1000)
                c = np.zeros(K, dtype=np.int64)
                c[alive] = new
            found[r, t] = missing(c)
    for t in range(10):
        said("replace, fit %d" % (t + 1), found[:, t])


def truncated():
    for top in (0.7596, 0.92568):
        found = {1000: [], 100000: []}
        for _ in range(300):
            q = rng.multinomial(100000, p) / 100000
            order = np.argsort(-q, kind="stable")
            kept = order[:np.searchsorted(np.cumsum(q[order]), top) + 1]
            for T in found:
                c = np.zeros(K, dtype=np.int64)
                c[kept] = rng.multinomial(T, q[kept] / q[kept].sum())
                found[T].append(missing(c))
        for T in found:
            said("likeliest %g, T = %d" % (top, T), found[T])


modes = {"exact": exact, "chain": chain, "truncated": truncated}
if len(sys.argv) == 2 and sys.argv[1] in modes:
    modes[sys.argv[1]]()
else:
    sys.exit(__doc__)
