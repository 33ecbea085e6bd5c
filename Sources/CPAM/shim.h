#ifndef GATEHOUSE_CPAM_SHIM_H
#define GATEHOUSE_CPAM_SHIM_H
// What the module uses of Linux-PAM, and the variadic calls that Swift cannot import.

#include <security/pam_ext.h>
#include <security/pam_modules.h>

#endif
