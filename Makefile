# ouro's build. `make help` lists the targets.
#   MODE=release|debug|asan|tsan|cov|fuzz   everything of a mode stands in build/MODE; V=1 shows the commands
#   CC= CFLAGS= LDFLAGS= WERROR= PYTHON= PREFIX= DESTDIR= as usual; CFLAGS are added to the project's own
# Parses before a compiler, pkg-config or a library is there: `make deps` brings them.
MODE    ?= release
PREFIX  ?= /usr/local
LIBDIR  ?= $(PREFIX)/lib
WERROR  ?= -Werror
DEMO    ?= faithful-replace
SECONDS ?= 30
CLANG   ?= clang
PKG_CONFIG   ?= pkg-config
CLANG_FORMAT ?= clang-format
B = build/$(MODE)
O = $(B)/obj
Q := $(if $(V),,@)
say = $(if $(V),,@echo "  $(1)  $(2)")
# One job per core unless -j says otherwise; sub-makes share the jobs of the first.
ifeq ($(MAKELEVEL),0)
MAKEFLAGS += --no-print-directory -j$(shell nproc 2>/dev/null || echo 2)
endif

SANITIZED := -O1 -fno-omit-frame-pointer -DOURO_NO_CLONES
MODE_release := -O3
MODE_debug   := -O0
MODE_asan    := $(SANITIZED) -fsanitize=address,undefined -fno-sanitize-recover=undefined
MODE_tsan    := $(SANITIZED) -fsanitize=thread
MODE_cov     := -O0 --coverage -fprofile-update=atomic -DOURO_NO_CLONES
MODE_fuzz    := $(MODE_asan) -fsanitize=fuzzer-no-link
$(if $(MODE_$(MODE)),,$(error MODE=$(MODE) is not one of release debug asan tsan cov fuzz))
# 512-bit vectors for the AVX-512 clones, where the compiler knows the word (x86 only).
WIDE := $(shell f=-mprefer-vector-width=512; $(CC) -Werror $$f -x c -fsyntax-only /dev/null 2>/dev/null && echo $$f)
# -ffp-contract=off and no fast-math: the same digits on every machine (src/README.md).
FLAGS := -std=c17 -D_GNU_SOURCE $(MODE_$(MODE)) -g -fopenmp -fopenmp-simd -fno-math-errno -fno-trapping-math \
         -ffp-contract=off $(WIDE) -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes \
         -Wmissing-prototypes -Wvla $(WERROR) $(CFLAGS)
# Each can be overridden; without pkg-config the plain names are tried. OpenBLAS stands in for GSL's own CBLAS,
# hence after GSL. The libraries' headers count as system headers.
pkg = $(or $(shell $(PKG_CONFIG) $(1) $(2) 2>/dev/null),$(3))
GSL_LIBS    ?= $(call pkg,--libs,gsl,-lgsl)
BLAS_LIBS   ?= $(call pkg,--libs,openblas,-lopenblas)
CJSON_LIBS  ?= $(call pkg,--libs,libcjson,-lcjson)
DEPS_CFLAGS ?= $(patsubst -I%,-isystem %,$(call pkg,--cflags,gsl openblas libcjson))
LIBS := $(filter-out -lgslcblas -lm,$(GSL_LIBS)) $(BLAS_LIBS) $(CJSON_LIBS) -lm
INCLUDES := -Iinclude -Isrc -Itests $(DEPS_CFLAGS)

LIB_SRC   := $(sort $(filter-out src/cli/%,$(wildcard src/*/*.c)))
CLI_SRC   := $(sort $(wildcard src/cli/*.c))
UNIT_SRC  := $(sort tests/harness.c $(wildcard tests/unit/*.c))
TEST_SRC  := $(sort $(UNIT_SRC) $(wildcard tests/contract/*.c tests/law/*.c))
BENCHES   := $(patsubst tests/bench/%.c,$(B)/bench/%,$(sort $(wildcard tests/bench/*.c)))
FUZZERS   := $(patsubst tests/fuzz/%_fuzz.c,$(B)/fuzz/%,$(sort $(wildcard tests/fuzz/*_fuzz.c)))
FORMATTED := $(wildcard src/*/*.[ch] include/ouro/*.h tests/*.[ch] tests/*/*.[ch])
objects = $(patsubst %.c,$(O)/%.o,$(1))
# "unknown" in a copy without its own repository, even when the copy stands inside another one.
GIT_ID := $(or $(shell git ls-files --error-unmatch Makefile >/dev/null 2>&1 && \
                       git describe --always --dirty --abbrev=12 2>/dev/null),unknown)

## all: the library, the program and build/ouro (the default)
all: $(B)/libouro.a $(B)/ouro $(if $(filter release,$(MODE)),build/ouro)
$(O)/%.o: %.c $(O)/flags.txt
	@mkdir -p $(@D)
	$(call say,cc,$<)
	$(Q)$(CC) $(FLAGS) "-ffile-prefix-map=$(CURDIR)=." $(INCLUDES) $(DEFINES) $(RELAX) -MMD -MP -c $< -o $@
$(O)/src/io/manifest.o: DEFINES = -DOURO_GIT_ID='"$(GIT_ID)"' -DOURO_CFLAGS='"$(subst ",,$(strip $(FLAGS)))"'
$(O)/src/io/manifest.o: $(O)/git.txt
$(B)/libouro.a: $(call objects,$(LIB_SRC)) $(O)/sources.txt
	$(call say,ar,$@)
	$(Q)rm -f $@ && $(AR) rcs $@ $(filter %.o,$^)
$(B)/ouro:  $(call objects,$(CLI_SRC))
$(B)/tests: $(call objects,$(TEST_SRC))
$(B)/unit:  $(call objects,$(UNIT_SRC))
$(BENCHES): $(B)/bench/%: $(O)/tests/bench/%.o
$(FUZZERS): $(B)/fuzz/%: $(O)/tests/fuzz/%_fuzz.o
$(FUZZERS): LINK = -fsanitize=fuzzer
$(B)/ouro $(B)/tests $(B)/unit $(BENCHES) $(FUZZERS): $(B)/libouro.a $(O)/sources.txt
	@mkdir -p $(@D)
	$(call say,ld,$@)
	$(Q)$(CC) $(FLAGS) $(LINK) $(LDFLAGS) -o $@ $(filter %.o,$^) $(B)/libouro.a $(LIBS)
build/ouro: build/release/ouro
	@ln -sf release/ouro $@
# What objects depend on besides files; rewritten, hence newer, only when it changed.
STAMP_flags   = $(CC) $(FLAGS) $(INCLUDES) $(LDFLAGS) $(LIBS)
STAMP_git     = $(GIT_ID)
STAMP_sources = $(LIB_SRC) $(CLI_SRC) $(TEST_SRC)
CHECK_flags   = printf '\#include <gsl/gsl_rng.h>\n\#include <cjson/cJSON.h>\n' | $(CC) $(INCLUDES) -fsyntax-only -x c - \
                || { echo "the compiler or a library is missing: run 'make deps'" >&2; exit 1; };
$(O)/flags.txt $(O)/git.txt $(O)/sources.txt: $(O)/%.txt: FORCE
	@mkdir -p $(@D); echo '$(STAMP_$*)' | cmp -s - $@ || { $(CHECK_$*) echo '$(STAMP_$*)' >$@; }
-include $(patsubst $(O)/%.o,$(O)/%.d,$(call objects,$(wildcard src/*/*.c tests/*.c tests/*/*.c)))

## deps: install what building, testing and drawing need (only what is missing; DRY=1 only prints)
## deps-dev: the same, and the tools of lint, tsan, cov, valgrind and fuzz
deps deps-dev:
	@sh .ci/deps.sh $@
## demo: set up, build, run configs/DEMO.json and draw it; pictures in out/DEMO
demo: deps
	@$(MAKE) all
	@sh .ci/demo.sh $(DEMO)
## test: set up, build and run every test; ends in `N passed, N failed`
test: deps
	@$(MAKE) check
## check: test without the set-up; SUITES="c cli plots layers mutants" picks, ONLY="rng_ law_" filters C tests
check: all $(B)/tests
	@bash tests/run.sh $(B) $(SUITES)
## asan tsan cov: C and command-line tests under the sanitizers; with line coverage in build/cov/coverage.txt
asan:
	@$(MAKE) MODE=asan SUITES="$(or $(SUITES),c cli)" check
tsan: # clang: its OpenMP runtime explains itself to the sanitizer, gcc's does not
	@$(MAKE) MODE=tsan CC=$(CLANG) SUITES="$(or $(SUITES),c cli)" check
cov:
	@mkdir -p build/cov && find build/cov -name '*.gcda' -delete
	@$(MAKE) MODE=cov SUITES="$(or $(SUITES),c cli)" check
	@gcovr -r . --object-directory build/cov -f src/ -s -o build/cov/coverage.txt && echo build/cov/coverage.txt
## valgrind: the C unit tests under valgrind
valgrind: $(B)/unit
	valgrind -q --error-exitcode=9 --leak-check=full --show-leak-kinds=definite --errors-for-leak-kinds=definite $<
## fault: failing allocations and full disks (tests/fault/run.sh)
fault:
	@$(MAKE) SUITES=fault check
## fuzz: libFuzzer on tests/fuzz/*_fuzz.c, SECONDS=30 each; finds stand in build/fuzz
fuzz:
	@$(MAKE) MODE=fuzz CC=$(CLANG) run-fuzzers
run-fuzzers: $(FUZZERS)
	@for f in $(notdir $^); do sh .ci/fuzz.sh $(B) $$f $(SECONDS) || exit 1; done
## bench: measure (tests/bench/*.c, then tests/bench/*.py)
bench: all $(BENCHES)
	@for b in $(BENCHES); do echo "== $$b"; $$b || exit 1; done
	@for p in $(wildcard tests/bench/*.py); do echo "== $$p"; $$(sh .ci/python.sh numpy) $$p || exit 1; done
## reproduce: set up, build and run the experiments against the papers; NAME=01-shumailov-gaussian runs one, QUICK=1 a fifth of each
reproduce: deps
	@$(MAKE) all
	@python3 experiments/reproduce.py $(NAME) $(if $(QUICK),--quick) --ouro $(B)/ouro
## lint: layout (clang-format), layers and exported symbols, shell scripts
lint: all
	@$(CLANG_FORMAT) --dry-run --Werror $(FORMATTED)
	bash tests/check_layers.sh $(B)
	shellcheck .ci/*.sh .ci/run $(wildcard tests/*.sh tests/*/*.sh)
## format: lay the C files out
format:; @$(CLANG_FORMAT) -i $(FORMATTED)
## install: into DESTDIR/PREFIX (/usr/local): program, library, headers, ouro.pc, example configs
install: all
	@LIBS="$(LIBS)" sh .ci/install.sh $(B) "$(DESTDIR)" "$(PREFIX)" "$(LIBDIR)"
## uninstall: take it away again (the same DESTDIR and PREFIX)
uninstall:
	@sh .ci/install.sh --remove "$(DESTDIR)" "$(PREFIX)" "$(LIBDIR)"
## clean: remove build/ (out/ is yours)
clean:; rm -rf build
## help: this list
help:
	@sed -n 's/^## \([^:]*\): \(.*\)/\1|\2/p' Makefile | awk -F'|' '{ printf "  %-14s %s\n", $$1, $$2 }'
.PHONY: FORCE all deps deps-dev demo test check asan tsan cov valgrind fault fuzz run-fuzzers bench reproduce lint format \
        install uninstall clean help
