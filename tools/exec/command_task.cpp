#include "tools/exec/command_task.hpp"

namespace weir {
namespace {

// A result that is the text of an error does not begin with it.
constexpr std::uint32_t kEndMark = 0x444e4557;  // "WEND"

void write_output(const ChildOutput& output, ByteWriter& out) {
  out.block(output.head);
  out.number(output.total);
  out.text(output.kept_file);
}

ChildOutput read_output(ByteReader& in) {
  ChildOutput output;
  const auto head = in.block();
  output.head.assign(head.begin(), head.end());
  output.total = in.number<std::uint64_t>();
  output.kept_file = in.text();
  return output;
}

void write_child(const ChildEnd& child, ByteWriter& out) {
  out.number(child.start_error);
  out.number(child.exit_code);
  out.number(child.signal);
  out.number(child.ended_by);
  out.number(child.user_time.count());
  out.number(child.system_time.count());
  out.number(child.most_resident_bytes);
}

ChildEnd read_child(ByteReader& in) {
  ChildEnd child;
  child.start_error = in.number<int>();
  child.exit_code = in.number<int>();
  child.signal = in.number<int>();
  child.ended_by = in.number<EndedBy>();
  child.user_time = Duration(in.number<Duration::rep>());
  child.system_time = Duration(in.number<Duration::rep>());
  child.most_resident_bytes = in.number<std::uint64_t>();
  return child;
}

}  // namespace

Bytes encode(const CommandTask& task) {
  Bytes bytes;
  ByteWriter out(bytes);
  out.number(task.number);
  out.number(task.for_shell);
  out.number(static_cast<std::uint32_t>(task.words.size()));
  for (const std::string& word : task.words) out.text(word);
  return bytes;
}

Bytes encode(const CommandEnd& end) {
  Bytes bytes;
  bytes.reserve(end.output.head.size() + end.errors.head.size() + 160);
  ByteWriter out(bytes);
  out.number(kEndMark);
  out.number(end.ran);
  out.number(end.started_at_s);
  out.number(end.took.count());
  write_child(end.child, out);
  write_output(end.output, out);
  write_output(end.errors, out);
  return bytes;
}

std::optional<CommandTask> decode_command_task(std::span<const std::byte> bytes) {
  ByteReader in(bytes);
  CommandTask task;
  task.number = in.number<std::uint64_t>();
  task.for_shell = in.number<std::uint8_t>() != 0;
  const auto count = in.number<std::uint32_t>();
  for (std::uint32_t i = 0; i < count && in.ok(); ++i) task.words.push_back(in.text());
  if (!in.ok() || task.words.empty()) return std::nullopt;
  return task;
}

std::optional<CommandEnd> decode_command_end(std::span<const std::byte> bytes) {
  ByteReader in(bytes);
  if (in.number<std::uint32_t>() != kEndMark) return std::nullopt;
  CommandEnd end;
  end.ran = in.number<std::uint8_t>() != 0;
  end.started_at_s = in.number<double>();
  end.took = Duration(in.number<Duration::rep>());
  end.child = read_child(in);
  end.output = read_output(in);
  end.errors = read_output(in);
  if (!in.ok()) return std::nullopt;
  return end;
}

}  // namespace weir
