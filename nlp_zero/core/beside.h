/* What n-grams say of strings that they begin or end with: looking up these strings, and what stands beside them.
 *
 * The n-grams are a trie of their own (a part of the counts), whose keys come in order; so do the strings that they begin
 * with, but not those that they end with.
 */
#ifndef NLP_ZERO_BESIDE_H
#define NLP_ZERO_BESIDE_H

#include "ahead.h"

/* The strings: their trie as sorted keys, and compiled; that one may have fewer nodes. */
typedef struct {
    const uint64_t *keys;
    size_t n;
    Trie trie;
    uint64_t compiled; /* nodes of the compiled one */
} Strings;

/* Which string each of m n-grams of one length is, which one it is without its last symbol, and which one without its
 * first; 0 for none. `itself` and `rest` tell that of its parent, which has less than `parents` as its number; where the
 * n-grams are pairs, what is left of their parents is the root. Returns 0 if there is no such parent; then what was found
 * is not complete. */
static int nodes_beside(const uint64_t *ngrams, size_t m, int are_pairs, const Strings *strings, const int64_t *itself,
                        const int64_t *rest, size_t parents, int64_t *own, int64_t *after, int64_t *rests)
{
    Search search = {0, 0};
    size_t place[BLOCK];
    uint64_t mixes[BLOCK];
    for (size_t first = 0; first < m; first += BLOCK) {
        const size_t end = m - first < BLOCK ? m : first + BLOCK;
        size_t places = 0;
        for (size_t k = first; k < end; k++) {
            const uint64_t parent = ngrams[k] >> SYMBOL_BITS;
            if (parent >= parents)
                return 0;
            const uint64_t left = (uint64_t)rest[parent]; /* of the parent */
            uint64_t mix = mixed(&strings->trie, key_at(left, (uint32_t)(ngrams[k] & SYMBOL_MASK)));
            after[k] = itself[parent];
            rests[k] = 0;
            prefetch_link(&strings->trie, mix);
            place[places] = k, mixes[places] = mix;
            places += (size_t)((are_pairs | (left > 0)) & (left <= strings->compiled));
        }
        for (size_t j = 0; j < places; j++)
            rests[place[j]] = (int64_t)node_of(link_of(&strings->trie, mixes[j]));
        for (size_t k = first; k < end; k++) {
            const uint64_t wanted = key_at((uint64_t)after[k], (uint32_t)(ngrams[k] & SYMBOL_MASK));
            own[k] = after[k] > 0 ? search_child(strings->keys, strings->n, &search, wanted) : 0;
        }
    }
    return 1;
}

/* N-grams of three symbols or more, all of one length: some of those of a part. */
typedef struct {
    const uint64_t *keys;  /* of the part */
    const int64_t *counts; /* of the part */
    size_t n;              /* of the part */
    size_t first, m;       /* which ones */
    size_t length;
    const int64_t *after, *rests; /* what `nodes_beside` says of them */
    const int64_t *itself;        /* which string each node of the part is, as far as they are parents */
    size_t parents;
} Chunk;

/* How often strings occur, by node, and single symbols, of which the last one stands for all from there on; and a trie in
 * which to find strings of two symbols. */
typedef struct {
    const int64_t *strings;
    size_t nodes;
    const int64_t *symbols;
    size_t last_symbol;
    Trie trie;
} Known;

/* The columns of a table with a row for each n-gram beside each string. */
typedef struct {
    int64_t *strings;
    double *seen, *others, *elsewhere, *neighbours;
} Neighbours;

static inline double at_least(int64_t value, int64_t least)
{
    return (double)(value > least ? value : least);
}

/* Without overflow, as numpy has it. */
static inline int64_t difference(int64_t a, int64_t b)
{
    return (int64_t)((uint64_t)a - (uint64_t)b);
}

static inline int64_t count_of_symbol(const Known *known, uint64_t key)
{
    const uint64_t symbol = key & SYMBOL_MASK;
    return known->symbols[symbol < known->last_symbol ? symbol : known->last_symbol];
}

/* A row: the n-gram occurs `seen` times; its string has a symbol at this end that occurs `around` times, `together` with
 * what stands beside it so many times, and that symbol occurs `neighbours` times. */
static inline void set_row(const Neighbours *rows, size_t row, const Known *known, int64_t string, int64_t seen,
                           int64_t around, int64_t together, int64_t neighbours)
{
    rows->strings[row] = string;
    rows->seen[row] = (double)seen;
    rows->others[row] = at_least(difference(around, known->strings[string]), 0);
    rows->elsewhere[row] = at_least(difference(together, seen), 0);
    rows->neighbours[row] = at_least(neighbours, seen);
}

/* Whether nodes are what they must be, as far as they are used as places. */
static int is_chunk(const Chunk *chunk, const Known *known)
{
    if (chunk->first > chunk->n || chunk->m > chunk->n - chunk->first || chunk->parents > chunk->n + 1)
        return 0;
    for (size_t k = 0; k < chunk->m; k++) {
        const uint64_t parent = chunk->keys[chunk->first + k] >> SYMBOL_BITS;
        if (parent < 1 || parent >= chunk->parents || (uint64_t)chunk->after[k] >= known->nodes ||
            (uint64_t)chunk->rests[k] >= known->nodes)
            return 0;
    }
    return 1;
}

/* The places of a block where there is a string; how many. */
static inline size_t places_of(const int64_t *nodes, size_t first, size_t m, size_t *place)
{
    const size_t end = m - first < BLOCK ? m : first + BLOCK;
    size_t places = 0;
    for (size_t k = first; k < end; k++) {
        place[places] = k;
        places += (size_t)(nodes[k] > 0);
    }
    return places;
}

/* What stands after the strings that n-grams begin with: rows for those, as many as are returned. */
static size_t neighbours_after(const Chunk *chunk, const Known *known, const Neighbours *rows)
{
    size_t place[BLOCK], row = 0;
    uint64_t mixes[BLOCK];
    int64_t pair[BLOCK]; /* the string that the last two symbols of the n-gram are */
    for (size_t first = 0; first < chunk->m; first += BLOCK) {
        const size_t places = places_of(chunk->after, first, chunk->m, place);
        if (chunk->length == 3) { /* what the n-gram is without its first symbol */
            for (size_t j = 0; j < places; j++) {
                pair[j] = chunk->rests[place[j]];
                PREFETCH(known->strings + pair[j]);
            }
        } else {
            for (size_t j = 0; j < places; j++) {
                const uint64_t key = chunk->keys[chunk->first + place[j]];
                const uint32_t last = (uint32_t)(chunk->keys[(key >> SYMBOL_BITS) - 1] & SYMBOL_MASK);
                const uint32_t link = first_child(&known->trie, last);
                pair[j] = has_children(link);
                mixes[j] = mixed(&known->trie, key_of(link, (uint32_t)(key & SYMBOL_MASK)));
                prefetch_link(&known->trie, mixes[j]);
            }
            for (size_t j = 0; j < places; j++) {
                pair[j] = pair[j] ? (int64_t)node_of(link_of(&known->trie, mixes[j])) : 0;
                PREFETCH(known->strings + pair[j]);
            }
        }
        for (size_t j = 0; j < places; j++) {
            const uint64_t key = chunk->keys[chunk->first + place[j]];
            const uint64_t parent = chunk->keys[(key >> SYMBOL_BITS) - 1];
            set_row(rows, row++, known, chunk->after[place[j]], chunk->counts[chunk->first + place[j]],
                    count_of_symbol(known, parent), known->strings[pair[j]], count_of_symbol(known, key));
        }
    }
    return row;
}

/* What stands before the strings that n-grams end with: rows for those from `row` on, up to what is returned; SIZE_MAX
 * if the keys are no trie. */
static size_t neighbours_before(const Chunk *chunk, const Known *known, const Neighbours *rows, size_t row)
{
    size_t place[BLOCK];
    uint64_t last = UINT64_MAX; /* the node of the pair that the n-grams looked at begin with; first none */
    int64_t together = 0, around = 0, neighbours = 0;
    for (size_t first = 0; first < chunk->m; first += BLOCK) {
        const size_t places = places_of(chunk->rests, first, chunk->m, place);
        for (size_t j = 0; j < places; j++)
            PREFETCH(known->strings + chunk->rests[place[j]]);
        for (size_t j = 0; j < places; j++) {
            const size_t k = place[j];
            uint64_t pair = chunk->keys[chunk->first + k] >> SYMBOL_BITS;
            for (size_t length = chunk->length; length > 3; length--) {
                const uint64_t parent = chunk->keys[pair - 1] >> SYMBOL_BITS;
                if (!parent || parent >= pair)
                    return SIZE_MAX;
                pair = parent;
            }
            if (pair != last) {
                const uint64_t single = chunk->keys[pair - 1] >> SYMBOL_BITS;
                if (!single || single >= pair || (uint64_t)chunk->itself[pair] >= known->nodes)
                    return SIZE_MAX;
                last = pair;
                around = count_of_symbol(known, chunk->keys[pair - 1]);
                together = known->strings[chunk->itself[pair]];
                neighbours = count_of_symbol(known, chunk->keys[single - 1]);
            }
            set_row(rows, row++, known, chunk->rests[k], chunk->counts[chunk->first + k], around, together, neighbours);
        }
    }
    return row;
}

#endif
