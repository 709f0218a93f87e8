/* Makes a guest's memory useless for huge pages: one page in every 2 MiB is pinned where it lies, the rest is freed. */
#include "guest_tool.h"

#include <linux/io_uring.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define HUGE (2UL << 20)

int pinholes_main(int argc, char **argv)
{
    uint64_t bytes = number_option(argc, argv, "--bytes", 0) / HUGE * HUGE;
    uint64_t pieces = bytes / HUGE;
    if (!pieces || pieces > 16384)
        die("pinholes wants --bytes, 2M ... 32G");
    char *memory = mmap(NULL, bytes + HUGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        die("%llu bytes", (unsigned long long)bytes);
    memory = (char *)(((uintptr_t)memory + HUGE - 1) & ~(HUGE - 1));
    /* A pinned huge page could not be taken apart to free the rest of it. Base pages come from whole frames as well,
       since the kernel breaks up the largest free blocks for them. */
    madvise(memory, bytes, MADV_NOHUGEPAGE);
    memset(memory, 1, bytes);
    struct iovec *pins = calloc(pieces, sizeof *pins);
    for (uint64_t i = 0; i < pieces; i++) {
        pins[i].iov_base = memory + i * HUGE;
        pins[i].iov_len = PAGE;
    }
    struct io_uring_params parameters = {0};
    int ring = (int)syscall(SYS_io_uring_setup, 4, &parameters);
    if (ring < 0 || syscall(SYS_io_uring_register, ring, IORING_REGISTER_BUFFERS, pins, (unsigned)pieces))
        die("pinning %llu pages", (unsigned long long)pieces);
    for (uint64_t i = 0; i < pieces; i++)
        if (madvise(memory + i * HUGE + PAGE, HUGE - PAGE, MADV_DONTNEED))
            die("freeing");
    printf("{\"pinned_pages\":%llu}\n", (unsigned long long)pieces);
    fflush(stdout);
    for (;;)
        pause();
}
