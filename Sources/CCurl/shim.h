#ifndef GATEHOUSE_CCURL_SHIM_H
#define GATEHOUSE_CCURL_SHIM_H
// libcurl, whose options are set by a variadic function, which Swift cannot call: one function for
// each type of option.

#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>

static inline CURLcode gh_curl_set_number(CURL *handle, CURLoption option, long value) {
  return curl_easy_setopt(handle, option, value);
}

// A length in bytes.
static inline CURLcode gh_curl_set_length(CURL *handle, CURLoption option, curl_off_t value) {
  return curl_easy_setopt(handle, option, value);
}

// A text, which libcurl copies.
static inline CURLcode gh_curl_set_text(CURL *handle, CURLoption option, const char *value) {
  return curl_easy_setopt(handle, option, value);
}

// A list, which the caller keeps as long as the handle has it.
static inline CURLcode gh_curl_set_list(
    CURL *handle, CURLoption option, struct curl_slist *value) {
  return curl_easy_setopt(handle, option, value);
}

// Who gets the bytes of the body, and the lines before it.
static inline CURLcode gh_curl_set_receivers(
    CURL *handle, curl_write_callback body, curl_write_callback header, void *context) {
  CURLcode result = curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, body);
  if (!result) result = curl_easy_setopt(handle, CURLOPT_WRITEDATA, context);
  if (!result) result = curl_easy_setopt(handle, CURLOPT_HEADERFUNCTION, header);
  return result ? result : curl_easy_setopt(handle, CURLOPT_HEADERDATA, context);
}

// Who makes the socket for an address.
static inline CURLcode gh_curl_set_socket_maker(
    CURL *handle, curl_opensocket_callback maker, void *context) {
  CURLcode result = curl_easy_setopt(handle, CURLOPT_OPENSOCKETFUNCTION, maker);
  return result ? result : curl_easy_setopt(handle, CURLOPT_OPENSOCKETDATA, context);
}

// Where libcurl writes what it has to say of an error: CURL_ERROR_SIZE bytes.
static inline CURLcode gh_curl_set_error_buffer(CURL *handle, char *buffer) {
  return curl_easy_setopt(handle, CURLOPT_ERRORBUFFER, buffer);
}

static inline CURLcode gh_curl_get_number(CURL *handle, CURLINFO info, long *value) {
  return curl_easy_getinfo(handle, info, value);
}

// A text that belongs to the handle; NULL if there is none.
static inline CURLcode gh_curl_get_text(CURL *handle, CURLINFO info, const char **value) {
  return curl_easy_getinfo(handle, info, value);
}

#endif
