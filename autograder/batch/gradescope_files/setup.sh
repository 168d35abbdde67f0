#!/bin/sh
# Gradescope runs this once, as root, when it builds the image. AUTOGRADER_ROOT stands for
# /autograder elsewhere; AUTOGRADER_PYTHON is a Python that has the packages already.
set -eu
root="${AUTOGRADER_ROOT:-/autograder}"
source="$root/source"

if [ -n "${AUTOGRADER_PYTHON:-}" ]; then
    python="$AUTOGRADER_PYTHON"
else
    export DEBIAN_FRONTEND=noninteractive
    apt-get update
    # bubblewrap is the stronger sandbox, where the container may start it.
    apt-get install -y --no-install-recommends bubblewrap libseccomp2
    found=""
    for name in python3.13 python3.12 python3.11; do
        "$name" -c 'import ensurepip' 2>/dev/null || apt-get install -y "$name" "$name-venv" || true
        if "$name" -c 'import ensurepip' 2>/dev/null; then
            found="$name"
            break
        fi
    done
    if [ -z "$found" ]; then
        echo "Python 3.11 or newer is needed, and this image has none to install." >&2
        echo "In Gradescope, choose a newer base image for the autograder." >&2
        exit 1
    fi
    "$found" -m venv --clear "$root/python"
    python="$root/python/bin/python"
    "$python" -m pip install --disable-pip-version-check --no-cache-dir \
        --require-hashes --no-deps -r "$source/requirements.txt"
fi

rm -rf "$root/kit"
"$python" -m zipfile -e "$source"/*.whl "$root/kit"
PYTHONPATH="$root/kit" "$python" -c 'import autograder.batch.gradescope'
echo "The autograder is installed."
