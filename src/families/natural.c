/* natural.c: what follows from the natural form of a family (natural.h). Exports no plug-in. */
#include "ouro/natural.h"
#include "core/kernels.h"
#include <float.h>
#include <math.h>
#include <string.h>

/* Two models in their common frame, and room to work in. */
typedef struct pair {
    const ouro_family *f;
    const ouro_natural *n;
    size_t p;
    double *a, *b, *between;      /* theta[theta_len] */
    double *ea, *eb, *e, *d, *Vd; /* [p]: natural parameters, one between them, eb - ea, V (eb - ea) */
    double *V;                    /* [p x p], where the family has no `times` */
} pair;

static double *room(ouro_arena *tmp, size_t len) { return ouro_arena_alloc(tmp, len, sizeof(double)); }

/* Adds `by` times the location of `from` to that of theta, where the family has one: an origin for families without
 * a frame of their own. */
static void shift(const ouro_family *f, const double *from, double by, double *theta) {
    size_t first = f->type->theta_location;
    for (size_t j = 0; first != OURO_NOWHERE && j < f->domain.dim; j++) theta[first + j] += by * from[first + j];
}

static int pair_make(pair *m, const ouro_family *f, const double *a, const double *b, ouro_arena *tmp) {
    const ouro_natural *n = f->type->natural;
    *m = (pair){.f = f, .n = n, .p = n->len(f)};
    size_t p = m->p, q = f->theta_len;
    m->a = room(tmp, 3 * q);
    m->ea = room(tmp, 5 * p);
    if (!n->times) m->V = room(tmp, p * p);
    if (!m->a || !m->ea || (!n->times && !m->V)) return 0;
    m->b = m->a + q;
    m->between = m->b + q;
    m->eb = m->ea + p;
    m->e = m->eb + p;
    m->d = m->e + p;
    m->Vd = m->d + p;
    memcpy(m->a, a, q * sizeof *a);
    memcpy(m->b, b, q * sizeof *b);
    if (n->frame) {
        double frame[2];
        n->frame(f, a, b, frame);
        n->move(f, frame, 0, m->a);
        n->move(f, frame, 0, m->b);
    }
    if (!n->frame) {
        shift(f, a, -1, m->b);
        shift(f, a, -1, m->a);
    }
    n->parameter(f, m->a, m->ea);
    n->parameter(f, m->b, m->eb);
    return 1;
}

static int all_finite(size_t p, const double *x) {
    for (size_t i = 0; i < p; i++)
        if (!isfinite(x[i])) return 0;
    return 1;
}

/* Whether the integral of the curvature may be taken from one to the other: where a category is dead in both, too. */
static int inside(const pair *m) {
    for (size_t i = 0; i < m->p; i++) {
        int both = m->n->boundary == OURO_BOUNDARY_CONTINUED && m->ea[i] == m->eb[i];
        if (!both && !(isfinite(m->ea[i]) && isfinite(m->eb[i]))) return 0;
    }
    return 1;
}

/* alpha x + beta y where equal infinities stay what they are */
static double mixed(double alpha, double x, double beta, double y) { return x == y ? x : alpha * x + beta * y; }

/* V v into out; returns the sum of |v_i V_ij v_j|, or 0 where V is not at hand */
static double curve(const pair *m, const double *theta, const double *v, double *out) {
    double size = 0;
    if (m->n->times) {
        m->n->times(m->f, theta, v, out);
        return 0;
    }
    m->n->covariance(m->f, theta, m->V);
    for (size_t i = 0; i < m->p; i++) {
        out[i] = 0;
        for (size_t j = 0; j < m->p; j++) {
            double part = m->V[i * m->p + j] * v[j];
            out[i] += part;
            size += fabs(v[i] * part);
        }
    }
    return size;
}

/* Second derivative of A along the way from a (s = 0) to b (s = 1), d' V d; *error: what rounding of the parameters
 * does to it. NaN where there is no model. */
static double curvature(const pair *m, double s, double *error) {
    double sum = 0;
    for (size_t i = 0; i < m->p; i++) m->e[i] = mixed(1 - s, m->ea[i], s, m->eb[i]);
    if (!m->n->model(m->f, m->e, m->between)) {
        *error = INFINITY;
        return NAN;
    }
    *error = 4 * DBL_EPSILON * curve(m, m->between, m->d, m->Vd);
    for (size_t i = 0; i < m->p; i++) {
        if (m->d[i] == 0 || m->Vd[i] == 0) continue;
        sum += m->d[i] * m->Vd[i];
        *error += 4 * DBL_EPSILON * fabs(m->Vd[i]) * (fabs(m->ea[i]) + fabs(m->eb[i]));
    }
    return sum;
}

/* Taylor's formula with the remainder as an integral: with x = 1 - alpha, D_alpha is the integral of the curvature
 * with this weight over [min(x, 0), 1]; it has a kink at x, or at 0 for x < 0. */
static double weight_of(double x, double s) {
    if (s < 0) return (s - x) / -x;
    return x > 0 && s < x ? s * (1 - x) / x : 1 - s;
}

/* Gauss-Legendre with 8 nodes on each of `cuts` parts of [from, to]. */
static double integral(const pair *m, double x, double from, double to, int cuts, double *error) {
    static const double node[4] = {0.1834346424956498, 0.5255324099163290, 0.7966664774136267, 0.9602898564975363};
    static const double weight[4] = {0.3626837833783620, 0.3137066458778873, 0.2223810344533745, 0.1012285362903763};
    double half = (to - from) / (2 * cuts), sum = 0;
    for (int c = 0; c < cuts; c++)
        for (int i = 0; i < 8; i++) {
            double s = from + half * (2 * c + 1) + (i < 4 ? -node[i] : node[i - 4]) * half, wrong;
            double w = half * weight[i & 3] * weight_of(x, s);
            sum += w * curvature(m, s, &wrong);
            *error += w * wrong;
        }
    return sum;
}

/* D_alpha by the integral; *error is what two rules differ by, and rounding. */
static double by_curvature(pair *m, double x, double *error) {
    double kink = x > 0 && x < 1 ? x : 0, from = fmin(x, 0), wrong = 0, sum[2] = {0};
    for (size_t i = 0; i < m->p; i++) m->d[i] = m->ea[i] == m->eb[i] ? 0 : m->eb[i] - m->ea[i];
    if (!all_finite(m->p, m->d)) return NAN;
    for (int k = 0; k < 2; k++) {
        wrong = 0;
        if (kink > from) sum[k] += integral(m, x, from, kink, k + 1, &wrong);
        sum[k] += integral(m, x, kink, 1, k + 1, &wrong);
    }
    *error = fabs(sum[1] - sum[0]) + wrong + DBL_EPSILON * sum[1];
    return sum[1];
}

/* What a relative error of eta does to A, beside that of A itself. */
static double sensitivity(const pair *m, const double *theta, const double *eta) {
    double sum = 0;
    m->n->mean(m->f, theta, m->d);
    for (size_t i = 0; i < m->p; i++)
        if (m->d[i] != 0 && isfinite(m->d[i])) sum += fabs(m->d[i] * eta[i]);
    return sum;
}

/* D_alpha by its formula, *size the sum of what is subtracted. */
static double by_formula(const pair *m, double alpha, double *size) {
    double A = m->n->potential(m->f, m->a), B = m->n->potential(m->f, m->b), sum = 0;
    if (alpha == 1) {
        m->n->mean(m->f, m->a, m->e);
        *size = fabs(A) + fabs(B);
        for (size_t i = 0; i < m->p; i++) {
            if (m->e[i] == 0 || m->ea[i] == m->eb[i]) continue;
            sum += m->e[i] * (m->eb[i] - m->ea[i]);
            *size += fabs(m->e[i]) * (fabs(m->ea[i]) + fabs(m->eb[i]));
        }
        return (B - A) - sum;
    }
    for (size_t i = 0; i < m->p; i++) m->e[i] = mixed(alpha, m->ea[i], 1 - alpha, m->eb[i]);
    double C = m->n->log_partition(m->f, m->e);
    if (C == -INFINITY) return INFINITY; /* no point in common */
    *size = (fabs(C) + alpha * (fabs(A) + sensitivity(m, m->a, m->ea)) +
             fabs(1 - alpha) * (fabs(B) + sensitivity(m, m->b, m->eb))) /
            fabs(alpha - 1);
    return (C - alpha * A - (1 - alpha) * B) / (alpha - 1);
}

/* One model at least has an infinite parameter. A - B of two infinities, or a point of nobody: nothing in common. */
static double on_the_boundary(const pair *m, double alpha) {
    double size;
    if (m->n->boundary == OURO_BOUNDARY_OPEN) return NAN;
    if (m->n->boundary == OURO_BOUNDARY_SINGULAR) return INFINITY;
    double value = by_formula(m, alpha, &size);
    return isnan(value) ? INFINITY : fmax(value, 0);
}

/* By the formula where it keeps enough digits, else by the integral; NaN where neither tells, or where the family's
 * own form will tell more. */
static double within(pair *m, double alpha) {
    double size = 0, value = by_formula(m, alpha, &size), error = 4 * DBL_EPSILON * size, wrong = INFINITY;
    if (isfinite(value) && !(error < 1e-12 * value)) {
        double other = by_curvature(m, 1 - alpha, &wrong);
        if (wrong < error) {
            value = other;
            error = wrong;
        }
        if (m->n->renyi ? error > 1e-13 && error > 1e-9 * value : error > 1e-9 && error > 1e-2 * value) return NAN;
    }
    return value < 0 ? 0 : value;
}

/* The family's own form on theta, for where the natural one has few digits. */
static double own_form(const ouro_family *f, double alpha, const double *a, const double *b) {
    if (alpha != 1) return f->type->natural->renyi(f, alpha, a, b);
    return f->type->divergence ? f->type->divergence(f, OURO_KL, a, b) : NAN;
}

double ouro_natural_renyi(const ouro_family *f, double alpha, const double *a, const double *b, ouro_arena *tmp) {
    pair m;
    double value = NAN;
    if (!memcmp(a, b, f->theta_len * sizeof *a)) return 0;
    ouro_arena_mark mark = ouro_arena_here(tmp);
    if (pair_make(&m, f, a, b, tmp)) {
        int open = !inside(&m);
        if (!open) value = within(&m, alpha);
        if (m.n->renyi && isnan(value)) value = own_form(f, alpha, a, b);
        if (!m.n->renyi && open) value = on_the_boundary(&m, alpha);
    }
    ouro_arena_reset(tmp, mark);
    return value;
}

double ouro_natural_kl(const ouro_family *f, const double *a, const double *b, ouro_arena *tmp) {
    return ouro_natural_renyi(f, 1, a, b, tmp);
}

/* 1 - H^2 = integral of sqrt(a b) = exp(-D / 2), D of order 1/2 */
double ouro_natural_hellinger(const ouro_family *f, const double *a, const double *b, ouro_arena *tmp) {
    return sqrt(-expm1(-0.5 * ouro_natural_renyi(f, 0.5, a, b, tmp)));
}

/* V becomes its Cholesky factor, lower triangle; 0 when it is not positive definite. */
static int cholesky(size_t p, double *V) {
    for (size_t j = 0; j < p; j++) {
        double pivot = V[j * p + j];
        for (size_t k = 0; k < j; k++) pivot -= V[j * p + k] * V[j * p + k];
        if (!(pivot > 0 && pivot < INFINITY)) return 0;
        V[j * p + j] = sqrt(pivot);
        for (size_t i = j + 1; i < p; i++) {
            double sum = V[i * p + j];
            for (size_t k = 0; k < j; k++) sum -= V[i * p + k] * V[j * p + k];
            V[i * p + j] = sum / V[j * p + j];
        }
    }
    return 1;
}

/* x of (weight V + diag(ridge)) x = b; V is scratch where the family solves by itself. Rows and columns are first
 * divided by the roots of the diagonal, since parameters may differ by many orders. */
static int solve(const pair *m, const double *theta, double weight, const double *ridge, const double *b, double *x) {
    size_t p = m->p;
    double *V = m->V, *unit = m->e;
    if (m->n->solve) return m->n->solve(m->f, theta, weight, ridge, b, x);
    m->n->covariance(m->f, theta, V);
    for (size_t i = 0; i < p; i++) {
        for (size_t j = 0; j < p; j++) V[i * p + j] *= weight;
        if (ridge) V[i * p + i] += ridge[i];
        unit[i] = sqrt(V[i * p + i]);
        if (!(unit[i] > 0 && unit[i] < INFINITY)) return 0;
    }
    for (size_t i = 0; i < p; i++)
        for (size_t j = 0; j < p; j++) V[i * p + j] = V[i * p + j] / unit[i] / unit[j];
    if (!cholesky(p, V)) return 0;
    for (size_t i = 0; i < p; i++) {
        x[i] = b[i] / unit[i];
        for (size_t k = 0; k < i; k++) x[i] -= V[i * p + k] * x[k];
        x[i] /= V[i * p + i];
    }
    for (size_t i = p; i-- > 0;) {
        for (size_t k = i + 1; k < p; k++) x[i] -= V[k * p + i] * x[k];
        x[i] /= V[i * p + i];
    }
    for (size_t i = 0; i < p; i++) x[i] /= unit[i];
    return 1;
}

double ouro_natural_fisher_drift(const ouro_family *f, const double *a, const double *b, ouro_arena *tmp) {
    pair m;
    double sum = NAN;
    ouro_arena_mark mark = ouro_arena_here(tmp);
    if (pair_make(&m, f, a, b, tmp)) {
        m.n->mean(f, m.a, m.ea);
        m.n->mean(f, m.b, m.eb);
        for (size_t i = 0; i < m.p; i++) m.d[i] = m.eb[i] - m.ea[i];
        sum = solve(&m, m.a, 1, NULL, m.d, m.Vd) ? 0 : memcmp(m.a, m.b, f->theta_len * sizeof *a) ? INFINITY : 0;
        for (size_t i = 0; i < m.p && isfinite(sum); i++) sum += m.d[i] * m.Vd[i];
    }
    ouro_arena_reset(tmp, mark);
    return sum;
}

double ouro_natural_entropy(const ouro_family *f, const double *theta, ouro_arena *tmp) {
    pair m;
    double value = NAN;
    if (!f->type->natural->mean_log_carrier) return NAN;
    ouro_arena_mark mark = ouro_arena_here(tmp);
    if (pair_make(&m, f, theta, theta, tmp)) {
        m.n->parameter(f, theta, m.ea);
        m.n->mean(f, theta, m.e);
        value = m.n->potential(f, theta) - m.n->mean_log_carrier(f, theta);
        for (size_t i = 0; i < m.p; i++)
            if (m.e[i] != 0) value -= m.ea[i] * m.e[i];
    }
    ouro_arena_reset(tmp, mark);
    return value;
}

/* Whether t(X) never varies: V y = 0 for a y that is no multiple of 1. */
static int is_point(const pair *m, const double *theta) {
    for (size_t i = 0; i < m->p; i++) m->d[i] = (double)i + 1;
    curve(m, theta, m->d, m->Vd);
    for (size_t i = 0; i < m->p; i++)
        if (m->Vd[i] != 0) return 0;
    return 1;
}

int ouro_natural_extrapolate(const ouro_family *f, ouro_coordinate in, double w, const double *base, const double *away,
                             ouro_arena *tmp, double *theta, ouro_fit_info *info) {
    pair m;
    ouro_arena_mark mark = ouro_arena_here(tmp);
    int ret = OURO_ENOMEM, whole = 1;
    const size_t q = f->theta_len, dim = f->domain.dim, at = f->type->theta_location;
    double *placed = room(tmp, q); /* away, centred: at base's own place */
    if (placed) memcpy(placed, away, q * sizeof *away);
    if (placed && in == OURO_IN_CENTRED) memcpy(placed + at, base + at, dim * sizeof *base);
    if (placed && pair_make(&m, f, base, placed, tmp)) {
        ret = OURO_OK;
        if (in != OURO_IN_NATURAL) {
            m.n->mean(f, m.a, m.ea);
            m.n->mean(f, m.b, m.eb);
        }
        for (size_t i = 0; i < m.p; i++) {
            m.e[i] = mixed(1 + w, m.ea[i], -w, m.eb[i]);
            whole &= isfinite(m.e[i]) || m.ea[i] == m.eb[i];
        }
        whole = whole && (in == OURO_IN_NATURAL ? m.n->model : m.n->model_of_mean)(f, m.e, m.between);
        info->refused = !whole;
        if (whole) {
            info->absorbed = is_point(&m, m.between);
            if (m.n->frame) {
                double frame[2];
                m.n->frame(f, base, placed, frame);
                m.n->move(f, frame, 1, m.between);
            } else {
                shift(f, base, 1, m.between);
            }
            for (size_t j = 0; in == OURO_IN_CENTRED && j < dim; j++)
                m.between[at + j] = base[at + j] + w * (base[at + j] - away[at + j]);
            memcpy(theta, m.between, q * sizeof *theta);
        }
    }
    ouro_arena_reset(tmp, mark);
    return ret;
}

/* A penalised fit: W (eta . t - A(eta)) - sum_i ridge_i / 2 (eta_i - ref_i)^2. */
typedef struct ascent {
    pair m;
    double W, *t, *ref, *ridge, *eta, *trial, *gradient, *step;
} ascent;

static double objective(const ascent *s, const double *eta) {
    double sum = -s->m.n->log_partition(s->m.f, eta), pull = 0;
    for (size_t i = 0; i < s->m.p; i++) {
        if (s->t[i] != 0) sum += eta[i] * s->t[i];
        if (s->ridge[i] > 0) pull += 0.5 * s->ridge[i] * (eta[i] - s->ref[i]) * (eta[i] - s->ref[i]);
    }
    return s->W * sum - pull;
}

/* Gradient and Newton step at the model m.a of s->eta; returns their product, the squared distance to the top in
 * standard errors, or NaN. */
static double newton_step(ascent *s) {
    double sum = 0;
    s->m.n->mean(s->m.f, s->m.a, s->gradient);
    for (size_t i = 0; i < s->m.p; i++) {
        s->gradient[i] = s->W * (s->t[i] - s->gradient[i]);
        if (s->ridge[i] > 0) s->gradient[i] -= s->ridge[i] * (s->eta[i] - s->ref[i]);
    }
    if (!solve(&s->m, s->m.a, s->W, s->ridge, s->gradient, s->step)) return NAN;
    for (size_t i = 0; i < s->m.p; i++) sum += s->gradient[i] * s->step[i];
    return sum;
}

/* Halves the step until it leads to a model, and up: near the top, where rounding hides the rise, a model is enough. */
static int climb(ascent *s, double rise, double near) {
    const ouro_family *f = s->m.f;
    double here = rise < near ? 0 : objective(s, s->eta);
    for (double by = 1; by > 1e-18; by /= 2) {
        for (size_t i = 0; i < s->m.p; i++) s->trial[i] = s->step[i] == 0 ? s->eta[i] : s->eta[i] + by * s->step[i];
        if (!s->m.n->model(f, s->trial, s->m.between)) continue;
        if (rise >= near && !(objective(s, s->trial) >= here + 1e-4 * by * rise)) continue;
        memcpy(s->eta, s->trial, s->m.p * sizeof *s->eta);
        memcpy(s->m.a, s->m.between, f->theta_len * sizeof *s->m.a);
        return 1;
    }
    return 0;
}

/* Newton's method squares the distance once it is small: below `done` one more step leaves rounding alone. */
static void ascend(ascent *s, ouro_fit_info *info) {
    enum { MOST_ITERATIONS = 200 };
    const double unit = fmin(s->W, 1), near = 1e-3 * unit, done = 1e-14 * unit;
    double before = INFINITY;
    for (info->iterations = 0; info->iterations < MOST_ITERATIONS && !info->converged; info->iterations++) {
        double rise = newton_step(s);
        if (isnan(rise)) return;
        info->converged = rise <= done || (rise < near && rise >= before);
        if (rise >= before && rise < near) return;
        before = rise;
        if (!climb(s, rise, near)) return;
    }
}

/* Where to start: maximum likelihood, and the centre where that lies at infinity. Returns 0 when the penalty says
 * nothing. */
static int ascent_start(ascent *s, const double *T, const ouro_penalty *penalty, int scaled) {
    const ouro_family *f = s->m.f;
    ouro_fit_info info;
    int each = f->domain.kind == OURO_CATEGORIES, open = 0; /* of which each one may be dead or alive */
    s->W = s->m.n->observed(f, T, s->t);
    s->m.n->parameter(f, penalty->towards, s->ref);
    f->type->fit_mle(f, T, s->m.a, &info);
    s->m.n->parameter(f, s->m.a, s->eta);
    int inside = all_finite(s->m.p, s->eta);
    for (size_t i = 0; i < s->m.p; i++) {
        int known = isfinite(s->ref[i]);
        s->ridge[i] = known ? penalty->strength * (scaled ? s->W : 1) : 0;
        open += known;
        if (known && !(each ? isfinite(s->eta[i]) : inside)) s->eta[i] = s->ref[i];
    }
    return (each ? open > 0 : open == (int)s->m.p) && s->m.n->model(f, s->eta, s->m.a);
}

int ouro_natural_penalised(const ouro_family *f, const double *T, const ouro_penalty *penalty, int scaled,
                           ouro_arena *tmp, double *theta, ouro_fit_info *info) {
    ascent s = {0};
    ouro_arena_mark mark = ouro_arena_here(tmp);
    int ret = OURO_ENOMEM;
    if (!pair_make(&s.m, f, penalty->towards, penalty->towards, tmp)) goto out;
    size_t p = s.m.p;
    if (!(s.t = room(tmp, 7 * p))) goto out;
    s.ref = s.t + p;
    s.ridge = s.ref + p;
    s.eta = s.ridge + p;
    s.trial = s.eta + p;
    s.gradient = s.trial + p;
    s.step = s.gradient + p;
    ret = OURO_OK;
    *info = (ouro_fit_info){0};
    if (ascent_start(&s, T, penalty, scaled)) {
        ascend(&s, info);
        info->absorbed = is_point(&s.m, s.m.a);
        memcpy(theta, s.m.a, f->theta_len * sizeof *theta);
    } else {
        f->type->fit_mle(f, T, theta, info);
        info->refused = 1;
    }
out:
    ouro_arena_reset(tmp, mark);
    return ret;
}
