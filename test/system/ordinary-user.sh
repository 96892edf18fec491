#!/bin/sh
# Both posts run as an ordinary user: no right of root's, 8 MiB of memory that may
# be locked. The line does all its work, and another program of that very user
# sees nothing of the rooms' memory.
ordinary=yes
# That user must come to the posts' folders.
TMPDIR=/tmp
export TMPDIR
. "$(dirname "$0")/lib.sh"

status_of() {
	awk -v field="$2:" '$1 == field { print $2 }' "/proc/$1/status"
}

rooms="parent wire keeper desk bell"
line_between

# ordinary SIDE ROOM: of no capability, and of the folder's owner.
ordinary() {
	_pid=$(room_pid "$1" "$2")
	[ "$(status_of "$_pid" CapEff)" = 0000000000000000 ] &&
		[ "$(status_of "$_pid" CapPrm)" = 0000000000000000 ] &&
		[ "$(status_of "$_pid" Uid)" = "$(stat -c %u "$tmp/$1")" ]
}

for room in $rooms; do
	check "$room is an ordinary user's" ordinary a $room
	check "$room stands behind walls" \
		test "$(status_of "$(room_pid a $room)" Seccomp)" = 2
done

# Work of every kind.
head -c 2000000 /dev/urandom >"$tmp/file"
chmod 644 "$tmp/file"
check "a message with a file goes through" a send oslo "One for all" \
	--file "$tmp/file" --wait delivered --timeout 120
got() {
	b get bergen them/1 1 -o "$tmp/got" && cmp "$tmp/file" "$tmp/got"
}
check "the file is whole" got
check "an answer comes back" b send bergen "All for one" --wait delivered \
	--timeout 60
for room in keeper desk wire; do
	check "$room comes back" kill_room a $room
done
check "the line is up again" await 90 both_up
check "and carries" a send oslo "Once more" --wait delivered --timeout 60

# What the rooms keep of secrets is locked, within what a user may lock.
locked() {
	_kb=$(status_of "$(room_pid "$1" "$2")" VmLck)
	note "$2 of $1 has $_kb kB locked"
	[ "$_kb" -gt 0 ] && [ "$_kb" -le 8192 ]
}
for room in parent wire keeper; do
	check "$room has locked memory" locked a $room
done

# as_user COMMAND...: another program of the same user.
as_user() {
	# shellcheck disable=SC2086
	$as "$@"
}

# sees PID FILE: that user can read this of the process.
sees() {
	as_user dd if="/proc/$1/$2" of=/dev/null bs=1 count=1 2>/dev/null
}

$as sleep 1000 &
other=$!
await 10 sees $other environ
check "a user sees into a program of its own" sees $other environ
for room in $rooms; do
	pid=$(room_pid a $room)
	for file in mem maps environ auxv syscall; do
		check "it does not see $file of $room" \
			eval "! sees $pid $file"
	done
done
kill $other

# dumps PID: the debugger's way to a core file.
dumps() {
	(cd "$tmp" && as_user gcore -o "$tmp/core" "$1")
	ls "$tmp"/core*
}
if command -v gcore >/dev/null; then
	for room in $rooms; do
		check "no core is had of $room" \
			eval "! dumps $(room_pid a $room)"
	done
fi
check "no room ran against a wall" \
	sh -c '! grep -l "walls forbid" "$0"/*/log' "$tmp"
check "one size on the wire" one_size 1200
check "the logs tell nothing of what was said" no_secrets \
	"One for all|All for one|Once more"
finish
