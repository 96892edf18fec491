#!/bin/sh
# Disks that fill: the receiver's in the middle of a transfer, the sender's at
# the moment of sending.
. "$(dirname "$0")/lib.sh"

for side in a b; do
	mkdir -m 0700 "$tmp/$side"
	mount -t tmpfs -o size=256m,mode=0700 none "$tmp/$side" ||
		skip_all "no small file system can be mounted here"
done
line_between bulk

# room SIDE MIB: this much is free there, the rest is taken by something else.
room() {
	rm -f "$tmp/$1/ballast"
	_free=$(df -k --output=avail "$tmp/$1" | tail -n 1)
	head -c $(((_free - $2 * 1024) * 1024)) /dev/zero >"$tmp/$1/ballast"
}

head -c 40000000 /dev/urandom >"$tmp/big"
room b 20
check "a big file is sent" a send oslo "A big one" --file "$tmp/big"
check "a is told that the peer takes no more" await 120 holds \
	'.[0].lines[0].outbox.paused == true' a status
check "in words" prints "full|paused|no room|takes no more" a status
check "b is told that its disk is full" await 60 holds \
	'.[0].store != "well"' b status
check "in words too" prints "full|disk|room" b status
check "the line stays up" both_up
rm "$tmp/b/ballast"
check "with room again it goes on by itself" await 120 has_all b 1
check "a's pause is over" await 60 holds \
	'.[0].lines[0].outbox.paused == false' a status
get_big() {
	b get bergen them/1 1 -o "$tmp/got" && cmp "$tmp/got" "$tmp/big"
}
check "the file is whole" get_big

room a 8
refuses "no room for a big file at the sender" 1 "disk|full|room|space" \
	a send oslo "Another big one" --file "$tmp/big"
check "nothing was claimed" holds 'length == 1' a read oslo
check "and nothing waits" is_delivered a
check "no half of it is left" test \
	"$(df -m --output=avail "$tmp/a" | tail -n 1)" -ge 6
room a 0
check "a is told that its own disk is full" await 30 holds \
	'.[0].store == "full"' a status
refuses "no room even for a word" 1 "disk|full|room|space" a send oslo "Word"
check "the line stays up on a full disk" both_up
check "b can still be told that it was read" b send bergen "Are you there?"
check "the post stops" a down
check "and comes up on the full disk" up a
check "with its line" await 90 both_up
rm "$tmp/a/ballast"
check "with room again it takes words" await 60 a send oslo "Word"
check "and what b said is here" await 90 has_all a 1
check "and delivers them" await 90 is_delivered a
check "a's journal is the same at both ends" same_journal a 2
finish
