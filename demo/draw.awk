# Draws ten seconds of a wire: a mark a column of 100 ms, two rows of five
# seconds a way. Input: nanoseconds, way (ab or ba), bytes, one datagram a line.
#   -v kind=frames: counts them, as all have one size; kind=bytes: draws sizes
#   -v zero=NS: where the ten seconds begin (else near the first line)
#   -v a=NAME -v b=NAME

BEGIN {
	split("| ‖ ⦀", many, " ")
	columns = 100
	split("▁ ▂ ▃ ▄ ▆ █", bars, " ")
	split("60 150 500 1300 5000", bounds, " ")
}

zero == "" {
	# The same place in a slot for every drawing: half way.
	zero = (int($1 / 1e8) + 0.5) * 1e8
}

{
	column = int(($1 - zero) / 1e8)
	if (column < 0 || column >= columns)
		next
	frames[$2, column]++
	bytes[$2, column] += $3
	total[$2]++
	if (least == "" || $3 < least)
		least = $3
	if ($3 > most)
		most = $3
}

function mark(way, column,    n, step) {
	n = frames[way, column]
	if (!n)
		return "·"
	if (kind == "frames")
		return many[n > 3 ? 3 : n]
	n = bytes[way, column]
	for (step = 1; step < 6 && n >= bounds[step]; step++)
		continue
	return bars[step]
}

function row(way, from, moment, label,    column, text) {
	for (column = from; column < from + columns / 2; column++)
		text = text mark(way, column)
	printf "   %-4s %-15s %s\n", moment, label, text
}

END {
	for (half = 0; half < 2; half++) {
		row("ab", half * columns / 2, half * 5 " s", a " to " b)
		row("ba", half * columns / 2, "", b " to " a)
	}
	if (kind == "frames")
		printf "   %d frames, %d frames; %s bytes each\n", total["ab"],
		    total["ba"], least == most ? least : least " to " most
}
