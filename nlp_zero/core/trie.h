/* Tries as hash tables.
 *
 * A trie is handed over as one sorted array of keys, parent << SYMBOL_BITS | symbol; key i belongs to node i + 1 and
 * node 0 is the root (see tries.py). Walking text needs one look-up a step, so it is done on an open-addressing
 * table of slots (key + 1, node): the 1 keeps 0 free as the mark of an empty slot. At most half of the slots are used.
 * Behind the slots stands one whose node is the number of nodes, and then the root's children by symbol, for the range
 * in which most symbols are: every walk begins there.
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
#define AHEAD 4 /* symbols */

typedef struct {
    uint64_t key; /* key + 1, or 0 */
    uint64_t node;
} Slot;

#define FIRST_COMMON 0x4E00u
#define COMMON 0x5200u /* symbols from FIRST_COMMON on; in bytes a multiple of the size of a slot */
#define COMMON_SLOTS (COMMON * sizeof(uint32_t) / sizeof(Slot))

typedef struct {
    const Slot *slots;
    unsigned shift; /* 64 - log2(number of slots) */
    uint64_t mask;  /* number of slots - 1 */
    const uint32_t *common;
} Trie;

static inline uint64_t spread(uint64_t key, unsigned shift)
{
    key ^= key >> 29; /* parents differ in high bits, symbols in low ones: let both move the top of the product */
    return (key * UINT64_C(0x9E3779B97F4A7C15)) >> shift;
}

/* log2 of a table size that keeps n keys at half load. */
static unsigned table_bits(uint64_t n)
{
    unsigned bits = 4;
    while ((UINT64_C(1) << bits) < 2 * n)
        bits++;
    return bits;
}

static Trie trie_of(const Slot *slots, uint64_t capacity)
{
    Trie trie = {slots, 64, capacity - 1, NULL};
    for (; capacity > 1; capacity >>= 1)
        trie.shift--;
    return trie;
}

static inline uint64_t child(const Trie *trie, uint64_t node, uint32_t symbol)
{
    uint64_t key = (node << SYMBOL_BITS | symbol) + 1;
    for (uint64_t i = spread(key, trie->shift);; i = (i + 1) & trie->mask) {
        if (trie->slots[i].key == key)
            return trie->slots[i].node;
        if (!trie->slots[i].key)
            return 0;
    }
}

/* Ask for what `child` will read. */
static inline void prefetch_child(const Trie *trie, uint64_t node, uint32_t symbol)
{
    PREFETCH(trie->slots + spread((node << SYMBOL_BITS | symbol) + 1, trie->shift));
}

/* The root's child. */
static inline uint64_t first_child(const Trie *trie, uint32_t symbol)
{
    return symbol - FIRST_COMMON < COMMON ? trie->common[symbol - FIRST_COMMON] : child(trie, 0, symbol);
}

/* Fill the zeroed list of the root's children from sorted keys. */
static void list_common(const uint64_t *keys, uint64_t n, uint32_t *common)
{
    for (uint64_t k = 0; k < n && keys[k] <= SYMBOL_MASK; k++)
        if (keys[k] - FIRST_COMMON < COMMON)
            common[keys[k] - FIRST_COMMON] = (uint32_t)(k + 1);
}

/* Fill zeroed slots from sorted keys. */
static void compile_trie(const uint64_t *keys, uint64_t n, Slot *slots, uint64_t capacity)
{
    Trie trie = trie_of(slots, capacity);
    for (uint64_t k = 0; k < n; k++) {
        uint64_t key = keys[k] + 1, i = spread(key, trie.shift);
        while (slots[i].key)
            i = (i + 1) & trie.mask;
        slots[i].key = key;
        slots[i].node = k + 1;
    }
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

/* The child of each node by its symbol, 0 where there is none. What is asked for often comes in order, so a search goes
 * on from where the last one ended, with growing steps. */
static void find_children(const uint64_t *keys, size_t n, const int64_t *nodes, const uint32_t *symbols, size_t m,
                          int64_t *found)
{
    size_t at = 0;
    uint64_t last = 0;
    for (size_t i = 0; i < m; i++) {
        uint64_t wanted = (uint64_t)nodes[i] << SYMBOL_BITS | symbols[i];
        if (wanted < last) {
            at = lower_bound(keys, 0, at, wanted);
        } else {
            size_t low = at, step = 1;
            while (n - low > step && keys[low + step] < wanted)
                low += step, step *= 2;
            at = lower_bound(keys, low, n - low > step ? low + step : n, wanted);
        }
        last = wanted;
        found[i] = at < n && keys[at] == wanted ? (int64_t)at + 1 : 0;
    }
}

/* The node of each node's string without its first symbol, for strings of at most `longest` symbols; 0 where there is
 * none. The children of a node stand side by side, so only they are searched; those of one parent come in order, so the
 * search goes on from where it last ended. `firsts` has room for n + 2 places. */
static void suffixes(const uint64_t *keys, size_t n, size_t longest, size_t *firsts, int64_t *found)
{
    for (size_t k = 0, node = 0; node <= n + 1; node++) { /* firsts[node]: where its children begin */
        while (k < n && keys[k] >> SYMBOL_BITS < node)
            k++;
        firsts[node] = k;
    }
    memset(found, 0, (n + 1) * sizeof(int64_t));
    size_t first = firsts[1], end = first ? firsts[first + 1] : 0;
    for (size_t length = 2; length <= longest && first < end; length++) {
        size_t low = 0;
        uint64_t before = UINT64_MAX;
        for (size_t k = first; k < end; k++) {
            uint64_t parent = keys[k] >> SYMBOL_BITS, shorter = (uint64_t)found[parent];
            uint64_t wanted = shorter << SYMBOL_BITS | (keys[k] & SYMBOL_MASK);
            if (length > 2 && !shorter)
                continue;
            if (parent != before)
                before = parent, low = firsts[shorter];
            low = lower_bound(keys, low, firsts[shorter + 1], wanted);
            if (low < firsts[shorter + 1] && keys[low] == wanted)
                found[k + 1] = (int64_t)low + 1;
        }
        first = end, end = firsts[end + 1];
    }
}

#endif
