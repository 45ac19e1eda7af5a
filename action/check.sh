#!/usr/bin/env bash
# Judge, annotate, summarise; leave files and outputs. The verdict is a step of its own, so that
# later steps can upload the files of a submission that fails.
set -euo pipefail
: "${RUNNER_TEMP:?}" "${GITHUB_WORKSPACE:?}" "${GITHUB_OUTPUT:?}" "${GITHUB_STEP_SUMMARY:?}"
out="$RUNNER_TEMP/submission-checker/report"
bin="${CHECKER_BIN:-$RUNNER_TEMP/submission-checker/venv/bin}"
mkdir -p "$out"
cd "$RUNNER_TEMP"
export PYTHONSAFEPATH=1

folder="${INPUT_PATH:-.}"
folder="${folder#./}"
folder="${folder%/}"
case "/$folder/" in
    *"/../"*) echo "::error::the input path leaves the workspace"; exit 2 ;;
esac
case "$folder" in
    /*) echo "::error::the input path is absolute"; exit 2 ;;
esac
[ "$folder" = "." ] && folder=""

arguments=(--profile "${INPUT_PROFILE:-gate}" --fail-on "${INPUT_FAIL_ON:-error}" --format github)
for form in json:json sarif-github:sarif html:html markdown:md; do
    rm -f "$out/report.${form##*:}"
    arguments+=(-o "${form%%:*}:$out/report.${form##*:}")
done
[ -n "${INPUT_ROUND:-}" ] && arguments+=("--round=$INPUT_ROUND")
[ -n "${INPUT_EXCEPTIONS:-}" ] && arguments+=("--exceptions=$GITHUB_WORKSPACE/$INPUT_EXCEPTIONS")
if [ -n "${INPUT_SINCE:-}" ]; then
    arguments+=("--since=$INPUT_SINCE")
    input="git:$GITHUB_WORKSPACE@HEAD${folder:+:$folder}"
else
    input="$GITHUB_WORKSPACE${folder:+/$folder}"
fi

code=0
"$bin/submission-checker" check "${arguments[@]}" -- "$input" \
    > "$out/annotations.txt" 2> "$out/messages.txt" || code=$?
cat "$out/annotations.txt"
if [ -s "$out/messages.txt" ]; then   # names of files stand in messages: no commands are obeyed
    token="stop-$("$bin/python" -I -c 'import secrets; print(secrets.token_hex(16))')"
    echo "::stop-commands::$token"
    cat "$out/messages.txt"
    echo
    echo "::$token::"
fi

state=$("$bin/python" -I - "$code" "$out/report.json" <<'PYTHON'
import json
import sys

code, file = int(sys.argv[1]), sys.argv[2]
states = {0: "passed", 1: "failed", 2: "failed", 3: "unreadable", 4: "crashed"}
state = states.get(code, "crashed")
if code == 3:
    try:
        with open(file, encoding="utf-8") as text:
            report = json.load(text)
    except OSError:
        report = None
    if report is not None and not report["results"]:
        state = "failed" if report["summary"]["findings"]["error"] else "nothing"
print(state)
PYTHON
)

if [ -f "$out/report.md" ]; then
    cat "$out/report.md" >> "$GITHUB_STEP_SUMMARY"
else
    echo "submission-checker: nothing was judged (exit code $code), see the log" \
        >> "$GITHUB_STEP_SUMMARY"
fi
{
    echo "state=$state"
    echo "exit-code=$code"
    for form in json sarif html; do
        [ ! -f "$out/report.$form" ] || echo "$form=$out/report.$form"
    done
    [ ! -f "$out/report.md" ] || echo "markdown=$out/report.md"
} >> "$GITHUB_OUTPUT"
