/* Memory in large pages, where the system has them: fewer faults when it is first used, fewer misses later. */
#ifndef NLP_ZERO_MEMORY_H
#define NLP_ZERO_MEMORY_H

#include <stdint.h>
#include <stdlib.h>

#ifdef __linux__
#include <sys/mman.h>
#endif

#define LARGE ((size_t)1 << 22) /* bytes that are worth it */
#define LARGE_PAGE ((uintptr_t)1 << 21)

static void ask_for_large_pages(void *memory, size_t size)
{
#ifdef MADV_HUGEPAGE
    uintptr_t begin = ((uintptr_t)memory + LARGE_PAGE - 1) / LARGE_PAGE * LARGE_PAGE;
    uintptr_t end = ((uintptr_t)memory + size) / LARGE_PAGE * LARGE_PAGE;
    if (size >= LARGE)
        madvise((void *)begin, end - begin, MADV_HUGEPAGE); /* a hint, which may come to nothing */
#else
    (void)memory, (void)size;
#endif
}

static void *large_malloc(size_t size)
{
    void *memory = malloc(size);
    if (memory)
        ask_for_large_pages(memory, size);
    return memory;
}

/* Memory full of zeros. */
static void *large_calloc(size_t n, size_t size)
{
    void *memory = calloc(n, size);
    if (memory)
        ask_for_large_pages(memory, n * size);
    return memory;
}

#endif
