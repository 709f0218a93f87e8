#pragma once

// Reason: glibc wraps pidfds only since 2.36 and process_mrelease not at all; syscall(2) is variadic.

int ballast_pidfd_open(int pid);
int ballast_pidfd_getfd(int pidfd, int number);
int ballast_pidfd_send_signal(int pidfd, int signal);
int ballast_process_mrelease(int pidfd);
/// Reaps the child behind a pidfd. Returns 1 and the wait code and status when it has ended, 0 when it runs
/// (only without `blocking`), -1 on errors.
int ballast_pidfd_wait(int pidfd, int blocking, int *code, int *status);
