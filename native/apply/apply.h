// Makes the new tree from a plan: links what is unchanged, copies what is not, and writes its
// manifest, in parallel, one directory at a time.
#pragma once

#include "apply/entry_steps.h"

namespace cura {

// What a finished apply says.
struct Applied {
  Totals totals;
  std::uint64_t bytes = 0;  // of the files that were stored anew
};

struct ApplyOptions {
  const Plan* plan = nullptr;
  const Sources* sources = nullptr;
  const Previous* previous = nullptr;
  Fd work;              // the empty `.partial-…` directory
  bool digests = true;  // of what is stored anew
  JobContext job;
};

// Fills the work directory and its manifest. An error is the store's, or ECANCELED; the work
// directory is then to be removed.
Result<Applied> Apply(ApplyOptions options);

}  // namespace cura
