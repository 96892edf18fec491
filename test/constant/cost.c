/*
 * What frames cost, by what they say.  Two lines talk through idle slots, texts,
 * a large record, losses and a rekey; callgrind counts the instructions of each
 * frame that A prepares, from prepared functions of which test/constant/cost.sh
 * tells it, and each count is dumped under what the frame said.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#include <valgrind/callgrind.h>

#include "../unit/pair.h"
#include "crypto/crypto.h"
#include "proc/address.h"
#include "wire/path.h"

enum {
	BYTES = 1200,
	PLAIN_BYTES = BYTES - FRAME_NONCE_BYTES - FRAME_TAG_BYTES,
	WORDS_BYTES = 64,
	BULK_BYTES = 60000,
};

struct cost {
	struct pair *pair;
	struct path path;
	unsigned frames;
};

/* What a frame says, as the words of its dump: the records by name, and how full
 * they make it. */
static void
describe(const struct cost *cost, const uint8_t *frame, char *words)
{
	static const char *const names[] = { "pad", "ack", "chunk", "part",
		"ctrl" };
	const struct pair_side *side = &cost->pair->side[0];
	uint8_t plain[PLAIN_BYTES];
	struct frame_record record;
	struct reader r;
	size_t len = 0;

	*words = '\0';
	for (int i = 0; i < 4; i++) {
		if (frame_unseal(plain, frame, BYTES, side->known[i].send) !=
		    OK)
			continue;
		buf_read(&r, plain, sizeof(plain));
		(void)buf_get_u64(&r);
		while (frame_next_record(&r, &record) == OK) {
			len += (size_t)snprintf(words + len, WORDS_BYTES - len,
			    "%s%s", len > 0 ? "+" : "", names[record.type]);
			if (record.type == FRAME_CHUNK && record.len > 1000)
				len += (size_t)snprintf(words + len,
				    WORDS_BYTES - len, "-full");
		}
		if (len == 0)
			(void)snprintf(words, WORDS_BYTES, "nothing");
		return;
	}
	(void)snprintf(words, WORDS_BYTES, "boot");
}

/* One slot: A's frame counted, B's not. */
static void
slot(struct cost *cost, bool loses)
{
	static const struct origin from = { .len = 1 };
	struct pair *pair = cost->pair;
	const uint64_t half_ns = cadence_slot_ns(pair->cadence) / 2;
	uint8_t there[FRAME_BYTES_MAX], back[FRAME_BYTES_MAX];
	char words[WORDS_BYTES];

	pair->now_ns += half_ns;
	for (int i = 0; i < 2; i++)
		pair_run_orders(pair, i);
	/* In the same place each time: where a copy ends counts too. */
	CALLGRIND_ZERO_STATS;
	path_make(&cost->path, pair->side[0].line, pair->now_ns);
	path_send(&cost->path, pair->side[0].line);
	memcpy(there, cost->path.sealed[(cost->path.made - 1) & 1], BYTES);
	describe(cost, there, words);
	CALLGRIND_DUMP_STATS_AT(words);
	cost->frames++;
	if (!loses)
		(void)!line_on_datagram(pair->side[1].line, 0, there, BYTES,
		    &from, pair->now_ns);
	pair->now_ns += half_ns;
	for (int i = 0; i < 2; i++)
		pair_run_orders(pair, i);
	line_prepare(pair->side[1].line, 0, back, pair->now_ns);
	(void)!line_on_datagram(pair->side[0].line, 0, back, BYTES, &from,
	    pair->now_ns);
	for (int i = 0; i < 2; i++)
		if (memcmp(&pair->side[i].synced, &pair->side[i].have,
			sizeof(pair->side[i].have)) != 0)
			pair_sync(pair, &pair->side[i]);
}

static void
slots(struct cost *cost, unsigned count, unsigned loss_every)
{
	for (unsigned i = 1; i <= count; i++)
		slot(cost, loss_every > 0 && i % loss_every == 0);
}

/* A's line, with an address that the kernel takes; nobody listens there. */
static void
give_address(struct pair *pair)
{
	struct sockaddr_in nobody = { .sin_family = AF_INET,
		.sin_port = htons(9) };
	struct line_config config = { .role = ROLE_A,
		.cadence = pair->cadence };
	struct line_way way = { .peer.len = 0 };
	struct pair_side *side = &pair->side[0];
	struct address address = { .len = sizeof(nobody) };

	nobody.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	memcpy(&address.at, &nobody, sizeof(nobody));
	address_to_origin(&way.peer, &address);
	memset(config.boot_send, 1, sizeof(config.boot_send));
	memset(config.boot_recv, 2, sizeof(config.boot_recv));
	side->orders_count = 0;
	side->line =
	    line_init(side->line, &config, rng_from_seed(&side->seeded, 1),
		pair_tell, &pair_contexts(pair)[0], pair->now_ns);
	line_open_path(side->line, 0, &way, pair->now_ns);
	pair_attach(pair, 0);
}

int
main(void)
{
	struct cost cost = { .frames = 0 };
	struct pair *pair;

	crypto_init();
	pair = cost.pair = pair_new(1, (struct cadence){ BYTES, 1000000 });
	give_address(pair);
	path_init(&cost.path, 0);
	path_open_inlet(&cost.path, 0,
	    socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), pair->now_ns);
	path_start(&cost.path, pair->cadence, pair->rng, pair->now_ns);
	slots(&cost, 40, 0);
	assert(pair_is_up(pair));
	slots(&cost, 40, 0);
	for (int i = 0; i < 8; i++) {
		pair_add(pair, 0, CLASS_FLASH, 200);
		slots(&cost, 5, 0);
	}
	pair_add(pair, 0, CLASS_ROUTINE, BULK_BYTES);
	slots(&cost, 80, 0);
	pair_add(pair, 1, CLASS_ROUTINE, BULK_BYTES);
	slots(&cost, 40, 4);
	pair_add(pair, 0, CLASS_ROUTINE, BULK_BYTES);
	slots(&cost, 80, 5);
	/* Over to the next rekey. */
	slots(&cost, 60, 0);
	assert(pair->side[0].confirmed > 1);
	path_wipe(&cost.path);
	pair_free(pair);
	printf("# %u frames\n", cost.frames);
	return 0;
}
