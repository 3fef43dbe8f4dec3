// The opened records of snapshots as a JavaScript object.
#pragma once

#include <napi.h>

#include <memory>
#include <string>
#include <utility>

#include "addon/convert.h"
#include "addon/convert_queries.h"
#include "addon/job.h"
#include "addon/options.h"
#include "addon/query_options.h"
#include "query/same_entry.h"

namespace cura {

class RecordsObject : public Napi::ObjectWrap<RecordsObject> {
 public:
  static Napi::Function Define(Napi::Env env) {
    return DefineClass(
        env, "NativeRecords",
        {Open<&RecordsObject::Opened>("opened"), Open<&RecordsObject::Gone>("gone"),
         Open<&RecordsObject::Lookup>("lookup"), Open<&RecordsObject::List>("list"),
         Open<&RecordsObject::Find>("find"), Open<&RecordsObject::Same>("same"),
         Open<&RecordsObject::Versions>("versions"), Open<&RecordsObject::Diff>("diff"),
         Open<&RecordsObject::BytesRead>("bytesRead"),
         InstanceMethod<&RecordsObject::Close>("close")});
  }
  explicit RecordsObject(const Napi::CallbackInfo& info) : ObjectWrap(info) {}

  std::shared_ptr<const Records> records;
  std::shared_ptr<Resources> resources;

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

  // The numbers of records in an array; none, with an exception pending, if one is wrong.
  std::vector<std::uint32_t> Numbers(const Napi::Value& value) const {
    std::vector<std::uint32_t> numbers;
    if (!value.IsArray()) Refuse(value.Env(), "expected an array of numbers");
    const auto array = value.IsArray() ? value.As<Napi::Array>() : Napi::Array::New(value.Env());
    for (std::uint32_t i = 0; i < array.Length(); ++i) {
      if (Numbered(array.Get(i)) == nullptr) return {};
      numbers.push_back(Limit(array.Get(i)));
    }
    return numbers;
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

  Napi::Value Gone(const Napi::CallbackInfo& info) { return TextArray(info.Env(), records->gone); }

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

  // Returns an object that yields the next page of matches, and counts what it could not compare.
  Napi::Value Find(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    Timeline::Manifests manifests;
    for (const std::uint32_t number : Numbers(info[0])) {
      manifests.push_back(records->list[number].manifest);
    }
    if (env.IsExceptionPending()) return env.Undefined();
    const std::string top = BytesOf(info[1]);
    if (env.IsExceptionPending()) return env.Undefined();
    auto options = ToFindOptions(env, Fields(info[2]));
    if (options == nullptr) return env.Undefined();
    const auto finder = std::make_shared<PathFinder>(std::move(manifests), top, std::move(options));
    auto object = Napi::Object::New(env);
    object.Set("next", Napi::Function::New(env, [finder](const Napi::CallbackInfo& call) {
                 return NextMatches(call, finder.get());
               }));
    object.Set("undigested", Napi::Function::New(env, [finder](const Napi::CallbackInfo& call) {
                 return Number(call.Env(), finder->undigested());
               }));
    return object;
  }

  // The next page, or null at the end.
  static Napi::Value NextMatches(const Napi::CallbackInfo& call, PathFinder* finder) {
    const std::uint32_t limit = Limit(call[0]);
    if (call.Env().IsExceptionPending()) return call.Env().Undefined();
    if (finder->ended()) return call.Env().Null();
    auto page = finder->Next(limit);
    return page.ok() ? ToArray(call.Env(), page.value()) : Throw(call.Env(), page.error());
  }

  Napi::Value Same(const Napi::CallbackInfo& info) {
    using SameEntries = std::vector<ListedEntry>;
    const auto manifest = Numbered(info[0]);
    if (info.Env().IsExceptionPending()) return info.Env().Undefined();
    const auto other = Numbered(info[2]);
    const std::string path = BytesOf(info[1]);
    const auto job = std::make_shared<Job>(resources);
    const auto work = [job, manifest, path, other]() -> Result<SameEntries> {
      auto found = manifest->Lookup(path);
      if (!found.ok()) return std::move(found.error());
      if (!found.value()) return SameEntries();
      const std::string source = path.substr(0, path.find('/'));
      return FindSame(other, source, found.value()->entry, job->context());
    };
    return StartJob<SameEntries>(
        info.Env(), job->monitor(), work,
        [](Napi::Env env, const SameEntries& found) { return ToArray(env, found); });
  }

  Napi::Value Versions(const Napi::CallbackInfo& info) {
    using PathVersions = std::vector<PathVersion>;
    std::vector<Record> chosen;
    for (const std::uint32_t number : Numbers(info[0])) chosen.push_back(records->list[number]);
    const std::string path = BytesOf(info[1]);
    const auto job = std::make_shared<Job>(resources);
    const auto work = [job, chosen, path] { return VersionsOf(chosen, path, job->context()); };
    return StartJob<PathVersions>(
        info.Env(), job->monitor(), work,
        [](Napi::Env env, const PathVersions& found) { return ToArray(env, found); });
  }

  // Compares two trees: their numbers and paths. Returns null if one of the paths does not exist.
  Napi::Value Diff(const Napi::CallbackInfo& info) {
    using Compared = std::shared_ptr<TreeDifference>;  // null: no such path
    std::array<ComparedTree, kSides> trees;
    for (const TreeSide side : {kBefore, kAfter}) {
      if (Numbered(info[2 * side]) == nullptr) return info.Env().Undefined();
      trees[side] = {&records->list[Limit(info[2 * side])], BytesOf(info[2 * side + 1])};
    }
    const auto job = std::make_shared<Job>(resources);
    const auto work = [job, trees, kept = records]() -> Result<Compared> {
      auto compared = TreeDifference::Of(trees, job->context());
      if (!compared.ok()) return std::move(compared.error());
      if (!compared.value()) return Compared();
      return std::make_shared<TreeDifference>(std::move(*compared.value()));
    };
    return StartJob<Compared>(info.Env(), job->monitor(), work,
                              [](Napi::Env env, const Compared& compared) -> Napi::Value {
                                if (compared == nullptr) return env.Null();
                                auto object = ToObject(env, *compared);
                                object.Set("changes", PageFunction(env, compared));
                                return object;
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
