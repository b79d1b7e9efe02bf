// The random numbers of NumPy's default_rng(seed): PCG64 (O'Neill 2014) behind NumPy's SeedSequence.
//
// Soda Core draws the reference sample of a distribution check from it with fixed seeds; the same numbers give the same
// outcome here.
#pragma once

#include <cstdint>

namespace metl::quality {

class Pcg64 {
 public:
  explicit Pcg64(uint32_t seed);

  // In [0, 1), a multiple of 2^-53.
  double uniform();

 private:
  __extension__ using Word = unsigned __int128;

  void step();

  Word state_ = 0;
  Word increment_ = 0;
};

}  // namespace metl::quality
