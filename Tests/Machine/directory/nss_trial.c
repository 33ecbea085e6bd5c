// An NSS service (nsswitch.conf(5)) that plays a directory server. It knows one user, zoe, and one
// group, partners; zoe is a member. A word in /run/trial-directory says how the server behaves:
//
//   here    it answers
//   partly  it answers about the user but not about groups: the list of her groups is too short,
//           and there is no error
//   slow    it answers about groups, but later than any login waits
//   away    it cannot be reached; the same if there is no such file

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <nss.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { zoe = 4000, partners = 4100 };

// Whether this is the word in the file.
static int is(const char *word) {
  char found[16] = {0};
  int file = open("/run/trial-directory", O_RDONLY | O_CLOEXEC);
  if (file < 0) return strcmp(word, "away") == 0;
  ssize_t length = read(file, found, sizeof found - 1);
  close(file);
  return length > 0 && strncmp(found, word, strlen(word)) == 0;
}

static enum nss_status unreachable(int *error) {
  *error = ECONNREFUSED;
  return NSS_STATUS_UNAVAIL;
}

static enum nss_status absent(int *error) {
  *error = ENOENT;
  return NSS_STATUS_NOTFOUND;
}

static enum nss_status fill_user(struct passwd *user, int *error) {
  if (is("away")) return unreachable(error);
  *user = (struct passwd){.pw_name = "zoe", .pw_passwd = "*", .pw_uid = zoe, .pw_gid = zoe,
                          .pw_gecos = "", .pw_dir = "/home/zoe", .pw_shell = "/bin/bash"};
  return NSS_STATUS_SUCCESS;
}

enum nss_status _nss_trial_getpwnam_r(
    const char *name, struct passwd *user, char *room, size_t size, int *error) {
  (void)room, (void)size;
  if (is("away")) return unreachable(error);
  return strcmp(name, "zoe") == 0 ? fill_user(user, error) : absent(error);
}

enum nss_status _nss_trial_getpwuid_r(
    uid_t id, struct passwd *user, char *room, size_t size, int *error) {
  (void)room, (void)size;
  if (is("away")) return unreachable(error);
  return id == zoe ? fill_user(user, error) : absent(error);
}

static enum nss_status fill_group(struct group *group, char *room, size_t size, int *error) {
  if (is("slow")) sleep(20);
  if (is("away") || is("partly")) return unreachable(error);
  char **members = (char **)room;
  if (size < 2 * sizeof *members) {
    *error = ERANGE;
    return NSS_STATUS_TRYAGAIN;
  }
  members[0] = "zoe";
  members[1] = NULL;
  *group = (struct group){
      .gr_name = "partners", .gr_passwd = "*", .gr_gid = partners, .gr_mem = members};
  return NSS_STATUS_SUCCESS;
}

enum nss_status _nss_trial_getgrnam_r(
    const char *name, struct group *group, char *room, size_t size, int *error) {
  if (is("away") || is("partly")) return unreachable(error);
  return strcmp(name, "partners") == 0 ? fill_group(group, room, size, error) : absent(error);
}

enum nss_status _nss_trial_getgrgid_r(
    gid_t id, struct group *group, char *room, size_t size, int *error) {
  if (is("away") || is("partly")) return unreachable(error);
  return id == partners ? fill_group(group, room, size, error) : absent(error);
}

enum nss_status _nss_trial_initgroups_dyn(
    const char *user, gid_t primary, long *count, long *size, gid_t **groups, long limit,
    int *error) {
  (void)primary;
  if (is("away") || is("partly")) return unreachable(error);
  if (strcmp(user, "zoe") != 0) return absent(error);
  if (*count == *size) {
    long room = *size * 2;
    if (limit > 0 && room > limit) room = limit;
    gid_t *more = room > *size ? realloc(*groups, (size_t)room * sizeof **groups) : NULL;
    if (!more) {
      *error = ENOMEM;
      return NSS_STATUS_TRYAGAIN;
    }
    *groups = more;
    *size = room;
  }
  (*groups)[(*count)++] = partners;
  return NSS_STATUS_SUCCESS;
}
