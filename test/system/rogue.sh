#!/bin/sh
# Keeper and desk of both posts are taken over, and say to the other rooms what
# the table of messages does not let them say. Each time the room is ended and
# started again, and wire sends on, a frame in every slot.
. "$(dirname "$0")/lib.sh"

# The command runs the daemon that lies beside it: here the rogue one.
cp "$build/quietline" "$tmp/quietline"
cp "$build/test/system/rogue" "$tmp/quietlined"
for side in a b; do
	sed "s|$quietline|$tmp/quietline|" "$tmp/bin/$side" >"$tmp/bin/new"
	cat "$tmp/bin/new" >"$tmp/bin/$side"
done
# Slots of 100 ms: whatever else this machine does, none is over before wire runs.
line_between 1200@100
wire_a=$(room_pid a wire)
wire_b=$(room_pid b wire)

# is_set SIDE ROOM: it listens for the signals that make it misbehave.
is_set() {
	_blocked=$(awk '$1 == "SigBlk:" { print $2 }' \
		"/proc/$(room_pid "$1" "$2")/status")
	[ -n "$_blocked" ] && [ "$_blocked" != 0000000000000000 ]
}

# reproved SIDE ROOM N: this room was caught N times.
reproved() {
	[ "$(grep -c "$2: broke the rules" "$tmp/$1/log")" = "$3" ]
}

# made_to SIDE ROOM SIGNAL: the room misbehaves, is caught, ended and replaced.
made_to() {
	await 30 is_set "$1" "$2" || return 1
	_before=$(grep -c "$2: broke the rules" "$tmp/$1/log")
	_old=$(room_pid "$1" "$2")
	kill -"$3" "$_old" || return 1
	await 30 reproved "$1" "$2" $((_before + 1)) &&
		await 30 room_is_new "$1" "$2" "$_old" &&
		await 30 is_set "$1" "$2"
}

others_of() {
	case $1 in
	keeper) echo "wire parent" ;;
	desk) echo "keeper parent" ;;
	esac
}

# A room that ends often waits longer each time: the posts take turns.
side=a
for room in keeper desk; do
	misdeed=0
	for what in "a type that there is not" "a head beyond all bounds" \
	    "a body too long" "what another is to say" "a body cut off" \
	    "a byte too many" "a descriptor"; do
		which=0
		for to in $(others_of $room); do
			check "$room of $side tells $to $what: ended, replaced" \
				made_to $side $room \
				$((34 + 2 * misdeed + which))
			which=$((which + 1))
			side=$(other $side)
		done
		misdeed=$((misdeed + 1))
	done
done
check "wire of a is the same as before" test "$wire_a" = "$(room_pid a wire)"
check "wire of b too" test "$wire_b" = "$(room_pid b wire)"
check "the line is up" await 30 both_up
check "what is sent arrives" a send oslo "still here" --wait delivered \
	--timeout 60
check "also the other way" b send bergen "here too" --wait delivered \
	--timeout 60
check "no room ran against a wall" \
	sh -c '! grep -l "walls forbid" "$0"/*/log' "$tmp"

# walled_off SIDE ROOM: it asks the kernel for a socket, is ended and replaced.
walled_off() {
	_old=$(room_pid "$1" "$2")
	kill -48 "$_old" && await 30 room_is_new "$1" "$2" "$_old" &&
		grep -q "$2: asked the kernel for what its walls forbid" \
			"$tmp/$1/log" && await 30 is_set "$1" "$2"
}
for room in keeper desk; do
	check "$room asks for a socket: ended, replaced" walled_off a $room
done

# Wire's own count, and that of who stands between: a frame in every slot.
check "a goes down" a down
check "b goes down" b down
# counted SIDE WAY: slots, frames sent and frames seen are one number.
counted() {
	# shellcheck disable=SC2046 # three numbers
	set -- "$1" "$2" $(sed -n \
		's/.*rogue: \([0-9]*\) slots, \([0-9]*\) sent, \([0-9]*\) lost/\1 \2 \3/p' \
		"$tmp/$1/log")
	_seen=$(stat_of "$2" seen)
	echo "$1: $3 slots, $4 sent, $5 lost, $_seen seen"
	note "$1: $3 slots, $4 sent, $5 lost, $_seen seen"
	[ "$3" -gt 100 ] && [ "$3" = "$4" ] && [ "$5" = 0 ] &&
		[ "$4" = "$_seen" ]
}
check "a sent a frame in every slot, through all of it" counted a ab
check "b sent a frame in every slot, through all of it" counted b ba
check "one size on the wire" one_size 1200
check "the logs tell nothing of what was said" no_secrets "still here|here too"
finish
