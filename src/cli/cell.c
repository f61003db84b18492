/* cell.c - values as text. The shortest text of a number is found by trying: no text shorter than
 * FLT_DIG or DBL_DIG digits is lost by printing that many, and two or three more are always enough.
 * Vectors are made of many floats of a middling size, which have a way of their own: their digits
 * come from a product in double, and reading the text back decides whether it is right.
 */
#include "cli/cell.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NUMBER_BYTES = 40, DIGITS_MAX = 17 };

void cell_add_double(struct buf *out, double d)
{
    char text[NUMBER_BYTES];
    for (int digits = DBL_DIG; digits <= DBL_DECIMAL_DIG; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, d);
        if (strtod(text, NULL) == d || isnan(d)) break;
    }
    bool whole = isfinite(d) && strpbrk(text, ".e") == NULL;
    buf_add_str(out, text);
    if (whole) buf_add_str(out, ".0"); /* a REAL stays one, as SQLite prints it */
}

static void add_digits(struct buf *out, uint64_t n, int least)
{
    char digits[20];
    int at = sizeof digits;
    do digits[--at] = (char)('0' + n % 10);
    while ((n /= 10) > 0);
    while ((int)sizeof digits - at < least) digits[--at] = '0';
    buf_add(out, digits + at, sizeof digits - (size_t)at);
}

/* Powers of ten that a double holds exactly. */
static const double POWERS[] = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12};
static const uint64_t WHOLE_POWERS[] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000,
    100000000, 1000000000, 10000000000, 100000000000, 1000000000000};

/* From 0.0001 to a million, where all layouts write the digits with a point at its place. False:
 * nothing was added. */
static bool add_middling(struct buf *out, float f)
{
    enum { EXPONENT_MAX = 5, DECIMALS_MAX = 12 };
    double a = fabs((double)f);
    if (!(a >= 1e-4 && a < 1e6)) return false;
    int exponent = EXPONENT_MAX;
    while (exponent > 0 && a < POWERS[exponent]) exponent--;
    while (exponent <= 0 && a * POWERS[-exponent] < 1) exponent--;
    for (int digits = FLT_DIG; digits <= FLT_DECIMAL_DIG; digits++) {
        int decimals = digits - 1 - exponent;
        if (decimals > DECIMALS_MAX) return false;
        uint64_t n = (uint64_t)rint(a * POWERS[decimals]); /* a tie to even, as printf does */
        if ((float)((double)n / POWERS[decimals]) != (float)a) continue;
        size_t before = out->bytes;
        while (decimals > 0 && n % 10 == 0) {
            n /= 10;
            decimals--;
        }
        if (f < 0) buf_add_char(out, '-');
        add_digits(out, n / WHOLE_POWERS[decimals], 1);
        if (decimals > 0) {
            buf_add_char(out, '.');
            add_digits(out, n % WHOLE_POWERS[decimals], decimals);
        }
        if (out->failed || strtof(out->data + before, NULL) == f) return true;
        out->bytes = before;
        return false;
    }
    return false;
}

void cell_add_float(struct buf *out, float f)
{
    char text[NUMBER_BYTES];
    if (add_middling(out, f)) return;
    for (int digits = FLT_DIG; digits <= FLT_DECIMAL_DIG; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, (double)f);
        if (strtof(text, NULL) == f || isnan(f)) break;
    }
    buf_add_str(out, text);
}

/* The fewest digits of d (finite, not 0) that read back the same, without trailing zeros; *point is
 * how many of them stand before the decimal point (it may lie outside). */
static int shortest(double d, bool single, char digits[DIGITS_MAX + 1], int *point)
{
    char text[NUMBER_BYTES];
    bool tiny = fabs(d) < (single ? (double)FLT_MIN : DBL_MIN); /* has fewer digits than others */
    int least = tiny ? 1 : single ? FLT_DIG : DBL_DIG;
    int most = single ? FLT_DECIMAL_DIG : DBL_DECIMAL_DIG;
    for (int n = least; n <= most; n++) {
        snprintf(text, sizeof text, "%.*e", n - 1, fabs(d));
        bool same = single ? strtof(text, NULL) == (float)fabs(d) : strtod(text, NULL) == fabs(d);
        if (same) break;
    }
    int count = 0;
    for (const char *p = text; *p != 'e' && *p != '\0'; p++)
        if (*p != '.' && count < DIGITS_MAX) digits[count++] = *p;
    while (count > 1 && digits[count - 1] == '0') count--;
    digits[count] = '\0';
    *point = (int)strtol(strchr(text, 'e') + 1, NULL, 10) + 1;
    return count;
}

void cell_add_number(struct buf *out, double d, bool single)
{
    enum { POINT_MIN = -5, POINT_MAX = 21 };
    char digits[DIGITS_MAX + 1];
    int point;
    if (single && add_middling(out, (float)d)) return;
    if (!isfinite(d) || d == 0) {
        const char *word = isnan(d) ? "nan" : d == 0 ? "0" : "inf";
        buf_printf(out, "%s%s", signbit(d) && !isnan(d) ? "-" : "", word);
        return;
    }
    int count = shortest(d, single, digits, &point);
    if (d < 0) buf_add_char(out, '-');
    if (point < POINT_MIN || point > POINT_MAX) {
        buf_add_char(out, digits[0]);
        if (count > 1) buf_printf(out, ".%s", digits + 1);
        buf_printf(out, "e%d", point - 1);
    } else if (point <= 0) {
        buf_add_str(out, "0.");
        for (int i = point; i < 0; i++) buf_add_char(out, '0');
        buf_add_str(out, digits);
    } else {
        for (int i = 0; i < point; i++) buf_add_char(out, i < count ? digits[i] : '0');
        if (count > point) buf_printf(out, ".%s", digits + point);
    }
}

static void add_hex(struct buf *out, const char *data, size_t bytes)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < bytes; i++) {
        buf_add_char(out, digits[(unsigned char)data[i] >> 4]);
        buf_add_char(out, digits[(unsigned char)data[i] & 15]);
    }
}

/* Which family a text belongs to. */
enum form { FORM_OWN, FORM_CLICK, FORM_JSON };

static void add_vector(struct buf *out, const char *data, size_t bytes, enum form form)
{
    buf_add_char(out, '[');
    for (size_t at = 0; at + sizeof(float) <= bytes; at += sizeof(float)) {
        float f;
        memcpy(&f, data + at, sizeof f);
        if (at > 0) buf_add_char(out, ',');
        if (form == FORM_JSON && !isfinite(f))
            buf_add_str(out, "null");
        else if (form == FORM_OWN)
            cell_add_float(out, f);
        else
            cell_add_number(out, (double)f, true);
    }
    buf_add_char(out, ']');
}

static void add_float(struct buf *out, const struct cell *c, enum form form)
{
    if (c->decimals > 0)
        buf_printf(out, "%.*f", c->decimals, c->number);
    else if (form != FORM_OWN)
        cell_add_number(out, c->number, c->single);
    else if (c->single && isfinite(c->number))
        cell_add_float(out, (float)c->number);
    else
        cell_add_double(out, c->number);
}

static void add_integer(struct buf *out, const struct cell *c, enum form form)
{
    bool word = c->truth && form != FORM_OWN && (c->integer == 0 || c->integer == 1);
    uint64_t size = c->integer < 0 ? 0 - (uint64_t)c->integer : (uint64_t)c->integer;
    if (word) {
        buf_add_str(out, c->integer == 1 ? "true" : "false");
        return;
    }
    if (c->integer < 0) buf_add_char(out, '-');
    add_digits(out, size, 1);
}

static void add_text(struct buf *out, const struct cell *c, enum form form)
{
    switch (c->kind) {
    case CELL_NULL: break;
    case CELL_INTEGER: add_integer(out, c, form); break;
    case CELL_FLOAT: add_float(out, c, form); break;
    case CELL_TEXT: buf_add(out, c->data, c->bytes); break;
    case CELL_VECTOR: add_vector(out, c->data, c->bytes, form); break;
    case CELL_BLOB:
        if (form == FORM_CLICK) {
            buf_add(out, c->data, c->bytes);
            break;
        }
        buf_add_str(out, "x'");
        add_hex(out, c->data, c->bytes);
        buf_add_char(out, '\'');
        break;
    }
}

void cell_add_text(struct buf *out, const struct cell *c)
{
    add_text(out, c, FORM_OWN);
}

void cell_add_click(struct buf *out, const struct cell *c)
{
    add_text(out, c, FORM_CLICK);
}

void cell_add_json(struct buf *out, const struct cell *c, bool click)
{
    if (c->kind == CELL_NULL || (c->kind == CELL_FLOAT && !isfinite(c->number))) {
        buf_add_str(out, "null");
    } else if (c->kind == CELL_TEXT || (c->kind == CELL_BLOB && click)) {
        buf_add_json(out, c->data, c->bytes);
    } else if (c->kind == CELL_BLOB) {
        buf_add_char(out, '"');
        add_hex(out, c->data, c->bytes);
        buf_add_char(out, '"');
    } else if (c->kind == CELL_VECTOR) {
        add_vector(out, c->data, c->bytes, FORM_JSON);
    } else {
        add_text(out, c, click ? FORM_CLICK : FORM_OWN);
    }
}
