#include "ballast_spawn.h"

#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <sys/types.h>
#include <unistd.h>

int ballast_spawn(const char *path, char *const arguments[], char *const environment[], const int *sources,
                  const int *targets, int count) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    pid_t child = -1;
    int error = posix_spawn_file_actions_init(&actions);
    if (error) {
        errno = error;
        return -1;
    }
    error = posix_spawnattr_init(&attributes);
    if (error) {
        posix_spawn_file_actions_destroy(&actions);
        errno = error;
        return -1;
    }
    int highest = 2;
    for (int i = 0; i < count && !error; i++) {
        error = posix_spawn_file_actions_adddup2(&actions, sources[i], targets[i]);
        if (targets[i] > highest)
            highest = targets[i];
    }
    for (int number = 3; number < highest && !error; number++) {
        int wanted = 0;
        for (int i = 0; i < count; i++)
            wanted |= targets[i] == number;
        if (!wanted)
            error = posix_spawn_file_actions_addclose(&actions, number);
    }
    if (!error)
        error = posix_spawn_file_actions_addclosefrom_np(&actions, highest + 1);

    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    if (!error)
        error = posix_spawnattr_setsigmask(&attributes, &none);
    if (!error)
        error = posix_spawnattr_setsigdefault(&attributes, &all);
    if (!error)
        error = posix_spawnattr_setflags(&attributes,
                                         POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSID);
    if (!error)
        error = posix_spawn(&child, path, &actions, &attributes, arguments, environment ? environment : environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    if (error) {
        errno = error;
        return -1;
    }
    return child;
}
