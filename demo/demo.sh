#!/bin/sh
# The demo: two posts on this machine, a line between them through bad days, and
# what an observer of the wire saw of it. ./dev demo [--once]
set -u
LC_ALL=C.UTF-8
export LC_ALL
here=$(cd "$(dirname "$0")" && pwd)
build=${QUIETLINE_BUILD:-$here/../build}
quietline=$build/quietline
observer=$build/test/weather/weather
papers=$here/../test/system/data

once=
case ${1:-} in
'') ;;
--once) once=yes ;;
*)
	echo "usage: ./dev demo [--once]" >&2
	exit 2
	;;
esac

tmp=$(mktemp -d "${TMPDIR:-/tmp}/quietline-demo.XXXXXX")
started=
clean_up() {
	for side in north south; do
		[ -S "$tmp/$side/sock" ] && "$side" down >/dev/null 2>&1
	done
	# shellcheck disable=SC2086
	[ -z "$started" ] || kill $started 2>/dev/null
	rm -rf "$tmp"
}
trap clean_up EXIT
trap 'echo; exit 130' INT TERM

# ---- how it talks -----------------------------------------------------------

if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then
	bold=$(printf '\033[1m') plain=$(printf '\033[0m')
else
	bold='' plain=''
fi

# step TITLE MEANING: what comes next, and what it means.
step() {
	printf '\n%s%s%s\n   %s\n\n' "$bold" "$1" "$plain" "$2"
}

say() {
	printf '   %s\n' "$*"
}

# seen WHAT COMMAND...: the demo goes on only if it was so.
seen() {
	_what=$1
	shift
	if "$@" >"$tmp/seen.out" 2>&1; then
		say "✓ $_what"
	else
		say "✗ $_what: this did not happen."
		sed 's/^/     /' "$tmp/seen.out"
		for side in north south; do
			[ -s "$tmp/$side/log" ] || continue
			say "The end of $side's log:"
			tail -n 5 "$tmp/$side/log" | sed 's/^/     /'
		done
		exit 1
	fi
}

# await SECONDS COMMAND...: until it succeeds.
await() {
	_end=$(($(date +%s) + $1))
	shift
	until "$@" >/dev/null 2>&1; do
		[ "$(date +%s)" -lt "$_end" ] || return 1
		sleep 0.2
	done
}

# types SIDE WORDS...: shows a command as a person types it, and its answer.
types() {
	_side=$1
	shift
	_shown=
	for _word; do
		case $_word in
		"$tmp"/*) _word=${_word##*/} ;;
		*[!a-zA-Z0-9_./:@=-]*) _word="'$_word'" ;;
		esac
		_shown="$_shown $_word"
	done
	printf '   %s$ quietline%s\n' "$_side" "$_shown"
	"$_side" "$@" >"$tmp/answer" 2>&1
	_rc=$?
	sed "s|$tmp/||g; s/^/     /" "$tmp/answer"
	return $_rc
}

# ---- the posts and the wire ---------------------------------------------------

mkdir "$tmp/bin"
for side in north south; do
	cat >"$tmp/bin/$side" <<-END
	#!/bin/sh
	QUIETLINE_POST="$tmp/$side" exec "$quietline" "\$@"
	END
	chmod +x "$tmp/bin/$side"
	echo "correct horse $side staple" >"$tmp/$side.pass"
done
PATH=$tmp/bin:$PATH

tell() {
	"$observer" tell "$tmp/observer" "$@"
}

count() {
	tell stats | awk -v way="$1" -v what="$2" \
		'$1 == way && $2 == what { print $3 }'
}

# A port of 127.0.0.1 that nobody has.
free_port() {
	while :; do
		_port=$((20000 + $(od -An -N2 -tu2 /dev/urandom) % 30000))
		grep -q "$(printf ':%04X ' $_port)" /proc/net/udp \
			/proc/net/udp6 /proc/net/tcp 2>/dev/null || break
	done
	echo "$_port"
}

state() {
	"$1" status --json | jq -r ".lines[0].$2"
}

both_up() {
	[ "$(state north state)" = up ] && [ "$(state south state)" = up ]
}

is_silent() {
	[ "$(state "$1" state)" = silent ]
}

# receipt KIND REF: north's message has it.
receipt() {
	north read south --json | jq -es --arg ref "$2" \
		"map(select(.ref == \$ref))[0].receipts.$1 != null"
}

cat <<END

${bold}quietline${plain}: a hotline between two parties that trust neither each other, nor the
network, nor anyone between them. This demo makes two of them on this machine,
north and south, and puts an observer between them, who sees every datagram and
may lose, delay or forge what it likes. It takes about two minutes.
END

# ------------------------------------------------------------------------------

step "1. Two posts, one ceremony" \
	"They exchange cards in three files; ten words show that none was changed."

seen "north makes its post" north init "north" \
	--passphrase-file "$tmp/north.pass"
seen "south makes its post" south init "south" \
	--passphrase-file "$tmp/south.pass"
seen "both run" eval 'north up --passphrase-file "$tmp/north.pass" &&
	south up --passphrase-file "$tmp/south.pass"'

"$observer" --a 127.0.0.1:0 --a-peer 127.0.0.1:0 \
	--b 127.0.0.1:0 --b-peer 127.0.0.1:0 \
	--control "$tmp/observer" >"$tmp/observer.out" 2>&1 &
started=$!
await 10 tell ports || {
	say "✗ the observer did not start:"
	cat "$tmp/observer.out"
	exit 1
}
gate_north=127.0.0.1:$(tell ports | awk '$1 == "a" { print $2 }')
gate_south=127.0.0.1:$(tell ports | awk '$1 == "b" { print $2 }')

cd "$tmp" || exit 1
seen "north offers a line: frames of 1200 bytes, ten a second" \
	north line offer south -o offer --cadence talk \
	--listen "127.0.0.1:$(free_port)" --endpoint "$gate_south"
seen "south answers with its card" south line accept north offer -o reply \
	--listen "127.0.0.1:$(free_port)" --endpoint "$gate_north"
seen "north reveals its own" eval \
	'north line finish south reply -o reveal --carried hand --json >words.n'
seen "south checks that it is the card that was promised" eval \
	'south line finish north reveal --carried hand --json >words.s'
words_north=$(jq -r '.check_words | join(" ")' words.n)
words_south=$(jq -r '.check_words | join(" ")' words.s)
echo
say "north reads on the telephone:  $bold$words_north$plain"
say "south reads on the telephone:  $bold$words_south$plain"
echo
# shellcheck disable=SC2086
seen "each types the words that it heard, not its own" eval \
	'north line confirm south $words_south &&
	south line confirm north $words_north'

# ------------------------------------------------------------------------------

step "2. The line comes up" \
	"From now on one frame leaves each side in every slot, said or unsaid."

seen "both sides hear each other, with keys that nobody else can have" \
	await 90 both_up
types north status || exit 1

# ------------------------------------------------------------------------------

step "3. Which one was talk?" \
	"The observer draws ten seconds of the wire, twice; in one, people talk."

# The same words over TLS, at the same moments, for comparison.
openssl req -x509 -newkey ed25519 -nodes -keyout tls.key -out tls.pem \
	-subj /CN=south -days 2 >/dev/null 2>&1
mkfifo tls.north tls.south
tls_port=$(free_port)
openssl s_server -accept "127.0.0.1:$tls_port" -key tls.key -cert tls.pem \
	-quiet <tls.south >/dev/null 2>&1 &
started="$started $!"
exec 8>tls.south
sleep 0.5
# What is said of a record is kept with the moment at which it was said.
stdbuf -oL openssl s_client -connect "127.0.0.1:$tls_port" -quiet -msg \
	<tls.north 2>/dev/null | LC_ALL=C grep -a --line-buffered -A1 RecordHeader |
	while read -r line; do
		case $line in
		'>>>'*) way=ab ;;
		'<<<'*) way=ba ;;
		*'17 03 03 '*)
			length=$(printf %d "0x$(echo "${line#*17 03 03 }" |
				tr -d ' ')")
			echo "$(date +%s%N) $way $((length + 5))"
			;;
		esac
	done >tls.records &
started="$started $!"
exec 9>tls.north
sleep 0.5

said=0
# speaks SIDE WORDS... or speaks SIDE - FILE: on the line, and over TLS.
speaks() {
	_from=$1
	_to=south
	_fd=9
	[ "$_from" = north ] || {
		_to=north
		_fd=8
	}
	if [ "$2" = - ]; then
		"$_from" send "$_to" - <"$3" >/dev/null 2>>speaks.err
		eval "cat \"\$3\" >&$_fd"
	elif [ "$2" = --file ]; then
		"$_from" send "$_to" "A map." --file "$3" >/dev/null \
			2>>speaks.err
		eval "cat \"\$3\" >&$_fd"
	else
		"$_from" send "$_to" "$2" >/dev/null 2>>speaks.err
		eval "echo \"\$2\" >&$_fd"
	fi && said=$((said + 1))
}

# at TENTHS: waits for that moment of the stretch, however slow the machine.
at() {
	while [ "$((($(date +%s%N) - tls_zero) / 100000000))" -lt "$1" ]; do
		sleep 0.05
	done
}

talk() {
	at 7
	speaks north "Are you there? One of our boats is adrift."
	at 20
	speaks south "Here. Duty officer. Go ahead."
	at 32
	speaks north - "$papers/ko.txt"
	at 46
	speaks south "Read. We hold where we are. Five minutes."
	at 56
	speaks north --file "$papers/note.pdf"
	at 73
	speaks south - "$papers/ar.txt"
	at 86
	speaks north "Thank you."
}

# stretch N WORK: ten seconds of the wire into wire.N.
stretch() {
	[ ! -t 1 ] || printf '   stretch %s: ten seconds ...' "$1"
	tell capture "$tmp/wire.$1" >/dev/null
	_end=$(($(date +%s%N) + 10500000000))
	"$2"
	while [ "$(date +%s%N)" -lt "$_end" ]; do
		sleep 0.1
	done
	tell capture off >/dev/null
	[ ! -t 1 ] || printf '\r%40s\r' ''
	say "stretch $1"
	awk -f "$here/draw.awk" -v kind=frames -v a=north -v b=south \
		"$tmp/wire.$1"
	echo
}

coin=$(($(od -An -N1 -tu1 /dev/urandom) % 2 + 1))
for n in 1 2; do
	if [ "$n" = "$coin" ]; then
		tls_zero=$(date +%s%N)
		stretch "$n" talk
	else
		stretch "$n" :
	fi
done
exec 8>&- 9>&-
say "A column is a tenth of a second: | one frame, ‖ two, · none. The moments are"
say "drawn by lot, by a generator that knows of no traffic."
echo
if [ -z "$once" ] && [ -t 0 ]; then
	printf '   Which one was talk, 1 or 2? '
	read -r guess || guess=
	case $guess in
	"$coin") say "Well guessed, and no more than that." ;;
	*) say "A guess is all that anybody has." ;;
	esac
fi
say "It was ${bold}stretch $coin${plain}: seven things were said in it, in three scripts, with a map."
[ ! -s speaks.err ] || cat speaks.err
seen "all seven were accepted" [ "$said" = 7 ]
seen "every frame of both stretches had 1200 bytes" \
	awk '$3 != 1200 { exit 1 }' wire.1 wire.2
seen "both had a hundred frames a side, give or take the slots at the ends" \
	awk 'FNR == 1 { zero = (int($1 / 1e8) + 0.5) * 1e8 }
	$1 >= zero && $1 < zero + 1e10 { n[FILENAME, $2]++ }
	END { for (i in n) if (n[i] < 90 || n[i] > 110) exit 1 }' wire.1 wire.2
echo
say "The same talk over TLS, at the same moments, as really sent beside it:"
awk -f "$here/draw.awk" -v kind=bytes -v zero="$tls_zero" -v a=north -v b=south \
	tls.records
sizes() {
	awk -v zero="$tls_zero" -v way="$1" '$2 == way && $1 > zero && !($3 in had) {
		had[$3]
		printf "%s%d", separator, $3
		separator = ", "
	}' tls.records
}
say "Each bar is as high as what was said is long. Records of north had $(sizes ab)"
say "bytes, of south $(sizes ba). Who spoke, when, how much: it is all there."
seen "TLS did carry the same talk" \
	awk '$3 > 8000 { big = 1 } END { exit !big || NR < 8 }' tls.records

# ------------------------------------------------------------------------------

step "4. A message and its receipts" \
	"Stored by their post, acknowledged by a person: the sender sees which."

seen "what was said in that stretch is on both sides" await 60 eval \
	'[ "$(south read north --json | jq -s "map(select(.from == \"them\" and
	.time_stored != null)) | length")" = 4 ]'
types north send south "We would rather be woken than surprised." \
	--subject "Tonight" --precedence priority --wait delivered \
	--timeout 60 || exit 1
seen "north knows that it is stored in the south" receipt delivered us/5
types south read north --limit 1 || exit 1
types south ack north them/5 || exit 1
seen "north knows that a person in the south has acknowledged it" \
	await 60 receipt acknowledged us/5

# ------------------------------------------------------------------------------

step "5. A document, on a bad day" \
	"Its arrival is said beforehand; then the path is cut and the post killed."

tar -czf papers.tar.gz -C "$here/.." src doc README.md
bytes=$(wc -c <papers.tar.gz)
types north send south "All you need to check us." --file "$tmp/papers.tar.gz" ||
	exit 1
seen "it says beforehand when it will have arrived" grep -q "arrives about" answer
# holds PERCENT: south's post holds so much of it.
holds() {
	[ "$(north read south --json | jq -s "map(select(.ref == \"us/6\"))[0]
		.progress | .bytes_held * 100 / (.bytes_total + 1) | floor")" \
		-ge "$1" ]
}
seen "a quarter of its $((bytes / 1000)) kB is there" await 120 holds 25
tell cut >/dev/null
seen "the path is cut: both sides are told that nothing arrives" \
	await 60 eval 'is_silent north && is_silent south'
# shellcheck disable=SC2046
kill -9 $(awk '{ print $2 }' south/lock)
seen "south's post is killed, all of it, as by a power cut" \
	eval '! south status'
tell heal >/dev/null
seen "the path is whole again, and south's people start their post" \
	await 30 south up --passphrase-file "$tmp/south.pass"
seen "the line comes up by itself" await 90 both_up
seen "and the document goes on: a quarter of it was there already" holds 25
tell loss 20 >/dev/null
seen "one frame of five is lost from here on; all of it is there" \
	await 180 receipt delivered us/6
came=$(north read south --json | jq -rs 'map(select(.ref == "us/6"))[0]
	.receipts.delivered | .[11:19]')
say "It came at $came: later than said by the time without path and post, and by"
say "the frames that were lost."
tell fair >/dev/null
seen "south takes it out of its post" \
	south get north them/6 1 -o "$tmp/received.tar.gz"
seen "the sums are equal" cmp papers.tar.gz received.tar.gz
say "$(b2sum -l 128 papers.tar.gz | cut -d' ' -f1)  sent"
say "$(b2sum -l 128 received.tar.gz | cut -d' ' -f1)  received"

# ------------------------------------------------------------------------------

step "6. Junk" \
	"Who throws something at a post gets nothing: no answer, no other pace."

sent=$(count ba seen)
pace=$(count ab seen)
refused=$(state south frames.refused)
tell junk 2000 1200 ab >/dev/null
sleep 5
tell fair >/dev/null
thrown=$(count ab junk)
sent=$(($(count ba seen) - sent))
pace=$(($(count ab seen) - pace))
say "$thrown frames of junk were thrown at south. Meanwhile south sent $sent frames,"
say "and north, whom nobody disturbed, $pace."
seen "south kept its pace" [ $((sent * 100)) -ge $((pace * 85)) ] 
refused_more() {
	[ "$(state south frames.refused)" -gt "$refused" ]
}
seen "all that anyone can see of it is a counter in south's status" \
	await 30 refused_more
seen "and the line is up" both_up

# ------------------------------------------------------------------------------

step "7. What is not hidden" \
	"A tool like this is only as good as what it does not promise."

say "- That there is a line, between which addresses, at which cadence, and when it"
say "  was started and stopped. Only the use of it is not visible."
say "- Anything on a machine that is seized while it is unlocked."
say "- What people do outside: a pager that sounds when a message comes tells an"
say "  observer so."
say "- What the other side keeps, copies or tells. (But it can prove nothing by it:"
say "  either side could have written the whole transcript alone.)"
say "- The price: 96 kbit/s each way, about 1 GB a day, said or unsaid."

[ -z "$once" ] || {
	echo
	say "Every step was seen to work."
	exit 0
}

step "8. What to try next" \
	"Both posts stay up until you press Enter. In another terminal:"

say "alias north='QUIETLINE_POST=$tmp/north $quietline'"
say "alias south='QUIETLINE_POST=$tmp/south $quietline'"
say "south read north --follow"
say "north send south 'Anything you like' --wait acknowledged"
say "south ack north them/7"
say "north status; north drill south; north events"
say "north point raise south 'Stop testing'; south point stand north them/p1 heard"
say "south watch take; south alarm test; south waiting"
echo
say "And be the network between them:"
say "alias observer='$observer tell $tmp/observer'"
say "observer loss 30; observer cut; observer heal; observer stats"
echo
say "A line between two machines: README.md. Why it works: doc/protocol.md."
echo
printf '   Press Enter to stop both posts and remove everything. '
read -r _ || while :; do sleep 3600; done
