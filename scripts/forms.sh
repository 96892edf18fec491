#!/bin/sh
# Writes the forms that come with the post as C, for the executable.
#
#   sh scripts/forms.sh FORM... > shipped.c
set -eu

echo '/* Made by scripts/forms.sh of forms/. */'
echo '#include "keeper/shipped.h"'
n=0
for file in "$@"; do
	printf '\nstatic const unsigned char form_%d[] = {\n' "$n"
	od -An -v -tu1 "$file" | sed 's/  */, /g; s/^, //; s/$/,/'
	echo '};'
	n=$((n + 1))
done
printf '\nconst struct shipped_form shipped_forms[] = {\n'
i=0
while [ "$i" -lt "$n" ]; do
	printf '\t{ (const char *)form_%d, sizeof(form_%d) },\n' "$i" "$i"
	i=$((i + 1))
done
printf '};\nconst size_t shipped_forms_count = %d;\n' "$n"
