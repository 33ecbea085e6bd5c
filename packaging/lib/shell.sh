# shellcheck shell=bash
# The start-up file of the shell of `packaging/try --shell`.
# shellcheck source-path=SCRIPTDIR
. "$GATEHOUSE_ROOT/packaging/lib/world.sh"
PATH=$GATEHOUSE_WORLD/bin:$PATH
PS1='gatehouse-try# '
