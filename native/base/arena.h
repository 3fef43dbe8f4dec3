// Bytes that live as long as their arena, without an allocation each.
#pragma once

#include <algorithm>
#include <cstring>
#include <memory>
#include <span>
#include <type_traits>
#include <vector>

namespace cura {

// Millions of small blocks, as the plan of a large tree has them, take no more than their bytes.
class Arena {
 public:
  // A copy at a place that does not move. The items need no alignment: bytes, or structs of them.
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
