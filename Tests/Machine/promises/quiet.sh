# shellcheck shell=bash
# With `quiet` the module still refuses, and shows the user nothing.

refuses_silently() {
  if login "$1" alice "$outside4"; then fail "alice was let in" "$said"; fi
  [[ $said != *Refused* ]] || fail "the user was told" "$said"
}

ask_gatehouse "$machine" quiet
for method in key password keyboard; do
  check "$method" refuses_silently "$method"
done
