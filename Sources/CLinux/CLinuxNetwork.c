// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "CLinuxNetwork.h"
#include <fcntl.h>
#include <unistd.h>

_Static_assert(CLINUX_SPLICE_MOVE == SPLICE_F_MOVE, "splice(2)");
_Static_assert(CLINUX_SPLICE_NONBLOCK == SPLICE_F_NONBLOCK, "splice(2)");

int clinux_accept4(int socket, struct sockaddr *address, socklen_t *length, int flags) {
    return accept4(socket, address, length, flags);
}

int clinux_set_pipe_size(int pipe, int size) { return fcntl(pipe, F_SETPIPE_SZ, size); }

ssize_t clinux_splice(int from, int to, size_t count, unsigned int flags) {
    return splice(from, NULL, to, NULL, count, flags);
}
