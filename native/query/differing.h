// Collects what differs between two trees, path by path.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/arena.h"
#include "manifest/manifest.h"
#include "query/facts.h"
#include "query/records.h"

namespace cura {

inline constexpr std::uint32_t kNoNumber = 0xFFFFFFFF;

enum TreeSide : std::uint8_t { kBefore, kAfter };
inline constexpr size_t kSides = 2;

// A path below the compared roots. Numbers ascend in the order of the paths; 0 is the root.
struct PathNode {
  std::uint32_t parent = 0;
  std::uint32_t size = 0;
  const char* name = nullptr;

  [[nodiscard]] std::string_view text() const { return {name, size}; }
};

// An entry that only one tree has at its path. Those below a directory follow it.
struct Half {
  std::uint32_t node = 0;
  std::uint32_t parent = kNoNumber;  // the directory it lies in, if only this tree has that too
  std::uint32_t end = 0;             // the next half that is not below this one
  std::uint32_t leaves = 0;          // files and empty directories in it
  std::uint32_t mate = kNoNumber;    // the half of the other tree that is the same entry
  std::uint32_t twin = kNoNumber;    // one of the other tree at the same path, with another type
  Facts facts;
};

struct Found {
  ChangeKind kind = ChangeKind::kNone;
  Type type = Type::kFile;
  std::uint32_t node = 0;
  std::uint32_t from = kNoNumber;  // its path in the first tree, if it was there
  std::uint64_t size = 0;          // of a regular file
};

struct Differing {
  Arena bytes;  // holds names and targets
  std::vector<PathNode> nodes;
  std::array<std::vector<Half>, kSides> halves;
  std::vector<Found> found;  // entries that both trees have at the same path

  [[nodiscard]] std::string_view NameOf(const Half& half) const { return nodes[half.node].text(); }
};

// One of the compared trees: a path in a snapshot; empty means all of it.
struct ComparedTree {
  const Record* record = nullptr;
  std::string path;
};

// Returns nothing if one of the trees has no such path.
Result<std::optional<Differing>> FindDiffering(const std::array<ComparedTree, kSides>& trees,
                                               const JobContext& job);

}  // namespace cura
