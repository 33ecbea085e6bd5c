#ifndef GATEHOUSE_CMESSAGEDIGEST_SHIM_H
#define GATEHOUSE_CMESSAGEDIGEST_SHIM_H
#include <sha256.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>

// Whether the processor has instructions for SHA-256 (and SSSE3 and SSE4.1 beside them).
static inline _Bool gh_has_sha_instructions(void) {
  unsigned a, b, c, d;
  if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_SSSE3) || !(c & bit_SSE4_1)) return 0;
  return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & 1u << 29);
}

// The compression function of FIPS 180-4 over whole blocks, by those instructions, which are made
// for it: two rounds each, with the state as the pairs ABEF and CDGH (Intel SDM, SHA256RNDS2).
__attribute__((target("sha,sse4.1,ssse3")))
static inline void gh_sha256_blocks(uint32_t state[8], const uint8_t *data, size_t blocks) {
  static const uint32_t round_constants[64] __attribute__((aligned(16))) = {
      0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
      0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
      0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
      0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
      0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
      0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
      0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
      0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};
  const __m128i big_endian = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
  __m128i dcba = _mm_loadu_si128((const __m128i *)state);
  __m128i hgfe = _mm_loadu_si128((const __m128i *)(state + 4));
  __m128i badc = _mm_shuffle_epi32(dcba, 0xb1), efgh = _mm_shuffle_epi32(hgfe, 0x1b);
  __m128i abef = _mm_alignr_epi8(badc, efgh, 8), cdgh = _mm_blend_epi16(efgh, badc, 0xf0);
  for (; blocks > 0; blocks--, data += 64) {
    const __m128i abef_before = abef, cdgh_before = cdgh;
    __m128i words[4];  // the 16 newest of the message schedule
    for (int round = 0; round < 16; round++) {  // four rounds each
      __m128i *const word = &words[round % 4];
      if (round < 4) {
        *word = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)data + round), big_endian);
      } else {
        const __m128i next = words[(round + 1) % 4], last = words[(round + 3) % 4];
        const __m128i seven_ago = _mm_alignr_epi8(last, words[(round + 2) % 4], 4);
        *word = _mm_sha256msg2_epu32(
            _mm_add_epi32(_mm_sha256msg1_epu32(*word, next), seven_ago), last);
      }
      const __m128i sum =
          _mm_add_epi32(*word, _mm_load_si128((const __m128i *)round_constants + round));
      cdgh = _mm_sha256rnds2_epu32(cdgh, abef, sum);
      abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(sum, 0x0e));
    }
    abef = _mm_add_epi32(abef, abef_before);
    cdgh = _mm_add_epi32(cdgh, cdgh_before);
  }
  const __m128i feba = _mm_shuffle_epi32(abef, 0x1b), dchg = _mm_shuffle_epi32(cdgh, 0xb1);
  _mm_storeu_si128((__m128i *)state, _mm_blend_epi16(feba, dchg, 0xf0));
  _mm_storeu_si128((__m128i *)(state + 4), _mm_alignr_epi8(dchg, feba, 8));
}
#endif

// SHA256Update, five times as fast over long data where the processor can. libmd keeps the state;
// only whole blocks, between what it has buffered and the rest, go by.
static inline void gh_sha256_update(SHA2_CTX *context, const uint8_t *data, size_t size) {
#if defined(__x86_64__)
  size_t filled = context->bitcount[0] / 8 % 64, first = (64 - filled) % 64;
  if (size >= 4096 && gh_has_sha_instructions()) {
    SHA256Update(context, data, first);
    size_t blocks = (size - first) / 64;
    gh_sha256_blocks(context->state.st32, data + first, blocks);
    context->bitcount[0] += (uint64_t)blocks * 512;
    data += first + blocks * 64;
    size -= first + blocks * 64;
  }
#endif
  SHA256Update(context, data, size);
}
#endif
