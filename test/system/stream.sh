#!/bin/sh
# A firewall lets no UDP through: the line goes by TCP, also by a SOCKS5 proxy, and
# comes back by itself when a connection is cut.
. "$(dirname "$0")/lib.sh"
. "$here/land.sh"

command -v microsocks >/dev/null || skip_all "microsocks is not installed"
open_roads
drop meta l4proto udp
hide b
# The name of the second line's other end is known to the proxy alone.
echo "$host_a hidden.test" >"$tmp/hosts"
start_proxy() {
	unshare --mount sh -c 'mount --bind "$1" /etc/hosts &&
		exec microsocks -i 10.77.12.2 -p 1080' sh "$tmp/hosts" \
		>"$tmp/proxy.out" 2>&1 &
	proxy=$!
}
start_proxy

make_posts
cadence="--cadence 1200@20"
first_line plain straight \
	"$cadence --tcp --endpoint $host_a:7411" ""
first_line tor through \
	"$cadence --listen $host_a:7412 --endpoint tcp:hidden.test:7412" \
	"--proxy 10.77.12.2:1080"
check "the proxy is what a sees of b" sh -c \
	"nsenter --target $space_a --net -- ss -Htn sport = :7412 |
	grep -q '10.77.1.2:'"

# cut_connections PORT: both ends are told that the connection is over.
cut_connections() {
	nft add rule ip middle forward tcp dport "$1" counter \
		reject with tcp reset
	nft add rule ip middle forward tcp sport "$1" counter \
		reject with tcp reset
	sleep 1
	pass
	drop meta l4proto udp
}

# A connection that is reset is dialed again.
sessions_of() {
	of_line a "$1" .frames.sessions
}
plain=$(sessions_of plain)
cut_connections 7411
speak plain straight "After a cut?"
check "the session has lived through it" \
	test "$(sessions_of plain)" = "$plain"

# A stranger takes every connection that it can get, and throws junk on each.
"$build/test/weather/forger" knock 0.0.0.0:0 "$host_a:7411" 1200 \
	>"$tmp/knocks" 2>&1 &
knocker=$!
# Those that wait at the kernel's door belong to nobody.
connections() {
	within a ss -Htnp state established sport = :7411 | grep -c users
}
knocked() {
	[ "$(connections)" -ge 4 ]
}
check "a stranger comes in as well" await 20 knocked
speak plain straight "Among strangers?"
cut_connections 7411
speak plain straight "After a cut among strangers?"
check "the session has lived through that too" \
	test "$(sessions_of plain)" = "$plain"
check "no more than a few are let in" test "$(connections)" -le 5
kill $knocker
wait $knocker
note "a stranger knocked $(cat "$tmp/knocks") times"

kill $proxy
check "without its proxy b is silent" await 60 line_is a tor silent
start_proxy
speak tor through "After another proxy?"
check "the other line has not noticed" line_up plain straight

check "no frame went by UDP" test "$(within a awk \
	'/^Udp:/ && $5 ~ /^[0-9]/ { print $5 }' /proc/net/snmp)" = 0
finish
