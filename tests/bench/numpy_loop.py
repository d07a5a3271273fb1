"""numpy_loop.py: the same Gaussian recursion as anyone would write it in numpy, beside the figures of engine.c.

Each generation draws n normals, takes their mean and their standard deviation, and draws from those: three calls of
numpy in a Python loop. Method as in engine.c: CPU time of this thread, the median (and the fastest) of 15 repetitions
of at least 40 ms, sizes taking turns. Ratios are against build/MODE/bench/engine.csv, which engine.c wrote just before.
"""

import csv
import glob
import os
import statistics
import sys
import time

for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ[name] = "1"  # before numpy is imported
import numpy  # noqa: E402

REPEATS, LEAST_NS = 15, 40_000_000
SIZES = (100, 10_000)


def generations_per(draw, n, generations):
    """Runs the recursion from the standard normal; returns the last standard deviation."""
    mean, sd = 0.0, 1.0
    for _ in range(generations):
        x = draw.normal(mean, sd, n)
        mean = x.mean()
        sd = x.std()
    return sd


def measure(draw, n):
    """Nanoseconds per generation of one repetition."""
    generations, block = 0, max(1, 100_000 // n)
    start = time.thread_time_ns()
    while True:
        generations_per(draw, n, block)
        generations += block
        elapsed = time.thread_time_ns() - start
        if elapsed >= LEAST_NS:
            return elapsed / generations


def engine_figures():
    """Rows of the newest engine.csv; empty when the benchmark has not been run."""
    found = sorted(glob.glob("build/*/bench/engine.csv"), key=os.path.getmtime)
    if not found:
        return []
    with open(found[-1], newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def main():
    draw = numpy.random.default_rng(1)
    times = {n: [] for n in SIZES}
    for _ in range(REPEATS):
        for n in SIZES:
            times[n].append(measure(draw, n))
    print(
        f"numpy {numpy.__version__}, {type(draw.bit_generator).__name__}: thread CPU time, "
        f"median (and fastest) of {REPEATS} repetitions of {LEAST_NS // 1_000_000} ms"
    )
    for n in SIZES:
        ns, best = statistics.median(times[n]), min(times[n])
        print(f"normal, mean, std, n = {n}: {ns:.0f} ns per generation (fastest {best:.0f}), {ns / n:.2f} ns per sample")
    rows = [row for row in engine_figures() if "categorical" not in row["case"]]
    if not rows:
        print("no build/*/bench/engine.csv: run the engine benchmark first for ratios")
        return 0
    print("numpy's time for a generation of the same n over ours:")
    for row in rows:
        n = 10_000 if "n = 10000" in row["case"] else 100
        ours = float(row["ns"]) * float(row["per_generation"])
        print(f"  {row['case']:<60} {statistics.median(times[n]) / ours:8.1f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
