// Parses gitignore files and finds the rule that decides.
#include "scan/rules.h"

#include <algorithm>
#include <bit>

namespace cura {

namespace {

constexpr size_t kBytes = 256;
constexpr size_t kBits = 64;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

// Trailing spaces do not count unless a backslash escapes them.
std::string_view WithoutTrailingSpaces(std::string_view line) {
  size_t end = 0;
  for (size_t at = 0; at < line.size(); ++at) {
    if (line[at] == '\\') {
      if (++at >= line.size()) return line;
    } else if (line[at] == ' ') {
      continue;
    }
    end = at + 1;
  }
  return line.substr(0, end);
}

}  // namespace

void Rules::Begin(std::string origin) { origins_.push_back(std::move(origin)); }

const char* Rules::AddLine(std::string_view text, std::uint32_t line, bool folds_case) {
  Rule rule;
  rule.text = text;
  rule.line = line;
  rule.origin = static_cast<std::uint32_t>(origins_.size() - 1);
  rule.keeps = text.starts_with('!');
  if (rule.keeps) text.remove_prefix(1);
  rule.directories = text.ends_with('/');
  if (rule.directories) text.remove_suffix(1);
  rule.whole_path = text.find('/') != std::string_view::npos;
  if (text.starts_with('/')) text.remove_prefix(1);
  if (text.empty()) return "it names nothing";
  if (text.find('\0') != std::string_view::npos) return "no name has a NUL in it";
  if (const char* problem = rule.glob.Parse(text, folds_case)) return problem;
  rules_.push_back(std::move(rule));
  Index(rules_.back());
  return nullptr;
}

std::optional<BadRule> Rules::Add(std::string_view pattern, bool folds_case) {
  const char* problem = AddLine(pattern, 0, folds_case);
  if (problem == nullptr) return std::nullopt;
  return BadRule{0, std::string(pattern), problem};
}

std::optional<BadRule> Rules::AddFile(std::string_view bytes, Bad bad) {
  if (bytes.starts_with(kByteOrderMark)) bytes.remove_prefix(kByteOrderMark.size());
  for (std::uint32_t line = 1; !bytes.empty(); ++line) {
    const size_t length = std::min(bytes.find('\n'), bytes.size());
    std::string_view text = bytes.substr(0, length);
    bytes.remove_prefix(std::min(length + 1, bytes.size()));
    if (text.ends_with('\r')) text.remove_suffix(1);
    if (text.empty() || text.front() == '#') continue;
    // git ends a line at a NUL.
    if (bad == Bad::kIgnore) text = text.substr(0, text.find('\0'));
    text = WithoutTrailingSpaces(text);
    if (text.empty()) continue;
    const char* problem = AddLine(text, line, false);
    if (problem != nullptr && bad == Bad::kRefuse) {
      return BadRule{line, std::string(text), problem};
    }
  }
  return std::nullopt;
}

void Rules::Index(const Rule& rule) {
  const size_t place = rules_.size() - 1;
  words_ = place / kBits + 1;
  if (words_ > row_) {
    // Rows double in length, because growing by one word would make large files quadratic.
    const size_t row = std::max<size_t>(1, 2 * row_);
    const auto longer = [&](std::vector<std::uint64_t>* rows) {
      std::vector<std::uint64_t> moved(kBytes * row);
      for (size_t byte = 0; byte < kBytes; ++byte) {
        std::copy_n(rows->begin() + static_cast<std::ptrdiff_t>(byte * row_), row_,
                    moved.begin() + static_cast<std::ptrdiff_t>(byte * row));
      }
      *rows = std::move(moved);
    };
    longer(&opening_);
    longer(&first_);
    longer(&last_);
    row_ = row;
  }
  const std::uint64_t bit = std::uint64_t{1} << (place % kBits);
  const ByteSet opening = rule.whole_path ? rule.glob.OpeningBytes() : ByteSet().set();
  const ByteSet first = rule.glob.FirstBytes();
  const ByteSet last = rule.glob.LastBytes();
  for (size_t byte = 0; byte < kBytes; ++byte) {
    const size_t word = byte * row_ + place / kBits;
    if (opening.test(byte)) opening_[word] |= bit;
    if (first.test(byte)) first_[word] |= bit;
    if (last.test(byte)) last_[word] |= bit;
  }
}

bool Rules::Matches(const Rule& rule, const Subject& subject, std::string* path) const {
  if (rule.directories && !subject.is_directory) return false;
  if (!rule.whole_path) return rule.glob.Matches(subject.name);
  if (path->empty()) path->append(subject.dir.substr(base_)).append(subject.name);
  return rule.glob.Matches(*path);
}

const Rule* Rules::Last(const Subject& subject) const {
  const auto row = [&](char byte) { return static_cast<std::uint8_t>(byte) * row_; };
  thread_local std::string path;
  path.clear();
  const char begin = subject.dir.size() > base_ ? subject.dir[base_] : subject.name.front();
  const std::uint64_t* const opening = opening_.data() + row(begin);
  const std::uint64_t* const first = first_.data() + row(subject.name.front());
  const std::uint64_t* const last = last_.data() + row(subject.name.back());
  for (size_t word = words_; word-- > 0;) {
    for (std::uint64_t left = opening[word] & first[word] & last[word]; left != 0;) {
      const auto bit = kBits - 1 - static_cast<size_t>(std::countl_zero(left));
      const Rule& rule = rules_[word * kBits + bit];
      if (Matches(rule, subject, &path)) return &rule;
      left &= ~(std::uint64_t{1} << bit);
    }
  }
  return nullptr;
}

}  // namespace cura
