#!/usr/bin/env python3
"""Quantiles of a loop with 100 fixed real points: the independent program behind this experiment's targets.

It knows nothing of ouro: numpy alone, one seed. Every point is drawn and kept as such; fits divide by n.
"""
import numpy as np

rng = np.random.default_rng(8)
REAL = 100


def quantile_of(x, p):
    off = np.sqrt(p * (1 - p) / len(x))
    return np.quantile(x, p), (np.quantile(x, p + off) - np.quantile(x, p - off)) / 2


def loop(synthetic, fits, runs):
    real = rng.standard_normal((runs, REAL))
    mean, sd = real.mean(1), real.std(1)
    for _ in range(fits - 1):
        drawn = mean[:, None] + sd[:, None] * rng.standard_normal((runs, synthetic))
        every = np.concatenate([real, drawn], 1)
        mean, sd = every.mean(1), every.std(1)
    return mean, sd


for synthetic, fits, runs in ((40, 20, 20000), (100, 20, 20000), (1000, 50, 4000)):
    mean, sd = loop(synthetic, fits, runs)
    print("lambda = %g, fit %d: median drift_sq %.5g +- %.2g, q05 of variance_ratio %.5g +- %.2g" % (
        (synthetic / REAL, fits) + quantile_of(mean ** 2, 0.5) + quantile_of(sd ** 2, 0.05)))
