/* Small programs that run inside the guests of the tests. One binary, the first argument says which. */
#ifndef GUEST_TOOL_H
#define GUEST_TOOL_H

#include <stddef.h>
#include <stdint.h>

#define PAGE 4096UL

int testd_main(int argc, char **argv);
int check_main(int argc, char **argv);
int hog_main(int argc, char **argv);
int fill_main(int argc, char **argv);
int reader_main(int argc, char **argv);
int pinholes_main(int argc, char **argv);
int bandwidth_main(int argc, char **argv);
int touch_main(int argc, char **argv);
int serve_main(int argc, char **argv);
int resident_main(int argc, char **argv);
int leak_main(int argc, char **argv);
int earlyoom_main(int argc, char **argv);
int relay_main(int argc, char **argv);
int bind_main(int argc, char **argv);
int reap_main(int argc, char **argv);
int port_main(int argc, char **argv);
int vsock_echo_main(int argc, char **argv);
int vsock_connect_main(int argc, char **argv);
int as_main(int argc, char **argv);
int vsock_send_main(int argc, char **argv);
int vsock_listen_main(int argc, char **argv);
int vsock_flood_main(int argc, char **argv);
int vsock_relay_main(int argc, char **argv);

/* Ends the program with a message on stderr, and errno's text where errno is set. */
void die(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));

/* The value of option NAME ("--bytes") among the arguments, or otherwise. */
const char *option(int argc, char **argv, const char *name, const char *otherwise);
int has_option(int argc, char **argv, const char *name);

/* A number of bytes or things, with an optional suffix K, M or G (powers of 1024). */
uint64_t number_option(int argc, char **argv, const char *name, uint64_t otherwise);

/* This process's oom_score_adj. */
void set_oom_score(int value);

/* CLOCK_MONOTONIC in microseconds. */
uint64_t now_us(void);

/* A field of /proc/meminfo, in bytes; 0 when it is not there. */
uint64_t meminfo(const char *field);

/* A status file of fixed size, rewritten in place so that a reader never finds it empty or half. */
int status_open(const char *path);
void status_write(int fd, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Writes that many bytes of content into a file, and drops all of the file from the page cache. */
void write_blocks(int file, uint64_t bytes, const char *path);

/* How much of a file is in the page cache; also tells its size. */
uint64_t resident_bytes(const char *path, uint64_t *size);

/* The device of the virtio-serial port with that name, into path; 0 when found. */
int find_port(const char *name, char *path, size_t size);

#endif
