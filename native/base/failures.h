// Collects failures of single entries, and notes about metadata that could not be kept.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/result.h"

namespace cura {

// One entry that is missing or incomplete in the snapshot.
struct Failure {
  OsError error;
  bool warning = false;  // the entry vanished during the run, which is normal
};

// A kind of limit, with the first entry that it affected.
struct Note {
  std::uint64_t count = 0;
  std::string path;
};

// Collects failures from any thread. Keeps the first thousand, and counts each failure once.
class Failures {
 public:
  static constexpr size_t kLimit = 1000;

  // ENOENT counts as a warning, any other error as an error.
  void Add(OsError error);
  void AddNote(const std::string& kind, const std::string& path);
  // Returns the failure of a path, if any.
  [[nodiscard]] std::optional<OsError> Find(const std::string& path);
  // Whether there are no failures yet. Cheaper than Find.
  [[nodiscard]] bool is_empty() const { return is_empty_; }

  // For the summary, once no thread adds failures any more.
  [[nodiscard]] const std::vector<Failure>& list() const { return list_; }
  [[nodiscard]] std::uint64_t errors() const { return errors_; }
  [[nodiscard]] std::uint64_t warnings() const { return warnings_; }
  [[nodiscard]] const std::map<std::string, Note>& notes() const { return notes_; }

 private:
  struct Counted {
    int code = 0;
    const char* syscall = "";
  };
  [[nodiscard]] bool IsCounted(std::uint64_t path, int code) const;

  std::atomic<bool> is_empty_ = true;
  std::mutex mutex_;
  std::vector<Failure> list_;
  size_t replaced_ = 0;  // the list has no warnings before this index
  // All counted failures by the hash of their path. The list is limited, but the counts are not.
  std::unordered_multimap<std::uint64_t, Counted> counted_;
  std::uint64_t errors_ = 0;
  std::uint64_t warnings_ = 0;
  std::map<std::string, Note> notes_;
};

}  // namespace cura
