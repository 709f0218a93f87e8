/*
 * The tests' way into a guest: requests "RUN <id> <length>\n" + script come in on a virtio-serial port, each runs in a
 * shell of its own beside the others, and "DONE <id> <exit> <length>\n" + output goes back when the shell has ended.
 * "BOOT <seconds since the epoch>\n" is the first line of every life.
 */
#include "guest_tool.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define JOBS 32
#define SCRIPT_LIMIT (1 << 20)
#define OUTPUT_LIMIT (8 << 20)

static struct job {
    pid_t pid;
    unsigned long id;
    int output;
} jobs[JOBS];

static int port;
static sigset_t inherited;

/* A write to the port while the host is away would block in the kernel; wait and look again instead. */
static void send_all(const char *bytes, size_t length)
{
    while (length) {
        ssize_t sent = write(port, bytes, length > 16384 ? 16384 : length);
        if (sent > 0) {
            bytes += sent;
            length -= (size_t)sent;
        } else {
            usleep(sent < 0 && errno == EAGAIN ? 2000 : 100000);
        }
    }
}

static void answer(unsigned long id, int code, int output)
{
    static char bytes[65536];
    char line[96];
    struct stat status;
    off_t size = output >= 0 && !fstat(output, &status) ? status.st_size : 0;
    off_t start = size > OUTPUT_LIMIT ? size - OUTPUT_LIMIT : 0;
    int length = snprintf(line, sizeof line, "DONE %lu %d %lld\n", id, code, (long long)(size - start));
    send_all(line, (size_t)length);
    while (start < size) {
        size_t want = (size_t)(size - start) < sizeof bytes ? (size_t)(size - start) : sizeof bytes;
        ssize_t got = pread(output, bytes, want, start);
        if (got <= 0) {
            /* The announced length is owed whatever happens: a short answer would garble all that follow. */
            memset(bytes, '?', want);
            got = (ssize_t)want;
        }
        send_all(bytes, (size_t)got);
        start += got;
    }
}

static void start_job(unsigned long id, char *script)
{
    struct job *job = NULL;
    for (int i = 0; i < JOBS && !job; i++)
        if (!jobs[i].pid)
            job = &jobs[i];
    int output = job ? memfd_create("output", MFD_CLOEXEC) : -1;
    pid_t pid = output >= 0 ? fork() : -1;
    if (pid < 0) {
        if (output >= 0)
            close(output);
        answer(id, 126, -1);
        return;
    }
    if (!pid) {
        int nothing = open("/dev/null", O_RDONLY);
        setsid();
        sigprocmask(SIG_SETMASK, &inherited, NULL);
        dup2(nothing, 0);
        /* Appending, so that what the shell's children write later never lands on what came before. */
        fcntl(output, F_SETFL, O_APPEND);
        dup2(output, 1);
        dup2(output, 2);
        set_oom_score(0);
        execl("/bin/sh", "sh", "-c", script, (char *)NULL);
        _exit(127);
    }
    job->pid = pid;
    job->id = id;
    job->output = output;
}

static void collect(void)
{
    int status;
    pid_t pid;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
        for (int i = 0; i < JOBS; i++) {
            if (jobs[i].pid != pid)
                continue;
            answer(jobs[i].id, WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status), jobs[i].output);
            close(jobs[i].output);
            jobs[i].pid = 0;
        }
    }
}

/* Takes whole requests out of the buffer; returns how many bytes are left in it. */
static size_t parse(char *buffer, size_t length)
{
    for (;;) {
        char *end = memchr(buffer, '\n', length);
        unsigned long id;
        size_t size;
        if (!end)
            return length > 128 ? 0 : length;
        *end = 0;
        size_t line = (size_t)(end - buffer) + 1;
        if (sscanf(buffer, "RUN %lu %zu", &id, &size) != 2 || size > SCRIPT_LIMIT) {
            length -= line;
            memmove(buffer, buffer + line, length);
            continue;
        }
        if (length - line < size) {
            *end = '\n';
            return length;
        }
        char after = buffer[line + size];
        buffer[line + size] = 0;
        start_job(id, buffer + line);
        buffer[line + size] = after;
        length -= line + size;
        memmove(buffer, buffer + line + size, length);
    }
}

int testd_main(int argc, char **argv)
{
    char path[300], hello[64];
    static char buffer[SCRIPT_LIMIT + 4096];
    size_t length = 0;
    sigset_t signals;
    if (argc < 2)
        die("testd wants a port's name");
    while (find_port(argv[1], path, sizeof path))
        usleep(50000);
    while ((port = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC)) < 0)
        usleep(100000);
    set_oom_score(-1000);
    sigemptyset(&signals);
    sigaddset(&signals, SIGCHLD);
    sigprocmask(SIG_BLOCK, &signals, &inherited);
    int children = signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
    if (children < 0)
        die("signalfd");
    mlockall(MCL_CURRENT);
    snprintf(hello, sizeof hello, "BOOT %lld\n", (long long)time(NULL));
    send_all(hello, strlen(hello));

    int hung_up = 0;
    for (;;) {
        /* While the host is away the port reports a hang-up without end: leave it out and look again later. */
        struct pollfd polled[2] = {{children, POLLIN, 0}, {hung_up ? -1 : port, POLLIN, 0}};
        /* Never for ever: under emulation a wake-up of the port has been seen to get lost. */
        poll(polled, 2, 100);
        if (polled[0].revents & POLLIN) {
            struct signalfd_siginfo information;
            while (read(children, &information, sizeof information) > 0)
                ;
            collect();
        }
        /* One byte stays free for the terminator that parse() writes behind a script. */
        ssize_t got = read(port, buffer + length, sizeof buffer - 1 - length);
        hung_up = got == 0;
        if (got > 0)
            length = parse(buffer, length + (size_t)got);
    }
}
