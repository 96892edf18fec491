#include "base/err.h"

const char *
err_str(int err)
{
	switch ((enum err)err) {
	case OK:
		return "done";
	case ERR_SIZE:
		return "wrong size";
	case ERR_FORMAT:
		return "not in the expected form";
	case ERR_CRYPTO:
		return "not authentic";
	case ERR_REPLAY:
		return "seen before";
	case ERR_STATE:
		return "not possible now";
	case ERR_LIMIT:
		return "over a limit";
	case ERR_NOT_FOUND:
		return "not found";
	case ERR_EXISTS:
		return "already there";
	case ERR_IO:
		return "input or output failed";
	case ERR_FULL:
		return "no room on the disk";
	case ERR_PEER:
		return "the peer broke the protocol";
	case ERR_VERSION:
		return "made by another version";
	case ERR_DENIED:
		return "not allowed";
	case ERR_AGAIN:
		return "not ready, try again";
	case ERR_SIGNED_OUT:
		return "not signed in";
	case ERR_RULE:
		return "to be released by more people first";
	}
	return "unknown error";
}
