// Resolves symlinks itself, because the kernel would follow those of any user.
#include "tree/trusted_path.h"

#include <fcntl.h>

#include <algorithm>
#include <array>

namespace cura {

namespace {

constexpr int kMostLinks = 40;
constexpr int kMostLevels = 100'000;

// Splits a path into its components, last one first, so that the next one is at the back.
std::vector<std::string> Components(const std::string& path) {
  std::vector<std::string> components;
  for (size_t at = 0; at < path.size();) {
    const size_t end = std::min(path.find('/', at), path.size());
    if (end > at) components.push_back(path.substr(at, end - at));
    at = end + 1;
  }
  std::reverse(components.begin(), components.end());
  return components;
}

class Walk {
 public:
  explicit Walk(const std::string& path) : path_(path), left_(Components(path)) {
    at_ = Fd(sys::OpenAt(AT_FDCWD, path.starts_with('/') ? "/" : ".", sys::kOpenPath));
  }

  Result<TrustedPath> Run() {
    if (!at_.valid()) return LastError("open", path_);
    while (!left_.empty()) {
      const std::string name = left_.back();
      sys::Stat stat;
      if (sys::StatAt(at_.get(), name.c_str(), &stat) != 0) {
        if (errno == ENOENT && IsPlain()) break;
        return LastError("statx", path_);
      }
      left_.pop_back();
      if (auto error = EnterComponent(name, stat)) return std::move(*error);
    }
    return TrustedPath{std::move(at_), {left_.rbegin(), left_.rend()}};
  }

 private:
  // Whether the rest can be made: with '..' it could lie elsewhere than it seems.
  [[nodiscard]] bool IsPlain() const {
    return std::none_of(left_.begin(), left_.end(),
                        [](const std::string& name) { return name == "." || name == ".."; });
  }

  Status EnterComponent(const std::string& name, const sys::Stat& stat) {
    if (TypeOf(stat.mode) == Type::kSymlink) return FollowSymlink(name, stat);
    Fd next(sys::OpenAt(at_.get(), name.c_str(), sys::kOpenPath));
    if (!next.valid()) return LastError("open", path_);
    at_ = std::move(next);
    return std::nullopt;
  }

  Status FollowSymlink(const std::string& name, const sys::Stat& stat) {
    if (stat.uid != 0 && stat.uid != sys::EffectiveUser()) {
      return OsError{kForeignLinkCode, "open", path_, {}};
    }
    if (++links_ > kMostLinks) return OsError{ELOOP, "open", path_, {}};
    std::array<char, 4097> buffer{};
    const ssize_t size = sys::ReadLinkAt(at_.get(), name.c_str(), buffer.data(), buffer.size() - 1);
    if (size < 0) return LastError("readlinkat", path_);
    const std::string target(buffer.data(), static_cast<size_t>(size));
    if (target.starts_with('/')) at_ = Fd(sys::OpenAt(AT_FDCWD, "/", sys::kOpenPath));
    const auto components = Components(target);
    left_.insert(left_.end(), components.begin(), components.end());
    return std::nullopt;
  }

  const std::string path_;
  Fd at_;
  std::vector<std::string> left_;
  int links_ = 0;
};

}  // namespace

Result<TrustedPath> OpenTrusted(const std::string& path) { return Walk(path).Run(); }

int IsInside(Fd at, const std::vector<Identity>& directories, int first_level) {
  Identity below{};
  for (int level = 0; level < kMostLevels; ++level) {
    sys::Stat stat;
    if (sys::StatFd(at.get(), &stat) != 0) return -1;
    const Identity here{stat.dev, stat.ino};
    const bool counts = level >= first_level;
    if (counts && std::find(directories.begin(), directories.end(), here) != directories.end()) {
      return 1;
    }
    if (here == below) return 0;
    below = here;
    Fd above(sys::OpenAt(at.get(), "..", sys::kOpenPath));
    if (!above.valid()) return -1;
    at = std::move(above);
  }
  return 0;
}

}  // namespace cura
