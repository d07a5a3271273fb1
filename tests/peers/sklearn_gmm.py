"""sklearn_gmm.py: writes tests/unit/gmm_goldens.h: log likelihoods of mixtures as scikit-learn finds them.

How it was run, with scikit-learn 1.2.1 and numpy 1.24.2 of Debian 12, in the folder above tests:
    OMP_NUM_THREADS=1 python3 tests/peers/sklearn_gmm.py >tests/unit/gmm_goldens.h
The tests read the header alone; nobody has to run this. Rows and starts are those of tests/mixture_rows.h, made of
sums, products and floor, so that both programs see the same bits: equal weights, the first k rows as means,
covariances I.
"""

import sys
import warnings

import numpy
import sklearn
from sklearn.mixture import GaussianMixture

KINDS = ("full", "tied", "diag", "spherical")
N = 2000


def fraction(x):
    return x - numpy.floor(x)


def rows(n, d, k):
    i = numpy.arange(n)
    t, c = (i + 1).astype(float), (i % k).astype(float)
    x = numpy.empty((n, d))
    for j in range(d):
        q = float(j)
        a = fraction(0.618033988749895 * (q + 1) + 0.414213562373095 * q * q)
        b = fraction(0.732050807568877 * (q + 1) + 0.236067977499790 * q * q)
        u, v, w = fraction(0.5 + t * a), fraction(0.25 + t * b), fraction(0.75 + t * (a * b))
        value = (u + v) + w - 1.5
        value = value * (1 + 0.125 * c) + 1.25 * (c * (fraction(0.37 * (c + 1) * (q + 1)) + 0.25))
        x[:, j] = value + 0.25 * x[:, j - 1] if j else value
    return x


def start(kind, k, x):
    d = x.shape[1]
    one = {
        "full": numpy.tile(numpy.eye(d), (k, 1, 1)),
        "tied": numpy.eye(d),
        "diag": numpy.ones((k, d)),
        "spherical": numpy.ones(k),
    }
    return {"weights_init": numpy.full(k, 1 / k), "means_init": x[:k], "precisions_init": one[kind]}


def log_likelihood(kind, k, x, steps):
    g = GaussianMixture(
        k,
        covariance_type=kind,
        tol=0,
        reg_covar=0,
        max_iter=steps,
        init_params="random",
        random_state=0,
        **start(kind, k, x),
    )
    g.fit(x)
    return g.score_samples(x).sum()


def main():
    warnings.simplefilter("ignore")  # "did not converge" is meant
    print(f"/* gmm_goldens.h: made by tests/peers/sklearn_gmm.py with scikit-learn {sklearn.__version__}. */")
    print("#ifndef OURO_TEST_GMM_GOLDENS_H\n#define OURO_TEST_GMM_GOLDENS_H\n#include <stddef.h>\n")
    print("/* Log likelihood of mixture_rows(n, d, k) after so many plain steps from mixture_start_at. Kinds: full,")
    print(" * tied, diag, spherical. */")
    print("typedef struct gmm_golden {\n    int kind;\n    size_t n, d, k;\n    unsigned steps;")
    print("    double log_likelihood;\n} gmm_golden;\nstatic const gmm_golden gmm_goldens[] = {")
    for kind in KINDS:
        for d in (1, 2, 5, 10, 50):
            x = None
            for k in (1, 2, 3, 10):
                x = rows(N, d, k)
                value = log_likelihood(kind, k, x, 20)
                print(f"    {{{KINDS.index(kind)}, {N}, {d}, {k}, 20, {value!r}}},", flush=True)
    for kind in KINDS:
        for d, k in ((1, 2), (2, 3), (10, 3)):
            value = log_likelihood(kind, k, rows(N, d, k), 20000)
            print(f"    {{{KINDS.index(kind)}, {N}, {d}, {k}, 20000, {value!r}}},", flush=True)
    print("};\n\n#endif")
    return 0


if __name__ == "__main__":
    sys.exit(main())
