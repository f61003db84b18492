/* number.c - see number.h.
 *
 * Up to eight digits are read at once (a multiply per pair, per four, per eight) into w, and the
 * text is w * 10^q with w < 10^19.
 *
 * f32: d = (double)w * 10^q, the power rounded to the nearest double, is within 2 ulp of the true
 * value. Rounded to f32 it gives the right float unless the true value may lie on the other side
 * of a midpoint of two floats, which the low 29 bits of d tell; that is one number in 10^8, and
 * for it, subnormals and overflow strtof decides.
 *
 * f64: w below 2^53 and |q| <= 22 is Clinger's case: one exact product or quotient of doubles
 * ("How to read floating point numbers accurately", 1990). Else, for |q| <= 27, w * 5^q is exact
 * in 128 bits, or w / 5^-q has an exact quotient and rest there, and rounding is by hand. The rest
 * is strtod's, in the C locale.
 */
#include "table/number.h"

#include <locale.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"

enum { DIGITS_MAX = 19, EXPONENT_MAX = 100000 };

struct decimal {
    uint64_t digits;
    int exponent; /* of ten */
    bool negative;
    bool cut; /* there were more digits than fit; those cut off are not all zero, perhaps */
    size_t bytes;
};

// clang-format off
static const double powers[] = {
    1e-50, 1e-49, 1e-48, 1e-47, 1e-46, 1e-45, 1e-44, 1e-43, 1e-42, 1e-41, 1e-40, 1e-39, 1e-38,
    1e-37, 1e-36, 1e-35, 1e-34, 1e-33, 1e-32, 1e-31, 1e-30, 1e-29, 1e-28, 1e-27, 1e-26, 1e-25,
    1e-24, 1e-23, 1e-22, 1e-21, 1e-20, 1e-19, 1e-18, 1e-17, 1e-16, 1e-15, 1e-14, 1e-13, 1e-12,
    1e-11, 1e-10, 1e-9, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1e0, 1e1, 1e2, 1e3, 1e4,
    1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
    1e21, 1e22, 1e23, 1e24, 1e25, 1e26, 1e27, 1e28, 1e29, 1e30, 1e31, 1e32, 1e33, 1e34, 1e35,
    1e36, 1e37, 1e38,
};
// clang-format on
enum { POWER_LOW = -50, POWER_HIGH = 38 };
_Static_assert(sizeof powers / sizeof powers[0] == POWER_HIGH - POWER_LOW + 1, "a power each");

/* --- digits ----------------------------------------------------------------------------------- */

static inline bool is_digit(char c)
{
    return (unsigned char)(c - '0') < 10;
}

/* Eight bytes minus '0' each; bits 7 of *wrong are set where there is no digit. */
static inline uint64_t eight_bytes(const char *p, uint64_t *wrong)
{
    const uint64_t ones = 0x0101010101010101u;
    uint64_t v;
    memcpy(&v, p, sizeof v);
    v ^= ones * '0';
    *wrong = (((v & ones * 0x7f) + ones * 0x76) | v) & ones * 0x80;
    return v;
}

/* The value of eight digits; the first is the lowest byte. */
static inline uint64_t eight_value(uint64_t v)
{
    v = v * 10 + (v >> 8);
    uint64_t low = (v & 0x000000ff000000ffu) * (100 + ((uint64_t)1000000 << 32));
    uint64_t high = ((v >> 16) & 0x000000ff000000ffu) * (1 + ((uint64_t)10000 << 32));
    return (low + high) >> 32;
}

/* Digits from p on into w, as long as it has fewer than DIGITS_MAX of them (*room counts down). */
static inline const char *read_digits(const char *p, const char *end, uint64_t *w, int *room)
{
    uint64_t n = *w;
    int left = *room;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    static const uint32_t tens[] = {1, 10, 100, 1000, 10000, 100000, 1000000, 10000000};
    while (left >= 8 && end - p >= 8) {
        uint64_t wrong, v = eight_bytes(p, &wrong);
        if (wrong == 0) {
            n = n * 100000000 + eight_value(v);
            p += 8;
            left -= 8;
            continue;
        }
        int count = __builtin_ctzll(wrong) / 8; /* the rest, with zeros before it, at once */
        if (count > 0) n = n * tens[count] + eight_value(v << (64 - 8 * count));
        *w = n;
        *room = left - count;
        return p + count;
    }
#endif
    while (left > 0 && p < end && is_digit(*p)) {
        n = n * 10 + (uint64_t)(*p++ - '0');
        left--;
    }
    *w = n;
    *room = left;
    return p;
}

static const char *skip_digits(const char *p, const char *end, bool *nonzero)
{
    for (; p < end && is_digit(*p); p++) *nonzero |= *p != '0';
    return p;
}

static const char *skip_zeros(const char *p, const char *end)
{
    while (p < end && *p == '0') p++;
    return p;
}

/* e or E, a sign, digits: nothing when no digit follows. */
static const char *read_exponent(const char *p, const char *end, int *exponent)
{
    const char *at = p + 1;
    bool negative = at < end && *at == '-';
    if (at < end && (*at == '-' || *at == '+')) at++;
    if (at == end || !is_digit(*at)) return p;
    int n = 0;
    for (; at < end && is_digit(*at); at++)
        if (n < EXPONENT_MAX) n = n * 10 + (*at - '0');
    *exponent += negative ? -n : n;
    return at;
}

static inline bool decimal_read(const char *s, const char *end, struct decimal *d)
{
    const char *p = s;
    d->negative = p < end && *p == '-';
    if (d->negative) p++;
    const char *first = p;
    int room = DIGITS_MAX;
    bool rest = false;
    d->digits = 0;
    p = skip_zeros(p, end);
    p = read_digits(p, end, &d->digits, &room);
    const char *kept = p;
    p = skip_digits(p, end, &rest);
    d->exponent = (int)(p - kept);
    ptrdiff_t count = p - first;
    if (p < end && *p == '.') {
        const char *point = ++p;
        if (d->digits == 0 && room == DIGITS_MAX) p = skip_zeros(p, end);
        p = read_digits(p, end, &d->digits, &room);
        if (d->exponent == 0) d->exponent = -(int)(p - point);
        p = skip_digits(p, end, &rest);
        count += p - point;
    }
    if (count == 0) return false;
    if (p < end && (*p == 'e' || *p == 'E')) p = read_exponent(p, end, &d->exponent);
    d->cut = rest;
    d->bytes = (size_t)(p - s);
    return d->bytes <= NUMBER_BYTES_MAX;
}

/* --- words, and what the library must decide -------------------------------------------------- */

static bool word_is(const char *p, const char *end, const char *word)
{
    for (; *word != '\0'; word++, p++)
        if (p == end || (*p | 0x20) != *word) return false;
    return true;
}

/* nan, inf, infinity */
static size_t read_word(const char *s, const char *end, double *out)
{
    const char *p = s;
    bool negative = p < end && *p == '-';
    if (negative) p++;
    static const struct {
        const char *word;
        size_t bytes;
        bool nan;
    } words[] = {{"infinity", 8, false}, {"inf", 3, false}, {"nan", 3, true}};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (!word_is(p, end, words[i].word)) continue;
        double value = words[i].nan ? __builtin_nan("") : __builtin_inf();
        *out = negative ? -value : value;
        return (size_t)(p - s) + words[i].bytes;
    }
    return 0;
}

static locale_t c_locale;

static void locale_make(void)
{
    c_locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
}

/* The text is known to be a number; strto* wants it ended by a NUL. */
static double library(const char *s, size_t bytes, bool single)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    char text[NUMBER_BYTES_MAX + 1];
    pthread_once(&once, locale_make);
    memcpy(text, s, bytes);
    text[bytes] = '\0';
    if (c_locale == (locale_t)0) return single ? (double)strtof(text, NULL) : strtod(text, NULL);
    return single ? (double)strtof_l(text, NULL, c_locale) : strtod_l(text, NULL, c_locale);
}

/* --- f32 -------------------------------------------------------------------------------------- */

/* Whether a double within a few ulp of the true value rounds to the same float as it. */
static inline bool float_is_safe(double d)
{
    uint64_t bits;
    memcpy(&bits, &d, sizeof bits);
    int64_t off = (int64_t)(bits & 0x1fffffff) - 0x10000000;
    return (off > 8 || off < -8) && d > 1.2e-38 && d < 3.4e38;
}

size_t number_f32(const char *s, const char *end, float *out)
{
    struct decimal d;
    if (!decimal_read(s, end, &d)) {
        double word;
        size_t bytes = read_word(s, end, &word);
        if (bytes > 0) *out = (float)word;
        return bytes;
    }
    if (d.digits == 0) {
        *out = d.negative ? -0.0f : 0.0f;
        return d.bytes;
    }
    if (d.exponent >= POWER_LOW && d.exponent <= POWER_HIGH) {
        double value = (double)d.digits * powers[d.exponent - POWER_LOW];
        if (float_is_safe(value)) {
            *out = (float)(d.negative ? -value : value);
            return d.bytes;
        }
    }
    *out = (float)library(s, d.bytes, true);
    return d.bytes;
}

/* --- f64 -------------------------------------------------------------------------------------- */

/* high * 2^shift, and a bit more when rest; nearest, ties to even. High has at least 54 bits. */
static double round_wide(unsigned __int128 n, int shift, bool rest)
{
    uint64_t top = (uint64_t)(n >> 64);
    int bits = top != 0 ? 128 - __builtin_clzll(top) : 64 - __builtin_clzll((uint64_t)n);
    int drop = bits - 53;
    unsigned __int128 half = (unsigned __int128)1 << (drop - 1);
    unsigned __int128 low = n & ((half << 1) - 1);
    uint64_t m = (uint64_t)(n >> drop);
    if (low > half || (low == half && (rest || (m & 1) != 0))) m++;
    return __builtin_ldexp((double)m, drop + shift);
}

static bool wide_f64(const struct decimal *d, double *out)
{
    int n = d->exponent < 0 ? -d->exponent : d->exponent;
    if (d->cut || n > 27) return false;
    uint64_t five = 1;
    for (int i = 0; i < n; i++) five *= 5;
    int lead = __builtin_clzll(d->digits);
    unsigned __int128 w = (unsigned __int128)(d->digits << lead);
    if (d->exponent >= 0)
        *out = round_wide(w * five, d->exponent - lead, false);
    else
        *out = round_wide((w << 64) / five, d->exponent - lead - 64, (w << 64) % five != 0);
    return true;
}

size_t number_f64(const char *s, const char *end, double *out)
{
    struct decimal d;
    if (!decimal_read(s, end, &d)) return read_word(s, end, out);
    double value = 0;
    if (d.digits == 0)
        value = 0;
    else if (!d.cut && d.digits <= (uint64_t)1 << 53 && d.exponent >= -22 && d.exponent <= 22)
        value = d.exponent < 0 ? (double)d.digits / powers[-d.exponent - POWER_LOW]
                               : (double)d.digits * powers[d.exponent - POWER_LOW];
    else if (!wide_f64(&d, &value)) {
        *out = library(s, d.bytes, false);
        return d.bytes;
    }
    *out = d.negative ? -value : value;
    return d.bytes;
}

/* --- whole texts ------------------------------------------------------------------------------ */

bool number_int(const char *s, size_t bytes, int64_t *out)
{
    bool negative = bytes > 0 && s[0] == '-';
    const char *p = s + negative, *end = s + bytes;
    if (p == end) return false;
    uint64_t n = 0, limit = (uint64_t)INT64_MAX + negative;
    for (; p < end; p++) {
        uint64_t digit = (uint64_t)(unsigned char)(*p - '0');
        if (digit > 9 || n > (limit - digit) / 10) return false;
        n = n * 10 + digit;
    }
    *out = negative ? (int64_t)(0 - n) : (int64_t)n;
    return true;
}

bool number_real(const char *s, size_t bytes, double *out)
{
    return bytes > 0 && number_f64(s, s + bytes, out) == bytes;
}
