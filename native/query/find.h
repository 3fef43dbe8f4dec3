// Finds paths in many records by name, type, size, time or content.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "query/entry_list.h"
#include "query/timeline.h"
#include "scan/rules.h"

namespace cura {

struct SizeTest {
  enum class Kind : std::uint8_t { kAbove, kBelow, kEqual };
  Kind kind = Kind::kEqual;
  std::uint64_t bytes = 0;
};

// All conditions must hold for an entry.
struct FindOptions {
  Rules patterns;  // empty: every path
  bool files = true;
  bool directories = true;
  bool symlinks = true;
  bool specials = true;
  std::optional<SizeTest> size;         // of a regular file
  std::optional<std::int64_t> after_s;  // modified after the end of this second
  std::optional<std::int64_t> until_s;  // modified before the end of this second
  std::optional<Digest> digest;
  bool deleted = false;         // the first record must not have the path
  bool first_is_extra = false;  // the first record only shows which paths are present
};

// A path, and the records in which the conditions hold for it.
struct Match {
  ListedEntry entry;         // of the first of these records
  std::uint32_t newest = 0;  // the first of them
  std::uint32_t oldest = 0;  // the last of them
  std::uint32_t count = 0;
  bool present = false;  // the first record has the path
};

class PathFinder {
 public:
  // `manifests` are sorted newest first. Searches below the directory `top` and, if it is one name
  // at the top of the records, that directory itself.
  PathFinder(Timeline::Manifests manifests, const std::string& top,
             std::shared_ptr<const FindOptions> options);
  // Returns the next matches, at most `limit`. May return none before the end, so that a caller can
  // stop a long search.
  Result<std::vector<Match>> Next(size_t limit);
  [[nodiscard]] bool ended() const { return ended_; }
  // How many paths could not be compared by digest so far, because none was recorded.
  [[nodiscard]] std::uint64_t undigested() const { return undigested_; }

 private:
  [[nodiscard]] bool HasName(bool is_directory) const;
  [[nodiscard]] bool Fits(const Entry& entry) const;
  std::optional<Match> MatchHere();

  Timeline timeline_;
  std::string only_;  // the only name to visit at the top; empty: all
  const std::shared_ptr<const FindOptions> options_;
  std::uint64_t undigested_ = 0;
  bool ended_ = false;
};

}  // namespace cura
