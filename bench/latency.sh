# How long a message of 200 bytes takes at the default cadence, on an idle line
# without loss, until it is stored at the other side and its people are told.
. "$(dirname "$0")/lib.sh"

slot_ms=100
count=${QUIETLINE_LATENCY_N:-600}

line_between 1200@$slot_ms
must "a message arrives" a send oslo "first" --wait delivered --timeout 60

progress "$count messages, each at a random moment"
"$build/bench/delays" "$tmp/a/sock" oslo "$tmp/b/sock" "$count" 200 $slot_ms \
	>"$tmp/delays" || fail "messages"

# The way itself takes well under a millisecond here: nothing is allowed for it.
figure "200 bytes at talk, p50" "$(quantile 0.5 <"$tmp/delays")" ms "one slot" \
	$slot_ms "value <= $(calc "0.60 * $slot_ms + 6")"
figure "200 bytes at talk, p99" "$(quantile 0.99 <"$tmp/delays")" ms "one slot" \
	$slot_ms "value <= $(calc "1.75 * $slot_ms + 15")"
