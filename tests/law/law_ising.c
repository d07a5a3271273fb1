/* law_ising.c: the mean-field Ising model under recursive training (Jangjoo et al. 2025). */
#include "harness.h"
#include "law.h"
#include "ouro/registry.h"
#include <math.h>
#include <stdio.h>

/* Order 1 is the Bernoulli chain with n = N M trials: the share of runs absorbed by T obeys one universal curve in T / (N M),
 * from phi = 0: .0120 at .25, .1352 at .5, .4520 at 1 (diffusion, gap O(1 / NM)), for all nine N x M. */
TEST(law_ising_convergence_is_universal) {
    static const unsigned spins[] = {5, 10, 20}, rows[] = {50, 100, 200};
    static const double absorbed[] = {0.0120, 0.1352, 0.4520};
    char json[512];
    for (int i = 0; i < 9; i++) {
        unsigned n = spins[i / 3] * rows[i % 3];
        snprintf(json, sizeof json,
                 "{'name':'l','truth':{'family':'ising','spins':%u},'model':{'family':'ising'},"
                 "'policy':{'synthetic':{'points':%u}},'run':{'generations':%u,'replicates':1500,'seed':%d},"
                 "'observe':{'measures':['absorbed'],'generations':[%u,%u,%u]}}",
                 spins[i / 3], rows[i % 3], n, 100 + i, n / 4, n / 2, n);
        law_run r = law_run_json(json);
        for (int k = 0; k < 3; k++) {
            ouro_summary s = law_at(&r, "absorbed", k == 0 ? n / 4 : k == 1 ? n / 2 : n);
            /* the diffusion's own error: one generation of the chain, density of the curve below 1 per unit of T / (NM) */
            CHECK_CLOSE(s.mean, absorbed[k], 0, 4 * s.se + 2.0 / n);
        }
        law_run_free(&r);
    }
}

/* P(all up) = (1 + phi_0) / 2, exactly: the mean of K is a martingale. N = 10, M = 50. */
TEST(law_ising_all_up_on_the_diagonal) {
    static const double phi[] = {-0.8, -0.3, 0.1, 0.6};
    char json[512];
    for (int i = 0; i < 4; i++) {
        snprintf(json, sizeof json,
                 "{'name':'l','truth':{'family':'ising','spins':10,'field':%.17g},'model':{'family':'ising'},"
                 "'policy':{'synthetic':{'points':50}},'run':{'generations':5000,'replicates':1000,'seed':%d},"
                 "'observe':{'measures':['absorbed','w2','drift_sq'],'generations':[5000]}}",
                 atanh(phi[i]), 7 + i);
        law_run r = law_run_json(json);
        CHECK_EQ(law_at(&r, "absorbed", 5000).quantile[0], 1.0);
        /* all up: drift (10 - 10 phi)^2 / V, V = 10 (1 - phi^2); all down (10 + 10 phi)^2 / V */
        double v = 10 * (1 - phi[i] * phi[i]), up = pow(10 - 10 * phi[i], 2) / v, down = pow(10 + 10 * phi[i], 2) / v;
        double half = (up + down) / 2, share = (1 + phi[i]) / 2;
        CHECK_LAW(law_z_below(&r, "drift_sq", 5000, half, up < down ? share : 1 - share));
        law_run_free(&r);
    }
}

/* Order 2, N = 6, M = 30, J = .04: E K and E K^2 of the model are martingales, so the final spread equals the truth's; runs
 * end at all seven sums, not at the outer two alone. */
TEST(law_ising_couplings_conserve_both_moments) {
    law_run r = law_run_json("{'name':'l','truth':{'family':'ising','spins':6,'coupling':0.04,'order':2},"
                             "'model':{'family':'ising'},'policy':{'synthetic':{'points':30}},"
                             "'run':{'generations':1500,'replicates':1500,'seed':5},"
                             "'observe':{'measures':['moments','absorbed','converged'],'generations':[1,25,1500]}}");
    /* within + between: variance_ratio + drift_sq = (E K^2 - 2 E K m_0 + m_0^2) / V_0 = 1 */
    static const unsigned at[] = {1, 25, 1500};
    size_t v = law_column(&r, "variance_ratio"), d = law_column(&r, "drift_sq"), n = r.results.replicates;
    for (size_t g = 0; r.ok && g < 3; g++) {
        double sum = 0, squares = 0;
        for (size_t i = 0; i < n; i++) {
            const double *row = ouro_results_row(&r.results, i, g);
            sum += row[v] + row[d] - 1;
            squares += (row[v] + row[d] - 1) * (row[v] + row[d] - 1);
        }
        double mean = sum / (double)n;
        CHECK_LAW(mean / sqrt((squares / (double)n - mean * mean) / (double)n));
        CHECK_EQ(law_at(&r, "converged", at[g]).mean, 1.0);
    }
    CHECK(law_at(&r, "absorbed", 1500).mean > 0.95);
    int seen[7] = {0};
    double v0 = r.ok ? r.study.experiment[0].truth.moments.trace : NAN;
    for (size_t i = 0; r.ok && i < n; i++) {
        const double *row = ouro_results_row(&r.results, i, 2);
        if (row[v] == 0) seen[(int)lround(sqrt(row[d] * v0))]++; /* |K| at the end */
    }
    CHECK(seen[0] > 0 && seen[2] > 0 && seen[4] > 0 && seen[6] > 0);
    CHECK(seen[1] + seen[3] + seen[5] == 0);
    law_run_free(&r);
}

/* Both paths in law, and accumulate against prod (1 - 1 / (n s^2)) with n = N M (order 1 is a Bernoulli chain). */
TEST(law_ising_accumulate) {
    static const char *const paths[] = {"statistics", "samples"};
    char json[512];
    double keep = 1;
    for (int s = 1; s <= 20; s++) keep *= 1 - 1 / (25.0 * s * s);
    for (int path = 0; path < 2; path++) {
        snprintf(json, sizeof json,
                 "{'name':'l','truth':{'family':'ising','spins':5,'field':0.4},'model':{'family':'ising'},"
                 "'policy':{'preset':'accumulate','synthetic':{'points':5}},'run':{'generations':20,'replicates':20000,"
                 "'seed':8,'path':'%s'},'observe':{'measures':['moments'],'generations':[20]}}",
                 paths[path]);
        law_run r = law_run_json(json);
        CHECK_LAW(law_z(&r, "variance_ratio", 20, keep));
        law_run_free(&r);
    }
}

/* The fit returns the law whose moments it is given, inside and on the boundary of the moments. */
TEST(law_ising_fit_matches_moments) {
    static const double cases[][3] = {/* N, E K, E K^2 */
                                      {6, 0.3, 7.1}, {6, 0, 35.99},      {6, 0, 0.001}, {6, 5.9, 35.2},
                                      {20, -3, 11},  {20, 1.5, 399.999}, {50, 10, 300}, {6, 1, 4},
                                      {6, 3, 36},    {6, 2, 4},          {7, 0.5, 1},   {20, 20, 400}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const double n = cases[i][0], known[OURO_KNOWN] = {n, 2};
        const ouro_domain d = {.kind = OURO_NUMBERS, .dim = 1, .lattice = 1, .step = 2, .lower = -n, .upper = n};
        ouro_family f;
        ouro_error e = {0};
        ouro_fit_info info;
        double T[4] = {30, 30, cases[i][1], cases[i][2]}, back[4], p[64];
        REQUIRE(ouro_family_init(&f, ouro_family_find("ising"), &d, known, &e) == OURO_OK);
        f.type->fit_mle(&f, T, p, &info);
        f.type->stat_of(&f, p, back);
        CHECK(info.converged);
        CHECK_CLOSE(back[2], T[2], 0, 1e-9 * n);
        CHECK_CLOSE(back[3], T[3], 0, 1e-9 * n * n);
    }
}
