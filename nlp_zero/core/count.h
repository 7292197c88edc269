/* Counting: sort what is to be counted, if it is no pairs that a table counts, then read the trie off the order. */
#ifndef NLP_ZERO_COUNT_H
#define NLP_ZERO_COUNT_H

#include "memory.h"
#include "pairs.h"
#include "sort.h"
#include "trie.h"

#define PAGE_BITS 12
#define PAGE ((size_t)1 << PAGE_BITS) /* symbols, whose counts take room if one of them occurs */
#define PAGES ((size_t)(SYMBOL_MASK + 1) / PAGE)

/* How often each symbol occurs. */
typedef struct {
    uint32_t *pages[PAGES];
} SymbolCounts;

static void symbol_counts_free(SymbolCounts *c)
{
    for (size_t page = 0; page < PAGES; page++)
        free(c->pages[page]);
}

/* Count the symbols of a text; 0 if memory is short. */
static int count_symbols(SymbolCounts *c, const uint32_t *symbols, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        uint32_t *page = c->pages[symbols[i] >> PAGE_BITS];
        if (!page) {
            page = c->pages[symbols[i] >> PAGE_BITS] = calloc(PAGE, sizeof(uint32_t));
            if (!page)
                return 0;
        }
        page[symbols[i] & (PAGE - 1)]++;
    }
    return 1;
}

/* The different symbols in the runs of a text, sorted, and how often each stands there. */
typedef struct {
    uint32_t *symbols;
    int64_t *sizes;
    size_t m;
} Seen;

/* Write those that occur in runs, and how often, unless there is nowhere to write; returns how many there are. */
static size_t symbol_counts_write(const SymbolCounts *c, uint32_t *symbols, int64_t *sizes)
{
    size_t m = 0;
    for (size_t s = FIRST_SYMBOL; s < PAGES * PAGE; s++) {
        const uint32_t *page = c->pages[s >> PAGE_BITS];
        if (!page)
            s |= PAGE - 1; /* the last of the page */
        else if (page[s & (PAGE - 1)]) {
            if (symbols)
                symbols[m] = (uint32_t)s, sizes[m] = page[s & (PAGE - 1)];
            m++;
        }
    }
    return m;
}

/* Find out what is seen in a text; 0 if memory is short. */
static int look_for_symbols(Seen *seen, const uint32_t *symbols, size_t n)
{
    SymbolCounts counts = {{NULL}};
    int done = count_symbols(&counts, symbols, n);
    if (done) {
        seen->m = symbol_counts_write(&counts, NULL, NULL);
        seen->symbols = malloc((seen->m + 1) * sizeof(uint32_t));
        seen->sizes = malloc((seen->m + 1) * sizeof(int64_t));
        done = seen->symbols && seen->sizes;
    }
    if (done)
        symbol_counts_write(&counts, seen->symbols, seen->sizes);
    symbol_counts_free(&counts);
    return done;
}

/* The n-grams of a text, sorted: one record a position, its next `order` symbols as small numbers, packed `per` to a
 * word from the top, 0 where the run has ended. They come in parts by first symbols, each of which becomes a trie of its
 * own. */
typedef struct {
    uint64_t *records;
    size_t m, width;
    unsigned order, bits, per;
    uint32_t begin, end; /* the n-grams that are wanted begin with a symbol from here on and before there */
    uint32_t *symbol_of; /* small number to symbol; 0 to 0 if there are records */
    size_t *at;          /* by small number: where the places are that begin with it; one more than there are numbers */
    size_t distinct, parts;
    size_t lowest, limit; /* the small numbers of the wanted symbols are from one on and before the other */
    size_t *part_end; /* where the places of each part end */
    size_t *level;    /* of each part, `order` numbers: how many nodes it has on each level */
    Pairs pairs;      /* in place of records, if pairs were counted in a table: then only what is wanted has a number */
    size_t *group;    /* by small number: where the pairs are that begin with it; one more than there are numbers */
} Ngrams;

static void ngrams_free(Ngrams *g)
{
    free(g->records), free(g->symbol_of), free(g->at), free(g->part_end), free(g->level), free(g->group);
    pairs_free(&g->pairs);
}

#define SORTED ((size_t)1 << 16) /* words that are sorted together, if one symbol does not begin more: a cache holds them */
#define RECORDS 256 /* looked at together, level by level: so no branch depends on what is in them, which nobody foresees */

/* A word of each of some records, and in what it differs from that of the record before: in all, if an earlier word does. */
typedef struct {
    uint64_t own[RECORDS], differing[RECORDS];
} RecordWords;

/* Look at a word of n records of the part that begins with record `first`, after the words before it; 0 if all have ended. */
static int look_at(const Ngrams *g, size_t first, size_t begin, size_t n, size_t word, RecordWords *words)
{
    const uint64_t *at = g->records + begin * g->width + word;
    uint64_t before = begin > first ? at[-(ptrdiff_t)g->width] : 0, all = 0; /* all records have a first symbol */
    for (size_t i = 0; i < n; i++) {
        const uint64_t own = at[i * g->width], earlier = word && words->differing[i] ? UINT64_MAX : 0;
        words->own[i] = own, words->differing[i] = (own ^ before) | earlier;
        before = own, all |= own;
    }
    return all != 0;
}

/* Where symbol k of a record stands in its word: the bits behind it. */
static inline unsigned ngram_shift(const Ngrams *g, unsigned k)
{
    return (g->per - 1 - k % g->per) * g->bits;
}

/* Add how many nodes there are on each level of some sorted records. */
static void count_nodes(const Ngrams *g, size_t first, size_t end, size_t *level)
{
    const uint64_t symbol = (UINT64_C(1) << g->bits) - 1;
    RecordWords words;
    for (size_t begin = first; begin < end; begin += RECORDS) {
        const size_t n = end - begin < RECORDS ? end - begin : RECORDS;
        for (unsigned k = 0; k < g->order; k++) {
            const unsigned shift = ngram_shift(g, k);
            size_t nodes = 0;
            if (k % g->per == 0 && !look_at(g, first, begin, n, k / g->per, &words))
                break;
            for (size_t i = 0; i < n; i++)
                nodes += (words.differing[i] >> shift != 0) & ((words.own[i] >> shift & symbol) != 0);
            level[k] += nodes;
        }
    }
}

/* Small numbers for the symbols that occur, in the order of the symbols, from 1, and how many wanted n-grams begin with
 * each; 0 if memory is short. */
static int number_symbols(Ngrams *g, const Seen *seen, uint32_t *number)
{
    g->symbol_of = malloc((seen->m + 1) * sizeof(uint32_t));
    g->at = malloc((seen->m + 2) * sizeof(size_t));
    g->part_end = malloc((seen->m + 1) * sizeof(size_t));
    if (!g->symbol_of || !g->at || !g->part_end)
        return 0;
    g->symbol_of[0] = 0, g->at[0] = 0, g->lowest = g->limit = 1;
    for (size_t k = 0; k < seen->m; k++) {
        const uint32_t symbol = seen->symbols[k];
        number[symbol] = (uint32_t)k + 1;
        g->symbol_of[k + 1] = symbol, g->at[k + 1] = g->m;
        g->lowest += symbol < g->begin, g->limit += symbol < g->end;
        g->m += symbol >= g->begin && symbol < g->end ? (size_t)seen->sizes[k] : 0;
    }
    g->distinct = seen->m, g->at[g->distinct + 1] = g->m;
    g->bits = bit_length(g->distinct ? g->distinct : 1);
    g->per = 64 / g->bits < g->order ? 64 / g->bits : g->order;
    g->width = (g->order + g->per - 1) / g->per;
    return 1;
}

/* Parts of at most so many records, if one symbol does not begin more. */
static void divide_ngrams(Ngrams *g, size_t most)
{
    for (size_t k = 1, first = 0; k <= g->distinct; k++) {
        const size_t end = g->at[k + 1];
        if (end > first && (end == g->m || (k < g->distinct && g->at[k + 2] - first > most)))
            first = g->part_end[g->parts++] = end;
    }
}

/* The place of the next record that begins with a symbol; behind all if there are more than there is room for. */
static inline size_t next_place(const Ngrams *g, size_t *next, uint32_t number)
{
    const size_t place = next[number]++;
    return place < g->m ? place : g->m;
}

/* Write each record where those stand that begin with its symbol. They are made from the last position to the first, each
 * from the one after it. There is room for one more than are wanted. */
static void pack_ngrams(const Ngrams *g, const uint32_t *symbols, size_t n, const uint32_t *number, size_t *next,
                        uint64_t *rolling)
{
    const unsigned top = (g->per - 1) * g->bits;
    const uint64_t low = (UINT64_C(1) << g->bits) - 1;
    const unsigned last = (g->order - 1) % g->per; /* the place of the last symbol in the last word */
    const uint64_t kept = ~((UINT64_C(1) << (g->per - 1 - last) * g->bits) - 1); /* not what moved beyond the order */
    const size_t width = g->width;
    memset(rolling, 0, width * sizeof(uint64_t));
    for (size_t i = n; i-- > 0;) {
        const uint32_t own = number[symbols[i]];
        const uint64_t in_run = own ? UINT64_MAX : 0;
        uint64_t carry = own;
        for (size_t w = 0; w < width; w++) {
            uint64_t out = rolling[w] & low;
            rolling[w] = (rolling[w] >> g->bits | carry << top) & in_run;
            carry = out;
        }
        rolling[width - 1] &= kept;
        if (own >= g->lowest && own < g->limit)
            memcpy(g->records + next_place(g, next, own) * width, rolling, width * sizeof(uint64_t));
    }
}

/* The same of records of one word, as most are: first those that are wanted are put into a row, for nobody foresees them. */
static void pack_short_ngrams(const Ngrams *g, const uint32_t *symbols, size_t n, const uint32_t *number, size_t *next)
{
    const unsigned top = (g->per - 1) * g->bits;
    const uint32_t lowest = (uint32_t)g->lowest, wanted = (uint32_t)(g->limit - g->lowest);
    uint64_t record = 0, records[RECORDS];
    uint32_t numbers[RECORDS];
    while (n) {
        size_t m = 0;
        for (const size_t end = n > RECORDS ? n - RECORDS : 0; n > end;) {
            const uint32_t own = number[symbols[--n]];
            record = (record >> g->bits | (uint64_t)own << top) & (own ? UINT64_MAX : 0);
            records[m] = record, numbers[m] = own;
            m += own - lowest < wanted;
        }
        for (size_t k = 0; k < m; k++)
            g->records[next_place(g, next, numbers[k])] = records[k];
    }
}

/* Whether as many n-grams begin with each wanted symbol as was said. */
static int sizes_are_right(const Ngrams *g, const size_t *next)
{
    for (size_t k = g->lowest; k < g->limit; k++)
        if (next[k] != g->at[k + 1])
            return 0;
    return 1;
}

/* Behind the records that begin with as many symbols, from number k on, as have SORTED words together; k goes on. */
static size_t sorted_together(const Ngrams *g, size_t *k)
{
    const size_t first = g->at[*k];
    do
        (*k)++;
    while (*k <= g->distinct && g->at[*k + 1] - first <= SORTED / g->width);
    return g->at[*k];
}

/* Sort the records; 0 if memory is short. */
static int sort_records(const Ngrams *g)
{
    size_t largest = 0;
    for (size_t k = 1, first = 0, end; k <= g->distinct; first = end) {
        end = sorted_together(g, &k);
        largest = end - first > largest ? end - first : largest;
    }
    uint64_t *spare = large_malloc((largest + 1) * g->width * sizeof(uint64_t));
    for (size_t k = 1, first = 0, end; spare && k <= g->distinct; first = end) {
        end = sorted_together(g, &k);
        uint64_t *records = g->records + first * g->width;
        uint64_t *sorted = radix_sort(records, spare, end - first, g->width, g->width, g->per * g->bits);
        if (sorted != records)
            memcpy(records, sorted, (end - first) * g->width * sizeof(uint64_t));
    }
    const int done = spare != NULL;
    free(spare);
    return done;
}

/* Where each of the wanted symbols begins among the pairs, and in parts of so many places; 0 if memory is short. */
static int ngrams_of_pairs(Ngrams *g, size_t most)
{
    const Pairs *p = &g->pairs;
    for (size_t i = 0; i < p->m; i++)
        g->distinct += !i || p->pairs[i] >> SYMBOL_BITS != p->pairs[i - 1] >> SYMBOL_BITS;
    g->symbol_of = malloc((g->distinct + 1) * sizeof(uint32_t));
    g->at = malloc((g->distinct + 2) * sizeof(size_t));
    g->group = malloc((g->distinct + 2) * sizeof(size_t));
    g->part_end = malloc((g->distinct + 1) * sizeof(size_t));
    if (!g->symbol_of || !g->at || !g->group || !g->part_end)
        return 0;
    for (size_t i = 0, k = 0; i < p->m; i++) {
        if (!i || p->pairs[i] >> SYMBOL_BITS != p->pairs[i - 1] >> SYMBOL_BITS)
            g->symbol_of[++k] = (uint32_t)(p->pairs[i] >> SYMBOL_BITS), g->at[k] = g->m, g->group[k] = i;
        g->m += (size_t)p->counts[i];
    }
    g->at[0] = 0, g->at[g->distinct + 1] = g->m, g->group[g->distinct + 1] = p->m;
    divide_ngrams(g, most);
    g->level = calloc(g->parts * 2 + 1, sizeof(size_t));
    for (size_t k = 1, part = 0; g->level && k <= g->distinct; k++) {
        part += g->at[k] == g->part_end[part];
        g->level[2 * part]++;
        g->level[2 * part + 1] += g->group[k + 1] - g->group[k] - !(p->pairs[g->group[k]] & SYMBOL_MASK);
    }
    return g->level != NULL;
}

/* Write the trie of a part of pairs that were counted in a table; returns the number of its nodes. */
static size_t pairs_write(const Ngrams *g, size_t part, uint64_t *keys, int64_t *counts)
{
    const size_t begin = part ? g->part_end[part - 1] : 0;
    size_t k = 1, high = g->distinct, node = 0, pair = g->level[2 * part];
    while (k < high) { /* the first that begins there */
        const size_t middle = k + (high - k) / 2;
        if (g->at[middle] < begin)
            k = middle + 1;
        else
            high = middle;
    }
    for (; k <= g->distinct && g->at[k] < g->part_end[part]; k++) {
        keys[node] = g->symbol_of[k], counts[node++] = (int64_t)(g->at[k + 1] - g->at[k]);
        for (size_t i = g->group[k]; i < g->group[k + 1]; i++)
            if (g->pairs.pairs[i] & SYMBOL_MASK) {
                keys[pair] = (uint64_t)node << SYMBOL_BITS | (g->pairs.pairs[i] & SYMBOL_MASK);
                counts[pair++] = g->pairs.counts[i];
            }
    }
    return pair;
}

typedef enum { NGRAMS_COUNTED, NGRAMS_OF_OTHERS, NGRAMS_NO_MEMORY } NgramsResult;

/* Sort or count the wanted n-grams of a text, in parts of at most so many places if possible, and count the nodes on each
 * level of each part. What is seen in it is looked for if that is not given. Of others: if there are more or fewer of some
 * wanted symbol than was said; nothing else is found out. */
static NgramsResult ngrams_sort(Ngrams *g, const uint32_t *symbols, size_t n, const Seen *seen, size_t most)
{
    if (g->order == 2) {
        const PairsResult pairs = count_pairs(symbols, n, g->begin, g->end, &g->pairs);
        if (pairs != PAIRS_NOT_SUITED)
            return pairs == PAIRS_COUNTED && ngrams_of_pairs(g, most) ? NGRAMS_COUNTED : NGRAMS_NO_MEMORY;
    }
    uint32_t *number = calloc(SYMBOL_MASK + 1, sizeof(uint32_t));
    uint64_t *rolling = malloc((g->order + 1) * sizeof(uint64_t));
    size_t *next = NULL;
    Seen own = {NULL, NULL, 0};
    NgramsResult result = NGRAMS_NO_MEMORY;
    if (!number || !rolling || (!seen->m && !look_for_symbols(&own, symbols, n)))
        goto end;
    if (!number_symbols(g, seen->m ? seen : &own, number))
        goto end;
    divide_ngrams(g, most);
    if (g->m >= SIZE_MAX / sizeof(uint64_t) / g->width) /* where size_t has 32 bits */
        goto end;
    g->level = calloc(g->parts * g->order + 1, sizeof(size_t));
    g->records = large_malloc((g->m + 1) * g->width * sizeof(uint64_t));
    next = malloc((g->distinct + 2) * sizeof(size_t));
    if (!g->level || !g->records || !next)
        goto end;
    memcpy(next, g->at, (g->distinct + 2) * sizeof(size_t));
    if (g->width == 1)
        pack_short_ngrams(g, symbols, n, number, next);
    else
        pack_ngrams(g, symbols, n, number, next, rolling);
    if (!sizes_are_right(g, next)) {
        result = NGRAMS_OF_OTHERS;
        goto end;
    }
    if (!sort_records(g))
        goto end;
    for (size_t p = 0, first = 0; p < g->parts; first = g->part_end[p++])
        count_nodes(g, first, g->part_end[p], g->level + p * g->order);
    result = NGRAMS_COUNTED;
end:
    free(number), free(next), free(rolling), free(own.symbols), free(own.sizes);
    return result;
}

/* Write the trie of a part; returns the number of its nodes. `place` has room for one more number than the order. */
static size_t ngrams_write(const Ngrams *g, size_t part, uint64_t *keys, int64_t *counts, size_t *place)
{
    if (g->group)
        return pairs_write(g, part, keys, counts);
    const size_t first = part ? g->part_end[part - 1] : 0, end = g->part_end[part];
    const uint64_t mask = (UINT64_C(1) << g->bits) - 1;
    RecordWords words;
    uint64_t new_keys[RECORDS + 1];
    int64_t at[RECORDS + 1]; /* of the records that have a symbol on this level, how many come before each new node */
    uint8_t fresh[RECORDS];  /* whether a record has a new node on this level */
    place[0] = 0;            /* of the next node on each level */
    for (unsigned k = 1; k <= g->order; k++)
        place[k] = place[k - 1] + g->level[part * g->order + k - 1];
    const size_t nodes = place[g->order];
    for (size_t begin = first; begin < end; begin += RECORDS) {
        const size_t n = end - begin < RECORDS ? end - begin : RECORDS;
        memset(fresh, 0, n);
        uint64_t parent = 0; /* of the first record: a node is its place + 1 */
        for (unsigned k = 0; k < g->order; k++) {
            const unsigned shift = ngram_shift(g, k);
            const uint64_t last = place[k];
            size_t m = 0;
            int64_t there = 0;
            if (k % g->per == 0 && !look_at(g, first, begin, n, k / g->per, &words))
                break;
            for (size_t i = 0; i < n; i++) {
                const uint64_t small = words.own[i] >> shift & mask;
                const unsigned is_there = small != 0, is_new = is_there & (words.differing[i] >> shift != 0);
                parent += fresh[i], fresh[i] = (uint8_t)is_new;
                new_keys[m] = parent << SYMBOL_BITS | g->symbol_of[small], at[m] = there;
                m += is_new, there += is_there;
            }
            at[m] = there;
            if (at[0]) /* of the node before */
                counts[place[k] - 1] += at[0];
            for (size_t i = 0; i < m; i++)
                keys[place[k]] = new_keys[i], counts[place[k]++] = at[i + 1] - at[i];
            parent = last;
        }
    }
    return nodes;
}

/* A trie with counts, and where its nodes are in the merged one. */
typedef struct {
    const uint64_t *keys;
    const int64_t *counts;
    size_t n;
    uint64_t *place;    /* n + 1 */
    size_t first, end;  /* the level that is merged */
} Merging;

/* Go to the next level: its parents are the nodes of this one. */
static void next_level(Merging *m)
{
    uint64_t last = m->end;
    m->first = m->end;
    while (m->end < m->n && m->keys[m->end] >> SYMBOL_BITS <= last)
        m->end++;
}

static inline uint64_t placed_key(const Merging *m, size_t i)
{
    return m->place[m->keys[i] >> SYMBOL_BITS] << SYMBOL_BITS | (m->keys[i] & SYMBOL_MASK);
}

/* Merge two tries level by level; parents are numbered anew in the same order, so keys stay sorted. Returns the number
 * of nodes; keys and counts have room for all nodes of both. */
static size_t merge_tries(Merging *a, Merging *b, uint64_t *keys, int64_t *counts)
{
    size_t k = 0;
    a->place[0] = b->place[0] = 0;
    for (next_level(a), next_level(b); a->first < a->end || b->first < b->end; next_level(a), next_level(b)) {
        size_t i = a->first, j = b->first;
        uint64_t x = i < a->end ? placed_key(a, i) : UINT64_MAX, y = j < b->end ? placed_key(b, j) : UINT64_MAX;
        for (; i < a->end || j < b->end; k++) {
            const uint64_t key = x < y ? x : y;
            keys[k] = key, counts[k] = 0;
            if (x == key) {
                counts[k] += a->counts[i];
                a->place[++i] = k + 1;
                x = i < a->end ? placed_key(a, i) : UINT64_MAX;
            }
            if (y == key) {
                counts[k] += b->counts[j];
                b->place[++j] = k + 1;
                y = j < b->end ? placed_key(b, j) : UINT64_MAX;
            }
        }
    }
    return k;
}

#endif
