/* shell.c - the door of libedit: lines with history and completion, statements over several lines.
 *
 * A statement ends with a semicolon, \G or an empty line. Ctrl-C cancels what runs, or drops what
 * is typed; Ctrl-D leaves. The history lies in $XDG_STATE_HOME/fovea/history, one entry a
 * statement.
 */
#include "cli/shell.h"

#include <errno.h>
#include <histedit.h>
#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>
#include <wchar.h>

#include "base/file.h"
#include "base/mem.h"
#include "base/utf8.h"
#include "cli/complete.h"
#include "cli/dot.h"
#include "cli/engine.h"
#include "cli/interrupt.h"
#include "cli/script.h"
#include "cli/text.h"
#include "cli/typed.h"

enum { HISTORY_ENTRIES = 1000 };

struct shell {
    struct cli *cli;
    EditLine *edit;
    History *history;
    char *history_path; /* NULL: nowhere to keep it */
    struct buf text;    /* of the statement being typed */
};

/* --- statements ------------------------------------------------------------------------------- */

static void add_history(struct shell *sh)
{
    HistEvent ev;
    if (sh->text.bytes == 0 || sh->text.failed) return;
    history(sh->history, &ev, H_ENTER, sh->text.data);
    if (sh->history_path != NULL) history(sh->history, &ev, H_SAVE, sh->history_path);
}

static void run_text(struct shell *sh)
{
    while (sh->text.bytes > 0 && strchr(" \t\r\n", sh->text.data[sh->text.bytes - 1]) != NULL)
        sh->text.data[--sh->text.bytes] = '\0';
    add_history(sh);
    if (sh->text.bytes > 0) {
        struct script s = {.text = sh->text.data, .bytes = sh->text.bytes};
        interrupt_begin(sh->cli->engine);
        script_run(sh->cli, &s);
    }
    fflush(sh->cli->out);
    buf_clear(&sh->text);
}

/* A word that is no statement, but what people type to leave or to be helped. */
static const char *dot_for(const char *line)
{
    static const char *const words[][2] = {
        {"exit", ".quit"}, {"quit", ".quit"}, {":q", ".quit"}, {"help", ".help"}};
    size_t bytes = strcspn(line, " \t\r\n;");
    if (line[bytes + strspn(line + bytes, " \t\r\n;")] != '\0') return NULL;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strlen(words[i][0]) == bytes && strncasecmp(words[i][0], line, bytes) == 0)
            return words[i][1];
    return NULL;
}

/* Takes one line in; runs the statement when it is whole. */
static void take_line(struct shell *sh, const char *line, size_t bytes)
{
    bool empty = strspn(line, " \t\r\n") >= bytes;
    if (empty && sh->text.bytes == 0) return;
    const char *meant = sh->text.bytes == 0 ? dot_for(line) : NULL;
    if (meant != NULL) {
        line = meant;
        bytes = strlen(meant);
    }
    bool dot = sh->text.bytes == 0 && dot_begins(line, bytes);
    buf_add(&sh->text, line, bytes);
    if (sh->text.failed) {
        cli_fail(sh->cli, "out of memory");
        buf_deinit(&sh->text);
        buf_init(&sh->text);
        return;
    }
    if (dot || empty || typed_complete(sh->text.data, sh->text.bytes)) run_text(sh);
}

/* --- completion ------------------------------------------------------------------------------- */

/* Candidates in columns below the line. */
static void list_candidates(const struct complete *m)
{
    enum { LINE_COLUMNS = 78, GAP = 2 };
    size_t widest = 1, column = 0;
    const char *at = m->texts.data;
    for (size_t i = 0; i < m->count; i++, at += strlen(at) + 1) {
        size_t w = text_visible_width(at, strlen(at));
        if (w > widest) widest = w;
    }
    size_t columns = LINE_COLUMNS / (widest + GAP) > 0 ? LINE_COLUMNS / (widest + GAP) : 1;
    struct buf out;
    buf_init(&out);
    buf_add_char(&out, '\n');
    at = m->texts.data;
    for (size_t i = 0; i < m->count; i++, at += strlen(at) + 1) {
        bool end = ++column == columns || i + 1 == m->count;
        text_add_visible(&out, at, strlen(at));
        text_add_spaces(&out, end ? 0 : widest + GAP - text_visible_width(at, strlen(at)));
        if (end) buf_add_char(&out, '\n');
        column = end ? 0 : column;
    }
    if (!out.failed) fwrite(out.data, 1, out.bytes, stdout);
    buf_deinit(&out);
}

static int letters_of(const char *s, size_t bytes)
{
    int letters = 0;
    for (const char *end = s + bytes; s < end; letters++) {
        uint32_t cp;
        s += utf8_next(s, end, &cp);
    }
    return letters;
}

/* Puts text (bytes long) in place of the word before the cursor. */
static bool replace_word(EditLine *edit, const char *word, size_t word_bytes, const struct buf *by)
{
    int letters = letters_of(word, word_bytes);
    if (letters > 0) el_deletestr(edit, letters);
    return el_insertstr(edit, by->data) == 0;
}

/* One candidate is taken whole, with a blank behind it; of several what they share. */
static unsigned char apply(EditLine *edit, const struct complete *m, const char *word)
{
    struct buf by;
    const char *first = m->texts.data;
    size_t bytes = m->count == 1 ? strlen(first) : m->common_bytes;
    bool longer = bytes > m->word_bytes || (m->count == 1 && bytes > 0);
    if (m->count == 0) return CC_REFRESH_BEEP;
    if (!longer) {
        list_candidates(m);
        return CC_REDISPLAY;
    }
    buf_init(&by);
    buf_add(&by, first, bytes);
    if (m->count == 1 && strchr("(=/", first[bytes - 1]) == NULL) buf_add_char(&by, ' ');
    bool done = !by.failed && replace_word(edit, word, m->word_bytes, &by);
    buf_deinit(&by);
    return done ? CC_REFRESH : CC_REFRESH_BEEP;
}

/* A tab that nobody pressed: more follows at once, as in what is pasted, or it indents a line. */
static bool is_pasted(const struct shell *sh, const LineInfo *line)
{
    struct pollfd p = {.fd = STDIN_FILENO, .events = POLLIN};
    size_t bytes = (size_t)(line->cursor - line->buffer);
    bool indents = sh->text.bytes > 0;
    for (size_t i = 0; i < bytes && indents; i++) indents = line->buffer[i] == ' ';
    return indents || poll(&p, 1, 0) > 0;
}

static unsigned char on_tab(EditLine *edit, int key)
{
    (void)key;
    struct shell *sh = NULL;
    const LineInfo *line = el_line(edit);
    struct complete m;
    struct buf text;
    el_get(edit, EL_CLIENTDATA, &sh);
    if (is_pasted(sh, line)) return el_insertstr(edit, "    ") == 0 ? CC_REFRESH : CC_REFRESH_BEEP;
    buf_init(&text);
    complete_init(&m);
    buf_add(&text, sh->text.data, sh->text.bytes);
    buf_add(&text, line->buffer, (size_t)(line->cursor - line->buffer));
    unsigned char answer = CC_REFRESH_BEEP;
    if (!text.failed) {
        complete_find(sh->cli, text.data, text.bytes, &m);
        answer = apply(edit, &m, text.data + text.bytes - m.word_bytes);
    }
    complete_deinit(&m);
    buf_deinit(&text);
    return answer;
}

/* --- lines ------------------------------------------------------------------------------------ */

static char *prompt(EditLine *edit)
{
    static char first[] = "fovea> ", next[] = "   ..> ";
    struct shell *sh = NULL;
    el_get(edit, EL_CLIENTDATA, &sh);
    return sh != NULL && sh->text.bytes > 0 ? next : first;
}

/* $XDG_STATE_HOME/fovea/history or ~/.local/state/fovea/history, its folder made. */
static char *history_place(void)
{
    const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    char dir[PATH_MAX];
    int n = -1;
    if (state != NULL && state[0] == '/')
        n = snprintf(dir, sizeof dir, "%s/fovea", state);
    else if (home != NULL && home[0] == '/')
        n = snprintf(dir, sizeof dir, "%s/.local/state/fovea", home);
    if (n < 0 || (size_t)n >= sizeof dir || file_make_dirs(dir, NULL) != ST_OK) return NULL;
    return file_join(dir, "history");
}

/* One byte of what is typed. False: the end, or Ctrl-C (errno is EINTR then). */
static bool read_byte(char *byte)
{
    struct pollfd p[2] = {
        {.fd = STDIN_FILENO, .events = POLLIN}, {.fd = interrupt_fd(), .events = POLLIN}};
    while (poll(p, 2, -1) < 0)
        if (errno != EINTR) return false;
    if (p[1].revents != 0) {
        errno = EINTR;
        return false;
    }
    errno = 0;
    return read(STDIN_FILENO, byte, 1) == 1;
}

/* libedit's way to a key: 1, 0 at the end, -1. Bytes that are no letter are left out. */
static int read_key(EditLine *edit, wchar_t *key)
{
    (void)edit;
    mbstate_t state = {0};
    char byte;
    while (read_byte(&byte)) {
        size_t n = mbrtowc(key, &byte, 1, &state);
        if (n == 0 || n == 1) return 1; /* 0: the letter is NUL */
        if (n == (size_t)-1) state = (mbstate_t){0};
    }
    return errno != 0 ? -1 : 0;
}

static bool open_edit(struct shell *sh)
{
    HistEvent ev;
    sh->edit = el_init("fovea", stdin, stdout, stderr);
    sh->history = history_init();
    if (sh->edit == NULL || sh->history == NULL) return false;
    history(sh->history, &ev, H_SETSIZE, HISTORY_ENTRIES);
    history(sh->history, &ev, H_SETUNIQUE, 1);
    sh->history_path = history_place();
    if (sh->history_path != NULL) history(sh->history, &ev, H_LOAD, sh->history_path);
    el_set(sh->edit, EL_CLIENTDATA, sh);
    el_set(sh->edit, EL_PROMPT, prompt);
    el_set(sh->edit, EL_EDITOR, "emacs");
    el_set(sh->edit, EL_GETCFN, read_key);
    el_set(sh->edit, EL_HIST, history, sh->history);
    el_set(sh->edit, EL_BIND, "^R", "em-inc-search-prev", NULL);
    /* The wide call keeps the pointers it is given; the other one copies and never frees. */
    el_wset(sh->edit, EL_ADDFN, L"fovea-complete", L"complete the word before the cursor", on_tab);
    el_set(sh->edit, EL_BIND, "^I", "fovea-complete", NULL);
    el_source(sh->edit, NULL); /* the person's ~/.editrc */
    return true;
}

static void read_lines(struct shell *sh)
{
    while (!sh->cli->done) {
        int count = 0;
        interrupt_note();
        el_resize(sh->edit); /* the window may be another size since */
        errno = 0;
        const char *line = el_gets(sh->edit, &count);
        if (line != NULL && count > 0 && !interrupt_seen()) {
            take_line(sh, line, (size_t)count);
        } else if (interrupt_seen()) { /* Ctrl-C at the prompt drops what is typed */
            fputs("\n", stdout);
            buf_clear(&sh->text);
            el_reset(sh->edit);
        } else {
            fputs("\n", stdout);
            sh->cli->done = true;
        }
    }
}

int shell_run(struct cli *c)
{
    struct shell sh = {.cli = c};
    int code = CLI_OK;
    buf_init(&sh.text);
    cli_talk(c, "Fovea %s. Statements end with ; and .help tells the rest.", fovea_version());
    if (open_edit(&sh))
        read_lines(&sh);
    else
        code = cli_fail(c, "the terminal can't be used for editing lines");
    if (sh.history != NULL) history_end(sh.history);
    if (sh.edit != NULL) el_end(sh.edit);
    mem_free(sh.history_path);
    buf_deinit(&sh.text);
    return code;
}
