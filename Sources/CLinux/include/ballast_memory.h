#pragma once
#include <stddef.h>

/// Reason: mlock2 is declared only under _GNU_SOURCE, which Swift's Glibc module does not set.
int ballast_lock_memory(void *address, size_t bytes, int on_fault);

/// Reason: mremap is variadic, and Swift imports no variadic functions. Moves `bytes` at `address` over `target`.
int ballast_move_memory(void *address, void *target, size_t bytes);
