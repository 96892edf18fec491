/* The JSON bodies of the API; the first byte chooses which. */
#include <stdlib.h>
#include <string.h>

#include "desk/body.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct request request;
	struct body body;
	enum body_shape shape;

	if (size == 0)
		return 0;
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
