#include "desk/intake.h"

#include "desk/answer.h"
#include "desk/desk.h"
#include "desk/inquiry.h"

enum intake_step { INTAKE_OPENING, INTAKE_SENDING, INTAKE_CLOSING };

static void
ask(struct inquiry *inquiry, enum request_kind kind)
{
	struct request request = { .kind = kind, .upload = inquiry->upload };

	if (kind == REQUEST_UPLOAD_DATA)
		request.data = (struct text){ (const char *)inquiry->in.data,
			inquiry->in.len };
	inquiry_ask(inquiry, &request);
}

void
intake_ask(struct inquiry *inquiry)
{
	if (inquiry->upload == 0) {
		inquiry->step = INTAKE_OPENING;
		ask(inquiry, REQUEST_UPLOAD_OPEN);
	} else if (inquiry->in.len > 0) {
		inquiry->step = INTAKE_SENDING;
		ask(inquiry, REQUEST_UPLOAD_DATA);
	} else {
		inquiry->step = INTAKE_CLOSING;
		ask(inquiry, REQUEST_UPLOAD_DONE);
	}
}

/* What is left goes on: to keeper, or to the sender for more. */
static void
go_on(struct inquiry *inquiry)
{
	if (inquiry->in_ended ||
	    inquiry->in.len == REQUEST_ATTACHMENT_PIECE_BYTES) {
		intake_ask(inquiry);
		return;
	}
	inquiry->phase = INQUIRY_TAKING;
	inquiry->wake(inquiry);
}

void
intake_on_reply(struct inquiry *inquiry, const struct reply *reply)
{
	if (inquiry->step == INTAKE_CLOSING && reply->kind == REPLY_UPLOAD) {
		inquiry->upload = 0;
		inquiry_answer(inquiry, 201, answer_upload(reply));
	} else if (inquiry->step == INTAKE_OPENING &&
	    reply->kind == REPLY_UPLOAD) {
		inquiry->upload = reply->upload.id;
		go_on(inquiry);
	} else if (inquiry->step == INTAKE_SENDING &&
	    reply->kind == REPLY_DONE) {
		inquiry->in.len = inquiry->in.taken = 0;
		go_on(inquiry);
	} else {
		inquiry_refuse(inquiry, 500, "failed",
		    "the keeper gave an answer that does not fit");
	}
}

static void
drop(struct desk *desk, uint64_t upload)
{
	struct request request = { .kind = REQUEST_UPLOAD_DROP,
		.upload = upload };

	/* Where keeper is not there, the upload is not either. */
	(void)desk_ask(desk, &request);
}

void
intake_drop(struct inquiry *inquiry)
{
	if (inquiry->upload != 0)
		drop(inquiry->desk, inquiry->upload);
	inquiry->upload = 0;
}

void
intake_on_orphan(struct desk *desk, const struct reply *reply)
{
	if (reply->kind == REPLY_UPLOAD)
		drop(desk, reply->upload.id);
}
