// What went wrong with single entries, and what could not be kept as it was.
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

// One entry that is not in the snapshot as it should be.
struct Failure {
  OsError error;
  bool warning = false;  // it vanished meanwhile, which is nobody's fault
};

// A kind of limit that was met, with the first entry that met it.
struct Note {
  std::uint64_t count = 0;
  std::string path;
};

// Collects from any thread. The first thousand failures are kept; all are counted, each once.
class Failures {
 public:
  static constexpr size_t kLimit = 1000;

  // ENOENT is a warning, anything else an error.
  void Add(OsError error);
  void AddNote(const std::string& kind, const std::string& path);
  // What was added for a path, if anything was.
  [[nodiscard]] std::optional<OsError> Find(const std::string& path);
  // Whether nothing was added yet: cheaper than to look for a path.
  [[nodiscard]] bool is_empty() const { return is_empty_; }

  // For the summary, when no thread adds any more.
  [[nodiscard]] const std::vector<Failure>& list() const { return list_; }
  [[nodiscard]] std::uint64_t errors() const { return errors_; }
  [[nodiscard]] std::uint64_t warnings() const { return warnings_; }
  [[nodiscard]] const std::map<std::string, Note>& notes() const { return notes_; }

 private:
  struct Told {
    int code = 0;
    const char* syscall = "";
  };
  [[nodiscard]] bool IsTold(std::uint64_t path, int code) const;

  std::atomic<bool> is_empty_ = true;
  std::mutex mutex_;
  std::vector<Failure> list_;
  size_t replaced_ = 0;  // before it there are no warnings in the list any more
  // All that was counted, by the hash of its path: the list is bounded, the counts are not.
  std::unordered_multimap<std::uint64_t, Told> told_;
  std::uint64_t errors_ = 0;
  std::uint64_t warnings_ = 0;
  std::map<std::string, Note> notes_;
};

}  // namespace cura
