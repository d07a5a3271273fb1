/* wright_fisher.c: expected number of categories alive when every fit sees one synthetic batch.
 *
 * Lump all categories but one: the count of that one is the haploid Wright-Fisher chain with binomial transitions, so
 * E support_t = sum_i P(category i alive at t) and E missing mass = sum_i p_i P(it is not), exactly.
 * u_t(p) = P(alive t steps after probability p) obeys
 *     u_0(p) = [p > 0],   u_{s+1}(p) = sum_k Bin(k; n, p) u_s(k / n).
 * A bernoulli is such a chain itself: with u_0(p) = [p is 0 or 1] it gives the share of replicates absorbed.
 * Batch sizes must not grow, so that one (n+1)-vector serves every step. The binomial is cut where its mass is below
 * 1e-18 of the mode, which changes no digit of a double sum. O(T n sqrt n), hence the limit on n.            */
#include "ouro/law.h"
#include <math.h>
#include <string.h>

#define MOST_POINTS 20000
#define NEGLIGIBLE 1e-18

/* sum_k Bin(k; n, p) u[k], from the mode outwards */
static double expect(uint64_t n, double p, const double *u) {
    if (p <= 0) return u[0];
    if (p >= 1) return u[n];
    uint64_t mode = (uint64_t)(((double)n + 1) * p);
    if (mode > n) mode = n;
    double odds = p / (1 - p), weight = 1, total = 1, sum = u[mode];
    for (uint64_t k = mode; k < n; k++) {
        weight *= (double)(n - k) / (double)(k + 1) * odds;
        if (weight < NEGLIGIBLE) break;
        total += weight;
        sum += weight * u[k + 1];
    }
    weight = 1;
    for (uint64_t k = mode; k > 0; k--) {
        weight *= (double)k / ((double)(n - k + 1) * odds);
        if (weight < NEGLIGIBLE) break;
        total += weight;
        sum += weight * u[k - 1];
    }
    return sum / total;
}

/* Every fit one batch of the same size, all categories of one origin: n, or 0 when the chain is not of this kind. */
static uint64_t batch_size(const ouro_setting *g) {
    const ouro_policy *p = g->policy;
    if (p->synthetic.growth != 0 || p->memory.real || p->memory.synthetic || p->anchor.points) return 0;
    if (p->budget != OURO_UNSET && p->budget < p->synthetic.points) return 0;
    return p->synthetic.points <= MOST_POINTS ? p->synthetic.points : 0;
}

/* u_0: alive for one category, or absorbed (at 0 or at n) for the share of ones. */
static void begin(uint64_t n, int absorbed, double *u) {
    for (uint64_t c = 0; c <= n; c++) u[c] = absorbed ? c == 0 || c == n : c > 0;
}

static int predict(const ouro_setting *g, const ouro_claim *claim, size_t tail, ouro_arena *tmp, double *out) {
    const char *column = claim->column;
    const ouro_truth *t = g->truth;
    int ones = !strcmp(g->model->type->name, "bernoulli"), absorbed = !strcmp(column, "absorbed");
    const int missing = !strcmp(column, "missing_mass");
    size_t k = ones ? 1 : g->model->domain.categories, counted = 0;
    const unsigned char *among = strcmp(column, "tail_alive") ? NULL : g->tails[tail].member;
    uint64_t n = batch_size(g), first = g->policy->initial;
    int whole = ouro_truth_is_data(t) && first == t->rows; /* the first fit is the data themselves */
    if (ones != absorbed || (!ones && strcmp(g->model->type->name, "categorical"))) return OURO_EUNDEFINED;
    if (strcmp(g->estimator->name, "mle") || !n || t->family.type != g->model->type) return OURO_EUNDEFINED;
    if (ouro_truth_is_data(t) ? !whole : first > MOST_POINTS) return OURO_EUNDEFINED;
    if (g->policy->budget != OURO_UNSET && g->policy->budget < first) return OURO_EUNDEFINED;
    double *u = ouro_arena_alloc(tmp, n + 1, sizeof *u), *next = ouro_arena_alloc(tmp, n + 1, sizeof *next);
    double *start = ouro_arena_alloc(tmp, first + 1, sizeof *start);
    if (!u || !next || !start) return OURO_ENOMEM;
    begin(n, absorbed, u);
    begin(first, absorbed, start);
    for (uint32_t i = 0; i < g->generations; i++) {
        if (i > 1) { /* i synthetic steps after the first fit: u_{i-1} from u_{i-2} */
            for (uint64_t c = 0; c <= n; c++) next[c] = expect(n, (double)c / (double)n, u);
            memcpy(u, next, (n + 1) * sizeof *u);
        }
        for (uint64_t c = 0; i && !whole && c <= first; c++) start[c] = expect(n, (double)c / (double)first, u);
        out[i] = 0;
        for (size_t j = counted = 0; j < k; j++) {
            if (among && !among[j]) continue;
            counted++;
            double p = t->theta[j];
            const double alive = !whole ? expect(first, p, start) : i ? expect(n, p, u) : p > 0;
            out[i] += missing ? p * (1 - alive) : alive;
        }
        if (among) out[i] /= (double)counted;
    }
    ouro_law_roll_back(g, out);
    return OURO_OK;
}

static const ouro_claim claims[] = {
    {"support", OURO_STATISTIC_MEAN, OURO_STANDING_EXACT},
    {"missing_mass", OURO_STATISTIC_MEAN, OURO_STANDING_EXACT},
    {"tail_alive", OURO_STATISTIC_MEAN, OURO_STANDING_EXACT},
    {"absorbed", OURO_STATISTIC_MEAN, OURO_STANDING_EXACT},
    {NULL, 0, 0},
};

const ouro_law_type ouro_law_wright_fisher = {
    .name = "wright_fisher",
    .doc = "Mean support, missing mass, and share of a tail's categories alive, of a categorical under replace, by one "
           "Wright-Fisher "
           "chain per category. Exact, up to 20000 points.",
    .source = "Wright-Fisher chain per category",
    .claims = claims,
    .predict = predict,
};
