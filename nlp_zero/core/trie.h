/* Tries as hash tables.
 *
 * A trie is handed over as one sorted array of keys, parent << SYMBOL_BITS | symbol; key i belongs to node i + 1 and
 * node 0 is the root (see tries.py). Walking text needs one look-up a step, and what that costs is waiting for memory,
 * so the table that it is done on is small: eight bytes a slot.
 *
 * A slot holds a link, which is a node and whether it has children, and a check. Keys are mixed by a function that can be
 * undone: the upper bits of what comes out say which slot a key belongs into, so with the lower ones (at most
 * SYMBOL_BITS) and how far behind that slot it stands the check is the whole key. An empty slot is 0.
 * Behind the slots stands the number of nodes, and then the links of the root's children by symbol, for the range in which
 * most symbols are: every walk begins there.
 */
#ifndef NLP_ZERO_TRIE_H
#define NLP_ZERO_TRIE_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define BREAK 0u
#define SPACE 1u
#define LETTERS 2u
#define FIRST_SYMBOL 16u
#define NUMBER 0x110000u
#define LATIN 0x110001u
#define FIRST_FORM 0x110002u
#define SYMBOL_BITS 21
#define SYMBOL_MASK ((UINT64_C(1) << SYMBOL_BITS) - 1)

/* What is read soon is asked for early: a look-up in a large table takes longer than all that is done with it. */
#if defined(__GNUC__)
#define PREFETCH(address) __builtin_prefetch(address)
#else
#define PREFETCH(address) ((void)(address))
#endif
#define SOON 16 /* keys, or whatever else comes one after the other */

#define FIRST_COMMON 0x4E00u
#define COMMON 0x5200u /* symbols from FIRST_COMMON on; in bytes a multiple of the size of a slot */
#define COMMON_SLOTS (COMMON * sizeof(uint32_t) / sizeof(uint64_t))

#define MOST_NODES (UINT64_C(1) << 31) /* a link has 32 bits */
#define CHECK_SHIFT 32
#define DISTANCE_BITS 11 /* of a check; its other bits are what the place of a slot does not say about a key */
#define SMALL_TABLE 20   /* log2 of slots: up to there three of four are free, so that few look-ups go on to the next */
#define ROOT 1u          /* the link of the root */

typedef struct {
    const uint64_t *slots;
    uint64_t mask;     /* number of slots - 1 */
    unsigned rest;     /* bits of a mixed key that are not its place */
    uint64_t key_mask; /* as many bits as a key may have */
    const uint32_t *common;
} Trie;

static inline size_t node_of(uint32_t link)
{
    return link >> 1;
}

static inline int has_children(uint32_t link)
{
    return link & 1;
}

static unsigned bit_length(uint64_t value)
{
    unsigned bits = 0;
    for (; value; value >>= 1)
        bits++;
    return bits;
}

/* log2 of the table size that keeps n keys: in half of its slots and fewer, in a quarter up to SMALL_TABLE. */
static unsigned table_bits(uint64_t n)
{
    unsigned bits = 4;
    while ((UINT64_C(1) << bits) < 2 * n)
        bits++;
    return bits + (bits < SMALL_TABLE);
}

static Trie trie_of(const uint64_t *slots, unsigned bits, uint64_t nodes)
{
    unsigned key_bits = SYMBOL_BITS + bit_length(nodes);
    if (key_bits < bits)
        key_bits = bits;
    return (Trie){slots, (UINT64_C(1) << bits) - 1, key_bits - bits, (UINT64_C(1) << key_bits) - 1, NULL};
}

/* A key mixed, all its bits still there: parents differ in high bits, symbols in low ones, and both move the top. */
static inline uint64_t mixed(const Trie *trie, uint64_t key)
{
    return ((key ^ key >> SYMBOL_BITS) * UINT64_C(0x9E3779B97F4A7C15)) & trie->key_mask;
}

static inline uint64_t key_at(uint64_t node, uint32_t symbol)
{
    return node << SYMBOL_BITS | symbol;
}

static inline uint64_t key_of(uint32_t link, uint32_t symbol)
{
    return key_at(node_of(link), symbol);
}

/* The link that belongs to a mixed key, 0 if there is none. */
static inline uint32_t link_of(const Trie *trie, uint64_t mix)
{
    uint64_t i = mix >> trie->rest, check = (mix & ((UINT64_C(1) << trie->rest) - 1)) << DISTANCE_BITS;
    for (;; i = (i + 1) & trie->mask, check++) {
        uint64_t slot = trie->slots[i];
        if ((slot >> CHECK_SHIFT == check) | !slot) /* one branch, mostly taken at once */
            return (uint32_t)slot;
    }
}

/* The link of a child, 0 if there is none. */
static inline uint32_t child(const Trie *trie, uint32_t link, uint32_t symbol)
{
    return has_children(link) ? link_of(trie, mixed(trie, key_of(link, symbol))) : 0;
}

/* Ask for what `link_of` will read. */
static inline void prefetch_link(const Trie *trie, uint64_t mix)
{
    PREFETCH(trie->slots + (mix >> trie->rest));
}

/* Ask for what `child` will read. */
static inline void prefetch_child(const Trie *trie, uint32_t link, uint32_t symbol)
{
    prefetch_link(trie, mixed(trie, key_of(link, symbol)));
}

/* The link of the root's child. */
static inline uint32_t first_child(const Trie *trie, uint32_t symbol)
{
    return symbol - FIRST_COMMON < COMMON ? trie->common[symbol - FIRST_COMMON] : child(trie, ROOT, symbol);
}

/* Whether no row of full slots is so long that a distance has too few bits for it. */
static int rows_are_short(const Trie *trie)
{
    const uint64_t limit = UINT64_C(1) << DISTANCE_BITS;
    uint64_t row = 0;
    for (uint64_t i = 0; i <= trie->mask + limit && row < limit; i++) /* the last slot stands before the first one */
        row = trie->slots[i & trie->mask] ? row + 1 : 0;
    return row < limit;
}

/* Fill a zeroed table, and the list of the root's children, from sorted keys; 0 if the table has to be larger. */
static int compile_trie(const uint64_t *keys, uint64_t n, uint64_t *slots, unsigned bits)
{
    const Trie trie = trie_of(slots, bits, n);
    uint64_t *behind = slots + trie.mask + 1, next = 0; /* keys[next] is the first with a later parent than node k */
    uint32_t *common = (uint32_t *)(void *)(behind + 1);
    *behind = n;
    for (uint64_t k = 0; k < n; k++) {
        while (next < n && keys[next] >> SYMBOL_BITS <= k)
            next++;
        uint32_t inner = next < n && keys[next] >> SYMBOL_BITS == k + 1, link = (uint32_t)(k + 1) << 1 | inner;
        uint64_t mix = mixed(&trie, keys[k]), i = mix >> trie.rest;
        uint64_t check = (mix & ((UINT64_C(1) << trie.rest) - 1)) << DISTANCE_BITS;
        for (; slots[i]; i = (i + 1) & trie.mask)
            check++;
        slots[i] = check << CHECK_SHIFT | link;
        if (keys[k] - FIRST_COMMON < COMMON)
            common[keys[k] - FIRST_COMMON] = link;
        if (k + SOON < n)
            PREFETCH(slots + (mixed(&trie, keys[k + SOON]) >> trie.rest));
    }
    return rows_are_short(&trie);
}

/* The first of the sorted keys [low, high) that is not less than the one wanted. */
static inline size_t lower_bound(const uint64_t *keys, size_t low, size_t high, uint64_t wanted)
{
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (keys[middle] < wanted)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The same among so many keys from `low` on, without branches: quicker where the keys are in a cache and what is found
 * cannot be foreseen. */
static inline size_t lower_bound_near(const uint64_t *keys, size_t low, size_t size, uint64_t wanted)
{
    for (; size; size /= 2) {
        const size_t half = (size + 1) / 2;
        low += keys[low + half - 1] < wanted ? half : 0;
    }
    return low;
}

/* Where a search for keys in order goes on. */
typedef struct {
    size_t at;
    uint64_t last;
} Search;

/* The node of a key, 0 if there is none. What is asked for often comes in order, so a search goes on from where the last
 * one ended, with growing steps. */
static inline int64_t search_child(const uint64_t *keys, size_t n, Search *search, uint64_t wanted)
{
    size_t at = search->at;
    if (wanted < search->last) {
        at = lower_bound(keys, 0, at, wanted);
    } else {
        size_t low = at, step = 1;
        while (n - low > step && keys[low + step] < wanted)
            low += step, step *= 2;
        at = lower_bound(keys, low, n - low > step ? low + step : n, wanted);
    }
    *search = (Search){at, wanted};
    return at < n && keys[at] == wanted ? (int64_t)at + 1 : 0;
}

/* The child of each node by its symbol, 0 where there is none. */
static void find_children(const uint64_t *keys, size_t n, const int64_t *nodes, const uint32_t *symbols, size_t m,
                          int64_t *found)
{
    Search search = {0, 0};
    for (size_t i = 0; i < m; i++)
        found[i] = search_child(keys, n, &search, key_at((uint64_t)nodes[i], symbols[i]));
}

/* The same in a compiled trie of `known` nodes, for what is asked for in no order; 0 for what is no node or no symbol. */
static void compiled_children(const Trie *trie, uint64_t known, const int64_t *nodes, const uint32_t *symbols, size_t m,
                              int64_t *found)
{
    for (size_t k = 0; k < m; k++) {
        if (k + SOON < m)
            prefetch_link(trie, mixed(trie, key_at((uint64_t)nodes[k + SOON], symbols[k + SOON])));
        const uint64_t node = (uint64_t)nodes[k];
        const int valid = node <= known && symbols[k] <= SYMBOL_MASK;
        found[k] = valid ? (int64_t)node_of(link_of(trie, mixed(trie, key_at(node, symbols[k])))) : 0;
    }
}

/* Add amounts to the sums of nodes, of which there are n with the root; 0 from the first one on that is none of them. */
static int add_at(int64_t *sums, size_t n, const int64_t *nodes, const int64_t *amounts, size_t m)
{
    for (size_t k = 0; k < m; k++) {
        const uint64_t node = (uint64_t)nodes[k];
        if (node >= n)
            return 0;
        sums[node] = (int64_t)((uint64_t)sums[node] + (uint64_t)amounts[k]);
    }
    return 1;
}

/* The node of each node's string without its first symbol, for strings of at most `longest` symbols; 0 where there is
 * none. Children stand side by side in the order of their symbols, so those of a node's suffix, from `firsts` on, are gone
 * through once for all children of that node. `firsts` has room for n + 1 places. */
static void suffixes(const uint64_t *keys, size_t n, size_t longest, size_t *firsts, int64_t *found)
{
    memset(found, 0, (n + 1) * sizeof(int64_t));
    memset(firsts, 0, (n + 1) * sizeof(size_t)); /* no children: what stands first is a child of the root */
    for (size_t k = n; k-- > 0;)
        firsts[keys[k] >> SYMBOL_BITS] = k;
    size_t length = 1, low = 0;
    uint64_t before = 0, level_end = 0;
    for (size_t k = 0; k < n; k++) {
        const uint64_t parent = keys[k] >> SYMBOL_BITS, shorter = (uint64_t)found[parent];
        if (parent > level_end) {
            level_end = k; /* the number of all nodes before this one */
            if (++length > longest)
                break;
        }
        if (k + 2 * SOON < n)
            PREFETCH(firsts + found[keys[k + 2 * SOON] >> SYMBOL_BITS]);
        if (k + SOON < n)
            PREFETCH(keys + firsts[found[keys[k + SOON] >> SYMBOL_BITS]]);
        if (length == 1 || (length > 2 && !firsts[shorter]))
            continue;
        if (parent != before)
            before = parent, low = firsts[shorter];
        const uint64_t wanted = key_at(shorter, (uint32_t)(keys[k] & SYMBOL_MASK));
        size_t step = 1;
        while (n - low > step && keys[low + step] < wanted)
            low += step, step *= 2;
        low = lower_bound_near(keys, low, n - low > step ? step : n - low, wanted);
        if (low < n && keys[low] == wanted)
            found[k + 1] = (int64_t)low + 1;
    }
}

#endif
