/* Tagging every symbol of a run with its place in a word: B, M, E, S.
 *
 * core/tagging.py says what is computed and in which order; the bits of the result depend on it, as in expect.h.
 */
#ifndef NLP_ZERO_TAG_H
#define NLP_ZERO_TAG_H

#include <float.h>

#include "ahead.h"

#if defined(FLT_EVAL_METHOD) && FLT_EVAL_METHOD != 0
#error "double is computed with other precision here: the result would not be that of the numpy core"
#endif

#define EDGE FIRST_SYMBOL
#define STEPS 8
#define SMALL 0x1p-128      /* below it all four are multiplied by 2 ** 128 */
#define ODDS_LIMIT 0x1p50
#define NO_PAIR UINT32_MAX
#define TAG_STRETCH 256 /* symbols that are looked up together, so that all of it is asked for in time; see SHORT_TEXT */

enum { TAG_B, TAG_M, TAG_E, TAG_S };
enum { BM, BE, MM, ME, EB, ES, SB, SS }; /* the legal steps */

typedef struct {
    Trie trie;
    const float *contexts;   /* 8 by node of single symbols, the root first */
    const float *emissions;  /* 4 by the same nodes */
    const float *pairs;      /* 8 by node of pairs */
    size_t singles;          /* how many nodes the first two have, the root among them */
    const uint32_t *general; /* the class symbol of each form */
    size_t forms;
    uint32_t edge;           /* the link of EDGE */
    int has_pairs;           /* whether any pair has a node; with order 1 none has */
} Tagger;

typedef struct {
    double step[STEPS];
} Step;

typedef struct {
    double tag[4];
} Four;

/* Scratch memory for a stretch, in one block, grown as needed. */
typedef struct {
    Step *steps;
    Four *forward;
    uint32_t *known, *links, *pairs;
    uint8_t *came;
    size_t room;
    void *owned; /* the block, unless another part of the program owns it */
} Tagging;

#define TAGGING_SIZE(room) \
    (((room) + 1) * sizeof(Step) + (room) * (sizeof(Four) + 1) + (3 * (room) + 4) * sizeof(uint32_t))

/* Use a block of TAGGING_SIZE(room). */
static void tagging_in(Tagging *tagging, void *block, size_t room)
{
    tagging->steps = block;
    tagging->forward = (Four *)(void *)(tagging->steps + room + 1);
    tagging->known = (uint32_t *)(void *)(tagging->forward + room);
    tagging->links = tagging->known + room + 1;
    tagging->pairs = tagging->links + room + 2;
    tagging->came = (uint8_t *)(tagging->pairs + room + 1);
    tagging->room = room;
}

static int tagging_reserve(Tagging *tagging, size_t n)
{
    if (n <= tagging->room)
        return 1;
    size_t room = n + n / 2 + 64;
    free(tagging->owned);
    tagging->room = 0;
    if (!(tagging->owned = malloc(TAGGING_SIZE(room))))
        return 0;
    tagging_in(tagging, tagging->owned, room);
    return 1;
}

/* The node of a link if it is a symbol's that has rows, else the root: that may have more children than there are rows. */
static inline uint32_t single_node(const Tagger *tagger, uint32_t link)
{
    return node_of(link) < tagger->singles ? (uint32_t)node_of(link) : 0;
}

/* The symbols of a stretch as the trie has them, EDGE between runs and behind the last. */
static void known_symbols(const Tagger *tagger, const uint32_t *symbols, size_t n, uint32_t *known)
{
    for (size_t i = 0; i < n; i++)
        known[i] = symbols[i] >= FIRST_SYMBOL ? symbols[i] : EDGE;
    known[n] = EDGE;
    for (size_t i = 0; i < n && tagger->forms; i++)
        if (known[i] >= FIRST_FORM && known[i] - FIRST_FORM < tagger->forms)
            known[i] = tagger->general[known[i] - FIRST_FORM];
}

/* The link of a known symbol. Nobody foresees where runs end, so there is no branch for EDGE. */
static inline uint32_t link_of_known(const Tagger *tagger, uint32_t symbol)
{
    const uint32_t at = symbol - FIRST_COMMON, link = tagger->trie.common[at < COMMON ? at : 0];
    if ((at >= COMMON) & (symbol != EDGE))
        return child(&tagger->trie, ROOT, symbol);
    return at < COMMON ? link : tagger->edge;
}

/* The links of the known symbols of a stretch, with EDGE around them, and their pairs with the symbol before, counted from
 * the first pair; NO_PAIR where there is none. All is asked for before any of it is used. Pairs of two EDGEs between runs
 * are looked up, too, and not used. */
static void pairs_of_stretch(const Tagger *tagger, const uint32_t *known, size_t n, uint32_t *links, uint32_t *pairs)
{
    links[0] = tagger->edge;
    for (size_t i = 0; i <= n; i++) {
        links[i + 1] = link_of_known(tagger, known[i]);
        pairs[i] = NO_PAIR;
        if (tagger->has_pairs)
            prefetch_child(&tagger->trie, links[i], known[i]);
    }
    for (size_t i = 0; i <= n && tagger->has_pairs; i++) {
        const int rows = single_node(tagger, links[i]) && single_node(tagger, links[i + 1]);
        const uint32_t link = rows ? child(&tagger->trie, links[i], known[i]) : 0;
        const size_t pair = node_of(link) >= tagger->singles ? node_of(link) - tagger->singles : NO_PAIR;
        pairs[i] = (uint32_t)pair;
        if (pair != NO_PAIR)
            PREFETCH(tagger->pairs + STEPS * pair);
    }
}

/* The probability of each step to each symbol of a stretch and to its end, from the symbol before; where a run begins or
 * ends, from or to EDGE. */
static void steps_of_stretch(const Tagger *tagger, const uint32_t *symbols, size_t n, Tagging *tagging)
{
    static const int to[STEPS] = {TAG_M, TAG_E, TAG_M, TAG_E, TAG_B, TAG_S, TAG_B, TAG_S};
    const uint32_t *links = tagging->links, *pairs = tagging->pairs;
    known_symbols(tagger, symbols, n, tagging->known);
    pairs_of_stretch(tagger, tagging->known, n, tagging->links, tagging->pairs);
    for (size_t i = 0; i <= n; i++) {
        double *step = tagging->steps[i].step;
        if (pairs[i] != NO_PAIR) {
            const float *row = tagger->pairs + STEPS * (size_t)pairs[i];
            for (int k = 0; k < STEPS; k++)
                step[k] = row[k];
        } else {
            const float *context = tagger->contexts + STEPS * (size_t)single_node(tagger, links[i]);
            const float *emission = tagger->emissions + 4 * (size_t)single_node(tagger, links[i + 1]);
            for (int k = 0; k < STEPS; k++)
                step[k] = (double)context[k] * (double)emission[to[k]];
        }
    }
}

/* The greater of two, and which it is. */
static inline double better(double one, double two, unsigned *second)
{
    *second = two > one;
    return two > one ? two : one;
}

/* Tag one run, given its steps. */
static void best_of_run(size_t n, const Step *steps, uint8_t *came, uint8_t *tags)
{
    double b = 0, m = 0, e = 0, s = 1;
    for (size_t i = 0; i < n; i++) {
        const double *p = steps[i].step;
        unsigned from_b, from_m, from_e, from_s;
        double b2 = better(e * p[EB], s * p[SB], &from_b), m2 = better(b * p[BM], m * p[MM], &from_m);
        double e2 = better(b * p[BE], m * p[ME], &from_e), s2 = better(e * p[ES], s * p[SS], &from_s);
        came[i] = (uint8_t)(from_b | from_m << 1 | from_e << 2 | from_s << 3);
        b = b2, m = m2, e = e2, s = s2;
        if (b < SMALL && m < SMALL && e < SMALL && s < SMALL)
            b /= SMALL, m /= SMALL, e /= SMALL, s /= SMALL;
    }
    const double *p = steps[n].step;
    unsigned tag = s * p[SS] > e * p[ES] ? TAG_S : TAG_E;
    for (size_t i = n; i-- > 0;) {
        unsigned second = came[i] >> tag & 1;
        tags[i] = (uint8_t)tag;
        tag = tag == TAG_B || tag == TAG_S ? (second ? TAG_S : TAG_E) : (second ? TAG_M : TAG_B);
    }
}

static inline double limited_odds(double ending, double going_on)
{
    if (ending >= going_on * ODDS_LIMIT)
        return ODDS_LIMIT;
    double odds = ending / going_on;
    return odds > 1 / ODDS_LIMIT ? odds : 1 / ODDS_LIMIT;
}

/* For each symbol of one run, given its steps, the odds that a word ends with it. */
static void odds_of_run(size_t n, const Step *steps, Four *forward, double *odds)
{
    double b = 0, m = 0, e = 0, s = 1;
    for (size_t i = 0; i < n; i++) {
        const double *p = steps[i].step;
        double b2 = e * p[EB] + s * p[SB], m2 = b * p[BM] + m * p[MM];
        double e2 = b * p[BE] + m * p[ME], s2 = e * p[ES] + s * p[SS];
        b = b2, m = m2, e = e2, s = s2;
        if ((b + m) + (e + s) < SMALL)
            b /= SMALL, m /= SMALL, e /= SMALL, s /= SMALL;
        forward[i] = (Four){{b, m, e, s}};
    }
    b = 0, m = 0, e = 0, s = 1;
    for (size_t i = n; i-- > 0;) {
        const double *p = steps[i + 1].step, *f = forward[i].tag;
        double b2 = p[BM] * m + p[BE] * e, m2 = p[MM] * m + p[ME] * e;
        double e2 = p[EB] * b + p[ES] * s, s2 = p[SB] * b + p[SS] * s;
        b = b2, m = m2, e = e2, s = s2;
        if ((b + m) + (e + s) < SMALL)
            b /= SMALL, m /= SMALL, e /= SMALL, s /= SMALL;
        odds[i] = limited_odds(f[TAG_E] * e + f[TAG_S] * s, f[TAG_B] * b + f[TAG_M] * m);
    }
}

#define TAG_BITS 2
#define LAST_CODE 0x3FFF0u /* above all Han characters: numbers and Latin words are coded from here on */

/* The tagged symbols of a text (core/tagged.py says what they are), every run between two edges and ended by a break;
 * returns how many. There is room for 2 n + 2: between two runs stands at least one symbol. */
static size_t tagged_symbols(const uint32_t *symbols, const uint8_t *begins, size_t n, uint32_t *tagged)
{
    static const uint8_t tag_of[2][2] = {{TAG_M, TAG_E}, {TAG_B, TAG_S}}; /* by whether it is the first, and the last */
    size_t size = 0;
    for (size_t i = 0; i < n; i++) {
        if (symbols[i] < FIRST_SYMBOL)
            continue;
        tagged[size++] = EDGE << TAG_BITS | TAG_S;
        for (int first = 1, goes_on = 1; goes_on; i++) {
            goes_on = i + 1 < n && symbols[i + 1] >= FIRST_SYMBOL;
            const int last = !goes_on || begins[i + 1];
            const uint32_t code = symbols[i] >= NUMBER ? symbols[i] - NUMBER + LAST_CODE : symbols[i];
            tagged[size++] = code << TAG_BITS | tag_of[first][last];
            first = last;
        }
        tagged[size++] = EDGE << TAG_BITS | TAG_S;
        tagged[size++] = BREAK;
    }
    return size;
}

/* Tag the runs of a stretch, whose steps are known, or find the odds that words end: whichever array is there. */
static void tag_stretch(const uint32_t *symbols, size_t n, const Tagging *tagging, uint8_t *tags, double *odds)
{
    for (size_t i = 0, end; i < n; i = end) {
        for (end = i; end < n && symbols[end] >= FIRST_SYMBOL;)
            end++;
        if (tags && end > i)
            best_of_run(end - i, tagging->steps + i, tagging->came, tags + i);
        else if (end > i)
            odds_of_run(end - i, tagging->steps + i, tagging->forward, odds + i);
        for (; end < n && symbols[end] < FIRST_SYMBOL; end++)
            if (tags)
                tags[end] = TAG_S;
            else
                odds[end] = ODDS_LIMIT;
    }
}

/* Do so with a text. 0 if memory is short. */
static int tag_text(const Tagger *tagger, const uint32_t *symbols, size_t n, Tagging *tagging, uint8_t *tags,
                    double *odds)
{
    for (size_t i = 0, end; i < n; i = end) {
        end = stretch_end(symbols, n, i, TAG_STRETCH);
        if (!tagging_reserve(tagging, end - i))
            return 0;
        steps_of_stretch(tagger, symbols + i, end - i, tagging);
        tag_stretch(symbols + i, end - i, tagging, tags ? tags + i : NULL, odds ? odds + i : NULL);
    }
    return 1;
}

#endif
