// Keeps what a verification has read and found, in the store's file .backup_scrub.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/entry.h"
#include "base/result.h"
#include "manifest/frame.h"
#include "platform/fd.h"

namespace cura {

// One inode of the store, as it was last read.
struct ScrubbedInode {
  std::uint64_t ino = 0;
  // The first bytes of the recorded digest, or a hash of size and mtime if there is none. An inode
  // number that is used again has another key.
  std::uint64_t key = 0;
  std::uint64_t content = 0;  // the first bytes of the digest that was read
  std::int64_t time_s = 0;    // when, in seconds since 1970
  bool operator==(const ScrubbedInode&) const = default;
};

// An inode that was found damaged. It must not be linked into a new snapshot.
struct DamagedInode {
  std::uint64_t ino = 0;
  std::uint64_t key = 0;
  std::int64_t time_s = 0;
  bool by_content = false;  // reading it showed the damage, so only reading it shows its end
  bool operator==(const DamagedInode&) const = default;
};

// The facts that `status` shows. They are at the start of the file.
struct ScrubSummary {
  std::int64_t oldest_s = 0;  // 0: none was read
  std::int64_t time_s = 0;    // when the record was written
  std::uint64_t inodes = 0;
  std::uint64_t unread = 0;
  std::uint64_t damaged = 0;
  // Kinds of metadata that some snapshot could not keep, as bits; pruned snapshots count too.
  std::uint64_t excused = 0;
};

struct ScrubRecord {
  ScrubSummary summary;
  std::vector<DamagedInode> damaged;    // sorted by inode
  std::vector<ScrubbedInode> scrubbed;  // sorted by inode
};

// These return nothing if there is no usable record of this store: a copied store has other inodes.
std::optional<ScrubSummary> LoadScrubSummary(const Fd& store);
std::vector<DamagedInode> LoadDamaged(const Fd& store);
ScrubRecord LoadScrub(const Fd& store);

// Replaces the file atomically.
Status SaveScrub(const Fd& store, const ScrubRecord& record);

// The key of an entry's inode.
std::uint64_t ScrubKey(const Entry& entry);
// The first bytes of a digest.
std::uint64_t PrefixOf(const Digest& digest);

// Locks out other verifications until the descriptor is closed. Fails with kVerifyLockedCode, and
// with the errno of a store that cannot be written.
inline constexpr int kVerifyLockedCode = 100'051;
Result<Fd> LockScrub(const Fd& store);

}  // namespace cura
