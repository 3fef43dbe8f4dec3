// Copying and comparing in chunks, between which a job can be stopped.
#include "copy.h"

#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "platform/sys.h"

namespace cura {

namespace {

constexpr size_t kBufferSize = 256 * 1024;
// In the kernel a copy needs no buffer of ours, but each call must come back soon.
constexpr size_t kRangeSize = 8 * 1024 * 1024;
// Below this, one read and one write cost less than setting up a copy in the kernel.
constexpr std::uint64_t kRangeFrom = 1024 * 1024;

// In place of a descriptor to copy to: the content is read for its hash alone.
constexpr int kNowhere = -1;

char* ThreadBuffer() {
  thread_local const std::unique_ptr<char[]> buffer(new char[2 * kBufferSize]);
  return buffer.get();
}

CopyError SourceError(const char* syscall) { return {LastError(syscall), Side::kSource}; }
CopyError StoreError(const char* syscall) { return {LastError(syscall), Side::kStore}; }

std::optional<CopyError> WriteAll(int to, const char* bytes, size_t size) {
  while (to != kNowhere && size > 0) {
    const ssize_t written = sys::Write(to, bytes, size);
    if (written < 0) return StoreError("write");
    bytes += written;
    size -= static_cast<size_t>(written);
  }
  return std::nullopt;
}

// Copies `left` bytes at both offsets, less where the source ends before.
std::optional<CopyError> CopyByBuffer(int from, int to, std::uint64_t left, ContentHash* hash,
                                      Monitor* monitor) {
  char* buffer = ThreadBuffer();
  while (left > 0) {
    if (monitor->abort) return CopyError{Aborted(), Side::kStore};
    const ssize_t got = sys::Read(from, buffer, std::min<std::uint64_t>(left, kBufferSize));
    if (got < 0) return SourceError("read");
    if (got == 0) return std::nullopt;
    if (auto error = WriteAll(to, buffer, static_cast<size_t>(got))) return error;
    hash->Add(buffer, static_cast<size_t>(got));
    left -= static_cast<std::uint64_t>(got);
    monitor->bytes += static_cast<std::uint64_t>(got);
  }
  return std::nullopt;
}

// Inside the kernel as far as it can, but what is hashed has to come by. Any error there leads on
// to the buffer, which says on which side the trouble is.
std::optional<CopyError> CopyExtent(int from, int to, std::uint64_t size, ContentHash* hash,
                                    Monitor* monitor) {
  std::uint64_t left = size;
  while (!hash->is_on() && to != kNowhere && size >= kRangeFrom && left > 0) {
    if (monitor->abort) return CopyError{Aborted(), Side::kStore};
    const ssize_t copied = sys::CopyRange(from, to, std::min<std::uint64_t>(left, kRangeSize));
    if (copied <= 0) break;
    left -= static_cast<std::uint64_t>(copied);
    monitor->bytes += static_cast<std::uint64_t>(copied);
  }
  return CopyByBuffer(from, to, left, hash, monitor);
}

std::optional<CopyError> CopySparse(int from, int to, off_t size, ContentHash* hash,
                                    Monitor* monitor) {
  for (off_t at = 0; at < size;) {
    const off_t data = sys::Seek(from, at, SEEK_DATA);
    if (data < 0 && errno == ENXIO) break;  // only a hole is left
    if (data < 0) return SourceError("lseek");
    if (data >= size) break;
    const off_t hole = std::min(sys::Seek(from, data, SEEK_HOLE), size);
    if (hole < 0) return SourceError("lseek");
    if (sys::Seek(from, data, SEEK_SET) < 0) return SourceError("lseek");
    if (to != kNowhere && sys::Seek(to, data, SEEK_SET) < 0) return StoreError("lseek");
    hash->PadTo(static_cast<std::uint64_t>(data));
    const auto extent = static_cast<std::uint64_t>(hole - data);
    if (auto error = CopyExtent(from, to, extent, hash, monitor)) return error;
    at = hole;
  }
  hash->PadTo(static_cast<std::uint64_t>(size));
  if (to != kNowhere && sys::Truncate(to, size) != 0) return StoreError("ftruncate");
  return std::nullopt;
}

// A file whose blocks are fewer than its bytes has holes. So may another one: its attributes take
// blocks as well, and so does room that was allocated and never written.
Result<bool> HasHoles(int fd, std::uint64_t size, std::uint64_t allocated) {
  constexpr std::uint64_t kSmallestWithHole = 4097;
  if (allocated < size) return true;
  if (!sys::kKnowsHoles || size < kSmallestWithHole) return false;
  const off_t hole = sys::Seek(fd, 0, SEEK_HOLE);
  if (hole >= 0 && static_cast<std::uint64_t>(hole) < size) return true;
  if (sys::Seek(fd, 0, SEEK_SET) < 0) return LastError("lseek");
  return false;
}

// Where the next data of a sparse file begin, or its size where only a hole is left.
std::uint64_t DataFrom(int fd, std::uint64_t at, std::uint64_t size) {
  const off_t data = sys::Seek(fd, static_cast<off_t>(at), SEEK_DATA);
  if (data < 0) return errno == ENXIO ? size : at;
  return std::min(static_cast<std::uint64_t>(data), size);
}

}  // namespace

Fd OpenToRead(int dir, const char* name) {
  Fd fd(sys::OpenAt(dir, name, sys::kOpenFile | sys::kNoAccessTime));
  if (!fd.valid() && errno == EPERM) fd = Fd(sys::OpenAt(dir, name, sys::kOpenFile));
  return fd;
}

std::optional<CopyError> CopyContent(int from, int to, const sys::Stat& stat, ContentHash* hash,
                                     Monitor* monitor) {
  const std::uint64_t size = stat.size;
  if (size == 0) return std::nullopt;
  const auto sparse = HasHoles(from, size, stat.allocated);
  if (!sparse.ok()) return CopyError{sparse.error(), Side::kSource};
  if (sparse.value()) return CopySparse(from, to, static_cast<off_t>(size), hash, monitor);
  return CopyExtent(from, to, size, hash, monitor);
}

std::optional<CopyError> HashContent(int from, const sys::Stat& stat, ContentHash* hash,
                                     Monitor* monitor) {
  return CopyContent(from, kNowhere, stat, hash, monitor);
}

std::optional<OsError> ReadWhole(int fd, std::uint64_t size, Monitor* monitor) {
  for (std::uint64_t at = 0; at < size;) {
    if (monitor->abort) return Aborted();
    const ssize_t got =
        sys::ReadFull(fd, ThreadBuffer(), std::min<std::uint64_t>(size - at, kBufferSize));
    if (got < 0) return LastError("read");
    if (got == 0) break;  // it has become shorter
    at += static_cast<std::uint64_t>(got);
  }
  return std::nullopt;
}

Result<bool> SameContent(int a, int b, std::uint64_t size, Monitor* monitor) {
  sys::Stat stat_a, stat_b;
  if (sys::StatFd(a, &stat_a) != 0 || sys::StatFd(b, &stat_b) != 0) return LastError("statx");
  if (stat_a.size != size || stat_b.size != size) return false;
  const bool both_sparse = stat_a.allocated < size && stat_b.allocated < size;
  char* const left = ThreadBuffer();
  char* const right = left + kBufferSize;
  for (std::uint64_t at = 0; at < size;) {
    if (monitor->abort) return Aborted();
    if (both_sparse) {
      at = std::min(DataFrom(a, at, size), DataFrom(b, at, size));
      const auto place = static_cast<off_t>(at);
      if (sys::Seek(a, place, SEEK_SET) < 0 || sys::Seek(b, place, SEEK_SET) < 0) {
        return LastError("lseek");
      }
    }
    const size_t chunk = std::min<std::uint64_t>(size - at, kBufferSize);
    const ssize_t got_a = sys::ReadFull(a, left, chunk);
    const ssize_t got_b = got_a < 0 ? -1 : sys::ReadFull(b, right, chunk);
    if (got_b < 0) return LastError("read");
    if (got_a != got_b || std::memcmp(left, right, static_cast<size_t>(got_a)) != 0) return false;
    if (static_cast<size_t>(got_a) < chunk) return false;  // it has become shorter
    at += chunk;
  }
  return true;
}

}  // namespace cura
