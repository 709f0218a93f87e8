#pragma once
// Kernel interfaces that Swift cannot import from Glibc. Functions named ballast_* behave like system calls: they
// return -1 and set errno when they fail.
#include "ballast_capabilities.h"
#include "ballast_events.h"
#include "ballast_files.h"
#include "ballast_io_uring.h"
#include "ballast_memory.h"
#include "ballast_pidfd.h"
#include "ballast_process.h"
#include "ballast_sockets.h"
#include "ballast_spawn.h"
#include "ballast_vsock.h"
