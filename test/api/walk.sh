#!/bin/sh
# Two posts with a line between them, and every route of the API (doc/api.yaml).
# shellcheck source=../system/lib.sh disable=SC2154
. "$(dirname "$0")/../system/lib.sh"

/usr/bin/python3 -c 'import yaml, jsonschema' 2>/dev/null ||
	skip_all "python3-yaml and python3-jsonschema are not installed"
for side in a b; do
	echo "a long passphrase of side $side" >"$tmp/$side.pass"
done
a init bergen --passphrase-file "$tmp/a.pass" >/dev/null &&
	b init oslo --passphrase-file "$tmp/b.pass" >/dev/null &&
	up a >/dev/null && up b >/dev/null || {
	not_ok "the posts come up"
	finish
}
start_weather
LISTEN_A=$host_a:7411 REACH_A=$gate_b:7411 \
	LISTEN_B=$host_b:7411 REACH_B=$gate_a:7411 \
	/usr/bin/python3 -B "$here/walk.py" "$tmp/a/sock" "$tmp/b/sock"
rc=$?
[ "$rc" = 0 ] || show_posts
a down >/dev/null 2>&1
exit "$rc"
