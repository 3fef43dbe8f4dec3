// Reads in chunks, so that a job can stop between two of them.
#include "verify/paced_read.h"

#include <unistd.h>

#include <algorithm>
#include <memory>

namespace cura {

namespace {

constexpr size_t kBuffer = 256 * 1024;
constexpr std::uint64_t kDropEach = 8U << 20U;

// Goes to the next data and hashes where that is. Returns false at the end.
bool SkipHole(const Fd& file, sys::Sha256* hash) {
  const off_t now = sys::Seek(file.get(), 0, SEEK_CUR);
  const off_t data = now < 0 ? now : sys::Seek(file.get(), now, SEEK_DATA);
  if (data < 0) return false;
  return hash->Add(&data, sizeof data) && sys::Seek(file.get(), data, SEEK_SET) >= 0;
}

}  // namespace

Status PacedReader::Hash(const Fd& file, ReadRange range, HashedBytes* hashed) {
  thread_local const std::unique_ptr<char[]> buffer(new char[kBuffer]);
  sys::DropCached(file.get(), 0, range.size);
  sys::Sha256 hash;
  bool is_hashed = hash.Start();
  std::uint64_t dropped = 0;
  while (hashed->bytes < range.size) {
    if (job_.monitor->abort) return Aborted();
    if (range.skips_holes && !SkipHole(file, &hash)) break;
    const auto chunk = std::min<std::uint64_t>(range.size - hashed->bytes, kBuffer);
    Wait(chunk);
    const ssize_t got = sys::Read(file.get(), buffer.get(), static_cast<size_t>(chunk));
    if (got < 0) return LastError("read");
    if (got == 0) break;
    is_hashed = is_hashed && hash.Add(buffer.get(), static_cast<size_t>(got));
    hashed->bytes += static_cast<std::uint64_t>(got);
    job_.monitor->bytes += static_cast<std::uint64_t>(got);
    if (hashed->bytes - dropped < kDropEach) continue;
    sys::DropCached(file.get(), dropped, hashed->bytes - dropped);
    dropped = hashed->bytes;
  }
  sys::DropCached(file.get(), dropped, range.size - dropped);
  if (is_hashed && !hash.Finish(&hashed->digest)) hashed->digest = kNoDigest;
  return std::nullopt;
}

void PacedReader::Wait(std::uint64_t bytes) {
  if (bytes_per_second_ == 0) return;
  constexpr std::uint64_t kThousand = 1000;
  constexpr std::uint64_t kNap_ms = 100;
  std::uint64_t begin = 0;
  {
    const std::lock_guard lock(mutex_);
    const std::uint64_t begin_us = std::max(next_us_, sys::SteadyMs() * kThousand);
    next_us_ = begin_us + bytes * kThousand * kThousand / bytes_per_second_;
    begin = begin_us / kThousand;
  }
  for (std::uint64_t now = sys::SteadyMs(); now < begin && !job_.monitor->abort;
       now = sys::SteadyMs()) {
    sys::Pause(static_cast<long>(std::min(begin - now, kNap_ms)));
  }
}

}  // namespace cura
