// What the user wants left out of a backup, decided while a directory is listed.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/failures.h"
#include "scan/rules.h"
#include "tree/dir.h"

namespace cura {

// Why something is left out.
enum class Reason : std::uint8_t {
  kPattern,     // by a rule
  kTag,         // all but the tag in a directory that has one
  kSize,        // a file that is too large
  kFilesystem,  // what is on another filesystem than the source
  kAttribute,   // by an extended attribute
};

// A file whose presence says that a directory's content is to be left out.
struct Tag {
  std::string name;
  std::string header;  // what it must begin with
};

// As the user gave it.
struct Selection {
  Rules rules;
  std::vector<std::string> ignore_files;  // names of files with rules for their directories
  std::vector<Tag> tags;
  std::vector<std::string> attributes;
  std::optional<std::uint64_t> largest;  // bytes
  bool one_filesystem = false;
  bool lists = false;  // what is left out is to be told one by one
};

// Something that was left out, with all that is below it.
struct Omission {
  std::string path;
  bool is_directory = false;
  Reason reason = Reason::kPattern;
  std::string rule;    // the pattern, or what else decided: tag or attribute
  std::string origin;  // of a pattern: '--exclude' or a path
  std::uint32_t line = 0;
};

// The rules of one directory's file, and of those of that name above it in the same source.
struct IgnoreRules {
  // `live` counts the bytes of all files that are in use.
  IgnoreRules(size_t base, size_t size, std::atomic<std::uint64_t>* live)
      : rules(base), bytes(size), total(live) {
    *total += bytes;
  }
  IgnoreRules(const IgnoreRules&) = delete;
  IgnoreRules& operator=(const IgnoreRules&) = delete;
  ~IgnoreRules();

  Rules rules;
  std::shared_ptr<const IgnoreRules> parent;
  const std::uint64_t bytes;
  std::atomic<std::uint64_t>* const total;
};

// Where the walk is: what decides about a directory's entries.
struct Scope {
  std::string path;       // from the source, with a '/' at its end unless it is empty
  std::uint64_t dev = 0;  // of the source
  std::vector<std::shared_ptr<const IgnoreRules>> ignores;  // for each name of such files
};

// One run's; threads share it.
class Filter {
 public:
  explicit Filter(std::shared_ptr<const Selection> options) : options_(std::move(options)) {}
  Filter(const Filter&) = delete;
  Filter& operator=(const Filter&) = delete;

  // The scope of a source, and of a directory `name` that was found in `above`.
  [[nodiscard]] std::shared_ptr<const Scope> Top(std::uint64_t dev) const;
  [[nodiscard]] std::shared_ptr<const Scope> Below(const Scope& above, std::string_view name) const;

  // Reads what the directory itself says: a tag, for which it loses all other `records` (as
  // sys::ReadNames gives them), and rules, which come into the scope that it returns.
  std::shared_ptr<const Scope> Enter(std::shared_ptr<const Scope> scope, const Dir& at, int dir,
                                     std::string* records, Failures* failures);
  // Judges by the name, before anything else is asked about the entry. `at` is for messages.
  bool Omits(const Scope& scope, const Dir& at, std::string_view name, bool is_directory);
  // Judges by what stat has said.
  bool Omits(const Scope& scope, const Dir& at, int dir, const Entry& entry);
  // Whether another filesystem begins with that directory, which then stays empty.
  bool IsBoundary(const Scope& scope, const Dir& at, const Entry& entry);

  // For the summary, when the walk has ended: how many were left out; and which, if they are to be
  // listed, in the order of their paths: the next `limit` of them.
  [[nodiscard]] std::uint64_t count() const { return count_; }
  std::vector<Omission> Next(size_t limit);

 private:
  // What an omission says but for its path; views, because most are only counted.
  struct Cause {
    Reason reason = Reason::kPattern;
    std::string_view rule = {};
    std::string_view origin = {};
    std::uint32_t line = 0;
  };

  [[nodiscard]] const Tag* TagIn(const std::string& records, int dir) const;
  std::shared_ptr<IgnoreRules> ReadRules(const Scope& scope, const Dir& at, int dir,
                                         const std::string& name, Failures* failures);
  void ForgetGits(Scope* scope) const;
  [[nodiscard]] const Rule* LastIgnoring(const Scope& scope, const Subject& subject,
                                         const Rules** rules) const;
  void ObeyTags(const Dir& at, int dir, std::string* records);
  // Counts it, and keeps it if it is to be listed. Without a name it is in the directory itself.
  void Omit(const Dir& at, std::string_view name, bool is_directory, const Cause& cause);

  const std::shared_ptr<const Selection> options_;
  std::atomic<std::uint64_t> rule_bytes_ = 0;  // of the ignore files in use
  std::atomic<std::uint64_t> count_ = 0;
  std::mutex mutex_;  // guards what follows
  std::vector<Omission> omissions_;
  size_t next_ = 0;
};

}  // namespace cura
