#include "sim/rite.h"

#include <assert.h>
#include <string.h>

#include "base/log.h"
#include "core/card.h"
#include "core/ceremony.h"

/* What a post answers to one step. */
struct step {
	uint8_t file[CEREMONY_FILE_BYTES_MAX];
	size_t file_bytes;
	char words[REQUEST_WORDS][REQUEST_WORD_BYTES];
	size_t word_count;
	bool answered;
};

struct text
rite_peer_name(unsigned post)
{
	static const char *const names[PLAN_POSTS] = { "bravo", "alfa" };

	assert(post < PLAN_POSTS);
	return (struct text){ names[post], strlen(names[post]) };
}

static void
on_step(void *ctx, const struct reply *reply)
{
	struct step *step = ctx;

	assert(reply != NULL);
	step->answered = true;
	if (reply->kind == REPLY_ERROR)
		fatalx("rite: refused (%.*s)", (int)reply->say.len,
		    reply->say.data);
	if (reply->kind != REPLY_CEREMONY)
		return;
	assert(reply->ceremony.file.len <= sizeof(step->file));
	step->file_bytes = reply->ceremony.file.len;
	if (step->file_bytes > 0)
		memcpy(step->file, reply->ceremony.file.data, step->file_bytes);
	step->word_count = reply->ceremony.word_count;
	for (size_t i = 0; i < step->word_count; i++) {
		struct text word = reply->ceremony.words[i];

		assert(word.len < REQUEST_WORD_BYTES);
		memcpy(step->words[i], word.data, word.len);
		step->words[i][word.len] = '\0';
	}
}

static void
take_step(struct post *post, struct request *request, struct step *step)
{
	*step = (struct step){ 0 };
	request->line = rite_peer_name(post->index);
	if (!post_ask(post, request, on_step, step))
		fatalx("rite: post %u is not there", post->index);
	/* Its socket is asked for and bound first. */
	while (!step->answered && world_step(post->world, post->plan->start_ns))
		;
	if (!step->answered)
		fatalx("rite: post %u does not answer", post->index);
}

static void
take_file_step(struct post *post, enum request_kind kind,
    const struct step *before, const char *endpoint, struct step *step)
{
	struct request request = { .kind = kind };

	request.ceremony.file =
	    (struct text){ (const char *)before->file, before->file_bytes };
	if (endpoint != NULL)
		request.way.endpoint =
		    (struct text){ endpoint, strlen(endpoint) };
	request.ceremony.by_hand = true;
	take_step(post, &request, step);
}

static void
confirm(struct post *post, const struct step *heard)
{
	struct request request = { .kind = REQUEST_CONFIRM };
	struct step step;

	assert(heard->word_count == REQUEST_WORDS);
	for (size_t i = 0; i < REQUEST_WORDS; i++)
		request.ceremony.words[i] =
		    (struct text){ heard->words[i], strlen(heard->words[i]) };
	take_step(post, &request, &step);
}

/* Whoever is to be learned leaves its endpoint out of its card. */
static const char *
endpoint_of(const struct plan *plan, unsigned post)
{
	static const char *const endpoints[PLAN_POSTS] = { "192.0.2.1:7411",
		"192.0.2.2:7411" };

	return plan->road[0].learner == 1 - post ? NULL : endpoints[post];
}

void
rite_hold(struct post post[PLAN_POSTS], const struct plan *plan)
{
	struct request request = { .kind = REQUEST_OFFER };
	struct step offer, reply, reveal, words;
	const char *endpoint = endpoint_of(plan, 0);

	request.ceremony.cadence = plan->cadence;
	request.ceremony.accept = ACCEPT_ANY;
	if (endpoint != NULL)
		request.way.endpoint =
		    (struct text){ endpoint, strlen(endpoint) };
	take_step(&post[0], &request, &offer);
	take_file_step(&post[1], REQUEST_ACCEPT, &offer, endpoint_of(plan, 1),
	    &reply);
	take_file_step(&post[0], REQUEST_FINISH, &reply, NULL, &reveal);
	take_file_step(&post[1], REQUEST_FINISH, &reveal, NULL, &words);
	confirm(&post[0], &words);
	confirm(&post[1], &reveal);
}
