/* Tries that grow: pieces of a text are added one by one, and the nodes are sorted in the end. */
#ifndef NLP_ZERO_BUILD_H
#define NLP_ZERO_BUILD_H

#include "memory.h"
#include "sort.h"
#include "trie.h"

#define DIRECT ((size_t)1 << 16) /* symbols that need no table to be found as the first one */

typedef struct {
    uint64_t key; /* key + 1, or 0 */
    uint64_t node;
} Slot;

static inline uint64_t spread(uint64_t key, unsigned shift)
{
    key ^= key >> 29; /* parents differ in high bits, symbols in low ones: let both move the top of the product */
    return (key * UINT64_C(0x9E3779B97F4A7C15)) >> shift;
}

/* A trie that grows: an open-addressing table whose nodes are numbered as they come. At most half of it is used. */
typedef struct {
    Slot *slots;
    uint64_t capacity, nodes;
    uint64_t *key_of; /* key of each node, with the parent numbered as it came */
    uint64_t room;
    unsigned shift;
    uint32_t *direct; /* of the first DIRECT symbols, the node of the string of that one; where it was asked for */
} Growing;

static void growing_free(Growing *g)
{
    free(g->slots), free(g->key_of), free(g->direct);
}

static int growing_rehash(Growing *g, uint64_t capacity)
{
    Slot *slots = large_calloc(capacity, sizeof(Slot));
    uint64_t *key_of = realloc(g->key_of, (capacity / 2 + 2) * sizeof(uint64_t));
    if (key_of)
        g->key_of = key_of;
    if (!slots || !key_of) {
        free(slots);
        return 0;
    }
    free(g->slots);
    g->slots = slots, g->capacity = capacity, g->room = capacity / 2;
    g->shift = 64 - bit_length(capacity - 1);
    for (uint64_t node = 1; node <= g->nodes; node++) {
        uint64_t key = key_of[node] + 1, i = spread(key, g->shift);
        while (slots[i].key)
            i = (i + 1) & (capacity - 1);
        slots[i] = (Slot){key, node};
    }
    return 1;
}

/* The node of a single symbol, which is one of the first DIRECT; made if it is not there; 0 if memory is short. */
static uint64_t growing_single(Growing *g, uint32_t symbol)
{
    if (!g->direct[symbol]) {
        if (g->nodes >= g->room && !growing_rehash(g, g->capacity * 2))
            return 0;
        g->key_of[++g->nodes] = symbol;
        g->direct[symbol] = (uint32_t)g->nodes;
    }
    return g->direct[symbol];
}

/* The slot where the child of a node is looked for first. */
static inline const Slot *growing_slot(const Growing *g, uint64_t node, uint32_t symbol)
{
    return g->slots + spread((node << SYMBOL_BITS | symbol) + 1, g->shift);
}

/* The child of a node, made if it is not there; 0 if memory is short. */
static uint64_t growing_child(Growing *g, uint64_t node, uint32_t symbol)
{
    if (g->nodes >= g->room && !growing_rehash(g, g->capacity * 2))
        return 0;
    uint64_t key = node << SYMBOL_BITS | symbol, mask = g->capacity - 1;
    uint64_t i = spread(key + 1, g->shift);
    for (; g->slots[i].key; i = (i + 1) & mask)
        if (g->slots[i].key == key + 1)
            return g->slots[i].node;
    g->slots[i].key = key + 1;
    g->key_of[++g->nodes] = key;
    return g->slots[i].node = g->nodes;
}

#define TOGETHER 64 /* pieces that are added together: the slots that they need next are asked for before that */

/* Add pieces of a text, and find the node of each; 0 if memory is short. */
static int growing_add(Growing *g, const uint32_t *symbols, const int64_t *starts, const int64_t *lengths, size_t m,
                       int64_t *nodes)
{
    size_t on[TOGETHER]; /* those that go on */
    for (size_t first = 0; first < m; first += TOGETHER) {
        const size_t end = m - first < TOGETHER ? m : first + TOGETHER;
        size_t left = 0;
        for (size_t i = first; i < end; i++) {
            nodes[i] = 0, on[left] = i;
            left += lengths[i] > 0;
        }
        for (int64_t depth = 0; left; depth++) {
            const size_t before = left;
            left = 0;
            for (size_t k = 0; k < before; k++) {
                const size_t i = on[k];
                const uint32_t symbol = symbols[starts[i] + depth];
                const uint64_t node = g->direct && !depth && symbol < DIRECT
                                          ? growing_single(g, symbol)
                                          : growing_child(g, (uint64_t)nodes[i], symbol);
                if (!node)
                    return 0;
                nodes[i] = (int64_t)node, on[left] = i;
                if (lengths[i] > depth + 1)
                    PREFETCH(growing_slot(g, node, symbols[starts[i] + depth + 1])), left++;
            }
        }
    }
    return 1;
}

/* Number the nodes level by level, sorted inside a level: keys become sorted, place[old] is the new number. Children
 * always come after their parents, and so do deeper levels after a stable sort by depth. 0 if memory is short. */
static int growing_sort(const Growing *g, uint64_t *keys, uint64_t *place)
{
    const size_t n = (size_t)g->nodes;
    uint64_t *pairs = large_malloc((n + 1) * 2 * sizeof(uint64_t)), *spare = large_malloc((n + 1) * 2 * sizeof(uint64_t));
    uint32_t *depth = malloc((n + 1) * sizeof(uint32_t));
    size_t *level = NULL, deepest = 0, done = 0;
    if (!pairs || !spare || !depth)
        goto end;
    depth[0] = 0, place[0] = 0;
    for (size_t i = 1; i <= n; i++) {
        depth[i] = depth[g->key_of[i] >> SYMBOL_BITS] + 1;
        if (depth[i] > deepest)
            deepest = depth[i];
    }
    level = calloc(deepest + 2, sizeof(size_t));
    uint64_t *by_level = keys; /* until the keys are written level by level, their room holds the old numbers */
    if (!level)
        goto end;
    for (size_t i = 1; i <= n; i++)
        level[depth[i] + 1]++;
    for (size_t d = 1; d <= deepest + 1; d++)
        level[d] += level[d - 1];
    for (size_t i = 1; i <= n; i++)
        by_level[level[depth[i]]++] = i; /* now level[d] is where level d ends */
    for (size_t d = 1, first = 0; d <= deepest; first = level[d++]) {
        size_t m = level[d] - first;
        for (size_t j = 0; j < m; j++) {
            uint64_t old = by_level[first + j], key = g->key_of[old];
            pairs[2 * j] = place[key >> SYMBOL_BITS] << SYMBOL_BITS | (key & SYMBOL_MASK);
            pairs[2 * j + 1] = old;
        }
        const uint64_t *sorted = radix_sort(pairs, spare, m, 2, 1, bit_length(n) + SYMBOL_BITS);
        for (size_t j = 0; j < m; j++) {
            keys[first + j] = sorted[2 * j];
            place[sorted[2 * j + 1]] = first + j + 1;
        }
    }
    done = 1;
end:
    free(pairs), free(spare), free(depth), free(level);
    return (int)done;
}

/* Pieces of a text, and how often each of their strings was counted; by node, as it came. */
typedef struct {
    Growing trie;
    int64_t *counts;
    size_t counted; /* so many of them have a count, which may be 0 */
} PieceCounts;

#define PIECES_BLOCK 1024 /* symbols whose pieces are counted together */

/* Count pieces of a text; 0 if memory is short. */
static int count_some(PieceCounts *p, const uint32_t *symbols, const int64_t *starts, const int64_t *lengths, size_t m)
{
    int64_t nodes[PIECES_BLOCK];
    if (!growing_add(&p->trie, symbols, starts, lengths, m, nodes))
        return 0;
    if (p->counted <= p->trie.nodes) {
        const size_t room = (size_t)p->trie.room + 1;
        int64_t *counts = realloc(p->counts, room * sizeof(int64_t));
        if (!counts)
            return 0;
        memset(counts + p->counted, 0, (room - p->counted) * sizeof(int64_t));
        p->counts = counts, p->counted = room;
    }
    for (size_t i = 0; i < m; i++)
        p->counts[nodes[i]]++;
    return 1;
}

/* Count the pieces of a text that begin where flags say, in a run, and have at most so many symbols; each ends where the
 * next one begins. 0 if memory is short. */
static int count_pieces(PieceCounts *p, const uint32_t *symbols, const uint8_t *begins, size_t n, size_t longest)
{
    int64_t places[PIECES_BLOCK + 1], starts[PIECES_BLOCK], lengths[PIECES_BLOCK];
    size_t m = 0; /* pieces that begin at places, the last of which may go on */
    p->trie.direct = calloc(DIRECT, sizeof(uint32_t));
    if (!p->trie.direct || !growing_rehash(&p->trie, 1024))
        return 0;
    for (size_t at = 0; at < n;) {
        const size_t end = n - at < PIECES_BLOCK - 1 ? n : at + PIECES_BLOCK - 1;
        for (; at < end; at++) {
            places[m] = (int64_t)at;
            m += begins[at] != 0;
        }
        if (end == n)
            places[m++] = (int64_t)n;
        size_t wanted = 0;
        for (size_t k = 0; k + 1 < m; k++) {
            starts[wanted] = places[k], lengths[wanted] = places[k + 1] - places[k];
            wanted += (symbols[places[k]] >= FIRST_SYMBOL) & ((size_t)lengths[wanted] <= longest);
        }
        if (!count_some(p, symbols, starts, lengths, wanted))
            return 0;
        if (m)
            places[0] = places[m - 1], m = 1;
    }
    return 1;
}

#endif
