// Opens the records of stored snapshots for questions, which never read the trees.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "manifest/manifest.h"
#include "tree/job_context.h"

namespace cura {

struct Record {
  std::string snapshot;
  std::shared_ptr<const Manifest> manifest;
  std::string rebuilt;  // why it was made from the tree, without digests; empty if it was not
};

struct Records {
  std::vector<Record> list;
  std::vector<std::string> gone;  // snapshots that another run has removed meanwhile
};

// How much of a record is checked when it is opened. What is not is checked when it is read.
enum class RecordCheck : std::uint8_t { kFrame, kWhole };

// Opens the records in the order of `names`. Makes a record that is missing or damaged from the
// tree, in memory only.
Result<Records> OpenRecords(const Fd& store, const std::vector<std::string>& names,
                            RecordCheck check, const JobContext& job);

}  // namespace cura
