// Decides which entries of a record are not restored.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "manifest/cursor.h"
#include "scan/selection.h"

namespace cura {

// Whether a path below a directory is on the way to `only`, is it, or lies below it. An empty
// `only` means everything.
bool IsWithin(std::string_view path, std::string_view only);

// Applies the patterns of a selection to paths of a record.
class LeftOut {
 public:
  // `filter` is null if nothing is left out.
  LeftOut(Filter* filter, std::shared_ptr<Dir> root) : filter_(filter), root_(std::move(root)) {}
  // Whether an entry of the record stays out, or is a temporary one of a restore. `path` begins
  // with the name of the source.
  [[nodiscard]] bool Has(std::string_view path, const Entry& entry) const;

 private:
  Filter* const filter_;
  const std::shared_ptr<Dir> root_;
};

}  // namespace cura
