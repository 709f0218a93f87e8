# shellcheck shell=bash
# Runs swift test and counts by what swift-testing prints. Needs output.sh and the variable log_folder, and
# to be in the repository.
# shellcheck disable=SC2154

passed=0
failed=0
skipped=0

# What the reader of a long run needs not see: starts, and one line for each case of a parameterised test.
quiet_lines='^(↳ (Testing Library|Target Platform)|◇ (Test|Suite) .* started\.$|[◇✔] Test case passing |✔ Suite |\[[0-9]+/[0-9]+\] )'

# tests_matching REGEX [SKIP-REGEX]: how many tests of the built package have such an identifier.
tests_matching() {
    { grep -E -- "$1" || true; } <"$log_folder/list" | { grep -E -v -- "${2:-^$}" || true; } | wc -l
}

# ended HOW LOG: how many tests of the log ended so, by lines such as these:
#   ✔ Test "a sentence" passed after 0.001 seconds.      ✘ Test x() failed after 0.001 seconds with 1 issue.
#   ➜ Test y() skipped: "reason"                         ➜ Test z() was cancelled after 0.001 seconds: "reason"
ended() {
    { grep -E "^[^A-Za-z]{1,4}Test .+ $1" "$2" || true; } \
        | { grep -Ev '^[^A-Za-z]{1,4}Test (run with|case passing) ' || true; } | wc -l
}

# count_tests LOG STATUS: adds the log's tests to the sums. A process that crashed before its summary is one failure,
# and so is a run that went wrong without naming a failed test.
count_tests() {
    local log=$1 status=$2 total well badly left_out lost=0
    well=$(ended 'passed after [0-9.]+ seconds' "$log")
    badly=$(ended 'failed after [0-9.]+ seconds' "$log")
    left_out=$(ended '(skipped[.:]|was cancelled after )' "$log")
    total=$(sed -nE 's/^[^A-Za-z]{1,4}Test run with ([0-9]+) tests? .*(passed|failed) after .*/\1/p' "$log" | tail -n 1)
    if [[ -z $total ]]; then
        lost=1
        say "the test process ended without a summary (status $status), see $log"
    else
        # The summary is the judge of how many there were: a line torn apart by other output is not a lost test.
        well=$((total - badly - left_out))
        [[ $status -ne 0 && $badly -eq 0 ]] && lost=1
    fi
    { grep -E '^[^A-Za-z]{1,4}Test .+ recorded an issue ' "$log" || true; } >>"$log_folder/failed"
    passed=$((passed + well))
    failed=$((failed + badly + lost))
    skipped=$((skipped + left_out))
}

# run_tests NAME MINUTES ARGUMENT...: one swift test run, its log in $log_folder/NAME.log.
run_tests() {
    local name=$1 minutes=$2 log status=0
    shift 2
    log="$log_folder/$name.log"
    timeout --kill-after=30 "${minutes}m" swift test --skip-build --disable-xctest "$@" \
        >"$log" 2>&1 &
    test_process=$!
    tail -n +1 -s 0.5 -f --pid="$test_process" "$log" | { grep --line-buffered -Ev -- "$quiet_lines" || true; } >&2 &
    local printer=$!
    wait "$test_process" || status=$?
    test_process=
    wait "$printer" || true
    [[ $status -eq 124 || $status -eq 137 ]] && say "$name: not finished after $minutes minutes, ended"
    count_tests "$log" "$status"
    return "$status"
}

# failed_tests: what failed, once more, after all the output.
failed_tests() {
    [[ -s $log_folder/failed ]] || return 0
    say "failed:"
    sort -u "$log_folder/failed" >&2
}

# count_line: the last line of a run.
count_line() {
    if [[ $skipped -gt 0 ]]; then
        printf '%d passed, %d failed, %d skipped\n' "$passed" "$failed" "$skipped"
    else
        printf '%d passed, %d failed\n' "$passed" "$failed"
    fi
}
