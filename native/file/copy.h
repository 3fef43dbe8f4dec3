// Copies regular files sparsely, and compares their contents.
#pragma once

#include <cstdint>

#include "base/monitor.h"
#include "base/result.h"
#include "file/digest.h"
#include "platform/fd.h"

namespace cura {

// Which side of a copy failed: a source error is reported for its entry, a target error ends the
// run.
enum class Side : std::uint8_t { kSource, kTarget };

struct CopyError {
  OsError error;
  Side side = Side::kSource;
};

// Opens a regular file for reading, without updating its access time where permitted. If another
// process holds a lease (Samba does), the open retries until the kernel revokes the lease, or fails
// with ECANCELED if the job is stopped. Without a monitor it does not wait.
Fd OpenToRead(int dir, const char* name, const Monitor* monitor);

// How far to trust the filesystem of a file.
enum class CopyBy : std::uint8_t {
  kSystem,     // the kernel copies, and reports the holes
  kEveryByte,  // read and write every byte ourselves
};

// Instead of a target descriptor: read the content only to hash it.
inline constexpr int kNowhere = -1;

// A copy from one file to another, each open at its start.
struct Copying {
  int from = -1;
  int to = kNowhere;                // a new, empty file
  const sys::Stat* stat = nullptr;  // of `from`
  CopyBy by = CopyBy::kSystem;
  std::uint64_t length = 0;  // out: where the content ended
};

// Copies at most as many bytes as `stat` says, and keeps holes. If the source has shrunk, or if its
// size was only an upper bound, the copy is shorter and `length` says so. `hash` gets every stored
// byte, with holes as zeros. ECANCELED when the job is stopped.
std::optional<CopyError> CopyContent(Copying* copying, ContentHash* hash, Monitor* monitor);

// Reads and discards all `size` bytes of a file, to prove that they are readable. Returns the error
// of the failed read, or ECANCELED.
std::optional<OsError> ReadWhole(int fd, std::uint64_t size, Monitor* monitor);

// Whether a source file of `size` bytes and a stored file, each open at its start, have the same
// content. If the size of the source is only an upper bound, the stored file is shorter. Skips
// holes that both files have.
Result<bool> SameContent(int source, int stored, std::uint64_t size, Monitor* monitor);

}  // namespace cura
