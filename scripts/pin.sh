#!/usr/bin/env bash
# Writes constraints.txt anew from a clean environment with every extra, on the oldest Python that
# the project supports.  PYTHON=python3.11 scripts/pin.sh
set -euo pipefail
cd "$(dirname "$0")/.."
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
"${PYTHON:-python3.11}" -m venv "$made/venv"
"$made/venv/bin/pip" install -q -e ".[live,midi,picture,test,dev]"
{
  sed -n '/^#/p' constraints.txt
  "$made/venv/bin/pip" freeze --exclude-editable | grep -E '^[A-Za-z0-9_.-]+=='
} >"$made/constraints.txt"
cp "$made/constraints.txt" constraints.txt
