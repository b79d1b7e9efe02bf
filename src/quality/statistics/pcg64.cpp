#include "quality/statistics/pcg64.h"

#include <array>
#include <bit>
#include <cstddef>

namespace metl::quality {
namespace {

constexpr size_t kPool = 4;

// Constants of SeedSequence.
constexpr uint32_t kMixLeft = 0xca01f9dd;
constexpr uint32_t kMixRight = 0x4973f715;

// Mixes a word by a constant that changes with every use.
class Hash {
 public:
  Hash(uint32_t start, uint32_t factor) : constant_(start), factor_(factor) {}
  uint32_t operator()(uint32_t value) {
    value ^= constant_;
    constant_ *= factor_;
    value *= constant_;
    return value ^ (value >> 16U);
  }

 private:
  uint32_t constant_;
  uint32_t factor_;
};

uint32_t mix(uint32_t a, uint32_t b) {
  const uint32_t out = kMixLeft * a - kMixRight * b;
  return out ^ (out >> 16U);
}

// Four 64-bit words made of the seed.
std::array<uint64_t, 4> words_of(uint32_t seed) {
  std::array<uint32_t, kPool> pool{};
  Hash in(0x43b0d7e5, 0x931e8875);
  pool[0] = in(seed);
  for (size_t i = 1; i < kPool; ++i) pool.at(i) = in(0);
  for (size_t from = 0; from < kPool; ++from) {
    for (size_t to = 0; to < kPool; ++to) {
      if (from != to) pool.at(to) = mix(pool.at(to), in(pool.at(from)));
    }
  }
  Hash out(0x8b51f9dd, 0x58f38ded);
  std::array<uint64_t, 4> words{};
  for (size_t i = 0; i < 2 * words.size(); ++i)
    words.at(i / 2) |= uint64_t{out(pool.at(i % kPool))} << (i % 2 == 0 ? 0U : 32U);
  return words;
}

}  // namespace

Pcg64::Pcg64(uint32_t seed) {
  const auto words = words_of(seed);
  const auto wide = [](uint64_t high, uint64_t low) { return (Word{high} << 64U) | low; };
  increment_ = (wide(words[2], words[3]) << 1U) | 1U;
  step();
  state_ += wide(words[0], words[1]);
  step();
}

void Pcg64::step() {
  constexpr Word kFactor = (Word{0x2360ed051fc65da4} << 64U) | 0x4385df649fccf645;
  state_ = state_ * kFactor + increment_;
}

double Pcg64::uniform() {
  step();
  const auto high = static_cast<uint64_t>(state_ >> 64U);
  const uint64_t bits = std::rotr(high ^ static_cast<uint64_t>(state_), static_cast<int>(high >> 58U));
  return static_cast<double>(bits >> 11U) * 0x1p-53;
}

}  // namespace metl::quality
