#!/usr/bin/env python3
"""Regressions, medians and logistic regressions refitted on their own labels: the program behind this experiment's targets.

  independent.py exact        the formulas
  independent.py subsample    accumulate-subsample under one design, simulated
  independent.py designs      accumulate with the same rows in every generation, and with fresh ones, simulated
  independent.py median       location of a Laplace law by the median, simulated
  independent.py logistic     logistic regression by Newton's method, simulated

It knows nothing of ouro: numpy alone.
"""
import sys
import numpy as np

rng = np.random.default_rng(3)


def exact():
    H2 = {t: sum(1 / i ** 2 for i in range(1, t + 1)) for t in (2, 10, 20, 50, 60, 100)}
    B = 100 / (316 - 101)
    print("d = 100, n = 316: replace fit 10 %.6g, fit 50 %.6g; accumulate fit 10 %.6g, fit 50 %.6g"
          % (10 * B, 50 * B, H2[10] * B, H2[50] * B))
    for n in (100, 1000):
        base = 10 / (n - 11)
        print("replace-multiple, n = %d: fit 10 %.6g, fit 100 %.6g; fit 100 over fit 1 %.6g, H_100 %.6g"
              % (n, sum(10 / (i * n - 11) for i in range(1, 11)), sum(10 / (i * n - 11) for i in range(1, 101)),
                 sum(10 / (i * n - 11) for i in range(1, 101)) / base, sum(1 / i for i in range(1, 101))))
    for v2, who in ((0, "poisson"), (1, "exponential, geometric"), (0.5, "gamma of shape 2"), (-1, "bernoulli, gaussian")):
        for t in (10, 60):
            log = sum(np.log1p(v2 / (100 * i * i)) for i in range(1, t + 1))
            print("%s: drift_sq at fit %d %.6g, 100 times that %.6g" % (who, t, np.expm1(log) / v2 if v2 else H2[t] / 100,
                                                                      100 * np.expm1(log) / v2 if v2 else H2[t]))


def said(what, values):
    print("%s: %.5g +- %.2g" % (what, np.mean(values), np.std(values, ddof=1) / np.sqrt(len(values))), flush=True)


def said_ratio(what, top, bottom):
    """Mean of top over mean of bottom, seen in the same runs."""
    top, bottom = np.array(top), np.array(bottom)
    ratio = top.mean() / bottom.mean()
    print("%s: %.5g +- %.2g" % (what, ratio, np.std(top - ratio * bottom, ddof=1) / bottom.mean() / np.sqrt(len(top))), flush=True)


def solve(X, y):
    return np.linalg.solve(X.T @ X, X.T @ y)


def subsample():
    for d, n, at, runs in ((10, 100, (100,), 2000), (10, 1000, (10, 100), 300), (100, 316, (5, 20), 250)):
        found = {t: [] for t in at}
        for _ in range(runs):
            X = rng.standard_normal((n, d))
            y = rng.standard_normal(n)  # the truth's weights are zero: nothing depends on them
            for t in range(1, at[-1] + 1):
                some = rng.choice(len(y), n, replace=False)
                w = solve(X[some % n], y[some])
                if t in at:
                    found[t].append(w @ w)
                y = np.r_[y, X @ w + rng.standard_normal(n)]
        for t in at:
            said("subsample, d = %d, n = %d, fit %d" % (d, n, t), found[t])


def designs():
    d, n, last, runs = 100, 316, 20, 300
    for fresh in (False, True):
        found = []
        for _ in range(runs):
            X = rng.standard_normal((n, d))
            G, b, w = np.zeros((d, d)), np.zeros(d), np.zeros(d)
            for t in range(last):
                if t and fresh:
                    X = rng.standard_normal((n, d))
                G += X.T @ X
                b += X.T @ (X @ w + rng.standard_normal(n))
                w = np.linalg.solve(G, b)
            found.append(w @ w)
        said("accumulate, d = %d, n = %d, fit %d, %s" % (d, n, last, "fresh rows" if fresh else "the same rows"), found)


def median():
    n, at, runs = 101, (1, 2, 10, 20), 6000
    for keep in (False, True):
        found = {t: [] for t in at}
        for _ in range(runs):
            pool = rng.laplace(size=n)
            for t in range(1, at[-1] + 1):
                place = np.median(pool)
                scale = np.mean(np.abs(pool - place))
                if t in at:
                    found[t].append(place ** 2)
                new = rng.laplace(place, scale, n)
                pool = np.r_[pool, new] if keep else new
        for t in at[1:]:
            said_ratio("median, %s, fit %d over fit 1" % ("accumulate" if keep else "replace", t), found[t], found[1])


def logistic():
    d, n, at, runs = 5, 500, (1, 2, 6), 2000
    truth = np.ones(d) / np.sqrt(d)
    for keep in (False, True):
        found = {t: [] for t in at}
        for _ in range(runs):
            X, y, w = np.zeros((0, d)), np.zeros(0), truth
            for t in range(1, at[-1] + 1):
                Z = rng.standard_normal((n, d))
                z = rng.random(n) < 1 / (1 + np.exp(-Z @ w))
                X, y = (np.r_[X, Z], np.r_[y, z]) if keep else (Z, z)
                for _ in range(25):
                    p = 1 / (1 + np.exp(-X @ w))
                    step = np.linalg.solve((X.T * (p * (1 - p))) @ X, X.T @ (y - p))
                    w = w + step
                    if np.abs(step).max() < 1e-8:
                        break
                if t in at:
                    found[t].append(((w - truth) ** 2).sum())
        for t in at[1:]:
            said_ratio("logistic, %s, fit %d over fit 1" % ("accumulate" if keep else "replace", t), found[t], found[1])


modes = {"exact": exact, "subsample": subsample, "designs": designs, "median": median, "logistic": logistic}
if len(sys.argv) == 2 and sys.argv[1] in modes:
    modes[sys.argv[1]]()
else:
    sys.exit(__doc__)
