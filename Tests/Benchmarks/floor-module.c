// The floor: the least that a PAM module in C must do to ask a daemon.
//
//   account required floor-module.so PATH-OF-SOCKET

#define _GNU_SOURCE
#include "ask.h"

#include <security/pam_modules.h>

int pam_sm_acct_mgmt(pam_handle_t *handle, int flags, int count, const char **arguments) {
  (void)flags;
  const void *user = NULL, *service = NULL, *remote_host = NULL;
  if (count != 1 || pam_get_item(handle, PAM_USER, &user) != PAM_SUCCESS ||
      pam_get_item(handle, PAM_SERVICE, &service) != PAM_SUCCESS ||
      pam_get_item(handle, PAM_RHOST, &remote_host) != PAM_SUCCESS || !user || !service ||
      !remote_host) {
    return PAM_AUTHINFO_UNAVAIL;
  }
  struct frame question;
  uint8_t answer[frame_limit];
  frame_question(&question, user, service, remote_host);
  ssize_t length = exchange(arguments[0], &question, answer);
  if (length < 0) return PAM_AUTHINFO_UNAVAIL;
  return frame_allows(answer, length) ? PAM_SUCCESS : PAM_PERM_DENIED;
}
