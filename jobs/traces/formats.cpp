#include "jobs/traces/formats.hpp"

#include <array>
#include <charconv>
#include <limits>

namespace weir {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();
constexpr double kNs = 1;
constexpr double kUs = 1e3;
constexpr double kMs = 1e6;
constexpr double kS = 1e9;

// ---- financial: prices in 1e-4 of the currency.

// t_ns,exch_ms,type,bytes,levels,price,qty. One file is one instrument: one key.
TraceEvent read_binance(const Row& row) {
  const double price = row.amount_or(5, 0) * 1e4;
  return {row.time_ns(0, kNs), 0, price > 0 ? price : kMissing, row.amount(4)};
}

// t_ms,type,side,price,amount,id. Key: the order.
TraceEvent read_bitstamp(const Row& row) {
  const double price = row.amount_or(3, 0) * 1e4;
  return {row.time_ns(0, kMs), row.key(5), price > 0 ? price : kMissing, 1};
}

// ms,bid_px,bid_sz,ask_px,ask_sz,exch. Key: the venue. Size 0 where a side is not quoted.
TraceEvent read_quotes(const Row& row) {
  const double bid = row.amount(1);
  const double ask = row.amount(3);
  const double sides = (bid > 0 ? 1 : 0) + (ask > 0 ? 1 : 0);
  return {row.time_ns(0, kMs), row.key(5), sides > 0 ? (bid + ask) / sides : kMissing,
          std::max(1.0, sides)};
}

// ms,price,size,exch
TraceEvent read_trades(const Row& row) {
  const double price = row.amount(1);
  return {row.time_ns(0, kMs), row.key(3), price > 0 ? price : kMissing, 1};
}

// ---- social

// t_s,src,dst
TraceEvent read_messages(const Row& row) {
  row.integer(2);
  return {row.time_ns(0, kS), row.key(1), kMissing, 1};
}

// ---- iot

// Date,Time,CO(GT),...,T,RH,AH; -200 means missing. Value: the sensor PT08.S1(CO).
TraceEvent read_air_quality(const Row& row) {
  const double value = row.number(3);
  return {row.us_timestamp_ns(0, 1), 0, value == -200 ? kMissing : value, 1};
}

// t_us,can_id,dlc. A message id says who sent it; the payload was dropped.
TraceEvent read_can(const Row& row) {
  return {row.time_ns(0, kUs), row.key(1), kMissing, row.amount(2)};
}

// time or datetime,active,...
TraceEvent read_power(const Row& row) { return {row.timestamp_ns(0), 0, row.number(1), 1}; }

// t_ms,device,seq,detect_ms,bytes,server_ns,round_trip_ms. Value: the delay of the report; work:
// the processing time measured on the server.
TraceEvent read_http(const Row& row) {
  return {row.time_ns(0, kMs), row.key(1), row.number(0) - row.number(3), row.amount(5)};
}

// t_ms,device,fcnt,payload_bytes,n_gateways,sf,best_rssi. Each gateway's copy is work.
TraceEvent read_lorawan(const Row& row) {
  return {row.time_ns(0, kMs), row.key(1), row.number_or(6, kMissing), row.amount(4)};
}

// t_s,magnitude,n_stations,net. Each station that reported is work.
TraceEvent read_earthquakes(const Row& row) {
  return {row.time_ns(0, kS), row.key(3), row.number(1), row.amount_or(2, 1)};
}

// id,date,temperature_c,humidity_pct,light_lux,co2_ppm,...
TraceEvent read_occupancy(const Row& row) { return {row.timestamp_ns(1), 0, row.number(5), 1}; }

// t_s,sensor,value
TraceEvent read_smart_home(const Row& row) {
  return {row.time_ns(0, kS), row.key(1), row.number(2), 1};
}

// timestamp,value
TraceEvent read_samples(const Row& row) { return {row.timestamp_ns(0), 0, row.number(1), 1}; }

// ---- compute: -1 means not known, and counts as nothing.

// t_s,mean_dur_s,cpu,memory,instances,job,task
TraceEvent read_batch_tasks(const Row& row) {
  return {row.time_ns(0, kS), row.key(5), kMissing, row.amount(1) * row.amount(4)};
}

// t_s,exec_s,type,...,user
TraceEvent read_genai(const Row& row) {
  return {row.time_ns(0, kS), row.key(8), kMissing, row.amount_or(1, 0)};
}

// creation_s,scheduled_s,deletion_s,cpu_milli,... A pod's lifetime by its processors.
TraceEvent read_pods(const Row& row) {
  const double created_s = row.amount(0);
  const double lifetime_s = std::max(0.0, row.number_or(2, created_s) - created_s);
  return {row.time_ns(0, kS), hash_key(row.text(7)), kMissing, lifetime_s * row.amount(3)};
}

// start_s,func,duration_s
TraceEvent read_functions(const Row& row) {
  return {row.time_ns(0, kS), row.key(1), kMissing, row.amount(2)};
}

// t_s,input_tokens,output_tokens
TraceEvent read_llm_seconds(const Row& row) {
  return {row.time_ns(0, kS), 0, kMissing, row.amount(1) + row.amount(2)};
}

// t_ms,input_tokens,output_tokens,blocks,blocks_seen_before. Times come in ticks of 3 s and are
// kept: batch arrivals.
TraceEvent read_llm_blocks(const Row& row) {
  return {row.time_ns(0, kMs), 0, kMissing, row.amount(1) + row.amount(2)};
}

// t_s,map_input_bytes,shuffle_bytes,reduce_output_bytes
TraceEvent read_hadoop(const Row& row) {
  return {row.time_ns(0, kS), 0, kMissing, row.amount(1) + row.amount(2) + row.amount(3)};
}

// t_s,wait_s,run_s,procs,req_time_s,status,user,partition
TraceEvent read_swf(const Row& row) {
  const double work = std::max(0.0, row.number(2)) * std::max(1.0, row.number(3));
  return {row.time_ns(0, kS), row.key(6), kMissing, work};
}

// t_s,duration_s,cpus,mem
TraceEvent read_surf(const Row& row) {
  return {row.time_ns(0, kS), 0, kMissing, row.amount(1) * row.amount(2)};
}

constexpr auto kPrices = WindowSource::kPrices;
constexpr auto kSamples = WindowSource::kSamples;
constexpr auto kGaps = WindowSource::kGaps;
constexpr auto kMadeUp = WindowSource::kMadeUp;
constexpr auto kLevels = WorkRule::kLevels;
constexpr auto kProportional = WorkRule::kProportional;

constexpr std::array kEventFormats = {
    EventFormat{"t_ns,exch_ms,type,bytes,levels,price,qty", "finance", kPrices, kLevels,
                read_binance},
    EventFormat{"t_ms,type,side,price,amount,id", "finance", kPrices, kLevels, read_bitstamp},
    EventFormat{"ms,bid_px,bid_sz,ask_px,ask_sz,exch", "finance", kPrices, kLevels, read_quotes},
    EventFormat{"ms,price,size,exch", "finance", kPrices, kLevels, read_trades},
    EventFormat{"t_s,src,dst", "social", kMadeUp, kProportional, read_messages},
    EventFormat{"Date,Time,CO(GT),PT08.S1(CO),NMHC(GT),C6H6(GT),PT08.S2(NMHC),NOx(GT),PT08.S3(NOx),"
                "NO2(GT),PT08.S4(NO2),PT08.S5(O3),T,RH,AH",
                "iot", kSamples, kProportional, read_air_quality},
    EventFormat{"t_us,can_id,dlc", "iot", kGaps, kProportional, read_can},
    EventFormat{"time,active_kw,reactive_kw,voltage,intensity,sub1,sub2,sub3", "iot", kSamples,
                kProportional, read_power},
    EventFormat{"datetime,active,reactive,voltage,intensity,sub1,sub2", "iot", kSamples,
                kProportional, read_power},
    EventFormat{"t_ms,device,seq,detect_ms,bytes,server_ns,round_trip_ms", "iot", kSamples,
                kProportional, read_http},
    EventFormat{"t_ms,device,fcnt,payload_bytes,n_gateways,sf,best_rssi", "iot", kSamples,
                kProportional, read_lorawan},
    EventFormat{"t_s,magnitude,n_stations,net", "iot", kSamples, kProportional, read_earthquakes},
    EventFormat{"id,date,temperature_c,humidity_pct,light_lux,co2_ppm,humidity_ratio,occupancy",
                "iot", kSamples, kProportional, read_occupancy},
    EventFormat{"t_s,sensor,value", "iot", kSamples, kProportional, read_smart_home},
    EventFormat{"timestamp,value", "iot", kSamples, kProportional, read_samples},
    EventFormat{"t_s,mean_dur_s,cpu,memory,instances,job,task", "finance", kMadeUp, kProportional,
                read_batch_tasks},
    EventFormat{"t_s,exec_s,type,status,images,steps,model,num_lora,user", "finance", kMadeUp,
                kProportional, read_genai},
    EventFormat{
        "creation_s,scheduled_s,deletion_s,cpu_milli,memory_mib,num_gpu,gpu_milli,qos,phase",
        "finance", kMadeUp, kProportional, read_pods},
    EventFormat{"start_s,func,duration_s", "finance", kMadeUp, kProportional, read_functions},
    EventFormat{"t_s,input_tokens,output_tokens", "social", kMadeUp, kProportional,
                read_llm_seconds},
    EventFormat{"t_ms,input_tokens,output_tokens,blocks,blocks_seen_before", "social", kMadeUp,
                kProportional, read_llm_blocks},
    EventFormat{"t_s,map_input_bytes,shuffle_bytes,reduce_output_bytes", "social", kMadeUp,
                kProportional, read_hadoop},
    EventFormat{"t_s,wait_s,run_s,procs,req_time_s,status,user,partition", "finance", kMadeUp,
                kProportional, read_swf},
    EventFormat{"t_s,duration_s,cpus,mem", "finance", kMadeUp, kProportional, read_surf},
};

constexpr std::array kRefusedFormats = {
    RefusedFormat{"t_s,value_ms,container", "latencies sampled per container, not arrivals"},
    RefusedFormat{"worker,gpu_pct,iteration,time_norm", "run times of iterations, not arrivals"},
    RefusedFormat{"runtime", "run times without arrival times"},
};

// The text between `before` and the next quote, or nothing.
std::string_view quoted_after(std::string_view line, std::size_t from, std::string_view before) {
  const std::size_t start = line.find(before, from);
  if (start == std::string_view::npos) return {};
  line.remove_prefix(start + before.size());
  return line.substr(0, line.find('"'));
}

}  // namespace

std::span<const EventFormat> event_formats() { return kEventFormats; }
std::span<const RefusedFormat> refused_formats() { return kRefusedFormats; }

bool is_senml(std::string_view line) {
  const std::size_t comma = line.find(',');
  return comma != std::string_view::npos && comma > 0 &&
         line.find_first_not_of("0123456789") == comma && line.substr(comma).starts_with(",{");
}

// Key: the source; value: the temperature; size: the bytes of the record, which is parsed anew by
// whoever works on it.
TraceEvent read_senml(const CsvFile& file, std::string_view line) {
  const auto refuse = [&file, line] {
    std::string found = "'";
    found.append(line.substr(0, 60)).append("...'");
    file.refuse(std::move(found),
                "epoch milliseconds and a SenML record with a source and a temperature");
  };
  if (!is_senml(line) || !line.ends_with('}')) refuse();
  TraceEvent event;
  std::int64_t epoch_ms = 0;
  const std::string_view source = quoted_after(line, 0, "\"sv\":\"");
  const std::size_t name = line.find("\"n\":\"temperature\"");
  const std::size_t record = name == std::string_view::npos ? name : line.rfind('{', name);
  const std::string_view value =
      record == std::string_view::npos ? "" : quoted_after(line, record, "\"v\":\"");
  const auto time_error = std::from_chars(line.data(), line.data() + line.find(','), epoch_ms).ec;
  const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), event.value);
  if (time_error != std::errc() || epoch_ms > 9'000'000'000'000 || source.empty() ||
      error != std::errc() || end != value.data() + value.size()) {
    refuse();
  }
  event.at_ns = epoch_ms * 1'000'000;
  event.key = hash_key(source);
  event.size = static_cast<double>(line.size());
  return event;
}

}  // namespace weir
