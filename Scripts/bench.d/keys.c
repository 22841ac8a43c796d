// SPDX-License-Identifier: Apache-2.0
// How long keys take to their echo: keys COUNT NAME PROGRAM [WORD...] [-- NAME PROGRAM [WORD...]]...
//
// Each program gets a terminal of 24 rows and 80 columns. One key goes to each program in turn, as a person types: the
// next one comes after a pause, when nothing more is written. The time runs until the first byte comes back.
// Prints a line for each program: its name and the microseconds of each key, separated by tabs.
#define _GNU_SOURCE
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MOST_SHELLS = 8, PAUSE = 8 /* ms */, SETTLED = 500 /* ms */, LONGEST = 5000 /* ms */ };

// A line of a lesson, in ASCII and in Hangul, then Ctrl-U; a byte sequence a key.
static const char *const typed =
    "run -it --rm --name web -p 3000:80 -v ./src:/app -e NAME=value node npm start && "
    "echo '\xec\x95\x88\xeb\x85\x95'\x15";

struct shell {
    const char *name;
    int terminal;
    pid_t child;
    double *times;
};

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1e6 + time.tv_nsec / 1e3;
}

// Reads whatever comes until nothing has come for so long.
static void drain(int terminal, int quiet) {
    char bytes[4096];
    struct pollfd wait = {.fd = terminal, .events = POLLIN};
    while (poll(&wait, 1, quiet) > 0)
        if (read(terminal, bytes, sizeof bytes) <= 0) {
            fprintf(stderr, "keys: a shell has ended\n");
            exit(1);
        }
}

static void start(struct shell *shell, char **words) {
    struct winsize size = {.ws_row = 24, .ws_col = 80};
    shell->child = forkpty(&shell->terminal, NULL, NULL, &size);
    if (shell->child == 0) {
        execv(words[0], words);
        _exit(127);
    }
    fcntl(shell->terminal, F_SETFD, FD_CLOEXEC);
}

static double press(struct shell *shell, const char *key, int length) {
    drain(shell->terminal, PAUSE);
    struct pollfd wait = {.fd = shell->terminal, .events = POLLIN};
    double start = now();
    if (write(shell->terminal, key, length) != length || poll(&wait, 1, LONGEST) <= 0) {
        fprintf(stderr, "keys: %s: no echo\n", shell->name);
        exit(1);
    }
    return now() - start;
}

static int length_of(const char *key) {
    unsigned char first = *key;
    return first < 0xC0 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
}

int main(int argc, char **argv) {
    static struct shell shells[MOST_SHELLS];
    int count = argc > 1 ? atoi(argv[1]) : 0, running = 0;
    for (int i = 2; i < argc && running < MOST_SHELLS; i++) {
        shells[running].name = argv[i];
        shells[running].times = calloc(count, sizeof(double));
        char **words = argv + i + 1;
        while (i < argc && strcmp(argv[i], "--")) i++;
        argv[i] = NULL;
        start(&shells[running++], words);
    }
    for (int i = 0; i < running; i++) drain(shells[i].terminal, SETTLED);
    const char *key = typed;
    for (int i = 0; i < count; i++) {
        for (int j = 0; j < running; j++) shells[j].times[i] = press(&shells[j], key, length_of(key));
        key += length_of(key);
        if (!*key) key = typed;
    }
    for (int i = 0; i < running; i++) {
        close(shells[i].terminal);
        waitpid(shells[i].child, NULL, 0);
        fputs(shells[i].name, stdout);
        for (int j = 0; j < count; j++) printf("\t%.1f", shells[i].times[j]);
        putchar('\n');
    }
    return 0;
}
