// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <sys/types.h>

#include "CLinuxFiles.h"
#include "CLinuxNetwork.h"

// Variadic calls, which Swift cannot make.
int clinux_openat(int directory, const char *path, int flags, mode_t mode);
int clinux_duplicate(int descriptor);
int clinux_set_nonblocking(int descriptor, int on);

// Calls that glibc declares for _GNU_SOURCE only.
int clinux_pipe(int *reading, int *writing);
