/* How often strings are expected to be words: forward-backward over every run, scaled at each step.
 *
 * core/expectation.py says what is computed and in which order; the bits of the result depend on it, so compilers must
 * not fuse products and sums (setup.py sees to that).
 */
#ifndef NLP_ZERO_EXPECT_H
#define NLP_ZERO_EXPECT_H

#include <float.h>

#include "ahead.h"

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
    uint32_t node, size;
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

/* Room for one more edge, and `more` after it. */
static int edges_reserve(Flow *flow, size_t used, size_t more)
{
    if (flow->edge_room - used > more)
        return 1;
    size_t room = used * 2 + more + 256;
    Edge *edges = realloc(flow->edges, room * sizeof(Edge));
    if (edges)
        flow->edges = edges, flow->edge_room = room;
    return edges != NULL;
}

/* Find the words of a run and fill `turn`, from its end backwards; their counts are wanted soon. */
static int turns_of_run(const Words *words, const uint32_t *run, const Begun *begun, size_t n, Flow *flow,
                        const int64_t *counts)
{
    size_t used = 0;
    flow->ends[n] = 0;
    for (size_t i = n; i-- > 0;) {
        uint32_t link = begun[i].link[0];
        double own = link ? words->weights[node_of(link)] : 0.0, product = 1.0;
        double total = own > words->unknown ? own : words->unknown;
        if (!edges_reserve(flow, used, BEGUN))
            return 0;
        flow->edges[used++] = (Edge){total, (uint32_t)node_of(link), 1};
        for (size_t size = 2; has_children(link) && i + size <= n; size++) {
            link = longer(&words->trie, begun + i, link, run + i, size);
            if (!link)
                break;
            product *= flow->turn[i + size - 1];
            double weight = words->weights[node_of(link)];
            if (weight > 0) {
                PREFETCH(counts + node_of(link));
                total += weight * product;
                if (size > BEGUN && !edges_reserve(flow, used, 1))
                    return 0;
                flow->edges[used++] = (Edge){weight, (uint32_t)node_of(link), (uint32_t)size};
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

/* Do so for every run of a stretch; 0 if memory is short. */
static int expect_stretch(const Words *words, const uint32_t *symbols, const Begun *begun, size_t n, Flow *flow,
                          int64_t *counts)
{
    for (size_t i = 0, end; i < n; i = end + 1) {
        for (end = i; end < n && symbols[end] >= FIRST_SYMBOL;)
            end++;
        if (end == i)
            continue;
        if (!flow_reserve(flow, end - i) || !turns_of_run(words, symbols + i, begun + i, end - i, flow, counts))
            return 0;
        add_shares_of_run(end - i, flow, counts);
    }
    return 1;
}

/* Do so for every run of a text; 0 if memory is short. */
static int expected_counts(const Words *words, const uint32_t *symbols, size_t n, int64_t *counts)
{
    Flow flow = {NULL, NULL, NULL, NULL, 0, 0};
    Stretch stretch = {NULL, 0, NULL};
    int done = 1;
    for (size_t i = 0, end; done && i < n; i = end) {
        end = look_up_stretch(&words->trie, symbols, n, i, words->weights, sizeof(double), &stretch);
        done = end > i && expect_stretch(words, symbols + i, stretch.begun, end - i, &flow, counts);
    }
    free(stretch.owned);
    flow_free(&flow);
    return done;
}

#endif
