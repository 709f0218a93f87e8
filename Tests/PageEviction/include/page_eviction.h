#pragma once
#include <stddef.h>

/// Asks the kernel to take a range of another process's memory out of RAM, as it does by itself when memory is short;
/// locked memory stays. Returns 0 or an errno.
int evict_pages(int pidfd, size_t address, size_t bytes);

/// Drops a file from the page cache as far as nobody has it mapped or locked. Returns 0 or an errno.
int forget_file(int file);
