# Sourced: a virtual environment in .venv, with what a fresh Debian or Ubuntu lacks for it.
if ! python3 -c 'import ensurepip, venv' 2>/dev/null; then
    as_root=$(command -v sudo || true)
    $as_root apt-get update -q
    $as_root apt-get install -q -y python3-venv
fi
[ -x .venv/bin/pip ] || python3 -m venv --clear .venv
