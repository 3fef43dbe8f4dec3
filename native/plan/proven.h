// Turns a comparison without differences into proofs.
#pragma once

#include <vector>

#include "plan/plan.h"

namespace cura {

// Returns a proof for each base that this run knows more about than its manifest. Bases of other
// hosts get none, because each is used only once.
std::vector<Proof> Prove(const Plan& plan, const Previous& previous);

}  // namespace cura
