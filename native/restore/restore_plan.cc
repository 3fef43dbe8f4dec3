// Recognizes temporary names, and the names of one inode.
#include "restore/restore_plan.h"

#include <algorithm>
#include <charconv>

#include "base/volumes.h"

namespace cura {

namespace {

// The process in a temporary name; 0 if it is none.
pid_t ProcessIn(std::string_view name) {
  if (!name.starts_with(kTemporary)) return 0;
  name.remove_prefix(kTemporary.size());
  const size_t dash = name.find('-');
  if (dash == std::string_view::npos || dash + 1 == name.size()) return 0;
  const auto is_digit = [](char each) { return each >= '0' && each <= '9'; };
  if (!std::all_of(name.begin() + static_cast<std::ptrdiff_t>(dash) + 1, name.end(), is_digit)) {
    return 0;
  }
  int pid = 0;
  const auto end = std::from_chars(name.data(), name.data() + dash, pid);
  return end.ec == std::errc() && end.ptr == name.data() + dash && pid > 0 ? pid : 0;
}

}  // namespace

std::string JoinPath(const std::string& above, std::string_view name) {
  return above.empty() ? std::string(name) : above + '/' + std::string(name);
}

std::unique_ptr<Entry> WithoutViews(const Entry& entry) {
  auto own = std::make_unique<Entry>(entry);
  own->name = own->target = {};
  return own;
}

bool IsTemporary(std::string_view name) { return ProcessIn(name) != 0; }

bool IsInUse(std::string_view name) { return !sys::ProcessStart(ProcessIn(name)).empty(); }

// On filesystems that do not keep inode numbers, two files may have had the same one.
std::optional<GroupKey> GroupKeyOf(const Entry& stored) {
  if (!stored.linked || stored.type == Type::kDirectory) return std::nullopt;
  if (stored.ino != 0 && KeepsInodes(stored.volume)) return GroupKey{stored.volume, stored.ino};
  if (stored.stored_ino != 0) return GroupKey{0, stored.stored_ino};
  return std::nullopt;
}

}  // namespace cura
