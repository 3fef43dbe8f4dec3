// Compiles and matches patterns exactly as git does, including its quirks.
#include "scan/glob.h"

#include <algorithm>

namespace cura {

namespace {

constexpr std::string_view kSpecial = "*?[\\";
constexpr const char* kOpenSet = "a bracket is not closed";
constexpr const char* kNoEscaped = "nothing follows the last backslash";

bool IsUpper(unsigned byte) { return byte >= 'A' && byte <= 'Z'; }
bool IsLower(unsigned byte) { return byte >= 'a' && byte <= 'z'; }
bool IsDigit(unsigned byte) { return byte >= '0' && byte <= '9'; }
// Like git's own isspace, without vertical tab and form feed.
bool IsSpace(unsigned byte) { return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r'; }
bool IsGraph(unsigned byte) { return byte > ' ' && byte < 0x7F; }
bool IsAlpha(unsigned byte) { return IsUpper(byte) || IsLower(byte); }

std::uint8_t Folded(std::uint8_t byte) {
  return IsUpper(byte) ? static_cast<std::uint8_t>(byte - 'A' + 'a') : byte;
}

// Whether a byte belongs to a POSIX character class, as in the C locale.
using Class = bool (*)(unsigned byte);

Class ClassOf(std::string_view name) {
  if (name == "alnum") return [](unsigned b) { return IsAlpha(b) || IsDigit(b); };
  if (name == "alpha") return [](unsigned b) { return IsAlpha(b); };
  if (name == "blank") return [](unsigned b) { return b == ' ' || b == '\t'; };
  if (name == "cntrl") return [](unsigned b) { return b < ' ' || b == 0x7F; };
  if (name == "digit") return [](unsigned b) { return IsDigit(b); };
  if (name == "graph") return [](unsigned b) { return IsGraph(b); };
  if (name == "lower") return [](unsigned b) { return IsLower(b); };
  if (name == "print") return [](unsigned b) { return IsGraph(b) || b == ' '; };
  if (name == "punct") {
    return [](unsigned b) { return IsGraph(b) && !IsAlpha(b) && !IsDigit(b); };
  }
  if (name == "space") return [](unsigned b) { return IsSpace(b); };
  if (name == "upper") return [](unsigned b) { return IsUpper(b); };
  if (name == "xdigit") {
    return [](unsigned b) { return IsDigit(b) || (b | 0x20U) - 'a' < 6; };
  }
  return nullptr;
}

void FoldCase(ByteSet* set) {
  for (unsigned lower = 'a'; lower <= 'z'; ++lower) {
    const unsigned upper = lower - 'a' + 'A';
    const bool either = set->test(lower) || set->test(upper);
    set->set(lower, either);
    set->set(upper, either);
  }
}

// Reads the inside of a bracket expression.
class SetReader {
 public:
  SetReader(std::string_view pattern, size_t at, bool folds_case)
      : pattern_(pattern), at_(at), folds_case_(folds_case) {}

  // Returns the problem, or null. On success `set` holds the bytes and `end` points after the
  // bracket.
  const char* Read(ByteSet* set, size_t* end);

 private:
  // Reads one byte, which a backslash may escape. False at the end of the pattern.
  bool ReadByte(std::uint8_t* byte);
  // Reads a class such as [:alpha:]. False if there is none here.
  bool ReadClass(ByteSet* set);

  std::string_view pattern_;
  size_t at_;
  bool folds_case_;
  const char* problem_ = nullptr;
};

bool SetReader::ReadByte(std::uint8_t* byte) {
  if (at_ < pattern_.size() && pattern_[at_] == '\\') ++at_;
  if (at_ >= pattern_.size()) return false;
  *byte = static_cast<std::uint8_t>(pattern_[at_++]);
  return true;
}

bool SetReader::ReadClass(ByteSet* set) {
  if (!pattern_.substr(at_).starts_with("[:")) return false;
  const size_t close = pattern_.find(']', at_ + 2);
  if (close == std::string_view::npos) {
    problem_ = kOpenSet;
    return false;
  }
  if (close < at_ + 3 || pattern_[close - 1] != ':') return false;
  const Class contains = ClassOf(pattern_.substr(at_ + 2, close - at_ - 3));
  if (contains == nullptr) problem_ = "there is no such class of bytes";
  for (unsigned byte = 0; contains != nullptr && byte < set->size(); ++byte) {
    if (contains(byte)) set->set(byte);
  }
  at_ = close + 1;
  return true;
}

const char* SetReader::Read(ByteSet* set, size_t* end) {
  const bool negated = at_ < pattern_.size() && (pattern_[at_] == '!' || pattern_[at_] == '^');
  if (negated) ++at_;
  bool is_first = true;
  bool may_begin_range = false;
  std::uint8_t before = 0;
  for (; is_first || at_ >= pattern_.size() || pattern_[at_] != ']'; is_first = false) {
    if (at_ >= pattern_.size()) return kOpenSet;
    const bool ranges = may_begin_range && pattern_[at_] == '-' && at_ + 1 < pattern_.size() &&
                        pattern_[at_ + 1] != ']';
    if (ranges) {
      ++at_;
      std::uint8_t last = 0;
      if (!ReadByte(&last)) return kOpenSet;
      for (unsigned byte = before; byte <= last; ++byte) set->set(byte);
      may_begin_range = false;
      continue;
    }
    if (ReadClass(set)) {
      may_begin_range = false;
    } else {
      if (problem_ != nullptr || !ReadByte(&before)) return kOpenSet;
      set->set(before);
      may_begin_range = true;
    }
    if (problem_ != nullptr) return problem_;
  }
  // Fold before negating: [!a] must match neither 'a' nor 'A'.
  if (folds_case_) FoldCase(set);
  if (negated) set->flip();
  *end = at_ + 1;
  return nullptr;
}

}  // namespace

const char* Glob::Parse(std::string_view pattern, bool folds_case) {
  folds_case_ = folds_case;
  for (size_t at = 0; at < pattern.size();) {
    const char byte = pattern[at];
    const char* problem = nullptr;
    if (byte == '*') {
      AddStars(pattern, &at);
    } else if (byte == '[') {
      problem = AddSet(pattern, &at);
    } else if (byte == '?') {
      AddSet(ByteSet().set());
      ++at;
    } else {
      if (byte == '\\') ++at;
      if (at >= pattern.size()) return kNoEscaped;
      const auto literal = static_cast<std::uint8_t>(pattern[at++]);
      Add(Kind::kByte, folds_case ? Folded(literal) : literal);
    }
    if (problem != nullptr) return problem;
  }
  return nullptr;
}

// Two or more stars match any number of levels if they stand alone between slashes; otherwise they
// match like one star. git strips the literal beginning of a pattern before it checks, so stars
// right after that beginning count as if a slash preceded them.
void Glob::AddStars(std::string_view pattern, size_t* at) {
  const size_t first = *at;
  *at = std::min(pattern.find_first_not_of('*', first), pattern.size());
  const std::string_view rest = pattern.substr(*at);
  const bool begins = pattern.substr(0, first).find_first_of(kSpecial) == std::string_view::npos ||
                      pattern[first - 1] == '/';
  const bool ends = rest.empty() || rest.starts_with('/') || rest.starts_with("\\/");
  if (*at - first == 1 || !begins || !ends) {
    Add(Kind::kStar);
  } else if (rest.starts_with('/')) {
    Add(Kind::kLevels);
    ++*at;
  } else {
    Add(Kind::kAll);
  }
}

const char* Glob::AddSet(std::string_view pattern, size_t* at) {
  ByteSet set;
  SetReader reader(pattern, *at + 1, folds_case_);
  if (const char* problem = reader.Read(&set, at)) return problem;
  AddSet(set);
  return nullptr;
}

void Glob::AddSet(const ByteSet& set) {
  tokens_.push_back({Kind::kSet, 0, static_cast<std::uint32_t>(sets_.size())});
  sets_.push_back(set);
  sets_.back().reset('/');
}

bool Glob::MatchesOne(const Token& token, std::uint8_t byte) const {
  if (token.kind == Kind::kByte) return token.byte == (folds_case_ ? Folded(byte) : byte);
  return token.kind == Kind::kSet && sets_[token.set].test(byte);
}

int Glob::OnlyByte(size_t token) const {
  const bool is_one = !folds_case_ && token < tokens_.size() && tokens_[token].kind == Kind::kByte;
  return is_one ? tokens_[token].byte : -1;
}

bool Glob::MatchesRest(Kind wildcard, std::string_view text) {
  if (wildcard == Kind::kStar) return text.find('/') == std::string_view::npos;
  return wildcard == Kind::kAll;
}

// Where matching resumes after a mismatch, with the wildcard one step longer.
struct Glob::Retry {
  bool active = false;
  Kind kind = Kind::kStar;
  size_t token = 0;  // after the wildcard
  size_t text = 0;   // after the bytes that the wildcard matched
  int next = -1;     // the only byte that can follow, or -1

  // False if the wildcard cannot match any more.
  bool Extend(std::string_view all) {
    if (!active || text >= all.size()) return false;
    if (kind == Kind::kStar) return ExtendStar(all);
    if (kind == Kind::kAll) {
      ++text;
      return true;
    }
    const size_t slash = all.find('/', text);
    if (slash == std::string_view::npos) return false;
    text = slash + 1;
    return true;
  }

  // Most names end here, so this jumps straight to the next possible byte.
  bool ExtendStar(std::string_view all) {
    do {
      if (all[text] == '/' || ++text == all.size()) return next < 0 && text == all.size();
    } while (next >= 0 && static_cast<std::uint8_t>(all[text]) != next);
    return true;
  }
};

// Retrying the last star, and then the last wildcard that crosses slashes, is enough: a later
// wildcard of a kind can match whatever an earlier one could.
bool Glob::Matches(std::string_view text) const {
  Retry star;
  Retry levels;
  size_t at = 0;
  size_t token = 0;
  for (;;) {
    if (token < tokens_.size() && tokens_[token].kind > Kind::kSet) {
      const Kind kind = tokens_[token++].kind;
      if (token == tokens_.size() && MatchesRest(kind, text.substr(at))) return true;
      star.active = false;
      (kind == Kind::kStar ? star : levels) = {true, kind, token, at, OnlyByte(token)};
    } else if (token < tokens_.size() && at < text.size() &&
               MatchesOne(tokens_[token], static_cast<std::uint8_t>(text[at]))) {
      ++token;
      ++at;
    } else if (token == tokens_.size() && at == text.size()) {
      return true;
    } else {
      const bool star_goes_on = star.Extend(text);
      if (!star_goes_on && !levels.Extend(text)) return false;
      if (!star_goes_on) star.active = false;
      const Retry& retry = star_goes_on ? star : levels;
      token = retry.token;
      at = retry.text;
    }
  }
}

ByteSet Glob::BytesOf(const Token& token) const {
  if (token.kind == Kind::kSet) return sets_[token.set];
  ByteSet bytes;
  if (token.kind != Kind::kByte) return bytes.set();
  bytes.set(token.byte);
  if (folds_case_) FoldCase(&bytes);
  return bytes;
}

ByteSet Glob::OpeningBytes() const {
  return tokens_.empty() ? ByteSet().set() : BytesOf(tokens_.front());
}

ByteSet Glob::FirstBytes() const {
  size_t first = 0;
  for (size_t i = 0; i < tokens_.size(); ++i) {
    const Token& token = tokens_[i];
    // kLevels may match nothing, so the component then begins before it.
    const bool is_slash = token.kind == Kind::kByte && token.byte == '/';
    const bool glued = i > 0 && tokens_[i - 1].byte != '/';
    if (token.kind == Kind::kAll || (token.kind == Kind::kLevels && glued)) return ByteSet().set();
    if (is_slash || token.kind == Kind::kLevels) first = i + 1;
  }
  return first < tokens_.size() ? BytesOf(tokens_[first]) : ByteSet().set();
}

ByteSet Glob::LastBytes() const {
  return tokens_.empty() ? ByteSet().set() : BytesOf(tokens_.back());
}

}  // namespace cura
