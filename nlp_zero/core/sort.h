/* Sorting records of whole numbers. */
#ifndef NLP_ZERO_SORT_H
#define NLP_ZERO_SORT_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define RADIX_BITS 11
#define RADIX_SIZE (1u << RADIX_BITS)

/* Move m records of `width` words to `to`, sorted by the digit of one of their words; `at` says where each digit begins. */
static void radix_pass(const uint64_t *from, uint64_t *to, size_t m, size_t width, size_t word, unsigned shift,
                       uint64_t mask, size_t *at)
{
    if (width == 1) {
        for (size_t i = 0; i < m; i++)
            to[at[from[i] >> shift & mask]++] = from[i];
    } else {
        for (size_t i = 0; i < m; i++)
            memcpy(to + width * at[from[i * width + word] >> shift & mask]++, from + i * width, width * sizeof(uint64_t));
    }
}

/* Sort m records of `width` words by each of their first `keys` words, which have no more than `bits` bits, the first being the
 * most significant. Stable. `spare` is as large as `records`; returns the one of the two that holds the result. */
static uint64_t *radix_sort(uint64_t *records, uint64_t *spare, size_t m, size_t width, size_t keys, unsigned bits)
{
    size_t at[(64 + RADIX_BITS - 1) / RADIX_BITS][RADIX_SIZE];
    const unsigned digits = (bits + RADIX_BITS - 1) / RADIX_BITS;
    for (size_t word = keys; word-- > 0;) {
        memset(at, 0, digits * sizeof at[0]);
        for (size_t i = 0; i < m; i++) {
            uint64_t value = records[i * width + word];
            for (unsigned d = 0; d < digits; d++, value >>= RADIX_BITS)
                at[d][value & (RADIX_SIZE - 1)]++;
        }
        for (unsigned d = 0; d < digits; d++) {
            size_t alike = m ? at[d][records[word] >> d * RADIX_BITS & (RADIX_SIZE - 1)] : 0;
            if (alike == m)
                continue; /* nothing to do */
            for (size_t v = 0, total = 0; v < RADIX_SIZE; v++) {
                size_t here = at[d][v];
                at[d][v] = total, total += here;
            }
            radix_pass(records, spare, m, width, word, d * RADIX_BITS, RADIX_SIZE - 1, at[d]);
            uint64_t *swap = records;
            records = spare, spare = swap;
        }
    }
    return records;
}

#endif
