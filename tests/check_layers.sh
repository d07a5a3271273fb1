#!/usr/bin/env bash
# check_layers.sh [BUILD]: who may include whom, and what the built objects export (BUILD: build/release).
#
# Names in the tables: a system header as it stands between <>, a public header as ouro/NAME.h, a private one as
# src/FOLDER/NAME. `*` matches anything; @NAME is a group. A layer may always include its own folder's headers.
set -u
cd "$(dirname "$0")/.." || exit 2
build=${1:-build/release}

groups='
@libc    assert.h ctype.h errno.h fcntl.h fenv.h float.h inttypes.h limits.h locale.h math.h pthread.h signal.h
@libc    stdalign.h stdarg.h stdatomic.h stdbool.h stddef.h stdint.h stdio.h stdlib.h string.h strings.h time.h
@libc    unistd.h sys/* omp.h
@gsl     gsl/*
@blas    cblas.h lapacke.h openblas_config.h
@core    ouro/error.h ouro/mem.h ouro/rng.h ouro/variates.h ouro/field.h ouro/blas.h ouro/version.h src/core/*
@os      dirent.h dlfcn.h ftw.h getopt.h glob.h libgen.h poll.h pwd.h sched.h termios.h gnu/libc-version.h cpuid.h
'
# What a layer may include directly. `headers` is include/ouro itself.
may_include='
headers     @libc gsl/gsl_rng.h ouro/*
core        @libc @gsl @blas @core sanitizer/* immintrin.h
families    @libc @gsl @blas @core ouro/family.h ouro/nef.h ouro/natural.h
estimators  @libc @gsl @blas @core ouro/estimator.h ouro/family.h ouro/natural.h
policies    @libc @core ouro/policy.h ouro/ledger.h
filters     @libc @gsl @core ouro/filter.h ouro/family.h
measures    @libc @gsl @blas @core ouro/measure.h ouro/family.h ouro/natural.h ouro/ledger.h ouro/nef.h
theory      @libc @gsl @core ouro/law.h ouro/family.h ouro/nef.h ouro/natural.h ouro/estimator.h ouro/policy.h ouro/ledger.h
sinks       @libc @core ouro/sink.h
corpus      @libc @gsl @blas @core ouro/corpus.h ouro/drift.h ouro/truth.h ouro/ledger.h ouro/family.h ouro/estimator.h
engine      @libc @gsl @blas @core ouro/*
io          @libc @os @gsl @blas @core ouro/* cJSON.h cjson/*
cli         @libc @os @gsl @blas @core ouro/*
'
# One file of a layer that may include more.
file_may_include='
families/registry.c    ouro/registry.h
estimators/registry.c  ouro/registry.h
filters/registry.c     ouro/registry.h
measures/registry.c    ouro/registry.h
theory/registry.c      ouro/registry.h
sinks/registry.c       ouro/registry.h
'
# What a layer must not reach, not even through another header: a policy never sees values, cJSON stays in io.
never_reaches='
policies    ouro/family.h ouro/corpus.h ouro/truth.h
headers     cJSON.h cjson/* src/*
core        cJSON.h cjson/*
families    cJSON.h cjson/*
estimators  cJSON.h cjson/*
filters     cJSON.h cjson/*
measures    cJSON.h cjson/*
theory      cJSON.h cjson/*
sinks       cJSON.h cjson/*
corpus      cJSON.h cjson/*
engine      cJSON.h cjson/*
cli         cJSON.h cjson/*
'
# Plug-in folders: src/FOLDER/NAME.c exports ouro_KIND_NAME and nothing else, but for the files named last.
plugins='
families    family     registry categories natural normal mvgaussian_natural nef nef_natural nef_binomial nef_poisson nef_negative_binomial nef_gamma nef_transform gmm_fit gmm_start gmm_step gaussians laplace_median
estimators  estimator  registry
filters     filter     registry
measures    measure    registry nodes panels panel_ends pair
theory      law        registry path log_gammas covariances
sinks       sink       registry
'

# edges: one line "FROM TO" per include, both in the tables' naming.
edges() {
    awk '
    function canonical(path) {
        while (sub(/[^\/]+\/\.\.\//, "", path)) {}
        gsub(/\.\//, "", path)
        sub(/^include\/ouro\//, "ouro/", path)
        return path
    }
    BEGIN { for (i = 1; i < ARGC; i++) known[canonical(ARGV[i])] = 1 }
    /^[ \t]*#[ \t]*include[ \t]*["<]/ {
        from = canonical(FILENAME)
        name = $0
        sub(/^[^"<]*["<]/, "", name)
        sub(/[">].*/, "", name)
        if ($0 ~ /"/) {
            folder = FILENAME
            sub(/[^\/]*$/, "", folder)
            if (name ~ /^\.\.?\// || canonical(folder name) in known) name = canonical(folder name)
            else if (canonical("src/" name) in known) name = canonical("src/" name)
        }
        print from, name
    }' include/ouro/*.h src/*/*.[cdh]*
}

# judge: reads the edges, prints one ok or several not ok lines per layer.
judge() {
    groups=$groups may_include=$may_include file_may_include=$file_may_include never_reaches=$never_reaches awk '
    # table TEXT INTO: INTO[first word] = the other words, collected over rows
    function table(text, into,   rows, n, i, key) {
        n = split(text, rows, "\n")
        for (i = 1; i <= n; i++) {
            if (rows[i] !~ /[^ ]/) continue
            key = rows[i]; sub(/ .*/, "", key)
            sub(/^[^ ]+ */, "", rows[i])
            into[key] = into[key] " " rows[i]
        }
    }
    function matches(name, list,   words, n, i, pattern) {
        n = split(list, words, " ")
        for (i = 1; i <= n; i++) {
            if (words[i] ~ /^@/) { if (matches(name, group[words[i]])) return 1; continue }
            pattern = words[i]
            gsub(/\./, "[.]", pattern); gsub(/\*/, ".*", pattern)
            if (name ~ ("^" pattern "$")) return 1
        }
        return 0
    }
    function layer_of(file,   parts) {
        split(file, parts, "/")
        return parts[1] == "ouro" ? "headers" : parts[2]
    }
    function complain(layer, why) { bad[layer] = bad[layer] "not ok layer_" layer ": " why "\n" }
    # reach FILE: visits everything FILE includes, directly or not; via[] tells by which road
    function reach(start, layer,   queue, head, tail, file, next_files, n, i, seen) {
        queue[tail = head = 1] = start; seen[start] = 1
        while (head <= tail) {
            file = queue[head++]
            n = split(includes[file], next_files, " ")
            for (i = 1; i <= n; i++) {
                if (next_files[i] in seen) continue
                seen[next_files[i]] = 1; queue[++tail] = next_files[i]
                if (matches(next_files[i], never[layer])) complain(layer, start " reaches " next_files[i] " through " file)
            }
        }
    }
    BEGIN {
        table(ENVIRON["groups"], group); table(ENVIRON["may_include"], may)
        table(ENVIRON["file_may_include"], special); table(ENVIRON["never_reaches"], never)
    }
    { from[NR] = $1; to[NR] = $2; includes[$1] = includes[$1] " " $2; count[layer_of($1)]++ }
    END {
        for (i = 1; i <= NR; i++) {
            layer = layer_of(from[i])
            own = layer == "headers" ? "" : "src/" layer "/*.h src/" layer "/*.def"
            if (!(layer in may)) { if (!unknown[layer]++) complain(layer, "src/" layer " has no row in the table"); continue }
            if (!matches(to[i], may[layer] " " own " " special[substr(from[i], 5)])) complain(layer, from[i] " includes " to[i])
        }
        for (file in includes) if (layer_of(file) in never) reach(file, layer_of(file))
        for (layer in count) printf "%s", layer in bad ? bad[layer] : "ok layer_" layer "\n"
    }'
}

# exports: every plug-in's object defines exactly its own symbol; the library defines only ouro_ symbols.
exports() {
    local folder kind except file name symbol found lib=$build/libouro.a wrong
    printf '%s' "$plugins" | while read -r folder kind except; do
        for file in src/"${folder:-none}"/*.c; do
            name=$(basename "$file" .c)
            case " $except " in *" $name "*) continue ;; esac
            [ -e "$file" ] || continue
            symbol=ouro_${kind}_$(printf '%s' "$name" | tr - _)
            if [ ! -e "$build/obj/${file%.c}.o" ]; then
                echo "not ok exports_$folder/$name: no object in $build: build first"
                continue
            fi
            found=$(nm -g --defined-only "$build/obj/${file%.c}.o" | awk '{ printf "%s ", $NF }')
            if [ "$found" = "$symbol " ]; then
                echo "ok exports_$folder/$name"
            else
                echo "not ok exports_$folder/$name: exports ${found:-nothing }instead of $symbol alone"
            fi
        done
    done
    if [ ! -e "$lib" ]; then
        echo "not ok symbol_prefix: no $lib: build first"
        return
    fi
    # a name with a dot in front is the compiler's own, such as the lock of a named OpenMP critical section
    wrong=$(nm -g --defined-only "$lib" 2>/dev/null | awk 'NF == 3 && $3 !~ /^(ouro_|[.])/ { printf " %s", $3 }')
    if [ -z "$wrong" ]; then echo "ok symbol_prefix"; else echo "not ok symbol_prefix: without ouro_ in front:$wrong"; fi
}

set -o pipefail
layers=$(edges | judge | sort) || layers="not ok layers: the check itself broke"
result=$(printf '%s\n' "$layers" && exports)
printf '%s\n' "$result"
! printf '%s\n' "$result" | grep -q '^not ok'
