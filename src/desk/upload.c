#include "desk/upload.h"

#include "desk/answer.h"
#include "desk/desk.h"
#include "desk/exchange.h"

enum upload_step { UPLOAD_OPENING, UPLOAD_SENDING, UPLOAD_CLOSING };

static void
ask(struct exchange *exchange, enum request_kind kind)
{
	struct request request = { .kind = kind, .upload = exchange->upload };

	if (kind == REQUEST_UPLOAD_DATA)
		request.data = (struct text){ (const char *)exchange->in.data,
			exchange->in.len };
	exchange_ask(exchange, &request);
}

void
upload_ask(struct exchange *exchange)
{
	if (exchange->upload == 0) {
		exchange->step = UPLOAD_OPENING;
		ask(exchange, REQUEST_UPLOAD_OPEN);
	} else if (exchange->in.len > 0) {
		exchange->step = UPLOAD_SENDING;
		ask(exchange, REQUEST_UPLOAD_DATA);
	} else {
		exchange->step = UPLOAD_CLOSING;
		ask(exchange, REQUEST_UPLOAD_DONE);
	}
}

/* What is left goes on: to keeper, or to the sender for more. */
static void
go_on(struct exchange *exchange)
{
	if (exchange->in_ended ||
	    exchange->in.len == REQUEST_ATTACHMENT_PIECE_BYTES) {
		upload_ask(exchange);
		return;
	}
	exchange->phase = EXCHANGE_TAKING;
	exchange->wake(exchange);
}

void
upload_on_reply(struct exchange *exchange, const struct reply *reply)
{
	if (exchange->step == UPLOAD_CLOSING && reply->kind == REPLY_UPLOAD) {
		exchange->upload = 0;
		exchange_answer(exchange, 201, answer_upload(reply));
	} else if (exchange->step == UPLOAD_OPENING &&
	    reply->kind == REPLY_UPLOAD) {
		exchange->upload = reply->upload.id;
		go_on(exchange);
	} else if (exchange->step == UPLOAD_SENDING &&
	    reply->kind == REPLY_DONE) {
		exchange->in.len = exchange->in.taken = 0;
		go_on(exchange);
	} else {
		exchange_refuse(exchange, 500, "failed",
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
upload_drop(struct exchange *exchange)
{
	if (exchange->upload != 0)
		drop(exchange->desk, exchange->upload);
	exchange->upload = 0;
}

void
upload_on_orphan(struct desk *desk, const struct reply *reply)
{
	if (reply->kind == REPLY_UPLOAD)
		drop(desk, reply->upload.id);
}
