// Letting go of long chains of shared nodes, in which each keeps the one above it.
#pragma once

#include <memory>
#include <utility>
#include <vector>

namespace cura {

// To be called by a node's destructor for what is above it. Ten thousand levels must not become ten
// thousand nested destructors, so the outermost call lets go of them all, one after the other. A
// look at use_count() would not do: it does not order what another thread did before it let go.
template <typename Node>
void LetGo(std::shared_ptr<Node> above) {
  if (above == nullptr) return;
  thread_local std::vector<std::shared_ptr<Node>> waiting;
  thread_local bool is_busy = false;
  waiting.push_back(std::move(above));
  if (is_busy) return;
  is_busy = true;
  while (!waiting.empty()) {
    std::shared_ptr<Node> node = std::move(waiting.back());
    waiting.pop_back();
    node.reset();  // its destructor comes back here, and adds the next one
  }
  is_busy = false;
}

}  // namespace cura
