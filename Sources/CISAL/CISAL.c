// SPDX-License-Identifier: Apache-2.0
#include "CISAL.h"

#include <isa-l/igzip_lib.h>
#include <stdlib.h>

struct cisal_inflate {
  struct inflate_state state;
};

struct cisal_inflate *cisal_inflate_new(void) {
  struct cisal_inflate *self = malloc(sizeof *self);
  if (!self) return NULL;
  isal_inflate_init(&self->state);
  self->state.crc_flag = ISAL_GZIP;
  return self;
}

void cisal_inflate_free(struct cisal_inflate *self) { free(self); }

void cisal_inflate_reset(struct cisal_inflate *self) {
  isal_inflate_reset(&self->state);
  self->state.crc_flag = ISAL_GZIP;
}

enum cisal_result cisal_inflate_step(struct cisal_inflate *self, const uint8_t **input, uint32_t *input_count,
                                     uint8_t **output, uint32_t *output_count) {
  struct inflate_state *state = &self->state;
  state->next_in = (uint8_t *)*input;
  state->avail_in = *input_count;
  state->next_out = *output;
  state->avail_out = *output_count;
  int result = isal_inflate(state);
  *input = state->next_in;
  *input_count = state->avail_in;
  *output = state->next_out;
  *output_count = state->avail_out;
  if (result != ISAL_DECOMP_OK) return CISAL_DAMAGED;
  return state->block_state == ISAL_BLOCK_FINISH ? CISAL_END : CISAL_MORE;
}

struct cisal_deflate {
  struct isal_zstream stream;
  uint8_t level_buffer[ISAL_DEF_LVL1_DEFAULT];
};

struct cisal_deflate *cisal_deflate_new(void) {
  struct cisal_deflate *self = malloc(sizeof *self);
  if (!self) return NULL;
  isal_deflate_init(&self->stream);
  self->stream.gzip_flag = IGZIP_GZIP;
  self->stream.level = 1;
  self->stream.level_buf = self->level_buffer;
  self->stream.level_buf_size = sizeof self->level_buffer;
  return self;
}

void cisal_deflate_free(struct cisal_deflate *self) { free(self); }

enum cisal_result cisal_deflate_step(struct cisal_deflate *self, const uint8_t **input, uint32_t *input_count,
                                     uint8_t **output, uint32_t *output_count, int is_last) {
  struct isal_zstream *stream = &self->stream;
  stream->next_in = (uint8_t *)*input;
  stream->avail_in = *input_count;
  stream->next_out = *output;
  stream->avail_out = *output_count;
  stream->end_of_stream = is_last != 0;
  stream->flush = NO_FLUSH;
  int result = isal_deflate(stream);
  *input = stream->next_in;
  *input_count = stream->avail_in;
  *output = stream->next_out;
  *output_count = stream->avail_out;
  if (result != COMP_OK) return CISAL_DAMAGED;
  return stream->internal_state.state == ZSTATE_END ? CISAL_END : CISAL_MORE;
}
