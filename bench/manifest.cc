// Writes a manifest of so many entries, looks up paths in it, and reads it as a whole.
// Usage: manifest FILE ENTRIES ENTRIES_A_DIRECTORY
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include "manifest/manifest.h"
#include "manifest/writer.h"

namespace {

using cura::DirectoryWriter;
using cura::DirId;
using cura::Entry;
using cura::Manifest;
using Clock = std::chrono::steady_clock;

double MillisecondsSince(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

[[noreturn]] void Die(const char* what) {
  std::fprintf(stderr, "%s\n", what);
  std::exit(1);
}

std::string Numbered(const char* prefix, std::uint64_t number) {
  std::string digits = std::to_string(number);
  return prefix + std::string(8 - std::min<size_t>(8, digits.size()), '0') + digits;
}

Entry FileEntry(std::uint64_t number) {
  Entry entry;
  entry.mode = 0644;
  entry.uid = entry.gid = 1000;
  entry.size = 1000 + number % 100'000;
  entry.mtime = {static_cast<std::int64_t>(1'700'000'000 + number % 997), 123'456'789};
  entry.ctime = {static_cast<std::int64_t>(1'700'000'000 + number % 991), 987'654'321};
  entry.dev = 2050;
  entry.volume = 0x123456789ABCDEF3;
  entry.ino = 5'000'000 + number;
  entry.stored_ino = 9'000'000 + number;
  return entry;
}

// A top with directories of files.
void Write(const cura::Fd& file, std::uint64_t entries, std::uint64_t each) {
  cura::ManifestWriter writer(&file);
  const auto directories = static_cast<DirId>((entries + each - 1) / each);
  DirectoryWriter top({0, {}, 2050, 0x123456789ABCDEF3});
  for (DirId id = 1; id <= directories; ++id) {
    const std::string name = Numbered("directory-", id);
    DirectoryWriter directory({0, name, 2050, 0x123456789ABCDEF3});
    for (std::uint64_t i = (id - 1) * each; i < std::min(entries, id * each); ++i) {
      const std::string file_name = Numbered("file-", i);
      Entry entry = FileEntry(i);
      entry.name = file_name;
      directory.Add(entry);
    }
    if (writer.Add(id, directory.Take())) Die("cannot write");
    Entry entry = FileEntry(id);
    entry.type = cura::Type::kDirectory;
    entry.name = name;
    entry.directory = id;
    top.Add(entry);
  }
  if (writer.Add(0, top.Take()) || writer.Finish(directories + 1)) Die("cannot write");
}

void LookUp(const char* path, std::uint64_t entries, std::uint64_t each) {
  constexpr int kTimes = 200;
  std::uint64_t most_bytes = 0;
  std::vector<double> times_ms;
  for (std::uint64_t i = 0; i < kTimes; ++i) {
    const std::uint64_t number = i * 7919 * 7919 % entries;
    const std::string wanted =
        Numbered("directory-", number / each + 1) + "/" + Numbered("file-", number);
    const auto start = Clock::now();
    auto opened = Manifest::Open(cura::Fd(cura::sys::OpenAt(-1, path, cura::sys::kOpenFile)), path);
    if (opened.index() != 0) Die(std::get<1>(opened).c_str());
    const auto found = std::get<0>(opened)->Lookup(wanted);
    times_ms.push_back(MillisecondsSince(start));
    if (!found.ok() || !found.value()) Die("not found");
    most_bytes = std::max(most_bytes, std::get<0>(opened)->bytes_read());
  }
  std::sort(times_ms.begin(), times_ms.end());
  std::printf("look-up: at most %llu bytes read; median %.2f ms, slowest %.2f ms\n",
              static_cast<unsigned long long>(most_bytes), times_ms[kTimes / 2], times_ms.back());
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) Die("usage: manifest FILE ENTRIES ENTRIES_A_DIRECTORY");
  const std::uint64_t entries = std::strtoull(argv[2], nullptr, 10);
  const std::uint64_t each = std::strtoull(argv[3], nullptr, 10);
  auto start = Clock::now();
  {
    const cura::Fd file(cura::sys::CreateAt(-1, argv[1]));
    if (!file.valid()) Die("cannot create the file");
    Write(file, entries, each);
  }
  const double write_ms = MillisecondsSince(start);
  start = Clock::now();
  auto loaded =
      Manifest::Load(cura::Fd(cura::sys::OpenAt(-1, argv[1], cura::sys::kOpenFile)), argv[1]);
  if (loaded.index() != 0) Die(std::get<1>(loaded).c_str());
  cura::sys::Stat stat;
  cura::sys::StatAt(-1, argv[1], &stat);
  std::printf("written in %.0f ms, checked in %.0f ms, %.1f bytes an entry\n", write_ms,
              MillisecondsSince(start), static_cast<double>(stat.size) / entries);
  LookUp(argv[1], entries, each);
}
