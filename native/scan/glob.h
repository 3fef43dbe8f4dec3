// A compiled gitignore pattern.
#pragma once

#include <bitset>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cura {

using ByteSet = std::bitset<256>;

// Matches bytes. Takes at most time proportional to the product of both lengths.
class Glob {
 public:
  // Returns what is wrong with the pattern, or null. '/' is an ordinary byte here; the caller
  // decides which part of a path to match. `folds_case` ignores the case of ASCII letters.
  const char* Parse(std::string_view pattern, bool folds_case);
  [[nodiscard]] bool Matches(std::string_view text) const;

  // The bytes that a matching text can begin with, and that its last component can begin and end
  // with.
  [[nodiscard]] ByteSet OpeningBytes() const;
  [[nodiscard]] ByteSet FirstBytes() const;
  [[nodiscard]] ByteSet LastBytes() const;

 private:
  enum class Kind : std::uint8_t {
    kByte,    // this byte
    kSet,     // one byte of a set, never '/'
    kStar,    // any bytes except '/'
    kAll,     // any bytes
    kLevels,  // any bytes up to a '/', or nothing
  };
  struct Token {
    Kind kind = Kind::kByte;
    std::uint8_t byte = 0;
    std::uint32_t set = 0;  // index into sets_
  };
  struct Retry;

  void AddStars(std::string_view pattern, size_t* at);
  const char* AddSet(std::string_view pattern, size_t* at);
  void Add(Kind kind, std::uint8_t byte = 0) { tokens_.push_back({kind, byte, 0}); }
  void AddSet(const ByteSet& set);
  // The only byte that the token matches, or -1 if there are several.
  [[nodiscard]] int OnlyByte(size_t token) const;
  static bool MatchesRest(Kind wildcard, std::string_view text);
  [[nodiscard]] bool MatchesOne(const Token& token, std::uint8_t byte) const;
  [[nodiscard]] ByteSet BytesOf(const Token& token) const;

  bool folds_case_ = false;
  std::vector<Token> tokens_;
  std::vector<ByteSet> sets_;
};

}  // namespace cura
