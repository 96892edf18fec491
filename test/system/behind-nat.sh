#!/bin/sh
# One side has no address that it could name: its card leaves the endpoint out,
# and the other side learns it from the first authentic frame.
. "$(dirname "$0")/lib.sh"

quiet_b=yes
port_b=0 # the weather learns it, like a NAT
line_between

check "b's path has the address on a's card" holds \
	'.[0].lines[0].paths[0].peer == "10.77.2.2:7411"' b status
check "a has learned its address" holds \
	'.[0].lines[0].paths[0].peer == "10.77.1.2:7411"' a status
check "b speaks" b send bergen "From behind the wall" --wait delivered \
	--timeout 60
check "a answers" a send oslo "Heard" --wait delivered --timeout 60

check "the side that is called goes away" a down
check "and comes back" up a
check "it learns the address again" await 90 both_up
check "and talks first" a send oslo "Back" --wait delivered --timeout 60
check "a has said two things" same_journal a 2
check "b has said one" same_journal b 1
check "one size on the wire" one_size 1200
finish
