/* curate.c: of every `of` rows one is chosen by its reward: row i with probability proportional to
 * exp(reward_i / temperature), or the best one at temperature 0.
 *
 * As `of` grows the density is tilted to p(x) exp(reward(x) / temperature): a Gaussian under -(x - c)^2 / 2 then gains
 * 1 / temperature in precision at every generation. */
#include "core/kernels.h"
#include "centre.h"

enum { DISTANCE, QUADRATIC, CATEGORY };
static const char *const rewards[] = {"distance", "quadratic", "category", NULL};

typedef struct params {
    uint64_t of;
    int reward;
    double temperature;
    filter_place place;
    ouro_reals scores;
} params;

#define AT(member) offsetof(params, member)
static const ouro_field rows[] = {
    {"of", OURO_COUNT, 0, AT(of), 1, 1e6, "2", NULL, "rows", "Rows drawn for every row that enters; 1 keeps all."},
    {"reward", OURO_CHOICE, OURO_REQUIRED, AT(reward), 0, 0, NULL, rewards, "",
     "distance: -|x - centre|; quadratic: -|x - centre|^2 / 2; category: the score of the row's category."},
    {"temperature", OURO_REAL, 0, AT(temperature), 0, 1e100, "1", NULL, "unit of the reward",
     "A row is chosen with probability proportional to exp(reward / temperature); 0: the best one (of equals the "
     "first)."},
    FILTER_PLACE(params),
    {"scores", OURO_REALS, OURO_NULLABLE, AT(scores), -1e100, 1e100, "null", NULL, "",
     "Reward of each category; used by category alone, and then needed."},
};
#undef AT

static const char *missing(const ouro_truth *truth, const ouro_family *model, const void *p) {
    const params *v = p;
    (void)truth;
    if (!v) return NULL;
    if (v->reward != CATEGORY) return ouro_filter_no_distance(model);
    return model->domain.kind == OURO_CATEGORIES ? NULL : "the model draws numbers; use distance or quadratic";
}

static int prepare(const ouro_truth *truth, const ouro_family *model, const void *p, ouro_arena *keep, const void **out,
                   ouro_error *e) {
    const params *v = p;
    if (v->reward == CATEGORY) {
        if (v->scores.len == model->domain.categories) return OURO_OK;
        return ouro_fail(e, OURO_ECONFIG, "scores", "%zu scores for %zu categories; give one for each", v->scores.len,
                         model->domain.categories);
    }
    filter_origin *from = ouro_arena_alloc(keep, 1, sizeof *from);
    if (!from) return ouro_fail(e, OURO_ENOMEM, "filters", "out of memory");
    *out = from;
    return ouro_filter_locate(truth, model, &v->place, keep, from, e);
}

static uint64_t needs(const void *p, uint64_t n) {
    const uint64_t of = ((const params *)p)->of;
    return n < (uint64_t)OURO_COUNT_MAX / of ? n * of : (uint64_t)OURO_COUNT_MAX;
}

static double reward(const ouro_filter_task *t, size_t i) {
    const params *v = t->params;
    if (v->reward == CATEGORY) return v->scores.values[(size_t)t->x[i]];
    const double square = ouro_filter_distance2(t, t->state, i);
    return v->reward == DISTANCE ? -sqrt(square) : -0.5 * square;
}

/* The chosen one of rows first .. first + of. A uniform per group even where there is nothing to choose. */
static size_t choose(const ouro_filter_task *t, size_t first, double *weight) {
    const params *v = t->params;
    const size_t of = (size_t)v->of;
    const double u = ouro_stream_uniform(t->stream);
    double sum = 0, upto = 0;
    size_t best = 0;
    for (size_t i = 0; i < of; i++) {
        weight[i] = reward(t, first + i);
        if (weight[i] > weight[best]) best = i;
    }
    if (v->temperature == 0) return first + best;
    const double top = weight[best]; /* the best weighs 1, so that not all underflow */
    for (size_t i = 0; i < of; i++) sum += weight[i] = ouro_exp((weight[i] - top) / v->temperature);
    for (size_t i = 0; i < of; i++)
        if (u * sum < (upto += weight[i])) return first + i;
    return first + best;
}

static int apply(const ouro_filter_task *t, unsigned char *pass) {
    const size_t of = (size_t)((const params *)t->params)->of;
    const ouro_arena_mark mark = ouro_arena_here(t->tmp);
    double *weight = ouro_arena_alloc(t->tmp, of, sizeof *weight);
    if (!weight) return OURO_ENOMEM;
    for (size_t g = 0; g < t->n / of; g++) pass[choose(t, g * of, weight)] = 1;
    ouro_arena_reset(t->tmp, mark);
    return OURO_OK;
}

const ouro_filter_type ouro_filter_curate = {
    .name = "curate",
    .doc = "Of every few rows one is chosen by its reward, softly or the best one: what users pick and publish.",
    .reference = "Ferbach et al. 2024, Self-consuming generative models with curated data provably optimize human "
                 "preferences",
    .fields = {sizeof rows / sizeof rows[0], rows},
    .params_size = sizeof(params),
    .missing = missing,
    .prepare = prepare,
    .needs = needs,
    .apply = apply,
};
