#!/bin/sh
# Somebody throws junk at both posts, of the right size and of any other, from
# the peer's address and from a stranger's. Nothing is sent because of it.
. "$(dirname "$0")/lib.sh"

line_between 1200@20

refused() {
	line_field "$1" frames.refused
}
logged() {
	cat "$tmp/a/log" "$tmp/b/log" | wc -l
}
# same_pace N: while a sends N frames, b sends as many, and nothing else comes.
same_pace() {
	_a=$(stat_of ab seen)
	_b=$(stat_of ba seen)
	frames a "$1" || return 1
	_a=$(($(stat_of ab seen) - _a))
	_b=$(($(stat_of ba seen) - _b))
	echo "$_a frames of a, $_b of b"
	[ $((_a * 100)) -ge $((_b * 90)) ] && [ $((_a * 90)) -le $((_b * 100)) ]
}

lines=$(logged)
before=$(refused a)
tell junk 2000 1200 ba >/dev/null
check "junk of the right size: a's cadence stays" same_pace 250
check "a counts it" await 30 sh -c \
	"[ \"\$(a status --json | jq .lines[0].frames.refused)\" -gt $before ]"
tell junk 2000 ba >/dev/null
check "junk of any size: a's cadence stays" same_pace 150
tell junk 2000 1200 ba stranger >/dev/null
check "junk from a stranger: a's cadence stays" same_pace 150
check "a message passes all the same" a send oslo "Still here" \
	--wait delivered --timeout 60
tell fair >/dev/null
before=$(refused b)
tell junk 1000 300 ab >/dev/null
tell replay 100 ab >/dev/null
tell reflect 50 ab >/dev/null
check "junk, replays and reflections: b's cadence stays" same_pace 150
check "b answers through it" b send bergen "Here too" --wait delivered \
	--timeout 60
check "b counts it" await 30 sh -c \
	"[ \"\$(b status --json | jq .lines[0].frames.refused)\" -gt $before ]"
tell fair >/dev/null
check "no stranger was answered" test "$(stat_of ba answered)" = 0 -a \
	"$(stat_of ab answered)" = 0
check "the line is up" both_up
check "there is no log line a packet" test $(($(logged) - lines)) -lt 20
check "one size on the wire" one_size 1200
tell stats | sed 's/^/# junk: /' >&2
finish
