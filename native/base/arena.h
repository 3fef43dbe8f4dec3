// Allocates bytes that live as long as their arena, without an allocation for each block.
#pragma once

#include <algorithm>
#include <cstring>
#include <memory>
#include <span>
#include <type_traits>
#include <vector>

namespace cura {

// Stores millions of small blocks, like those in the plan of a large tree, without overhead.
class Arena {
 public:
  // Returns a copy that never moves. Only for items without alignment: bytes, or structs of bytes.
  template <typename Item>
  std::span<Item> Keep(std::span<const Item> items) {
    static_assert(std::is_trivially_copyable_v<Item> && alignof(Item) == 1);
    if (items.empty()) return {};
    char* const place = Reserve(items.size_bytes());
    std::memcpy(place, items.data(), items.size_bytes());
    return {reinterpret_cast<Item*>(place), items.size()};
  }

 private:
  char* Reserve(size_t size) {
    constexpr size_t kPiece = 256 * 1024;
    if (size > left_) {
      left_ = std::max(size, kPiece);
      pieces_.emplace_back(new char[left_]);
      next_ = pieces_.back().get();
    }
    char* const place = next_;
    next_ += size;
    left_ -= size;
    return place;
  }

  std::vector<std::unique_ptr<char[]>> pieces_;
  char* next_ = nullptr;
  size_t left_ = 0;
};

}  // namespace cura
