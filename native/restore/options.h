// What to restore, where to, and by which rules.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "scan/selection.h"
#include "store/store.h"

namespace cura {

// Not errnos: why an entry was not restored.
inline constexpr int kExistsCode = 100'041;   // something else is there, and it stays
inline constexpr int kDamagedCode = 100'042;  // every stored copy is damaged
inline constexpr int kUnreadCode = 100'043;   // the snapshot does not hold it
inline constexpr int kInStoreCode = 100'044;  // the target is the store, or lies in it

// A path of the snapshot and its place on this machine.
struct RestoreOperand {
  std::string anchor;  // the directory of the snapshot that corresponds to `root`
  std::string below;   // the path to restore, below the anchor; empty: the contents of the anchor
  std::string root;    // absolute
  std::string name;    // in `root`, of the first component of `below`
  bool keeps_root = false;  // keeps the metadata of `root` if it exists and is not empty
};

enum class Overwrite : std::uint8_t { kIfChanged, kAlways, kIfNewer, kNever };

struct RestoreOptions {
  std::shared_ptr<const Store> store;
  std::string snapshot;
  std::vector<RestoreOperand> operands;
  Overwrite overwrite = Overwrite::kIfChanged;
  bool checksum = false;  // compare the contents of files that exist
  bool deletes = false;   // remove what the snapshot does not have below the operands
  std::shared_ptr<const Selection> selection;  // what it leaves out stays as it is; null: nothing
  bool keeps_owner = true;
  bool keeps_xattrs = true;
  bool keeps_suid = true;
  std::vector<std::string> donors;  // snapshots that may have a good copy of a damaged file
};

}  // namespace cura
