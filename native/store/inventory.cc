// Reads the directories of a store.
#include "store/inventory.h"

#include <algorithm>
#include <string_view>

#include "store/annotations.h"

namespace cura {

namespace {

bool IsDigit(char character) { return character >= '0' && character <= '9'; }

// Names of the former Python tool look like 20250115_103000.
bool IsOldName(std::string_view name) {
  constexpr size_t kLength = 15;
  constexpr size_t kDateLength = 8;
  if (name.size() != kLength) return false;
  for (size_t at = 0; at < kLength; ++at) {
    if (at == kDateLength ? name[at] != '_' : !IsDigit(name[at])) return false;
  }
  return true;
}

std::string MarkerOf(const std::string& snapshot) {
  return IsOldName(snapshot) ? std::string(kMarkerName) + "_" + snapshot : kMarkerName;
}

// Puts the text of a file, or the errno that prevents reading it, into a directory's fields.
void ReadInto(const Fd& dir, const std::string& file, size_t limit,
              std::optional<std::string>* text, int* error) {
  auto read = ReadFileIn(dir, file, limit);
  if (read.ok()) {
    *text = std::move(read.value());
  } else {
    *error = read.error().code;
  }
}

// Any entry with that name pins the snapshot. Asks the listing, because a lookup that fails once
// would unpin it. What cannot be listed counts as pinned.
bool IsPinned(const Fd& snapshot) {
  const Fd dir(sys::OpenAt(snapshot.get(), ".", sys::kOpenDirectory));
  sys::Names names;
  if (!dir.valid() || sys::ReadNames(dir.get(), &names) != 0) return true;
  return std::any_of(names.begin(), names.end(),
                     [](const sys::Name& name) { return name.text == kPinName; });
}

// Returns false if the directory is gone.
bool ReadDirectory(const Store& store, size_t limit, StoredDirectory* directory) {
  const std::string& name = directory->name;
  const Fd dir(sys::OpenAt(store.fd().get(), name.c_str(), sys::kOpenPath));
  if (!dir.valid()) {
    directory->marker_error = errno;
    directory->is_pinned = true;
    return directory->marker_error != ENOENT;
  }
  ReadInto(dir, MarkerOf(name), limit, &directory->marker, &directory->marker_error);
  ReadInto(dir, kTagsName, limit, &directory->tags, &directory->tags_error);
  directory->is_pinned = IsPinned(dir);
  if (directory->marker && !directory->marker->empty()) return true;
  auto entries = store.List(name);
  if (!entries.ok()) return true;
  for (StoreEntry& entry : entries.value()) {
    if (entry.type == Type::kDirectory) directory->directories.push_back(std::move(entry.name));
  }
  return true;
}

}  // namespace

Status ReadInventory(const Store& store, size_t limit,
                     const std::function<void(const StoredDirectory&)>& take) {
  const auto entries = store.List({});
  if (!entries.ok()) return entries.error();
  for (const StoreEntry& entry : entries.value()) {
    if (entry.type != Type::kDirectory) continue;
    StoredDirectory directory;
    directory.name = entry.name;
    if (!IsDigit(entry.name.front()) || ReadDirectory(store, limit, &directory)) take(directory);
  }
  return std::nullopt;
}

}  // namespace cura
