/* test_cli_shown.c - what a shell shows beside rows: the footer, sixels; and Ctrl-C. */
#include <poll.h>
#include <signal.h>
#include <stdlib.h>

#include "cli/footer.h"
#include "cli/interrupt.h"
#include "cli/sixel.h"
#include "fovea.h"
#include "test.h"

static const char *footer(int64_t rows, int64_t changed, struct output_cost cost)
{
    static char text[256];
    struct buf b;
    buf_init(&b);
    footer_add(&b, rows, changed, &cost);
    snprintf(text, sizeof text, "%s", b.data);
    buf_deinit(&b);
    return text;
}

static void footers_are_clickhouses(void **state)
{
    (void)state;
    assert_string_equal(footer(10, -1, (struct output_cost){19000, 137270, 24420000}),
        "10 rows in set. Elapsed: 0.019 sec. Processed 137.27 thousand rows, 24.42 MB "
        "(7.22 million rows/s., 1.29 GB/s.)");
    assert_string_equal(footer(1, -1, (struct output_cost){1500, -1, -1}),
        "1 row in set. Elapsed: 0.002 sec."); /* nothing is invented */
    assert_string_equal(footer(0, -1, (struct output_cost){1000000, 12, -1}),
        "0 rows in set. Elapsed: 1.000 sec. Processed 12.00 rows (12.00 rows/s.)");
    assert_string_equal(footer(2, -1, (struct output_cost){0, 12, 1000}),
        "2 rows in set. Elapsed: 0.000 sec. Processed 12.00 rows, 1.00 KB");
    assert_string_equal(footer(FOOTER_OK, 3, (struct output_cost){0, -1, -1}),
        "Ok. 3 rows changed. Elapsed: 0.000 sec.");
    assert_string_equal(
        footer(FOOTER_SAID, -1, (struct output_cost){0, -1, -1}), "Elapsed: 0.000 sec.");
    assert_string_equal(footer(1, -1, (struct output_cost){1000000, INT64_MAX, INT64_MAX}),
        "1 row in set. Elapsed: 1.000 sec. Processed 9223372.04 trillion rows, 9223372.04 TB "
        "(9223372.04 trillion rows/s., 9223372.04 TB/s.)");
}

/* A picture of one colour is one run of full columns; a height that is no multiple of six ends in a
 * lower band. */
static void sixels_of_one_colour(void **state)
{
    (void)state;
    enum { WIDTH = 10, HEIGHT = 8 };
    static uint8_t rgb[WIDTH * HEIGHT * 3];
    struct buf b;
    memset(rgb, 255, sizeof rgb);
    buf_init(&b);
    sixel_add(&b, rgb, WIDTH, HEIGHT);
    static const char head[] = "\033P0;1q\"1;1;10;8#0;2;0;0;0#1;2;0;0;20";
    assert_memory_equal(b.data, head, sizeof head - 1);
    assert_string_equal(strstr(b.data, "#215;2;100;100;100") + 18, "#215!10~-#215!10B-\033\\");
    buf_deinit(&b);
}

/* Rounding is spread: grey, which the palette lacks, has the right mean over a patch. */
static void sixels_keep_the_mean(void **state)
{
    (void)state;
    enum { SIDE = 60, GREY = 90 };
    static uint8_t rgb[SIDE * SIDE * 3];
    struct buf b;
    memset(rgb, GREY, sizeof rgb);
    buf_init(&b);
    sixel_add(&b, rgb, SIDE, SIDE);
    long sum = 0, pixels = 0, level = 0, times = 1;
    char *p = strstr(b.data, "#215;2;100;100;100") + 18;
    while (*p != '\033') {
        char letter = *p++;
        if (letter == '#') level = strtol(p, &p, 10) % 6 * 51;
        if (letter == '!') times = strtol(p, &p, 10);
        if (letter < '?') continue;
        int bits = __builtin_popcount((unsigned)(letter - '?'));
        sum += level * bits * times;
        pixels += bits * times;
        times = 1;
    }
    assert_int_equal(pixels, SIDE * SIDE);
    assert_in_range(sum / pixels, GREY - 2, GREY + 2);
    buf_deinit(&b);
}

static int cancels;

/* The engine's: what the handler calls. */
void fovea_cancel(struct fovea *f)
{
    (void)f;
    cancels++;
}

static bool is_default(void)
{
    struct sigaction now;
    sigaction(SIGINT, NULL, &now);
    return now.sa_handler == SIG_DFL;
}

static void ctrl_c(void **state)
{
    (void)state;
    int running;
    interrupt_note(); /* at a prompt: noted, as often as it comes */
    for (int i = 0; i < 3; i++) raise(SIGINT);
    struct pollfd p = {.fd = interrupt_fd(), .events = POLLIN};
    assert_true(interrupt_seen() && poll(&p, 1, 0) == 1 && !is_default() && cancels == 0);
    interrupt_note();
    assert_true(!interrupt_seen() && poll(&p, 1, 0) == 0);
    interrupt_begin(
        (struct fovea *)(void *)&running); /* a statement: cancelled, then the system's */
    raise(SIGINT);
    assert_true(interrupt_seen() && cancels == 1 && is_default());
    interrupt_note();
    raise(SIGINT);
    interrupt_begin((struct fovea *)(void *)&running); /* one that came before is not forgotten */
    assert_true(interrupt_seen());
    interrupt_end();
    assert_true(is_default());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(footers_are_clickhouses),
        cmocka_unit_test(sixels_of_one_colour),
        cmocka_unit_test(sixels_keep_the_mean),
        cmocka_unit_test(ctrl_c),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
