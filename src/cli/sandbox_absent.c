/* sandbox_absent.c - where there is no sandbox, or a sanitizer that could not work in it.
 */
#include "cli/sandbox.h"

unsigned sandbox_enter(const struct sandbox_needs *needs)
{
    (void)needs;
    return SANDBOX_LEFT_OUT;
}
