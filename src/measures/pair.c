/* pair.c: which pairs of laws can be compared, and their contrasts. */
#include "pair.h"
#include "ouro/nef.h"
#include <math.h>

ouro_pair ouro_pair_of(const ouro_setting *s) {
    const ouro_domain *d = &s->truth->domain;
    const ouro_family_type *p = s->truth->family.type, *q = s->model->type;
    if (!p) return OURO_NO_PAIR;
    if (d->kind == OURO_CATEGORIES) return OURO_CATEGORY_PAIR;
    if (d->covariates) return OURO_NO_PAIR;
    if (p->finite || q->finite)
        return p == q && s->truth->family.theta_len == s->model->theta_len ? OURO_POINT_PAIR : OURO_NO_PAIR;
    if (d->dim > 1) return p->gaussians && q->gaussians ? OURO_SPACE_PAIR : OURO_NO_PAIR;
    if (!ouro_on_the_line(p) || !ouro_on_the_line(q)) return OURO_NO_PAIR;
    if (!d->lattice) return OURO_LINE_PAIR;
    return p->gaussians || q->gaussians || (q->nef && !q->nef->lattice) ? OURO_NO_PAIR : OURO_LATTICE_PAIR;
}

const char *ouro_pair_missing(const ouro_setting *s) {
    if (ouro_pair_of(s)) return NULL;
    if (!s->truth->family.type) return "observed numbers have no density to compare with";
    if (s->truth->domain.covariates) return "the laws are of a response given covariates";
    if (s->truth->domain.lattice) return "one law has probabilities of whole numbers, the other has not";
    return s->truth->domain.dim > 1 ? "in several dimensions it is for normals and their mixtures"
                                    : "one of the laws has no density on file";
}

const char *ouro_pair_method(const ouro_setting *s, int absolute) {
    switch (ouro_pair_of(s)) {
    case OURO_CATEGORY_PAIR:
    case OURO_POINT_PAIR: return "sum over all points; rounding only";
    case OURO_LATTICE_PAIR:
        return "sum over all whole numbers of both but 1e-17 of their mass, every s-th beyond 8192 of them; relative "
               "error below 1e-6 then, rounding only otherwise";
    case OURO_LINE_PAIR:
        return "Gauss-Legendre panels of 8 nodes on both laws; absolute error below 1e-9, relative for kl";
    case OURO_SPACE_PAIR:
        if (s->truth->domain.dim == 2)
            return absolute
                       ? "trapezoid grid of 64^2 points per component of both, 128^2 once their axes differ by more "
                         "than 2; relative error about 2e-4, from the edge where the densities cross"
                       : "trapezoid grid of 64^2 points per component of both, 128^2 once their axes differ by more "
                         "than 2; relative error about 1e-9 up to there, 1e-6 at a ratio of 5, 1e-5 at 10";
        return s->truth->domain.dim <= OURO_SOBOL_MOST
                   ? "one scrambled Sobol set of 4096 points per component of both, whitened; relative error 2e-3 "
                     "in five dimensions, up to 1e-2 in ten where components overlap"
                   : "one fixed set of 4096 paired normal points per component of both; relative error about 1e-2";
    case OURO_NO_PAIR: break;
    }
    return NULL;
}

/* Both sides' probabilities of n points, as one weight of their mean each. */
static ouro_contrast of_points(size_t n, const double *p, const double *q) {
    ouro_contrast out = {0};
    for (size_t i = 0; i < n; i += 8) {
        double log_p[8], log_q[8], weight[8];
        for (size_t l = 0; l < 8; l++) {
            const size_t at = i + l < n ? i + l : i;
            weight[l] = i + l < n ? 0.5 * (p[at] + q[at]) : 0;
            log_p[l] = log(p[at]);
            log_q[l] = log(q[at]);
        }
        ouro_contrast_add(8, log_p, log_q, weight, &out);
    }
    return out;
}

/* What atoms of the model add: the truth gives them nothing. */
static void add_atoms(double atoms, ouro_contrast *c) {
    if (!(atoms > 0)) return;
    c->kl[0] += atoms;
    c->kl[1] = INFINITY;
    c->js += 0.5 * atoms * M_LN2;
    c->hellinger += 0.5 * atoms;
    c->tv += 0.5 * atoms;
}

static int of_laws(const ouro_setting *s, const ouro_observation *o, ouro_pair kind, int tv, ouro_arena *tmp,
                   ouro_contrast *out) {
    const ouro_nodes *nodes = s->nodes;
    ouro_law q;
    ouro_panels panels;
    int ret;
    if (!nodes) OURO_TRY(ouro_nodes_prepare(s, tmp, &nodes));
    OURO_TRY(ouro_law_of(s->model, o->theta, tmp, &q));
    if (kind == OURO_SPACE_PAIR) {
        OURO_TRY(ouro_nodes_contrast(nodes, &q, tmp, out));
    } else {
        OURO_TRY(ouro_panels_make(&nodes->truth, &q, tmp, &panels));
        OURO_TRY(ouro_panels_contrast(&panels, tv, tmp, out));
        q.atoms = panels.q.atoms; /* with what is too narrow for the nodes */
        if (panels.p.atoms > 0) *out = (ouro_contrast){{NAN, NAN}, NAN, NAN, NAN, NAN};
    }
    add_atoms(q.atoms, out);
    if (q.atoms > 1 - 1e-9 && !isnan(out->js)) *out = (ouro_contrast){{INFINITY, INFINITY}, M_LN2, 1, 1, INFINITY};
out:
    return ret;
}

/* Rounding does not take anything beyond its bounds; a ratio of 1e300 is one of a density and nothing. */
static double within(double x, double most) { return x > most ? most : x < 0 ? 0 : x; }
static double finite_or_inf(double x) { return x > 1e220 ? INFINITY : x < 0 ? 0 : x; }

ouro_contrast ouro_pair_contrast(const ouro_setting *s, const ouro_observation *o, int tv) {
    const ouro_pair kind = ouro_pair_of(s);
    ouro_arena own = {0}, *tmp = o->tmp ? o->tmp : &own;
    const ouro_arena_mark mark = ouro_arena_here(tmp);
    ouro_contrast c;
    int ret = OURO_OK;
    if (kind == OURO_CATEGORY_PAIR)
        c = of_points(s->truth->mean_len, s->truth->moments.mean, o->moments->mean);
    else if (kind == OURO_POINT_PAIR)
        c = of_points(s->model->theta_len, s->truth->theta, o->theta);
    else
        ret = of_laws(s, o, kind, tv, tmp, &c);
    if (!o->tmp)
        ouro_arena_free(&own);
    else
        ouro_arena_reset(tmp, mark);
    if (ret) return (ouro_contrast){{NAN, NAN}, NAN, NAN, NAN, NAN};
    return (ouro_contrast){{finite_or_inf(c.kl[0]), finite_or_inf(c.kl[1])},
                           within(c.js, M_LN2),
                           within(c.hellinger, 1),
                           within(c.tv, 1),
                           c.r};
}

static int cross_entropy(const ouro_setting *s, const ouro_observation *o, ouro_arena *tmp, double *out) {
    const ouro_nodes *nodes = s->nodes;
    ouro_law q;
    ouro_panels panels;
    int ret;
    if (!nodes) OURO_TRY(ouro_nodes_prepare(s, tmp, &nodes));
    OURO_TRY(ouro_law_of(s->model, o->theta, tmp, &q));
    *out = INFINITY;
    if (q.atoms > 1 - 1e-9) goto out;
    if (ouro_pair_of(s) == OURO_SPACE_PAIR) {
        ret = ouro_nodes_cross_entropy(nodes, &q, tmp, out);
        goto out;
    }
    OURO_TRY(ouro_panels_make(&nodes->truth, &q, tmp, &panels));
    if (q.gaussian && s->truth->moments.trace == INFINITY) goto out; /* E x^2 */
    *out = 0;
    for (size_t i = 0; i < panels.n; i++) {
        const double mass = panels.weight[i] * exp(panels.log_p[i]);
        if (mass > 0) *out -= mass * panels.log_q[i];
    }
out:
    return ret;
}

double ouro_pair_cross_entropy(const ouro_setting *s, const ouro_observation *o) {
    ouro_arena own = {0}, *tmp = o->tmp ? o->tmp : &own;
    const ouro_arena_mark mark = ouro_arena_here(tmp);
    double value = NAN;
    if (ouro_pair_of(s) == OURO_POINT_PAIR) {
        value = 0;
        for (size_t i = 0; i < s->model->theta_len; i++)
            if (s->truth->theta[i] > 0) value -= s->truth->theta[i] * log(o->theta[i]);
    } else if (cross_entropy(s, o, tmp, &value)) {
        value = NAN;
    }
    ouro_arena_reset(tmp, mark);
    if (!o->tmp) ouro_arena_free(&own);
    return value;
}
