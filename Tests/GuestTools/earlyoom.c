/*
 * Stands in for earlyoom, by its name (a link to this program that is called so) and its arguments: looks at what is
 * available ten times a second. It kills nobody: where earlyoom would act it writes a line and counts.
 */
#include "guest_tool.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static volatile sig_atomic_t stopping;

static void stop(int signal)
{
    (void)signal;
    stopping = 1;
}

int earlyoom_main(int argc, char **argv)
{
    uint64_t percent = strtoull(option(argc, argv, "-m", "10"), NULL, 10), kills = 0;
    uint64_t total = meminfo("MemTotal"), least = total;
    signal(SIGTERM, stop);
    for (; !stopping; usleep(100000)) {
        uint64_t available = meminfo("MemAvailable");
        if (available < least)
            least = available;
        if (available >= total / 100 * percent)
            continue;
        kills++;
        fprintf(stderr, "earlyoom would kill: %llu MiB are available\n", (unsigned long long)available >> 20);
    }
    printf("{\"kills\":%llu,\"least_available_bytes\":%llu}\n", (unsigned long long)kills, (unsigned long long)least);
    return 0;
}
