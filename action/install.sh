#!/usr/bin/env bash
# Install the checker of this action's own revision into an environment outside of the workspace.
set -euo pipefail
: "${RUNNER_TEMP:?}" "${GITHUB_ACTION_PATH:?}"
cd "$RUNNER_TEMP"   # a module in the workspace must never be imported instead of a real one
venv="$RUNNER_TEMP/submission-checker/venv"
"${INPUT_PYTHON:-python3}" -I -m venv "$venv"
"$venv/bin/python" -I -m pip install --quiet --disable-pip-version-check "$GITHUB_ACTION_PATH"
"$venv/bin/submission-checker" --version
