#!/bin/sh
# The same line over IPv6.
. "$(dirname "$0")/lib.sh"

host_a='[fd77:1::1]'
host_b='[fd77:2::1]'
gate_a='[fd77:1::2]'
gate_b='[fd77:2::2]'
line_between

check "the path is an IPv6 one" holds \
	'.[0].lines[0].paths[0].peer == "[fd77:1::2]:7411"' a status
say_file() {
	$1 send "$(peer_of "$1")" - --wait delivered --timeout 60 <"$data/$2"
}
check "a speaks" say_file a ko.txt
check "b speaks" say_file b ar.txt
check "a's journal is the same at both ends" same_journal a 1
check "b's journal is the same at both ends" same_journal b 1
check "one size on the wire" one_size 1200
finish
