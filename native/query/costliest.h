// Finds the paths whose inodes cost most.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "query/inode_table.h"
#include "tree/job_context.h"

namespace cura {

// A snapshot whose paths may cost something.
struct CostlySnapshot {
  std::string name;
  bool reads_tree = false;  // its record is not used
};

struct CostlyPath {
  std::string path;          // raw bytes, starting with the name of the source
  std::uint64_t bytes = 0;   // on disk, of all its inodes that count
  std::uint64_t inodes = 0;  // its versions in these snapshots
};

// Which inodes cost something: those that would be freed with their only snapshot, or with the set.
enum class Costs : std::uint8_t { kAlone, kInSet };

// Whether a removal would free the inode.
bool IsFreed(const InodeUse& use, Costs costs);

struct CostlyQuestion {
  std::vector<CostlySnapshot> snapshots;
  Costs costs = Costs::kAlone;
  size_t top = 0;
};

// Returns at most `top` paths, the costliest first. An inode with several names counts for the
// first of them. Remembers a hash of each path that costs something, not the path.
Result<std::vector<CostlyPath>> Costliest(const Fd& store, const CostlyQuestion& question,
                                          InodeTable* table, const JobContext& job);

}  // namespace cura
