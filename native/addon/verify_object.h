// A verification as a JavaScript object.
#pragma once

#include <napi.h>

#include <memory>
#include <utility>

#include "addon/classes.h"
#include "addon/convert_verify.h"
#include "addon/job.h"
#include "addon/pipelines.h"
#include "jobs/verify.h"

namespace cura {

class VerifyObject : public PipelineObject<VerifyObject, VerifyJob> {
 public:
  static Napi::Function Define(Napi::Env env) {
    return DefineClass(
        env, "NativeVerification",
        {Open<&VerifyObject::Check>("check"), Open<&VerifyObject::Damages>("damages"),
         Open<&VerifyObject::Heal>("heal"), CloseMethod()});
  }
  explicit VerifyObject(const Napi::CallbackInfo& info) : PipelineObject(info) {}

 private:
  Napi::Value Check(const Napi::CallbackInfo& info) {
    return StartStage<Checked>(
        info.Env(), held.From(Stage::kNew, Stage::kReady),
        [kept = held.pipeline] { return kept->Check(); },
        [kept = held.pipeline](Napi::Env env, const Checked& checked) {
          return ToObject(env, checked, kept->damages(), kept->failures());
        });
  }

  Napi::Value Damages(const Napi::CallbackInfo& info) {
    const auto limit = Limit(info[0]);
    if (!held.course->Check(info.Env(), Stage::kReady)) return info.Env().Undefined();
    return ToArray(info.Env(), held.pipeline->Damages(limit));
  }

  Napi::Value Heal(const Napi::CallbackInfo& info) {
    const auto options = std::make_shared<HealOptions>(ToHealOptions(Fields(info[0])));
    if (info.Env().IsExceptionPending()) return info.Env().Undefined();
    return StartStage<Healed>(
        info.Env(), held.From(Stage::kReady, Stage::kReady),
        [kept = held.pipeline, options] { return kept->Heal(*options); },
        [kept = held.pipeline](Napi::Env env, const Healed& healed) {
          return ToObject(env, healed, kept->failures());
        });
  }
};

inline Napi::Value ReadScrubOf(const Store& store, const Napi::CallbackInfo& info) {
  return ToObject(info.Env(), LoadScrubSummary(store.fd()));
}

// Prepares a verification of the store.
inline Napi::Value NewVerificationOf(const std::shared_ptr<Store>& store,
                                     const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  VerifyOptions options = ToVerifyOptions(Fields(info[0]));
  if (env.IsExceptionPending()) return env.Undefined();
  options.store = store;
  auto lock = LockScrub(store->fd());
  const int code = lock.ok() ? 0 : lock.error().code;
  // A store that only this run cannot write to can still be read.
  const bool is_read_only = code == EROFS || code == EACCES || code == EPERM;
  if (code != 0 && !is_read_only) return Throw(env, lock.error());
  auto object = ClassesOf(env)->verification.New({});
  VerifyObject::Unwrap(object)->held.pipeline =
      std::make_shared<VerifyJob>(ClassesOf(env)->resources, std::move(options),
                                  lock.ok() ? std::move(lock.value()) : Fd(), code);
  return object;
}

inline Napi::Value CheckSourcesOf(const std::shared_ptr<Store>& store,
                                  const Napi::CallbackInfo& info) {
  const auto job = std::make_shared<Job>(ClassesOf(info.Env())->resources);
  const auto work = [job, store, options = ToSourceCheckOptions(Fields(info[0]))] {
    return CheckSources(store->fd(), options, job->context());
  };
  return StartJob<SourceChecked>(info.Env(), job->monitor(), work,
                                 [job](Napi::Env env, const SourceChecked& checked) {
                                   return ToObject(env, checked, job->failures());
                                 });
}

}  // namespace cura
