#include "script.h"

#include <assert.h>
#include <string.h>

void
script_init(struct script *script)
{
	memset(script, 0, sizeof(*script));
}

void
script_append(struct script *script, const uint8_t *bytes, size_t len)
{
	assert(len <= sizeof(script->bytes) - script->len);
	memcpy(script->bytes + script->len, bytes, len);
	script->len += len;
}

static void
fill(void *ctx, void *dst, size_t len)
{
	struct script *script = ctx;

	if (len > script->len - script->pos) {
		script->failed = true;
		memset(dst, 0, len);
		return;
	}
	memcpy(dst, script->bytes + script->pos, len);
	script->pos += len;
}

struct rng
script_rng(struct script *script)
{
	return (struct rng){ .fill = fill, .ctx = script };
}

bool
script_is_spent(const struct script *script)
{
	return !script->failed && script->pos == script->len;
}
