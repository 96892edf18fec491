# Messages that are safe on disk when their sender is answered, a second: what
# `quietline send` asks of the API, on connections that stay, against bare
# commits of the same store on the same disk.
. "$(dirname "$0")/lib.sh"

bytes=200
rounds=5
# What the store keeps of such a message beside its text: head and columns.
row=$((bytes + 100))

line_between 1200@100
must "a message arrives" a send oslo "first" --wait delivered --timeout 60
# The peer is silent meanwhile: its disk is this one.
must "the other post stops" b down

# bare N, through SENDERS N: N of each, a second.
bare() {
	rm -rf "$tmp/bare"
	mkdir "$tmp/bare"
	"$build/bench/commits" "$tmp/bare" "$1" $row || fail "bare commits"
}
through() {
	"$build/bench/sender" "$tmp/a/sock" oslo "$1" "$2" $bytes ||
		fail "messages"
}

for round in $(seq $rounds); do
	progress "round $round of $rounds: bare commits, one sender, eight"
	bare 500 >>"$tmp/bare.all"
	through 1 400 >>"$tmp/one.all"
	through 8 200 >>"$tmp/eight.all"
done
progress "the command, again and again"
began=$(date +%s%N)
for round in $(seq 20); do
	a send oslo "$(printf '%0200d' "$round")" >/dev/null || fail "send"
done
command=$(calc "20 * 1e9 / ($(date +%s%N) - $began)")

bare=$(quantile 0.5 <"$tmp/bare.all")
one=$(quantile 0.5 <"$tmp/one.all")
eight=$(quantile 0.5 <"$tmp/eight.all")
figure "messages kept, one sender" "$one" 1/s "bare commits of the same store" \
	"$bare" "ratio >= 0.5"
figure "messages kept, eight senders" "$eight" 1/s "one sender" "$one" \
	"ratio >= 2.5"
figure "messages kept, whole command" "$command" 1/s \
	"bare commits of the same store" "$bare" -
