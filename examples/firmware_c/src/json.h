/* Reading JSON where it lies: nothing is copied, nothing is allocated. */
#ifndef JSON_H
#define JSON_H

#include <stdbool.h>
#include <stdint.h>

struct json { /* a value's text; `at` is NULL where there is none */
    const char *at, *end;
};

struct json json_read(const char *text, uint32_t length); /* one value and blanks, or none */
struct json json_member(struct json object, const char *name);
struct json json_item(struct json array, struct json before); /* the first one after none */
bool json_is(struct json value, const char *text); /* a string that says just this */
bool json_contains(struct json value, const char *text); /* its text has it somewhere */
bool json_true(struct json value);
bool json_whole(struct json value, int64_t *number);
int32_t json_scaled(struct json value, unsigned places); /* 1.25 with 3 places: 1250 */
uint32_t json_text(struct json value, char *to, uint32_t size); /* UTF-8; at most `size` bytes */

#endif
