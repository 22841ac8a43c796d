// SPDX-License-Identifier: Apache-2.0
#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/xattr.h>
#include <unistd.h>

int clinux_set_attribute(int descriptor, const char *name, const void *value, size_t count) {
  return fsetxattr(descriptor, name, value, count, 0);
}

int clinux_set_attribute_of_link(const char *path, const char *name, const void *value, size_t count) {
  return lsetxattr(path, name, value, count, 0);
}

int clinux_remove_attribute(int descriptor, const char *name) { return fremovexattr(descriptor, name); }

ssize_t clinux_list_attributes(int descriptor, char *names, size_t count) {
  return flistxattr(descriptor, names, count);
}

ssize_t clinux_get_attribute(int descriptor, const char *name, void *value, size_t count) {
  return fgetxattr(descriptor, name, value, count);
}

int clinux_event(void) { return eventfd(0, EFD_CLOEXEC); }

int clinux_event_add(int event, uint64_t number) { return eventfd_write(event, number); }

int clinux_unnamed_file(const char *directory) { return open(directory, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600); }

int clinux_name_file(int file, int directory, const char *name) {
  // linkat(2): AT_EMPTY_PATH needs CAP_DAC_READ_SEARCH, the way through /proc needs nothing.
  char path[64];
  snprintf(path, sizeof path, "/proc/self/fd/%d", file);
  return linkat(AT_FDCWD, path, directory, name, AT_SYMLINK_FOLLOW);
}

int clinux_rename_exclusively(int from_directory, const char *from, int to_directory, const char *to) {
  return renameat2(from_directory, from, to_directory, to, RENAME_NOREPLACE);
}

int clinux_sync_file_system(int descriptor) { return syncfs(descriptor); }
