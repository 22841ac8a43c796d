// SPDX-License-Identifier: Apache-2.0
// The least that the kernel asks of anybody who starts a container and removes it again.
//
//   floor A:  floor ROOTFS SCRATCH - PROGRAM [WORD...]       no network
//   floor B:  floor ROOTFS SCRATCH BRIDGE PROGRAM [WORD...]  a veth pair, a port of BRIDGE, an address and a route
//
// ROOTFS is absolute.
//
// Every namespace, an overlay of one layer, /proc, /dev, pivot_root, exec; nothing of what makes a container safe or
// useful (capabilities, seccomp, cgroups, logs, records). It is the yardstick of `Scripts/bench`, not an engine.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/sched.h>
#include <linux/veth.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

static void need(int good, const char *step) {
    if (good) return;
    fprintf(stderr, "floor: %s: %s\n", step, strerror(errno));
    _exit(125);
}

// ── netlink ──────────────────────────────────────────────────────────────────────────────────────────────────────────

struct request {
    struct nlmsghdr head;
    char body[1024];
};

static void begin(struct request *request, int type, int flags, const void *fixed, size_t size) {
    memset(request, 0, sizeof *request);
    request->head.nlmsg_type = type;
    request->head.nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
    request->head.nlmsg_len = NLMSG_LENGTH(size);
    memcpy(NLMSG_DATA(&request->head), fixed, size);
}

static struct rtattr *add(struct request *request, int type, const void *value, size_t size) {
    struct rtattr *attribute = (struct rtattr *)((char *)request + NLMSG_ALIGN(request->head.nlmsg_len));
    attribute->rta_type = type;
    attribute->rta_len = RTA_LENGTH(size);
    if (size) memcpy(RTA_DATA(attribute), value, size);
    request->head.nlmsg_len = NLMSG_ALIGN(request->head.nlmsg_len) + RTA_ALIGN(attribute->rta_len);
    return attribute;
}

static void close_nest(struct request *request, struct rtattr *nest) {
    nest->rta_len = (char *)request + request->head.nlmsg_len - (char *)nest;
}

static void ask(int netlink, struct request *request, const char *step) {
    struct {
        struct nlmsghdr head;
        struct nlmsgerr error;
        char rest[1024];
    } answer;
    need(send(netlink, request, request->head.nlmsg_len, 0) == (ssize_t)request->head.nlmsg_len, step);
    need(recv(netlink, &answer, sizeof answer, 0) > 0, step);
    errno = -answer.error.error;
    need(answer.head.nlmsg_type == NLMSG_ERROR && errno == 0, step);
}

static int open_netlink(void) {
    int netlink = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
    need(netlink >= 0, "socket");
    return netlink;
}

// A veth pair in one message: this end up and in the bridge, the other in the child's network namespace as eth0.
static void connect_child(pid_t child, const char *bridge) {
    int netlink = open_netlink();
    struct request request;
    struct ifinfomsg up = {.ifi_flags = IFF_UP, .ifi_change = IFF_UP};
    char name[IFNAMSIZ];
    snprintf(name, sizeof name, "floor%d", child);
    int master = if_nametoindex(bridge);
    need(master > 0, bridge);
    begin(&request, RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &up, sizeof up);
    add(&request, IFLA_IFNAME, name, strlen(name) + 1);
    add(&request, IFLA_MASTER, &master, sizeof master);
    struct rtattr *info = add(&request, IFLA_LINKINFO, NULL, 0);
    add(&request, IFLA_INFO_KIND, "veth", 4);
    struct rtattr *data = add(&request, IFLA_INFO_DATA, NULL, 0);
    struct ifinfomsg peer = {0};
    struct rtattr *end = add(&request, VETH_INFO_PEER, &peer, sizeof peer);
    add(&request, IFLA_IFNAME, "eth0", 5);
    add(&request, IFLA_NET_NS_PID, &child, sizeof child);
    close_nest(&request, end);
    close_nest(&request, data);
    close_nest(&request, info);
    ask(netlink, &request, "veth pair");
    close(netlink);
}

// 10.213.0.2/24 on eth0 by way of 10.213.0.1, and the loopback up.
static void configure_own_end(void) {
    int netlink = open_netlink();
    struct request request;
    int index = if_nametoindex("eth0");
    struct ifinfomsg up = {.ifi_index = 1, .ifi_flags = IFF_UP, .ifi_change = IFF_UP};
    begin(&request, RTM_NEWLINK, 0, &up, sizeof up);
    ask(netlink, &request, "lo up");
    up.ifi_index = index;
    begin(&request, RTM_NEWLINK, 0, &up, sizeof up);
    ask(netlink, &request, "eth0 up");
    struct ifaddrmsg address = {.ifa_family = AF_INET, .ifa_prefixlen = 24, .ifa_index = index};
    unsigned char own[4] = {10, 213, 0, 2}, gateway[4] = {10, 213, 0, 1};
    begin(&request, RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, &address, sizeof address);
    add(&request, IFA_LOCAL, own, 4);
    add(&request, IFA_ADDRESS, own, 4);
    ask(netlink, &request, "address");
    struct rtmsg route = {
        .rtm_family = AF_INET, .rtm_table = RT_TABLE_MAIN, .rtm_protocol = RTPROT_BOOT, .rtm_type = RTN_UNICAST};
    begin(&request, RTM_NEWROUTE, NLM_F_CREATE | NLM_F_EXCL, &route, sizeof route);
    add(&request, RTA_GATEWAY, gateway, 4);
    ask(netlink, &request, "route");
    close(netlink);
}

// ── the container ────────────────────────────────────────────────────────────────────────────────────────────────────

static void enter_root(const char *rootfs, const char *scratch) {
    char options[4096];
    // Relative to the scratch directory, but for the lower one.
    snprintf(options, sizeof options, "lowerdir=%s,upperdir=upper,workdir=work,volatile", rootfs);
    need(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0, "private mounts");
    need(chdir(scratch) == 0, "chdir");
    need(mount("overlay", "merged", "overlay", 0, options) == 0, "overlay");
    need(chdir("merged") == 0, "chdir");
    need(mount("proc", "proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) == 0, "proc");
    need(mount("tmpfs", "dev", "tmpfs", MS_NOSUID | MS_STRICTATIME, "mode=755,size=65536k") == 0, "dev");
    static const struct { const char *path; int major, minor; } nodes[] = {
        {"dev/null", 1, 3}, {"dev/zero", 1, 5}, {"dev/full", 1, 7},
        {"dev/random", 1, 8}, {"dev/urandom", 1, 9}, {"dev/tty", 5, 0}};
    for (size_t i = 0; i < sizeof nodes / sizeof *nodes; i++)
        need(mknod(nodes[i].path, S_IFCHR | 0666, makedev(nodes[i].major, nodes[i].minor)) == 0, nodes[i].path);
    need(mkdir("dev/pts", 0755) == 0, "dev/pts");
    static const char terminals[] = "newinstance,ptmxmode=0666,mode=620";
    need(mount("devpts", "dev/pts", "devpts", MS_NOSUID | MS_NOEXEC, terminals) == 0, "devpts");
    need(symlink("pts/ptmx", "dev/ptmx") == 0 && symlink("/proc/self/fd", "dev/fd") == 0, "dev links");
    need(syscall(SYS_pivot_root, ".", ".") == 0, "pivot_root");
    need(umount2(".", MNT_DETACH) == 0, "umount old root");
    need(chdir("/") == 0, "chdir /");
}

int main(int argc, char **argv) {
    if (argc < 5) {
        fprintf(stderr, "usage: floor ROOTFS SCRATCH BRIDGE|- PROGRAM [WORD...]\n");
        return 125;
    }
    const char *rootfs = argv[1], *bridge = strcmp(argv[3], "-") ? argv[3] : NULL;
    char scratch[1024], path[2048];
    snprintf(scratch, sizeof scratch, "%s/%d", argv[2], getpid());
    need(mkdir(scratch, 0700) == 0, scratch);
    static const char *const parts[] = {"upper", "work", "merged"};
    for (int i = 0; i < 3; i++) {
        snprintf(path, sizeof path, "%s/%s", scratch, parts[i]);
        need(mkdir(path, 0755) == 0, path);
    }
    int ready[2];
    need(pipe2(ready, O_CLOEXEC) == 0, "pipe2");
    struct clone_args arguments = {
        .flags = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET | CLONE_NEWCGROUP,
        .exit_signal = SIGCHLD};
    pid_t child = syscall(SYS_clone3, &arguments, sizeof arguments);
    need(child >= 0, "clone3");
    if (child == 0) {
        enter_root(rootfs, scratch);
        char byte;
        if (bridge) {
            need(read(ready[0], &byte, 1) == 1, "waiting for the network");
            configure_own_end();
        }
        need(sethostname("floor", 5) == 0, "sethostname");
        execv(argv[4], argv + 4);
        need(0, argv[4]);
    }
    if (bridge) {
        connect_child(child, bridge);
        need(write(ready[1], "", 1) == 1, "telling the child");
    }
    int status;
    need(waitpid(child, &status, 0) == child, "waitpid");
    static const char *const made[] = {
        "work/work/incompat/volatile/dirty", "work/work/incompat/volatile", "work/work/incompat",
        "work/work", "work", "upper", "merged", ""};
    for (size_t i = 0; i < sizeof made / sizeof *made; i++) {
        snprintf(path, sizeof path, "%s/%s", scratch, made[i]);
        need(remove(path) == 0, path);
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
