#!/bin/sh
# step.sh TITLE COMMAND [ARGUMENT...]: runs the command quietly and says how long it took; shows its output if it fails.
title=$1
shift
started=$(date +%s.%N)
output=$(mktemp)
trap 'rm -f "$output"' EXIT
printf '… %s\n' "$title" >&2
if "$@" >"$output" 2>&1; then
  ended=$(date +%s.%N)
  printf '✓ %s  %s\n' "$title" "$(awk -v a="$started" -v b="$ended" 'BEGIN { printf "%.1f s", b - a }')" >&2
else
  code=$?
  cat "$output" >&2
  printf '✗ %s (exit code %s)\n' "$title" "$code" >&2
  exit "$code"
fi
