#!/bin/sh
# Sets scanproc up in .venv with all that the tests need, and runs them.
set -eu
cd "$(dirname "$0")/.."
. .ci/venv.sh
.venv/bin/pip install --quiet --constraint requirements.txt --editable '.[dev,train]'
.venv/bin/python -m pytest "$@"
