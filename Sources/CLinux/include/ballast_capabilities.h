#pragma once
#include <stdint.h>

// Reason: glibc has no wrapper of capget(2) and capset(2); bits are numbered as in <linux/capability.h>.

/// The effective and permitted sets of the calling thread.
int ballast_capabilities_get(uint64_t *effective, uint64_t *permitted);
/// Sets effective and permitted to `kept` and inheritable to nothing.
int ballast_capabilities_set(uint64_t kept);
/// Removes one capability from the bounding set.
int ballast_capabilities_drop_bound(int capability);
