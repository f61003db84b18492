/* exif.c - reads orientation, time and place from an EXIF block.
 *
 * EXIF (CIPA DC-008) is a TIFF structure: a byte order, then directories of 12-byte entries {tag,
 * type, count, value or offset}. IFD0 holds the orientation and points to the Exif IFD (times) and
 * the GPS IFD. We follow just these two pointers and no chain, so no file can make us loop; every
 * offset is checked against the block.
 */
#include "image/exif.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum exif_tag {
    TAG_GPS_LAT_REF = 1,
    TAG_GPS_LAT = 2,
    TAG_GPS_LON_REF = 3,
    TAG_GPS_LON = 4,
    TAG_ORIENTATION = 0x0112,
    TAG_EXIF_IFD = 0x8769,
    TAG_GPS_IFD = 0x8825,
    TAG_TIME_ORIGINAL = 0x9003,
    TAG_OFFSET_ORIGINAL = 0x9011,
};
enum exif_type { TYPE_ASCII = 2, TYPE_SHORT = 3, TYPE_LONG = 4, TYPE_RATIONAL = 5 };
enum { ENTRY_BYTES = 12, ENTRIES_MAX = 1024 };

struct tiff {
    const uint8_t *data;
    size_t bytes;
    bool big_endian;
};

/* An entry whose values lie whole inside the block. */
struct entry {
    unsigned type;
    uint32_t count;
    size_t at; /* offset of the first value */
};

static unsigned get16(const struct tiff *t, size_t at)
{
    const uint8_t *p = t->data + at;
    return t->big_endian ? (unsigned)p[0] << 8 | p[1] : (unsigned)p[1] << 8 | p[0];
}

static uint32_t get32(const struct tiff *t, size_t at)
{
    uint32_t a = get16(t, at), b = get16(t, at + 2);
    return t->big_endian ? a << 16 | b : b << 16 | a;
}

static size_t type_bytes(unsigned type)
{
    switch (type) {
    case TYPE_ASCII: return 1;
    case TYPE_SHORT: return 2;
    case TYPE_LONG: return 4;
    case TYPE_RATIONAL: return 8;
    default: return 0;
    }
}

/* The entry with this tag in the directory at ifd; an answer, not an error, when it is not there.
 */
static bool entry_find(const struct tiff *t, size_t ifd, unsigned tag, struct entry *out)
{
    if (ifd == 0 || t->bytes < 2 || ifd > t->bytes - 2) return false;
    size_t count = get16(t, ifd);
    if (count > ENTRIES_MAX) count = ENTRIES_MAX;
    for (size_t i = 0; i < count; i++) {
        size_t at = ifd + 2 + i * ENTRY_BYTES;
        if (at + ENTRY_BYTES > t->bytes) return false;
        if (get16(t, at) != tag) continue;
        *out = (struct entry){.type = get16(t, at + 2), .count = get32(t, at + 4), .at = at + 8};
        uint64_t bytes = (uint64_t)type_bytes(out->type) * out->count;
        if (bytes > 4) out->at = get32(t, at + 8);
        return bytes > 0 && out->at <= t->bytes && bytes <= t->bytes - out->at;
    }
    return false;
}

/* The offset of a directory that an entry of IFD0 points to; 0 when there is none. */
static size_t ifd_find(const struct tiff *t, size_t ifd0, unsigned tag)
{
    struct entry entry;
    return entry_find(t, ifd0, tag, &entry) && entry.type == TYPE_LONG ? get32(t, entry.at) : 0;
}

static void orientation_read(const struct tiff *t, size_t ifd0, struct image_info *out)
{
    struct entry entry;
    if (!entry_find(t, ifd0, TAG_ORIENTATION, &entry)) return;
    uint32_t value = entry.type == TYPE_SHORT ? get16(t, entry.at)
        : entry.type == TYPE_LONG             ? get32(t, entry.at)
                                              : 0;
    if (value >= 1 && value <= 8) out->orientation = (int)value;
}

/* Copies an ASCII entry as a C string, cut to the room. */
static bool ascii_read(const struct tiff *t, size_t ifd, unsigned tag, char *out, size_t room)
{
    struct entry entry;
    if (!entry_find(t, ifd, tag, &entry) || entry.type != TYPE_ASCII) return false;
    size_t n = entry.count < room - 1 ? entry.count : room - 1;
    memcpy(out, t->data + entry.at, n);
    out[n] = '\0';
    return true;
}

/* Days since 1970-01-01 of a day of the Gregorian calendar: whole 400-year eras of 146,097 days,
 * with the year beginning in March so that the leap day is its last. */
static int64_t days_from_date(int year, int month, int day)
{
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t era = y / 400, in_era = y - era * 400;
    int64_t in_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + in_era * 365 + in_era / 4 - in_era / 100 + in_year - 719468;
}

static bool between(int v, int low, int high)
{
    return v >= low && v <= high;
}

/* "+09:00" in seconds; 0 when it is no offset. */
static int offset_seconds(const char *text)
{
    int hours, minutes;
    char sign;
    if (sscanf(text, "%c%2d:%2d", &sign, &hours, &minutes) != 3 || (sign != '+' && sign != '-'))
        return 0;
    if (!between(hours, 0, 14) || !between(minutes, 0, 59)) return 0;
    return (sign == '-' ? -1 : 1) * (hours * 3600 + minutes * 60);
}

static void time_read(const struct tiff *t, size_t ifd, struct image_info *out)
{
    char text[32];
    int y, mo, d, h, mi, s;
    if (!ascii_read(t, ifd, TAG_TIME_ORIGINAL, text, sizeof text)) return;
    if (sscanf(text, "%4d:%2d:%2d %2d:%2d:%2d", &y, &mo, &d, &h, &mi, &s) != 6) return;
    if (!between(y, 1800, 9999) || !between(mo, 1, 12) || !between(d, 1, 31)) return;
    if (!between(h, 0, 23) || !between(mi, 0, 59) || !between(s, 0, 60)) return;
    out->taken_at = days_from_date(y, mo, d) * 86400 + h * 3600 + mi * 60 + s;
    out->has_taken_at = true;
    if (ascii_read(t, ifd, TAG_OFFSET_ORIGINAL, text, sizeof text))
        out->taken_at -= offset_seconds(text);
}

/* Three rationals: degrees, minutes, seconds. NAN when they are none, or beyond max. */
static double degrees_read(const struct tiff *t, size_t ifd, unsigned tag, double max)
{
    static const double UNIT[3] = {1, 60, 3600};
    struct entry entry;
    double sum = 0;
    if (!entry_find(t, ifd, tag, &entry) || entry.type != TYPE_RATIONAL || entry.count != 3)
        return NAN;
    for (size_t i = 0; i < 3; i++) {
        double over = get32(t, entry.at + i * 8), under = get32(t, entry.at + i * 8 + 4);
        if (under == 0 && over != 0) return NAN;
        if (under != 0) sum += over / under / UNIT[i];
    }
    return sum <= max ? sum : NAN;
}

static void place_read(const struct tiff *t, size_t ifd, struct image_info *out)
{
    char north[4], east[4];
    double lat = degrees_read(t, ifd, TAG_GPS_LAT, 90),
           lon = degrees_read(t, ifd, TAG_GPS_LON, 180);
    if (isnan(lat) || isnan(lon)) return;
    if (!ascii_read(t, ifd, TAG_GPS_LAT_REF, north, sizeof north)) return;
    if (!ascii_read(t, ifd, TAG_GPS_LON_REF, east, sizeof east)) return;
    if (strchr("NS", north[0]) == NULL || strchr("EW", east[0]) == NULL) return;
    if (north[0] == '\0' || east[0] == '\0') return;
    out->lat = north[0] == 'S' ? -lat : lat;
    out->lon = east[0] == 'W' ? -lon : lon;
    out->has_place = true;
}

void exif_read(const uint8_t *data, size_t bytes, struct image_info *out)
{
    struct tiff t = {.data = data, .bytes = bytes};
    if (data == NULL || bytes < 8) return;
    if (memcmp(data, "II*\0", 4) != 0 && memcmp(data, "MM\0*", 4) != 0) return;
    t.big_endian = data[0] == 'M';
    size_t ifd0 = get32(&t, 4);
    orientation_read(&t, ifd0, out);
    time_read(&t, ifd_find(&t, ifd0, TAG_EXIF_IFD), out);
    place_read(&t, ifd_find(&t, ifd0, TAG_GPS_IFD), out);
}
