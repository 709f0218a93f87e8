/*
 * A file server without a network: reads random pieces of a hot set of files as fast as it can, through read() or
 * through mappings. A cold set is read once and then left alone.
 *
 * SIGUSR1 ends a phase and begins the next; throughput is counted by phase, in windows of a second. SIGUSR2 reads all
 * of the cold set and of the hot set once more. SIGTERM ends the program, which then prints the phases.
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

#define FILE_BYTES (16UL << 20)
#define FILES 512
#define PHASES 64
#define WINDOWS 8192
#define WINDOW_US 1000000
#define PIECE_LEAST (64UL << 10)
#define PIECE_MOST (1UL << 20)

static struct set {
    int file[FILES];
    char *memory[FILES];
    uint64_t count;
} hot, cold;

static struct phase {
    uint64_t bytes, elapsed_us, pieces, slowest_us, windows_end;
} phases[PHASES];

static float speed[WINDOWS];
static uint64_t window_count;
static char buffer[PIECE_MOST];
static volatile sig_atomic_t phase, restores, stopping;

static void take(int signal)
{
    if (signal == SIGUSR1 && phase + 1 < PHASES)
        phase++;
    else if (signal == SIGUSR2)
        restores++;
    else if (signal == SIGTERM)
        stopping = 1;
}

static uint64_t chance(void)
{
    static uint64_t state = 0x9E3779B97F4A7C15UL;
    state ^= state << 13;
    state ^= state >> 7;
    return state ^= state << 17;
}

/* Files are kept from one run to the next, since writing them takes a while. */
static void open_set(struct set *set, uint64_t bytes, const char *folder, const char *name, int mapped)
{
    set->count = bytes / FILE_BYTES;
    if (set->count > FILES)
        die("at most %lu bytes in a set", FILES * FILE_BYTES);
    for (uint64_t i = 0; i < set->count; i++) {
        char path[512];
        struct stat found;
        snprintf(path, sizeof path, "%s/%s-%03llu", folder, name, (unsigned long long)i);
        set->file[i] = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        if (set->file[i] < 0 || fstat(set->file[i], &found))
            die("%s", path);
        write_blocks(set->file[i], (uint64_t)found.st_size == FILE_BYTES ? 0 : FILE_BYTES, path);
        if (mapped && (set->memory[i] = mmap(NULL, FILE_BYTES, PROT_READ, MAP_SHARED, set->file[i], 0)) == MAP_FAILED)
            die("mapping %s", path);
    }
}

static void serve_piece(const struct set *set, uint64_t file, uint64_t at, uint64_t length)
{
    if (set->memory[file])
        memcpy(buffer, set->memory[file] + at, length);
    else if (pread(set->file[file], buffer, length, (off_t)at) != (ssize_t)length)
        die("reading a served file");
    /* Whatever the compiler thinks of it, somebody looks at the copy. */
    __asm__ volatile("" : : "r"(buffer) : "memory");
}

static void read_whole(const struct set *set)
{
    for (uint64_t i = 0; i < set->count && !stopping; i++)
        for (uint64_t at = 0; at < FILE_BYTES; at += PIECE_MOST)
            serve_piece(set, i, at, PIECE_MOST);
}

static void report(int status, int during, int restored)
{
    status_write(status, "{\"phase\":%d,\"restored\":%d,\"phase_bytes\":%llu,\"phase_elapsed_us\":%llu,"
        "\"phase_pieces\":%llu,\"phase_slowest_us\":%llu}", during, restored, (unsigned long long)phases[during].bytes,
        (unsigned long long)phases[during].elapsed_us, (unsigned long long)phases[during].pieces,
        (unsigned long long)phases[during].slowest_us);
}

static void print(void)
{
    uint64_t at = 0;
    printf("{\"window_us\":%d,\"phases\":[", WINDOW_US);
    for (int i = 0; i <= phase; i++) {
        printf("%s{\"bytes\":%llu,\"elapsed_us\":%llu,\"pieces\":%llu,\"slowest_us\":%llu,\"windows\":[", i ? "," : "",
            (unsigned long long)phases[i].bytes, (unsigned long long)phases[i].elapsed_us,
            (unsigned long long)phases[i].pieces, (unsigned long long)phases[i].slowest_us);
        for (uint64_t begin = at; at < phases[i].windows_end; at++)
            printf("%s%.1f", at > begin ? "," : "", (double)speed[at]);
        printf("]}");
    }
    printf("]}\n");
}

/* Serves one window, or what is left of it when a signal comes. */
static void serve_window(int during, uint64_t pause_us)
{
    uint64_t begin = now_us(), now = begin, served = 0;
    int restored = restores;
    while (now - begin < WINDOW_US && !stopping && phase == during && restores == restored) {
        uint64_t length = PIECE_LEAST + chance() % (PIECE_MOST - PIECE_LEAST + 1), before = now;
        uint64_t at = chance() % (FILE_BYTES - length + 1);
        serve_piece(&hot, chance() % hot.count, at, length);
        now = now_us();
        served += length;
        phases[during].pieces++;
        if (now - before > phases[during].slowest_us)
            phases[during].slowest_us = now - before;
        if (pause_us) {
            usleep((useconds_t)pause_us);
            now = now_us();
        }
    }
    phases[during].bytes += served;
    phases[during].elapsed_us += now - begin;
    /* A short window says little. */
    if (now - begin >= WINDOW_US / 2 && window_count < WINDOWS)
        speed[window_count++] = (float)((double)served / 1048576 * 1e6 / (double)(now - begin));
    for (int i = during; i < PHASES; i++)
        phases[i].windows_end = window_count;
}

int serve_main(int argc, char **argv)
{
    const char *folder = option(argc, argv, "--folder", NULL), *kind = option(argc, argv, "--kind", "read");
    uint64_t pause_us = number_option(argc, argv, "--pause-us", 0);
    int status = status_open(option(argc, argv, "--status", NULL)), restored = 0;
    uint64_t hot_bytes = number_option(argc, argv, "--hot", 0) / FILE_BYTES * FILE_BYTES;
    uint64_t cold_bytes = number_option(argc, argv, "--cold", 0) / FILE_BYTES * FILE_BYTES;
    if (!folder || !hot_bytes)
        die("serve wants --folder and --hot of 16M or more");
    if (strcmp(kind, "read") && strcmp(kind, "mmap"))
        die("--kind is read or mmap, not '%s'", kind);
    set_oom_score(atoi(option(argc, argv, "--adj", "0")));
    signal(SIGUSR1, take);
    signal(SIGUSR2, take);
    signal(SIGTERM, take);
    if (mkdir(folder, 0755) && access(folder, W_OK))
        die("%s", folder);
    open_set(&cold, cold_bytes, folder, "cold", *kind == 'm');
    open_set(&hot, hot_bytes, folder, "hot", *kind == 'm');
    read_whole(&cold);
    read_whole(&hot);
    while (!stopping) {
        int during = phase, wanted = restores;
        report(status, during, restored);
        if (restored != wanted) {
            read_whole(&cold);
            read_whole(&hot);
            restored = wanted;
            continue;
        }
        serve_window(during, pause_us);
    }
    report(status, phase, restored);
    print();
    return 0;
}
