#include "ballast_memory.h"

#include <sys/mman.h>

int ballast_lock_memory(void *address, size_t bytes, int on_fault) {
    return mlock2(address, bytes, on_fault ? MLOCK_ONFAULT : 0);
}
