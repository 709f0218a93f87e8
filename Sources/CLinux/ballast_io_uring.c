#include "ballast_io_uring.h"

#include <fcntl.h>
#include <linux/io_uring.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int ballast_io_uring_create(unsigned int entries) {
    struct io_uring_params parameters;
    memset(&parameters, 0, sizeof parameters);
    // The kernel opens ring descriptors close-on-exec.
    return (int)syscall(SYS_io_uring_setup, entries, &parameters);
}

int ballast_io_uring_register_buffers(int ring, const struct iovec *buffers, unsigned int count) {
    return (int)syscall(SYS_io_uring_register, ring, IORING_REGISTER_BUFFERS, buffers, count);
}

int ballast_io_uring_unregister_buffers(int ring) {
    return (int)syscall(SYS_io_uring_register, ring, IORING_UNREGISTER_BUFFERS, (void *)0, 0);
}
