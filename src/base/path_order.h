/* path_order.h - the order in which files come when folders are walked by name. */
#ifndef SMTPSEQ_BASE_PATH_ORDER_H
#define SMTPSEQ_BASE_PATH_ORDER_H

#include <stddef.h>

/* Compares two paths: less than 0 if the left one comes first. "a/b" comes before "a-c", since "a" comes
 * before "a-c". */
static inline int path_order(const char *left, size_t left_size, const char *right,
                             size_t right_size)
{
    for (size_t i = 0; i < left_size && i < right_size; i++) {
        unsigned char a = (unsigned char)left[i], b = (unsigned char)right[i];
        if (a != b)
            return a == '/' ? -1 : b == '/' ? 1 : a < b ? -1 : 1;
    }
    return left_size < right_size ? -1 : left_size > right_size;
}

#endif
