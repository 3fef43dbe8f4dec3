// Lists the directories of a store, with the facts that show whether each is a finished snapshot.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "store/store.h"

namespace cura {

// A directory of the store. Names that do not begin with a digit cannot be snapshots, so only their
// name is read.
struct StoredDirectory {
  std::string name;
  std::optional<std::string> marker;     // the text of the completion marker, if any
  int marker_error = 0;                  // the errno of a marker that cannot be read
  std::optional<std::string> tags;       // the text of .backup_tags, if there is one
  int tags_error = 0;                    // the errno of tags that cannot be read
  bool is_pinned = false;                // it contains an entry named .backup_pinned
  std::vector<std::string> directories;  // below it; listed without a marker or if it is empty
};

// Calls `take` for each directory in turn. Skips files, symlinks and directories that vanish in the
// meantime. A marker or tags of more than `limit` bytes count as unreadable.
Status ReadInventory(const Store& store, size_t limit,
                     const std::function<void(const StoredDirectory&)>& take);

}  // namespace cura
