// The names of one directory, as the kernel lists them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

namespace cura::sys {

// What a listing says of a name. Some filesystems say nothing: then only stat knows.
enum class NameType : char { kDirectory = 'd', kOther = 'f', kUnknown = '?' };

struct Name {
  NameType type = NameType::kUnknown;
  std::string_view text;  // a NUL follows
  // What the directory has noted. On some filesystems (overlay, the tops of btrfs subvolumes, below
  // mount points) stat shows another one.
  std::uint64_t ino = 0;
};

// Compact: hundreds of thousands of names are held at once. Views stay valid until the next Add,
// Clear or move.
class Names {
 public:
  class Iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using value_type = Name;
    using difference_type = std::ptrdiff_t;
    using pointer = const Name*;
    using reference = Name;

    Iterator() = default;
    Name operator*() const {
      return {static_cast<NameType>(*at_), std::string_view(at_ + 1), *ino_};
    }
    Iterator& operator++() {
      at_ += std::string_view(at_ + 1).size() + 2;
      ++ino_;
      return *this;
    }
    void operator++(int) { ++*this; }
    bool operator==(const Iterator& other) const { return at_ == other.at_; }

   private:
    friend class Names;
    Iterator(const char* at, const std::uint64_t* ino) : at_(at), ino_(ino) {}
    const char* at_ = nullptr;
    const std::uint64_t* ino_ = nullptr;
  };

  // False, and nothing is added, for what cannot be a name of one entry: empty, or with a '/' or a
  // NUL in it. '.' and '..' are passed over.
  [[nodiscard]] bool Add(NameType type, std::string_view text, std::uint64_t ino) {
    if (text.empty() || text.find('/') != text.npos || text.find('\0') != text.npos) return false;
    if (text == "." || text == "..") return true;
    bytes_.push_back(static_cast<char>(type));
    bytes_.append(text);
    bytes_.push_back('\0');
    inodes_.push_back(ino);
    return true;
  }
  void Clear() {
    bytes_.clear();
    inodes_.clear();
  }

  [[nodiscard]] Iterator begin() const { return {bytes_.data(), inodes_.data()}; }
  [[nodiscard]] Iterator end() const { return {bytes_.data() + bytes_.size(), nullptr}; }
  [[nodiscard]] bool empty() const { return inodes_.empty(); }
  [[nodiscard]] size_t size() const { return inodes_.size(); }

  // Faster than to compare each.
  [[nodiscard]] bool Has(std::string_view text) const {
    std::string wanted(text);
    wanted.push_back('\0');
    for (size_t at = bytes_.find(wanted); at != bytes_.npos; at = bytes_.find(wanted, at + 1)) {
      if (at == 1 || (at > 1 && bytes_[at - 2] == '\0')) return true;
    }
    return false;
  }

 private:
  std::string bytes_;  // for each name its type, the text, a NUL
  std::vector<std::uint64_t> inodes_;
};

}  // namespace cura::sys
