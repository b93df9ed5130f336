#!/bin/sh
# Runs the rows of the fault table and prints it: fault-table.sh
#
# SLIPWAY_TEST_FAULTS names one row, or is `all` or `quick`; all by default. SLIPWAY_TEST_FAULTS_TABLE names the file that
# the table is written to; test/faults/last.md by default. Exit code: 0 where every row that was run holds.
set -u

export SLIPWAY_TEST_FAULTS="${SLIPWAY_TEST_FAULTS:-all}"
export SLIPWAY_TEST_FAULTS_TABLE="${SLIPWAY_TEST_FAULTS_TABLE:-$PWD/test/faults/last.md}"
rm -f "$SLIPWAY_TEST_FAULTS_TABLE"
node_modules/.bin/vitest run --project faults
code=$?
[ ! -f "$SLIPWAY_TEST_FAULTS_TABLE" ] || cat "$SLIPWAY_TEST_FAULTS_TABLE"
exit $code
