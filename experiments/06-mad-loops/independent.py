#!/usr/bin/env python3
"""Wasserstein distances of the loops of this experiment: the independent program behind its targets.

It knows nothing of ouro: numpy alone, one seed, every point drawn as such, covariances that divide by n - 1, eigenvalues. The truth is
N(0, I) in 20 dimensions, so that W2^2 = |mean|^2 + sum over eigenvalues of (root - 1)^2. A loop is followed until it has forgotten its
start, and then over all its fits: the error is that of batches of 25 fits. n_e is where the curve of single fits has the same W2.
"""
import numpy as np

D, REAL, FORGET, FITS, BATCH = 20, 200, 80, 600, 25
rng = np.random.default_rng(6)


def fit(points):
    mean = points.mean(0)
    return mean, (points - mean).T @ (points - mean) / (len(points) - 1)


def w2(mean, cov):
    return np.sqrt(mean @ mean + ((np.sqrt(np.linalg.eigvalsh(cov)) - 1) ** 2).sum())


def of_batches(v):
    v = np.asarray(v).reshape(-1, BATCH).mean(1)
    return v.mean(), v.std(ddof=1) / np.sqrt(len(v))


def single(n, runs=2000):
    v = [w2(*fit(rng.standard_normal((n, D)))) for _ in range(runs)]
    return np.mean(v), np.std(v, ddof=1) / np.sqrt(runs)


def step(model, real, n, lam):
    mean, cov = model
    drawn = mean + np.sqrt(lam) * rng.standard_normal((n, D)) @ np.linalg.cholesky(cov).T
    return fit(np.concatenate([real, drawn]))


def fresh(n, lam):
    model, seen = fit(rng.standard_normal((REAL, D))), []
    for t in range(FORGET + FITS):
        model = step(model, rng.standard_normal((REAL, D)), n, lam)
        if t >= FORGET:
            seen.append(w2(*model))
    return of_batches(seen)


def augmented(n, lam, runs=200, fits=60):
    seen = []
    for _ in range(runs):
        real = rng.standard_normal((REAL, D))
        model = fit(real)
        for _ in range(fits - 1):
            model = step(model, real, n, lam)
        seen.append(w2(*model))
    return np.mean(seen), np.std(seen, ddof=1) / np.sqrt(runs)


sizes = [40, 50, 70, 92, 133, 170, 200, 249, 295, 342, 382, 420]
curve = [single(n) for n in sizes]
for n, c in zip(sizes, curve):
    print("one fit, n = %d: w2 %.5g +- %.2g" % ((n,) + c), flush=True)
for lam in (1, 0.95, 0.8):
    for n in (50, 100, 200, 400, 800, 1600):
        mean, error = fresh(n, lam)
        equal = np.exp(np.interp(-np.log(mean), [-np.log(c[0]) for c in curve], np.log(sizes)))
        print("fresh, lambda = %g, n_s = %d: w2 %.5g +- %.2g, n_e = %.0f" % (lam, n, mean, error, equal), flush=True)
for lam in (1, 0.8):
    for n in (200, 800):
        print("augmented, lambda = %g, n_s = %d, fit 60: w2 %.5g +- %.2g" % ((lam, n) + augmented(n, lam)), flush=True)
