// Walks a tree for every job that changes one: down through its directories in several threads, and
// up again as directories are finished.
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

// The state of one directory during a walk. Each job derives its own node type: `struct Doomed :
// WalkNode<Doomed>`.
template <typename Node>
struct WalkNode {
  std::shared_ptr<Node> parent;      // null for the top
  std::atomic<size_t> unmade = 1;    // pieces of its own work that are not done
  std::atomic<size_t> unsealed = 1;  // itself and its subdirectories that are not sealed

  WalkNode() = default;
  WalkNode(const WalkNode&) = delete;
  WalkNode& operator=(const WalkNode&) = delete;
  ~WalkNode() { LetGo(std::move(parent)); }
};

// A range of entries of one directory, as a unit of work for a thread.
struct Piece {
  size_t first = 0;
  size_t last = 0;
};

// A job derives from this class and defines what happens to a directory. The walk calls:
//   Enter      once, after the parent's Enter called Descend for it
//   Work       once for each piece passed to Share
//   ShareMore  when all pieces are done; again if it shared more
//   Finish     once, when the directory's own work is done
//   Seal       once, when the directory is finished and everything below it is sealed
// The top is entered and finished, but not sealed, because it belongs to the caller.
//
// Calls for different directories run concurrently, as do the pieces of one directory. Waiting work
// is taken last in, first out, so the walk goes deep first and few directories wait. No thread
// waits for a directory, so a single thread is enough.
//
// The first error stops the walk: running calls end, and no further calls are made. An abort does
// the same with ECANCELED; long calls check for it themselves.
//
// The number of descriptors is bounded, because a node holds its directories as Dir and leases them
// only during a call. The Dir's budget closes the others.
template <typename Node>
class TreeWalk {
 protected:
  using NodePtr = std::shared_ptr<Node>;

  // At most `threads` threads are useful for this work.
  TreeWalk(const JobContext& job, size_t threads) : job_(job), threads_(threads) {}
  TreeWalk(const TreeWalk&) = delete;
  TreeWalk& operator=(const TreeWalk&) = delete;
  ~TreeWalk() = default;

  // Walks the tree below `top`. Returns the error that stopped the walk.
  Status Walk(NodePtr top) {
    stack_.Push({std::move(top), {}});
    return Resume();
  }

  // Does the work that was added after Walk returned. Do not call it after an error.
  Status Resume() {
    RunPool(job_.threads, threads_, &stack_, [&](const Task& task) { RunOrStop(task); });
    const std::lock_guard lock(mutex_);
    return error_;
  }

  // Adds a subdirectory. Its `parent` must be set and unfinished.
  void Descend(NodePtr child) {
    ++child->parent->unsealed;
    stack_.Push({std::move(child), {}});
  }

  // Adds a piece of an unfinished directory.
  void Share(const NodePtr& node, Piece piece) {
    ++node->unmade;
    stack_.Push({node, piece});
  }

  // Keeps a directory unfinished until one more call of Release.
  void Hold(Node* node) { ++node->unmade; }

  // Ends one piece or hold. The walk itself calls this after Enter and Work.
  Status Release(const NodePtr& node) {
    do {
      if (--node->unmade > 0) return std::nullopt;
      node->unmade = 1;  // stays unfinished while more is shared
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
  // Returns whether it called Share.
  virtual bool ShareMore(const NodePtr&) { return false; }
  virtual Status Finish(Node*) { return std::nullopt; }
  virtual Status Seal(Node*) { return std::nullopt; }

  struct Task {
    NodePtr node;
    Piece piece;  // empty: call Enter
  };

  void RunOrStop(const Task& task) {
    Status error = is_aborted() ? Status(Aborted()) : RunTask(task);
    if (!error) return;
    const std::lock_guard lock(mutex_);
    if (!error_) error_ = std::move(error);
    stack_.Stop();
  }

  Status RunTask(const Task& task) {
    const bool is_piece = task.piece.first < task.piece.last;
    if (auto error = is_piece ? Work(task.node, task.piece) : Enter(task.node)) return error;
    return Release(task.node);
  }

  const JobContext job_;
  const size_t threads_;
  WorkStack<Task> stack_;
  std::mutex mutex_;
  Status error_;  // guarded by mutex_
};

}  // namespace cura
