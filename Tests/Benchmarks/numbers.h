// Time, and statistics of many measurements.

#ifndef GATEHOUSE_BENCHMARKS_NUMBERS_H
#define GATEHOUSE_BENCHMARKS_NUMBERS_H

#include <stdlib.h>
#include <time.h>

static inline double microseconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static inline int compare_numbers(const void *left, const void *right) {
  double a = *(const double *)left, b = *(const double *)right;
  return (a > b) - (a < b);
}

/// The value below which that share of all values lies, 0 if there are none. Sorts the values.
static inline double quantile(double *values, size_t count, double share) {
  if (count == 0) return 0;
  qsort(values, count, sizeof *values, compare_numbers);
  size_t at = (size_t)((double)count * share);
  return values[at < count ? at : count - 1];
}

static inline double median(double *values, size_t count) { return quantile(values, count, 0.5); }

#endif
