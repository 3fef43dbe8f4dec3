// Makes entries from stat results.
#include "base/entry.h"

#include <sys/stat.h>

namespace cura {

Type TypeOf(std::uint32_t mode) {
  switch (mode & S_IFMT) {
    case S_IFDIR:
      return Type::kDirectory;
    case S_IFLNK:
      return Type::kSymlink;
    case S_IFIFO:
      return Type::kFifo;
    case S_IFCHR:
      return Type::kCharDevice;
    case S_IFBLK:
      return Type::kBlockDevice;
    case S_IFSOCK:
      return Type::kSocket;
    default:
      return Type::kFile;
  }
}

std::uint32_t TypeBits(Type type) {
  switch (type) {
    case Type::kDirectory:
      return S_IFDIR;
    case Type::kSymlink:
      return S_IFLNK;
    case Type::kFifo:
      return S_IFIFO;
    case Type::kCharDevice:
      return S_IFCHR;
    case Type::kBlockDevice:
      return S_IFBLK;
    case Type::kSocket:
      return S_IFSOCK;
    case Type::kFile:
      break;
  }
  return S_IFREG;
}

Entry EntryOf(const sys::Stat& stat) {
  constexpr std::uint32_t kPermissionBits = 07777;
  Entry entry;
  entry.type = TypeOf(stat.mode);
  entry.linked = stat.nlink > 1 && entry.type != Type::kDirectory;
  entry.mode = static_cast<std::uint16_t>(stat.mode & kPermissionBits);
  entry.uid = stat.uid;
  entry.gid = stat.gid;
  const bool sized = entry.type == Type::kFile || entry.type == Type::kSymlink;
  entry.size = sized ? stat.size : 0;
  entry.mtime = stat.mtime;
  entry.ctime = stat.ctime;
  // All zero means "not proven", so replace a real ctime of zero by the next value.
  if (entry.ctime == Timestamp{}) entry.ctime = {0, 1};
  entry.dev = stat.dev;
  entry.ino = stat.ino;
  entry.rdev = IsSpecial(entry.type) ? stat.rdev : 0;
  entry.allocated = stat.allocated;
  entry.nlink = stat.nlink;
  return entry;
}

}  // namespace cura
