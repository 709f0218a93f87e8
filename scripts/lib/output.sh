# shellcheck shell=bash
# Lines that the scripts print. Everything goes to stderr, so that a script's stdout stays its answer.

# say TEXT...: one line of progress.
say() { printf '%s\n' "$*" >&2; }

# fail TEXT...: one line that names the cause and the remedy, then the end of the script.
fail() {
    printf '%s: %s\n' "${0##*/}" "$*" >&2
    exit 1
}

# human BYTES: the size as MiB with one decimal.
human() { awk -v bytes="$1" 'BEGIN { printf "%.1f MiB", bytes / 1048576 }'; }
