/* Which words stand in a text, and how often they are expected to be words: forward-backward over every run, scaled at
 * each step.
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

/* The words that stand in a text, place by place: see core/expectation.py. */
typedef struct {
    uint32_t *nodes;
    uint8_t *sizes;
    size_t used, room;
} Edges;

#define LONGEST_EDGE UINT8_MAX

static void edges_free(Edges *edges)
{
    free(edges->nodes), free(edges->sizes);
}

/* Room for so many edges more. */
static int edges_reserve(Edges *edges, size_t more)
{
    if (edges->room - edges->used >= more)
        return 1;
    const size_t room = edges->used * 2 + more + STRETCH;
    if (room > SIZE_MAX / sizeof(uint32_t)) /* where size_t has 32 bits */
        return 0;
    uint32_t *nodes = realloc(edges->nodes, room * sizeof(uint32_t));
    if (nodes)
        edges->nodes = nodes;
    uint8_t *sizes = realloc(edges->sizes, room * sizeof(uint8_t));
    if (sizes)
        edges->sizes = sizes;
    if (!nodes || !sizes)
        return 0;
    edges->room = room;
    return 1;
}

static inline void put_edge(Edges *edges, size_t node, size_t size)
{
    edges->nodes[edges->used] = (uint32_t)node, edges->sizes[edges->used++] = (uint8_t)size;
}

/* The edges of a stretch, which ends where a run does; 0 if memory is short. `is_word` is 1 for the nodes that are. */
static int edges_of_stretch(const Trie *trie, const uint8_t *is_word, const uint32_t *symbols, const Begun *begun,
                            size_t n, Edges *edges)
{
    for (size_t i = 0; i < n; i++) {
        if (!edges_reserve(edges, BEGUN + 1))
            return 0;
        if (symbols[i] < FIRST_SYMBOL)
            continue;
        uint32_t link = begun[i].link[0];
        put_edge(edges, node_of(link), 1);
        for (size_t size = 2; has_children(link) && i + size <= n && size <= LONGEST_EDGE; size++) {
            link = symbols[i + size - 1] >= FIRST_SYMBOL ? longer(trie, begun + i, link, symbols + i, size) : 0;
            if (!link)
                break;
            if (size > BEGUN && !edges_reserve(edges, 2))
                return 0;
            if (is_word[node_of(link)])
                put_edge(edges, node_of(link), size);
        }
        if (i + 1 == n || symbols[i + 1] < FIRST_SYMBOL)
            put_edge(edges, 0, 0);
    }
    return 1;
}

/* The edges of a text; 0 if memory is short. */
static int edges_of(const Trie *trie, const uint8_t *is_word, const uint32_t *symbols, size_t n, Edges *edges)
{
    Stretch stretch = {NULL, 0, NULL};
    int done = 1;
    for (size_t i = 0, end; done && i < n; i = end) {
        end = look_up_stretch(trie, symbols, n, i, is_word, 1, &stretch);
        done = end > i && edges_of_stretch(trie, is_word, symbols + i, stretch.begun, end - i, edges);
    }
    free(stretch.owned);
    return done;
}

/* The edges whose nodes get another number than 0, and all of single symbols; returns how many. -1 if there is a node
 * that has no number. */
static int64_t kept_edges(const uint32_t *nodes, const uint8_t *sizes, size_t m, const uint32_t *numbers,
                          size_t numbered, uint32_t *kept_nodes, uint8_t *kept_sizes)
{
    size_t kept = 0;
    for (size_t k = 0; k < m; k++) {
        if (nodes[k] >= numbered)
            return -1;
        if (k + SOON < m && nodes[k + SOON] < numbered)
            PREFETCH(numbers + nodes[k + SOON]);
        kept_nodes[kept] = numbers[nodes[k]], kept_sizes[kept] = sizes[k];
        kept += kept_nodes[kept] != 0 || sizes[k] < 2;
    }
    return (int64_t)kept;
}

typedef struct {
    const double *weights; /* by node, 0 where no word ends */
    size_t nodes;
    double unknown; /* the least weight of a single symbol */
} Weights;

/* Scratch memory for one run, grown as needed: by place, and by edge. */
typedef struct {
    double *turn, *reach, *weights;
    size_t room, edge_room;
} Flow;

static void flow_free(Flow *flow)
{
    free(flow->turn), free(flow->reach), free(flow->weights);
}

/* Room for so many places, and so many edges. */
static int flow_reserve(Flow *flow, size_t n, size_t m)
{
    if (n > flow->room) {
        const size_t room = n + n / 2 + 64;
        free(flow->turn), free(flow->reach);
        flow->turn = malloc(room * sizeof(double));
        flow->reach = malloc((room + 1) * sizeof(double));
        flow->room = flow->turn && flow->reach ? room : 0;
    }
    if (m > flow->edge_room) {
        const size_t room = m + m / 2 + 64;
        free(flow->weights);
        flow->weights = malloc(room * sizeof(double));
        flow->edge_room = flow->weights ? room : 0;
    }
    return n <= flow->room && m <= flow->edge_room;
}

/* Fill `turn` for a run of n places and m edges, from its end backwards, and the weight of each edge; their counts are
 * wanted soon. */
static void turns_of_run(const Weights *weights, const uint32_t *nodes, const uint8_t *sizes, size_t m, size_t n,
                         Flow *flow, const int64_t *counts)
{
    for (size_t i = n, end = m, first; i-- > 0; end = first) {
        for (first = end - 1; sizes[first] != 1;)
            first--;
        const double own = weights->weights[nodes[first]];
        double total = own > weights->unknown ? own : weights->unknown, product = 1.0;
        flow->weights[first] = total;
        PREFETCH(counts + nodes[first]);
        for (size_t e = first + 1, size = 1; e < end; e++) {
            for (; size < sizes[e]; size++)
                product *= flow->turn[i + size];
            PREFETCH(counts + nodes[e]);
            flow->weights[e] = weights->weights[nodes[e]];
            total += flow->weights[e] * product;
        }
        flow->turn[i] = 1 / total;
    }
}

/* Add what each word of a run is expected to occur, from its beginning forward. */
static void add_shares_of_run(const uint32_t *nodes, const uint8_t *sizes, size_t m, size_t n, Flow *flow,
                              int64_t *counts)
{
    memset(flow->reach, 0, (n + 1) * sizeof(double));
    flow->reach[0] = 1.0;
    for (size_t e = 0, i = 0; e < m; i++) {
        double product = flow->turn[i];
        size_t size = 1;
        do {
            for (; size < sizes[e]; size++)
                product *= flow->turn[i + size];
            const double share = flow->reach[i] * flow->weights[e] * product;
            flow->reach[i + size] += share;
            if (nodes[e])
                counts[nodes[e]] += (int64_t)(share * PARTS + 0.5);
        } while (++e < m && sizes[e] != 1);
    }
}

typedef enum { COUNTED, NO_MEMORY, NO_EDGES } Counting;

/* Count the words of all runs. What are no edges of a text, or none of these nodes, is found before it does harm. */
static Counting expected_counts(const Weights *weights, const uint32_t *nodes, const uint8_t *sizes, size_t m,
                                int64_t *counts)
{
    Flow flow = {NULL, NULL, NULL, 0, 0};
    Counting result = COUNTED;
    for (size_t begin = 0, end; result == COUNTED && begin < m; begin = end + 1) {
        size_t n = 0, reached = 0; /* places so far; where the longest of their words ends */
        for (end = begin; end < m && sizes[end]; end++) {
            n += sizes[end] == 1;
            reached = n + sizes[end] > reached ? n + sizes[end] : reached;
            if (nodes[end] >= weights->nodes || (end > begin && sizes[end] != 1 && sizes[end] <= sizes[end - 1]))
                result = NO_EDGES;
            else if (end + SOON < m && nodes[end + SOON] < weights->nodes)
                PREFETCH(weights->weights + nodes[end + SOON]);
        }
        if (end == m || end == begin || sizes[begin] != 1 || reached > n + 1)
            result = NO_EDGES;
        else if (result == COUNTED && !flow_reserve(&flow, n, end - begin))
            result = NO_MEMORY;
        if (result == COUNTED) {
            turns_of_run(weights, nodes + begin, sizes + begin, end - begin, n, &flow, counts);
            add_shares_of_run(nodes + begin, sizes + begin, end - begin, n, &flow, counts);
        }
    }
    flow_free(&flow);
    return result;
}

#endif
