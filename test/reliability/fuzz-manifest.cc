// libFuzzer targets for the parsers of bytes in native/: the manifest, or with FUZZ_BLOCK a single
// block. FUZZ_PLANTED is the control: a bug that the fuzzer must find.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "manifest/checksum.h"
#include "manifest/manifest.h"
#include "manifest/writer.h"

extern "C" size_t LLVMFuzzerMutate(uint8_t* bytes, size_t size, size_t longest);

namespace {

using cura::BlockReader;
using cura::BlockWriter;
using cura::DirectoryWriter;
using cura::DirId;
using cura::Entry;
using cura::Manifest;
using cura::ManifestWriter;

// docs/manifest.md: numbers of 8 bytes, then the footer's checksum and the tail mark.
constexpr size_t kChecksumFromEnd = 4 + 8;
constexpr size_t kHead = 8;

// The version is the last byte of the head.
bool IsNewest(std::string_view bytes) { return bytes[kHead - 1] >= cura::kManifestVersion; }

size_t FooterSize(std::string_view bytes) {
  if (IsNewest(bytes)) return cura::kFooterSize;
  const size_t numbers = bytes[kHead - 1] >= 3 ? 5 : 3;
  return numbers * 8 + kChecksumFromEnd;
}

// Where the footer has the offset of the index.
size_t IndexAt(std::string_view bytes) { return IsNewest(bytes) ? 24 : 16; }

void Put(std::uint64_t number, size_t size, size_t at, std::string* bytes) {
  for (size_t i = 0; i < size; ++i) (*bytes)[at + i] = static_cast<char>(number >> (8 * i));
}

std::uint64_t IndexOf(std::string_view bytes) {
  return cura::ReadFixed(bytes, bytes.size() - FooterSize(bytes) + IndexAt(bytes), 8);
}

// What has loaded lately: most mutations of anything else are refused for what was wrong before.
std::vector<std::string> accepted_lately;
constexpr size_t kRemembered = 256;

struct Counts {
  unsigned long long cases = 0;
  unsigned long long accepted = 0;  // fully parsed; for blocks: well-formed to the end
  unsigned long long entries = 0;
  unsigned long long deep = 0;  // accepted, with two or more directories; for blocks: entries
};

Counts counts;

void PrintCounts() {
  std::fprintf(stderr, "CURA cases %llu accepted %llu entries %llu deep %llu\n", counts.cases,
               counts.accepted, counts.entries, counts.deep);
}

void Require(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "CURA does not hold: %s\n", what);
  std::abort();
}

// The checksums of the sections of a part, as far as they lie in the file, and of its record.
void SealRecord(size_t at, std::uint64_t number, std::string* bytes) {
  auto record = cura::ReadRecord(std::string_view(*bytes).substr(at, cura::kRecordSize), number);
  if (!record) {
    // Its own checksum is wrong: what it says is taken nonetheless.
    record.emplace();
    record->offset = cura::ReadFixed(*bytes, at, 8);
    for (size_t i = 0; i < cura::kSections; ++i) {
      record->part.sizes[i] =
          static_cast<std::uint32_t>(cura::ReadFixed(*bytes, at + 8 + 4 * i, 4));
    }
    record->parent = static_cast<DirId>(cura::ReadFixed(*bytes, at + 32, 4));
    record->next = static_cast<std::uint32_t>(cura::ReadFixed(*bytes, at + 36, 4));
    record->more = static_cast<std::uint32_t>(cura::ReadFixed(*bytes, at + 40, 4));
  }
  std::uint64_t place = record->offset;
  for (size_t i = 0; i < cura::kSections && place <= bytes->size(); ++i) {
    const auto section = std::string_view(*bytes).substr(place, record->part.sizes[i]);
    record->part.checksums[i] = cura::Crc32c(section);
    place += record->part.sizes[i];
  }
  std::string sealed;
  cura::AppendRecord(*record, number, &sealed);
  bytes->replace(at, sealed.size(), sealed);
}

// Bytes as a hostile hand would make them: with the right checksums.
void Seal(std::string* bytes) {
  if (bytes->size() < kHead + kChecksumFromEnd) return;
  const size_t at = bytes->size() - kChecksumFromEnd;
  if (!IsNewest(*bytes)) {
    Put(cura::Crc32c(std::string_view(*bytes).substr(0, at)), 4, at, bytes);
    return;
  }
  if (bytes->size() < kHead + cura::kFooterSize) return;
  const size_t footer = bytes->size() - cura::kFooterSize;
  const std::uint64_t index = IndexOf(*bytes);
  if (index <= footer && (footer - index) % cura::kRecordSize == 0) {
    std::uint32_t checksum = 0;
    for (size_t each = index; each < footer; each += cura::kRecordSize) {
      SealRecord(each, (each - index) / cura::kRecordSize, bytes);
      const auto record = std::string_view(*bytes).substr(each, cura::kRecordSize);
      checksum = cura::IndexChecksum(record, checksum);
    }
    Put(checksum, 4, at - 4, bytes);
  }
  Put(cura::Crc32c(std::string_view(*bytes).substr(footer, at - footer)), 4, at, bytes);
}

void RequireSame(const Entry& a, const Entry& b) {
  Require(a.name == b.name && a.type == b.type && a.linked == b.linked && a.unread == b.unread,
          "name and type come back");
  Require(a.mode == b.mode && a.uid == b.uid && a.gid == b.gid && a.size == b.size,
          "mode, owner and size come back");
  Require(a.mtime == b.mtime && a.ctime == b.ctime, "times come back");
  Require(a.not_stored == b.not_stored && a.volume == b.volume,
          "what is known of both disks comes back");
  Require(a.dev == b.dev && a.ino == b.ino && a.stored_ino == b.stored_ino && a.rdev == b.rdev,
          "numbers come back");
  Require(a.xattrs == b.xattrs && a.target == b.target && a.directory == b.directory,
          "attributes, target and directory come back");
  Require(a.digest == b.digest, "the digest comes back");
}

// Reads, writes and reads again, and expects the same.
std::string Rewritten(BlockReader from, std::uint64_t* entries) {
  BlockReader original = from;
  BlockWriter writer(from.head());
  for (Entry entry; from.Next(&entry); ++*entries) writer.Add(entry);
  Require(!from.malformed(), "what was checked is well formed");
  std::string bytes = writer.Take();
  BlockReader copy{std::string_view(bytes)};
  Require(copy.head().name == original.head().name && copy.head().dev == original.head().dev &&
              copy.head().parent == original.head().parent,
          "the head comes back");
  Entry a;
  Entry b;
  while (original.Next(&a)) {
    Require(copy.Next(&b), "every entry comes back");
    RequireSame(a, b);
  }
  Require(!copy.Next(&b) && !copy.malformed() && copy.size() == bytes.size(), "so does the end");
  return bytes;
}

#ifdef FUZZ_PLANTED
// Reads a byte too far after a name that begins like none in the corpus.
void Plant(const Entry& entry) {
  if (entry.name.front() < 'A' || entry.name.front() > 'Z') return;
  const std::vector<char> copy(entry.name.begin(), entry.name.end());
  const volatile char* const end = copy.data() + copy.size();
  (void)*end;
}
#else
void Plant(const Entry&) {}
#endif

void LookUp(const Manifest& manifest, const std::vector<std::string>& above, const Entry& entry) {
  std::string path;
  for (const std::string& name : above) path.append(name).append("/");
  auto found = manifest.Lookup(path.append(entry.name));
  Require(found.ok() && found.value().has_value(), "every entry is found by its path");
  RequireSame(found.value()->entry, entry);
}

void TryManifest(std::string bytes) {
  const std::string original = bytes;
  auto parsed = Manifest::Parse(std::move(bytes));
  if (const auto* why = std::get_if<std::string>(&parsed)) {
    Require(!why->empty(), "a refusal has a reason");
    return;
  }
  const Manifest& manifest = *std::get<0>(parsed);
  ++counts.accepted;
  if (manifest.directories() > 1) ++counts.deep;
  if (accepted_lately.size() < kRemembered)
    accepted_lately.push_back(original);
  else
    accepted_lately[counts.accepted % kRemembered] = original;
  ManifestWriter writer;
  std::uint64_t all = 0;
  for (DirId id = 0; id < manifest.directories(); ++id) {
    const auto path = manifest.PathOf(id);
    Require(path.empty() == (id == 0), "the root alone has no path");
    BlockReader plants = manifest.Directory(id);
    for (Entry entry; plants.Next(&entry);) Plant(entry);
    const std::string block = Rewritten(manifest.Directory(id), &all);
    BlockReader from{std::string_view(block)};
    DirectoryWriter directory(from.head());
    for (Entry entry; from.Next(&entry);) {
      directory.Add(entry);
      LookUp(manifest, path, entry);
    }
    Require(!writer.Add(id, directory.Take()), "memory takes it");
  }
  Require(!manifest.failure(), "what was checked can be read");
  counts.entries += all;
  Require(all == manifest.entries(), "the count of entries is right");
  Require(!writer.Finish(manifest.directories()), "memory takes the end");
  auto again = Manifest::Parse(writer.Take());
  Require(again.index() == 0, "what was written again loads");
  const auto& copy = std::get<0>(again);
  Require(copy->directories() == manifest.directories() && copy->entries() == manifest.entries(),
          "it has as many directories and entries");
  for (DirId id = 0; id < manifest.directories(); ++id) {
    Require(copy->PathOf(id) == manifest.PathOf(id), "every path comes back");
  }
}

void TryBlock(std::string_view bytes) {
  BlockReader reader(bytes);
  std::uint64_t entries = 0;
  for (Entry entry; reader.Next(&entry); ++entries) Plant(entry);
  Require(reader.size() <= bytes.size(), "no block ends behind its bytes");
  if (reader.malformed()) return;
  ++counts.accepted;
  counts.entries += entries;
  if (entries > 1) ++counts.deep;
  std::uint64_t again = 0;
  Rewritten(BlockReader(bytes), &again);
  Require(again == entries, "a block is read twice alike");
}

}  // namespace

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  std::atexit(PrintCounts);
  return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* raw, size_t size) {
  ++counts.cases;
  // On the heap with its exact size, so that reading beyond it is detected.
  std::string bytes(reinterpret_cast<const char*>(raw), size);
  bytes.shrink_to_fit();
#ifdef FUZZ_BLOCK
  TryBlock(bytes);
#else
  TryManifest(std::move(bytes));
#endif
  return 0;
}

#ifndef FUZZ_BLOCK
// Other bytes in some places between head and index, so that what is there keeps its size: most of
// what is accepted comes of this.
void ChangeBytes(std::string* all, size_t from, size_t to, unsigned int seed) {
  for (unsigned int left = 1 + seed / 16 % 3; left > 0; --left) {
    seed = seed * 1664525 + 1013904223;
    const size_t at = from + (seed >> 8U) % (to - from);
    seed = seed * 1664525 + 1013904223;
    (*all)[at] = static_cast<char>((seed >> 30U) == 0 ? seed >> 20U : (seed >> 20U) % 128);
  }
}

// Makes the entries of the last part longer, or shorter, by `by`.
void Resize(size_t by, std::string* all) {
  const size_t footer = all->size() - FooterSize(*all);
  size_t last = IndexOf(*all);
  for (size_t at = last; at + cura::kRecordSize <= footer; at += cura::kRecordSize) {
    if (cura::ReadFixed(*all, at, 8) > cura::ReadFixed(*all, last, 8)) last = at;
  }
  if (last + cura::kRecordSize <= footer) {
    Put(cura::ReadFixed(*all, last + 8, 4) + by, 4, last + 8, all);
  }
}

// Mutates, mostly between head and footer, moves the index with what has grown or shrunk before it,
// and seals; one in sixteen stays unsealed.
extern "C" size_t LLVMFuzzerCustomMutator(uint8_t* bytes, size_t size, size_t longest,
                                          unsigned int seed) {
  std::string all(reinterpret_cast<char*>(bytes), size);
  const bool has_both = size > kHead && size > kHead + FooterSize(all);
  if (seed % 16 == 0 || !has_both) return LLVMFuzzerMutate(bytes, size, longest);
  const size_t footer = size - FooterSize(all);
  std::uint64_t index = IndexOf(all);
  if (seed % 16 == 1 || index <= kHead || index > footer) {  // footer and index themselves
    size = LLVMFuzzerMutate(bytes, size, longest);
    all.assign(reinterpret_cast<char*>(bytes), size);
  } else if (seed % 16 < 9) {
    if (seed / 16 % 2 == 0 && !accepted_lately.empty()) {
      const std::string& base = accepted_lately[seed / 64 % accepted_lately.size()];
      if (base.size() <= longest) all = base;
    }
    ChangeBytes(&all, kHead, IndexOf(all), seed);
  } else {
    std::string blocks = all.substr(kHead, index - kHead);
    const size_t before = blocks.size();
    const size_t room = longest - (size - before);
    blocks.resize(room);
    blocks.resize(LLVMFuzzerMutate(reinterpret_cast<uint8_t*>(blocks.data()), before, room));
    all = all.substr(0, kHead) + blocks + all.substr(index);
    index = kHead + blocks.size();
    Put(index, 8, all.size() - FooterSize(all) + IndexAt(all), &all);
    if (IsNewest(all)) Resize(blocks.size() - before, &all);
  }
  Seal(&all);
  std::memcpy(bytes, all.data(), all.size());
  return all.size();
}
#endif
