// Reads files to prove that their bytes are still on the disk: hashes them, within a limit of bytes
// per second, and neither from the page cache nor leaving them there.
#pragma once

#include <cstdint>
#include <mutex>

#include "base/entry.h"
#include "base/result.h"
#include "platform/fd.h"
#include "tree/job_context.h"

namespace cura {

// What to read of an open file.
struct ReadRange {
  std::uint64_t size = 0;    // at most so many bytes
  bool skips_holes = false;  // hash where the data is instead of the zeros between
};

struct HashedBytes {
  Digest digest = kNoDigest;  // kNoDigest if nothing could compute it
  std::uint64_t bytes = 0;    // that were read
};

// Threads share it; the limit is for all of them together.
class PacedReader {
 public:
  // Without a limit, `bytes_per_second` is 0.
  PacedReader(std::uint64_t bytes_per_second, const JobContext& job)
      : bytes_per_second_(bytes_per_second), job_(job) {}

  // Reads from the start of the file. Returns the error of a failed read, or ECANCELED; `hashed`
  // then has the number of bytes that were read.
  Status Hash(const Fd& file, ReadRange range, HashedBytes* hashed);

 private:
  void Wait(std::uint64_t bytes);

  const std::uint64_t bytes_per_second_;
  const JobContext job_;
  std::mutex mutex_;
  std::uint64_t next_us_ = 0;  // guarded by mutex_: when the next bytes may be read
};

}  // namespace cura
