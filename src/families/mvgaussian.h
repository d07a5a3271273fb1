/* mvgaussian.h: what the two files of mvgaussian share. */
#ifndef OURO_FAMILIES_MVGAUSSIAN_H
#define OURO_FAMILIES_MVGAUSSIAN_H
#include "ouro/family.h"

extern const ouro_natural ouro_mvgaussian_natural;
double ouro_mvgaussian_renyi(const ouro_family *f, double alpha, const double *a, const double *b);

#endif
