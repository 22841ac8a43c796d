// SPDX-License-Identifier: Apache-2.0
// Times several commands side by side: paired ROUNDS < commands
//
// Each line of standard input is one command: a name, then its words, separated by tabs. In every round each command
// runs once, one after the other, so that whatever else the machine does meets all of them alike. Output goes to a
// pipe that is read to its end: a command has ended when it is reaped and nobody holds its output.
// Prints one line for each: name, median, lowest and highest decile in microseconds, separated by tabs.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MOST_COMMANDS = 64, MOST_WORDS = 64 };
extern char **environ;

struct command {
    char *name;
    char *words[MOST_WORDS];
    double *times;
};

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1e6 + time.tv_nsec / 1e3;
}

static void fail(const char *what, const char *output) {
    fprintf(stderr, "paired: %s: %s\n%s", what, errno ? strerror(errno) : "failed", output);
    exit(1);
}

static double run(struct command *command) {
    int ends[2];
    char output[65536] = "";
    if (pipe2(ends, O_CLOEXEC)) fail("pipe2", "");
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
    posix_spawn_file_actions_adddup2(&actions, ends[1], 2);
    pid_t child;
    double start = now();
    errno = posix_spawn(&child, command->words[0], &actions, NULL, command->words, environ);
    if (errno) fail(command->words[0], "");
    close(ends[1]);
    size_t length = 0;
    ssize_t count;
    while ((count = read(ends[0], output + length, sizeof output - 1 - length)) > 0)
        if ((length += count) > sizeof output / 2) length = 0;
    int status;
    waitpid(child, &status, 0);
    double time = now() - start;
    close(ends[0]);
    posix_spawn_file_actions_destroy(&actions);
    output[length] = 0;
    errno = 0;
    if (status) fail(command->name, output);
    return time;
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

int main(int argc, char **argv) {
    int rounds = argc > 1 ? atoi(argv[1]) : 20, commands = 0;
    static struct command all[MOST_COMMANDS];
    char *line = NULL;
    size_t size = 0;
    while (commands < MOST_COMMANDS && getline(&line, &size, stdin) > 0) {
        line[strcspn(line, "\n")] = 0;
        struct command *command = &all[commands++];
        char *rest = strdup(line);
        command->name = strsep(&rest, "\t");
        for (int i = 0; i < MOST_WORDS - 1 && rest; i++) command->words[i] = strsep(&rest, "\t");
        command->times = calloc(rounds, sizeof(double));
    }
    for (int warm = 0; warm < 2; warm++)
        for (int i = 0; i < commands; i++) run(&all[i]);
    for (int round = 0; round < rounds; round++)
        for (int i = 0; i < commands; i++) all[i].times[round] = run(&all[i]);
    for (int i = 0; i < commands; i++) {
        double *times = all[i].times;
        qsort(times, rounds, sizeof(double), ascending);
        double median = times[rounds / 2], low = times[rounds / 10], high = times[rounds - 1 - rounds / 10];
        printf("%s\t%.0f\t%.0f\t%.0f\n", all[i].name, median, low, high);
    }
    return 0;
}
