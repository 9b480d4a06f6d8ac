// Paho leaves Nagle's algorithm on and gives nobody its socket: a publish that follows an acknowledgement of ours then
// waits 40 ms for the broker's TCP. So the socket is looked for among the files of this process. Called by Client once
// for each connection, on Link's thread.
#pragma once

#include <cstdint>

namespace till::mqtt {

/// TCP_NODELAY for every socket of ours that is connected to this port of another end. Finding one too many does no
/// harm, and finding none costs speed only, so it fails in silence.
void send_at_once(uint16_t peer_port);

}  // namespace till::mqtt
