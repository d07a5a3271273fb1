#!/bin/sh
# python.sh [MODULE]: prints the first Python that imports MODULE (default: matplotlib), or says what is missing.
#
# The `python3` of the PATH is often not the one that has the distribution's packages (pyenv, conda), hence the
# search. PYTHON=... names the one to use and ends the search. Exit 1: none found.
set -u
module=${1:-matplotlib}

candidates() {
    if [ -n "${PYTHON:-}" ]; then
        printf '%s\n' "$PYTHON"
        return
    fi
    printf '%s\n' python3 /usr/bin/python3 /usr/local/bin/python3 /opt/homebrew/bin/python3
    printf '%s\n' "$PATH" | tr ':' '\n' | while read -r folder; do
        ls "$folder"/python3.[0-9] "$folder"/python3.[0-9][0-9] 2>/dev/null
    done
}

found=$(candidates | while read -r python; do
    if "$python" -c "import $module" </dev/null >/dev/null 2>&1; then
        printf '%s\n' "$python"
        break
    fi
done)
if [ -z "$found" ]; then
    echo "python.sh: no Python here imports $module${PYTHON:+ (PYTHON=$PYTHON)}; run 'make deps'," \
         "or name one that does: PYTHON=/path/to/python3" >&2
    exit 1
fi
printf '%s\n' "$found"
