// Lists of patterns that say which names are left out: the last one that matches decides.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scan/glob.h"

namespace cura {

// One line of such a list.
struct Rule {
  Glob glob;
  std::string text;          // as it was written
  std::uint32_t origin = 0;  // place among the lists' origins
  std::uint32_t line = 0;    // from 1; 0: it was not in a file
  bool keeps = false;        // it began with '!'
  bool directories = false;  // it ended with '/'
  bool whole_path = false;   // it had another '/': it is matched from the list's directory down
};

// What is wrong with a list.
struct BadRule {
  std::uint32_t line = 0;
  std::string text;
  const char* reason = nullptr;
};

// An entry as rules see it. `dir` leads from the source to its directory, and ends with '/' unless
// it is empty.
struct Subject {
  std::string_view dir;
  std::string_view name;
  bool is_directory = false;
};

// What to do with a pattern that means nothing.
enum class Bad : std::uint8_t { kRefuse, kIgnore };

// Rules of one directory, or of the command line.
class Rules {
 public:
  // `base` is the length of the part of each subject's `dir` that leads to the rules' directory.
  explicit Rules(size_t base = 0) : base_(base) {}

  // Says where the rules that are added from now on come from.
  void Begin(std::string origin);
  // A single pattern, in which '#' and spaces at the end mean themselves.
  std::optional<BadRule> Add(std::string_view pattern, bool folds_case);
  // The lines of a file.
  std::optional<BadRule> AddFile(std::string_view bytes, Bad bad);

  // The last rule that matches, or null.
  [[nodiscard]] const Rule* Last(const Subject& subject) const;
  [[nodiscard]] const std::string& OriginOf(const Rule& rule) const {
    return origins_[rule.origin];
  }
  [[nodiscard]] bool empty() const { return rules_.empty(); }

 private:
  const char* AddLine(std::string_view text, std::uint32_t line, bool folds_case);
  void Index(const Rule& rule);
  // `path` is made by the first rule that needs it.
  bool Matches(const Rule& rule, const Subject& subject, std::string* path) const;

  size_t base_;
  std::vector<std::string> origins_;
  std::vector<Rule> rules_;
  // For each byte a row of bits, one for each rule that can match where that byte begins the path,
  // or is the first or last one of the name: most names are done with after looking at a few words.
  std::vector<std::uint64_t> opening_;
  std::vector<std::uint64_t> first_;
  std::vector<std::uint64_t> last_;
  size_t words_ = 0;  // of a row that are in use
  size_t row_ = 0;    // words in a row
};

}  // namespace cura
