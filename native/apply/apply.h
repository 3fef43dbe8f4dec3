// Makes the new tree from a plan: links unchanged entries, copies the others and writes the
// manifest, in parallel, one directory at a time.
#pragma once

#include "apply/entry_steps.h"

namespace cura {

// The result of a finished apply.
struct Applied {
  Totals totals;
  std::uint64_t bytes = 0;  // of the files that were copied or cloned
};

struct ApplyOptions {
  const Plan* plan = nullptr;
  const Sources* sources = nullptr;
  const Previous* previous = nullptr;
  Fd work;              // the empty `.partial-…` directory
  bool digests = true;  // compute the digests of copied files
  JobContext job;
};

// Fills the work directory and writes its manifest. Fails on errors of the store, and with
// ECANCELED on abort; the caller must then remove the work directory.
Result<Applied> Apply(ApplyOptions options);

}  // namespace cura
