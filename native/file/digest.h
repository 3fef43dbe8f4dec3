// Computes the digest of a content while it is copied.
#pragma once

#include <cstdint>
#include <optional>

#include "base/entry.h"

namespace cura {

// The SHA-256 of one content after another, each from Start to Finish.
class ContentHash {
 public:
  // Without `wanted`, is_on() stays false and there is no digest.
  explicit ContentHash(bool wanted) : wanted_(wanted) {}

  void Start();
  // Adds the next bytes of the content.
  void Add(const char* bytes, size_t size);
  // Adds zeros up to `length`, for a hole. Hashing zeros takes as long as hashing data, so a file
  // with very large holes gets no digest.
  void PadTo(std::uint64_t length);
  // Whether a digest is being computed, which needs every byte.
  [[nodiscard]] bool is_on() const { return is_on_; }
  // Returns the digest, or kNoDigest. Call Start next.
  Digest Finish();

 private:
  sys::Sha256 hash_;
  const bool wanted_;
  bool is_on_ = false;
  std::uint64_t length_ = 0;
  std::uint64_t holes_ = 0;
};

}  // namespace cura
