// Decides what the user's exclusions leave out, while a directory is listed.
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

// Why an entry is left out.
enum class Reason : std::uint8_t {
  kPattern,     // a pattern matches
  kTag,         // the contents of a tagged directory, except the tag
  kSize,        // the file is too large
  kFilesystem,  // the entry is on another filesystem than the source
  kAttribute,   // the entry has an excluding attribute
};

// A file that marks a directory whose contents are left out.
struct Tag {
  std::string name;
  std::string header;  // the file must begin with these bytes
};

// The exclusions that the user asked for.
struct Selection {
  Rules rules;
  std::vector<std::string> ignore_files;  // names of files that hold rules for their directory
  std::vector<Tag> tags;
  std::vector<std::string> attributes;
  std::optional<std::uint64_t> largest;  // in bytes
  bool one_filesystem = false;
  // If not empty: only these paths, what is below them, and the directories on the way to them.
  // Sorted; each begins with the name of its source. What lies beside them is not an omission.
  std::vector<std::string> only;
  bool lists = false;  // keep each omission for listing
};

// An entry that was left out, with everything below it.
struct Omission {
  std::string path;
  bool is_directory = false;
  Reason reason = Reason::kPattern;
  std::string rule;    // the pattern, the tag or the attribute
  std::string origin;  // of a pattern: '--exclude', or the path of its file
  std::uint32_t line = 0;
};

// The rules of one ignore file, linked to those of the same name in the directories above.
struct IgnoreRules {
  // `live` counts the bytes of all ignore files in use.
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

// The place of the walk in a source, and the rules that apply there.
struct Scope {
  std::string path;       // from the source, ending with '/' unless empty
  std::uint64_t dev = 0;  // of the source
  std::string source;     // its name
  bool is_whole = true;   // not on the way to one of the only paths, but at or below it
  std::vector<std::shared_ptr<const IgnoreRules>> ignores;  // one per ignore file name
};

// Applies the exclusions of one run. Threads share it.
class Filter {
 public:
  explicit Filter(std::shared_ptr<const Selection> options) : options_(std::move(options)) {}
  Filter(const Filter&) = delete;
  Filter& operator=(const Filter&) = delete;

  // The scope of a source, and of the directory `name` in the scope `above`.
  [[nodiscard]] std::shared_ptr<const Scope> Top(std::string_view source, std::uint64_t dev) const;
  [[nodiscard]] std::shared_ptr<const Scope> Below(const Scope& above, std::string_view name) const;

  // Applies a directory's own tag and ignore files. A tag removes all other `names`; ignore files
  // are added to the returned scope.
  std::shared_ptr<const Scope> Enter(std::shared_ptr<const Scope> scope, const Dir& at, int dir,
                                     sys::Names* names, Failures* failures);
  // Whether an entry lies beside the only paths. Only directories can be on the way to them.
  [[nodiscard]] bool IsBeside(const Scope& scope, std::string_view name, bool is_directory) const;
  // Decides by name, before stat. `at` is for messages.
  bool Omits(const Scope& scope, const Dir& at, std::string_view name, bool is_directory);
  // Decides by the result of stat.
  bool Omits(const Scope& scope, const Dir& at, int dir, const Entry& entry);
  // Whether the directory is on another filesystem, so that it stays empty.
  bool IsBoundary(const Scope& scope, const Dir& at, const Entry& entry);

  // After the walk: the number of omissions, and the next `limit` of them by path, if the options
  // list them.
  [[nodiscard]] std::uint64_t count() const { return count_; }
  std::vector<Omission> Next(size_t limit);

 private:
  // An omission without its path. Holds views, because most omissions are only counted.
  struct Cause {
    Reason reason = Reason::kPattern;
    std::string_view rule = {};
    std::string_view origin = {};
    std::uint32_t line = 0;
  };

  [[nodiscard]] const Tag* TagIn(const sys::Names& names, int dir) const;
  std::shared_ptr<IgnoreRules> ReadRules(const Scope& scope, const Dir& at, int dir,
                                         const std::string& name, Failures* failures);
  void DropGitignores(Scope* scope) const;
  [[nodiscard]] const Rule* LastIgnoring(const Scope& scope, const Subject& subject,
                                         const Rules** rules) const;
  void ObeyTags(const Dir& at, int dir, sys::Names* names);
  // Counts an omission, and stores it for listing. An empty name means the contents of the
  // directory.
  void Omit(const Dir& at, std::string_view name, bool is_directory, const Cause& cause);

  const std::shared_ptr<const Selection> options_;
  std::atomic<std::uint64_t> rule_bytes_ = 0;  // of the ignore files in use
  std::atomic<std::uint64_t> count_ = 0;
  std::mutex mutex_;  // guards the members below
  std::vector<Omission> omissions_;
  size_t next_ = 0;
};

}  // namespace cura
