/* Text to units: numbers, Latin words, single Han characters, punctuation, white space.
 *
 * The rules are local: whether a character continues the unit before it depends on at most four base characters on
 * either side (a base character is one that is no mark). Which character has which class is not known here.
 */
#ifndef NLP_ZERO_SCAN_H
#define NLP_ZERO_SCAN_H

#include "trie.h"

enum {
    C_OTHER, C_SPACE, C_HAN, C_DIGIT, C_LATIN, C_LETTER, C_EXTEND, C_JOINER, C_REGIONAL, C_PICTURE,
    C_POINT, C_COMMA, C_WIDE_COMMA, C_PERCENT
};
#define WIDE_ZERO 0xFF10u

typedef struct {
    const uint32_t *codes;
    const uint8_t *classes;
    size_t n;
} Text;

static inline int kind_at(const Text *t, size_t i)
{
    return t->codes[i] < 0x110000u ? t->classes[t->codes[i]] : C_OTHER;
}

/* A mark belongs to the character before it, unless that is white space. */
static inline int is_mark(const Text *t, size_t i)
{
    int kind = kind_at(t, i);
    return (kind == C_EXTEND || kind == C_JOINER) && i > 0 && kind_at(t, i - 1) != C_SPACE;
}

/* The next base character after i, or n. */
static inline size_t next_base(const Text *t, size_t i)
{
    do
        i++;
    while (i < t->n && is_mark(t, i));
    return i;
}

/* Whether exactly three digits follow position i (and the first of them is wide, if asked for). */
static int three_digits_follow(const Text *t, size_t i, int wide)
{
    for (int k = 0; k < 3; k++) {
        i = next_base(t, i);
        if (i >= t->n || kind_at(t, i) != C_DIGIT || (k == 0 && wide && t->codes[i] < WIDE_ZERO))
            return 0;
    }
    i = next_base(t, i);
    return i >= t->n || kind_at(t, i) != C_DIGIT;
}

static int digit_follows(const Text *t, size_t i)
{
    i = next_base(t, i);
    return i < t->n && kind_at(t, i) == C_DIGIT;
}

static inline uint32_t symbol_of(int kind)
{
    static const uint32_t symbols[UINT8_MAX + 1] = {
        [C_SPACE] = SPACE, [C_DIGIT] = NUMBER, [C_LATIN] = LATIN, [C_LETTER] = LETTERS}; /* all others are breaks */
    return symbols[kind];
}

/* Returns the number of units; starts has room for n + 1 offsets, symbols for n. */
static size_t scan(const Text *t, int64_t *starts, uint32_t *symbols)
{
    size_t units = 0;
    int before = C_OTHER;         /* kind of the base character before; C_OTHER at the beginning */
    uint32_t code_before = UINT32_MAX;
    unsigned digits = 0;          /* digits in a row just before this character, counting those alone */
    int inside = 0, percent = 0;  /* the base character before was a separator, or the % sign, of a number */
    int half_flag = 0;            /* it was the first half of a regional pair */
    for (size_t i = 0; i < t->n; i++) {
        uint32_t code = t->codes[i];
        int kind = kind_at(t, i), same = 0, new_inside = 0, new_percent = 0;
        if (kind == C_HAN) { /* most characters, and a unit each: nothing joins them */
            starts[units] = (int64_t)i;
            symbols[units++] = code;
            before = C_HAN, code_before = code, digits = 0, inside = percent = half_flag = 0;
            continue;
        }
        if (kind == C_EXTEND || kind == C_JOINER) {
            if (is_mark(t, i))
                continue;
            kind = C_OTHER;
        }
        if (before == C_HAN) { /* nothing follows a Han character in its unit */
            starts[units] = (int64_t)i;
            symbols[units++] = symbol_of(kind);
            digits = kind == C_DIGIT, half_flag = kind == C_REGIONAL;
            before = kind, code_before = code;
            continue;
        }
        int joined = i > 0 && kind_at(t, i - 1) == C_JOINER && (kind == C_PICTURE || kind == C_OTHER) &&
                     (before == C_PICTURE || before == C_OTHER); /* a joiner joins pictures, never Han, letters, digits */
        switch (kind) {
        case C_DIGIT: same = before == C_DIGIT || inside; break;
        case C_LATIN: case C_LETTER: case C_SPACE: same = before == kind; break;
        case C_REGIONAL: same = before == C_REGIONAL && half_flag; break;
        case C_POINT: new_inside = before == C_DIGIT && digit_follows(t, i); break;
        case C_COMMA: new_inside = before == C_DIGIT && digits <= 3 && three_digits_follow(t, i, 0); break;
        case C_WIDE_COMMA:
            new_inside = before == C_DIGIT && digits <= 3 && code_before >= WIDE_ZERO && three_digits_follow(t, i, 1);
            break;
        case C_PERCENT: new_percent = before == C_DIGIT; break;
        default: break;
        }
        if (kind == C_OTHER || kind >= C_PICTURE)
            same = new_inside || new_percent || (code == code_before && code < 0x10000u && !percent);
        if (!(same || joined) || units == 0) {
            starts[units] = (int64_t)i;
            symbols[units++] = symbol_of(kind);
        }
        half_flag = kind == C_REGIONAL && !(before == C_REGIONAL && half_flag);
        digits = kind == C_DIGIT ? digits + 1 : 0;
        before = kind, code_before = code, inside = new_inside, percent = new_percent;
    }
    starts[units] = (int64_t)t->n;
    return units;
}

#endif
