// Matches directories by the votes of what is in them, then what is left one by one.
#include "query/renames.h"

#include <algorithm>
#include <functional>
#include <map>
#include <optional>

namespace cura {

namespace {

using Halves = std::vector<Half>;

// What entries are matched by.
enum class Key : std::uint8_t { kInode, kContent, kDirectory };
enum class Names : std::uint8_t { kSame, kAny };

struct Keyed {
  std::uint64_t hash = 0;
  std::uint32_t half = 0;
};

std::uint64_t Mix(std::uint64_t a, std::uint64_t b) {
  constexpr std::uint64_t kOdd = 0x9E3779B97F4A7C15U;
  return (a ^ (b + kOdd + (a << 6U) + (a >> 2U))) * kOdd;
}

std::uint64_t HashOf(const Timestamp& time) {
  return Mix(static_cast<std::uint64_t>(time.sec), time.nsec);
}

std::uint64_t HashOf(const Digest& digest) {
  const auto* bytes = reinterpret_cast<const char*>(digest.data());
  return std::hash<std::string_view>{}({bytes, digest.size()});
}

bool IsCandidate(const Half& half, Key key) {
  const Facts& facts = half.facts;
  switch (key) {
    case Key::kInode:
      return facts.type != Type::kDirectory && facts.stored_ino != 0;
    case Key::kContent:
      return facts.type == Type::kFile && facts.size > 0 && facts.digest != kNoDigest;
    case Key::kDirectory:
      break;
  }
  return facts.type == Type::kDirectory && facts.ino != 0;
}

std::uint64_t HashOf(const Facts& facts, Key key) {
  switch (key) {
    case Key::kInode:
      return Mix(facts.stored_ino, static_cast<std::uint64_t>(facts.type));
    case Key::kContent:
      return Mix(HashOf(facts.digest), HashOf(facts.mtime));
    case Key::kDirectory:
      break;
  }
  return Mix(Mix(facts.ino, facts.volume), HashOf(facts.mtime));
}

bool AreEqual(const Facts& a, const Facts& b, Key key) {
  switch (key) {
    case Key::kInode:
      return ShareInode(a, b);
    case Key::kContent:
      return a.digest == b.digest && a.mtime == b.mtime && a.size == b.size;
    case Key::kDirectory:
      break;
  }
  return WereSameDirectory(a, b) && a.mtime == b.mtime;
}

class Matcher {
 public:
  explicit Matcher(Differing* differing)
      : differing_(*differing),
        before_(differing->halves[kBefore]),
        after_(differing->halves[kAfter]) {}

  void MatchDirectories();
  // Matches what has no mate yet.
  void MatchFiles(Key key, Names names);

 private:
  using Group = std::pair<const Keyed*, const Keyed*>;
  using Visit = std::function<void(Group, Group)>;
  using Pair = std::pair<std::uint32_t, std::uint32_t>;

  static void CountLeaves(Halves* halves);
  [[nodiscard]] std::vector<Keyed> KeyedHalves(const Halves& halves, Key key, Names names) const;
  void ForGroups(Key key, Names names, const Visit& visit) const;
  void Vote(Key key);
  void VoteFor(std::uint32_t before, std::uint32_t after, Key key);
  void PassVotesUp();
  [[nodiscard]] std::vector<Pair> Ranked() const;
  [[nodiscard]] bool IsLikely(const Pair& pair) const;
  void Accept(std::uint32_t before, std::uint32_t after);
  void AcceptBelow(const Pair& pair, std::vector<Pair>* further);
  void Join(std::uint32_t before, std::uint32_t after);
  [[nodiscard]] bool AreFree(std::uint32_t before, std::uint32_t after) const {
    return before_[before].mate == kNoNumber && after_[after].mate == kNoNumber;
  }
  [[nodiscard]] bool HaveSameName(const Half& a, const Half& b) const {
    return differing_.NameOf(a) == differing_.NameOf(b);
  }

  const Differing& differing_;
  Halves& before_;
  Halves& after_;
  // How many entries of a directory are in another one, at the same place.
  std::map<Pair, std::uint64_t> votes_;
  std::vector<bool> has_voted_;
};

// Each directory counts what is in it, and an empty one itself.
void Matcher::CountLeaves(Halves* halves) {
  for (size_t i = halves->size(); i-- > 0;) {
    Half& half = (*halves)[i];
    if (half.leaves == 0) half.leaves = 1;
    if (half.parent != kNoNumber) (*halves)[half.parent].leaves += half.leaves;
  }
}

std::vector<Keyed> Matcher::KeyedHalves(const Halves& halves, Key key, Names names) const {
  std::vector<Keyed> keyed;
  for (std::uint32_t i = 0; i < halves.size(); ++i) {
    const Half& half = halves[i];
    const bool is_empty = half.end == i + 1;
    if (half.mate != kNoNumber || !is_empty || !IsCandidate(half, key)) continue;
    std::uint64_t hash = HashOf(half.facts, key);
    if (names == Names::kSame) {
      hash = Mix(hash, std::hash<std::string_view>{}(differing_.NameOf(half)));
    }
    keyed.push_back({hash, i});
  }
  std::sort(keyed.begin(), keyed.end(), [](const Keyed& a, const Keyed& b) {
    return std::pair(a.hash, a.half) < std::pair(b.hash, b.half);
  });
  return keyed;
}

// Visits the halves of both trees that have the same key, each in the order of the paths.
void Matcher::ForGroups(Key key, Names names, const Visit& visit) const {
  const auto left = KeyedHalves(before_, key, names);
  const auto right = KeyedHalves(after_, key, names);
  const auto end_of = [](const Keyed* at, const Keyed* end) {
    const std::uint64_t hash = at->hash;
    return std::find_if(at, end, [hash](const Keyed& other) { return other.hash != hash; });
  };
  const Keyed* a = left.data();
  const Keyed* b = right.data();
  const Keyed* const a_end = a + left.size();
  const Keyed* const b_end = b + right.size();
  while (a != a_end && b != b_end) {
    if (a->hash < b->hash) {
      ++a;
    } else if (b->hash < a->hash) {
      ++b;
    } else {
      const Keyed* const a_next = end_of(a, a_end);
      const Keyed* const b_next = end_of(b, b_end);
      visit({a, a_next}, {b, b_next});
      a = a_next;
      b = b_next;
    }
  }
}

void Matcher::VoteFor(std::uint32_t before, std::uint32_t after, Key key) {
  const Half& from = before_[before];
  const Half& to = after_[after];
  if (!AreEqual(from.facts, to.facts, key)) return;
  if (key == Key::kDirectory) {
    ++votes_[{before, after}];
    return;
  }
  has_voted_[after] = true;
  if (from.parent == kNoNumber || to.parent == kNoNumber || !HaveSameName(from, to)) return;
  ++votes_[{from.parent, to.parent}];
}

void Matcher::Vote(Key key) {
  // A thousand copies of a licence are not a million votes.
  constexpr std::ptrdiff_t kMostPairs = 64;
  const Names names = key == Key::kDirectory ? Names::kAny : Names::kSame;
  const std::vector<bool> earlier = has_voted_;
  ForGroups(key, names, [&](Group left, Group right) {
    const std::ptrdiff_t left_size = left.second - left.first;
    const std::ptrdiff_t right_size = right.second - right.first;
    const bool is_small = left_size <= kMostPairs / right_size;
    for (std::ptrdiff_t i = 0; i < right_size; ++i) {
      const std::uint32_t after = right.first[i].half;
      if (earlier[after]) continue;
      const std::ptrdiff_t first = is_small ? 0 : i;
      const std::ptrdiff_t last = is_small ? left_size : std::min(i + 1, left_size);
      for (std::ptrdiff_t j = first; j < last; ++j) VoteFor(left.first[j].half, after, key);
    }
  });
}

// A directory with the same name in both has as many votes for what it lies in.
void Matcher::PassVotesUp() {
  for (auto at = votes_.end(); at != votes_.begin();) {
    --at;
    const Half& from = before_[at->first.first];
    const Half& to = after_[at->first.second];
    if (from.parent == kNoNumber || to.parent == kNoNumber || !HaveSameName(from, to)) continue;
    votes_[{from.parent, to.parent}] += at->second;
  }
}

// Most of the smaller directory must be in the other one, unless the source says that it is the
// same directory: a file moved out of a deleted directory does not make its new one the old one.
bool Matcher::IsLikely(const Pair& pair) const {
  const Half& from = before_[pair.first];
  const Half& to = after_[pair.second];
  if (WereSameDirectory(from.facts, to.facts)) return true;
  return votes_.at(pair) * 2 >= std::min(from.leaves, to.leaves);
}

std::vector<Matcher::Pair> Matcher::Ranked() const {
  struct Ranking {
    std::uint64_t votes;
    bool is_same;
    bool has_name;
    Pair pair;
  };
  std::vector<Ranking> rankings;
  for (const auto& [pair, votes] : votes_) {
    if (!IsLikely(pair)) continue;
    const Half& from = before_[pair.first];
    const Half& to = after_[pair.second];
    rankings.push_back(
        {votes, WereSameDirectory(from.facts, to.facts), HaveSameName(from, to), pair});
  }
  std::stable_sort(rankings.begin(), rankings.end(), [](const Ranking& a, const Ranking& b) {
    if (a.votes != b.votes) return a.votes > b.votes;
    if (a.is_same != b.is_same) return a.is_same;
    if (a.pair.first != b.pair.first) return a.pair.first < b.pair.first;
    return a.has_name && !b.has_name;
  });
  std::vector<Pair> pairs;
  pairs.reserve(rankings.size());
  for (const Ranking& ranking : rankings) pairs.push_back(ranking.pair);
  return pairs;
}

void Matcher::Join(std::uint32_t before, std::uint32_t after) {
  before_[before].mate = after;
  after_[after].mate = before;
}

void Matcher::Accept(std::uint32_t before, std::uint32_t after) {
  Join(before, after);
  std::vector<Pair> further = {{before, after}};
  while (!further.empty()) {
    const Pair pair = further.back();
    further.pop_back();
    AcceptBelow(pair, &further);
  }
}

// Makes the entries with the same name in two directories mates.
void Matcher::AcceptBelow(const Pair& pair, std::vector<Pair>* further) {
  const std::uint32_t from_end = before_[pair.first].end;
  const std::uint32_t to_end = after_[pair.second].end;
  std::uint32_t from = pair.first + 1;
  std::uint32_t to = pair.second + 1;
  while (from < from_end && to < to_end) {
    Half& a = before_[from];
    Half& b = after_[to];
    const int order = differing_.NameOf(a).compare(differing_.NameOf(b));
    if (order == 0 && a.facts.type != b.facts.type) {
      a.twin = to;
      b.twin = from;
    } else if (order == 0 && AreFree(from, to)) {
      Join(from, to);
      if (a.facts.type == Type::kDirectory) further->push_back({from, to});
    }
    if (order <= 0) from = a.end;
    if (order >= 0) to = b.end;
  }
}

void Matcher::MatchDirectories() {
  CountLeaves(&before_);
  CountLeaves(&after_);
  has_voted_.resize(after_.size());
  for (const Key key : {Key::kInode, Key::kContent, Key::kDirectory}) Vote(key);
  PassVotesUp();
  for (const auto& [before, after] : Ranked()) {
    if (AreFree(before, after)) Accept(before, after);
  }
  votes_.clear();
}

void Matcher::MatchFiles(Key key, Names names) {
  ForGroups(key, names, [&](Group left, Group right) {
    const Keyed* first = left.first;
    for (const Keyed* at = right.first; at != right.second; ++at) {
      while (first != left.second && before_[first->half].mate != kNoNumber) ++first;
      const Half& to = after_[at->half];
      const Keyed* const found = std::find_if(first, left.second, [&](const Keyed& other) {
        const Half& from = before_[other.half];
        const bool has_name = names == Names::kAny || HaveSameName(from, to);
        return from.mate == kNoNumber && has_name && AreEqual(from.facts, to.facts, key);
      });
      if (found != left.second) Join(found->half, at->half);
    }
  });
}

}  // namespace

void MatchRenamed(Differing* differing) {
  Matcher matcher(differing);
  matcher.MatchDirectories();
  for (const Key key : {Key::kInode, Key::kContent}) {
    for (const Names names : {Names::kSame, Names::kAny}) matcher.MatchFiles(key, names);
  }
}

bool HaveStayed(const Differing& differing, const Half& before, const Half& after) {
  if (before.parent == kNoNumber || after.parent == kNoNumber) return false;
  return differing.halves[kBefore][before.parent].mate == after.parent &&
         differing.NameOf(before) == differing.NameOf(after);
}

}  // namespace cura
