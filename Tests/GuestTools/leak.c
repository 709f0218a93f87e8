/* A program that leaks: it takes memory without end, evenly, and never touches it again. */
#include "guest_tool.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define STEP_US 100000

static volatile sig_atomic_t stopping;

static void stop(int signal)
{
    (void)signal;
    stopping = 1;
}

int leak_main(int argc, char **argv)
{
    uint64_t rate = number_option(argc, argv, "--rate", 1 << 20);
    uint64_t limit = number_option(argc, argv, "--limit", 1UL << 30);
    int status = status_open(option(argc, argv, "--status", NULL));
    uint64_t taken = 0, began = now_us();
    set_oom_score(atoi(option(argc, argv, "--adj", "0")));
    signal(SIGTERM, stop);
    char *memory = mmap(NULL, limit, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED)
        die("%llu bytes", (unsigned long long)limit);
    while (!stopping) {
        uint64_t due = (uint64_t)((double)(now_us() - began) / 1e6 * (double)rate);
        for (; taken < due && taken < limit && !stopping; taken += PAGE)
            *(volatile char *)(memory + taken) = 1;
        status_write(status, "{\"taken_bytes\":%llu,\"elapsed_us\":%llu}", (unsigned long long)taken,
            (unsigned long long)(now_us() - began));
        usleep(STEP_US);
    }
    printf("{\"taken_bytes\":%llu,\"elapsed_us\":%llu}\n", (unsigned long long)taken,
        (unsigned long long)(now_us() - began));
    return 0;
}
