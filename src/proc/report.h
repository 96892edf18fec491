/* Owns how a line's report and status stand in messages between the rooms. */
#ifndef PROC_REPORT_H
#define PROC_REPORT_H

#include "base/buf.h"
#include "core/event.h"

/* Encoders fail the writer where there is no room, decoders the reader where a
 * value is none of its enum.  The report's peers are not in it: wire's addresses
 * are nothing that desk must know. */
void report_encode(struct writer *w, const struct line_report *report);
void report_decode(struct reader *r, struct line_report *report);

void report_encode_status(struct writer *w, const struct status *status);
void report_decode_status(struct reader *r, struct status *status);

#endif
