// Builds the JavaScript objects that src/native/native-queries.ts declares.
#include "addon/convert_queries.h"

#include "addon/convert.h"
#include "base/time_text.h"

namespace cura {

namespace {

// An owner, or null if it is unknown.
Napi::Value Owner(Napi::Env env, std::uint32_t id) {
  if (id == kUnknownOwner) return env.Null();
  return Number(env, id);
}

}  // namespace

Napi::Value ToObject(Napi::Env env, const ListedEntry& listed) {
  const Entry& entry = listed.entry;
  auto object = Napi::Object::New(env);
  object.Set("path", Bytes(env, listed.path));
  object.Set("type", TypeName(entry.type, "special"));
  object.Set("bytes", Number(env, entry.size));
  object.Set("mode", Number(env, entry.mode));
  object.Set("uid", Owner(env, entry.uid));
  object.Set("gid", Owner(env, entry.gid));
  object.Set("mtime", Napi::String::New(env, TimeText(entry.mtime)));
  object.Set("mtime_s", Napi::Number::New(env, static_cast<double>(entry.mtime.sec)));
  object.Set("storedInode", Number(env, entry.stored_ino));
  object.Set("sha256", DigestText(env, entry.digest));
  const bool is_link = entry.type == Type::kSymlink;
  object.Set("target", is_link ? Bytes(env, listed.target) : env.Null());
  return object;
}

Napi::Value ToArray(Napi::Env env, const std::vector<ListedEntry>& entries) {
  auto array = Napi::Array::New(env, entries.size());
  for (std::uint32_t i = 0; i < entries.size(); ++i) {
    const Napi::HandleScope scope(env);
    array.Set(i, ToObject(env, entries[i]));
  }
  return array;
}

}  // namespace cura
