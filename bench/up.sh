# How long a post takes from its passphrase (the Argon2id is done then, which is
# slow by design) to the first frame on the wire.
. "$(dirname "$0")/lib.sh"

starts=${QUIETLINE_STARTS:-10}
slot_ms=100

# The time of the log's last line that says this, in milliseconds.
logged_ms() {
	_at=$(grep -a "$1" "$tmp/a/log" | tail -n 1 | cut -d ' ' -f 1)
	date -d "$_at" +%s%3N
}

line_between 1200@$slot_ms
: >"$tmp/took"
kill "$weather_pid"
wait "$weather_pid" 2>/dev/null
for i in $(seq "$starts"); do
	progress "the post comes up: $i of $starts"
	kill_post a
	"$build/bench/first" "$gate_a:7411" >"$tmp/first" &
	first=$!
	up a >/dev/null || fail "the post does not come up"
	wait $first || fail "no frame came"
	echo $(($(cat "$tmp/first") - $(logged_ms 'post: unlocked'))) \
		>>"$tmp/took"
done
figure "up to the first frame, p50" "$(quantile 0.5 <"$tmp/took")" ms \
	"one slot" $slot_ms "value <= 300"
figure "up to the first frame, most" "$(quantile 1 <"$tmp/took")" ms \
	"one slot" $slot_ms "value <= 300"
