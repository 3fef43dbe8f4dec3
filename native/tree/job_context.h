// Passes the context of a job down to each of its steps.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

#include "base/capacity.h"
#include "base/failures.h"
#include "base/monitor.h"
#include "base/threads.h"
#include "tree/dir.h"

namespace cura {

// Limits that all jobs of a process share, so that several jobs together use no more than one.
struct Resources {
  DirBudget dirs{IdleDirectories()};
  ThreadBudget threads{MostThreads()};
  std::atomic<std::uint64_t> last_job = 0;
};

struct JobContext {
  Monitor* monitor = nullptr;
  Failures* failures = nullptr;
  DirBudget* budget = nullptr;
  ThreadBudget* threads = nullptr;

  // The same job with another list of failures, for steps whose failures are not reported.
  [[nodiscard]] JobContext With(Failures* others) const {
    return {monitor, others, budget, threads};
  }
};

// Owns the monitor and the failures of one job.
class Job {
 public:
  explicit Job(std::shared_ptr<Resources> resources)
      : resources_(std::move(resources)),
        monitor_(std::make_shared<Monitor>(++resources_->last_job)) {}
  Job(const Job&) = delete;
  Job& operator=(const Job&) = delete;

  [[nodiscard]] JobContext context() {
    return {monitor_.get(), &failures_, &resources_->dirs, &resources_->threads};
  }
  [[nodiscard]] const std::shared_ptr<Monitor>& monitor() const { return monitor_; }
  [[nodiscard]] const Failures& failures() const { return failures_; }

 private:
  const std::shared_ptr<Resources> resources_;
  const std::shared_ptr<Monitor> monitor_;
  Failures failures_;
};

}  // namespace cura
