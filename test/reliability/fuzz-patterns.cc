// libFuzzer target for patterns, alone and in files, on hostile paths, compared with a slow and
// simple matcher. The controls: FUZZ_PLANTED reads too far, FUZZ_WRONG ignores a rule of the
// syntax, FUZZ_SLOW has a slow matcher.
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scan/rules.h"

namespace {

using cura::Glob;
using cura::Rules;
using std::string_view;

// The time limit for a long pattern on a long path under the sanitizers; a tenth of it is usual.
constexpr double kPatience_s = 2;
constexpr size_t kLong = 4096;
// The simple matcher takes the product of the lengths, and for stars the path's length once more.
constexpr size_t kShort = 200;

struct Counts {
  unsigned long long cases = 0;
  unsigned long long accepted = 0;  // valid patterns
  unsigned long long deep = 0;      // matches
};

Counts counts;

void PrintCounts() {
  std::fprintf(stderr, "CURA cases %llu accepted %llu deep %llu\n", counts.cases, counts.accepted,
               counts.deep);
}

void Require(bool holds, const char* what, string_view pattern, string_view text) {
  if (holds) return;
  std::fprintf(stderr, "CURA does not hold: %s: '%.*s' on '%.*s'\n", what,
               static_cast<int>(pattern.size()), pattern.data(), static_cast<int>(text.size()),
               text.data());
  std::abort();
}

int Lower(int byte) { return byte >= 'A' && byte <= 'Z' ? byte + 32 : byte; }
int Upper(int byte) { return byte >= 'a' && byte <= 'z' ? byte - 32 : byte; }

// The bytes of the class `name`; null if there is no such class.
const char* ClassBytes(string_view name) {
  static const std::string digits = "0123456789";
  static const std::string lower = "abcdefghijklmnopqrstuvwxyz";
  static const std::string upper = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  static const std::string punct = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";
  static const std::string alpha = lower + upper;
  static const std::string alnum = alpha + digits;
  static const std::string graph = alnum + punct;
  static const std::string print = graph + " ";
  static const std::string xdigit = digits + "abcdefABCDEF";
  static std::string cntrl;
  if (cntrl.empty()) {
    for (char byte = 1; byte < 32; ++byte) cntrl += byte;
    cntrl += '\x7F';
  }
  if (name == "alnum") return alnum.c_str();
  if (name == "alpha") return alpha.c_str();
  if (name == "blank") return " \t";
  if (name == "cntrl") return cntrl.c_str();
  if (name == "digit") return digits.c_str();
  if (name == "graph") return graph.c_str();
  if (name == "lower") return lower.c_str();
  if (name == "print") return print.c_str();
  if (name == "punct") return punct.c_str();
  if (name == "space") return " \t\n\r";
  if (name == "upper") return upper.c_str();
  if (name == "xdigit") return xdigit.c_str();
  return nullptr;
}

// The simple matcher: parses the pattern again at every step, and remembers where it has failed.
class Plain {
 public:
  Plain(string_view pattern, string_view text, bool folds_case)
      : pattern_(pattern), text_(text), folds_(folds_case) {}

  // Returns nothing for an invalid pattern.
  std::optional<bool> Matches() {
    for (size_t at = 0; at < pattern_.size();) {
      const std::optional<size_t> next = Behind(at);
      if (!next) return std::nullopt;
      at = *next;
    }
#ifndef FUZZ_SLOW
    failed_.assign((pattern_.size() + 1) * (text_.size() + 1), false);
#endif
    return From(0, 0);
  }

 private:
  bool Same(char a, char b) const { return folds_ ? Lower(a) == Lower(b) : a == b; }

  // The end of the part of the pattern that begins at `at`: a star, a set or a byte.
  std::optional<size_t> Behind(size_t at) const {
    if (pattern_[at] == '[') return Set(at, 0, nullptr);
    if (pattern_[at] != '\\') return at + 1;
    if (at + 1 == pattern_.size()) return std::nullopt;
    return at + 2;
  }

  // Whether a set has the byte, ignoring negation. Returns its end, or nothing if it has none.
  std::optional<size_t> Set(size_t at, int byte, bool* has) const {
    const size_t size = pattern_.size();
    bool found = false;
    bool negated = false;
    if (++at < size && (pattern_[at] == '!' || pattern_[at] == '^')) {
      negated = true;
      ++at;
    }
    int last = -1;
    const size_t first = at;
    while (at < size && (at == first || pattern_[at] != ']')) {
      const size_t close = pattern_.find(']', at + 2);
      if (pattern_.substr(at, 2) == "[:" && close == string_view::npos) return std::nullopt;
      if (pattern_.substr(at, 2) == "[:" && close > at + 2 && pattern_[close - 1] == ':') {
        const char* bytes = ClassBytes(pattern_.substr(at + 2, close - at - 3));
        if (bytes == nullptr || close == at + 2) return std::nullopt;
        found = found || (byte != 0 &&
                          string_view(bytes).find(static_cast<char>(byte)) != string_view::npos);
        last = -1;
        at = close + 1;
        continue;
      }
      const bool is_range =
          last >= 0 && pattern_[at] == '-' && at + 1 < size && pattern_[at + 1] != ']';
      if (is_range) ++at;
      if (pattern_[at] == '\\') ++at;
      if (at >= size) return std::nullopt;
      const int one = static_cast<unsigned char>(pattern_[at++]);
      found = found || (is_range ? last <= byte && byte <= one : byte == one);
      last = is_range ? -1 : one;
    }
    if (at >= size) return std::nullopt;
    if (has != nullptr) *has = found;
    if (has != nullptr && negated) *has = !found;
    return at + 1;
  }

  bool InSet(size_t at, char text) const {
    const int byte = static_cast<unsigned char>(text);
    if (text == '/') return false;
    bool as_it_is = false;
    (void)Set(at, byte, &as_it_is);
    if (!folds_ || Lower(byte) == Upper(byte)) return as_it_is;
    const bool negated = pattern_[at + 1] == '!' || pattern_[at + 1] == '^';
    bool lower = false;
    bool upper = false;
    (void)Set(at, Lower(byte), &lower);
    (void)Set(at, Upper(byte), &upper);
    return negated ? lower && upper : lower || upper;
  }

  bool From(size_t at, size_t text) {
    if (at == pattern_.size()) return text == text_.size();
    const size_t place = at * (text_.size() + 1) + text;
    if (!failed_.empty() && failed_[place]) return false;
    const bool matches = pattern_[at] == '*' ? Stars(at, text) : One(at, text);
    if (!failed_.empty() && !matches) failed_[place] = true;
    return matches;
  }

  bool One(size_t at, size_t text) {
    if (text == text_.size()) return false;
    const char byte = text_[text];
    const char asked = pattern_[at];
    const bool fits = asked == '?'    ? byte != '/'
                      : asked == '['  ? InSet(at, byte)
                      : asked == '\\' ? Same(pattern_[at + 1], byte)
                                      : Same(asked, byte);
    return fits && From(*Behind(at), text + 1);
  }

  bool Stars(size_t at, size_t text) {
    size_t end = at;
    while (end < pattern_.size() && pattern_[end] == '*') ++end;
    const string_view rest = pattern_.substr(end);
    const bool opens = pattern_.substr(0, at).find_first_of("*?[\\") == string_view::npos;
#ifdef FUZZ_WRONG
    const bool begins = opens;
#else
    const bool begins = opens || pattern_[at - 1] == '/';
#endif
    const bool ends = rest.empty() || rest[0] == '/' || rest.substr(0, 2) == "\\/";
    const bool goes_over = end - at > 1 && begins && ends;
    if (goes_over && !rest.empty() && rest[0] == '/' && From(end + 1, text)) return true;
    for (; !From(end, text); ++text) {
      if (text == text_.size() || (text_[text] == '/' && !goes_over)) return false;
    }
    return true;
  }

  string_view pattern_;
  string_view text_;
  bool folds_;
  std::vector<bool> failed_;
};

double Now() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) / 1e9;
}

// On the heap with its exact size, so that reading beyond it is detected.
std::string Own(string_view text) {
  std::string own(text);
  own.shrink_to_fit();
  return own;
}

void TryPattern(const std::string& pattern, const std::string& text, bool folds_case) {
  Glob glob;
  if (glob.Parse(pattern, folds_case) != nullptr) {
    if (pattern.size() > kShort) return;
    Require(!Plain(pattern, text, folds_case).Matches(), "it is refused", pattern, text);
    return;
  }
  ++counts.accepted;
  const double begun = Now();
#ifdef FUZZ_SLOW
  const bool matches = Plain(pattern, text, folds_case).Matches().value_or(false);
#else
  const bool matches = glob.Matches(text);
#endif
  Require(Now() - begun < kPatience_s, "it takes too long", pattern, text);
  if (matches) ++counts.deep;
#ifdef FUZZ_PLANTED
  const std::vector<char> copy(text.begin(), text.end());
  const volatile char* const end = copy.data() + copy.size();
  if (matches && pattern.find("[!") != std::string::npos) (void)*end;
#endif
  if (pattern.size() > kShort || text.size() > kShort) return;
  const auto wanted = Plain(pattern, text, folds_case).Matches();
  Require(wanted == matches, matches ? "it matches" : "it does not match", pattern, text);
}

// Drops trailing spaces, unless a backslash precedes them. A final backslash keeps all of them.
void DropSpaces(std::string* line) {
  size_t first = std::string::npos;
  for (size_t at = 0; at < line->size(); ++at) {
    const bool is_space = (*line)[at] == ' ';
    if (is_space && first == std::string::npos) first = at;
    if (!is_space) first = std::string::npos;
    if ((*line)[at] == '\\') ++at;
  }
  if (first != std::string::npos) line->resize(first);
}

// The number of the line that decides, from 1, or 0. Reads like git, from the last line on.
std::uint32_t DecidingLine(string_view file, string_view path, bool is_directory) {
  if (file.substr(0, 3) == "\xEF\xBB\xBF") file.remove_prefix(3);
  std::uint32_t deciding = 0;
  for (std::uint32_t number = 1; !file.empty(); ++number) {
    std::string line(file.substr(0, file.find('\n')));
    file.remove_prefix(std::min(line.size() + 1, file.size()));
    if (!line.empty() && line.back() == '\r') line.pop_back();
    line = line.c_str();
    if (line[0] == '#') continue;
    DropSpaces(&line);
    if (line[0] == '!') line.erase(0, 1);
    const bool wants_directory = !line.empty() && line.back() == '/';
    if (wants_directory) line.pop_back();
    const bool is_whole = line.find('/') != std::string::npos;
    if (line[0] == '/') line.erase(0, 1);
    if (line.empty() || (wants_directory && !is_directory)) continue;
    const string_view subject = is_whole ? path : path.substr(path.rfind('/') + 1);
    if (Plain(line, subject, false).Matches().value_or(false)) deciding = number;
  }
  return deciding;
}

void TryFile(const std::string& file, string_view path, bool is_directory) {
  while (!path.empty() && path.back() == '/') path.remove_suffix(1);
  if (path.empty()) return;
  const size_t slash = path.rfind('/') + 1;
  const std::string dir = Own("top/" + std::string(path.substr(0, slash)));
  const std::string name = Own(path.substr(slash));
  Rules rules(4);
  rules.Begin("file");
  (void)rules.AddFile(file, cura::Bad::kIgnore);
  const cura::Rule* rule =
      rules.empty() ? nullptr : rules.Last(cura::Subject{dir, name, is_directory});
  if (!rules.empty()) ++counts.accepted;
  if (rule != nullptr) ++counts.deep;
  if (file.size() > kShort || path.size() > kShort) return;
  const std::uint32_t found = rule == nullptr ? 0 : rule->line;
  Require(found == DecidingLine(file, path, is_directory), "another line decides", file, path);
}

std::string Stretched(string_view text) {
  std::string all;
  while (!text.empty() && all.size() + text.size() <= kLong) all += text;
  return all;
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  std::atexit(PrintCounts);
  return 0;
}

// A byte of switches, the pattern or the file, 0xFE, the path.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* raw, size_t size) {
  ++counts.cases;
  if (size == 0) return 0;
  const unsigned switches = raw[0];
  const string_view input(reinterpret_cast<const char*>(raw) + 1, size - 1);
  const size_t middle = std::min(input.find('\xFE'), input.size());
  const std::string pattern = Own(input.substr(0, middle));
  const std::string text = Own(input.substr(std::min(middle + 1, input.size())));
  const bool is_name = text.find('\0') == std::string::npos;
  if (!is_name) return 0;
  if ((switches & 1U) != 0) {
    TryFile(pattern, text, (switches & 2U) != 0);
  } else if ((switches & 4U) != 0) {
    // The same part many times, with an end that only the whole pattern can fail at.
    TryPattern(Stretched(pattern) + "b", Stretched(text), false);
  } else {
    TryPattern(pattern, text, (switches & 2U) != 0);
  }
  return 0;
}
