#include "desk/args.h"

#include <string.h>

#include "desk/route.h"

static struct args_field *
find_field(struct args_field *fields, size_t count, const char *name,
    size_t len)
{
	for (size_t i = 0; i < count; i++)
		if (strlen(fields[i].name) == len &&
		    memcmp(fields[i].name, name, len) == 0)
			return &fields[i];
	return NULL;
}

int
args_parse(struct args_field *fields, size_t count, const char *query)
{
	if (query == NULL || *query == '\0')
		return OK;
	for (;;) {
		size_t len = strcspn(query, "&");
		const char *equals = memchr(query, '=', len);
		struct args_field *field;
		size_t name_len;

		if (equals == NULL)
			return ERR_FORMAT;
		name_len = (size_t)(equals - query);
		field = find_field(fields, count, query, name_len);
		if (field == NULL || field->given)
			return ERR_FORMAT;
		if (route_decode(field->value, sizeof(field->value), equals + 1,
			len - name_len - 1) != OK)
			return ERR_FORMAT;
		field->given = true;
		if (query[len] == '\0')
			return OK;
		query += len + 1;
	}
}

int
args_number(uint64_t *number, const struct args_field *field, uint64_t max)
{
	uint64_t value = 0;

	if (!field->given)
		return OK;
	if (field->value[0] == '\0')
		return ERR_FORMAT;
	for (const char *c = field->value; *c != '\0'; c++) {
		uint64_t digit = (uint64_t)(unsigned char)*c - '0';

		if (digit > 9 || digit > max || value > (max - digit) / 10)
			return ERR_FORMAT;
		value = value * 10 + digit;
	}
	*number = value;
	return OK;
}
