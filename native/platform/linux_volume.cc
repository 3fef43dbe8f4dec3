// Tells filesystems apart on Linux, and says how far their inode numbers and times are kept.
#include <fcntl.h>
#include <linux/btrfs.h>
#include <linux/magic.h>
#include <sys/ioctl.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <string_view>
#include <vector>

#include "../fd.h"
#include "sys.h"

namespace cura::sys {

namespace {

// Magic numbers that linux/magic.h does not have.
constexpr unsigned long kZfs = 0x2fc12fc1;
constexpr unsigned long kBcachefs = 0xca451a4e;
constexpr unsigned long kJfs = 0x3153464a;
constexpr unsigned long kUbifs = 0x24051905;
constexpr unsigned long kUfs = 0x00011954;
constexpr unsigned long kUfs2 = 0x19540119;
constexpr unsigned long kCephFs = 0x00c36400;

// FS_IOC_GETFSUUID, since Linux 6.9.
struct FilesystemUuid {
  std::uint8_t length;
  std::uint8_t bytes[16];
};
constexpr unsigned long kGetFilesystemUuid = _IOR(0x15, 0, FilesystemUuid);

// XFS_IOC_FSGEOMETRY_V1; see xfs_fs.h.
struct XfsGeometry {
  std::uint32_t sizes[8];
  std::uint64_t blocks[4];
  std::uint8_t uuid[16];
  std::uint32_t rest[8];
};
static_assert(sizeof(XfsGeometry) == 112);
constexpr unsigned long kXfsGeometry = _IOR('X', 100, XfsGeometry);

// Empty where all bytes are zero: such a UUID identifies nothing.
std::string Hex(const void* bytes, size_t size) {
  std::string text;
  bool is_set = false;
  for (size_t i = 0; i < size; ++i) {
    const auto byte = static_cast<const unsigned char*>(bytes)[i];
    is_set = is_set || byte != 0;
    std::array<char, 3> digits{};
    std::snprintf(digits.data(), digits.size(), "%02x", byte);
    text += digits.data();
  }
  return is_set ? text : std::string();
}

std::string FoldedId(const struct statfs& raw) { return Hex(&raw.f_fsid, sizeof(raw.f_fsid)); }

std::string GenericUuid(int fd) {
  FilesystemUuid uuid{};
  if (::ioctl(fd, kGetFilesystemUuid, &uuid) != 0) return {};
  return Hex(uuid.bytes, std::min<size_t>(uuid.length, sizeof(uuid.bytes)));
}

std::string XfsUuid(int fd) {
  XfsGeometry geometry{};
  return ::ioctl(fd, kXfsGeometry, &geometry) == 0 ? Hex(geometry.uuid, sizeof(geometry.uuid))
                                                   : std::string();
}

// The filesystem's, which its subvolumes and their snapshots share.
std::string BtrfsUuid(int fd) {
  struct btrfs_ioctl_fs_info_args info {};
  return ::ioctl(fd, BTRFS_IOC_FS_INFO, &info) == 0 ? Hex(info.fsid, sizeof(info.fsid))
                                                    : std::string();
}

// The UUID of a filesystem that keeps inode numbers and ctimes; empty for one that may not.
std::string KeptId(int fd, const struct statfs& raw) {
  switch (static_cast<unsigned long>(raw.f_type)) {
    case EXT4_SUPER_MAGIC:  // ext2 and ext3, too: their fsid is the UUID, folded
    case kZfs:
      return FoldedId(raw);
    case XFS_SUPER_MAGIC:
      return XfsUuid(fd);
    case BTRFS_SUPER_MAGIC:
      return BtrfsUuid(fd);
    case TMPFS_MAGIC:
    case F2FS_SUPER_MAGIC:
    case NILFS_SUPER_MAGIC:
    case kBcachefs:
    case kJfs:
    case kUbifs:
    case kUfs:
    case kUfs2:
      return GenericUuid(fd);
    default:
      return {};
  }
}

std::string ReadText(const char* path) {
  const Fd fd(OpenAt(AT_FDCWD, path, O_RDONLY));
  std::string text(64 * 1024, '\0');
  const ssize_t size = fd.valid() ? ReadFull(fd.get(), text.data(), text.size()) : -1;
  text.resize(size > 0 ? static_cast<size_t>(size) : 0);
  return text;
}

// The words of a line.
std::vector<std::string_view> WordsOf(std::string_view line) {
  std::vector<std::string_view> words;
  for (size_t at = line.find_first_not_of(' '); at < line.size();) {
    const size_t end = std::min(line.find(' ', at), line.size());
    words.push_back(line.substr(at, end - at));
    at = line.find_first_not_of(' ', end);
  }
  return words;
}

// By the kernel's table of NFS volumes, whose lines are: version, server, port, device, fsid.
std::string NfsId(std::uint64_t dev) {
  const std::string device = std::to_string(major(dev)) + ":" + std::to_string(minor(dev));
  const std::string table = ReadText("/proc/fs/nfsfs/volumes");
  for (size_t at = 0; at < table.size();) {
    const size_t end = std::min(table.find('\n', at), table.size());
    const auto words = WordsOf(std::string_view(table).substr(at, end - at));
    at = end + 1;
    if (words.size() < 5 || words[3] != device) continue;
    if (words[4] == "0:0") return {};
    return std::string(words[1]) + " " + std::string(words[4]);
  }
  return {};
}

// What one server says of one of its filesystems.
std::string ServedId(const struct statfs& raw, std::uint64_t dev) {
  const auto type = static_cast<unsigned long>(raw.f_type);
  if (type == NFS_SUPER_MAGIC) return NfsId(dev);
  return type == kCephFs ? FoldedId(raw) : std::string();
}

}  // namespace

Volume VolumeOf(int fd) {
  struct statfs raw {};
  Stat stat;
  if (::fstatfs(fd, &raw) != 0 || StatFd(fd, &stat) != 0) return {};
  std::array<char, 32> type{};
  std::snprintf(type.data(), type.size(), "%lx:", static_cast<unsigned long>(raw.f_type));
  if (std::string id = KeptId(fd, raw); !id.empty()) return {Trust::kInodes, type.data() + id};
  if (std::string id = ServedId(raw, stat.dev); !id.empty()) {
    return {Trust::kServer, type.data() + id};
  }
  const std::string boot = BootId();
  if (!stat.mount_is_unique || boot.empty()) return {};
  const std::string mount = std::to_string(stat.mount) + ":" + std::to_string(stat.dev);
  return {Trust::kMount, type.data() + boot + ":" + mount};
}

}  // namespace cura::sys
