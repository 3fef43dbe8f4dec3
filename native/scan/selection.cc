// Applies exclusions: patterns, tags, ignore files, sizes, attributes and filesystem boundaries.
#include "scan/selection.h"

#include <algorithm>

#include "base/chain.h"
#include "file/copy.h"

namespace cura {

namespace {

// A larger ignore file is an accident, or an attack on memory.
constexpr std::uint64_t kLargestRules = 1U << 20U;
// The limit for all ignore files in use at a time: those of queued directories and of all their
// parents.
constexpr std::uint64_t kMostRules = 4U << 20U;
constexpr std::string_view kGitsFile = ".gitignore";
constexpr std::string_view kGitsFolder = ".git";

// Whether a non-directory is a mount point. Comparing devices is not enough: on overlayfs a file
// can have another device than its directory.
bool IsMounted(int dir, const char* name) {
  sys::Stat above, stat;
  return sys::StatFd(dir, &above) == 0 && sys::StatAt(dir, name, &stat) == 0 &&
         stat.mount != above.mount;
}

// Reads up to `size` bytes from the start of a regular file. An error names the failed call.
Result<std::string> ReadStart(int dir, const std::string& name, std::uint64_t size) {
  sys::Stat stat;
  // Never open a FIFO or a device.
  if (sys::StatAt(dir, name.c_str(), &stat) != 0) return LastError("statx", name);
  if (TypeOf(stat.mode) != Type::kFile) return OsError{EINVAL, "openat", name, {}};
  const Fd fd = OpenToRead(dir, name.c_str(), nullptr);
  if (!fd.valid()) return LastError("openat", name);
  if (sys::StatFd(fd.get(), &stat) != 0) return LastError("statx", name);
  if (TypeOf(stat.mode) != Type::kFile) return OsError{EINVAL, "openat", name, {}};
  std::string bytes(std::min(size, stat.size), '\0');
  const ssize_t got = sys::ReadFull(fd.get(), bytes.data(), bytes.size());
  if (got < 0) return LastError("read", name);
  bytes.resize(static_cast<size_t>(got));
  return bytes;
}

bool HasHeader(int dir, const Tag& tag) {
  if (tag.header.empty()) return true;
  auto start = ReadStart(dir, tag.name, tag.header.size());
  return start.ok() && start.value() == tag.header;
}

// A path as the only paths have it.
std::string PathIn(const Scope& scope, std::string_view name) {
  std::string path = scope.source;
  path.append("/").append(scope.path).append(name);
  return path;
}

bool IsOnly(const std::vector<std::string>& only, const std::string& path) {
  return std::binary_search(only.begin(), only.end(), path);
}

}  // namespace

IgnoreRules::~IgnoreRules() {
  *total -= bytes;
  LetGo(std::move(parent));
}

std::shared_ptr<const Scope> Filter::Top(std::string_view source, std::uint64_t dev) const {
  auto scope = std::make_shared<Scope>();
  scope->dev = dev;
  scope->source = source;
  scope->is_whole = options_->only.empty() || IsOnly(options_->only, scope->source);
  scope->ignores.resize(options_->ignore_files.size());
  return scope;
}

std::shared_ptr<const Scope> Filter::Below(const Scope& above, std::string_view name) const {
  auto scope = std::make_shared<Scope>(above);
  if (!above.is_whole) scope->is_whole = IsOnly(options_->only, PathIn(above, name));
  scope->path.append(name).push_back('/');
  if (name == kGitsFolder) DropGitignores(scope.get());
  return scope;
}

// For git, rules from above a repository apply neither inside the repository nor in its .git
// folder.
void Filter::DropGitignores(Scope* scope) const {
  for (size_t i = 0; i < scope->ignores.size(); ++i) {
    if (options_->ignore_files[i] == kGitsFile) scope->ignores[i] = nullptr;
  }
}

std::shared_ptr<const Scope> Filter::Enter(std::shared_ptr<const Scope> scope, const Dir& at,
                                           int dir, sys::Names* names, Failures* failures) {
  ObeyTags(at, dir, names);
  if (options_->ignore_files.empty()) return scope;
  auto entered = std::make_shared<Scope>(*scope);
  if (names->Has(kGitsFolder)) DropGitignores(entered.get());
  for (size_t i = 0; i < entered->ignores.size(); ++i) {
    const std::string& name = options_->ignore_files[i];
    if (!names->Has(name)) continue;
    auto found = ReadRules(*scope, at, dir, name, failures);
    if (found == nullptr) continue;
    found->parent = std::move(entered->ignores[i]);
    entered->ignores[i] = std::move(found);
  }
  return entered;
}

// Returns null if there is no such file, or if it is not a regular file. Like git, this does not
// follow symlinks.
std::shared_ptr<IgnoreRules> Filter::ReadRules(const Scope& scope, const Dir& at, int dir,
                                               const std::string& name, Failures* failures) {
  auto bytes = ReadStart(dir, name, kLargestRules + 1);
  const bool is_too_much = bytes.ok() && (bytes.value().size() > kLargestRules ||
                                          bytes.value().size() + rule_bytes_ > kMostRules);
  if (is_too_much) bytes = OsError{EFBIG, "read", name, {}};
  if (!bytes.ok()) {
    OsError error = std::move(bytes.error());
    const bool is_none = error.code == ELOOP || error.code == EINVAL || error.code == ENOENT;
    error.path = at.PathOf(name);
    if (!is_none) failures->Add(std::move(error));
    return nullptr;
  }
  auto found = std::make_shared<IgnoreRules>(scope.path.size(), bytes.value().size(), &rule_bytes_);
  found->rules.Begin(at.PathOf(name));
  (void)found->rules.AddFile(bytes.value(), Bad::kIgnore);
  return found->rules.empty() ? nullptr : found;
}

void Filter::ObeyTags(const Dir& at, int dir, sys::Names* names) {
  const Tag* const tag = TagIn(*names, dir);
  if (tag == nullptr) return;
  sys::Names left;
  for (const sys::Name name : *names) {
    const auto is_it = [&](const Tag& other) { return other.name == name.text; };
    if (!std::any_of(options_->tags.begin(), options_->tags.end(), is_it)) continue;
    (void)left.Add(name.type, name.text, name.ino);  // it was one before
  }
  if (left.size() < names->size()) Omit(at, "", true, {Reason::kTag, tag->name});
  *names = std::move(left);
}

const Tag* Filter::TagIn(const sys::Names& names, int dir) const {
  for (const Tag& tag : options_->tags) {
    if (names.Has(tag.name) && HasHeader(dir, tag)) return &tag;
  }
  return nullptr;
}

// With several ignore file names the last name wins; among files of one name the nearest wins.
const Rule* Filter::LastIgnoring(const Scope& scope, const Subject& subject,
                                 const Rules** rules) const {
  for (size_t i = scope.ignores.size(); i-- > 0;) {
    const bool spares = options_->ignore_files[i] == kGitsFile && subject.name == kGitsFolder;
    const IgnoreRules* ignores = spares ? nullptr : scope.ignores[i].get();
    for (; ignores != nullptr; ignores = ignores->parent.get()) {
      *rules = &ignores->rules;
      if (const Rule* rule = ignores->rules.Last(subject)) return rule;
    }
  }
  return nullptr;
}

bool Filter::IsBeside(const Scope& scope, std::string_view name, bool is_directory) const {
  if (scope.is_whole) return false;
  const std::vector<std::string>& only = options_->only;
  std::string path = PathIn(scope, name);
  if (IsOnly(only, path)) return false;
  if (!is_directory) return true;
  path.push_back('/');
  const auto below = std::lower_bound(only.begin(), only.end(), path);
  return below == only.end() || !below->starts_with(path);
}

bool Filter::Omits(const Scope& scope, const Dir& at, std::string_view name, bool is_directory) {
  if (IsBeside(scope, name, is_directory)) return true;
  const Subject subject{scope.path, name, is_directory};
  const Rules* rules = &options_->rules;
  const Rule* rule = rules->empty() ? nullptr : rules->Last(subject);
  if (rule == nullptr) rule = LastIgnoring(scope, subject, &rules);
  if (rule == nullptr || rule->keeps) return false;
  Omit(at, name, is_directory, {Reason::kPattern, rule->text, rules->OriginOf(*rule), rule->line});
  return true;
}

bool Filter::Omits(const Scope& scope, const Dir& at, int dir, const Entry& entry) {
  const bool is_directory = entry.type == Type::kDirectory;
  if (options_->largest && entry.type == Type::kFile && entry.size > *options_->largest) {
    Omit(at, entry.name, false, {Reason::kSize});
    return true;
  }
  const bool is_foreign = options_->one_filesystem && !is_directory && entry.dev != scope.dev;
  if (is_foreign && IsMounted(dir, entry.name.data())) {
    Omit(at, entry.name, false, {Reason::kFilesystem});
    return true;
  }
  for (const std::string& key : options_->attributes) {
    if (sys::GetXattrAt(dir, entry.name.data(), key.c_str(), nullptr, 0) < 0) continue;
    Omit(at, entry.name, is_directory, {Reason::kAttribute, key});
    return true;
  }
  return false;
}

bool Filter::IsBoundary(const Scope& scope, const Dir& at, const Entry& entry) {
  const bool is_boundary =
      options_->one_filesystem && entry.type == Type::kDirectory && entry.dev != scope.dev;
  if (is_boundary) Omit(at, entry.name, true, {Reason::kFilesystem});
  return is_boundary;
}

void Filter::Omit(const Dir& at, std::string_view name, bool is_directory, const Cause& cause) {
  ++count_;
  if (!options_->lists) return;
  Omission omission{name.empty() ? at.Path() : at.PathOf(name),
                    is_directory,
                    cause.reason,
                    std::string(cause.rule),
                    std::string(cause.origin),
                    cause.line};
  const std::lock_guard lock(mutex_);
  omissions_.push_back(std::move(omission));
}

std::vector<Omission> Filter::Next(size_t limit) {
  if (next_ == 0) {
    std::sort(omissions_.begin(), omissions_.end(),
              [](const Omission& a, const Omission& b) { return a.path < b.path; });
  }
  const size_t end = std::min(next_ + limit, omissions_.size());
  const auto at = [&](size_t place) {
    return std::make_move_iterator(omissions_.begin() + static_cast<std::ptrdiff_t>(place));
  };
  std::vector<Omission> page(at(next_), at(end));
  next_ = end;
  return page;
}

}  // namespace cura
