# shellcheck shell=bash
# How much of Sources the tests have run. Needs $root (the clone).
#
# The counters are mapped into files (continuous mode), so what a program counted stays, also of the
# daemon, which leaves by _exit, and of programs that a test kills.

coverage_build=$root/.build/coverage
coverage_flags=(
  --enable-code-coverage --scratch-path "$coverage_build"
  -Xswiftc -Xllvm -Xswiftc -runtime-counter-relocation
)
# The programs of a run write here, each kind into a file of its own (%m), mapped (%c).
coverage_profiles=$coverage_build/profiles
coverage_pattern=$coverage_profiles/%m%c.profraw

# The parts on which a login's answer hangs, with what they are made of, and how many lines in a hundred
# must have run; the last is everything.
coverage_parts=(
  "decision  95 GatehousePolicy/Decision/"
  "addresses 95 GatehousePolicy/Addresses/"
  "wire      95 GatehouseWire/"
  "control   95 GatehouseControl/"
  "module    95 (PAMGatehouse|GatehouseClient|GatehouseSystem)/"
  "state     95 (GatehouseState|GatehouseRecord)/"
  "stack     95 GatehousePAM/"
  "all       90 ."
)

# report_coverage: prints how many lines of each part have run; fails if it is too few. The list of
# files stays in $coverage_build/report.
report_coverage() {
  local tools programs status=0 part least path
  tools=$(dirname "$(readlink -f "$(command -v swift)")")
  programs=$coverage_build/debug
  "$tools/llvm-profdata" merge --sparse -o "$coverage_build/profile" "$coverage_profiles"/*.profraw &&
    "$tools/llvm-cov" report "$programs/gatehousePackageTests.xctest" -object "$programs/gatehoused" \
      -object "$programs/gatehouse" -instr-profile="$coverage_build/profile" "$root/Sources" \
      >"$coverage_build/report" || return
  for part in "${coverage_parts[@]}"; do
    read -r part least path <<<"$part"
    # A file's eighth column is how many lines it has, its ninth how many of them have not run.
    awk -v part="$part" -v least="$least" -v path="$path" '
      $1 ~ /\.swift$/ && $1 ~ path { lines += $8; missed += $9 }
      END {
        ran = lines ? 100 * (lines - missed) / lines : 0
        printf "%-9s %5.1f %% of %d lines%s\n", part, ran, lines, ran < least ? ", less than " least : ""
        exit ran < least
      }' "$coverage_build/report" || status=1
  done
  return "$status"
}
