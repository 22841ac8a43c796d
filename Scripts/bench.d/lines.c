// SPDX-License-Identifier: Apache-2.0
// Prints COUNT lines of 100 bytes each, as programs print: by stdio, with its usual buffer.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char **argv) {
    char line[101];
    memset(line, 'x', 99);
    line[99] = '\n';
    line[100] = 0;
    for (long left = argc > 1 ? atol(argv[1]) : 0; left > 0; left--)
        if (fputs(line, stdout) < 0) return 1;
    return fflush(stdout) ? 1 : 0;
}
