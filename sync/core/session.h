// The node's end of the protocol as a pure step (D13): events and the time go in, effects come out; whoever runs it
// (sync/node, or the simulator) performs the effects in order and feeds back what they gave. It keeps nothing that must
// survive: after a crash it is made anew from the durable State.
//
// Flow: Linked → hello → Welcome → each stream's mark is confirmed → batches go up within the credit, pulls go round.
// Every wait has a deadline, so that whatever is lost on the way is asked for again. What an answer says is believed
// only through Confirm: the executor compares hashes (A1); unequal means that this database is a copy, and Fork gives
// it a new epoch at once (A2).
#pragma once

#include <optional>
#include <variant>
#include <vector>

#include "base/random.h"
#include "sync/core/message.h"

namespace till::core {

struct StreamState {
  int64_t head = 0;    // newest seq made
  int64_t acked = 0;   // the hub has it, hash compared
  int64_t backed = 0;  // forgotten here
  int64_t landed = 0;  // applied as of the newest page kept: overlays up to here have ended (B1)
  int64_t lost = 0;    // gone without having been acknowledged
};

struct ScopeState {
  Position cursor{};
  Position head{};
  int64_t gc_rev = 0;
  bool shadow = false;  // a pull from 0 on is under way into the shadow: cursor and head are the shadow's
};

/// What the node's database knows about sync.
struct State {
  Epoch epoch{};
  HubEpoch hub_epoch{};
  std::array<StreamState, kStreamCount> streams{};
  std::array<ScopeState, kScopeCount> scopes{};
};

// ---- what comes in
struct Linked {};  // the broker took us, subscriptions stand
struct Unlinked {};
struct Ticked {};  // about four times a second
struct Arrived {   // opened and verified
  Message message;
};
struct Rang {  // a doorbell
  Scope scope;
  int64_t rev;
};
struct Made {  // the database has new envelopes
  Seqs heads;
};
struct Loaded {  // answers Load; empty: nothing there (any more)
  Stream stream;
  Hash former;
  std::vector<Envelope> envelopes;
};
struct Confirmed {  // answers Confirm
  Stream stream;
  StreamState state;
};
struct Diverged {  // answers Confirm and Keep: the hub has other facts under our seqs
  Stream stream;
};
struct Kept {  // answers Keep and StartOver
  Scope scope;
  ScopeState state;
  Seqs landed;
};
struct Forked {  // answers Fork
  State state;
};
struct Failed {};  // an effect could not be performed now (disk full): go back to hello later
using Event =
    std::variant<Linked, Unlinked, Ticked, Arrived, Rang, Made, Loaded, Confirmed, Diverged, Kept, Forked, Failed>;

// ---- what goes out
struct Send {
  Message message;
};
struct Load {  // envelopes of a stream from a seq on, one batch
  Stream stream;
  int64_t first;
};
struct Confirm {  // compare, and if equal note how far the hub is
  Mark mark;
  bool may_lower;  // a welcome may say less than was believed (A4)
};
struct Keep {  // apply a page in one transaction
  Page page;
};
struct StartOver {  // begin to pull a scope from 0 on
  Scope scope;
};
struct NoteHub {  // remember the hub's epoch
  HubEpoch hub_epoch;
};
struct Fork {};  // a new epoch; wrap anew what is not backed up
using Effect = std::variant<Send, Load, Confirm, Keep, StartOver, NoteHub, Fork>;

struct SessionSettings {
  std::string build{};
  std::optional<Key> introduce{};     // the key to bring in a hello: loopback only
  int64_t answer_ms = 5'000;          // deadline of every wait
  int64_t poll_ms = 30'000;           // pulls without a doorbell (C3)
  int64_t store_rest_ms = 1'000;      // between two pulls of the store's facts: each costs the flash a commit
  int64_t longest_hello_ms = 15'000;  // between two hellos: 30 s after the last fault all is to be delivered
};

class NodeSession {
 public:
  NodeSession(State state, SessionSettings settings, Random& random);

  /// `now_ms` is monotonic; `wall` goes into the hello.
  std::vector<Effect> step(Event event, int64_t now_ms, Time wall);

  [[nodiscard]] const State& state() const { return state_; }
  [[nodiscard]] bool welcomed() const { return welcomed_; }
  [[nodiscard]] bool revoked() const { return revoked_; }

 private:
  struct StreamWork {
    int64_t sent = 0;        // highest seq sent in this session
    int64_t batches = 0;     // sent and unanswered
    int64_t moved_ms = 0;    // when it last got on, or went back
    int stalls = 0;          // times it went back since it last got on
    bool loading = false;    // a Load is out
    bool confirmed = false;  // the welcome's mark was compared
  };
  struct ScopeWork {
    int64_t pull_id = 0;    // of the pull that is out; 0: none
    int64_t due_ms = 0;     // deadline of that pull, or when to pull next
    int64_t rung = 0;       // a doorbell's rev, heard since the pull went out
    int64_t pulled_ms = 0;  // when the last pull went out
    bool keeping = false;   // a Keep or StartOver is out
    Seqs acked{};           // when the pull went out
  };

  void on(const Linked&);
  void on(const Unlinked&);
  void on(const Ticked&);
  void on(Arrived& event);
  void on(const Rang& event);
  void on(const Made& event);
  void on(Loaded& event);
  void on(const Confirmed& event);
  void on(const Diverged& event);
  void on(const Kept& event);
  void on(Forked& event);
  void on(const Failed& event);

  void receive(const Welcome& welcome);
  void receive(const Ack& ack);
  void receive(Page& page);

  void greet();
  void greet_in(int64_t delay_ms);
  void resume(const Welcome& welcome);
  void send_more(Stream stream);
  void go_back(Stream stream);
  void check_progress();
  void pull_due();
  void pull(Scope scope);
  void pull_soon(Scope scope);
  [[nodiscard]] int64_t rest_until_ms(Scope scope) const;
  [[nodiscard]] bool is_ours(const Session& session) const;
  [[nodiscard]] Session session() const { return {nonce_, state_.hub_epoch, state_.epoch}; }
  int64_t jitter(int64_t ms);  // 80 to 120 % of it

  State state_;
  SessionSettings settings_;
  Random& random_;
  int64_t now_ms_ = 0;
  Time wall_{};
  std::vector<Effect> out_;

  bool linked_ = false, welcomed_ = false, revoked_ = false, forking_ = false;
  Nonce nonce_{};
  int64_t greet_at_ms_ = 0;
  int64_t patience_ms_ = 0;  // until a hello is repeated; doubles
  int64_t credit_ = 1;
  int64_t pulls_ = 0;
  std::array<StreamWork, kStreamCount> streams_{};
  std::array<ScopeWork, kScopeCount> scopes_{};
};

}  // namespace till::core
