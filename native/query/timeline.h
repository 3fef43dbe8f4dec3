// Reads many records as one tree over time.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "manifest/manifest.h"

namespace cura {

// Visits each path once, in the order of the paths, with all records that have it. Needs memory for
// the directories on the current path only.
class Timeline {
 public:
  using Manifests = std::vector<std::shared_ptr<const Manifest>>;

  // Equal entries of some records at the current path. Facts about the source's filesystem are
  // those of the first of these records.
  struct Version {
    const Entry* entry = nullptr;
    const std::vector<std::uint32_t>* records = nullptr;  // ascending
  };

  // Visits what is below the directory `top`, a path without a trailing '/'; everything if it is
  // empty. Records without such a directory have nothing.
  Timeline(Manifests manifests, const std::string& top);

  // Moves to the next path, which is the first one in the current directory if there is one.
  // Returns false at the end, and if a record cannot be read: check `failure`.
  bool Next();
  // Skips everything below the current path.
  void Skip() { enters_ = false; }

  // Ascending by their first records. Valid until the next call of `Next`, like the path.
  [[nodiscard]] const std::vector<Version>& versions() const { return versions_; }
  [[nodiscard]] std::string_view name() const { return versions_.front().entry->name; }
  // Raw bytes, starting with the name of the source; empty or with a trailing '/'.
  [[nodiscard]] const std::string& above() const { return above_; }
  // Why a record could not be read. What was visited is then incomplete.
  [[nodiscard]] Status failure() const;
  [[nodiscard]] bool failed() const;

 private:
  // A directory of one record.
  struct Member {
    std::uint32_t record = 0;
    DirId directory = 0;
  };
  // Records in which the directory has the same bytes, so that it is decoded once.
  struct Group {
    std::vector<std::uint32_t> records;
    BlockReader block;
    Entry entry;
    bool has_entry = false;
    bool has_inodes = true;  // the stored inodes are those of the records' own trees
  };
  struct Frame {
    std::vector<Group> groups;
    size_t path_size = 0;  // length of its parent's path
  };

  void Enter(const std::vector<Member>& members, size_t path_size);
  void EnterCurrent();
  static void Advance(Group* group);
  // Collects the entries with the next name. Returns false at the end of the directory.
  bool Collect(Frame* frame);

  const Manifests manifests_;
  std::vector<ReadWindows> windows_;  // by record
  std::vector<Frame> frames_;
  std::string above_;
  std::vector<Group*> current_;  // the groups that have the current path
  std::vector<Version> versions_;
  bool enters_ = false;
  Status failure_;
};

}  // namespace cura
