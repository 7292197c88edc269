/* Walking a text along a trie: covering it with n-grams, cutting it into the best words, finding forced words. */
#ifndef NLP_ZERO_WALK_H
#define NLP_ZERO_WALK_H

#include <math.h>

#include "ahead.h"

/* Cut one stretch at every adjacency that no joining n-gram covers. */
static void cover_stretch(const Trie *trie, const uint8_t *joins, const uint32_t *symbols, size_t n, const Begun *begun,
                          uint8_t *begins)
{
    size_t covered = 0; /* the joining n-grams seen so far reach up to here */
    for (size_t i = 0; i < n; i++) {
        begins[i] = i >= covered;
        uint32_t link = begun[i].link[0];
        for (size_t size = 1; link; link = longer(trie, begun + i, link, symbols + i, size)) {
            if (joins[node_of(link)] && i + size > covered)
                covered = i + size;
            size++;
            if (!has_children(link) || i + size > n || symbols[i + size - 1] < FIRST_SYMBOL)
                break;
        }
    }
}

/* Cut at every adjacency that no joining n-gram covers. begins[i] becomes 1 where a piece begins; 0 if memory is short. */
static int cover(const uint32_t *symbols, size_t n, const Trie *trie, const uint8_t *joins, uint8_t *begins)
{
    Stretch stretch = {NULL, 0, NULL};
    size_t i = 0;
    for (size_t end; i < n; i = end) {
        end = look_up_stretch(trie, symbols, n, i, joins, 1, &stretch);
        if (end == i)
            break;
        cover_stretch(trie, joins, symbols + i, end - i, stretch.begun, begins + i);
    }
    free(stretch.owned);
    return i >= n;
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
    Stretch stretch = {NULL, 0, NULL};
    int done = 1;
    for (size_t first = 0, end; done && first < n; first = end) {
        end = look_up_stretch(trie, symbols, n, first, wanted, 1, &stretch);
        done = end > first;
        for (size_t i = first; done && i < end; i++) {
            const Begun *begun = stretch.begun + (i - first);
            uint32_t link = begun->link[0];
            for (size_t size = 1; link; link = longer(trie, begun, link, symbols + i, size)) {
                if (wanted[node_of(link)] && !(done = found_add(found, i, node_of(link))))
                    break;
                size++;
                if (!has_children(link) || i + size > end || symbols[i + size - 1] < FIRST_SYMBOL)
                    break;
            }
        }
    }
    free(stretch.owned);
    return done;
}

/* The node of each piece, 0 if it is none of the trie; 0 in the end if a piece is not inside the symbols. */
static int piece_nodes(const uint32_t *symbols, size_t n, const Trie *trie, const int64_t *starts,
                       const int64_t *lengths, size_t pieces, int64_t *nodes)
{
    for (size_t k = 0; k < pieces; k++)
        if (starts[k] < 0 || lengths[k] < 0 || (uint64_t)starts[k] > n || (uint64_t)lengths[k] > n - (uint64_t)starts[k])
            return 0;
    for (size_t k = 0; k < pieces; k++) {
        const uint32_t *symbol = symbols + starts[k], *end = symbol + lengths[k];
        if (k + SOON < pieces && lengths[k + SOON] > 1) {
            const uint32_t *soon = symbols + starts[k + SOON];
            prefetch_child(trie, first_child(trie, soon[0]), soon[1]);
        }
        uint32_t link = symbol < end ? first_child(trie, *symbol++) : 0;
        while (link && symbol < end)
            link = child(trie, link, *symbol++);
        nodes[k] = (int64_t)node_of(link);
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
} Model;

typedef struct {
    double score;
    int64_t words;
} Best;

typedef struct {
    size_t depth;
    uint32_t link;
} Branch;

/* Scratch memory for one stretch, in one block, grown as needed. */
typedef struct {
    Best *best;
    Branch *branches;
    uint32_t *step;
    size_t room;
    void *owned; /* the block, unless another part of the program owns it */
} Scratch;

#define SCRATCH_SIZE(room) (((room) + 1) * (sizeof(Best) + sizeof(Branch)) + (room) * sizeof(uint32_t))

/* Use a block of SCRATCH_SIZE(room). */
static void scratch_in(Scratch *scratch, void *block, size_t room)
{
    scratch->best = block;
    scratch->branches = (Branch *)(void *)(scratch->best + room + 1);
    scratch->step = (uint32_t *)(void *)(scratch->branches + room + 1);
    scratch->room = room;
}

static int scratch_reserve(Scratch *scratch, size_t n)
{
    if (n <= scratch->room)
        return 1;
    size_t room = n + n / 2 + 64;
    free(scratch->owned);
    scratch->room = 0;
    if (!(scratch->owned = malloc(SCRATCH_SIZE(room))))
        return 0;
    scratch_in(scratch, scratch->owned, room);
    return 1;
}

static inline uint32_t class_of(const Model *model, uint32_t symbol)
{
    return symbol - FIRST_FORM < model->forms ? model->general[symbol - FIRST_FORM] : symbol;
}

/* The score of the word that ends at a node, -inf at the root. */
static inline double score_at(const Model *model, uint32_t link)
{
    return link ? model->scores[node_of(link)] : -INFINITY;
}

/* The score of one symbol as a word of its own: as itself or, for a form, as its class. */
static inline double single(const Model *model, uint32_t link, uint32_t general)
{
    double own = score_at(model, link), other = score_at(model, general);
    double score = own > other ? own : other;
    return score > -INFINITY ? score : model->unknown;
}

/* The link of the class of a form, 0 for any other symbol. */
static inline uint32_t general_link(const Model *model, uint32_t symbol)
{
    return symbol >= FIRST_FORM ? first_child(&model->trie, class_of(model, symbol)) : 0;
}

/* The lowest single score of the chain of units that begins here; its length goes to *size. */
static double chain(const Model *model, const uint32_t *run, const Begun *begun, size_t room, size_t *size)
{
    double lowest = INFINITY;
    size_t k = 0;
    for (; k < room && run[k] >= NUMBER; k++) {
        double score = single(model, begun[k].link[0], general_link(model, run[k]));
        if (score < lowest)
            lowest = score;
    }
    *size = k;
    return lowest;
}

/* A text, what was looked up for its places, and what a word that ends with a symbol gets on top, or NULL; and where the
 * run ends that is being segmented. */
typedef struct {
    const uint32_t *symbols;
    const Begun *begun;
    const double *bonus;
    size_t end;
} Segmenting;

/* A word of `size` symbols at i: take it if it is better than what is known. */
static inline void offer(Scratch *scratch, const Segmenting *run, size_t i, double score, size_t size)
{
    Best *here = &scratch->best[i], *after = &scratch->best[i + size];
    double sum = score + (run->bonus ? run->bonus[i + size - 1] : 0.0) + after->score;
    int64_t words = after->words + 1;
    if (sum > here->score ||
        (sum == here->score && (words < here->words || (words == here->words && size > scratch->step[i])))) {
        here->score = sum, here->words = words;
        scratch->step[i] = (uint32_t)size;
    }
}

/* Offer every longer word that begins at i with the symbol of this link, where forms may be in the run. */
static void offer_words(const Model *model, const Segmenting *run, size_t i, uint32_t link, Scratch *scratch)
{
    size_t room = run->end - i < model->longest ? run->end - i : model->longest, waiting = 0, depth = 1;
    for (;;) {
        uint32_t next = 0;
        if (depth < room) {
            uint32_t symbol = run->symbols[i + depth];
            next = child(&model->trie, link, symbol);
            if (symbol >= FIRST_FORM) { /* a form also matches as its class */
                uint32_t other = child(&model->trie, link, class_of(model, symbol));
                if (!next)
                    next = other;
                else if (other)
                    scratch->branches[waiting++] = (Branch){depth + 1, other};
            }
        }
        if (next) {
            link = next, depth++;
        } else if (waiting) {
            link = scratch->branches[--waiting].link, depth = scratch->branches[waiting].depth;
        } else {
            return;
        }
        if (model->scores[node_of(link)] > -INFINITY)
            offer(scratch, run, i, model->scores[node_of(link)], depth);
    }
}

/* Offer every longer word that begins at i, known or not, where no form is in the run: by rising size, so of words that
 * are alike the later one is the longer one. */
static inline void offer_plain(const Model *model, const Segmenting *run, size_t i, Scratch *scratch)
{
    const size_t room = run->end - i < model->longest ? run->end - i : model->longest;
    const Begun *begun = run->begun + i;
    Best here = scratch->best[i];
    size_t step = 1;
    uint32_t link = begun->link[0];
    for (size_t size = 2; size <= room; size++) {
        link = has_children(link) ? longer(&model->trie, begun, link, run->symbols + i, size) : 0;
        double score = score_at(model, link);
        if (size < model->unseens + 2) {
            if (model->unseen[size - 2] > score)
                score = model->unseen[size - 2];
        } else if (!link) {
            break;
        }
        const Best *after = &scratch->best[i + size];
        double sum = score + (run->bonus ? run->bonus[i + size - 1] : 0.0) + after->score;
        int64_t words = after->words + 1;
        int better = (sum > here.score) | ((sum == here.score) & (words <= here.words));
        here.score = better ? sum : here.score;
        here.words = better ? words : here.words;
        step = better ? size : step;
    }
    scratch->best[i] = here, scratch->step[i] = (uint32_t)step;
}

/* Offer every longer word that begins at i. */
static void offer_any(const Model *model, const Segmenting *run, size_t i, uint32_t general, Scratch *scratch)
{
    const size_t room = run->end - i < model->longest ? run->end - i : model->longest;
    if (run->begun[i].link[0])
        offer_words(model, run, i, run->begun[i].link[0], scratch);
    if (general)
        offer_words(model, run, i, general, scratch);
    for (size_t size = 2; size < model->unseens + 2 && size <= room; size++)
        offer(scratch, run, i, model->unseen[size - 2], size);
}

/* Whether a form is in the run that ends with this symbol. */
static int forms_before(const uint32_t *symbols, size_t last)
{
    for (size_t i = last + 1; i-- > 0 && symbols[i] >= FIRST_SYMBOL;)
        if (symbols[i] >= FIRST_FORM)
            return 1;
    return 0;
}

/* Segment every run of a stretch, from its end to its begin; 0 if memory is short. What is known of a place outside runs
 * is nothing, as it is behind the last symbol, so that runs need no loop of their own: where a short loop ends is hard to
 * foresee. */
static int segment_stretch(const Model *model, const uint32_t *symbols, const Begun *begun, const double *bonus,
                           size_t n, Scratch *scratch, uint8_t *begins)
{
    if (!scratch_reserve(scratch, n))
        return 0;
    Segmenting run = {symbols, begun, bonus, n};
    int has_forms = 0;
    scratch->best[n] = (Best){0.0, 0};
    for (size_t i = n; i-- > 0;) {
        const uint32_t symbol = symbols[i];
        scratch->step[i] = 1;
        if (symbol < FIRST_SYMBOL) {
            scratch->best[i] = (Best){0.0, 0};
            run.end = i;
            continue;
        }
        const uint32_t general = general_link(model, symbol);
        const Best *after = &scratch->best[i + 1];
        double own = single(model, begun[i].link[0], general) + (bonus ? bonus[i] : 0.0);
        scratch->best[i] = (Best){own + after->score, after->words + 1};
        if (model->forms && i + 1 == run.end) /* every form has a class: without classes there are none */
            has_forms = forms_before(symbols, i);
        if (has_forms)
            offer_any(model, &run, i, general, scratch);
        else
            offer_plain(model, &run, i, scratch);
        if (symbol >= NUMBER && (i == 0 || symbols[i - 1] < NUMBER)) {
            size_t size;
            double lowest = chain(model, symbols + i, begun + i, run.end - i, &size);
            if (size > 1 && size <= model->longest)
                offer(scratch, &run, i, lowest, size);
        }
    }
    memset(begins, 0, n);
    for (size_t i = 0; i < n; i += scratch->step[i])
        begins[i] = 1;
    return 1;
}

/* The nodes of the words of a stretch, 0 for what has no score of its own; returns how many. */
static size_t nodes_of_stretch(const Model *model, const uint32_t *symbols, const Begun *begun, const uint8_t *begins,
                               size_t n, uint32_t *nodes)
{
    size_t words = 0;
    for (size_t i = 0, end; i < n; i = end) {
        for (end = i + 1; end < n && !begins[end];)
            end++;
        uint32_t link = begun[i].link[end - i < BEGUN ? end - i - 1 : BEGUN - 1];
        for (size_t k = i + BEGUN; link && k < end; k++)
            link = child(&model->trie, link, symbols[k]);
        nodes[words++] = score_at(model, link) > -INFINITY ? (uint32_t)node_of(link) : 0;
    }
    return words;
}

/* Segment every run of a text; 0 if memory is short. `bonus` is by symbol, or NULL. The nodes of the words are written
 * as well if they have room, one for each symbol. */
static int viterbi(const Model *model, const uint32_t *symbols, const double *bonus, size_t n, uint8_t *begins,
                   uint32_t *nodes, size_t *words)
{
    Scratch scratch = {NULL, NULL, NULL, 0, NULL};
    Stretch stretch = {NULL, 0, NULL};
    int done = 1;
    for (size_t i = 0, end; done && i < n; i = end) {
        end = look_up_stretch(&model->trie, symbols, n, i, model->scores, sizeof(double), &stretch);
        done = end > i && segment_stretch(model, symbols + i, stretch.begun, bonus ? bonus + i : NULL, end - i, &scratch,
                                          begins + i);
        if (done && nodes)
            *words += nodes_of_stretch(model, symbols + i, stretch.begun, begins + i, end - i, nodes + *words);
    }
    free(stretch.owned), free(scratch.owned);
    return done;
}

/* Find words from left to right, the longest first, without overlaps; pairs has room for 2 * n. Returns their number. */
static size_t longest_matches(const uint32_t *codes, size_t n, const Trie *trie, const uint8_t *words,
                              const uint8_t *edges, int64_t *pairs)
{
    size_t found = 0;
    for (size_t i = 0; i < n;) {
        size_t end = 0;
        uint32_t link = edges[i] ? first_child(trie, codes[i]) : 0;
        for (size_t j = i; link; link = child(trie, link, codes[j])) {
            j++;
            if (words[node_of(link)] && edges[j])
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
