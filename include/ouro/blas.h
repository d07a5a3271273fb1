/* blas.h: keeps the linear-algebra library from moving results: its threads would change the order of sums. */
#ifndef OURO_BLAS_H
#define OURO_BLAS_H

/* Pins OpenBLAS to one thread. Returns 0 when it obeys; -1 when it was built with OpenMP and more than one thread is
 * set in the environment (that build overrides the call): set OMP_NUM_THREADS=1 for it. Call once, before any work. */
int ouro_blas_pin(void);
const char *ouro_blas_config(void); /* version and build, static storage */
const char *ouro_blas_core(void);   /* the kernels chosen for this processor */

#endif
