// The digest of a file's content, taken while the content goes by.
#pragma once

#include <cstdint>
#include <optional>

#include "base/entry.h"

namespace cura {

// The SHA-256 of one content after the other, each from Start to Finish.
class ContentHash {
 public:
  // One that is not `wanted` is never on and has no digest.
  explicit ContentHash(bool wanted) : wanted_(wanted) {}

  void Start();
  // The next bytes of the content.
  void Add(const char* bytes, size_t size);
  // Zeros up to that length, where a hole stands for them. Hashing takes as long as if they were
  // there, so that a file of very large holes gets no digest.
  void PadTo(std::uint64_t length);
  // Whether there is going to be a digest: whether bytes have to come by.
  [[nodiscard]] bool is_on() const { return is_on_; }
  // kNoDigest where there is none. Start has to come next.
  Digest Finish();

 private:
  sys::Sha256 hash_;
  const bool wanted_;
  bool is_on_ = false;
  std::uint64_t length_ = 0;
  std::uint64_t holes_ = 0;
};

}  // namespace cura
