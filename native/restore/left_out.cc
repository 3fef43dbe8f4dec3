// Matches paths against patterns as the scan of a source does.
#include "restore/left_out.h"

#include "restore/restore_plan.h"

namespace cura {

namespace {

bool IsBelow(std::string_view path, std::string_view directory) {
  return path.size() > directory.size() && path.starts_with(directory) &&
         path[directory.size()] == '/';
}

}  // namespace

bool IsWithin(std::string_view path, std::string_view only) {
  return only.empty() || path == only || IsBelow(path, only) || IsBelow(only, path);
}

bool LeftOut::Has(std::string_view path, const Entry& entry) const {
  if (IsTemporary(entry.name)) return true;
  if (filter_ == nullptr) return false;
  const size_t source = path.find('/');
  if (source == std::string_view::npos) return false;
  const size_t last = path.rfind('/');
  Scope scope = *filter_->Top(path.substr(0, source), 0);
  scope.path = path.substr(source + 1, last - source);
  return filter_->Omits(scope, *root_, path.substr(last + 1), entry.type == Type::kDirectory);
}

}  // namespace cura
