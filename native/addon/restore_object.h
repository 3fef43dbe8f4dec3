// A restore as a JavaScript object.
#pragma once

#include <napi.h>

#include <memory>
#include <string>

#include "addon/convert.h"
#include "addon/convert_restore.h"
#include "addon/job.h"
#include "addon/pipelines.h"
#include "jobs/restore.h"

namespace cura {

class RestoreObject : public PipelineObject<RestoreObject, RestoreJob> {
 public:
  static Napi::Function Define(Napi::Env env) {
    return DefineClass(
        env, "NativeRestore",
        {Open<&RestoreObject::Compare>("compare"), Open<&RestoreObject::Changes>("changes"),
         Open<&RestoreObject::Apply>("apply"), CloseMethod()});
  }
  explicit RestoreObject(const Napi::CallbackInfo& info) : PipelineObject(info) {}

 private:
  Napi::Value Compare(const Napi::CallbackInfo& info) {
    const auto work = [kept = held.pipeline]() -> Result<std::monostate> {
      if (auto error = kept->Compare()) return std::move(*error);
      return std::monostate();
    };
    return StartStage<std::monostate>(info.Env(), held.From(Stage::kNew, Stage::kReady), work,
                                      [kept = held.pipeline](Napi::Env env, const std::monostate&) {
                                        return ToObject(env, kept->plan(), kept->rebuilt(),
                                                        kept->failures());
                                      });
  }

  Napi::Value Changes(const Napi::CallbackInfo& info) {
    const auto limit = Limit(info[0]);
    if (!held.course->Check(info.Env(), Stage::kReady)) return info.Env().Undefined();
    auto changes = held.pipeline->Changes(limit);
    if (!changes.ok()) return Throw(info.Env(), changes.error());
    return ToArray(info.Env(), changes.value());
  }

  Napi::Value Apply(const Napi::CallbackInfo& info) {
    return StartStage<Restored>(
        info.Env(), held.From(Stage::kReady, Stage::kMade),
        [kept = held.pipeline] { return kept->Apply(); },
        [kept = held.pipeline](Napi::Env env, const Restored& restored) {
          return ToObject(env, restored, kept->failures());
        });
  }
};

}  // namespace cura
