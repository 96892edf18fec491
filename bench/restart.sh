# Restarts of real posts: of a keeper under traffic, which must cost no slot; and
# of everything, which must not take long.
. "$(dirname "$0")/lib.sh"

slot_ms=100
keepers=8
posts=${QUIETLINE_RESTARTS:-15}
reports_ms=1100

line_between 1200@$slot_ms
head -c 3000000 /dev/urandom >"$tmp/file"
must "a file is on its way" a send oslo --file "$tmp/file"
must "another one back" b send bergen --file "$tmp/file"

# Slots that a frame left in, and slots that none did.
sent() {
	line_field a frames.sent
}
missed() {
	line_field a frames.missed
}
settle() {
	sleep "$(calc "$reports_ms / 1000")"
}

# ---- keeper, under traffic

settle
sent_before=$(sent)
missed_before=$(missed)
for i in $(seq $keepers); do
	progress "keeper is killed under traffic: $i of $keepers"
	kill_room a keeper || fail "keeper does not come back"
	await 20 line_field a state
	settle
done
figure "slots missed, keeper restarted" $(($(missed) - missed_before)) slots \
	"slots in which a frame left" $(($(sent) - sent_before)) "value <= 0"

# ---- everything

# From its wire's first frame on, its slots are counted until both are up.
frames_of_a() {
	stat_of ab seen
}
: >"$tmp/slots"
for i in $(seq "$posts"); do
	progress "all of a post is killed: $i of $posts"
	kill_post a
	before=$(frames_of_a)
	up a >/dev/null || fail "the post does not come up"
	until both_up; do
		sleep 0.02
	done
	echo $(($(frames_of_a) - before)) >>"$tmp/slots"
done
figure "restart 1200@$slot_ms, real posts, p50" \
	"$(quantile 0.5 <"$tmp/slots")" slots "one slot" 1 "value <= 10"
