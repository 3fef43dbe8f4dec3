// Reads strings, buffers and options, and throws a TypeError for a wrong type.
#include "addon/options.h"

#include <algorithm>

#include "addon/convert.h"

namespace cura {

namespace {

// Returns the length of an array. Throws and returns 0 for any other value.
std::uint32_t LengthOf(const Napi::Value& value) {
  if (value.IsArray()) return value.As<Napi::Array>().Length();
  Refuse(value.Env(), "expected an array");
  return 0;
}

template <typename Read>
std::vector<std::string> ListOf(const Napi::Value& value, Read read) {
  std::vector<std::string> list;
  const std::uint32_t length = LengthOf(value);
  for (std::uint32_t i = 0; i < length && !value.Env().IsExceptionPending(); ++i) {
    const Napi::HandleScope scope(value.Env());
    list.push_back(read(value.As<Napi::Array>().Get(i)));
  }
  return list;
}

// Adds one list of patterns to `rules`. Returns its first invalid pattern, if any.
std::optional<BadRule> AddList(const Napi::Object& list, Rules* rules) {
  rules->Begin(Text(Field(list, "origin")));
  const std::string bytes = BytesOf(Field(list, "text"));
  if (Flag(list, "isFile")) return rules->AddFile(bytes, Bad::kRefuse);
  return rules->Add(bytes, Flag(list, "foldsCase"));
}

}  // namespace

void ThrowBadRule(Napi::Env env, const BadRule& bad, std::uint32_t list) {
  auto error = Napi::Error::New(env, bad.reason);
  error.Set("code", Napi::String::New(env, "BAD_PATTERN"));
  error.Set("list", Napi::Number::New(env, list));
  error.Set("line", Napi::Number::New(env, bad.line));
  error.Set("pathBytes", Bytes(env, bad.text));
  error.ThrowAsJavaScriptException();
}

void Refuse(Napi::Env env, const std::string& what) {
  // A value that could not be read has no environment, and its error is already pending.
  if (static_cast<napi_env>(env) == nullptr) return;
  if (!env.IsExceptionPending()) Napi::TypeError::New(env, what).ThrowAsJavaScriptException();
}

std::string Text(const Napi::Value& value) {
  if (value.IsString()) return value.As<Napi::String>().Utf8Value();
  Refuse(value.Env(), "expected a string");
  return {};
}

std::string Path(const Napi::Value& value) {
  std::string path = Text(value);
  if (path.find('\0') != std::string::npos) Refuse(value.Env(), "a path has no NUL");
  return path;
}

std::string Name(const Napi::Value& value) {
  std::string name = Path(value);
  const bool is_plain =
      !name.empty() && name != "." && name != ".." && name.find('/') == std::string::npos;
  if (!is_plain) Refuse(value.Env(), "expected a plain name");
  return name;
}

std::vector<std::string> Texts(const Napi::Value& value) { return ListOf(value, Text); }

std::vector<std::string> Names(const Napi::Value& value) { return ListOf(value, Name); }

std::uint32_t Limit(const Napi::Value& value) {
  const double number = value.IsNumber() ? value.As<Napi::Number>().DoubleValue() : -1;
  const auto limit = number >= 0 && number <= UINT32_MAX ? static_cast<std::uint32_t>(number) : 0;
  if (static_cast<double>(limit) != number) Refuse(value.Env(), "expected a whole number");
  return limit;
}

Napi::Object Fields(const Napi::Value& value) {
  if (value.IsObject()) return value.As<Napi::Object>();
  Refuse(value.Env(), "expected an object");
  return {};
}

Napi::Value Field(const Napi::Object& object, const char* name) {
  if (object.IsEmpty() || object.Env().IsExceptionPending()) return {};
  return object.Get(name);
}

bool Boolean(const Napi::Value& value) {
  if (value.IsBoolean()) return value.As<Napi::Boolean>().Value();
  Refuse(value.Env(), "expected true or false");
  return false;
}

bool Flag(const Napi::Object& object, const char* name) {
  const auto value = Field(object, name);
  if (value.IsBoolean()) return value.As<Napi::Boolean>().Value();
  Refuse(value.Env(), std::string(name) + " must be a boolean");
  return false;
}

std::string BytesOf(const Napi::Value& buffer) {
  if (!buffer.IsBuffer()) {
    Refuse(buffer.Env(), "expected a buffer");
    return {};
  }
  const auto bytes = buffer.As<Napi::Buffer<char>>();
  return {bytes.Data(), bytes.Length()};
}

std::vector<std::string> Paths(const Napi::Value& value) { return ListOf(value, BytesOf); }

std::optional<std::int64_t> OptionalNumber(const Napi::Object& object, const char* name) {
  const auto value = Field(object, name);
  if (value.IsNumber()) return value.As<Napi::Number>().Int64Value();
  if (!value.IsNull()) Refuse(object.Env(), std::string(name) + " must be a number or null");
  return std::nullopt;
}

std::vector<Napi::Object> ObjectsOf(const Napi::Value& value) {
  std::vector<Napi::Object> objects;
  const std::uint32_t length = LengthOf(value);
  for (std::uint32_t i = 0; i < length && !value.Env().IsExceptionPending(); ++i) {
    objects.push_back(Fields(value.As<Napi::Array>().Get(i)));
  }
  return objects;
}

Trust ToTrust(const Napi::Object& object) {
  return {Flag(object, "inodes"), Flag(object, "ctimes"), Flag(object, "contents"),
          Flag(object, "quick")};
}

std::vector<BaseOption> ToBases(const Napi::Value& value) {
  std::vector<BaseOption> bases;
  for (const Napi::Object& base : ObjectsOf(value)) {
    const auto snapshot = Field(base, "snapshot");
    BaseOption option;
    option.source = Text(Field(base, "name"));
    if (!snapshot.IsNull()) option.snapshot = Name(snapshot);
    option.is_foreign = Flag(base, "foreign");
    option.older = Names(Field(base, "older"));
    bases.push_back(std::move(option));
  }
  return bases;
}

std::shared_ptr<const Selection> ToSelection(Napi::Env env, const Napi::Object& object) {
  auto options = std::make_shared<Selection>();
  std::uint32_t at = 0;
  for (const Napi::Object& list : ObjectsOf(Field(object, "patterns"))) {
    if (env.IsExceptionPending()) return nullptr;
    const auto bad = AddList(list, &options->rules);
    if (bad) ThrowBadRule(env, *bad, at);
    ++at;
  }
  for (const Napi::Object& tag : ObjectsOf(Field(object, "tags"))) {
    options->tags.push_back({Text(Field(tag, "name")), Text(Field(tag, "header"))});
  }
  options->ignore_files = Texts(Field(object, "ignoreFiles"));
  options->attributes = Texts(Field(object, "attributes"));
  const auto largest = Field(object, "largest");
  if (largest.IsNumber()) {
    options->largest = static_cast<std::uint64_t>(largest.As<Napi::Number>().Int64Value());
  } else if (!largest.IsNull()) {
    Refuse(env, "largest must be a number or null");
  }
  options->one_filesystem = Flag(object, "oneFileSystem");
  const auto only = Field(object, "only");
  if (!only.IsEmpty() && !only.IsUndefined()) options->only = Paths(only);
  std::sort(options->only.begin(), options->only.end());
  options->lists = Flag(object, "lists");
  if (env.IsExceptionPending()) return nullptr;
  return options;
}

}  // namespace cura
