/* Counting pairs in a table. Most symbols of a text are a few frequent ones, and pairs of these are counted by adding 1,
 * which is quicker than sorting; only pairs with other symbols are sorted. Cells are bytes, so that more of them are in a
 * cache: what a cell cannot hold goes into a list. A cell is 0 if its pair never occurs.
 */
#ifndef NLP_ZERO_PAIRS_H
#define NLP_ZERO_PAIRS_H

#include "memory.h"
#include "sort.h"
#include "trie.h"

#define TABLE_BITS 11
#define TABLE ((size_t)1 << TABLE_BITS) /* rows, and columns */
#define TABLE_FROM ((size_t)1 << 19)    /* symbols of a text that are worth a table */
#define SAMPLES ((size_t)1 << 20)       /* about so many symbols say which are frequent */
#define SAMPLE_STEP 16                  /* but no more than one in so many */
#define MOST_OTHERS 4                   /* one pair in so many may be sorted */
#define CELL_MOST 255                   /* that a cell holds; when it is full it begins at 1 again */
#define CELLS 8                         /* of a row that are looked at together */
#define PAIRS_BLOCK 256                 /* whose cells are asked for before the first of them is used */

enum { OTHERS, OUTSIDE, FIRST_NUMBER }; /* numbers of symbols: of all others, of those in no run, of frequent ones */

/* The pairs of a text, sorted: first << SYMBOL_BITS | second, with 0 as the second where a run ends, and their counts. */
typedef struct {
    uint64_t *pairs;
    int64_t *counts;
    size_t m;
} Pairs;

static void pairs_free(Pairs *p)
{
    free(p->pairs), free(p->counts);
}

typedef enum { PAIRS_COUNTED, PAIRS_NOT_SUITED, PAIRS_NO_MEMORY } PairsResult;

typedef struct {
    uint16_t *number;          /* of each symbol */
    uint32_t row[TABLE];       /* where that of each number begins; that of OUTSIDE for symbols not wanted as the first */
    uint32_t symbol_of[TABLE]; /* of each number; 0 for OUTSIDE */
    size_t numbers;
    uint8_t *table;            /* of counts */
    uint64_t *full;            /* the cell each time that one was full */
    size_t full_ones;
    uint64_t *others;          /* pairs with another symbol, not all of them wanted */
    size_t other_ones;
} PairTable;

static void pair_table_free(PairTable *t)
{
    free(t->number), free(t->table), free(t->full), free(t->others);
}

/* The least count that no more than `most` of them reach. */
static uint32_t least_frequent(const uint32_t *counts, size_t n, size_t most)
{
    uint32_t low = 1, high = UINT32_MAX;
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        size_t reach = 0;
        for (size_t i = 0; i < n; i++)
            reach += counts[i] >= middle;
        if (reach > most)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Some of the symbols: how often each was seen, how many were looked at, how many different ones there are, the last. */
typedef struct {
    uint32_t *seen, last;
    size_t symbols, different;
} Sample;

/* The least count of the symbols that have numbers; 0 if memory is short. */
static uint32_t look_at_some(Sample *sample, const uint32_t *symbols, size_t n)
{
    if (!(sample->seen = calloc(SYMBOL_MASK + 1, sizeof(uint32_t))))
        return 0;
    const size_t step = n / SAMPLES > SAMPLE_STEP ? n / SAMPLES : SAMPLE_STEP;
    for (size_t i = 0; i < n; i += step)
        if (symbols[i] >= FIRST_SYMBOL) {
            sample->last = symbols[i] > sample->last ? symbols[i] : sample->last;
            sample->different += !sample->seen[symbols[i]]++, sample->symbols++;
        }
    uint32_t *counts = malloc((sample->different + 1) * sizeof(uint32_t)), least = 0;
    if (counts) {
        size_t k = 0;
        for (size_t s = FIRST_SYMBOL; s <= sample->last; s++)
            if (sample->seen[s])
                counts[k++] = sample->seen[s];
        least = least_frequent(counts, k, TABLE - FIRST_NUMBER);
    }
    free(counts);
    return least;
}

/* Number the frequent symbols in their order, by a sample. Not suited: if too many pairs would have another one. */
static PairsResult number_frequent(PairTable *t, const uint32_t *symbols, size_t n, uint32_t begin, uint32_t end)
{
    Sample sample = {0};
    size_t frequent = 0;
    const uint32_t least = look_at_some(&sample, symbols, n);
    t->number = calloc(SYMBOL_MASK + 1, sizeof(uint16_t));
    if (!least || !t->number) {
        free(sample.seen);
        return PAIRS_NO_MEMORY;
    }
    for (size_t s = 0; s < FIRST_SYMBOL; s++)
        t->number[s] = OUTSIDE;
    t->row[OTHERS] = OTHERS << TABLE_BITS, t->row[OUTSIDE] = OUTSIDE << TABLE_BITS;
    t->symbol_of[OUTSIDE] = 0, t->numbers = FIRST_NUMBER;
    for (size_t s = FIRST_SYMBOL; s <= sample.last; s++)
        if (sample.seen[s] >= least) {
            frequent += sample.seen[s];
            t->symbol_of[t->numbers] = (uint32_t)s, t->number[s] = (uint16_t)t->numbers;
            t->row[t->numbers] = (s >= begin && s < end ? (uint32_t)t->numbers : OUTSIDE) << TABLE_BITS;
            t->numbers++;
        }
    free(sample.seen);
    const double share = sample.symbols ? (double)frequent / (double)sample.symbols : 1;
    return (1 - share * share) * MOST_OTHERS <= 1 ? PAIRS_COUNTED : PAIRS_NOT_SUITED;
}

/* Keep the pairs with other symbols, which stand at these places behind `begin`. */
static void keep_others(PairTable *t, const uint32_t *symbols, size_t n, size_t begin, const uint16_t *places, size_t m)
{
    for (size_t k = 0; k < m; k++) {
        const size_t i = begin + places[k];
        const uint32_t after = i + 1 < n ? symbols[i + 1] : BREAK;
        if (i)
            t->others[t->other_ones++] = (uint64_t)symbols[i - 1] << SYMBOL_BITS | symbols[i];
        if (t->number[after] != OTHERS) /* else it is the pair before that one */
            t->others[t->other_ones++] = (uint64_t)symbols[i] << SYMBOL_BITS | (after < FIRST_SYMBOL ? 0 : after);
    }
}

/* Count some pairs that have cells. */
static void count_cells(PairTable *t, const uint32_t *cells, size_t m)
{
    uint8_t *const table = t->table;
    for (size_t i = 0; i < m; i++)
        if (!++table[cells[i]])
            table[cells[i]] = 1, t->full[t->full_ones++] = cells[i];
}

/* Count all pairs. Not suited: if there is no room for those with another symbol. */
static PairsResult fill_table(PairTable *t, const uint32_t *symbols, size_t n)
{
    const size_t room = n / (MOST_OTHERS - 1) + 2 * PAIRS_BLOCK;
    t->table = large_calloc(TABLE, TABLE);
    t->full = malloc((n / CELL_MOST + 1) * sizeof(uint64_t));
    t->others = large_malloc(room * sizeof(uint64_t));
    if (!t->table || !t->full || !t->others)
        return PAIRS_NO_MEMORY;
    uint32_t row = t->row[OUTSIDE]; /* of the symbol before */
    for (size_t begin = 0; begin < n; begin += PAIRS_BLOCK) {
        const size_t m = n - begin < PAIRS_BLOCK ? n - begin : PAIRS_BLOCK;
        uint32_t cells[PAIRS_BLOCK];
        uint16_t others[PAIRS_BLOCK];
        size_t other_ones = 0;
        for (size_t i = 0; i < m; i++) {
            const uint32_t own = t->number[symbols[begin + i]];
            cells[i] = row + own;
            PREFETCH(t->table + cells[i]);
            others[other_ones] = (uint16_t)i;
            other_ones += own == OTHERS;
            row = t->row[own];
        }
        count_cells(t, cells, m);
        if (room - t->other_ones < 2 * PAIRS_BLOCK)
            return PAIRS_NOT_SUITED;
        keep_others(t, symbols, n, begin, others, other_ones);
    }
    row += OUTSIDE;
    count_cells(t, &row, 1);
    return PAIRS_COUNTED;
}

/* Sort some numbers of so many bits; 0 if memory is short. */
static int sort_numbers(uint64_t **numbers, size_t m, unsigned bits)
{
    uint64_t *spare = large_malloc((m + 1) * sizeof(uint64_t));
    if (!spare)
        return 0;
    uint64_t *sorted = radix_sort(*numbers, spare, m, 1, 1, bits);
    if (sorted == spare)
        spare = *numbers, *numbers = sorted;
    free(spare);
    return 1;
}

/* Sort the full cells, and the wanted pairs of others; 0 if memory is short. */
static int sort_lists(PairTable *t, uint32_t begin, uint32_t end)
{
    size_t kept = 0;
    for (size_t i = 0; i < t->other_ones; i++) {
        const uint64_t first = t->others[i] >> SYMBOL_BITS;
        t->others[kept] = t->others[i];
        kept += first >= begin && first < end;
    }
    t->other_ones = kept;
    return sort_numbers(&t->others, kept, 2 * SYMBOL_BITS) && sort_numbers(&t->full, t->full_ones, 2 * TABLE_BITS);
}

/* Put the other pairs that come before a pair behind those found so far. */
static void take_others(const PairTable *t, size_t *at, uint64_t before, Pairs *p)
{
    while (*at < t->other_ones && t->others[*at] < before) {
        const uint64_t pair = t->others[*at];
        const size_t first = *at;
        while (*at < t->other_ones && t->others[*at] == pair)
            (*at)++;
        p->pairs[p->m] = pair, p->counts[p->m++] = (int64_t)(*at - first);
    }
}

/* The numbers of the second symbols of the pairs in a row, in their order; returns how many there are. */
static size_t read_row(const PairTable *t, size_t row, uint16_t *seconds)
{
    const uint8_t *cells = t->table + (row << TABLE_BITS);
    size_t m = 0;
    for (size_t first = 0; first < t->numbers; first += CELLS) {
        uint64_t together;
        memcpy(&together, cells + first, CELLS);
        if (!together) /* most are 0, and so are those beside them */
            continue;
        for (size_t column = first; column < first + CELLS; column++) {
            seconds[m] = (uint16_t)column;
            m += (cells[column] > 0) & (column != OTHERS);
        }
    }
    return m;
}

/* How often the pair of a cell occurs; `full` is at the first full cell that is not before it, or before that. */
static int64_t read_cell(const PairTable *t, size_t cell, size_t *full)
{
    int64_t count = t->table[cell];
    while (*full < t->full_ones && t->full[*full] < cell)
        (*full)++;
    for (; *full < t->full_ones && t->full[*full] == cell; (*full)++)
        count += CELL_MOST;
    return count;
}

/* All pairs in their order, from the table and from the others; 0 if memory is short. */
static int read_table(const PairTable *t, Pairs *p)
{
    size_t cells = t->other_ones, at = 0, full = 0;
    for (size_t row = FIRST_NUMBER; row < t->numbers; row++) {
        uint32_t some = 0;
        for (size_t column = 0; column < TABLE; column++)
            some += t->table[row << TABLE_BITS | column] > 0;
        cells += some;
    }
    p->pairs = large_malloc((cells + 1) * sizeof(uint64_t));
    p->counts = large_malloc((cells + 1) * sizeof(int64_t));
    if (!p->pairs || !p->counts)
        return 0;
    uint16_t seconds[TABLE];
    for (size_t row = FIRST_NUMBER; row < t->numbers; row++) {
        const size_t m = read_row(t, row, seconds);
        for (size_t k = 0; k < m; k++) {
            const uint64_t pair = (uint64_t)t->symbol_of[row] << SYMBOL_BITS | t->symbol_of[seconds[k]];
            take_others(t, &at, pair, p);
            p->pairs[p->m] = pair, p->counts[p->m++] = read_cell(t, row << TABLE_BITS | seconds[k], &full);
        }
    }
    take_others(t, &at, UINT64_MAX, p);
    return 1;
}

/* Count the pairs of a text whose first symbols are from `begin` on and before `end`, if it is suited to that. */
static PairsResult count_pairs(const uint32_t *symbols, size_t n, uint32_t begin, uint32_t end, Pairs *p)
{
    PairTable t = {0};
    PairsResult result = n < TABLE_FROM ? PAIRS_NOT_SUITED : number_frequent(&t, symbols, n, begin, end);
    if (result == PAIRS_COUNTED)
        result = fill_table(&t, symbols, n);
    if (result == PAIRS_COUNTED && (!sort_lists(&t, begin, end) || !read_table(&t, p)))
        result = PAIRS_NO_MEMORY;
    pair_table_free(&t);
    return result;
}

#endif
