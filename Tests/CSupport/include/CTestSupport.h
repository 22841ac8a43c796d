// SPDX-License-Identifier: Apache-2.0
// What Swift's Glibc module leaves out because it is declared under _GNU_SOURCE only.
#pragma once
#include <spawn.h>
#include <stddef.h>

/// The flag POSIX_SPAWN_SETSID.
extern const short ctest_spawn_setsid;

/// pipe2(2) with O_CLOEXEC.
int ctest_pipe(int ends[2]);

/// A new pseudo-terminal's master, close-on-exec and non-blocking, and its slave's path; -1 and errno on failure.
int ctest_open_terminal(char *path, size_t size);

/// Whether the bytes contain the text: memmem(3).
_Bool ctest_contains(const void *bytes, size_t count, const char *text);

/// posix_spawn_file_actions_addclosefrom_np(3).
int ctest_spawn_closes_from(posix_spawn_file_actions_t *actions, int first);

/// posix_spawn_file_actions_addchdir_np(3).
int ctest_spawn_starts_in(posix_spawn_file_actions_t *actions, const char *directory);
