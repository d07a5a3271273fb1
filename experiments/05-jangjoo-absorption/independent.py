#!/usr/bin/env python3
"""Coins under priors, coupled spins, true points in a Gaussian: the independent program behind this experiment's targets.

It knows nothing of ouro: numpy alone. Coins are Markov chains of n + 1 states, solved exactly; spins are 4000 runs, the Gaussian 40000.
"""
import math
import numpy as np

# ------------------------------------------------------------------------------------------------------------- coins


def binomial(n, p):
    """Probabilities of 0..n ones for each p: a row each."""
    k = np.arange(n + 1)
    log_choose = np.array([math.lgamma(n + 1) - math.lgamma(i + 1) - math.lgamma(n - i + 1) for i in k])
    p = np.asarray(p, float)[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        log = log_choose + np.where(k == 0, 0, k * np.log(p)) + np.where(k == n, 0, (n - k) * np.log1p(-p))
    return np.exp(log)


def coin(name, n, p0, fit, generations, below=None):
    """p after `generations` fits of n tosses each, the first of the true coin: mean, drift, variance kept, share at 0 or 1."""
    p = fit(np.arange(n + 1))
    step, mass = binomial(n, p), binomial(n, [p0])[0]
    for _ in range(generations - 1):
        mass = mass @ step
    v0 = p0 * (1 - p0)
    print("%s n=%d t=%d: mean %.6f drift_sq %.6f variance_ratio %.6f absorbed %.6f" % (
        name, n, generations, mass @ p, mass @ (p - p0) ** 2 / v0, mass @ (p * (1 - p)) / v0,
        mass[(p <= 0) | (p >= 1)].sum()) + ("" if below is None else " below %.4f: %.6f" % (below, mass[p < below].sum())))


def ridge(n, strength, p0):
    """Root eta of k - n / (1 + exp(-eta)) = strength (eta - eta_0), by bisection."""
    def fit(k):
        low, high, eta0 = np.full(k.shape, -60.0), np.full(k.shape, 60.0), math.log(p0 / (1 - p0))
        for _ in range(200):
            eta = (low + high) / 2
            up = k - n / (1 + np.exp(-eta)) > strength * (eta - eta0)
            low, high = np.where(up, eta, low), np.where(up, high, eta)
        return 1 / (1 + np.exp(-low))
    return fit


coin("maximum likelihood", 50, 0.3, lambda k: k / 50, 60)
coin("uniform prior, mode in p", 50, 0.3, lambda k: (k + 1 - 1) / (50 + 2 - 2), 60)
coin("Beta(1/2, 1/2), mode in p", 50, 0.3, lambda k: np.clip((k - 0.5) / (50 - 1), 0, 1), 60)
coin("Beta(1/2, 1/2), mode in logit p", 50, 0.3, lambda k: (k + 0.5) / (50 + 1), 400)
for n in (100, 400):
    coin("one point's prior at the truth", n, 0.3, lambda k: (k + 0.3) / (n + 1), 4000)
    coin("ridge 1.5", n, 0.3, ridge(n, 1.5, 0.3), 4000, below=0.2)

# ------------------------------------------------------------------------------------------------------------- spins
N, M, J, RUNS, T = 6, 30, 0.04, 4000, 2000
S = np.arange(-N, N + 1, 2.0)
CHOOSE = np.array([math.comb(N, i) for i in range(N + 1)], float)
rng = np.random.default_rng(11)


def law(theta):
    w = np.outer(theta[:, 0], S) + np.outer(theta[:, 1], S ** 2)
    w = CHOOSE * np.exp(w - w.max(axis=1, keepdims=True))
    return w / w.sum(axis=1, keepdims=True)


def refit(counts, theta):
    """Probabilities of the sums under the fit of mean and mean square. Where the sums seen lie on an edge of the hull of (s, s^2), that is
    two neighbours or the outer two, or one alone, the likelihood is highest at infinity: the fit is their frequencies."""
    seen = counts > 0
    first, last, different = seen.argmax(axis=1), N - seen[:, ::-1].argmax(axis=1), seen.sum(axis=1)
    edge = (different == 1) | ((different == 2) & ((last - first == 1) | (last - first == N)))
    p = counts / M
    inside = np.flatnonzero(~edge)
    th, m = theta[inside], np.stack([p[inside] @ S, p[inside] @ S ** 2], axis=1)
    for _ in range(200):
        q = law(th)
        e1, e2 = q @ S, q @ S ** 2
        a, b, c = q @ S ** 2 - e1 ** 2, q @ S ** 3 - e1 * e2, q @ S ** 4 - e2 ** 2
        r1, r2, det = m[:, 0] - e1, m[:, 1] - e2, a * c - b * b
        step = np.stack([c * r1 - b * r2, a * r2 - b * r1], axis=1) / np.maximum(det, 1e-300)[:, None]
        step *= np.minimum(1, 0.5 / np.maximum(np.abs(step[:, 0]) + 5 * np.abs(step[:, 1]), 1e-300))[:, None]
        th = th + step
        if np.abs(r1).max(initial=0) < 1e-9 and np.abs(r2).max(initial=0) < 1e-9:
            break
    theta[inside] = th
    p[inside] = law(th)
    return p


for field in (-0.2, 0.0, 0.2):
    q = law(np.array([[field, J]]))[0]
    mean, variance = q @ S, q @ S ** 2 - (q @ S) ** 2
    theta, p = np.tile([field, J], (RUNS, 1)).astype(float), np.tile(q, (RUNS, 1))
    for t in range(T):
        alive = p.max(axis=1) < 1
        if not alive.any():
            break
        counts = rng.multinomial(M, p[alive]).astype(float)
        held = theta[alive]
        p[alive] = refit(counts, held)
        theta[alive] = held
    done = p.max(axis=1) == 1
    inner = (done & (p[:, 0] < 1) & (p[:, N] < 1)).mean()
    up = (p[:, N] == 1).mean()
    print("field %g: mean %.6f variance %.6f; absorbed %.4f at t=%d, between the outer sums %.4f, all up %.4f +- %.4f" % (
        field, mean, variance, done.mean(), t + 1, inner, up, math.sqrt(up * (1 - up) / RUNS)), flush=True)

# ---------------------------------------------------------------------------------------------------------- a Gaussian
RUNS = 40000
for k in (1, 5, 20):  # true points of a hundred, new in every fit
    mean = rng.standard_normal(RUNS) / 10
    variance = rng.chisquare(99, RUNS) / 100
    for t in range(2, 401):
        m = 100 - k
        at = mean + np.sqrt(variance / m) * rng.standard_normal(RUNS)
        squares = variance * rng.chisquare(m - 1, RUNS)
        real = rng.standard_normal(RUNS) / math.sqrt(k)
        squares += (rng.chisquare(k - 1, RUNS) if k > 1 else 0) + (at - real) ** 2 * m * k / 100
        mean, variance = (m * at + k * real) / 100, squares / 100
    off = 0.5 / math.sqrt(RUNS)
    print("%d true points: median variance %.5f +- %.5f" % (
        k, np.median(variance), (np.quantile(variance, 0.5 + off) - np.quantile(variance, 0.5 - off)) / 2))
