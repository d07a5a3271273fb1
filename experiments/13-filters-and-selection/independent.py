#!/usr/bin/env python3
"""Filters between a model and its next fit: the independent program behind this experiment's targets.

  independent.py labels       pruned labels, 50 features, 10000 rows before pruning
  independent.py world        the covariance and the biased centre of the authors' first seed, in principal axes
  independent.py select       the 300 of 6000 rows nearest to that centre
  independent.py worlds       the same in all ten of the authors' worlds, and how much these differ
  independent.py centre       a verifier with a centre of its own, in one dimension
  independent.py curate       one of K rows chosen by its reward
  independent.py temperature  no random numbers: closed forms, fixed points and a Markov chain

It knows nothing of ouro: numpy alone. Each mode has the one seed its targets were made with.
"""
import math
import sys
import numpy as np


def told(name, x):
    x = np.asarray(x)
    off = 0.5 / math.sqrt(len(x))
    print(name, "mean %.6g +- %.2g" % (x.mean(), x.std(ddof=1) / math.sqrt(len(x))), "median %.6g +- %.2g" % (
        np.median(x), (np.quantile(x, 0.5 + off) - np.quantile(x, 0.5 - off)) / 2), flush=True)


def normal_cdf(x):
    return 0.5 * math.erfc(-x / math.sqrt(2))


def labels():
    rng, d, n = np.random.default_rng(11), 50, 10000
    half = np.full(d, 1 / math.sqrt(d))

    def fit(x, c):
        means = np.array([x[c == k].mean(0) for k in (0, 1)])
        r = x - means[c]
        return c.mean(), means, r.T @ r / len(x)

    def draw(weight, means, L):
        c = (rng.random(n) < weight).astype(int)
        return means[c] + rng.standard_normal((n, d)) @ L.T, c

    def accuracy(weight, means, S):
        w = np.linalg.solve(S, means[1] - means[0])
        b = math.log(weight / (1 - weight)) - w @ (means[0] + means[1]) / 2
        s = np.linalg.norm(w)
        return (normal_cdf((w @ half + b) / s) + normal_cdf((w @ half - b) / s)) / 2

    for phi, psi, p in ((1, .5, .617), (1, .5, 2 / 3), (1, .5, .717), (.9, .1, .85), (.9, .1, .95)):
        found = []
        for _ in range(200):
            weight, means, S = fit(*draw(.5, np.array([-half, half]), np.eye(d)))
            x, c = draw(weight, means, np.linalg.cholesky(S))
            wrong = rng.random(n) < p
            keep = rng.random(n) < np.where(wrong, psi, phi)
            found.append(accuracy(*fit(x[keep], np.where(wrong, 1 - c, c)[keep])))
        told("labels phi=%g psi=%g p=%.4g accuracy" % (phi, psi, p), found)


def world(seed=42, d=10):
    """As in the authors' program: a mean (drawn, and of no effect), A A' + 0.1 I, five coordinates off by 3 normals."""
    r = np.random.RandomState(seed)
    r.randn(d)
    A = r.randn(d, d)
    shift = np.zeros(d)
    shift[r.permutation(d)[:d // 2]] = 3 * r.randn(d // 2)
    variance, axes = np.linalg.eigh(A @ A.T + 0.1 * np.eye(d))
    return np.sqrt(variance), axes.T @ shift


SEEDS = 42, 123, 456, 789, 2023, 2024, 2025, 3141, 1618, 9999


def select(worlds, runs):
    rng, at = np.random.default_rng(12), (1, 2, 5, 10, 20, 50)
    for pooled in (False, True):
        found = {t: [] for t in at}
        for sd, centre in worlds * runs:
            x = rng.standard_normal((20000, 10)) * sd
            mean, S, pool = x.mean(0), np.cov(x.T, ddof=0) + 1e-6 * np.eye(10), []
            for t in range(1, at[-1] + 1):
                x = mean + rng.standard_normal((6000, 10)) @ np.linalg.cholesky(S).T
                far = (((x - centre) / sd) ** 2).sum(1)
                pool = (pool if pooled else []) + [x[np.argpartition(far, 300)[:300]]]
                x = np.concatenate(pool)
                mean, S = x.mean(0), np.cov(x.T, ddof=0) + 1e-6 * np.eye(10)
                if t in at:
                    found[t].append(np.trace(S) / (sd ** 2).sum())
        for t in at:
            told("select %s t=%d trace ratio" % ("accumulate" if pooled else "replace", t), found[t])
            if len(worlds) > 1:
                means = np.reshape(found[t], (runs, len(worlds))).mean(0)
                print("    mean of worlds %.4g, sd over worlds %.2g" % (means.mean(), means.std(ddof=1)))


def centre():
    rng, runs = np.random.default_rng(13), 40000
    for c, r, last in ((0, 1, 5), (.3, 1, 5), (.3, 3, 40)):
        mean = rng.standard_normal(runs) / math.sqrt(20)
        for t in range(1, last + 1):
            x = mean[:, None] + rng.standard_normal((runs, 200))
            near = np.abs(x - c) < r
            mean = (x * near).sum(1) / near.sum(1)
            if t in (1, 2, 5, 40):
                told("centre c=%g r=%g t=%d squared error" % (c, r, t), mean ** 2)


def curate():
    rng, runs, n, first = np.random.default_rng(14), 1200, 500, 100000
    for K in (2, 16):
        found = {5: [], 20: []}
        for _ in range(runs):
            mean, variance = rng.standard_normal() / math.sqrt(first), rng.chisquare(first - 1) / (first - 1)
            for t in range(1, 21):
                x = mean + math.sqrt(variance) * rng.standard_normal((n, K))
                w = np.exp(-(x - 2) ** 2 / 20).cumsum(1)
                x = x[np.arange(n), (w < rng.random((n, 1)) * w[:, -1:]).sum(1)]
                mean, variance = x.mean(), x.var(ddof=1)
                if t in found:
                    found[t].append((mean, variance))
        for t in found:
            told("curate K=%d t=%d mean" % (K, t), [m for m, _ in found[t]])
            told("curate K=%d t=%d variance" % (K, t), [v for _, v in found[t]])


def log_binomial(n, p):
    k = np.arange(n + 1)
    choose = np.array([math.lgamma(n + 1) - math.lgamma(i + 1) - math.lgamma(n - i + 1) for i in k])
    return np.exp(choose + k * math.log(p) + (n - k) * math.log1p(-p)) if 0 < p < 1 else (k == n * p).astype(float)


def tempered(p, tau):
    return p ** (1 / tau) / (p ** (1 / tau) + (1 - p) ** (1 / tau))


def temperature():
    p = 1 / np.arange(1, 11)
    p /= p.sum()
    for tau in (.8, 1.25):
        for t in (2, 6, 11, 21):
            q = np.exp(tau ** (1 - t) * np.log(p / p.max()))
            q /= q.sum()
            print("temper tau=%g t=%d: 1 - sum p^2 %.7g, entropy %.7g" % (tau, t, 1 - (q ** 2).sum(), -(q * np.log(q)).sum()))
    for a in (.1, .19, .21, .3):
        x = .9
        for _ in range(100000):
            x = a / 2 + (1 - a) * tempered(x, .8)
        print("mixed a=%g: p %.7g, (2 p - 1)^2 %.7g" % (a, x, (2 * x - 1) ** 2))
    n = 200
    for k in (0, 20, 60):
        P = np.array([np.convolve(log_binomial(n - k, tempered(i / n, .8)), log_binomial(k, .5)) for i in range(n + 1)])
        state = log_binomial(n, .5)
        for t in range(1, 41):
            if t in (2, 5, 10, 40):
                print("chain n=%d k=%d t=%d: E (2 p - 1)^2 %.7g" % (n, k, t, state @ (2 * np.arange(n + 1) / n - 1) ** 2))
            state = state @ P


def show_world():
    sd, centre = world()
    print("trace %.10g\nsd %s\ncentre %s" % ((sd ** 2).sum(), list(sd.round(12)), list(centre.round(12))))


modes = {"labels": labels, "world": show_world, "select": lambda: select([world()], 60),
         "worlds": lambda: select([world(seed) for seed in SEEDS], 6),
         "centre": centre, "curate": curate, "temperature": temperature}
if len(sys.argv) != 2 or sys.argv[1] not in modes:
    sys.exit(__doc__)
modes[sys.argv[1]]()
