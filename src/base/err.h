/* Owns the error codes that fallible functions return. */
#ifndef BASE_ERR_H
#define BASE_ERR_H

/* The caller must look at the result: a lost error is a lost message. */
#define MUST_CHECK __attribute__((warn_unused_result))

/* Checks a printf-like function's arguments at compile time. */
#define PRINTF_LIKE(text, first) __attribute__((format(printf, text, first)))

/*
 * OK, or one of these, all negative.  What the other side, the network or a
 * person can cause is a code; our own bugs are assertions.
 */
enum err {
	OK = 0,
	ERR_SIZE = -1,	    /* a length is wrong or out of bounds */
	ERR_FORMAT = -2,    /* bytes that do not follow their layout */
	ERR_CRYPTO = -3,    /* not authentic; all crypto failures look alike */
	ERR_REPLAY = -4,    /* authentic, but seen before or too old */
	ERR_STATE = -5,	    /* not possible in the present state */
	ERR_LIMIT = -6,	    /* a limit of limits.h is reached */
	ERR_NOT_FOUND = -7, /* no such thing */
	ERR_EXISTS = -8,    /* there is one already */
	ERR_IO = -9,	    /* the kernel or the disk said no; see errno */
	ERR_FULL = -10,	    /* no room on the disk */
	ERR_PEER = -11,	    /* the peer broke the protocol inside the seal */
	ERR_VERSION = -12,  /* made by another version */
	ERR_DENIED = -13,   /* not allowed, wrong passphrase */
	ERR_AGAIN = -14,    /* not now; try again */
	ERR_SIGNED_OUT = -15, /* nobody is known to ask */
	ERR_RULE = -16,	      /* more people must release it first */
};

/* The code in plain words, static storage; "unknown error" for any other. */
const char *err_str(int err);

#endif
