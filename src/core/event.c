#include "core/event.h"

#include <assert.h>
#include <stdbool.h>

const char *
line_state_name(enum line_state state)
{
	switch (state) {
	case LINE_UNCONFIRMED:
		return "unconfirmed";
	case LINE_BOOTING:
		return "booting";
	case LINE_UP:
		return "up";
	case LINE_ONE_WAY:
		return "one-way";
	case LINE_SILENT:
		return "silent";
	case LINE_STATE_COUNT:
		break;
	}
	assert(false);
	return "";
}

const char *
path_state_name(enum path_state state)
{
	switch (state) {
	case PATH_CLOSED:
		return "closed";
	case PATH_UP:
		return "up";
	case PATH_ONE_WAY:
		return "one-way";
	case PATH_SILENT:
		return "silent";
	case PATH_STATE_COUNT:
		break;
	}
	assert(false);
	return "";
}

const char *
line_why_name(enum line_why why)
{
	switch (why) {
	case WHY_NONE:
		return "";
	case WHY_PATH_OR_POST:
		return "path or post";
	case WHY_GOODBYE:
		return "goodbye";
	case WHY_SEALED:
		return "sealed";
	case WHY_COUNT:
		break;
	}
	assert(false);
	return "";
}

const char *
fault_name(enum fault fault)
{
	switch (fault) {
	case FAULT_FRAME:
		return "a frame broke the protocol inside the seal";
	case FAULT_ORDER:
		return "a record came out of order, or not as it was announced";
	case FAULT_CONTINUITY:
		return "the other post lacks a secret that it has held: it was "
		       "restored from a backup, copied, or somebody poses as it";
	case FAULT_RECORD:
		return "a record of the other post broke the rules";
	case FAULT_STORE:
		return "a record that was arriving is damaged on the disk of this "
		       "post; it is fetched again";
	case FAULT_OURS:
		return "the other post has ended the session: it says that this "
		       "post broke the protocol";
	case FAULT_COUNT:
		break;
	}
	assert(false);
	return "";
}
