// Hashes bytes and holes.
#include "file/digest.h"

#include <algorithm>
#include <array>

namespace cura {

namespace {

// Hashing this many zeros takes a few seconds.
constexpr std::uint64_t kMostHoles = 1U << 30U;

constexpr std::array<char, 64 * 1024> kZeros{};

}  // namespace

void ContentHash::Start() {
  length_ = 0;
  holes_ = 0;
  is_on_ = wanted_ && hash_.Start();
}

void ContentHash::Add(const char* bytes, size_t size) {
  is_on_ = is_on_ && hash_.Add(bytes, size);
  length_ += size;
}

void ContentHash::PadTo(std::uint64_t length) {
  if (length <= length_) return;
  holes_ += length - length_;
  is_on_ = is_on_ && holes_ <= kMostHoles;
  while (is_on_ && length_ < length) {
    Add(kZeros.data(), std::min<std::uint64_t>(length - length_, kZeros.size()));
  }
  length_ = length;
}

Digest ContentHash::Finish() {
  Digest digest{};
  const bool is_known = is_on_ && hash_.Finish(&digest);
  is_on_ = false;
  return is_known ? digest : kNoDigest;
}

}  // namespace cura
