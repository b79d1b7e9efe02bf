#include "engine/duckdb/seen_bits.h"

#include <algorithm>
#include <bit>

namespace metl::engine {
namespace {

constexpr uint64_t kBitsPerRow = 13;  // at least; with the power of two up to twice as many
constexpr uint64_t kLeastWords = 1 << 10;

uint64_t words_for(int64_t rows) {
  return std::bit_ceil(std::max(kLeastWords, static_cast<uint64_t>(rows) * kBitsPerRow / 64));
}

// Three bits of a word, from bits of the hash that do not choose the word.
uint64_t bits_of(uint64_t hash) {
  return uint64_t{1} << (hash >> 58) | uint64_t{1} << (hash >> 52 & 63) | uint64_t{1} << (hash >> 46 & 63);
}

// Calls `test(word, bits, index of the word)` for each hash of the chunk. `words` is null outside a search for
// duplicates.
template <typename Test>
void for_each_hash(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output,
                   std::atomic<uint64_t>* words, uint64_t last_word, const Test& test) {
  constexpr idx_t kAhead = 32;  // rows: almost every word is a cache miss, so ask for it early
  if (words == nullptr) {
    duckdb_scalar_function_set_error(info, "seen() and repeated() work only inside a search for duplicates");
    return;
  }
  const auto* hashes = static_cast<const uint64_t*>(duckdb_vector_get_data(duckdb_data_chunk_get_vector(input, 0)));
  auto* out = static_cast<bool*>(duckdb_vector_get_data(output));
  const idx_t size = duckdb_data_chunk_get_size(input);
  for (idx_t row = 0; row < size; ++row) {
    if (row + kAhead < size) __builtin_prefetch(&words[hashes[row + kAhead] & last_word], 1);
    out[row] = test(words[hashes[row] & last_word], bits_of(hashes[row]), hashes[row] & last_word);
  }
}

}  // namespace

SeenBits::SeenBits(Client& client) {
  constexpr auto kHash = DUCKDB_TYPE_UBIGINT;
  client.add_function({"seen", kHash, DUCKDB_TYPE_BOOLEAN, &SeenBits::call_seen, this});
  client.add_function({"repeated", kHash, DUCKDB_TYPE_BOOLEAN, &SeenBits::call_repeated, this});
}

uint64_t SeenBits::bytes_for(int64_t rows) { return words_for(rows) * 8 * 2; }

void SeenBits::reset(int64_t rows) {
  const uint64_t words = words_for(rows);
  seen_ = std::make_unique<std::atomic<uint64_t>[]>(words);  // value-initialised: all clear
  repeated_ = std::make_unique<std::atomic<uint64_t>[]>(words);
  last_word_ = words - 1;
}

void SeenBits::release() {
  seen_.reset();
  repeated_.reset();
}

void SeenBits::call_seen(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output) {
  const auto* self = static_cast<SeenBits*>(duckdb_scalar_function_get_extra_info(info));
  const auto test = [self](std::atomic<uint64_t>& word, uint64_t bits, uint64_t index) {
    // One atomic step: of two rows with equal keys at the same moment exactly one finds all bits set.
    if ((word.fetch_or(bits, std::memory_order_relaxed) & bits) != bits) return false;
    self->repeated_[index].fetch_or(bits, std::memory_order_relaxed);
    return true;
  };
  for_each_hash(info, input, output, self->seen_.get(), self->last_word_, test);
}

void SeenBits::call_repeated(duckdb_function_info info, duckdb_data_chunk input, duckdb_vector output) {
  const auto* self = static_cast<SeenBits*>(duckdb_scalar_function_get_extra_info(info));
  const auto test = [](const std::atomic<uint64_t>& word, uint64_t bits, uint64_t) {
    return (word.load(std::memory_order_relaxed) & bits) == bits;
  };
  for_each_hash(info, input, output, self->repeated_.get(), self->last_word_, test);
}

}  // namespace metl::engine
