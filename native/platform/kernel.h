// Structures of the Linux kernel that old or small C libraries do not declare.
#pragma once

#include <cstdint>
#include <string>

namespace cura::kernel {

// An entry in the buffer that getdents64 fills: `length` bytes, with a NUL after the name.
struct Dirent {
  std::uint64_t ino;
  std::int64_t offset;
  unsigned short length;
  unsigned char type;
  char name[1];
};

struct StatxTime {
  std::int64_t seconds;
  std::uint32_t nanoseconds;
  std::int32_t reserved;
};

// The result of statx(2).
struct Statx {
  std::uint32_t mask;
  std::uint32_t block_size;
  std::uint64_t attributes;
  std::uint32_t nlink;
  std::uint32_t uid;
  std::uint32_t gid;
  std::uint16_t mode;
  std::uint16_t reserved;
  std::uint64_t ino;
  std::uint64_t size;
  std::uint64_t blocks;  // of 512 bytes each
  std::uint64_t known_attributes;
  StatxTime atime;
  StatxTime birth;
  StatxTime ctime;
  StatxTime mtime;
  std::uint32_t rdev_major;
  std::uint32_t rdev_minor;
  std::uint32_t dev_major;
  std::uint32_t dev_minor;
  std::uint64_t mount;  // since Linux 5.8; valid if `mask` says so
  std::uint64_t later[13];
};
static_assert(sizeof(Statx) == 256);

constexpr unsigned kStatxBasic = 0x7ff;  // all fields of stat
constexpr unsigned kStatxMount = 0x1000;
constexpr unsigned kStatxUniqueMount = 0x4000;  // since Linux 6.8, instead of the reusable mount ID

// Reads up to 64 KiB of a file in /proc or /sys; empty if it cannot be read.
std::string ReadText(const char* path);

}  // namespace cura::kernel
