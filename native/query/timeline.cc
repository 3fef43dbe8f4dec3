// Merges one directory of all records at a time.
#include "query/timeline.h"

#include <algorithm>
#include <utility>

namespace cura {

Timeline::Timeline(Manifests manifests, const std::string& top)
    : manifests_(std::move(manifests)),
      windows_(manifests_.size()),
      above_(top.empty() ? top : top + '/') {
  std::vector<Member> members;
  for (std::uint32_t record = 0; record < manifests_.size(); ++record) {
    if (top.empty()) {
      members.push_back({record, 0});
      continue;
    }
    const auto found = manifests_[record]->Lookup(top);
    if (!found.ok()) {
      failure_ = found.error();
      return;
    }
    if (!found.value()) continue;
    const Entry& entry = found.value()->entry;
    if (entry.type == Type::kDirectory && !entry.unread) {
      members.push_back({record, entry.directory});
    }
  }
  Enter(members, 0);
}

Status Timeline::failure() const {
  if (failure_) return failure_;
  for (const auto& manifest : manifests_) {
    if (manifest->failed()) return manifest->failure();
  }
  return std::nullopt;
}

bool Timeline::failed() const {
  return failure_ || std::any_of(manifests_.begin(), manifests_.end(),
                                 [](const auto& manifest) { return manifest->failed(); });
}

void Timeline::Enter(const std::vector<Member>& members, size_t path_size) {
  Frame frame;
  frame.path_size = path_size;
  for (const Member& member : members) {
    const Manifest& manifest = *manifests_[member.record];
    BlockReader block = manifest.Directory(member.directory, 0, &windows_[member.record]);
    const bool has_inodes = manifest.is_in_place();
    // Neighbouring records are the most alike, and few differ in one directory.
    const auto same =
        std::find_if(frame.groups.rbegin(), frame.groups.rend(), [&](const Group& group) {
          return group.has_inodes == has_inodes && group.block.HasSameBytes(block);
        });
    if (same != frame.groups.rend()) {
      same->records.push_back(member.record);
    } else {
      frame.groups.push_back({{member.record}, std::move(block), {}, false, has_inodes});
    }
  }
  for (Group& group : frame.groups) Advance(&group);
  frames_.push_back(std::move(frame));
}

void Timeline::Advance(Group* group) {
  do {
    group->has_entry = group->block.Next(&group->entry);
  } while (group->has_entry && group->entry.unread);
  if (!group->has_inodes) group->entry.stored_ino = 0;
}

void Timeline::EnterCurrent() {
  std::vector<Member> members;
  for (const Version& version : versions_) {
    if (version.entry->type != Type::kDirectory) continue;
    for (const std::uint32_t record : *version.records) {
      members.push_back({record, version.entry->directory});
    }
  }
  std::sort(members.begin(), members.end(),
            [](const Member& a, const Member& b) { return a.record < b.record; });
  const size_t path_size = above_.size();
  above_.append(name()).push_back('/');
  Enter(members, path_size);
}

bool Timeline::Collect(Frame* frame) {
  current_.clear();
  versions_.clear();
  for (Group& group : frame->groups) {
    if (!group.has_entry) continue;
    const int order =
        current_.empty() ? -1 : group.entry.name.compare(current_.front()->entry.name);
    if (order > 0) continue;
    if (order < 0) current_.clear();
    current_.push_back(&group);
  }
  for (const Group* group : current_) versions_.push_back({&group->entry, &group->records});
  enters_ = std::any_of(current_.begin(), current_.end(),
                        [](const Group* group) { return group->entry.type == Type::kDirectory; });
  return !current_.empty();
}

bool Timeline::Next() {
  if (std::exchange(enters_, false)) {
    std::vector<Group*> entered = current_;
    EnterCurrent();
    // The reader of a group must stay at this entry until its name has been used.
    for (Group* group : entered) Advance(group);
    current_.clear();
  }
  for (Group* group : current_) Advance(group);
  current_.clear();
  while (!frames_.empty() && !failed()) {
    if (Collect(&frames_.back())) return true;
    above_.resize(frames_.back().path_size);
    frames_.pop_back();
  }
  return false;
}

}  // namespace cura
