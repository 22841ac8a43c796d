// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <errno.h>
#include <seccomp.h>
#include <stdint.h>

// Macros with arguments or casts, which Swift does not import.
static inline uint32_t cseccomp_errno(uint16_t number) { return SCMP_ACT_ERRNO(number); }
static inline uint32_t cseccomp_allow(void) { return SCMP_ACT_ALLOW; }
static inline int cseccomp_unknown(void) { return __NR_SCMP_ERROR; }
static inline uint32_t cseccomp_arch_x86(void) { return SCMP_ARCH_X86; }
static inline uint32_t cseccomp_arch_x32(void) { return SCMP_ARCH_X32; }
static inline uint32_t cseccomp_arch_arm(void) { return SCMP_ARCH_ARM; }

// Takes the exported program; closed on exec.
int cseccomp_memory_file(void);
