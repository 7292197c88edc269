/* The kernels for Python: plain buffers in, bytes out, the GIL released while they work.
 *
 * Everything here equals core/python.py, which says what each kernel does. What is checked here is what memory safety
 * needs; compiled.py, the only caller, gives every array its type.
 */
#if !defined(Py_LIMITED_API) && !defined(Py_GIL_DISABLED) /* setup.py says which; a compiler that is called by hand */
#define Py_LIMITED_API 0x030B0000
#endif
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "beside.h"
#include "build.h"
#include "count.h"
#include "expect.h"
#include "memory.h"
#include "scan.h"
#include "tag.h"
#include "walk.h"
#include "words.h"

#ifdef __GLIBC__
#include <malloc.h>
#endif
/* A bytes object to be filled, and where to fill it (NULL for NULL). */
static PyObject *room_for(size_t count, size_t size)
{
    if (count > (size_t)PY_SSIZE_T_MAX / size) {
        PyErr_NoMemory();
        return NULL;
    }
    PyObject *bytes = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)(count * size));
    if (bytes)
        ask_for_large_pages(PyBytes_AsString(bytes), count * size);
    return bytes;
}

static void *inside(PyObject *bytes)
{
    return bytes ? PyBytes_AsString(bytes) : NULL;
}

static PyObject *too_short(const char *what)
{
    PyErr_Format(PyExc_ValueError, "%s is shorter than it must be", what);
    return NULL;
}

static size_t length(const Py_buffer *buffer, size_t size)
{
    return (size_t)buffer->len / size;
}

/* Whether all symbols have at most SYMBOL_BITS bits: longer ones would change the parents in keys. */
static int symbols_fit(const uint32_t *symbols, size_t n)
{
    uint32_t seen = 0;
    for (size_t i = 0; i < n; i++)
        seen |= symbols[i];
    if (seen > SYMBOL_MASK)
        PyErr_Format(PyExc_ValueError, "symbols must be less than 2 ** %d", SYMBOL_BITS);
    return seen <= SYMBOL_MASK;
}

/* How many nodes a compiled trie has, the root left out. */
static size_t trie_nodes(const Py_buffer *buffer)
{
    const uint64_t *slots = buffer->buf;
    return slots[length(buffer, sizeof(uint64_t)) - 1 - COMMON_SLOTS];
}

/* A compiled trie as bytes (see trie.h). `values`, if any, has an item of `size` bytes for each node and the root. */
static int trie_from(const Py_buffer *buffer, const Py_buffer *values, size_t size, Trie *trie)
{
    const uint64_t *slots = buffer->buf;
    size_t total = length(buffer, sizeof(uint64_t)), capacity = total > COMMON_SLOTS ? total - 1 - COMMON_SLOTS : 0;
    if (capacity < 2 || (capacity & (capacity - 1)) || (size_t)buffer->len % sizeof(uint64_t)) {
        PyErr_SetString(PyExc_ValueError, "trie is not a compiled trie");
        return 0;
    }
    if (values && length(values, size) <= slots[capacity]) {
        too_short("what belongs to the nodes");
        return 0;
    }
    *trie = trie_of(slots, bit_length(capacity - 1), slots[capacity]);
    trie->common = (const uint32_t *)(const void *)(slots + capacity + 1);
    return 1;
}

#define MAX_ORDER 65536 /* far more than is of use, and the sizes of all blocks fit into size_t */

static PyObject *py_scan(PyObject *module, PyObject *args)
{
    Py_buffer codes, classes;
    PyObject *starts = NULL, *symbols = NULL, *result = NULL;
    int64_t *starts_at;
    uint32_t *symbols_at;
    (void)module;
    if (!PyArg_ParseTuple(args, "y*y*", &codes, &classes))
        return NULL;
    Text text = {codes.buf, classes.buf, length(&codes, sizeof(uint32_t))};
    if (classes.len < 0x110000) {
        too_short("classes");
    } else if ((starts_at = inside(starts = room_for(text.n + 1, sizeof(int64_t)))) != NULL &&
               (symbols_at = inside(symbols = room_for(text.n, sizeof(uint32_t)))) != NULL) {
        size_t units;
        Py_BEGIN_ALLOW_THREADS
        units = scan(&text, starts_at, symbols_at);
        Py_END_ALLOW_THREADS
        result = Py_BuildValue("nOO", (Py_ssize_t)units, starts, symbols);
    }
    Py_XDECREF(starts), Py_XDECREF(symbols);
    PyBuffer_Release(&codes), PyBuffer_Release(&classes);
    return result;
}

/* The tries of all parts, one behind the other, and where each ends. */
static PyObject *written_parts(const Ngrams *g, size_t *place)
{
    size_t nodes = 0;
    for (size_t k = 0; k < g->parts * g->order; k++)
        nodes += g->level[k];
    PyObject *keys = room_for(nodes, sizeof(uint64_t)), *counts = room_for(nodes, sizeof(int64_t));
    PyObject *ends = room_for(g->parts, sizeof(int64_t)), *result = NULL;
    uint64_t *keys_at = inside(keys);
    int64_t *counts_at = inside(counts), *ends_at = inside(ends);
    if (keys_at && counts_at && ends_at) {
        size_t at = 0;
        Py_BEGIN_ALLOW_THREADS
        for (size_t p = 0; p < g->parts; p++) {
            at += ngrams_write(g, p, keys_at + at, counts_at + at, place);
            ends_at[p] = (int64_t)at;
        }
        Py_END_ALLOW_THREADS
        result = Py_BuildValue("OOO", keys, counts, ends);
    }
    Py_XDECREF(keys), Py_XDECREF(counts), Py_XDECREF(ends);
    return result;
}

static PyObject *py_count_symbols(PyObject *module, PyObject *args)
{
    Py_buffer symbols;
    PyObject *result = NULL;
    Seen seen = {NULL, NULL, 0};
    (void)module;
    if (!PyArg_ParseTuple(args, "y*", &symbols))
        return NULL;
    const size_t n = length(&symbols, sizeof(uint32_t));
    if (n > UINT32_MAX) {
        PyErr_SetString(PyExc_ValueError, "symbols must be less than 2 ** 32");
    } else if (symbols_fit(symbols.buf, n)) {
        int done;
        Py_BEGIN_ALLOW_THREADS
        done = look_for_symbols(&seen, symbols.buf, n);
        Py_END_ALLOW_THREADS
        result = done ? Py_BuildValue("y#y#", (const char *)seen.symbols, (Py_ssize_t)(seen.m * sizeof(uint32_t)),
                                      (const char *)seen.sizes, (Py_ssize_t)(seen.m * sizeof(int64_t)))
                      : PyErr_NoMemory();
    }
    free(seen.symbols), free(seen.sizes);
    PyBuffer_Release(&symbols);
    return result;
}

/* Whether those are symbols in runs in their order, no more of them than a text has. */
static int is_seen(const Seen *seen, size_t n)
{
    size_t left = n;
    for (size_t k = 0; k < seen->m; k++) {
        if (seen->symbols[k] < (k ? seen->symbols[k - 1] + 1 : FIRST_SYMBOL) || seen->symbols[k] > SYMBOL_MASK ||
            seen->sizes[k] < 0 || (uint64_t)seen->sizes[k] > left)
            return 0;
        left -= (size_t)seen->sizes[k];
    }
    return 1;
}

static PyObject *py_count_ngrams(PyObject *module, PyObject *args)
{
    Py_buffer symbols, seen, sizes;
    Py_ssize_t longest, most;
    Ngrams ngrams = {0};
    PyObject *result = NULL;
    (void)module;
    if (!PyArg_ParseTuple(args, "y*y*y*nIIn", &symbols, &seen, &sizes, &longest, &ngrams.begin, &ngrams.end, &most))
        return NULL;
    size_t n = length(&symbols, sizeof(uint32_t));
    const Seen given = {seen.buf, sizes.buf, length(&seen, sizeof(uint32_t))};
    if (longest < 1 || longest > MAX_ORDER) {
        PyErr_Format(PyExc_ValueError, "order must be 1 to %d", MAX_ORDER);
    } else if (n > UINT32_MAX) {
        PyErr_SetString(PyExc_ValueError, "symbols must be less than 2 ** 32");
    } else if (length(&sizes, sizeof(int64_t)) < given.m) {
        too_short("sizes");
    } else if (!is_seen(&given, n)) {
        PyErr_SetString(PyExc_ValueError, "seen must be symbols in runs, sorted, and sizes no more than there are symbols");
    } else if (symbols_fit(symbols.buf, n)) {
        NgramsResult done;
        ngrams.order = (unsigned)longest;
        ngrams.begin = ngrams.begin > FIRST_SYMBOL ? ngrams.begin : FIRST_SYMBOL;
        ngrams.end = ngrams.end > ngrams.begin ? ngrams.end : ngrams.begin;
        size_t *place = malloc(((size_t)longest + 1) * sizeof(size_t));
        Py_BEGIN_ALLOW_THREADS
        done = ngrams_sort(&ngrams, symbols.buf, n, &given, most > 0 ? (size_t)most : SIZE_MAX);
        Py_END_ALLOW_THREADS
        if (done == NGRAMS_OF_OTHERS)
            PyErr_SetString(PyExc_ValueError, "seen and sizes are not those of the symbols");
        else
            result = done == NGRAMS_COUNTED && place ? written_parts(&ngrams, place) : PyErr_NoMemory();
        ngrams_free(&ngrams);
        free(place);
    }
    PyBuffer_Release(&symbols), PyBuffer_Release(&seen), PyBuffer_Release(&sizes);
    return result;
}

static int pieces_are_inside(const int64_t *starts, const int64_t *lengths, size_t m, size_t n)
{
    for (size_t i = 0; i < m; i++)
        if (starts[i] < 0 || lengths[i] < 0 || (uint64_t)starts[i] > n || (uint64_t)lengths[i] > n - (uint64_t)starts[i])
            return 0;
    return 1;
}

static PyObject *py_build_trie(PyObject *module, PyObject *args)
{
    Py_buffer symbols, starts, lengths;
    PyObject *keys = NULL, *nodes = NULL, *result = NULL;
    uint64_t *keys_at, *place = NULL;
    int64_t *nodes_at;
    (void)module;
    if (!PyArg_ParseTuple(args, "y*y*y*", &symbols, &starts, &lengths))
        return NULL;
    Growing trie = {0};
    size_t n = length(&symbols, sizeof(uint32_t)), m = length(&starts, sizeof(int64_t));
    if (lengths.len < starts.len) {
        too_short("lengths");
    } else if (!pieces_are_inside(starts.buf, lengths.buf, m, n)) {
        PyErr_SetString(PyExc_ValueError, "a piece lies outside the symbols");
    } else if (symbols_fit(symbols.buf, n) && (nodes_at = inside(nodes = room_for(m, sizeof(int64_t)))) != NULL) {
        int done;
        Py_BEGIN_ALLOW_THREADS
        done = growing_rehash(&trie, 1024) && growing_add(&trie, symbols.buf, starts.buf, lengths.buf, m, nodes_at);
        Py_END_ALLOW_THREADS
        if (done && (keys_at = inside(keys = room_for((size_t)trie.nodes, sizeof(uint64_t)))) != NULL) {
            Py_BEGIN_ALLOW_THREADS
            place = large_malloc((size_t)(trie.nodes + 1) * sizeof(uint64_t));
            done = place && growing_sort(&trie, keys_at, place);
            for (size_t i = 0; done && i < m; i++)
                nodes_at[i] = (int64_t)place[nodes_at[i]];
            Py_END_ALLOW_THREADS
        }
        if (done && keys)
            result = Py_BuildValue("OO", keys, nodes);
        else if (!PyErr_Occurred())
            PyErr_NoMemory();
    }
    growing_free(&trie), free(place);
    Py_XDECREF(keys), Py_XDECREF(nodes);
    PyBuffer_Release(&symbols), PyBuffer_Release(&starts), PyBuffer_Release(&lengths);
    return result;
}

static PyObject *py_count_pieces(PyObject *module, PyObject *args)
{
    Py_buffer symbols, begins;
    Py_ssize_t longest;
    PyObject *keys = NULL, *counts = NULL, *result = NULL;
    PieceCounts pieces = {0};
    uint64_t *keys_at, *place = NULL;
    int64_t *counts_at;
    (void)module;
    if (!PyArg_ParseTuple(args, "y*y*n", &symbols, &begins, &longest))
        return NULL;
    const size_t n = length(&symbols, sizeof(uint32_t));
    if ((size_t)begins.len < n) {
        too_short("begins");
    } else if (n > UINT32_MAX) {
        PyErr_SetString(PyExc_ValueError, "symbols must be less than 2 ** 32");
    } else if (symbols_fit(symbols.buf, n)) {
        int done;
        Py_BEGIN_ALLOW_THREADS
        done = count_pieces(&pieces, symbols.buf, begins.buf, n, longest < 0 ? 0 : (size_t)longest);
        Py_END_ALLOW_THREADS
        const size_t nodes = (size_t)pieces.trie.nodes;
        if (done && (keys_at = inside(keys = room_for(nodes, sizeof(uint64_t)))) != NULL &&
            (counts_at = inside(counts = room_for(nodes, sizeof(int64_t)))) != NULL) {
            Py_BEGIN_ALLOW_THREADS
            place = large_malloc((nodes + 1) * sizeof(uint64_t));
            done = place && growing_sort(&pieces.trie, keys_at, place);
            for (size_t node = 1; done && node <= nodes; node++)
                counts_at[place[node] - 1] = pieces.counts[node];
            Py_END_ALLOW_THREADS
        }
        if (done && counts)
            result = Py_BuildValue("OO", keys, counts);
        else if (!PyErr_Occurred())
            PyErr_NoMemory();
    }
    growing_free(&pieces.trie), free(pieces.counts), free(place);
    Py_XDECREF(keys), Py_XDECREF(counts);
    PyBuffer_Release(&symbols), PyBuffer_Release(&begins);
    return result;
}

/* Whether keys are sorted and every parent comes before its children. */
static int is_trie(const uint64_t *keys, size_t n)
{
    for (size_t k = 0; k < n; k++)
        if (keys[k] >> SYMBOL_BITS > k || (k && keys[k] <= keys[k - 1])) {
            PyErr_SetString(PyExc_ValueError, "keys are no trie");
            return 0;
        }
    return 1;
}

static PyObject *py_merge_tries(PyObject *module, PyObject *args)
{
    Py_buffer keys_a, counts_a, keys_b, counts_b;
    PyObject *keys = NULL, *counts = NULL, *result = NULL;
    uint64_t *keys_at;
    int64_t *counts_at;
    (void)module;
    if (!PyArg_ParseTuple(args, "y*y*y*y*", &keys_a, &counts_a, &keys_b, &counts_b))
        return NULL;
    Merging a = {keys_a.buf, counts_a.buf, length(&keys_a, sizeof(uint64_t)), NULL, 0, 0};
    Merging b = {keys_b.buf, counts_b.buf, length(&keys_b, sizeof(uint64_t)), NULL, 0, 0};
    a.place = large_malloc((a.n + 1) * sizeof(uint64_t)), b.place = malloc((b.n + 1) * sizeof(uint64_t));
    if (counts_a.len < keys_a.len || counts_b.len < keys_b.len) {
        too_short("counts");
    } else if (!a.place || !b.place) {
        PyErr_NoMemory();
    } else if (is_trie(a.keys, a.n) && is_trie(b.keys, b.n) &&
               (keys_at = inside(keys = room_for(a.n + b.n, sizeof(uint64_t)))) != NULL &&
               (counts_at = inside(counts = room_for(a.n + b.n, sizeof(int64_t)))) != NULL) {
        size_t nodes;
        Py_BEGIN_ALLOW_THREADS
        nodes = merge_tries(&a, &b, keys_at, counts_at);
        Py_END_ALLOW_THREADS
        result = Py_BuildValue("nOO", (Py_ssize_t)nodes, keys, counts);
    }
    free(a.place), free(b.place);
    Py_XDECREF(keys), Py_XDECREF(counts);
    PyBuffer_Release(&keys_a), PyBuffer_Release(&counts_a), PyBuffer_Release(&keys_b), PyBuffer_Release(&counts_b);
    return result;
}

static PyObject *py_find_children(PyObject *module, PyObject *args)
{
    Py_buffer keys, nodes, symbols;
    int64_t *found_at;
    PyObject *found = NULL;
    (void)module;
    if (!PyArg_ParseTuple(args, "y*y*y*", &keys, &nodes, &symbols))
        return NULL;
    size_t n = length(&keys, sizeof(uint64_t)), m = length(&nodes, sizeof(int64_t));
    if (length(&symbols, sizeof(uint32_t)) < m) {
        too_short("symbols");
    } else if ((found_at = inside(found = room_for(m, sizeof(int64_t)))) != NULL) {
        Py_BEGIN_ALLOW_THREADS
        find_children(keys.buf, n, nodes.buf, symbols.buf, m, found_at);
        Py_END_ALLOW_THREADS
    }
    PyBuffer_Release(&keys), PyBuffer_Release(&nodes), PyBuffer_Release(&symbols);
    return found;
}

static PyObject *py_compiled_children(PyObject *module, PyObject *args)
{
    Py_buffer slots, nodes, symbols;
    Trie trie;
    int64_t *found_at;
    PyObject *found = NULL;
    (void)module;
    if (!PyArg_ParseTuple(args, "y*y*y*", &slots, &nodes, &symbols))
        return NULL;
    size_t m = length(&nodes, sizeof(int64_t));
    if (length(&symbols, sizeof(uint32_t)) < m) {
        too_short("symbols");
    } else if (trie_from(&slots, NULL, 0, &trie) && (found_at = inside(found = room_for(m, sizeof(int64_t)))) != NULL) {
        Py_BEGIN_ALLOW_THREADS
        compiled_children(&trie, trie_nodes(&slots), nodes.buf, symbols.buf, m, found_at);
        Py_END_ALLOW_THREADS
    }
    PyBuffer_Release(&slots), PyBuffer_Release(&nodes), PyBuffer_Release(&symbols);
    return found;
}

static PyObject *py_add_at(PyObject *module, PyObject *args)
{
    Py_buffer sums, nodes, amounts;
    PyObject *result = NULL;
    (void)module;
    if (!PyArg_ParseTuple(args, "w*y*y*", &sums, &nodes, &amounts))
        return NULL;
    if (amounts.len < nodes.len) {
        too_short("amounts");
    } else {
        int done;
        Py_BEGIN_ALLOW_THREADS
        done = add_at(sums.buf, length(&sums, sizeof(int64_t)), nodes.buf, amounts.buf, length(&nodes, sizeof(int64_t)));
        Py_END_ALLOW_THREADS
        if (done)
            result = Py_NewRef(Py_None);
        else
            PyErr_SetString(PyExc_ValueError, "a node lies outside the sums");
    }
    PyBuffer_Release(&sums), PyBuffer_Release(&nodes), PyBuffer_Release(&amounts);
    return result;
}

static PyObject *py_nodes_beside(PyObject *module, PyObject *args)
{
    Py_buffer ngrams, keys, slots, itself, rest;
    int are_pairs;
    Strings strings;
    int64_t *own_at, *after_at, *rests_at;
    PyObject *own = NULL, *after = NULL, *rests = NULL, *result = NULL;
    (void)module;
    if (!PyArg_ParseTuple(args, "y*py*y*y*y*", &ngrams, &are_pairs, &keys, &slots, &itself, &rest))
        return NULL;
    const size_t m = length(&ngrams, sizeof(uint64_t)), parents = length(&itself, sizeof(int64_t));
    strings.keys = keys.buf, strings.n = length(&keys, sizeof(uint64_t));
    if (rest.len < itself.len) {
        too_short("rest");
    } else if (trie_from(&slots, NULL, 0, &strings.trie) &&
               (own_at = inside(own = room_for(m, sizeof(int64_t)))) != NULL &&
               (after_at = inside(after = room_for(m, sizeof(int64_t)))) != NULL &&
               (rests_at = inside(rests = room_for(m, sizeof(int64_t)))) != NULL) {
        int done;
        strings.compiled = trie_nodes(&slots);
        Py_BEGIN_ALLOW_THREADS
        done = nodes_beside(ngrams.buf, m, are_pairs, &strings, itself.buf, rest.buf, parents, own_at, after_at, rests_at);
        Py_END_ALLOW_THREADS
        if (done)
            result = Py_BuildValue("OOO", own, after, rests);
        else
            PyErr_SetString(PyExc_ValueError, "a parent lies outside the nodes");
    }
    Py_XDECREF(own), Py_XDECREF(after), Py_XDECREF(rests);
    PyBuffer_Release(&ngrams), PyBuffer_Release(&keys), PyBuffer_Release(&slots);
    PyBuffer_Release(&itself), PyBuffer_Release(&rest);
    return result;
}

static PyObject *py_neighbour_counts(PyObject *module, PyObject *args)
{
    Py_buffer keys, counts, after, rests, itself, by_node, by_symbol, slots;
    Py_ssize_t first, size;
    Chunk chunk;
    Known known;
    Neighbours rows;
    PyObject *strings = NULL, *values = NULL, *result = NULL;
    (void)module;
    if (!PyArg_ParseTuple(args, "y*y*nny*y*y*y*y*y*", &keys, &counts, &first, &size, &after, &rests, &itself, &by_node,
                          &by_symbol, &slots))
        return NULL;
    const size_t m = length(&after, sizeof(int64_t)), n = length(&keys, sizeof(uint64_t));
    chunk = (Chunk){keys.buf, counts.buf, n, (size_t)first, m, (size_t)size, after.buf, rests.buf, itself.buf,
                    length(&itself, sizeof(int64_t))};
    known = (Known){by_node.buf, length(&by_node, sizeof(int64_t)), by_symbol.buf,
                    length(&by_symbol, sizeof(int64_t)) - 1, {0}};
    if (counts.len < keys.len) {
        too_short("counts");
    } else if (rests.len < after.len) {
        too_short("rests");
    } else if (known.last_symbol == SIZE_MAX) {
        too_short("counts of symbols");
    } else if (trie_from(&slots, &by_node, sizeof(int64_t), &known.trie) &&
               (rows.strings = inside(strings = room_for(2 * m, sizeof(int64_t)))) != NULL &&
               (rows.seen = inside(values = room_for(8 * m, sizeof(double)))) != NULL) {
        size_t after_rows = 0, end = SIZE_MAX;
        rows.others = rows.seen + 2 * m, rows.elsewhere = rows.others + 2 * m, rows.neighbours = rows.elsewhere + 2 * m;
        Py_BEGIN_ALLOW_THREADS
        if (first >= 0 && size >= 3 && is_chunk(&chunk, &known)) {
            after_rows = neighbours_after(&chunk, &known, &rows);
            end = neighbours_before(&chunk, &known, &rows, after_rows);
        }
        Py_END_ALLOW_THREADS
        if (end == SIZE_MAX)
            PyErr_SetString(PyExc_ValueError, "these are no n-grams of a trie");
        else
            result = Py_BuildValue("nnOO", (Py_ssize_t)after_rows, (Py_ssize_t)end, strings, values);
    }
    Py_XDECREF(strings), Py_XDECREF(values);
    PyBuffer_Release(&keys), PyBuffer_Release(&counts), PyBuffer_Release(&after), PyBuffer_Release(&rests);
    PyBuffer_Release(&itself), PyBuffer_Release(&by_node), PyBuffer_Release(&by_symbol), PyBuffer_Release(&slots);
    return result;
}

static PyObject *py_suffixes(PyObject *module, PyObject *args)
{
    Py_buffer keys;
    Py_ssize_t longest;
    int64_t *found_at;
    PyObject *found = NULL;
    (void)module;
    if (!PyArg_ParseTuple(args, "y*n", &keys, &longest))
        return NULL;
    size_t n = length(&keys, sizeof(uint64_t)), *firsts = malloc((n + 1) * sizeof(size_t));
    if (!firsts) {
        PyErr_NoMemory();
    } else if (is_trie(keys.buf, n) && (found_at = inside(found = room_for(n + 1, sizeof(int64_t)))) != NULL) {
        Py_BEGIN_ALLOW_THREADS
        suffixes(keys.buf, n, longest > 0 ? (size_t)longest : 0, firsts, found_at);
        Py_END_ALLOW_THREADS
    }
    free(firsts);
    PyBuffer_Release(&keys);
    return found;
}

static PyObject *py_compile_trie(PyObject *module, PyObject *args)
{
    Py_buffer keys;
    PyObject *result = NULL;
    int done = 0;
    (void)module;
    if (!PyArg_ParseTuple(args, "y*", &keys))
        return NULL;
    size_t n = length(&keys, sizeof(uint64_t));
    if (n >= MOST_NODES)
        PyErr_Format(PyExc_ValueError, "trie must have less than 2 ** %d nodes", (int)bit_length(MOST_NODES) - 1);
    for (unsigned bits = table_bits(n); n < MOST_NODES && !done; bits++) {
        size_t total = ((size_t)1 << bits) + 1 + COMMON_SLOTS;
        uint64_t *slots = inside(result = room_for(total, sizeof(uint64_t)));
        if (!slots)
            break;
        Py_BEGIN_ALLOW_THREADS
        memset(slots, 0, total * sizeof(uint64_t));
        done = compile_trie(keys.buf, n, slots, bits);
        Py_END_ALLOW_THREADS
        if (!done)
            Py_CLEAR(result);
    }
    PyBuffer_Release(&keys);
    return result;
}

static PyObject *py_cover(PyObject *module, PyObject *args)
{
    Py_buffer symbols, slots, joins;
    Trie trie;
    uint8_t *begins_at;
    PyObject *begins = NULL;
    (void)module;
    if (!PyArg_ParseTuple(args, "y*y*y*", &symbols, &slots, &joins))
        return NULL;
    size_t n = length(&symbols, sizeof(uint32_t));
    if (trie_from(&slots, &joins, 1, &trie) && (begins_at = inside(begins = room_for(n, 1))) != NULL) {
        int done;
        Py_BEGIN_ALLOW_THREADS
        done = cover(symbols.buf, n, &trie, joins.buf, begins_at);
        Py_END_ALLOW_THREADS
        if (!done) {
            Py_CLEAR(begins);
            PyErr_NoMemory();
        }
    }
    PyBuffer_Release(&symbols), PyBuffer_Release(&slots), PyBuffer_Release(&joins);
    return begins;
}

static PyObject *py_occurrences(PyObject *module, PyObject *args)
{
    Py_buffer symbols, slots, wanted;
    Trie trie;
    PyObject *pairs = NULL;
    (void)module;
    if (!PyArg_ParseTuple(args, "y*y*y*", &symbols, &slots, &wanted))
        return NULL;
    if (trie_from(&slots, &wanted, 1, &trie)) {
        Found found = {NULL, 0, 0};
        int done;
        Py_BEGIN_ALLOW_THREADS
        done = occurrences(symbols.buf, length(&symbols, sizeof(uint32_t)), &trie, wanted.buf, &found);
        Py_END_ALLOW_THREADS
        if (!done)
            PyErr_NoMemory();
        else if ((pairs = room_for(2 * found.found, sizeof(int64_t))) != NULL && found.found)
            memcpy(PyBytes_AsString(pairs), found.pairs, found.found * 2 * sizeof(int64_t));
        free(found.pairs);
    }
    PyBuffer_Release(&symbols), PyBuffer_Release(&slots), PyBuffer_Release(&wanted);
    return pairs;
}

static PyObject *py_piece_nodes(PyObject *module, PyObject *args)
{
    Py_buffer symbols, slots, starts, lengths;
    Trie trie;
    int64_t *nodes_at;
    PyObject *nodes = NULL;
    (void)module;
    if (!PyArg_ParseTuple(args, "y*y*y*y*", &symbols, &slots, &starts, &lengths))
        return NULL;
    size_t n = length(&symbols, sizeof(uint32_t)), m = length(&starts, sizeof(int64_t));
    if (lengths.len < starts.len) {
        too_short("lengths");
    } else if (trie_from(&slots, NULL, 0, &trie) && (nodes_at = inside(nodes = room_for(m, sizeof(int64_t)))) != NULL) {
        int done;
        Py_BEGIN_ALLOW_THREADS
        done = piece_nodes(symbols.buf, n, &trie, starts.buf, lengths.buf, m, nodes_at);
        Py_END_ALLOW_THREADS
        if (!done) {
            PyErr_SetString(PyExc_ValueError, "a piece lies outside the symbols");
            Py_CLEAR(nodes);
        }
    }
    PyBuffer_Release(&symbols), PyBuffer_Release(&slots), PyBuffer_Release(&starts), PyBuffer_Release(&lengths);
    return nodes;
}

/* Where the best words of a text begin, or how many there are and their nodes. */
static PyObject *segmented(PyObject *args, int want_nodes)
{
    Py_buffer symbols, slots, scores, general, bonus, unseen;
    Model model;
    Py_ssize_t longest;
    uint8_t *begins_at;
    uint32_t *nodes_at = NULL;
    PyObject *begins = NULL, *nodes = NULL, *result = NULL;
    if (!PyArg_ParseTuple(args, "y*y*y*dy*ny*y*", &symbols, &slots, &scores, &model.unknown, &general, &longest,
                          &bonus, &unseen))
        return NULL;
    size_t n = length(&symbols, sizeof(uint32_t)), words = 0;
    model.unseen = unseen.buf, model.unseens = length(&unseen, sizeof(double));
    model.scores = scores.buf, model.general = general.buf;
    model.forms = length(&general, sizeof(uint32_t)), model.longest = longest > 0 ? (size_t)longest : 1;
    if (bonus.len && length(&bonus, sizeof(double)) < n) {
        too_short("bonus");
    } else if (trie_from(&slots, &scores, sizeof(double), &model.trie) &&
               (begins_at = inside(begins = room_for(n, 1))) != NULL &&
               (!want_nodes || (nodes_at = inside(nodes = room_for(n, sizeof(uint32_t)))) != NULL)) {
        int done;
        Py_BEGIN_ALLOW_THREADS
        done = viterbi(&model, symbols.buf, bonus.len ? bonus.buf : NULL, n, begins_at, nodes_at, &words);
        Py_END_ALLOW_THREADS
        if (!done)
            PyErr_NoMemory();
        else
            result = want_nodes ? Py_BuildValue("nO", (Py_ssize_t)words, nodes) : Py_NewRef(begins);
    }
    Py_XDECREF(begins), Py_XDECREF(nodes);
    PyBuffer_Release(&symbols), PyBuffer_Release(&slots), PyBuffer_Release(&scores);
    PyBuffer_Release(&general), PyBuffer_Release(&bonus), PyBuffer_Release(&unseen);
    return result;
}

static PyObject *py_viterbi(PyObject *module, PyObject *args)
{
    (void)module;
    return segmented(args, 0);
}

static PyObject *py_best_words(PyObject *module, PyObject *args)
{
    (void)module;
    return segmented(args, 1);
}

/* Nodes and sizes of edges as two bytes objects. */
static PyObject *edges_as_bytes(const uint32_t *nodes, const uint8_t *sizes, size_t m)
{
    PyObject *result = NULL, *nodes_bytes = room_for(m, sizeof(uint32_t)), *sizes_bytes = room_for(m, 1);
    if (nodes_bytes && sizes_bytes) {
        if (m) {
            memcpy(inside(nodes_bytes), nodes, m * sizeof(uint32_t));
            memcpy(inside(sizes_bytes), sizes, m);
        }
        result = Py_BuildValue("OO", nodes_bytes, sizes_bytes);
    }
    Py_XDECREF(nodes_bytes), Py_XDECREF(sizes_bytes);
    return result;
}

static PyObject *py_edges_of(PyObject *module, PyObject *args)
{
    Py_buffer symbols, slots, words;
    Trie trie;
    PyObject *result = NULL;
    (void)module;
    if (!PyArg_ParseTuple(args, "y*y*y*", &symbols, &slots, &words))
        return NULL;
    if (trie_from(&slots, &words, 1, &trie)) {
        Edges edges = {NULL, NULL, 0, 0};
        int done;
        Py_BEGIN_ALLOW_THREADS
        done = edges_of(&trie, words.buf, symbols.buf, length(&symbols, sizeof(uint32_t)), &edges);
        Py_END_ALLOW_THREADS
        result = done ? edges_as_bytes(edges.nodes, edges.sizes, edges.used) : PyErr_NoMemory();
        edges_free(&edges);
    }
    PyBuffer_Release(&symbols), PyBuffer_Release(&slots), PyBuffer_Release(&words);
    return result;
}

static PyObject *no_edges(void)
{
    PyErr_SetString(PyExc_ValueError, "nodes and sizes are no edges of words");
    return NULL;
}

static PyObject *py_kept_edges(PyObject *module, PyObject *args)
{
    Py_buffer nodes, sizes, numbers;
    PyObject *kept_nodes = NULL, *kept_sizes = NULL, *result = NULL;
    uint32_t *nodes_at;
    uint8_t *sizes_at;
    (void)module;
    if (!PyArg_ParseTuple(args, "y*y*y*", &nodes, &sizes, &numbers))
        return NULL;
    const size_t m = length(&nodes, sizeof(uint32_t));
    if ((size_t)sizes.len < m) {
        too_short("sizes");
    } else if ((nodes_at = inside(kept_nodes = room_for(m + 1, sizeof(uint32_t)))) != NULL &&
               (sizes_at = inside(kept_sizes = room_for(m + 1, 1))) != NULL) {
        int64_t kept;
        Py_BEGIN_ALLOW_THREADS
        kept = kept_edges(nodes.buf, sizes.buf, m, numbers.buf, length(&numbers, sizeof(uint32_t)), nodes_at, sizes_at);
        Py_END_ALLOW_THREADS
        result = kept < 0 ? no_edges() : edges_as_bytes(nodes_at, sizes_at, (size_t)kept);
    }
    Py_XDECREF(kept_nodes), Py_XDECREF(kept_sizes);
    PyBuffer_Release(&nodes), PyBuffer_Release(&sizes), PyBuffer_Release(&numbers);
    return result;
}

static PyObject *py_expected_counts(PyObject *module, PyObject *args)
{
    Py_buffer nodes, sizes, by_node, counts;
    Weights weights;
    PyObject *result = NULL;
    (void)module;
    if (!PyArg_ParseTuple(args, "y*y*y*dw*", &nodes, &sizes, &by_node, &weights.unknown, &counts))
        return NULL;
    weights.weights = by_node.buf, weights.nodes = length(&by_node, sizeof(double));
    const size_t m = length(&nodes, sizeof(uint32_t));
    if (counts.len < by_node.len) {
        too_short("counts");
    } else if ((size_t)sizes.len < m) {
        too_short("sizes");
    } else {
        Counting found;
        Py_BEGIN_ALLOW_THREADS
        found = expected_counts(&weights, nodes.buf, sizes.buf, m, counts.buf);
        Py_END_ALLOW_THREADS
        result = found == COUNTED ? Py_NewRef(Py_None) : found == NO_MEMORY ? PyErr_NoMemory() : no_edges();
    }
    PyBuffer_Release(&nodes), PyBuffer_Release(&sizes), PyBuffer_Release(&by_node), PyBuffer_Release(&counts);
    return result;
}

/* The buffers of a tagger as its struct; 0 if they do not belong together. */
static int tagger_from(const Py_buffer *slots, const Py_buffer *contexts, const Py_buffer *emissions,
                       const Py_buffer *pairs, const Py_buffer *general, Tagger *tagger)
{
    if (!trie_from(slots, NULL, 0, &tagger->trie))
        return 0;
    size_t nodes = trie_nodes(slots) + 1, singles = length(contexts, STEPS * sizeof(float));
    if (singles < 1 || singles > nodes || length(emissions, 4 * sizeof(float)) < singles ||
        length(pairs, STEPS * sizeof(float)) < nodes - singles) {
        too_short("what belongs to the nodes");
        return 0;
    }
    *tagger = (Tagger){tagger->trie, contexts->buf, emissions->buf, pairs->buf, singles,
                       general->buf, length(general, sizeof(uint32_t)), first_child(&tagger->trie, EDGE), nodes > singles};
    return 1;
}

/* Tags of a text, or the odds that words end in it. */
static PyObject *tagged(PyObject *args, int want_odds)
{
    Py_buffer symbols, slots, contexts, emissions, pairs, general;
    Tagger tagger;
    PyObject *result = NULL;
    void *result_at;
    if (!PyArg_ParseTuple(args, "y*y*y*y*y*y*", &symbols, &slots, &contexts, &emissions, &pairs, &general))
        return NULL;
    size_t n = length(&symbols, sizeof(uint32_t));
    if (tagger_from(&slots, &contexts, &emissions, &pairs, &general, &tagger) &&
        (result_at = inside(result = room_for(n, want_odds ? sizeof(double) : 1))) != NULL) {
        Tagging tagging = {0};
        int done;
        Py_BEGIN_ALLOW_THREADS
        done = tag_text(&tagger, symbols.buf, n, &tagging, want_odds ? NULL : result_at, want_odds ? result_at : NULL);
        free(tagging.owned);
        Py_END_ALLOW_THREADS
        if (!done) {
            Py_CLEAR(result);
            PyErr_NoMemory();
        }
    }
    PyBuffer_Release(&symbols), PyBuffer_Release(&slots), PyBuffer_Release(&contexts);
    PyBuffer_Release(&emissions), PyBuffer_Release(&pairs), PyBuffer_Release(&general);
    return result;
}

static PyObject *py_best_tags(PyObject *module, PyObject *args)
{
    (void)module;
    return tagged(args, 0);
}

static PyObject *py_end_odds(PyObject *module, PyObject *args)
{
    (void)module;
    return tagged(args, 1);
}

static PyObject *py_tagged_symbols(PyObject *module, PyObject *args)
{
    Py_buffer symbols, begins;
    uint32_t *tagged_at;
    PyObject *tagged = NULL, *result = NULL;
    (void)module;
    if (!PyArg_ParseTuple(args, "y*y*", &symbols, &begins))
        return NULL;
    size_t n = length(&symbols, sizeof(uint32_t)), size;
    if ((size_t)begins.len < n) {
        too_short("begins");
    } else if ((tagged_at = inside(tagged = room_for(2 * n + 2, sizeof(uint32_t)))) != NULL) {
        Py_BEGIN_ALLOW_THREADS
        size = tagged_symbols(symbols.buf, begins.buf, n, tagged_at);
        Py_END_ALLOW_THREADS
        result = Py_BuildValue("nO", (Py_ssize_t)size, tagged);
    }
    Py_XDECREF(tagged);
    PyBuffer_Release(&symbols), PyBuffer_Release(&begins);
    return result;
}

static PyObject *py_longest_matches(PyObject *module, PyObject *args)
{
    Py_buffer codes, slots, words, edges;
    Trie trie;
    int64_t *pairs_at;
    PyObject *pairs = NULL, *result = NULL;
    (void)module;
    if (!PyArg_ParseTuple(args, "y*y*y*y*", &codes, &slots, &words, &edges))
        return NULL;
    size_t n = length(&codes, sizeof(uint32_t)), found;
    if ((size_t)edges.len < n + 1) {
        too_short("edges");
    } else if (trie_from(&slots, &words, 1, &trie) &&
               (pairs_at = inside(pairs = room_for(2 * n, sizeof(int64_t)))) != NULL) {
        Py_BEGIN_ALLOW_THREADS
        found = longest_matches(codes.buf, n, &trie, words.buf, edges.buf, pairs_at);
        Py_END_ALLOW_THREADS
        result = Py_BuildValue("nO", (Py_ssize_t)found, pairs);
    }
    Py_XDECREF(pairs);
    PyBuffer_Release(&codes), PyBuffer_Release(&slots), PyBuffer_Release(&words), PyBuffer_Release(&edges);
    return result;
}

static PyObject *py_pieces(PyObject *module, PyObject *args)
{
    PyObject *text, *list;
    Py_buffer starts, ends;
    (void)module;
    if (!PyArg_ParseTuple(args, "Uy*y*", &text, &starts, &ends))
        return NULL;
    const int64_t *from = starts.buf, *to = ends.buf;
    Py_ssize_t m = starts.len / (Py_ssize_t)sizeof(int64_t);
    list = ends.len < starts.len ? too_short("ends") : PyList_New(m);
    for (Py_ssize_t i = 0; list && i < m; i++) {
        PyObject *piece = PyUnicode_Substring(text, (Py_ssize_t)from[i], (Py_ssize_t)to[i]);
        if (!piece || PyList_SetItem(list, i, piece) < 0)
            Py_CLEAR(list);
    }
    PyBuffer_Release(&starts), PyBuffer_Release(&ends);
    return list;
}

/* A decoder and the buffers that it looks into, which stay as they are as long as it lives. */
typedef struct {
    Decoder decoder;
    Py_buffer classes, forms, form_symbols, words, scores, general, unseen, pairs_trie, contexts, emissions, pairs, logs;
} Held;

static const char DECODER[] = "nlp_zero.core._c.decoder";

static void held_free(PyObject *capsule)
{
    Held *held = PyCapsule_GetPointer(capsule, DECODER);
    Py_buffer *all[] = {&held->classes, &held->forms, &held->form_symbols, &held->words, &held->scores, &held->general,
                        &held->unseen, &held->pairs_trie, &held->contexts, &held->emissions, &held->pairs, &held->logs};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        PyBuffer_Release(all[i]);
    PyMem_Free(held);
}

/* Set what a decoder looks into; 0 with an error if the buffers do not belong together. */
static int set_decoder(Held *held, double unknown, Py_ssize_t longest)
{
    Decoder *decoder = &held->decoder;
    *decoder = (Decoder){.classes = held->classes.buf, .form_symbols = held->form_symbols.buf, .logs = held->logs.buf,
                         .has_forms = held->forms.len > 0, .has_lattice = held->words.len > 0,
                         .has_tagger = held->pairs_trie.len > 0};
    if (held->classes.len < 0x110000)
        return too_short("classes") != NULL;
    if (length(&held->logs, sizeof(double)) < 1 + ((size_t)1 << LOG_BITS))
        return too_short("logs") != NULL;
    if (!decoder->has_lattice && !decoder->has_tagger) {
        PyErr_SetString(PyExc_ValueError, "there is neither a lattice nor a tagger");
        return 0;
    }
    if (decoder->has_forms && !trie_from(&held->forms, &held->form_symbols, sizeof(uint32_t), &decoder->forms))
        return 0;
    if (decoder->has_lattice && !trie_from(&held->words, &held->scores, sizeof(double), &decoder->model.trie))
        return 0;
    decoder->model.scores = held->scores.buf, decoder->model.unknown = unknown;
    decoder->model.general = held->general.buf, decoder->model.forms = length(&held->general, sizeof(uint32_t));
    decoder->model.unseen = held->unseen.buf, decoder->model.unseens = length(&held->unseen, sizeof(double));
    decoder->model.longest = longest > 0 ? (size_t)longest : 1;
    return !decoder->has_tagger || tagger_from(&held->pairs_trie, &held->contexts, &held->emissions, &held->pairs,
                                               &held->general, &decoder->tagger);
}

static PyObject *py_decoder(PyObject *module, PyObject *args)
{
    double unknown;
    Py_ssize_t longest;
    Held *held = PyMem_Malloc(sizeof(Held));
    (void)module;
    if (!held)
        return PyErr_NoMemory();
    if (!PyArg_ParseTuple(args, "y*y*y*y*y*dy*ny*y*y*y*y*y*", &held->classes, &held->forms, &held->form_symbols,
                          &held->words, &held->scores, &unknown, &held->general, &longest, &held->unseen, &held->pairs_trie,
                          &held->contexts, &held->emissions, &held->pairs, &held->logs)) {
        PyMem_Free(held);
        return NULL;
    }
    PyObject *capsule = PyCapsule_New(held, DECODER, held_free);
    if (capsule && !set_decoder(held, unknown, longest))
        Py_CLEAR(capsule);
    return capsule;
}

#define LONG_TEXT 20000 /* characters from which on other threads may go on meanwhile */

/* The words of a decoded text: it has `words` of them, none of which is white space. */
static PyObject *list_of_words(PyObject *text, const Desk *desk, size_t units, Py_ssize_t words)
{
    PyObject *list = PyList_New(words);
    Py_ssize_t k = 0;
    for (size_t i = 0; list && i < units;) {
        size_t end = i + 1;
        while (end < units && !desk->begins[end])
            end++;
        if (desk->symbols[i] != SPACE) {
            PyObject *word = PyUnicode_Substring(text, (Py_ssize_t)desk->starts[i], (Py_ssize_t)desk->starts[end]);
            if (!word || PyList_SetItem(list, k++, word) < 0)
                Py_CLEAR(list);
        }
        i = end;
    }
    return list;
}

static PyObject *py_words(PyObject *module, PyObject *const *args, Py_ssize_t given)
{
    PyObject *list = NULL;
    (void)module;
    if (given != 2 || !PyUnicode_Check(args[0])) {
        PyErr_SetString(PyExc_TypeError, "words: expected a str and a decoder");
        return NULL;
    }
    Held *held = PyCapsule_GetPointer(args[1], DECODER);
    if (!held)
        return NULL;
    size_t n = (size_t)PyUnicode_GetLength(args[0]), units = 0;
    int64_t words = -1;
    Desk desk;
    Drawer drawer;
    if (desk_reserve(&desk, &drawer, n) && PyUnicode_AsUCS4(args[0], desk.codes, (Py_ssize_t)n + 1, 0)) {
        if (n < LONG_TEXT) {
            words = decode(&held->decoder, &desk, n, &units);
        } else {
            Py_BEGIN_ALLOW_THREADS
            words = decode(&held->decoder, &desk, n, &units);
            Py_END_ALLOW_THREADS
        }
    }
    if (words < 0)
        PyErr_NoMemory();
    else
        list = list_of_words(args[0], &desk, units, (Py_ssize_t)words);
    desk_free(&desk);
    return list;
}

static PyObject *py_joined(PyObject *module, PyObject *args)
{
    PyObject *text, *capsule, *result = NULL;
    const char *separator;
    Py_ssize_t size;
    (void)module;
    if (!PyArg_ParseTuple(args, "UOy#", &text, &capsule, &separator, &size))
        return NULL;
    Held *held = PyCapsule_GetPointer(capsule, DECODER);
    if (!held)
        return NULL;
    const size_t n = (size_t)PyUnicode_GetLength(text);
    uint32_t *codes = PyUnicode_AsUCS4Copy(text);
    if (!codes)
        return NULL;
    Joined joined = {NULL, 0, 0};
    int done;
    Py_BEGIN_ALLOW_THREADS
    done = join_text(&held->decoder, codes, n, separator, (size_t)size, &joined);
    Py_END_ALLOW_THREADS
    if (done == NO_ROOM)
        PyErr_NoMemory();
    else if (done == NO_UTF8)
        result = PyUnicode_AsUTF8String(text); /* says what is wrong */
    else
        result = PyBytes_FromStringAndSize((const char *)joined.bytes, (Py_ssize_t)joined.size);
    free(joined.bytes);
    PyMem_Free(codes);
    return result;
}

static PyObject *py_release_memory(PyObject *module, PyObject *args)
{
    (void)module, (void)args;
#ifdef __GLIBC__
    malloc_trim(0);
#endif
    Py_RETURN_NONE;
}

static PyObject *py_reuse_memory(PyObject *module, PyObject *args)
{
    (void)module, (void)args;
#ifdef __GLIBC__
    mallopt(M_MMAP_THRESHOLD, 32 << 20);
    mallopt(M_TRIM_THRESHOLD, 128 << 20);
#ifdef M_ARENA_MAX
    mallopt(M_ARENA_MAX, 1); /* each thread would keep what it does not use, and others could not have it */
#endif
#endif
    Py_RETURN_NONE;
}

static PyMethodDef methods[] = {
    {"scan", py_scan, METH_VARARGS, NULL},
    {"count_symbols", py_count_symbols, METH_VARARGS, NULL},
    {"count_ngrams", py_count_ngrams, METH_VARARGS, NULL},
    {"build_trie", py_build_trie, METH_VARARGS, NULL},
    {"count_pieces", py_count_pieces, METH_VARARGS, NULL},
    {"merge_tries", py_merge_tries, METH_VARARGS, NULL},
    {"find_children", py_find_children, METH_VARARGS, NULL},
    {"compiled_children", py_compiled_children, METH_VARARGS, NULL},
    {"add_at", py_add_at, METH_VARARGS, NULL},
    {"nodes_beside", py_nodes_beside, METH_VARARGS, NULL},
    {"neighbour_counts", py_neighbour_counts, METH_VARARGS, NULL},
    {"suffixes", py_suffixes, METH_VARARGS, NULL},
    {"compile_trie", py_compile_trie, METH_VARARGS, NULL},
    {"cover", py_cover, METH_VARARGS, NULL},
    {"occurrences", py_occurrences, METH_VARARGS, NULL},
    {"piece_nodes", py_piece_nodes, METH_VARARGS, NULL},
    {"viterbi", py_viterbi, METH_VARARGS, NULL},
    {"best_words", py_best_words, METH_VARARGS, NULL},
    {"edges_of", py_edges_of, METH_VARARGS, NULL},
    {"kept_edges", py_kept_edges, METH_VARARGS, NULL},
    {"expected_counts", py_expected_counts, METH_VARARGS, NULL},
    {"best_tags", py_best_tags, METH_VARARGS, NULL},
    {"end_odds", py_end_odds, METH_VARARGS, NULL},
    {"tagged_symbols", py_tagged_symbols, METH_VARARGS, NULL},
    {"decoder", py_decoder, METH_VARARGS, NULL},
    {"words", (PyCFunction)(void (*)(void))py_words, METH_FASTCALL, "The words of a text in one go."},
    {"joined", py_joined, METH_VARARGS, NULL},
    {"longest_matches", py_longest_matches, METH_VARARGS, NULL},
    {"pieces", py_pieces, METH_VARARGS, NULL},
    {"release_memory", py_release_memory, METH_NOARGS, NULL},
    {"reuse_memory", py_reuse_memory, METH_NOARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef_Slot slots[] = {
#ifdef Py_GIL_DISABLED
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
#endif
    {0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "nlp_zero.core._c", "The kernels in C; see nlp_zero.core.python for what they do.",
    0, methods, slots, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit__c(void)
{
    return PyModuleDef_Init(&definition);
}
