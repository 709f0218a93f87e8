#include "ballast_memory.h"

#include <sys/mman.h>

int ballast_move_memory(void *address, void *target, size_t bytes) {
    void *moved = mremap(address, bytes, bytes, MREMAP_MAYMOVE | MREMAP_FIXED, target);
    return moved == MAP_FAILED ? -1 : 0;
}

int ballast_lock_memory(void *address, size_t bytes, int on_fault) {
    return mlock2(address, bytes, on_fault ? MLOCK_ONFAULT : 0);
}
