// Makes the directories and links of the delta.
#include "apply/delta.h"

namespace cura {

namespace {

constexpr mode_t kMode = 0700;

Result<std::shared_ptr<Dir>> MakeBelow(const std::shared_ptr<Dir>& above, const std::string& name) {
  auto lease = above->Open();
  if (!lease.ok()) return std::move(lease.error());
  if (sys::MakeDirectoryAt(lease.value().fd(), name.c_str(), kMode) != 0) {
    return LastError("mkdirat", above->PathOf(name));
  }
  return Dir::Child(above, name, std::nullopt);
}

}  // namespace

Status Delta::Start(TreeNode* root) {
  auto made = MakeBelow(root->work, kDeltaName);
  if (!made.ok()) return std::move(made.error());
  root->delta = std::move(made.value());
  return std::nullopt;
}

Result<std::shared_ptr<Dir>> Delta::For(TreeNode* node) {
  const std::lock_guard lock(mutex_);
  std::vector<TreeNode*> missing;
  for (TreeNode* at = node; at->delta == nullptr; at = at->parent.get()) missing.push_back(at);
  for (auto at = missing.rbegin(); at != missing.rend(); ++at) {
    auto made = MakeBelow((*at)->parent->delta, (*at)->name);
    if (!made.ok()) return made;
    (*at)->delta = std::move(made.value());
  }
  return node->delta;
}

Status Delta::Add(const NodeEntry& at, int work) {
  auto dir = For(at.node.get());
  if (!dir.ok()) return std::move(dir.error());
  auto lease = dir.value()->Open();
  if (!lease.ok()) return std::move(lease.error());
  const std::string name(at.entry().name);
  if (sys::LinkAt(work, name.c_str(), lease.value().fd(), name.c_str()) == 0) return std::nullopt;
  // A moved file may have reached its link limit, and some filesystems cannot link anything but
  // regular files. The entry is in the tree in any case.
  const bool cannot = errno == EMLINK || errno == EPERM || IsUnsupported(errno);
  if (!cannot) return LastError("linkat", at.node->work->PathOf(name), dir.value()->PathOf(name));
  const Entry& entry = at.entry();
  if (entry.type != Type::kSymlink) return std::nullopt;
  if (sys::SymlinkAt(std::string(entry.target).c_str(), lease.value().fd(), name.c_str()) == 0) {
    return std::nullopt;
  }
  return LastError("symlinkat", dir.value()->PathOf(name));
}

}  // namespace cura
