#!/usr/bin/env bash
# Sets up .venv and runs the package: demo, test, or everything.
#   ./run_all.sh demo    trains, explains and reports ConvR-LSTM-SD on embedded digits: minutes, no data needed
#   ./run_all.sh test    the checks: ruff and the test suite
#   ./run_all.sh         the whole reproduction, as far as it exists: the demo
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

python_of() {
  for candidate in python3.11 python3.12 python3.13 python3; do
    if command -v "$candidate" > /dev/null && "$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))'; then
      echo "$candidate"
      return
    fi
  done
  echo "error: Python 3.11 to 3.13 is needed; found $(python3 --version 2>&1 || echo none)" >&2
  exit 1
}

# Installs again only when what is to be installed has changed.
set_up() {
  local wanted
  wanted="$(cat setup.py thesis_rnn/version.py | cksum) $PWD"
  if [ ! -x .venv/bin/python ] || [ "$(cat .venv/installed 2> /dev/null)" != "$wanted" ]; then
    echo "setting up .venv (a few minutes the first time)"
    "$(python_of)" -m venv --clear .venv
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[test]'
    echo "$wanted" > .venv/installed
  fi
}

demo() {
  .venv/bin/python -m thesis_rnn.train --flagfile=flags/demo.flags --run_dir=runs/demo --overwrite
}

case "${1:-all}" in
  demo | all)
    set_up
    demo
    ;;
  test)
    set_up
    .venv/bin/python -m ruff check .
    .venv/bin/python -m ruff format --check .
    .venv/bin/python -m pytest "${@:2}"
    ;;
  *)
    echo "error: expected demo, test or no argument; received $1" >&2
    exit 2
    ;;
esac
