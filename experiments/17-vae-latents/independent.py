#!/usr/bin/env python3
"""Probabilistic principal components refitted to their own sample: the independent program behind this experiment's targets.

It knows nothing of ouro: numpy alone, every point drawn, the fit written out after Tipping and Bishop. One seed. Quantiles of
the trace over the truth's after five fits on five points, and the mean log of the largest and the smallest eigenvalue
of a fit on 40 points in six dimensions, with one standard error.
"""
import numpy as np

rng = np.random.default_rng(17)


def fit(x, q):
    """x: (runs, n, d). Means, covariances W W' + s2 I and their eigenvalues, smallest first."""
    mean = x.mean(1)
    gap = x - mean[:, None]
    value, axis = np.linalg.eigh(np.einsum("rni,rnj->rij", gap, gap) / x.shape[1])
    value[:, :-q] = value[:, :-q].mean(1, keepdims=True)
    return mean, np.einsum("rij,rj,rkj->rik", axis, value, axis), value


def loop(sd, q, n, last, runs):
    sd = np.array(sd)
    x = rng.standard_normal((runs, n, len(sd))) * sd
    for t in range(1, last + 1):
        mean, covariance, value = fit(x, q)
        yield t, value, value.sum(1) / (sd ** 2).sum()
        value, axis = np.linalg.eigh(covariance)
        root = axis * np.sqrt(np.maximum(value, 0))[:, None]
        x = mean[:, None] + np.einsum("rni,rji->rnj", rng.standard_normal((runs, n, len(sd))), root)


runs = 200000
for t, value, trace in loop([1, 1, 0.2], 2, 5, 5, runs):
    print("five points, t = %d: trace %.5f +- %.2g" % (t, trace.mean(), trace.std(ddof=1) / np.sqrt(runs)))
for p in (0.05, 0.5, 0.95):
    off = np.sqrt(p * (1 - p) / runs)
    low, q, high = np.quantile(trace, (p - off, p, p + off))
    print("five points, t = 5: quantile %.2f of the trace %.5f +- %.2g" % (p, q, (high - low) / 2))
runs = 40000
for t, value, trace in loop([3, 2, 1, 0.5, 0.5, 0.5], 2, 40, 20, runs):
    if t in (1, 20):
        for name, v in (("largest", value[:, -1]), ("smallest", value[:, 0])):
            v = np.log(v)
            print("forty points, t = %d: log of the %s eigenvalue %.4f +- %.2g" % (t, name, v.mean(), v.std(ddof=1) / np.sqrt(runs)))
