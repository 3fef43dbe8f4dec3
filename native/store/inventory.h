// What lies in a store: its directories, each with what tells whether it is a finished snapshot.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "store/store.h"

namespace cura {

// A directory of the store. Everything but the name is read only where that begins with a digit, as
// the names of all snapshots do.
struct StoredDirectory {
  std::string name;
  std::optional<std::string> marker;     // the text of the completion marker, if there is one
  int marker_error = 0;                  // the errno of a marker that cannot be read
  bool is_pinned = false;                // something called .backup_pinned is in it
  std::vector<std::string> directories;  // in it; listed where there is no marker, or an empty one
};

// Calls `take` for each directory, one after the other. One that vanishes meanwhile is left out,
// and so are files and symlinks. A marker of more than `limit` bytes counts as unreadable.
Status ReadInventory(const Store& store, size_t limit,
                     const std::function<void(const StoredDirectory&)>& take);

}  // namespace cura
