#include "feed/ingest.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <thread>

#include "base/error.h"
#include "base/log.h"
#include "base/stop.h"
#include "feed/batch.h"
#include "feed/ledger.h"
#include "sql/names.h"

namespace metl::feed {
namespace fs = std::filesystem;
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds kPoll{200};
constexpr size_t kMostAtOnce = 2'000;  // messages

class Ingest {
 public:
  Ingest(const IngestRequest& request, engine::Client& client)
      : request_(request),
        ledger_(request.raw),
        batch_(client, request.feed, request.columns),
        reader_({.brokers = request.feed.brokers, .group = request.group, .settings = request.feed.settings}),
        client_(client) {}

  IngestReport run(const std::function<void(const IngestReport&)>& progress) {
    find_places();
    rolled_ = began_ = Clock::now();
    while (!stop::requested() && !is_done()) {
      read();
      const bool is_full = batch_.bytes() >= request_.feed.roll_bytes;
      if (is_full || Clock::now() - rolled_ >= request_.feed.roll_every) {
        roll();
        progress(report_);
      }
    }
    roll();
    report_.stopped = !is_done();
    return report_;
  }

 private:
  // Where each partition is read from, and how far.
  void find_places() {
    std::map<kafka::Partition, int64_t> from;
    const int64_t millis = request_.until ? end_of(*request_.until) : 0;
    for (const auto& partition : reader_.partitions(request_.feed.topics)) {
      const kafka::Range range = reader_.range(partition);
      int64_t next = ledger_.position(partition).value_or(range.first);
      if (request_.skip_lost && next < range.first) {
        log::warning("{}: the events of offsets {} to {} are lost, and left out as --skip-lost says",
                     kafka::to_text(partition), next, range.first - 1);
        next = range.first;
      }
      require_offsets(partition, next, range);
      const int64_t end = request_.until ? reader_.offset_at(partition, millis, range.end) : range.end;
      report_.partitions[partition] = {next, end};
      written_[partition] = next;
      if (request_.follow || next < end) from[partition] = next;
    }
    if (!from.empty()) reader_.start(from);
  }

  static void require_offsets(const kafka::Partition& partition, int64_t next, const kafka::Range& range) {
    if (next < range.first) {
      throw Error(
          Cause::kBadInput,
          fmt::format("{}: the events of offsets {} to {} are lost: the topic no longer has them",
                      kafka::to_text(partition), next, range.first - 1),
          "They were removed before they were read. Get them from elsewhere if they are needed, and go on without "
          "them by --skip-lost.");
    }
    if (next > range.end) {
      throw Error(
          Cause::kBadInput,
          fmt::format("{}: the next offset is {}, but the topic ends at {}", kafka::to_text(partition), next,
                      range.end),
          "The topic was deleted and made again, or its brokers lost events. docs/feed.md says how to read it anew.");
    }
  }

  // Midnight behind the day, in the feed's zone, as milliseconds of Unix.
  int64_t end_of(const Date& day) {
    return std::get<int64_t>(client_
                                 .rows(fmt::format("SELECT epoch_ms(timezone({}, CAST({} AS TIMESTAMP)))",
                                                   sql::literal(request_.feed.zone), sql::literal(day.next().iso())))
                                 .rows.at(0)
                                 .at(0));
  }

  bool is_done() const {
    return !request_.follow && std::all_of(report_.partitions.begin(), report_.partitions.end(),
                                           [](const auto& one) { return one.second.next >= one.second.end; });
  }

  void read() {
    size_t most = kMostAtOnce;
    if (request_.max_rate > 0) {
      const double seconds = std::chrono::duration<double>(Clock::now() - began_).count();
      const auto allowed = static_cast<int64_t>(seconds * static_cast<double>(request_.max_rate)) + 1 - read_;
      if (allowed <= 0) {
        std::this_thread::sleep_for(kPoll / 10);
        return;
      }
      most = std::min(most, static_cast<size_t>(allowed));
    }
    reader_.poll(
        kPoll, most,
        [this](const kafka::Message& message) {
          PartitionReport& place = report_.partitions.at(message.partition);
          if (!request_.follow && message.offset >= place.end) {
            place.next = place.end;  // there is nothing committed between
          } else if (message.offset >= place.next) {
            batch_.add(message);
            place.next = message.offset + 1;
            ++read_;
          }
          leave_at_end(message.partition, place);
        },
        [this](const kafka::Partition& partition, int64_t next) {
          PartitionReport& place = report_.partitions.at(partition);
          place.next = std::max(place.next, request_.follow ? next : std::min(next, place.end));
        });
  }

  void leave_at_end(const kafka::Partition& partition, const PartitionReport& place) {
    if (!request_.follow && place.next >= place.end) reader_.leave(partition);
  }

  // Files of all that was read.
  void roll() {
    rolled_ = Clock::now();
    if (batch_.rows() == 0) return;
    batch_.decode();
    const Rejected rejected = batch_.rejected();
    if (report_.rejected + rejected.count > request_.feed.max_rejected) {
      throw Error(Cause::kBadInput,
                  fmt::format("{} bad messages, and at most {} may be put aside; the first: {}",
                              report_.rejected + rejected.count, request_.feed.max_rejected, rejected.first),
                  "Nothing of them was written. Correct what sends them, or raise feed.max_rejected: then they go to "
                  "_rejected/, with their reasons.");
    }
    std::map<kafka::Partition, Intent> intents;
    int number = 0;
    for (const auto& slice : batch_.slices()) {
      const kafka::Partition& partition = batch_.partitions().at(slice.partition);
      Intent& intent = intents[partition];
      const std::string folder = slice.day.empty() ? "_rejected" : Date::parse(slice.day).format(request_.day_path);
      const FeedFile file{
          .name = fmt::format("{}", number++),
          .path = fmt::format("{}/{}-{}-{}.parquet", folder, kafka::to_text(partition), slice.first, slice.last),
          .rows = slice.rows};
      batch_.write(slice, ledger_.stage() + "/" + file.name, request_.write);
      intent.files.push_back(file);
      (slice.day.empty() ? intent.rejected : intent.rows) += slice.rows;
    }
    for (auto& [partition, intent] : intents) {
      intent.partition = partition;
      intent.first = written_.at(partition);
      intent.next = report_.partitions.at(partition).next;
      intent.stage = ledger_.stage_name();
      ledger_.publish(intent);
      written_[partition] = intent.next;
      report_.events += intent.rows;
      report_.rejected += intent.rejected;
      report_.files += static_cast<int64_t>(intent.files.size());
      log::info("{}: offsets {} to {}: {} events in {} files, {} rejected", kafka::to_text(partition), intent.first,
                intent.next - 1, intent.rows, intent.files.size(), intent.rejected);
    }
    batch_.clear();
  }

  const IngestRequest& request_;
  Ledger ledger_;
  Batch batch_;
  kafka::Reader reader_;
  engine::Client& client_;
  IngestReport report_;
  std::map<kafka::Partition, int64_t> written_;  // the offset behind what is in files
  int64_t read_ = 0;
  Clock::time_point began_, rolled_;
};

}  // namespace

IngestReport ingest(const IngestRequest& request, engine::Client& client,
                    const std::function<void(const IngestReport&)>& progress) {
  return Ingest(request, client).run(progress);
}

}  // namespace metl::feed
