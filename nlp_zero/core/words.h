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
    uint32_t *codes, *symbols;
    int64_t *starts;
    uint8_t *begins;
    double *odds;
    Scratch scratch;
    Tagging tagging;
} Desk;

static void desk_free(Desk *desk)
{
    free(desk->codes), free(desk->symbols), free(desk->starts), free(desk->begins), free(desk->odds);
    scratch_free(&desk->scratch);
    tagging_free(&desk->tagging);
}

static int desk_reserve(Desk *desk, size_t n)
{
    desk->codes = malloc((n + 1) * sizeof(uint32_t));
    desk->symbols = malloc((n + 1) * sizeof(uint32_t));
    desk->starts = malloc((n + 1) * sizeof(int64_t));
    desk->begins = malloc(n + 1);
    desk->odds = malloc((n + 1) * sizeof(double));
    return desk->codes && desk->symbols && desk->starts && desk->begins && desk->odds;
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
        uint64_t node = first_child(&decoder->forms, desk->codes[desk->starts[i]]);
        for (int64_t k = desk->starts[i] + 1; node && k < desk->starts[i + 1]; k++)
            node = child(&decoder->forms, node, desk->codes[k]);
        if (node && decoder->form_symbols[node])
            desk->symbols[i] = decoder->form_symbols[node];
    }
}

/* Where the words of one run begin; 0 if memory is short. */
static int decode_run(const Decoder *decoder, Desk *desk, size_t first, size_t n)
{
    const uint32_t *run = desk->symbols + first;
    uint8_t *begins = desk->begins + first;
    double *odds = desk->odds + first;
    if (decoder->has_tagger) {
        if (!tagging_reserve(&desk->tagging, n))
            return 0;
        steps_of_run(&decoder->tagger, run, n, &desk->tagging);
    }
    if (!decoder->has_lattice) {
        best_of_run(n, &desk->tagging, begins);
        for (size_t i = 0; i < n; i++)
            begins[i] = begins[i] == TAG_B || begins[i] == TAG_S;
        return 1;
    }
    if (decoder->has_tagger) {
        odds_of_run(n, &desk->tagging, odds);
        for (size_t i = 0; i + 1 < n; i++)
            odds[i] = log_of(decoder->logs, odds[i]);
        odds[n - 1] = 0.0;
    }
    if (!scratch_reserve(&desk->scratch, n))
        return 0;
    segment_run(&decoder->model, run, decoder->has_tagger ? odds : NULL, n, &desk->scratch, begins);
    return 1;
}

/* The units of a text, whose code points are on the desk, and where words begin; the number of units goes to *units.
 * Returns the number of words that are no white space, or -1 if memory is short. */
static int64_t decode(const Decoder *decoder, Desk *desk, size_t n, size_t *units)
{
    Text text = {desk->codes, decoder->classes, n};
    size_t m = scan(&text, desk->starts, desk->symbols);
    int64_t words = 0;
    if (decoder->has_forms)
        put_forms(decoder, desk, m);
    for (size_t i = 0; i < m;) {
        size_t end = i;
        while (end < m && desk->symbols[end] >= FIRST_SYMBOL)
            end++;
        if (end == i) {
            desk->begins[i] = 1;
            words += desk->symbols[i++] != SPACE;
            continue;
        }
        if (!decode_run(decoder, desk, i, end - i))
            return -1;
        for (; i < end; i++)
            words += desk->begins[i];
    }
    *units = m;
    return words;
}

#endif
