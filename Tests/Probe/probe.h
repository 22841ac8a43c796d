// SPDX-License-Identifier: Apache-2.0
// What a container's program can do by itself, tried from inside: a static program that needs nothing of the image.
#ifndef PROBE_H
#define PROBE_H

// Makes every system call with arguments that harm nobody, and prints `TABLE NUMBER OUTCOME`, one line each.
void probe_calls(void);

// Tries one way out and prints `NAME: OUTCOME`, a line for each call that it takes.
int probe_attempt(const char *name, char **words);

// `ok`, or the name of the error that errno(3) has for this number.
const char *probe_outcome(long result);

#endif
