#pragma once

// Reason: prctl(2) is variadic, which Swift does not import.

/// Sets the calling thread's name as the kernel logs it (at most 15 bytes).
int ballast_set_name(const char *name);
/// Lets any process of this user namespace that passes the other checks take descriptors from this one, also where
/// Yama restricts ptrace to ancestors (EINVAL without Yama).
int ballast_allow_any_tracer(void);
/// 1 when the process may be inspected by its own user.
int ballast_set_dumpable(int dumpable);
/// Gives up gaining privileges through exec.
int ballast_set_no_new_privileges(void);
/// Sends a signal to this process when its parent thread ends (0 = never).
int ballast_set_parent_death_signal(int signal);
/// Lifts RLIMIT_MEMLOCK as far as the rights of the process allow. Reason: the resource's name is a macro over an enum.
int ballast_raise_memlock_limit(void);
