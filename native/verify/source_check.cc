// Walks the record beside the live tree, and reads each file that looks as recorded.
#include "verify/source_check.h"

#include <algorithm>
#include <memory>
#include <unordered_map>
#include <utility>

#include "file/copy.h"
#include "manifest/frame.h"
#include "manifest/manifest.h"
#include "restore/stored_tree.h"
#include "store/stored_snapshot.h"
#include "tree/tree_editor.h"
#include "verify/paced_read.h"

namespace cura {

namespace {

// Whether an errno means that another entry is there now, or none.
bool IsReplaced(int code) {
  return code == ENOENT || code == ENOTDIR || code == ELOOP || code == kChangedCode;
}

bool IsAsRecorded(const sys::Stat& stat, const Entry& recorded) {
  return TypeOf(stat.mode) == Type::kFile && stat.ino == recorded.ino &&
         stat.size == recorded.size && stat.mtime == recorded.mtime && stat.ctime == recorded.ctime;
}

bool IsProven(const Entry& recorded) {
  return recorded.ino != 0 && recorded.ctime != Timestamp{} && recorded.ctime != kPassedOver &&
         recorded.digest != kNoDigest;
}

class SourceCheck {
 public:
  SourceCheck(const Fd& store, const SourceCheckOptions& options, const JobContext& job)
      : store_(store), options_(options), job_(job) {}

  Result<SourceChecked> Run();

 private:
  // A recorded directory and the live one, which is null if that is gone.
  struct Pair {
    DirId id = 0;
    std::shared_ptr<Dir> live;
    std::string path;
  };
  // A live name of a recorded file.
  struct Live {
    int dir = -1;
    std::string name;
    std::string path;  // in the manifest
  };

  void CheckSource(const Source& source);
  void StartFile(const Entry& recorded);
  void CheckDirectory(const Pair& pair);
  void CheckFile(const Live& live, const Entry& recorded);
  void ReadFile(const Live& live, const Entry& recorded);
  void AddRotten(const Live& live, const Entry& recorded, const Digest& actual);
  bool IsStoredGood(const std::string& path, const Entry& recorded);
  void Report(OsError error, const std::string& path);
  [[nodiscard]] bool is_aborted() const { return job_.monitor->abort; }

  const Fd& store_;
  const SourceCheckOptions& options_;
  const JobContext job_;
  std::shared_ptr<const Manifest> manifest_;
  std::shared_ptr<Dir> stored_;  // the snapshot, once it is needed
  ReadWindows windows_;
  const Source* source_ = nullptr;
  std::vector<Pair> left_;
  // Inodes with several names that were read, and the rotten file that each is, or kNotRotten.
  static constexpr size_t kNotRotten = ~size_t{0};
  std::unordered_map<Identity, size_t, IdentityHash> read_;
  PacedReader reader_{options_.bytes_per_second, job_};
  SourceChecked checked_;
};

Result<SourceChecked> SourceCheck::Run() {
  job_.monitor->Begin(kReadPhase);
  auto record = LoadRecord(store_, options_.snapshot);
  if (!record.ok()) return std::move(record.error());
  manifest_ = std::move(record.value().manifest);
  if (manifest_ == nullptr) {
    return OsError{ENOENT, "openat", options_.snapshot + '/' + kManifestName, {}};
  }
  for (const Source& source : options_.sources->list()) {
    CheckSource(source);
    if (is_aborted()) return Aborted();
  }
  if (auto error = manifest_->failure()) return std::move(*error);
  return std::move(checked_);
}

void SourceCheck::CheckSource(const Source& source) {
  source_ = &source;
  BlockReader top = manifest_->Directory(0, 0, &windows_);
  for (Entry entry; top.Next(&entry);) {
    if (entry.name != source.name || entry.unread) continue;
    // A source that is a file now has nothing of the directory.
    const auto live = source.base.empty() ? source.dir : nullptr;
    if (entry.type == Type::kDirectory) left_.push_back({entry.directory, live, source.name});
    if (entry.type == Type::kFile) StartFile(entry);
    break;
  }
  while (!left_.empty() && !is_aborted()) {
    const Pair pair = std::move(left_.back());
    left_.pop_back();
    CheckDirectory(pair);
  }
  left_.clear();
}

void SourceCheck::StartFile(const Entry& recorded) {
  if (source_->base.empty()) {
    ++checked_.changed;
    return;
  }
  auto above = source_->dir->Open();
  if (!above.ok()) return Report(std::move(above.error()), source_->name);
  CheckFile({above.value().fd(), source_->base, source_->name}, recorded);
}

void SourceCheck::CheckDirectory(const Pair& pair) {
  DirLease live;
  if (pair.live != nullptr) {
    auto opened = pair.live->Open();
    if (opened.ok()) {
      live = std::move(opened.value());
    } else if (!IsReplaced(opened.error().code)) {
      return Report(std::move(opened.error()), pair.path);
    }
  }
  job_.monitor->whereabouts.Pass([&] { return pair.path; });
  BlockReader block = manifest_->Directory(pair.id, 0, &windows_);
  for (Entry entry; block.Next(&entry) && !is_aborted();) {
    if (entry.unread) continue;
    const std::string name(entry.name);
    if (entry.type == Type::kDirectory) {
      left_.push_back({entry.directory,
                       live.valid() ? Dir::Child(pair.live, name, std::nullopt) : nullptr,
                       pair.path + '/' + name});
    } else if (entry.type == Type::kFile) {
      if (live.valid()) {
        CheckFile({live.fd(), name, pair.path + '/' + name}, entry);
      } else {
        ++checked_.changed;
      }
    }
  }
}

void SourceCheck::CheckFile(const Live& live, const Entry& recorded) {
  ++job_.monitor->entries;
  sys::Stat stat;
  if (sys::StatAt(live.dir, live.name.c_str(), &stat) != 0) {
    if (!IsReplaced(errno)) return Report(LastError("statx"), live.path);
    ++checked_.changed;
    return;
  }
  if (TypeOf(stat.mode) != Type::kFile) {
    ++checked_.changed;
  } else if (!IsProven(recorded)) {
    ++checked_.unknown;
  } else if (!IsAsRecorded(stat, recorded)) {
    ++checked_.changed;
  } else if (const auto known = read_.find({stat.dev, stat.ino}); known != read_.end()) {
    if (known->second == kNotRotten) return;
    RottenFile again = checked_.rotten[known->second];
    again.path = live.path;
    checked_.rotten.push_back(std::move(again));
  } else {
    ReadFile(live, recorded);
  }
}

// Looks at the inode before and after it reads, so that a write meanwhile does not look like rot.
void SourceCheck::ReadFile(const Live& live, const Entry& recorded) {
  const Fd file = OpenToRead(live.dir, live.name.c_str(), job_.monitor);
  sys::Stat stat;
  if (!file.valid() || sys::StatFd(file.get(), &stat) != 0) {
    OsError error = LastError(file.valid() ? "statx" : "openat");
    if (error.code == ECANCELED) return;
    if (error.code == EIO) return AddRotten(live, recorded, kNoDigest);
    if (!IsReplaced(error.code)) return Report(std::move(error), live.path);
    ++checked_.changed;
    return;
  }
  if (!IsAsRecorded(stat, recorded)) {
    ++checked_.changed;
    return;
  }
  HashedBytes hashed;
  Status error = reader_.Hash(file, {stat.size}, &hashed);
  const Digest& actual = hashed.digest;
  checked_.bytes += hashed.bytes;
  if (error && error->code == ECANCELED) return;
  sys::Stat after;
  if (sys::StatFd(file.get(), &after) != 0) return Report(LastError("statx"), live.path);
  const bool is_unreadable = error && error->code == EIO;
  if (error && !is_unreadable) return Report(std::move(*error), live.path);
  if (!IsAsRecorded(after, recorded)) {
    ++checked_.changed;
    return;
  }
  if (!is_unreadable) ++checked_.files;
  if (recorded.linked) read_.emplace(Identity{stat.dev, stat.ino}, kNotRotten);
  if (actual == recorded.digest) return;
  if (!is_unreadable && actual == kNoDigest) {  // nothing could compute it
    ++checked_.unknown;
    return;
  }
  AddRotten(live, recorded, actual);
  const auto read = read_.find({stat.dev, stat.ino});
  if (read != read_.end()) read->second = checked_.rotten.size() - 1;
}

void SourceCheck::AddRotten(const Live& live, const Entry& recorded, const Digest& actual) {
  const bool is_good = IsStoredGood(live.path, recorded);
  checked_.rotten.push_back({live.path, recorded.size, recorded.digest, actual, is_good});
}

bool SourceCheck::IsStoredGood(const std::string& path, const Entry& recorded) {
  if (stored_ == nullptr) {
    Fd root(sys::OpenAt(store_.get(), options_.snapshot.c_str(), sys::kOpenDirectory));
    if (!root.valid()) return false;
    stored_ = Dir::Root(job_.budget, std::move(root), sys::kOpenPath, options_.snapshot);
  }
  const SplitPath split = SplitLast(path);
  Finder finder(stored_);
  auto above = finder.Open(split.above);
  if (!above.ok()) return false;
  const Site site{above.value().fd(), std::string(split.name), stored_.get()};
  const Fd file = OpenStored(site, recorded, manifest_->is_in_place(), job_.monitor);
  HashedBytes hashed;
  return file.valid() && !reader_.Hash(file, {recorded.size}, &hashed) &&
         hashed.digest == recorded.digest;
}

void SourceCheck::Report(OsError error, const std::string& path) {
  error.path = source_->path;
  const std::string below = path.substr(source_->name.size());
  while (!below.empty() && error.path.ends_with('/')) error.path.pop_back();
  error.path += below;
  job_.failures->Add(std::move(error));
}

}  // namespace

Result<SourceChecked> CheckSources(const Fd& store, const SourceCheckOptions& options,
                                   const JobContext& job) {
  return SourceCheck(store, options, job).Run();
}

}  // namespace cura
