// A native operation on a libuv thread, seen from JavaScript as {done, progress, abort}.
#pragma once

#include <napi.h>

#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "convert.h"
#include "monitor.h"
#include "result.h"

namespace cura {

// Runs `work` away from the main thread, and `convert` on it when the work is done. Both own all
// that they need.
template <typename T>
class JobWorker : public Napi::AsyncWorker {
 public:
  using Work = std::function<Result<T>()>;
  using Convert = std::function<Napi::Value(Napi::Env, const T&)>;

  JobWorker(Napi::Env env, Work work, Convert convert)
      : Napi::AsyncWorker(env),
        deferred_(Napi::Promise::Deferred::New(env)),
        work_(std::move(work)),
        convert_(std::move(convert)) {}

  [[nodiscard]] Napi::Promise promise() const { return deferred_.Promise(); }

 protected:
  void Execute() override { result_.emplace(work_()); }

  void OnOK() override {
    if (result_->ok()) {
      deferred_.Resolve(convert_(Env(), result_->value()));
    } else {
      deferred_.Reject(ToError(Env(), result_->error()).Value());
    }
  }

 private:
  Napi::Promise::Deferred deferred_;
  Work work_;
  Convert convert_;
  std::optional<Result<T>> result_;
};

// Starts the work; the object that JavaScript follows it with.
template <typename T>
Napi::Value StartJob(Napi::Env env, const std::shared_ptr<Monitor>& monitor,
                     typename JobWorker<T>::Work work, typename JobWorker<T>::Convert convert) {
  // The worker deletes itself once it has settled its promise.
  auto* worker = new JobWorker<T>(env, std::move(work), std::move(convert));
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

}  // namespace cura
