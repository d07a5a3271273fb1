#!/usr/bin/env python3
"""Least squares on labels of two teachers, or of an earlier fit: the program behind this experiment's targets.

  independent.py exact       the formulas
  independent.py two         two teachers, or a fitted one, simulated row by row
  independent.py chain       refits on labels of the latest fit, with fewer weights than rows and with more, simulated

It knows nothing of ouro: numpy alone.
"""
import sys
import numpy as np

rng = np.random.default_rng(11)


def fit_error(d, n, noise):
    """E |w - w_0|^2 of least squares on n rows of d standard normals."""
    return noise ** 2 * d / (n - d - 1)


def shift(d, n, m):
    """E |S^-1 W D|^2 for |D| = 1: W = X'X of m of the n rows, S of all. S is independent of B = S^-1/2 W S^-1/2, a matrix beta whose
    zonal polynomials have the means C(I) (m/2)_k / (n/2)_k; E[tr S tr S^-1] = (n d - 2) d / (n - d - 1)."""
    first = d * (d + 2) * m * (m + 2) / (n * (n + 2))  # E (tr B)^2 + 2 tr B^2
    second = d * (d - 1) * m * (m - 1) / (n * (n - 1))  # E (tr B)^2 - tr B^2
    square, trace = (first - second) / 3, (first + 2 * second) / 3
    cross = (square - trace / d) / (d * d + d - 2)  # E B_ij B_kl = a [ij] [kl] + cross ([ik] [jl] + [il] [jk])
    a = (trace - 2 * d * cross) / (d * d)
    return a + cross + cross * (n * d - 2) / (n - d - 1)


def exact():
    for share in (0, 0.01, 0.1, 0.5):
        for n in (1000, 10000, 100000):
            m = round(share * n)
            print("share %g of n = %d: %.6g" % (share, n, fit_error(20, n, 0.5) + (shift(20, n, m) if m else 0)))
    for share in (0.1, 0.5):
        for n in (1000, 10000, 100000):
            teacher = fit_error(20, 50, 0.5)
            print("share %g of n = %d from a fit on 50: %.6g" % (share, n, fit_error(20, n, 0.5) + shift(20, n, share * n) * teacher))
    for t in (1, 2, 6, 11):
        print("d = 30, 100 rows, fit %d: %.6g" % (t, t * fit_error(30, 100, 1)))
    for n in (100, 1000, 10000):
        print("d = 30, a fit on 100, then %d rows: %.6g" % (n, fit_error(30, 100, 1) + fit_error(30, n, 1)))
    for t in (1, 2, 5, 10):
        print("d = 100, 80 rows, fit %d: %.6g" % (t, 1 - 0.8 ** t))


def said(what, values):
    print("%s: %.5g +- %.2g" % (what, np.mean(values), np.std(values, ddof=1) / np.sqrt(len(values))), flush=True)


def least_squares(n, d, truth, noise):
    """truth: the weights of each row, or of all."""
    X = rng.standard_normal((n, d))
    return np.linalg.lstsq(X, (X * truth).sum(1) + noise * rng.standard_normal(n), rcond=None)[0]


def two():
    d, noise, off = 20, 0.5, np.eye(20)[1]
    for share, n, runs in ((0.01, 1000, 4000), (0.1, 1000, 4000), (0.5, 1000, 4000), (0.1, 10000, 400), (0.5, 10000, 400)):
        which = (np.arange(n) < share * n)[:, None]
        said("share %g of n = %d" % (share, n), [((least_squares(n, d, which * off, noise)) ** 2).sum() for _ in range(runs)])
    for share in (0.1, 0.5):
        n = 1000
        which, found = (np.arange(n) < share * n)[:, None], []
        for _ in range(4000):
            teacher = least_squares(50, d, 0, noise)
            found.append((least_squares(n, d, which * teacher, noise) ** 2).sum())
        said("share %g of n = %d from a fit on 50" % (share, n), found)


def chain():
    for d, n, noise, at, runs in ((30, 100, 1, (1, 2, 6, 11), 1000), (100, 80, 0, (1, 2, 5, 10), 200)):
        truth = np.ones(d) / np.sqrt(d)
        found = {t: [] for t in at}
        for _ in range(runs):
            w = truth
            for t in range(1, at[-1] + 1):
                w = least_squares(n, d, w, noise)
                if t in at:
                    found[t].append(((w - truth) ** 2).sum())
        for t in at:
            said("d = %d, %d rows, fit %d" % (d, n, t), found[t])


modes = {"exact": exact, "two": two, "chain": chain}
if len(sys.argv) == 2 and sys.argv[1] in modes:
    modes[sys.argv[1]]()
else:
    sys.exit(__doc__)
