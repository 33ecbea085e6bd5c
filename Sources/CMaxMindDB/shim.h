#ifndef GATEHOUSE_CMAXMINDDB_SHIM_H
#define GATEHOUSE_CMAXMINDDB_SHIM_H
// libmaxminddb, and what of a record is wanted: Swift cannot import its 128-bit numbers in a union.
#include <maxminddb.h>

// What a member of a record is.
struct gh_mmdb_value {
  const char *text;  // NULL if it is no text; it lies in the database, and has no NUL at its end
  uint32_t length;   // of the text
  uint32_t number;   // if it is a number
  _Bool is_number;
};

// Looks up a member of a record, or a member of that one (or NULL); a status of libmaxminddb.
static inline int gh_mmdb_look_up(
    const MMDB_s *database, uint32_t offset, const char *member, const char *inner,
    struct gh_mmdb_value *value) {
  const char *const path[] = {member, inner, NULL};
  MMDB_entry_s entry = {database, offset};
  MMDB_entry_data_s data;
  *value = (struct gh_mmdb_value){0};
  int status = MMDB_aget_value(&entry, &data, path);
  if (status != MMDB_SUCCESS || !data.has_data) return status;
  if (data.type == MMDB_DATA_TYPE_UTF8_STRING) {
    value->text = data.utf8_string;
    value->length = data.data_size;
  } else if (data.type == MMDB_DATA_TYPE_UINT32 || data.type == MMDB_DATA_TYPE_UINT16) {
    value->number = data.type == MMDB_DATA_TYPE_UINT32 ? data.uint32 : data.uint16;
    value->is_number = 1;
  }
  return status;
}

// The sides of a node: where each leads, and as what (MMDB_RECORD_TYPE_…).
struct gh_mmdb_node {
  uint32_t next[2];    // the node, of a search node
  uint32_t offset[2];  // of the record, of one with data
  uint8_t kind[2];
};

static inline int gh_mmdb_read_node(
    const MMDB_s *database, uint32_t number, struct gh_mmdb_node *node) {
  MMDB_search_node_s found;
  int status = MMDB_read_node(database, number, &found);
  if (status != MMDB_SUCCESS) return status;
  node->next[0] = (uint32_t)found.left_record;
  node->next[1] = (uint32_t)found.right_record;
  node->offset[0] = found.left_record_entry.offset;
  node->offset[1] = found.right_record_entry.offset;
  node->kind[0] = found.left_record_type;
  node->kind[1] = found.right_record_type;
  return status;
}

#endif
