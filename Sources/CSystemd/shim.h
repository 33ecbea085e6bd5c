#ifndef GATEHOUSE_CSYSTEMD_SHIM_H
#define GATEHOUSE_CSYSTEMD_SHIM_H
// libsystemd: the event loop, the journal, login sessions, readiness and socket activation.

#include <errno.h>
#include <signal.h>
#include <sys/epoll.h>
#include <systemd/sd-daemon.h>
#include <systemd/sd-event.h>
#include <systemd/sd-journal.h>
#include <systemd/sd-login.h>

// EPOLLIN and its kin are enumerators that Swift imports as a type of their own.
static const uint32_t gh_readable = EPOLLIN;

#endif
