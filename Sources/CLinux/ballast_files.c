#include "ballast_files.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/vfs.h>
#include <unistd.h>

int ballast_file_system(int fd, uint64_t *magic, uint64_t *block_size) {
    struct statfs status;
    int result;
    do {
        result = fstatfs(fd, &status);
    } while (result < 0 && errno == EINTR);
    if (result < 0)
        return -1;
    *magic = (uint64_t)status.f_type;
    *block_size = (uint64_t)status.f_bsize;
    return 0;
}

int ballast_punch_hole(int fd, int64_t offset, int64_t length) {
    return fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset, length);
}

int ballast_back(int fd, int64_t offset, int64_t length) {
    return fallocate(fd, FALLOC_FL_KEEP_SIZE, offset, length);
}

int64_t ballast_seek_data(int fd, int64_t offset) { return lseek(fd, offset, SEEK_DATA); }

int64_t ballast_seek_hole(int fd, int64_t offset) { return lseek(fd, offset, SEEK_HOLE); }

int ballast_seals(int fd) { return fcntl(fd, F_GET_SEALS); }
