// Says exactly what removing snapshots would free on disk.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "platform/fd.h"
#include "query/costliest.h"
#include "tree/job_context.h"

namespace cura {

// What a removal would free: inodes that lose their last name.
struct Freed {
  std::uint64_t entries = 0;  // names that would be removed
  std::uint64_t bytes = 0;    // on disk
  std::uint64_t inodes = 0;
  // Inodes that would lose all their counted names, but have names elsewhere: not freed.
  std::uint64_t foreign_bytes = 0;
  std::uint64_t foreign_inodes = 0;
};

struct SnapshotSpace {
  std::string name;
  std::uint64_t files = 0;  // regular files of its sources
  std::uint64_t bytes = 0;  // the sum of their sizes
  Freed alone;              // by removing this snapshot alone
};

// A snapshot whose tree was listed, because its record is unusable.
struct ListedTree {
  std::string snapshot;
  std::string why;
};

struct SpaceQuestion {
  std::vector<std::string> names;  // of the counted snapshots
  std::vector<std::string> set;    // some of them
  size_t top = 0;                  // how many paths to return
  bool top_of_set = false;         // the costliest in the set, not for each snapshot alone
};

struct Space {
  std::vector<SnapshotSpace>
      snapshots;  // in the order of the question, without those that are gone
  Freed set;
  Freed all;                      // by removing all counted snapshots
  std::vector<CostlyPath> top;    // the costliest first
  std::vector<std::string> gone;  // snapshots that another run has removed meanwhile
  std::vector<ListedTree> listed;
  std::uint64_t unread = 0;  // places that this user may not look at: not counted
};

// Counts the names of all inodes in these snapshots, their deltas and their own files, by their
// records where those are usable. Links in snapshots that are not counted are foreign.
Result<Space> MeasureSpace(const Fd& store, const SpaceQuestion& question, const JobContext& job);

}  // namespace cura
