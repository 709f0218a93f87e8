#pragma once
#include <sys/uio.h>

// Reason: glibc has no wrapper of io_uring, and syscall(2) is variadic, which Swift does not import.

/// Creates a plain ring (no flags, so that any process that holds the descriptor may register buffers).
int ballast_io_uring_create(unsigned int entries);
/// Registers buffers: a long-term pin of their pages.
int ballast_io_uring_register_buffers(int ring, const struct iovec *buffers, unsigned int count);
/// Drops every registered buffer of the ring; returns when the pins are gone.
int ballast_io_uring_unregister_buffers(int ring);
