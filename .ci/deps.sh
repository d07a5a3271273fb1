#!/bin/sh
# deps.sh [deps|deps-dev]: installs what building, testing and drawing need, and only what is missing.
#
# Nothing missing: prints nothing, touches no network. Otherwise the exact command is printed before it runs.
#   DRY=1      print the commands, run none
#   PYTHON=... the Python that has to import matplotlib
# Exit 0: everything is there (or DRY=1). 1: something is missing still.
set -u
here=$(dirname "$0")
tier=${1:-deps}

# What may be missing, and its package in each manager; "-" means there is none to install. A need is met when
# its have_<need> below succeeds.
needs='
deps      compiler    gcc,libc6-dev       gcc,glibc-devel   gcc                 gcc
deps      pkgconfig   pkg-config          pkgconf           pkg-config          pkgconf
deps      gsl         libgsl-dev          gsl-devel         gsl                 gsl
deps      openblas    libopenblas-dev     openblas-devel    openblas            openblas
deps      cjson       libcjson-dev        cjson-devel       cjson               cjson
deps      matplotlib  python3-matplotlib  python3-matplotlib python-matplotlib  python-matplotlib
deps-dev  clang       clang               clang             llvm                clang
deps-dev  clangrt     libclang-rt-%V-dev  compiler-rt       -                   compiler-rt
deps-dev  clangomp    libomp-%V-dev       libomp-devel      -                   openmp
deps-dev  format      clang-format        clang-tools-extra clang-format        clang
deps-dev  valgrind    valgrind            valgrind          -                   valgrind
deps-dev  gcovr       gcovr               gcovr             gcovr               gcovr
deps-dev  shellcheck  shellcheck          ShellCheck        shellcheck          shellcheck
deps-dev  numpy       python3-numpy       python3-numpy     numpy               python-numpy
deps-dev  rdflib      python3-rdflib      python3-rdflib    -                   python-rdflib
'

have() { command -v "$1" >/dev/null 2>&1; }
# `cc` as make would call it, with the C library's headers and OpenMP
have_compiler() { printf '#include <omp.h>\n#include <stdio.h>\n' | ${CC:-cc} -fopenmp -fsyntax-only -x c - >/dev/null 2>&1; }
have_pkgconfig() { have "${PKG_CONFIG:-pkg-config}"; }
have_library() { "${PKG_CONFIG:-pkg-config}" --exists "$1" 2>/dev/null; }
have_gsl() { have_library gsl; }
have_openblas() { have_library openblas; }
have_cjson() { have_library libcjson; }
have_matplotlib() { sh "$here/python.sh" matplotlib >/dev/null 2>&1; }
have_clang() { have clang; }
have_clangrt() { [ -n "$(find "$(clang -print-resource-dir 2>/dev/null)" -name '*clang_rt.fuzzer*.a' 2>/dev/null)" ]; }
have_clangomp() { printf '#include <omp.h>\n' | clang -fopenmp -fsyntax-only -x c - >/dev/null 2>&1; }
have_format() { have clang-format; }
have_valgrind() { have valgrind; }
have_gcovr() { have gcovr; }
have_shellcheck() { have shellcheck; }
have_numpy() { sh "$here/python.sh" numpy >/dev/null 2>&1; }
have_rdflib() { sh "$here/python.sh" rdflib >/dev/null 2>&1; }

# Prints the names of the unmet needs of the tier ("deps-dev" includes "deps").
missing() {
    printf '%s' "$needs" | while read -r of need _; do
        [ -n "$need" ] || continue
        [ "$of" = deps ] || [ "$tier" = deps-dev ] || continue
        "have_$need" </dev/null || printf '%s ' "$need"
    done
}

# packages COLUMN NEED...: the packages of these needs in that manager's column of the table.
packages() {
    column=$1
    shift
    for need; do
        printf '%s' "$needs" | awk -v need="$need" -v column="$column" \
            '$2 == need && $column != "-" { gsub(",", " ", $column); printf "%s ", $column }'
    done
}

# The version that the package `clang` stands for, which names its run-time packages; 14 where apt does not say.
clang_version() {
    v=$(apt-cache depends clang 2>/dev/null | sed -n 's/.*Depends: clang-\([0-9]*\)$/\1/p' | head -n 1)
    printf '%s' "${v:-14}"
}

# Says the command, then runs it unless DRY=1.
run() {
    echo "+ $*"
    [ -n "${DRY:-}" ] || "$@" </dev/null
}

case $tier in deps | deps-dev) ;; *) echo "usage: deps.sh [deps|deps-dev]" >&2 && exit 2 ;; esac
lack=$(missing)
[ -n "$lack" ] || exit 0
echo "missing: $lack"

manager=
for m in apt-get dnf brew pacman; do
    if have $m; then manager=$m && break; fi
done
sudo=
if [ "$(id -u)" != 0 ] && [ -n "$manager" ] && [ "$manager" != brew ]; then
    sudo=sudo
    if ! have sudo && [ -z "${DRY:-}" ]; then
        echo "deps.sh: neither root nor sudo here; run these as root:" >&2
        DRY=1
        stuck=1
    fi
fi

# shellcheck disable=SC2046,SC2086  # package lists and an empty $sudo are split on purpose
install_missing() {
    case $manager in
    apt-get)
        wait=DPkg::Lock::Timeout=120 # another apt may be at work, as on a freshly booted machine
        run $sudo apt-get -o $wait update -q || echo "deps.sh: the update failed; trying the lists at hand" >&2
        list=$(packages 3 $lack | sed "s/%V/$(clang_version)/g")
        run $sudo env DEBIAN_FRONTEND=noninteractive apt-get -o $wait install -q -y --no-install-recommends $list
        ;;
    dnf) run $sudo dnf install -y $(packages 4 $lack) ;;
    brew) run brew install $(packages 5 $lack) ;;
    pacman) run $sudo pacman -S --needed --noconfirm $(packages 6 $lack) ;;
    *)
        echo "deps.sh: no apt-get, dnf, brew or pacman here; install by hand: $lack" >&2
        return 1
        ;;
    esac
}

install_missing || { echo "deps.sh: that failed; still missing: $lack" >&2 && exit 1; }
[ -z "${stuck:-}" ] || exit 1
[ -z "${DRY:-}" ] || exit 0
lack=$(missing)
[ -z "$lack" ] || { echo "deps.sh: installed, yet not found: $lack(CC, PKG_CONFIG_PATH or PYTHON may have to point there)" >&2 && exit 1; }
