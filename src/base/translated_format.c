/* translated_format.c - keeps the values of a printf, to print them by another format.
 */
#include "base/translated_format.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

/* Octets of "%-08.3llu". */
enum { SPECIFICATION_MAX = 16 };

static const char conversions[] = "scdufg";

/* A value and how English prints it. */
struct value {
    char specification[SPECIFICATION_MAX];
    char conversion; /* one of `conversions` */
    int precision;   /* of %.*s and %.80s: octets; else -1 */
    union {
        const char *text;
        int number;
        unsigned long long large;
        double fraction;
    };
};

/* The octets of a conversion after its "%": "-s", "zu", "%". 0: it is none that is known. */
static size_t conversion_size(const char *format)
{
    size_t size = strspn(format, "0123456789.*-$lz");
    bool known = format[size] == '%' || (format[size] && strchr(conversions, format[size]));
    return known ? size + 1 : 0;
}

/* Takes the values that a format names. Returns how many there are. */
static size_t take_values(struct value values[static VALUES_MAX], const char *format,
                          va_list *arguments)
{
    size_t count = 0, size;
    while ((format = strchr(format, '%')) && (size = conversion_size(++format)) > 0) {
        struct value *value = &values[count];
        const char *end = format + size;
        bool literal = end[-1] == '%';
        if (!literal && (count == VALUES_MAX || size + 2 > SPECIFICATION_MAX))
            break;
        if (!literal) {
            snprintf(value->specification, SPECIFICATION_MAX, "%%%.*s", (int)size, format);
            value->conversion = end[-1];
            const char *dot = memchr(format, '.', size);
            value->precision = memchr(format, '*', size) ? va_arg(*arguments, int)
                               : dot                     ? (int)strtol(dot + 1, NULL, 10)
                                                         : -1;
            if (value->conversion == 's')
                value->text = va_arg(*arguments, const char *);
            else if (value->conversion == 'f' || value->conversion == 'g')
                value->fraction = va_arg(*arguments, double);
            else if (memchr(format, 'l', size))
                value->large = va_arg(*arguments, unsigned long long);
            else if (memchr(format, 'z', size))
                value->large = va_arg(*arguments, size_t);
            else
                value->number = va_arg(*arguments, int);
            count++;
        }
        format = end;
    }
    return count;
}

/* Prints a value into what is left of a text. Returns its octets. */
static size_t print_value(char *text, size_t size, const struct catalogue *catalogue,
                          const struct value *value)
{
    int used;
    bool large = strpbrk(value->specification, "lz");
    if (value->conversion == 's' && value->precision >= 0)
        used = snprintf(text, size, "%.*s", value->precision, value->text);
    else if (value->conversion == 's')
        used = snprintf(text, size, "%s",
                        value->specification[1] == '-' ? translate(catalogue, value->text)
                                                       : value->text);
    else if (value->conversion == 'f' || value->conversion == 'g')
        used = snprintf(text, size, value->specification, value->fraction);
    else if (large)
        used = snprintf(text, size, "%llu", value->large);
    else
        used = snprintf(text, size, value->specification, value->number);
    return used < 0 ? 0 : (size_t)used < size ? (size_t)used : size - 1;
}

/* The index of the value that a conversion takes: "2$s" the second, "s" the next one. */
static size_t value_index(const char *conversion, size_t *next)
{
    char *end;
    unsigned long number = strtoul(conversion, &end, 10);
    return *end == '$' && number > 0 ? number - 1 : (*next)++;
}

void print_translated(char *text, size_t size, const struct catalogue *catalogue,
                      const char *format, va_list arguments)
{
    print_translation(text, size, catalogue, format, translate(catalogue, format), arguments);
}

void print_translation(char *text, size_t size, const struct catalogue *catalogue,
                       const char *english, const char *format, va_list arguments)
{
    struct value values[VALUES_MAX];
    va_list copy;
    va_copy(copy, arguments);
    size_t count = take_values(values, english, &copy), next = 0, used = 0;
    va_end(copy);
    for (; *format && used + 1 < size; format++) {
        size_t conversion = *format == '%' ? conversion_size(format + 1) : 0;
        if (conversion == 0) {
            text[used++] = *format;
            continue;
        }
        if (format[conversion] == '%') {
            text[used++] = '%';
        } else {
            size_t index = value_index(format + 1, &next);
            if (index < count)
                used += print_value(text + used, size - used, catalogue, &values[index]);
        }
        format += conversion;
    }
    text[used + 1 < size ? used : utf8_whole((struct slice){text, used}).size] = '\0';
}
