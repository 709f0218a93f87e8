/* Programs that take memory: a hog that may keep it, a filler that gives it back, a reader of the page cache. */
#include "guest_tool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/*
 * Writes to every page of a fresh mapping. A page that is not zero before its first write is somebody else's memory.
 * Returns the longest time that one page took, in microseconds.
 */
static uint64_t touch(volatile char *memory, uint64_t bytes, uint64_t rate, int status, uint64_t *dirty)
{
    uint64_t longest = 0, started = now_us();
    for (uint64_t at = 0; at < bytes; at += PAGE) {
        uint64_t before = now_us();
        if (*(volatile uint64_t *)(memory + at) != 0)
            (*dirty)++;
        *(volatile uint64_t *)(memory + at) = at ^ 0x5A5A5A5A5A5A5A5AUL;
        uint64_t after = now_us();
        if (after - before > longest)
            longest = after - before;
        if (!(at & ((4UL << 20) - 1)) || at + PAGE >= bytes) {
            status_write(status, "{\"bytes\":%llu,\"touched_bytes\":%llu,\"longest_fault_us\":%llu,"
                "\"elapsed_us\":%llu,\"dirty_pages\":%llu,\"done\":%s}",
                (unsigned long long)bytes, (unsigned long long)(at + PAGE), (unsigned long long)longest,
                (unsigned long long)(after - started), (unsigned long long)*dirty,
                at + PAGE >= bytes ? "true" : "false");
            if (rate) {
                uint64_t due = started + (at + PAGE) * 1000000 / rate;
                if (due > after)
                    usleep((useconds_t)(due - after));
            }
        }
    }
    return longest;
}

int hog_main(int argc, char **argv)
{
    uint64_t bytes = number_option(argc, argv, "--bytes", 0) & ~(PAGE - 1);
    uint64_t rate = number_option(argc, argv, "--rate", 0);
    uint64_t hold = number_option(argc, argv, "--hold", 0);
    int status = status_open(option(argc, argv, "--status", NULL));
    uint64_t dirty = 0, started = now_us();
    if (!bytes)
        die("hog wants --bytes");
    set_oom_score(atoi(option(argc, argv, "--adj", "0")));
    char *memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED)
        die("%llu bytes", (unsigned long long)bytes);
    uint64_t longest = touch(memory, bytes, rate, status, &dirty);
    uint64_t taken = now_us() - started;
    if (has_option(argc, argv, "--free"))
        munmap(memory, bytes);
    if (hold)
        sleep((unsigned)hold);
    printf("{\"bytes\":%llu,\"elapsed_us\":%llu,\"longest_fault_us\":%llu,\"dirty_pages\":%llu}\n",
        (unsigned long long)bytes, (unsigned long long)taken, (unsigned long long)longest, (unsigned long long)dirty);
    return dirty ? 2 : 0;
}

/* Reads a number from a file of /proc, or writes it where it is not zero. */
static uint64_t setting(const char *path, uint64_t value)
{
    unsigned long long number = value;
    FILE *file = fopen(path, value ? "w" : "r");
    if (!file || (value ? fprintf(file, "%llu", number) < 0 : fscanf(file, "%llu", &number) != 1) || fclose(file))
        die("%s", path);
    return number;
}

int fill_main(int argc, char **argv)
{
    uint64_t leave = number_option(argc, argv, "--leave", (16UL << 20) + meminfo("MemTotal") / 128);
    int status = status_open(option(argc, argv, "--status", NULL));
    uint64_t filled = 0, step = 16UL << 20, dirty = 0, chunks = 0;
    char *chunk[8192];
    set_oom_score(1000);
    /* With huge pages on the kernel keeps some 64 MiB free; the host would never see those touched. */
    uint64_t kept_free = setting("/proc/sys/vm/min_free_kbytes", 0);
    setting("/proc/sys/vm/min_free_kbytes", 8192);
    /* In steps, since what is available shrinks by more than what is taken (page tables, reclaimed caches). */
    while (chunks < 8192 && meminfo("MemAvailable") > leave + step) {
        char *memory = mmap(NULL, step, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (memory == MAP_FAILED)
            break;
        touch(memory, step, 0, -1, &dirty);
        chunk[chunks++] = memory;
        filled += step;
        status_write(status, "{\"filled_bytes\":%llu,\"dirty_pages\":%llu}", (unsigned long long)filled,
            (unsigned long long)dirty);
    }
    while (chunks)
        munmap(chunk[--chunks], step);
    setting("/proc/sys/vm/min_free_kbytes", kept_free);
    printf("{\"filled_bytes\":%llu,\"dirty_pages\":%llu}\n", (unsigned long long)filled, (unsigned long long)dirty);
    return dirty ? 2 : 0;
}

int reader_main(int argc, char **argv)
{
    const char *path = option(argc, argv, "--file", NULL);
    uint64_t bytes = number_option(argc, argv, "--bytes", UINT64_MAX);
    uint64_t loops = number_option(argc, argv, "--loops", 1);
    int status = status_open(option(argc, argv, "--status", NULL));
    static char buffer[1 << 18];
    uint64_t read_bytes = 0, started = now_us();
    if (!path)
        die("reader wants --file");
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        die("%s", path);
    for (uint64_t loop = 0; loop < loops; loop++) {
        uint64_t at = 0;
        while (at < bytes) {
            size_t want = bytes - at < sizeof buffer ? (size_t)(bytes - at) : sizeof buffer;
            ssize_t got = pread(fd, buffer, want, (off_t)at);
            if (got < 0)
                die("%s", path);
            if (!got)
                break;
            at += (uint64_t)got;
            read_bytes += (uint64_t)got;
        }
        status_write(status, "{\"read_bytes\":%llu,\"loops\":%llu}", (unsigned long long)read_bytes,
            (unsigned long long)loop + 1);
    }
    printf("{\"read_bytes\":%llu,\"elapsed_us\":%llu}\n", (unsigned long long)read_bytes,
        (unsigned long long)(now_us() - started));
    return 0;
}
