// What went wrong with single entries, and what could not be kept as it was.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "result.h"

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

// Collects from any thread. The first thousand failures are kept, all are counted.
class Failures {
 public:
  static constexpr size_t kLimit = 1000;

  // ENOENT is a warning, anything else an error.
  void Add(OsError error);
  void AddNote(const std::string& kind, const std::string& path);

  // For the summary, when no thread adds any more.
  [[nodiscard]] const std::vector<Failure>& list() const { return list_; }
  [[nodiscard]] std::uint64_t errors() const { return errors_; }
  [[nodiscard]] std::uint64_t warnings() const { return warnings_; }
  [[nodiscard]] const std::map<std::string, Note>& notes() const { return notes_; }

 private:
  std::mutex mutex_;
  std::vector<Failure> list_;
  std::uint64_t errors_ = 0;
  std::uint64_t warnings_ = 0;
  std::map<std::string, Note> notes_;
};

}  // namespace cura
