#!/bin/sh
# Sixteen lines at talk between two posts: all come up, within the memory that may
# be locked, and a message passes on each.
. "$(dirname "$0")/lib.sh"
. "$here/land.sh"

lines=16
open_roads
make_posts

make_line() {
	_file=$tmp/line-$1
	_port=$((7400 + $1))
	a line offer "peer $1" -o "$_file.offer" --cadence talk \
		--listen "$host_a:$_port" --endpoint "$host_a:$_port" &&
		b line accept "peer $1" "$_file.offer" -o "$_file.reply" \
			--listen "$host_b:$_port" &&
		a line finish "peer $1" "$_file.reply" -o "$_file.reveal" \
			--carried hand --json >"$_file.a" &&
		b line finish "peer $1" "$_file.reveal" --carried hand \
			--json >"$_file.b" || return 1
	# shellcheck disable=SC2046
	a line confirm "peer $1" $(words_of "$_file.b") || return 1
	# shellcheck disable=SC2046
	b line confirm "peer $1" $(words_of "$_file.a")
}
make_lines() {
	for _n in $(seq $lines); do
		make_line "$_n" || return 1
	done
}
must "sixteen lines are made" make_lines
all_up() {
	[ "$("$1" status --json | jq '[.lines[] |
		select(.state == "up")] | length')" = $lines ]
}
check "all of a's come up" await 60 all_up a
check "all of b's come up" await 60 all_up b
speak_on_all() {
	for _n in $(seq $lines); do
		"$1" send "peer $_n" "$1 on $_n" >/dev/null || return 1
	done
}
check "a says something on each" speak_on_all a
check "b says something on each" speak_on_all b
heard_on_all() {
	for _n in $(seq $lines); do
		"$1" read "peer $_n" --json | jq -es --arg text "$2 on $_n" '
			[.[] | select(.from == "them") | .text] == [$text]' \
			>/dev/null || return 1
	done
}
check "b hears each on its line" await 60 heard_on_all b a
check "a hears each on its line" await 60 heard_on_all a b
check "a session lives on each" holds \
	'.[0].lines | all(.frames.sessions >= 1 and .state == "up")' a status
finish
