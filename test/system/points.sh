#!/bin/sh
# Something is raised, both sides say where they stand, and what was said in public
# stands beside it with two readings.
. "$(dirname "$0")/lib.sh"

line_between

must "a raises a point" holds '.[0] | .ref == "us/p1" and .open and
	.our_standing == "raised" and .their_standing == "none"' \
	a point raise oslo "stop testing" "All of it." --deadline 2099-01-01
raised() {
	b point show bergen them/p1
}
check "b has it" await 30 raised
check "b says where it stands" b point stand bergen them/p1 under-study \
	"an answer by Friday" --deadline 2098-12-31
check "a sees that" await 30 holds '.[0].their_standing == "under study" and
	.[0].their_note == "an answer by Friday" and
	.[0].our_standing == "raised"' a point show oslo us/p1
check "a person reads it in words" prints "them:   under study" \
	a point show oslo us/p1
check "a enters what was said in public" holds \
	'.[0] | .ref == "us/e1" and .point == "us/p1"' \
	a point public oslo us/p1 --said 2026-11-20 --who "a minister" \
	--source "evening news" "We shall not wait."
entered() {
	b point reading bergen them/e1 "Said to voters, not to you." >/dev/null
}
check "b writes its own reading" await 30 entered
check "a reads theirs, and has none itself" await 30 holds 'any(.[];
	.their_reading == "Said to voters, not to you." and
	.our_reading == null)' a point show oslo us/p1
check "a message belongs to the point" a send oslo "What of Friday?" \
	--point us/p1
check "so does an answer to it" await 30 b send bergen "It stays." --re them/1
belong() {
	[ "$(a point show oslo us/p1 --json | jq -r 'select(has("title") |
		not) | select(has("said") or has("standing") | not) | .ref' |
		tr '\n' ' ')" = "us/1 them/1 " ]
}
check "both are listed with it" await 30 belong
refuses "a point that is not there is refused" 1 "no point" \
	a point stand oslo us/p9 heard
refuses "a standing that is none is refused" 1 "standing" \
	a point stand oslo us/p1 perhaps
refuses "the other's entry cannot be entered anew" 1 "no such entry" \
	a point reading oslo them/e7 "No."
check "points outlive the post" kill_post a
check "it comes back" up a
check "with the point" await 30 holds 'length == 1 and
	.[0].their_standing == "under study"' a point list oslo --open
check "both close it" a point stand oslo us/p1 closed
check "on the other side too" b point stand bergen them/p1 closed
closed() {
	[ -z "$(a point list oslo --open --json)" ] &&
		[ -z "$(b point list bergen --open --json)" ]
}
check "then it is open at neither" await 30 closed
finish
