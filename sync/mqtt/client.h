// One connection to the broker, by Paho: the only place that includes it. A Client connects once, and is thrown away
// when the connection is over. Made, used and destroyed by Link's thread alone; its Events come from Paho's threads.
//
// Why one for each connection: with a session that outlives its connection (we need one for the delayed will) Paho
// keeps what was not acknowledged and sends it again on the next connection, under a session of ours that is over; and
// its C++ layer never lets go of the tokens of publishes that got no answer. Destroying the client is what ends both.
// Why MQTT 5: under 3.1.1 a publish which the broker's ACL denies is acknowledged like any other.
// It refuses to reconnect, to keep anything on disk and to wait for answers: that is Link's.
#pragma once

#include <memory>

#include "sync/mqtt/settings.h"

namespace till::mqtt {

class Client {
 public:
  /// Told on Paho's threads, which hold Paho's one lock meanwhile: to wait here, or to call the Client, is a deadlock.
  class Events {
   public:
    virtual void on_connected() = 0;
    /// Connecting failed, a subscription was refused or the connection is lost; may be told more than once.
    virtual void on_ended(Error reason) = 0;
    virtual void on_message(std::string_view topic, ByteView payload, bool retained) = 0;
    /// What became of one publish: fine, refused by the broker, or `offline` if the connection ended before an answer.
    virtual void on_acknowledged(const std::string& topic, Status outcome) = 0;

   protected:
    ~Events() = default;
  };

  /// Begins to connect and returns at once. Errors: invalid (URL, certificate files), internal.
  static Result<std::unique_ptr<Client>> connect(const Settings& settings, Events& events);
  /// Says goodbye if connected (the will is not sent then). No event comes afterwards. Ends Paho's threads, which takes
  /// about a second at worst, or as long as looking up the broker's name does if that is what they are at.
  ~Client();

  /// Asks for each filter; a refusal arrives as on_ended. What is published after this is sent after it.
  Status subscribe(const std::vector<std::string>& filters);
  /// Hands over; the answer arrives as on_acknowledged. Errors: offline.
  Status publish(const Message& message);

 private:
  struct Parts;
  explicit Client(std::unique_ptr<Parts> parts);

  std::unique_ptr<Parts> parts_;
};

}  // namespace till::mqtt
