#ifndef GATEHOUSE_CPOSIX_SHIM_H
#define GATEHOUSE_CPOSIX_SHIM_H
// The system calls of the module's side. Embedded Swift has no Glibc module, and Swift cannot
// import macros with casts or thread-local errno.

#include <errno.h>
#include <sys/socket.h>

#endif
