/* ising.c: the mean-field Ising model, N spins seen through their sum K, without or with couplings.
 *
 * p(K) ~ C(N, (N+K)/2) exp(h K + J K^2), K = -N, -N+2, ..., N. Order 1 fits h alone (J = 0): N independent spins, a Bernoulli
 * chain with N points per row. Order 2 fits h and J by matching (E K, E K^2).
 * theta[N+1] are the probabilities of the levels themselves, since the fit may lie on the boundary of the set of moments,
 * where h and J are infinite: every level is a vertex of that polygon (the points (K, K^2) lie on a parabola), its edges
 * join neighbouring levels, and -N with N. On an edge the fit is a law on its two levels, on a vertex it is absorbed.
 * T[4] = {W, W2, mean K, mean K^2}: both statistics live on a fixed scale, nothing collapses below it.         */
#include "core/kernels.h"
#include "ouro/family.h"
#include "ouro/variates.h"
#include <gsl/gsl_sf_log.h>
#include <math.h>
#include <string.h>

enum { W, W2, MEAN, SQUARE, STAT_LEN };
enum { SPINS, ORDER }; /* known */
enum { MOST_ITERATIONS = 200 };
#define EDGE 1e-14 /* of N^2, the rounding of a mean square; a row off an edge moves it by 8 / rows at least */

typedef struct params {
    double spins, order, field, coupling;
} params;

static const ouro_field truth_rows[] = {
    {"spins", OURO_REAL, 0, offsetof(params, spins), 2, 1e5, "20", NULL, "spins", "Number of spins, a whole number."},
    {"field", OURO_REAL, 0, offsetof(params, field), -100, 100, "0", NULL, "", "Field h of the truth."},
    {"coupling", OURO_REAL, 0, offsetof(params, coupling), -100, 100, "0", NULL, "",
     "Coupling J of the truth, per square of the sum."},
    {"order", OURO_REAL, 0, offsetof(params, order), 1, 2, "1", NULL, "",
     "What a model of this truth fits where it does not say itself: 1 the sum of spins, 2 also its square."},
};
static const ouro_field known_rows[] = {
    {"spins", OURO_REAL, OURO_NULLABLE, SPINS * sizeof(double), 2, 1e5, "null", NULL, "spins",
     "Number of spins; null: the truth's."},
    {"order", OURO_REAL, OURO_NULLABLE, ORDER * sizeof(double), 1, 2, "null", NULL, "",
     "1: the sum of spins is fitted, 2: also its square; null: the truth's."},
};

static size_t levels(const ouro_family *f) { return (size_t)f->known[SPINS] + 1; }
static double level(const ouro_family *f, size_t i) { return 2 * (double)i - f->known[SPINS]; }

static void truth_known(const void *p, double *known) {
    known[SPINS] = ((const params *)p)->spins;
    known[ORDER] = ((const params *)p)->order;
}

static int truth_domain(const void *p, ouro_domain *out, ouro_error *e) {
    double n = ((const params *)p)->spins;
    if (n != floor(n)) return ouro_fail(e, OURO_ECONFIG, "truth.spins", "spins is %g; make it a whole number", n);
    *out = (ouro_domain){.kind = OURO_NUMBERS, .dim = 1, .lattice = 1, .step = 2, .lower = -n, .upper = n};
    return OURO_OK;
}

static int shape(ouro_family *f, ouro_error *e) {
    const ouro_domain *d = &f->domain;
    double n = f->known[SPINS];
    if (!(n >= 2) || n != floor(n) || !(f->known[ORDER] == 1 || f->known[ORDER] == 2))
        return ouro_fail(e, OURO_EUNDEFINED, "ising",
                         "ising needs a whole number of spins and order 1 or 2; give model.spins "
                         "and model.order");
    if (d->kind != OURO_NUMBERS || d->dim != 1 || !d->lattice || d->step != 2 || d->lower < -n || d->upper > n ||
        fmod(d->lower + n, 2) != 0)
        return ouro_fail(e, OURO_EUNDEFINED, "ising",
                         "ising needs sums of %g spins: whole numbers from %g to %g in steps of 2", n, -n, n);
    f->theta_len = levels(f);
    f->mean_len = 1;
    f->stat_len = STAT_LEN;
    return OURO_OK;
}

/* p of h x + j x^2 on x = K / N; moments of x and x^2 up to the fourth; returns log Z */
static double boltzmann(const ouro_family *f, double h, double j, double *p, double m[5]) {
    double n = f->known[SPINS], top = -INFINITY, sum = 0, choose = 0; /* log C(N, i), from neighbour to neighbour */
    for (size_t i = 0; i < levels(f); i++) {
        double x = level(f, i) / n;
        if (i) choose += ouro_log((n - (double)i + 1) / (double)i);
        p[i] = choose + h * x + j * x * x;
        top = fmax(top, p[i]);
    }
    for (int k = 0; k < 5; k++) m[k] = 0;
    for (size_t i = 0; i < levels(f); i++) sum += p[i] = ouro_exp(p[i] - top);
    for (size_t i = 0; i < levels(f); i++) {
        double x = level(f, i) / n, power = p[i] /= sum;
        for (int k = 0; k < 5; k++, power *= x) m[k] += power;
    }
    return top + ouro_log(sum);
}

static int truth_theta(const ouro_family *f, const void *p, double *theta, ouro_error *e) {
    const params *t = p;
    double m[5];
    (void)e;
    boltzmann(f, t->field * t->spins, t->coupling * t->spins * t->spins, theta, m);
    return OURO_OK;
}

static int sample(const ouro_family *f, const double *p, ouro_stream *s, ouro_arena *tmp, size_t n, double *x) {
    (void)tmp;
    ouro_fill_uniforms(s, n, x);
    for (size_t r = 0; r < n; r++) {
        double u = x[r];
        size_t i = 0;
        while (i + 1 < levels(f) && (u >= p[i] || p[i] == 0)) u -= p[i++];
        while (p[i] == 0 && i > 0) i--; /* rounding of the sum must not lead to a level without mass */
        x[r] = level(f, i);
    }
    return OURO_OK;
}

static void stat_empty(const ouro_family *f, double *T) { memset(T, 0, f->stat_len * sizeof *T); }

static void stat_rows(const ouro_family *f, size_t n, const double *x, double *T) {
    (void)f;
    double sum = 0, square = 0;
    for (size_t i = 0; i < n; i++) {
        sum += x[i];
        square += x[i] * x[i];
    }
    T[W] = T[W2] = (double)n;
    T[MEAN] = sum / (double)n; /* whole numbers: both sums are exact */
    T[SQUARE] = square / (double)n;
}

static void stat_merge(const ouro_family *f, double weight, const double *src, double *T) {
    double wb = weight * src[W], w = T[W] + wb;
    (void)f;
    if (wb == 0) return;
    T[MEAN] += (src[MEAN] - T[MEAN]) * (wb / w);
    T[SQUARE] += (src[SQUARE] - T[SQUARE]) * (wb / w);
    T[W] = w;
    T[W2] += weight * weight * src[W2];
}

/* Multinomial over the levels, level by level. */
static void stat_draw(const ouro_family *f, const double *p, ouro_stream *s, uint64_t n, double *T) {
    double rest = 0, sum = 0, square = 0;
    size_t last = 0;
    for (size_t i = 0; i < levels(f); i++) {
        rest += p[i];
        if (p[i] > 0) last = i;
    }
    uint64_t left = n;
    for (size_t i = 0; i <= last && left; i++) {
        if (p[i] == 0) continue;
        uint64_t hits = i == last || rest <= p[i] ? left : ouro_binomial(s, left, p[i] / rest);
        sum += (double)hits * level(f, i);
        square += (double)hits * level(f, i) * level(f, i);
        left -= hits;
        rest -= p[i];
    }
    T[W] = T[W2] = (double)n;
    T[MEAN] = sum / (double)n;
    T[SQUARE] = square / (double)n;
}

static void stat_of(const ouro_family *f, const double *p, double *T) {
    T[W] = T[W2] = 1;
    T[MEAN] = T[SQUARE] = 0;
    for (size_t i = 0; i < levels(f); i++) {
        T[MEAN] += p[i] * level(f, i);
        T[SQUARE] += p[i] * level(f, i) * level(f, i);
    }
}

/* Laws on the boundary of the moments: two levels, or one. Returns 0 inside. */
static int on_boundary(const ouro_family *f, double a, double b, double *p) {
    double n = f->known[SPINS];
    size_t i = (size_t)fmin(fmax(floor((a + n) / 2), 0), n - 1);
    double low = level(f, i), high = low + 2;
    memset(p, 0, levels(f) * sizeof *p);
    if (b <= (low + high) * a - low * high + EDGE * n * n) {
        p[i + 1] = fmin(fmax((a - low) / 2, 0), 1);
        p[i] = 1 - p[i + 1];
        return 1;
    }
    if (b < n * n * (1 - EDGE)) return 0;
    p[levels(f) - 1] = fmin(fmax((1 + a / n) / 2, 0), 1);
    p[0] = 1 - p[levels(f) - 1];
    return 1;
}

/* Newton on the concave log-likelihood h x + j x^2 - log Z in x = K / N, halving steps that lower it. */
static void newton(const ouro_family *f, double x, double y, double *p, ouro_fit_info *info) {
    double h = atanh(fmax(fmin(x, 1 - 1e-9), -1 + 1e-9)) * f->known[SPINS], j = 0, m[5];
    double value = h * x + j * y - boltzmann(f, h, j, p, m);
    for (info->iterations = 0; info->iterations < MOST_ITERATIONS; info->iterations++) {
        double gx = x - m[1], gy = y - m[2];
        info->converged = fabs(gx) < 1e-13 && fabs(gy) < 1e-13;
        double xx = m[2] - m[1] * m[1], xy = m[3] - m[1] * m[2], yy = m[4] - m[2] * m[2], det = xx * yy - xy * xy;
        if (info->converged || !(det > 0)) return;
        double dh = (yy * gx - xy * gy) / det, dj = (xx * gy - xy * gx) / det, step = 1;
        for (; step > 1e-12; step /= 2) {
            double next = (h + step * dh) * x + (j + step * dj) * y - boltzmann(f, h + step * dh, j + step * dj, p, m);
            if (!(next >= value - 1e-14 * fabs(value))) continue;
            value = next;
            break;
        }
        if (step <= 1e-12) { /* no better point: rounding */
            boltzmann(f, h, j, p, m);
            info->converged = fabs(gx) < 1e-9 && fabs(gy) < 1e-9;
            return;
        }
        h += step * dh;
        j += step * dj;
    }
}

static void fit_mle(const ouro_family *f, const double *T, double *p, ouro_fit_info *info) {
    double n = f->known[SPINS], a = T[MEAN], m[5];
    *info = (ouro_fit_info){.converged = 1};
    if (f->known[ORDER] == 1) {
        if (fabs(a) >= n)
            on_boundary(f, a, n * n, p);
        else
            boltzmann(f, atanh(a / n) * n, 0, p, m);
    } else if (!on_boundary(f, a, T[SQUARE], p)) {
        newton(f, a / n, T[SQUARE] / (n * n), p, info);
    }
    for (size_t i = 0; i < levels(f); i++) info->absorbed |= p[i] == 1;
}

static void moments(const ouro_family *f, const double *p, ouro_moments *out) {
    double mean = 0, variance = 0;
    for (size_t i = 0; i < levels(f); i++) mean += p[i] * level(f, i);
    for (size_t i = 0; i < levels(f); i++) variance += p[i] * (level(f, i) - mean) * (level(f, i) - mean);
    out->mean[0] = mean;
    out->trace = variance;
    out->log_trace = out->logdet = log(variance);
}

static double entropy(const ouro_family *f, const double *p) {
    double sum = 0;
    for (size_t i = 0; i < levels(f); i++)
        if (p[i] > 0) sum -= p[i] * log(p[i]);
    return sum;
}

/* Quantiles coupled with quantiles: both laws are used up from below, mass by mass. */
static double w2(const ouro_family *f, const double *a, const double *b) {
    size_t i = 0, j = 0, last = levels(f) - 1;
    double left = a[0], right = b[0], sum = 0;
    for (;;) {
        double mass = fmin(left, right), gap = level(f, i) - level(f, j);
        sum += mass * gap * gap;
        left -= mass;
        right -= mass;
        if (left <= right && i < last)
            left += a[++i];
        else if (j < last)
            right += b[++j];
        else if (i < last)
            left += a[++i];
        else
            return sqrt(sum);
    }
}

/* a log(a / b) - a + b >= 0: no part cancels another, so that two models that nearly agree keep their digits. */
static double kl_part(double a, double b) {
    if (a == 0) return b;
    if (b == 0) return INFINITY;
    double u = (b - a) / a;
    return fabs(u) < 0.5 ? -a * gsl_sf_log_1plusx_mx(u) : a * log(a / b) + (b - a);
}

static double divergence(const ouro_family *f, ouro_divergence kind, const double *a, const double *b) {
    double sum = 0;
    if (kind == OURO_W2) return w2(f, a, b);
    for (size_t i = 0; i < levels(f); i++) {
        double d = fabs(a[i] - b[i]), root = d > 0 ? d / (sqrt(a[i]) + sqrt(b[i])) : 0;
        switch (kind) {
        case OURO_KL: sum += kl_part(a[i], b[i]); break;
        case OURO_HELLINGER: sum += 0.5 * root * root; break;
        case OURO_TV: sum += 0.5 * d; break;
        case OURO_W2:
        case OURO_DIVERGENCES: return NAN;
        }
    }
    return kind == OURO_HELLINGER ? sqrt(sum) : kind == OURO_KL ? fmax(sum, 0) : sum;
}

/* Under couplings the rare levels may lie between the common ones, hence a set of levels rather than two ends. */
static double tail_mass(const ouro_family *f, const double *p, const ouro_tail_set *a, double side[2]) {
    side[0] = side[1] = 0;
    for (size_t i = 0; i < levels(f); i++) {
        const double x = level(f, i);
        if (a->member ? a->member[i] : x < a->lower || x > a->upper) side[x > a->lower] += p[i];
    }
    return side[0] + side[1];
}

/* Natural form with t = K or (K, K^2): eta = h or (h, J). On the boundary of the moments both are infinite. */
static size_t natural_len(const ouro_family *f) { return (size_t)f->known[ORDER]; }

/* From the log odds of three levels around the likeliest one, whose masses are not small: with c_i = log C(N, i),
 * log(p_i / p_j) - c_i + c_j = (k_i - k_j) (h + J (k_i + k_j)). */
static void parameter(const ouro_family *f, const double *p, double *eta) {
    double n = f->known[SPINS];
    size_t top = 1;
    for (size_t i = 2; i + 1 < levels(f); i++)
        if (p[i] > p[top]) top = i;
    double i = (double)top, up = ouro_log(p[top + 1] / p[top]) - ouro_log((n - i) / (i + 1));
    double down = ouro_log(p[top] / p[top - 1]) - ouro_log((n - i + 1) / i), k = level(f, top);
    double coupling = (up - down) / 8; /* up = 2 (h + J (2 k + 2)), down = 2 (h + J (2 k - 2)) */
    if (f->known[ORDER] == 1) {
        double m[2] = {0};
        for (size_t l = 0; l < levels(f); l++) m[level(f, l) > 0] += p[l] * fabs(level(f, l));
        eta[0] = 0.5 * ouro_log((n + m[1] - m[0]) / (n - m[1] + m[0])); /* atanh(E K / N) */
        if (fabs(coupling) > 1e-9 && isfinite(coupling)) eta[0] = NAN;  /* a truth with couplings is no such model */
        return;
    }
    eta[1] = coupling;
    eta[0] = (up + down) / 4 - 2 * k * coupling;
}

static int model(const ouro_family *f, const double *eta, double *p) {
    double n = f->known[SPINS], m[5], h = eta[0] * n, j = f->known[ORDER] == 2 ? eta[1] * n * n : 0;
    if (!isfinite(h) || !isfinite(j)) return 0;
    boltzmann(f, h, j, p, m);
    return 1;
}

/* log sum C(N, i) e^(h K + J K^2), without the probabilities */
static double log_partition(const ouro_family *f, const double *eta) {
    double n = f->known[SPINS], j = f->known[ORDER] == 2 ? eta[1] : 0, choose = 0, top = -INFINITY, sum = 0;
    if (!isfinite(eta[0]) || !isfinite(j)) return NAN;
    for (size_t i = 0; i < levels(f); i++) {
        double k = level(f, i);
        if (i) choose += ouro_log((n - (double)i + 1) / (double)i);
        double term = choose + (eta[0] + j * k) * k;
        if (term > top) {
            sum = sum * ouro_exp(top - term) + 1;
            top = term;
        } else {
            sum += ouro_exp(term - top);
        }
    }
    return top + ouro_log(sum);
}

static double potential(const ouro_family *f, const double *p) {
    double eta[2];
    parameter(f, p, eta);
    return log_partition(f, eta);
}

static void mean_map(const ouro_family *f, const double *p, double *mu) {
    double T[STAT_LEN];
    stat_of(f, p, T);
    memcpy(mu, T + MEAN, natural_len(f) * sizeof *mu);
}

static int model_of_mean(const ouro_family *f, const double *mu, double *p) {
    double n = f->known[SPINS], T[STAT_LEN] = {1, 1, mu[0], f->known[ORDER] == 2 ? mu[1] : 0};
    ouro_fit_info info;
    if (!(fabs(mu[0]) <= n)) return 0;
    if (f->known[ORDER] == 2) { /* outside the polygon of moments */
        double low = level(f, (size_t)fmin(fmax(floor((mu[0] + n) / 2), 0), n - 1)), high = low + 2;
        if (!(mu[1] <= n * n && mu[1] >= (low + high) * mu[0] - low * high)) return 0;
    }
    fit_mle(f, T, p, &info);
    return info.converged;
}

static void statistic(const ouro_family *f, const double *x, double *t) {
    t[0] = x[0];
    if (f->known[ORDER] == 2) t[1] = x[0] * x[0];
}

static double observed(const ouro_family *f, const double *T, double *t) {
    memcpy(t, T + MEAN, natural_len(f) * sizeof *t);
    return T[W];
}

static void covariance(const ouro_family *f, const double *p, double *V) {
    double T[STAT_LEN], xx = 0, xy = 0, yy = 0;
    stat_of(f, p, T);
    for (size_t i = 0; i < levels(f); i++) {
        double k = level(f, i), x = k - T[MEAN], y = k * k - T[SQUARE];
        xx += p[i] * x * x;
        xy += p[i] * x * y;
        yy += p[i] * y * y;
    }
    V[0] = xx;
    if (f->known[ORDER] == 1) return;
    V[1] = V[2] = xy;
    V[3] = yy;
}

/* log(sum p^alpha q^(1 - alpha)) / (alpha - 1) over the levels themselves, on the boundary too */
static double renyi(const ouro_family *f, double alpha, const double *a, const double *b) {
    double sum = 0;
    for (size_t i = 0; i < levels(f); i++)
        if (a[i] > 0) sum += exp(alpha * log(a[i]) + (1 - alpha) * log(b[i]));
    return fmax(log(sum) / (alpha - 1), 0);
}

static const ouro_natural natural = {
    .words = "eta = h or (h, J), A = log sum C(N, (N+K)/2) e^(h K + J K^2), mean of K or (K, K^2)",
    .boundary = OURO_BOUNDARY_OPEN,
    .len = natural_len,
    .parameter = parameter,
    .model = model,
    .log_partition = log_partition,
    .potential = potential,
    .mean = mean_map,
    .model_of_mean = model_of_mean,
    .statistic = statistic,
    .observed = observed,
    .covariance = covariance,
    .renyi = renyi,
};

const ouro_family_type ouro_family_ising = {
    .name = "ising",
    .doc = "Sum of N spins under a field, and with order 2 under couplings of all with all. Order 1 ends with all "
           "spins up or "
           "all down; order 2 may be absorbed at every one of the N + 1 sums.",
    .density = "p(K) ~ C(N, (N+K)/2) exp(h K + J K^2), K = -N, -N+2, ..., N",
    .statistic = "(sum K) or (sum K, sum K^2), kept as weight and means",
    .exact_law = "rows per level ~ Multinomial(n, p): exact in O(N)",
    .reference = "Jangjoo, Di Sarra, Marsili, Roudi 2025",
    .truth_fields = {sizeof truth_rows / sizeof truth_rows[0], truth_rows},
    .truth_size = sizeof(params),
    .truth_domain = truth_domain,
    .truth_theta = truth_theta,
    .known_fields = {sizeof known_rows / sizeof known_rows[0], known_rows},
    .truth_known = truth_known,
    .shape = shape,
    .theta_location = OURO_NOWHERE,
    .stat_location = OURO_NOWHERE,
    .sample = sample,
    .stat_empty = stat_empty,
    .stat_rows = stat_rows,
    .stat_merge = stat_merge,
    .stat_draw = stat_draw,
    .stat_of = stat_of,
    .fit_mle = fit_mle,
    .natural = &natural,
    .moments = moments,
    .entropy = entropy,
    .finite = 1,
    .tail_mass = tail_mass,
    .divergence = divergence,
    .matches_mean = 1,
};
