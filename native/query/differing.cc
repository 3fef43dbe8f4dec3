// Walks two trees side by side, depth first in the order of the names.
#include "query/differing.h"

#include <deque>
#include <utility>

#include "manifest/merge.h"

namespace cura {

namespace {

// The entries at one path; null if a tree has none there.
using Pair = std::array<const Entry*, kSides>;

bool IsDirectory(const Entry* entry) { return entry != nullptr && entry->type == Type::kDirectory; }

const Entry* Stored(const Entry* entry) {
  return entry == nullptr || entry->unread ? nullptr : entry;
}

// What became of an entry that was just compared.
struct Visited {
  std::uint32_t node = kNoNumber;  // none: nothing differs
  std::array<std::uint32_t, kSides> halves = {kNoNumber, kNoNumber};
};

class Walk {
 public:
  Walk(const std::array<ComparedTree, kSides>& trees, const JobContext& job)
      : trees_(trees), job_(job) {}

  Result<std::optional<Differing>> Run();

 private:
  // A directory on the current path.
  struct Frame {
    MergeJoin<BlockList, BlockList> names;
    bool is_same = false;            // both directories have the same bytes; only one is listed
    std::uint32_t node = kNoNumber;  // made when something in it differs
    std::string name;
    std::array<std::uint32_t, kSides> halves = {kNoNumber, kNoNumber};
  };

  Result<std::optional<FoundEntry>> RootOf(TreeSide side) const;
  [[nodiscard]] Facts FactsIn(TreeSide side, const Entry& entry) const;
  [[nodiscard]] Status Failure() const;
  void Step();
  void Visit(std::string_view name, const Pair& pair);
  Visited Compare(std::string_view name, const Pair& pair);
  Visited Keep(std::string_view name, const Pair& pair);
  void Enter(std::string_view name, const Pair& pair, const Visited& visited);
  void Leave();
  std::uint32_t NodeOf(std::string_view name);
  std::uint32_t AddNode(std::uint32_t parent, std::string_view name);
  std::string_view Copied(std::string_view bytes);
  [[nodiscard]] BlockReader Directory(TreeSide side, const Entry* entry) const;

  const std::array<ComparedTree, kSides>& trees_;
  const JobContext& job_;
  std::deque<Frame> frames_;
  Differing result_;
  bool is_whole_ = false;  // a root is no entry
  bool is_malformed_ = false;
};

Result<std::optional<FoundEntry>> Walk::RootOf(TreeSide side) const {
  const ComparedTree& tree = trees_[side];
  if (!tree.path.empty()) return tree.record->manifest->Lookup(tree.path);
  FoundEntry root;
  root.entry.type = Type::kDirectory;
  return std::optional(std::move(root));
}

Facts Walk::FactsIn(TreeSide side, const Entry& entry) const {
  const Record& record = *trees_[side].record;
  return FactsOf(
      entry, {.of_inodes = !record.manifest->is_in_place(), .of_xattrs = !record.rebuilt.empty()});
}

Result<std::optional<Differing>> Walk::Run() {
  std::array<FoundEntry, kSides> roots;
  for (const TreeSide side : {kBefore, kAfter}) {
    auto found = RootOf(side);
    if (!found.ok()) return std::move(found.error());
    if (!found.value() || found.value()->entry.unread) return std::optional<Differing>();
    roots[side] = std::move(*found.value());
  }
  is_whole_ = trees_[kBefore].path.empty() || trees_[kAfter].path.empty();
  result_.nodes.emplace_back();
  Visit({}, {&roots[kBefore].entry, &roots[kAfter].entry});
  is_whole_ = false;
  while (!frames_.empty() && !job_.monitor->abort) Step();
  if (job_.monitor->abort) return Aborted();
  if (auto error = Failure()) return std::move(*error);
  return std::optional(std::move(result_));
}

Status Walk::Failure() const {
  for (const ComparedTree& tree : trees_) {
    if (auto error = tree.record->manifest->failure()) return error;
  }
  if (!is_malformed_) return std::nullopt;
  return OsError{kDamagedManifestCode, "pread", {}, {}};
}

void Walk::Step() {
  Frame& frame = frames_.back();
  if (!frame.names.Next()) {
    Leave();
    return;
  }
  const Entry* const before = Stored(frame.names.left());
  const Entry* const after = frame.is_same ? before : Stored(frame.names.right());
  if (before == nullptr && after == nullptr) return;
  ++job_.monitor->entries;
  const std::string_view name = (before != nullptr ? before : after)->name;
  if (!frame.is_same) {
    Visit(name, {before, after});
  } else if (IsDirectory(before)) {
    Enter(name, {before, after}, {});
  }
}

void Walk::Visit(std::string_view name, const Pair& pair) {
  const auto& [before, after] = pair;
  const bool is_pair = before != nullptr && after != nullptr && before->type == after->type;
  const Visited visited = is_pair ? Compare(name, pair) : Keep(name, pair);
  if (IsDirectory(before) || IsDirectory(after)) Enter(name, pair, visited);
}

Visited Walk::Compare(std::string_view name, const Pair& pair) {
  if (is_whole_) return {};
  const Facts after = FactsIn(kAfter, *pair[kAfter]);
  const ChangeKind kind = DifferenceOf(FactsIn(kBefore, *pair[kBefore]), after);
  if (kind == ChangeKind::kNone) return {};
  const std::uint32_t node = NodeOf(name);
  const bool is_file = after.type == Type::kFile;
  result_.found.push_back({kind, after.type, node, node, is_file ? after.size : 0});
  return {node};
}

// Keeps entries that have no counterpart of their type at their path.
Visited Walk::Keep(std::string_view name, const Pair& pair) {
  Visited kept;
  kept.node = NodeOf(name);
  for (const TreeSide side : {kBefore, kAfter}) {
    if (pair[side] == nullptr) continue;
    auto& halves = result_.halves[side];
    kept.halves[side] = static_cast<std::uint32_t>(halves.size());
    Half half;
    half.node = kept.node;
    half.parent = frames_.empty() ? kNoNumber : frames_.back().halves[side];
    half.end = kept.halves[side] + 1;
    half.facts = FactsIn(side, *pair[side]);
    half.facts.target = Copied(half.facts.target);
    halves.push_back(half);
  }
  if (kept.halves[kBefore] != kNoNumber && kept.halves[kAfter] != kNoNumber) {
    result_.halves[kBefore].back().twin = kept.halves[kAfter];
    result_.halves[kAfter].back().twin = kept.halves[kBefore];
  }
  return kept;
}

BlockReader Walk::Directory(TreeSide side, const Entry* entry) const {
  // Number 0 is the root, which is no subdirectory.
  const bool has_list = IsDirectory(entry) && (entry->directory != 0 || frames_.empty());
  if (!has_list) return BlockReader(std::string_view());
  return trees_[side].record->manifest->Directory(entry->directory);
}

void Walk::Enter(std::string_view name, const Pair& pair, const Visited& visited) {
  BlockReader before = Directory(kBefore, pair[kBefore]);
  BlockReader after = Directory(kAfter, pair[kAfter]);
  const bool is_same = before.HasSameBytes(after);
  if (is_same) after = BlockReader(std::string_view());
  const std::uint32_t node = frames_.empty() ? 0 : visited.node;
  frames_.push_back(
      {MergeJoin<BlockList, BlockList>(BlockList(std::move(before)), BlockList(std::move(after))),
       is_same, node, std::string(name), visited.halves});
}

void Walk::Leave() {
  const Frame& frame = frames_.back();
  const auto is_bad = [](const BlockReader& block) {
    return block.owner() != nullptr && block.malformed();
  };
  if (is_bad(frame.names.left_list().block()) || is_bad(frame.names.right_list().block())) {
    is_malformed_ = true;
  }
  for (const TreeSide side : {kBefore, kAfter}) {
    auto& halves = result_.halves[side];
    const std::uint32_t own = frame.halves[side];
    if (own != kNoNumber) halves[own].end = static_cast<std::uint32_t>(halves.size());
  }
  frames_.pop_back();
}

std::string_view Walk::Copied(std::string_view bytes) {
  const auto kept = result_.bytes.Keep(std::span<const char>(bytes));
  return {kept.data(), kept.size()};
}

std::uint32_t Walk::AddNode(std::uint32_t parent, std::string_view name) {
  const std::string_view kept = Copied(name);
  result_.nodes.push_back({parent, static_cast<std::uint32_t>(kept.size()), kept.data()});
  return static_cast<std::uint32_t>(result_.nodes.size() - 1);
}

// The node of a name in the current directory. Makes those of the directories above it first, so
// that their numbers are in the order of the paths.
std::uint32_t Walk::NodeOf(std::string_view name) {
  if (frames_.empty()) return 0;
  size_t known = frames_.size() - 1;
  while (frames_[known].node == kNoNumber) --known;
  for (size_t i = known + 1; i < frames_.size(); ++i) {
    frames_[i].node = AddNode(frames_[i - 1].node, frames_[i].name);
  }
  return AddNode(frames_.back().node, name);
}

}  // namespace

Result<std::optional<Differing>> FindDiffering(const std::array<ComparedTree, kSides>& trees,
                                               const JobContext& job) {
  job.monitor->Begin(kReadPhase);
  return Walk(trees, job).Run();
}

}  // namespace cura
