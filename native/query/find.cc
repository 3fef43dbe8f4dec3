// Tests each path of a timeline.
#include "query/find.h"

#include <algorithm>
#include <utility>

namespace cura {

namespace {

constexpr size_t kPagePaths = 10'000;  // some 100 ms with a hundred records

bool IsTopName(const std::string& top) {
  return !top.empty() && top.find('/') == std::string::npos;
}

bool HasSize(const Entry& entry, const SizeTest& test) {
  if (entry.type != Type::kFile) return false;
  switch (test.kind) {
    case SizeTest::Kind::kAbove:
      return entry.size > test.bytes;
    case SizeTest::Kind::kBelow:
      return entry.size < test.bytes;
    case SizeTest::Kind::kEqual:
      break;
  }
  return entry.size == test.bytes;
}

bool HasType(Type type, const FindOptions& options) {
  switch (type) {
    case Type::kFile:
      return options.files;
    case Type::kDirectory:
      return options.directories;
    case Type::kSymlink:
      return options.symlinks;
    default:
      return options.specials;
  }
}

}  // namespace

PathFinder::PathFinder(Timeline::Manifests manifests, const std::string& top,
                       std::shared_ptr<const FindOptions> options)
    : timeline_(std::move(manifests), IsTopName(top) ? std::string() : top),
      only_(IsTopName(top) ? top : std::string()),
      options_(std::move(options)) {}

bool PathFinder::HasName(bool is_directory) const {
  if (options_->patterns.empty()) return true;
  const Rule* rule = options_->patterns.Last({timeline_.above(), timeline_.name(), is_directory});
  return rule != nullptr && !rule->keeps;
}

bool PathFinder::Fits(const Entry& entry) const {
  const FindOptions& wanted = *options_;
  if (!HasType(entry.type, wanted)) return false;
  if (wanted.size && !HasSize(entry, *wanted.size)) return false;
  if (wanted.after_s && entry.mtime.sec <= *wanted.after_s) return false;
  if (wanted.until_s && entry.mtime.sec > *wanted.until_s) return false;
  if (!wanted.digest) return true;
  return entry.type == Type::kFile && entry.digest != kNoDigest && entry.digest == *wanted.digest;
}

std::optional<Match> PathFinder::MatchHere() {
  const bool is_named[] = {HasName(false), HasName(true)};
  if (!is_named[0] && !is_named[1]) return std::nullopt;
  Match match;
  bool is_undigested = false;
  for (const Timeline::Version& version : timeline_.versions()) {
    if (version.records->front() == 0) match.present = true;
    const Entry& entry = *version.entry;
    if (!is_named[entry.type == Type::kDirectory ? 1 : 0]) continue;
    if (entry.type == Type::kFile && entry.digest == kNoDigest) is_undigested = true;
    const auto& records = *version.records;
    const size_t extra = options_->first_is_extra && records.front() == 0 ? 1 : 0;
    if (records.size() == extra || !Fits(entry)) continue;
    if (match.count == 0 || records[extra] < match.newest) {
      match.newest = records[extra];
      match.entry.entry = entry;  // the views are replaced below
    }
    match.oldest = std::max(match.oldest, records.back());
    match.count += static_cast<std::uint32_t>(records.size() - extra);
  }
  if (options_->digest && is_undigested) ++undigested_;
  if (match.count == 0 || (options_->deleted && match.present)) return std::nullopt;
  const Entry newest = match.entry.entry;
  match.entry = Listed(timeline_.above() + std::string(timeline_.name()), newest);
  return match;
}

Result<std::vector<Match>> PathFinder::Next(size_t limit) {
  std::vector<Match> page;
  size_t paths = 0;
  for (size_t bytes = 0; page.size() < limit && bytes < kPageBytes && paths < kPagePaths; ++paths) {
    if (!timeline_.Next()) {
      if (auto error = timeline_.failure()) return std::move(*error);
      ended_ = true;
      break;
    }
    if (!only_.empty() && timeline_.above().empty() && timeline_.name() != only_) {
      timeline_.Skip();
      continue;
    }
    auto match = MatchHere();
    if (!match) continue;
    bytes += match->entry.path.size() + match->entry.target.size();
    page.push_back(std::move(*match));
  }
  return page;
}

}  // namespace cura
