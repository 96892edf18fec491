#!/bin/sh
# Shakes hands, both ways round, with a Noise that others wrote (npm's
# noise-handshake); prints TAP.
if ! command -v node >/dev/null 2>&1; then
	echo "1..0 # SKIP no node on this machine"
	exit 0
fi
exec node test/vectors/interop/interop.js \
    "${QUIETLINE_BUILD:-build}/test/vectors/interop"
