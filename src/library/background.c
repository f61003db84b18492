/* background.c - first form: moments of the library along the query. */
#include "library/background.h"

#include "base/mem.h"

struct judge {
    int dim;
};

enum status background_refresh(
    struct sql_session *s, struct store *store, struct pick *p, struct err *e)
{
    (void)s, (void)store, (void)p, (void)e;
    return ST_OK;
}

enum status judge_open(
    struct sql_session *s, struct pick *p, const float *query, struct judge **out, struct err *e)
{
    (void)s, (void)p, (void)query;
    *out = mem_zalloc(1, sizeof **out);
    return *out != NULL ? ST_OK : mem_err(e, 0);
}

void judge_close(struct judge *j)
{
    mem_free(j);
}

double judge_relevance(const struct judge *j, const float *v, double score)
{
    (void)j, (void)v;
    return score > 0 ? score : 0;
}
