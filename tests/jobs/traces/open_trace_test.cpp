#include <gtest/gtest.h>

#include <algorithm>

#include "jobs/kernels/kernel.hpp"
#include "jobs/kernels/windows.hpp"
#include "jobs/stream.hpp"
#include "runtime/base/error.hpp"
#include "tests/support/refusal.hpp"
#include "tests/support/streams.hpp"
#include "tests/support/trace_files.hpp"

namespace weir {
namespace {

using namespace std::chrono_literals;

struct Format {
  const char* name;
  const char* content;  // Three events.
  const char* kernel;
  Duration last_at;  // Of the third, with the first at 0.
};

void PrintTo(const Format& format, std::ostream* out) { *out << format.name; }

constexpr const char* kSenmlLine =
    R"(,{"e":[{"u":"string","n":"source","sv":"s1"},{"v":"8.5","u":"far","n":"temperature"},{"v":"5","n":"humidity"}],"bt":1})";

const Format kFormats[] = {
    {"binance",
     "t_ns,exch_ms,type,bytes,levels,price,qty\n15030314667,16298,D,1898,82,,\n"
     "15030314670,,B,179,1,,\n15040314667,16313,T,180,1,61000.1,0.5\n",
     "finance", 10ms},
    {"bitstamp",
     "t_ms,type,side,price,amount,id\n0,C,b,236.47,2.0,65\n117,M,b,None,1.8,65\n"
     "250,X,b,236.40,8.6,66\n",
     "finance", 250ms},
    {"quotes",
     "ms,bid_px,bid_sz,ask_px,ask_sz,exch\n34200073,139100,16800,0,0,K\n"
     "34200073,0,0,139200,22000,K\n34201073,139100,5,139200,5,N\n",
     "finance", 1s},
    {"trades",
     "ms,price,size,exch\n34200015,1674000,100,P\n34200016,1674000,500,P\n"
     "34200515,1674100,5,Z\n",
     "finance", 500ms},
    {"messages", "t_s,src,dst\n0,1,2\n60,3,4\n90,1,4\n", "social", 90s},
    {"air",
     "Date,Time,CO(GT),PT08.S1(CO),NMHC(GT),C6H6(GT),PT08.S2(NMHC),NOx(GT),PT08.S3(NOx),NO2(GT),"
     "PT08.S4(NO2),PT08.S5(O3),T,RH,AH\n"
     "3/10/2004,18:00:00,2.6,1360,150,11.9,1046,166,1056,113,1692,1268,13.6,48.9,0.7578\n"
     "3/10/2004,19:00:00,2,-200,112,9.4,955,103,1174,92,1559,972,13.3,47.7,0.7255\n"
     "3/10/2004,20:00:00,2,1292,112,9.4,955,103,1174,92,1559,972,13.3,47.7,0.7255\n",
     "iot", 2h},
    {"can", "t_us,can_id,dlc\n0,29E,8\n662,2DE,3\n2000,29E,8\n", "iot", 2ms},
    {"power_minutes",
     "time,active_kw,reactive_kw,voltage,intensity,sub1,sub2,sub3\n"
     "2007-02-01T00:00:00Z,0.326,0.128,243.15,1.4,0,0,0\n"
     "2007-02-01T00:01:00Z,0.326,0.13,243.32,1.4,0,0,0\n"
     "2007-02-01T00:02:00Z,0.326,0.13,243.32,1.4,0,0,0\n",
     "iot", 2min},
    {"power_hours",
     "datetime,active,reactive,voltage,intensity,sub1,sub2\n"
     "2006-12-16 18:00:00,217.932,4.802,14074.8,936,0,403\n"
     "2006-12-16 19:00:00,204.014,5.114,13993.9,870.2,0,86\n"
     "2006-12-16 20:00:00,204.014,5.114,13993.9,870.2,0,86\n",
     "iot", 2h},
    {"phones",
     "t_ms,device,seq,detect_ms,bytes,server_ns,round_trip_ms\n0,dev_15,0,-1828,264,67999,1848\n"
     "97,dev_7,0,-121,270,64047,274\n300,dev_7,1,379,270,64047,274\n",
     "iot", 300ms},
    {"lorawan",
     "t_ms,device,fcnt,payload_bytes,n_gateways,sf,best_rssi\n"
     "1672867882661,perret,71,23,1,SF12BW125,-111\n1672869682692,perret,72,23,2,SF12BW125,-125\n"
     "1672869682761,eynard,72,23,1,SF12BW125,\n",
     "iot", 1800100ms},
    {"earthquakes",
     "t_s,magnitude,n_stations,net\n1804.91,2.80,,pr\n1858.02,1.27,26,NN\n1859.91,1,3,NN\n", "iot",
     55s},
    {"occupancy",
     "id,date,temperature_c,humidity_pct,light_lux,co2_ppm,humidity_ratio,occupancy\n"
     "1,2015-02-04 17:51:00,23.18,27.272,426,721.25,0.00479298817650529,1\n"
     "2,2015-02-04 17:51:59,23.15,27.2675,429.5,714,0.00478344094931065,1\n"
     "3,2015-02-04 17:53:00,23.15,27.2675,429.5,714,0.00478344094931065,1\n",
     "iot", 2min},
    {"smart_home", "t_s,sensor,value\n0,A,0\n30,B,6.2\n30,A,-1.5\n", "iot", 30s},
    {"samples",
     "timestamp,value\n2015-07-10 14:24:00,564\n2015-07-10 14:38:00,730\n2015-07-10 14:40:00,7\n",
     "iot", 16min},
    {"batch_tasks",
     "t_s,mean_dur_s,cpu,memory,instances,job,task\n5,131.9,0.5,0.008,197,17,95\n"
     "5,58.1,0.5,0.007,77,17,95\n65,1,1,0.1,1,18,96\n",
     "finance", 1min},
    {"genai",
     "t_s,exec_s,type,status,images,steps,model,num_lora,user\n"
     "0,32,TXT_2_IMG,SUCCEED,1.0,30.0,M0000,0,G0000\n4,,TXT_2_IMG,FAIL,1.0,40.0,M0001,0,G0001\n"
     "8,43,TXT_2_IMG,SUCCEED,1.0,40.0,M0001,0,G0001\n",
     "finance", 8s},
    {"pods",
     "creation_s,scheduled_s,deletion_s,cpu_milli,memory_mib,num_gpu,gpu_milli,qos,phase\n"
     "0,0,125,12000,16384,1,1000,LS,Running\n42,42,129,6000,12288,1,460,LS,Running\n"
     "50,,,6000,12288,1,460,BE,Pending\n",
     "finance", 50s},
    {"functions", "start_s,func,duration_s\n0.001491,0,0.078\n0.003860,1,57.154\n1.001491,1,2\n",
     "finance", 1s},
    {"llm", "t_s,input_tokens,output_tokens\n0.0,4808,10\n0.052,3180,8\n1.5,1000,19\n", "social",
     1500ms},
    {"llm_blocks",
     "t_ms,input_tokens,output_tokens,blocks,blocks_seen_before\n0,6758,500,14,0\n"
     "0,7322,490,15,1\n3000,5421,420,11,9\n",
     "social", 3s},
    {"hadoop",
     "t_s,map_input_bytes,shuffle_bytes,reduce_output_bytes\n49,740773,2339561,627471\n"
     "101,736346,1700537,432269\n109,5116,0,606629\n",
     "social", 1min},
    {"swf",
     "t_s,wait_s,run_s,procs,req_time_s,status,user,partition\n0,-1,83,1,1200,-1,1,1\n"
     "3,-1,-1,-1,-1,-1,2,2\n10,-1,247,1,1200,-1,1,37\n",
     "finance", 10s},
    {"surf",
     "t_s,duration_s,cpus,mem\n1728091,13347,16,100000\n1728141,2,16,100000\n"
     "1728191,3,16,100000\n",
     "finance", 100s},
};

class EveryFormat : public testing::TestWithParam<Format> {};

TEST_P(EveryFormat, ReplaysItsEventsAtTheirTimes) {
  const Format& format = GetParam();
  const TraceFolder folder;
  const auto stream =
      open_trace(folder.write(std::string(format.name) + ".csv", format.content), {});
  EXPECT_EQ(stream->name(), format.name);
  EXPECT_EQ(stream->kernel(), format.kernel);
  const auto arrivals = drain(*stream);
  ASSERT_EQ(arrivals.size(), 3u);
  EXPECT_EQ(arrivals[0].at, 0s);
  EXPECT_EQ(arrivals[2].at, format.last_at);
  EXPECT_NEAR(stream->mean_rate_per_s() * to_seconds(format.last_at), 3, 1e-6);
}

TEST_P(EveryFormat, ReplaysCompressedAndPlainFilesAlike) {
  const Format& format = GetParam();
  const TraceFolder folder;
  const auto all = [](std::uint64_t) { return true; };
  const auto plain = open_trace(folder.write("trace.csv", format.content), {});
  const auto compressed = open_trace(folder.write_gz("trace.csv.gz", format.content), {});
  EXPECT_EQ(payloads_of(*plain, all), payloads_of(*compressed, all));
}

TEST_P(EveryFormat, GivesPayloadsThatItsKernelTakes) {
  const TraceFolder folder;
  const auto stream = open_trace(folder.write("trace.csv", GetParam().content), {});
  for (Arrival arrival; stream->next(arrival);) {
    Bytes payload;
    Bytes result;
    stream->append_payload(payload);
    find_kernel(stream->kernel())(payload, result);
    EXPECT_GT(result.size(), 0u);
  }
}

TEST_P(EveryFormat, NamesTheLineThatLacksAColumn) {
  std::string content = GetParam().content;
  content += "1\n";
  const TraceFolder folder;
  const auto file = folder.write("short.csv", content);
  try {
    open_trace(file, {});
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_NE(error.report().find("short.csv, line 5"), std::string::npos) << error.report();
    EXPECT_NE(error.report().find("1 columns"), std::string::npos) << error.report();
  }
}

INSTANTIATE_TEST_SUITE_P(All, EveryFormat, testing::ValuesIn(kFormats),
                         [](const auto& test) { return std::string(test.param.name); });

std::string error_of(const std::filesystem::path& file, const TraceOptions& options = {}) {
  return refusal([&] { open_trace(file, options); });
}

bool holds(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

TEST(OpenTrace, ReplaysSenmlRecordsWithoutHeader) {
  const TraceFolder folder;
  const std::string content =
      "1000" + std::string(kSenmlLine) + "\n1000" + kSenmlLine + "\n3000" + kSenmlLine + "\n";
  const auto stream = open_trace(folder.write("records.csv", content), {});
  EXPECT_EQ(stream->kernel(), "iot");
  Arrival arrival;
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(stream->next(arrival));
  EXPECT_EQ(arrival.at, 2s);
  Bytes payload;
  stream->append_payload(payload);
  EXPECT_EQ(decode_sensor_window(payload).samples.back(), 8.5F);

  const auto damaged = folder.write("damaged.csv", content + "4000,{\"e\":[]}\n");
  EXPECT_TRUE(holds(error_of(damaged), "line 4")) << error_of(damaged);
  // Found by tests/fuzz/trace: the time before a comma that is not there.
  const auto torn = folder.write("torn.csv", content + "\"n\":\"0}\n");
  EXPECT_TRUE(holds(error_of(torn), "line 4")) << error_of(torn);
  const auto late =
      folder.write("late.csv", "99999999999999999999" + std::string(kSenmlLine) + "\n");
  EXPECT_TRUE(holds(error_of(late), "epoch milliseconds")) << error_of(late);
}

TEST(OpenTrace, SpreadsCountsInsideTheirBins) {
  const TraceFolder folder;
  const auto stream = open_trace(folder.write("a_persec.csv", "count\n0\n2000\n0\n1000\n"), {});
  EXPECT_EQ(stream->kernel(), "social");
  const auto arrivals = drain(*stream);
  ASSERT_EQ(arrivals.size(), 3000u);
  EXPECT_EQ(arrivals[0].at, 0s);
  // The first bin is 1 s long, from shortly before its first event; the next is empty.
  const auto in_first_half =
      std::ranges::count_if(arrivals, [](const Arrival& arrival) { return arrival.at < 500ms; });
  EXPECT_NEAR(static_cast<double>(in_first_half), 1000, 100);
  const auto between = std::ranges::count_if(
      arrivals, [](const Arrival& arrival) { return arrival.at > 1s && arrival.at < 1990ms; });
  EXPECT_EQ(between, 0);
  EXPECT_NEAR(stream->mean_rate_per_s(), 1000, 1);
}

TEST(OpenTrace, TakesTheLengthOfABinFromTheNameOfTheFile) {
  const TraceFolder folder;
  const auto arrivals = drain(*open_trace(folder.write("a_permin.csv", "count\n500\n500\n"), {}));
  EXPECT_GT(arrivals.back().at, 110s);
  EXPECT_TRUE(holds(error_of(folder.write("a.csv", "count\n500\n")), "persec"));
}

TEST(OpenTrace, TakesARegularSeriesOfWholeNumbersForCounts) {
  const TraceFolder folder;
  const std::string content =
      "timestamp,value\n2015-02-26 21:40:00,300\n2015-02-26 21:45:00,100\n"
      "2015-02-26 21:50:00,200\n";
  const auto social = open_trace(folder.write("posts.csv", content), {});
  EXPECT_EQ(social->kernel(), "social");
  const auto arrivals = drain(*social);
  EXPECT_EQ(arrivals.size(), 600u);
  EXPECT_GT(arrivals.back().at, 800s);
  EXPECT_EQ(open_trace(folder.write("iot/taxis.csv", content), {})->kernel(), "iot");

  const auto samples =
      open_trace(folder.write("samples.csv", content + "2015-02-26 21:55:00,1.5\n"), {});
  EXPECT_EQ(samples->kernel(), "iot");
  EXPECT_EQ(drain(*samples).size(), 4u);
}

TEST(OpenTrace, ScalesTimeAndStopsAtItsDuration) {
  const TraceFolder folder;
  const auto file = folder.write("m.csv", "t_s,src,dst\n100,1,2\n110,3,4\n120,1,4\n200,1,2\n");
  TraceOptions options;
  options.time_scale = 10;
  auto arrivals = drain(*open_trace(file, options));
  ASSERT_EQ(arrivals.size(), 4u);
  EXPECT_EQ(arrivals[1].at, 1s);
  EXPECT_EQ(arrivals[3].at, 10s);

  options.duration = 2500ms;
  const auto cut = open_trace(file, options);
  EXPECT_NEAR(cut->mean_rate_per_s(), 3 / 2.5, 1e-9);
  EXPECT_EQ(drain(*cut).size(), 3u);

  options.work_scale = 4;
  const auto scaled = drain(*open_trace(file, options));
  EXPECT_EQ(scaled[0].work_units, 4 * arrivals[0].work_units);
}

TEST(OpenTrace, GivesPayloadsOfCountsThatDependOnSeedAndIndexOnly) {
  const TraceFolder folder;
  const auto file = folder.write("a_persec.csv", "count\n20\n30\n");
  const auto all = payloads_of(*open_trace(file, {}), [](std::uint64_t) { return true; });
  const auto some = payloads_of(*open_trace(file, {}), [](std::uint64_t i) { return i % 4 == 2; });
  ASSERT_EQ(all.size(), 50u);
  for (std::size_t i = 2; i < 50; i += 4) EXPECT_EQ(all[i], some[i]);
  TraceOptions other;
  other.seed = 2;
  EXPECT_NE(all, payloads_of(*open_trace(file, other), [](std::uint64_t) { return true; }));
}

TEST(OpenTrace, PutsTheLastPricesOfTheFileIntoTheWindow) {
  const TraceFolder folder;
  std::string content = "ms,price,size,exch\n";
  for (int i = 0; i < 40; ++i)
    content += std::to_string(1000 + i) + "," + std::to_string(500000 + 100 * i) + ",1,P\n";
  const auto stream = open_trace(folder.write("t.csv", content), {});
  Arrival arrival;
  for (int i = 0; i < 40; ++i) ASSERT_TRUE(stream->next(arrival));
  Bytes payload;
  stream->append_payload(payload);
  const FinanceWindow window = decode_finance_window(payload);
  ASSERT_EQ(window.updates.size(), 16u);
  EXPECT_EQ(window.updates.front().bid, 502400 - 1);
  EXPECT_EQ(window.updates.back().ask, 503900 + 1);
  EXPECT_EQ(window.updates.back().at_ns, 39'000'000);
}

TEST(OpenTrace, PutsTheLastSamplesOfTheSameSensorIntoTheWindow) {
  const TraceFolder folder;
  const auto stream = open_trace(
      folder.write("h.csv", "t_s,sensor,value\n0,A,1\n1,B,7\n2,A,2\n3,B,8\n4,A,3\n"), {});
  Arrival arrival;
  while (stream->next(arrival)) {
  }
  Bytes payload;
  stream->append_payload(payload);
  const auto samples = decode_sensor_window(payload).samples;
  ASSERT_EQ(samples.size(), 256u);
  EXPECT_EQ(samples[255], 3);
  EXPECT_EQ(samples[254], 2);
  EXPECT_EQ(samples[253], 1);
  EXPECT_EQ(samples[0], 1);
}

TEST(OpenTrace, NamesFileLineAndFieldOfWhatIsNoNumber) {
  const TraceFolder folder;
  const std::string report = error_of(folder.write("m.csv", "t_s,sensor,value\n0,A,1\n1,A,warm\n"));
  EXPECT_TRUE(holds(report, "m.csv, line 3")) << report;
  EXPECT_TRUE(holds(report, "'warm' in column value")) << report;
  EXPECT_TRUE(holds(report, "a number")) << report;
  EXPECT_TRUE(holds(error_of(folder.write("n.csv", "t_s,sensor,value\n0,A,inf\n")), "'inf'"));
  EXPECT_TRUE(holds(error_of(folder.write("c_persec.csv", "count\n1\n1.5\n")), "'1.5'"));
  EXPECT_TRUE(holds(error_of(folder.write("d_persec.csv", "count\n1\n-1\n")), "'-1'"));
}

TEST(OpenTrace, RefusesTimesThatAreNegativeOrGoBack) {
  const TraceFolder folder;
  const std::string negative = error_of(folder.write("a.csv", "t_s,src,dst\n-5,1,2\n"));
  EXPECT_TRUE(holds(negative, "line 2")) << negative;
  EXPECT_TRUE(holds(negative, "'-5' in column t_s")) << negative;
  const std::string back = error_of(folder.write("b.csv", "t_s,src,dst\n5,1,2\n4.5,1,2\n"));
  EXPECT_TRUE(holds(back, "line 3")) << back;
  EXPECT_TRUE(holds(back, "0.5")) << back;
  const std::string nanoseconds =
      error_of(folder.write("c.csv", "t_ns,exch_ms,type,bytes,levels,price,qty\n-3,,B,1,1,,\n"));
  EXPECT_TRUE(holds(nanoseconds, "'-3'")) << nanoseconds;
  EXPECT_TRUE(holds(error_of(folder.write("d.csv", "timestamp,value\n2015-02-30 00:00:00,1\n")),
                    "'2015-02-30 00:00:00' in column timestamp"));
}

// What a kernel refuses fails task by task; what overflows is worse. Found by tests/fuzz/trace.
TEST(OpenTrace, RefusesValuesAndWorkThatNoKernelTakes) {
  const TraceFolder folder;
  const std::string sample = error_of(folder.write("a.csv", "t_s,sensor,value\n0,A,1\n1,A,2e33\n"));
  EXPECT_TRUE(holds(sample, "line 3")) << sample;
  EXPECT_TRUE(holds(sample, "1e12")) << sample;
  EXPECT_TRUE(holds(error_of(folder.write("b.csv", "ms,price,size,exch\n1,1e300,1,N\n")), "1e12"));
  EXPECT_TRUE(
      holds(error_of(folder.write("c.csv", "start_s,func,duration_s\n0,f,1e300\n")), "1e18"));
}

TEST(OpenTrace, TakesManyPriceLevelsForAsMuchWorkAsATaskMayHave) {
  const TraceFolder folder;
  const auto stream = open_trace(
      folder.write("a.csv", "t_ns,exch_ms,type,bytes,levels,price,qty\n0,0,d,1,1e14,1.5,1\n"), {});
  EXPECT_EQ(drain(*stream).at(0).work_units, kMaxWorkUnits);
  Bytes payload;
  stream->append_payload(payload);
  EXPECT_EQ(decode_finance_window(payload).updates.size(), 2u);
}

TEST(OpenTrace, TakesASeriesWithCenturiesBetweenItsRowsForSamples) {
  const TraceFolder folder;
  const auto stream = open_trace(folder.write("a.csv",
                                              "timestamp,value\n1970-01-01 00:00:00,1\n"
                                              "2200-01-01 00:00:00,1\n2201-01-01 00:00:00,1\n"),
                                 {});
  EXPECT_EQ(drain(*stream).size(), 3u);
}

TEST(OpenTrace, RefusesFilesWithNothingInThem) {
  const TraceFolder folder;
  EXPECT_TRUE(holds(error_of(folder.write("a.csv", "")), "no events"));
  EXPECT_TRUE(holds(error_of(folder.write("b.csv", "t_s,src,dst\n")), "no events"));
  EXPECT_TRUE(holds(error_of(folder.write("c_persec.csv", "count\n0\n0\n")), "no events"));
  EXPECT_TRUE(holds(error_of(folder / "missing.csv"), "No such file"));
}

TEST(OpenTrace, ListsTheHeadersItKnowsWhenItFindsAnother) {
  const TraceFolder folder;
  const std::string report = error_of(folder.write("a.csv", "when,what\n1,2\n"));
  EXPECT_TRUE(holds(report, "'when,what'")) << report;
  for (const char* known : {"count", "t_s,src,dst", "t_us,can_id,dlc", "timestamp,value"}) {
    EXPECT_TRUE(holds(report, known)) << known;
  }
}

TEST(OpenTrace, SaysWhyFilesWithoutArrivalsAreNoStreams) {
  const TraceFolder folder;
  EXPECT_TRUE(holds(error_of(folder.write("a.csv", "runtime\n50\n")), "without arrival times"));
  EXPECT_TRUE(
      holds(error_of(folder.write("b.csv", "t_s,value_ms,container\n0,2639,0\n")), "not arrivals"));
  const std::string series = "timestamp,value\n2014-02-14 14:27:00,51\n2014-02-14 14:32:00,44\n";
  EXPECT_TRUE(holds(error_of(folder.write("node_level/cpu.csv", series)), "is no stream"));
  EXPECT_TRUE(holds(error_of(folder.write("nab_aws_ec2.csv", series)), "is no stream"));
}

TEST(OpenTrace, RefusesOptionsOutOfRange) {
  const TraceFolder folder;
  const auto file = folder.write("m.csv", "t_s,src,dst\n0,1,2\n");
  TraceOptions options;
  options.time_scale = 0;
  EXPECT_TRUE(holds(error_of(file, options), "time scale"));
  options = {};
  options.work_scale = -1;
  EXPECT_TRUE(holds(error_of(file, options), "work scale"));
  options = {};
  options.duration = 0s;
  EXPECT_TRUE(holds(error_of(file, options), "duration"));
}

}  // namespace
}  // namespace weir
