/* Tools about processes and ports rather than memory. */
#include "guest_tool.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

int bind_main(int argc, char **argv)
{
    if (argc < 3)
        die("bind wants the parent's process id and a command");
    if (prctl(PR_SET_PDEATHSIG, SIGKILL))
        die("PR_SET_PDEATHSIG");
    /* The parent may have died before the call above. */
    if (getppid() != (pid_t)strtol(argv[1], NULL, 10))
        return 125;
    close_range(3, ~0U, 0);
    execvp(argv[2], argv + 2);
    die("%s", argv[2]);
}

int reap_main(int argc, char **argv)
{
    (void)argc, (void)argv;
    for (;;) {
        if (wait(NULL) < 0 && errno == ECHILD)
            usleep(200000);
    }
}

int port_main(int argc, char **argv)
{
    char path[300];
    if (argc < 2)
        die("port wants a name");
    for (int tries = 0; tries < 100; tries++) {
        if (!find_port(argv[1], path, sizeof path)) {
            puts(path);
            return 0;
        }
        usleep(50000);
    }
    errno = 0;
    die("no virtio-serial port is named %s", argv[1]);
}

int as_main(int argc, char **argv)
{
    if (argc < 3)
        die("as wants a user's number and a command");
    unsigned user = (unsigned)strtoul(argv[1], NULL, 10);
    if (setgid(user) || setuid(user))
        die("user %u", user);
    execvp(argv[2], argv + 2);
    die("%s", argv[2]);
}
