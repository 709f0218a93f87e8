/*
 * Programs whose working set is known: they note when they touched each granule of their memory, and so can say at any
 * time how many bytes were touched within the last N seconds. SIGTERM ends them; the last report is printed.
 *
 * steps   sets of memory, each touched at an interval of its own (--plan SECONDS:BYTES,...; 0 seconds: once)
 * window  a window of --hot bytes that moves through --bytes at --speed bytes per second
 * random  --hot bytes in granules that lie at random in --bytes
 * scan    one pass over --bytes at --speed, then only the first --hot bytes
 *
 * Kinds of memory: anon (written), read (a file, through pread), mmap (a file, through a mapping). All of it is touched
 * once at the start.
 */
#include "guest_tool.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define SECONDS 128
#define STEPS 16
#define REPORT_BYTES 4096

static uint64_t bytes, granule, granules, began_us;
static uint32_t *touched_ms; /* since the start; 0: never */
static char *memory, *buffer;
static int file = -1, status = -1;
static volatile sig_atomic_t stopping;

static void stop(int signal)
{
    (void)signal;
    stopping = 1;
}

static uint32_t now_ms(void)
{
    return (uint32_t)((now_us() - began_us) / 1000) + 1;
}

static void touch_granule(uint64_t index)
{
    uint64_t from = index * granule, end = from + granule < bytes ? from + granule : bytes;
    if (!memory) {
        if (pread(file, buffer, end - from, (off_t)from) != (ssize_t)(end - from))
            die("reading the touched file");
    } else if (file < 0) {
        for (uint64_t at = from; at < end; at += PAGE)
            (*(volatile uint64_t *)(memory + at))++;
    } else {
        for (uint64_t at = from; at < end; at += PAGE)
            (void)*(volatile uint64_t *)(memory + at);
    }
    touched_ms[index] = now_ms();
}

static void touch_range(uint64_t from, uint64_t length)
{
    for (uint64_t index = from / granule; index < granules && index * granule < from + length && !stopping; index++)
        touch_granule(index);
}

/* by_second[n] is what was touched within the last n + 1 seconds; what is older than all of them, is not in it. */
static int report(char *text, size_t size)
{
    static const int asked[] = {1, 2, 5, 10, 15, 30, 60, 120};
    uint64_t within[SECONDS] = {0}, sum = 0;
    uint32_t now = now_ms();
    for (uint64_t index = 0; index < granules; index++) {
        uint32_t age = (now - touched_ms[index]) / 1000;
        if (touched_ms[index] && age < SECONDS)
            within[age] += index + 1 < granules ? granule : bytes - index * granule;
    }
    for (int second = 0; second < SECONDS; second++)
        within[second] = sum += within[second];
    int length = snprintf(text, size, "{\"total_bytes\":%llu,\"elapsed_ms\":%u,\"touched\":{",
        (unsigned long long)bytes, now);
    for (size_t i = 0; i < sizeof asked / sizeof *asked; i++)
        length += snprintf(text + length, size - (size_t)length, "%s\"%d\":%llu", i ? "," : "", asked[i],
            (unsigned long long)within[asked[i] - 1]);
    length += snprintf(text + length, size - (size_t)length, "},\"by_second\":[");
    for (int second = 0; second < SECONDS; second++)
        length += snprintf(text + length, size - (size_t)length, "%s%llu", second ? "," : "",
            (unsigned long long)within[second]);
    return length + snprintf(text + length, size - (size_t)length, "]}");
}

static void write_status(void)
{
    char text[REPORT_BYTES];
    if (status < 0)
        return;
    int length = report(text, sizeof text);
    memset(text + length, ' ', sizeof text - (size_t)length);
    text[sizeof text - 1] = '\n';
    if (pwrite(status, text, sizeof text, 0) != (ssize_t)sizeof text)
        die("the status file");
}

/* Sleeps until then, and reports once a second meanwhile. */
static void wait_until(uint64_t due_us)
{
    static uint64_t next_report;
    for (uint64_t now; !stopping && ((now = now_us()) < due_us || now >= next_report);) {
        if (now >= next_report) {
            write_status();
            next_report = now + 1000000;
            continue;
        }
        uint64_t end = due_us < next_report ? due_us : next_report;
        usleep((useconds_t)(end - now));
    }
}

static uint64_t chance(void)
{
    static uint64_t state = 0x9E3779B97F4A7C15UL;
    state ^= state << 13;
    state ^= state >> 7;
    return state ^= state << 17;
}

static void run_steps(const char *plan)
{
    struct { uint64_t from, length, interval_us, due_us; } step[STEPS];
    size_t count = 0;
    uint64_t from = 0;
    for (const char *at = plan; *at && count < STEPS; count++) {
        char *end;
        double seconds = strtod(at, &end);
        char size[32] = "", *colon = end;
        if (*colon != ':')
            die("--plan wants SECONDS:BYTES,..., not '%s'", plan);
        size_t length = strcspn(colon + 1, ",");
        snprintf(size, sizeof size, "%.*s", (int)length, colon + 1);
        char *arguments[] = {"", "--plan", size};
        step[count].from = from;
        step[count].length = number_option(3, arguments, "--plan", 0);
        step[count].interval_us = (uint64_t)(seconds * 1e6);
        step[count].due_us = now_us() + step[count].interval_us;
        from += step[count].length;
        if (step[count].length % granule || from > bytes)
            die("the sets of --plan are multiples of --granule and fit into --bytes");
        at = colon + 1 + length;
        at += *at == ',';
    }
    while (!stopping) {
        size_t next = STEPS;
        for (size_t i = 0; i < count; i++)
            if (step[i].interval_us && (next == STEPS || step[i].due_us < step[next].due_us))
                next = i;
        if (next == STEPS) {
            wait_until(now_us() + 1000000);
            continue;
        }
        wait_until(step[next].due_us);
        touch_range(step[next].from, step[next].length);
        step[next].due_us += step[next].interval_us;
    }
}

static void run_window(uint64_t hot, uint64_t speed, uint64_t interval_us)
{
    for (uint64_t begin = now_us(); !stopping;) {
        uint64_t now = now_us(), at = (uint64_t)((double)(now - begin) / 1e6 * (double)speed) % bytes;
        touch_range(at, at + hot <= bytes ? hot : bytes - at);
        if (at + hot > bytes)
            touch_range(0, at + hot - bytes);
        wait_until(now + interval_us);
    }
}

static void run_random(uint64_t hot, uint64_t interval_us)
{
    uint64_t count = hot / granule;
    uint64_t *chosen = malloc(granules * sizeof *chosen);
    if (!chosen)
        die("the list of granules");
    for (uint64_t i = 0; i < granules; i++)
        chosen[i] = i;
    for (uint64_t i = 0; i < count && i + 1 < granules; i++) {
        uint64_t other = i + chance() % (granules - i), kept = chosen[i];
        chosen[i] = chosen[other];
        chosen[other] = kept;
    }
    while (!stopping) {
        uint64_t now = now_us();
        for (uint64_t i = 0; i < count && i < granules && !stopping; i++)
            touch_granule(chosen[i]);
        wait_until(now + interval_us);
    }
}

static void run_scan(uint64_t hot, uint64_t speed, uint64_t interval_us)
{
    for (uint64_t begin = now_us(), done = 0; !stopping;) {
        uint64_t now = now_us(), due = speed ? (uint64_t)((double)(now - begin) / 1e6 * (double)speed) : bytes;
        if (due > bytes)
            due = bytes;
        if (due / granule * granule > done) {
            touch_range(done, due - done);
            done = due == bytes ? bytes : due / granule * granule;
        }
        touch_range(0, hot);
        wait_until(now + interval_us);
    }
}

/* A file of real blocks, none of which is in the page cache. */
static void open_file(const char *path)
{
    struct stat found;
    file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0 || fstat(file, &found))
        die("%s", path);
    write_blocks(file, S_ISREG(found.st_mode) && (uint64_t)found.st_size < bytes ? bytes : 0, path);
    if (posix_fadvise(file, 0, 0, POSIX_FADV_RANDOM))
        die("POSIX_FADV_RANDOM");
}

int touch_main(int argc, char **argv)
{
    const char *kind = option(argc, argv, "--kind", "anon"), *plan = option(argc, argv, "--plan", NULL);
    const char *workload = argc > 1 ? argv[1] : "";
    bytes = number_option(argc, argv, "--bytes", 0) & ~(PAGE - 1);
    granule = number_option(argc, argv, "--granule", 64UL << 10) & ~(PAGE - 1);
    if (!bytes || !granule || bytes / granule > 1UL << 24)
        die("touch wants --bytes and a --granule of 4K or more");
    uint64_t hot = number_option(argc, argv, "--hot", bytes / 4), speed = number_option(argc, argv, "--speed", 4 << 20);
    uint64_t interval_us = number_option(argc, argv, "--interval-ms", 500) * 1000;
    granules = (bytes + granule - 1) / granule;
    touched_ms = calloc(granules, sizeof *touched_ms);
    buffer = malloc(granule);
    status = status_open(option(argc, argv, "--status", NULL));
    set_oom_score(atoi(option(argc, argv, "--adj", "0")));
    if (!touched_ms || !buffer)
        die("the list of granules");
    if (!strcmp(kind, "anon")) {
        memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        /* In a huge page the kernel sees one touch for all of it, and no method could come near the truth. */
        if (memory != MAP_FAILED && !has_option(argc, argv, "--huge") && madvise(memory, bytes, MADV_NOHUGEPAGE))
            die("MADV_NOHUGEPAGE");
    } else if (!strcmp(kind, "read") || !strcmp(kind, "mmap")) {
        open_file(option(argc, argv, "--file", "touched"));
        if (*kind == 'm')
            memory = mmap(NULL, bytes, PROT_READ, MAP_SHARED, file, 0);
    } else {
        die("--kind is anon, read or mmap, not '%s'", kind);
    }
    if (memory == MAP_FAILED)
        die("%llu bytes", (unsigned long long)bytes);
    signal(SIGTERM, stop);
    signal(SIGINT, stop);
    began_us = now_us();
    if (strcmp(workload, "scan"))
        touch_range(0, bytes);
    if (!strcmp(workload, "steps") && plan)
        run_steps(plan);
    else if (!strcmp(workload, "window"))
        run_window(hot, speed, interval_us);
    else if (!strcmp(workload, "random"))
        run_random(hot, interval_us);
    else if (!strcmp(workload, "scan"))
        run_scan(hot, speed, interval_us);
    else
        die("touch wants steps (with --plan), window, random or scan");
    char text[REPORT_BYTES];
    write_status();
    report(text, sizeof text);
    puts(text);
    return 0;
}
