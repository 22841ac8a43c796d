// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdint.h>
#include <sys/types.h>

// glibc 2.36 has no wrapper for openat2(2), and its header needs the kernel's types.
int clinux_openat2(int directory, const char *path, uint64_t flags, uint64_t mode, uint64_t resolve);
extern const uint64_t clinux_resolve_in_root;
extern const uint64_t clinux_resolve_beneath;
extern const uint64_t clinux_resolve_no_symlinks;
extern const uint64_t clinux_resolve_no_magiclinks;
extern const int clinux_o_path;
extern const int clinux_at_empty_path;

// Calls that glibc declares for _GNU_SOURCE only.
ssize_t clinux_copy_file_range(int from, int to, size_t count);
