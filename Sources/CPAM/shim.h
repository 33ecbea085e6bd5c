#ifndef GATEHOUSE_CPAM_SHIM_H
#define GATEHOUSE_CPAM_SHIM_H
// What the module uses of Linux-PAM, and the variadic calls that Swift cannot import.

#include <security/pam_ext.h>
#include <security/pam_modules.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>

/// pam_syslog(3) with a text of `length` bytes.
static inline void gatehouse_log(
    const pam_handle_t *handle, int priority, const void *text, size_t length) {
  pam_syslog(handle, priority, "%.*s", (int)length, (const char *)text);
}

/// Shows a text of `length` bytes to the user as an error: pam_prompt(3) without an answer.
static inline int gatehouse_show(pam_handle_t *handle, const void *text, size_t length) {
  return pam_prompt(handle, PAM_ERROR_MSG, NULL, "%.*s", (int)length, (const char *)text);
}

/// Overwrites bytes, whatever the compiler thinks of it.
static inline void gatehouse_wipe(void *bytes, size_t length) { explicit_bzero(bytes, length); }

/// Overwrites and frees an answer of gatehouse_ask.
static inline void gatehouse_forget(char *answer) {
  gatehouse_wipe(answer, strlen(answer));
  free(answer);
}

/// Asks the user for a secret after a text of `length` bytes: pam_prompt(3). The answer is to be given to
/// gatehouse_forget; it is NULL if there is none.
static inline char *gatehouse_ask(pam_handle_t *handle, const void *text, size_t length) {
  char *answer = NULL;
  int result =
      pam_prompt(handle, PAM_PROMPT_ECHO_OFF, &answer, "%.*s", (int)length, (const char *)text);
  if (result == PAM_SUCCESS || answer == NULL) return answer;
  gatehouse_forget(answer);
  return NULL;
}

#endif
