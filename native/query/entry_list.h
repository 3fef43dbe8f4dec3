// Lists the entries of a record, page by page.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "manifest/cursor.h"

namespace cura {

// Paths can be long, so the bytes of a page of entries are limited as well as their number.
inline constexpr size_t kPageBytes = 4U << 20U;

// An entry with its own memory; the views of `entry` are empty.
struct ListedEntry {
  std::string path;  // raw bytes, starting with the name of the source
  Entry entry;
  std::string target;  // of a symlink
};

ListedEntry Listed(std::string path, const Entry& entry);

enum class Depth : std::uint8_t { kChildren, kAll };

// Visits what is in a directory, or a single other entry, in the order of the paths.
class EntryLister {
 public:
  // Lists the whole record if `path` is empty. Returns nothing if there is no entry at the path.
  static Result<std::optional<EntryLister>> Of(std::shared_ptr<const Manifest> manifest,
                                               const std::string& path, Depth depth);
  // Returns the next entries, at most `limit`; none at the end.
  Result<std::vector<ListedEntry>> Next(size_t limit);

 private:
  EntryLister() = default;

  std::optional<ListedEntry> single_;
  std::optional<ManifestCursor> cursor_;
  Depth depth_ = Depth::kAll;
};

}  // namespace cura
