// Follows one path through many records.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "query/entry_list.h"
#include "query/records.h"
#include "tree/job_context.h"

namespace cura {

// What the path is in one record, and how that compares with the next record that was asked.
struct PathVersion {
  std::optional<ListedEntry> entry;  // nothing if the record lacks the path
  bool same_content = false;         // of a directory: everything below it has the same content
  bool same_metadata = false;
};

Result<std::vector<PathVersion>> VersionsOf(const std::vector<Record>& records,
                                            const std::string& path, const JobContext& job);

}  // namespace cura
