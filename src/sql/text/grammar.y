/* grammar.y - SQL as SQLite has it, with our statements and operators in it (Lemon, LALR(1)).
 *
 * Text comes here only when it holds something of ours; so the rules cover the statements in which that can
 * stand, and everything else of SQLite's language never needs a rule. Nothing is built for what stays as
 * written: an expression's value is just its first token. Its last one is the token before the one being
 * fed, since a rule is reduced before the token behind it is shifted. What we rewrite becomes a node
 * (ast.h). Words of ours are tokens only where words.c promoted them, so no name is ever taken from anybody.
 * The rules for SQLite's part follow the diagrams of sqlite.org/lang.html.
 */
%include {
#include <assert.h>
#include "sql/text/ast.h"
#include "sql/dialect/forms.h"
}
%name sql_parser
%token_prefix TK_
%token_type {int}
%default_type {int}
%extra_context {struct sql_ast *p}
%stack_size 400
%stack_overflow { sql_ast_overflow(p); }
%syntax_error { (void)yymajor; sql_ast_refuse(p, TOKEN); }
%default_destructor { (void)p; }

/* Words that are names wherever the grammar can't use them as words. */
%fallback ID
  ABORT AFTER BEFORE BEGIN BY CONFLICT CURRENT DESC ASC DO EACH END EXCLUDE EXPLAIN FAIL FIRST FOLLOWING FOR
  GROUPS IF IGNORE INSTEAD KEY LAST LIKE_KW MATCH MATERIALIZED NO NULLS OF OFFSET OTHERS PARTITION PLAN
  PRECEDING QUERY RAISE RANGE RECURSIVE REPLACE ROLLBACK ROW ROWS TEMP TIES TRIGGER UNBOUNDED VIEW WITH
  WITHOUT CAST CTIME_KW.

%left OR.
%left AND.
%right NOT.
%left IS MATCH LIKE_KW ILIKE BETWEEN IN ISNULL NOTNULL NE EQ.
%left GT LE LT GE.
%right ESCAPE.
%left BITAND BITOR LSHIFT RSHIFT COSINE_OP L2_OP IP_OP L1_OP BITS_OP REGEX_OP.
%left PLUS MINUS.
%left STAR SLASH REM.
%left CONCAT PTR HASH_PTR.
%left COLLATE.
%right BITNOT.
%left TYPECAST.
%nonassoc ON.

%token_class id ID|INDEXED.
%token_class ids ID|STRING.

input ::= explain stmt.
explain ::= .
explain ::= EXPLAIN.             { p->explain = true; }
explain ::= EXPLAIN QUERY PLAN.  { p->explain_query_plan = true; }

stmt ::= select.
stmt ::= insert.
stmt ::= update.
stmt ::= delete.
stmt ::= step(S).                { sql_ast_top_step(p, S); }
stmt ::= top_step(S).            { sql_ast_top_step(p, S); }
stmt ::= print(S).               { sql_ast_print(p, S); }
stmt ::= CREATE temp TABLE if_not_exists nm(N) dbnm AS select(S). { sql_ast_create_as(p, N, S); }
stmt ::= CREATE temp TABLE if_not_exists nm(N) dbnm AS(A) step_query. { sql_ast_create_as(p, N, A + 1); }
stmt ::= CREATE temp VIEW if_not_exists nm dbnm eidlist_opt AS select. { p->body_of = "a view"; }
stmt ::= CREATE temp VIEW if_not_exists nm dbnm eidlist_opt AS step_query. { p->body_of = "a view"; }
stmt ::= CREATE unique INDEX if_not_exists nm dbnm ON nm LP sortlist RP where_opt.
stmt ::= CREATE temp TRIGGER if_not_exists nm dbnm trigger_time trigger_event ON nm dbnm trigger_each
         trigger_when BEGIN trigger_cmds END.                     { p->body_of = "a trigger"; }
stmt ::= CREATE(C) temp TABLE if_not_exists nm(N) dbnm USING value(M) options(O) FROM value(V).
         { sql_ast_create_using(p, C, N, sql_ast_source_step(p, C,
               (struct sql_step_parts){.model = M, .options = O, .input = V})); }
stmt ::= CREATE(C) temp TABLE if_not_exists nm(N) dbnm USING value(M) options(O) AS query.
         { sql_ast_create_using(p, C, N, sql_ast_step(p, C,
               (struct sql_step_parts){.model = M, .options = O})); }

temp ::= .
temp ::= TEMP.
unique ::= .
unique ::= UNIQUE.
if_not_exists ::= .
if_not_exists ::= IF NOT EXISTS.
eidlist_opt ::= .
eidlist_opt ::= LP idlist RP.

trigger_time ::= .
trigger_time ::= BEFORE.
trigger_time ::= AFTER.
trigger_time ::= INSTEAD OF.
trigger_event ::= DELETE.
trigger_event ::= INSERT.
trigger_event ::= UPDATE.
trigger_event ::= UPDATE OF idlist.
trigger_each ::= .
trigger_each ::= FOR EACH ROW.
trigger_when ::= .
trigger_when ::= WHEN expr.
trigger_cmds ::= trigger_cmds trigger_cmd SEMI.
trigger_cmds ::= trigger_cmd SEMI.
trigger_cmd ::= select.
trigger_cmd ::= insert.
trigger_cmd ::= update.
trigger_cmd ::= delete.

/* --- our statements ------------------------------------------------------------------------------- */

%type value {struct sql_literal *}
%type values {struct sql_literal *}
%type options {struct sql_option_ast *}
%type option_list {struct sql_option_ast *}
%type option {struct sql_option_ast *}
%type step {struct sql_node *}
%type top_step {struct sql_node *}
%type print {struct sql_node *}
%type search_input {struct sql_option_ast *}
%type using {struct sql_literal *}

step(A) ::= SEARCH(S) media(K) search_input(I) using(M) options(O) AS query.
    { A = sql_ast_step(p, S, (struct sql_step_parts){.media = K, .model = M, .options = O, .search = I}); }
step(A) ::= CONVERT|PREDICT|EVALUATE|TRANSFORM|GENERATE(S) USING value(M) options(O) AS query.
    { A = sql_ast_step(p, S, (struct sql_step_parts){.model = M, .options = O}); }
step(A) ::= FUNCTION(S) value(N) options(O) AS query.
    { A = sql_ast_step(p, S, (struct sql_step_parts){.name = N, .options = O}); }
step(A) ::= FUNCTION(S) value(N) options(O) FROM value(V).
    { A = sql_ast_source_step(p, S, (struct sql_step_parts){.name = N, .options = O, .input = V}); }
step(A) ::= LIST(S) MODEL|TABLE(K).
    { A = sql_ast_source_step(p, S, (struct sql_step_parts){.media = K}); }
step(A) ::= LIST(S) THANOSQL MODEL|DATASET|TUTORIAL(K).
    { A = sql_ast_source_step(p, S, (struct sql_step_parts){.media = K, .thanosql = true}); }
/* Not in FROM. */
top_step(A) ::= BUILD|FIT(S) MODEL value(N) using(M) options(O) AS query.
    { A = sql_ast_step(p, S, (struct sql_step_parts){.name = N, .model = M, .options = O}); }
print(A) ::= PRINT(S) media(K) options(O) AS query.
    { A = sql_ast_step(p, S, (struct sql_step_parts){.media = K, .options = O}); }

media(A) ::= IMAGE|AUDIO|VIDEO|TEXT|KEYWORD(A).
search_input(A) ::= .                  { A = NULL; }
search_input(A) ::= option(O).         { A = O; }
using(A) ::= .                         { A = NULL; }
using(A) ::= USING value(M).           { A = M; }

query ::= select(S).                   { sql_ast_query(p, S, NULL); }
query ::= step(S).                     { sql_ast_query(p, -1, S); }
query ::= LP query RP.

options(A) ::= .                       { A = NULL; }
options(A) ::= OPTIONS LP RP.          { A = NULL; }
options(A) ::= OPTIONS LP option_list(L) RP. { A = L; }
option_list(A) ::= option(O).          { A = O; }
option_list(A) ::= option_list(L) COMMA option(O). { A = sql_ast_option_join(L, O); }
option(A) ::= ID(K) EQ value(V).       { A = sql_ast_option(p, K, V); }

value(A) ::= ID(T).                    { A = sql_ast_literal(p, T, T); }
value(A) ::= ID(F) DOT ID(T).          { A = sql_ast_literal(p, F, T); }
value(A) ::= STRING(T).                { A = sql_ast_literal(p, T, T); }
value(A) ::= INTEGER(T).               { A = sql_ast_literal(p, T, T); }
value(A) ::= FLOAT(T).                 { A = sql_ast_literal(p, T, T); }
value(A) ::= VARIABLE(T).              { A = sql_ast_literal(p, T, T); }
value(A) ::= MINUS(F) INTEGER(T).      { A = sql_ast_literal(p, F, T); }
value(A) ::= MINUS(F) FLOAT(T).        { A = sql_ast_literal(p, F, T); }
value(A) ::= LB(F) RB.                 { A = sql_ast_list(p, F, NULL); }
value(A) ::= LB(F) values(V) RB.       { A = sql_ast_list(p, F, V); }
values(A) ::= value(V).                { A = V; }
values(A) ::= values(L) COMMA value(V). { A = sql_ast_literal_join(L, V); }

/* --- SELECT --------------------------------------------------------------------------------------- */

select(A) ::= WITH(A) recursive ctes(C) selectnowith. { sql_ast_with(p, A, C); }
select(A) ::= selectnowith(A).
select(A) ::= with_exprs_of(A) selectnowith. { sql_ast_alias_scope(p, A); }
with_exprs_of(A) ::= WITH_EXPR(A) with_exprs. { sql_ast_form(p, FORM_WITH, A, A); }
with_exprs ::= with_expr.
with_exprs ::= with_exprs COMMA with_expr.
with_expr ::= expr(E) AS(S) nm(N).     { sql_ast_alias(p, E, S, N); }
recursive ::= .
recursive ::= RECURSIVE.
ctes(A) ::= cte(C).                    { A = 1; (void)C; }
ctes(A) ::= ctes(B) COMMA cte.         { A = B + 1; }
cte ::= nm(N) eidlist_opt AS materialized LP select RP. { sql_ast_cte(p, N); }
cte ::= nm(N) eidlist_opt AS materialized table_step. { sql_ast_cte(p, N); }
materialized ::= .
materialized ::= MATERIALIZED.
materialized ::= NOT MATERIALIZED.

selectnowith(A) ::= oneselect(A).
selectnowith(A) ::= selectnowith(A) multiselect_op oneselect.
multiselect_op ::= UNION.
multiselect_op ::= UNION ALL.
multiselect_op ::= EXCEPT.
multiselect_op ::= INTERSECT.

oneselect(A) ::= SELECT(A) distinct selcollist from(F) where_opt(W) groupby_opt(G) having_opt(H) orderby_opt(O)
    limits(L).                         { sql_ast_select(p, A, F);
                                         sql_ast_clauses(p, A, (struct sql_clauses){W, G, H, 0, O, L, 0});
                                         sql_ast_firsts(p, A); }
oneselect(A) ::= SELECT(A) distinct selcollist from(F) where_opt(W) groupby_opt(G) having_opt(H) window_clause(D)
    orderby_opt(O) limits(L).          { sql_ast_select(p, A, F);
                                         sql_ast_clauses(p, A, (struct sql_clauses){W, G, H, D, O, L, 0});
                                         sql_ast_firsts(p, A); }
oneselect(A) ::= values_clause(A).
values_clause(A) ::= VALUES(A) LP nexprlist RP.
values_clause(A) ::= values_clause(A) COMMA LP nexprlist RP.

distinct ::= .
distinct ::= DISTINCT.
distinct ::= DISTINCT ON LP nexprlist RP.
distinct ::= ALL.
sclp ::= selcollist COMMA.
sclp ::= .
selcollist ::= sclp expr(E) as(N).      { sql_ast_result(p, E, N); }
selcollist ::= sclp STAR.
selcollist ::= sclp nm DOT STAR.
as(A) ::= AS nm(N).                    { A = N; }
as(A) ::= ids(N).                      { A = N; }
as(A) ::= .                            { A = 0; }

from(A) ::= .                          { A = -1; }
from(A) ::= FROM(F) seltablist.        { A = sql_ast_from(p, F); }
stl_prefix ::= seltablist joinop.
stl_prefix ::= .
seltablist ::= stl_prefix nm(N) dbnm as(X) on_using. { sql_ast_source(p, N, X, false); }
seltablist ::= stl_prefix nm(N) dbnm as(X) indexed_by on_using. { sql_ast_source(p, N, X, true); }
seltablist ::= stl_prefix called_table on_using.
called_table ::= nm(N) dbnm LP(L) exprlist RP as(X). { sql_ast_series(p, N, L, X); }
called_table ::= nm(N) dbnm LP(L) exprlist RP AS nm LP id(X) RP. { sql_ast_series(p, N, L, X); }
seltablist ::= stl_prefix LP select RP as on_using.
seltablist ::= stl_prefix LP seltablist RP as on_using.
seltablist ::= stl_prefix table_step as on_using.
table_step ::= LP(L) step(S) RP.       { sql_ast_table_step(p, L, S); }
step_query ::= step(S).                { sql_ast_query_step(p, S != NULL ? S->first : 0, S); }
step_query ::= LP(L) step(S) RP.       { sql_ast_query_step(p, L, S); }

dbnm ::= .
dbnm ::= DOT nm.
xfullname(A) ::= nm(N) dbnm.           { A = sql_ast_from(p, N); }
xfullname(A) ::= nm(N) dbnm AS nm.     { A = sql_ast_from(p, N); }
joinop ::= COMMA.
joinop ::= JOIN.
joinop ::= JOIN_KW JOIN.
joinop ::= JOIN_KW nm JOIN.
joinop ::= JOIN_KW nm nm JOIN.
on_using ::= ON expr.
on_using ::= USING LP idlist RP.
on_using ::= . [OR]
indexed_by ::= INDEXED BY nm.
indexed_by ::= NOT INDEXED.
indexed_opt ::= .
indexed_opt ::= indexed_by.

orderby_opt(A) ::= .                   { A = 0; }
orderby_opt(A) ::= ORDER(O) BY sortlist. { A = O; }
sortlist ::= sortlist COMMA expr sortorder nulls.
sortlist ::= expr sortorder nulls.
sortorder ::= ASC.
sortorder ::= DESC.
sortorder ::= .
nulls ::= NULLS FIRST.
nulls ::= NULLS LAST.
nulls ::= .
groupby_opt(A) ::= .                   { A = 0; }
groupby_opt(A) ::= GROUP(G) BY nexprlist. { A = G; }
having_opt(A) ::= .                    { A = 0; }
having_opt(A) ::= HAVING(H) expr.      { A = H; }
limit_opt(A) ::= .                     { A = 0; }
limit_opt(A) ::= limit(A).
limit(A) ::= LIMIT(A) expr.
limit(A) ::= LIMIT(A) expr OFFSET expr.
limit(A) ::= LIMIT(A) expr COMMA expr.
limit(A) ::= OFFSET_FIRST(A) expr.     { sql_ast_form(p, FORM_OFFSET, A, A); }
limit(A) ::= OFFSET_FIRST(A) expr LIMIT expr. { sql_ast_form(p, FORM_OFFSET, A, A); }
limits(A) ::= limit_opt(A).
limits(A) ::= limit_by(A) limit_opt.
limit_by(A) ::= LIMIT(A) expr BY nexprlist.
limit_by(A) ::= LIMIT(A) expr OFFSET expr BY nexprlist.
limit_by(A) ::= LIMIT(A) expr COMMA expr BY nexprlist.
where_opt(A) ::= .                     { A = 0; }
where_opt(A) ::= WHERE(W) expr.        { A = W; }
where_opt_ret ::= where_opt.
where_opt_ret ::= where_opt returning.
returning ::= RETURNING selcollist.

/* --- INSERT, UPDATE, DELETE ------------------------------------------------------------------------ */

with ::= .
with ::= WITH(W) recursive ctes(C).    { sql_ast_with(p, W, C); }
delete ::= with DELETE FROM xfullname(F) indexed_opt where_opt_ret orderby_opt limit_opt.
    { sql_ast_select(p, F, F); }
update ::= with UPDATE orconf xfullname(F) indexed_opt SET setlist from where_opt_ret orderby_opt limit_opt.
    { sql_ast_select(p, F, F); }
setlist ::= setlist COMMA nm EQ expr.
setlist ::= setlist COMMA LP idlist RP EQ expr.
setlist ::= nm EQ expr.
setlist ::= LP idlist RP EQ expr.
insert ::= with insert_cmd INTO xfullname idlist_opt select upsert.   { p->writes_rows = true; }
insert ::= with insert_cmd INTO xfullname idlist_opt DEFAULT VALUES returning_opt.
returning_opt ::= .
returning_opt ::= returning.
insert_cmd ::= INSERT orconf.
insert_cmd ::= REPLACE.
orconf ::= .
orconf ::= OR ROLLBACK.
orconf ::= OR ABORT.
orconf ::= OR FAIL.
orconf ::= OR IGNORE.
orconf ::= OR REPLACE.
idlist_opt ::= .
idlist_opt ::= LP idlist RP.
idlist ::= idlist COMMA nm.
idlist ::= nm.
upsert ::= .
upsert ::= returning.
upsert ::= ON CONFLICT LP sortlist RP where_opt DO UPDATE SET setlist where_opt upsert.
upsert ::= ON CONFLICT LP sortlist RP where_opt DO NOTHING upsert.
upsert ::= ON CONFLICT DO NOTHING returning_opt.
upsert ::= ON CONFLICT DO UPDATE SET setlist where_opt returning_opt.

/* --- expressions ----------------------------------------------------------------------------------- */

nm(A) ::= id(A).
nm(A) ::= STRING(A).
nm(A) ::= JOIN_KW(A).

expr(A) ::= term(A).
expr(A) ::= LP(A) expr RP.
expr(A) ::= id(A).
expr(A) ::= JOIN_KW(A).
expr(A) ::= nm(A) DOT nm.
expr(A) ::= nm(A) DOT nm DOT nm.
term(A) ::= NULL(A).
term(A) ::= FLOAT(A).
term(A) ::= BLOB(A).
term(A) ::= STRING(A).                { sql_ast_string(p, A); }
term(A) ::= INTEGER(A).
expr(A) ::= VARIABLE(A).              { p->rewritten_last = A; }
expr(A) ::= expr(A) COLLATE ids.
expr(A) ::= CAST(A) LP expr AS(S) typetoken RP. { sql_ast_cast(p, A, S); }
expr(A) ::= id(A) LP(L) distinct exprlist RP. { sql_ast_call(p, A, L); sql_ast_position(p, A, L); }
expr(A) ::= JOIN_KW(A) LP exprlist RP. { p->rewritten_last = A; }
expr(A) ::= id(A) LP(L) distinct exprlist RP LP distinct exprlist RP. { sql_ast_form(p, FORM_PARAMETRIC, A, L); }
expr(A) ::= ordered_call(A).
expr(A) ::= ordered_call(A) filter_over.
ordered_call(A) ::= id(A) LP(L) distinct exprlist ORDER BY sortlist RP. { sql_ast_form(p, FORM_ORDERED_CALL, A, L); }
expr(A) ::= id(A) LP(L) distinct expr FROM expr RP. { sql_ast_form(p, FORM_FROM_CALL, A, L); }
expr(A) ::= id(A) LP(L) distinct expr FROM expr FOR expr RP. { sql_ast_form(p, FORM_FROM_CALL, A, L); }
expr(A) ::= id(A) LP(L) distinct expr FOR expr RP. { sql_ast_form(p, FORM_FROM_CALL, A, L); }
expr(A) ::= id(A) LP(L) distinct TRIM_SIDE expr FROM expr RP. { sql_ast_form(p, FORM_FROM_CALL, A, L); }
expr(A) ::= id(A) LP(L) distinct TRIM_SIDE FROM expr RP. { sql_ast_form(p, FORM_FROM_CALL, A, L); }
expr(A) ::= MOMENT(A) STRING.         { sql_ast_form(p, FORM_MOMENT, A, A); }
expr(A) ::= INTERVAL(A) STRING.       { sql_ast_form(p, FORM_INTERVAL, A, A); }
expr(A) ::= INTERVAL(A) INTEGER ID.   { sql_ast_form(p, FORM_INTERVAL, A, A); }
expr(A) ::= ARRAY(A).                 { sql_ast_form(p, FORM_ARRAY, A, A); }
expr(A) ::= LB(A) exprlist RB.        { sql_ast_form(p, FORM_LIST, A, A); }
expr(A) ::= expr(A) TYPECAST(O) casttype. { sql_ast_form(p, FORM_CAST, A, O); }
casttype ::= TYPE.
casttype ::= casttype TYPE.
expr(A) ::= id(A) LP STAR RP.
expr(A) ::= id(A) LP distinct exprlist RP filter_over.
expr(A) ::= id(A) LP STAR RP filter_over.
term(A) ::= CTIME_KW(A).
expr(A) ::= LP(A) nexprlist COMMA expr RP.
expr(A) ::= expr(A) AND expr.
expr(A) ::= expr(A) OR expr.
expr(A) ::= expr(A) LT|GT|GE|LE expr.
expr(A) ::= expr(A) EQ|NE(O) expr.     { sql_ast_any(p, A, O); }
expr(A) ::= expr(A) BITAND|BITOR|LSHIFT|RSHIFT expr.
expr(A) ::= expr(A) COSINE_OP|L2_OP|IP_OP|L1_OP(O) expr. { sql_ast_operator(p, A, O); }
expr(A) ::= expr(A) BITS_OP(O) expr.  { sql_ast_form(p, FORM_BITS, A, O); }
expr(A) ::= expr(A) REGEX_OP|BITNOT(O) expr. [REGEX_OP] { sql_ast_form(p, FORM_REGEX, A, O); }
expr(A) ::= expr(A) PLUS|MINUS(O) expr. { sql_ast_sum(p, A, O); sql_ast_arithmetic(p, A, O); }
expr(A) ::= expr(A) STAR|SLASH(O) expr. { sql_ast_arithmetic(p, A, O); }
expr(A) ::= expr(A) REM expr.
expr(A) ::= expr(A) CONCAT expr.
likeop ::= LIKE_KW|MATCH.
likeop ::= NOT LIKE_KW|MATCH.
expr(A) ::= expr(A) likeop expr. [LIKE_KW]
expr(A) ::= expr(A) likeop expr ESCAPE expr. [LIKE_KW]
expr(A) ::= expr(A) ILIKE(O) expr.    { sql_ast_form(p, FORM_ILIKE, A, O); }
expr(A) ::= expr(A) NOT ILIKE(O) expr. [ILIKE] { sql_ast_form(p, FORM_ILIKE, A, O); }
expr(A) ::= expr(A) ILIKE(O) expr ESCAPE expr. [ILIKE] { sql_ast_form(p, FORM_ILIKE, A, O); }
expr(A) ::= expr(A) NOT ILIKE(O) expr ESCAPE expr. [ILIKE] { sql_ast_form(p, FORM_ILIKE, A, O); }
expr(A) ::= expr(A) ISNULL|NOTNULL.
expr(A) ::= expr(A) NOT NULL.
expr(A) ::= expr(A) IS expr.
expr(A) ::= expr(A) IS NOT expr.
expr(A) ::= expr(A) IS NOT DISTINCT FROM expr.
expr(A) ::= expr(A) IS DISTINCT FROM expr.
expr(A) ::= NOT(A) expr.
expr(A) ::= BITNOT(A) expr.
expr(A) ::= PLUS|MINUS(A) expr. [BITNOT] { sql_ast_arithmetic(p, A, A); }
expr(A) ::= expr(A) PTR expr.
between_op ::= BETWEEN.
between_op ::= NOT BETWEEN.
expr(A) ::= expr(A) between_op expr AND expr. [BETWEEN]
in_op ::= IN.
in_op ::= NOT IN.
expr(A) ::= expr(A) in_op LP exprlist RP. [IN]
expr(A) ::= LP(A) select RP.
expr(A) ::= expr(A) in_op LP select RP. [IN]
expr(A) ::= expr(A) in_op nm dbnm paren_exprlist. [IN]
expr(A) ::= EXISTS(A) LP select RP.
expr(A) ::= CASE(A) case_operand case_exprlist case_else END.
case_exprlist ::= case_exprlist WHEN expr THEN expr.
case_exprlist ::= WHEN expr THEN expr.
case_else ::= ELSE expr.
case_else ::= .
case_operand ::= expr.
case_operand ::= .
expr(A) ::= RAISE(A) LP IGNORE RP.
expr(A) ::= RAISE(A) LP raise_type COMMA nm RP.
raise_type ::= ROLLBACK.
raise_type ::= ABORT.
raise_type ::= FAIL.
exprlist ::= nexprlist.
exprlist ::= .
nexprlist ::= nexprlist COMMA expr.
nexprlist ::= expr.
paren_exprlist ::= .
paren_exprlist ::= LP exprlist RP.

typetoken ::= .
typetoken ::= typename.
typetoken ::= typename LP signed RP.
typetoken ::= typename LP signed COMMA signed RP.
typename ::= ids.
typename ::= typename ids.
typename ::= typename ARRAY.
typetoken ::= typename LP ids RP.
signed ::= number.
signed ::= PLUS number.
signed ::= MINUS number.
number ::= INTEGER.
number ::= FLOAT.

/* --- windows --------------------------------------------------------------------------------------- */

window_clause(A) ::= WINDOW(W) windowdefns. { A = W; }
windowdefns ::= windowdefn.
windowdefns ::= windowdefns COMMA windowdefn.
windowdefn ::= nm AS LP window RP.
window ::= PARTITION BY nexprlist orderby_opt frame_opt.
window ::= nm PARTITION BY nexprlist orderby_opt frame_opt.
window ::= ORDER BY sortlist frame_opt.
window ::= nm ORDER BY sortlist frame_opt.
window ::= frame_opt.
window ::= nm frame_opt.
frame_opt ::= .
frame_opt ::= range_or_rows frame_bound_s frame_exclude_opt.
frame_opt ::= range_or_rows BETWEEN frame_bound_s AND frame_bound_e frame_exclude_opt.
range_or_rows ::= RANGE|ROWS|GROUPS.
frame_bound_s ::= frame_bound.
frame_bound_s ::= UNBOUNDED PRECEDING.
frame_bound_e ::= frame_bound.
frame_bound_e ::= UNBOUNDED FOLLOWING.
frame_bound ::= expr PRECEDING|FOLLOWING.
frame_bound ::= CURRENT ROW.
frame_exclude_opt ::= .
frame_exclude_opt ::= EXCLUDE frame_exclude.
frame_exclude ::= NO OTHERS.
frame_exclude ::= CURRENT ROW.
frame_exclude ::= GROUP|TIES.
filter_over ::= filter over.
filter_over ::= over.
filter_over ::= filter.
over ::= OVER LP window RP.
over ::= OVER nm.
filter ::= FILTER LP WHERE expr RP.

%code {
/* Which kinds of token could come next: each is tried on a copy of the stack's states. */
void sql_parser_expects(const void *parser, bool *out, int kinds);

static bool takes(const yyParser *p, int kind)
{
    YYACTIONTYPE states[YYSTACKDEPTH + 2];
    int top = (int)(p->yytos - p->yystack);
    for (int i = 0; i <= top; i++) states[i] = p->yystack[i].stateno;
    for (;;) {
        YYACTIONTYPE act = yy_find_shift_action((YYCODETYPE)kind, states[top]);
        if (act < YY_MIN_REDUCE) return act <= YY_MAX_SHIFTREDUCE || act == YY_ACCEPT_ACTION;
        int rule = act - YY_MIN_REDUCE;
        top += yyRuleInfoNRhs[rule] + 1;
        if (top > YYSTACKDEPTH) return false;
        states[top] = yy_find_reduce_action(states[top - 1], yyRuleInfoLhs[rule]);
    }
}

void sql_parser_expects(const void *parser, bool *out, int kinds)
{
    for (int kind = 0; kind < kinds && kind < YYNTOKEN; kind++) out[kind] = takes(parser, kind);
}
}
