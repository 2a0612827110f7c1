#!/bin/bash
# Makes the virtual environment $1 with the best Python here, getting what Debian leaves out of
# Python (ensurepip) where it may, and otherwise naming the one command that gets it.
set -euo pipefail
folder=$1

fail() { printf '\n%s\n' "$*" >&2; exit 1; }
fits() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }
can_make_venvs() { "$1" -c 'import ensurepip, venv' 2>/dev/null; }
# apt-get as root: directly, or by a sudo that asks nothing.
as_root() {
    if [ "$(id -u)" = 0 ]; then "$@"
    elif sudo -n true 2>/dev/null; then sudo -n "$@"
    else return 1; fi
}

python='' bare=''
for name in ${PYTHON:-python3.13 python3.12 python3.11 python3}; do
    fits "$name" || continue
    bare=${bare:-$name}
    if can_make_venvs "$name"; then python=$name; break; fi
done

if [ -z "$bare" ]; then
    if [ -n "${PYTHON:-}" ]; then
        fail "PYTHON=$PYTHON is not a Python of version 3.11 or later."
    fi
    found=$(python3 --version 2>/dev/null || echo 'no python3')
    fail "Matinee needs Python 3.11 or later; this machine has $found. Install one, for example:
    sudo apt-get install python3.12 python3.12-venv"
fi

if [ -z "$python" ]; then
    version=$("$bare" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    package="python$version-venv"
    by_hand="sudo apt-get install $package"
    command -v apt-get >/dev/null ||
        fail "Python $version lacks ensurepip and venv, which Matinee needs: install them with your package manager."
    echo "Python $version lacks ensurepip: getting $package from the system's packages..."
    if ! { as_root env DEBIAN_FRONTEND=noninteractive apt-get update -qq &&
           as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$package" >/dev/null; }; then
        fail "Python $version cannot make virtual environments yet. Run this, then make again:
    $by_hand"
    fi
    can_make_venvs "$bare" || fail "$package is installed, yet $bare has no ensurepip. Try another Python: make PYTHON=/path/to/python3"
    python=$bare
fi

# --clear: a half-made environment of a run that was broken off does no harm.
"$python" -m venv --clear "$folder"
echo "Made $folder with $("$python" --version)."
