#!/bin/sh
# run.sh - fuzzes: each target for so many seconds, one at a time, beginning with the fixtures.
#
#   tests/fuzz/run.sh [--afl] [SECONDS [TARGET...]]     default: 1200 seconds, every target
#
# Builds into build-fuzz (--afl: build-afl) with ASan and UBSan; what has been learnt stays there, in corpus/TARGET,
# and is gone on with the next time. What breaks a target is left in found/TARGET: mend it, and put it into
# fixtures/fuzz, where every build runs it. Ends with a table: executions, edges, what was found.
set -eu
cd "$(dirname "$0")/../.."

fuzzer=libfuzzer
if [ "${1-}" = --afl ]; then
    fuzzer=afl
    shift
fi
seconds=${1:-1200}
[ $# -eq 0 ] || shift

if [ "$fuzzer" = afl ]; then
    build=build-afl compiler=afl-clang-fast
    # AFL++ runs the programs that make the tables of flex as well: they are not fuzzed.
    export AFL_QUIET=1
else
    build=build-fuzz compiler=clang
fi
[ -d "$build" ] || CC=$compiler meson setup "$build" -Dtests=enabled -Dfuzzing=enabled \
    -Db_sanitize=address,undefined -Db_lundef=false >/dev/null
meson compile -C "$build" >/dev/null
[ $# -gt 0 ] || set -- $(cd "$build/tests/fuzz" && ls | sed -n 's/^fuzz_\([a-z]*\)$/\1/p')

# seeds TARGET: the folders whose files it begins with.
seeds() {
    case $1 in
    server) echo src/session/servers ;;
    config) echo tests/cli/input/project ;;
    dialogue) echo fixtures/rules ;;
    capture) echo fixtures/formats/pcap fixtures/formats/pcapng ;;
    unpack) echo fixtures/formats fixtures/servers ;;
    session | packets) ;;
    *) echo fixtures/formats fixtures/rules ;;
    esac
    echo fixtures/fuzz
}

dictionary() {
    case $1 in
    server | config) echo "tests/fuzz/$1.dict" ;;
    *) echo tests/fuzz/smtp.dict ;;
    esac
}

export ASAN_OPTIONS=detect_leaks=1:strict_string_checks=1:allocator_may_return_null=1
export UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1

# Without -entropic=0 three quarters of the time go into choosing what is tried next: there are many features.
with_libfuzzer() {
    case $1 in
    session | packets) longest=500 ;;
    *) longest=8192 ;;
    esac
    nice -n 15 "$build/tests/fuzz/fuzz_$1" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=1024 -max_len="$longest" \
        -dict="$(dictionary "$1")" -artifact_prefix="$build/found/$1/" -print_final_stats=1 -entropic=0 \
        "$build/corpus/$1" $(seeds "$1") 2>"$build/$1.log" >/dev/null || true
    executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$build/$1.log")
    edges=$(sed -n 's/.* cov: \([0-9]*\) .*/\1/p' "$build/$1.log" | tail -n 1)
}

with_afl() {
    mkdir -p "$build/seeds/$1"
    # AFL++ wants small seeds, and none twice.
    find $(seeds "$1") -type f -size -64k | while read -r file; do
        cp "$file" "$build/seeds/$1/$(cksum <"$file" | tr ' ' -)"
    done
    AFL_SKIP_CPUFREQ=1 AFL_I_DONT_CARE_ABOUT_MISSING_CRASHES=1 AFL_NO_UI=1 AFL_AUTORESUME=1 AFL_NO_AFFINITY=1 \
        ASAN_OPTIONS=abort_on_error=1:symbolize=0:detect_leaks=0 UBSAN_OPTIONS=abort_on_error=1:halt_on_error=1 \
        nice -n 15 afl-fuzz -V "$seconds" -t 10000 -m none -x "$(dictionary "$1")" -i "$build/seeds/$1" \
        -o "$build/corpus/$1" -- "$build/tests/fuzz/fuzz_$1" >"$build/$1.log" 2>&1 || true
    stats=$build/corpus/$1/default/fuzzer_stats
    executions=$(sed -n 's/^execs_done *: *//p' "$stats")
    edges=$(sed -n 's/^edges_found *: *//p' "$stats")
    cp "$build/corpus/$1"/default/crashes/id* "$build/corpus/$1"/default/hangs/id* "$build/found/$1/" 2>/dev/null || true
}

printf '%-10s %9s %12s %7s %6s\n' target seconds executions edges found
for target; do
    mkdir -p "$build/corpus/$target" "$build/found/$target"
    began=$(date +%s)
    "with_$fuzzer" "$target"
    printf '%-10s %9s %12s %7s %6s\n' "$target" $(($(date +%s) - began)) "${executions:-?}" "${edges:-?}" \
        "$(ls "$build/found/$target" | wc -l)"
done
