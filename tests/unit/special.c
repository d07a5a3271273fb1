/* special.c: special functions, and what the count families make of them where sums are out of reach, against numbers
 * computed with 40 digits from series and sums of their definitions. */
#include "core/special.h"
#include "harness.h"
#include "ouro/registry.h"
#include <gsl/gsl_sf_psi.h>
#include <math.h>

/* Below 16 two numbers of up to 31 are subtracted; from there on the series leaves out 1.2e-16. */
TEST(special_stirling) {
    static const double rows[][2] = {
        {1e-3, 2.54227046796709454},      {0.3, 0.236064900748215588},  {7.5, 0.0111045597582069173},
        {15.999, 0.00520798133385243275}, {16, 0.00520765591960964044}, {1e5, 8.33333333330555556e-7},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        CHECK_CLOSE(ouro_stirling(rows[i][0]), rows[i][1], 1e-15, rows[i][0] < 16 ? 1e-14 : 1.2e-16);
}

TEST(special_log1p_gap) {
    static const double rows[][2] = {
        {-0.999999, 12.8155115579355185}, {-0.5, 0.193147180559945309}, {1e-9, 4.99999999666666729e-19},
        {3e-3, 4.49102020152118858e-6},   {1, 0.306852819440054691},    {1e9, 999999979.276734162},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        CHECK_CLOSE(ouro_log1p_gap(rows[i][0]), rows[i][1], 2e-15, 0);
}

TEST(special_exp_gap) {
    static const double rows[][2] = {
        {-30, 29.0000000000000936},      {-0.51, 0.110495578812265946}, {-0.49, 0.102626394184416066},
        {1e-9, 5.00000000166666729e-19}, {0.49, 0.142316219955378965},  {0.51, 0.155291194945886314},
        {20, 485165174.409790278},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        CHECK_CLOSE(ouro_exp_gap(rows[i][0]), rows[i][1], 3e-15, 0);
    CHECK(ouro_exp_gap(0) == 0 && ouro_exp_gap(1e4) == INFINITY && ouro_exp_gap(-1e4) == 9999);
}

/* k, log k - psi(k), k psi'(k) - 1; and for a thousand other k against the library's psi, which is what cancels. */
TEST(special_digamma_and_trigamma) {
    static const double rows[][3] = {
        {1e-3, 993.667816652828143, 999.001642533195848},         {0.3, 2.2985514178741971, 2.67360936383231925},
        {1, 0.577215664901532861, 0.644934066848226436},          {2.5, 0.213134091228911878, 0.225894390250587162},
        {11.999, 0.0422485386531326386, 0.0428261393661576987},   {12, 0.0422449698121882935, 0.042822474461220689},
        {40.5, 0.0123964811792598718, 0.0124472771549480236},     {1e6, 5.00000083333333333e-7, 5.00000166666666667e-7},
        {1e15, 5.00000000000000083e-16, 5.00000000000000167e-16},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        CHECK_CLOSE(ouro_digamma_gap(rows[i][0]), rows[i][1], 1e-15, 0);
        CHECK_CLOSE(ouro_trigamma_gap(rows[i][0]), rows[i][2], 1e-15, 0);
    }
    for (double k = 1e-3; k < 1e3; k *= 1.0137) {
        CHECK_CLOSE(log(k) - ouro_digamma_gap(k), gsl_sf_psi(k), 4e-15, 4e-15 * (1 + fabs(log(k))));
        CHECK_CLOSE((1 + ouro_trigamma_gap(k)) / k, gsl_sf_psi_1(k), 4e-15, 0);
    }
}

TEST(special_log_poisson) {
    CHECK_CLOSE(ouro_log_poisson(0.4, 3), -2.4409421703603848, 1e-15, 0);
    CHECK_CLOSE(ouro_log_poisson(1e9 + 3e4, 1e9), -11.7305819516037124, 1e-14, 0);
    CHECK_CLOSE(ouro_log_poisson(12, 1e-3), -102.881277843447531, 1e-15, 0);
    CHECK_EQ(ouro_log_poisson(0, 3), -3);
}

TEST(special_gamma_tail) {
    static const struct {
        double a, x;
        int upper;
        double mass;
    } rows[] = {
        {0.4, 1e-3, 0, 0.071092397895333076},      {2.7, 0.5, 0, 0.0257569947372413679},
        {17.25, 9, 0, 0.00928266398513197734},     {0.4, 7, 1, 0.000118814788219807571},
        {2.7, 30, 1, 2.07925333552292974e-11},     {1e-3, 2, 1, 0.0000489769178309814798},
        {1e6, 994000, 0, 9.17890026230202342e-10}, {1e9, 999850000, 0, 1.04954248396930613e-6},
        {1e6, 1006000, 1, 1.05973973528438132e-9}, {1e9, 1000090000, 1, 0.00221378313477905087},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        CHECK_CLOSE(ouro_gamma_tail(rows[i].a, rows[i].x, rows[i].upper), rows[i].mass, 1e-12, 0);
        CHECK_CLOSE(ouro_gamma_tail(rows[i].a, rows[i].x, !rows[i].upper), 1 - rows[i].mass, 1e-15, 0);
    }
    for (int upper = 0; upper < 2; upper++) {
        CHECK_EQ(ouro_gamma_tail(3, 0, upper), upper);
        CHECK_EQ(ouro_gamma_tail(3, INFINITY, upper), !upper);
        CHECK_EQ(ouro_gamma_tail(3, 1e300, upper), !upper);
    }
}

/* At shape 1e10 the expansion takes over from continued fraction and series: they agree there, as far as neighbouring
 * shapes can, which are 2e-11 standard deviations apart. */
TEST(special_gamma_tail_of_huge_shapes) {
    for (int z = -30; z <= 30; z++)
        for (int upper = 0; upper < 2; upper++) {
            const double a = 1e10, x = a + z * 1e5 / 3;
            CHECK_CLOSE(ouro_gamma_tail(nextafter(a, INFINITY), x, upper), ouro_gamma_tail(a, x, upper), 4e-10, 0);
        }
    CHECK_CLOSE(ouro_gamma_tail(1e30, 1e30, 1), 0.5, 1e-14, 0);
    CHECK_EQ(ouro_gamma_tail(1e30, 2e30, 1) + ouro_gamma_tail(1e30, 5e29, 0), 0);
}

/* A family with one known parameter. */
static ouro_family family(const char *name, double known) {
    ouro_family f = {.type = ouro_family_find(name), .known = {known}};
    CHECK(f.type != NULL);
    return f;
}

TEST(special_tails_of_huge_counts) {
    static const struct {
        const char *name;
        double known, mean, x;
        int upper;
        double mass;
    } rows[] = {
        {"binomial", 1e9, 3e8, 300060000, 1, 0.0000173385430702336841},
        {"binomial", 1e9, 5e8, 499950000, 0, 0.000782616123210462575},
        {"binomial", 1e9, 1, 8, 1, 1.12520256603503915e-6},
        {"negative-binomial", 4, 1e9, 3e9, 1, 0.00229179123256488651},
        {"negative-binomial", 4, 1e9, 1e10, 1, 4.88886478239151136e-14},
        {"negative-binomial", 4, 1e9, 1e8 + 1, 0, 0.000776251441987757854},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const ouro_family f = family(rows[i].name, rows[i].known);
        CHECK_CLOSE(f.type->beyond(&f, &rows[i].mean, rows[i].x, rows[i].upper), rows[i].mass, 1e-12, 0);
    }
}

/* Poisson: log(2 pi e m)/2 - 1/(12 m) - 1/(24 m^2) - ...; geometric: (1 + m) log(1 + m) - m log m. */
TEST(special_entropy_of_huge_counts) {
    const ouro_family poisson = family("poisson", 0), geometric = family("geometric", 1);
    CHECK_CLOSE(poisson.type->entropy(&poisson, (double[]){1e6}), 8.32669372885343479, 1e-11, 0);
    CHECK_CLOSE(poisson.type->entropy(&poisson, (double[]){1e9}), 11.780571451594545, 1e-11, 0);
    CHECK_CLOSE(geometric.type->entropy(&geometric, (double[]){1e3}), 7.90825511239875375, 1e-11, 0);
    CHECK_CLOSE(geometric.type->entropy(&geometric, (double[]){1e6}), 14.8155110579641074, 1e-11, 0);
    CHECK_CLOSE(geometric.type->entropy(&geometric, (double[]){1e9}), 21.7232658374464112, 1e-11, 0);
}
