// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stddef.h>
#include <stdint.h>

// Headers that are in no module of Swift's Glibc: sys/xattr.h, sys/eventfd.h.
int clinux_set_attribute(int descriptor, const char *name, const void *value, size_t count);
/// The file that `path` names, a link itself included.
int clinux_set_attribute_of_link(const char *path, const char *name, const void *value, size_t count);
int clinux_remove_attribute(int descriptor, const char *name);
ssize_t clinux_list_attributes(int descriptor, char *names, size_t count);
ssize_t clinux_get_attribute(int descriptor, const char *name, void *value, size_t count);

/// A counter at 0, close-on-exec.
int clinux_event(void);
int clinux_event_add(int event, uint64_t number);

/// A file without a name (O_TMPFILE), for reading and writing.
int clinux_unnamed_file(const char *directory);
/// Gives an unnamed file its name; EEXIST where there is one of that name.
int clinux_name_file(int file, int directory, const char *name);
/// Renames without replacing (RENAME_NOREPLACE).
int clinux_rename_exclusively(int from_directory, const char *from, int to_directory, const char *to);
/// syncfs(2).
int clinux_sync_file_system(int descriptor);
