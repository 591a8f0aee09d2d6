/* plural_form.c - evaluates the expression of a catalogue's plural forms.
 */
#include "base/plural_form.h"

#include <stdbool.h>
#include <string.h>

#include "base/slice.h"

/* Deeper expressions are wrong: what the expression says must not use up the stack. */
enum { DEPTH_MAX = 50 };

enum operation {
    OR,
    AND,
    EQUAL,
    UNEQUAL,
    AT_MOST,
    AT_LEAST,
    LESS,
    MORE,
    ADD,
    SUBTRACT,
    MULTIPLY,
    DIVIDE,
    REST
};

/* What begins like another one comes after it. */
static const struct {
    const char *sign;
    int binds; /* more than those with a lower number */
} operators[] = {
    [OR] = {"||", 1},      [AND] = {"&&", 2},      [EQUAL] = {"==", 3},   [UNEQUAL] = {"!=", 3},
    [AT_MOST] = {"<=", 4}, [AT_LEAST] = {">=", 4}, [LESS] = {"<", 4},     [MORE] = {">", 4},
    [ADD] = {"+", 5},      [SUBTRACT] = {"-", 5},  [MULTIPLY] = {"*", 6}, [DIVIDE] = {"/", 6},
    [REST] = {"%", 6},
};
enum { OPERATORS = sizeof operators / sizeof operators[0] };

struct expression {
    const char *at;
    uint64_t number;
    int depth;
    bool wrong;
};

static uint64_t choice(struct expression *expression);

/* Takes a sign if it is next. */
static bool take(struct expression *expression, const char *sign)
{
    expression->at += strspn(expression->at, " \t");
    size_t size = strlen(sign);
    bool there = strncmp(expression->at, sign, size) == 0;
    expression->at += there ? size : 0;
    return there;
}

static uint64_t operand(struct expression *expression)
{
    unsigned negations = 0;
    uint64_t value = 0;
    while (take(expression, "!"))
        negations++;
    if (take(expression, "n")) {
        value = expression->number;
    } else if (take(expression, "(")) {
        value = choice(expression);
        expression->wrong = expression->wrong || !take(expression, ")");
    } else {
        expression->wrong = expression->wrong || !ascii_digit(*expression->at);
        for (; ascii_digit(*expression->at); expression->at++)
            value = value * 10 + (uint64_t)(*expression->at - '0');
    }
    return negations > 0 ? (value == 0) == (negations % 2 == 1) : value;
}

static uint64_t apply(enum operation operation, uint64_t left, uint64_t right)
{
    switch (operation) {
    case OR:
        return left || right;
    case AND:
        return left && right;
    case EQUAL:
        return left == right;
    case UNEQUAL:
        return left != right;
    case AT_MOST:
        return left <= right;
    case AT_LEAST:
        return left >= right;
    case LESS:
        return left < right;
    case MORE:
        return left > right;
    case ADD:
        return left + right;
    case SUBTRACT:
        return left - right;
    case MULTIPLY:
        return left * right;
    case DIVIDE:
        return right > 0 ? left / right : 0;
    case REST:
        return right > 0 ? left % right : 0;
    }
    return 0;
}

/* Takes the next operator if it binds more than `binds`. Returns OPERATORS if it does not. */
static int take_operator(struct expression *expression, int binds)
{
    for (int i = 0; i < OPERATORS; i++)
        if (operators[i].binds > binds && take(expression, operators[i].sign))
            return i;
    return OPERATORS;
}

/* Operands with the operators between them that bind more than `binds`. */
static uint64_t calculation(struct expression *expression, int binds)
{
    uint64_t left = operand(expression);
    int found;
    while (!expression->wrong && (found = take_operator(expression, binds)) < OPERATORS) {
        uint64_t right = calculation(expression, operators[found].binds);
        left = apply((enum operation)found, left, right);
    }
    return left;
}

/* "condition ? value : value"; without a question mark a calculation. */
static uint64_t choice(struct expression *expression)
{
    if (++expression->depth > DEPTH_MAX)
        expression->wrong = true;
    if (expression->wrong)
        return 0;
    uint64_t value = calculation(expression, 0);
    if (take(expression, "?")) {
        uint64_t first = choice(expression);
        expression->wrong = expression->wrong || !take(expression, ":");
        uint64_t second = choice(expression);
        value = value ? first : second;
    }
    expression->depth--;
    return value;
}

size_t plural_form(const char *expression, uint64_t number)
{
    struct expression read = {.at = expression, .number = number};
    uint64_t value = choice(&read);
    return read.wrong || value > 100 ? 0 : (size_t)value;
}
