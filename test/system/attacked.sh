#!/bin/sh
# Somebody stands in the middle and does the worst: holds back, disorders, cuts,
# damages, shortens and reflects what passes, plays back all that was ever said on
# the line, forges senders and errors of the network, and floods. While it does
# each of it, both posts keep the rhythm of their slots, answer nobody, stay in
# their session, and deliver.
. "$(dirname "$0")/lib.sh"

size=1200
slot_ms=2
slots=1100
forger=$build/test/weather/forger

make_posts
start_weather
# Whoever is answered can be reached: an answer would be seen.
ip addr add 10.77.1.66/24 dev to-a
within a ip route add default via "$gate_a"
within b ip route add default via "$gate_b"
"$build/test/capture/observer" $size@$slot_ms \
	to-a "$host_a" "$gate_a:7411" to-b "$host_b" "$gate_b:7411" \
	>"$tmp/seen" 2>"$tmp/seen.err" &
observer=$!
must "somebody looks on" await 10 grep -q looking "$tmp/seen"
ceremony "$size@$slot_ms"
must "the line comes up on both sides" await 90 both_up

# What is played back later is from two lives of the line.
check "a says something in the line's first life" a send oslo "First life" \
	--wait delivered --timeout 60
# A machine answers for a post that is not there: nothing reaches it meanwhile.
tell cut ab >/dev/null
kill_post b
check "b begins anew" up b
listens() {
	within b ss -Hlun sport = :7411 | grep -q .
}
check "b listens" await 30 listens
tell heal >/dev/null
must "the line is up in its second life" await 90 both_up
sessions_of() {
	line_field "$1" frames.sessions
}
lived_a=$(sessions_of a)
lived_b=$(sessions_of b)
since=$(date +%s)
# session_lives SIDE N: no boot since it had N; keys are changed after two minutes.
session_lives() {
	_most=$(($2 + ($(date +%s) - since) / 110))
	_have=$(sessions_of "$1")
	echo "$_have sessions, from $2 to $_most expected"
	[ "$_have" -ge "$2" ] && [ "$_have" -le $_most ]
}
both_live() {
	session_lives a "$lived_a" && session_lives b "$lived_b"
}

# ---- stretches

fewer_of() {
	awk -v link="to-$1" '$1 == link { n = $0 } END {
		sub(/.* fewer /, "", n); print n + 0 }' "$tmp/stretch"
}
most_fewer() {
	most=$(fewer_of a)
	[ "$most" -ge "$(fewer_of b)" ] || most=$(fewer_of b)
}
told() {
	[ "$(grep -c '^told' "$tmp/seen")" -gt "$1" ]
}
# ask: the observer begins a new stretch; what it saw of the last is in a file.
ask() {
	_told=$(grep -c '^told' "$tmp/seen")
	kill -USR1 $observer
	await 20 told "$_told"
	grep ' pace ' "$tmp/seen" | tail -n 2 >"$tmp/stretch"
}
missed_by() {
	line_field "$1" frames.missed
}
# keeps_pace: a stretch of both posts was what slots and chance make of it, and
# every slot without a frame is one that the post knows of. Reads the stretch.
keeps_pace() {
	for _pattern in "enough 1" "none-more 1" "uniform 1" "apart 1" \
	    "strays 0"; do
		[ "$(grep -c "$_pattern" "$tmp/stretch")" = 2 ] || return 1
	done
	[ "$(fewer_of a)" -le $((missed_a + 1)) ] &&
		[ "$(fewer_of b)" -le $((missed_b + 1)) ]
}
# stretch START STOP: slots go by while it is done.
stretch() {
	missed_a=$(missed_by a)
	missed_b=$(missed_by b)
	$1
	ask
	_from=$(stat_of ab seen)
	_n=$((_n + 1))
	a send oslo "a, attacked $_n" --wait delivered --timeout 60 \
		>/dev/null 2>&1 &
	_talk_a=$!
	b send bergen "b, attacked $_n" --wait delivered --timeout 60 \
		--precedence flash >/dev/null 2>&1 &
	_talk_b=$!
	await 60 frames_reached ab $((_from + slots))
	delivered=yes
	if [ "$1" = begin_cut ]; then
		ask
		$2
		wait $_talk_a || delivered=
		wait $_talk_b || delivered=
	else
		wait $_talk_a || delivered=
		wait $_talk_b || delivered=
		ask
		$2
	fi
	missed_a=$(($(missed_by a) - missed_a))
	missed_b=$(($(missed_by b) - missed_b))
	sed "s/^/# attacked: $1: /" "$tmp/stretch" >&2
}
_n=0
quiet=-1

# What other work on this machine takes of the slots, it takes without an attack
# too: a stretch that misses more than any quiet one so far is repeated, behind
# another quiet one; what an attack costs would show each time.
attack() {
	_attack=$1
	for _try in 1 2 3 4 5; do
		if [ $_try != 1 ] || [ $quiet = -1 ]; then
			stretch : :
			most_fewer
			[ "$most" -le $quiet ] || quiet=$most
		fi
		stretch "begin_$2" "end_$2"
		most_fewer
		if keeps_pace && [ "$most" -le $((quiet + 1)) ]; then
			ok "$_attack: both keep their pace"
			break
		elif [ $_try = 5 ]; then
			not_ok "$_attack: both keep their pace"
		fi
	done
	check "$_attack: what is said meanwhile arrives" test -n "$delivered"
	check "$_attack: the session lives" both_live
}

fair() {
	tell fair >/dev/null
}
begin_worst() {
	for _fault in "loss 40" "dup 20" "delay 20" "jitter 40"; do
		# shellcheck disable=SC2086
		tell $_fault >/dev/null
	done
}
end_worst() {
	fair
}
begin_damage() {
	for _fault in "corrupt 30" "truncate 30" "reflect 100"; do
		# shellcheck disable=SC2086
		tell $_fault >/dev/null
	done
}
end_damage() {
	fair
}
begin_cut() {
	tell cut >/dev/null
}
end_cut() {
	tell heal >/dev/null
}
begin_playback() {
	tell playback 10000 >/dev/null
}
end_playback() {
	fair
}
begin_stray() {
	tell playback 10000 stranger >/dev/null
}
end_stray() {
	fair
}
# forge WORD...: runs until end_forged.
forge() {
	"$forger" "$@" >"$tmp/forged" 2>&1 &
	forged=$!
}
end_forged() {
	kill -TERM $forged
	wait $forged
	note "forged: $(cat "$tmp/forged")"
}
begin_third() {
	forge flood 10.77.1.66:0 "$host_a:7411" $size
}
end_third() {
	end_forged
}
begin_spoofed() {
	forge flood "$gate_a:7411" "$host_a:7411" $size
}
end_spoofed() {
	end_forged
}
begin_anybody() {
	forge flood 0.0.0.0:0 "$host_a:7411" $size
}
end_anybody() {
	end_forged
}
begin_errors() {
	forge errors "$gate_a:7411" "$host_a:7411" $size 2000
}
end_errors() {
	end_forged
}

attack "lost, doubled, late and out of order" worst
attack "damaged, cut short, reflected" damage
attack "nothing passes" cut
attack "all that was ever said, again" playback
attack "all that was ever said, by a stranger" stray
attack "errors of the network that never were" errors
attack "a core's worth from a third address" third
attack "a core's worth from the peer's address" spoofed
attack "a core's worth from anybody" anybody

# ---- what it was worth

kill -TERM $observer
wait $observer
seen() {
	awk -v link="to-$1" -v what="$2" \
		'$1 == link && $2 == what { print $3 }' "$tmp/seen"
}
both_have() {
	[ "$(seen a "$1")" = "$2" ] && [ "$(seen b "$1")" = "$2" ]
}
# A post that begins anew in the middle of it all is met all the same.
begin_worst
begin_playback
begin_third
kill_post b
check "b begins anew under attack" up b
check "the line comes up under attack" await 60 both_up
check "a word passes under attack" a send oslo "Third life" --wait delivered \
	--timeout 60
end_third
fair

check "the observer missed nothing" both_have unseen 0
check "all frames have one size" both_have one-size 1
check "each byte is spread evenly" both_have uniform 1
check "no beginning comes twice" both_have no-repeats 1
check "nothing went to anybody but the peer" both_have strays 0
check "no stranger was answered" test "$(stat_of ba answered)" = 0 -a \
	"$(stat_of ab answered)" = 0
check "what a said is at b, each once" same_journal a $((_n + 2))
check "what b said is at a, each once" same_journal b $_n
check "the line is up" both_up
tell stats | sed 's/^/# attacked: /' >&2
finish
