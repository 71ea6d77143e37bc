#!/usr/bin/env bash
# Sets up .venv and runs the package: demo, test, or everything.
#   ./run_all.sh demo    trains, explains and reports ConvR-LSTM-SD on embedded digits: minutes, no data needed
#   ./run_all.sh test    the checks: ruff and the test suite
#   ./run_all.sh docs    builds the documentation site into site/: open site/index.html, no server is needed
#   ./run_all.sh benchmark   speed, memory and correctness beside other libraries; flags as in benchmarks/README.md
#   ./run_all.sh         the reproduction: all tables and figures into figures/; interrupt it as you like and repeat it.
#                        Its flags are those of python -m thesis_rnn reproduce, for instance
#                        ./run_all.sh --profile=quick
#                        ./run_all.sh --only=arch:deep,arch:rlstm_sd --folds=0,1-3 --jobs=2
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

# Installs again only when what is to be installed has changed, into the environment that is there: it may be in use. One that
# was moved is made anew, since its programs name the old place.
set_up() {
  local wanted place="$PWD/.venv"
  wanted="$(cat setup.py thesis_rnn/version.py | cksum)"
  if [ ! -x .venv/bin/python ] || [ "$(cat .venv/place 2> /dev/null)" != "$place" ]; then
    echo "setting up .venv (a few minutes the first time)"
    "$(python_of)" -m venv --clear .venv
    echo "$place" > .venv/place
  fi
  if [ "$(cat .venv/installed 2> /dev/null)" != "$wanted" ]; then
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[test]'
    echo "$wanted" > .venv/installed
  fi
}

demo() {
  .venv/bin/python -m thesis_rnn.train --flagfile=flags/demo.flags --run_dir=runs/demo --overwrite
}

reproduce() {
  .venv/bin/python -m thesis_rnn reproduce "$@"
}

case "${1:-all}" in
  demo)
    set_up
    demo
    ;;
  all)
    set_up
    reproduce "${@:2}"
    ;;
  --*)
    set_up
    reproduce "$@"
    ;;
  benchmark)
    set_up
    .venv/bin/python -m benchmarks "${@:2}"
    ;;
  docs)
    set_up
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --editable '.[docs]'
    NO_MKDOCS_2_WARNING=1 .venv/bin/python -m mkdocs build --quiet
    echo "built: open site/index.html"
    ;;
  test)
    set_up
    .venv/bin/python -m ruff check .
    .venv/bin/python -m ruff format --check .
    # Two processes, each with whole files: most tests wait for one core to trace a graph.
    .venv/bin/python -m pytest -n 2 --dist loadfile "${@:2}"
    ;;
  *)
    echo "error: expected benchmark, demo, docs, test or no argument; received $1" >&2
    exit 2
    ;;
esac
