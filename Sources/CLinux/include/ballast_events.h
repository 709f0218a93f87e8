#pragma once
// Reason: Swift's Glibc module leaves these headers out; their functions are importable as they are.
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>

/// An epoll_event without the packed union, which Swift can neither align nor name.
typedef struct ballast_event {
    unsigned int events;
    unsigned long long token;
} ballast_event;

/// Adds, changes or removes one descriptor. Reason: `struct epoll_event` is packed and holds a union.
int ballast_epoll_control(int epoll, int operation, int fd, unsigned int events, unsigned long long token);
/// The event of one entry that epoll_wait filled.
ballast_event ballast_epoll_event(const struct epoll_event *events, int index);
