#!/bin/sh
# A machine moves to another address. A line that roams follows it at once; one that
# goes to a name follows when the name is looked up again; one that goes to an address
# stays there, as it was told, and goes on when the machine is back.
. "$(dirname "$0")/lib.sh"
. "$here/land.sh"

open_roads
new=10.77.21.1
within a ip addr add $new/32 dev link0
ip route add $new via "$host_a"
name_is() {
	echo "$1 geneva.test" >"$tmp/hosts"
}
name_is "$host_a"
must "names come from a file" mount --bind "$tmp/hosts" /etc/hosts
make_posts
# a listens everywhere; b goes to what a's card says.
for line in named:geneva.test:7411 pinned:$host_a:7412 following:$host_a:7413; do
	first_line "${line%%:*}" "${line%%:*}" "--cadence 1200@20 \
		--listen 0.0.0.0:${line##*:} --endpoint ${line#*:}" ""
done
peer_is() {
	of_line b "$1" ".paths[0].peer" | grep -q "^$2:"
}
sessions_of() {
	of_line b "$1" .frames.sessions
}
for line in named pinned following; do
	check "$line: b knows where a is" peer_is $line "$host_a"
done
check "b lets one line roam" b line set following roaming on
check "and is told what it gives up" prints "roam" b line show following
named=$(sessions_of named)
following=$(sessions_of following)

drop ip daddr "$host_a"
drop ip saddr "$host_a"
within a ip route replace default via "$gate_a" src $new
check "following: b follows at once" await 30 peer_is following $new
speak following following "Do you follow?"
check "following: the session has lived through it" \
	test "$(sessions_of following)" = "$following"
check "pinned: a hears nothing" await 30 line_is a pinned silent
name_is $new
check "named: b looks the name up again" await 100 peer_is named $new
speak named named "Is this your new address?"
check "named: the session has lived through it" \
	test "$(sessions_of named)" = "$named"
check "pinned: b has stayed where it was told" peer_is pinned "$host_a"

within a ip route replace default via "$gate_a" src "$host_a"
pass
speak pinned pinned "Back again?"
finish
