#!/usr/bin/env python3
"""Words refitted on their own draws: the program behind this experiment's targets.

  independent.py exact      the recursions and the chain of one word's count
  independent.py partial    a fixed real set and n synthetic points, about the first fit and about the truth, simulated
  independent.py origins    a tenth of ten points real: one by count, or each at random, simulated

It knows nothing of ouro: numpy alone.
"""
import sys
from math import comb
import numpy as np

rng = np.random.default_rng(9)
UNIFORM = np.full(10, 0.1)
H0 = 0.9  # 1 - sum p^2


def alive(n, p, t):
    """P(a word of probability p is in the model after t fits of n points)."""
    k = np.arange(n + 1)
    choose = np.array([comb(n, int(j)) for j in k], dtype=float)

    def row(q):
        return choose * q ** k * (1 - q) ** (n - k)

    M, at = np.array([row(q) for q in k / n]), row(p)
    for _ in range(t - 1):
        at = at @ M
    return 1 - at[0]


def exact():
    for n in (10, 100):
        for t in (10, 100):
            print("n = %d, fit %d: heterozygosity %.6g, alive %.6g" % (n, t, H0 * (1 - 1 / n) ** t, 10 * alive(n, 0.1, t)))
    for t in (10, 100):
        print("one word of 0.1, n = 100, fit %d: alive %.6g" % (t, alive(100, 0.1, t)))
    N = 100
    for n in (10, 100, 1000, 10000):
        a, D, at = n / (N + n), 0.0, {}
        for t in range(2, 301):  # |p - p_1|^2 in units of 1 - sum p_1^2
            D = a * a * ((1 - 1 / n) * D + 1 / n)
            at[t] = 1 / N + (1 - 1 / N) * D
        rest = a * a / n / (1 - a * a * (1 - 1 / n))
        print("N = 100, n = %d: drift_sq %.6g at fit 10, %.6g at 300, in the end %.6g; about the first fit %.6g"
              % (n, at[10], at[300], 1 / N + (1 - 1 / N) * rest, H0 * (1 - 1 / N) * rest))
    for n, k, last in ((200, 10, 100), (200, 40, 100), (10, 1, 30)):
        a, fixed, random = k / n, 1 / n, 1 / n
        for t in range(2, last + 1):
            fixed = 1 / n + ((1 - a) ** 2 - (1 - a) / n) * fixed
            random = 1 / n + (1 - 1 / n) * (1 - a) ** 2 * random
        print("%d of %d fresh, fit %d: drift_sq %.6g by count, %.6g with random origins" % (k, n, last, fixed, random))


def said(what, values):
    print("%s: %.5g +- %.2g" % (what, np.mean(values), np.std(values, ddof=1) / np.sqrt(len(values))), flush=True)


def partial():
    N, runs = 100, 3000
    for n in (10, 100, 1000, 10000):
        first = rng.multinomial(N, UNIFORM, size=runs) / N
        p = first
        for _ in range(299):
            p = (N * first + rng.multinomial(n, p)) / (N + n)
        said("N = 100, n = %d, fit 300: about the first fit" % n, ((p - first) ** 2).sum(1))
        said("N = 100, n = %d, fit 300: drift_sq" % n, ((p - UNIFORM) ** 2).sum(1) / H0)


def origins():
    n, a, runs = 10, 0.1, 100000
    for by_count in (True, False):
        p = rng.multinomial(n, UNIFORM, size=runs) / n
        for _ in range(29):
            if by_count:
                p = (rng.multinomial(1, UNIFORM, size=runs) + rng.multinomial(n - 1, p)) / n
            else:
                p = rng.multinomial(n, a * UNIFORM + (1 - a) * p) / n
        said("1 of 10 fresh, fit 30, %s: drift_sq" % ("by count" if by_count else "random origins"),
             ((p - UNIFORM) ** 2).sum(1) / H0)


modes = {"exact": exact, "partial": partial, "origins": origins}
if len(sys.argv) == 2 and sys.argv[1] in modes:
    modes[sys.argv[1]]()
else:
    sys.exit(__doc__)
