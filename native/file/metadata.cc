// Reads and sets metadata, and turns the limits of users and filesystems into notes.
#include "file/metadata.h"

#include <sys/stat.h>

#include <algorithm>
#include <string_view>

namespace cura {

namespace {

ssize_t List(const Place& place, char* names, size_t size) {
  return place.fd >= 0 ? sys::ListXattrFd(place.fd, names, size)
                       : sys::ListXattrAt(place.dir, place.name, names, size);
}

ssize_t Get(const Place& place, const char* key, void* value, size_t size) {
  return place.fd >= 0 ? sys::GetXattrFd(place.fd, key, value, size)
                       : sys::GetXattrAt(place.dir, place.name, key, value, size);
}

// Calls `read` with growing buffers until the answer fits. Returns -1 with errno set on failure.
template <typename Read>
int ReadWhole(const Read& read, std::string* out) {
  constexpr size_t kFirst = 1024;
  constexpr size_t kLargest = 1U << 20U;
  for (size_t size = kFirst; size <= kLargest; size *= 8) {
    out->resize(size);
    const ssize_t length = read(out->data(), size);
    if (length >= 0) {
      out->resize(static_cast<size_t>(length));
      return 0;
    }
    if (errno != ERANGE) return -1;
  }
  return -1;
}

int SetXattr(const Place& place, const std::string& key, const std::string& value) {
  return place.fd >= 0
             ? sys::SetXattrFd(place.fd, key.c_str(), value.data(), value.size())
             : sys::SetXattrAt(place.dir, place.name, key.c_str(), value.data(), value.size());
}

// The kind of a note about an attribute: its namespace.
std::string NoteOf(const std::string& key) { return "xattr:" + key.substr(0, key.find('.')); }

// Setting some attributes needs write permission, which the mode may take away.
enum class Which : std::uint8_t { kWritable, kOthers };

Status SetXattrs(const NewInode& fresh, const Xattrs& xattrs, Which which, Failures* failures) {
  for (const auto& [key, value] : xattrs) {
    if (sys::NeedsWritePermission(key) != (which == Which::kWritable)) continue;
    if (SetXattr(fresh.place, key, value) == 0) continue;
    // ENOSPC is either ext4's limit on the attributes of an inode, or a full disk, which the next
    // write reveals.
    const bool limit = IsRefused(errno) || errno == ENOSPC || errno == E2BIG || errno == ERANGE;
    if (!limit) return LastError("setxattr", fresh.path());
    failures->AddNote(NoteOf(key), fresh.path());
  }
  return std::nullopt;
}

int Chown(const Place& place, std::uint32_t uid, std::uint32_t gid) {
  return place.fd >= 0 ? sys::ChownFd(place.fd, uid, gid)
                       : sys::ChownAt(place.dir, place.name, uid, gid);
}

// Sets the owner as far as this user may. Returns whether the owner is now that of the entry.
Result<bool> SetOwner(const NewInode& fresh, const Entry& entry, Failures* failures) {
  const bool same_uid = fresh.actual.uid == entry.uid;
  const bool same_gid = fresh.actual.gid == entry.gid;
  if (same_uid && same_gid) return true;
  constexpr auto kKeep = static_cast<std::uint32_t>(-1);
  // Any user may set a group that they belong to, so an ordinary user sets the group without the
  // user ID, which would fail.
  const std::uint32_t uid = sys::IsPrivileged() ? entry.uid : kKeep;
  const bool nothing_to_do = uid == kKeep && same_gid;
  const int done = nothing_to_do ? 0 : Chown(fresh.place, uid, entry.gid);
  if (done != 0 && !IsRefused(errno)) return LastError("fchown", fresh.path());
  const bool whole = done == 0 && (uid != kKeep || same_uid);
  if (!whole) failures->AddNote("owner", fresh.path());
  return whole;
}

constexpr std::uint32_t kPermissionBits = 07777;

// The mode for an entry. Without the right owner it loses setuid and setgid, because a program must
// not gain the rights of the user who runs the backup.
std::uint32_t ModeFor(const Entry& entry, bool owner_is_right) {
  const bool is_safe = owner_is_right || entry.type != Type::kFile;
  return is_safe ? entry.mode : entry.mode & ~static_cast<std::uint32_t>(S_ISUID | S_ISGID);
}

// If the filesystem refuses the mode, the inode keeps its initial mode, which only its owner can
// use.
Status SetMode(const NewInode& fresh, std::uint32_t mode) {
  if ((fresh.actual.mode & kPermissionBits) == mode) return std::nullopt;
  const Place& place = fresh.place;
  const int done =
      place.fd >= 0 ? sys::ChmodFd(place.fd, mode) : sys::ChmodAt(place.dir, place.name, mode);
  const bool refused = done != 0 && IsRefused(errno);
  return done == 0 || refused ? std::nullopt : Status(LastError("fchmod", fresh.path()));
}

Status SetTimes(const NewInode& fresh, const Entry& entry) {
  const Place& place = fresh.place;
  const int done = place.fd >= 0 ? sys::SetTimesFd(place.fd, entry.mtime)
                                 : sys::SetTimesAt(place.dir, place.name, entry.mtime);
  const bool refused = done != 0 && IsRefused(errno);
  return done == 0 || refused ? std::nullopt : Status(LastError("utimensat", fresh.path()));
}

// Checks what was really set. Some filesystems round times, and the kernel drops the setgid bit for
// a group that the user is not in; neither reports an error.
Status NoteLostMetadata(const NewInode& fresh, Timestamp mtime, std::optional<std::uint32_t> mode,
                        Failures* failures) {
  const Place& place = fresh.place;
  sys::Stat kept;
  const int found =
      place.fd >= 0 ? sys::StatFd(place.fd, &kept) : sys::StatAt(place.dir, place.name, &kept);
  if (found != 0) return LastError("statx", fresh.path());
  if (kept.mtime != mtime) failures->AddNote("time", fresh.path());
  if (mode && (kept.mode & kPermissionBits) != *mode) failures->AddNote("mode", fresh.path());
  return std::nullopt;
}

}  // namespace

// The user or the user namespace lacks the permission, or the filesystem does not support it.
bool IsRefused(int error) {
  return error == EPERM || error == EACCES || error == EINVAL || error == ENOTTY ||
         IsUnsupported(error);
}

Result<Xattrs> ReadXattrs(const Place& place, std::vector<std::string>* refused) {
  std::string names;
  const auto list = [&](char* buffer, size_t size) { return List(place, buffer, size); };
  if (ReadWhole(list, &names) != 0) {
    if (IsUnsupported(errno)) return Xattrs{};
    if (errno != ENOTTY) return LastError("listxattr");
    if (refused != nullptr) refused->push_back("unlisted");
    return Xattrs{};
  }
  Xattrs xattrs;
  for (size_t at = 0; at < names.size();) {
    const std::string key(names.c_str() + at);
    at += key.size() + 1;
    std::string value;
    const auto get = [&](char* buffer, size_t size) {
      return Get(place, key.c_str(), buffer, size);
    };
    if (ReadWhole(get, &value) != 0) {
      if (errno == ENODATA) continue;  // removed meanwhile
      if (!IsRefused(errno)) return LastError("getxattr");
      if (refused != nullptr) refused->push_back(key);
      continue;
    }
    xattrs.emplace_back(key, std::move(value));
  }
  std::sort(xattrs.begin(), xattrs.end());
  return xattrs;
}

std::optional<Xattrs> ReadXattrsOf(Entry* entry, const Place& place,
                                   const std::function<std::string()>& path, Failures* failures) {
  std::vector<std::string> refused;
  auto xattrs = ReadXattrs(place, &refused);
  for (const std::string& key : refused) failures->AddNote(NoteOf(key), path());
  entry->xattrs = xattrs.ok() ? DigestOf(xattrs.value()) : 0;
  if (xattrs.ok()) return std::move(xattrs.value());
  entry->ctime = {};
  xattrs.error().path = path();
  failures->Add(std::move(xattrs.error()));
  return std::nullopt;
}

Xattrs SettableByAll(Xattrs xattrs) {
  std::erase_if(xattrs, [](const auto& xattr) {
    return xattr.first.starts_with("security.") || xattr.first.starts_with("trusted.");
  });
  return xattrs;
}

std::uint64_t DigestOf(const Xattrs& xattrs) {
  if (xattrs.empty()) return 0;
  // FNV-1a detects accidental changes. Forging it gains nothing: it would only spoil the backup of
  // one's own file.
  constexpr std::uint64_t kPrime = 0x100000001B3;
  std::uint64_t hash = 0xCBF29CE484222325;
  const auto add = [&](std::string_view bytes) {
    for (const char byte : bytes) hash = (hash ^ static_cast<unsigned char>(byte)) * kPrime;
  };
  for (const auto& [key, value] : xattrs) {
    add(key);
    add(std::string_view("\0", 1));
    add(std::to_string(value.size()));
    add(value);
  }
  return hash == 0 ? 1 : hash;
}

Status DropInheritedAcls(int dir, const std::string& path) {
  for (const char* key : sys::kAclKeys) {
    if (sys::RemoveXattrFd(dir, key) == 0) continue;
    const bool has_none = errno == ENODATA || errno == EPERM || errno == EINVAL ||
                          errno == EACCES || IsUnsupported(errno);
    if (!has_none) return LastError("fremovexattr", path);
  }
  return std::nullopt;
}

Status SetMetadata(const NewInode& fresh, const Entry& entry, const Xattrs& xattrs,
                   Failures* failures) {
  auto owner = SetOwner(fresh, entry, failures);
  if (!owner.ok()) return std::move(owner.error());
  if (auto error = SetXattrs(fresh, xattrs, Which::kWritable, failures)) return error;
  std::optional<std::uint32_t> mode;
  if (entry.type != Type::kSymlink) {
    mode = ModeFor(entry, owner.value());
    if (auto error = SetMode(fresh, *mode)) return error;
  }
  if (auto error = SetXattrs(fresh, xattrs, Which::kOthers, failures)) return error;
  if (auto error = SetTimes(fresh, entry)) return error;
  return NoteLostMetadata(fresh, entry.mtime, mode, failures);
}

}  // namespace cura
