// libFuzzer targets for the parsers of bytes in native/: the manifest, or with FUZZ_BLOCK a single
// block. FUZZ_PLANTED is the control: a bug that the fuzzer must find.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "manifest/manifest.h"

extern "C" size_t LLVMFuzzerMutate(uint8_t* bytes, size_t size, size_t longest);

namespace {

using cura::BlockReader;
using cura::BlockWriter;
using cura::DirId;
using cura::Entry;
using cura::Manifest;
using cura::ManifestWriter;

// docs/manifest.md: 8-byte numbers, the third of which is the offset of the index, then the
// checksum and the tail mark.
constexpr size_t kChecksumFromEnd = 4 + 8;
constexpr size_t kHead = 8;

// The version is the last byte of the head.
size_t FooterSize(std::string_view bytes) {
  const size_t numbers = bytes[kHead - 1] >= 3 ? 5 : 3;
  return numbers * 8 + kChecksumFromEnd;
}

// Inputs that were accepted lately. Mutations of anything else usually fail for the old reason.
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

// Gives an input the right checksum, as an attacker would.
void Seal(std::string* bytes) {
  if (bytes->size() < kChecksumFromEnd) return;
  const size_t at = bytes->size() - kChecksumFromEnd;
  const std::uint32_t crc = cura::Crc32c(std::string_view(*bytes).substr(0, at));
  for (size_t i = 0; i < 4; ++i) (*bytes)[at + i] = static_cast<char>(crc >> (8 * i));
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
  BlockReader copy(bytes);
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

void TryManifest(std::string bytes) {
  const std::string original = bytes;
  auto parsed = Manifest::Parse(std::move(bytes));
  if (const auto* why = std::get_if<std::string>(&parsed)) {
    Require(!why->empty(), "a refusal has a reason");
    return;
  }
  Manifest manifest = std::move(std::get<Manifest>(parsed));
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
    std::uint64_t entries = 0;
    const std::string block = Rewritten(manifest.Directory(id), &entries);
    Require(!writer.Add(id, block, entries), "memory takes it");
    all += entries;
  }
  counts.entries += all;
  Require(all == manifest.entries(), "the count of entries is right");
  Require(!writer.Finish(manifest.directories()), "memory takes the end");
  auto again = Manifest::Parse(writer.Take());
  const auto* copy = std::get_if<Manifest>(&again);
  Require(copy != nullptr, "what was written again loads");
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
constexpr size_t kIndexAt = 16;  // in the footer

std::uint64_t IndexOf(const std::string& bytes) {
  std::uint64_t index = 0;
  std::memcpy(&index, bytes.data() + bytes.size() - FooterSize(bytes) + kIndexAt, sizeof index);
  return index;
}

// Changes bytes between head and index, and keeps all sizes. Most accepted inputs come from this.
void ChangeBytes(std::string* all, size_t from, size_t to, unsigned int seed) {
  for (unsigned int left = 1 + seed / 16 % 3; left > 0; --left) {
    seed = seed * 1664525 + 1013904223;
    const size_t at = from + (seed >> 8U) % (to - from);
    seed = seed * 1664525 + 1013904223;
    (*all)[at] = static_cast<char>((seed >> 30U) == 0 ? seed >> 20U : (seed >> 20U) % 128);
  }
}

// Mutates, mostly between head and footer, adjusts the offset of the index, and seals the result.
// One input in sixteen stays unsealed.
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
    std::memcpy(all.data() + all.size() - FooterSize(all) + kIndexAt, &index, sizeof index);
  }
  Seal(&all);
  std::memcpy(bytes, all.data(), all.size());
  return all.size();
}
#endif
