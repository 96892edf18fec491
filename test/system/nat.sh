#!/bin/sh
# One side sits behind a NAT, whose address changes in the middle of the line.
. "$(dirname "$0")/lib.sh"
. "$here/land.sh"

open_roads
hide b
make_posts
first_line oslo bergen "--cadence 1200@20 --endpoint $host_a:7411" ""
peer_is() {
	of_line a oslo ".paths[0].peer" | grep -q "^$1:"
}
check "a knows b by the NAT's address" peer_is 10.77.12.1
sessions=$(of_line a oslo .frames.sessions)
move_nat b 7
speak oslo bergen "Have you moved?"
check "a knows b by its new address" await 30 peer_is 10.77.12.7
check "the session has lived through it" test \
	"$(of_line a oslo .frames.sessions)" = "$sessions"
finish
