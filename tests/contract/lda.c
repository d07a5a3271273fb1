/* lda.c: the family of labelled classes against plain formulas: its rows, its fit, its rule. */
#include "harness.h"
#include "ouro/registry.h"
#include "setup.h"
#include "fit.h"
#include <math.h>

enum { D = 3, ROW = D + 1, N = 4000 };

/* Rows drawn from the truth of the study's first point. */
static double *rows_of(ouro_study *s, const char *truth, size_t n, ouro_arena *tmp) {
    ouro_stream stream;
    if (setup_loadf(s, "{'name':'l','truth':{'family':'lda','dim':3,%s},'model':{'family':'lda'}}", truth)) return NULL;
    const ouro_truth *t = &s->experiment[0].truth;
    double *x = ouro_arena_alloc(tmp, n * ROW, sizeof *x);
    ouro_stream_open(&stream, &(ouro_address){.seed = 31, .purpose = OURO_FOR_REAL});
    CHECK(t->family.type->sample(&t->family, t->theta, &stream, tmp, n, x) == OURO_OK);
    return x;
}

/* Class, features and label of a row: weights, means half the separation away, unit variances, labels flipped. */
TEST(contract_lda_rows) {
    ouro_study s;
    ouro_arena tmp = {0};
    const double *x = rows_of(&s, "'separation':3,'weight':0.3,'label_noise':0.2", N, &tmp);
    REQUIRE(x != NULL);
    double class_one = 0, flipped = 0, along[N], product[N];
    for (size_t i = 0; i < N; i++) {
        const double v = x[i * ROW + D];
        CHECK(v == 0 || v == 1 || v == 2 || v == 3);
        const int wrong = v >= 2, label = (int)v % 2, class = wrong ? 1 - label : label;
        class_one += class;
        flipped += wrong;
        along[i] = x[i * ROW] - (class ? 1 : -1) * 1.5 / sqrt(D);
        product[i] = along[i] * (x[i * ROW + 1] - (class ? 1 : -1) * 1.5 / sqrt(D));
    }
    CHECK(fabs(class_one - 0.3 * N) < FIT_Z * sqrt(N * 0.3 * 0.7));
    CHECK(fabs(flipped - 0.2 * N) < FIT_Z * sqrt(N * 0.2 * 0.8));
    CHECK(fabs(fit_mean_z(N, along, 0, 1)) < FIT_Z);
    CHECK(fabs(fit_variance_z(N, along, 0, 1, 3)) < FIT_Z);
    CHECK(fabs(fit_mean_z(N, product, 0, 1)) < FIT_Z); /* uncorrelated features */
    ouro_arena_free(&tmp);
    ouro_study_free(&s);
}

/* Two sets of rows, one moved and each with a weight, by the formulas of a textbook: class weight and means, pooled
 * covariance as L L'. Only the label counts, not whether it is right. */
TEST(contract_lda_fit) {
    enum { MANY = 300 };
    ouro_study s;
    ouro_arena tmp = {0};
    const double *x = rows_of(&s, "'separation':1,'label_noise':0.3", 2 * MANY, &tmp);
    REQUIRE(x != NULL);
    const double zero[ROW] = {0}, moved[ROW] = {0.5, -2, 7, 0}, weights[2] = {0.7, 2.5};
    const ouro_points set[2] = {{MANY, x, zero, weights[0]}, {MANY, x + MANY * ROW, moved, weights[1]}};
    const ouro_address start = {.seed = 1};
    const ouro_row_task task = {.len = 2, .set = set, .address = &start, .tmp = &tmp};
    const ouro_family *f = &s.experiment[0].model;
    double *theta = ouro_arena_alloc(&tmp, f->theta_len, sizeof *theta);
    double total[2] = {0}, mean[2][D] = {{0}}, cov[D][D] = {{0}};
    ouro_fit_info info;
    CHECK(f->type->fit_rows(f, &task, theta, &info) == OURO_OK);
    CHECK(info.converged && !info.absorbed);
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < 2 * MANY; i++) {
            const double *row = x + i * ROW, *shift = i < MANY ? zero : moved, w = weights[i >= MANY];
            const int c = (int)row[D] % 2;
            if (pass == 0) total[c] += w;
            for (int j = 0; j < D; j++) {
                const double y = row[j] + shift[j];
                if (pass == 0) mean[c][j] += w * y;
                for (int k = 0; pass == 1 && k < D; k++)
                    cov[j][k] += w * (y - mean[c][j] / total[c]) * (row[k] + shift[k] - mean[c][k] / total[c]);
            }
        }
    CHECK_CLOSE(theta[0], total[1] / (total[0] + total[1]), 1e-12, 0);
    for (int c = 0; c < 2; c++)
        for (int j = 0; j < D; j++) CHECK_CLOSE(theta[1 + c * D + j], mean[c][j] / total[c], 1e-11, 1e-12);
    const double *L = theta + 1 + 3 * D; /* columns packed: 00 10 20 11 21 22, exponents 0 here */
    const double full[D][D] = {{L[0], 0, 0}, {L[1], L[3], 0}, {L[2], L[4], L[5]}};
    for (int j = 0; j < D; j++) {
        CHECK_EQ(theta[1 + 2 * D + j], 0);
        for (int k = 0; k < D; k++) {
            double sum = 0;
            for (int l = 0; l < D; l++) sum += full[j][l] * full[k][l];
            CHECK_CLOSE(sum, cov[j][k] / (total[0] + total[1]), 1e-10, 1e-11);
        }
    }
    ouro_arena_free(&tmp);
    ouro_study_free(&s);
}

/* The closed form of the accuracy against the rule applied to rows: any model, an unequal truth. */
TEST(contract_lda_accuracy) {
    ouro_study s;
    ouro_arena tmp = {0};
    const double *x = rows_of(&s, "'separation':1.5,'weight':0.3", N, &tmp);
    REQUIRE(x != NULL);
    const ouro_truth *t = &s.experiment[0].truth;
    const ouro_family *f = &s.experiment[0].model;
    /* means (0, .2, -1) and (1, 0, .5), L = [2; 1 .5; 0 -1 3]: w = Sigma^-1 (1, -.2, 1.5) by hand below */
    const double theta[1 + 3 * D + 6] = {0.6, 0, 0.2, -1, 1, 0, 0.5, 0, 0, 0, 2, 1, 0, 0.5, -1, 3};
    const double y[D] = {0.5, (-0.2 - 0.5) / 0.5, (1.5 + (-0.2 - 0.5) / 0.5) / 3}; /* L y = difference */
    double w[D], right = 0;
    w[2] = y[2] / 3;
    w[1] = (y[1] + w[2]) / 0.5;
    w[0] = (y[0] - w[1]) / 2;
    const double b = log(0.6 / 0.4) - (w[0] * 0.5 + w[1] * 0.1 - w[2] * 0.25);
    for (size_t i = 0; i < N; i++) {
        const double *row = x + i * ROW;
        right += (w[0] * row[0] + w[1] * row[1] + w[2] * row[2] + b > 0) == (row[D] == 1);
    }
    const double p = f->type->accuracy(f, t->theta, theta);
    CHECK(p > 0.2 && p < 0.9);
    CHECK(fabs(right - p * N) < FIT_Z * sqrt(N * p * (1 - p)));
    double dead[1 + 3 * D + 6], swapped[1 + 3 * D + 6];
    memcpy(dead, theta, sizeof dead);
    dead[0] = 0; /* only class 0 is left: right where the truth is class 0 */
    CHECK_CLOSE(f->type->accuracy(f, t->theta, dead), 0.7, 1e-15, 0);
    memcpy(swapped, theta, sizeof swapped);
    memcpy(swapped + 1, theta + 1 + D, D * sizeof *theta);
    memcpy(swapped + 1 + D, theta + 1, D * sizeof *theta);
    swapped[0] = 0.4; /* the classes exchanged: wrong where it was right */
    CHECK_CLOSE(f->type->accuracy(f, t->theta, swapped), 1 - p, 1e-12, 0);
    CHECK_CLOSE(f->type->accuracy(f, t->theta, t->theta),
                0.7 * 0.5 * erfc((-0.75 + log(0.3 / 0.7) / 1.5) / M_SQRT2) +
                    0.3 * 0.5 * erfc((-0.75 - log(0.3 / 0.7) / 1.5) / M_SQRT2),
                1e-12, 0);
    ouro_arena_free(&tmp);
    ouro_study_free(&s);
}
