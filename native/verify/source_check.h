// Finds rot in the live sources: files that nobody has written to since a snapshot, but whose
// content is not what that snapshot recorded.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/entry.h"
#include "base/result.h"
#include "platform/fd.h"
#include "scan/sources.h"
#include "tree/job_context.h"

namespace cura {

struct SourceCheckOptions {
  std::string snapshot;
  std::shared_ptr<const Sources> sources;  // the live ones, by the names of the snapshot
  std::uint64_t bytes_per_second = 0;      // 0: no limit
};

// A live file with other content than recorded, although its inode shows no write.
struct RottenFile {
  std::string path;  // as in the manifest: begins with the name of the source
  std::uint64_t bytes = 0;
  Digest recorded = kNoDigest;
  Digest actual = kNoDigest;    // kNoDigest: the disk could not read it
  bool is_stored_good = false;  // the snapshot's copy has the recorded content
};

struct SourceChecked {
  std::uint64_t files = 0;    // read to the end
  std::uint64_t bytes = 0;    // read from the sources
  std::uint64_t changed = 0;  // edited, replaced or deleted since, so nothing is known of them
  std::uint64_t unknown = 0;  // the record has no digest, or does not prove when it was read
  std::vector<RottenFile> rotten;
};

// Walks the record of the snapshot, in one thread. Files that cannot be read are reported with
// their live path. Fails if the snapshot has no usable record, and with ECANCELED on abort.
Result<SourceChecked> CheckSources(const Fd& store, const SourceCheckOptions& options,
                                   const JobContext& job);

}  // namespace cura
