#!/bin/sh
# Memcheck sees branches and addresses, but not how long one instruction takes.
# A division takes as long as its operands are large, and ML-KEM, which rounds,
# must have none: looks at the machine code, and prints TAP.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=${QUIETLINE_BUILD:-$here/../../build}

objdump -d --no-show-raw-insn "$build/test/constant/constant" | awk '
	/^[0-9a-f]+ <.*>:$/ {
		inside = $2 ~ /^<PQCLEAN_MLKEM768_/
		functions += inside
	}
	# SSE and AVX divide too: divsd, vdivps.
	inside && $2 ~ /^v?i?div/ { found++; print "# " $0 }
	END {
		if (functions == 0)
			print "ok 1 - no division in ML-KEM # SKIP it is libsodium'\''s"
		else
			print (found ? "not " : "") "ok 1 - no division in the " \
			    functions " functions of ML-KEM"
		print "1..1"
		exit found > 0
	}'
