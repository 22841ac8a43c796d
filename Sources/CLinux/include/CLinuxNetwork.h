// SPDX-License-Identifier: Apache-2.0
#pragma once
// The C library first: linux/libc-compat.h then leaves out what it has declared.
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>

#include <linux/if_addr.h>
#include <linux/if_bridge.h>
#include <linux/if_link.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/netfilter/nfnetlink_conntrack.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>

// Declared by the C library for _GNU_SOURCE only, which a module's importer cannot define.
int clinux_accept4(int socket, struct sockaddr *address, socklen_t *length, int flags);
int clinux_set_pipe_size(int pipe, int size);
ssize_t clinux_splice(int from, int to, size_t count, unsigned int flags);

enum {
    CLINUX_SPLICE_MOVE = 1,
    CLINUX_SPLICE_NONBLOCK = 2,
};
