#!/usr/bin/env python3
"""Writes the completions of smtpseq for a shell, from the table of its command line.

usage: write.py SMTPSEQ bash|zsh|fish
"""

import json
import shlex
import subprocess
import sys

LEVELS = ["error", "warning", "note"]
NO_HELP = "the format of the output"
quote = shlex.quote


def words(names):
    return " ".join(names)


def spelled(option):
    """The ways to write an option: --jobs, -j."""
    return ["--" + option["name"]] + (["-" + option["letter"]] if option["letter"] else [])


def bash_row(command, spelling, value):
    """One line of a case: the separator, whether a path is possible, the names."""
    return f"    {quote(f'{command} {spelling}')}) separator='{value['separator']}' path={int(value['path'])} names='{words(value['names'])}' ;;"


BASH = """\
# bash completion for smtpseq; generated.

# Sets what the value of an option ("check --format") or the operands ("check operand") can be.
# Returns 1 if there is none.
_smtpseq_value() {
    case $1 in
@VALUES@
    *) return 1 ;;
    esac
}

_smtpseq_options() {
    case $1 in
@OPTIONS@
    esac
}

# Offers the candidates that begin with $cur. readline replaces only what follows the last = or :
_smtpseq_offer() {
    local word=${COMP_WORDS[COMP_CWORD]} head candidate
    case $word in = | :) word= ;; esac
    head=${cur%"$word"}
    for candidate; do
        [[ $candidate == "$cur"* ]] && COMPREPLY+=("${candidate#"$head"}")
    done
}

# Offers the values for $value, which stands after $before in the word.
_smtpseq_offer_values() {
    local name after= candidates=()
    case $separator$value in
    :*:*)
        compopt -o default
        return
        ;;
    =*=*) before+=${value%%=*}= names='@LEVELS@' ;;
    ,*,*) before+=${value%,*}, ;;
    [:=]*) after=$separator ;;
    esac
    for name in $names; do candidates+=("$before$name$after"); done
    _smtpseq_offer "${candidates[@]}"
    [[ -z $after && $separator != , ]] || compopt -o nospace
    ((!path)) || compopt -o default
}

_smtpseq() {
    local line=${COMP_LINE:0:COMP_POINT} typed cur previous command separator path names value before
    COMPREPLY=()
    read -ra typed <<<"$line"
    cur=${line##*[[:space:]]}
    [[ -n $cur ]] || typed+=("")
    previous=${typed[-2]} command=${typed[1]}
    if ((${#typed[@]} == 2)); then
        _smtpseq_offer @COMMANDS@ --help --version
    elif [[ $previous == -* ]] && _smtpseq_value "$command $previous"; then
        before= value=$cur
        _smtpseq_offer_values
    elif [[ $cur == --*=* ]] && _smtpseq_value "$command ${cur%%=*}"; then
        before=${cur%%=*}= value=${cur#*=}
        _smtpseq_offer_values
    elif [[ $cur == -* ]]; then
        # shellcheck disable=SC2046 # a list of words
        _smtpseq_offer $(_smtpseq_options "$command")
        [[ ${COMPREPLY[0]-} != *= ]] || compopt -o nospace
    elif _smtpseq_value "$command operand"; then
        before= value=$cur
        _smtpseq_offer_values
    fi
}

complete -F _smtpseq smtpseq
"""


def bash(commands):
    values, options = [], []
    for command in commands:
        name = command["name"]
        if command["names"] or command["path"]:
            values.append(bash_row(name, "operand", {**command, "separator": ""}))
        for option in command["options"]:
            if option["argument"]:
                values += [bash_row(name, spelling, option) for spelling in spelled(option)]
        listed = [f"--{option['name']}" + ("=" if option["argument"] else "") for option in command["options"]]
        options.append(f"    {name}) echo '{words(listed)}' ;;")
    return (BASH.replace("@VALUES@", "\n".join(values)).replace("@OPTIONS@", "\n".join(options))
            .replace("@COMMANDS@", words(command["name"] for command in commands)).replace("@LEVELS@", words(LEVELS)))


ZSH = """\
#compdef smtpseq
# zsh completion for smtpseq; generated.

# KIND PATH NAME...: PATH is 1 if a path is possible.
_smtpseq_value() {
    local kind=$1 path_too=$2
    shift 2
    case $kind in
    list) compset -P '*,'; compadd -qS , -- $@ ;;
    report) if compset -P '*:'; then _files; else compadd -S : -- $@; fi ;;
    level) if compset -P '*='; then compadd -- @LEVELS@; else compadd -S = -- $@; fi ;;
    *) (( ! $# )) || compadd -- $@ ;;
    esac
    (( ! path_too )) || _files
}

_smtpseq() {
    local context state state_descr line
    typeset -A opt_args
    _arguments -C '(-)--help[the usage]' '(-)--version[the version]' '1:command:->command' '*::argument:->argument'
    case $state in
    command)
        local commands=(
@COMMANDS@
        )
        _describe command commands
        ;;
    argument)
        case $words[1] in
@ARGUMENTS@
        esac
        ;;
    esac
}

_smtpseq "$@"
"""


def zsh_action(value):
    kind = {"": "name", ",": "list", ":": "report", "=": "level"}[value["separator"]]
    # _arguments puts words of its own into an action without a blank in front.
    return f" _smtpseq_value {kind} {int(value['path'])} {words(value['names'])}"


def zsh_help(option):
    """Text between brackets, in single quotes."""
    return (option["help"] or NO_HELP).replace("'", "'\\''").replace("]", "\\]").replace(":", "\\:")


def zsh_option(option):
    # An option may be repeated.
    value = f":{option['argument'].replace(':', ' ')}:{zsh_action(option)}" if option["argument"] else ""
    for spelling in spelled(option):
        sign = "" if not option["argument"] else "=" if spelling.startswith("--") else "+"
        yield f"            '*{spelling}{sign}[{zsh_help(option)}]{value}'"


def zsh(commands):
    arguments = []
    for command in commands:
        lines = [line for option in command["options"] for line in zsh_option(option)]
        if command["names"] or command["path"]:
            lines.append(f"            '*:{command['operands'].strip('[].')}:{zsh_action({**command, 'separator': ''})}'")
        arguments.append(f"        {command['name']}) _arguments -s \\\n" + " \\\n".join(lines) + "\n            ;;")
    names = "\n".join(f"            {quote(command['name'] + ':' + command['title'])}" for command in commands)
    return ZSH.replace("@COMMANDS@", names).replace("@ARGUMENTS@", "\n".join(arguments)).replace("@LEVELS@", words(LEVELS))


FISH = """\
# fish completion for smtpseq; generated.

# What is typed of a value, without the option in front of it.
function __smtpseq_typed
    string replace -r -- '^--?[^=]*=' '' (commandline -ct)
end

# SEPARATOR NAME...: names with a separator behind each, or a list of them.
function __smtpseq_value
    set -l separator $argv[1]
    set -l names $argv[2..]
    set -l typed (__smtpseq_typed)
    switch $separator
        case ,
            set -l before (string match -r -- '.*,' $typed)
            or set before ''
            printf '%s\\n' $before$names
        case :
            if string match -q -- '*:*' $typed
                set -l before (string replace -r -- ':.*' ':' $typed)
                printf '%s\\n' $before(complete -C "__smtpseq_path "(string replace -r -- '^[^:]*:' '' $typed))
            else
                printf '%s:\\n' $names
            end
        case '='
            if string match -q -- '*=*' $typed
                set -l before (string replace -r -- '=.*' '=' $typed)
                printf '%s\\n' $before{@LEVELS@}
            else
                printf '%s=\\n' $names
            end
        case '*'
            printf '%s\\n' $names
    end
end

complete -c smtpseq -n __fish_use_subcommand -f
@LINES@
"""


def fish_value(option):
    if not option["argument"]:
        return ""
    given = f" -a \"(__smtpseq_value '{option['separator']}' {words(option['names'])})\"" if option["names"] else ""
    return (" -r -F" if option["path"] else " -x") + given


def fish(commands):
    lines = []
    for command in commands:
        lines.append(f"complete -c smtpseq -n __fish_use_subcommand -a {command['name']} -d {quote(command['title'])}")
    for command in commands:
        seen = f"complete -c smtpseq -n '__fish_seen_subcommand_from {command['name']}'"
        if command["names"]:
            lines.append(f"{seen} {'-F' if command['path'] else '-f'} -a {quote(words(command['names']))}")
        elif not command["path"]:
            lines.append(f"{seen} -f")
        for option in command["options"]:
            letter = f" -s {option['letter']}" if option["letter"] else ""
            lines.append(f"{seen}{letter} -l {option['name']}{fish_value(option)} -d {quote(option['help'] or option['argument'])}")
    return FISH.replace("@LINES@", "\n".join(lines)).replace("@LEVELS@", ",".join(LEVELS))


def main():
    smtpseq, shell = sys.argv[1:]
    done = subprocess.run([smtpseq, "help", "--format=json"], check=True, capture_output=True, text=True)
    commands = json.loads(done.stdout)
    names = [command["name"] for command in commands]
    commands.append({"name": "help", "title": "how to use a command", "operands": "COMMAND", "names": names, "path": False, "options": []})
    sys.stdout.write({"bash": bash, "zsh": zsh, "fish": fish}[shell](commands))


if __name__ == "__main__":
    main()
