// The quarantine holds one name of each inode that a healing replaced.
#include "verify/quarantine.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

#include "tree/durable.h"

namespace cura {

namespace {

constexpr const char* kQuarantine = ".backup_quarantine";
constexpr int kMostSuffixes = 100;

}  // namespace

SplitPath Split(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return {{}, path};
  return {std::string_view(path).substr(0, slash), std::string_view(path).substr(slash + 1)};
}

std::string TextOf(const DamagedName& name) { return name.snapshot + '/' + name.path; }

// Opens the directory of a name by held descriptors.
Result<Fd> OpenAbove(const Fd& store, const std::string& snapshot, const std::string& above) {
  Fd top(sys::OpenAt(store.get(), snapshot.c_str(), sys::kOpenDirectory));
  if (!top.valid()) return LastError("openat", snapshot);
  for (size_t at = 0; at < above.size();) {
    const size_t end = std::min(above.find('/', at), above.size());
    const std::string name = above.substr(at, end - at);
    Fd below(sys::OpenAt(top.get(), name.c_str(), sys::kOpenDirectory));
    if (!below.valid()) return LastError("openat", snapshot + '/' + above);
    top = std::move(below);
    at = end + 1;
  }
  return top;
}

Status Quarantine(const Fd& store, const Damage& damage) {
  const bool has_bytes = damage.kind == DamageKind::kContent ||
                         damage.kind == DamageKind::kUnreadable ||
                         damage.kind == DamageKind::kReplaced;
  if (!has_bytes || damage.ino == 0) return std::nullopt;
  if (sys::MakeDirectoryAt(store.get(), kQuarantine, 0700) != 0 && errno != EEXIST) {
    return LastError("mkdirat", kQuarantine);
  }
  const Fd dir(sys::OpenAt(store.get(), kQuarantine, sys::kOpenDirectory));
  if (!dir.valid()) return LastError("openat", kQuarantine);
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%llu-%02x%02x%02x%02x%02x%02x%02x%02x",
                static_cast<unsigned long long>(damage.ino), damage.entry.digest[0],
                damage.entry.digest[1], damage.entry.digest[2], damage.entry.digest[3],
                damage.entry.digest[4], damage.entry.digest[5], damage.entry.digest[6],
                damage.entry.digest[7]);
  for (const DamagedName& name : damage.names) {
    const SplitPath path = Split(name.path);
    auto above = OpenAbove(store, name.snapshot, std::string(path.above));
    sys::Stat stat;
    const std::string last(path.name);
    const bool is_it = above.ok() && sys::StatAt(above.value().get(), last.c_str(), &stat) == 0 &&
                       stat.ino == damage.ino;
    if (!is_it) continue;
    for (int suffix = 1; suffix < kMostSuffixes; ++suffix) {
      std::string to(text.data());
      if (suffix > 1) to += '-' + std::to_string(suffix);
      sys::Stat kept;
      const bool is_taken = sys::StatAt(dir.get(), to.c_str(), &kept) == 0;
      if (is_taken && kept.ino == damage.ino) return std::nullopt;
      if (is_taken) continue;
      if (sys::LinkAt(above.value().get(), last.c_str(), dir.get(), to.c_str()) != 0) {
        return LastError("linkat", TextOf(name), kQuarantine);
      }
      return SyncRenames(dir) == 0 ? std::nullopt : Status(LastError("fsync", kQuarantine));
    }
  }
  return OsError{ENOENT, "linkat", kQuarantine, {}};
}

}  // namespace cura
