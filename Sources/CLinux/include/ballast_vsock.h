#pragma once

// Reason: linux/vm_sockets.h is in no module of Swift's Glibc, and its struct ends in a padding array.

/// Creates a non-blocking, close-on-exec vsock stream socket.
int ballast_vsock_socket(void);
int ballast_vsock_bind(int fd, unsigned int cid, unsigned int port);
/// Begins to connect; gives up after the kernel's own time-out, 2 s.
int ballast_vsock_connect(int fd, unsigned int cid, unsigned int port);
int ballast_vsock_peer(int fd, unsigned int *cid, unsigned int *port);
/// The error of a connection attempt that has ended, or a negative number.
int ballast_socket_error(int fd);
