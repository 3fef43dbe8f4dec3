// Ownership of an open descriptor.
#pragma once

#include <utility>

#include "platform/sys.h"

namespace cura {

// Owns one open descriptor.
class Fd {
 public:
  explicit Fd(int number = -1) : number_(number) {}
  Fd(Fd&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Fd& operator=(Fd&& other) noexcept {
    if (this != &other) {
      Reset();
      number_ = std::exchange(other.number_, -1);
    }
    return *this;
  }
  Fd(const Fd&) = delete;
  Fd& operator=(const Fd&) = delete;
  ~Fd() { Reset(); }

  [[nodiscard]] int get() const { return number_; }
  [[nodiscard]] bool valid() const { return number_ >= 0; }

  // close(2) may report a late write error (NFS, quota), so writers call this instead of leaving it
  // to the destructor. Returns -1 with errno set.
  [[nodiscard]] int Close() { return sys::Close(std::exchange(number_, -1)); }

  // Hands the descriptor over to the caller, who closes it.
  [[nodiscard]] int Release() { return std::exchange(number_, -1); }

  void Reset() {
    if (number_ >= 0) sys::Close(std::exchange(number_, -1));
  }

 private:
  int number_;
};

}  // namespace cura
