#include "guest_tool.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define STATUS_BYTES 1024

void die(const char *format, ...)
{
    int error = errno;
    va_list arguments;
    va_start(arguments, format);
    fprintf(stderr, "guest-tool: ");
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    if (error)
        fprintf(stderr, ": %s", strerror(error));
    fputc('\n', stderr);
    exit(1);
}

const char *option(int argc, char **argv, const char *name, const char *otherwise)
{
    for (int i = 1; i + 1 < argc; i++)
        if (!strcmp(argv[i], name))
            return argv[i + 1];
    return otherwise;
}

int has_option(int argc, char **argv, const char *name)
{
    for (int i = 1; i < argc; i++)
        if (!strcmp(argv[i], name))
            return 1;
    return 0;
}

uint64_t number_option(int argc, char **argv, const char *name, uint64_t otherwise)
{
    const char *text = option(argc, argv, name, NULL);
    if (!text)
        return otherwise;
    char *end;
    errno = 0;
    uint64_t value = strtoull(text, &end, 10);
    if (errno || end == text)
        die("%s wants a number, not '%s'", name, text);
    switch (*end) {
    case 'G': value <<= 10; /* fallthrough */
    case 'M': value <<= 10; /* fallthrough */
    case 'K': value <<= 10; break;
    case 0: break;
    default: die("%s wants a number with K, M or G, not '%s'", name, text);
    }
    return value;
}

void set_oom_score(int value)
{
    FILE *file = fopen("/proc/self/oom_score_adj", "w");
    if (!file || fprintf(file, "%d", value) < 0 || fclose(file))
        die("oom_score_adj %d", value);
}

uint64_t now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

uint64_t meminfo(const char *field)
{
    char line[256];
    size_t length = strlen(field);
    uint64_t kib = 0;
    FILE *file = fopen("/proc/meminfo", "r");
    if (!file)
        die("/proc/meminfo");
    while (fgets(line, sizeof line, file))
        if (!strncmp(line, field, length) && line[length] == ':')
            kib = strtoull(line + length + 1, NULL, 10);
    fclose(file);
    return kib * 1024;
}

int status_open(const char *path)
{
    if (!path)
        return -1;
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0)
        die("status file %s", path);
    status_write(fd, "{}");
    return fd;
}

void status_write(int fd, const char *format, ...)
{
    char text[STATUS_BYTES];
    if (fd < 0)
        return;
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text, sizeof text - 1, format, arguments);
    va_end(arguments);
    if (length < 0 || length >= (int)sizeof text - 1)
        return;
    memset(text + length, ' ', sizeof text - (size_t)length);
    text[sizeof text - 1] = '\n';
    if (pwrite(fd, text, sizeof text, 0) != (ssize_t)sizeof text)
        fprintf(stderr, "guest-tool: the status file cannot be written\n");
}

int find_port(const char *name, char *path, size_t size)
{
    DIR *folder = opendir("/sys/class/virtio-ports");
    struct dirent *entry;
    int found = -1;
    if (!folder)
        return -1;
    while (found && (entry = readdir(folder))) {
        char file[512], text[256] = "";
        snprintf(file, sizeof file, "/sys/class/virtio-ports/%s/name", entry->d_name);
        int fd = open(file, O_RDONLY | O_CLOEXEC);
        if (fd < 0)
            continue;
        ssize_t length = read(fd, text, sizeof text - 1);
        close(fd);
        if (length <= 0)
            continue;
        text[strcspn(text, "\n")] = 0;
        if (!strcmp(text, name)) {
            snprintf(path, size, "/dev/%s", entry->d_name);
            found = 0;
        }
    }
    closedir(folder);
    return found;
}
