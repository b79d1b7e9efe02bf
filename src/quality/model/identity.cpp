#include "quality/model/identity.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>

namespace metl::quality {
namespace {

constexpr size_t kBlock = 128;
constexpr size_t kDigest = 4;
constexpr size_t kRounds = 12;

constexpr std::array<uint64_t, 8> kStart{0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b,
                                         0xa54ff53a5f1d36f1, 0x510e527fade682d1, 0x9b05688c2b3e6c1f,
                                         0x1f83d9abfb41bd6b, 0x5be0cd19137e2179};
// The order in which a round takes the words of a block; rounds 10 and 11 take those of 0 and 1.
constexpr std::array<std::string_view, 10> kOrder{
    "0123456789abcdef", "ea489fd61c02b753", "b8c052fdae367194", "7931dcbe265a40f8", "905724afe1bc683d",
    "2c6a0b834d75fe19", "c51fed4a0763928b", "db7ec13950f4862a", "6fe9b308c2d714a5", "a2847615fb9e3cd0"};

uint64_t word(std::string_view text, size_t at) {
  uint64_t out = 0;
  for (size_t i = 0; i < 8 && at + i < text.size(); ++i) {
    out |= uint64_t{static_cast<unsigned char>(text[at + i])} << (8 * i);
  }
  return out;
}

// Mixes one block into `state`. `end`: bytes of the text up to the end of this block.
void compress(std::array<uint64_t, 8>& state, std::string_view block, uint64_t end, bool last) {
  std::array<uint64_t, 16> v{};
  std::copy(state.begin(), state.end(), v.begin());
  std::copy(kStart.begin(), kStart.end(), v.begin() + 8);
  v[12] ^= end;
  if (last) v[14] = ~v[14];
  const auto mix = [&](size_t a, size_t b, size_t c, size_t d, uint64_t x, uint64_t y) {
    v[a] += v[b] + x;
    v[d] = std::rotr(v[d] ^ v[a], 32);
    v[c] += v[d];
    v[b] = std::rotr(v[b] ^ v[c], 24);
    v[a] += v[b] + y;
    v[d] = std::rotr(v[d] ^ v[a], 16);
    v[c] += v[d];
    v[b] = std::rotr(v[b] ^ v[c], 63);
  };
  for (size_t round = 0; round < kRounds; ++round) {
    const std::string_view order = kOrder[round % kOrder.size()];
    const auto m = [&](size_t i) {
      const auto digit = static_cast<size_t>(order[i] <= '9' ? order[i] - '0' : order[i] - 'a' + 10);
      return word(block, 8 * digit);
    };
    for (size_t i = 0; i < 4; ++i) mix(i, i + 4, i + 8, i + 12, m(2 * i), m(2 * i + 1));
    for (size_t i = 0; i < 4; ++i)
      mix(i, (i + 1) % 4 + 4, (i + 2) % 4 + 8, (i + 3) % 4 + 12, m(8 + 2 * i), m(9 + 2 * i));
  }
  for (size_t i = 0; i < 8; ++i) state[i] ^= v[i] ^ v[i + 8];
}

}  // namespace

std::string short_hash(std::string_view text) {
  std::array<uint64_t, 8> state = kStart;
  state[0] ^= 0x01010000U ^ kDigest;
  uint64_t end = 0;
  while (text.size() - end > kBlock) {
    compress(state, text.substr(end, kBlock), end + kBlock, false);
    end += kBlock;
  }
  compress(state, text.substr(end), text.size(), true);
  std::string out;
  for (size_t i = 0; i < kDigest; ++i) out += fmt::format("{:02x}", (state[0] >> (8 * i)) & 0xFFU);
  return out;
}

}  // namespace metl::quality
