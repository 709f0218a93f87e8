#include "page_eviction.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#ifndef SYS_process_madvise
#define SYS_process_madvise 440
#endif

/* MADV_PAGEOUT of <linux/mman.h>; older headers of glibc lack it. */
enum { advice_pageout = 21 };

int evict_pages(int pidfd, size_t address, size_t bytes) {
    struct iovec range = {(void *)address, bytes};
    return syscall(SYS_process_madvise, pidfd, &range, 1UL, advice_pageout, 0U) < 0 ? errno : 0;
}

int forget_file(int file) { return posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED); }
