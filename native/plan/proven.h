// From a comparison in which nothing differs to what it has proved.
#pragma once

#include <vector>

#include "plan/plan.h"

namespace cura {

// A proof for each base of which more is known now than its manifest says. None for those of other
// hosts: they are bases for once only.
std::vector<Proof> Prove(const Plan& plan, const Previous& previous);

}  // namespace cura
