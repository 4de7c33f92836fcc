#!/bin/sh
# Sets scanproc up in .venv and reads the sample pages into results/.
set -eu
cd "$(dirname "$0")/.."
. .ci/venv.sh
.venv/bin/pip install --quiet --constraint requirements.txt .
# exit code 1 is right here: samples/damaged.png cannot be read
.venv/bin/scanproc run samples --out results || [ $? -eq 1 ]
.venv/bin/scanproc status results
echo
echo "The numbers are in results/numbers.csv, which begins:"
head -n 5 results/numbers.csv
