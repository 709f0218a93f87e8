/*
 * The corruption checker. Keeps patterns in memory, each 64-bit word keyed by seed, page, generation and place, and
 * verifies them round after round; frees random parts, takes them again, demands that they come back zeroed, and fills
 * them anew. A page that is wrong is counted once, its first finding is kept for the report, and it is written afresh.
 */
#include "guest_tool.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define WORDS (PAGE / sizeof(uint64_t))

struct part {
    char *memory;
    uint64_t first_page, pages, generation;
    int in_file;
};

static struct part *parts;
static size_t part_count;
static int file = -1, status = -1;
static uint64_t seed, verified, wrong, not_zero, refilled, rounds;
static char finding[320] = "null";
static volatile sig_atomic_t stopping;

static void stop(int signal)
{
    (void)signal;
    stopping = 1;
}

static uint64_t mix(uint64_t x)
{
    x += 0x9E3779B97F4A7C15UL;
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9UL;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBUL;
    return x ^ (x >> 31);
}

static uint64_t key(const struct part *part, uint64_t page)
{
    uint64_t place = (part->first_page + page) * 2 + (uint64_t)part->in_file;
    return mix(seed ^ mix(place ^ mix(part->generation)));
}

static uint64_t chance(void)
{
    static uint64_t state;
    if (!state)
        state = mix(seed ^ 0xC0FFEE);
    state = mix(state);
    return state;
}

static void write_page(uint64_t *words, uint64_t k)
{
    for (uint64_t i = 0; i < WORDS; i++)
        words[i] = k + i * 0x9E3779B97F4A7C15UL;
}

/* Differences are gathered without a branch, so that the compiler can take several words at once. */
static uint64_t page_differs(const uint64_t *words, uint64_t k)
{
    uint64_t difference = 0;
    for (uint64_t i = 0; i < WORDS; i++)
        difference |= words[i] ^ (k + i * 0x9E3779B97F4A7C15UL);
    return difference;
}

static uint64_t page_not_zero(const uint64_t *words)
{
    uint64_t difference = 0;
    for (uint64_t i = 0; i < WORDS; i++)
        difference |= words[i];
    return difference;
}

static void report(const char *state)
{
    status_write(status, "{\"state\":\"%s\",\"pages_verified\":%llu,\"wrong_pages\":%llu,\"not_zero_pages\":%llu,"
        "\"refilled_pages\":%llu,\"rounds\":%llu,\"first_wrong\":%s}", state, (unsigned long long)verified,
        (unsigned long long)wrong, (unsigned long long)not_zero, (unsigned long long)refilled,
        (unsigned long long)rounds, finding);
}

static void found(const struct part *part, uint64_t page, const uint64_t *words, uint64_t expected, const char *what)
{
    if (strcmp(finding, "null"))
        return;
    snprintf(finding, sizeof finding, "{\"what\":\"%s\",\"in_file\":%d,\"page\":%llu,\"generation\":%llu,"
        "\"round\":%llu,\"expected\":\"%016llx\",\"words\":\"%016llx %016llx %016llx %016llx\"}", what, part->in_file,
        (unsigned long long)(part->first_page + page), (unsigned long long)part->generation,
        (unsigned long long)rounds, (unsigned long long)expected, (unsigned long long)words[0],
        (unsigned long long)words[1], (unsigned long long)words[2], (unsigned long long)words[3]);
    report("running");
}

static void verify(struct part *part)
{
    for (uint64_t page = 0; page < part->pages; page++) {
        uint64_t *words = (uint64_t *)(part->memory + page * PAGE);
        uint64_t k = key(part, page);
        if (page_differs(words, k)) {
            wrong++;
            found(part, page, words, k, "pattern");
            write_page(words, k);
        }
        verified++;
    }
}

/* Fresh memory of the part is zero, or it is a finding; then the part's next generation goes in. */
static void fill(struct part *part, int must_be_zero)
{
    part->generation++;
    for (uint64_t page = 0; page < part->pages; page++) {
        uint64_t *words = (uint64_t *)(part->memory + page * PAGE);
        if (must_be_zero && page_not_zero(words)) {
            not_zero++;
            found(part, page, words, 0, "zero");
        }
        write_page(words, key(part, page));
    }
    refilled += part->pages;
}

/* Gives the part's memory back to the kernel and takes it again, each way now and then. */
static void renew(struct part *part)
{
    size_t bytes = part->pages * PAGE;
    if (part->in_file) {
        if (fallocate(file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)(part->first_page * PAGE), (off_t)bytes))
            die("punching a hole into the checked file");
    } else if (chance() & 1) {
        if (madvise(part->memory, bytes, MADV_DONTNEED))
            die("MADV_DONTNEED");
    } else {
        munmap(part->memory, bytes);
        part->memory = mmap(part->memory, bytes, PROT_READ | PROT_WRITE,
            MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
        if (part->memory == MAP_FAILED)
            die("mapping a part again");
    }
    fill(part, 1);
}

static void take(uint64_t bytes, int in_file, const char *path)
{
    uint64_t pages = bytes / PAGE, page = 0;
    char *memory;
    if (!pages)
        return;
    if (in_file) {
        file = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        if (file < 0 || ftruncate(file, (off_t)(pages * PAGE)))
            die("%s", path);
        memory = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    } else {
        memory = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    }
    if (memory == MAP_FAILED)
        die("%llu bytes", (unsigned long long)bytes);
    while (page < pages) {
        /* Parts of 16 KiB to 4 MiB, so that freeing breaks huge pages up as well as giving back whole ones. */
        uint64_t size = 4UL << (chance() % 9);
        if (size > pages - page)
            size = pages - page;
        parts = realloc(parts, (part_count + 1) * sizeof *parts);
        if (!parts)
            die("the list of parts");
        parts[part_count++] = (struct part){memory + page * PAGE, page, size, 0, in_file};
        page += size;
    }
}

int check_main(int argc, char **argv)
{
    uint64_t pause_ms = number_option(argc, argv, "--pause-ms", 20);
    seed = number_option(argc, argv, "--seed", 1);
    status = status_open(option(argc, argv, "--status", NULL));
    set_oom_score(atoi(option(argc, argv, "--adj", "0")));
    take(number_option(argc, argv, "--bytes", 0), 0, NULL);
    take(number_option(argc, argv, "--file-bytes", 0), 1, option(argc, argv, "--file", "/tmp/checked"));
    if (!part_count)
        die("check wants --bytes or --file-bytes");
    signal(SIGTERM, stop);
    signal(SIGINT, stop);

    report("filling");
    for (size_t i = 0; i < part_count && !stopping; i++)
        fill(&parts[i], 1);
    while (!stopping) {
        for (size_t i = 0; i < part_count && !stopping; i++) {
            verify(&parts[i]);
            if (chance() % 8 == 0)
                renew(&parts[i]);
            if ((i & 31) == 31) {
                report("running");
                if (pause_ms)
                    usleep((useconds_t)pause_ms * 1000);
            }
        }
        rounds++;
        report("running");
    }
    report("stopping");
    for (size_t i = 0; i < part_count; i++)
        if (parts[i].generation)
            verify(&parts[i]);
    report("stopped");
    printf("{\"pages_verified\":%llu,\"wrong_pages\":%llu,\"not_zero_pages\":%llu,\"refilled_pages\":%llu,"
        "\"rounds\":%llu,\"first_wrong\":%s}\n", (unsigned long long)verified, (unsigned long long)wrong,
        (unsigned long long)not_zero, (unsigned long long)refilled, (unsigned long long)rounds, finding);
    return wrong || not_zero ? 2 : 0;
}
