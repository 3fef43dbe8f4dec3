// Writes a new file beside the old one, and renames it.
#include "store/replace_file.h"

#include "base/entry.h"
#include "manifest/writer.h"

namespace cura {

namespace {

std::string NewName(const std::string& name) { return name + ".new"; }

Status WriteAndRename(const Fd& dir, const std::string& name, std::string_view bytes) {
  const std::string fresh = NewName(name);
  Fd file(sys::CreateAt(dir.get(), fresh.c_str()));
  if (!file.valid()) return LastError("openat", fresh);
  if (auto error = WriteAll(file, bytes, fresh.c_str())) return error;
  // Some filesystems cannot sync single files.
  const bool is_synced = sys::SyncFile(file.get()) == 0 || errno == EINVAL || IsUnsupported(errno);
  if (!is_synced) return LastError("fsync", fresh);
  if (file.Close() != 0) return LastError("close", fresh);
  if (sys::RenameAt(dir.get(), fresh.c_str(), dir.get(), name.c_str()) == 0) return std::nullopt;
  return LastError("renameat", fresh, name);
}

}  // namespace

Status ReplaceFile(const Fd& dir, const std::string& name, std::string_view bytes) {
  RemoveUnfinishedFile(dir, name);
  auto error = WriteAndRename(dir, name, bytes);
  if (error) RemoveUnfinishedFile(dir, name);
  return error;
}

void RemoveUnfinishedFile(const Fd& dir, const std::string& name) {
  sys::UnlinkAt(dir.get(), NewName(name).c_str());
}

Fd OpenReplaced(const Fd& dir, const char* name, std::uint64_t* size) {
  Fd file(sys::OpenAt(dir.get(), name, sys::kOpenFile));
  sys::Stat stat;
  const bool is_ours = file.valid() && sys::StatFd(file.get(), &stat) == 0 &&
                       TypeOf(stat.mode) == Type::kFile && stat.size / 1024 <= stat.allocated;
  if (!is_ours) return Fd();
  *size = stat.size;
  return file;
}

}  // namespace cura
