#!/usr/bin/env bash
# Fail the job where the check did; a change that touches no submission passes.
set -euo pipefail
case "${STATE:-}" in
    passed) ;;
    nothing) echo "::notice::no submission is touched, nothing was judged" ;;
    *) echo "submission-checker: ${STATE:-no state} (exit code ${EXIT_CODE:-none})"
       [ "${EXIT_CODE:-1}" != 0 ] || EXIT_CODE=1
       exit "${EXIT_CODE:-1}" ;;
esac
