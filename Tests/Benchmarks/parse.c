// How long a plain C program takes to read a file of IPv4 networks, one on each line, with getline
// and inet_pton. Prints milliseconds and the number of networks.

#define _GNU_SOURCE
#include "numbers.h"

#include <arpa/inet.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

struct network {
  uint32_t address;
  uint8_t length;
};

int main(int argc, char **argv) {
  double began = microseconds();
  FILE *file = argc == 2 ? fopen(argv[1], "r") : NULL;
  if (!file) {
    perror("parse");
    return 2;
  }
  struct network *networks = NULL;
  size_t count = 0, room = 0, size = 0;
  char *line = NULL;
  ssize_t length;
  while ((length = getline(&line, &size, file)) > 0) {
    if (line[length - 1] == '\n') line[length - 1] = 0;
    char *slash = strchr(line, '/');
    if (slash) *slash = 0;
    struct in_addr address;
    if (inet_pton(AF_INET, line, &address) != 1) return 1;
    if (count == room) {
      room = room ? room * 2 : 1024;
      networks = realloc(networks, room * sizeof *networks);
      if (!networks) return 1;
    }
    long prefix = slash ? strtol(slash + 1, NULL, 10) : 32;
    networks[count++] = (struct network){ntohl(address.s_addr), (uint8_t)prefix};
  }
  printf("%.1f %zu\n", (microseconds() - began) / 1e3, count);
  free(networks);
  free(line);
  fclose(file);
  return 0;
}
