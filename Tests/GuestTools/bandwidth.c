/*
 * How fast a program can copy memory while something else goes on: a copy between two buffers larger than any cache,
 * measured in windows of 10 ms. SIGUSR1 ends a phase and begins the next; SIGTERM ends the program, which then prints
 * the windows of each phase, in MiB/s.
 */
#include "guest_tool.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define WINDOW_US 10000
#define BLOCK (128UL << 10)
#define WINDOWS 65536
#define PHASES 16

static float speed[WINDOWS];
static volatile sig_atomic_t phase, stopping;

static void next_phase(int signal)
{
    (void)signal;
    if (phase + 1 < PHASES)
        phase++;
}

static void stop(int signal)
{
    (void)signal;
    stopping = 1;
}

static void print(const size_t *ends, int phases)
{
    size_t at = 0;
    printf("{\"window_us\":%d,\"phases\":[", WINDOW_US);
    for (int i = 0; i < phases; i++) {
        printf("%s[", i ? "," : "");
        for (size_t begin = at; at < ends[i]; at++)
            printf("%s%.1f", at > begin ? "," : "", (double)speed[at]);
        printf("]");
    }
    printf("]}\n");
}

int bandwidth_main(int argc, char **argv)
{
    uint64_t bytes = number_option(argc, argv, "--bytes", 64UL << 20) / BLOCK * BLOCK;
    size_t ends[PHASES] = {0}, count = 0;
    if (!bytes)
        die("bandwidth wants --bytes of at least 128K");
    char *memory = mmap(NULL, 2 * bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    if (memory == MAP_FAILED)
        die("%llu bytes", (unsigned long long)(2 * bytes));
    memset(memory, 1, 2 * bytes);
    signal(SIGUSR1, next_phase);
    signal(SIGTERM, stop);
    uint64_t at = 0;
    while (!stopping && count < WINDOWS) {
        int during = phase;
        uint64_t copied = 0, begin = now_us(), now = begin;
        while (now - begin < WINDOW_US) {
            memcpy(memory + at, memory + bytes + at, BLOCK);
            at = (at + BLOCK) % bytes;
            copied += BLOCK;
            now = now_us();
        }
        /* A window that began in one phase and ended in the next counts for the first. */
        speed[count++] = (float)((double)copied / 1048576 * 1e6 / (double)(now - begin));
        for (int i = during; i < PHASES; i++)
            ends[i] = count;
    }
    print(ends, phase + 1);
    return 0;
}
