#!/bin/sh
# Somebody kills the rooms of both posts, one after the other and all at once,
# while both sides talk. Nothing is lost, nothing is doubled, and the wire does
# not notice when keeper or desk die.
. "$(dirname "$0")/lib.sh"

line_between
kills=0

# talk SIDE: says one thing after another until told to stop. What `send`
# accepted is noted; what it refused, or never answered, is not said again.
talk() {
	_to=$(peer_of "$1")
	_i=0
	while [ ! -e "$tmp/stop" ]; do
		_i=$((_i + 1))
		if "$1" send "$_to" "word $_i of $1" --json \
		    >"$tmp/$1.sent" 2>>"$tmp/$1.errors"; then
			jq -r '.ref + " " + (.id // "")' "$tmp/$1.sent" \
				>>"$tmp/$1.accepted"
		else
			sleep 0.2
		fi
	done
}

attach() {
	head -c 3000000 /dev/urandom >"$tmp/big"
	a send oslo "A file on the way" --file "$tmp/big"
}

accepted() {
	[ "$(wc -l <"$tmp/$1.accepted")" -ge "$2" ]
}

killing() {
	if kill_room "$1" "$2"; then
		kills=$((kills + 1))
	else
		not_ok "$2 of $1 comes back after kill $kills"
	fi
}

: >"$tmp/a.accepted"
: >"$tmp/b.accepted"
check "a file is on its way" attach
talk a &
talk b &
check "both talk" await 60 sh -c '[ -s "$0/a.accepted" ] &&
	[ -s "$0/b.accepted" ]' "$tmp"

# The wire of a goes on while its keeper and desk die: as many frames leave a as
# leave b, which nobody disturbs.
wire=$(room_pid a wire)
a_before=$(stat_of ab seen)
b_before=$(stat_of ba seen)
for _ in 1 2 3 4 5 6 7 8; do
	killing a keeper
	frames a 60
	killing a desk
	frames a 60
done
a_sent=$(($(stat_of ab seen) - a_before))
b_sent=$(($(stat_of ba seen) - b_before))
note "while a's rooms died: $a_sent frames of a, $b_sent of b"
check "the wire kept its cadence: $a_sent frames to b's $b_sent" \
	test $((a_sent * 100)) -ge $((b_sent * 90)) -a \
	$((a_sent * 90)) -le $((b_sent * 100))
check "it is the same wire" test "$wire" = "$(room_pid a wire)"

for _ in 1 2 3 4; do
	killing b keeper
	killing b desk
	frames b 40
	killing a keeper
	killing b keeper
	frames b 40
done
for side in a b a b a b; do
	killing $side wire
	check "the line boots again" await 90 both_up
done
for side in a b a b; do
	kill_post $side
	kills=$((kills + 1))
	check "$side comes up after all of it was killed" up $side
	check "and the line with it" await 90 both_up
	frames $side 100
done
check "forty kills or more: $kills" test $kills -ge 40
check "a went on talking" await 60 accepted a 20
check "b went on talking" await 60 accepted b 20
: >"$tmp/stop"
sleep 1
check "all of a is delivered" await 120 is_delivered a
check "all of b is delivered" await 120 is_delivered b

# Every accepted message is there once; one that was refused may be there, once.
once() {
	messages "$1" us >"$tmp/all"
	_n=$(wc -l <"$tmp/all")
	same_journal "$1" "$_n" || return 1
	jq -r '.[1]' "$tmp/all" | sort >"$tmp/ids"
	[ -z "$(uniq -d "$tmp/ids")" ] || return 1
	[ -z "$(jq -r '.[3]' "$tmp/all" | sort | uniq -d)" ] || return 1
	awk '{ print $2 }' "$tmp/$1.accepted" | sort |
		comm -23 - "$tmp/ids" >"$tmp/missing"
	[ ! -s "$tmp/missing" ] || {
		echo "accepted, not there:"
		cat "$tmp/missing"
		return 1
	}
}
for side in a b; do
	note "$side: $(wc -l <"$tmp/$side.accepted") messages accepted"
done
check "what a said is at both ends, each once, in order" once a
check "what b said is at both ends, each once, in order" once b
check "stored in order at b" in_order b
check "stored in order at a" in_order a
get_file() {
	rm -f "$tmp/got"
	b get bergen them/1 1 -o "$tmp/got" && cmp "$tmp/got" "$tmp/big"
}
check "the file came whole" get_file
check "one size on the wire, through all of it" one_size 1200
check "the logs tell nothing of what was said" no_secrets \
	"word [0-9]|on the way"
finish
