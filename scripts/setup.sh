#!/usr/bin/env bash
# Makes .venv with the pinned versions and the project itself, editable.
# Another Python: PYTHON=python3.13 scripts/setup.sh.  More extras: scripts/setup.sh live,midi
set -euo pipefail
cd "$(dirname "$0")/.."
"${PYTHON:-python3}" -m venv .venv
.venv/bin/pip install -q -c constraints.txt -e ".[test,picture,dev${1:+,$1}]"
echo "ready: .venv/bin/lullaby --help, scripts/check.sh"
