// Merges two lists of entries that are sorted by name. All comparisons of directories use it.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "manifest/codec.h"

namespace cura {

// The entries of a directory in a manifest, read one at a time.
class BlockList {
 public:
  explicit BlockList(BlockReader block) : block_(std::move(block)) {}
  // An empty list.
  BlockList() : block_(std::string_view()) {}

  bool Next() { return block_.Next(&entry_); }
  [[nodiscard]] Entry& entry() { return entry_; }
  [[nodiscard]] const BlockReader& block() const { return block_; }

 private:
  BlockReader block_;
  Entry entry_;
};

// Entries in memory, which the caller may change during the merge.
class EntryList {
 public:
  explicit EntryList(std::vector<Entry>* entries) : entries_(entries) {}

  bool Next() { return next_++ < entries_->size(); }
  [[nodiscard]] Entry& entry() { return (*entries_)[next_ - 1]; }
  // The index of `entry`.
  [[nodiscard]] std::uint32_t place() const { return static_cast<std::uint32_t>(next_ - 1); }

 private:
  std::vector<Entry>* entries_;
  size_t next_ = 0;
};

// Visits the names of both lists. A list needs `Next` and `entry`, like the two above.
template <typename Left, typename Right>
class MergeJoin {
 public:
  MergeJoin(Left left, Right right) : left_(std::move(left)), right_(std::move(right)) {}

  // Moves to the next name. Returns false at the end of both lists.
  bool Next() {
    if (takes_left_) has_left_ = left_.Next();
    if (takes_right_) has_right_ = right_.Next();
    if (has_left_ && has_right_) {
      const int order = left_.entry().name.compare(right_.entry().name);
      takes_left_ = order <= 0;
      takes_right_ = order >= 0;
    } else {
      takes_left_ = has_left_;
      takes_right_ = has_right_;
    }
    return has_left_ || has_right_;
  }

  // The entry of each list with the current name, or null. Valid until the next call of `Next` and
  // until the join is moved.
  [[nodiscard]] Entry* left() { return takes_left_ ? &left_.entry() : nullptr; }
  [[nodiscard]] Entry* right() { return takes_right_ ? &right_.entry() : nullptr; }
  [[nodiscard]] const Left& left_list() const { return left_; }
  [[nodiscard]] const Right& right_list() const { return right_; }

 private:
  Left left_;
  Right right_;
  bool has_left_ = false;
  bool has_right_ = false;
  bool takes_left_ = true;
  bool takes_right_ = true;
};

}  // namespace cura
