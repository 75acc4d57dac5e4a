/* Members of JSON objects, with their commas. */
#include "emit/json.h"

void bf_json_item(struct bf_buf *b)
{
    const char last = b->len ? b->data[b->len - 1] : '{';
    if (last != '{' && last != '[')
        bf_buf_str(b, ", ");
}

void bf_json_member(struct bf_buf *b, const char *name)
{
    bf_json_item(b);
    bf_buf_json(b, name);
    bf_buf_str(b, ": ");
}

void bf_json_text(struct bf_buf *b, const char *name, const char *value)
{
    bf_json_member(b, name);
    bf_buf_json(b, value);
}
