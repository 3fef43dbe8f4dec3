// Finds another stored copy of a file whose stored bytes are damaged.
#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <unordered_set>
#include <vector>

#include "file/entry_maker.h"
#include "restore/options.h"
#include "restore/stored_tree.h"
#include "tree/job_context.h"

namespace cura {

// A stored file that should have the wanted content.
struct Donor {
  std::shared_ptr<Dir> dir;
  std::string name;
  Entry entry;                // without views
  bool knows_inodes = false;  // its record has the inode numbers of this store
};

// Threads share it. Nothing is opened until a damaged file is found.
class Donors {
 public:
  Donors(const RestoreOptions& options, const StoredTree* stored, const JobContext& job)
      : options_(options), stored_(stored), job_(job) {}

  // The files with this digest: first those of the same path, then those anywhere. `path` is that
  // of the entry in its snapshot. `is_damaged`: its inode was read and is not a donor.
  std::vector<Donor> For(const Entry& entry, const std::string& path, bool is_damaged);

 private:
  void OpenAll();

  const RestoreOptions& options_;
  const StoredTree* const stored_;
  const JobContext job_;
  std::mutex mutex_;  // guards the members below
  bool is_open_ = false;
  std::vector<StoredTree> trees_;
};

}  // namespace cura
