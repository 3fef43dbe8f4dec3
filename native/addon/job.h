// Runs a native operation on a libuv thread. JavaScript sees it as {done, progress, abort}.
#pragma once

#include <napi.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "addon/convert.h"
#include "addon/options.h"
#include "base/monitor.h"
#include "base/result.h"

namespace cura {

// Runs `work` on a worker thread, then `convert` and `settled` on the main thread. `settled` gets
// whether the work succeeded. The functions own everything they use.
template <typename T>
class JobWorker : public Napi::AsyncWorker {
 public:
  using Work = std::function<Result<T>()>;
  using Convert = std::function<Napi::Value(Napi::Env, const T&)>;
  using Settled = std::function<void(bool)>;

  JobWorker(Napi::Env env, Work work, Convert convert, Settled settled)
      : Napi::AsyncWorker(env),
        deferred_(Napi::Promise::Deferred::New(env)),
        work_(std::move(work)),
        convert_(std::move(convert)),
        settled_(std::move(settled)) {}

  [[nodiscard]] Napi::Promise promise() const { return deferred_.Promise(); }

 protected:
  void Execute() override { result_.emplace(work_()); }

  void OnOK() override {
    const bool ok = result_->ok();
    const Napi::Value value =
        ok ? convert_(Env(), result_->value()) : ToError(Env(), result_->error()).Value();
    if (settled_) settled_(ok);
    if (ok) {
      deferred_.Resolve(value);
    } else {
      deferred_.Reject(value);
    }
  }

 private:
  Napi::Promise::Deferred deferred_;
  Work work_;
  Convert convert_;
  Settled settled_;
  std::optional<Result<T>> result_;
};

// Queues a worker and returns the object through which JavaScript follows it.
template <typename T>
Napi::Value Follow(const std::shared_ptr<Monitor>& monitor, JobWorker<T>* worker) {
  const Napi::Env env = worker->Env();
  auto job = Napi::Object::New(env);
  job.Set("done", worker->promise());
  job.Set("progress", Napi::Function::New(env, [monitor](const Napi::CallbackInfo& info) {
            return ToObject(info.Env(), *monitor);
          }));
  job.Set("abort", Napi::Function::New(
                       env, [monitor](const Napi::CallbackInfo&) { monitor->abort = true; }));
  worker->Queue();
  return job;
}

// Starts the work and returns the object through which JavaScript follows it. Starts nothing if an
// exception is pending because an argument was invalid.
template <typename T>
Napi::Value StartJob(Napi::Env env, const std::shared_ptr<Monitor>& monitor,
                     typename JobWorker<T>::Work work, typename JobWorker<T>::Convert convert) {
  if (env.IsExceptionPending()) return env.Undefined();
  // The worker deletes itself once it has settled its promise.
  return Follow(monitor, new JobWorker<T>(env, std::move(work), std::move(convert), nullptr));
}

// Makes the stages of one object run in order and one at a time. Main thread only.
class Course {
 public:
  enum class Stage : std::uint8_t { kNew, kReady, kMade, kPublished, kBusy, kBroken };

  // Returns whether the object is at `stage` and all arguments were valid. Otherwise an exception
  // is pending.
  [[nodiscard]] bool Check(Napi::Env env, Stage stage) const {
    if (stage_ == Stage::kBusy) {
      Refuse(env, "another stage is running");
    } else if (stage_ == Stage::kBroken) {
      Refuse(env, "an earlier stage failed");
    } else if (stage_ != stage) {
      Refuse(env, "the stages must run in their order");
    }
    return !env.IsExceptionPending();
  }
  void Set(Stage stage) { stage_ = stage; }

 private:
  Stage stage_ = Stage::kNew;
};

// One run of a stage: the stages before and after it.
struct StageRun {
  std::shared_ptr<Course> course;
  std::shared_ptr<Monitor> monitor;
  Course::Stage from;
  Course::Stage to;
};

// Starts the work of one stage. Throws if the stage is not the next one.
template <typename T>
Napi::Value StartStage(Napi::Env env, const StageRun& run, typename JobWorker<T>::Work work,
                       typename JobWorker<T>::Convert convert) {
  if (!run.course->Check(env, run.from)) return env.Undefined();
  run.course->Set(Course::Stage::kBusy);
  const auto settled = [course = run.course, to = run.to](bool ok) {
    course->Set(ok ? to : Course::Stage::kBroken);
  };
  return Follow(run.monitor, new JobWorker<T>(env, std::move(work), std::move(convert), settled));
}

}  // namespace cura
