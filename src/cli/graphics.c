/* graphics.c - three languages for pictures in a terminal, and how to learn which one is spoken.
 *
 * kitty: ESC _ G keys ; base64 ESC \ in pieces of 4,096 letters (sw.kovidgoyal.net/kitty/
 * graphics-protocol). iTerm2: ESC ] 1337 ; File=… : base64 BEL (iterm2.com/documentation-images).
 * sixel: sixel.h. Asked are kitty's query and Primary Device Attributes (ESC [ c), which every
 * terminal answers: with ;4 when it has sixel. The answer's end is the last byte of the latter.
 */
#include "cli/graphics.h"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/run.h"
#include "cli/sixel.h"

/* --- the languages ---------------------------------------------------------------------------- */

static void add_base64(struct buf *out, const uint8_t *data, size_t bytes)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < bytes; i += 3) {
        size_t left = bytes - i;
        unsigned three = (unsigned)data[i] << 16 | (left > 1 ? (unsigned)data[i + 1] << 8 : 0) |
            (left > 2 ? data[i + 2] : 0);
        buf_add_char(out, letters[three >> 18]);
        buf_add_char(out, letters[three >> 12 & 63]);
        buf_add_char(out, left > 1 ? letters[three >> 6 & 63] : '=');
        buf_add_char(out, left > 2 ? letters[three & 63] : '=');
    }
}

static void kitty_add(struct buf *out, const uint8_t *data, size_t bytes)
{
    enum { PIECE_BYTES = 3072 }; /* 4,096 letters */
    for (size_t at = 0; at < bytes; at += PIECE_BYTES) {
        size_t left = bytes - at, piece = left < PIECE_BYTES ? left : PIECE_BYTES;
        buf_printf(out, "\033_G%sm=%d;", at == 0 ? "a=T,f=100,q=2," : "q=2,", left > PIECE_BYTES);
        add_base64(out, data + at, piece);
        buf_add_str(out, "\033\\");
    }
}

static void iterm_add(struct buf *out, const uint8_t *data, size_t bytes)
{
    buf_printf(out, "\033]1337;File=inline=1;size=%zu:", bytes);
    add_base64(out, data, bytes);
    buf_add_char(out, '\a');
}

static void sixel_add_pixels(struct buf *out, const uint8_t *data, size_t bytes)
{
    uint32_t sides[2];
    if (bytes < sizeof sides) return;
    memcpy(sides, data, sizeof sides);
    bool fits = sides[0] > 0 && sides[0] <= GRAPHICS_SIDE_MAX && sides[1] > 0 &&
        sides[1] <= GRAPHICS_SIDE_MAX;
    if (fits && bytes == sizeof sides + (size_t)sides[0] * sides[1] * 3)
        sixel_add(out, data + sizeof sides, (int)sides[0], (int)sides[1]);
}

static const struct graphics kitty = {"kitty", false, kitty_add},
                             iterm = {"iterm", false, iterm_add},
                             sixel = {"sixel", true, sixel_add_pixels};

/* --- which one -------------------------------------------------------------------------------- */

/* A variable that only terminals with this language set, or set so. */
static const struct sign {
    const char *variable, *value; /* NULL: any */
    const struct graphics *graphics;
} signs[] = {
    {"KITTY_WINDOW_ID", NULL, &kitty},
    {"TERM", "xterm-kitty", &kitty},
    {"TERM", "xterm-ghostty", &kitty},
    {"TERM_PROGRAM", "ghostty", &kitty},
    {"TERM_PROGRAM", "iTerm.app", &iterm},
    {"LC_TERMINAL", "iTerm2", &iterm},
    {"TERM_PROGRAM", "WezTerm", &iterm},
    {"TERM_PROGRAM", "mintty", &iterm},
};

/* What the environment says; *known false: nothing. A multiplexer passes no pictures of the
 * terminal around it on, so that only it itself can be asked. */
static const struct graphics *by_environment(bool *known)
{
    const char *forced = getenv("FOVEA_GRAPHICS"), *term = getenv("TERM");
    *known = true;
    if (forced != NULL && forced[0] != '\0') {
        static const struct graphics *const all[] = {&kitty, &iterm, &sixel};
        for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
            if (strcmp(all[i]->name, forced) == 0) return all[i];
        return NULL;
    }
    if (term == NULL || term[0] == '\0' || strcmp(term, "dumb") == 0) return NULL;
    bool inside = getenv("TMUX") != NULL || strncmp(term, "screen", 6) == 0;
    for (size_t i = 0; i < sizeof signs / sizeof signs[0] && !inside; i++) {
        const char *value = getenv(signs[i].variable);
        if (value == NULL || value[0] == '\0') continue;
        if (signs[i].value == NULL || strcmp(signs[i].value, value) == 0) return signs[i].graphics;
    }
    *known = false;
    return NULL;
}

/* Reads up to the c that ends the device attributes, or until the time is up. */
static size_t read_answer(int tty, char *answer, size_t room)
{
    size_t bytes = 0;
    int64_t until_ms = run_now_ms() + GRAPHICS_ANSWER_MS;
    while (bytes + 1 < room) {
        struct pollfd p = {.fd = tty, .events = POLLIN};
        int64_t left_ms = until_ms - run_now_ms();
        if (left_ms <= 0 || poll(&p, 1, (int)left_ms) <= 0) break;
        if (read(tty, answer + bytes, 1) != 1) break;
        bytes++;
        answer[bytes] = '\0';
        if (answer[bytes - 1] == 'c' && strstr(answer, "\033[?") != NULL) break;
    }
    answer[bytes] = '\0';
    return bytes;
}

/* ";4;" or ";4c" among the attributes. */
static bool has_sixel(const char *answer)
{
    const char *p = strstr(answer, "\033[?");
    for (p = p != NULL ? strchr(p, ';') : NULL; p != NULL; p = strchr(p + 1, ';'))
        if (p[1] == '4' && (p[2] == ';' || p[2] == 'c')) return true;
    return false;
}

static const struct graphics *ask(int tty)
{
    static const char question[] = "\033_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\033\\\033[c";
    char answer[256] = "";
    struct termios before, raw;
    if (tcgetattr(tty, &before) != 0) return NULL;
    raw = before;
    raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO); /* Ctrl-C still interrupts */
    raw.c_cc[VMIN] = 1;
    raw.c_cc[VTIME] = 0;
    if (tcsetattr(tty, TCSANOW, &raw) != 0) return NULL;
    if (write(tty, question, sizeof question - 1) == (ssize_t)sizeof question - 1)
        read_answer(tty, answer, sizeof answer);
    tcsetattr(tty, TCSANOW, &before);
    if (strstr(answer, "\033_Gi=31;OK") != NULL) return &kitty;
    return has_sixel(answer) ? &sixel : NULL;
}

const struct graphics *graphics_find(void)
{
    static bool known;
    static const struct graphics *found;
    if (known) return found;
    found = by_environment(&known);
    if (known) return found;
    int tty = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (tty < 0) {
        known = true;
        return NULL;
    }
    struct pollfd waiting = {.fd = tty, .events = POLLIN};
    if (poll(&waiting, 1, 0) == 0) {
        found = ask(tty);
        known = true;
    }
    close(tty);
    return found;
}
