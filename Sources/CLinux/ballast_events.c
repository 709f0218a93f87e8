#include "ballast_events.h"

int ballast_epoll_control(int epoll, int operation, int fd, unsigned int events, unsigned long long token) {
    struct epoll_event event = {.events = events, .data = {.u64 = token}};
    return epoll_ctl(epoll, operation, fd, &event);
}

ballast_event ballast_epoll_event(const struct epoll_event *events, int index) {
    ballast_event event = {.events = events[index].events, .token = events[index].data.u64};
    return event;
}
