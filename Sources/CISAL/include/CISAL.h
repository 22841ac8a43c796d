// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stddef.h>
#include <stdint.h>

// Handles, because Swift cannot import a struct with an array of more than 4096 elements, and both of ISA-L's states
// have one.

struct cisal_inflate;
struct cisal_deflate;

/// What a step came to.
enum cisal_result {
  CISAL_MORE = 0,      // more input or more room is needed
  CISAL_END = 1,       // a member ended: its checksum and length were right
  CISAL_DAMAGED = -1,  // no gzip, or a wrong checksum
};

/// A reader of one gzip member after another; NULL when there is no memory.
struct cisal_inflate *cisal_inflate_new(void);
void cisal_inflate_free(struct cisal_inflate *);
/// Gets ready for the next member.
void cisal_inflate_reset(struct cisal_inflate *);
/// Moves both cursors past what was read and written.
enum cisal_result cisal_inflate_step(struct cisal_inflate *, const uint8_t **input, uint32_t *input_count,
                                     uint8_t **output, uint32_t *output_count);

/// A writer of one gzip member without name or time, at ISA-L's level 1; NULL when there is no memory.
struct cisal_deflate *cisal_deflate_new(void);
void cisal_deflate_free(struct cisal_deflate *);
/// Moves both cursors; with `is_last` until CISAL_END comes.
enum cisal_result cisal_deflate_step(struct cisal_deflate *, const uint8_t **input, uint32_t *input_count,
                                     uint8_t **output, uint32_t *output_count, int is_last);
