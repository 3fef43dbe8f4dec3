// Contents of regular files: copied sparsely, or compared.
#pragma once

#include <cstdint>

#include "digest.h"
#include "fd.h"
#include "monitor.h"
#include "result.h"

namespace cura {

// Whose fault a failed copy is: one entry is reported, or the whole run stops.
enum class Side : std::uint8_t { kSource, kStore };

struct CopyError {
  OsError error;
  Side side = Side::kSource;
};

// Opens a regular file to be read; its access time stays where this user may say so.
Fd OpenToRead(int dir, const char* name);

// Copies from the start of one file, of which `stat` tells, to the start of another, empty one: at
// most as many bytes as it had then. Its holes stay holes. A source that has become shorter
// gives a shorter copy; the caller looks at it again. What is stored goes through `hash`, holes as
// the zeros that they stand for. ECANCELED when the job is stopped.
std::optional<CopyError> CopyContent(int from, int to, const sys::Stat& stat, ContentHash* hash,
                                     Monitor* monitor);

// The same for `hash` alone: nothing is written, and only the source can fail.
std::optional<CopyError> HashContent(int from, const sys::Stat& stat, ContentHash* hash,
                                     Monitor* monitor);

// Reads all of a file's `size` bytes, from its start, for no other end than to see that it can be
// done. The error of the read that failed, or ECANCELED.
std::optional<OsError> ReadWhole(int fd, std::uint64_t size, Monitor* monitor);

// Says whether two files, open at their starts, both have `size` bytes and the same ones. Holes of
// both are skipped.
Result<bool> SameContent(int a, int b, std::uint64_t size, Monitor* monitor);

}  // namespace cura
