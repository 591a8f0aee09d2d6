/* sandbox_absent.c - where there is no sandbox, or a sanitizer that could not work in it.
 */
#include "cli/sandbox.h"

unsigned sandbox_enter(char *const readable[], size_t count)
{
    (void)readable;
    (void)count;
    return SANDBOX_LEFT_OUT;
}
