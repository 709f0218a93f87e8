#include <math.h>

/* Swift's Glibc overlay refers to hypotf, whose newest version is of glibc 2.35. With one of our own the agent starts
   on 2.34 too; nothing in Ballast calls it. */
float hypotf(float x, float y) {
    if (isinf(x) || isinf(y)) return INFINITY;
    return (float)sqrt((double)x * x + (double)y * y);
}
