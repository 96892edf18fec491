#!/bin/sh
# What a newcomer sees first: every step of the demo works.
. "$(dirname "$0")/lib.sh"

command -v openssl >/dev/null || skip_all "openssl is not installed"
mkdir "$tmp/t"
demo() {
	TMPDIR=$tmp/t sh "$here/../../demo/demo.sh" --once
}
check "every step was seen to work" demo
check "nothing of it is left" rmdir "$tmp/t"
finish
