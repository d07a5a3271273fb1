/* nodes.h: two mixtures of normals in several dimensions under nodes that are placed by either law.
 *
 * Component c of a law takes the standard points z (core/standard.h) to x = mean_c + L_c z with its weight; half of the
 * weight of all nodes stands on the truth's, half on the model's, which is how contrast.h wants them. What depends on
 * the truth alone is made once per setting. */
#ifndef OURO_NODES_H
#define OURO_NODES_H
#include "core/mixture_level.h"
#include "core/standard.h"
#include "ouro/measure.h"
#include "panels.h"

enum { OURO_NODES_SEQUENCE = 4096, OURO_NODES_GRID = 64, OURO_NODES_AXES = 32 };

struct ouro_nodes {
    ouro_law truth;
    ouro_standard set[2]; /* two dimensions: grids of 64^2 and 128^2; more: the sequence, and nothing */
    double *truth_log[2]; /* [components][points of the set]: log density of the truth at its own nodes */
    double *axes;         /* [OURO_NODES_AXES x d]: fixed directions */
    ouro_rays rays;
};

/* The measures' slot. On the line the truth alone; nothing where the truth has no density to work with, or truth and model
 * are not both mixtures of normals in several dimensions. */
int ouro_nodes_prepare(const ouro_setting *s, ouro_arena *keep, const ouro_nodes **out);

/* Sums of contrast.h; but kl, where it is not small, is the mean of the logarithmic ratio under one law, which for normals
 * is a quadratic and easy on the nodes. OURO_ENOMEM only. O(nodes (k_p + k_q) d^2). */
int ouro_nodes_contrast(const ouro_nodes *nodes, const ouro_law *model, ouro_arena *tmp, ouro_contrast *out);

/* E_truth[-log q] over the truth's own nodes; inf where the model has no density. OURO_ENOMEM only. */
int ouro_nodes_cross_entropy(const ouro_nodes *nodes, const ouro_law *model, ouro_arena *tmp, double *out);

#endif
