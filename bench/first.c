/* Says when the first datagram came: first ADDR:PORT, "[ADDR]:PORT" for IPv6.
 * Prints the milliseconds of the wall clock, as logs count them. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "proc/address.h"

int
main(int argc, char **argv)
{
	struct address at;
	char byte;
	int fd;

	if (argc != 2 ||
	    address_parse(&at, (struct text){ argv[1], strlen(argv[1]) }) !=
		OK) {
		(void)fprintf(stderr, "usage: first ADDR:PORT\n");
		return 2;
	}
	fd = socket(at.at.ss_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd == -1 ||
	    bind(fd, (const struct sockaddr *)&at.at, at.len) == -1) {
		perror("first");
		return 1;
	}
	if (recv(fd, &byte, sizeof(byte), 0) == -1) {
		perror("first");
		return 1;
	}
	(void)printf("%" PRId64 "\n", clock_wall_ms());
	(void)close(fd);
	return 0;
}
