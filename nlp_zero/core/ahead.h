/* Looking up ahead: the nodes of the strings that begin at each place of a text, for many places at once.
 *
 * A look-up in a large table waits for memory, and the next one of a walk needs its result. Those of neighbouring places
 * do not need each other's, so all of one length are asked for before the first of them is made.
 */
#ifndef NLP_ZERO_AHEAD_H
#define NLP_ZERO_AHEAD_H

#include "trie.h"

#define BEGUN 4  /* symbols: what is longer is looked up when it comes */
#define BLOCK 64 /* places whose look-ups are under way together */

/* The links of the strings of 1, 2, ... symbols that begin at a place; 0 from where there is none. */
typedef struct {
    uint32_t link[BEGUN];
} Begun;

/* Fill `begun` for every place of a text. What belongs to the nodes, `size` bytes each, is asked for as well.
 *
 * Which strings go on is hard to foresee, so there is no branch on it: places that do not just are not in the list of the
 * next length.
 */
static void look_ahead(const Trie *trie, const uint32_t *symbols, size_t n, const void *values, size_t size,
                       Begun *begun)
{
    const Trie own = *trie; /* a copy, which what is written here cannot change, so that it stays in registers */
    const char *belongs = values;
    uint32_t place[BLOCK]; /* in the block */
    uint64_t mixes[BLOCK]; /* the keys that are looked up there next */
    for (size_t first = 0; first < n; first += BLOCK) {
        const size_t end = n - first < BLOCK ? n : first + BLOCK;
        size_t places = 0;
        for (size_t i = first; i < end; i++) {
            uint32_t link = symbols[i] >= FIRST_SYMBOL ? first_child(&own, symbols[i]) : 0;
            uint32_t following = i + 1 < n ? symbols[i + 1] : 0;
            uint64_t mix = mixed(&own, key_of(link, following));
            begun[i] = (Begun){{link}};
            prefetch_link(&own, mix);
            place[places] = (uint32_t)(i - first), mixes[places] = mix;
            places += (size_t)(has_children(link) & (following >= FIRST_SYMBOL));
        }
        for (size_t depth = 1; depth < BEGUN && places; depth++) {
            const size_t before = places;
            places = 0;
            for (size_t k = 0; k < before; k++) {
                const size_t i = first + place[k];
                uint32_t link = link_of(&own, mixes[k]);
                uint32_t following = i + depth + 1 < n ? symbols[i + depth + 1] : 0;
                uint64_t mix = mixed(&own, key_of(link, following));
                begun[i].link[depth] = link;
                PREFETCH(belongs + node_of(link) * size);
                prefetch_link(&own, mix);
                place[places] = place[k], mixes[places] = mix;
                places += (size_t)(has_children(link) & (following >= FIRST_SYMBOL));
            }
        }
    }
}

#define STRETCH 2048 /* symbols that are looked up together, so that what is found is still near when it is used */

/* Where a stretch of so many symbols ends that begins at a place: with the last run that ends in time, or with the first
 * one. */
static size_t stretch_end(const uint32_t *symbols, size_t n, size_t begin, size_t most)
{
    if (n - begin <= most)
        return n;
    size_t end = begin + most;
    while (end > begin && symbols[end - 1] >= FIRST_SYMBOL)
        end--;
    if (end == begin)
        for (end = begin + most; end < n && symbols[end] >= FIRST_SYMBOL;)
            end++;
    return end;
}

/* Room for a stretch, grown as needed. */
typedef struct {
    Begun *begun;
    size_t room;
    void *owned; /* where that is, unless another part of the program owns it */
} Stretch;

static int stretch_reserve(Stretch *stretch, size_t n)
{
    if (n <= stretch->room)
        return 1;
    size_t room = n < STRETCH ? STRETCH : n;
    free(stretch->owned);
    stretch->begun = stretch->owned = malloc(room * sizeof(Begun));
    stretch->room = stretch->owned ? room : 0;
    return stretch->owned != NULL;
}

/* Look up the stretch that begins at a place; where it ends, or that place itself if memory is short. */
static size_t look_up_stretch(const Trie *trie, const uint32_t *symbols, size_t n, size_t begin, const void *values,
                              size_t size, Stretch *stretch)
{
    const size_t end = stretch_end(symbols, n, begin, STRETCH);
    if (!stretch_reserve(stretch, end - begin))
        return begin;
    look_ahead(trie, symbols + begin, end - begin, values, size, stretch->begun);
    return end;
}

/* The link of the string of `size` symbols (2 or more) that begins at a place, given that of one less. */
static inline uint32_t longer(const Trie *trie, const Begun *begun, uint32_t link, const uint32_t *symbols, size_t size)
{
    return size <= BEGUN ? begun->link[size - 1] : child(trie, link, symbols[size - 1]);
}

#endif
