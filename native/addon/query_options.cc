// Reads the options of find.
#include "addon/query_options.h"

#include <algorithm>
#include <utility>

#include "addon/options.h"

namespace cura {

namespace {

std::optional<SizeTest> ToSizeTest(const Napi::Object& object) {
  const auto value = Field(object, "size");
  if (value.IsNull()) return std::nullopt;
  const auto fields = Fields(value);
  const std::string kind = Text(Field(fields, "is"));
  const auto bytes = OptionalNumber(fields, "bytes").value_or(0);
  if (kind != "above" && kind != "below" && kind != "equal") {
    Refuse(object.Env(), "a size must be above, below or equal");
  }
  return SizeTest{kind == "above"   ? SizeTest::Kind::kAbove
                  : kind == "below" ? SizeTest::Kind::kBelow
                                    : SizeTest::Kind::kEqual,
                  static_cast<std::uint64_t>(std::max<std::int64_t>(bytes, 0))};
}

int HexValue(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  return -1;
}

std::optional<Digest> ToDigest(const Napi::Object& object) {
  const auto value = Field(object, "digest");
  if (value.IsNull()) return std::nullopt;
  const std::string text = Text(value);
  Digest digest{};
  bool is_valid = text.size() == 2 * digest.size();
  for (size_t i = 0; is_valid && i < digest.size(); ++i) {
    const int high = HexValue(text[2 * i]);
    const int low = HexValue(text[2 * i + 1]);
    is_valid = high >= 0 && low >= 0;
    digest[i] = static_cast<std::uint8_t>(high * 16 + low);
  }
  if (!is_valid) Refuse(object.Env(), "a digest must be 64 hexadecimal digits");
  return digest;
}

}  // namespace

std::shared_ptr<const FindOptions> ToFindOptions(Napi::Env env, const Napi::Object& object) {
  auto options = std::make_shared<FindOptions>();
  const bool folds_case = Flag(object, "ignoreCase");
  options->patterns.Begin("PATTERN");
  for (const std::string& pattern : Texts(Field(object, "patterns"))) {
    if (env.IsExceptionPending()) return nullptr;
    const auto bad = options->patterns.Add(pattern, folds_case);
    if (bad) ThrowBadRule(env, *bad, 0);
  }
  const auto types = Fields(Field(object, "types"));
  options->files = Flag(types, "file");
  options->directories = Flag(types, "directory");
  options->symlinks = Flag(types, "symlink");
  options->specials = Flag(types, "special");
  options->size = ToSizeTest(object);
  options->after_s = OptionalNumber(object, "after_s");
  options->until_s = OptionalNumber(object, "until_s");
  options->digest = ToDigest(object);
  options->deleted = Flag(object, "deleted");
  options->first_is_extra = Flag(object, "firstIsExtra");
  if (env.IsExceptionPending()) return nullptr;
  return options;
}

}  // namespace cura
