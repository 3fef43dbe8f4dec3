// Reading strings, buffers and options.
#include "options.h"

#include "convert.h"

namespace cura {

namespace {

bool Flag(const Napi::Object& object, const char* name) {
  return object.Get(name).As<Napi::Boolean>().Value();
}

// What is wrong with one list of patterns, which `rules` get; or nothing.
std::optional<BadRule> AddList(const Napi::Object& list, Rules* rules) {
  rules->Begin(Text(list.Get("origin")));
  const std::string bytes = BytesOf(list.Get("text"));
  if (Flag(list, "isFile")) return rules->AddFile(bytes, Bad::kRefuse);
  return rules->Add(bytes, Flag(list, "foldsCase"));
}

void ThrowBadRule(Napi::Env env, const BadRule& bad, std::uint32_t list) {
  auto error = Napi::Error::New(env, bad.reason);
  error.Set("code", Napi::String::New(env, "BAD_PATTERN"));
  error.Set("list", Napi::Number::New(env, list));
  error.Set("line", Napi::Number::New(env, bad.line));
  error.Set("pathBytes", Bytes(env, bad.text));
  error.ThrowAsJavaScriptException();
}

}  // namespace

std::string Text(const Napi::Value& value) { return value.As<Napi::String>().Utf8Value(); }

std::vector<std::string> Texts(const Napi::Value& value) {
  const auto array = value.As<Napi::Array>();
  std::vector<std::string> texts;
  for (std::uint32_t i = 0; i < array.Length(); ++i) texts.push_back(Text(array.Get(i)));
  return texts;
}

std::string BytesOf(const Napi::Value& buffer) {
  const auto bytes = buffer.As<Napi::Buffer<char>>();
  return {bytes.Data(), bytes.Length()};
}

std::vector<std::string> Paths(const Napi::Value& value) {
  const auto array = value.As<Napi::Array>();
  std::vector<std::string> paths;
  paths.reserve(array.Length());
  for (std::uint32_t i = 0; i < array.Length(); ++i) {
    const Napi::HandleScope scope(value.Env());
    paths.push_back(BytesOf(array.Get(i)));
  }
  return paths;
}

Belief ToBelief(const Napi::Object& object) {
  return {Flag(object, "inodes"), Flag(object, "ctimes"), Flag(object, "contents"),
          Flag(object, "quick")};
}

std::vector<BaseOption> ToBases(const Napi::Value& value) {
  const auto array = value.As<Napi::Array>();
  std::vector<BaseOption> bases;
  for (std::uint32_t i = 0; i < array.Length(); ++i) {
    const auto base = array.Get(i).As<Napi::Object>();
    const auto snapshot = base.Get("snapshot");
    bases.push_back({Text(base.Get("name")), snapshot.IsString() ? Text(snapshot) : std::string(),
                     Flag(base, "foreign"), Texts(base.Get("older"))});
  }
  return bases;
}

std::shared_ptr<const SelectionOptions> ToSelection(Napi::Env env, const Napi::Object& object) {
  auto options = std::make_shared<SelectionOptions>();
  const auto lists = object.Get("patterns").As<Napi::Array>();
  for (std::uint32_t i = 0; i < lists.Length(); ++i) {
    const auto bad = AddList(lists.Get(i).As<Napi::Object>(), &options->rules);
    if (!bad) continue;
    ThrowBadRule(env, *bad, i);
    return nullptr;
  }
  const auto tags = object.Get("tags").As<Napi::Array>();
  for (std::uint32_t i = 0; i < tags.Length(); ++i) {
    const auto tag = tags.Get(i).As<Napi::Object>();
    options->tags.push_back({Text(tag.Get("name")), Text(tag.Get("header"))});
  }
  options->ignore_files = Texts(object.Get("ignoreFiles"));
  options->attributes = Texts(object.Get("attributes"));
  const auto largest = object.Get("largest");
  if (largest.IsNumber()) {
    options->largest = static_cast<std::uint64_t>(largest.As<Napi::Number>().Int64Value());
  }
  options->one_filesystem = Flag(object, "oneFileSystem");
  options->lists = Flag(object, "lists");
  return options;
}

}  // namespace cura
