// Walks the record beside the live tree, and reads each file that looks as recorded.
#include "verify/source_check.h"

#include <algorithm>
#include <array>
#include <memory>
#include <unordered_map>
#include <utility>

#include "file/copy.h"
#include "file/digest.h"
#include "manifest/frame.h"
#include "manifest/manifest.h"
#include "restore/stored_tree.h"
#include "store/stored_snapshot.h"
#include "tree/tree_editor.h"
#include "tree/trusted_path.h"

namespace cura {

namespace {

constexpr size_t kBuffer = 256 * 1024;

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

// "a/b/" is "a" and "b"; "b" is "." and "b".
std::pair<std::string, std::string> SplitOperand(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return {".", path};
  return {slash == 0 ? "/" : path.substr(0, slash), path.substr(slash + 1)};
}

// A file by its parent.
struct Operand {
  Fd parent;
  std::string base;
};

// Follows a symlink to the file only if root or the running user owns it, as OpenTrusted does.
Result<Operand> OpenFileOperand(std::string path) {
  constexpr int kMostLinks = 40;
  for (int links = 0; links < kMostLinks; ++links) {
    auto [above, base] = SplitOperand(path);
    auto opened = OpenTrusted(above);
    if (!opened.ok()) return std::move(opened.error());
    if (!opened.value().missing.empty()) return OsError{ENOENT, "open", path, {}};
    Operand operand{std::move(opened.value().fd), base};
    sys::Stat stat;
    if (sys::StatAt(operand.parent.get(), base.c_str(), &stat) != 0) {
      return LastError("statx", path);
    }
    if (TypeOf(stat.mode) != Type::kSymlink) return operand;
    if (stat.uid != 0 && stat.uid != sys::EffectiveUser()) {
      return OsError{kForeignLinkCode, "open", path, {}};
    }
    std::array<char, 4097> buffer{};
    const ssize_t size =
        sys::ReadLinkAt(operand.parent.get(), base.c_str(), buffer.data(), buffer.size() - 1);
    if (size < 0) return LastError("readlinkat", path);
    const std::string target(buffer.data(), static_cast<size_t>(size));
    path = target.starts_with('/') ? target : above + '/' + target;
  }
  return OsError{ELOOP, "open", path, {}};
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

  void CheckSource(const SourceCheckOptions::Named& source);
  void StartDirectory(const Entry& recorded);
  void StartFile(const Entry& recorded);
  void CheckDirectory(const Pair& pair);
  void CheckFile(const Live& live, const Entry& recorded);
  void ReadFile(const Live& live, const Entry& recorded);
  Status Hash(const Fd& file, std::uint64_t size, Digest* digest, std::uint64_t* length);
  void AddRotten(const Live& live, const Entry& recorded, const Digest& actual);
  bool IsStoredGood(const std::string& path, const Entry& recorded);
  void Throttle(std::uint64_t bytes);
  void Report(OsError error, const std::string& path);
  [[nodiscard]] bool is_aborted() const { return job_.monitor->abort; }

  const Fd& store_;
  const SourceCheckOptions& options_;
  const JobContext job_;
  std::shared_ptr<const Manifest> manifest_;
  std::shared_ptr<Dir> stored_;  // the snapshot, once it is needed
  ReadWindows windows_;
  const SourceCheckOptions::Named* source_ = nullptr;
  std::vector<Pair> left_;
  // Inodes with several names that were read, and the rotten file that each is, or kNotRotten.
  static constexpr size_t kNotRotten = ~size_t{0};
  std::unordered_map<Identity, size_t, IdentityHash> read_;
  std::uint64_t next_us_ = 0;  // when the next bytes may be read
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
  for (const SourceCheckOptions::Named& source : options_.sources) {
    CheckSource(source);
    if (is_aborted()) return Aborted();
  }
  if (auto error = manifest_->failure()) return std::move(*error);
  return std::move(checked_);
}

void SourceCheck::CheckSource(const SourceCheckOptions::Named& source) {
  source_ = &source;
  BlockReader top = manifest_->Directory(0, 0, &windows_);
  for (Entry entry; top.Next(&entry);) {
    if (entry.name != source.name || entry.unread) continue;
    if (entry.type == Type::kDirectory) StartDirectory(entry);
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

void SourceCheck::StartDirectory(const Entry& recorded) {
  auto opened = OpenTrusted(source_->path);
  if (!opened.ok() && opened.error().code == ENOTDIR) {
    left_.push_back({recorded.directory, nullptr, source_->name});
    return;
  }
  if (!opened.ok()) return Report(std::move(opened.error()), source_->name);
  if (!opened.value().missing.empty()) return Report({ENOENT, "open", {}, {}}, source_->name);
  auto live = Dir::Root(job_.budget, std::move(opened.value().fd), sys::kOpenPath, source_->path);
  left_.push_back({recorded.directory, std::move(live), source_->name});
}

void SourceCheck::StartFile(const Entry& recorded) {
  auto operand = OpenFileOperand(source_->path);
  if (!operand.ok()) return Report(std::move(operand.error()), source_->name);
  CheckFile({operand.value().parent.get(), operand.value().base, source_->name}, recorded);
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
  Digest actual = kNoDigest;
  std::uint64_t length = 0;
  Status error = Hash(file, stat.size, &actual, &length);
  checked_.bytes += length;
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

// Reads from the disk as far as the system lets itself be told so: the cache hides its rot.
Status SourceCheck::Hash(const Fd& file, std::uint64_t size, Digest* digest,
                         std::uint64_t* length) {
  thread_local const std::unique_ptr<char[]> buffer(new char[kBuffer]);
  sys::DropCached(file.get(), 0, size);
  ContentHash hash(true);
  hash.Start();
  while (*length < size) {
    if (is_aborted()) return Aborted();
    const auto chunk = static_cast<size_t>(std::min<std::uint64_t>(size - *length, kBuffer));
    Throttle(chunk);
    const ssize_t got = sys::Read(file.get(), buffer.get(), chunk);
    if (got < 0) return LastError("read");
    if (got == 0) break;  // it has shrunk
    hash.Add(buffer.get(), static_cast<size_t>(got));
    *length += static_cast<std::uint64_t>(got);
    job_.monitor->bytes += static_cast<std::uint64_t>(got);
  }
  sys::DropCached(file.get(), 0, size);
  *digest = hash.Finish();
  return std::nullopt;
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
  const size_t slash = path.rfind('/');
  const bool is_top = slash == std::string::npos;
  Finder finder(stored_);
  auto above = finder.Open(is_top ? std::string() : path.substr(0, slash));
  if (!above.ok()) return false;
  const Site site{above.value().fd(), is_top ? path : path.substr(slash + 1), stored_.get()};
  const Fd file = OpenStored(site, recorded, manifest_->is_in_place(), job_.monitor);
  Digest digest = kNoDigest;
  std::uint64_t length = 0;
  return file.valid() && !Hash(file, recorded.size, &digest, &length) && digest == recorded.digest;
}

// Waits until so many bytes more are within the limit.
void SourceCheck::Throttle(std::uint64_t bytes) {
  if (options_.bytes_per_second == 0) return;
  constexpr std::uint64_t kThousand = 1000;
  constexpr std::uint64_t kNap_ms = 100;
  const std::uint64_t begin_us = std::max(next_us_, sys::SteadyMs() * kThousand);
  next_us_ = begin_us + bytes * kThousand * kThousand / options_.bytes_per_second;
  const std::uint64_t begin = begin_us / kThousand;
  for (std::uint64_t now = sys::SteadyMs(); now < begin && !is_aborted(); now = sys::SteadyMs()) {
    sys::Pause(static_cast<long>(std::min(begin - now, kNap_ms)));
  }
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
