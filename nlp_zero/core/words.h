/* The words of a text in one go: units, forms, segmentation, a list of str. For many short texts, in each of which the
 * single steps would cost more than what they do.
 */
#ifndef NLP_ZERO_WORDS_H
#define NLP_ZERO_WORDS_H

#include "scan.h"
#include "tag.h"
#include "walk.h"

#define LOG_BITS 11 /* of the mantissa, which logarithms are looked up by */

typedef struct {
    const uint8_t *classes;
    Trie forms;                   /* of the characters of written-out numbers and Latin words */
    const uint32_t *form_symbols; /* by its nodes, 0 where none ends */
    size_t form_nodes;
    Model model;
    Tagger tagger;
    const double *logs; /* ln 2, then the logarithms of mantissas; see tagging.py */
    int has_forms, has_lattice, has_tagger;
} Decoder;

/* Scratch memory for one text. */
typedef struct {
    double *odds;
    int64_t *starts;
    uint32_t *codes, *symbols;
    uint8_t *begins;
    Stretch stretch;
    Scratch scratch;
    Tagging tagging;
    void *owned; /* the block of what comes before the scratch memory of stretches, unless it lies in a `Drawer` */
} Desk;

#define DESK_SIZE(n) (((n) + 1) * (sizeof(double) + sizeof(int64_t) + 2 * sizeof(uint32_t) + 1))
#define SHORT_TEXT TAG_STRETCH /* characters: what such a text needs is on the stack, some 50 KB */

typedef struct {
    double desk[DESK_SIZE(SHORT_TEXT) / sizeof(double) + 1];
    Begun begun[SHORT_TEXT];
    double scratch[SCRATCH_SIZE(SHORT_TEXT) / sizeof(double) + 1];
    double tagging[TAGGING_SIZE(SHORT_TEXT) / sizeof(double) + 1];
} Drawer;

static void desk_free(Desk *desk)
{
    free(desk->owned), free(desk->stretch.owned), free(desk->scratch.owned), free(desk->tagging.owned);
}

/* Make room for a text of n characters, in the drawer if it is short; 0 if memory is short. */
static int desk_reserve(Desk *desk, Drawer *drawer, size_t n)
{
    memset(desk, 0, sizeof *desk);
    if (n > SHORT_TEXT && !(desk->owned = malloc(DESK_SIZE(n))))
        return 0;
    desk->odds = n > SHORT_TEXT ? desk->owned : drawer->desk;
    desk->starts = (int64_t *)(void *)(desk->odds + n + 1);
    desk->codes = (uint32_t *)(void *)(desk->starts + n + 1);
    desk->symbols = desk->codes + n + 1;
    desk->begins = (uint8_t *)(desk->symbols + n + 1);
    desk->stretch = (Stretch){drawer->begun, SHORT_TEXT, NULL};
    scratch_in(&desk->scratch, drawer->scratch, SHORT_TEXT);
    tagging_in(&desk->tagging, drawer->tagging, SHORT_TEXT);
    return 1;
}

/* The logarithm of a positive number, by its exponent and the first bits of its mantissa. */
static inline double log_of(const double *logs, double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    int64_t exponent = (int64_t)(bits >> 52) - 1023;
    return (double)exponent * logs[0] + logs[1 + (bits >> (52 - LOG_BITS) & ((1u << LOG_BITS) - 1))];
}

/* Give the numbers and Latin words that are written out in words their own symbols. */
static void put_forms(const Decoder *decoder, Desk *desk, size_t units)
{
    for (size_t i = 0; i < units; i++) {
        if (desk->symbols[i] < NUMBER)
            continue;
        uint32_t link = first_child(&decoder->forms, desk->codes[desk->starts[i]]);
        for (int64_t k = desk->starts[i] + 1; link && k < desk->starts[i + 1]; k++)
            link = child(&decoder->forms, link, desk->codes[k]);
        if (link && decoder->form_symbols[node_of(link)])
            desk->symbols[i] = decoder->form_symbols[node_of(link)];
    }
}

/* Tag a text: where its words begin or, if there is a lattice too, the bonus of each of its symbols. 0 if memory is
 * short. */
static int tag_units(const Decoder *decoder, Desk *desk, size_t units)
{
    const int with_odds = decoder->has_lattice;
    if (!tag_text(&decoder->tagger, desk->symbols, units, &desk->tagging, with_odds ? NULL : desk->begins,
                  with_odds ? desk->odds : NULL))
        return 0;
    for (size_t i = 0; i < units; i++) {
        if (with_odds) {
            const int goes_on = desk->symbols[i] >= FIRST_SYMBOL && i + 1 < units && desk->symbols[i + 1] >= FIRST_SYMBOL;
            desk->odds[i] = goes_on ? log_of(decoder->logs, desk->odds[i]) : 0.0;
        } else {
            desk->begins[i] = desk->begins[i] == TAG_B || desk->begins[i] == TAG_S;
        }
    }
    return 1;
}

/* The units of a text, whose code points are on the desk, and where words begin; the number of units goes to *units.
 * Returns the number of words that are no white space, or -1 if memory is short. */
static int64_t decode(const Decoder *decoder, Desk *desk, size_t n, size_t *units)
{
    Text text = {desk->codes, decoder->classes, n};
    const size_t m = *units = scan(&text, desk->starts, desk->symbols);
    const Model *model = &decoder->model;
    int64_t words = 0;
    if (decoder->has_forms)
        put_forms(decoder, desk, m);
    if (decoder->has_tagger && !tag_units(decoder, desk, m))
        return -1;
    for (size_t i = 0, end; decoder->has_lattice && i < m; i = end) {
        end = look_up_stretch(&model->trie, desk->symbols, m, i, model->scores, sizeof(double), &desk->stretch);
        if (end == i || !segment_stretch(model, desk->symbols + i, desk->stretch.begun,
                                         decoder->has_tagger ? desk->odds + i : NULL, end - i, &desk->scratch,
                                         desk->begins + i))
            return -1;
    }
    for (size_t i = 0; i < m; i++)
        words += (desk->begins[i] != 0) & (desk->symbols[i] != SPACE); /* no branch: nobody foresees where words begin */
    return words;
}

#define LINE_FEED 0x0Au
#define CARRIAGE_RETURN 0x0Du

/* Where to cut a text after so many characters or more, so that its parts are segmented as the whole is: before a line
 * end, or behind the last character. */
static size_t lines_end(const uint32_t *codes, size_t n, size_t begin, size_t least)
{
    for (size_t i = begin + least; i < n; i++)
        if (codes[i] == LINE_FEED || codes[i] == CARRIAGE_RETURN)
            return i;
    return n;
}

/* How many bytes a text has in UTF-8 at most; SIZE_MAX if it has surrogates, which UTF-8 has not. */
static size_t utf8_size(const uint32_t *codes, size_t n)
{
    size_t size = 0, surrogates = 0;
    for (size_t i = 0; i < n; i++) {
        size += 1u + (codes[i] >= 0x80u) + (codes[i] >= 0x800u) + (codes[i] >= 0x10000u);
        surrogates += codes[i] - 0xD800u < 0x800u;
    }
    return surrogates ? SIZE_MAX : size;
}

static inline uint8_t following_byte(uint32_t bits)
{
    return (uint8_t)(0x80u | (bits & 0x3Fu));
}

/* Write one character. */
static inline uint8_t *put_utf8(uint8_t *to, uint32_t code)
{
    if (code - 0x800u < 0x10000u - 0x800u) { /* nearly all Chinese characters */
        to[0] = (uint8_t)(0xE0u | code >> 12), to[1] = following_byte(code >> 6), to[2] = following_byte(code);
        return to + 3;
    }
    if (code < 0x80u) {
        to[0] = (uint8_t)code;
        return to + 1;
    }
    if (code < 0x800u) {
        to[0] = (uint8_t)(0xC0u | code >> 6), to[1] = following_byte(code);
        return to + 2;
    }
    to[0] = (uint8_t)(0xF0u | code >> 18), to[1] = following_byte(code >> 12);
    to[2] = following_byte(code >> 6), to[3] = following_byte(code);
    return to + 4;
}

#define SHORT_SEPARATOR 8 /* bytes; one that is not longer is written without a question, whether it counts or not */

/* Write the words of a decoded text, whose first unit begins a word, as does what follows white space, as UTF-8: a
 * separator between two words of a line, line ends as they are, no other white space. Behind what counts there must be
 * room for SHORT_SEPARATOR bytes. Returns where it ends. */
static uint8_t *put_words(const Desk *desk, size_t units, const char *separator, size_t size, uint8_t *to)
{
    uint8_t separating[SHORT_SEPARATOR] = {0};
    size_t follows = 0; /* whether a word of the same line came before */
    if (size <= sizeof separating)
        memcpy(separating, separator, size);
    for (size_t i = 0; i < units; i++) {
        const uint32_t *code = desk->codes + desk->starts[i], *end = desk->codes + desk->starts[i + 1];
        if (desk->symbols[i] == SPACE) {
            for (; code < end; code++)
                if (*code == LINE_FEED || *code == CARRIAGE_RETURN)
                    *to++ = (uint8_t)*code, follows = 0;
            continue;
        }
        const size_t separated = follows & (desk->begins[i] != 0);
        if (size <= sizeof separating)
            memcpy(to, separating, sizeof separating);
        else if (separated)
            memcpy(to, separator, size);
        to += separated ? size : 0;
        follows = 1;
        for (; code < end; code++)
            to = put_utf8(to, *code);
    }
    return to;
}

typedef struct {
    uint8_t *bytes;
    size_t size, room;
} Joined;

/* Make room for more bytes; 0 if memory is short. */
static int joined_reserve(Joined *joined, size_t more)
{
    if (more > SIZE_MAX / 4 - joined->size)
        return 0;
    if (joined->size + more <= joined->room)
        return 1;
    const size_t room = joined->room ? 2 * (joined->size + more) : joined->size + more;
    uint8_t *bytes = realloc(joined->bytes, room);
    if (bytes)
        joined->bytes = bytes, joined->room = room;
    return bytes != NULL;
}

#define AT_ONCE 4096 /* characters that are decoded together, so that what is made of them stays in a cache */
enum { JOINED, NO_UTF8, NO_ROOM };

/* Segment a text of n characters and join its words, some lines at a time. */
static int join_text(const Decoder *decoder, uint32_t *codes, size_t n, const char *separator, size_t size,
                     Joined *joined)
{
    size_t most = 0; /* characters of the longest part */
    for (size_t begin = 0, end; begin < n; begin = end) {
        end = lines_end(codes, n, begin, AT_ONCE);
        most = end - begin > most ? end - begin : most;
    }
    Desk desk;
    Drawer drawer;
    int result = desk_reserve(&desk, &drawer, most) && joined_reserve(joined, 4 * n + SHORT_SEPARATOR) ? JOINED : NO_ROOM;
    for (size_t begin = 0, end; begin < n && result == JOINED; begin = end) {
        size_t units = 0;
        end = lines_end(codes, n, begin, AT_ONCE);
        desk.codes = codes + begin;
        const size_t room = utf8_size(desk.codes, end - begin);
        const int64_t words = room == SIZE_MAX ? -1 : decode(decoder, &desk, end - begin, &units);
        if (room == SIZE_MAX)
            result = NO_UTF8;
        else if (words < 0 || (size_t)words > (SIZE_MAX / 4 - room) / (size + 1) ||
                 !joined_reserve(joined, room + (size_t)words * size + SHORT_SEPARATOR))
            result = NO_ROOM;
        else
            joined->size = (size_t)(put_words(&desk, units, separator, size, joined->bytes + joined->size) - joined->bytes);
    }
    desk_free(&desk);
    return result;
}

#endif
