#pragma once

/// Starts a program with exactly the descriptors 0, 1, 2 and `targets` open; `sources` are the same files here, all
/// numbered above every target. The child starts with default signal handling, no blocked signals, and a session of its
/// own. Returns the child's pid, or -1.
/// Reason: posix_spawn_file_actions_addclosefrom_np needs _GNU_SOURCE, which Swift's Glibc module does not set.
int ballast_spawn(const char *path, char *const arguments[], char *const environment[], const int *sources,
                  const int *targets, int count);
