/* What n-grams say of strings that they begin or end with: looking up these strings, and what stands beside them.
 *
 * The n-grams are a trie of their own (a part of the counts), whose keys come in order; so do the strings that they begin
 * with, but not those that they end with.
 */
#ifndef NLP_ZERO_BESIDE_H
#define NLP_ZERO_BESIDE_H

#include "ahead.h"

/* The strings: their trie, sorted and compiled, which may have fewer nodes, and what is known by node. */
typedef struct {
    const uint64_t *keys;
    size_t n;
    Trie trie;
    uint64_t compiled; /* nodes of the compiled one */
} Strings;

/* Which string each of m n-grams of one length is, which one it is without its last symbol, and which one without its
 * first; 0 for none. `itself` and `rest` tell that of its parent, which has less than `parents` as its number; where the
 * n-grams are pairs, what is left of their parents is the root. 0 in the end if there is no such parent. */
static int nodes_beside(const uint64_t *ngrams, size_t m, int pairs, const Strings *strings, const int64_t *itself,
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
            const uint64_t before = (uint64_t)rest[parent];
            uint64_t mix = mixed(&strings->trie, key_at(before, (uint32_t)(ngrams[k] & SYMBOL_MASK)));
            after[k] = itself[parent];
            rests[k] = 0;
            prefetch_link(&strings->trie, mix);
            place[places] = k, mixes[places] = mix;
            places += (size_t)((pairs | (before > 0)) & (before <= strings->compiled));
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
    size_t first, end;
    size_t length;
    const int64_t *after, *rests; /* what `nodes_beside` says of them */
    const int64_t *itself;        /* which string each node of the part is, as far as they are parents */
    size_t parents;
} Chunk;

/* How often strings (by node), single symbols (by symbol) and pairs (a trie of them and perhaps more) occur. */
typedef struct {
    const int64_t *strings;
    size_t nodes;
    const int64_t *symbols; /* for every symbol that a key can have */
    Trie pairs;
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

/* A row: the n-gram occurs `seen` times; its string has a symbol at this end that occurs `around` times, together with
 * what stands beside it `pairs` times, and that symbol occurs `neighbours` times. */
static inline void set_row(const Neighbours *rows, size_t row, const Known *known, int64_t string, int64_t seen,
                           int64_t around, int64_t pairs, int64_t neighbours)
{
    rows->strings[row] = string;
    rows->seen[row] = (double)seen;
    rows->others[row] = at_least(around - known->strings[string], 0);
    rows->elsewhere[row] = at_least(pairs - seen, 0);
    rows->neighbours[row] = at_least(neighbours, seen);
}

/* Whether nodes are what they must be, as far as they are used as places. */
static int is_chunk(const Chunk *chunk, const Known *known)
{
    if (chunk->length < 3 || chunk->first > chunk->end || chunk->end > chunk->n || chunk->parents > chunk->n + 1)
        return 0;
    for (size_t k = 0; k < chunk->end - chunk->first; k++) {
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
    const size_t m = chunk->end - chunk->first;
    size_t place[BLOCK], row = 0;
    uint64_t mixes[BLOCK];
    int64_t pairs[BLOCK];
    for (size_t first = 0; first < m; first += BLOCK) {
        const size_t places = places_of(chunk->after, first, m, place);
        if (chunk->length == 3) { /* the pair is what the n-gram is without its first symbol */
            for (size_t j = 0; j < places; j++) {
                pairs[j] = chunk->rests[place[j]];
                PREFETCH(known->strings + pairs[j]);
            }
        } else {
            for (size_t j = 0; j < places; j++) {
                const uint64_t key = chunk->keys[chunk->first + place[j]];
                const uint32_t last = (uint32_t)(chunk->keys[(key >> SYMBOL_BITS) - 1] & SYMBOL_MASK);
                const uint32_t link = first_child(&known->pairs, last);
                pairs[j] = has_children(link);
                mixes[j] = mixed(&known->pairs, key_of(link, (uint32_t)(key & SYMBOL_MASK)));
                prefetch_link(&known->pairs, mixes[j]);
            }
            for (size_t j = 0; j < places; j++) {
                pairs[j] = pairs[j] ? (int64_t)node_of(link_of(&known->pairs, mixes[j])) : 0;
                PREFETCH(known->strings + pairs[j]);
            }
        }
        for (size_t j = 0; j < places; j++) {
            const uint64_t key = chunk->keys[chunk->first + place[j]];
            const uint64_t last = chunk->keys[(key >> SYMBOL_BITS) - 1] & SYMBOL_MASK;
            set_row(rows, row++, known, chunk->after[place[j]], chunk->counts[chunk->first + place[j]],
                    known->symbols[last], known->strings[pairs[j]], known->symbols[key & SYMBOL_MASK]);
        }
    }
    return row;
}

/* What stands before the strings that n-grams end with: rows for those from `row` on, up to what is returned; SIZE_MAX
 * if the keys are no trie. */
static size_t neighbours_before(const Chunk *chunk, const Known *known, const Neighbours *rows, size_t row)
{
    const size_t m = chunk->end - chunk->first;
    size_t place[BLOCK];
    uint64_t known_pair = UINT64_MAX; /* the node of the pair that the n-grams looked at begin with; first none */
    int64_t pairs = 0, around = 0, neighbours = 0;
    for (size_t first = 0; first < m; first += BLOCK) {
        const size_t places = places_of(chunk->rests, first, m, place);
        for (size_t j = 0; j < places; j++)
            PREFETCH(known->strings + chunk->rests[place[j]]);
        for (size_t j = 0; j < places; j++) {
            const size_t k = place[j];
            uint64_t pair = chunk->keys[chunk->first + k] >> SYMBOL_BITS;
            for (size_t length = chunk->length; length > 3 && pair && pair <= chunk->n; length--)
                pair = chunk->keys[pair - 1] >> SYMBOL_BITS;
            if (pair != known_pair) {
                const uint64_t single = pair && pair < chunk->parents ? chunk->keys[pair - 1] >> SYMBOL_BITS : 0;
                if (!single || single > pair || (uint64_t)chunk->itself[pair] >= known->nodes)
                    return SIZE_MAX;
                known_pair = pair;
                around = known->symbols[chunk->keys[pair - 1] & SYMBOL_MASK];
                pairs = known->strings[chunk->itself[pair]];
                neighbours = known->symbols[chunk->keys[single - 1] & SYMBOL_MASK];
            }
            set_row(rows, row++, known, chunk->rests[k], chunk->counts[chunk->first + k], around, pairs, neighbours);
        }
    }
    return row;
}

#endif
