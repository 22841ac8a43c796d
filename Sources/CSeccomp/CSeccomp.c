// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "CSeccomp.h"

#include <sys/mman.h>

int cseccomp_memory_file(void) { return memfd_create("seccomp", MFD_CLOEXEC); }
