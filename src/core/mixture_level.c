/* mixture_level.c: level sets of mixtures of normals along lines, and masses on them by rays. */
#include "core/mixture_level.h"
#include "core/mixture_forms.h"
#include "core/standard.h"
#include "ouro/error.h"
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sort.h>
#include <math.h>

enum { OFFSETS = 9, SEQUENCE = 512, ANGLES = 256 };
/* Where a bump is looked at, in its sd: nearer together than the sum of bumps can turn twice. */
static const double offset[OFFSETS] = {0, 0.5, 1, 1.5, 2, 2.5, 3, 4, 6};

int ouro_line_room(size_t k, ouro_arena *tmp, ouro_line *out) {
    *out = (ouro_line){.k = k, .room = 2 * (k * (2 * OFFSETS - 1) + 1)};
    double *at = ouro_arena_alloc(tmp, 3 * k + 2 * out->room, sizeof *at);
    if (!at) return OURO_ENOMEM;
    out->height = at;
    out->mean = at + k;
    out->sd = at + 2 * k;
    out->x = at + 3 * k;
    out->value = out->x + out->room;
    return OURO_OK;
}

int ouro_line_of(const ouro_gaussians *g, ouro_arena *tmp, ouro_line *out) {
    int ret = ouro_line_room(g->k, tmp, out);
    for (size_t c = 0; c < g->k && !ret; c++) {
        const double sd = g->factor[g->tied ? 0 : c];
        out->height[c] = g->log_weight[c] > -INFINITY ? g->log_weight[c] - log(sd) - 0.5 * log(2 * M_PI) : -INFINITY;
        out->mean[c] = g->mean[c];
        out->sd[c] = sd;
    }
    return ret;
}

static double bump(const ouro_line *s, size_t c, double x) {
    const double z = s->sd[c] < INFINITY ? (x - s->mean[c]) / s->sd[c] : 0;
    return s->height[c] - 0.5 * z * z;
}

/* Logarithm of the sum and, in *slope, the sign of its change. */
static double value_at(const ouro_line *s, double x, double *slope) {
    double top = -INFINITY, sum = 0, change = 0;
    if (s->k == 1) {
        if (slope) *slope = s->mean[0] - x;
        return bump(s, 0, x);
    }
    for (size_t c = 0; c < s->k; c++)
        if (s->height[c] > -INFINITY) top = fmax(top, bump(s, c, x));
    if (top == -INFINITY) return top;
    for (size_t c = 0; c < s->k; c++) {
        if (s->height[c] == -INFINITY) continue;
        const double e = exp(bump(s, c, x) - top);
        sum += e;
        if (s->sd[c] < INFINITY) change += e * (s->mean[c] - x) / s->sd[c] / s->sd[c];
    }
    if (slope) *slope = change;
    return top + log(sum);
}

static void add(ouro_line *s, double x, double from) {
    if (x >= from && isfinite(x)) s->x[s->len++] = x;
}

/* Where the slope changes its sign from that at `low`. */
static double turning(const ouro_line *s, double low, double high, double sign) {
    for (int i = 0; i < 60; i++) {
        double slope;
        const double x = low / 2 + high / 2;
        if (x <= low || x >= high) break;
        value_at(s, x, &slope);
        *(slope * sign > 0 ? &low : &high) = x;
    }
    return low / 2 + high / 2;
}

void ouro_line_trace(ouro_line *s, double from) {
    s->len = 0;
    s->from = from;
    for (size_t c = 0; c < s->k; c++) {
        if (s->height[c] == -INFINITY || !(s->sd[c] < INFINITY)) continue;
        for (int i = 0; i < (s->k > 1 ? OFFSETS : 1); i++) {
            add(s, s->mean[c] + offset[i] * s->sd[c], from);
            if (i) add(s, s->mean[c] - offset[i] * s->sd[c], from);
        }
    }
    if (from > -INFINITY || !s->len) s->x[s->len++] = from > -INFINITY ? from : 0;
    gsl_sort(s->x, 1, s->len);
    double before = 0;
    for (size_t i = 0, n = s->len; i < n; i++) {
        double slope;
        value_at(s, s->x[i], &slope);
        if (i && before * slope < 0) s->x[s->len++] = turning(s, s->x[i - 1], s->x[i], before);
        before = slope;
    }
    gsl_sort(s->x, 1, s->len);
    for (size_t i = 0; i < s->len; i++) s->value[i] = value_at(s, s->x[i], NULL);
}

/* Between a (value fa less the level) and b of opposite signs: regula falsi with Illinois' halving, or bisection where a
 * value is infinite. */
static double cross(const ouro_line *s, double a, double fa, double b, double fb, double level) {
    int side = 0;
    for (int i = 0; i < 100; i++) {
        double x = isfinite(fa) && isfinite(fb) ? b - fb * (b - a) / (fb - fa) : a / 2 + b / 2;
        if (!(x > fmin(a, b) && x < fmax(a, b))) x = a / 2 + b / 2;
        const double f = value_at(s, x, NULL) - level;
        if (f == 0 || fabs(b - a) <= 4e-16 * (fabs(a) + fabs(b))) return x;
        if ((f > 0) == (fb > 0)) {
            if (fabs(b - x) <= 1e-16 * fabs(x) || fabs(f) < 1e-15) return x;
            b = x;
            fb = f;
            if (side == 1) fa /= 2;
            side = 1;
        } else {
            if (fabs(a - x) <= 1e-16 * fabs(x) || fabs(f) < 1e-15) return x;
            a = x;
            fa = f;
            if (side == -1) fb /= 2;
            side = -1;
        }
    }
    return a / 2 + b / 2;
}

/* The crossing beyond the outermost point, upwards or downwards; infinite where there is none. */
static double outer(const ouro_line *s, double x, double f, int up, double level) {
    double reach = 0, constant = 0;
    for (size_t c = 0; c < s->k; c++) {
        if (s->height[c] == -INFINITY) continue;
        if (s->sd[c] < INFINITY)
            reach = fmax(reach, s->sd[c]);
        else
            constant += exp(s->height[c] - level);
    }
    if (constant >= 1 || reach == 0) return up ? INFINITY : -INFINITY;
    for (int i = 0; i < 2000; i++, reach *= 2) {
        const double to = up ? x + reach : x - reach, there = value_at(s, to, NULL) - level;
        if (!isfinite(to)) break;
        if (there < 0) return cross(s, x, f, to, there, level);
    }
    return up ? INFINITY : -INFINITY;
}

size_t ouro_line_level(const ouro_line *s, double level, double *end) {
    size_t n = 0;
    const double first = s->value[0] - level, last = s->value[s->len - 1] - level;
    if (s->k == 1 && s->sd[0] < INFINITY) { /* one bump: its ends are known */
        const double z = sqrt(2 * (s->height[0] - level)), low = s->mean[0] - s->sd[0] * z,
                     high = s->mean[0] + s->sd[0] * z;
        if (!(s->height[0] >= level) || !(high > s->from)) return 0;
        end[0] = fmax(s->from, low);
        end[1] = high;
        return 2;
    }
    if (first >= 0) end[n++] = s->from > -INFINITY ? s->from : outer(s, s->x[0], first, 0, level);
    for (size_t i = 1; i < s->len; i++) {
        const double a = s->value[i - 1] - level, b = s->value[i] - level;
        if ((a >= 0) != (b >= 0)) end[n++] = cross(s, s->x[i - 1], a, s->x[i], b, level);
    }
    if (last >= 0) end[n++] = outer(s, s->x[s->len - 1], last, 1, level);
    return n;
}

int ouro_rays_make(size_t d, ouro_arena *keep, ouro_rays *out) {
    *out = (ouro_rays){.d = d, .n = d == 2 ? ANGLES : 2 * SEQUENCE};
    double *u = out->u = ouro_arena_alloc(keep, out->n * d, sizeof *u);
    ouro_arena tmp = {0};
    ouro_standard set;
    if (!u) return OURO_ENOMEM;
    if (d == 2) {
        for (size_t i = 0; i < ANGLES; i++, u += 2) {
            u[0] = cos(2 * M_PI * ((double)i + 0.5) / ANGLES);
            u[1] = sin(2 * M_PI * ((double)i + 0.5) / ANGLES);
        }
        return OURO_OK;
    }
    int ret = ouro_standard_sequence(d, SEQUENCE, &tmp, &set);
    for (size_t i = 0; i < SEQUENCE && !ret; i++, u += 2 * d) {
        double squares = 0;
        for (size_t j = 0; j < d; j++) {
            u[j] = set.z[(i / OURO_ROWS_BLOCK * d + j) * OURO_ROWS_BLOCK + i % OURO_ROWS_BLOCK];
            squares += u[j] * u[j];
        }
        for (size_t j = 0; j < d; j++) u[d + j] = -(u[j] /= sqrt(squares));
    }
    ouro_arena_free(&tmp);
    return ret;
}

static const double *factor_of(const ouro_gaussians *g, size_t c) {
    return g->factor + (g->tied ? 0 : c * ouro_factor_len(g->d, g->diagonal));
}

static double entry(const ouro_gaussians *g, const double *L, size_t i, size_t j) {
    return g->diagonal ? (i == j ? L[i] : 0) : L[i * (i + 1) / 2 + j];
}

/* y = L^-1 y; returns log det L. */
static double solve(const ouro_gaussians *g, size_t c, double *y) {
    const double *L = factor_of(g, c);
    double sum = 0;
    for (size_t i = 0; i < g->d; i++) {
        for (size_t j = 0; j < i && !g->diagonal; j++) y[i] -= entry(g, L, i, j) * y[j];
        y[i] /= entry(g, L, i, i);
        sum += log(entry(g, L, i, i));
    }
    return sum;
}

/* One component of the model as every component j of the law sees it: a_j = L_j^-1 (mean - m_j), the columns of
 * M_j = L_j^-1 L, and the logarithm of the density's constant. */
typedef struct outlook {
    size_t k, d;
    double *a, *M, *constant; /* [k][d], [k][column][d], [k] */
} outlook;

static void look(const ouro_gaussians *model, size_t c, const ouro_gaussians *law, outlook *o) {
    const size_t d = o->d;
    for (size_t j = 0; j < law->k; j++) {
        double *a = o->a + j * d;
        if (law->log_weight[j] == -INFINITY) {
            o->constant[j] = -INFINITY;
            continue;
        }
        for (size_t i = 0; i < d; i++) a[i] = model->mean[c * d + i] - law->mean[j * d + i];
        o->constant[j] = law->log_weight[j] - solve(law, j, a) - 0.5 * (double)d * log(2 * M_PI);
        for (size_t l = 0; l < d; l++) {
            double *column = o->M + (j * d + l) * d;
            for (size_t i = 0; i < d; i++) column[i] = i < l ? 0 : entry(model, factor_of(model, c), i, l);
            solve(law, j, column);
        }
    }
}

/* The law along mean + r L u. */
static void along(const outlook *o, const double *u, double *b, ouro_line *line) {
    const size_t d = o->d;
    for (size_t j = 0; j < o->k; j++) {
        const double *a = o->a + j * d;
        double bb = 0, ab = 0, aa = 0;
        for (size_t i = 0; i < d; i++) {
            b[i] = 0;
            for (size_t l = 0; l <= i; l++) b[i] += o->M[(j * d + l) * d + i] * u[l];
            bb += b[i] * b[i];
            ab += a[i] * b[i];
            aa += a[i] * a[i];
        }
        const int flat = !(bb > 0) || o->constant[j] == -INFINITY;
        line->height[j] = o->constant[j] - 0.5 * (flat ? aa : fmax(0, aa - ab / bb * ab));
        line->mean[j] = flat ? 0 : -ab / bb;
        line->sd[j] = flat ? INFINITY : 1 / sqrt(bb);
    }
}

/* P(chi > r) with d degrees of freedom, 1 at 0 */
static double chi_beyond(size_t d, double r) {
    if (!(r > 0)) return 1;
    if (d == 2) return exp(-0.5 * r * r);
    return r < 1e100 ? gsl_cdf_chisq_Q(r * r, (double)d) : 0;
}

/* Mass of the distance outside the intervals between n ends: what lies before the first, between them and beyond. */
static double outside(size_t d, size_t n, const double *end) {
    double sum = 0, before = 1;
    for (size_t i = 0; i < n; i += 2) {
        const double first = end[i];
        if (i == 0)
            sum += first > 0 ? d == 2 ? -expm1(-0.5 * first * first) : gsl_cdf_chisq_P(first * first, (double)d) : 0;
        else
            sum += before - chi_beyond(d, first);
        before = chi_beyond(d, end[i + 1]);
    }
    return sum + before;
}

void ouro_level_mass(const ouro_gaussians *model, const ouro_gaussians *law, const ouro_rays *rays, size_t len,
                     const double *level, ouro_arena *tmp, double *mass) {
    const ouro_arena_mark mark = ouro_arena_here(tmp);
    const size_t d = model->d;
    ouro_line line = {0};
    outlook o = {.k = law->k, .d = d};
    double *end = NULL, *b = ouro_arena_alloc(tmp, d + law->k * (d + d * d + 1), sizeof *b);
    int ret = b ? ouro_line_room(law->k, tmp, &line) : OURO_ENOMEM;
    if (!ret) end = ouro_arena_alloc(tmp, ouro_line_ends(&line), sizeof *end);
    for (size_t i = 0; i < len; i++) mass[i] = end ? 0 : NAN;
    if (!end) goto out;
    o.a = b + d;
    o.M = o.a + law->k * d;
    o.constant = o.M + law->k * d * d;
    for (size_t c = 0; c < model->k; c++) {
        if (model->log_weight[c] == -INFINITY) continue;
        const double share = exp(model->log_weight[c]) / (double)rays->n;
        look(model, c, law, &o);
        for (size_t r = 0; r < rays->n; r++) {
            along(&o, rays->u + r * d, b, &line);
            ouro_line_trace(&line, 0);
            for (size_t i = 0; i < len; i++) mass[i] += share * outside(d, ouro_line_level(&line, level[i], end), end);
        }
    }
out:
    ouro_arena_reset(tmp, mark);
}
