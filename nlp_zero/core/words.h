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
    Begun *begun;
    uint32_t *codes, *symbols;
    uint8_t *begins;
    Scratch scratch;
    Tagging tagging;
    void *owned; /* the block of what comes before the scratch memory of runs, unless it lies in a `Drawer` */
} Desk;

#define DESK_SIZE(n) (((n) + 1) * (sizeof(double) + sizeof(int64_t) + sizeof(Begun) + 2 * sizeof(uint32_t) + 1))
#define SHORT_TEXT 256 /* characters: what such a text needs is on the stack */
#define SHORT_RUN 64   /* symbols */

typedef struct {
    double desk[DESK_SIZE(SHORT_TEXT) / sizeof(double) + 1];
    double scratch[SCRATCH_SIZE(SHORT_RUN) / sizeof(double) + 1];
    double tagging[TAGGING_SIZE(SHORT_RUN) / sizeof(double) + 1];
} Drawer;

static void desk_free(Desk *desk)
{
    free(desk->owned), free(desk->scratch.owned), free(desk->tagging.owned);
}

/* Make room for a text of n characters, in the drawer if it is short; 0 if memory is short. */
static int desk_reserve(Desk *desk, Drawer *drawer, size_t n)
{
    memset(desk, 0, sizeof *desk);
    if (n > SHORT_TEXT && !(desk->owned = malloc(DESK_SIZE(n))))
        return 0;
    desk->odds = n > SHORT_TEXT ? desk->owned : drawer->desk;
    desk->starts = (int64_t *)(void *)(desk->odds + n + 1);
    desk->begun = (Begun *)(void *)(desk->starts + n + 1);
    desk->codes = (uint32_t *)(void *)(desk->begun + n + 1);
    desk->symbols = desk->codes + n + 1;
    desk->begins = (uint8_t *)(desk->symbols + n + 1);
    scratch_in(&desk->scratch, drawer->scratch, SHORT_RUN);
    tagging_in(&desk->tagging, drawer->tagging, SHORT_RUN);
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

/* Tag one run: where its words begin or, if there is a lattice too, the bonus of each of its symbols. 0 if memory is
 * short. */
static int tag_run(const Decoder *decoder, Desk *desk, size_t first, size_t n)
{
    uint8_t *begins = desk->begins + first;
    double *odds = desk->odds + first;
    if (!tagging_reserve(&desk->tagging, n))
        return 0;
    steps_of_run(&decoder->tagger, desk->symbols + first, n, &desk->tagging);
    if (!decoder->has_lattice) {
        best_of_run(n, &desk->tagging, begins);
        for (size_t i = 0; i < n; i++)
            begins[i] = begins[i] == TAG_B || begins[i] == TAG_S;
        return 1;
    }
    odds_of_run(n, &desk->tagging, odds);
    for (size_t i = 0; i + 1 < n; i++)
        odds[i] = log_of(decoder->logs, odds[i]);
    odds[n - 1] = 0.0;
    return 1;
}

/* Do so for every run of a text. */
static int tag_runs(const Decoder *decoder, Desk *desk, size_t units)
{
    for (size_t i = 0; i < units;) {
        size_t end = i;
        while (end < units && desk->symbols[end] >= FIRST_SYMBOL)
            end++;
        if (end == i)
            desk->begins[i++] = 1;
        else if (!tag_run(decoder, desk, i, end - i))
            return 0;
        else
            i = end;
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
    if (decoder->has_forms)
        put_forms(decoder, desk, m);
    if (decoder->has_lattice)
        look_ahead(&model->trie, desk->symbols, m, model->scores, sizeof(double), desk->begun);
    if (decoder->has_tagger && !tag_runs(decoder, desk, m))
        return -1;
    if (decoder->has_lattice && !segment_stretch(model, desk->symbols, desk->begun, decoder->has_tagger ? desk->odds : NULL,
                                                 m, &desk->scratch, desk->begins))
        return -1;
    int64_t words = 0;
    for (size_t i = 0; i < m; i++)
        words += desk->begins[i] && desk->symbols[i] != SPACE;
    return words;
}

#endif
