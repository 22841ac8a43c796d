// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/vfs.h>
#include <unistd.h>

int clinux_openat(int directory, const char *path, int flags, mode_t mode) {
    return openat(directory, path, flags, mode);
}

int clinux_duplicate(int descriptor) { return fcntl(descriptor, F_DUPFD_CLOEXEC, 3); }

int clinux_duplicate_past(int descriptor, int first) { return fcntl(descriptor, F_DUPFD_CLOEXEC, first); }

int clinux_set_nonblocking(int descriptor, int on) {
    int flags = fcntl(descriptor, F_GETFL);
    if (flags < 0) return -1;
    return fcntl(descriptor, F_SETFL, on ? flags | O_NONBLOCK : flags & ~O_NONBLOCK);
}

int clinux_set_inheritable(int descriptor) { return fcntl(descriptor, F_SETFD, 0); }
int clinux_close_from(int first) { return close_range((unsigned)first, ~0U, 0); }
int clinux_close_between(int first, int last) { return close_range((unsigned)first, (unsigned)last, 0); }
int clinux_mark_close_on_exec_from(int first) { return close_range((unsigned)first, ~0U, CLOSE_RANGE_CLOEXEC); }

int clinux_make_device(int directory, const char *path, mode_t type_and_mode, uint32_t major, uint32_t minor) {
    return mknodat(directory, path, type_and_mode, makedev(major, minor));
}

int clinux_lock(int descriptor) {
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    return fcntl(descriptor, F_OFD_SETLK, &lock);
}

int clinux_lock_waiting(int descriptor) {
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    return fcntl(descriptor, F_OFD_SETLKW, &lock);
}

int clinux_lock_byte(int descriptor, int64_t place) {
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = place, .l_len = 1};
    return fcntl(descriptor, F_OFD_SETLK, &lock);
}

int clinux_is_locked(int descriptor) {
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    if (fcntl(descriptor, F_OFD_GETLK, &lock) < 0) return -1;
    return lock.l_type != F_UNLCK;
}

int clinux_memory_file(const char *name) { return memfd_create(name, MFD_CLOEXEC); }

int clinux_pipe(int *reading, int *writing) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0) return -1;
    *reading = ends[0];
    *writing = ends[1];
    return 0;
}

ssize_t clinux_write_three(
    int descriptor, const void *first, size_t first_count, const void *second, size_t second_count, const void *third,
    size_t third_count) {
    struct iovec parts[3] = {
        {(void *)first, first_count}, {(void *)second, second_count}, {(void *)third, third_count}};
    return writev(descriptor, parts, 3);
}

int clinux_socket_pair(int keeps_boundaries, int *one, int *other) {
    int ends[2];
    if (socketpair(AF_UNIX, (keeps_boundaries ? SOCK_SEQPACKET : SOCK_STREAM) | SOCK_CLOEXEC, 0, ends) < 0) return -1;
    *one = ends[0];
    *other = ends[1];
    return 0;
}

int clinux_unix_socket(void) { return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0); }

static int fill_address(struct sockaddr_un *address, const char *path) {
    address->sun_family = AF_UNIX;
    for (size_t index = 0; index < sizeof address->sun_path; index++) {
        address->sun_path[index] = path[index];
        if (path[index] == 0) return 0;
    }
    errno = ENAMETOOLONG;
    return -1;
}

int clinux_unix_bind(int socket, const char *path) {
    struct sockaddr_un address = {0};
    if (fill_address(&address, path) < 0) return -1;
    return bind(socket, (struct sockaddr *)&address, sizeof address);
}

int clinux_unix_connect(int socket, const char *path) {
    struct sockaddr_un address = {0};
    if (fill_address(&address, path) < 0) return -1;
    return connect(socket, (struct sockaddr *)&address, sizeof address);
}

ssize_t clinux_send(int socket, const void *bytes, size_t count, int passed) {
    struct iovec part = {(void *)bytes, count};
    union {
        char bytes[CMSG_SPACE(sizeof(int))];
        struct cmsghdr aligned;
    } control = {0};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
    if (passed >= 0) {
        message.msg_control = &control;
        message.msg_controllen = sizeof control;
        control.aligned.cmsg_level = SOL_SOCKET;
        control.aligned.cmsg_type = SCM_RIGHTS;
        control.aligned.cmsg_len = CMSG_LEN(sizeof(int));
        *(int *)CMSG_DATA(&control.aligned) = passed;
    }
    return sendmsg(socket, &message, MSG_NOSIGNAL);
}

ssize_t clinux_send_now(
    int socket, const void *first, size_t first_count, const void *second, size_t second_count) {
    struct iovec parts[2] = {{(void *)first, first_count}, {(void *)second, second_count}};
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
    return sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

ssize_t clinux_receive(int socket, void *bytes, size_t count, int *passed) {
    struct iovec part = {bytes, count};
    union {
        char bytes[CMSG_SPACE(sizeof(int))];
        struct cmsghdr aligned;
    } control = {0};
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
    *passed = -1;
    ssize_t result = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
    struct cmsghdr *header = result < 0 ? NULL : CMSG_FIRSTHDR(&message);
    if (header && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS)
        *passed = *(int *)CMSG_DATA(header);
    return result;
}

int clinux_terminal_unlock(int leader) {
    int off = 0;
    return ioctl(leader, TIOCSPTLCK, &off);
}

int clinux_terminal_follower(int leader) { return ioctl(leader, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC); }

int clinux_terminal_number(int leader) {
    int number = -1;
    return ioctl(leader, TIOCGPTN, &number) < 0 ? -1 : number;
}

int clinux_terminal_resize(int terminal, uint16_t rows, uint16_t columns) {
    struct winsize size = {.ws_row = rows, .ws_col = columns};
    return ioctl(terminal, TIOCSWINSZ, &size);
}

int clinux_terminal_size(int terminal, uint16_t *rows, uint16_t *columns) {
    struct winsize size;
    if (ioctl(terminal, TIOCGWINSZ, &size) < 0) return -1;
    *rows = size.ws_row;
    *columns = size.ws_col;
    return 0;
}

int clinux_terminal_control(int terminal) { return ioctl(terminal, TIOCSCTTY, 0); }

int clinux_window_change(int terminal) { return ioctl(terminal, TIOCSIG, SIGWINCH); }

int clinux_set_host_name(const char *name, size_t count) { return sethostname(name, count); }
int clinux_set_domain_name(const char *name, size_t count) { return setdomainname(name, count); }

int clinux_is_unified_cgroup(const char *path) {
    struct statfs status;
    if (statfs(path, &status) < 0) return -1;
    return status.f_type == 0x63677270;  // CGROUP2_SUPER_MAGIC
}

int clinux_is_on_proc(int descriptor) {
    struct statfs status;
    if (fstatfs(descriptor, &status) < 0) return -1;
    return status.f_type == 0x9fa0;  // PROC_SUPER_MAGIC
}

int clinux_is_socket(int descriptor) {
    struct stat status;
    return fstat(descriptor, &status) == 0 && S_ISSOCK(status.st_mode);
}
