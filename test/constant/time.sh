#!/bin/sh
# Every function that touches a secret, under memcheck with its secrets marked
# as memory that was never set; prints TAP.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=${QUIETLINE_BUILD:-$here/../../build}

# Memcheck counts what it reports; the program asks it after each case.  What it
# says goes to standard error, and names the line of a failure.
exec valgrind --tool=memcheck --error-limit=no --error-exitcode=0 \
    --undef-value-errors=yes --track-origins="${ORIGINS:-no}" -q \
    "$build/test/constant/constant"
