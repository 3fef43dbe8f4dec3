// The walk of every job that changes a tree: down through its directories in several threads, and
// up again as they are done.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "base/chain.h"
#include "base/pool.h"
#include "base/result.h"
#include "tree/job_context.h"

namespace cura {

// What a walk keeps of one directory. A job's own node derives from it:
// `struct Doomed : WalkNode<Doomed>`.
template <typename Node>
struct WalkNode {
  std::shared_ptr<Node> parent;      // null for the top
  std::atomic<size_t> unmade = 1;    // pieces of its own work that are not done
  std::atomic<size_t> unsealed = 1;  // itself, and its subdirectories that are not sealed

  WalkNode() = default;
  WalkNode(const WalkNode&) = delete;
  WalkNode& operator=(const WalkNode&) = delete;
  ~WalkNode() { LetGo(std::move(parent)); }
};

// Some of the entries of one directory, whose work is shared out among the threads.
struct Piece {
  size_t first = 0;
  size_t last = 0;
};

// A job derives from this and says what happens to a directory. For each directory the walk calls
//   Enter      once, after Enter of its parent called Descend for it,
//   Work       once for each piece that was shared out,
//   ShareMore  when all of these are done; if it shares out more, it is called again after that,
//   Finish     once, when nothing of the directory's own work is left,
//   Seal       once, when the directory is finished and everything below it is sealed.
// The top is entered and finished, but not sealed: it belongs to the caller.
//
// Calls for different directories run at the same time, and so do pieces of one directory. What
// waits is taken last in, first out, so the walk goes deep first and few directories wait. No
// thread waits for a directory, so fewer threads than wanted are enough, even one.
//
// The first error stops the walk: running calls end, nothing else is started, nothing else is
// sealed. An abort of the job does the same with ECANCELED; calls that take long look at it
// themselves.
//
// Descriptors stay bounded because a node holds its directories as Dir and leases them only inside
// a call; the Dir's budget closes the others.
template <typename Node>
class TreeWalk {
 protected:
  using NodePtr = std::shared_ptr<Node>;

  // For work that at most so many threads are of use to.
  TreeWalk(const JobContext& job, size_t threads) : job_(job), threads_(threads) {}
  TreeWalk(const TreeWalk&) = delete;
  TreeWalk& operator=(const TreeWalk&) = delete;
  ~TreeWalk() = default;

  // Walks the tree below `top`; its error, if it was stopped.
  Status Walk(NodePtr top) {
    stack_.Push({std::move(top), {}});
    return Resume();
  }

  // Works off what was handed in after Walk returned. Not after an error.
  Status Resume() {
    RunPool(job_.threads, threads_, &stack_, [&](const Task& task) { Do(task); });
    const std::lock_guard lock(mutex_);
    return error_;
  }

  // Hands in a subdirectory, whose `parent` is set and not finished yet.
  void Descend(NodePtr child) {
    ++child->parent->unsealed;
    stack_.Push({std::move(child), {}});
  }

  // Hands in a piece of a directory that is not finished yet.
  void Share(const NodePtr& node, Piece piece) {
    ++node->unmade;
    stack_.Push({node, piece});
  }

  // Keeps a directory unfinished until Release is called once more.
  void Hold(Node* node) { ++node->unmade; }

  // One piece or hold less. The walk itself releases what it called Enter or Work for.
  Status Release(const NodePtr& node) {
    do {
      if (--node->unmade > 0) return std::nullopt;
      node->unmade = 1;  // held while more is shared out
    } while (ShareMore(node));
    if (auto error = Finish(node.get())) return error;
    for (Node* at = node.get(); at->parent != nullptr && --at->unsealed == 0;
         at = at->parent.get()) {
      if (auto error = Seal(at)) return error;
    }
    return std::nullopt;
  }

  [[nodiscard]] bool is_aborted() const { return job_.monitor->abort; }
  [[nodiscard]] const JobContext& job() const { return job_; }

 private:
  virtual Status Enter(const NodePtr& node) = 0;
  virtual Status Work(const NodePtr&, Piece) { return std::nullopt; }
  // Says whether it called Share.
  virtual bool ShareMore(const NodePtr&) { return false; }
  virtual Status Finish(Node*) { return std::nullopt; }
  virtual Status Seal(Node*) { return std::nullopt; }

  struct Task {
    NodePtr node;
    Piece piece;  // empty: the directory is to be entered
  };

  void Do(const Task& task) {
    Status error = is_aborted() ? Status(Aborted()) : Run(task);
    if (!error) return;
    const std::lock_guard lock(mutex_);
    if (!error_) error_ = std::move(error);
    stack_.Stop();
  }

  Status Run(const Task& task) {
    const bool is_piece = task.piece.first < task.piece.last;
    if (auto error = is_piece ? Work(task.node, task.piece) : Enter(task.node)) return error;
    return Release(task.node);
  }

  const JobContext job_;
  const size_t threads_;
  WorkStack<Task> stack_;
  std::mutex mutex_;
  Status error_;  // guarded by it
};

}  // namespace cura
