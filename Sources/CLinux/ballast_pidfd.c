#include "ballast_pidfd.h"

#include <signal.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef SYS_process_mrelease
#define SYS_process_mrelease 448
#endif

// P_PIDFD of <linux/wait.h>; glibc names it only since 2.36.
enum { ballast_p_pidfd = 3 };

int ballast_pidfd_open(int pid) { return (int)syscall(SYS_pidfd_open, pid, 0); }

int ballast_pidfd_getfd(int pidfd, int number) { return (int)syscall(SYS_pidfd_getfd, pidfd, number, 0); }

int ballast_pidfd_send_signal(int pidfd, int signal) {
    return (int)syscall(SYS_pidfd_send_signal, pidfd, signal, (void *)0, 0);
}

int ballast_process_mrelease(int pidfd) { return (int)syscall(SYS_process_mrelease, pidfd, 0); }

int ballast_pidfd_wait(int pidfd, int blocking, int *code, int *status) {
    siginfo_t info;
    memset(&info, 0, sizeof info);
    if (waitid((idtype_t)ballast_p_pidfd, (id_t)pidfd, &info, WEXITED | (blocking ? 0 : WNOHANG)) < 0)
        return -1;
    if (info.si_pid == 0)
        return 0;
    *code = info.si_code;
    *status = info.si_status;
    return 1;
}
