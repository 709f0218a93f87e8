#pragma once

/// How often the calling thread has asked the heap for memory.
unsigned long allocation_count(void);
