/*
 * Puts a unix socket of the guest onto a virtio-serial port, so that a program on the host speaks with it as if it ran
 * in the guest: each time that the host connects to the port, a connection to the socket is made.
 */
#include "guest_tool.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static char bytes[16384];

static int connect_to(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int connection = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    if (connection >= 0 && connect(connection, (struct sockaddr *)&address, sizeof address)) {
        close(connection);
        return -1;
    }
    return connection;
}

/* All of it, or as much as the other end takes: 0 when it is gone. */
static int pass(int to, size_t length)
{
    for (size_t sent = 0; sent < length;) {
        ssize_t count = write(to, bytes + sent, length - sent);
        if (count > 0)
            sent += (size_t)count;
        else if (count < 0 && errno == EAGAIN)
            usleep(2000);
        else
            return 0;
    }
    return 1;
}

int relay_main(int argc, char **argv)
{
    char path[300];
    int port, connection = -1;
    if (argc < 3)
        die("relay wants a port's name and a socket's path");
    while (find_port(argv[1], path, sizeof path))
        usleep(50000);
    if ((port = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC)) < 0)
        die("%s", path);
    for (;;) {
        ssize_t got = read(port, bytes, sizeof bytes);
        if (got > 0 && connection < 0)
            connection = connect_to(argv[2]);
        if (got == 0 && connection >= 0) {
            close(connection);
            connection = -1;
        }
        if (got > 0 && connection >= 0 && !pass(connection, (size_t)got))
            got = 0;
        struct pollfd polled[2] = {{connection, POLLIN, 0}, {got == 0 ? -1 : port, POLLIN, 0}};
        poll(polled, 2, 100);
        if (polled[0].revents) {
            got = read(connection, bytes, sizeof bytes);
            if (got <= 0 || !pass(port, (size_t)got)) {
                close(connection);
                connection = -1;
            }
        }
    }
}
