/* laplace_median.c: weighted medians of rows, and the law of the median. Exports no plug-in. */
#include "laplace_median.h"
#include "ouro/variates.h"
#include <math.h>
#include <string.h>

/* Doubles as whole numbers in the same order. */
static int64_t key_of(double x) {
    int64_t k;
    x += 0; /* -0 is 0 */
    memcpy(&k, &x, sizeof k);
    return k < 0 ? INT64_MIN - k : k;
}

static double of_key(int64_t k) {
    double x;
    k = k < 0 ? INT64_MIN - k : k;
    memcpy(&x, &k, sizeof x);
    return x;
}

/* Points by value, in several sets; set i is moved by shift[0]. */
static double value(const ouro_points *set, size_t i) { return set->x[i] + set->shift[0]; }

static double weight_up_to(size_t len, const ouro_points *set, double x) {
    double sum = 0;
    for (size_t k = 0; k < len; k++) {
        size_t count = 0;
        for (size_t i = 0; i < set[k].n; i++) count += value(&set[k], i) <= x;
        sum += set[k].weight * (double)count;
    }
    return sum;
}

/* The weighted median, by bisection of the doubles between the extremes: at most 64 counts, no memory, no rounding. */
double ouro_laplace_median(size_t len, const ouro_points *set) {
    double low = INFINITY, high = -INFINITY, half = 0, above = INFINITY;
    for (size_t k = 0; k < len; k++) {
        half += set[k].weight * (double)set[k].n / 2;
        for (size_t i = 0; i < set[k].n; i++) {
            double x = value(&set[k], i);
            low = x < low ? x : low;
            high = x > high ? x : high;
        }
    }
    double enough = half * (1 - 1e-13); /* sums of weights are rounded */
    int64_t from = key_of(low), to = key_of(high);
    while (from < to) { /* the smallest number with half the weight up to it: a point */
        int64_t middle = (int64_t)((uint64_t)from + ((uint64_t)to - (uint64_t)from) / 2);
        if (weight_up_to(len, set, of_key(middle)) >= enough)
            to = middle;
        else
            from = middle + 1;
    }
    low = of_key(from);
    if (weight_up_to(len, set, low) > half * (1 + 1e-13)) return low;
    for (size_t k = 0; k < len; k++)
        for (size_t i = 0; i < set[k].n; i++) {
            double x = value(&set[k], i);
            above = x > low && x < above ? x : above;
        }
    return low + (above - low) / 2;
}

double ouro_laplace_distance(size_t len, const ouro_points *set, double from) {
    double sum = 0, W_all = 0;
    for (size_t k = 0; k < len; k++) {
        double part = 0;
        for (size_t i = 0; i < set[k].n; i++) part += fabs(value(&set[k], i) - from);
        sum += set[k].weight * part;
        W_all += set[k].weight * (double)set[k].n;
    }
    return sum / W_all;
}

/* Sum of the first `take` gaps between the order statistics of n exponentials, E_j / (n - j + 1), j = 1, 2, ...; and in
 * *below that of their distances to the last of them, (j - 1) times a gap. */
static double climb(ouro_stream *s, uint64_t n, uint64_t take, double *below) {
    double e[64], sum = 0;
    *below = 0;
    for (uint64_t j = 0; j < take; j++) {
        if (j % 64 == 0) ouro_fill_exponentials(s, take - j < 64 ? take - j : 64, e);
        double gap = e[j % 64] / (double)(n - j);
        sum += gap;
        *below += (double)j * gap;
    }
    return sum;
}

static double gamma_of(ouro_stream *s, uint64_t n) { return n > 0 ? ouro_gamma(s, (double)n) : 0; }

/* Median and sum of distances of n points, scale 1 and location 0, in O(sqrt n). J ~ Bin(n, 1/2) of them lie on one
 * side, say the one that has more, as J exponentials, n - J on the other. With m = floor(n / 2) and r the rank of the
 * upper middle point among the J, r = J - (n - m) + 1, everything is a function of independent variates: the first r
 * gaps, Gamma(n - m - 1) for what lies beyond it as seen from there, Gamma(n - J) for the other side as seen from 0.
 * The sum of distances is the same from wherever between the two middle points. For even n the last gap is halved; at J
 * = m the middle points lie on either side of 0, at Exp/m each, and the rest is Gamma(2 m - 2). */
double ouro_laplace_draw(ouro_stream *s, uint64_t n, double *sum) {
    uint64_t J = ouro_binomial(s, n, 0.5), other = n - J, m = n / 2;
    double sign = J >= other ? 1 : -1, below, last = 0, e[2];
    if (J < other) J = other, other = n - J;
    if (J == other) {
        ouro_fill_exponentials(s, 2, e);
        *sum = e[0] + e[1] + gamma_of(s, n - 2);
        return (e[0] - e[1]) / (double)n;
    }
    uint64_t r = J - (n - m) + 1;
    double at = climb(s, J, n % 2 ? r : r - 1, &below);
    if (n % 2 == 0) {
        ouro_fill_exponentials(s, 1, e);
        last = e[0] / (double)(J - r + 1);
        below += (double)(r - 1) * last;
    }
    *sum = below + gamma_of(s, n - m - 1) + gamma_of(s, other) + (double)other * (at + last);
    return sign * (at + last / 2);
}
