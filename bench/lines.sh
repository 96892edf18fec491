# What sixteen lines at talk cost a post while nobody says anything, beside what one
# line costs it, and whether they keep their time.
. "$(dirname "$0")/lib.sh"

seconds=${QUIETLINE_LINES_S:-30}
lines=16

# Both posts in one namespace: they reach each other over its loopback.
loopback() {
	sed "s|--target $space_b |--target $space_a |" "$tmp/bin/b" \
		>"$tmp/bin/b.new"
	mv "$tmp/bin/b.new" "$tmp/bin/b"
	chmod +x "$tmp/bin/b"
}

# add_line N: a's name for it is oslo-N, b's is bergen-N.
add_line() {
	must "offer" a line offer "oslo-$1" -o "$tmp/offer" --cadence talk \
		--listen "127.0.0.1:$((8000 + $1))" \
		--endpoint "127.0.0.1:$((8000 + $1))"
	must "accept" b line accept "bergen-$1" "$tmp/offer" -o "$tmp/reply" \
		--listen "127.0.0.1:$((8100 + $1))" \
		--endpoint "127.0.0.1:$((8100 + $1))"
	a line finish "oslo-$1" "$tmp/reply" -o "$tmp/reveal" --carried hand \
		--json >"$tmp/a.words" || fail "finish on a's side"
	b line finish "bergen-$1" "$tmp/reveal" --carried hand --json \
		>"$tmp/b.words" || fail "finish on b's side"
	# shellcheck disable=SC2046
	must "a confirms" a line confirm "oslo-$1" $(words_of "$tmp/b.words")
	# shellcheck disable=SC2046
	must "b confirms" b line confirm "bergen-$1" $(words_of "$tmp/a.words")
}

are_up() {
	for _post in a b; do
		$_post status --json | jq -e --argjson n "$1" \
			'[.lines[].state] | length == $n and all(. == "up")' \
			>/dev/null || return 1
	done
}

sum_of() {
	a status --json | jq "[.lines[].frames.$1] | add"
}

# measure N: sets percent, of a core, and the slots that had a frame and had none.
measure() {
	await 60 are_up "$1" || fail "$1 lines come up"
	sleep 2
	_sent=$(sum_of sent)
	_missed=$(sum_of missed)
	_used=$(used_ns a)
	_wire=$(used_ns a wire)
	_began=$(date +%s%N)
	progress "nobody speaks for $seconds s on $1 line(s)"
	sleep "$seconds"
	_ended=$(date +%s%N)
	percent=$(calc "100 * ($(used_ns a) - $_used) / ($_ended - $_began)")
	percent_wire=$(calc \
		"100 * ($(used_ns a wire) - $_wire) / ($_ended - $_began)")
	sleep 2
	sent=$(($(sum_of sent) - _sent))
	missed=$(($(sum_of missed) - _missed))
	[ $((sent + missed)) -ge $(($1 * seconds * 9)) ] ||
		fail "the lines did not keep their cadence"
}

loopback
make_posts
add_line 1
measure 1
one=$percent
one_wire=$percent_wire
progress "one line: wire alone $one_wire %"
for n in $(seq 2 $lines); do
	add_line "$n"
done
measure $lines
progress "$lines lines: wire alone $percent_wire %"
figure "$lines idle lines at talk, processor" "$percent" % "one core" 100 \
	"value <= 8"
figure "a further line, processor" \
	"$(calc "($percent - $one) / ($lines - 1)")" % "the first line" "$one" \
	"ratio <= 1"
figure "slots missed, $lines lines" "$missed" slots \
	"slots in which a frame left" "$sent" "ratio <= 0.001"
