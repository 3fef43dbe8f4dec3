// Releases long chains of shared nodes, in which each node holds its parent.
#pragma once

#include <memory>
#include <utility>
#include <vector>

namespace cura {

// A node's destructor passes its parent here. Ten thousand levels must not become ten thousand
// nested destructors, so the outermost call releases all nodes in a loop. Checking use_count() is
// not enough, because it does not order earlier actions of other threads.
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
    node.reset();  // its destructor calls LetGo, which adds the next node
  }
  is_busy = false;
}

}  // namespace cura
