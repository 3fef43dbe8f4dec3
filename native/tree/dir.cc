// Opens, leases and closes directories.
#include "tree/dir.h"

#include <vector>

#include "base/chain.h"

namespace cura {

DirLease& DirLease::operator=(DirLease&& other) noexcept {
  if (this != &other) {
    Release();
    dir_ = std::move(other.dir_);
  }
  return *this;
}

DirLease::~DirLease() { Release(); }

void DirLease::Release() {
  if (dir_ != nullptr) dir_->Unlease();
  dir_.reset();
}

int DirLease::fd() const { return dir_->fd_.get(); }

std::shared_ptr<Dir> Dir::Root(DirBudget* budget, Fd fd, int flags, std::string name) {
  std::shared_ptr<Dir> dir(new Dir(budget, nullptr, std::move(name), flags, std::nullopt));
  dir->fd_ = std::move(fd);
  dir->leases_ = 1;  // never released: the root has no parent through which it could be reopened
  return dir;
}

Result<std::shared_ptr<Dir>> Dir::Again(DirBudget* budget, const std::shared_ptr<Dir>& dir,
                                        int flags) {
  auto lease = dir->Open();
  if (!lease.ok()) return std::move(lease.error());
  Fd fd(sys::OpenAt(lease.value().fd(), ".", flags));
  if (!fd.valid()) return LastError("openat", dir->Path());
  return Root(budget, std::move(fd), flags, dir->Path());
}

std::shared_ptr<Dir> Dir::Child(const std::shared_ptr<Dir>& parent, std::string_view name,
                                std::optional<Identity> expected) {
  return std::shared_ptr<Dir>(
      new Dir(parent->budget_, parent, std::string(name), parent->flags_, expected));
}

Dir::~Dir() {
  {
    const std::lock_guard lock(budget_->mutex_);
    if (idle_) budget_->idle_.erase(idle_place_);
  }
  LetGo(std::move(parent_));
}

std::optional<DirLease> Dir::LeaseIfOpen() {
  const std::lock_guard lock(budget_->mutex_);
  if (!fd_.valid()) return std::nullopt;
  if (idle_) {
    budget_->idle_.erase(idle_place_);
    idle_ = false;
  }
  ++leases_;
  return DirLease(shared_from_this());
}

Result<DirLease> Dir::Open() {
  if (auto lease = LeaseIfOpen()) return std::move(*lease);
  // Walk up to the nearest open directory, then open the others on the way down.
  std::vector<Dir*> closed = {this};
  std::optional<DirLease> above;
  for (Dir* dir = parent_.get(); !(above = dir->LeaseIfOpen()); dir = dir->parent_.get()) {
    closed.push_back(dir);
  }
  for (auto dir = closed.rbegin(); dir != closed.rend(); ++dir) {
    auto fd = (*dir)->OpenBelow(*above);
    if (!fd.ok()) return std::move(fd.error());
    *above = (*dir)->Install(std::move(fd.value()));
  }
  return std::move(*above);
}

Result<Fd> Dir::OpenBelow(const DirLease& parent) const {
  Fd fd(sys::OpenAt(parent.fd(), name_.c_str(), flags_));
  // Only the owner may open with O_NOATIME.
  if (!fd.valid() && errno == EPERM && (flags_ & sys::kNoAccessTime) != 0) {
    fd = Fd(sys::OpenAt(parent.fd(), name_.c_str(), flags_ & ~sys::kNoAccessTime));
  }
  if (!fd.valid()) return LastError("openat", Path());
  if (expected_) {
    sys::Stat stat;
    if (sys::StatFd(fd.get(), &stat) != 0) return LastError("statx", Path());
    if (Identity{stat.dev, stat.ino} != *expected_)
      return OsError{kChangedCode, "openat", Path(), {}};
  }
  return fd;
}

DirLease Dir::Install(Fd fd) {
  std::vector<Fd> closing;  // closed after the lock is released
  const std::lock_guard lock(budget_->mutex_);
  if (fd_.valid()) {  // another thread opened it first
    closing.push_back(std::move(fd));
    if (idle_) budget_->idle_.erase(idle_place_);
    idle_ = false;
  } else {
    fd_ = std::move(fd);
  }
  ++leases_;
  while (budget_->idle_.size() > budget_->limit_) {
    Dir* oldest = budget_->idle_.front();
    budget_->idle_.pop_front();
    oldest->idle_ = false;
    closing.push_back(std::move(oldest->fd_));
  }
  return DirLease(shared_from_this());
}

void Dir::Unlease() {
  const std::lock_guard lock(budget_->mutex_);
  if (--leases_ > 0) return;
  idle_place_ = budget_->idle_.insert(budget_->idle_.end(), this);
  idle_ = true;
}

std::string Dir::Path() const {
  std::vector<const Dir*> chain;
  for (const Dir* dir = this; dir != nullptr; dir = dir->parent_.get()) chain.push_back(dir);
  std::string path;
  for (auto dir = chain.rbegin(); dir != chain.rend(); ++dir) {
    if (!path.empty()) path += '/';
    path += (*dir)->name_;
  }
  return path;
}

std::string Dir::PathOf(std::string_view name) const {
  std::string path = Path();
  if (!path.empty()) path += '/';
  return path.append(name);
}

}  // namespace cura
