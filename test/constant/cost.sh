#!/bin/sh
# What a frame costs, by what it says, in instructions (callgrind): from sealing
# on exactly the same, dummy or full; filling, which is done a guard time ahead,
# within a stated share.  Prints TAP, and the counts as comments.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=${QUIETLINE_BUILD:-$here/../../build}

# How much more than the emptiest frame any frame may cost from filling to the
# end, in percent: see doc/proof.md for why it is not 2.
FILL_PERCENT_MAX=25

out=$(mktemp -d "${TMPDIR:-/tmp}/quietline-cost.XXXXXX")
trap 'rm -rf "$out"' EXIT

# count NAME FUNCTION...: "what instructions" a frame, of these functions and all
# that they call.
count() {
	name=$1
	shift
	mkdir "$out/$name.d"
	toggles=
	for function; do
		toggles="$toggles --toggle-collect=$function"
	done
	# shellcheck disable=SC2086 # options are words
	valgrind --tool=callgrind $toggles \
	    --callgrind-out-file="$out/$name.d/dump" \
	    "$build/test/constant/cost" >"$out/$name.log" 2>&1 ||
		{ sed 's/^/# /' "$out/$name.log"; return 1; }
	find "$out/$name.d" -name 'dump.*' -exec cat {} + | awk '
		/^desc: Trigger: Client Request: / { what = $NF }
		/^summary: / && what != "" { print what, $2; what = "" }'
}

count whole line_prepare >"$out/whole"
count seal frame_nonce_draw frame_seal path_send >"$out/seal"

awk -v percent_max="$FILL_PERCENT_MAX" '
	{
		table = FILENAME ~ /seal$/ ? "seal" : "whole"
		key = table SUBSEP $1
		if (!(key in n)) {
			least[key] = $2
			if (table == "whole")
				names[++count] = $1
		}
		n[key]++
		if ($2 < least[key]) least[key] = $2
		if ($2 > most[key]) most[key] = $2
		if (!(table in low) || $2 < low[table]) low[table] = $2
		if ($2 > high[table]) high[table] = $2
		frames[table]++
	}
	END {
		for (i = 1; i <= count; i++) {
			key = "whole" SUBSEP names[i]
			printf "# %-28s %4d frames, %d to %d instructions\n", \
			    names[i], n[key], least[key], most[key]
		}
		bad = low["seal"] != high["seal"] || frames["seal"] < 300
		printf "%sok 1 - from sealing on %d frames cost %d instructions each\n", \
		    bad ? "not " : "", frames["seal"], high["seal"]
		if (bad)
			printf "# %d to %d\n", low["seal"], high["seal"]
		more = (high["whole"] / low["whole"] - 1) * 100
		worse = more > percent_max
		printf "%sok 2 - filled and sealed, no frame costs over %d %% more than another (%.1f)\n", \
		    worse ? "not " : "", percent_max, more
		need = split("nothing ack chunk chunk-full part ctrl", kinds, " ")
		for (i = 1; i <= need; i++)
			if (!(("whole" SUBSEP kinds[i]) in n)) {
				missing = 1
				print "# no frame said: " kinds[i]
			}
		print (missing ? "not " : "") "ok 3 - frames of each kind were counted"
		print "1..3"
		exit bad || worse || missing
	}' "$out/whole" "$out/seal"
