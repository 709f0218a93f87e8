/* Both ends of vsock connections: a server that echoes, and a client that sends a pattern and checks its echo. */
#include "guest_tool.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <linux/vm_sockets.h>

static char bytes[65536];

static int vsock_socket(unsigned cid, const char *port, struct sockaddr_vm *address)
{
    int fd = socket(AF_VSOCK, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0)
        die("a vsock socket");
    memset(address, 0, sizeof *address);
    address->svm_family = AF_VSOCK;
    address->svm_cid = cid;
    address->svm_port = (unsigned)strtoul(port, NULL, 10);
    return fd;
}

static void echo(int connection)
{
    ssize_t count;
    while ((count = read(connection, bytes, sizeof bytes)) > 0)
        for (ssize_t sent = 0; sent < count;) {
            ssize_t more = write(connection, bytes + sent, (size_t)(count - sent));
            if (more <= 0)
                return;
            sent += more;
        }
}

int vsock_echo_main(int argc, char **argv)
{
    struct sockaddr_vm address;
    if (argc < 2)
        die("vsock-echo wants a port");
    int listener = vsock_socket(VMADDR_CID_ANY, argv[1], &address);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 128))
        die("port %s", argv[1]);
    /* Children are reaped by nobody. */
    signal(SIGCHLD, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
    puts("listening");
    fflush(stdout);
    for (;;) {
        struct sockaddr_vm peer;
        socklen_t size = sizeof peer;
        int connection = accept4(listener, (struct sockaddr *)&peer, &size, SOCK_CLOEXEC);
        if (connection < 0) {
            if (errno == EINTR || errno == ECONNABORTED)
                continue;
            die("accept");
        }
        printf("%u:%u\n", peer.svm_cid, peer.svm_port);
        fflush(stdout);
        pid_t child = fork();
        if (child == 0) {
            /* Without a reader the peer's bytes stay in the kernel, as far as there is room. */
            while (has_option(argc, argv, "--stall"))
                pause();
            echo(connection);
            _exit(0);
        }
        close(connection);
    }
}

/* The byte at a place of the stream: the same for writer and reader, and not the same in every block. */
static char pattern(uint64_t place) { return (char)(place * 31 + (place >> 8) * 7 + (place >> 16)); }

static void send_pattern(int connection, uint64_t length)
{
    for (uint64_t sent = 0; sent < length;) {
        size_t count = length - sent < sizeof bytes ? (size_t)(length - sent) : sizeof bytes;
        for (size_t i = 0; i < count; i++)
            bytes[i] = pattern(sent + i);
        ssize_t written = write(connection, bytes, count);
        if (written <= 0)
            die("after %llu bytes", (unsigned long long)sent);
        sent += (uint64_t)written;
    }
    if (shutdown(connection, SHUT_WR))
        die("shutdown");
}

static void one_round(unsigned cid, const char *port, uint64_t length)
{
    struct sockaddr_vm address;
    int connection = vsock_socket(cid, port, &address);
    if (connect(connection, (struct sockaddr *)&address, sizeof address))
        die("connect");
    /* Writing and reading side by side: the echo may come before the last byte has gone. */
    pid_t writer = fork();
    if (writer == 0) {
        send_pattern(connection, length);
        _exit(0);
    }
    uint64_t received = 0;
    ssize_t count;
    while ((count = read(connection, bytes, sizeof bytes)) > 0)
        for (ssize_t i = 0; i < count; i++)
            if (bytes[i] != pattern(received++)) {
                errno = 0;
                die("byte %llu is wrong", (unsigned long long)received - 1);
            }
    if (count < 0)
        die("read after %llu bytes", (unsigned long long)received);
    int status;
    if (waitpid(writer, &status, 0) != writer || status || received != length) {
        errno = 0;
        die("%llu of %llu bytes came back", (unsigned long long)received, (unsigned long long)length);
    }
    close(connection);
}

int vsock_connect_main(int argc, char **argv)
{
    if (argc < 3)
        die("vsock-connect wants a CID and a port");
    uint64_t length = number_option(argc, argv, "--bytes", 1000), rounds = number_option(argc, argv, "--rounds", 1);
    signal(SIGPIPE, SIG_IGN);
    for (uint64_t round = 0; round < rounds; round++)
        one_round((unsigned)strtoul(argv[1], NULL, 10), argv[2], length);
    printf("%llu rounds of %llu bytes\n", (unsigned long long)rounds, (unsigned long long)length);
    return 0;
}

static void become(int argc, char **argv)
{
    uint64_t user = number_option(argc, argv, "--user", 0);
    if (user && (setgid((gid_t)user) || setuid((uid_t)user)))
        die("user %llu", (unsigned long long)user);
}

int vsock_listen_main(int argc, char **argv)
{
    struct sockaddr_vm address;
    if (argc < 2)
        die("vsock-listen wants a port");
    become(argc, argv);
    int listener = vsock_socket(VMADDR_CID_ANY, argv[1], &address);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 1))
        die("port %s", argv[1]);
    puts("listening");
    return 0;
}

int vsock_flood_main(int argc, char **argv)
{
    struct sockaddr_vm address;
    if (argc < 3)
        die("vsock-flood wants a CID and a port");
    become(argc, argv);
    unsigned cid = (unsigned)strtoul(argv[1], NULL, 10);
    uint64_t connects = number_option(argc, argv, "--connects", 0), hold = number_option(argc, argv, "--hold", 0),
             seconds = number_option(argc, argv, "--seconds", 10), done = 0;
    signal(SIGPIPE, SIG_IGN);
    for (uint64_t i = 0; i < connects; i++) {
        int connection = vsock_socket(cid, argv[2], &address);
        /* A full queue of connections that wait to be accepted is no failure of this program. */
        if (!connect(connection, (struct sockaddr *)&address, sizeof address))
            done++;
        close(connection);
    }
    int *held = calloc(hold + 1, sizeof *held);
    for (uint64_t i = 0; held && i < hold; i++) {
        held[i] = vsock_socket(cid, argv[2], &address);
        if (!connect(held[i], (struct sockaddr *)&address, sizeof address))
            done++;
    }
    uint64_t taken = 0;
    for (uint64_t second = 0; hold && second < seconds; second++, sleep(1))
        for (uint64_t i = 0; held && i < hold; i++)
            taken += send(held[i], "B", 1, MSG_DONTWAIT) == 1;
    printf("%llu connected, %llu bytes taken\n", (unsigned long long)done, (unsigned long long)taken);
    return 0;
}

/* One connection of a vsock port at a time goes to a unix socket. */
int vsock_relay_main(int argc, char **argv)
{
    struct sockaddr_vm address;
    if (argc < 3)
        die("vsock-relay wants a port and a socket's path");
    int listener = vsock_socket(VMADDR_CID_ANY, argv[1], &address);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) || listen(listener, 8))
        die("port %s", argv[1]);
    signal(SIGPIPE, SIG_IGN);
    for (int near; (near = accept4(listener, NULL, NULL, SOCK_CLOEXEC)) >= 0; close(near)) {
        struct sockaddr_un path = {.sun_family = AF_UNIX};
        int far = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
        snprintf(path.sun_path, sizeof path.sun_path, "%s", argv[2]);
        if (far < 0 || connect(far, (struct sockaddr *)&path, sizeof path))
            die("%s", argv[2]);
        struct pollfd ends[] = {{near, POLLIN, 0}, {far, POLLIN, 0}};
        for (int open = 1; open && poll(ends, 2, -1) > 0;)
            for (int i = 0; i < 2; i++) {
                if (!ends[i].revents)
                    continue;
                ssize_t count = read(ends[i].fd, bytes, sizeof bytes);
                open = open && count > 0 && write(ends[!i].fd, bytes, (size_t)count) == count;
            }
        close(far);
    }
    die("accept");
}

int vsock_send_main(int argc, char **argv)
{
    struct sockaddr_vm address;
    if (argc < 3)
        die("vsock-send wants a CID and a port");
    int connection = vsock_socket((unsigned)strtoul(argv[1], NULL, 10), argv[2], &address);
    if (connect(connection, (struct sockaddr *)&address, sizeof address))
        die("connect");
    for (uint64_t left = number_option(argc, argv, "--bytes", 1 << 20); left;) {
        ssize_t count = write(connection, bytes, left < sizeof bytes ? left : sizeof bytes);
        if (count <= 0)
            die("with %llu bytes left", (unsigned long long)left);
        left -= (uint64_t)count;
    }
    return 0;
}
