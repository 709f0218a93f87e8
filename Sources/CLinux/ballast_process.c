#include "ballast_process.h"

#include <sys/prctl.h>
#include <sys/resource.h>

#ifndef PR_SET_PTRACER
#define PR_SET_PTRACER 0x59616d61
#endif

int ballast_set_name(const char *name) { return prctl(PR_SET_NAME, name, 0, 0, 0); }

int ballast_allow_any_tracer(void) { return prctl(PR_SET_PTRACER, -1L, 0, 0, 0); }

int ballast_set_dumpable(int dumpable) { return prctl(PR_SET_DUMPABLE, dumpable, 0, 0, 0); }

int ballast_set_no_new_privileges(void) { return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); }

int ballast_set_parent_death_signal(int signal) { return prctl(PR_SET_PDEATHSIG, signal, 0, 0, 0); }

int ballast_raise_memlock_limit(void) {
    struct rlimit limit = {.rlim_cur = RLIM_INFINITY, .rlim_max = RLIM_INFINITY};
    if (setrlimit(RLIMIT_MEMLOCK, &limit) == 0)
        return 0;
    if (getrlimit(RLIMIT_MEMLOCK, &limit) < 0)
        return -1;
    limit.rlim_cur = limit.rlim_max;
    return setrlimit(RLIMIT_MEMLOCK, &limit);
}
