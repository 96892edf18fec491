# What a post costs whose line is up at the default cadence while nobody says
# anything: processor time and memory of all its processes.
. "$(dirname "$0")/lib.sh"

seconds=${QUIETLINE_IDLE_S:-30}

# The peer runs from files of its own, so that the two share no page of them:
# half of a shared page would be missing from the figure.
mkdir "$tmp/copy"
cp "$build/quietline" "$build/quietlined" "$tmp/copy/"
sed "s|$quietline|$tmp/copy/quietline|" "$tmp/bin/b" >"$tmp/bin/b.new"
mv "$tmp/bin/b.new" "$tmp/bin/b"
chmod +x "$tmp/bin/b"

line_between 1200@100
await 30 is_delivered a || fail "there is something to deliver"

processes() {
	awk '{ print $2 }' "$tmp/a/lock"
}
# KiB; each page shared by n processes counts a nth.
pss_of() {
	for _pid; do
		awk '$1 == "Pss:" { print $2 }' /proc/"$_pid"/smaps_rollup ||
			fail "memory cannot be read here: it takes root"
	done | awk '{ sum += $1 } END { print sum }'
}

total_pss() {
	# shellcheck disable=SC2046
	pss_of $(processes)
}

progress "nobody speaks for $seconds s"
frames_before=$(line_field a frames.sent)
before=$(used_ns a)
began=$(date +%s%N)
sleep "$seconds"
after=$(used_ns a)
ended=$(date +%s%N)
[ $(($(line_field a frames.sent) - frames_before)) -ge \
	$((seconds * 10 - 20)) ] || fail "the line did not keep its cadence"

percent=$(calc "100 * ($after - $before) / ($ended - $began)")
figure "idle post, processor" "$percent" % "one core" 100 "value <= 1"

sleep 1000 &
nothing=$!
figure "idle post, memory (PSS)" "$(calc "$(total_pss) / 1024")" MiB \
	"sleep, a process that does nothing" \
	"$(calc "$(pss_of $nothing) / 1024")" "value <= 24"
for room in parent wire keeper desk; do
	pid=$(room_pid a $room)
	[ -z "$pid" ] ||
		progress "$room: $(pss_of "$pid") KiB"
done
kill $nothing
