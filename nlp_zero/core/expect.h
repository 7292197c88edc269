/* How often strings are expected to be words: forward-backward over every run, scaled at each step.
 *
 * core/expectation.py says what is computed and in which order; the bits of the result depend on it, so compilers must
 * not fuse products and sums (setup.py sees to that).
 */
#ifndef NLP_ZERO_EXPECT_H
#define NLP_ZERO_EXPECT_H

#include <float.h>

#include "trie.h"

#if defined(FLT_EVAL_METHOD) && FLT_EVAL_METHOD != 0
#error "double is computed with other precision here: the result would not be that of the numpy core"
#endif

#define PARTS 16777216.0 /* expected counts are multiples of 1 / PARTS */

typedef struct {
    Trie trie;
    const double *weights; /* by node, 0 where no word ends */
    double unknown;        /* the least weight of a single symbol */
} Words;

/* A word that stands in the run; node 0: a single symbol that is no word. */
typedef struct {
    double weight;
    uint64_t node;
    size_t size;
} Edge;

/* Scratch memory for one run, grown as needed. The edges of each place come in rising size, the last place first. */
typedef struct {
    double *turn, *reach;
    size_t *ends; /* ends[i]: how many edges begin at i or later */
    Edge *edges;
    size_t room, edge_room;
} Flow;

static void flow_free(Flow *flow)
{
    free(flow->turn), free(flow->reach), free(flow->ends), free(flow->edges);
}

static int flow_reserve(Flow *flow, size_t n)
{
    if (n <= flow->room)
        return 1;
    size_t room = n + n / 2 + 64;
    free(flow->turn), free(flow->reach), free(flow->ends);
    flow->turn = malloc(room * sizeof(double));
    flow->reach = malloc((room + 1) * sizeof(double));
    flow->ends = malloc((room + 1) * sizeof(size_t));
    flow->room = flow->turn && flow->reach && flow->ends ? room : 0;
    return flow->room != 0;
}

static inline int add_edge(Flow *flow, size_t *used, Edge edge)
{
    if (*used == flow->edge_room) {
        size_t room = *used * 2 + 256;
        Edge *edges = realloc(flow->edges, room * sizeof(Edge));
        if (!edges)
            return 0;
        flow->edges = edges, flow->edge_room = room;
    }
    flow->edges[(*used)++] = edge;
    return 1;
}

/* Find the words of a run and fill `turn`, from its end backwards; their counts are wanted soon. */
static int turns_of_run(const Words *words, const uint32_t *run, size_t n, Flow *flow, const int64_t *counts)
{
    size_t used = 0;
    flow->ends[n] = 0;
    for (size_t i = n; i-- > 0;) {
        uint64_t node = first_child(&words->trie, run[i]);
        if (i >= AHEAD)
            prefetch_child(&words->trie, first_child(&words->trie, run[i - AHEAD]), run[i - AHEAD + 1]);
        double own = node ? words->weights[node] : 0.0, product = 1.0;
        double total = own > words->unknown ? own : words->unknown;
        if (!add_edge(flow, &used, (Edge){total, node, 1}))
            return 0;
        for (size_t size = 1; node && i + size < n;) {
            node = child(&words->trie, node, run[i + size]);
            if (!node)
                break;
            product *= flow->turn[i + size];
            size++;
            if (words->weights[node] > 0) {
                PREFETCH(counts + node);
                total += words->weights[node] * product;
                if (!add_edge(flow, &used, (Edge){words->weights[node], node, size}))
                    return 0;
            }
        }
        flow->turn[i] = 1 / total;
        flow->ends[i] = used;
    }
    return 1;
}

/* Add what each word of a run is expected to occur, from its beginning forward. */
static void add_shares_of_run(size_t n, Flow *flow, int64_t *counts)
{
    memset(flow->reach, 0, (n + 1) * sizeof(double));
    flow->reach[0] = 1.0;
    for (size_t i = 0; i < n; i++) {
        double product = flow->turn[i];
        size_t size = 1;
        for (size_t e = flow->ends[i + 1]; e < flow->ends[i]; e++) {
            const Edge *edge = &flow->edges[e];
            for (; size < edge->size; size++)
                product *= flow->turn[i + size];
            double share = flow->reach[i] * edge->weight * product;
            flow->reach[i + size] += share;
            if (edge->node)
                counts[edge->node] += (int64_t)(share * PARTS + 0.5);
        }
    }
}

/* Do so for every run of a text; 0 if memory is short. */
static int expected_counts(const Words *words, const uint32_t *symbols, size_t n, int64_t *counts)
{
    Flow flow = {NULL, NULL, NULL, NULL, 0, 0};
    int done = 1;
    for (size_t i = 0; done && i < n;) {
        size_t end = i;
        while (end < n && symbols[end] >= FIRST_SYMBOL)
            end++;
        if (end > i) {
            done = flow_reserve(&flow, end - i) && turns_of_run(words, symbols + i, end - i, &flow, counts);
            if (done)
                add_shares_of_run(end - i, &flow, counts);
        }
        i = end + 1;
    }
    flow_free(&flow);
    return done;
}

#endif
