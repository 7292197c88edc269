/* Walking a text along a trie: covering it with n-grams, cutting it into the best words, finding forced words. */
#ifndef NLP_ZERO_WALK_H
#define NLP_ZERO_WALK_H

#include <math.h>

#include "trie.h"

/* Cut at every adjacency that no joining n-gram covers. begins[i] becomes 1 where a piece begins. */
static void cover(const uint32_t *symbols, size_t n, const Trie *trie, const uint8_t *joins, uint8_t *begins)
{
    size_t covered = 0; /* the joining n-grams seen so far reach up to here */
    for (size_t i = 0; i < n; i++) {
        begins[i] = i >= covered;
        uint64_t node = symbols[i] >= FIRST_SYMBOL ? first_child(trie, symbols[i]) : 0;
        for (size_t j = i; node; node = child(trie, node, symbols[j])) {
            j++;
            if (joins[node] && j > covered)
                covered = j;
            if (j == n || symbols[j] < FIRST_SYMBOL)
                break;
        }
    }
}

/* (place, node) pairs, as many as come. */
typedef struct {
    int64_t *pairs;
    size_t found, room;
} Found;

static int found_add(Found *found, size_t place, uint64_t node)
{
    if (found->found == found->room) {
        size_t room = found->room * 2 + 1024;
        int64_t *pairs = realloc(found->pairs, room * 2 * sizeof(int64_t));
        if (!pairs)
            return 0;
        found->pairs = pairs, found->room = room;
    }
    found->pairs[2 * found->found] = (int64_t)place, found->pairs[2 * found->found + 1] = (int64_t)node;
    found->found++;
    return 1;
}

/* Find every occurrence of the wanted strings; 0 if memory is short. */
static int occurrences(const uint32_t *symbols, size_t n, const Trie *trie, const uint8_t *wanted, Found *found)
{
    for (size_t i = 0; i < n; i++) {
        uint64_t node = symbols[i] >= FIRST_SYMBOL ? first_child(trie, symbols[i]) : 0;
        for (size_t j = i; node; node = child(trie, node, symbols[j])) {
            if (wanted[node] && !found_add(found, i, node))
                return 0;
            if (++j == n || symbols[j] < FIRST_SYMBOL)
                break;
        }
    }
    return 1;
}

/* The node of each piece, 0 if it is none of the trie; 0 in the end if a piece is not inside the symbols. */
static int piece_nodes(const uint32_t *symbols, size_t n, const Trie *trie, const int64_t *starts,
                       const int64_t *lengths, size_t pieces, int64_t *nodes)
{
    for (size_t k = 0; k < pieces; k++) {
        if (starts[k] < 0 || lengths[k] < 0 || (uint64_t)starts[k] > n || (uint64_t)lengths[k] > n - (uint64_t)starts[k])
            return 0;
        const uint32_t *symbol = symbols + starts[k], *end = symbol + lengths[k];
        uint64_t node = symbol < end ? first_child(trie, *symbol++) : 0;
        while (node && symbol < end)
            node = child(trie, node, *symbol++);
        nodes[k] = (int64_t)node;
    }
    return 1;
}

/* The words of a lattice and how to choose among them. */
typedef struct {
    Trie trie;
    const double *scores;    /* by node, -inf where no word ends */
    double unknown;
    const uint32_t *general; /* the class symbol of each form */
    size_t forms;
    size_t longest;
    const double *unseen; /* scores of words of 2, 3, ... symbols that the trie does not have */
    size_t unseens;
    const double *bonus; /* by symbol, what a word that ends with it gets on top, or NULL */
} Model;

typedef struct {
    double score;
    int64_t words;
} Best;

typedef struct {
    uint64_t node;
    size_t depth;
} Branch;

/* Scratch memory for one run, grown as needed. */
typedef struct {
    Best *best;
    uint32_t *step;
    Branch *branches;
    size_t room;
} Scratch;

static int scratch_reserve(Scratch *scratch, size_t n)
{
    if (n <= scratch->room)
        return 1;
    size_t room = n + n / 2 + 64;
    free(scratch->best), free(scratch->step), free(scratch->branches);
    scratch->best = malloc((room + 1) * sizeof(Best));
    scratch->step = malloc(room * sizeof(uint32_t));
    scratch->branches = malloc((room + 1) * sizeof(Branch));
    scratch->room = scratch->best && scratch->step && scratch->branches ? room : 0;
    return scratch->room != 0;
}

static void scratch_free(Scratch *scratch)
{
    free(scratch->best), free(scratch->step), free(scratch->branches);
}

static inline uint32_t class_of(const Model *model, uint32_t symbol)
{
    return symbol - FIRST_FORM < model->forms ? model->general[symbol - FIRST_FORM] : symbol;
}

/* The score of the word that ends at a node, -inf at the root. */
static inline double score_at(const Model *model, uint64_t node)
{
    return node ? model->scores[node] : -INFINITY;
}

/* The nodes of one symbol, as itself and, for a form, as its class; 0 where there is none. */
static inline void first_nodes(const Model *model, uint32_t symbol, uint64_t nodes[2])
{
    nodes[0] = first_child(&model->trie, symbol);
    nodes[1] = symbol >= FIRST_FORM ? first_child(&model->trie, class_of(model, symbol)) : 0;
}

/* The score of one symbol as a word of its own. */
static inline double single(const Model *model, const uint64_t nodes[2])
{
    double own = score_at(model, nodes[0]), general = score_at(model, nodes[1]);
    double score = own > general ? own : general;
    return score > -INFINITY ? score : model->unknown;
}

/* The lowest single score of the chain of units that begins here; its length goes to *size. */
static double chain(const Model *model, const uint32_t *run, size_t room, size_t *size)
{
    double lowest = INFINITY;
    size_t k = 0;
    for (; k < room && run[k] >= NUMBER; k++) {
        uint64_t nodes[2];
        first_nodes(model, run[k], nodes);
        double score = single(model, nodes);
        if (score < lowest)
            lowest = score;
    }
    *size = k;
    return lowest;
}

/* What a word gets on top of its score that ends with a symbol of a run. */
static inline double bonus_at(const double *bonus, size_t i)
{
    return bonus ? bonus[i] : 0.0;
}

/* A word of `size` symbols at i: take it if it is better than what is known. */
static inline void offer(Scratch *scratch, const double *bonus, size_t i, double score, size_t size)
{
    Best *here = &scratch->best[i], *after = &scratch->best[i + size];
    double sum = score + bonus_at(bonus, i + size - 1) + after->score;
    int64_t words = after->words + 1;
    if (sum > here->score ||
        (sum == here->score && (words < here->words || (words == here->words && size > scratch->step[i])))) {
        here->score = sum, here->words = words;
        scratch->step[i] = (uint32_t)size;
    }
}

/* Offer every longer word that begins at i with the symbol of this node. */
static void offer_words(const Model *model, const uint32_t *run, const double *bonus, size_t n, size_t i, uint64_t node,
                        Scratch *scratch)
{
    size_t room = n - i < model->longest ? n - i : model->longest, waiting = 0, depth = 1;
    for (;;) {
        uint64_t next = 0;
        if (depth < room) {
            uint32_t symbol = run[i + depth];
            next = child(&model->trie, node, symbol);
            if (symbol >= FIRST_FORM) { /* a form also matches as its class */
                uint64_t other = child(&model->trie, node, class_of(model, symbol));
                if (!next)
                    next = other;
                else if (other)
                    scratch->branches[waiting++] = (Branch){other, depth + 1};
            }
        }
        if (next) {
            node = next, depth++;
        } else if (waiting) {
            node = scratch->branches[--waiting].node, depth = scratch->branches[waiting].depth;
        } else {
            return;
        }
        if (model->scores[node] > -INFINITY)
            offer(scratch, bonus, i, model->scores[node], depth);
    }
}

/* Segment one run; bonus, if any, and begins are those of its first symbol. */
static void segment_run(const Model *model, const uint32_t *run, const double *bonus, size_t n, Scratch *scratch,
                        uint8_t *begins)
{
    scratch->best[n] = (Best){0.0, 0};
    for (size_t i = n; i-- > 0;) {
        uint64_t nodes[2];
        first_nodes(model, run[i], nodes);
        if (i >= AHEAD)
            prefetch_child(&model->trie, first_child(&model->trie, run[i - AHEAD]), run[i - AHEAD + 1]);
        const Best *after = &scratch->best[i + 1];
        scratch->best[i] = (Best){single(model, nodes) + bonus_at(bonus, i) + after->score, after->words + 1};
        scratch->step[i] = 1;
        for (int k = 0; k < 2; k++)
            if (nodes[k])
                offer_words(model, run, bonus, n, i, nodes[k], scratch);
        for (size_t size = 2; size < model->unseens + 2 && size <= n - i && size <= model->longest; size++)
            offer(scratch, bonus, i, model->unseen[size - 2], size);
        if (run[i] >= NUMBER && (i == 0 || run[i - 1] < NUMBER)) {
            size_t size;
            double lowest = chain(model, run + i, n - i, &size);
            if (size > 1 && size <= model->longest)
                offer(scratch, bonus, i, lowest, size);
        }
    }
    memset(begins, 0, n);
    for (size_t i = 0; i < n; i += scratch->step[i])
        begins[i] = 1;
}

/* Segment every run of a text; 0 if memory is short. */
static int viterbi(const Model *model, const uint32_t *symbols, size_t n, uint8_t *begins)
{
    Scratch scratch = {NULL, NULL, NULL, 0};
    for (size_t i = 0; i < n;) {
        if (symbols[i] < FIRST_SYMBOL) {
            begins[i++] = 1;
            continue;
        }
        size_t end = i + 1;
        while (end < n && symbols[end] >= FIRST_SYMBOL)
            end++;
        if (!scratch_reserve(&scratch, end - i)) {
            scratch_free(&scratch);
            return 0;
        }
        segment_run(model, symbols + i, model->bonus ? model->bonus + i : NULL, end - i, &scratch, begins + i);
        i = end;
    }
    scratch_free(&scratch);
    return 1;
}

/* Find words from left to right, the longest first, without overlaps; pairs has room for 2 * n. Returns their number. */
static size_t longest_matches(const uint32_t *codes, size_t n, const Trie *trie, const uint8_t *words,
                              const uint8_t *edges, int64_t *pairs)
{
    size_t found = 0;
    for (size_t i = 0; i < n;) {
        size_t end = 0;
        uint64_t node = edges[i] ? first_child(trie, codes[i]) : 0;
        for (size_t j = i; node; node = child(trie, node, codes[j])) {
            j++;
            if (words[node] && edges[j])
                end = j;
            if (j == n)
                break;
        }
        if (end) {
            pairs[2 * found] = (int64_t)i, pairs[2 * found + 1] = (int64_t)end;
            found++;
        }
        i = end ? end : i + 1;
    }
    return found;
}

#endif
