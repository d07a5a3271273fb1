/* natural.c: the natural form of every family that has one, held against its density and its own closed forms. */
#include "forms.h"
#include "quadrature.h"
#include <float.h>

/* -|L^-1 (x - m)|^2 / 2 - log det L - d log(2 pi) / 2 */
static double normal_log_p(size_t d, const double *theta, const double *x) {
    long double y[DIMS], sum = -0.918938533204672741780329736405617639862L * (long double)d;
    for (size_t i = 0; i < d; i++) {
        y[i] = (long double)x[i] - theta[i];
        for (size_t k = 0; k <= i; k++) {
            const long double l = ldexpl(theta[2 * d + ouro_triangle_at(d, k) + i - k], (int)theta[d + k]);
            if (k == i) sum -= logl(l);
            y[i] = k < i ? y[i] - l * y[k] : y[i] / l;
        }
        sum -= y[i] * y[i] / 2;
    }
    return (double)sum;
}

static double log_p(const subject *j, const double *theta, const double *point) {
    const ouro_family *f = j->f;
    const double x = point[0];
    if (f->domain.dim > 1) return normal_log_p(f->domain.dim, theta, point);
    if (f->domain.kind == OURO_CATEGORIES) return log(theta[(size_t)x]);
    if (!strcmp(j->name, "ising")) return log(theta[(size_t)lround((x + f->known[0]) / 2)]);
    if (f->type->log_density) return f->type->log_density(f, theta, x);
    return (double)density_of(f)->log(f->known, theta, (place){0, x});
}

static double dot(size_t p, const double *a, const double *b, double *size) {
    double sum = 0;
    for (size_t i = 0; i < p; i++) {
        if (a[i] == 0 || b[i] == 0) continue;
        sum += a[i] * b[i];
        *size += fabs(a[i] * b[i]);
    }
    return sum;
}

TEST(natural_every_family_but_these_has_a_form) {
    for (size_t i = 0; i < ouro_families_len; i++) {
        const ouro_family_type *t = ouro_families[i];
        const ouro_natural *n = t->natural;
        if (!n) continue;
        CHECK(n->words && n->len && n->parameter && n->model && n->log_partition && n->potential && n->mean);
        CHECK(n->model_of_mean && n->statistic && n->observed && (n->covariance || (n->times && n->solve)));
        CHECK(!n->frame == !n->move);
    }
    static const char *const names[] = {
        "gaussian", "categorical", "bernoulli", "binomial",          "poisson",       "geometric",
        "gamma",    "exponential", "lognormal", "negative-binomial", "weibull",       "pareto",
        "laplace",  "mvgaussian",  "ising",     "inverse-gaussian",  "gaussian-mean", "gaussian-variance"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) CHECK(ouro_family_find(names[i])->natural != NULL);
}

/* log p_a(x) - log p_b(x) = (eta_a - eta_b) . t(x) - A_a + A_b ties parameter, statistic and both forms of A
 * together. */
TEST(natural_is_the_log_density) {
    for (subject j = {0}; subject_next(&j);) {
        const ouro_natural *n = natural_of(&j);
        for (size_t a = 0; n && a < j.models; a++)
            for (size_t b = 0; b < j.models; b++) {
                double x[POINTS * DIMS], ea[MOST], eb[MOST], t[MOST], size = 0;
                ouro_stream s;
                const size_t p = n->len(j.f);
                REQUIRE(p <= MOST);
                n->parameter(j.f, j.theta[a], ea);
                n->parameter(j.f, j.theta[b], eb);
                const double A = n->log_partition(j.f, ea), B = n->log_partition(j.f, eb);
                CHECK_CLOSE(n->potential(j.f, j.theta[a]), A, 1e-12, 1e-14 * crowding(&j, j.theta[a]) + 1e-13);
                subject_open_stream(&s, &j, (uint32_t)(50 + a), OURO_FOR_REAL);
                REQUIRE(j.f->type->sample(j.f, j.theta[a], &s, &j.tmp, POINTS, x) == OURO_OK);
                if (crowding(&j, j.theta[a]) + crowding(&j, j.theta[b]) > 1e100) continue; /* beyond the doubles */
                for (int i = 0; i < POINTS; i++) {
                    const double *point = &x[(size_t)i * j.f->domain.dim];
                    const double one = log_p(&j, j.theta[a], point), other = log_p(&j, j.theta[b], point);
                    n->statistic(j.f, point, t);
                    size = fabs(A) + fabs(B) + fabs(one) + fabs(other);
                    double gap = dot(p, ea, t, &size);
                    gap -= dot(p, eb, t, &size);
                    if (isfinite(other)) CHECK_CLOSE(one - other, gap - A + B, 0, 1e-14 * size);
                }
            }
    }
}

/* Five-point rule with steps of a hundredth of a standard error: 1e-8 of the third moments' size. */
static void differentiate(const subject *j, const double *eta, size_t i, double h, double *A, double *mu) {
    static const double weight[] = {1 / 12.0, -8 / 12.0, 0, 8 / 12.0, -1 / 12.0};
    const ouro_natural *n = natural_of(j);
    const size_t p = n->len(j->f);
    double e[MOST], m[MOST], theta[MOST];
    memcpy(e, eta, p * sizeof *e);
    *A = 0;
    memset(mu, 0, p * sizeof *mu);
    for (int k = 0; k < 5; k++) {
        e[i] = eta[i] + (k - 2) * h;
        if (k == 2) continue;
        *A += weight[k] * n->log_partition(j->f, e) / h;
        CHECK(n->model(j->f, e, theta));
        n->mean(j->f, theta, m);
        for (size_t l = 0; l < p; l++) mu[l] += weight[k] * m[l] / h;
    }
}

/* grad A = mean, Hessian of A = covariance. */
TEST(natural_derivatives_of_A) {
    for (subject j = {0}; subject_next(&j);) {
        const ouro_natural *n = natural_of(&j);
        const int each = j.f->domain.kind == OURO_CATEGORIES;
        for (size_t a = 0; n && a < j.models; a++) {
            double eta[MOST], mu[MOST], slope[MOST], column[MOST], unit[MOST] = {0}, V[MOST * MOST], A;
            const size_t p = n->len(j.f);
            REQUIRE(p <= MOST && j.f->theta_len <= MOST);
            n->parameter(j.f, j.theta[a], eta);
            n->mean(j.f, j.theta[a], mu);
            if (n->covariance) n->covariance(j.f, j.theta[a], V);
            if (crowding(&j, j.theta[a]) > 1e100) continue;
            for (size_t i = 0; n->times && i < p; i++) {
                memset(unit, 0, sizeof unit);
                unit[i] = 1;
                n->times(j.f, j.theta[a], unit, column);
                for (size_t l = 0; l < p; l++) V[l * p + i] = column[l];
            }
            for (size_t i = 0; i < p; i++) {
                if (eta[i] == -INFINITY) continue;                              /* a category of probability 0 */
                if (!(V[i * p + i] < 1e150 && V[i * p + i] > 1e-150)) continue; /* (1e100)^4 */
                const double sd = sqrt(V[i * p + i]), wide = fmin(0.01 / sd, 0.003), near = 0.02 * fabs(eta[i]);
                /* a parameter may end at 0, where the mean has a pole */
                const double h = near > 1e-3 * wide ? fmin(wide, near) : wide;
                const double lost = DBL_EPSILON * (1 + fabs(eta[i]) / h);
                differentiate(&j, eta, i, h, &A, slope);
                CHECK_CLOSE(A, mu[i], 1e-6, (1e-6 + 100 * lost * (1 + fabs(n->potential(j.f, j.theta[a])))) * sd);
                for (size_t l = 0; l < p; l++) {
                    const double size = sqrt(V[i * p + i] * fmax(V[l * p + l], each ? mu[l] : 0));
                    const double allowed = (1e-5 + 1e3 * lost * (1 + crowding(&j, j.theta[a]))) * size;
                    if (!harness_close(slope[l], V[l * p + i], 0, allowed, __FILE__, __LINE__, j.name))
                        printf("  %zu by %zu at theta (%.17g, %.17g), eta %.17g, h %.3g\n", l, i, j.theta[a][0],
                               j.theta[a][1], eta[i], h);
                }
            }
        }
    }
}

TEST(natural_maps_are_inverse) {
    for (subject j = {0}; subject_next(&j);) {
        const ouro_natural *n = natural_of(&j);
        for (size_t a = 0; n && a < j.models; a++) {
            double eta[MOST], mu[MOST], seen[MOST], back[MOST];
            const size_t p = n->len(j.f);
            const double lost = 1e-13 + 1e-15 * crowding(&j, j.theta[a]);
            const double small = n->boundary == OURO_BOUNDARY_SINGULAR ? 1e-15 : 0; /* theta is a logarithm */
            const double loose = strcmp(j.name, "ising") ? 1e-12 : 1e-9; /* where the mean is inverted by iteration */
            /* a covariance inverted loses its condition number */
            const double matrix = j.f->domain.dim > 1 ? 100 * lost * fabs(j.theta[a][0]) + 100 * lost : 0;
            if (matrix > 1e-3) continue;
            n->parameter(j.f, j.theta[a], eta);
            CHECK(n->model(j.f, eta, back));
            for (size_t i = 0; i < j.f->theta_len; i++)
                CHECK_CLOSE(back[i], j.theta[a][i], 1e-12, (p == 2 ? 1e-12 : small) + matrix);
            n->mean(j.f, j.theta[a], mu);
            if (lost < 1e-3) {
                CHECK(n->model_of_mean(j.f, mu, back));
                for (size_t i = 0; i < j.f->theta_len; i++)
                    CHECK_CLOSE(back[i], j.theta[a][i], loose,
                                (p == 2 ? loose : small) + 10 * lost * (lost > 1e-12) + matrix);
            }
            j.f->type->stat_of(j.f, j.theta[a], j.T[0]);
            CHECK_CLOSE(n->observed(j.f, j.T[0], seen), 1, 0, 0);
            for (size_t i = 0; i < p; i++) CHECK_CLOSE(seen[i], mu[i], 1e-14, 0);
            j.f->type->stat_merge(j.f, 2.5, j.T[0], j.T[0]);
            CHECK_CLOSE(n->observed(j.f, j.T[0], seen), 3.5, 1e-15, 0);
        }
    }
}

/* `solve` against `times`, with and without a ridge; conjugate gradients stop at 1e-15 of b in units of V, which is
 * less in any one entry. */
TEST(natural_solvers_solve) {
    for (subject j = {0}; subject_next(&j);) {
        const ouro_natural *n = natural_of(&j);
        for (size_t a = 0; n && n->solve && a < j.models; a++)
            for (int ridged = 0; ridged < 2; ridged++) {
                double b[MOST], x[MOST], y[MOST], ridge[MOST];
                const size_t p = n->len(j.f);
                const double lost = j.f->domain.dim > 1 ? 1e-11 * crowding(&j, j.theta[a]) : 0;
                if (lost > 1e-6) continue;
                for (size_t i = 0; i < p; i++) y[i] = sin(3.7 * (double)i), ridge[i] = 0.2 + 0.1 * (double)(i % 3);
                n->times(j.f, j.theta[a], y, b);
                if (ridged)
                    for (size_t i = 0; i < p; i++) b[i] = cos((double)i);
                CHECK(n->solve(j.f, j.theta[a], 7, ridged ? ridge : NULL, b, x));
                n->times(j.f, j.theta[a], x, y);
                for (size_t i = 0; i < p; i++)
                    CHECK_CLOSE(7 * y[i] + ridged * ridge[i] * x[i], b[i], 1e-11, 1e-13 + lost);
            }
    }
}

/* Against the family's own closed forms. What is left of a divergence D of models whose parameters are right to
 * 1e-16 is 1e-16 / sqrt(D) of it, and 1e-16 of the terms that cancel. */
TEST(natural_divergences_are_the_closed_forms) {
    for (subject j = {0}; subject_next(&j);) {
        const ouro_family *f = j.f;
        for (size_t a = 0; natural_of(&j) && a < j.models; a++)
            for (size_t b = 0; b < j.models; b++) {
                const double *one = j.theta[a], *other = j.theta[b];
                const double kl = f->type->divergence(f, OURO_KL, one, other);
                const double h = f->type->divergence(f, OURO_HELLINGER, one, other);
                const double k = ouro_natural_kl(f, one, other, &j.tmp),
                             g = ouro_natural_hellinger(f, one, other, &j.tmp);
                const double half = ouro_natural_renyi(f, 0.5, one, other, &j.tmp);
                const double sized = !strcmp(j.name, "inverse-gaussian") ? crowding(&j, one) + crowding(&j, other) : 0;
                const double lost = 1e-15 * (1e3 + sized);
                const double own = strcmp(j.name, "ising") ? 0 : 1e-16; /* a log(a / b) - a + b, each rounded */
                if (a == b) {
                    CHECK(k == 0 && g == 0 && half == 0 && ouro_natural_fisher_drift(f, one, other, &j.tmp) == 0);
                    continue;
                }
                if (sized > 1e5 && isnan(k + g)) continue; /* said to be unknown */
                CHECK_CLOSE(k, kl, 1e-10, lost * sqrt(kl) + own);
                CHECK_CLOSE(g * g, h * h, 1e-10, lost * h);
                CHECK_CLOSE(half, -2 * log1p(-h * h), 1e-10, lost * h + 1e-15 / (1 - h * h));
                CHECK(k > 0 || kl < 1e-28);
            }
    }
}

/* D_alpha rises with alpha, and is KL at 1. */
TEST(natural_renyi_rises_with_its_order) {
    static const double order[] = {0.1, 0.5, 0.9, 1 - 1e-7, 1, 1 + 1e-7, 1.3, 2, 3};
    enum { ORDERS = sizeof order / sizeof order[0] };
    for (subject j = {0}; subject_next(&j);)
        for (size_t a = 0; natural_of(&j) && a < j.models; a++)
            for (size_t b = 0; b < j.models; b++) {
                double d[ORDERS];
                for (int i = 0; i < ORDERS; i++)
                    d[i] = ouro_natural_renyi(j.f, order[i], j.theta[a], j.theta[b], &j.tmp);
                if (fmax(crowding(&j, j.theta[a]), crowding(&j, j.theta[b])) > 1e5) continue;
                for (int i = 1; i < ORDERS; i++) CHECK(d[i - 1] <= d[i] * (1 + 1e-9) + 1e-9);
                for (int i = 0; i < ORDERS && d[4] > 1e-26 && d[4] < 1e-8;
                     i++) /* alpha / 2 times the squared distance */
                    CHECK_CLOSE(d[i], order[i] * d[4], 1e-2, 0);
                if (!(d[4] < 30)) continue;
                /* the slope at 1 is half the variance of the log ratio, here well below 1e4 times D */
                CHECK_CLOSE(d[3], d[4], 1e-3, 1e-12);
                CHECK_CLOSE(d[5], d[4], 1e-3, 1e-12);
            }
}

/* The form on theta, for models beyond the doubles, where both have digits; and far out, against limits. */
TEST(natural_renyi_in_two_ways) {
    static const double order[] = {0.1, 0.5, 0.8, 2, 3.5};
    size_t seen = 0;
    for (subject j = {0}; subject_next(&j);)
        for (size_t a = 0; natural_of(&j) && natural_of(&j)->renyi && a < j.models; a++)
            for (size_t b = 0; b < j.models; b++)
                for (int i = 0; i < 5; i++) {
                    const double one = natural_of(&j)->renyi(j.f, order[i], j.theta[a], j.theta[b]);
                    const double other = ouro_natural_renyi(j.f, order[i], j.theta[a], j.theta[b], &j.tmp);
                    CHECK_CLOSE(one, other, 1e-9, 1e-13);
                    seen++;
                }
    CHECK(seen > 1000);
}

/* Both shapes so large that the laws are normal of variance mu^3 / lambda: means 1 and 1 + 3 sd, shapes in ratio 1 :
 * 2. */
TEST(natural_renyi_of_sharp_inverse_gaussians) {
    const double log_lambda = 80 * log(10), sd = 1e-40;
    const double a[] = {0, log_lambda}, b[] = {0, log_lambda + log(2)}, c[] = {1e-10, log_lambda};
    const double normal[][2] = {{0, log(sd)}, {0, log(sd) - 0.5 * log(2)}};
    ouro_study s, n;
    ouro_arena tmp = {0};
    REQUIRE(
        setup_loadf(&s, "{'name':'r','truth':{'family':'inverse-gaussian'},'model':{'family':'inverse-gaussian'}}") ==
        OURO_OK);
    REQUIRE(setup_loadf(&n, "{'name':'r','truth':{'family':'gaussian'},'model':{'family':'gaussian'}}") == OURO_OK);
    const ouro_family *f = &s.experiment[0].model, *g = &n.experiment[0].model;
    for (double alpha = 0.3; alpha < 2; alpha += 0.5)
        CHECK_CLOSE(ouro_natural_renyi(f, alpha, a, b, &tmp), ouro_natural_renyi(g, alpha, normal[0], normal[1], &tmp),
                    1e-9, 0);
    CHECK_CLOSE(ouro_natural_renyi(f, 2, a, c, &tmp), 1e60, 1e-9, 0); /* alpha d^2 / (2 sd^2), d = 1e-10 */
    CHECK_CLOSE(ouro_natural_renyi(f, 1, a, c, &tmp), 0.5e60, 1e-9, 0);
    ouro_arena_free(&tmp);
    ouro_study_free(&s), ouro_study_free(&n);
}

/* The integral of p^alpha q^(1 - alpha) done by hand, also with dead categories and models without variance. */
TEST(natural_renyi_by_hand) {
    const struct {
        const char *family, *params;
        double a[4], b[4], alpha, value;
    } lines[] = {
        {"poisson", "", {2}, {3}, 2, 3 - 4 + 4 / 3.0}, /* b - 2 a + a^2 / b */
        {"bernoulli", "", {0.2}, {0.5}, 2, log(0.04 / 0.5 + 0.64 / 0.5)},
        {"exponential", "", {log(2)}, {log(3)}, 2, log(9 / 8.0)}, /* rates: r_a^2 / (r_b (2 r_a - r_b)) */
        {"exponential", "", {log(5)}, {log(2)}, 2, INFINITY},
        /* log(s_b/s_a) + log(s_b^2 / S) / 2 + (m_a - m_b)^2 / S, S = 2 s_b^2 - s_a^2 */
        {"gaussian", "", {0, 0}, {1, log(2)}, 2, log(2) + 0.5 * log(4 / 7.0) + 1 / 7.0},
        {"gaussian", "", {1, log(2)}, {0, 0}, 2, INFINITY},
        {"gaussian", "", {3, -5000}, {3, 0}, 2, 5000 + 0.5 * log(0.5)},
        {"gaussian", "", {2, -5000}, {3, 0}, 2, 5000 + 0.5 * log(0.5) + 0.5},
        {"gaussian", "", {3, 0}, {3, -5000}, 2, INFINITY},
        {"gaussian", "", {3, -INFINITY}, {3, 0}, 2, INFINITY},
        {"exponential", "", {-5000}, {0}, 2, 5000 - log(2)},
        {"categorical",
         "'probabilities':[0.2,0.3,0.5]",
         {0.5, 0.5, 0},
         {0.2, 0.3, 0.5},
         2,
         log(0.25 / 0.2 + 0.25 / 0.3)},
        {"categorical", "'probabilities':[0.2,0.3,0.5]", {0.2, 0.3, 0.5}, {0.5, 0.5, 0}, 2, INFINITY},
        {"categorical",
         "'probabilities':[0.2,0.3,0.5]",
         {0.2, 0.3, 0.5},
         {0.5, 0.5, 0},
         0.5,
         -2 * log(sqrt(0.1) + sqrt(0.15))},
        {"categorical", "'probabilities':[0.2,0.3,0.5]", {1, 0, 0}, {0, 0, 1}, 2, INFINITY},
        {"bernoulli", "", {0}, {0.3}, 2, -log(0.7)}, /* whatever the order */
        {"bernoulli", "", {1}, {0.3}, 3, -log(0.3)},
        {"bernoulli", "", {0.3}, {1}, 2, INFINITY},
        {"bernoulli", "", {1}, {0}, 0.5, INFINITY},
        {"poisson", "", {0}, {3}, 2, 3},
        {"poisson", "", {3}, {0}, 0.5, 3},
        {"geometric", "", {0}, {3}, 1, log(4)},
    };
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        ouro_study s;
        ouro_arena tmp = {0};
        REQUIRE(setup_loadf(&s, "{'name':'r','truth':{'family':'%s'%s%s},'model':{'family':'%s'}}", lines[i].family,
                            *lines[i].params ? "," : "", lines[i].params, lines[i].family) == OURO_OK);
        CHECK_CLOSE(ouro_natural_renyi(&s.experiment[0].model, lines[i].alpha, lines[i].a, lines[i].b, &tmp),
                    lines[i].value, 1e-12, 0);
        ouro_arena_free(&tmp);
        ouro_study_free(&s);
    }
}

TEST(natural_entropy_is_the_closed_form) {
    size_t known = 0;
    for (subject j = {0}; subject_next(&j);)
        for (size_t a = 0; natural_of(&j) && a < j.models; a++) {
            const double h = ouro_natural_entropy(j.f, j.theta[a], &j.tmp), own = j.f->type->entropy(j.f, j.theta[a]);
            if (isnan(h)) continue;
            known++;
            CHECK_CLOSE(h, own, 1e-12, 1e-12 + 1e-14 * crowding(&j, j.theta[a]));
        }
    CHECK(known > 100);
}

/* One parameter: squared drift over the variance. Categories: Pearson's chi-squared over n. A normal law in its own
 * units: d_1^2 + d_2^2 / 2 with d the differences of E z and E z^2. */
TEST(natural_fisher_drift) {
    for (subject j = {0}; subject_next(&j);) {
        const ouro_natural *n = natural_of(&j);
        for (size_t a = 0; n && a < j.models; a++)
            for (size_t b = 0; b < j.models; b++) {
                const double *one = j.theta[a], *other = j.theta[b];
                const double drift = ouro_natural_fisher_drift(j.f, one, other, &j.tmp);
                double mu[2][MOST], V, sum = 0;
                n->mean(j.f, one, mu[0]), n->mean(j.f, other, mu[1]);
                if (n->len(j.f) == 1) {
                    n->covariance(j.f, one, &V);
                    sum = (mu[1][0] - mu[0][0]) * ((mu[1][0] - mu[0][0]) / V);
                    CHECK_CLOSE(drift, sum, 1e-10, 1e-13 * sqrt(sum));
                } else if (j.f->domain.kind == OURO_CATEGORIES) {
                    for (size_t i = 0; i < n->len(j.f); i++)
                        if (one[i] != other[i]) sum += (other[i] - one[i]) * (other[i] - one[i]) / one[i];
                    CHECK_CLOSE(drift, sum, 1e-12, 0);
                } else if (!strcmp(j.name, "gaussian") || !strcmp(j.name, "lognormal")) {
                    const double d = (other[0] - one[0]) * exp(-one[1]), e = d * d + expm1(2 * (other[1] - one[1]));
                    CHECK_CLOSE(drift, d * d + 0.5 * e * e, 1e-9, 1e-13 * sqrt(drift));
                }
            }
    }
}
