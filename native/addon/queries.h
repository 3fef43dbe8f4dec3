// The opened records of snapshots as a JavaScript object.
#pragma once

#include <napi.h>

#include <memory>
#include <string>
#include <utility>

#include "addon/convert_queries.h"
#include "addon/options.h"

namespace cura {

class RecordsObject : public Napi::ObjectWrap<RecordsObject> {
 public:
  static Napi::Function Define(Napi::Env env) {
    return DefineClass(env, "NativeRecords",
                       {Open<&RecordsObject::Opened>("opened"), Open<&RecordsObject::Gone>("gone"),
                        Open<&RecordsObject::Lookup>("lookup"), Open<&RecordsObject::List>("list"),
                        Open<&RecordsObject::BytesRead>("bytesRead"),
                        InstanceMethod<&RecordsObject::Close>("close")});
  }
  explicit RecordsObject(const Napi::CallbackInfo& info) : ObjectWrap(info) {}

  std::shared_ptr<const Records> records;

 private:
  using Method = Napi::Value (RecordsObject::*)(const Napi::CallbackInfo&);

  template <Method method>
  static PropertyDescriptor Open(const char* name) {
    return InstanceMethod<&RecordsObject::IfOpen<method>>(name);
  }

  template <Method method>
  Napi::Value IfOpen(const Napi::CallbackInfo& info) {
    if (records != nullptr) return (this->*method)(info);
    Refuse(info.Env(), "the records are closed");
    return info.Env().Undefined();
  }

  // The manifest with that number. Returns null, with an exception pending, if there is none.
  std::shared_ptr<const Manifest> Numbered(const Napi::Value& value) const {
    const std::uint32_t number = Limit(value);
    if (value.Env().IsExceptionPending()) return nullptr;
    if (number < records->list.size()) return records->list[number].manifest;
    Refuse(value.Env(), "there is no record with that number");
    return nullptr;
  }

  Napi::Value Opened(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    auto array = Napi::Array::New(env, records->list.size());
    std::uint32_t at = 0;
    for (const Record& record : records->list) {
      auto object = Napi::Object::New(env);
      object.Set("snapshot", record.snapshot);
      const bool is_rebuilt = !record.rebuilt.empty();
      object.Set("rebuilt", is_rebuilt ? Napi::String::New(env, record.rebuilt) : env.Null());
      array.Set(at++, object);
    }
    return array;
  }

  Napi::Value Gone(const Napi::CallbackInfo& info) {
    auto array = Napi::Array::New(info.Env(), records->gone.size());
    std::uint32_t at = 0;
    for (const std::string& name : records->gone) array.Set(at++, name);
    return array;
  }

  Napi::Value Lookup(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    const auto manifest = Numbered(info[0]);
    if (env.IsExceptionPending()) return env.Undefined();
    const std::string path = BytesOf(info[1]);
    if (env.IsExceptionPending()) return env.Undefined();
    auto found = manifest->Lookup(path);
    if (!found.ok()) return Throw(env, found.error());
    const auto& entry = found.value();
    return entry && !entry->entry.unread ? ToObject(env, Listed(path, entry->entry)) : env.Null();
  }

  // Returns a function that yields the next page, or null if there is no such path.
  Napi::Value List(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    auto manifest = Numbered(info[0]);
    if (env.IsExceptionPending()) return env.Undefined();
    const std::string path = BytesOf(info[1]);
    const auto options = Fields(info[2]);
    const Depth depth = Flag(options, "recursive") ? Depth::kAll : Depth::kChildren;
    if (env.IsExceptionPending()) return env.Undefined();
    auto made = EntryLister::Of(std::move(manifest), path, depth);
    if (!made.ok()) return Throw(env, made.error());
    if (!made.value()) return env.Null();
    return PageFunction(env, std::make_shared<EntryLister>(std::move(*made.value())));
  }

  // A function that returns the next at most `limit` results of a lister.
  template <typename Lister>
  static Napi::Value PageFunction(Napi::Env env, std::shared_ptr<Lister> lister) {
    return Napi::Function::New(
        env, [lister = std::move(lister)](const Napi::CallbackInfo& call) -> Napi::Value {
          const std::uint32_t limit = Limit(call[0]);
          if (call.Env().IsExceptionPending()) return call.Env().Undefined();
          auto page = lister->Next(limit);
          if (!page.ok()) return Throw(call.Env(), page.error());
          return ToArray(call.Env(), page.value());
        });
  }

  Napi::Value BytesRead(const Napi::CallbackInfo& info) {
    const auto manifest = Numbered(info[0]);
    if (info.Env().IsExceptionPending()) return info.Env().Undefined();
    return Number(info.Env(), manifest->bytes_read());
  }

  void Close(const Napi::CallbackInfo&) { records.reset(); }
};

}  // namespace cura
