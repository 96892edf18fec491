# Owns the land between two posts where no weather stands between them: roads,
# NAT, firewalls, and README's first line through all of it. Read in behind lib.sh.
#
#   a 10.77.1.1 --- 10.77.1.2  the middle  10.77.2.2 --- 10.77.2.1 b
#
# and with `hide b`, whose NAT has an address of its own:
#
#   b 10.77.2.1 --- 10.77.2.2  nat_b  10.77.12.1 --- 10.77.12.2  the middle
#
# The middle has 10.77.9.9 too, for what stands between the two.

middle=10.77.9.9

command -v nft >/dev/null || skip_all "nft is not installed"

# The middle forwards, and counts and drops what it is told to.
open_roads() {
	echo 1 >/proc/sys/net/ipv4/ip_forward
	ip addr add "$middle/32" dev lo
	within a ip route add default via "$gate_a"
	within b ip route add default via "$gate_b"
	nft -f - <<-END || skip_all "no nftables here"
	table ip middle {
		chain count {
			type filter hook forward priority -10; policy accept;
		}
		chain forward {
			type filter hook forward priority 0; policy accept;
		}
	}
	END
}

# drop RULE...: the middle lets nothing pass that matches; pass ends all of it.
drop() {
	nft "add rule ip middle forward $* counter drop"
}
pass() {
	nft flush chain ip middle forward
}

# count_frames NAME RULE...: counts what matches, before it is dropped; counted
# NAME is how many.
count_frames() {
	_counter=$1
	shift
	nft "add counter ip middle $_counter"
	nft "add rule ip middle count $* counter name $_counter"
}
counted() {
	nft -j list counter ip middle "$1" |
		jq '.nftables[] | .counter? // empty | .packets'
}

# hide SIDE: its machine has an address that nobody outside can reach, behind a
# NAT that lets in what answers and nothing else.
hide() {
	_net=1
	[ "$1" = a ] || _net=2
	namespace
	eval "space_nat_$1=$space"
	ip link del "to-$1"
	ip link add in0 netns "$space" type veth peer name link0 netns \
		"$(eval "echo \$space_$1")"
	ip link add out0 netns "$space" type veth peer name "to-nat-$1"
	within "$1" ip addr add 10.77.$_net.1/24 dev link0
	within "$1" ip link set link0 up
	within "$1" ip route add default via 10.77.$_net.2
	ip addr add 10.77.1$_net.2/24 dev "to-nat-$1"
	ip link set "to-nat-$1" up
	within "nat_$1" sh -c "
		echo 1 >/proc/sys/net/ipv4/ip_forward
		ip link set lo up
		ip addr add 10.77.$_net.2/24 dev in0
		ip addr add 10.77.1$_net.1/24 dev out0
		ip link set in0 up
		ip link set out0 up
		ip route add default via 10.77.1$_net.2"
	within "nat_$1" nft -f - <<-END
	table ip nat {
		chain leave {
			type nat hook postrouting priority srcnat;
			oifname out0 masquerade
		}
		chain forward {
			type filter hook forward priority 0; policy drop;
			iifname in0 accept
			ct state established,related accept
		}
	}
	END
}

# move_nat SIDE LAST: its NAT has another address from now on, 10.77.1N.LAST.
move_nat() {
	_net=1
	[ "$1" = a ] || _net=2
	_old=$(within "nat_$1" ip -o -4 addr show dev out0 |
		awk '{ print $4 }')
	within "nat_$1" ip addr del "$_old" dev out0
	within "nat_$1" ip addr add "10.77.1$_net.$2/24" dev out0
	within "nat_$1" ip route replace default via "10.77.1$_net.2"
}

# ---- lines by name ----------------------------------------------------------

# of_line SIDE LINE FILTER: a field of one of several lines.
of_line() {
	"$1" status --json | jq -r --arg line "$2" \
		".lines[] | select(.line == \$line) | $3"
}
line_is() {
	[ "$(of_line "$1" "$2" .state)" = "$3" ]
}
line_up() {
	line_is a "$1" up && line_is b "$2" up
}

# first_line NAME_A NAME_B OFFER_OPTIONS ACCEPT_OPTIONS: README's first line, from
# the offer until a word was delivered, and one back. a knows its line as NAME_A.
first_line() {
	_file=$tmp/$1
	# shellcheck disable=SC2086
	must "$1: offer" a line offer "$1" -o "$_file.offer" $3
	# shellcheck disable=SC2086
	must "$1: accept" b line accept "$2" "$_file.offer" -o "$_file.reply" $4
	a line finish "$1" "$_file.reply" -o "$_file.reveal" --carried hand \
		--json >"$_file.a" || not_ok "$1: a finishes"
	b line finish "$2" "$_file.reveal" --carried hand --json \
		>"$_file.b" || not_ok "$1: b finishes"
	# shellcheck disable=SC2046
	must "$1: a confirms" a line confirm "$1" $(words_of "$_file.b")
	# shellcheck disable=SC2046
	must "$1: b confirms" b line confirm "$2" $(words_of "$_file.a")
	speak "$1" "$2" "Are you there?"
}

# speak NAME_A NAME_B WORDS: a says it, it is delivered, and so back.
speak() {
	check "$1: \"$3\" is delivered" a send "$1" "$3" --wait delivered \
		--timeout 60
	check "$1: so is an answer" b send "$2" "$3 Yes." --wait delivered \
		--timeout 60
}
