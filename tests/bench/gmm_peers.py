"""gmm_peers.py: expectation-maximisation beside scikit-learn's GaussianMixture and Armadillo's gmm_full.

The same rows, starts and number of plain steps with full covariances (tests/mixture_rows.h, STEPS of them), one thread,
CPU time of whole fits over their steps. Programs take turns, PAIRS times; a ratio is the median of the pairs', with the
smallest and largest. scikit-learn and Armadillo are each left out where they are not installed.
"""

import functools
import glob
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import warnings

for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ[name] = "1"  # before numpy is imported

sys.dont_write_bytecode = True
STEPS, PAIRS = 20, 5
CASES = ((1000, 1, 2), (10_000, 1, 3), (10_000, 2, 3), (10_000, 5, 3), (10_000, 10, 3), (10_000, 50, 3), (1000, 50, 3))
HERE = os.path.dirname(os.path.abspath(__file__))


def program_ns(program, n, d, k):
    """What `PROGRAM steps N D K STEPS` prints: ns of one step."""
    command = [program, "steps", str(n), str(d), str(k), str(STEPS)]
    out = subprocess.run(command, capture_output=True, text=True, check=True)
    return float(out.stdout)


def sklearn_timer(n, d, k):
    """A function that measures one fit, or None without scikit-learn."""
    try:
        import numpy
        from sklearn.mixture import GaussianMixture
    except ImportError:
        return None
    sys.path.insert(0, os.path.join(HERE, "..", "peers"))
    from sklearn_gmm import rows, start

    warnings.simplefilter("ignore")  # "did not converge" is meant
    x = numpy.ascontiguousarray(rows(n, d, k))
    options = {"tol": 0, "reg_covar": 0, "max_iter": STEPS, "init_params": "random", "random_state": 0}
    g = GaussianMixture(k, **options, **start("full", k, x))

    def measure():
        fits, begin = 0, time.process_time_ns()
        while time.process_time_ns() - begin < 50_000_000:
            g.fit(x)
            fits += 1
        return (time.process_time_ns() - begin) / fits / STEPS

    return measure


def armadillo_program(folder):
    """Compiles the peer; None when there is no compiler or no Armadillo. CPLUS_INCLUDE_PATH may say where it is."""
    out, compiler = os.path.join(folder, "armadillo_gmm"), shutil.which(os.environ.get("CXX", "g++"))
    if compiler is None:
        return None
    source = os.path.join(HERE, "armadillo_gmm.cpp")
    command = [compiler, "-O3", "-march=native", "-DARMA_DONT_USE_WRAPPER", source, "-o", out, "-lopenblas"]
    return out if subprocess.run(command, capture_output=True, check=False).returncode == 0 else None


def compare(name, ours, theirs, n, d, k):
    pairs = [(ours(n, d, k), theirs()) for _ in range(PAIRS)]
    ratios = sorted(other / own for own, other in pairs)
    there, here = (statistics.median(column) / 1e3 for column in zip(*[(t, o) for o, t in pairs]))
    print(
        f"{name:<13} n = {n:>6}, d = {d:>2}, k = {k:>2}: {there:9.1f} us a step, here {here:8.1f}: "
        f"{statistics.median(ratios):5.1f} times [{ratios[0]:.1f} .. {ratios[-1]:.1f}]",
        flush=True,
    )


def with_sklearn():
    """Hands over to a Python that has scikit-learn, when there is one and this is not it."""
    try:
        import sklearn  # noqa: F401
    except ImportError:
        search = ["sh", ".ci/python.sh", "sklearn"]
        found = subprocess.run(search, capture_output=True, text=True, check=False).stdout.strip()
        if found and not os.environ.get("OURO_HANDED_OVER"):
            os.environ["OURO_HANDED_OVER"] = "1"
            os.execv(found, [found, *sys.argv])


def main():
    with_sklearn()
    found = sorted(glob.glob("build/*/bench/mixture"), key=os.path.getmtime)
    if not found:
        print("no build/*/bench/mixture: build the benchmarks first")
        return 0
    print(f"{STEPS} plain steps of full covariances, CPU time, one thread; median of {PAIRS} pairs [least .. most]")
    with tempfile.TemporaryDirectory() as folder:
        armadillo = armadillo_program(folder)
        for n, d, k in CASES:
            timer = sklearn_timer(n, d, k)
            if timer:
                compare("scikit-learn", lambda *a: program_ns(found[-1], *a), timer, n, d, k)
            if armadillo:
                theirs = functools.partial(program_ns, armadillo, n, d, k)
                compare("Armadillo", lambda *a: program_ns(found[-1], *a), theirs, n, d, k)
        if not armadillo:
            print("Armadillo is not here (libarmadillo-dev): left out")
    return 0


if __name__ == "__main__":
    sys.exit(main())
