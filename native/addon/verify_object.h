// A verification as a JavaScript object.
#pragma once

#include <napi.h>

#include <memory>

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

}  // namespace cura
