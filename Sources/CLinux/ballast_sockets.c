#include "ballast_sockets.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

static int address_of(const char *path, struct sockaddr_un *address) {
    memset(address, 0, sizeof *address);
    address->sun_family = AF_UNIX;
    if (strlen(path) >= sizeof address->sun_path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    strcpy(address->sun_path, path);
    return 0;
}

int ballast_unix_socket(int type) { return socket(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0); }

int ballast_unix_pair(int type, int descriptors[2]) {
    return socketpair(AF_UNIX, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, descriptors);
}

int ballast_unix_bind(int fd, const char *path, unsigned int mode) {
    struct sockaddr_un address;
    if (address_of(path, &address) < 0)
        return -1;
    // Linux gives the path the mode of the socket's own inode, so there is no moment of wider rights.
    if (fchmod(fd, mode) < 0)
        return -1;
    return bind(fd, (struct sockaddr *)&address, sizeof address);
}

int ballast_unix_connect(int fd, const char *path) {
    struct sockaddr_un address;
    if (address_of(path, &address) < 0)
        return -1;
    return connect(fd, (struct sockaddr *)&address, sizeof address);
}

int ballast_accept(int fd) { return accept4(fd, 0, 0, SOCK_CLOEXEC | SOCK_NONBLOCK); }

int ballast_peer_credentials(int fd, int *pid, unsigned int *uid, unsigned int *gid) {
    struct ucred peer;
    socklen_t size = sizeof peer;
    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) < 0)
        return -1;
    *pid = peer.pid;
    *uid = peer.uid;
    *gid = peer.gid;
    return 0;
}

long ballast_send(int fd, const void *bytes, unsigned long count) {
    return send(fd, bytes, count, MSG_NOSIGNAL | MSG_DONTWAIT);
}

long ballast_receive(int fd, void *bytes, unsigned long count) { return recv(fd, bytes, count, MSG_DONTWAIT); }
