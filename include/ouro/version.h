/* version.h: the one place that knows the version. The Makefile reads it from here for ouro.pc. */
#ifndef OURO_VERSION_H
#define OURO_VERSION_H

#define OURO_VERSION "0.1.0"

#endif
