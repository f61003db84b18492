/* decode_jpeg.c - JPEG, by libjpeg-turbo; the only file that includes jpeglib.h.
 *
 * Decoding is libjpeg's default: accurate integer DCT and smooth chroma upsampling, which is what
 * Pillow gives. With a hint the DCT itself makes a smaller picture, M/8 of the full one. libjpeg
 * knows M = 1..8, but only 1, 2, 4 and 8 have fast code: 3 costs more than 4, and 5, 6 and 7 more
 * than the full picture (CPU ms for 12 megapixels, M = 1..8: 28 31 37 34 51 58 69 55). 1 saves
 * little over 2 and rounds whole blocks to one value. So 2, 4 and 8 are used.
 *
 * libjpeg reports errors by a callback that may not return: ours jumps back to decode_guarded().
 * Nothing is allocated by us between the setjmp and the jump except through the job, which outlives
 * it. A file whose data ends early is an error, even with an end marker in place, since libjpeg
 * would fill the rest with grey. Other damage that it mends (a skipped restart interval) is let
 * pass, as everywhere. A progressive file keeps all coefficients in memory, MEMORY_BYTES_MAX of
 * them, and may hold any number of scans, each a pass over them: SCANS_MAX bounds these.
 */
#include <ctype.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include <jerror.h>
#include <jpeglib.h>

#include "base/mem.h"
#include "image/convert.h"
#include "image/format.h"

enum { SCANS_MAX = 100, MEMORY_BYTES_MAX = 512 << 20 };

enum marker {
    M_SOF0 = 0xC0,
    M_DHT = 0xC4,
    M_JPG = 0xC8,
    M_DAC = 0xCC,
    M_SOF15 = 0xCF,
    M_RST0 = 0xD0,
    M_SOI = 0xD8,
    M_EOI = 0xD9,
    M_SOS = 0xDA,
    M_APP1 = 0xE1,
    M_TEM = 0x01,
};

struct job {
    struct jpeg_decompress_struct jpeg;
    struct jpeg_error_mgr error;
    struct jpeg_source_mgr input;
    struct jpeg_progress_mgr progress;
    jmp_buf escape;
    struct err *e;
    enum status st;
    const struct sink *sink;
    uint8_t *strip; /* FORMAT_STRIP_ROWS rows */
    uint8_t *cmyk;  /* one row, when the file is CMYK */
};

static bool jpeg_match(const uint8_t *data, size_t bytes)
{
    return bytes >= 3 && data[0] == 0xFF && data[1] == M_SOI && data[2] == 0xFF;
}

/* ---- the head, without libjpeg ---- */

static bool is_frame(unsigned marker)
{
    return marker >= M_SOF0 && marker <= M_SOF15 && marker != M_DHT && marker != M_JPG &&
        marker != M_DAC;
}

static bool is_alone(unsigned marker)
{
    return (marker >= M_RST0 && marker <= M_SOI) || marker == M_TEM;
}

/* One segment's payload. */
static void segment_read(unsigned marker, const uint8_t *p, size_t bytes, struct head *out)
{
    if (is_frame(marker) && bytes >= 5 && out->width < 0) {
        out->height = p[1] << 8 | p[2];
        out->width = p[3] << 8 | p[4];
    }
    if (marker == M_APP1 && bytes > 6 && memcmp(p, "Exif\0", 5) == 0 && out->exif == NULL) {
        out->exif = p + 6;
        out->exif_bytes = bytes - 6;
    }
}

static enum status jpeg_head_read(
    const uint8_t *data, size_t bytes, struct head *out, struct err *e)
{
    size_t at = 2;
    *out = (struct head){.width = -1};
    while (at + 4 <= bytes) {
        unsigned marker = data[at + 1];
        if (data[at] != 0xFF || marker == 0xFF || marker == 0) {
            at++; /* fill bytes, or stray ones, which libjpeg skips too */
            continue;
        }
        if (is_alone(marker)) {
            at += 2;
            continue;
        }
        if (marker == M_SOS || marker == M_EOI) break;
        size_t length = (size_t)(data[at + 2] << 8 | data[at + 3]);
        if (length < 2 || length > bytes - at - 2) break;
        segment_read(marker, data + at + 4, length - 2, out);
        at += 2 + length;
    }
    if (out->width >= 0) return ST_OK;
    return err_set(e, ST_CORRUPT, "jpeg holds no frame header in %zu bytes", bytes);
}

/* ---- libjpeg's callbacks ---- */

static struct job *job_of(j_common_ptr jpeg)
{
    return jpeg->client_data;
}

static enum status status_of(int code)
{
    switch (code) {
    case JERR_OUT_OF_MEMORY: return ST_NO_MEMORY;
    case JERR_BAD_PRECISION:
    case JERR_CONVERSION_NOTIMPL:
    case JERR_SOF_UNSUPPORTED:
    case JERR_ARITH_NOTIMPL:
    case JERR_NOT_COMPILED: return ST_UNSUPPORTED;
    case JERR_NO_BACKING_STORE: return ST_LIMIT;
    default: return ST_CORRUPT;
    }
}

/* libjpeg's words, begun in lower case as ours are unless they begin with a name. */
static void words_get(j_common_ptr jpeg, char text[JMSG_LENGTH_MAX])
{
    jpeg->err->format_message(jpeg, text);
    if (jpeg->err->msg_code == JERR_NO_BACKING_STORE)
        snprintf(text, JMSG_LENGTH_MAX, "progressive picture needs more than %d MiB",
            MEMORY_BYTES_MAX >> 20);
    bool is_word = isupper((unsigned char)text[0]) && islower((unsigned char)text[1]);
    if (is_word && strncmp(text, "Huffman", 7) != 0)
        text[0] = (char)tolower((unsigned char)text[0]);
}

static void on_error(j_common_ptr jpeg)
{
    struct job *job = job_of(jpeg);
    char text[JMSG_LENGTH_MAX];
    words_get(jpeg, text);
    job->st = err_set(job->e, status_of(jpeg->err->msg_code), "jpeg: %s", text);
    longjmp(job->escape, 1);
}

static void fail(struct job *job, enum status st, const char *text)
{
    job->st = err_set(job->e, st, "%s", text);
    longjmp(job->escape, 1);
}

static void fail_truncated(struct job *job)
{
    fail(job, ST_CORRUPT, "jpeg is truncated: data ends before the picture does");
}

static void on_message(j_common_ptr common, int level)
{
    if (level >= 0 || !common->is_decompressor) return;
    j_decompress_ptr jpeg = (j_decompress_ptr)common;
    bool at_end = common->err->msg_code == JWRN_HIT_MARKER && jpeg->unread_marker == JPEG_EOI;
    if (at_end && jpeg->input_iMCU_row + 1 < jpeg->total_iMCU_rows) fail_truncated(job_of(common));
}

static boolean on_empty(j_decompress_ptr jpeg)
{
    fail_truncated(job_of((j_common_ptr)jpeg));
    return FALSE;
}

static void on_skip(j_decompress_ptr jpeg, long bytes)
{
    if (bytes <= 0) return;
    if ((size_t)bytes > jpeg->src->bytes_in_buffer) (void)on_empty(jpeg);
    jpeg->src->next_input_byte += bytes;
    jpeg->src->bytes_in_buffer -= (size_t)bytes;
}

static void on_source(j_decompress_ptr jpeg)
{
    (void)jpeg; /* the bytes are all there from the start, and nobody else's when done */
}

static void on_progress(j_common_ptr jpeg)
{
    if (!jpeg->is_decompressor) return;
    if (((j_decompress_ptr)jpeg)->input_scan_number > SCANS_MAX)
        fail(job_of(jpeg), ST_LIMIT, "jpeg holds more than 100 scans");
}

/* ---- decoding ---- */

static void job_init(struct job *job, const struct source *src, struct err *e)
{
    job->e = e;
    job->st = ST_OK;
    job->cmyk = NULL;
    job->jpeg.err = jpeg_std_error(&job->error);
    job->jpeg.client_data = job;
    job->error.error_exit = on_error;
    job->error.emit_message = on_message;
    job->input = (struct jpeg_source_mgr){
        .next_input_byte = src->data,
        .bytes_in_buffer = src->bytes,
        .init_source = on_source,
        .fill_input_buffer = on_empty,
        .skip_input_data = on_skip,
        .resync_to_restart = jpeg_resync_to_restart,
        .term_source = on_source,
    };
    job->progress.progress_monitor = on_progress;
}

/* The smallest fast M whose picture has a shorter side of hint_side or more; 8 when there is none.
 */
static int eighths_find(const struct source *src, unsigned width, unsigned height)
{
    unsigned side = width < height ? width : height;
    int m = 2;
    if (src->hint_side <= 0) return 8;
    while (m < 8 && (uint64_t)side * (unsigned)m < (uint64_t)src->hint_side * 8) m *= 2;
    return m;
}

static void colours_set(struct job *job)
{
    struct jpeg_decompress_struct *j = &job->jpeg;
    switch (j->jpeg_color_space) {
    case JCS_GRAYSCALE: j->out_color_space = JCS_GRAYSCALE; return;
    case JCS_CMYK:
    case JCS_YCCK: j->out_color_space = JCS_CMYK; return;
    case JCS_YCbCr:
    case JCS_RGB: j->out_color_space = JCS_RGB; return;
    default:
        job->st =
            err_set(job->e, ST_UNSUPPORTED, "jpeg of %d colour components", j->num_components);
        longjmp(job->escape, 1);
    }
}

static void row_read(struct job *job, uint8_t *row)
{
    JSAMPROW target = job->cmyk != NULL ? job->cmyk : row;
    (void)jpeg_read_scanlines(&job->jpeg, &target, 1);
    if (job->cmyk != NULL) convert_from_cmyk(row, job->cmyk, job->jpeg.output_width);
}

static enum status rows_read(struct job *job, size_t row_bytes)
{
    struct jpeg_decompress_struct *j = &job->jpeg;
    enum status st = ST_OK;
    while (j->output_scanline < j->output_height && st == ST_OK) {
        int count = 0;
        while (count < FORMAT_STRIP_ROWS && j->output_scanline < j->output_height)
            row_read(job, job->strip + (size_t)count++ * row_bytes);
        st = job->sink->rows(job->sink->user, job->strip, count, job->e);
    }
    return st;
}

static enum status memory_take(struct job *job, size_t row_bytes)
{
    struct jpeg_decompress_struct *j = &job->jpeg;
    job->strip = mem_alloc_aligned(row_bytes * FORMAT_STRIP_ROWS);
    if (job->strip == NULL) return mem_err(job->e, row_bytes * FORMAT_STRIP_ROWS);
    if (j->out_color_space != JCS_CMYK) return ST_OK;
    job->cmyk = mem_alloc((size_t)j->output_width * 4);
    return job->cmyk != NULL ? ST_OK : mem_err(job->e, (size_t)j->output_width * 4);
}

static enum status picture_read(struct job *job)
{
    struct jpeg_decompress_struct *j = &job->jpeg;
    struct image shape = {.width = (int)j->output_width,
        .height = (int)j->output_height,
        .channels = j->out_color_space == JCS_GRAYSCALE ? 1 : 3};
    size_t row_bytes = (size_t)shape.width * (size_t)shape.channels;
    enum status st = memory_take(job, row_bytes);
    if (st == ST_OK) st = job->sink->begin(job->sink->user, &shape, job->e);
    if (st != ST_OK) return st;
    (void)jpeg_start_decompress(j);
    return rows_read(job, row_bytes);
}

static enum status decode_guarded(struct job *job, struct source *src)
{
    struct jpeg_decompress_struct *j = &job->jpeg;
    if (setjmp(job->escape) != 0) return job->st;
    jpeg_create_decompress(j);
    j->src = &job->input;
    j->progress = &job->progress;
    j->mem->max_memory_to_use = MEMORY_BYTES_MAX;
    (void)jpeg_read_header(j, TRUE);
    enum status st = format_size_check("jpeg", j->image_width, j->image_height, job->e);
    if (st != ST_OK) return st;
    src->eighths = eighths_find(src, j->image_width, j->image_height);
    j->scale_num = (unsigned)src->eighths;
    j->scale_denom = 8;
    j->dct_method = JDCT_ISLOW;
    colours_set(job);
    jpeg_calc_output_dimensions(j);
    return picture_read(job);
}

static enum status jpeg_stream(struct source *src, const struct sink *sink, struct err *e)
{
    struct job *job = mem_zalloc(1, sizeof *job);
    if (job == NULL) return mem_err(e, sizeof *job);
    job_init(job, src, e);
    job->sink = sink;
    enum status st = decode_guarded(job, src);
    jpeg_destroy_decompress(&job->jpeg);
    mem_free_aligned(job->strip);
    mem_free(job->cmyk);
    mem_free(job);
    return st;
}

const struct format_row format_jpeg = {
    .name = "jpeg",
    .extensions = {"jpg", "jpeg", "jpe", "jfif"},
    .match = jpeg_match,
    .head_read = jpeg_head_read,
    .stream = jpeg_stream,
};
