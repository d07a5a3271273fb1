#!/usr/bin/env python3
"""Extrapolation away from one's own samples: the independent program behind this experiment's targets.

  independent.py exact   quadrature over chi-square: shares refused, mean variances, mean log variances of a loop
  independent.py draw    quantiles of the variance after one step, 4 million draws, one seed

It knows nothing of ouro: numpy alone. v_1 = X_1/n from n real points, X_1 ~ chi-square of n - 1; the auxiliary fit on n points of
model 1 has v' = v_1 X/n. Where no normal law has the extrapolated parameters, the auxiliary fit stands in.
"""
import math
import sys
import numpy as np


def natural(w, r):
    """Variance over v_1, for r = v'/v_1, of a precision (1 + w)/v_1 - w/v'."""
    p = 1 + w - w / r
    return np.where(p > 0, 1 / np.where(p > 0, p, 1), r), p <= 0


def centred(w, r):
    v = 1 + w - w * r
    return np.where(v > 0, v, r), v <= 0


def over_chi_square(n, cut):
    """Nodes r = X/n and weights, X ~ chi-square of n - 1, in two stretches that meet at the cut, tanh-sinh in each."""
    r, w = [], []
    top = (n - 1 + 16 * math.sqrt(2 * n)) / n + 1
    for low, high in ((0, min(cut, top)), (min(cut, top), top)):
        s = np.linspace(-3.6, 3.6, 4001)
        u = np.tanh(np.pi / 2 * np.sinh(s))
        x = (low + high) / 2 + (high - low) / 2 * u
        x[u < 0] = low + (high - low) / (1 + np.exp(-np.pi * np.sinh(s[u < 0])))
        near = (high - low) / (1 + np.exp(np.pi * np.sinh(s)))  # high - x without rounding
        x = np.where(u >= 0, np.nextafter(high, 0) if high == low else high - near, x)
        d = (high - low) / 2 * np.pi / 2 * np.cosh(s) / np.cosh(np.pi / 2 * np.sinh(s)) ** 2 * (s[1] - s[0])
        keep = (x > 0) & (x > low) & (x < high)
        x, d = x[keep], d[keep]
        nu = n - 1
        r.append(x)
        w.append(d * n * np.exp((nu / 2 - 1) * np.log(n * x) - n * x / 2 - nu / 2 * math.log(2) - math.lgamma(nu / 2)))
    return np.concatenate(r), np.concatenate(w)


def digamma(x):
    s = 0.0
    while x < 20:
        s, x = s - 1 / x, x + 1
    return s + math.log(x) - 1 / (2 * x) - 1 / (12 * x ** 2) + 1 / (120 * x ** 4) - 1 / (252 * x ** 6)


def exact():
    for w in (.5, 1, 2):
        r, d = over_chi_square(20, w / (1 + w))
        print("natural n=20 w=%g: weight %.9f refused %.7g" % (w, d.sum(), d @ natural(w, r)[1]))
        r, d = over_chi_square(20, (1 + w) / w)
        v, no = centred(w, r)
        print("centred n=20 w=%g: weight %.9f refused %.7g, E v_2 %.7g (never refused: %.7g)" % (
            w, d.sum(), d @ no, .95 * (d @ v), .95 * (1 + w / 20)))
    first, n = digamma(99 / 2) + math.log(2 / 100), 100
    print("loop n=100 mle: per fit %.7g" % first, ["t=%d %.7g" % (t, t * first) for t in (50, 200)])
    for w in (.5, 1, 2):
        r, d = over_chi_square(n, (1 + w) / w)
        v, no = centred(w, r)
        step = d @ np.log(v)
        print("loop n=100 w=%g: per fit %.7g, refused %.3g" % (w, step, d @ no), ["t=%d %.7g" % (t, first + (t - 1) * step) for t in (50, 200)])
        r, d = over_chi_square(n, w / (1 + w))
        v, no = natural(w, r)
        step = d @ np.log(v)
        print("natural loop n=100 w=%g: per fit %.7g, refused %.3g" % (w, step, d @ no), ["t=%d %.7g" % (t, first + (t - 1) * step) for t in (50, 200)])


def draw():
    rng, n, runs = np.random.default_rng(19), 20, 4000000
    v1, r = rng.chisquare(n - 1, runs) / n, rng.chisquare(n - 1, runs) / n
    print("base: mean %.5f sd %.5f" % (v1.mean(), v1.std()))
    for name, how in (("centred", centred), ("natural", natural)):
        for w in (.5, 1, 2):
            ratio, no = how(w, r)
            v = v1 * ratio
            for q in (.05, .5, .95):
                off = math.sqrt(q * (1 - q) / runs)
                print("%s w=%g q%02d %.5f +- %.2g" % (name, w, 100 * q, np.quantile(v, q),
                                                     (np.quantile(v, q + off) - np.quantile(v, q - off)) / 2))
            raw = v1 * (1 + w - w * r)
            print("%s w=%g sd %.4f%s" % (name, w, v.std(), ", unrefused: mean %.4f sd %.4f" % (raw.mean(), raw.std()) if how is centred else ""))


if len(sys.argv) != 2 or sys.argv[1] not in ("exact", "draw"):
    sys.exit(__doc__)
{"exact": exact, "draw": draw}[sys.argv[1]]()
