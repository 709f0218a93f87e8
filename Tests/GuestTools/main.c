#include "guest_tool.h"

#include <stdio.h>
#include <string.h>

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *usage;
} tools[] = {
    {"testd", testd_main, "PORT: runs the scripts that come in on a virtio-serial port"},
    {"check", check_main, "--bytes N [--file F --file-bytes N] [--status F] [--seed N] [--adj N] [--pause-ms N]"},
    {"hog", hog_main, "--bytes N [--rate BYTES/S] [--hold S] [--free] [--status F] [--adj N]"},
    {"fill", fill_main, "[--leave N] [--status F]: fills most of what is available, then frees it all"},
    {"reader", reader_main, "--file F [--bytes N] [--loops N] [--status F]: keeps a file in the page cache"},
    {"pinholes", pinholes_main, "--bytes N: one page in every 2 MiB is pinned, the rest is freed"},
    {"bandwidth", bandwidth_main, "[--bytes N]: copies memory; SIGUSR1 begins a phase, SIGTERM prints the windows"},
    {"touch", touch_main, "steps|window|random|scan --bytes N [--kind anon|read|mmap] [--file F] [--plan S:N,...] "
        "[--hot N] [--speed N] [--interval-ms N] [--granule N] [--huge] [--status F]: its working set is known"},
    {"serve", serve_main, "--folder D --hot N [--cold N] [--kind read|mmap] [--pause-us N] [--status F]: serves files; "
        "SIGUSR1 begins a phase, SIGUSR2 reads all again, SIGTERM prints the phases"},
    {"resident", resident_main, "FILE...: what of files is in the page cache"},
    {"leak", leak_main, "[--rate BYTES/S] [--limit N] [--status F]: takes memory without end"},
    {"earlyoom", earlyoom_main, "[-m PERCENT]: kills nobody, counts when earlyoom would"},
    {"relay", relay_main, "PORT SOCKET: puts a unix socket onto a virtio-serial port"},
    {"vsock-echo", vsock_echo_main, "PORT [--stall]: echoes what comes on a vsock port, or never reads"},
    {"vsock-connect", vsock_connect_main, "CID PORT [--bytes N] [--rounds N]: sends bytes and checks their echo"},
    {"as", as_main, "USER COMMAND...: runs a command as that user"},
    {"vsock-send", vsock_send_main, "CID PORT [--bytes N]: sends zeros"},
    {"vsock-listen", vsock_listen_main, "PORT [--user N]: listens for a moment, as that user"},
    {"vsock-flood", vsock_flood_main, "CID PORT [--user N] [--connects N] [--hold N --seconds S]: connects and leaves, or "
        "stays and sends a byte a second"},
    {"vsock-relay", vsock_relay_main, "PORT SOCKET: puts a unix socket onto a vsock port"},
    {"port", port_main, "NAME: prints the device of a virtio-serial port, waiting 5 s for it"},
    {"bind", bind_main, "PARENT COMMAND...: runs a command that dies with its parent"},
    {"reap", reap_main, "what the guest's first process becomes: waits for children, for ever"},
};

int main(int argc, char **argv)
{
    const char *slash = argc ? strrchr(argv[0], '/') : NULL;
    /* A link to this program that is called like a tool is that tool. */
    for (size_t i = 0; argc && i < sizeof tools / sizeof *tools; i++)
        if (!strcmp(slash ? slash + 1 : argv[0], tools[i].name))
            return tools[i].run(argc, argv);
    for (size_t i = 0; argc > 1 && i < sizeof tools / sizeof *tools; i++)
        if (!strcmp(argv[1], tools[i].name))
            return tools[i].run(argc - 1, argv + 1);
    fprintf(stderr, "usage: guest-tool TOOL ...\n");
    for (size_t i = 0; i < sizeof tools / sizeof *tools; i++)
        fprintf(stderr, "  %s %s\n", tools[i].name, tools[i].usage);
    return 64;
}
