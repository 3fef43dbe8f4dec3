// Facts about this machine and its processes, as functions for JavaScript.
#pragma once

#include <napi.h>

#include <string>

#include "addon/convert.h"
#include "addon/options.h"
#include "platform/sys.h"
#include "scan/sources.h"

namespace cura {

inline Napi::Value BootId(const Napi::CallbackInfo& info) {
  return Napi::String::New(info.Env(), sys::BootId());
}

inline Napi::Value MachineId(const Napi::CallbackInfo& info) {
  return Napi::String::New(info.Env(), sys::MachineId());
}

inline Napi::Value IsMounted(const Napi::CallbackInfo& info) {
  const std::string path = Path(info[0]);
  if (info.Env().IsExceptionPending()) return info.Env().Undefined();
  return Napi::Boolean::New(info.Env(), IsMountPoint(path));
}

inline Napi::Value ProcessStart(const Napi::CallbackInfo& info) {
  const auto pid = static_cast<pid_t>(Limit(info[0]));
  if (info.Env().IsExceptionPending()) return info.Env().Undefined();
  const std::string start = sys::ProcessStart(pid);
  return start.empty() ? info.Env().Null() : Napi::String::New(info.Env(), start);
}

inline Napi::Value SignalProcess(const Napi::CallbackInfo& info) {
  const auto pid = static_cast<pid_t>(Limit(info[0]));
  const std::string start = Text(info[1]);
  const auto number = static_cast<int>(Limit(info[2]));
  // kill(2) treats numbers below 1 as groups of processes.
  if (pid < 1) Refuse(info.Env(), "expected a process id");
  if (info.Env().IsExceptionPending()) return info.Env().Undefined();
  const int sent = sys::SignalProcess(pid, start, number);
  if (sent < 0) return Throw(info.Env(), LastError("pidfd_send_signal"));
  return Napi::Boolean::New(info.Env(), sent == 1);
}

}  // namespace cura
