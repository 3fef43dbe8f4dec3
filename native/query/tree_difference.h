// What differs between two trees: the answer that people and programs see.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "plan/changes.h"
#include "query/differing.h"

namespace cura {

class TreeDifference {
 public:
  // Returns nothing if one of the trees has no such path.
  static Result<std::optional<TreeDifference>> Of(const std::array<ComparedTree, kSides>& trees,
                                                  const JobContext& job);

  // Everything that is no directory.
  [[nodiscard]] const KindCounts& files() const { return files_; }
  [[nodiscard]] const KindCounts& directories() const { return directories_; }
  // Of new and changed files.
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
  // Returns the next changes in the order of the paths, at most `limit`; none at the end. `from` is
  // the path in the first tree if it is another one.
  Result<std::vector<Change>> Next(size_t limit);

 private:
  TreeDifference() = default;

  void Judge();
  void JudgeBefore(const Half& half);
  void JudgeAfter(const Half& half);
  void Add(ChangeKind kind, const Half& half, std::uint32_t from = kNoNumber);
  void Count();
  [[nodiscard]] std::string PathOf(std::uint32_t node, TreeSide side) const;

  std::array<std::string, kSides> tops_;
  Differing differing_;
  KindCounts files_{};
  KindCounts directories_{};
  std::uint64_t bytes_ = 0;
  size_t next_ = 0;
};

}  // namespace cura
