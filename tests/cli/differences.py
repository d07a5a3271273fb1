"""Computes what `ouro compare` says anew from trajectories.csv: differences.py COMPARED PAIRED DIR...

COMPARED is its table; PAIRED the labels of points that must be paired, joined by commas. Exit 1 with the first row that does not hold.
"""

import csv
import math
import os
import statistics
import sys

compared, expected, folders = sys.argv[1], set(sys.argv[2].split(",")) - {""}, sys.argv[3:]

values = {}  # (label, generation, measure) -> {replicate: value}
for folder in folders:
    with open(os.path.join(folder, "trajectories.csv"), newline="") as stream:
        for row in csv.DictReader(stream):
            label = row.pop("point") if len(folders) == 1 else folder + ":" + row.pop("point")
            replicate, t, _ = row.pop("replicate"), row.pop("generation"), row.pop("status")
            for measure, text in row.items():
                if text:
                    values.setdefault((label, t, measure), {})[replicate] = float(text)


def near(a, b, scale):
    return abs(a - b) <= 1e-9 * scale


def number(text):
    return float(text) if text else math.nan


def correlation(x, y):
    mx, my = statistics.mean(x), statistics.mean(y)
    below = math.sqrt(sum((u - mx) ** 2 for u in x) * sum((v - my) ** 2 for v in y))
    return sum((u - mx) * (v - my) for u, v in zip(x, y)) / below if below else math.nan


def check(row):
    a = values.get((row["a"], row["generation"], row["measure"]), {})
    b = values.get((row["b"], row["generation"], row["measure"]), {})
    paired = row["paired"] == "1"
    assert paired == (row["b"] in expected), "paired"
    both = sorted(a.keys() & b.keys())
    if not all(map(math.isfinite, list(a.values()) + list(b.values()))) or len(both) < 2:
        return 0
    if paired:
        d = [b[r] - a[r] for r in both]
        se = statistics.stdev(d) / math.sqrt(len(d))
        assert int(row["n"]) == len(d), "n"
        assert near(number(row["median"]), statistics.median(d), 1), "median"
        r = correlation([a[r] for r in both], [b[r] for r in both])
        assert math.isnan(r) or abs(number(row["correlation"]) - r) < 1e-6, "correlation"
        difference = statistics.mean(d)
    else:
        difference = statistics.mean(b.values()) - statistics.mean(a.values())
        se = math.sqrt(statistics.variance(a.values()) / len(a) + statistics.variance(b.values()) / len(b))
        assert int(row["n"]) == len(a) + len(b) and row["median"] == row["correlation"] == "", "n"
    scale = max(map(abs, list(a.values()) + list(b.values()))) + 1e-300
    assert near(number(row["difference"]), difference, scale), "difference"
    assert near(number(row["se"]), se, scale), "se"
    assert near(number(row["a_median"]), statistics.median(a.values()), scale), "a_median"
    assert near(number(row["b_median"]), statistics.median(b.values()), scale), "b_median"
    if row["z"]:
        assert near(number(row["z"]) * number(row["se"]), number(row["difference"]), scale), "z"
        assert number(row["low"]) < number(row["difference"]) < number(row["high"]), "low, high"
    return 1


count = 0
with open(compared, newline="") as stream:
    for row in csv.DictReader(stream):
        try:
            count += check(row)
        except AssertionError as e:
            sys.exit("%s: %s" % (e, row))
if count < 4:
    sys.exit("only %d rows were compared" % count)
