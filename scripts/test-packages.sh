#!/bin/bash
# Gets the programs from Debian's packages that only the tests need, where they are missing:
# a browser for the players, nginx as the peer and the plain web server, xmllint for the MPD schema.
set -euo pipefail

missing=()
# program(s), any of which will do, then the package that brings the first
want() {
    local package=${!#} program
    for program in "${@:1:$#-1}"; do
        if command -v "$program" >/dev/null || [ -x "/usr/sbin/$program" ]; then return; fi
    done
    missing+=("$package")
}
[ -n "${CHROMIUM:-}" ] || want chromium chromium-browser google-chrome chromium
want nginx nginx-light
want xmllint libxml2-utils
[ ${#missing[@]} -gt 0 ] || exit 0

install=(env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}")
root=()
if [ "$(id -u)" != 0 ]; then
    if ! sudo -n true 2>/dev/null; then
        printf 'The tests need some programs. Run this, then make test again:\n    sudo apt-get install %s\n' "${missing[*]}" >&2
        exit 1
    fi
    root=(sudo -n)
fi
echo "Getting ${missing[*]} from the system's packages for the tests..."
"${root[@]}" apt-get update -qq
"${root[@]}" "${install[@]}" >/dev/null
