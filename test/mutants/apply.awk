# awk -f apply.awk MUTANT SOURCE: prints SOURCE with the mutant's lines in the
# place of those they stand for, which must be there exactly once.
function slurp(file,    line, all) {
	all = "\n"
	while ((getline line < file) > 0)
		all = all line "\n"
	close(file)
	return all
}

BEGIN {
	was = is = "\n"
	while ((getline line < ARGV[1]) > 0) {
		if (line == "was:" || line == "is:")
			part = line
		else if (part == "was:")
			was = was line "\n"
		else if (part == "is:")
			is = is line "\n"
	}
	source = slurp(ARGV[2])
	at = index(source, was)
	if (part != "is:" || was == "\n" || at == 0)
		exit 1
	# The newline before what follows belongs to both.
	rest = substr(source, at + length(was) - 1)
	if (index(substr(source, at + 1), was) != 0)
		exit 1
	printf "%s", substr(source, 2, at - 1) substr(is, 2) substr(rest, 2)
}
