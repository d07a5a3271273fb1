#!/usr/bin/env python3
"""The loss of a kernel density estimate on moons or blobs, refitted: the independent program behind this experiment's targets.

  independent.py means     means over runs, random first points
  independent.py median    accumulate with ten points, median over runs
  independent.py grid      ten first points laid out evenly along the arcs
  independent.py blobs     three blobs, bandwidth 1, 100 points; judged on the same blobs, and on others as the authors do

It knows nothing of ouro: numpy alone, squared distances written out. Each mode has the one seed its targets were made with.
"""
import sys
import numpy as np

BANDWIDTH = 0.1
rng = np.random.default_rng(3)


def on_arcs(t, upper):
    x = np.where(upper, np.cos(t), 1 - np.cos(t))
    y = np.where(upper, np.sin(t), 0.5 - np.sin(t))
    return np.c_[x, y] + 0.05 * rng.standard_normal((len(t), 2))


def random_moons(n):
    t = rng.random(n) * np.pi
    return on_arcs(t, rng.random(n) < 0.5)


def even_moons(n):
    t = np.r_[np.linspace(0, np.pi, n // 2), np.linspace(0, np.pi, n - n // 2)]
    return on_arcs(t, np.arange(n) < n // 2)


def blobs_at(centres, n):
    return centres[rng.integers(len(centres), size=n)] + rng.standard_normal((n, 2))


def blobs(n):
    return blobs_at(np.array([[-6, -4], [0, 6], [5, -2]]), n)


def other_blobs(n):
    return blobs_at(rng.uniform(-10, 10, (3, 2)), n)


def loss(points, test, h):
    d = ((test[:, None, :] - points[None]) ** 2).sum(2) / (2 * h * h)
    least = d.min(1)
    return np.mean(least - np.log(np.exp(-(d - least[:, None])).mean(1)) + np.log(2 * np.pi * h * h))


def mean_of(v):
    return np.mean(v), np.std(v, ddof=1) / np.sqrt(len(v))


def median_of(v):
    off = 0.5 / np.sqrt(len(v))
    return np.median(v), (np.quantile(v, 0.5 + off) - np.quantile(v, 0.5 - off)) / 2


def run(n, policy, runs, at, statistic, truth, others=None, h=BANDWIDTH):
    losses = {t: [] for t in at}
    for _ in range(runs):
        model = truth(n)
        pool = model
        test = (others or truth)(500)
        for t in range(1, 51):
            if t > 1:
                new = model[rng.integers(len(model), size=n)] + h * rng.standard_normal((n, 2))
                pool = np.r_[pool, new]
                if policy == "replace":
                    model = new
                elif policy == "accumulate":
                    model = pool
                else:
                    model = pool[rng.permutation(len(pool))[:n]]
            if t in at:
                losses[t].append(loss(model, test, h))
    print(policy, n, {t: "%.4g +- %.2g" % statistic(v) for t, v in losses.items()}, flush=True)


mode = sys.argv[1] if len(sys.argv) == 2 else ""
if mode == "means":
    for policy in ("replace", "accumulate", "subsample"):
        run(10, policy, 500 if policy == "accumulate" else 1000, (1, 10, 50), mean_of, random_moons)
        run(100, policy, 60 if policy == "accumulate" else 200, (10, 50), mean_of, random_moons)
elif mode == "median":
    run(10, "accumulate", 800, (1, 10, 50), median_of, random_moons)
elif mode == "grid":
    for policy in ("accumulate", "subsample"):
        run(10, policy, 200, (1, 10, 50), mean_of, even_moons)
elif mode == "blobs":
    for policy in ("replace", "accumulate", "subsample"):
        run(100, policy, 100 if policy == "accumulate" else 800, (1, 10, 50), median_of, blobs, h=1)
    print("train and test from different random centres:")
    run(100, "replace", 800, (1, 5, 10, 20, 50), mean_of, other_blobs, other_blobs, 1)
else:
    sys.exit(__doc__)
