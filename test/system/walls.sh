#!/bin/sh
# Somebody has taken over a room, and tries what its walls forbid; then the walls
# of real posts are looked at, and posts are started where there are none.
. "$(dirname "$0")/lib.sh"

mkdir "$tmp/folder"
"$build/test/system/inside" "$tmp/folder" >"$tmp/inside" 2>"$tmp/inside.err"
sed 's/^/#   /' "$tmp/inside.err" >&2
while read -r line; do
	case $line in
	ok*) ok "${line#*inside: }" ;;
	not*) not_ok "${line#*inside: }" ;;
	esac
done <"$tmp/inside"
check "inside came to its end" grep -q '^1\.\.' "$tmp/inside"

# status_of PID FIELD: as the kernel tells it.
status_of() {
	awk -v field="$2:" '$1 == field { print $2 }' "/proc/$1/status"
}

# walled SIDE ROOM: filtered by the kernel, without a way to more rights.
walled() {
	_pid=$(room_pid "$1" "$2")
	[ "$(status_of "$_pid" Seccomp)" = 2 ] &&
		[ "$(status_of "$_pid" NoNewPrivs)" = 1 ]
}

# powerless SIDE ROOM: no capability is left, even to root.
powerless() {
	_pid=$(room_pid "$1" "$2")
	[ "$((0x$(status_of "$_pid" CapEff)))" = 0 ] &&
		[ "$((0x$(status_of "$_pid" CapPrm)))" = 0 ]
}

# no_core SIDE ROOM: it leaves none when it fails.
no_core() {
	grep -q '^Max core file size *0 *0 ' "/proc/$(room_pid "$1" "$2")/limits"
}

# b looks a up by name, in a process behind walls of its own, which is told by UDP
# to come by TCP. Until it knows, b has no line.
make_posts
start_weather
echo "nameserver 127.0.0.1" >"$tmp/resolv.conf"
echo "hosts: files dns" >"$tmp/nsswitch.conf"
for file in resolv.conf nsswitch.conf; do
	must "the names of b are ours" \
		mount --bind "$tmp/$file" "$(readlink -f /etc/$file)"
done
within b "$build/test/system/names" $gate_b &
gate_b_is=$gate_b
gate_b=post.example.org
ceremony
gate_b=$gate_b_is
must "the line comes up on both sides" await 90 both_up
check "b found a by its name" sh -c '! grep "is not found" "$0"' "$tmp/b/log"

for room in wire keeper desk bell parent; do
	check "$room stands behind walls" walled a $room
	check "$room leaves no core" no_core a $room
done
for room in wire keeper desk bell; do
	check "$room has no capability" powerless a $room
done
check "the parent keeps two capabilities at most" \
	test $((0x$(status_of "$(room_pid a parent)" CapEff) & ~0x800400)) = 0
check "status says that there are walls" holds '.[0].walls == true' a status
check "the log does too" grep -q "post: walls up" "$tmp/a/log"

# Behind them a post does its work, also after its rooms were killed.
head -c 300000 /dev/urandom >"$tmp/file"
check "a message goes through" a send oslo "through walls" \
	--file "$tmp/file" --wait delivered --timeout 60
for room in keeper desk bell wire; do
	check "$room comes back" kill_room a $room
	check "and behind walls" await 20 walled a $room
done
# The machine's C library is renewed under a post that runs: its loader is another
# file from then on.
for loader in /lib64/ld-linux-x86-64.so.2 /lib/ld-linux-aarch64.so.1; do
	[ -e $loader ] || continue
	cp "$(readlink -f $loader)" "$tmp/loader"
	must "the loader is renewed" mount --bind "$tmp/loader" \
		"$(readlink -f $loader)"
	check "rooms start by the new one" kill_room a desk
done
check "the line is up again" await 90 both_up
check "another message goes through" b send bergen "back" --wait delivered \
	--timeout 60
check "no room ran against a wall" \
	sh -c '! grep -l "walls forbid" "$0"/*/log' "$tmp"

# A folder that only root's right to pass leads to.
mkdir "$tmp/private"
check "a goes down" a down
mv "$tmp/a" "$tmp/private/a"
if chown 65534 "$tmp/private" 2>/dev/null; then
	chmod 700 "$tmp/private"
	refuses "a folder where its owner may not go" 1 "may not go" \
		within a env QUIETLINE_POST="$tmp/private/a" "$quietline" \
		up --passphrase-file "$tmp/a.pass"
	chown 0 "$tmp/private"
fi
mv "$tmp/private/a" "$tmp/a"

# A kernel without them.
lacking=$build/test/system/lacking
for what in landlock seccomp; do
	refuses "a post does not run without $what" 1 "without-walls" \
		within a env QUIETLINE_POST="$tmp/a" "$lacking" $what \
		"$quietline" up --passphrase-file "$tmp/a.pass"
	check "unless it is told to" within a env QUIETLINE_POST="$tmp/a" \
		"$lacking" $what "$quietline" up --passphrase-file \
		"$tmp/a.pass" --without-walls
	check "and the line is up with it" await 90 both_up
	check "status says that there are no walls" \
		holds '.[0].walls == false' a status
	check "also to people" prints "runs without walls" a status
	check "the log does too" grep -q "warn: post: runs without walls" \
		"$tmp/a/log"
	check "a goes down again" a down
done
check "a goes up" up a
check "behind walls" walled a wire
check "the logs tell nothing of what was said" no_secrets "through walls"
finish
