# shellcheck shell=bash
# The packages' own tests, run as Debian runs them. This machine is the testbed, so they have the
# isolation that they ask for.

own_tests() {
  local files=("$layer"/packages/{gatehouse,libpam-gatehouse}_"$built"_*.deb)
  succeeds autopkgtest --ignore-restrictions=isolation-container "${files[@]#"$layer"}" \
    /packages/source -- null
}

check "the packages' own tests" own_tests
