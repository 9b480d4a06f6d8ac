#include "sync/mqtt/client.h"

#include <mqtt/async_client.h>

#include <charconv>

#include "sync/mqtt/nodelay.h"

namespace till::mqtt {

namespace {

constexpr int kQos = 1;
/// The session outlives the connection by this, or else the broker would send the will at once.
constexpr int kSessionExpiry_s = 60;
/// The broker keeps from us what is far too large, so that Paho does not allocate it; Link judges the payload itself.
constexpr int kMaxPacket = 2 * static_cast<int>(kMaxPayload);
constexpr int kConnectTimeout_s = 10;
/// Paho stalls up to a second when its own window fills: it must never be smaller than ours and the subscriptions.
constexpr int kPahoWindow = 1000;

/// The one place that maps MQTT's reasons to ours. `result` is Paho's; a refused connect has the reason in there.
Error error_of(int result, int reason) {
  const int code = reason >= MQTTREASONCODE_UNSPECIFIED_ERROR ? reason : result;
  if (code < MQTTREASONCODE_UNSPECIFIED_ERROR) {
    const char* text = code == MQTTASYNC_FAILURE ? nullptr : MQTTAsync_strerror(code);  // that one says "Failure"
    return {Code::offline,
            text ? "no connection to the broker: " + std::string(text) : "the broker cannot be reached, or not by TLS"};
  }
  const char* text = MQTTReasonCode_toString(static_cast<MQTTReasonCodes>(code));
  Error error{Code::invalid, "the broker refused: " + (text ? std::string(text) : std::to_string(code))};
  switch (code) {
    case MQTTREASONCODE_BAD_USER_NAME_OR_PASSWORD:
    case MQTTREASONCODE_BAD_AUTHENTICATION_METHOD:
      error.code = Code::unauthorized;
      break;
    case MQTTREASONCODE_NOT_AUTHORIZED:
    case MQTTREASONCODE_BANNED:
      error.code = Code::forbidden;
      break;
    case MQTTREASONCODE_PACKET_TOO_LARGE:
      error.code = Code::too_large;
      break;
    case MQTTREASONCODE_SERVER_BUSY:
    case MQTTREASONCODE_QUOTA_EXCEEDED:
    case MQTTREASONCODE_MESSAGE_RATE_TOO_HIGH:
      error.code = Code::busy;
      break;
    case MQTTREASONCODE_SESSION_TAKEN_OVER:
      error.code = Code::conflict;
      break;
    case MQTTREASONCODE_SERVER_UNAVAILABLE:
    case MQTTREASONCODE_SERVER_SHUTTING_DOWN:
    case MQTTREASONCODE_KEEP_ALIVE_TIMEOUT:
      error.code = Code::offline;
      break;
    default:
      break;
  }
  return error;
}

/// Paho's C++ layer throws; nothing of ours does.
template <class Call>
Status guarded(Call call) {
  try {
    call();
    return {};
  } catch (const ::mqtt::exception& failure) {
    return error_of(failure.get_return_code(), static_cast<int>(failure.get_reason_code()));
  }
}

::mqtt::connect_options connect_options(const Settings& settings) {
  ::mqtt::connect_options options;
  options.set_mqtt_version(MQTTVERSION_5);
  options.set_clean_start(true);
  options.set_properties({{::mqtt::property::SESSION_EXPIRY_INTERVAL, kSessionExpiry_s},
                          {::mqtt::property::MAXIMUM_PACKET_SIZE, kMaxPacket}});
  options.set_keep_alive_interval(settings.keep_alive_s);
  options.set_connect_timeout(kConnectTimeout_s);
  options.set_max_inflight(kPahoWindow);
  options.set_automatic_reconnect(false);
  if (!settings.username.empty()) {
    options.set_user_name(settings.username);
    options.set_password(settings.password);
  }
  if (settings.will) {
    const auto& [message, delay_s] = *settings.will;
    options.set_will(::mqtt::will_options(
        message.topic, message.payload.data(), message.payload.size(), kQos, message.retained,
        ::mqtt::properties{{::mqtt::property::WILL_DELAY_INTERVAL, static_cast<int32_t>(delay_s)}}));
  }
  return options;
}

/// The certificate must be valid and made out for the host of the URL; Paho's default is neither. No error handler that
/// would tell more: Paho 1.2 calls it through options that are gone by then.
::mqtt::ssl_options tls_options(const Settings& settings) {
  ::mqtt::ssl_options options;
  if (!settings.ca_file.empty()) options.set_trust_store(settings.ca_file);
  if (!settings.cert_file.empty()) options.set_key_store(settings.cert_file);
  if (!settings.key_file.empty()) options.set_private_key(settings.key_file);
  options.set_enable_server_cert_auth(true);
  options.set_verify(true);
  return options;
}

/// Turns the answers to what was asked of Paho into Events.
class Listener final : public virtual ::mqtt::iaction_listener {
 public:
  explicit Listener(Client::Events& events) : events_(events) {}

  /// Of a connect Paho 1.2 tells this twice, so there is a handler for it.
  void on_success(const ::mqtt::token& token) override {
    if (token.get_type() == ::mqtt::token::PUBLISH) events_.on_acknowledged(topic_of(token), {});
  }
  void on_failure(const ::mqtt::token& token) override {
    Error error = error_of(token.get_return_code(), token.get_reason_code());
    if (token.get_type() == ::mqtt::token::PUBLISH) {
      events_.on_acknowledged(topic_of(token), std::move(error));
    } else {
      events_.on_ended(std::move(error));
    }
  }

 private:
  static std::string topic_of(const ::mqtt::token& token) { return (*token.get_topics())[0]; }

  Client::Events& events_;
};

/// Turns what Paho tells unasked into Events. One by one: its set_callback() takes its locks in the wrong order, and
/// its delivery_complete also comes for publishes that failed.
void listen(::mqtt::async_client& paho, Client::Events& events) {
  paho.set_connected_handler([&events](const std::string&) { events.on_connected(); });
  paho.set_connection_lost_handler([&events](const std::string&) {
    events.on_ended({Code::offline, "the connection to the broker broke"});
  });
  paho.set_disconnected_handler(
      [&events](const ::mqtt::properties&, ::mqtt::ReasonCode reason) { events.on_ended(error_of(0, reason)); });
  paho.set_message_callback([&events](const ::mqtt::const_message_ptr& message) {
    events.on_message(message->get_topic(), as_bytes(message->get_payload()), message->is_retained());
  });
}

/// Of a URI by server_uri(), which always names it.
uint16_t port_of(std::string_view uri) {
  uint16_t port = 0;
  std::from_chars(uri.data() + uri.rfind(':') + 1, uri.data() + uri.size(), port);
  return port;
}

}  // namespace

struct Client::Parts {
  Parts(const std::string& uri, const std::string& client_id, Events& events)
      : listener(events), paho(uri, client_id, ::mqtt::create_options(MQTTVERSION_5), kNoPersistence) {}

  static constexpr ::mqtt::iclient_persistence* kNoPersistence = nullptr;
  Listener listener;  // outlives Paho's client, whose end still calls it
  ::mqtt::async_client paho;
};

Client::Client(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Client::~Client() = default;

Result<std::unique_ptr<Client>> Client::connect(const Settings& settings, Events& events) {
  TILL_TRY(const std::string uri, server_uri(settings.url));
  std::unique_ptr<Parts> parts;
  TILL_CHECK(guarded([&] {
    parts = std::make_unique<Parts>(uri, settings.client_id, events);
    listen(parts->paho, events);
    ::mqtt::connect_options options = connect_options(settings);
    if (uri.starts_with("ssl://")) options.set_ssl(tls_options(settings));
    parts->paho.connect(options, nullptr, parts->listener);  // copied: moved, Paho 1.2 loses the properties
  }));
  return std::unique_ptr<Client>(new Client(std::move(parts)));
}

Status Client::subscribe(const std::vector<std::string>& filters) {
  send_at_once(port_of(parts_->paho.get_server_uri()));
  return guarded([&] {
    // One request for each: of several in one request Paho 1.2 reports a refusal as a success.
    for (const std::string& filter : filters) parts_->paho.subscribe(filter, kQos, nullptr, parts_->listener);
  });
}

Status Client::publish(const Message& message) {
  return guarded([&] {
    parts_->paho.publish(
        ::mqtt::message::create(message.topic, message.payload.data(), message.payload.size(), kQos, message.retained),
        nullptr, parts_->listener);
  });
}

}  // namespace till::mqtt
