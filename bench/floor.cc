// The least a backup can do: only the system calls that cannot be avoided, in parallel by
// directory.
//
//   floor --threads N walk DIR                              getdents64 + statx of every entry
//   floor --threads N snapshot SOURCE PREVIOUS DEST NEWER   the walk, and for every entry mkdirat,
//   or
//       linkat from PREVIOUS, or, when there is none ("-") or it was modified after NEWER
//       (ns since 1970), a copy by openat, read, write and utimensat
//   floor --threads N remove DIR                            unlinkat of every entry
//
// It compares nothing, records nothing and stops at the first error.
#include <dirent.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <climits>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace {

constexpr size_t kBuffer = 256 * 1024;

[[noreturn]] void Die(const char* call, const std::string& name) {
  std::fprintf(stderr, "floor: %s %s: %s\n", call, name.c_str(), std::strerror(errno));
  _exit(1);
}

int Check(int result, const char* call, const std::string& name) {
  if (result < 0) Die(call, name);
  return result;
}

int OpenDir(int parent, const std::string& name) {
  return Check(openat(parent, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC),
               "openat", name);
}

// A directory to visit. Its descriptors stay open as long as a subdirectory needs them.
struct Dir {
  std::shared_ptr<Dir> parent;
  std::string name;
  timespec mtime{};
  int source = -1;  // the only descriptor that walk and remove use
  int previous = -1;
  int dest = -1;
  std::atomic<int> left{1};  // for remove: itself and its remaining subdirectories

  ~Dir() {
    for (const int fd : {source, previous, dest}) {
      if (fd >= 0) close(fd);
    }
  }
};
using DirPtr = std::shared_ptr<Dir>;

// Last in, first out, so that few directories are open at once.
class Queue {
 public:
  void Push(DirPtr dir) {
    const std::lock_guard lock(mutex_);
    dirs_.push_back(std::move(dir));
    ++unfinished_;
    wake_.notify_one();
  }

  // Waits for a directory. Null at the end.
  DirPtr Pop() {
    std::unique_lock lock(mutex_);
    wake_.wait(lock, [this] { return !dirs_.empty() || unfinished_ == 0; });
    if (dirs_.empty()) return nullptr;
    DirPtr dir = std::move(dirs_.back());
    dirs_.pop_back();
    return dir;
  }

  void Finish() {
    const std::lock_guard lock(mutex_);
    if (--unfinished_ == 0) wake_.notify_all();
  }

 private:
  std::mutex mutex_;
  std::condition_variable wake_;
  std::vector<DirPtr> dirs_;
  int unfinished_ = 0;
};

struct Name {
  std::string name;
  unsigned char type;
};

std::vector<Name> List(int dir) {
  thread_local std::vector<char> buffer(64 * 1024);
  std::vector<Name> names;
  for (;;) {
    const long size = syscall(SYS_getdents64, dir, buffer.data(), buffer.size());
    if (size < 0) Die("getdents64", "");
    if (size == 0) return names;
    for (long at = 0; at < size;) {
      const auto* entry = reinterpret_cast<const dirent64*>(buffer.data() + at);
      at += entry->d_reclen;
      const std::string name = entry->d_name;
      if (name != "." && name != "..") names.push_back({name, entry->d_type});
    }
  }
}

struct statx Stat(int dir, const std::string& name) {
  struct statx stat {};
  Check(statx(dir, name.c_str(), AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS, &stat), "statx", name);
  return stat;
}

timespec Modified(const struct statx& stat) {
  return {stat.stx_mtime.tv_sec, stat.stx_mtime.tv_nsec};
}

void SetTime(int dir, const char* name, timespec mtime) {
  const timespec times[2] = {{0, UTIME_OMIT}, mtime};
  // The raw call, because with a null name it sets the time of the descriptor itself.
  const int flags = name == nullptr ? 0 : AT_SYMLINK_NOFOLLOW;
  if (syscall(SYS_utimensat, dir, name, times, flags) != 0) Die("utimensat", name ? name : "");
}

void SetOwner(int dir, const std::string& name, const struct statx& stat) {
  static const uid_t user = geteuid();
  static const gid_t group = getegid();
  if (user != 0 || (stat.stx_uid == user && stat.stx_gid == group)) return;
  Check(fchownat(dir, name.c_str(), stat.stx_uid, stat.stx_gid, AT_SYMLINK_NOFOLLOW), "fchownat",
        name);
}

void WriteAll(int file, const char* bytes, size_t size, const std::string& name) {
  while (size > 0) {
    const ssize_t written = write(file, bytes, size);
    if (written < 0) Die("write", name);
    bytes += written;
    size -= static_cast<size_t>(written);
  }
}

void CopyFile(const Dir& dir, const std::string& name, const struct statx& stat) {
  thread_local std::vector<char> buffer(kBuffer);
  const int from =
      Check(openat(dir.source, name.c_str(), O_RDONLY | O_NOFOLLOW | O_CLOEXEC), "openat", name);
  const int to = Check(openat(dir.dest, name.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
                              stat.stx_mode & 07777),
                       "openat", name);
  for (uint64_t left = stat.stx_size; left > 0;) {
    const ssize_t size = read(from, buffer.data(), buffer.size());
    if (size < 0) Die("read", name);
    if (size == 0) break;  // the file has shrunk
    WriteAll(to, buffer.data(), static_cast<size_t>(size), name);
    left -= std::min<uint64_t>(left, static_cast<uint64_t>(size));
  }
  SetTime(to, nullptr, Modified(stat));
  close(to);
  close(from);
}

void CopyLink(const Dir& dir, const std::string& name, const struct statx& stat) {
  char target[PATH_MAX];
  const ssize_t size = readlinkat(dir.source, name.c_str(), target, sizeof target - 1);
  if (size < 0) Die("readlinkat", name);
  target[size] = '\0';
  Check(symlinkat(target, dir.dest, name.c_str()), "symlinkat", name);
  SetTime(dir.dest, name.c_str(), Modified(stat));
}

class Floor {
 public:
  Floor(int threads, int64_t newer_ns) : threads_(threads), newer_ns_(newer_ns) {}

  template <typename Visit>
  void Run(const DirPtr& root, Visit visit) {
    queue_.Push(root);
    std::vector<std::thread> threads;
    for (int i = 0; i < threads_; ++i) {
      threads.emplace_back([this, visit] {
        while (DirPtr dir = queue_.Pop()) {
          visit(*this, dir);
          queue_.Finish();
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
  }

  void Walk(const DirPtr& dir) {
    if (dir->parent) dir->source = OpenDir(dir->parent->source, dir->name);
    dir->parent.reset();
    for (const Name& entry : List(dir->source)) {
      const struct statx stat = Stat(dir->source, entry.name);
      if (S_ISDIR(stat.stx_mode)) Descend(dir, entry.name, stat);
    }
  }

  void Snapshot(const DirPtr& dir) {
    if (dir->parent) {
      const Dir& parent = *dir->parent;
      dir->source = OpenDir(parent.source, dir->name);
      if (parent.previous >= 0) dir->previous = OpenDir(parent.previous, dir->name);
      dir->dest = OpenDir(parent.dest, dir->name);
    }
    for (const Name& entry : List(dir->source)) Make(dir, entry.name);
    // The subdirectories exist now, so nothing changes this time again.
    if (dir->parent) SetTime(dir->dest, nullptr, dir->mtime);
    dir->parent.reset();
  }

  void Remove(const DirPtr& dir) {
    if (dir->parent) dir->source = OpenDir(dir->parent->source, dir->name);
    for (const Name& entry : List(dir->source)) {
      if (entry.type == DT_DIR) {
        ++dir->left;
        Descend(dir, entry.name, {});
      } else {
        Check(unlinkat(dir->source, entry.name.c_str(), 0), "unlinkat", entry.name);
      }
    }
    // The last one to finish below a directory removes it, and so on upwards.
    for (Dir* done = dir.get(); --done->left == 0 && done->parent; done = done->parent.get()) {
      Check(unlinkat(done->parent->source, done->name.c_str(), AT_REMOVEDIR), "unlinkat",
            done->name);
    }
  }

 private:
  void Descend(const DirPtr& parent, const std::string& name, const struct statx& stat) {
    auto dir = std::make_shared<Dir>();
    dir->parent = parent;
    dir->name = name;
    dir->mtime = Modified(stat);
    queue_.Push(std::move(dir));
  }

  void Make(const DirPtr& dir, const std::string& name) {
    const struct statx stat = Stat(dir->source, name);
    if (S_ISDIR(stat.stx_mode)) {
      Check(mkdirat(dir->dest, name.c_str(), stat.stx_mode & 07777), "mkdirat", name);
      SetOwner(dir->dest, name, stat);
      Descend(dir, name, stat);
    } else if (dir->previous >= 0 && !IsNewer(stat)) {
      Check(linkat(dir->previous, name.c_str(), dir->dest, name.c_str(), 0), "linkat", name);
    } else if (S_ISREG(stat.stx_mode)) {
      CopyFile(*dir, name, stat);
      SetOwner(dir->dest, name, stat);
    } else if (S_ISLNK(stat.stx_mode)) {
      CopyLink(*dir, name, stat);
      SetOwner(dir->dest, name, stat);
    }
  }

  bool IsNewer(const struct statx& stat) const {
    return stat.stx_mtime.tv_sec * 1'000'000'000 + stat.stx_mtime.tv_nsec > newer_ns_;
  }

  const int threads_;
  const int64_t newer_ns_;
  Queue queue_;
};

int Usage() {
  std::fprintf(stderr,
               "usage: floor --threads N walk DIR | snapshot SOURCE PREVIOUS|- DEST NEWER_NS | "
               "remove DIR\n");
  return 2;
}

DirPtr Root(const std::string& source) {
  auto root = std::make_shared<Dir>();
  root->source = OpenDir(AT_FDCWD, source);
  return root;
}

void MakeSnapshot(Floor& floor, char** operands) {
  const DirPtr root = Root(operands[0]);
  if (std::strcmp(operands[1], "-") != 0) root->previous = OpenDir(AT_FDCWD, operands[1]);
  Check(mkdir(operands[2], 0700), "mkdir", operands[2]);
  root->dest = OpenDir(AT_FDCWD, operands[2]);
  floor.Run(root, [](Floor& f, const DirPtr& dir) { f.Snapshot(dir); });
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 5 || std::strcmp(argv[1], "--threads") != 0) return Usage();
  const std::string mode = argv[3];
  Floor floor(std::atoi(argv[2]), argc > 7 ? std::atoll(argv[7]) : 0);
  umask(0);
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  setrlimit(RLIMIT_NOFILE, &files);

  if (mode == "walk") {
    floor.Run(Root(argv[4]), [](Floor& f, const DirPtr& dir) { f.Walk(dir); });
  } else if (mode == "snapshot" && argc == 8) {
    MakeSnapshot(floor, argv + 4);
  } else if (mode == "remove") {
    floor.Run(Root(argv[4]), [](Floor& f, const DirPtr& dir) { f.Remove(dir); });
    Check(rmdir(argv[4]), "rmdir", argv[4]);
  } else {
    return Usage();
  }
  return 0;
}
