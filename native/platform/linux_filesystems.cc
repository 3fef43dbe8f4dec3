// Describes Linux filesystems: one table by kind, and the identity of each filesystem.
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

#include "platform/kernel.h"
#include "platform/sys.h"

namespace cura::sys {

namespace {

// How to recognize a filesystem after it is mounted again.
enum class KnownBy : std::uint8_t {
  kNothing,  // it may not keep inode numbers or ctimes
  kFsid,     // by statfs: its UUID, folded
  kXfsUuid,
  kBtrfsUuid,
  kUuid,      // by FS_IOC_GETFSUUID
  kNfsFsid,   // by the server's filesystem
  kCephFsid,  // by the cluster
};

enum Traits : unsigned {
  kReflinks = 1,      // files may share blocks
  kReportsHoles = 2,  // SEEK_DATA finds all data, even if it is not on disk yet
  kSyncs = 4,         // syncfs reaches the disk for every user of the filesystem
  kLocal = 8,         // no other machine mounts it
};

struct Kind {
  unsigned long magic;
  const char* name;
  unsigned traits;
  KnownBy known_by;
  std::uint64_t most_links;  // 0: unknown, or no limit
};

constexpr unsigned kDisk = kSyncs | kLocal;
constexpr Kind kOther{0, nullptr, 0, KnownBy::kNothing, 0};
constexpr std::array kKinds = {
    // Also ext2 and ext3.
    Kind{EXT4_SUPER_MAGIC, "ext4", kReportsHoles | kDisk, KnownBy::kFsid, 65'000},
    Kind{XFS_SUPER_MAGIC, "xfs", kReflinks | kReportsHoles | kDisk, KnownBy::kXfsUuid, 0},
    Kind{BTRFS_SUPER_MAGIC, "btrfs", kReflinks | kReportsHoles | kDisk, KnownBy::kBtrfsUuid,
         65'535},
    Kind{TMPFS_MAGIC, "tmpfs", kReportsHoles | kDisk, KnownBy::kUuid, 0},
    Kind{RAMFS_MAGIC, "ramfs", kDisk, KnownBy::kNothing, 0},
    Kind{NFS_SUPER_MAGIC, "nfs", kReflinks | kSyncs, KnownBy::kNfsFsid, 0},
    Kind{OVERLAYFS_SUPER_MAGIC, "overlayfs", kReflinks | kReportsHoles | kDisk, KnownBy::kNothing,
         0},
    Kind{F2FS_SUPER_MAGIC, "f2fs", kReportsHoles | kDisk, KnownBy::kUuid, 0},
    Kind{FUSE_SUPER_MAGIC, "fuse", 0, KnownBy::kNothing, 0},
    Kind{MSDOS_SUPER_MAGIC, "vfat", kDisk, KnownBy::kNothing, 0},
    Kind{0x2fc12fc1, "zfs", kReflinks | kDisk, KnownBy::kFsid, 0},
    Kind{0xca451a4e, "bcachefs", kReflinks | kDisk, KnownBy::kUuid, 0},
    Kind{0xff534d42, "cifs", 0, KnownBy::kNothing, 0},
    Kind{0xfe534d42, "smb2", 0, KnownBy::kNothing, 0},
    Kind{0x2011bab0, "exfat", kDisk, KnownBy::kNothing, 0},
    Kind{0x7366746e, "ntfs3", kDisk, KnownBy::kNothing, 0},
    Kind{0x00c36400, "ceph", kSyncs, KnownBy::kCephFsid, 0},
    Kind{0x3153464a, "jfs", kDisk, KnownBy::kUuid, 0},
    Kind{NILFS_SUPER_MAGIC, "nilfs2", kDisk, KnownBy::kUuid, 0},
    Kind{REISERFS_SUPER_MAGIC, "reiserfs", kDisk, KnownBy::kNothing, 0},
    Kind{0x0000482b, "hfsplus", kDisk, KnownBy::kNothing, 0},
    Kind{0x15013346, "udf", kDisk, KnownBy::kNothing, 0},
    Kind{0x24051905, "ubifs", kDisk, KnownBy::kUuid, 0},
    Kind{0x00011954, "ufs", kDisk, KnownBy::kUuid, 0},
    Kind{0x01161970, "gfs2", kSyncs, KnownBy::kNothing, 0},
    Kind{0x7461636f, "ocfs2", kReflinks | kSyncs, KnownBy::kNothing, 0},
};

const Kind& KindOf(const struct statfs& raw) {
  const auto* found = std::find_if(kKinds.begin(), kKinds.end(), [&](const Kind& kind) {
    return kind.magic == static_cast<unsigned long>(raw.f_type);
  });
  return found != kKinds.end() ? *found : kOther;
}

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

// Empty if all bytes are zero, because such a UUID identifies nothing.
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

// The UUID of the filesystem, which its subvolumes and their snapshots share.
std::string BtrfsUuid(int fd) {
  struct btrfs_ioctl_fs_info_args info {};
  return ::ioctl(fd, BTRFS_IOC_FS_INFO, &info) == 0 ? Hex(info.fsid, sizeof(info.fsid))
                                                    : std::string();
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

// From the kernel's table of NFS volumes, with the columns version, server, port, device, fsid.
std::string NfsId(std::uint64_t dev) {
  const std::string device = std::to_string(major(dev)) + ":" + std::to_string(minor(dev));
  const std::string table = kernel::ReadText("/proc/fs/nfsfs/volumes");
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

// Empty if nothing identifies the filesystem.
std::string IdOf(int fd, const struct statfs& raw, std::uint64_t dev) {
  switch (KindOf(raw).known_by) {
    case KnownBy::kFsid:
    case KnownBy::kCephFsid:
      return FoldedId(raw);
    case KnownBy::kXfsUuid:
      return XfsUuid(fd);
    case KnownBy::kBtrfsUuid:
      return BtrfsUuid(fd);
    case KnownBy::kUuid:
      return GenericUuid(fd);
    case KnownBy::kNfsFsid:
      return NfsId(dev);
    case KnownBy::kNothing:
      break;
  }
  return {};
}

}  // namespace

int SpaceOf(int fd, Space* out) {
  struct statfs raw {};
  if (::fstatfs(fd, &raw) != 0) return -1;
  const Kind& kind = KindOf(raw);
  std::array<char, 24> hex{};
  std::snprintf(hex.data(), hex.size(), "0x%lx", static_cast<unsigned long>(raw.f_type));
  const auto unit = static_cast<std::uint64_t>(raw.f_frsize > 0 ? raw.f_frsize : raw.f_bsize);
  out->filesystem = kind.name != nullptr ? kind.name : hex.data();
  out->can_reflink = (kind.traits & kReflinks) != 0;
  out->reports_holes = (kind.traits & kReportsHoles) != 0;
  out->syncs_whole = (kind.traits & kSyncs) != 0;
  out->most_links = kind.most_links;
  out->total_bytes = raw.f_blocks * unit;
  out->available_bytes = raw.f_bavail * unit;
  // Root may use the reserved blocks.
  out->free_bytes = EffectiveUser() == 0 ? raw.f_bfree * unit : out->available_bytes;
  out->total_inodes = raw.f_files;
  out->free_inodes = raw.f_ffree;
  return 0;
}

bool IsLocal(int fd) {
  struct statfs raw {};
  return ::fstatfs(fd, &raw) == 0 && (KindOf(raw).traits & kLocal) != 0;
}

Volume VolumeOf(int fd) {
  struct statfs raw {};
  Stat stat;
  if (::fstatfs(fd, &raw) != 0 || StatFd(fd, &stat) != 0) return {};
  std::array<char, 32> type{};
  std::snprintf(type.data(), type.size(), "%lx:", static_cast<unsigned long>(raw.f_type));
  const KnownBy by = KindOf(raw).known_by;
  const bool is_served = by == KnownBy::kNfsFsid || by == KnownBy::kCephFsid;
  if (std::string id = IdOf(fd, raw, stat.dev); !id.empty()) {
    return {is_served ? InodeTrust::kServer : InodeTrust::kInodes, type.data() + id};
  }
  const std::string boot = BootId();
  if (!stat.mount_is_unique || boot.empty()) return {};
  const std::string mount = std::to_string(stat.mount) + ":" + std::to_string(stat.dev);
  return {InodeTrust::kMount, type.data() + boot + ":" + mount};
}

}  // namespace cura::sys
