/* Files on a disk, and what of them is in the page cache. */
#include "guest_tool.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

void write_blocks(int file, uint64_t bytes, const char *path)
{
    static char block[1 << 20];
    for (size_t i = 0; i < sizeof block; i++)
        block[i] = (char)(i * 31 + 7);
    for (uint64_t at = 0; at < bytes; at += sizeof block) {
        size_t length = bytes - at < sizeof block ? (size_t)(bytes - at) : sizeof block;
        if (pwrite(file, block, length, (off_t)at) != (ssize_t)length)
            die("writing %s", path);
    }
    /* Only clean pages can be dropped. */
    if (fsync(file) || posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED))
        die("%s", path);
}

uint64_t resident_bytes(const char *path, uint64_t *size)
{
    static unsigned char pages[1 << 16];
    struct stat found;
    uint64_t resident = 0;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0 || fstat(file, &found))
        die("%s", path);
    *size = (uint64_t)found.st_size;
    for (uint64_t at = 0; at < *size; at += sizeof pages * PAGE) {
        size_t length = *size - at < sizeof pages * PAGE ? (size_t)(*size - at) : sizeof pages * PAGE;
        /* mincore() tells of the page cache, not of this mapping, to whoever may write the file. */
        void *memory = mmap(NULL, length, PROT_READ, MAP_SHARED, file, (off_t)at);
        if (memory == MAP_FAILED || mincore(memory, length, pages))
            die("mincore of %s", path);
        for (size_t page = 0; page < (length + PAGE - 1) / PAGE; page++)
            resident += pages[page] & 1 ? PAGE : 0;
        munmap(memory, length);
    }
    close(file);
    return resident < *size ? resident : *size;
}

int resident_main(int argc, char **argv)
{
    uint64_t bytes = 0, resident = 0;
    if (argc < 2)
        die("resident wants files");
    for (int i = 1; i < argc; i++) {
        uint64_t size;
        resident += resident_bytes(argv[i], &size);
        bytes += size;
    }
    printf("{\"bytes\":%llu,\"resident_bytes\":%llu}\n", (unsigned long long)bytes, (unsigned long long)resident);
    return 0;
}
