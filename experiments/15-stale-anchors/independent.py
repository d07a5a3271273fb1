#!/usr/bin/env python3
"""Variance and tail of a Gaussian with real points every c generations: the independent program behind this experiment's targets.

It knows nothing of ouro: numpy alone, normal and chi-square draws, 20000 runs, one seed. The tail is the mass beyond 2.576 standard
deviations of the truth, as a ratio to 1 %. The last generation of each cycle is the trough, the one after it the top.
"""
import math
import numpy as np

rng = np.random.default_rng(7)
RUNS = 20000


def tail_ratio(mean, variance, z=2.5758293035489004):
    sd, erfc = np.sqrt(variance) * math.sqrt(2), np.vectorize(math.erfc)
    return (erfc((z - mean) / sd) + erfc((z + mean) / sd)) / 2 / 0.01


def draw(n, mean, variance):
    """Mean and centred sum of squares of n points."""
    at = mean + np.sqrt(variance / n) * rng.standard_normal(RUNS)
    return at, variance * rng.chisquare(n - 1, RUNS) if n > 1 else np.zeros(RUNS)


def merge(n1, m1, s1, n2, m2, s2):
    n = n1 + n2
    return n, (n1 * m1 + n2 * m2) / n, s1 + s2 + (m1 - m2) ** 2 * n1 * n2 / n


def median_of(x):
    off = 0.5 / math.sqrt(RUNS)
    return np.median(x), abs(np.quantile(x, 0.5 + off) - np.quantile(x, 0.5 - off)) / 2


def mean_of(x):
    return x.mean(), x.std(ddof=1) / math.sqrt(RUNS)


def report(name, mean, variance):
    tail = tail_ratio(mean, variance)
    print(name, "median v %.5f +- %.5f" % median_of(variance), "mean v %.4f +- %.4f" % mean_of(variance),
          "median tail %.5f +- %.5f" % median_of(tail), "mean tail %.4f +- %.4f" % mean_of(tail), flush=True)


ONES = np.ones(RUNS)
for every in (1, 5, 20, 100):  # `every` fresh points each time: one per generation
    mean, squares = draw(100, 0, ONES)
    variance = squares / 100
    for t in range(2, 602):
        mean_now, squares = draw(99, mean, variance)
        n = 99
        if (t - 1) % every == 0:
            n, mean_now, squares = merge(n, mean_now, squares, every, *draw(every, 0, ONES))
        mean, variance = mean_now, squares / n
        if t >= 600:
            report("cadence %d t=%d" % (every, t), mean, variance)
for every in (1, 10, 50):  # the same twenty points each time
    mean, squares = draw(100, 0, ONES)
    variance = squares / 100
    anchor = draw(20, 0, ONES)
    for t in range(2, 502):
        mean_now, squares = draw(80, mean, variance)
        n = 80
        if (t - 1) % every == 0:
            n, mean_now, squares = merge(n, mean_now, squares, 20, *anchor)
        mean, variance = mean_now, squares / n
        if t >= 500:
            report("fixed %d t=%d" % (every, t), mean, variance)
