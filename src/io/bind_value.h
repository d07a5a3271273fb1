/* bind_value.h: one value, one field. */
#ifndef OURO_IO_BIND_VALUE_H
#define OURO_IO_BIND_VALUE_H
#include "bind.h"

/* Puts v into the field's place in base; what does not fit goes to b->out with the full path. OURO_ENOMEM only. */
int ouro_bind_value(ouro_binder *b, const ouro_field *f, const char *path, const cJSON *v, void *base) OURO_CHECKED;

#endif
