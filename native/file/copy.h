// Contents of regular files: copied sparsely, or compared.
#pragma once

#include <cstdint>

#include "base/monitor.h"
#include "base/result.h"
#include "file/digest.h"
#include "platform/fd.h"

namespace cura {

// Whose fault a failed copy is: one entry is reported, or the whole run stops.
enum class Side : std::uint8_t { kSource, kTarget };

struct CopyError {
  OsError error;
  Side side = Side::kSource;
};

// Opens a regular file to be read; its access time stays where this user may say so. Somebody may
// hold a lease on it (Samba does): the open asks for it, and is tried again until the kernel takes
// the lease away. ECANCELED when the job is stopped meanwhile. Without a monitor it does not wait.
Fd OpenToRead(int dir, const char* name, const Monitor* monitor);

// How far the filesystem of a file is believed.
enum class CopyBy : std::uint8_t {
  kSystem,     // the kernel copies what it can, and says where holes are
  kEveryByte,  // every byte is read and written here
};

// In place of a descriptor to copy to: the content is read for its hash alone.
inline constexpr int kNowhere = -1;

// One content to copy, between two files at their starts.
struct Copying {
  int from = -1;
  int to = kNowhere;                // an empty file
  const sys::Stat* stat = nullptr;  // of `from`
  CopyBy by = CopyBy::kSystem;
  std::uint64_t length = 0;  // out: where the content ended
};

// Copies at most as many bytes as `stat` says; holes stay holes. A source that has become shorter,
// or whose size was only an upper bound, gives a shorter copy and says so in `length`. What is
// stored goes through `hash`, holes as the zeros that they stand for. ECANCELED when the job is
// stopped.
std::optional<CopyError> CopyContent(Copying* copying, ContentHash* hash, Monitor* monitor);

// Reads all of a file's `size` bytes, from its start, for no other end than to see that it can be
// done. The error of the read that failed, or ECANCELED.
std::optional<OsError> ReadWhole(int fd, std::uint64_t size, Monitor* monitor);

// Says whether a source's file of `size` bytes and a stored one, open at their starts, have the
// same content. Where the source's size is only an upper bound the stored one is shorter. Holes of
// both are skipped.
Result<bool> SameContent(int source, int stored, std::uint64_t size, Monitor* monitor);

}  // namespace cura
