#!/usr/bin/env python3
"""Real and own score of a Gaussian refitted on its own samples: the independent program behind this experiment's targets.

It knows nothing of ouro: numpy alone, one normal and one chi-square draw per run and generation, n = 100, 40000 runs, one seed.
"""
import numpy as np

rng = np.random.default_rng(11)
RUNS, N = 40000, 100
mean, log_variance = np.zeros(RUNS), np.zeros(RUNS)
first = np.full(RUNS, 10**6)  # generation in which the gap first exceeds a nat


def median_of(x):
    off = 0.5 / np.sqrt(RUNS)
    return "%.5g +- %.2g" % (np.median(x), (np.quantile(x, 0.5 + off) - np.quantile(x, 0.5 - off)) / 2)


for t in range(1, 201):
    mean = mean + np.exp(log_variance / 2) * rng.standard_normal(RUNS) / np.sqrt(N)
    log_variance = log_variance + np.log(rng.chisquare(N - 1, RUNS) / N)
    half = 0.5 * np.log(2 * np.pi) + 0.5 * log_variance
    real = half + (1 + mean * mean) / 2 * np.exp(-log_variance)
    own = half + 0.5
    first = np.where((real - own > 1) & (first > t), t, first)
    if t in (1, 10, 50, 100, 200):
        print(t, "real", median_of(real), "q95 %.4g" % np.quantile(real, 0.95), "gap", median_of(real - own), flush=True)
print("first passage: median", np.median(first), np.quantile(first, [0.495, 0.5, 0.505]))
