/* study_source.h: the JSON behind a study, which only io may see. */
#ifndef OURO_IO_STUDY_SOURCE_H
#define OURO_IO_STUDY_SOURCE_H
#include "bind.h"
#include "csv_read.h"
#include "json.h"
#include "ouro/study.h"

/* One axis of a sweep: paths that move together (one, or all of a zip), and their values, steps x paths. */
typedef struct ouro_axis {
    size_t paths, steps;
    const char **path;
    const cJSON **value;
} ouro_axis;

struct ouro_study_source {
    ouro_json_sources sources;
    cJSON *root;  /* merged config, without sweep */
    cJSON *sweep; /* NULL when nothing is swept   */
    size_t axes_len;
    ouro_axis *axes;
};

/* study_json.c: loads, unwraps a manifest, extends, applies --set, takes the sweep out. */
int ouro_study_read(ouro_study *s, const char *path, size_t sets, const char *const *set,
                    ouro_diagnostics *d) OURO_CHECKED;
/* study_set.c: one --set of the form path=value, put into the tree. Findings go to d. OURO_ENOMEM only. */
int ouro_study_override(ouro_study *s, const char *set, ouro_diagnostics *d) OURO_CHECKED;
/* study_sweep.c: axes of the sweep; s->points, s->axes, s->axis, s->value. Findings go to d. OURO_ENOMEM only. */
int ouro_study_axes(ouro_study *s, ouro_diagnostics *d) OURO_CHECKED;
/* The root of one point: a copy with its swept values in place, the caller's. NULL when out of memory. */
cJSON *ouro_study_point_root(const ouro_study *s, size_t point, ouro_diagnostics *d);
/* study_names.c: families, estimator, preset and measures that do not exist. Findings go to d. */
void ouro_study_names(const ouro_study *s, const ouro_config *config, cJSON *root, ouro_diagnostics *d);
/* study_data.c: reads the data file that config->truth names. Findings go to d. */
int ouro_study_data(ouro_study *s, ouro_config *config, cJSON *root, ouro_diagnostics *d) OURO_CHECKED;
/* The sections of one config: root, policy, and the truth family's parameters when the family is known. */
int ouro_study_sections(ouro_binder *b, ouro_config *config, const cJSON *root) OURO_CHECKED;

#endif
