// Reads the contents of stored inodes, each once, and compares them with their digests.
#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "store/scrub_record.h"
#include "tree/job_context.h"
#include "verify/census.h"
#include "verify/paced_read.h"

namespace cura {

enum class Reading : std::uint8_t { kNone, kNew, kBad, kAll };

struct ReadLimits {
  Reading reading = Reading::kNone;
  std::optional<std::uint64_t> bytes;
  std::optional<double> share;           // of all bytes
  std::optional<std::uint64_t> time_ms;  // for beginning a file
  std::optional<std::int64_t> before_s;  // read only what was read before, or never
  std::uint64_t bytes_per_second = 0;    // 0: no limit
  std::int64_t now_s = 0;
};

// An inode to read, and what is known of its last reading.
struct ReadItem {
  std::uint64_t ino = 0;
  std::uint64_t key = 0;
  std::uint64_t size = 0;
  std::uint64_t content = 0;
  std::int64_t time_s = 0;  // 0: never read
  std::uint32_t place = 0;
  bool has_digest = false;
  bool is_in_doubt = false;
  bool is_bad = false;   // as last read
  bool is_read = false;  // in this run
};

struct ReadFault {
  std::uint64_t ino = 0;
  int code = 0;  // 0: other content
  Digest actual = kNoDigest;
};

// Threads share it.
class ContentCheck {
 public:
  using Save = std::function<Status()>;

  // `save` is called from time to time, and never by two threads.
  ContentCheck(const Fd& store, const std::vector<std::string>& snapshots, const Census* census,
               ReadLimits limits, const JobContext& job)
      : store_(store),
        snapshots_(snapshots),
        census_(census),
        limits_(limits),
        job_(job),
        reader_(limits.bytes_per_second, job) {}

  Status Run(std::vector<ReadItem>* items, const Save& save);
  [[nodiscard]] const std::vector<ReadFault>& faults() const { return faults_; }
  [[nodiscard]] std::uint64_t files() const { return files_; }
  [[nodiscard]] std::uint64_t bytes() const { return bytes_; }
  [[nodiscard]] bool is_partial() const { return is_partial_; }

 private:
  // Files of one directory that are read one after the other.
  struct Batch {
    size_t first = 0;
    size_t last = 0;
  };

  [[nodiscard]] std::vector<std::uint32_t> Choose(const std::vector<ReadItem>& items);
  void ReadBatch(Batch batch);
  void ReadIn(int fd, const std::string& path, Batch batch);
  void ReadFile(int dir, const char* name, ReadItem* item);
  void Judge(ReadItem* item, int code, const HashedBytes& hashed);
  bool MayBegin();
  void SaveSometimes();

  const Fd& store_;
  const std::vector<std::string>& snapshots_;
  const Census* const census_;
  const ReadLimits limits_;
  const JobContext job_;
  PacedReader reader_;
  std::vector<ReadItem>* items_ = nullptr;
  std::vector<std::uint32_t> order_;
  std::uint64_t started_ms_ = 0;
  const Save* save_ = nullptr;
  std::mutex mutex_;  // guards the members below, and the items' results
  std::vector<ReadFault> faults_;
  std::uint64_t files_ = 0;
  std::uint64_t bytes_ = 0;
  std::uint64_t begun_bytes_ = 0;
  bool is_partial_ = false;
  std::uint64_t saved_ms_ = 0;
  std::uint64_t save_took_ms_ = 0;
  Status save_error_;
};

}  // namespace cura
