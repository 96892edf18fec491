/* Owns the relay's command line. */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "base/wipe.h"
#include "crypto/crypto.h"
#include "relay/key.h"
#include "relay/server.h"
#include "relay/walls.h"

/* As those of quietline. */
enum exit_code { EXIT_DONE = 0, EXIT_REFUSED = 1, EXIT_USAGE = 2 };

static const char usage[] =
    "A blind relay for quietline's posts: for two sides of which neither can be\n"
    "reached from outside.\n"
    "\n"
    "usage: quietline-relay key FILE\n"
    "       quietline-relay ticket --key FILE --at HOST:PORT [--cadence C] NUMBER\n"
    "       quietline-relay run --key FILE [options]\n"
    "\n"
    "  key      make the relay's key; once\n"
    "  ticket   print the two tickets of a line, one for each side\n"
    "  run      forward for whoever holds a ticket\n"
    "\n"
    "Each word takes --help. The relay cannot read what it forwards, keeps no log of\n"
    "who uses it, and writes no file. Exit codes: 0 done, 1 refused or failed,\n"
    "2 wrong usage.\n";

static const char key_usage[] =
    "Make the relay's key, in a file of that name.\n"
    "\n"
    "usage: quietline-relay key FILE\n"
    "\n"
    "Whoever has the file can make tickets, and nothing else. A new key makes all\n"
    "tickets of the old one void. An existing file is never overwritten.\n"
    "\n"
    "Example:\n"
    "  quietline-relay key relay.key\n";

static const char ticket_usage[] =
    "Print the two tickets of a line: the first for one side, the second for the\n"
    "other.\n"
    "\n"
    "usage: quietline-relay ticket --key FILE --at HOST:PORT [--cadence C] NUMBER\n"
    "\n"
    "  --key FILE       the relay's key\n"
    "  --at HOST:PORT   where posts reach the relay\n"
    "  --cadence C      of the line: trickle, talk, desk, bulk or\n"
    "                   BYTES@MILLISECONDS; default talk\n"
    "\n"
    "NUMBER is yours to choose, from 0 to 2147483647: another one for each line. The\n"
    "same number gives the same tickets again. Nothing is written down: keep a list of\n"
    "whom you gave which. Each ticket is a secret between you and one side; carry it\n"
    "as such. To take tickets back, put their number in the file for `run --refuse`.\n"
    "\n"
    "Example:\n"
    "  quietline-relay ticket --key relay.key --at relay.example.org:7412 17\n";

static const char run_usage[] =
    "Forward for whoever holds a ticket, on UDP and TCP, until SIGTERM.\n"
    "\n"
    "usage: quietline-relay run --key FILE [options]\n"
    "\n"
    "  --key FILE           the relay's key\n"
    "  --listen ADDR:PORT   default: all addresses, port 7412\n"
    "  --lines N            lines held at once, at most 100000; default 1000. Each\n"
    "                       takes up to 6 KiB\n"
    "  --refuse FILE        numbers of tickets taken back, one a line; read once, at\n"
    "                       the start\n"
    "  --without-walls      run although this kernel has no Landlock or no seccomp\n"
    "                       to wall the relay in: whoever takes it over has then\n"
    "                       the rights of the user that it runs as\n"
    "\n"
    "It stays in the foreground and logs to standard error: its start, its end, and\n"
    "sums of what passed at its end and at each SIGUSR1; never who. It needs no\n"
    "rights and no folder. Started again, it goes on: posts notice a gap.\n"
    "\n"
    "Example:\n"
    "  quietline-relay run --key relay.key\n";

struct options {
	const char *key;
	const char *at;
	const char *cadence;
	const char *listen;
	const char *lines;
	const char *refuse;
	bool without_walls;
	const char *argument; /* what stands alone; NULL: nothing */
};

struct word {
	const char *name;
	const char *usage;
	const char *allowed; /* letters of its options, of the table below */
	bool has_argument;
	int (*run)(const struct options *options);
};

/* ---- saying what is wrong */

PRINTF_LIKE(1, 2)
static int
refuse(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)fputs("quietline-relay: ", stderr);
	(void)vfprintf(stderr, format, args);
	(void)fputc('\n', stderr);
	va_end(args);
	return EXIT_REFUSED;
}

PRINTF_LIKE(2, 3)
static int
wrong(const char *word, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	(void)fputs("quietline-relay: ", stderr);
	(void)vfprintf(stderr, format, args);
	(void)fprintf(stderr, " (see: quietline-relay %s%s--help)\n", word,
	    *word == '\0' ? "" : " ");
	va_end(args);
	return EXIT_USAGE;
}

/* ---- key */

static int
make_key(const struct options *options)
{
	const char *path = options->argument;

	switch (key_make(path)) {
	case OK:
		break;
	case ERR_EXISTS:
		return refuse("%s: is there already, and stays as it is", path);
	default:
		return refuse("%s: %s", path, strerror(errno));
	}
	(void)fprintf(stderr,
	    "%s: the relay's key; whoever has it can make tickets\n", path);
	return EXIT_DONE;
}

static int
read_key(struct ticket_mint *mint, const char *word, const char *path)
{
	uint8_t secret[TICKET_SECRET_BYTES];
	int rc;

	if (path == NULL)
		return wrong(word, "--key is missing");
	switch (key_read(secret, path)) {
	case OK:
		ticket_mint_init(mint, secret);
		rc = EXIT_DONE;
		break;
	case ERR_DENIED:
		rc = refuse("%s: anybody may read it; type: chmod 600 %s", path,
		    path);
		break;
	case ERR_FORMAT:
		rc = refuse("%s: is no relay's key", path);
		break;
	default:
		rc = refuse("%s: %s", path, strerror(errno));
	}
	wipe(secret, sizeof(secret));
	return rc;
}

/* ---- ticket */

static int
print_ticket(const struct ticket_mint *mint, const struct ticket_id *is,
    const char *at)
{
	char text[TICKET_TEXT_BYTES];
	struct ticket ticket;

	if (ticket_issue(&ticket, mint, is, at) != OK)
		return wrong("ticket",
		    "--at: '%s' is not HOST:PORT or [ADDRESS]:PORT", at);
	ticket_format(text, &ticket);
	(void)puts(text);
	ticket_wipe(&ticket);
	wipe(text, sizeof(text));
	return EXIT_DONE;
}

static int
print_tickets(const struct options *options)
{
	const char *cadence =
	    options->cadence == NULL ? "talk" : options->cadence;
	struct ticket_id is = { 0, 0, { 0, 0 } };
	struct ticket_mint mint;
	int rc;

	if (options->at == NULL)
		return wrong("ticket", "--at is missing");
	if (cadence_parse(&is.cadence, cadence) != OK)
		return wrong("ticket", "--cadence: '%s' is none", cadence);
	if (key_read_number(&is.number, options->argument,
		strlen(options->argument)) != OK)
		return wrong("ticket", "'%s' is no number from 0 to %d",
		    options->argument, TICKET_NUMBER_MAX);
	if ((rc = read_key(&mint, "ticket", options->key)) != EXIT_DONE)
		return rc;
	for (is.leg = 0; rc == EXIT_DONE && is.leg < TICKET_LEGS; is.leg++)
		rc = print_ticket(&mint, &is, options->at);
	ticket_mint_wipe(&mint);
	if (rc == EXIT_DONE && (fflush(stdout) != 0 || ferror(stdout) != 0))
		rc = refuse("standard output cannot be written");
	return rc;
}

/* ---- run */

static int
read_refused(struct relay_config *config, uint32_t **numbers, const char *path)
{
	unsigned line;

	*numbers = NULL;
	if (path == NULL)
		return EXIT_DONE;
	switch (
	    key_read_refused(numbers, &config->refused_count, &line, path)) {
	case OK:
		config->refused = *numbers;
		return EXIT_DONE;
	case ERR_FORMAT:
		return refuse("%s:%u: is no ticket's number", path, line);
	case ERR_LIMIT:
		return refuse("%s: more than %d numbers", path,
		    RELAY_REFUSED_MAX);
	default:
		return refuse("%s: %s", path, strerror(errno));
	}
}

static bool
is_address(struct address *at, const char *text)
{
	return address_parse(at, (struct text){ text, strlen(text) }) == OK;
}

static int
open_server(struct server *server, const struct relay_config *config,
    const char *listen)
{
	struct address at;
	int rc;

	if (listen != NULL) {
		if (!is_address(&at, listen))
			return wrong("run",
			    "--listen: '%s' is no ADDR:PORT of this machine",
			    listen);
		rc = server_open(server, config, &at);
	} else {
		address_any(&at, AF_INET6, RELAY_PORT);
		rc = server_open(server, config, &at);
		/* A machine without IPv6. */
		if (rc == ERR_IO &&
		    (errno == EAFNOSUPPORT || errno == EADDRNOTAVAIL)) {
			address_any(&at, AF_INET, RELAY_PORT);
			rc = server_open(server, config, &at);
		}
	}
	if (rc == ERR_LIMIT)
		return refuse("no memory for %" PRIu32 " lines", config->lines);
	if (rc != OK)
		return refuse("cannot listen on %s: %s",
		    listen == NULL ? "port 7412" : listen, strerror(errno));
	return EXIT_DONE;
}

static int
serve(struct server *server, const struct options *options, uint32_t lines)
{
	char why[WALLS_WHY_BYTES];

	if (options->without_walls)
		log_warnx("runs without walls");
	else if (walls_enter(why) != OK)
		return refuse("%s", why);
	log_info("forwards for up to %" PRIu32 " lines", lines);
	server_run(server);
	return EXIT_DONE;
}

static int
run(const struct options *options)
{
	struct relay_config config = { .rng = rng_kernel() };
	struct server *server;
	struct ticket_mint mint;
	uint32_t *numbers;
	int rc;

	config.lines = RELAY_LINES_DEFAULT;
	if (options->lines != NULL &&
	    (key_read_number(&config.lines, options->lines,
		 strlen(options->lines)) != OK ||
		config.lines == 0 || config.lines > RELAY_LINES_MAX))
		return wrong("run", "--lines: a number from 1 to %d",
		    RELAY_LINES_MAX);
	if ((rc = read_key(&mint, "run", options->key)) != EXIT_DONE)
		return rc;
	config.secret = mint.secret;
	rc = read_refused(&config, &numbers, options->refuse);
	server = calloc(1, sizeof(*server));
	if (rc == EXIT_DONE && server == NULL)
		rc = refuse("no memory");
	if (rc == EXIT_DONE)
		rc = open_server(server, &config, options->listen);
	ticket_mint_wipe(&mint);
	free(numbers);
	if (rc == EXIT_DONE) {
		walls_settle();
		rc = serve(server, options, config.lines);
		server_close(server);
	}
	free(server);
	return rc;
}

/* ---- words and options */

static const struct word words[] = {
	{ "key", key_usage, "", true, make_key },
	{ "ticket", ticket_usage, "kac", true, print_tickets },
	{ "run", run_usage, "klnrw", false, run },
};

static const struct option option_table[] = {
	{ "key", required_argument, NULL, 'k' },
	{ "at", required_argument, NULL, 'a' },
	{ "cadence", required_argument, NULL, 'c' },
	{ "listen", required_argument, NULL, 'l' },
	{ "lines", required_argument, NULL, 'n' },
	{ "refuse", required_argument, NULL, 'r' },
	{ "without-walls", no_argument, NULL, 'w' },
	{ "help", no_argument, NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

static void
take_option(struct options *options, int letter)
{
	switch (letter) {
	case 'k':
		options->key = optarg;
		break;
	case 'a':
		options->at = optarg;
		break;
	case 'c':
		options->cadence = optarg;
		break;
	case 'l':
		options->listen = optarg;
		break;
	case 'n':
		options->lines = optarg;
		break;
	case 'r':
		options->refuse = optarg;
		break;
	case 'w':
		options->without_walls = true;
		break;
	}
}

/* One option: EXIT_DONE, or EXIT_USAGE after having said what is wrong. */
static int
check_option(const struct word *word, int letter, int at, char **argv)
{
	if (letter == ':')
		return wrong(word->name, "%s needs a value", argv[optind - 1]);
	if (letter == '?')
		return wrong(word->name, "unknown option %s", argv[optind - 1]);
	if (strchr(word->allowed, letter) == NULL)
		return wrong(word->name, "unknown option --%s",
		    option_table[at].name);
	return EXIT_DONE;
}

static int
run_word(const struct word *word, int argc, char **argv)
{
	struct options options = { .key = NULL };
	int letter, rc, at = 0;

	opterr = 0;
	while (
	    (letter = getopt_long(argc, argv, ":", option_table, &at)) != -1) {
		if (letter == 'h') {
			(void)fputs(word->usage, stdout);
			return EXIT_DONE;
		}
		rc = check_option(word, letter, at, argv);
		if (rc != EXIT_DONE)
			return rc;
		take_option(&options, letter);
	}
	if (word->has_argument && optind == argc)
		return wrong(word->name, "%s: something is missing",
		    word->name);
	if (argc - optind > (word->has_argument ? 1 : 0))
		return wrong(word->name, "%s: too much is given", word->name);
	if (word->has_argument)
		options.argument = argv[optind];
	return word->run(&options);
}

int
main(int argc, char **argv)
{
	size_t i;

	log_open(STDERR_FILENO, "relay", LOG_LEVEL_INFO);
	crypto_init();
	if (argc < 2)
		return wrong("", "what is it to do?");
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0) {
		(void)fputs(usage, stdout);
		return EXIT_DONE;
	}
	if (strcmp(argv[1], "--version") == 0) {
		(void)puts("quietline-relay " QUIETLINE_VERSION);
		return EXIT_DONE;
	}
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(argv[1], words[i].name) == 0)
			return run_word(&words[i], argc - 1, argv + 1);
	return wrong("", "unknown word '%s'", argv[1]);
}
