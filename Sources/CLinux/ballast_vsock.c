#include "ballast_vsock.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include <linux/vm_sockets.h>

static struct sockaddr_vm address_of(unsigned int cid, unsigned int port) {
    struct sockaddr_vm address;
    memset(&address, 0, sizeof address);
    address.svm_family = AF_VSOCK;
    address.svm_cid = cid;
    address.svm_port = port;
    return address;
}

int ballast_vsock_socket(void) { return socket(AF_VSOCK, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0); }

int ballast_vsock_bind(int fd, unsigned int cid, unsigned int port) {
    struct sockaddr_vm address = address_of(cid, port);
    return bind(fd, (struct sockaddr *)&address, sizeof address);
}

int ballast_vsock_connect(int fd, unsigned int cid, unsigned int port) {
    struct sockaddr_vm address = address_of(cid, port);
    return connect(fd, (struct sockaddr *)&address, sizeof address);
}

int ballast_vsock_peer(int fd, unsigned int *cid, unsigned int *port) {
    struct sockaddr_vm address;
    socklen_t size = sizeof address;
    if (getpeername(fd, (struct sockaddr *)&address, &size) < 0)
        return -1;
    if (address.svm_family != AF_VSOCK) {
        errno = EAFNOSUPPORT;
        return -1;
    }
    *cid = address.svm_cid;
    *port = address.svm_port;
    return 0;
}

int ballast_socket_error(int fd) {
    int error = 0;
    socklen_t size = sizeof error;
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) < 0)
        return -1;
    return error;
}
