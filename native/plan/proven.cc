// Encodes the blocks of a plan as the manifests of its bases would have them.
#include "plan/proven.h"

#include <map>
#include <utility>

namespace cura {

namespace {

class Prover {
 public:
  Prover(const Plan& plan, const Previous& previous, const Base& base)
      : plan_(plan), previous_(previous), base_(base) {}

  Proof Run() {
    Proof proof;
    proof.snapshot = base_.snapshot;
    proof.place = base_.place;
    const bool is_whole = base_.has_no_record;
    if (is_whole) proof.ctime = base_.ctime;
    const DirId directories = base_.stored.manifest->directories();
    ManifestWriter writer;
    for (DirId id = 0; id < directories; ++id) {
      if (!is_whole && id > 0 && !IsKnownBetter(id)) continue;
      auto [block, entries] = BlockOf(id);
      if (is_whole) {
        (void)writer.Add(id, block, entries);  // writing to memory cannot fail
      } else {
        proof.blocks.emplace(id, std::move(block));
      }
    }
    if (!is_whole) {
      proof.checksum = base_.stored.manifest->checksum();
    } else if (!writer.Finish(directories)) {
      proof.manifest = writer.Take();
    }
    return proof;
  }

 private:
  [[nodiscard]] const PlannedDir* PlannedFor(DirId id) const {
    return plan_.Find(id + base_.offset);
  }
  [[nodiscard]] bool IsKnownBetter(DirId id) const {
    return PlannedFor(id) != nullptr || base_.newer.contains(id);
  }

  // The block with the directory numbers of its own manifest, and its number of entries.
  [[nodiscard]] std::pair<std::string, std::uint64_t> BlockOf(DirId id) const {
    const PlannedDir* const planned = id == 0 ? nullptr : PlannedFor(id);
    BlockReader from =
        planned != nullptr ? BlockReader(planned->block) : previous_.Directory(id + base_.offset);
    const std::map<std::string_view, Entry> tops = id == 0 ? Tops() : decltype(Tops())();
    const auto stored = base_.stored.manifest->Directory(id).head();
    BlockWriter to({stored.parent, stored.name, from.head().dev, from.head().volume});
    std::uint64_t entries = 0;
    for (Entry entry; from.Next(&entry); ++entries) {
      const auto top = tops.find(entry.name);
      if (top != tops.end()) entry = top->second;
      if (entry.type == Type::kDirectory) {
        entry.directory = entry.unread ? 0 : entry.directory - base_.offset;
      }
      to.Add(entry);
    }
    return {to.Take(), entries};
  }

  // The current entries of this run's sources that the base has.
  [[nodiscard]] std::map<std::string_view, Entry> Tops() const {
    const PlannedDir* const planned = plan_.Find(plan_.Root());
    BlockReader top = planned != nullptr ? BlockReader(planned->block) : previous_.Directory(0);
    std::map<std::string_view, Entry> tops;
    for (Entry entry; top.Next(&entry);) {
      if (previous_.BaseOf(entry.name) == &base_) tops.emplace(entry.name, entry);
    }
    return tops;
  }

  const Plan& plan_;
  const Previous& previous_;
  const Base& base_;
};

}  // namespace

std::vector<Proof> Prove(const Plan& plan, const Previous& previous) {
  std::vector<Proof> proofs;
  for (const Base& base : previous.bases()) {
    if (base.is_foreign || base.place.volume == 0) continue;
    Proof proof = Prover(plan, previous, base).Run();
    const bool says_more = proof.blocks.size() > 1 || plan.Find(plan.Root()) != nullptr ||
                           base.newer.contains(0) || !proof.manifest.empty();
    if (says_more) proofs.push_back(std::move(proof));
  }
  return proofs;
}

}  // namespace cura
