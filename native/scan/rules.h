// Lists of exclusion patterns, in which the last match decides.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scan/glob.h"

namespace cura {

// One line of a list.
struct Rule {
  Glob glob;
  std::string text;          // as it was written
  std::uint32_t origin = 0;  // index into origins_
  std::uint32_t line = 0;    // from 1; 0 if the rule is not from a file
  bool keeps = false;        // it began with '!'
  bool directories = false;  // it ended with '/': it matches directories only
  bool whole_path = false;   // it had another '/': it matches the whole path, relative to the list
};

// A line that is not a valid pattern, and why.
struct BadRule {
  std::uint32_t line = 0;
  std::string text;
  const char* reason = nullptr;
};

// An entry as the rules see it. `dir` is the path from the source to its directory, and ends with
// '/' unless it is empty.
struct Subject {
  std::string_view dir;
  std::string_view name;
  bool is_directory = false;
};

// What to do with an invalid pattern.
enum class Bad : std::uint8_t { kRefuse, kIgnore };

// The rules of one directory, or of the command line.
class Rules {
 public:
  // `base` is the length of the part of `dir` that leads to the directory of the rules.
  explicit Rules(size_t base = 0) : base_(base) {}

  // Sets the origin of the rules that are added from now on.
  void Begin(std::string origin);
  // Adds a single pattern, in which '#' and trailing spaces are literal.
  std::optional<BadRule> Add(std::string_view pattern, bool folds_case);
  // Adds the lines of a file.
  std::optional<BadRule> AddFile(std::string_view bytes, Bad bad);

  // Returns the last rule that matches, or null.
  [[nodiscard]] const Rule* Last(const Subject& subject) const;
  [[nodiscard]] const std::string& OriginOf(const Rule& rule) const {
    return origins_[rule.origin];
  }
  [[nodiscard]] bool empty() const { return rules_.empty(); }

 private:
  const char* AddLine(std::string_view text, std::uint32_t line, bool folds_case);
  void Index(const Rule& rule);
  // The first rule that needs `path` builds it.
  bool Matches(const Rule& rule, const Subject& subject, std::string* path) const;

  size_t base_;
  std::vector<std::string> origins_;
  std::vector<Rule> rules_;
  // One row of bits per byte value, one bit per rule that can match if the byte begins the path, or
  // begins or ends the name. Most names are decided after looking at a few words.
  std::vector<std::uint64_t> opening_;
  std::vector<std::uint64_t> first_;
  std::vector<std::uint64_t> last_;
  size_t words_ = 0;  // words of a row in use
  size_t row_ = 0;    // words per row
};

}  // namespace cura
