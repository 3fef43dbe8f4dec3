// Replaces damaged files of the store by good copies.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "store/store.h"
#include "tree/job_context.h"
#include "verify/damage.h"

namespace cura {

struct HealOptions {
  // Absolute paths of this machine that may have the content, by the number of the damage.
  std::multimap<size_t, std::string> sources;
  std::shared_ptr<const Store> replica;  // null: none
  std::vector<std::string> replica_snapshots;
  std::vector<std::string> snapshots;  // of the store, where copies are looked for
};

struct Healed {
  std::uint64_t healed = 0;
  std::uint64_t failed = 0;
};

// Heals what can be healed, and notes that in `damages`. The caller holds the store's lock. An
// error is one of the store and ends the run.
Result<Healed> Heal(const Store& store, const HealOptions& options, std::vector<Damage>* damages,
                    const JobContext& job);

}  // namespace cura
