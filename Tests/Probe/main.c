// SPDX-License-Identifier: Apache-2.0
#include "probe.h"
#include <stdio.h>
#include <string.h>

int main(int count, char **words) {
    if (count > 1 && strcmp(words[1], "calls") == 0) {
        probe_calls();
        return 0;
    }
    if (count > 1) return probe_attempt(words[1], words + 2);
    fprintf(stderr, "probe calls | probe ATTEMPT [WORD…]\n");
    return 2;
}
