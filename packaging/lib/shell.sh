# shellcheck shell=bash
# What the shell of `packaging/try --shell` starts with.
# shellcheck source-path=SCRIPTDIR
. "$GATEHOUSE_ROOT/packaging/lib/world.sh"
PATH=$GATEHOUSE_WORLD/bin:$PATH
PS1='gatehouse-try# '
