// What a verification finds to be wrong.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <vector>

#include "base/entry.h"

namespace cura {

enum class DamageKind : std::uint8_t {
  kContent,
  kUnreadable,
  kReplaced,
  kMetadata,
  kMissing,
  kExtra,
  kLinks,
  kRecord,
};

// A name of a damaged inode.
struct DamagedName {
  std::string snapshot;
  std::string path;       // below the snapshot: 'ann/a.txt', '.backup_delta/ann/a.txt', or empty
  std::uint64_t ino = 0;  // the actual inode; 0 if the name is missing
  auto operator<=>(const DamagedName&) const = default;
};

enum class DonorKind : std::uint8_t { kNone, kStore, kSource, kReplica };

struct Damage {
  DamageKind kind = DamageKind::kContent;
  std::string detail;
  // What the record says, without its views. Its stored inode identifies the names that belong
  // together. `has_entry` is false if no record has it.
  bool has_entry = false;
  Entry entry;
  std::string target;     // of a symlink
  std::uint64_t ino = 0;  // the damaged inode; 0 if there is none
  Digest actual = kNoDigest;
  std::vector<DamagedName> names;
  // Other names that should be of the same inode and are of a good one, which a healing links.
  std::vector<DamagedName> others;
  bool healed = false;
  DonorKind donor = DonorKind::kNone;
  std::string donor_path;
};

}  // namespace cura
