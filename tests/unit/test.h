/* test.h - what every unit test includes: cmocka with the headers it needs, and checks of ours. */
#ifndef FOVEA_TEST_H
#define FOVEA_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/err.h"

/* The call succeeds; its words are shown when it does not. */
#define assert_ok(call, e) \
    do { \
        enum status assert_ok_st = (call); \
        if (assert_ok_st != ST_OK) fail_msg("%s: %s", status_row(assert_ok_st)->name, (e)->text); \
    } while (0)

/* The call fails with this status and its words hold this piece. */
#define assert_fails(call, want, e, piece)                                                         \
    do {                                                                                           \
        enum status assert_fails_st = (call);                                                      \
        if (assert_fails_st != (want))                                                             \
            fail_msg("gave %s (%s), not " #want, status_row(assert_fails_st)->name, (e)->text);    \
        if (strstr((e)->text, piece) == NULL)                                                      \
            fail_msg("\"%s\" does not say \"%s\"", (e)->text, piece);                              \
    } while (0)

/* A seeded generator (xorshift64*), so that a failing test fails again. */
static inline uint64_t test_random(uint64_t *state)
{
    uint64_t x = *state != 0 ? *state : 0x9e3779b97f4a7c15u;
    x ^= x >> 12;
    x ^= x << 25;
    x ^= x >> 27;
    *state = x;
    return x * 0x2545f4914f6cdd1du;
}

#endif
