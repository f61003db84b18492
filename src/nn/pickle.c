/* pickle.c - a stack machine for the opcodes torch.save uses, with nothing behind it that could
 * run.
 *
 * A pickle is a program: it pushes values, gathers them into tuples, lists and dictionaries, keeps
 * some in a memo, names globals and "calls" them. Opcodes are rows of a table; one that is not
 * there ends the reading. Globals are rows too: storage types, OrderedDict, and the two functions
 * that rebuild a tensor. Every value costs at least one byte of input; stack and memo are bounded
 * here, values by the arena. Reference: Python's pickletools (protocols 2 to 4),
 * torch/serialization.py.
 */
#include "nn/pickle.h"

#include <string.h>

#include "base/mem.h"

enum { PICKLE_BYTES_MAX = 16 << 20, STACK_MAX = 1 << 16, MEMO_MAX = 1 << 20 };

enum global_kind { GLOBAL_STORAGE, GLOBAL_DICT, GLOBAL_TENSOR, GLOBAL_PARAMETER };

struct global {
    const char *module, *name;
    enum global_kind kind;
    enum dtype dtype; /* of a storage */
};

static const struct global GLOBALS[] = {
    {"collections", "OrderedDict", GLOBAL_DICT, 0},
    {"torch._utils", "_rebuild_tensor_v2", GLOBAL_TENSOR, 0},
    {"torch._utils", "_rebuild_parameter", GLOBAL_PARAMETER, 0},
    {"torch", "FloatStorage", GLOBAL_STORAGE, DTYPE_F32},
    {"torch", "HalfStorage", GLOBAL_STORAGE, DTYPE_F16},
    {"torch", "BFloat16Storage", GLOBAL_STORAGE, DTYPE_BF16},
    {"torch", "DoubleStorage", GLOBAL_STORAGE, DTYPE_F64},
    {"torch", "LongStorage", GLOBAL_STORAGE, DTYPE_I64},
    {"torch", "IntStorage", GLOBAL_STORAGE, DTYPE_I32},
    {"torch", "ShortStorage", GLOBAL_STORAGE, DTYPE_I16},
    {"torch", "CharStorage", GLOBAL_STORAGE, DTYPE_I8},
    {"torch", "ByteStorage", GLOBAL_STORAGE, DTYPE_U8},
    {"torch", "BoolStorage", GLOBAL_STORAGE, DTYPE_BOOL},
};

enum kind { NONE, BOOL, INT, FLOAT, TEXT, GLOBAL, TUPLE, LIST, DICT, STORAGE, TENSOR };

struct text {
    const char *data;
    size_t bytes;
};

struct value {
    enum kind kind;
    union {
        int64_t number;   /* BOOL, INT */
        struct text text; /* lies in the pickle */
        const struct global *global;
        struct {
            struct value **items;
            size_t count;
        } tuple;
        struct {
            struct pair *first, *last;
        } dict;
        struct {
            struct text key;
            enum dtype dtype;
            int64_t count;
        } storage;
        struct pickle_tensor *tensor;
    };
};

struct pair {
    struct value *key, *value;
    struct pair *next;
};

struct machine {
    const uint8_t *at, *end;
    const char *what;
    struct arena *arena;
    struct value **stack;
    size_t depth;
    size_t *marks; /* heights of the stack */
    size_t mark_count;
    struct value **memo;
    size_t memo_count, memo_room;
    bool stopped;
};

static enum status broken(const struct machine *m, struct err *e)
{
    return err_set(e, ST_CORRUPT, "%s: the pickle makes no sense", m->what);
}

static enum status no_room(struct err *e)
{
    return err_set(e, ST_LIMIT, "the pickle needs more memory than any list of tensors does");
}

/* ---- stack and input ---- */

static enum status push(struct machine *m, struct value v, struct err *e)
{
    if (m->depth == STACK_MAX) return no_room(e);
    struct value *kept = arena_alloc(m->arena, sizeof *kept);
    if (!kept) return no_room(e);
    *kept = v;
    m->stack[m->depth++] = kept;
    return ST_OK;
}

/* What stands above the last mark counts as the stack: nothing below it can be popped. */
static size_t height(const struct machine *m)
{
    return m->depth - (m->mark_count > 0 ? m->marks[m->mark_count - 1] : 0);
}

static struct value *pop(struct machine *m)
{
    return height(m) > 0 ? m->stack[--m->depth] : NULL;
}

static struct value *top(const struct machine *m)
{
    return height(m) > 0 ? m->stack[m->depth - 1] : NULL;
}

/* Little-endian, unsigned. */
static bool take_number(struct machine *m, int bytes, uint64_t *out)
{
    if (m->end - m->at < bytes) return false;
    *out = 0;
    for (int i = bytes - 1; i >= 0; i--) *out = *out << 8 | m->at[i];
    m->at += bytes;
    return true;
}

static bool take_text(struct machine *m, uint64_t bytes, struct text *out)
{
    if ((uint64_t)(m->end - m->at) < bytes) return false;
    *out = (struct text){(const char *)m->at, (size_t)bytes};
    m->at += bytes;
    return true;
}

static bool take_line(struct machine *m, struct text *out)
{
    const uint8_t *stop = memchr(m->at, '\n', (size_t)(m->end - m->at));
    if (!stop) return false;
    *out = (struct text){(const char *)m->at, (size_t)(stop - m->at)};
    m->at = stop + 1;
    return true;
}

static bool same_text(struct text a, const char *b)
{
    return a.bytes == strlen(b) && memcmp(a.data, b, a.bytes) == 0;
}

/* ---- opcodes: each takes what its row says ---- */

typedef enum status (*handler)(struct machine *m, int arg, struct err *e);

/* PROTO and FRAME: lengths we have no use for. */
static enum status op_skip(struct machine *m, int bytes, struct err *e)
{
    uint64_t ignored;
    return take_number(m, bytes, &ignored) ? ST_OK : broken(m, e);
}

static enum status op_none(struct machine *m, int arg, struct err *e)
{
    (void)arg;
    return push(m, (struct value){.kind = NONE}, e);
}

static enum status op_bool(struct machine *m, int arg, struct err *e)
{
    return push(m, (struct value){.kind = BOOL, .number = arg}, e);
}

/* bytes < 0: signed, two's complement. */
static enum status op_int(struct machine *m, int bytes, struct err *e)
{
    uint64_t v;
    if (!take_number(m, bytes < 0 ? -bytes : bytes, &v)) return broken(m, e);
    int64_t n = bytes < 0 ? (int32_t)(uint32_t)v : (int64_t)v;
    return push(m, (struct value){.kind = INT, .number = n}, e);
}

/* LONG1: a length, then that many bytes, two's complement. */
static enum status op_long(struct machine *m, int arg, struct err *e)
{
    (void)arg;
    uint64_t bytes, v = 0;
    if (!take_number(m, 1, &bytes) || bytes > 8 || !take_number(m, (int)bytes, &v))
        return broken(m, e);
    unsigned unused = 64 - 8 * (unsigned)bytes;
    int64_t n = bytes > 0 ? (int64_t)(v << unused) >> unused : 0;
    return push(m, (struct value){.kind = INT, .number = n}, e);
}

static enum status op_float(struct machine *m, int arg, struct err *e)
{
    (void)arg;
    uint64_t ignored; /* big-endian, of no use here */
    if (!take_number(m, 8, &ignored)) return broken(m, e);
    return push(m, (struct value){.kind = FLOAT}, e);
}

/* arg: bytes of the length. */
static enum status op_text(struct machine *m, int arg, struct err *e)
{
    uint64_t bytes;
    struct value v = {.kind = TEXT};
    if (!take_number(m, arg, &bytes) || !take_text(m, bytes, &v.text)) return broken(m, e);
    return push(m, v, e);
}

static enum status push_global(
    struct machine *m, struct text module, struct text name, struct err *e)
{
    for (size_t i = 0; i < sizeof GLOBALS / sizeof GLOBALS[0]; i++) {
        const struct global *g = &GLOBALS[i];
        if (same_text(module, g->module) && same_text(name, g->name))
            return push(m, (struct value){.kind = GLOBAL, .global = g}, e);
    }
    return err_set(e, ST_UNSUPPORTED,
        "%s names %.*s.%.*s, which no plain list of tensors needs; save the state_dict as "
        "model.safetensors instead",
        m->what, (int)(module.bytes < 80 ? module.bytes : 80), module.data,
        (int)(name.bytes < 80 ? name.bytes : 80), name.data);
}

static enum status op_global(struct machine *m, int arg, struct err *e)
{
    (void)arg;
    struct text module, name;
    if (!take_line(m, &module) || !take_line(m, &name)) return broken(m, e);
    return push_global(m, module, name, e);
}

static enum status op_stack_global(struct machine *m, int arg, struct err *e)
{
    (void)arg;
    struct value *name = pop(m), *module = pop(m);
    if (!name || !module || name->kind != TEXT || module->kind != TEXT) return broken(m, e);
    return push_global(m, module->text, name->text, e);
}

static enum status remember(struct machine *m, uint64_t index, struct err *e)
{
    if (!top(m)) return broken(m, e);
    if (index >= MEMO_MAX) return no_room(e);
    if (index >= m->memo_room) {
        size_t room = m->memo_room ? m->memo_room : 256;
        while (room <= index) room *= 2;
        struct value **memo = mem_resize(m->memo, room, sizeof *memo);
        if (!memo) return mem_err(e, room * sizeof *memo);
        memset(memo + m->memo_room, 0, (room - m->memo_room) * sizeof *memo);
        m->memo = memo;
        m->memo_room = room;
    }
    m->memo[index] = top(m);
    if (index >= m->memo_count) m->memo_count = (size_t)index + 1;
    return ST_OK;
}

static enum status op_put(struct machine *m, int bytes, struct err *e)
{
    uint64_t index;
    return take_number(m, bytes, &index) ? remember(m, index, e) : broken(m, e);
}

static enum status op_memoize(struct machine *m, int arg, struct err *e)
{
    (void)arg;
    return remember(m, m->memo_count, e);
}

static enum status op_get(struct machine *m, int bytes, struct err *e)
{
    uint64_t index;
    if (!take_number(m, bytes, &index) || index >= m->memo_room || !m->memo[index])
        return broken(m, e);
    if (m->depth == STACK_MAX) return no_room(e);
    m->stack[m->depth++] = m->memo[index];
    return ST_OK;
}

static enum status op_mark(struct machine *m, int arg, struct err *e)
{
    (void)arg;
    if (m->mark_count == STACK_MAX) return no_room(e);
    m->marks[m->mark_count++] = m->depth;
    return ST_OK;
}

/* The top count values become a tuple; -1: all above the mark, which goes too. */
static enum status op_tuple(struct machine *m, int count, struct err *e)
{
    size_t n = count < 0 ? height(m) : (size_t)count;
    if (n > height(m) || (count < 0 && m->mark_count == 0)) return broken(m, e);
    struct value v = {.kind = TUPLE};
    v.tuple.items = arena_array(m->arena, n > 0 ? n : 1, sizeof *v.tuple.items);
    if (!v.tuple.items) return no_room(e);
    v.tuple.count = n;
    m->depth -= n;
    if (n > 0) memcpy(v.tuple.items, m->stack + m->depth, n * sizeof *v.tuple.items);
    if (count < 0) m->mark_count--;
    return push(m, v, e);
}

static enum status op_empty(struct machine *m, int kind, struct err *e)
{
    return push(m, (struct value){.kind = (enum kind)kind}, e);
}

static enum status add_pair(
    struct machine *m, struct value *dict, struct value *key, struct value *value, struct err *e)
{
    struct pair *p = arena_alloc(m->arena, sizeof *p);
    if (!p) return no_room(e);
    *p = (struct pair){.key = key, .value = value};
    *(dict->dict.last ? &dict->dict.last->next : &dict->dict.first) = p;
    dict->dict.last = p;
    return ST_OK;
}

/* SETITEM (2) and SETITEMS (-1, from the mark): keys and values into the dictionary below. */
static enum status op_set(struct machine *m, int count, struct err *e)
{
    size_t n = count < 0 ? height(m) : (size_t)count;
    if (n > height(m) || n % 2 != 0 || (count < 0 && m->mark_count == 0)) return broken(m, e);
    m->depth -= n;
    struct value **items = m->stack + m->depth;
    if (count < 0) m->mark_count--;
    struct value *dict = top(m);
    if (!dict || dict->kind != DICT) return broken(m, e);
    enum status st = ST_OK;
    for (size_t i = 0; i < n && st == ST_OK; i += 2)
        st = add_pair(m, dict, items[i], items[i + 1], e);
    return st;
}

/* APPEND (1) and APPENDS (-1): what lists hold is never used. */
static enum status op_append(struct machine *m, int count, struct err *e)
{
    size_t n = count < 0 ? height(m) : (size_t)count;
    if (n > height(m) || (count < 0 && m->mark_count == 0)) return broken(m, e);
    m->depth -= n;
    if (count < 0) m->mark_count--;
    return top(m) && top(m)->kind == LIST ? ST_OK : broken(m, e);
}

/* BUILD sets attributes; a state_dict has one, _metadata, which says nothing about tensors. */
static enum status op_build(struct machine *m, int arg, struct err *e)
{
    (void)arg;
    return pop(m) && top(m) && top(m)->kind == DICT ? ST_OK : broken(m, e);
}

/* ("storage", type, key, device, count) */
static enum status op_storage(struct machine *m, int arg, struct err *e)
{
    (void)arg;
    struct value *id = pop(m);
    if (!id || id->kind != TUPLE || id->tuple.count != 5) return broken(m, e);
    struct value **item = id->tuple.items;
    bool sound = item[0]->kind == TEXT && same_text(item[0]->text, "storage") &&
        item[1]->kind == GLOBAL && item[1]->global->kind == GLOBAL_STORAGE &&
        item[2]->kind == TEXT && item[4]->kind == INT && item[4]->number >= 0;
    if (!sound) return broken(m, e);
    struct value v = {.kind = STORAGE};
    v.storage.key = item[2]->text;
    v.storage.dtype = item[1]->global->dtype;
    v.storage.count = item[4]->number;
    return push(m, v, e);
}

/* A tuple of rank numbers, none negative. */
static bool read_numbers(const struct value *v, int rank, int64_t *out)
{
    if (v->kind != TUPLE || v->tuple.count != (size_t)rank) return false;
    for (int i = 0; i < rank; i++) {
        const struct value *n = v->tuple.items[i];
        if (n->kind != INT || n->number < 0) return false;
        out[i] = n->number;
    }
    return true;
}

/* (storage, offset, shape, stride, requires_grad, hooks[, metadata]) */
static enum status rebuild_tensor(struct machine *m, const struct value *args, struct err *e)
{
    if (args->tuple.count < 4) return broken(m, e);
    struct value **item = args->tuple.items;
    if (item[0]->kind != STORAGE || item[1]->kind != INT || item[1]->number < 0 ||
        item[2]->kind != TUPLE)
        return broken(m, e);
    if (item[2]->tuple.count > LIMIT_TENSOR_RANK)
        return err_set(e, ST_LIMIT, "%s: a tensor of %zu dimensions, at most %d are read", m->what,
            item[2]->tuple.count, LIMIT_TENSOR_RANK);
    struct pickle_tensor *t = arena_alloc(m->arena, sizeof *t);
    if (!t) return no_room(e);
    t->key = item[0]->storage.key.data;
    t->key_bytes = item[0]->storage.key.bytes;
    t->dtype = item[0]->storage.dtype;
    t->storage_count = item[0]->storage.count;
    t->offset = item[1]->number;
    t->rank = (int)item[2]->tuple.count;
    if (!read_numbers(item[2], t->rank, t->shape) || !read_numbers(item[3], t->rank, t->stride))
        return broken(m, e);
    return push(m, (struct value){.kind = TENSOR, .tensor = t}, e);
}

static enum status op_reduce(struct machine *m, int arg, struct err *e)
{
    (void)arg;
    struct value *args = pop(m), *callee = pop(m);
    if (!args || !callee || callee->kind != GLOBAL || args->kind != TUPLE) return broken(m, e);
    switch (callee->global->kind) {
    case GLOBAL_TENSOR: return rebuild_tensor(m, args, e);
    case GLOBAL_DICT:
        if (args->tuple.count > 0) return broken(m, e);
        return push(m, (struct value){.kind = DICT}, e);
    case GLOBAL_PARAMETER: /* (tensor, requires_grad, hooks) */
        if (args->tuple.count < 1 || args->tuple.items[0]->kind != TENSOR) return broken(m, e);
        return push(m, *args->tuple.items[0], e);
    case GLOBAL_STORAGE: break;
    }
    return broken(m, e);
}

static enum status op_stop(struct machine *m, int arg, struct err *e)
{
    (void)arg;
    m->stopped = true;
    return m->mark_count == 0 && m->depth == 1 ? ST_OK : broken(m, e);
}

static const struct {
    handler run;
    int arg;
} OPCODES[256] = {
    [0x80] = {op_skip, 1},         /* PROTO */
    [0x95] = {op_skip, 8},         /* FRAME */
    ['c'] = {op_global, 0},        /* GLOBAL */
    [0x93] = {op_stack_global, 0}, /* STACK_GLOBAL */
    ['q'] = {op_put, 1},           /* BINPUT */
    ['r'] = {op_put, 4},           /* LONG_BINPUT */
    [0x94] = {op_memoize, 0},      /* MEMOIZE */
    ['h'] = {op_get, 1},           /* BINGET */
    ['j'] = {op_get, 4},           /* LONG_BINGET */
    ['('] = {op_mark, 0},          /* MARK */
    [')'] = {op_tuple, 0},         /* EMPTY_TUPLE */
    [0x85] = {op_tuple, 1},        /* TUPLE1 */
    [0x86] = {op_tuple, 2},        /* TUPLE2 */
    [0x87] = {op_tuple, 3},        /* TUPLE3 */
    ['t'] = {op_tuple, -1},        /* TUPLE */
    ['}'] = {op_empty, DICT},      /* EMPTY_DICT */
    ['s'] = {op_set, 2},           /* SETITEM */
    ['u'] = {op_set, -1},          /* SETITEMS */
    [']'] = {op_empty, LIST},      /* EMPTY_LIST */
    ['a'] = {op_append, 1},        /* APPEND */
    ['e'] = {op_append, -1},       /* APPENDS */
    ['N'] = {op_none, 0},          /* NONE */
    [0x88] = {op_bool, 1},         /* NEWTRUE */
    [0x89] = {op_bool, 0},         /* NEWFALSE */
    ['J'] = {op_int, -4},          /* BININT */
    ['K'] = {op_int, 1},           /* BININT1 */
    ['M'] = {op_int, 2},           /* BININT2 */
    [0x8a] = {op_long, 0},         /* LONG1 */
    ['G'] = {op_float, 0},         /* BINFLOAT */
    ['X'] = {op_text, 4},          /* BINUNICODE */
    [0x8c] = {op_text, 1},         /* SHORT_BINUNICODE */
    ['U'] = {op_text, 1},          /* SHORT_BINSTRING, from Python 2 */
    ['Q'] = {op_storage, 0},       /* BINPERSID */
    ['R'] = {op_reduce, 0},        /* REDUCE */
    ['b'] = {op_build, 0},         /* BUILD */
    ['.'] = {op_stop, 0},          /* STOP */
};

static enum status run(struct machine *m, struct err *e)
{
    enum status st = ST_OK;
    while (st == ST_OK && !m->stopped) {
        if (m->at == m->end) return err_set(e, ST_CORRUPT, "%s: the pickle is cut short", m->what);
        uint8_t op = *m->at++;
        if (!OPCODES[op].run)
            return err_set(e, ST_UNSUPPORTED,
                "%s: the pickle has opcode 0x%02x, which no plain list of tensors needs", m->what,
                op);
        st = OPCODES[op].run(m, OPCODES[op].arg, e);
    }
    return st;
}

/* The tensors of the dictionary, named by their keys. */
static enum status gather(struct machine *m, struct pickle_list *out, struct err *e)
{
    const struct value *dict = m->stack[0];
    if (dict->kind != DICT)
        return err_set(e, ST_UNSUPPORTED, "%s holds no dictionary of tensors", m->what);
    size_t room = 0;
    for (const struct pair *p = dict->dict.first; p; p = p->next) room += p->value->kind == TENSOR;
    if (room == 0)
        return err_set(
            e, ST_UNSUPPORTED, "%s holds no tensors by name; is it a whole training run?", m->what);
    if (room > LIMIT_TENSORS)
        return err_set(
            e, ST_LIMIT, "%s has %zu tensors, at most %d are read", m->what, room, LIMIT_TENSORS);
    out->tensors = arena_array(m->arena, room, sizeof *out->tensors);
    if (!out->tensors) return no_room(e);
    for (const struct pair *p = dict->dict.first; p; p = p->next) {
        if (p->value->kind != TENSOR) continue;
        if (p->key->kind != TEXT || memchr(p->key->text.data, 0, p->key->text.bytes))
            return broken(m, e);
        struct pickle_tensor *t = &out->tensors[out->count++];
        *t = *p->value->tensor;
        t->name = arena_strndup(m->arena, p->key->text.data, p->key->text.bytes);
        if (!t->name) return no_room(e);
    }
    return ST_OK;
}

enum status pickle_read(struct zipfile_entry data, const char *what, struct arena *a,
    struct pickle_list *out, struct err *e)
{
    *out = (struct pickle_list){0};
    if (data.bytes > PICKLE_BYTES_MAX)
        return err_set(e, ST_LIMIT, "%s: a pickle of %zu bytes, at most %d are read", what,
            data.bytes, PICKLE_BYTES_MAX);
    struct machine m = {.at = data.data, .end = data.data + data.bytes, .what = what, .arena = a};
    m.stack = mem_zalloc(STACK_MAX, sizeof *m.stack);
    m.marks = mem_zalloc(STACK_MAX, sizeof *m.marks);
    enum status st = m.stack && m.marks ? run(&m, e) : mem_err(e, STACK_MAX * sizeof *m.stack);
    if (st == ST_OK) st = gather(&m, out, e);
    mem_free(m.stack);
    mem_free(m.marks);
    mem_free(m.memo);
    return st;
}
