"""Run directories to draw, simulated in a few lines: Gaussians and categories refitted on their own samples.

The statistics are those of summary.csv; the laws are exact for the fit that divides by n (both mean and
variance estimated): with a = k/n fresh real points, R = (1-a)^2 - (1-a)/n, D_1 = 1/n, D_t = R D_{t-1} + 1/n
is the mean squared drift and 1 - D_t the mean variance ratio. Truth N(0, 1), generation 1 fitted on n real
points.
"""

import csv
import json
import math
import os
import random

HEADER = "point,generation,measure,n,mean,se,q05,q25,median,q75,q95,theory,z,theory_source".split(",")
DOCS = {
    "drift_sq": ("truth variances", "squared distance of the model's mean from the truth's"),
    "variance_ratio": ("", "trace of the model's covariance over the truth's"),
    "log_variance": ("nats", "log determinant of the model's covariance over the truth's, per dimension"),
    "kl_truth_model": ("nats", "Kullback-Leibler divergence of the model from the truth, KL(truth || model)"),
    "support": ("categories", "number of categories the model can still produce"),
    "entropy": ("nats", "Shannon entropy of the model"),
    "heterozygosity": ("", "chance that two draws from the model differ"),
}


def text(v):
    """A field: %.17g, empty for None, inf spelled out."""
    return "" if v is None else "%.17g" % v if isinstance(v, float) else str(v)


def quantile(ordered, q):
    at = q * (len(ordered) - 1)
    i = int(at)
    return ordered[i] if at == i else ordered[i] * (i + 1 - at) + ordered[i + 1] * (at - i)


def summary_row(point, t, measure, values, theory=None, source=""):
    ordered, n = sorted(values), len(values)
    mean = sum(values) / n
    se = None
    if n > 1 and math.isfinite(mean):
        se = math.sqrt(sum((v - mean) ** 2 for v in values) / (n - 1) / n)
    z = (mean - theory) / se if theory is not None and se else None
    if source.startswith("median"):
        z = None
    qs = [quantile(ordered, q) for q in (0.05, 0.25, 0.5, 0.75, 0.95)]
    return [point, t, measure, n, mean, se] + qs + [theory, z, source]


def gaussian_path(rng, n, k, generations):
    """(mean, variance) of each fit: k real and n - k synthetic points, pooled, by their sufficient
    statistics."""
    def batch(size, mean, variance):
        m = mean + math.sqrt(variance / size) * rng.gauss(0, 1)
        return m, (variance * rng.gammavariate((size - 1) / 2, 2) if size > 1 else 0.0)

    m, s = batch(n, 0, 1)
    path = [(m, s / n)]
    while len(path) < generations:
        m, s = batch(n - k, *path[-1])
        if k:
            r, u = batch(k, 0, 1)
            s += u + (n - k) * k / n * (m - r) ** 2
            m = ((n - k) * m + k * r) / n
        path.append((m, s / n))
    return path


def gaussian_measures(mean, variance, tails):
    out = {"drift_sq": mean * mean, "variance_ratio": variance, "log_variance": math.log(variance),
           "kl_truth_model": 0.5 * ((1 + mean * mean) / variance - 1 + math.log(variance))}
    sd = math.sqrt(variance)
    for alpha, c in tails:
        mass = 0.5 * (math.erfc((c - mean) / sd / math.sqrt(2)) + math.erfc((c + mean) / sd / math.sqrt(2)))
        out["tail_ratio_%g" % alpha] = mass / alpha
    return out


def gaussian_laws(n, k, generations):
    a, d = k / n, 1 / n
    rate = (1 - a) ** 2 - (1 - a) / n
    x = (n - 1) / 2
    psi = math.log(x) - 1 / (2 * x) - 1 / (12 * x ** 2) + 1 / (120 * x ** 4)
    for t in range(1, generations + 1):
        laws = {"drift_sq": (d, "drift D(t) under injection, exact"),
                "variance_ratio": (1 - d, "within + between variance is conserved: 1 - D(t), exact")}
        if k == 0:
            step = psi + math.log(2 / n)
            laws["log_variance"] = (t * step, "t (psi((n-1)/2) + log(2/n)), exact")
        yield laws
        d = rate * d + 1 / n


def write_run(folder, name, points, tables, truth, description="", replicates=None, swept=(), columns=DOCS):
    """points: [swept values]; tables: {point: (rows of summary, rows of trajectories with header first)}."""
    os.makedirs(folder, exist_ok=True)

    def write(file, header, body):
        with open(os.path.join(folder, file), "w", newline="") as stream:
            out = csv.writer(stream, lineterminator="\n")
            out.writerow(header)
            out.writerows([text(v) for v in row] for row in body)

    write("summary.csv", HEADER, [row for p in tables for row in tables[p][0]])
    write("points.csv", ["point"] + list(swept) + ["truth." + m for m in truth],
          [[p] + list(values) + list(truth.values()) for p, values in enumerate(points)])
    names = tables[0][1][0]
    write("trajectories.csv", ["point", "replicate", "generation", "status"] + names,
          [row for p in tables for row in tables[p][1][1:]])
    manifest = {"name": name, "columns": [{"name": m, "unit": u, "doc": d} for m, (u, d) in columns.items()],
                "parameters": {"description": description, "run": {"replicates": replicates},
                               "sweep": {path: [v[i] for v in points] for i, path in enumerate(swept)}}}
    with open(os.path.join(folder, "manifest.json"), "w") as stream:
        json.dump(manifest, stream)


def collect(point, replicates, laws=None):
    """Summary and trajectory rows of one point from replicates: [[{measure: value} per generation]]."""
    names = list(replicates[0][0])
    laws = laws or [{}] * len(replicates[0])
    rows = []
    for t, law in enumerate(laws, 1):
        for m in names:
            theory, source = law.get(m, (None, ""))
            rows.append(summary_row(point, t, m, [r[t - 1][m] for r in replicates], theory, source))
    paths = [[point, i, t, "ok"] + [row[m] for m in names] for i, r in enumerate(replicates)
             for t, row in enumerate(r, 1)]
    return rows, [names] + paths


TAILS = ((0.1, 1.6448536269514722), (0.01, 2.5758293035489004), (0.001, 3.2905267314919255))


def gaussian_run(folder, n=100, fresh=(0,), generations=200, replicates=100, seed=1):
    """Replace (no fresh points) or a sweep over the number of fresh points per generation."""
    tables = {}
    for point, k in enumerate(fresh):
        rng = random.Random(seed * 1000 + point)
        paths = [[gaussian_measures(m, v, TAILS) for m, v in gaussian_path(rng, n, k, generations)]
                 for _ in range(replicates)]
        tables[point] = collect(point, paths, list(gaussian_laws(n, k, generations)))
    truth = {"drift_sq": 0.0, "variance_ratio": 1.0, "log_variance": 0.0, "kl_truth_model": 0.0,
             "tail_ratio_0.1": 1.0, "tail_ratio_0.01": 1.0, "tail_ratio_0.001": 1.0}
    swept = ("policy.anchor.points",) if len(fresh) > 1 else ()
    columns = dict(DOCS)
    for a, _ in TAILS:
        doc = "model's mass on the truth's rarest %g %%, over %g" % (100 * a, a)
        columns["tail_ratio_%g" % a] = ("", doc)
    write_run(folder, "fresh-points" if swept else "gaussian-replace", [[k] if swept else [] for k in fresh],
              tables, truth, "A Gaussian refitted on %d points per generation, %s." % (
                  n, "some of them fresh and real" if swept else "all of them drawn from the previous fit"),
              replicates, swept, columns)


def categorical_run(folder, categories=60, n=150, generations=80, replicates=40, seed=1):
    """A Zipf law over categories, refitted on its own samples: the rare ones vanish for ever."""
    weights = [1 / (i + 1) for i in range(categories)]
    p0 = [w / sum(weights) for w in weights]
    tails = {alpha: [i for i in range(categories) if sum(p0[i:]) <= alpha] for alpha in (0.2, 0.1, 0.05)}
    rng, paths = random.Random(seed), []
    for _ in range(replicates):
        p, path = p0, []
        for _ in range(generations):
            counts = [0] * categories
            for i in rng.choices(range(categories), p, k=n):
                counts[i] += 1
            p = [c / n for c in counts]
            row = {"support": float(sum(c > 0 for c in counts)),
                   "entropy": -sum(q * math.log(q) for q in p if q),
                   "heterozygosity": 1 - sum(q * q for q in p)}
            for alpha, members in tails.items():
                row["tail_ratio_%g" % alpha] = sum(p[i] for i in members) / sum(p0[i] for i in members)
            path.append(row)
        paths.append(path)
    h0 = 1 - sum(q * q for q in p0)
    laws = [{"heterozygosity": (h0 * (1 - 1 / n) ** t, "H(0) (1 - 1/n)^t, exact"),
             "tail_ratio_0.05": (1.0, "the mean mass of every set is a martingale: 1, exact")}
            for t in range(1, generations + 1)]
    truth = {"support": float(categories), "entropy": -sum(q * math.log(q) for q in p0), "heterozygosity": h0,
             "tail_ratio_0.2": 1.0, "tail_ratio_0.1": 1.0, "tail_ratio_0.05": 1.0}
    write_run(folder, "zipf-replace", [[]], {0: collect(0, paths, laws)}, truth,
              "A Zipf law over %d categories refitted on %d of its own draws." % (categories, n), replicates)


def cells(t, measure, n=50, mean=None, q05=None, median=None, q95=None, theory=None, source=""):
    return [0, t, measure, n, mean, None, q05, None, median, None, q95, theory, None, source]


def hostile_run(folder):
    """Empty and infinite cells, zeros, a value that never exists, texts that look like formulas."""
    inf, rows = math.inf, []
    for t in range(1, 11):
        rows.append(cells(t, "dies", mean=1.0 / t if t < 8 else 0.0, q05=0.0,
                          median=1.0 / t ** 2 if t < 6 else 0.0, q95=2.0 / t))
        rows.append(cells(t, "explodes", n=50 - t, mean=2.0 ** t if t < 6 else inf, q05=1.0,
                          median=1.0 * t if t < 8 else inf, q95=inf if t > 3 else 9.0,
                          theory=inf if t > 5 else 2.0 ** t, source="median: $x$ and $y_{t}$"))
        rows.append(cells(t, "sinks", q05=-inf if t > 4 else -5.0, median=-inf if t > 6 else -1.0 * t,
                          q95=0.0))
        rows.append(cells(t, "never", n=0))
        gap = t in (4, 5)
        rows.append(cells(t, "gaps") if gap else cells(t, "gaps", mean=1.0, q05=0.5, median=1.0, q95=1.5))
        rows.append(cells(t, "huge", mean=10.0 ** (31 * t - 5), q05=1e-320, median=5e307, q95=1.7e308))
    names = ["dies", "explodes", "sinks", "never", "gaps", "huge"]
    paths = [[0, r, t, "absorbed" if t > 7 else "ok", 0.0 if t > 5 else 1.0, inf if t > 7 else 2.0,
              -inf if t > 7 else -1.0, None, None if t == 4 else 1.0, 1e308] for r in range(3)
             for t in range(1, 11)]
    write_run(folder, "hostile $x_{1}$", [["100 %"]], {0: (rows, [names] + paths)},
              {"dies": 1.0, "explodes": inf}, "Cells that are empty or infinite; \u03b1 < $1 & $2 <b>.", 50,
              ("truth.sd",), {"dies": ("$", "50 $ or 60 $")})


def plain_run(folder, points=1, generations=(1,), paths=("policy.initial",), values=None, source="", unit="",
              doc="", measures=("a",)):
    """The least there can be: no law unless `source`, everything 1 + the number of the point."""
    tables = {}
    for p in range(points):
        rows = [summary_row(p, t, m, [1.0 + p, 2.0 + p], 1.5 + p if source else None, source)
                for t in generations for m in measures]
        tables[p] = rows, [list(measures)]
    values = values or [str(p) for p in range(points)]
    write_run(folder, "plain", [[values[p]] * len(paths) for p in range(points)], tables, {}, "", 2, paths,
              {m: (unit, doc) for m in measures})
