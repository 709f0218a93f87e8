#pragma once

// Reason: accept4, struct ucred and the abstract constants need _GNU_SOURCE; sockaddr_un's path is an array that Swift
// imports as a tuple of 108 elements.

/// Creates a non-blocking, close-on-exec unix socket (SOCK_STREAM or SOCK_SEQPACKET).
int ballast_unix_socket(int type);
/// A connected pair of such sockets.
int ballast_unix_pair(int type, int descriptors[2]);
/// Binds to a path with the given mode from the first moment on.
int ballast_unix_bind(int fd, const char *path, unsigned int mode);
int ballast_unix_connect(int fd, const char *path);
/// Accepts a connection, non-blocking and close-on-exec.
int ballast_accept(int fd);
int ballast_peer_credentials(int fd, int *pid, unsigned int *uid, unsigned int *gid);
/// Sends or receives one message without blocking and without SIGPIPE.
long ballast_send(int fd, const void *bytes, unsigned long count);
long ballast_receive(int fd, void *bytes, unsigned long count);

#define BALLAST_SOCK_STREAM 1
#define BALLAST_SOCK_SEQPACKET 5
