// Decides the kind of each change, and lists the changes with their paths.
#include "query/tree_difference.h"

#include <algorithm>
#include <utility>

#include "query/entry_list.h"
#include "query/renames.h"

namespace cura {

Result<std::optional<TreeDifference>> TreeDifference::Of(
    const std::array<ComparedTree, kSides>& trees, const JobContext& job) {
  auto differing = FindDiffering(trees, job);
  if (!differing.ok()) return std::move(differing.error());
  if (!differing.value()) return std::optional<TreeDifference>();
  TreeDifference difference;
  difference.tops_ = {trees[kBefore].path, trees[kAfter].path};
  difference.differing_ = std::move(*differing.value());
  MatchRenamed(&difference.differing_);
  difference.Judge();
  difference.Count();
  return std::optional(std::move(difference));
}

void TreeDifference::Judge() {
  for (const Half& half : differing_.halves[kBefore]) JudgeBefore(half);
  for (const Half& half : differing_.halves[kAfter]) JudgeAfter(half);
  differing_.halves = {};
  const auto rank = [](const Found& found) {
    return std::pair(found.node, found.kind != ChangeKind::kDeleted);
  };
  std::sort(differing_.found.begin(), differing_.found.end(),
            [rank](const Found& a, const Found& b) { return rank(a) < rank(b); });
}

// An entry that is replaced by one of another type has changed, unless one of them was renamed.
void TreeDifference::JudgeBefore(const Half& half) {
  if (half.mate != kNoNumber) return;
  const auto& others = differing_.halves[kAfter];
  if (half.twin != kNoNumber && others[half.twin].mate == kNoNumber) return;
  Add(ChangeKind::kDeleted, half);
}

void TreeDifference::JudgeAfter(const Half& half) {
  const auto& others = differing_.halves[kBefore];
  if (half.mate != kNoNumber) {
    const Half& before = others[half.mate];
    const bool has_stayed = HaveStayed(differing_, before, half);
    if (!has_stayed) return Add(ChangeKind::kRenamed, half, before.node);
    const ChangeKind kind = DifferenceOf(before.facts, half.facts);
    if (kind != ChangeKind::kNone) Add(kind, half, before.node);
    return;
  }
  const bool replaces = half.twin != kNoNumber && others[half.twin].mate == kNoNumber;
  if (!replaces) return Add(ChangeKind::kNew, half);
  Add(ChangeKind::kChanged, half, others[half.twin].node);
}

void TreeDifference::Add(ChangeKind kind, const Half& half, std::uint32_t from) {
  const Type type = half.facts.type;
  const std::uint64_t size = type == Type::kFile ? half.facts.size : 0;
  differing_.found.push_back({kind, type, half.node, from, size});
}

void TreeDifference::Count() {
  for (const Found& found : differing_.found) {
    auto& counts = found.type == Type::kDirectory ? directories_ : files_;
    ++counts[static_cast<size_t>(found.kind)];
    const bool is_written = found.kind == ChangeKind::kNew || found.kind == ChangeKind::kChanged;
    if (is_written) bytes_ += found.size;
  }
}

std::string TreeDifference::PathOf(std::uint32_t node, TreeSide side) const {
  std::vector<std::string_view> names;
  size_t size = tops_[side].size();
  for (; node != 0; node = differing_.nodes[node].parent) {
    names.push_back(differing_.nodes[node].text());
    size += names.back().size() + 1;
  }
  std::string path;
  path.reserve(size);
  path = tops_[side];
  for (auto name = names.rbegin(); name != names.rend(); ++name) {
    if (!path.empty()) path += '/';
    path += *name;
  }
  return path;
}

Result<std::vector<Change>> TreeDifference::Next(size_t limit) {
  std::vector<Change> page;
  // Paths can be long, so the bytes of a page are limited too.
  for (size_t bytes = 0; page.size() < limit && bytes < kPageBytes;) {
    if (next_ == differing_.found.size()) break;
    const Found& found = differing_.found[next_++];
    const TreeSide side = found.kind == ChangeKind::kDeleted ? kBefore : kAfter;
    Change change;
    change.change = found.kind;
    change.type = found.type;
    change.path = PathOf(found.node, side);
    const bool has_moved = found.from != found.node || tops_[kBefore] != tops_[kAfter];
    if (found.from != kNoNumber && has_moved) change.from = PathOf(found.from, kBefore);
    const bool is_renamed = found.kind == ChangeKind::kRenamed;
    if (!is_renamed && change.from == change.path) change.from.clear();
    change.size = found.size;
    bytes += change.path.size() + change.from.size();
    page.push_back(std::move(change));
  }
  return page;
}

}  // namespace cura
