#!/usr/bin/env bash
# What CI checks, in the same order for everybody: format, lint, types, floors, tests.
# --without-tests leaves the tests out; anything else is handed on to pytest.
set -euo pipefail
cd "$(dirname "$0")/.."
[ -d .venv ] && PATH="$PWD/.venv/bin:$PATH"

tests=yes
if [ "${1:-}" = --without-tests ]; then
  tests=no
  shift
fi
step() {
  echo "+ $*"
  "$@"
}
step ruff format --check .
step ruff check .
step mypy
step lint-imports
if [ "$tests" = yes ]; then
  step pytest -q -n 2 "$@"
fi
