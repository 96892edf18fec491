#!/bin/sh
# Somebody records everything that two posts send, in silence, in talk and under
# a flood of junk, and finds in it what random bytes would hold, nothing else;
# and the flood takes not one frame away.
. "$(dirname "$0")/lib.sh"

size=1200
quiet_slots=5000
talk_slots=9000
flood_slots=5000
junk_rate=20000

make_posts
start_weather
"$build/test/capture/observer" $size \
	to-a "$host_a" "$gate_a:7411" to-b "$host_b" "$gate_b:7411" \
	>"$tmp/seen" 2>"$tmp/seen.err" &
observer=$!
must "somebody looks on" await 10 grep -q looking "$tmp/seen"
ceremony "$size@2"
must "the line comes up on both sides" await 90 both_up

# sent_by SIDE, missed_by SIDE: frames, and slots without one, as the post says.
sent_by() {
	line_field "$1" frames.sent
}
missed_by() {
	line_field "$1" frames.missed
}
has_sent() {
	[ "$(sent_by "$1")" -ge "$2" ]
}
# pass_slots N: waits while N slots of a pass; how many were missed is $missed.
pass_slots() {
	_sent=$(sent_by a)
	_missed=$(missed_by a)
	await 150 has_sent a $((_sent + $1))
	missed=$(($(missed_by a) - _missed))
}
thrown() {
	stat_of ba junk
}

# ---- silence, talk, a flood

# What is lost to other work on this machine is lost in silence too; a cost of
# the flood would show each time.
no_fewer() {
	for _try in 1 2 3 4; do
		pass_slots $quiet_slots
		quiet=$missed
		_thrown=$(thrown)
		tell junk $junk_rate $size ba >/dev/null
		pass_slots $flood_slots
		flood=$missed
		_thrown=$(($(thrown) - _thrown))
		tell fair >/dev/null
		echo "missed $quiet of $quiet_slots slots in silence," \
			"$flood of $flood_slots under $_thrown datagrams" \
			>>"$tmp/missed"
		# 2 ms a slot.
		if [ "$flood" -le "$quiet" ] &&
		    [ "$_thrown" -ge $((flood_slots * junk_rate / 500 * 9 / 10)) ]
		then
			return 0
		fi
		quiet_slots=1500
		flood_slots=1500
	done
	return 1
}
check "under $junk_rate datagrams of junk a second a sends no frame fewer" \
	no_fewer
tell junk $junk_rate $size ba stranger >/dev/null
pass_slots 1500
tell fair >/dev/null
check "no stranger was answered" test "$(stat_of ba answered)" = 0 -a \
	"$(stat_of ab answered)" = 0
check "the line is up" both_up

# Zeros: what shows through, shows best in them.
head -c 4000000 /dev/zero >"$tmp/zeros"
check "a sends a file of zeros" a send oslo --file "$tmp/zeros"
check "b sends a file of zeros" b send bergen --file "$tmp/zeros"
for text in one two three; do
	a send oslo "$text" >/dev/null
	b send bergen "$text" --precedence flash >/dev/null
done
pass_slots $talk_slots
check "the talk arrives" await 60 sh -c \
	"[ \"\$(a status --json | jq .lines[0].outbox.messages)\" = 0 ]"

# ---- what was seen

sent_a=$(sent_by a)
sent_b=$(sent_by b)
kill -TERM $observer
wait $observer
sed "s/^/# capture: /" "$tmp/missed" "$tmp/seen" >&2

seen() {
	awk -v link="to-$1" -v what="$2" \
		'$1 == link && $2 == what { print $3 }' "$tmp/seen"
}
both_have() {
	[ "$(seen a "$1")" = "$2" ] && [ "$(seen b "$1")" = "$2" ]
}
check "the observer missed nothing" both_have unseen 0
check "36,000 frames or more were recorded" \
	test $(($(seen a frames) + $(seen b frames))) -ge 36000
check "every frame that a made has left" test "$(seen a frames)" -ge "$sent_a"
check "every frame that b made has left" test "$(seen b frames)" -ge "$sent_b"
check "all have one size" both_have one-size 1
check "each byte is spread evenly" both_have uniform 1
check "no beginning comes twice" both_have no-repeats 1
check "enough of each post to tell" both_have enough 1
check "nothing went anywhere else, or to who threw junk" both_have strays 0
finish
