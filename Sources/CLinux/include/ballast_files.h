#pragma once
#include <stdint.h>

/// Reason: Swift's Glibc module leaves <sys/vfs.h> out, and the magic numbers live in a kernel header.
/// Stores the file system's magic number and block size (the page size on hugetlbfs).
int ballast_file_system(int fd, uint64_t *magic, uint64_t *block_size);

// Reason for these: their flags need _GNU_SOURCE, which Swift's Glibc module does not set.

/// Frees a range of a file and leaves its size.
int ballast_punch_hole(int fd, int64_t offset, int64_t length);
/// Backs a range of a file and leaves its size.
int ballast_back(int fd, int64_t offset, int64_t length);
/// The next offset with data (or the next hole); -1 with ENXIO when there is none.
int64_t ballast_seek_data(int fd, int64_t offset);
int64_t ballast_seek_hole(int fd, int64_t offset);
/// The seals of a memfd.
int ballast_seals(int fd);

#define BALLAST_TMPFS_MAGIC 0x01021994
#define BALLAST_HUGETLBFS_MAGIC 0x958458f6
