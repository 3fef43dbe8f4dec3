// Identifies filesystems, and decides what their timestamps prove.
#include "base/volumes.h"

#include <algorithm>
#include <string_view>

#include "platform/fd.h"

namespace cura {

namespace {

constexpr std::uint64_t kTrustMask = 3;

// Uses the directory's descriptor, because any descriptor on the same filesystem works, unless the
// entry is a mount point.
VolumeId AskFor(int dir, const char* name, const sys::Stat& stat) {
  sys::Stat above;
  if (sys::StatFd(dir, &above) == 0 && above.mount == stat.mount && above.dev == stat.dev) {
    return VolumeOf(dir);
  }
  const Type type = TypeOf(stat.mode);
  if (type != Type::kDirectory && type != Type::kFile) return 0;
  const Fd fd(sys::OpenAt(dir, name, type == Type::kFile ? sys::kOpenFile : sys::kOpenDirectory));
  sys::Stat opened;
  const bool is_it = fd.valid() && sys::StatFd(fd.get(), &opened) == 0 &&
                     opened.mount == stat.mount && opened.dev == stat.dev;
  return is_it ? VolumeOf(fd.get()) : 0;
}

}  // namespace

VolumeId VolumeIdOf(const sys::Volume& volume) {
  if (volume.trust == InodeTrust::kNothing || volume.id.empty()) return 0;
  // FNV-1a is enough, because filesystems collide only by accident.
  constexpr std::uint64_t kPrime = 0x100000001B3;
  std::uint64_t hash = 0xCBF29CE484222325;
  for (const char byte : volume.id) hash = (hash ^ static_cast<unsigned char>(byte)) * kPrime;
  return (hash & ~kTrustMask) | static_cast<std::uint64_t>(volume.trust);
}

InodeTrust InodeTrustOf(VolumeId volume) { return static_cast<InodeTrust>(volume & kTrustMask); }

VolumeId VolumeOf(int fd) { return VolumeIdOf(sys::VolumeOf(fd)); }

bool KeepsInodes(VolumeId volume) {
  const InodeTrust trust = InodeTrustOf(volume);
  return trust == InodeTrust::kInodes || trust == InodeTrust::kServer;
}

Identity GroupOf(const Entry& entry) {
  constexpr std::uint64_t kOdd = 0x9E3779B97F4A7C15;
  const std::uint64_t mixed = KeepsInodes(entry.volume) ? 0 : (entry.size + 1) * kOdd;
  return {entry.dev ^ mixed, entry.ino};
}

bool Volumes::HasTwins() const {
  const std::lock_guard lock(mutex_);
  for (const Known& a : known_) {
    const auto is_twin = [&](const Known& b) { return &a != &b && a.dev == b.dev; };
    if (a.mount == 0 || std::any_of(known_.begin(), known_.end(), is_twin)) return true;
  }
  return false;
}

VolumeId Volumes::Of(int dir, const char* name, const sys::Stat& stat) {
  {
    const std::lock_guard lock(mutex_);
    const auto found = std::find_if(known_.begin(), known_.end(), [&](const Known& known) {
      return known.mount == stat.mount && known.dev == stat.dev;
    });
    if (found != known_.end() && found->volume != 0) return found->volume;
  }
  const VolumeId volume = AskFor(dir, name, stat);
  const std::lock_guard lock(mutex_);
  const auto known = std::find_if(known_.begin(), known_.end(), [&](const Known& each) {
    return each.mount == stat.mount && each.dev == stat.dev;
  });
  if (known == known_.end()) {
    known_.push_back({stat.mount, stat.dev, volume});
  } else if (known->volume == 0) {
    known->volume = volume;  // an earlier entry could not be opened, but this one could
  }
  return volume;
}

bool IsSettled(Timestamp time, Timestamp seen) {
  constexpr std::uint32_t kTick_ns = 10'000'000;       // the slowest timestamp clock of any kernel
  constexpr std::int64_t kCoarse_s = 2;                // the resolution of FAT
  constexpr std::int64_t kClearlyLater_s = 24 * 3600;  // more than the clocks of two hosts differ
  constexpr std::uint32_t kSecond_ns = 1'000'000'000;
  if (seen == Timestamp{}) return false;
  if (time.sec >= seen.sec + kClearlyLater_s) return true;
  Timestamp safe = time;
  if (time.nsec == 0) {
    safe.sec += kCoarse_s;
  } else if ((safe.nsec += kTick_ns) >= kSecond_ns) {
    safe.nsec -= kSecond_ns;
    ++safe.sec;
  }
  return safe <= seen;
}

bool IsSettled(const Entry& entry, Timestamp seen) {
  return IsSettled(KeepsInodes(entry.volume) ? entry.ctime : entry.mtime, seen);
}

}  // namespace cura
