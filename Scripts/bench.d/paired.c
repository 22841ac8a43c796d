// SPDX-License-Identifier: Apache-2.0
// Times several commands side by side: paired ROUNDS < commands
//
// Each line of standard input is one command: a name, settings, then its words, separated by tabs. In every round each
// command runs once, one after the other, so that whatever else the machine does meets all of them alike; ratios are
// taken within a round. The first word that begins with `/` is the program; what stands before it is a setting:
//
//   per=N       the time is divided by N: the command does the same N times
//   in=BYTES    standard input is a pipe that gets so many bytes; otherwise it is /dev/null
//   out=BYTES   the output must have exactly so many bytes
//   before=SH   a line for sh(1) that runs before each run and is not timed
//   netns=PATH  the network namespace in which the command is started
//   until=TEXT  the command gets a terminal, and the time ends when TEXT has been written to it; it is hung up then
//
// Output goes to a pipe that is read to its end: a command has ended when it is reaped and nobody holds its output.
// Prints a line for each: its name and the microseconds of each round, separated by tabs.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pty.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MOST_COMMANDS = 64, MOST_WORDS = 64, WARM_ROUNDS = 1 };
extern char **environ;

struct command {
    char *name, *before, *until;
    char *words[MOST_WORDS];
    long long input, output;
    double per;
    int namespace;
    double *times;
};

static int own_namespace, complaints;
static char buffer[128 << 10];

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1e6 + time.tv_nsec / 1e3;
}

// What the command said on standard error goes along.
static void fail(const char *name, const char *what) {
    fprintf(stderr, "paired: %s: %s\n", name, what);
    ssize_t count = pread(complaints, buffer, sizeof buffer, 0);
    if (count > 0) fwrite(buffer, 1, count, stderr);
    exit(1);
}

// A process that writes so many bytes; returns the end that is read.
static int feed(long long bytes, pid_t *feeder) {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC)) fail("pipe2", strerror(errno));
    *feeder = fork();
    if (*feeder) {
        close(ends[1]);
        return ends[0];
    }
    close(ends[0]);
    signal(SIGPIPE, SIG_DFL);
    memset(buffer, 'x', sizeof buffer);
    while (bytes > 0) {
        ssize_t count = write(ends[1], buffer, bytes < (long long)sizeof buffer ? bytes : (long long)sizeof buffer);
        if (count < 0) _exit(1);
        bytes -= count;
    }
    _exit(0);
}

static double run_on_pipe(struct command *command) {
    int ends[2];
    pid_t child, feeder = 0;
    int input = command->input ? feed(command->input, &feeder) : open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (pipe2(ends, O_CLOEXEC)) fail("pipe2", strerror(errno));
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, input, 0);
    posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
    posix_spawn_file_actions_adddup2(&actions, complaints, 2);
    double start = now();
    int failure = posix_spawn(&child, command->words[0], &actions, NULL, command->words, environ);
    if (failure) fail(command->words[0], strerror(failure));
    close(ends[1]);
    close(input);
    long long length = 0;
    ssize_t count;
    while ((count = read(ends[0], buffer, sizeof buffer)) > 0) length += count;
    int status;
    waitpid(child, &status, 0);
    double time = now() - start;
    close(ends[0]);
    posix_spawn_file_actions_destroy(&actions);
    if (feeder) waitpid(feeder, NULL, 0);
    if (status) fail(command->name, "failed");
    if (command->output >= 0 && length != command->output) {
        fprintf(stderr, "paired: %lld bytes instead of %lld\n", length, command->output);
        fail(command->name, "wrong output");
    }
    return time;
}

static double run_on_terminal(struct command *command) {
    int terminal;
    size_t length = 0;
    struct winsize size = {.ws_row = 24, .ws_col = 80};
    double start = now();
    pid_t child = forkpty(&terminal, NULL, NULL, &size);
    if (child < 0) fail("forkpty", strerror(errno));
    if (child == 0) {
        execv(command->words[0], command->words);
        _exit(127);
    }
    fcntl(terminal, F_SETFD, FD_CLOEXEC);
    do {
        ssize_t count = read(terminal, buffer + length, sizeof buffer - 1 - length);
        if (count <= 0) fail(command->name, "ended before it wrote what was awaited");
        buffer[length += count] = 0;
    } while (!memmem(buffer, length, command->until, strlen(command->until)));
    double time = now() - start;
    close(terminal);
    waitpid(child, NULL, 0);
    return time;
}

static double run(struct command *command) {
    if (command->before && system(command->before)) fail(command->name, command->before);
    if (ftruncate(complaints, 0)) fail("ftruncate", strerror(errno));
    lseek(complaints, 0, SEEK_SET);
    if (command->namespace >= 0 && setns(command->namespace, CLONE_NEWNET)) fail("setns", strerror(errno));
    double time = command->until ? run_on_terminal(command) : run_on_pipe(command);
    if (command->namespace >= 0 && setns(own_namespace, CLONE_NEWNET)) fail("setns", strerror(errno));
    return time / command->per;
}

static void parse(struct command *command, char *line, int rounds) {
    int words = 0;
    *command = (struct command){.output = -1, .per = 1, .namespace = -1, .times = calloc(rounds, sizeof(double))};
    command->name = strsep(&line, "\t");
    while (line && words < MOST_WORDS - 1) {
        char *word = strsep(&line, "\t");
        char *value = strchr(word, '=');
        if (words || *word == '/' || !value) command->words[words++] = word;
        else if (!strncmp(word, "per=", 4)) command->per = atof(value + 1);
        else if (!strncmp(word, "in=", 3)) command->input = atoll(value + 1);
        else if (!strncmp(word, "out=", 4)) command->output = atoll(value + 1);
        else if (!strncmp(word, "before=", 7)) command->before = value + 1;
        else if (!strncmp(word, "until=", 6)) command->until = value + 1;
        else if (!strncmp(word, "netns=", 6)) command->namespace = open(value + 1, O_RDONLY | O_CLOEXEC);
        else fail(word, "no such setting");
    }
}

int main(int argc, char **argv) {
    int rounds = argc > 1 ? atoi(argv[1]) : 20, commands = 0;
    static struct command all[MOST_COMMANDS];
    char *line = NULL;
    size_t size = 0;
    own_namespace = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
    complaints = memfd_create("complaints", MFD_CLOEXEC);
    while (commands < MOST_COMMANDS && getline(&line, &size, stdin) > 0) {
        line[strcspn(line, "\n")] = 0;
        parse(&all[commands++], strdup(line), rounds);
    }
    for (int warm = 0; warm < WARM_ROUNDS; warm++)
        for (int i = 0; i < commands; i++) run(&all[i]);
    for (int round = 0; round < rounds; round++)
        for (int i = 0; i < commands; i++) all[i].times[round] = run(&all[i]);
    for (int i = 0; i < commands; i++) {
        fputs(all[i].name, stdout);
        for (int round = 0; round < rounds; round++) printf("\t%.1f", all[i].times[round]);
        putchar('\n');
    }
    return 0;
}
