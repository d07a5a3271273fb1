// armadillo_gmm.cpp: Armadillo's gmm_full (and gmm_diag) on the rows and starts of tests/mixture_rows.h.
//
//   armadillo_gmm steps N D K ROUNDS   CPU ns of one step, the median of 5 repetitions; gmm_peers.py runs it
//   armadillo_gmm converged            log likelihoods of converged fits: rows of tests/unit/gmm_goldens_armadillo.h
// Armadillo 11.4.2 of Debian 12 printed those; compiled by gmm_peers.py, or
//   g++ -O2 -DARMA_DONT_USE_WRAPPER tests/bench/armadillo_gmm.cpp -o armadillo_gmm -lopenblas
#include <algorithm>
#include <armadillo>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>
#include <vector>

static double fraction(double x) { return x - std::floor(x); }

static arma::mat rows(size_t n, size_t d, size_t k) {
    arma::mat x(d, n);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < d; j++) {
            const double c = double(i % k), q = double(j), t = double(i + 1);
            const double a = fraction(0.618033988749895 * (q + 1) + 0.414213562373095 * q * q);
            const double b = fraction(0.732050807568877 * (q + 1) + 0.236067977499790 * q * q);
            const double u = fraction(0.5 + t * a), v = fraction(0.25 + t * b), w = fraction(0.75 + t * (a * b));
            double value = (u + v) + w - 1.5;
            value = value * (1 + 0.125 * c) + 1.25 * (c * (fraction(0.37 * (c + 1) * (q + 1)) + 0.25));
            x(j, i) = j ? value + 0.25 * x(j - 1, i) : value;
        }
    return x;
}

// So many steps at most; the log likelihood of the outcome.
template <class Model, class Spread>
static double learn(const arma::mat &x, size_t k, const Spread &spread, size_t steps) {
    Model g;
    const arma::mat means = x.head_cols(k);
    const arma::rowvec weights(k, arma::fill::value(1.0 / double(k)));
    g.set_params(means, spread, weights);
    if (!g.learn(x, k, arma::eucl_dist, arma::keep_existing, 0, steps, 1e-300, false)) std::exit(1);
    return g.sum_log_p(x);
}

static double fit(int kind, size_t n, size_t d, size_t k, size_t steps) {
    const arma::mat x = rows(n, d, k);
    if (kind) return learn<arma::gmm_diag>(x, k, arma::mat(d, k, arma::fill::ones), steps);
    arma::cube one(d, d, k);
    for (size_t c = 0; c < k; c++) one.slice(c) = arma::eye(d, d);
    return learn<arma::gmm_full>(x, k, one, steps);
}

static double step_ns(const arma::mat &x, size_t k, size_t steps) {
    arma::cube one(x.n_rows, x.n_rows, k);
    for (size_t c = 0; c < k; c++) one.slice(c) = arma::eye(x.n_rows, x.n_rows);
    timespec begin, end;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &begin);
    learn<arma::gmm_full>(x, k, one, steps);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &end);
    return (1e9 * double(end.tv_sec - begin.tv_sec) + double(end.tv_nsec - begin.tv_nsec)) / double(steps);
}

int main(int argc, char **argv) {
    if (argc == 6) {
        const size_t n = std::strtoul(argv[2], nullptr, 10), d = std::strtoul(argv[3], nullptr, 10);
        const size_t k = std::strtoul(argv[4], nullptr, 10), steps = std::strtoul(argv[5], nullptr, 10);
        const arma::mat x = rows(n, d, k);
        std::vector<double> ns;
        for (int i = 0; i < 5; i++) ns.push_back(step_ns(x, k, steps));
        std::sort(ns.begin(), ns.end());
        std::printf("%.1f\n", ns[2]);
        return 0;
    }
    const size_t dims[] = {1, 1, 2, 2, 5, 10}, ks[] = {2, 3, 2, 3, 3, 2};
    for (int kind = 0; kind < 2; kind++)
        for (int i = 0; i < 6; i++)
            std::printf("    {%d, 2000, %zu, %zu, 100000, %.17g},\n", kind * 2, dims[i], ks[i],
                        fit(kind, 2000, dims[i], ks[i], 100000));
    return 0;
}
