// Holds directories by descriptor, within a budget of open descriptors.
#pragma once

#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "base/entry.h"
#include "base/result.h"
#include "platform/fd.h"

namespace cura {

// Not an errno: another entry has taken the place of the expected one.
inline constexpr int kChangedCode = 100'001;
// Not an errno: the store could not hold the entry in the last run, and the entry is unchanged.
inline constexpr int kNotStoredCode = 100'004;
// Not an errno: a directory lists the name more than once.
inline constexpr int kTwiceCode = 100'006;
// Not an errno: something is mounted there.
inline constexpr int kMountedCode = 100'005;

class Dir;

// Limits the number of idle open directories. Closes the least recently used one first; it is
// reopened through its parent on demand. Threads share it. Must outlive its directories.
class DirBudget {
 public:
  explicit DirBudget(size_t limit) : limit_(limit) {}
  DirBudget(const DirBudget&) = delete;
  DirBudget& operator=(const DirBudget&) = delete;

 private:
  friend class Dir;
  friend class DirLease;

  const size_t limit_;
  std::mutex mutex_;
  std::list<Dir*> idle_;  // open and not leased, least recently used first
};

// Keeps a directory's descriptor open for the lifetime of the lease.
class DirLease {
 public:
  DirLease() = default;
  explicit DirLease(std::shared_ptr<Dir> dir) : dir_(std::move(dir)) {}
  DirLease(DirLease&& other) noexcept = default;
  DirLease& operator=(DirLease&& other) noexcept;
  DirLease(const DirLease&) = delete;
  DirLease& operator=(const DirLease&) = delete;
  ~DirLease();

  [[nodiscard]] int fd() const;
  [[nodiscard]] bool valid() const { return dir_ != nullptr; }

 private:
  void Release();
  std::shared_ptr<Dir> dir_;
};

// One directory of a tree. It is opened relative to its parent's descriptor, without following
// symlinks, and must be the inode that the parent's listing showed.
class Dir : public std::enable_shared_from_this<Dir> {
 public:
  // The top of a tree, which stays open. Children are opened with `flags`.
  static std::shared_ptr<Dir> Root(DirBudget* budget, Fd fd, int flags, std::string name);
  // Without `expected`, any directory of that name is accepted.
  static std::shared_ptr<Dir> Child(const std::shared_ptr<Dir>& parent, std::string_view name,
                                    std::optional<Identity> expected);
  // Another root for the same directory, to open its children with other flags.
  static Result<std::shared_ptr<Dir>> Again(DirBudget* budget, const std::shared_ptr<Dir>& dir,
                                            int flags);
  Dir(const Dir&) = delete;
  Dir& operator=(const Dir&) = delete;
  ~Dir();

  // Fails with the errors of openat, and with kChangedCode if another directory has taken its
  // place.
  Result<DirLease> Open();
  // From now on it must be this inode. Call it before other threads use the directory.
  void Expect(Identity inode) { expected_ = inode; }

  [[nodiscard]] const std::string& name() const { return name_; }
  // The names from the root's down, joined by '/'.
  [[nodiscard]] std::string Path() const;
  [[nodiscard]] std::string PathOf(std::string_view name) const;

 private:
  friend class DirLease;

  Dir(DirBudget* budget, std::shared_ptr<Dir> parent, std::string name, int flags,
      std::optional<Identity> expected)
      : budget_(budget),
        parent_(std::move(parent)),
        name_(std::move(name)),
        flags_(flags),
        expected_(expected) {}

  std::optional<DirLease> LeaseIfOpen();
  Result<Fd> OpenBelow(const DirLease& parent) const;
  DirLease Install(Fd fd);
  void Unlease();

  DirBudget* const budget_;
  std::shared_ptr<Dir> parent_;
  const std::string name_;
  const int flags_;
  std::optional<Identity> expected_;

  // Guarded by the budget's mutex.
  Fd fd_;
  size_t leases_ = 0;
  std::list<Dir*>::iterator idle_place_;
  bool idle_ = false;
};

}  // namespace cura
