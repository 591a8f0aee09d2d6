/* suite.h - runs the suite of a test program.
 *
 * The environment controls the output (CK_VERBOSITY, CK_TAP_LOG_FILE_NAME); by default it is the
 * failures and a count.
 */
#ifndef SMTPSEQ_SUITE_H
#define SMTPSEQ_SUITE_H

#include <check.h>
#include <stdlib.h>

/* The number of rows of a table, for tcase_add_loop_test. */
#define ROWS(table) ((int)(sizeof(table) / sizeof(table)[0]))

/* A slice in a table: SLICE is not a constant expression. The literal may hold NUL. */
#define OCTETS(literal)                \
    {                                  \
        (literal), sizeof(literal) - 1 \
    }

/* Runs the suite, which it frees, and returns the exit status of the program. */
static inline int suite_run(Suite *suite)
{
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#endif
