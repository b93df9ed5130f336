#!/bin/sh
# step.sh TITLE COMMAND [ARGUMENT...]: runs the command quietly and says how long it took; shows its output if it fails,
# or where VERBOSE=1 or DEBUG=1 asks for it. QUIET=1 says nothing of what goes well.
title=$1
shift
is_on() {
  case $1 in '' | 0 | false) return 1 ;; esac
}
say() {
  if ! is_on "$SLIPWAY_QUIET"; then printf "$@" >&2; fi
}
started=$(date +%s.%N)
output=$(mktemp)
trap 'rm -f "$output"' EXIT
say '… %s\n' "$title"
if is_on "$SLIPWAY_VERBOSE" || is_on "$SLIPWAY_DEBUG"; then
  "$@" >&2
else
  "$@" >"$output" 2>&1
fi
code=$?
if [ "$code" -eq 0 ]; then
  ended=$(date +%s.%N)
  say '✓ %s  %s\n' "$title" "$(awk -v a="$started" -v b="$ended" 'BEGIN { printf "%.1f s", b - a }')"
else
  cat "$output" >&2
  printf '✗ %s (exit code %s)\n' "$title" "$code" >&2
  exit "$code"
fi
