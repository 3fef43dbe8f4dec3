// The quarantine holds one name of each inode that a healing replaced.
#include "verify/quarantine.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

#include "tree/durable.h"
#include "tree/tree_editor.h"

namespace cura {

namespace {

constexpr const char* kQuarantine = ".backup_quarantine";
constexpr int kMostSuffixes = 100;

}  // namespace

std::string TextOf(const DamagedName& name) { return name.snapshot + '/' + name.path; }

Status Quarantine(const Store& store, const Damage& damage) {
  const bool has_bytes = damage.kind == DamageKind::kContent ||
                         damage.kind == DamageKind::kUnreadable ||
                         damage.kind == DamageKind::kReplaced;
  if (!has_bytes || damage.ino == 0) return std::nullopt;
  const bool is_new = sys::MakeDirectoryAt(store.fd().get(), kQuarantine, 0700) == 0;
  if (!is_new && errno != EEXIST) return LastError("mkdirat", kQuarantine);
  if (is_new && SyncRenames(store.fd()) != 0) return LastError("fsync", kQuarantine);
  const Fd dir(sys::OpenAt(store.fd().get(), kQuarantine, sys::kOpenDirectory));
  if (!dir.valid()) return LastError("openat", kQuarantine);
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%llu-%02x%02x%02x%02x%02x%02x%02x%02x",
                static_cast<unsigned long long>(damage.ino), damage.entry.digest[0],
                damage.entry.digest[1], damage.entry.digest[2], damage.entry.digest[3],
                damage.entry.digest[4], damage.entry.digest[5], damage.entry.digest[6],
                damage.entry.digest[7]);
  for (const DamagedName& name : damage.names) {
    const SplitPath path = SplitLast(name.path);
    auto above = store.OpenDirectoryBelow(name.snapshot, std::string(path.above));
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
