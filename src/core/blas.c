/* blas.c: OpenBLAS's own calls are declared here by hand, since its cblas.h and GSL's cannot be included together. */
#include "ouro/blas.h"

extern void openblas_set_num_threads(int threads);
extern int openblas_get_num_threads(void);
extern char *openblas_get_config(void);
extern char *openblas_get_corename(void);

int ouro_blas_pin(void) {
    openblas_set_num_threads(1);
    return openblas_get_num_threads() == 1 ? 0 : -1;
}

const char *ouro_blas_config(void) { return openblas_get_config(); }
const char *ouro_blas_core(void) { return openblas_get_corename(); }
