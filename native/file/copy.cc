// Copies and compares contents in chunks, so that a job can stop between two of them.
#include "file/copy.h"

#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "platform/sys.h"

namespace cura {

namespace {

constexpr size_t kBufferSize = 256 * 1024;
// The kernel needs no buffer from us, but each call must return soon enough to stop the job.
constexpr size_t kRangeSize = 8 * 1024 * 1024;
// Below this size, one read and one write are cheaper than a copy in the kernel.
constexpr std::uint64_t kRangeFrom = 1024 * 1024;

// Below this size, reading the whole file is cheaper than looking for holes.
constexpr std::uint64_t kHolesFrom = 1024 * 1024;
// An aligned block of zeros of this length becomes a hole.
constexpr size_t kHoleSize = 4096;

char* ThreadBuffer() {
  thread_local const std::unique_ptr<char[]> buffer(new char[2 * kBufferSize]);
  return buffer.get();
}

CopyError SourceError(const char* syscall) { return {LastError(syscall), Side::kSource}; }
CopyError StoreError(const char* syscall) { return {LastError(syscall), Side::kTarget}; }

std::optional<CopyError> WriteAll(int to, const char* bytes, size_t size) {
  while (to != kNowhere && size > 0) {
    const ssize_t written = sys::Write(to, bytes, size);
    if (written < 0) return StoreError("write");
    bytes += written;
    size -= static_cast<size_t>(written);
  }
  return std::nullopt;
}

bool IsZero(const char* bytes, size_t size) {
  return bytes[0] == 0 && std::memcmp(bytes, bytes + 1, size - 1) == 0;
}

// Like WriteAll, but skips blocks of zeros.
std::optional<CopyError> WriteSparsely(int to, const char* bytes, size_t size) {
  for (size_t at = 0; at < size;) {
    const auto block = [&](size_t from) { return std::min(size - from, kHoleSize); };
    const bool zero = IsZero(bytes + at, block(at));
    size_t end = at + block(at);
    while (end < size && IsZero(bytes + end, block(end)) == zero) end += block(end);
    if (!zero) {
      if (auto error = WriteAll(to, bytes + at, end - at)) return error;
    } else if (to != kNowhere && sys::Seek(to, static_cast<off_t>(end - at), SEEK_CUR) < 0) {
      return StoreError("lseek");
    }
    at = end;
  }
  return std::nullopt;
}

using Writer = std::optional<CopyError>(int to, const char* bytes, size_t size);

// Copies the contents of one file to another.
class Copier {
 public:
  Copier(Copying* copying, ContentHash* hash, Monitor* monitor)
      : from_(copying->from), to_(copying->to), copying_(copying), hash_(hash), monitor_(monitor) {}

  std::optional<CopyError> Run();

 private:
  std::optional<CopyError> ByBuffer(std::uint64_t left, Writer* write);
  std::optional<CopyError> CopyExtent(std::uint64_t size);
  std::optional<CopyError> ByHoles(off_t size);
  std::optional<CopyError> CopyEveryByte(std::uint64_t size);
  std::optional<CopyError> SetLength();

  const int from_;
  const int to_;
  Copying* const copying_;
  ContentHash* const hash_;
  Monitor* const monitor_;
};

// Copies up to `left` bytes at both offsets, fewer if the source ends early.
std::optional<CopyError> Copier::ByBuffer(std::uint64_t left, Writer* write) {
  char* buffer = ThreadBuffer();
  while (left > 0) {
    if (monitor_->abort) return CopyError{Aborted(), Side::kTarget};
    const ssize_t got = sys::Read(from_, buffer, std::min<std::uint64_t>(left, kBufferSize));
    if (got < 0) return SourceError("read");
    if (got == 0) return std::nullopt;
    if (auto error = write(to_, buffer, static_cast<size_t>(got))) return error;
    hash_->Add(buffer, static_cast<size_t>(got));
    left -= static_cast<std::uint64_t>(got);
    monitor_->bytes += static_cast<std::uint64_t>(got);
    copying_->length += static_cast<std::uint64_t>(got);
  }
  return std::nullopt;
}

// Copies inside the kernel unless the bytes are hashed. On an error it continues with the buffer,
// which finds out whether the source or the target fails.
std::optional<CopyError> Copier::CopyExtent(std::uint64_t size) {
  std::uint64_t left = size;
  const bool by_kernel = !hash_->is_on() && to_ != kNowhere && size >= kRangeFrom;
  while (by_kernel && left > 0) {
    if (monitor_->abort) return CopyError{Aborted(), Side::kTarget};
    const ssize_t copied = sys::CopyRange(from_, to_, std::min<std::uint64_t>(left, kRangeSize));
    if (copied <= 0) break;
    left -= static_cast<std::uint64_t>(copied);
    monitor_->bytes += static_cast<std::uint64_t>(copied);
    copying_->length += static_cast<std::uint64_t>(copied);
  }
  return ByBuffer(left, WriteAll);
}

// Sets the length, because content that ends with a hole is longer than what was written.
std::optional<CopyError> Copier::SetLength() {
  if (to_ == kNowhere) return std::nullopt;
  const bool cut = sys::Truncate(to_, static_cast<off_t>(copying_->length)) == 0;
  return cut ? std::nullopt : std::optional(StoreError("ftruncate"));
}

std::optional<CopyError> Copier::ByHoles(off_t size) {
  for (off_t at = 0; at < size;) {
    const off_t data = sys::Seek(from_, at, SEEK_DATA);
    if (data < 0 && errno == ENXIO) break;  // only a hole is left
    if (data < 0) return SourceError("lseek");
    if (data >= size) break;
    const off_t hole = std::min(sys::Seek(from_, data, SEEK_HOLE), size);
    if (hole < 0) return SourceError("lseek");
    if (sys::Seek(from_, data, SEEK_SET) < 0) return SourceError("lseek");
    if (to_ != kNowhere && sys::Seek(to_, data, SEEK_SET) < 0) return StoreError("lseek");
    hash_->PadTo(static_cast<std::uint64_t>(data));
    copying_->length = static_cast<std::uint64_t>(data);
    if (auto error = CopyExtent(static_cast<std::uint64_t>(hole - data))) return error;
    if (copying_->length < static_cast<std::uint64_t>(hole)) return SetLength();  // it shrank
    at = hole;
  }
  hash_->PadTo(static_cast<std::uint64_t>(size));
  copying_->length = static_cast<std::uint64_t>(size);
  return SetLength();
}

// Reads everything, and turns zeros into holes since the source may have holes there.
std::optional<CopyError> Copier::CopyEveryByte(std::uint64_t size) {
  if (sys::Seek(from_, 0, SEEK_SET) < 0) return SourceError("lseek");
  if (auto error = ByBuffer(size, WriteSparsely)) return error;
  return SetLength();
}

// Whether to believe the holes that SEEK_DATA reports. Some filesystems have reported holes where
// data was not yet on disk (OpenZFS issue 15526); others count blocks that do not exist. So this
// asks only filesystems on a list, and requires that the data accounts for the allocated blocks,
// less some for attributes and block maps.
Result<bool> ReportsHoles(int fd, std::uint64_t size, std::uint64_t allocated) {
  sys::Space space;
  if (sys::SpaceOf(fd, &space) != 0 || !space.reports_holes) return false;
  std::uint64_t data_bytes = 0;
  for (off_t at = 0; static_cast<std::uint64_t>(at) < size;) {
    const off_t data = sys::Seek(fd, at, SEEK_DATA);
    if (data < 0 && errno == ENXIO) break;
    const off_t hole = data < 0 ? data : sys::Seek(fd, data, SEEK_HOLE);
    if (hole <= data) break;
    const auto blocks = (static_cast<std::uint64_t>(hole - data) + kHoleSize - 1) / kHoleSize;
    data_bytes += blocks * kHoleSize;
    at = hole;
  }
  if (sys::Seek(fd, 0, SEEK_SET) < 0) return LastError("lseek");
  // Needlessly reading a smaller file is cheap, so it gets no such allowance.
  constexpr std::uint64_t kLarge = 1024 * 1024 * 1024;
  constexpr std::uint64_t kOtherBlocks = 128 * 1024;
  if (size < kLarge) return data_bytes >= allocated;
  return data_bytes + data_bytes / 64 + kOtherBlocks >= allocated;
}

// A file with fewer blocks than bytes has holes. Other files may have holes too, since attributes
// and preallocated space take blocks as well.
Result<bool> HasHoles(int fd, std::uint64_t size, std::uint64_t allocated) {
  constexpr std::uint64_t kSmallestWithHole = 4097;
  if (allocated < size) return true;
  if (!sys::kReportsAnyHoles || size < kSmallestWithHole) return false;
  const off_t hole = sys::Seek(fd, 0, SEEK_HOLE);
  if (hole >= 0 && static_cast<std::uint64_t>(hole) < size) return true;
  if (sys::Seek(fd, 0, SEEK_SET) < 0) return LastError("lseek");
  return false;
}

std::optional<CopyError> Copier::Run() {
  const std::uint64_t size = copying_->stat->size;
  const std::uint64_t allocated = copying_->stat->allocated;
  copying_->length = 0;
  if (size == 0) return std::nullopt;
  const auto sparse = HasHoles(from_, size, allocated);
  if (!sparse.ok()) return CopyError{sparse.error(), Side::kSource};
  if (copying_->by == CopyBy::kEveryByte) {
    return sparse.value() ? CopyEveryByte(size) : ByBuffer(size, WriteAll);
  }
  if (!sparse.value()) return CopyExtent(size);
  const auto reported =
      size < kHolesFrom ? Result<bool>(false) : ReportsHoles(from_, size, allocated);
  if (!reported.ok()) return CopyError{reported.error(), Side::kSource};
  return reported.value() ? ByHoles(static_cast<off_t>(size)) : CopyEveryByte(size);
}

// Returns where the next data of a sparse file begins, or `size` if only a hole is left.
std::uint64_t DataFrom(int fd, std::uint64_t at, std::uint64_t size) {
  const off_t data = sys::Seek(fd, static_cast<off_t>(at), SEEK_DATA);
  if (data < 0) return errno == ENXIO ? size : at;
  return std::min(static_cast<std::uint64_t>(data), size);
}

// Whether both files have holes that need not be read.
Result<bool> SkipsHoles(int source, int stored, const sys::Stat& a, const sys::Stat& b) {
  const bool may =
      a.size == b.size && a.size >= kHolesFrom && a.allocated < a.size && b.allocated < b.size;
  if (!may) return false;
  auto reported = ReportsHoles(source, a.size, a.allocated);
  if (!reported.ok() || !reported.value()) return reported;
  return ReportsHoles(stored, b.size, b.allocated);
}

// Steps of waiting for a lease, which the kernel revokes after a while.
constexpr long kLeaseStep_ms = 50;
constexpr long kLeaseSpare_ms = 2000;

Fd TryOpen(int dir, const char* name) {
  Fd fd(sys::OpenAt(dir, name, sys::kOpenFile | sys::kNoAccessTime));
  if (!fd.valid() && errno == EPERM) fd = Fd(sys::OpenAt(dir, name, sys::kOpenFile));
  return fd;
}

}  // namespace

Fd OpenToRead(int dir, const char* name, const Monitor* monitor) {
  Fd fd = TryOpen(dir, name);
  if (fd.valid() || errno != EAGAIN || monitor == nullptr) return fd;
  long left_ms = sys::LeaseBreakTime() * 1000 + kLeaseSpare_ms;
  for (long step_ms = 1; !fd.valid() && errno == EAGAIN && left_ms > 0; left_ms -= step_ms) {
    if (monitor->abort) {
      errno = ECANCELED;
      return fd;
    }
    step_ms = std::min(2 * step_ms, kLeaseStep_ms);
    sys::Pause(step_ms);
    fd = TryOpen(dir, name);
  }
  return fd;
}

std::optional<CopyError> CopyContent(Copying* copying, ContentHash* hash, Monitor* monitor) {
  return Copier(copying, hash, monitor).Run();
}

std::optional<OsError> ReadWhole(int fd, std::uint64_t size, Monitor* monitor) {
  for (std::uint64_t at = 0; at < size;) {
    if (monitor->abort) return Aborted();
    ++monitor->reads;
    const ssize_t got =
        sys::ReadFull(fd, ThreadBuffer(), std::min<std::uint64_t>(size - at, kBufferSize));
    if (got < 0) return LastError("read");
    if (got == 0) break;  // the file has shrunk
    at += static_cast<std::uint64_t>(got);
  }
  return std::nullopt;
}

Result<bool> SameContent(int source, int stored, std::uint64_t size, Monitor* monitor) {
  sys::Stat stat_a, stat_b;
  if (sys::StatFd(source, &stat_a) != 0 || sys::StatFd(stored, &stat_b) != 0) {
    return LastError("statx");
  }
  if (stat_a.size != size || stat_b.size > size) return false;
  const auto skips = SkipsHoles(source, stored, stat_a, stat_b);
  if (!skips.ok()) return skips;
  char* const left = ThreadBuffer();
  char* const right = left + kBufferSize;
  std::uint64_t at = 0;
  while (at < size) {
    if (monitor->abort) return Aborted();
    ++monitor->reads;
    if (skips.value()) {
      at = std::min(DataFrom(source, at, size), DataFrom(stored, at, size));
      const auto place = static_cast<off_t>(at);
      if (sys::Seek(source, place, SEEK_SET) < 0 || sys::Seek(stored, place, SEEK_SET) < 0) {
        return LastError("lseek");
      }
    }
    const size_t chunk = std::min<std::uint64_t>(size - at, kBufferSize);
    const ssize_t got_a = sys::ReadFull(source, left, chunk);
    const ssize_t got_b = got_a < 0 ? -1 : sys::ReadFull(stored, right, chunk);
    if (got_b < 0) return LastError("read");
    if (got_a != got_b || std::memcmp(left, right, static_cast<size_t>(got_a)) != 0) return false;
    at += static_cast<std::uint64_t>(got_a);
    if (static_cast<size_t>(got_a) < chunk) break;  // both files end here
  }
  return stat_b.size == at;
}

}  // namespace cura
