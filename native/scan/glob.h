// One pattern of names in the syntax of gitignore, compiled.
#pragma once

#include <bitset>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cura {

using ByteSet = std::bitset<256>;

// Matches bytes. It takes time in proportion to the product of the lengths at most.
class Glob {
 public:
  // Returns what is wrong with the pattern, or null. '/' is an ordinary byte here; which part of a
  // path is to be matched is for the caller to say. `folds_case` takes ASCII letters of both cases
  // for the same.
  const char* Parse(std::string_view pattern, bool folds_case);
  [[nodiscard]] bool Matches(std::string_view text) const;

  // What a text that matches can begin with, and what its last component can begin and end with.
  [[nodiscard]] ByteSet OpeningBytes() const;
  [[nodiscard]] ByteSet FirstBytes() const;
  [[nodiscard]] ByteSet LastBytes() const;

 private:
  enum class Kind : std::uint8_t {
    kByte,    // that one
    kSet,     // one of a set, never '/'
    kStar,    // any bytes but '/'
    kAll,     // any bytes
    kLevels,  // any bytes up to a '/', or nothing
  };
  struct Token {
    Kind kind = Kind::kByte;
    std::uint8_t byte = 0;
    std::uint32_t set = 0;  // place among the sets
  };
  struct Retry;

  void AddStars(std::string_view pattern, size_t* at);
  const char* AddSet(std::string_view pattern, size_t* at);
  void Add(Kind kind, std::uint8_t byte = 0) { tokens_.push_back({kind, byte, 0}); }
  void AddSet(const ByteSet& set);
  // The byte that the token stands for, if it is only one; else -1.
  [[nodiscard]] int OnlyByte(size_t token) const;
  static bool TakesAll(Kind wildcard, std::string_view text);
  [[nodiscard]] bool MatchesOne(const Token& token, std::uint8_t byte) const;
  [[nodiscard]] ByteSet BytesOf(const Token& token) const;

  bool folds_case_ = false;
  std::vector<Token> tokens_;
  std::vector<ByteSet> sets_;
};

}  // namespace cura
