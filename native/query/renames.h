// Finds out which entries of two trees are the same one under another path.
#pragma once

#include "query/differing.h"

namespace cura {

// Sets the mates of the halves. Entries with the same name below two directories that are mates
// are mates themselves, whatever they contain, as if the directory had stayed.
void MatchRenamed(Differing* differing);

// Whether two mates lie at the same place of a directory that was renamed.
bool HaveStayed(const Differing& differing, const Half& before, const Half& after);

}  // namespace cura
