/* The JSON bodies and the queries of the API; the first byte chooses which. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "desk/body.h"
#include "desk/take.h"
#include "proc/field.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What was taken is within its table: it can go to keeper. */
static void
check(const struct layout *layout, const union request_ask *ask)
{
	static uint8_t bytes[REQUEST_BYTES_MAX];
	struct writer w;

	buf_write(&w, bytes, sizeof(bytes));
	field_encode(&w, layout, ask);
	if (!buf_is_sound(&w))
		abort();
}

static void
take(const struct layout *layout, bool is_query, const uint8_t *data,
    size_t size)
{
	union request_ask ask = { 0 };
	struct body body = { 0 };
	json_t *query;
	char *text;
	int rc;

	if (is_query) {
		if ((text = strndup((const char *)data, size)) == NULL)
			abort();
		query = take_query(&body, text);
		free(text);
		rc = query == NULL
		    ? ERR_FORMAT
		    : body_parse_query(&body, layout, &ask, query);
		json_decref(query);
	} else {
		rc = body_parse_layout(&body, layout, &ask, data, size);
	}
	if (rc == OK && layout != NULL)
		check(layout, &ask);
	else if (rc != OK && body.say[0] == '\0')
		abort();
	body_wipe(&body);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const unsigned shapes = BODY_SHAPE_COUNT;
	struct request request;
	struct body body;
	enum body_shape shape;

	if (size == 0)
		return 0;
	if (data[0] >= shapes && data[0] - shapes < REQUEST_COUNT) {
		const bool is_query = size > 1 && data[1] == '?';
		const size_t head = is_query ? 2 : 1;

		take(request_ask_layout((enum request_kind)(data[0] - shapes)),
		    is_query, data + head, size - head);
		return 0;
	}
	shape = (enum body_shape)(data[0] % BODY_SHAPE_COUNT);
	memset(&request, 0, sizeof(request));
	if (body_parse(&body, &request, shape, data + 1, size - 1) == OK) {
		if (request.send.text.len > TEXT_BYTES_MAX ||
		    request.send.attachments > ATTACHMENTS_MAX ||
		    request.ceremony.file.len > DESK_CEREMONY_FILE_BYTES_MAX)
			abort();
	} else if (body.say[0] == '\0') {
		abort();
	}
	body_wipe(&body);
	return 0;
}
